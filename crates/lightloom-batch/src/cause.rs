//! Why a picture has no result, and how a fault that costs one picture is kept from costing others.

use std::cell::Cell;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::Stage;
use lightloom_codec::CodecError;
use lightloom_filter::Stopped;
use lightloom_param::shown;
use lightloom_picture::catch_panic;
use lightloom_recipe::{PlanError, RunError};
use lightloom_web::FetchError;

/// Why a picture has no result, and where on its way that was.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{cause}")]
pub struct StageError {
    /// Where.
    pub stage: Stage,
    /// Why.
    pub cause: Cause,
}

/// Why a picture has no result, grouped by who can mend it.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Cause {
    /// The input: its content.
    #[error("{}", with_remedy(.0))]
    Codec(CodecError),
    /// The input: the file.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// The input: its server, or the way there.
    #[error("it cannot be fetched: {0}")]
    Unfetched(FetchError),
    /// The recipe.
    #[error(transparent)]
    Recipe(#[from] PlanError),
    /// The recipe: the profile into which results are to be converted.
    #[error("{0}")]
    Profile(String),
    /// The output place.
    #[error("the result cannot be written to {}: {reason}", shown(folder))]
    Unwritable {
        /// Where to.
        folder: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
        /// Why, and what to do.
        reason: String,
    },
    /// It is one output of several that fails, and the picture with it.
    #[error("output '{name}': {cause}")]
    Output {
        /// The output's name.
        name: String,
        /// Why.
        cause: Box<Self>,
    },
    /// A fault of this program or a library, confined to this picture.
    #[error("internal error: {0}; the other pictures are not affected")]
    Panic(String),
    /// The input, or a fault of a decoder, as a worker process says it or by how that ended.
    #[error("{0}")]
    Worker(String),
    /// Nobody: the run was stopped.
    #[error("the run was stopped before this picture was finished")]
    Stopped,
}

impl From<CodecError> for Cause {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Stopped => Self::Stopped,
            error => Self::Codec(error),
        }
    }
}

/// The error, and what the person can do about it.
fn with_remedy(error: &CodecError) -> String {
    error.remedy().map_or_else(|| error.to_string(), |remedy| format!("{error}; {remedy}"))
}

impl From<RunError> for StageError {
    fn from(error: RunError) -> Self {
        let cause = match error {
            RunError::Stopped => Cause::Stopped,
            RunError::Plan(error) => error.into(),
        };
        cause.at(Stage::Filter)
    }
}

impl From<Stopped> for StageError {
    fn from(Stopped: Stopped) -> Self {
        Cause::Stopped.at(Stage::Filter)
    }
}

impl Cause {
    pub(super) fn at(self, stage: Stage) -> StageError {
        StageError { stage, cause: self }
    }

    /// What the system said where the output place is to blame.
    pub fn unwritable_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Unwritable { kind, .. } => Some(*kind),
            Self::Output { cause, .. } => cause.unwritable_kind(),
            _ => None,
        }
    }

    /// The folder that a result could not be written to, and what the system said.
    pub(super) fn unwritable(&self) -> Option<(&Path, io::ErrorKind)> {
        match self {
            Self::Unwritable { folder, kind, .. } => Some((folder, *kind)),
            Self::Output { cause, .. } => cause.unwritable(),
            _ => None,
        }
    }

    /// Names the output, unless there is but one or the run was stopped.
    pub(super) fn of_output(self, name: &str) -> Self {
        match self {
            Self::Stopped => Self::Stopped,
            cause if name.is_empty() => cause,
            cause => Self::Output { name: name.to_owned(), cause: Box::new(cause) },
        }
    }
}

/// Runs `work`; a panic in it costs this picture and nothing else.
pub(super) fn contain<T>(stage: &Cell<Stage>, work: impl FnOnce() -> Result<T, StageError>) -> Result<T, StageError> {
    catch_panic(work).unwrap_or_else(|message| Err(Cause::Panic(message).at(stage.get())))
}
