//! Comparison of runs: the same pictures and the same recipe with other executors or numbers of workers.
//!
//! ```
//! use lightloom_batch::{EXECUTORS, Settings, Source};
//! use lightloom_lab::Study;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let study = Study {
//!     sources: vec![Source::memory("two.ppm", *b"P6 2 1 255\n\xff\0\0\0\0\0").into()],
//!     choices: EXECUTORS[..2].iter().map(|executor| executor.with_workers(2, &Settings::default())).collect(),
//!     repeats: 3,
//!     folder: folder.path().into(),
//!     ..Study::default()
//! };
//! let results = study.measure(&mut |_| {})?;
//! assert_eq!(results.runs.len(), 2 * 3);
//! println!("{}", results.verdict());
//! # Ok(())
//! # }
//! ```
//!
//! **Invariant:** figures come from finished runs alone; a difference is stated only where chance makes it in at most one
//! study of twenty. This crate knows `batch` and below and draws nothing.

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod cache;
mod comparison;
mod conditions;
mod csv;
mod inference;
pub mod lessons;
mod machine;
mod measure;
mod order;
mod recommend;
mod results;
mod samples;
mod scaling;
mod trace;
mod verdict;

pub use comparison::{Comparison, Row, RunRecord, Standing};
pub use conditions::{Circumstances, Conditions};
pub use inference::{Interval, Ratio};
pub use machine::Machine;
pub use measure::{LabEvent, MeasureError, Study, target_folder};
pub use recommend::recommend;
pub use results::{ExecutorScaling, Recommendation, Results, ResultsReport, SavedError};
pub use samples::{sample, unpack_samples};
pub use scaling::{Law, LawIntervals, Scaling};
pub use trace::{Series, Steps, Trace};
