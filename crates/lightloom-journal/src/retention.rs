//! Journals that are removed from the store: one, or those of old runs. Results are never touched.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::store::{is_running, remove_pointer};
use super::{History, JournalError, Outline, Store};

/// Journals that were removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Names of the runs, newest first.
    pub runs: Vec<String>,
    /// Bytes of the journals.
    pub bytes: u64,
    /// Journals that could not be removed, and why.
    pub left: Vec<(PathBuf, String)>,
}

impl Store {
    /// Removes the journals of runs that ended this long ago. Those are kept that something may still be done with or
    /// that others rest on: of runs that are going on or were interrupted, of watched folders, the newest of all, and the
    /// newest for each folder with results.
    pub fn prune(&self, older_than: Duration) -> Pruned {
        let mut pruned = Pruned::default();
        let mut folders = HashSet::new();
        let runs = self.runs();
        for (place, run) in runs.iter().enumerate() {
            let path = self.path(run);
            // What this version cannot read is not for it to judge.
            let Ok(outline) = Outline::read(&path) else { continue };
            let is_newest_there = outline.undone.is_none() && folders.insert(outline.folder());
            let is_newest = place == 0 || is_newest_there;
            let is_needed = outline.is_interrupted() || (!outline.run.watched.is_empty() && outline.undone.is_none());
            let Some(bytes) = bytes_if_old(&path, older_than).filter(|_| !is_newest && !is_needed) else { continue };
            match forget(&path) {
                Ok(()) => {
                    pruned.runs.push(run.clone());
                    pruned.bytes += bytes;
                }
                Err(error) => pruned.left.push((path, error.to_string())),
            }
        }
        pruned
    }
}

/// Removes a journal and the pointers to it; the results of the run stay.
///
/// # Errors
/// If the run is going on, or the journal cannot be read or removed.
pub fn forget(journal: &Path) -> Result<(), JournalError> {
    let history = History::read(journal)?;
    if is_running(journal) {
        return Err(JournalError::Running(history.run.id));
    }
    fs::remove_file(journal).map_err(|e| JournalError::unwritable(journal, &e))?;
    remove_pointers(&history);
    if let Some(archive) = &history.run.output.archive {
        lightloom_batch::remove_scratch(&archive.scratch.to_path());
    }
    Ok(())
}

/// Removes the pointers to a run from the folders with its results, as far as these can be written to.
pub(super) fn remove_pointers(history: &History) {
    let targets = history.jobs.values().flat_map(|job| &job.targets);
    let roots: BTreeSet<PathBuf> = targets.map(|target| target.root.to_path()).collect();
    for root in roots {
        let _ = remove_pointer(&root, history.id());
    }
}

fn bytes_if_old(journal: &Path, older_than: Duration) -> Option<u64> {
    let meta = fs::metadata(journal).ok()?;
    let age = SystemTime::now().duration_since(meta.modified().ok()?).ok()?;
    (age >= older_than).then_some(meta.len())
}
