//! What happens during a run: events for those who want each, counters for those who only look now and then.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};

use super::{ImageReport, Outcome, PackedArchive};

/// A part of processing one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Read,
    Decode,
    Filter,
    Encode,
    Write,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 5] = [Self::Read, Self::Decode, Self::Filter, Self::Encode, Self::Write];

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Decode => "decode",
            Self::Filter => "filter",
            Self::Encode => "encode",
            Self::Write => "write",
        }
    }
}

/// A thread, core, process or request that works on pictures: a row of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// A thread that reads and writes, or processes whole pictures, counted from 0.
    Thread(usize),
    /// A worker of the rayon pool, or a thread that processes whole pictures in it, counted from 0.
    Core(usize),
    /// A worker process, counted from 0.
    Process(usize),
    /// One of the requests that a single thread has under way, counted from 0.
    Request(usize),
}

impl Lane {
    /// That of the rayon pool's worker that asks.
    pub(super) fn of_pool_worker() -> Self {
        Self::Core(rayon::current_thread_index().unwrap_or(0))
    }

    /// A lane of the same kind with another number.
    pub(super) const fn spare(self, number: usize) -> Self {
        match self {
            Self::Thread(_) => Self::Thread(number),
            Self::Core(_) => Self::Core(number),
            Self::Process(_) => Self::Process(number),
            Self::Request(_) => Self::Request(number),
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Thread(n) => write!(f, "Thread {}", n + 1),
            Self::Core(n) => write!(f, "Core {}", n + 1),
            Self::Process(n) => write!(f, "Process {}", n + 1),
            Self::Request(n) => write!(f, "Request {}", n + 1),
        }
    }
}

/// Something that happened to a picture of the run.
#[derive(Debug, Clone)]
pub enum Event {
    /// A lane begins a stage of a picture.
    Entered {
        lane: Lane,
        /// Index of the picture in the batch.
        job: usize,
        stage: Stage,
    },
    /// A lane has completed a stage of a picture.
    Left {
        lane: Lane,
        /// Index of the picture in the batch.
        job: usize,
        stage: Stage,
    },
    /// A result that is whole on the disk is about to get this name. Sent where the run hashes results.
    Publishing {
        /// Index of the picture in the batch.
        job: usize,
        path: PathBuf,
        /// Size of the result.
        bytes: u64,
        /// Its BLAKE3 hash.
        hash: String,
    },
    /// The outcome of a picture is known; sent exactly once per picture.
    Finished(Box<ImageReport>),
    /// A picture that had finished well failed after all: at the end of the run its result is no longer there.
    Lost(Box<ImageReport>),
    /// An archive with results that is whole on the disk is about to get its name.
    Packing(PackedArchive),
    /// The archives with the results of the run have their names.
    Packed(Vec<PackedArchive>),
}

/// Receives events on the thread on which they happen, so it must be quick and must not wait.
pub trait EventSink: Send + Sync {
    fn event(&self, event: Event);
}

impl<F: Fn(Event) + Send + Sync> EventSink for F {
    fn event(&self, event: Event) {
        self(event);
    }
}

/// The progress of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageState {
    /// Not started.
    Waiting,
    /// In this stage, or between it and the next.
    In(Stage),
    Finished(Outcome),
}

impl ImageState {
    const ENDS: [Outcome; 5] = [Outcome::Done, Outcome::Partial, Outcome::Failed, Outcome::Skipped, Outcome::Stopped];

    fn encode(self) -> u8 {
        match self {
            Self::Waiting => 0,
            Self::In(stage) => 1 + stage as u8,
            Self::Finished(outcome) => 6 + outcome as u8,
        }
    }

    fn decode(byte: u8) -> Self {
        match byte {
            0 => Self::Waiting,
            1..=5 => Self::In(Stage::ALL[usize::from(byte - 1)]),
            _ => Self::Finished(Self::ENDS[usize::from(byte - 6).min(4)]),
        }
    }
}

/// Counters of a run, exact at any moment, for front ends to sample. Reading them takes no lock.
#[derive(Debug)]
pub struct Progress {
    states: Box<[AtomicU8]>,
    outcomes: [AtomicUsize; 5],
    pixels: AtomicU64,
    fetched: AtomicU64,
}

impl Progress {
    /// For a run of `total` pictures.
    pub(super) fn new(total: usize) -> Self {
        Self {
            states: (0..total).map(|_| AtomicU8::new(ImageState::Waiting.encode())).collect(),
            outcomes: Default::default(),
            pixels: AtomicU64::new(0),
            fetched: AtomicU64::new(0),
        }
    }

    /// Records the state of a picture. An outcome is final: a lane that still works after a stop cannot change it.
    pub(super) fn set(&self, job: usize, state: ImageState) {
        let _ = self.states[job].fetch_update(Relaxed, Relaxed, |before| {
            (!matches!(ImageState::decode(before), ImageState::Finished(_))).then(|| state.encode())
        });
    }

    pub(super) fn finish(&self, report: &ImageReport) {
        self.set(report.job, ImageState::Finished(report.outcome));
        self.pixels.fetch_add(report.source_pixels, Relaxed);
        self.outcomes[report.outcome as usize].fetch_add(1, Relaxed);
    }

    /// Takes the good outcome of a picture back.
    pub(super) fn lose(&self, job: usize) {
        if let ImageState::Finished(before) = self.state(job)
            && before != Outcome::Failed
        {
            self.states[job].store(ImageState::Finished(Outcome::Failed).encode(), Relaxed);
            self.outcomes[Outcome::Failed as usize].fetch_add(1, Relaxed);
            self.outcomes[before as usize].fetch_sub(1, Relaxed);
        }
    }

    pub(super) fn add_fetched(&self, bytes: u64) {
        self.fetched.fetch_add(bytes, Relaxed);
    }

    /// Bytes that have come from the web.
    pub fn fetched_bytes(&self) -> u64 {
        self.fetched.load(Relaxed)
    }

    /// How many pictures the run has.
    pub fn total(&self) -> usize {
        self.states.len()
    }

    pub fn state(&self, job: usize) -> ImageState {
        ImageState::decode(self.states[job].load(Relaxed))
    }

    /// How many pictures have this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.outcomes[outcome as usize].load(Relaxed)
    }

    /// How many pictures have an outcome.
    pub fn finished(&self) -> usize {
        self.outcomes.iter().map(|c| c.load(Relaxed)).sum()
    }

    /// Source pixels of the pictures that have an outcome.
    pub fn source_pixels(&self) -> u64 {
        self.pixels.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_survive_packing_into_a_byte() {
        let ends = ImageState::ENDS.map(ImageState::Finished);
        for state in [ImageState::Waiting].into_iter().chain(Stage::ALL.map(ImageState::In)).chain(ends) {
            assert_eq!(ImageState::decode(state.encode()), state);
        }
    }
}
