//! Why a result could not be written, and what to do about it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::source::plain;
use lightloom_param::shown;

/// Why a result could not be written.
#[derive(Debug, Error)]
pub(crate) enum WriteError {
    /// The system refused.
    #[error("{}", plain(.0))]
    System(#[from] io::Error),
    /// A folder that was there when the run began to write into it.
    #[error(
        "the folder {} is no longer the one that the run began with: it was removed or replaced, or its disk is gone; nothing was written elsewhere",
        shown(.0)
    )]
    FolderLost(PathBuf),
    /// The policy would have replaced an original.
    #[error("{} is an original of this batch, which is never overwritten", shown(.0))]
    Original(PathBuf),
    /// The policy would have replaced something that is no file.
    #[error("{} is no regular file, so it is not overwritten", shown(.0))]
    NotAFile(PathBuf),
}

impl WriteError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Self::System(error) => error.kind(),
            Self::FolderLost(_) => io::ErrorKind::NotFound,
            Self::Original(_) | Self::NotAFile(_) => io::ErrorKind::AlreadyExists,
        }
    }

    /// The reason with what to do about it.
    pub fn advice(&self) -> String {
        use io::ErrorKind as Kind;
        let what_to_do = match self {
            Self::FolderLost(_) => "bring it back and run again",
            Self::Original(_) => "choose another output folder, a suffix or another policy",
            Self::NotAFile(_) => "remove it or choose another output folder",
            Self::System(error) => match error.kind() {
                Kind::PermissionDenied | Kind::ReadOnlyFilesystem => "choose another output folder",
                Kind::StorageFull => "free some space, or some files where there may be no more of them, and run again",
                Kind::QuotaExceeded => "free some space and run again",
                Kind::FileTooLarge => {
                    "the limit for one file was reached: raise that of the shell (ulimit -f), or choose a disk that takes larger files"
                }
                Kind::NotADirectory | Kind::AlreadyExists => {
                    "a file stands where a folder is needed, choose another output folder"
                }
                Kind::InvalidFilename => "choose a shorter suffix or output folder",
                Kind::NotFound => "the file or its folder vanished while it was written, run again",
                // Of a disk or a connection; there is no kind for it.
                _ => "check the disk or its connection and run again",
            },
        };
        format!("{self}; {what_to_do}")
    }
}
