//! Why a file could not be decoded or a picture not be encoded, grouped by who can remedy it.

use lightloom_picture::Stopped;
use thiserror::Error;

use super::CODECS;

/// Why a file could not be decoded or a picture not be encoded.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CodecError {
    /// Nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// None of the formats.
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
    TooLarge { width: u32, height: u32, limit_mib: u64 },
    /// Wider or higher than the limit.
    #[error("the picture claims {width} × {height} pixels, which is over the limit of {limit} pixels a side")]
    TooWide { width: u32, height: u32, limit: u32 },
    /// Over a limit that a decoder checks on its own.
    #[error("the file is over a limit: {0}")]
    OverLimit(String),
    /// Over the limit on pictures in a file.
    #[error("the file claims {frames} pictures, which is over the limit of {limit}")]
    TooManyFrames {
        /// Claimed pictures.
        frames: u32,
        limit: u32,
    },
    /// Over the limit on time.
    #[error(
        "decoding took longer than the limit of {seconds} s; if the file is to be trusted, raise the limit on the command line with --max-seconds"
    )]
    TooSlow { seconds: u32 },
    /// The picture is no longer wanted.
    #[error("the run was stopped")]
    Stopped,
    /// Over the limit on file size.
    #[error("the file has {mib} MiB, which is over the limit of {limit_mib} MiB")]
    FileTooLarge { mib: u64, limit_mib: u64 },
    /// The file could not be read.
    #[error("the file could not be read: {0}")]
    Io(String),
    /// A fault of a decoder, confined to this picture.
    #[error("internal error: {0}")]
    Panic(String),
    /// An encoder refused.
    #[error("the picture could not be written as {format}: {reason}")]
    Encode { format: &'static str, reason: String },
}

impl From<Stopped> for CodecError {
    fn from(Stopped: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<std::io::Error> for CodecError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Damaged("it ends too early".to_owned()),
            _ => Self::Io(error.to_string()),
        }
    }
}
