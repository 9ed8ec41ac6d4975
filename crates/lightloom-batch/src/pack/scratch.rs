//! The folder beside an archive in which results wait until the run has ended.
//!
//! It is locked as long as the run goes on. What nobody holds is a leftover, which the next run that writes an archive
//! there removes, unless a journal goes on with it: then it stays for as long as that journal is there.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::SavedPath;

/// How such folders are called.
const NAME: &str = ".lightloom-archive-";
/// Locked by the run.
const LOCK: &str = "lock";
/// Says which journal goes on with it.
const JOURNAL: &str = "journal";
/// The folder in it in which results wait.
pub const RESULTS: &str = "results";

/// A folder in which results wait.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    held: Mutex<Option<Held>>,
}

/// What a run has of its folder as long as it needs it.
#[derive(Debug)]
struct Held {
    _lock: File,
    /// Whether a journal can go on with it.
    is_kept: bool,
}

impl Scratch {
    /// Makes one in `folder`, where leftovers are removed.
    pub fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        remove_leftovers(folder);
        let path = tempfile::Builder::new().prefix(NAME).tempdir_in(folder)?.keep();
        Self::hold(path)
    }

    /// Takes up one that another part of the run has left.
    pub fn reopen(path: &Path) -> io::Result<Self> {
        if !is_one(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Self::hold(path.to_path_buf())
    }

    fn hold(path: PathBuf) -> io::Result<Self> {
        let lock = File::create(path.join(LOCK))?;
        // Where the disk knows no locks, no leftover is removed either.
        if matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(io::Error::other("another run is writing it"));
        }
        fs::create_dir_all(path.join(RESULTS))?;
        let is_kept = path.join(JOURNAL).exists();
        Ok(Self { path, held: Mutex::new(Some(Held { _lock: lock, is_kept })) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where results wait.
    pub fn results(&self) -> PathBuf {
        self.path.join(RESULTS)
    }

    /// Keeps it after the end of the program for as long as this journal is there.
    pub fn keep_for(&self, journal: &Path) -> io::Result<()> {
        let journal = SavedPath::from(std::path::absolute(journal)?.as_path());
        fs::write(self.path.join(JOURNAL), serde_json::to_vec(&journal)?)?;
        if let Some(held) = &mut *self.held.lock().unwrap_or_else(PoisonError::into_inner) {
            held.is_kept = true;
        }
        Ok(())
    }

    /// Gives it up: it is removed if nothing in it is needed any more, or no journal goes on with it.
    pub fn leave(&self, is_needed: bool) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Held { is_kept, .. }) = held else { return };
        if !is_needed || !is_kept {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.leave(true);
    }
}

fn is_one(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(NAME) && path.join(LOCK).is_file()
}

/// Removes the folder in which results of a run waited that nobody goes on with, unless one does at this moment.
pub fn remove_scratch(path: &Path) {
    let is_free = || File::open(path.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
    if is_one(path) && is_free() {
        let _ = fs::remove_dir_all(path);
    }
}

/// Removes what killed runs left in a folder.
fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| !is_gone_on_with(path)).for_each(|path| remove_scratch(&path));
}

/// Whether the journal is there that goes on with a folder.
fn is_gone_on_with(path: &Path) -> bool {
    let journal = fs::read(path.join(JOURNAL)).ok();
    let journal = journal.and_then(|text| serde_json::from_slice::<SavedPath>(&text).ok());
    journal.is_some_and(|journal| journal.to_path().exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_goes_on_with_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let journal = dir.path().join("run.jsonl");
        fs::write(&journal, "").unwrap();
        let running = Scratch::create(dir.path()).unwrap();
        let kept = Scratch::create(dir.path()).unwrap();
        kept.keep_for(&journal).unwrap();
        let kept_at = kept.path().to_path_buf();
        drop(kept);
        // As a killed program leaves it.
        let left = dir.path().join(format!("{NAME}left"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        let other = dir.path().join(format!("{NAME}of-a-person"));
        fs::create_dir(&other).unwrap();
        drop(Scratch::create(dir.path()).unwrap());
        assert!(running.results().exists() && kept_at.exists() && other.exists() && !left.exists());
        assert!(Scratch::reopen(running.path()).is_err(), "it is held");
        let again = Scratch::reopen(&kept_at).unwrap();
        drop(again);
        assert!(kept_at.exists(), "its journal is there");
        fs::remove_file(&journal).unwrap();
        let last = Scratch::create(dir.path()).unwrap();
        assert!(!kept_at.exists());
        let path = last.path().to_path_buf();
        last.leave(false);
        assert!(!path.exists());
    }
}
