//! The run in progress, the last one, and what makes runs comparable.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::batch::{Ended, OutputSettings, OverridesBySource, Progress, Running, Settings, Totals, Trouble};
use crate::gui::model::failures::Failures;
use crate::gui::model::pace::{Pace, Sample};
use crate::gui::model::run_details::RunDetails;
use crate::journal::Recorder;
use crate::recipe::Recipe;

/// Where the pictures of a run stand in the list.
#[derive(Debug, Clone, Default)]
pub struct Places(Option<SomePlaces>);

/// Places of a run that has but a part of the list.
#[derive(Debug, Clone)]
struct SomePlaces {
    of_jobs: Vec<usize>,
    jobs: HashMap<usize, usize>,
}

impl Places {
    /// Places of jobs, in their order.
    pub fn of(of_jobs: Vec<usize>) -> Self {
        let jobs = of_jobs.iter().enumerate().map(|(job, place)| (*place, job)).collect();
        Self(Some(SomePlaces { of_jobs, jobs }))
    }

    /// The place in the list of a picture of the run.
    pub fn place(&self, job: usize) -> Option<usize> {
        self.0.as_ref().map_or(Some(job), |some| some.of_jobs.get(job).copied())
    }

    /// The number in the run of a picture in the list.
    pub fn job(&self, place: usize) -> Option<usize> {
        self.0.as_ref().map_or(Some(place), |some| some.jobs.get(&place).copied())
    }
}

/// A run in progress.
#[derive(Debug)]
pub struct Run {
    /// The engine's handle.
    pub running: Running,
    /// The settings with which it was started.
    pub settings: Settings,
    /// The folder that holds all its results.
    pub folder: Option<PathBuf>,
    /// Writes its journal, if it has one.
    pub recorder: Option<Arc<Recorder>>,
    /// What should be known of it.
    pub notes: Vec<String>,
    pub places: Places,
    /// Whether it goes on with another run.
    pub goes_on: bool,
    /// What it was started with.
    pub basis: ComparisonBasis,
    /// What is wrong at the moment.
    pub troubles: Vec<Trouble>,
    /// How fast it has been.
    pub pace: Pace,
}

impl Run {
    pub fn progress(&self) -> &Progress {
        self.running.progress()
    }

    /// Its counters now.
    pub fn sample(&self) -> Sample {
        let progress = self.progress();
        let (pictures, pixels) = (progress.finished(), progress.source_pixels());
        Sample { secs: self.running.elapsed().as_secs_f64(), pictures, pixels }
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
    /// Headers that have been read for names.
    pub headers_read: Arc<AtomicUsize>,
}

impl Starting {
    /// Headers that have been read for names.
    pub fn read(&self) -> usize {
        self.headers_read.load(Relaxed)
    }
}

/// The last run that ended.
#[derive(Debug, Clone)]
pub struct RunSummary {
    pub totals: Totals,
    pub settings: Settings,
    /// What it was started with.
    pub basis: ComparisonBasis,
    /// The folder that holds all its results.
    pub folder: Option<PathBuf>,
    /// Its journal, once it is complete.
    pub journal: Option<PathBuf>,
    /// Its pictures that failed, by cause.
    pub failures: Vec<Failures>,
    /// How fast it was.
    pub pace: Pace,
    /// What it came to, once that has been found out.
    pub details: Option<RunDetails>,
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
