//! What a run is to do, decided before it begins, and how the window shows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use lightloom_param::shown;

use crate::batch::{Action, Batch, Estimate, Job, OutputSettings, OverridesBySource, Settings, SourceEntry, Target};
use crate::recipe::Recipe;

/// What is to be planned.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRequest {
    pub files: Vec<SourceEntry>,
    pub recipe: Recipe,
    pub overrides: Arc<OverridesBySource>,
    pub output: OutputSettings,
    pub settings: Settings,
}

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct RunPlan {
    pub batch: Batch,
    pub output: OutputSettings,
}

/// What happens where a result goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanKind {
    New,
    Numbered,
    Replaces,
    ReplacesIfChanged,
    ReplacesIfSmaller,
    Skipped,
}

impl PlanKind {
    pub const ALL: [Self; 6] =
        [Self::New, Self::Numbered, Self::Replaces, Self::ReplacesIfChanged, Self::ReplacesIfSmaller, Self::Skipped];

    /// In a word or two.
    pub const fn title(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Numbered => "Number added",
            Self::Replaces => "Replaces",
            Self::ReplacesIfChanged => "If changed",
            Self::ReplacesIfSmaller => "If smaller",
            Self::Skipped => "Skipped",
        }
    }

    /// In a sentence, without its final stop.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::New => "A new file",
            Self::Numbered => "A new file with a number",
            Self::Replaces => "Replaces the existing file",
            Self::ReplacesIfChanged => "Replaces the existing file if it differs",
            Self::ReplacesIfSmaller => "Replaces the existing file if the result is smaller",
            Self::Skipped => "Nothing is written",
        }
    }

    fn of(job: &Job, target: &Target) -> Self {
        if job.skip_reason().is_some() {
            return Self::Skipped;
        }
        match &target.action {
            Action::Create if target.number > 1 => Self::Numbered,
            Action::Create => Self::New,
            Action::Replace => Self::Replaces,
            Action::ReplaceIfChanged => Self::ReplacesIfChanged,
            Action::ReplaceIfSmaller => Self::ReplacesIfSmaller,
            Action::Skip(_) => Self::Skipped,
        }
    }
}

/// A result of a plan: the places of its job and of its target in that job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanRow {
    job: usize,
    target: usize,
    pub kind: PlanKind,
}

impl RunPlan {
    /// A row for each result.
    pub fn rows(&self) -> Vec<PlanRow> {
        let row = |(job, planned): (usize, &Job)| {
            let targets = planned.targets.iter().enumerate();
            let rows = targets.map(|(target, to)| PlanRow { job, target, kind: PlanKind::of(planned, to) });
            rows.collect::<Vec<_>>()
        };
        self.batch.jobs.iter().enumerate().flat_map(row).collect()
    }

    /// The picture of a row.
    pub fn job(&self, row: PlanRow) -> &Job {
        &self.batch.jobs[row.job]
    }

    /// The result of a row.
    pub fn target(&self, row: PlanRow) -> &Target {
        &self.job(row).targets[row.target]
    }

    /// Why nothing is written, or what should be known.
    pub fn notes(&self, row: PlanRow) -> Option<String> {
        let job = self.job(row);
        let taken = (row.kind == PlanKind::Numbered).then_some("the name is taken");
        let skipped = job.skip_reason().or_else(|| self.target(row).skip_reason());
        let all: Vec<&str> = skipped.or(taken).into_iter().chain(job.notes.iter().map(String::as_str)).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// What of a plan is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanFilter {
    /// Part of the path of a source or a result, in any case.
    pub text: String,
    pub kind: Option<PlanKind>,
}

impl PlanFilter {
    /// The rows that it lets through.
    pub fn rows(&self, plan: &RunPlan, rows: &[PlanRow]) -> Vec<PlanRow> {
        let text = self.text.trim().to_lowercase();
        let wanted = |row: &&PlanRow| {
            let target = plan.target(**row);
            let mentions = |path: &std::path::Path| shown(path).to_lowercase().contains(&text);
            let of_kind = self.kind.is_none_or(|kind| kind == row.kind);
            of_kind
                && (text.is_empty()
                    || mentions(plan.job(**row).source.name())
                    || mentions(&target.folder.join(target.file_name())))
        };
        rows.iter().filter(wanted).copied().collect()
    }
}

/// A plan in its dialog.
#[derive(Debug)]
pub struct PlanView {
    /// Pictures to be planned.
    pub pictures: usize,
    /// Headers that have been read for names.
    pub headers_read: Arc<AtomicUsize>,
    /// Once it is there.
    pub ready: Option<ReadyPlan>,
    pub filter: PlanFilter,
}

/// A plan that is complete.
#[derive(Debug)]
pub struct ReadyPlan {
    pub plan: Arc<RunPlan>,
    pub rows: Arc<[PlanRow]>,
    /// Those that the filter lets through.
    pub filtered: Arc<[PlanRow]>,
    /// Results by kind, in the order of [`PlanKind::ALL`].
    pub counts: [usize; PlanKind::ALL.len()],
    /// What it will take, once some of its pictures have been tried.
    pub estimate: Option<Estimate>,
}

impl PlanView {
    /// A plan of this many pictures that is being made.
    pub fn coming(pictures: usize) -> Self {
        Self { pictures, headers_read: Arc::default(), ready: None, filter: PlanFilter::default() }
    }

    /// Headers that have been read for names.
    pub fn read(&self) -> usize {
        self.headers_read.load(Relaxed)
    }
}

impl ReadyPlan {
    /// Reads from a plan what its dialog shows.
    pub fn of(plan: RunPlan) -> Self {
        let rows: Arc<[PlanRow]> = plan.rows().into();
        let counts = PlanKind::ALL.map(|kind| rows.iter().filter(|row| row.kind == kind).count());
        Self { plan: Arc::new(plan), filtered: Arc::clone(&rows), rows, counts, estimate: None }
    }

    /// Whether there is anything to do.
    pub fn has_work(&self) -> bool {
        self.rows.iter().any(|row| row.kind != PlanKind::Skipped)
    }
}
