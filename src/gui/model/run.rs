//! The run in progress, the last one, and what makes runs comparable.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::batch::{Ended, OutputSettings, OverridesBySource, Progress, Running, Settings, Totals, Trouble};
use crate::recipe::Recipe;

/// A run in progress.
#[derive(Debug)]
pub struct Run {
    /// The engine's handle.
    pub running: Running,
    /// The settings with which it was started.
    pub settings: Settings,
    /// The folder that holds all its results.
    pub folder: Option<PathBuf>,
    /// What is wrong at the moment.
    pub troubles: Vec<Trouble>,
}

impl Run {
    pub fn progress(&self) -> &Progress {
        self.running.progress()
    }

    /// Time left at the average speed so far.
    pub fn time_left(&self) -> Option<Duration> {
        let progress = self.progress();
        let finished = progress.finished();
        let elapsed = self.running.elapsed().as_secs_f64();
        (finished > 0 && elapsed > 0.5)
            .then(|| Duration::from_secs_f64(elapsed / finished as f64 * (progress.total() - finished) as f64))
    }
}

/// A run that is being planned.
#[derive(Debug, Default)]
pub struct Starting {
    /// Whether to stop it as soon as it has started.
    pub stopped: bool,
}

/// The last run that ended.
#[derive(Debug, Clone)]
pub struct RunSummary {
    pub totals: Totals,
    pub settings: Settings,
    /// The folder that holds all its results.
    pub folder: Option<PathBuf>,
}

/// The computer is about to be suspended.
#[derive(Debug, Clone)]
pub struct Suspension {
    /// When.
    pub at: Instant,
    /// The run that it follows.
    pub ended: Ended,
}

/// Pictures of a run by how they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    pub finished: usize,
    pub partial: usize,
    pub failed: usize,
}

/// What runs must share to be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonBasis {
    /// Revision of the list of pictures.
    pub revision: u64,
    pub recipe: Recipe,
    pub overrides: Arc<OverridesBySource>,
    pub output: OutputSettings,
}
