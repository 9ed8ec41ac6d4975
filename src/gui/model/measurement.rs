//! The measurement of the lab in progress, as far as the window shows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::batch::{Control, Progress, Settings};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasurementPurpose {
    /// Choices of workers against each other.
    Comparison,
    /// What to recommend.
    Recommendation,
}

/// A run of a measurement.
#[derive(Debug)]
pub struct MeasuredRun {
    pub settings: Settings,
    /// Runs before it.
    pub done: usize,
    /// All runs of the measurement.
    pub total: usize,
    /// Its handle, once it has started.
    pub handle: Option<RunHandle>,
}

/// What a run in progress reports, and how it is stopped.
#[derive(Debug)]
pub struct RunHandle {
    pub progress: Arc<Progress>,
    pub control: Arc<Control>,
}

/// A measurement in progress.
#[derive(Debug)]
pub struct Measurement {
    pub purpose: MeasurementPurpose,
    /// The run in progress.
    pub run: Option<MeasuredRun>,
    began: Instant,
    stop: Arc<AtomicBool>,
}

impl Measurement {
    /// A measurement that begins now and ends once `stop` is set.
    pub fn new(purpose: MeasurementPurpose, stop: Arc<AtomicBool>) -> Self {
        Self { purpose, run: None, began: Instant::now(), stop }
    }

    /// The next run has started.
    pub fn start_run(&mut self, handle: RunHandle) {
        // It may have been stopped between two runs.
        if self.is_stopped() {
            handle.control.stop();
        }
        if let Some(run) = &mut self.run {
            run.handle = Some(handle);
        }
    }

    /// Stops it; what has been measured is kept.
    pub fn stop(&self) {
        self.stop.store(true, Relaxed);
        if let Some(handle) = self.run.as_ref().and_then(|run| run.handle.as_ref()) {
            handle.control.stop();
        }
    }

    /// Whether it has been told to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }

    /// How much of it is done, 0 to 1.
    pub fn share(&self) -> f32 {
        let Some(run) = &self.run else { return 0.0 };
        let progress = run.handle.as_ref().map(|handle| &handle.progress);
        let of_run = progress.map_or(0.0, |p| p.finished() as f32 / p.total().max(1) as f32);
        ((run.done as f32 + of_run) / run.total.max(1) as f32).min(1.0)
    }

    /// Time left at the average speed so far; `None` until it can be estimated.
    pub fn time_left(&self) -> Option<Duration> {
        let share = f64::from(self.share());
        let elapsed = self.began.elapsed().as_secs_f64();
        (share > 0.02 && elapsed > 1.0).then(|| Duration::from_secs_f64(elapsed * (1.0 - share) / share))
    }

    /// Which run, with which settings.
    pub fn description(&self) -> String {
        match &self.run {
            _ if self.is_stopped() => "Stopping…".to_owned(),
            None => "Preparing…".to_owned(),
            Some(run) if run.done == 0 => format!("Warm-up: {}", run.settings.describe()),
            Some(run) => format!("Run {} of {}: {}", run.done, run.total - 1, run.settings.describe()),
        }
    }
}
