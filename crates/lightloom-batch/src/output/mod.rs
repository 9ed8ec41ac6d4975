//! Results on disk: whole or not at all, never over an original, and only where the run began to write.
//!
//! A result is written to a temporary file in its folder ([`temporary`]), synced, and given its name ([`publish`]) under
//! the policy for names that are taken. Folders are made once and must stay the same ones ([`folders`]). What a killed
//! run left behind is recognised by its lock or its dead owner and removed by the next run that writes there.

mod check;
mod conflict;
mod error;
mod file_size_limit;
mod folder;
mod folders;
mod names;
mod originals;
mod place;
mod publish;
mod temporary;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use conflict::{Conflict, Published};
pub(super) use error::WriteError;
pub(super) use file_size_limit::survive as survive_file_size_limit;
pub(super) use publish::{Prepared, Publishing, prepare};
pub(super) use temporary::taken_names;

use super::{Job, ResultSettings, Target};
use folder::FileId;
use folders::Folders;
use originals::Originals;

/// What all results of one run share.
#[derive(Debug)]
pub(super) struct Outputs {
    results: ResultSettings,
    folders: Folders,
    /// Known where files may be replaced or adopted.
    originals: Option<Originals>,
    /// What this run has written, where it may come upon it again.
    published: Mutex<HashSet<FileId>>,
    notes: Mutex<BTreeSet<String>>,
}

impl Outputs {
    /// Makes the folders that results go to or below. One that cannot be made is tried again by each of its results,
    /// which then say why.
    pub fn begin(jobs: &[Job], results: ResultSettings) -> Self {
        let folders = Folders::default();
        let targets = || jobs.iter().flat_map(|job| &job.targets).filter(|_| !results.discard);
        let roots: BTreeSet<&Path> = targets().map(|target| &*target.root).collect();
        for root in roots {
            let _ = folders.open(root, root);
        }
        let replaces = targets().any(|target| target.action.policy(results.conflict).replaces());
        let originals = (replaces || results.conflict.replaces() || results.adopt)
            .then(|| Originals::of(jobs.iter().map(|job| &job.source)));
        Self { results, folders, originals, published: Mutex::default(), notes: Mutex::default() }
    }

    /// Makes the new names of a whole run last through a power failure.
    pub fn sync_folders(&self) {
        self.folders.sync();
    }

    /// Why a picture's results would find no folder now, if a result before has found that folder lost and it still is.
    pub fn lost_for(&self, job: &Job) -> Option<WriteError> {
        let wanted = job.targets.iter().filter(|target| target.skip_reason().is_none());
        let lost = wanted.map(|target| &*target.root).find(|root| self.folders.is_lost(root))?;
        Some(WriteError::FolderLost(lost.to_path_buf()))
    }

    /// Those of `paths` that are no longer where they were published.
    pub fn missing<'a>(&self, paths: impl Iterator<Item = &'a Path>) -> HashSet<&'a Path> {
        check::missing(&self.folders, paths)
    }

    /// What should be known about the run as a whole.
    pub fn notes(&self) -> Vec<String> {
        lock(&self.notes).iter().cloned().collect()
    }

    fn note(&self, note: String) {
        lock(&self.notes).insert(note);
    }

    /// Whether files of this run may be met again and must then be known.
    const fn remembers(&self) -> bool {
        self.originals.is_some() || matches!(self.results.conflict, Conflict::Skip)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
