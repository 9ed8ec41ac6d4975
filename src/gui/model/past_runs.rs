//! Runs of the past, as their journals tell, and what is done with them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::UNIX_EPOCH;

use crate::gui::model::failures::Failures;
use crate::gui::text;
use crate::journal::{Outline, Removal, SavedPath, Undone, is_running};

/// A run of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct PastRun {
    pub id: String,
    pub journal: PathBuf,
    /// Version of the program that began it.
    pub program: String,
    /// When it began and when its journal was last written, in seconds since 1970.
    pub started: u64,
    pub last_written: u64,
    /// Of the preset or recipe file; empty if it had none.
    pub recipe_name: String,
    pub pictures: usize,
    pub done: usize,
    pub partial: usize,
    pub failed: usize,
    pub skipped: usize,
    /// Files that it wrote.
    pub files: usize,
    /// How many of them replaced others.
    pub replacing: usize,
    pub bytes: u64,
    /// The folder that holds all its results.
    pub folder: Option<PathBuf>,
    /// Elapsed seconds of its last part, if that came to an end.
    pub wall_secs: Option<f64>,
    /// How often it was resumed.
    pub resumed: usize,
    pub is_running: bool,
    /// Whether it is to be resumed.
    pub is_interrupted: bool,
    pub is_undone: bool,
    pub failures: Vec<Failures>,
}

impl PastRun {
    /// What a journal tells. Reads the disk.
    pub fn of(outline: &Outline) -> Self {
        let Outline { path, run, sums, end, .. } = outline;
        let changed = std::fs::metadata(path).and_then(|meta| meta.modified());
        let last_written = changed.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let is_running = is_running(path);
        Self {
            id: run.id.clone(),
            journal: path.clone(),
            program: run.program.clone(),
            started: run.started.0,
            last_written: last_written.map_or(run.started.0, |since| since.as_secs()),
            recipe_name: run.recipe_name.clone(),
            pictures: sums.pictures,
            done: sums.done,
            partial: sums.partial,
            failed: sums.failed,
            skipped: sums.skipped,
            files: sums.files,
            replacing: sums.replacing,
            bytes: sums.file_bytes,
            folder: sums.folder.as_ref().map(SavedPath::to_path),
            wall_secs: end.as_ref().map(|end| end.totals.wall_secs),
            resumed: sums.resumed,
            is_running,
            is_interrupted: outline.is_interrupted() && !is_running,
            is_undone: outline.undone.is_some(),
            failures: Failures::of(&sums.failures),
        }
    }

    /// Pictures with an outcome.
    pub const fn finished(&self) -> usize {
        self.done + self.partial + self.failed + self.skipped
    }

    /// What became of its pictures, in a few words.
    pub fn counts(&self) -> String {
        let mut parts = vec![format!("{} done", text::count(self.done))];
        let left = self.pictures.saturating_sub(self.finished());
        let others =
            [(self.partial, "partial"), (self.failed, "failed"), (self.skipped, "skipped"), (left, "not done")];
        parts.extend(others.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", text::count(*n))));
        parts.join(", ")
    }
}

/// Runs of the past, as far as the window knows them.
#[derive(Debug, Default)]
pub struct PastRuns {
    /// A run that may be resumed and has not been put aside.
    pub interrupted: Option<PastRun>,
    /// Runs that are not to be offered again.
    pub forgotten: Vec<String>,
    /// Those in the history, newest first.
    pub list: Vec<PastRun>,
    /// Whether more are to come.
    pub listing: bool,
    /// The one in the history whose details are shown.
    pub selected: Option<String>,
    /// A run that is being loaded to go on with it.
    pub loading: Option<Checking>,
    pub undo: Option<UndoRun>,
}

/// Most runs that are remembered not to be offered again.
const MOST_FORGOTTEN: usize = 64;

impl PastRuns {
    /// The run whose details are shown.
    pub fn shown(&self) -> Option<&PastRun> {
        let selected = self.selected.as_deref();
        self.list.iter().find(|run| Some(run.id.as_str()) == selected).or_else(|| self.list.first())
    }

    /// Whether results of a run are being removed.
    pub fn is_removing(&self) -> bool {
        self.undo.as_ref().is_some_and(|undo| matches!(undo.state, UndoState::Removing(_)))
    }

    /// Does not offer the interrupted run again.
    pub fn forget(&mut self) {
        self.forgotten.extend(self.interrupted.take().map(|run| run.id));
        let surplus = self.forgotten.len().saturating_sub(MOST_FORGOTTEN);
        self.forgotten.drain(..surplus);
    }
}

/// Results of a run that are being compared with its journal.
#[derive(Debug, Clone, Default)]
pub struct Checking {
    looked_at: Arc<AtomicUsize>,
}

impl Checking {
    /// What counts the results.
    pub fn counter(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.looked_at)
    }

    /// Results that have been looked at.
    pub fn count(&self) -> usize {
        self.looked_at.load(Relaxed)
    }
}

/// A run whose results may be removed.
#[derive(Debug)]
pub struct UndoRun {
    /// What its journal tells, once that has been read; or why it cannot be.
    pub run: Option<Result<PastRun, String>>,
    pub removal: Removal,
    pub state: UndoState,
    /// Whether the question was asked in the history, to which it leads back.
    pub from_history: bool,
}

/// How far the removal is.
#[derive(Debug)]
pub enum UndoState {
    /// The user is asked.
    Asking,
    Removing(Checking),
    Removed(Result<Undone, String>),
}
