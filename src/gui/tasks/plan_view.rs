//! Makes a plan for its dialog, filters it and estimates what it takes, on threads of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use egui::Context;

use crate::batch::{Estimate, estimate};
use crate::gui::model::plan::{PlanFilter, PlanRequest, PlanRow, PlanView, ReadyPlan};
use crate::gui::tasks::one_shot::OneShot;
use crate::gui::tasks::planning::plan;

/// How long pictures are tried for the estimate.
const PATIENCE: Duration = Duration::from_secs(3);

/// A plan for its dialog.
#[derive(Debug)]
pub struct PlanTask {
    plan: Option<OneShot<ReadyPlan>>,
    rows: Option<OneShot<Arc<[PlanRow]>>>,
    estimate: Option<OneShot<Estimate>>,
    /// Set when nobody waits for the estimate any more.
    stop: Arc<AtomicBool>,
    /// What the rows were last filtered by.
    filter: PlanFilter,
}

impl PlanTask {
    /// Begins to plan.
    pub fn start(ctx: &Context, request: PlanRequest, view: &PlanView) -> Self {
        let headers_read = Arc::clone(&view.headers_read);
        let make = move || ReadyPlan::of(plan(request, &headers_read));
        let plan = OneShot::spawn(ctx, "lightloom-plan", make);
        Self { plan, rows: None, estimate: None, stop: Arc::default(), filter: PlanFilter::default() }
    }

    /// Takes over what has come, and follows the filter; returns whether the plan is still to come.
    pub fn update(&mut self, ctx: &Context, view: &mut PlanView) -> bool {
        if let Some(ready) = OneShot::take(&mut self.plan) {
            self.estimate = estimate_of(ctx, &ready, Arc::clone(&self.stop));
            view.ready = Some(ready);
        }
        let Some(ready) = &mut view.ready else { return true };
        if let Some(rows) = OneShot::take(&mut self.rows) {
            ready.filtered = rows;
        }
        ready.estimate = OneShot::take(&mut self.estimate).or(ready.estimate.take());
        if self.rows.is_none() && self.filter != view.filter {
            self.filter.clone_from(&view.filter);
            let (filter, plan, rows) = (view.filter.clone(), Arc::clone(&ready.plan), Arc::clone(&ready.rows));
            self.rows = OneShot::spawn(ctx, "lightloom-filter", move || filter.rows(&plan, &rows).into());
        }
        false
    }
}

impl Drop for PlanTask {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}

fn estimate_of(ctx: &Context, ready: &ReadyPlan, stop: Arc<AtomicBool>) -> Option<OneShot<Estimate>> {
    let plan = Arc::clone(&ready.plan);
    OneShot::spawn(ctx, "lightloom-estimate", move || {
        let batch = &plan.batch;
        estimate(&batch.jobs, &batch.recipe, &batch.settings, PATIENCE, &|| stop.load(Relaxed))
    })
}
