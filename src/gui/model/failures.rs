//! Pictures that failed, grouped by cause.

use std::path::PathBuf;

use crate::journal::History;

/// Pictures that failed for the same cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    /// The stage and the reason, without what differs from picture to picture.
    pub cause: String,
    pub count: usize,
    /// One of the pictures.
    pub example: PathBuf,
}

impl Failures {
    /// Those of a run, the largest group first.
    pub fn of(history: &History) -> Vec<Self> {
        let group = |group: crate::journal::Failures<'_>| {
            let first = group.pictures.first().and_then(|finished| history.jobs.get(&finished.job));
            let example = first.map(crate::journal::record::JobRecord::source_path).unwrap_or_default();
            Self { cause: group.cause, count: group.pictures.len(), example }
        };
        history.failures().into_iter().map(group).collect()
    }
}
