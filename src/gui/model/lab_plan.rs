//! The plan of a comparison in the lab: which executors, how many workers, how many runs, how many pictures.

use crate::batch::{EXECUTORS, Executor, Settings, SlowSource, logical_cores};
use crate::gui::model::ranges::REPEATS;

/// Pictures of a sample, unless another number is chosen.
const SAMPLE: usize = 12;

/// Seconds for which rounds are added, unless another number is chosen.
const BUDGET_SECS: usize = 60;

/// A number of workers that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerCount {
    pub workers: usize,
    pub chosen: bool,
}

/// What is to be measured.
#[derive(Debug, Clone, PartialEq)]
pub struct LabPlan {
    /// Executors by their place in [`EXECUTORS`].
    pub executors: Vec<bool>,
    pub counts: Vec<WorkerCount>,
    /// Rounds in any case.
    pub repeats: usize,
    /// For how long rounds are added, in seconds.
    pub budget_secs: usize,
    /// Whether the files are taken out of the file cache before each run.
    pub cold: bool,
    /// At most this many pictures; `None` for all.
    pub sample: Option<usize>,
    /// A simulated slow source.
    pub source: Option<SlowSource>,
}

impl LabPlan {
    /// Defaults for this machine.
    pub fn new(settings: &Settings) -> Self {
        let cores = logical_cores();
        // Three numbers of workers at least, so that there is a curve; one beyond the cores shows where it ends.
        let most = cores.max(4);
        let counts: Vec<usize> =
            [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64].into_iter().filter(|n| *n <= 2 * most).collect();
        Self {
            executors: EXECUTORS.iter().map(|e| !e.isolates).collect(),
            counts: counts
                .into_iter()
                .map(|n| WorkerCount { workers: n, chosen: n.is_power_of_two() && n <= most })
                .collect(),
            repeats: *REPEATS.start(),
            budget_secs: BUDGET_SECS,
            cold: false,
            sample: Some(SAMPLE),
            source: settings.slow_source,
        }
    }

    /// Every choice: an executor with a number of workers. What an executor does not use is the same in all of them.
    pub fn choices(&self, settings: &Settings) -> Vec<Settings> {
        let mut choices: Vec<Settings> = Vec::new();
        for executor in self.chosen() {
            for count in self.counts.iter().filter(|count| count.chosen).map(|count| count.workers) {
                let choice = Settings { slow_source: self.source, ..executor.with_workers(count, settings) };
                if !choices.contains(&choice) {
                    choices.push(choice);
                }
            }
        }
        choices
    }

    fn chosen(&self) -> impl Iterator<Item = &'static Executor> + '_ {
        EXECUTORS.iter().zip(&self.executors).filter(|(_, on)| **on).map(|(executor, _)| *executor)
    }

    /// Pictures per run, out of `all`.
    pub fn pictures(&self, all: usize) -> usize {
        self.sample.map_or(all, |n| n.min(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_is_listed_once_with_its_settings() {
        let settings = Settings { io_threads: 5, ..Settings::default() };
        let mut plan = LabPlan::new(&settings);
        plan.counts =
            [(1, true), (2, true), (9, false)].map(|(workers, chosen)| WorkerCount { workers, chosen }).to_vec();
        let choices = plan.choices(&settings);
        let titles: Vec<_> = choices.iter().map(Settings::describe).collect();
        assert_eq!(titles.len(), 9, "{titles:?}");
        assert_eq!(titles[0], "Sequential: 1 thread");
        assert!(titles.contains(&"Both: 5 threads, 2 cores".to_owned()));
        assert!(!titles.iter().any(|w| w.starts_with("Processes")));
        assert_eq!((plan.pictures(100), plan.pictures(3)), (SAMPLE, 3));
        assert!(LabPlan::new(&settings).counts.iter().filter(|count| count.chosen).count() >= 3, "enough for a curve");
    }
}
