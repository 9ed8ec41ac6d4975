//! What the files of lessons use.

pub(super) use std::sync::atomic::Ordering::Relaxed;
pub(super) use std::sync::atomic::{AtomicU64, AtomicUsize};
pub(super) use std::sync::{Arc, Condvar, Mutex, PoisonError};
pub(super) use std::thread;
pub(super) use std::time::{Duration, Instant};

pub(super) use lightloom_batch::executor::asynchronous::EXECUTOR as ASYNC;
pub(super) use lightloom_batch::executor::cores::EXECUTOR as CORES;
pub(super) use lightloom_batch::executor::hybrid::EXECUTOR as HYBRID;
pub(super) use lightloom_batch::executor::sequential::EXECUTOR as SEQUENTIAL;
pub(super) use lightloom_batch::executor::threads::EXECUTOR as THREADS;
pub(super) use lightloom_batch::{Activity, Lane, Settings, SlowSource, Timeline};

pub(super) use super::bench::Entry;
pub(super) use super::number;
pub(super) use super::outcome::Found;
pub(super) use super::{
    Bench, Chapter, Content, Drawing, Experiment, Figure, Here, Kind, Lesson, LessonError, Model, Needs, Part,
    Prediction, Python, Work,
};

/// `settings` with a source that lets each picture wait.
pub(super) fn slow(settings: Settings, latency_ms: u32) -> Settings {
    Settings { slow_source: Some(SlowSource { latency_ms, mib_per_sec: None }), ..settings }
}

/// A wait of so many milliseconds on a lane, in which the thread does nothing.
pub(super) fn sleep(timeline: &Timeline, lane: usize, task: usize, ms: u64) {
    let _span = timeline.begin(Lane::Thread(lane), Some(task), Activity::Read);
    thread::sleep(Duration::from_millis(ms));
}

/// The value behind a lock, whoever panicked with it before.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) const SIMULATED_WAITS: Option<&str> = Some("simulated: the threads sleep instead of waiting for data");
pub(super) const LATE_SERVER: Option<&str> =
    Some("simulated: a server on this machine waits before each answer; the requests are real");
pub(super) const SIMULATED_SOURCE: Option<&str> =
    Some("simulated: every picture arrives late, as from a network drive");
pub(super) const SIMULATED_LOCK: Option<&str> =
    Some("simulated: the lock stands for Python's global interpreter lock; Rust has none");
pub(super) const SIMULATED_BOTH: Option<&str> = Some(
    "simulated: every picture arrives late, and the lock of \u{201c}Threads\u{201d} stands for Python's global interpreter lock",
);
