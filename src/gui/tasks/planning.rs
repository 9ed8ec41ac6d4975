//! Plans runs: names and conflicts of all results. Reads the disk.

use std::sync::atomic::AtomicUsize;

use crate::batch::{Batch, Decoders, Planning, ResultSettings};
use crate::gui::model::plan::{PlanRequest, RunPlan};

/// Plans a run. Headers that names need are counted in `headers_read` as they are read.
pub fn plan(request: PlanRequest, headers_read: &AtomicUsize) -> RunPlan {
    let PlanRequest { files, recipe, overrides, output, settings } = request;
    let planning = Planning {
        sources: &files,
        recipe: &recipe,
        output: &output,
        overrides: &overrides,
        limits: &settings.limits,
        decoders: &Decoders::new(settings.worker_program.clone()),
        looks_at_disk: true,
        headers_read,
    };
    let jobs = planning.jobs();
    let results = ResultSettings { hash: true, ..output.conflict.into() };
    RunPlan { batch: Batch { jobs, recipe, results, settings }, output }
}
