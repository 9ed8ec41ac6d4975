//! The lab: choices of workers measured against each other, saved results, lessons.

mod chart;
pub mod header;
pub mod lessons;
pub mod plan;
pub mod results;
mod saved_results;
mod table;
