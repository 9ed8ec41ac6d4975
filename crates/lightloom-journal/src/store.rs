//! Where journals are: one file for each run in the folder for the program's state, and beside its results a pointer.
//!
//! A pointer is a line in the file `.lightloom-runs` in each folder for results. It leads from results to their journal,
//! also when the folder was moved, and tells an input folder's pictures from results of earlier runs.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use etcetera::BaseStrategy;
use lightloom_batch::Packing;
use lightloom_filter::tokens::Moment;
use serde::{Deserialize, Serialize};

use super::{JournalError, Outline, SavedPath};

/// Name of the file of pointers.
pub const POINTERS: &str = ".lightloom-runs";

/// Extension of journals.
const EXTENSION: &str = "jsonl";

/// The journals of a person on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    folder: PathBuf,
}

/// A line of a file of pointers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// Name of the run.
    pub run: String,
    /// Its journal.
    pub journal: SavedPath,
    /// Where the folder was when the run began.
    pub root: SavedPath,
}

impl Store {
    /// The journals in the folder for the person's state: `$XDG_STATE_HOME/lightloom/runs` on Linux.
    ///
    /// # Errors
    /// If the system names no home folder.
    pub fn of_user() -> Result<Self, JournalError> {
        let strategy = etcetera::choose_base_strategy().map_err(|e| JournalError::NoHome(e.to_string()))?;
        let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        Ok(Self::at(state.join("lightloom").join("runs")))
    }

    /// The journals in this folder, which need not exist.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the journal of this run is.
    pub fn path(&self, run: &str) -> PathBuf {
        self.folder.join(run).with_extension(EXTENSION)
    }

    /// Makes the file of a new run and locks it for as long as it is open. Returns the run's name, from the time and made
    /// unique.
    pub(super) fn create(&self) -> Result<(String, File), JournalError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let failed = |e: &io::Error| JournalError::unwritable(&self.folder, e);
        fs::create_dir_all(&self.folder).map_err(|e| failed(&e))?;
        let now = SystemTime::now();
        let time = Moment::of(now).write("%Y%m%d-%H%M%S").unwrap_or_default();
        loop {
            let nanos = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
            // Runs of one second are in order too.
            let millis = nanos / 1_000_000;
            let mark = nanos ^ std::process::id().rotate_left(16) ^ COUNT.fetch_add(1, Relaxed);
            let run = format!("{time}-{millis:03}-{:04x}", mark & 0xffff ^ mark >> 16);
            match OpenOptions::new().append(true).read(true).create_new(true).open(self.path(&run)) {
                Ok(file) => {
                    // Where the disk knows no locks, a run cannot be told from one that was killed; nothing else is lost.
                    let _ = file.try_lock();
                    return Ok((run, file));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(&error)),
            }
        }
    }

    /// The names of all runs, newest first.
    pub fn runs(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut runs: Vec<String> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        runs.sort_unstable_by(|a, b| b.cmp(a));
        runs
    }

    /// The journal that `name` means: a run or the beginning of its name, a journal's path, a folder or archive with results, or
    /// `last` for the newest run.
    ///
    /// # Errors
    /// If there is none, or several.
    pub fn find(&self, name: &str) -> Result<PathBuf, JournalError> {
        let path = Path::new(name);
        if path.is_dir() {
            let newest = pointers(path).pop().ok_or_else(|| JournalError::NoPointer(path.to_path_buf()))?;
            let journal = newest.journal.to_path();
            return if journal.exists() { Ok(journal) } else { self.existing(&newest.run) };
        }
        if Packing::is_wanted(path)
            && let Some(journal) = self.find_archive(path)
        {
            return Ok(journal);
        }
        if path.is_file() {
            return Ok(path.to_path_buf());
        }
        let runs = self.runs();
        let found: Vec<&String> = match name {
            "last" => runs.first().into_iter().collect(),
            name => runs.iter().filter(|run| run.starts_with(name)).collect(),
        };
        match found.as_slice() {
            [run] => Ok(self.path(run)),
            [] => Err(JournalError::NoRun { name: name.to_owned(), folder: self.folder.clone() }),
            several => Err(JournalError::SeveralRuns { name: name.to_owned(), count: several.len() }),
        }
    }

    fn existing(&self, run: &str) -> Result<PathBuf, JournalError> {
        let path = self.path(run);
        let missing = || JournalError::NoRun { name: run.to_owned(), folder: self.folder.clone() };
        path.exists().then_some(path).ok_or_else(missing)
    }

    /// The newest run that was begun and neither ended nor goes on, if it is among the newest few.
    pub fn interrupted(&self) -> Option<Outline> {
        let recent = self.runs().into_iter().take(8).map(|run| self.path(&run));
        let mut outlines = recent.filter_map(|path| Outline::read(&path).ok());
        outlines.find(|outline| outline.is_interrupted() && !is_running(&outline.path))
    }
}

