//! Executors: who does the work. The work itself is the same code in each, so comparing them is fair.
//!
//! An executor is one file and one word in the list below: what front ends and the lab ask of it stands in its row.
//!
//! Nothing may wait inside the rayon pool. Strips of one picture are spread over the pool only where fewer pictures are
//! left than there are cores (`Run::with_buffers`); otherwise each core has a picture of its own.

mod isolation;
mod remote;
mod run_job;
mod slots;

pub(super) use isolation::Isolation;

use std::sync::Arc;

use super::run::Run;
use super::{Lane, Settings};

macro_rules! executors {
    ($($name:ident),* $(,)?) => {
        $(pub mod $name;)*

        /// Every executor, in menu order.
        pub static EXECUTORS: &[&Executor] = &[$(&$name::EXECUTOR),*];
    };
}

executors![sequential, threads, cores, hybrid, asynchronous, processes];

/// An executor as data.
pub struct Executor {
    /// Name on the command line.
    pub id: &'static str,
    /// Name that a person reads.
    pub title: &'static str,
    /// Who does the work, in one sentence without the final stop.
    pub help: &'static str,
    /// For a choice between a few: the same in one short sentence. `None` if it is not offered there.
    pub brief: Option<&'static str>,
    /// Whether it is the choice of a new run, or the one that others are compared with.
    pub role: Role,
    /// Which numbers of workers count for it.
    pub workers: WorkerCounts,
    /// What it simulates, in a few words that stand behind its name; `None` if it is meant for real work.
    pub simulates: Option<&'static str>,
    /// Whether a picture that crashes or hangs a decoder costs only itself. That takes time and memory, so it is chosen
    /// for safety rather than for speed.
    pub isolates: bool,
    /// The lanes that it uses, in the order in which they are shown.
    pub(super) lanes: fn(&Settings) -> Vec<Lane>,
    /// Starts the lanes of a run and returns at once; the lanes end by themselves when there is no job left.
    pub(super) start: fn(&Arc<Run>) -> Result<(), String>,
}

/// The part of an executor among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What speed-ups refer to.
    Baseline,
    /// The choice of a new run.
    Default,
    /// Any other.
    Alternative,
}

/// Which numbers of [`Settings`] count for an executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerCounts {
    /// [`Settings::io_threads`].
    pub io_threads: bool,
    /// [`Settings::cores`]. This is the number that is varied where both count.
    pub cores: bool,
}

impl Executor {
    /// `settings` with this executor and `count` workers. A number that does not count for it becomes 1, so that equal
    /// choices are equal.
    pub fn with_workers(&'static self, count: usize, settings: &Settings) -> Settings {
        let io_threads = match self.workers {
            WorkerCounts { io_threads: false, .. } => 1,
            WorkerCounts { cores: true, .. } => settings.io_threads,
            WorkerCounts { cores: false, .. } => count,
        };
        let cores = if self.workers.cores { count } else { 1 };
        Settings { executor: self, io_threads, cores, ..settings.clone() }
    }

    /// Whether it may be recommended: it is meant for real work, and for speed.
    pub const fn may_be_recommended(&self) -> bool {
        self.simulates.is_none() && !self.isolates
    }
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Executor({})", self.id)
    }
}

impl PartialEq for Executor {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Executor {}

/// The executor with this id.
pub fn find_executor(id: &str) -> Option<&'static Executor> {
    EXECUTORS.iter().copied().find(|e| e.id == id)
}

/// The first executor of this role.
pub fn executor_of(role: Role) -> &'static Executor {
    EXECUTORS.iter().copied().find(|e| e.role == role).unwrap_or(EXECUTORS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_executor_is_the_default_and_one_the_baseline() {
        for role in [Role::Default, Role::Baseline] {
            assert_eq!(EXECUTORS.iter().filter(|e| e.role == role).count(), 1, "{role:?}");
        }
        for executor in EXECUTORS {
            assert_eq!(find_executor(executor.id), Some(*executor), "ids are distinct");
        }
    }

    #[test]
    fn only_the_numbers_that_count_are_varied() {
        let settings = Settings { io_threads: 7, cores: 5, ..Settings::default() };
        for executor in EXECUTORS {
            let choice = executor.with_workers(3, &settings);
            let expected = match (executor.workers.io_threads, executor.workers.cores) {
                (false, false) => (1, 1),
                (true, false) => (3, 1),
                (false, true) => (1, 3),
                (true, true) => (7, 3),
            };
            assert_eq!((choice.io_threads, choice.cores), expected, "{}", executor.id);
            let varied = choice.varied_workers();
            assert!(varied == 3 || expected == (1, 1), "{}: {varied}", executor.id);
            let fewer = executor.with_workers(1, &settings);
            assert_eq!(choice.workers() > fewer.workers(), expected != (1, 1), "{}", executor.id);
        }
    }
}
