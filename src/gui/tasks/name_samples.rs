//! Finds out how the first results will be called, on a thread of its own, since headers may have to be read.

use std::path::Path;
use std::sync::atomic::AtomicUsize;

use egui::Context;
use lightloom_param::shown;

use crate::batch::{Action, Job, Target};
use crate::gui::model::name_samples::{NameSample, SAMPLES};
use crate::gui::model::plan::PlanRequest;
use crate::gui::tasks::one_shot::OneShot;
use crate::gui::tasks::planning::plan;
use crate::gui::text;

/// Follows the settings with the names that they lead to.
#[derive(Debug, Default)]
pub struct NameSamples {
    /// What the last names were asked for.
    asked: Option<PlanRequest>,
    coming: Option<OneShot<Vec<NameSample>>>,
}

impl NameSamples {
    /// Asks for names where `wanted` is new; returns those that have come since.
    pub fn update(&mut self, ctx: &Context, wanted: Option<PlanRequest>) -> Option<Vec<NameSample>> {
        let arrived = OneShot::take(&mut self.coming);
        if self.coming.is_none() && self.asked != wanted {
            self.asked.clone_from(&wanted);
            let request = wanted?;
            self.coming = OneShot::spawn(ctx, "lightloom-names", move || samples(request));
        }
        arrived
    }

    /// Files may have come and gone: what was asked before is asked again.
    pub fn forget(&mut self) {
        self.asked = None;
    }
}

fn samples(request: PlanRequest) -> Vec<NameSample> {
    let below_folder = request.output.folder.is_some();
    let plan = plan(request, &AtomicUsize::new(0));
    let jobs = plan.batch.jobs.iter();
    let results = jobs.flat_map(|job| job.targets.iter().map(move |target| (job, target)));
    results.take(SAMPLES).map(|(job, target)| sample(job, target, below_folder)).collect()
}

fn sample(job: &Job, target: &Target, below_folder: bool) -> NameSample {
    let path = target.folder.join(target.file_name());
    let below = path.strip_prefix(&target.root).ok().filter(|_| below_folder);
    let path = below.map_or_else(|| text::short_path(&path), |below: &Path| shown(below).into_owned());
    let action = match &target.action {
        Action::Create => None,
        Action::Replace => Some("replaces the existing file".to_owned()),
        Action::ReplaceIfChanged => Some("replaces the existing file if it differs".to_owned()),
        Action::ReplaceIfSmaller => Some("replaces the existing file if it is smaller".to_owned()),
        Action::Skip(reason) => Some(format!("skipped: {reason}")),
    };
    NameSample { path, note: action.or_else(|| job.notes.first().cloned()) }
}