/// Whether a program is still writing this journal.
pub fn is_running(journal: &Path) -> bool {
    File::open(journal).is_ok_and(|file| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)))
}

/// The pointers in a folder with results, oldest first.
pub fn pointers(folder: &Path) -> Vec<Pointer> {
    let Ok(file) = File::open(folder.join(POINTERS)) else { return Vec::new() };
    let lines = BufReader::new(file).lines().map_while(Result::ok);
    lines.filter_map(|line| serde_json::from_str(&line).ok()).collect()
}

/// Adds a pointer to a folder with results.
///
/// # Errors
/// If the folder cannot be written to.
pub(super) fn point(folder: &Path, pointer: &Pointer) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut line = serde_json::to_vec(pointer)?;
    line.push(b'\n');
    OpenOptions::new().append(true).create(true).open(folder.join(POINTERS))?.write_all(&line)
}

/// Removes the pointers to a run from a folder; the file too, where no other is left.
pub(super) fn remove_pointer(folder: &Path, run: &str) -> io::Result<()> {
    let mut left = pointers(folder);
    left.retain(|pointer| pointer.run != run);
    let path = folder.join(POINTERS);
    if left.is_empty() {
        return fs::remove_file(path);
    }
    let lines: Result<Vec<String>, _> = left.iter().map(serde_json::to_string).collect();
    let new = folder.join(format!("{POINTERS}.new"));
    fs::write(&new, lines?.join("\n") + "\n")?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_by_name_path_folder_and_age() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path().join("runs"));
        assert!(store.runs().is_empty() && store.find("last").is_err());
        for run in ["20260101-100000-aaaa", "20260102-100000-bbbb"] {
            fs::create_dir_all(store.folder()).unwrap();
            fs::write(store.path(run), "").unwrap();
        }
        let newest = store.path("20260102-100000-bbbb");
        assert_eq!(store.runs()[0], "20260102-100000-bbbb");
        for name in ["last", "20260102", "20260102-100000-bbbb", newest.to_str().unwrap()] {
            assert_eq!(store.find(name).unwrap(), newest, "{name}");
        }
        assert!(matches!(store.find("2026"), Err(JournalError::SeveralRuns { count: 2, .. })));
        assert!(matches!(store.find("1999"), Err(JournalError::NoRun { .. })));
        let results = folder.path().join("out");
        let pointer = |run: &str| Pointer {
            run: run.to_owned(),
            journal: store.path(run).as_path().into(),
            root: results.as_path().into(),
        };
        point(&results, &pointer("20260101-100000-aaaa")).unwrap();
        point(&results, &pointer("20260102-100000-bbbb")).unwrap();
        assert_eq!(store.find(results.to_str().unwrap()).unwrap(), newest);
        remove_pointer(&results, "20260102-100000-bbbb").unwrap();
        assert_eq!(pointers(&results), [pointer("20260101-100000-aaaa")]);
        remove_pointer(&results, "20260101-100000-aaaa").unwrap();
        assert!(!results.join(POINTERS).exists());
    }

    #[test]
    fn a_new_run_has_a_name_of_its_own_and_is_locked() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let (first, file) = store.create().unwrap();
        let (second, _) = store.create().unwrap();
        assert_ne!(first, second);
        assert!(is_running(&store.path(&first)));
        drop(file);
        assert!(!is_running(&store.path(&first)));
    }
}
