//! Why a file could not be decoded or a picture not be encoded, grouped by who can mend it.

use thiserror::Error;

use super::CODECS;

/// Why a file could not be decoded or a picture not be encoded.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CodecError {
    /// Nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// No format of ours.
    #[error("this is no picture in a format that Lightloom reads ({})", CODECS.iter().map(|c| c.title).collect::<Vec<_>>().join(", "))]
    Unrecognised,
    /// The content breaks the format's rules.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// A legal kind of file that no decoder here handles.
    #[error("this kind of file is not supported: {0}")]
    Unsupported(String),
    /// Over a limit.
    #[error("the picture claims {width} × {height} pixels, which is over the limit of {limit_mib} MiB decoded")]
    TooLarge {
        /// Claimed columns.
        width: u32,
        /// Claimed rows.
        height: u32,
        /// The limit.
        limit_mib: u64,
    },
    /// Wider or higher than the limit.
    #[error("the picture claims {width} × {height} pixels, which is over the limit of {limit} pixels a side")]
    TooWide {
        /// Claimed columns.
        width: u32,
        /// Claimed rows.
        height: u32,
        /// The limit.
        limit: u32,
    },
    /// Over the limit on pictures in a file.
    #[error("the file claims {frames} pictures, which is over the limit of {limit}")]
    TooManyFrames {
        /// Claimed pictures.
        frames: u32,
        /// The limit.
        limit: u32,
    },
    /// Over the limit on time.
    #[error(
        "decoding took longer than the limit of {seconds} s; if the file is to be trusted, raise the limit on the command line with --max-seconds"
    )]
    TooSlow {
        /// The limit.
        seconds: u32,
    },
    /// Nobody wants the picture any more.
    #[error("the run was stopped")]
    Stopped,
    /// Over the limit on file size.
    #[error("the file has {mib} MiB, which is over the limit of {limit_mib} MiB")]
    FileTooLarge {
        /// Its size.
        mib: u64,
        /// The limit.
        limit_mib: u64,
    },
    /// The file could not be read.
    #[error("the file could not be read: {0}")]
    Io(String),
    /// An encoder refused.
    #[error("the picture could not be written as {format}: {reason}")]
    Encode {
        /// Title of the format.
        format: &'static str,
        /// Why.
        reason: String,
    },
}

impl From<std::io::Error> for CodecError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Damaged("it ends too early".to_owned()),
            _ => Self::Io(error.to_string()),
        }
    }
}
