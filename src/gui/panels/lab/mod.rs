//! The lab: choices of workers measured against each other, experiments, saved results.

mod chart;
pub mod experiments;
pub mod header;
pub mod plan;
pub mod results;
mod saved_results;
mod table;
