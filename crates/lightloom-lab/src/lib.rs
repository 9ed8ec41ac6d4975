//! Comparison of runs: the same pictures, the same recipe, other executors or worker counts.
//!
//! **Invariant:** figures come from finished runs alone; where they do not differ by more than their spread, nothing is
//! said. This room knows `batch` and below and draws nothing.

mod comparison;
mod experiments;
mod machine;
mod measure;
mod recommend;
mod results;
mod samples;
mod scaling;
mod trace;
mod verdict;

pub use comparison::{Comparison, Row, RunRecord};
pub use experiments::{Bar, Bench, EXPERIMENTS, Experiment, Findings, find_experiment};
pub use machine::Machine;
pub use measure::{LabEvent, MeasureError, Study};
pub use recommend::recommend;
pub use results::{Recommendation, Results, SavedError};
pub use samples::{sample, unpack_samples};
pub use scaling::{Law, Scaling};
pub use trace::{Series, Steps, Trace};
