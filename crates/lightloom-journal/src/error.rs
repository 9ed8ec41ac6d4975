//! Why a run cannot be looked up, resumed, verified or undone.

use std::io;
use std::path::{Path, PathBuf};

use lightloom_param::{shown, shown_text};
use thiserror::Error;

use super::record::VERSION;

/// Why a run cannot be looked up, resumed, verified or undone.
#[derive(Debug, Error)]
pub enum JournalError {
    #[error("no folder for journals is known: {0}")]
    NoHome(String),
    #[error("there is no run '{}' in {}; 'lightloom runs' lists them", shown_text(name), shown(folder))]
    NoRun { name: String, folder: PathBuf },
    #[error("'{}' is the beginning of {count} runs; write more of its name", shown_text(name))]
    SeveralRuns { name: String, count: usize },
    #[error("{} holds no results that Lightloom knows of", shown(_0))]
    NoPointer(PathBuf),
    #[error("the journal {} cannot be read: {reason}", shown(path))]
    Unreadable { path: PathBuf, reason: String },
    #[error("a journal cannot be written to {}: {reason}", shown(folder))]
    Unwritable { folder: PathBuf, reason: String },
    #[error("{} is no journal of a run", shown(_0))]
    NoJournal(PathBuf),
    #[error(
        "the journal {} is of version {version}, and this program knows up to {VERSION}; use a newer one",
        shown(path)
    )]
    Newer { path: PathBuf, version: u32 },
    #[error("the run {0} is still going on")]
    Running(String),
    #[error("these folders are being watched already, for the same results: by the run {0}")]
    Watched(String),
    #[error("the run {0} was not planned to its end, so that nothing was written; start it anew")]
    NotPlanned(String),
    #[error("the run {0} is complete: there is nothing to resume")]
    Complete(String),
    #[error("the results of the run {0} have been removed")]
    Undone(String),
    #[error("{0}")]
    Archive(String),
    #[error("the recipe of the run cannot be used any more: {0}")]
    Recipe(String),
    #[error("a file that the recipe refers to has changed since the run; restore it, or start a new run")]
    RecipeChanged,
}

impl JournalError {
    pub(super) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::Unreadable { path: path.to_path_buf(), reason: error.to_string() }
    }

    pub(super) fn unwritable(folder: &Path, error: &io::Error) -> Self {
        Self::Unwritable { folder: folder.to_path_buf(), reason: error.to_string() }
    }
}
