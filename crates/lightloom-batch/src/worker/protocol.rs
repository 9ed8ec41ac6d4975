//! What a worker process and its feeder say to each other: length-prefixed frames of messages in postcard's format.
//!
//! The feeder sends [`ToWorker::Begin`] once; then for each picture [`ToWorker::Open`], and after its
//! [`FromWorker::Opened`] and when there is memory, [`ToWorker::Go`]. The worker reports each stage that it enters and
//! ends a picture with [`FromWorker::Developed`], whose files follow the frame byte for byte, or [`FromWorker::Failed`].
//! The content of a source that only the feeder holds follows the frame in the same way.
//!
//! Who only looks at a picture sends [`ToWorker::Look`] instead, and then [`ToWorker::Decode`] as often as its pixels are
//! wanted.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::wanted::Wanted;
use crate::{Priority, SavedSource, Stage};
use lightloom_picture::Shape;
use lightloom_recipe::Overrides;

/// Grows when a message changes its meaning or form.
pub const VERSION: u32 = 13;

/// No message is longer; notes about a picture are the longest part of one.
const LONGEST: u32 = 1 << 20;

/// Feeder to worker.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToWorker {
    /// What is to be done to every picture.
    Begin {
        /// The recipe, as TOML.
        recipe: String,
        /// Whether to give way to other programs.
        priority: Priority,
        /// Which files are refused, as [`Limits::to_text`](lightloom_codec::Limits::to_text) writes them.
        limits: String,
    },
    /// Read this picture's header.
    Open {
        /// Where it comes from.
        source: SavedSource,
        /// Its number in the batch.
        number: usize,
        /// What is different for it.
        overrides: Overrides,
        /// What is wanted of it.
        wanted: Wanted,
    },
    /// Process the opened picture.
    Go {
        /// Memory that the worker may take for it, beyond what it holds already.
        memory_bytes: u64,
        /// Whether to spread the strips of the picture over all cores, since no other needs them.
        split: bool,
    },
    /// Read this picture and keep it, for [`Self::Decode`].
    Look {
        /// Where it comes from.
        source: SavedSource,
    },
    /// Decode the picture that is kept.
    Decode {
        /// By how much its sides are divided: one of the divisors of its codec.
        divisor: u8,
        /// Memory that the worker may take for it, beyond what it holds already.
        memory_bytes: u64,
    },
}

/// Worker to feeder.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromWorker {
    /// The worker has started.
    Ready {
        /// Its [`VERSION`].
        version: u32,
    },
    /// The header is read.
    Opened {
        /// Size of the source in bytes.
        length: u64,
        /// Estimated bytes of the file and all its pixel buffers at the worst moment.
        peak_bytes: u64,
    },
    /// A stage begins, and the one before ends.
    Entered {
        /// Which.
        stage: Stage,
        /// Processor time of the one before.
        cpu_nanos: u64,
    },
    /// The stage under way was several that took turns.
    TookTurns {
        /// How long each took in all.
        turns: Vec<(Stage, Duration)>,
    },
    /// The picture is done; its files follow this frame, one after the other.
    Developed(Box<Finished>),
    /// It has no result.
    Failed {
        /// Where.
        stage: Stage,
        /// Why.
        reason: String,
        /// What it cost.
        cost: Cost,
    },
    /// A picture is kept; its [`Header`](lightloom_codec::Header) follows this frame.
    Seen {
        /// The id of its codec.
        codec: String,
        /// Size of the source in bytes.
        length: u64,
        /// When it had last been modified.
        modified: Option<SystemTime>,
        /// Bytes of the header, in postcard's format.
        header_bytes: u64,
    },
    /// The picture that is kept is decoded; its samples follow this frame.
    Decoded { shape: Shape, notes: Vec<String>, partial: Option<String> },
}

impl FromWorker {
    /// How many bytes of each thing follow the frame.
    pub fn lengths_that_follow(&self) -> Vec<u64> {
        match self {
            Self::Developed(finished) => finished.files.iter().map(|file| file.length).collect(),
            Self::Seen { header_bytes, .. } => vec![*header_bytes],
            Self::Decoded { shape, .. } => vec![shape.bytes()],
            Self::Ready { .. }
            | Self::Opened { .. }
            | Self::Entered { .. }
            | Self::TookTurns { .. }
            | Self::Failed { .. } => Vec::new(),
        }
    }
}

/// A finished picture without its files.
#[derive(Debug, Serialize, Deserialize)]
pub struct Finished {
    /// One or several for each output of the recipe, in its order.
    pub files: Vec<FinishedFile>,
    pub source_pixels: u64,
    pub notes: Vec<String>,
    pub partial: Option<String>,
    /// When the source had last been modified.
    pub modified: Option<SystemTime>,
    pub source_hash: Option<String>,
    pub cost: Cost,
}

/// A result of a picture without its content.
#[derive(Debug, Serialize, Deserialize)]
pub struct FinishedFile {
    pub name: String,
    /// Place of the output in the recipe.
    pub output: usize,
    /// What is appended to the name where an output has several files.
    pub page: String,
    /// Bytes of the file.
    pub length: u64,
    pub extension: OsString,
    pub width: u32,
    pub height: u32,
    pub hash: Option<String>,
    /// Whether it is its source, byte for byte.
    pub is_copied: bool,
}

/// What a picture cost the worker.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Cost {
    /// Processor time of the last stage.
    pub stage_nanos: u64,
    /// Processor time of the process since its last report.
    pub cpu_nanos: u64,
    /// Largest memory that the process held so far.
    pub resident_bytes: u64,
}

