//! Completes the journal of a run that has ended, which waits for the disk, and reads from it why pictures failed.

use std::path::PathBuf;
use std::sync::Arc;

use crate::batch::{Outcome, Report};
use crate::gui::model::failures::Failures;
use crate::journal::{Outline, Recorder};

/// A run that has ended.
#[derive(Debug)]
pub struct EndedRun {
    pub journal: PathBuf,
    /// What should be known if the journal is not whole.
    pub note: Option<String>,
    /// Its pictures that failed, by cause.
    pub failures: Vec<Failures>,
}

impl EndedRun {
    /// Completes the journal.
    pub fn of(recorder: Arc<Recorder>, report: &Report) -> Self {
        let note = recorder.end(report);
        let journal = recorder.path().to_path_buf();
        // From now on other programs may use it.
        drop(recorder);
        let has_failed = report.images.iter().any(|image| image.outcome == Outcome::Failed);
        let outline = has_failed.then(|| Outline::read(&journal).ok()).flatten();
        let failures = outline.map(|outline| Failures::of(&outline.sums.failures)).unwrap_or_default();
        Self { journal, note, failures }
    }
}
