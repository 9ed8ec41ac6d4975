//! How much memory a run really holds: this program's and that of its worker processes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Memory that the calling process holds; 0 if the system does not report it.
pub(super) fn resident() -> u64 {
    memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64)
}

/// Keeps the largest figure.
#[derive(Debug, Default)]
pub(super) struct MemoryMeter {
    own: AtomicU64,
    /// Peaks of worker processes that were at work at once, by worker.
    workers: Mutex<BTreeMap<usize, u64>>,
    other_cpu_nanos: AtomicU64,
}

impl MemoryMeter {
    /// Samples this program's memory.
    pub fn sample(&self) {
        self.own.fetch_max(resident(), Relaxed);
    }

    /// Records what a worker process held at most and the processor time that it used for a picture.
    pub fn record_worker(&self, worker: usize, bytes: u64, cpu_nanos: u64) {
        self.other_cpu_nanos.fetch_add(cpu_nanos, Relaxed);
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let peak = workers.entry(worker).or_default();
        *peak = bytes.max(*peak);
    }

    /// The largest memory of this program and of each worker, added up.
    pub fn peak(&self) -> u64 {
        self.sample();
        let workers: u64 = self.workers.lock().unwrap_or_else(PoisonError::into_inner).values().sum();
        self.own.load(Relaxed) + workers
    }

    /// Processor time of the worker processes.
    pub fn other_cpu_secs(&self) -> f64 {
        self.other_cpu_nanos.load(Relaxed) as f64 / 1e9
    }
}
