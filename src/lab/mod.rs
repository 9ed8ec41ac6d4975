//! Comparison of runs: the same pictures, the same recipe, other executors or worker counts.
//!
//! **Invariant:** figures come from finished runs alone; where they do not differ by more than their spread, nothing is
//! said. This room knows `batch` and below and draws nothing.

mod comparison;
mod measure;
mod trace;

pub use comparison::{Comparison, Row, RunRecord};
pub use measure::{MeasureError, measure};
pub use trace::{Series, Steps, Trace};
