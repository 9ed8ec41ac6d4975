//! Measures for the lab on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use egui::Context;

use crate::gui::model::measurement::{MeasuredRun, Measurement, MeasurementPurpose, RunHandle};
use crate::gui::tasks::quiet_task::QuietTask;
use crate::lab::{LabEvent, Recommendation, Results, RunRecord};

/// How a measurement ended.
#[derive(Debug)]
pub enum MeasurementOutcome {
    Comparison(Result<Results, String>),
    Recommendation(Result<Recommendation, String>),
}

impl MeasurementOutcome {
    /// The end of a measurement whose thread is gone.
    fn lost(purpose: MeasurementPurpose) -> Self {
        let reason = "The measurement failed because of an internal error.".to_owned();
        match purpose {
            MeasurementPurpose::Comparison => Self::Comparison(Err(reason)),
            MeasurementPurpose::Recommendation => Self::Recommendation(Err(reason)),
        }
    }
}

/// A message of the thread.
#[derive(Debug)]
pub enum MeasurementEvent {
    /// A run is about to start.
    NextRun(MeasuredRun),
    RunStarted(RunHandle),
    RunEnded(Box<RunRecord>),
    /// The measurement has ended.
    Ended(Box<MeasurementOutcome>),
}

/// The thread that measures.
pub type MeasurementTask = QuietTask<MeasurementEvent>;

/// Runs `work` on a thread of its own; it reports what it does to the function that it is given.
///
/// # Errors
/// If no thread can be started.
pub fn measure(
    ctx: &Context,
    purpose: MeasurementPurpose,
    work: impl FnOnce(&mut dyn FnMut(LabEvent<'_>)) -> MeasurementOutcome + Send + 'static,
) -> std::io::Result<(MeasurementTask, Measurement)> {
    let stop = Arc::new(AtomicBool::new(false));
    let stop_requested = Arc::clone(&stop);
    let ended = |outcome| MeasurementEvent::Ended(Box::new(outcome));
    let task = QuietTask::start(ctx, "lightloom-lab", ended(MeasurementOutcome::lost(purpose)), move |speaker| {
        let outcome = work(&mut |event| match event {
            LabEvent::Next { settings, done, total } => {
                let run = MeasuredRun { settings: settings.clone(), done, total, handle: None };
                speaker.show(MeasurementEvent::NextRun(run));
            }
            LabEvent::Begun(running) => {
                let (progress, control) = (Arc::clone(running.progress()), Arc::clone(running.control()));
                if stop_requested.load(Relaxed) {
                    control.stop();
                }
                speaker.say(MeasurementEvent::RunStarted(RunHandle { progress, control }));
            }
            // Drawn with the next run, or with the end.
            LabEvent::Ended(record) => speaker.say(MeasurementEvent::RunEnded(Box::new(record.clone()))),
        });
        ended(outcome)
    })?;
    Ok((task, Measurement::new(purpose, stop)))
}
