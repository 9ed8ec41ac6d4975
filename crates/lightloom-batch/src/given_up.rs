//! Places that somebody gave up since they did not answer.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::Stage;
use lightloom_param::shown;

/// A place that somebody gave up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GivenUp {
    pub place: PathBuf,
    /// How long it had not answered.
    pub after: Duration,
    /// What it was waited for with.
    pub stage: Stage,
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (place, secs) = (shown(&self.place), self.after.as_secs());
        match self.stage {
            Stage::Write => write!(f, "{place} did not take results for {secs} s; given up"),
            _ => write!(f, "{place} did not answer for {secs} s; given up"),
        }
    }
}
