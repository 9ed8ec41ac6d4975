//! Plans and starts a run on a thread of its own, since names and files may take their time, and receives what the run
//! reports.
//!
//! Counters are atomics that each frame samples; finished pictures send one message each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded, unbounded};
use egui::Context;

use crate::batch::{self, Batch, EarlierResults, Event, EventSink, ImageReport, Packing, check_places, common_folder};
use crate::gui::model::pace::Pace;
use crate::gui::model::plan::{PlanRequest, RunPlan};
use crate::gui::model::run::{ComparisonBasis, Places, Run};
use crate::gui::tasks::frame_pacing::FramePacer;
use crate::gui::tasks::planning::plan;
use crate::gui::text;
use crate::journal::{Recorder, Rest, Store, begin};
use crate::lab::Trace;

/// Reports that are taken per frame.
const REPORTS_PER_FRAME: usize = 2000;

/// What is to be run.
#[derive(Debug)]
pub struct RunRequest {
    pub work: Work,
    /// Where its journal is to be, or why it has none.
    pub journals: Result<Store, String>,
    /// Where its pictures stand in the list.
    pub places: Places,
    pub basis: ComparisonBasis,
    /// Headers that have been read for names.
    pub headers_read: Arc<AtomicUsize>,
}

/// What a run does.
#[derive(Debug)]
pub enum Work {
    /// What is still to be planned.
    New(Box<PlanRequest>),
    /// What has been planned.
    Planned(Arc<RunPlan>),
    /// What another run left.
    Rest(Box<Rest>),
}

/// A run that has a journal, if one can be written.
struct Journaled {
    batch: Batch,
    recorder: Option<Arc<Recorder>>,
    /// What should be known of it.
    notes: Vec<String>,
}

/// A run that has started.
#[derive(Debug)]
pub struct StartedRun {
    pub run: Run,
    /// Its timeline, still empty.
    pub trace: Trace,
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
    let RunRequest { work, journals, places, basis, headers_read } = request;
    let goes_on = matches!(work, Work::Rest(_));
    let (sink, reports) = reporting(ctx);
    let Journaled { batch, recorder, notes } = match work {
        Work::New(request) => begin_new(plan(*request, &headers_read), journals, &sink)?,
        Work::Planned(planned) => begin_new(Arc::unwrap_or_clone(planned), journals, &sink)?,
        Work::Rest(rest) => begin_rest(*rest, &sink)?,
    };
    let sink = recorder.clone().map_or(sink, |recorder: Arc<Recorder>| recorder);
    let (settings, folder) = (batch.settings.clone(), common_folder(&batch.jobs));
    let trace = Trace::new(&batch);
    let running = batch::start(batch, sink).map_err(|error| error.to_string())?;
    let run = Run {
        running,
        settings,
        folder,
        recorder,
        notes,
        places,
        goes_on,
        basis,
        troubles: Vec::new(),
        pace: Pace::default(),
    };
    Ok(StartedRun { run, trace, reports })
}

/// Begins the journal of a new run. It runs without one rather than not at all; but where no result could be written
/// nothing is computed.
fn begin_new(plan: RunPlan, journals: Result<Store, String>, sink: &Arc<dyn EventSink>) -> Result<Journaled, String> {
    let RunPlan { mut batch, output } = plan;
    let checked = check_places(&batch.jobs);
    if let (true, [reason, ..]) = (checked.all_refuse, &*checked.reasons) {
        return Err(format!("nothing was started: {reason}"));
    }
    let archive = Packing::begin(&output, &batch.jobs, EarlierResults::default());
    batch.results.archive = archive.map_err(|error| format!("nothing was started: {error}"))?;
    let begin = |store| begin(&store, &batch, &output, Arc::clone(sink)).map_err(|e| e.to_string());
    let mut notes = checked.reasons;
    let recorder = match journals.and_then(begin) {
        Ok(recorder) => Some(recorder),
        Err(reason) => {
            notes.push(format!("the run cannot be resumed or undone, since it has no journal: {reason}"));
            None
        }
    };
    Ok(Journaled { batch, recorder, notes })
}

/// Goes on with the journal of another run.
fn begin_rest(rest: Rest, sink: &Arc<dyn EventSink>) -> Result<Journaled, String> {
    let mut batch = rest.batch.clone();
    let recorder = rest.record(&mut batch, Arc::clone(sink)).map_err(|e| e.to_string())?;
    let mut notes = Vec::new();
    if !rest.before.is_empty() {
        let (before, were) = (rest.before.len(), if rest.before.len() == 1 { "was" } else { "were" });
        notes.push(format!("{} of this run {were} finished before", text::pictures(before)));
    }
    if !rest.lost.is_empty() {
        let lost = text::plural(rest.lost.len(), "result");
        notes.push(format!("{lost} had been changed or removed since, and had to be made again"));
    }
    Ok(Journaled { batch, recorder: Some(recorder), notes })
}

/// What listens to a run, and where its reports arrive.
fn reporting(ctx: &Context) -> (Arc<dyn EventSink>, RunReports) {
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
    (Arc::new(sink), RunReports { finished, repaint_due, pacer })
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