/// Writes one frame.
pub fn send<T: Serialize>(to: &mut impl Write, message: &T) -> io::Result<()> {
    let body = postcard::to_stdvec(message).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).ok().filter(|n| *n <= LONGEST);
    let length = length.ok_or_else(|| io::Error::other("the message is too long"))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&body)?;
    to.flush()
}

/// Reads one frame; `None` at the end of the stream.
pub fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read(&mut length[..1])? {
        0 => return Ok(None),
        _ => from.read_exact(&mut length[1..])?,
    }
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::other("the length of a frame is out of range"));
    }
    let mut body = vec![0; length as usize];
    from.read_exact(&mut body)?;
    postcard::from_bytes(&body).map(Some).map_err(io::Error::other)
}

/// Reads the `length` bytes that follow a frame.
pub fn receive_bytes(from: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Grows as the bytes come, so that a wrong length asks for no memory.
    let read = from.take(length).read_to_end(&mut bytes)?;
    if read as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Counts the frames that each end of the pipe finds in `bytes` before they end or one of them is none. For fuzzing, which
/// has no other way to the frames.
pub fn read_frames(bytes: &[u8]) -> [usize; 2] {
    fn count<T: DeserializeOwned>(mut bytes: &[u8]) -> usize {
        std::iter::from_fn(|| receive::<T>(&mut bytes).ok().flatten()).count()
    }
    [count::<ToWorker>(bytes), count::<FromWorker>(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    use crate::Source;

    fn saved(path: &str) -> SavedSource {
        Source::from(path).saved()
    }

    #[test]
    fn frames_survive_the_pipe() {
        let mut pipe = Vec::new();
        for stage in Stage::ALL {
            send(&mut pipe, &FromWorker::Entered { stage, cpu_nanos: u64::MAX }).unwrap();
        }
        send(
            &mut pipe,
            &ToWorker::Open {
                source: saved("ä b.jpg"),
                number: 300,
                overrides: Overrides::parse("rotate=left,exposure=-0.35").unwrap(),
                wanted: Wanted { hash: true, smaller: false, skipped: vec![0, 2] },
            },
        )
        .unwrap();
        let mut pipe = pipe.as_slice();
        for expected in Stage::ALL {
            let message: Option<FromWorker> = receive(&mut pipe).unwrap();
            assert!(matches!(message, Some(FromWorker::Entered { stage, cpu_nanos: u64::MAX }) if stage == expected));
        }
        let message: Option<ToWorker> = receive(&mut pipe).unwrap();
        assert!(matches!(message, Some(ToWorker::Open { source, number: 300, overrides, wanted })
                if source == saved("ä b.jpg") && overrides.to_string() == "rotate=left,exposure=-0.35"
                    && wanted.skipped == [0, 2]));
        assert!(receive::<ToWorker>(&mut pipe).unwrap().is_none());
    }

    #[test]
    fn sources_survive_the_pipe() {
        let memory = Source::memory("a.png", *b"content");
        for (source, content) in [(Source::from("/p/a.png"), &b""[..]), (memory, b"content")] {
            let mut pipe = Vec::new();
            send(&mut pipe, &source.saved()).unwrap();
            pipe.extend_from_slice(content);
            let mut pipe = pipe.as_slice();
            let sent: SavedSource = receive(&mut pipe).unwrap().unwrap();
            assert_eq!(sent.to_source(|length| receive_bytes(&mut pipe, length)).unwrap(), source);
            assert!(pipe.is_empty());
        }
        let cut = SavedSource::Memory { name: Path::new("a.png").into(), length: u64::MAX };
        let received = cut.to_source(|length| receive_bytes(&mut &b"cont"[..], length));
        assert_eq!(received.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn damaged_frames_end() {
        let mut pipe = Vec::new();
        let cost = Cost { stage_nanos: 1, cpu_nanos: 2, resident_bytes: 3 };
        let file = FinishedFile {
            name: "photo".to_owned(),
            output: 1,
            page: "-2".to_owned(),
            length: 4000,
            extension: "jpg".into(),
            width: 70,
            height: 50,
            hash: None,
            is_copied: false,
        };
        let notes = vec!["a note".to_owned(), "another".to_owned()];
        let finished = Finished {
            files: vec![file],
            source_pixels: 3500,
            notes,
            partial: None,
            source_hash: Some("xxh3:0".to_owned()),
            modified: None,
            cost,
        };
        send(&mut pipe, &FromWorker::Ready { version: VERSION }).unwrap();
        send(&mut pipe, &FromWorker::Developed(Box::new(finished))).unwrap();
        send(&mut pipe, &FromWorker::Failed { stage: Stage::Decode, reason: "damaged".to_owned(), cost }).unwrap();
        assert_eq!(read_frames(&pipe)[1], 3);
        for at in 0..pipe.len() {
            assert!(read_frames(&pipe[..at])[1] < 3, "cut at {at}");
            for bit in 0..8 {
                let mut damaged = pipe.clone();
                damaged[at] ^= 1 << bit;
                let _ = read_frames(&damaged);
            }
        }
    }

    #[test]
    fn what_is_not_a_frame_is_an_error() {
        assert!(receive::<ToWorker>(&mut &b"running 3 tests"[..]).is_err());
        assert!(receive::<ToWorker>(&mut &[1, 0, 0, 0, 99][..]).is_err());
        assert!(receive::<ToWorker>(&mut &[9, 0, 0, 0, 1][..]).is_err());
    }
}
