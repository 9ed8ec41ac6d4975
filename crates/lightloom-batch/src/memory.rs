//! How much memory a run really holds: this program's and that of its worker processes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use super::Lane;

/// Memory that the calling process holds; 0 if the system does not report it.
pub(super) fn resident() -> u64 {
    memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64)
}

/// Address space that the calling process may still take; `None` where the system sets no limit.
#[cfg(unix)]
pub(super) fn address_space_left() -> Option<u64> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::As).current?;
    Some(limit.saturating_sub(memory_stats::memory_stats()?.virtual_mem as u64))
}

#[cfg(not(unix))]
pub(super) fn address_space_left() -> Option<u64> {
    None
}

/// The most that the calling process has held since it began; `None` if the system does not keep it.
fn peak_ever() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok().filter(|_| cfg!(target_os = "linux"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}

/// Keeps the largest figure.
#[derive(Debug)]
pub(super) struct MemoryMeter {
    own: AtomicU64,
    /// What the program had held at most before.
    peak_before: Option<u64>,
    /// Peaks of worker processes that were at work at once, by worker.
    workers: Mutex<BTreeMap<Lane, u64>>,
    other_cpu_nanos: AtomicU64,
}

impl MemoryMeter {
    /// For a run that begins now.
    pub fn new() -> Self {
        Self {
            own: AtomicU64::new(0),
            peak_before: peak_ever(),
            workers: Mutex::default(),
            other_cpu_nanos: AtomicU64::new(0),
        }
    }

    /// Samples this program's memory.
    pub fn sample(&self) {
        self.own.fetch_max(resident(), Relaxed);
    }

    /// Records what a worker process held at most and the processor time that it used for a picture.
    pub fn record_worker(&self, worker: Lane, bytes: u64, cpu_nanos: u64) {
        self.other_cpu_nanos.fetch_add(cpu_nanos, Relaxed);
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let peak = workers.entry(worker).or_default();
        *peak = bytes.max(*peak);
    }

    /// The largest memory of this program and of each worker, added up. The system's own figure is exact, but it is that
    /// of this run only where the run has raised it.
    pub fn peak(&self) -> u64 {
        self.sample();
        let raised = peak_ever().filter(|peak| self.peak_before.is_some_and(|before| *peak > before));
        self.own.fetch_max(raised.unwrap_or(0), Relaxed);
        let workers: u64 = self.workers.lock().unwrap_or_else(PoisonError::into_inner).values().sum();
        self.own.load(Relaxed) + workers
    }

    /// Processor time of the worker processes.
    pub fn other_cpu_secs(&self) -> f64 {
        self.other_cpu_nanos.load(Relaxed) as f64 / 1e9
    }
}
