//! Pictures that failed, grouped by cause.

use std::path::PathBuf;

use crate::journal::FailureSum;

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
    /// Groups of pictures, the largest first.
    pub fn of(groups: &[FailureSum]) -> Vec<Self> {
        let group = |group: &FailureSum| Self {
            cause: group.cause.clone(),
            count: group.pictures,
            example: group.example.to_path(),
        };
        let mut groups: Vec<Self> = groups.iter().map(group).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups
    }
}
