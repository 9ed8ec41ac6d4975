//! Removes exactly what a run wrote, where it still is what the run wrote, and the folders that it made.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;

use super::content::{Content, Expected, in_parallel};
use super::record::{Record, Seconds};
use super::recorder::end_last_line;
use super::retention::remove_pointers;
use super::store::is_running;
use super::{History, JournalError};
use lightloom_batch::{OutputState, PackedArchive, remove_scratch};

/// Where removed files go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Into the trash, from which they can be restored.
    Trash,
    /// Nowhere.
    Delete,
}

/// A result that was left where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// What became of the results of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undone {
    /// Files that were removed.
    pub removed: Vec<PathBuf>,
    /// Files that had replaced others, which cannot be brought back.
    pub replacing: usize,
    /// Files that were left.
    pub left: Vec<Left>,
    /// Files that were not there any more.
    pub missing: usize,
    /// Folders that were removed.
    pub folders: Vec<PathBuf>,
}

/// A file that a run wrote, or was about to.
struct Written {
    path: PathBuf,
    bytes: u64,
    hash: String,
    replaced: bool,
}

/// Removes what a run wrote. Files are counted in `looked_at`.
///
/// # Errors
/// If the journal cannot be read or appended to, the run goes on, or its results have been removed before.
pub fn undo(journal: &Path, removal: Removal, looked_at: &AtomicUsize) -> Result<Undone, JournalError> {
    let history = History::read(journal)?;
    if is_running(journal) {
        return Err(JournalError::Running(history.run.id));
    }
    if history.undone.is_some() {
        return Err(JournalError::Undone(history.run.id));
    }
    let failed = |e: &std::io::Error| JournalError::unwritable(journal, e);
    let mut file = OpenOptions::new().read(true).append(true).open(journal).map_err(|e| failed(&e))?;
    end_last_line(&mut file).map_err(|e| failed(&e))?;
    let written = written(&history);
    let looked = in_parallel(&written, looked_at, |Written { path, bytes, hash, .. }| {
        Expected { path, bytes: *bytes, hash }.look()
    });
    let mut undone = Undone::default();
    let mut leave = |path: &Path, reason: String| undone.left.push(Left { path: path.to_path_buf(), reason });
    let mut removed = Vec::new();
    for (one, content) in written.iter().zip(looked) {
        match content {
            Content::Missing => undone.missing += 1,
            Content::Changed => leave(&one.path, "it is not what the run wrote any more".to_owned()),
            Content::Unreadable => leave(&one.path, "it cannot be read".to_owned()),
            Content::Same => match remove(&one.path, removal) {
                Ok(()) => removed.push(one),
                Err(reason) => leave(&one.path, reason),
            },
        }
    }
    undone.replacing = removed.iter().filter(|one| one.replaced).count();
    undone.removed = removed.into_iter().map(|one| one.path.clone()).collect();
    undone.folders = remove_folders(&history);
    if let Some(archive) = &history.run.output.archive {
        remove_scratch(&archive.scratch.to_path());
    }
    let mut line = serde_json::to_vec(&Record::Undone { at: Seconds::now() }).unwrap_or_default();
    line.push(b'\n');
    file.write_all(&line).and_then(|()| file.sync_data()).map_err(|e| failed(&e))?;
    Ok(undone)
}

/// Every file that the run wrote, or had begun to give its name: each path once, as it was last.
fn written(history: &History) -> Vec<Written> {
    if history.run.output.archive.is_some() {
        return archives(history);
    }
    let mut all = BTreeMap::new();
    for publishing in history.publishing.values().flatten() {
        let path = publishing.path.to_path();
        let (bytes, hash) = (publishing.bytes, publishing.hash.clone());
        all.insert(path.clone(), Written { path, bytes, hash, replaced: false });
    }
    let mut replacing = HashMap::new();
    let mut published_first = HashMap::new();
    for publishing in history.publishing.values().flatten() {
        published_first.entry(&publishing.path).or_insert(publishing.job);
    }
    for (job, output) in history.written() {
        let path = output.path.to_path();
        let (bytes, hash) = (output.bytes, output.hash.clone());
        // What the run replaced later was its own, also where the program was killed before it said so.
        let is_own = published_first.get(&output.path).is_some_and(|first| *first < job);
        let replaced = *replacing.entry(path.clone()).or_insert(output.state == OutputState::Replaced && !is_own);
        all.insert(path.clone(), Written { path, bytes, hash, replaced });
    }
    all.into_values().collect()
}

/// The archives that the run wrote, or had begun to give their names.
fn archives(history: &History) -> Vec<Written> {
    let all = history.packed.iter().flatten().chain(&history.packing);
    let all = all.filter(|archive| archive.state != OutputState::Kept);
    let written = all.map(|archive| {
        let PackedArchive { path, bytes, hash, state, .. } = archive.clone();
        (path.clone(), Written { path, bytes, hash, replaced: state == OutputState::Replaced })
    });
    written.collect::<BTreeMap<_, _>>().into_values().collect()
}

fn remove(path: &Path, removal: Removal) -> Result<(), String> {
    match removal {
        Removal::Trash => trash::delete(path).map_err(|e| format!("it cannot be moved to the trash: {e}")),
        Removal::Delete => fs::remove_file(path).map_err(|e| format!("it cannot be removed: {e}")),
    }
}

/// Removes the pointers to the run, and of the folders that it made those that are empty.
fn remove_folders(history: &History) -> Vec<PathBuf> {
    remove_pointers(history);
    let inner_first = history.new_folders.iter().rev();
    // A folder that holds anything is not removed.
    inner_first.filter(|folder| fs::remove_dir(folder).is_ok()).cloned().collect()
}
