//! How the first results will be called, before a run.

use crate::batch::SourceEntry;
use crate::gui::model::plan::PlanRequest;
use crate::gui::model::state::State;

/// Results that are shown.
pub const SAMPLES: usize = 4;

/// How a result will be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSample {
    /// Its place below the folder for results; with that folder where it lies beside the originals.
    pub path: String,
    /// What happens there, if that is not a new file, or why it has another name than was wanted.
    pub note: Option<String>,
}

impl State {
    /// What the names of the first results follow from; `None` without pictures.
    pub fn name_sample_request(&self) -> Option<PlanRequest> {
        let entries = self.pictures.entries();
        let mut files: Vec<SourceEntry> = entries.iter().take(SAMPLES).map(|entry| entry.found.clone()).collect();
        let first = files.first()?;
        // Where pictures come from several folders, the names of these folders come first.
        let other = entries.iter().skip(SAMPLES).find(|entry| entry.found.root != first.root);
        files.extend(other.map(|entry| entry.found.clone()));
        Some(PlanRequest {
            files,
            recipe: self.recipe().clone(),
            overrides: std::sync::Arc::clone(self.history.overrides()),
            output: self.named_output(),
            settings: self.settings.clone(),
        })
    }
}
