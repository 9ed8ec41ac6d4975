//! Measures for the lab on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, TryRecvError, unbounded};
use egui::Context;

use crate::gui::model::measurement::{MeasuredRun, Measurement, MeasurementPurpose, RunHandle};
use crate::gui::tasks::quiet_frames::QuietFrames;
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
#[derive(Debug)]
pub struct MeasurementTask {
    purpose: MeasurementPurpose,
    frames: Arc<QuietFrames>,
    events: Receiver<MeasurementEvent>,
    thread: Option<JoinHandle<()>>,
    ended: bool,
}

impl MeasurementTask {
    /// Runs `work` on a thread of its own; it reports what it does to the function that it is given.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(
        ctx: &Context,
        purpose: MeasurementPurpose,
        work: impl FnOnce(&mut dyn FnMut(LabEvent<'_>)) -> MeasurementOutcome + Send + 'static,
    ) -> std::io::Result<(Self, Measurement)> {
        // Unbounded: three short messages per run, and a measurement must not wait for the window.
        let (sender, events) = unbounded();
        let stop = Arc::new(AtomicBool::new(false));
        let frames = Arc::new(QuietFrames::default());
        let (stop_requested, quiet, ctx) = (Arc::clone(&stop), Arc::clone(&frames), ctx.clone());
        let measure = move || {
            let outcome = work(&mut |event| match event {
                LabEvent::Next { settings, done, total } => {
                    let run = MeasuredRun { settings: settings.clone(), done, total, handle: None };
                    let _ = sender.send(MeasurementEvent::NextRun(run));
                    quiet.draw(&ctx);
                }
                LabEvent::Begun(running) => {
                    let (progress, control) = (Arc::clone(running.progress()), Arc::clone(running.control()));
                    if stop_requested.load(Relaxed) {
                        control.stop();
                    }
                    let _ = sender.send(MeasurementEvent::RunStarted(RunHandle { progress, control }));
                }
                // Drawn with the next run, or with the end.
                LabEvent::Ended(record) => {
                    let _ = sender.send(MeasurementEvent::RunEnded(Box::new(record.clone())));
                }
            });
            let _ = sender.send(MeasurementEvent::Ended(Box::new(outcome)));
            ctx.request_repaint();
        };
        let thread = thread::Builder::new().name("lightloom-lab".to_owned()).spawn(measure)?;
        let task = Self { purpose, frames, events, thread: Some(thread), ended: false };
        Ok((task, Measurement::new(purpose, stop)))
    }

    /// The next message, if there is one.
    pub fn next(&mut self) -> Option<MeasurementEvent> {
        match self.events.try_recv() {
            Ok(event) => {
                self.ended |= matches!(event, MeasurementEvent::Ended(_));
                Some(event)
            }
            Err(TryRecvError::Disconnected) if !std::mem::replace(&mut self.ended, true) => {
                Some(MeasurementEvent::Ended(Box::new(MeasurementOutcome::lost(self.purpose))))
            }
            Err(_) => None,
        }
    }

    /// Time until the next frame while a run is in progress.
    pub fn frame_interval(&self) -> Duration {
        self.frames.interval()
    }

    /// Waits until its thread has ended and its folders are removed.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
