//! Executors: who carries the work. The work itself is the same code in each, so comparing them is honest.

mod carry;
mod cores;
mod hybrid;
mod processes;
mod sequential;
mod threads;

use std::sync::Arc;

use super::run::Run;
use super::{Lane, Settings};

/// Every executor, in menu order.
pub static EXECUTORS: &[&Executor] =
    &[&sequential::EXECUTOR, &threads::EXECUTOR, &cores::EXECUTOR, &hybrid::EXECUTOR, &processes::EXECUTOR];

/// The default.
pub(super) static HYBRID: &Executor = &hybrid::EXECUTOR;

/// An executor as data.
pub struct Executor {
    /// Name on the command line.
    pub id: &'static str,
    /// Name that a person reads.
    pub title: &'static str,
    /// Who carries the work, in one sentence without the final stop.
    pub help: &'static str,
    /// The lanes that it uses, in the order in which they are shown.
    pub(super) lanes: fn(&Settings) -> Vec<Lane>,
    /// Starts the lanes of a run and returns at once; the lanes end by themselves when there is no job left.
    pub(super) start: fn(&Arc<Run>) -> Result<(), String>,
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
pub fn find(id: &str) -> Option<&'static Executor> {
    EXECUTORS.iter().copied().find(|e| e.id == id)
}
