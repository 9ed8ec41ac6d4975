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
//! **Invariant:** figures come from finished runs alone; where they do not differ by more than their spread, nothing is
//! said. This crate knows `batch` and below and draws nothing.

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod comparison;
pub mod lessons;
mod machine;
mod measure;
mod recommend;
mod results;
mod samples;
mod scaling;
mod trace;
mod verdict;

pub use comparison::{Comparison, Row, RunRecord};
pub use machine::Machine;
pub use measure::{LabEvent, MeasureError, Study};
pub use recommend::recommend;
pub use results::{Recommendation, Results, SavedError};
pub use samples::{sample, unpack_samples};
pub use scaling::{Law, Scaling};
pub use trace::{Series, Steps, Trace};
