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
    /// As [`Self::Damaged`], found by a decoder that is not ours. What it says is meant for developers.
    #[error("the file is damaged: {why} (its decoder says: {detail})")]
    Undecodable {
        /// In plain words.
        why: String,
        /// The decoder's words.
        detail: String,
    },
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
    /// A decoder panicked, which most do at damaged files only.
    #[error("the file is damaged or unusual: its decoder failed (internal error: {0})")]
    Panic(String),
    /// An encoder refused.
    #[error("the picture could not be written as {format}: {reason}")]
    Encode { format: &'static str, reason: String },
}

/// Words by which decoders say that a file ends too early, and that a checksum is wrong, in lower case.
const ENDS: &[&str] = &[
    "fill whole buffer",
    "unexpected end",
    "unexpected eof",
    "end of file",
    "end of data",
    "eof",
    "truncated",
    "out of bits",
];
const CHECKSUM: &[&str] = &["crc", "checksum", "adler"];

/// Longest text of a decoder that is shown, in characters.
const LONGEST_DETAIL: usize = 200;

impl CodecError {
    /// What a decoder that is not ours says of a file that it cannot read, with the reason in plain words.
    pub(crate) fn undecodable(error: impl std::fmt::Display) -> Self {
        let said = error.to_string();
        let lower = said.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let why = match () {
            () if says(ENDS) => "it ends too early",
            () if says(CHECKSUM) => "a checksum does not fit its data",
            () => "its content breaks the rules of its format",
        };
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let detail = match words.char_indices().nth(LONGEST_DETAIL) {
            Some((at, _)) => format!("{}…", &words[..at]),
            None => words,
        };
        Self::Undecodable { why: why.to_owned(), detail }
    }

    /// What a decoder that is not ours says of a legal file that it does not read.
    pub(crate) fn unread(said: impl std::fmt::Display) -> Self {
        Self::Unsupported(format!("its decoder does not read this variant (it says: {said})"))
    }

    /// What the person can do about it, if there is something.
    pub const fn remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::Damaged(_) | Self::Undecodable { .. } | Self::Panic(_) => {
                "get another copy of the file, or try to open it in another program and save it anew"
            }
            Self::Unsupported(_) => "open it in a program that reads it, and save it as TIFF or PNG",
            Self::Empty => "get another copy of the file",
            Self::TooLarge { .. } => "if the file is to be trusted, raise the limit (--max-decoded)",
            Self::TooWide { .. } => "if the file is to be trusted, raise the limit (--max-side)",
            Self::TooManyFrames { .. } => "if the file is to be trusted, raise the limit (--max-frames)",
            Self::FileTooLarge { .. } => "if the file is to be trusted, raise the limit (--max-file)",
            // These say it themselves, or leave nothing to do.
            Self::Unrecognised
            | Self::OverLimit(_)
            | Self::TooSlow { .. }
            | Self::Stopped
            | Self::Io(_)
            | Self::Encode { .. } => return None,
        })
    }
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
            // What decoders say, and not the system.
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput => Self::undecodable(error),
            _ => Self::Io(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decoders_say_comes_behind_plain_words() {
        for (said, why) in [
            ("failed to fill whole buffer", "it ends too early"),
            ("unexpected EOF in marker", "it ends too early"),
            ("CRC error: expected 0x1, have 0x2", "a checksum does not fit its data"),
            ("internal error: Transform 0 did not run", "its content breaks the rules of its format"),
        ] {
            let text = CodecError::undecodable(said).to_string();
            assert_eq!(text, format!("the file is damaged: {why} (its decoder says: {said})"));
        }
        let long = CodecError::undecodable(format!("a\n  b {}", "ü".repeat(900)));
        assert!(
            matches!(long, CodecError::Undecodable { detail, .. } if detail.starts_with("a b ü") && detail.chars().count() == 201)
        );
    }
}
