//! Plans and starts a run on a thread of its own, since names and files may take their time, and receives what the run
//! reports.
//!
//! Counters are atomics that each frame samples; finished pictures send one message each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded, unbounded};
use egui::Context;

use crate::batch::{
    self, Batch, Event, ImageReport, OutputSettings, OverridesBySource, Settings, SourceEntry, common_folder,
    plan_jobs, set_overrides,
};
use crate::gui::model::run::{ComparisonBasis, Run};
use crate::gui::tasks::frame_pacing::FramePacer;
use crate::lab::Trace;
use crate::recipe::Recipe;

/// Reports that are taken per frame.
const REPORTS_PER_FRAME: usize = 2000;

/// What is to be run.
#[derive(Debug)]
pub struct RunRequest {
    pub files: Vec<SourceEntry>,
    pub recipe: Recipe,
    pub overrides: Arc<OverridesBySource>,
    pub output: OutputSettings,
    pub settings: Settings,
    pub basis: ComparisonBasis,
}

/// A run that has started.
#[derive(Debug)]
pub struct StartedRun {
    pub run: Run,
    /// Its timeline, still empty.
    pub trace: Trace,
    pub basis: ComparisonBasis,
    pub reports: RunReports,
}

/// A run that is being planned and started.
#[derive(Debug)]
pub struct RunStart {
    started: Receiver<Result<Box<StartedRun>, String>>,
}

impl RunStart {
    /// Begins to plan a run.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn spawn(ctx: &Context, request: RunRequest) -> std::io::Result<Self> {
        let (sender, started) = bounded(1);
        let ctx = ctx.clone();
        let start = move || {
            let result = start(&ctx, request);
            if let Err(unwanted) = sender.send(result.map(Box::new)) {
                // The window has been closed meanwhile.
                if let Ok(started) = unwanted.into_inner() {
                    started.run.running.control().stop();
                    started.run.running.wait();
                }
            }
            ctx.request_repaint();
        };
        std::thread::Builder::new().name("lightloom-start".to_owned()).spawn(start)?;
        Ok(Self { started })
    }

    /// The run, once it has started, or why it could not.
    pub fn result(&self) -> Option<Result<Box<StartedRun>, String>> {
        self.started.try_recv().ok()
    }

    /// Waits for the run.
    pub fn wait(self) -> Option<Box<StartedRun>> {
        self.started.recv().ok()?.ok()
    }
}

fn start(ctx: &Context, request: RunRequest) -> Result<StartedRun, String> {
    let RunRequest { files, recipe, overrides, output, settings, basis } = request;
    let mut jobs = plan_jobs(&files, &recipe, &output);
    set_overrides(&mut jobs, &overrides);
    let folder = common_folder(&jobs);
    // Unbounded, since the sender runs inside the pool and must never wait; at most one message per picture.
    let (sender, finished) = unbounded();
    let repaint_due = Arc::new(AtomicBool::new(false));
    let pacer = FramePacer::new();
    let (due, repaint, interval) = (Arc::clone(&repaint_due), ctx.clone(), Arc::clone(pacer.interval()));
    let sink = move |event| {
        if let Event::Finished(report) | Event::Lost(report) = event {
            let _ = sender.send(report);
            if !due.swap(true, Relaxed) {
                repaint.request_repaint_after(interval.get());
            }
        }
    };
    let batch = Batch { jobs, recipe, results: output.conflict.into(), settings: settings.clone() };
    let trace = Trace::new(&batch);
    let running = batch::start(batch, Arc::new(sink)).map_err(|error| error.to_string())?;
    let reports = RunReports { finished, repaint_due, pacer };
    Ok(StartedRun { run: Run { running, settings, folder, troubles: Vec::new() }, trace, basis, reports })
}

/// What a run in progress reports, and how often the window is drawn meanwhile.
#[derive(Debug)]
pub struct RunReports {
    finished: Receiver<Box<ImageReport>>,
    /// Set while a repaint is due, so that only one is requested per frame.
    repaint_due: Arc<AtomicBool>,
    pacer: FramePacer,
}

impl RunReports {
    /// Counts a frame of the window; returns the time until the next.
    pub fn frame(&mut self, run: &Run) -> Duration {
        let interval = self.pacer.frame(run.running.timeline().cpu());
        self.repaint_due.store(false, Relaxed);
        interval
    }

    /// The reports of pictures that have finished, as many as fit into a frame.
    pub fn finished(&self) -> impl Iterator<Item = Box<ImageReport>> + '_ {
        self.finished.try_iter().take(REPORTS_PER_FRAME)
    }

    /// Whether reports are waiting.
    pub fn has_more(&self) -> bool {
        !self.finished.is_empty()
    }

    /// Whether this frame is the first of a new second.
    pub const fn is_new_second(&self) -> bool {
        self.pacer.is_new_second()
    }
}
