//! What the lab knows: the plan, the measurement in progress, results and recommendations.

use std::path::PathBuf;

use crate::batch::Settings;
use crate::gui::model::lab_plan::LabPlan;
use crate::gui::model::measurement::{Measurement, MeasurementPurpose};
use crate::gui::text;
use crate::lab::{Comparison, ExecutorScaling, Machine, Recommendation, Results, SavedError};

/// A tab of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabTab {
    /// Choices of workers measured against each other.
    Comparison,
    /// What textbooks teach, tried on this machine.
    Lessons,
}

/// A format to which results are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResultsFormat {
    /// A line per run.
    Csv,
    /// Everything.
    Json,
    /// A picture of chart and table.
    Png,
}

impl ResultsFormat {
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Png];

    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Png => "png",
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Png => "PNG",
        }
    }

    /// What the file holds, for a tooltip.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Csv => "Export one line per run as a table.",
            Self::Json => "Export everything, including machine and settings.",
            Self::Png => "Export a picture of verdict, chart and table as they are shown here.",
        }
    }
}

/// Results with all that follows from them, so that drawing computes nothing.
#[derive(Debug)]
pub struct DisplayedResults {
    pub results: Results,
    /// A row per choice.
    pub comparison: Comparison,
    /// How the throughput of each executor grows.
    pub scaling: Vec<ExecutorScaling>,
    pub verdict: String,
    /// What was in the file cache.
    pub cache: String,
    pub recommendation: Option<Recommendation>,
    /// Whether they are on disk.
    pub saved: bool,
}

impl DisplayedResults {
    /// Works out what follows from `results`.
    pub fn new(results: Results, saved: bool) -> Self {
        let comparison = results.comparison();
        Self {
            scaling: results.scaling(&comparison),
            verdict: results.verdict(),
            cache: results.cache(),
            recommendation: results.recommendation(),
            comparison,
            results,
            saved,
        }
    }

    /// Pictures per second to which speed-ups refer.
    pub fn baseline_speed(&self) -> f64 {
        let rows = &self.comparison.rows;
        let row = rows.iter().find(|row| row.title == self.comparison.baseline).or(rows.first());
        row.map_or(1.0, |row| row.images_per_sec.max(1e-9))
    }

    /// Their name, or the time of the measurement if they have none.
    pub fn name(&self) -> String {
        name_of(&self.results)
    }
}

/// The name of results, or the time of the measurement if they have none.
pub fn name_of(results: &Results) -> String {
    if results.name.is_empty() { text::date(results.measured_at) } else { results.name.clone() }
}

/// Saved results, each of which may be unreadable.
pub type SavedResults = Vec<Result<Results, SavedError>>;

/// What the lab knows.
#[derive(Debug)]
pub struct LabState {
    /// The tab that is open; `None` while the lab is closed.
    pub tab: Option<LabTab>,
    /// What is to be measured.
    pub plan: LabPlan,
    pub measurement: Option<Measurement>,
    /// The results on screen.
    pub shown: Option<DisplayedResults>,
    /// Saved results for comparison with them.
    pub other: Option<DisplayedResults>,
    /// The name under which the results are saved.
    pub name: String,
    /// Why the last measurement has no results.
    pub problem: Option<String>,
    /// Saved results, once they have been read.
    pub saved: Option<SavedResults>,
    /// The last recommendation, or why there is none.
    pub proposal: Option<Result<Recommendation, String>>,
    /// Whether the first pictures of a session are measured without being asked.
    pub recommend_first: bool,
    /// Whether that has happened.
    pub recommended: bool,
    pub machine: Machine,
    /// Where results are saved.
    pub folder: Option<PathBuf>,
}

impl LabState {
    /// With nothing measured; results are saved in `folder`.
    pub fn new(settings: &Settings, folder: Option<PathBuf>) -> Self {
        Self {
            tab: None,
            plan: LabPlan::new(settings),
            measurement: None,
            shown: None,
            other: None,
            name: String::new(),
            problem: None,
            saved: None,
            proposal: None,
            recommend_first: false,
            recommended: false,
            machine: Machine::here(),
            folder,
        }
    }

    /// What is being measured.
    pub fn purpose(&self) -> Option<MeasurementPurpose> {
        self.measurement.as_ref().map(|measurement| measurement.purpose)
    }
}

/// `present` with what `proposed` recommends; what its executor does not use stays as it is, and so do settings that a
/// recommendation is not about, such as the simulated source.
pub fn apply_proposal(present: &Settings, proposed: &Settings) -> Settings {
    let mut settings = Settings { executor: proposed.executor, memory_bytes: proposed.memory_bytes, ..present.clone() };
    if proposed.executor.workers.io_threads {
        settings.io_threads = proposed.io_threads;
    }
    if proposed.executor.workers.cores {
        settings.cores = proposed.cores;
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{SlowSource, find_executor};

    #[test]
    fn a_recommendation_changes_only_the_settings_it_names() {
        let slow = Some(SlowSource { latency_ms: 9, mib_per_sec: None });
        let present = Settings { io_threads: 7, cores: 3, slow_source: slow, ..Settings::default() };
        let cores = Settings {
            executor: find_executor("cores").unwrap(),
            io_threads: 1,
            cores: 2,
            memory_bytes: 5,
            ..Settings::default()
        };
        let settings = apply_proposal(&present, &cores);
        assert_eq!((settings.executor.id, settings.io_threads, settings.cores), ("cores", 7, 2));
        assert_eq!((settings.memory_bytes, settings.slow_source), (5, slow));
    }
}
