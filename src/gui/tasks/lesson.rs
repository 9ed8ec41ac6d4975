//! Tries a lesson on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, TryRecvError, unbounded};
use egui::Context;

use crate::batch::{Settings, SourceEntry};
use crate::gui::model::lessons::{LessonPage, LessonStep, LiveRun, Trial};
use crate::gui::tasks::quiet_frames::QuietFrames;
use crate::gui::text;
use crate::lab::lessons::{
    Bench, Known, LessonError, LessonEvent, MeasuredTable, Outcome, Prediction, find_lesson, measure_table,
};
use crate::lab::unpack_samples;

/// Rounds of an experiment.
const ROUNDS: usize = 3;

/// What a trial came to.
#[derive(Debug)]
pub enum TrialResult {
    Lesson(&'static str, Result<Outcome, String>),
    Table(Result<MeasuredTable, String>),
}

/// A message of the thread.
#[derive(Debug)]
pub enum TrialEvent {
    Step(LessonStep),
    Predicted(Prediction),
    Live(LiveRun),
    Ended(Box<TrialResult>),
}

/// The thread that tries a lesson.
#[derive(Debug)]
pub struct LessonTask {
    page: LessonPage,
    frames: Arc<QuietFrames>,
    events: Receiver<TrialEvent>,
    thread: Option<JoinHandle<()>>,
    ended: bool,
}

impl LessonTask {
    /// Tries `page` on `files`, or on the sample photos if there are none.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(
        ctx: &Context,
        page: LessonPage,
        files: Vec<SourceEntry>,
        settings: Settings,
    ) -> std::io::Result<(Self, Trial)> {
        // Unbounded: a few short messages per round, and an experiment must not wait for the window.
        let (sender, events) = unbounded();
        let stop = Arc::new(AtomicBool::new(false));
        let frames = Arc::new(QuietFrames::default());
        let (told_to_stop, quiet, ctx) = (Arc::clone(&stop), Arc::clone(&frames), ctx.clone());
        let work = move || {
            let mut watch = |event: LessonEvent<'_>| {
                let _ = sender.send(match event {
                    LessonEvent::Step { what, done, total } => {
                        TrialEvent::Step(LessonStep { what: what.to_owned(), done, total })
                    }
                    LessonEvent::Predicted(prediction) => TrialEvent::Predicted(prediction.clone()),
                    LessonEvent::Live { timeline, control } => {
                        let _ = sender.send(TrialEvent::Live(LiveRun { timeline, control }));
                        return;
                    }
                });
                quiet.draw(&ctx);
            };
            let result = attempt(page, files, settings, told_to_stop, &mut watch);
            let _ = sender.send(TrialEvent::Ended(Box::new(result)));
            ctx.request_repaint();
        };
        let thread = thread::Builder::new().name("lightloom-lesson".to_owned()).spawn(work)?;
        Ok((Self { page, frames, events, thread: Some(thread), ended: false }, Trial::new(page, stop)))
    }

    /// The next message, if there is one.
    pub fn next(&mut self) -> Option<TrialEvent> {
        match self.events.try_recv() {
            Ok(event) => {
                self.ended |= matches!(event, TrialEvent::Ended(_));
                Some(event)
            }
            Err(TryRecvError::Disconnected) if !std::mem::replace(&mut self.ended, true) => {
                let reason = "The lesson failed because of an internal error.".to_owned();
                Some(TrialEvent::Ended(Box::new(failed(self.page, reason))))
            }
            Err(_) => None,
        }
    }

    /// Time until the next frame while it goes on.
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

fn failed(page: LessonPage, reason: String) -> TrialResult {
    match page {
        LessonPage::Lesson(id) => TrialResult::Lesson(id, Err(reason)),
        LessonPage::Table => TrialResult::Table(Err(reason)),
    }
}

fn attempt(
    page: LessonPage,
    files: Vec<SourceEntry>,
    settings: Settings,
    stop: Arc<AtomicBool>,
    watch: &mut dyn FnMut(LessonEvent<'_>),
) -> TrialResult {
    // Kept until the end, when its files are removed.
    let samples = files.is_empty().then(|| tempfile::Builder::new().prefix("lightloom-samples-").tempdir());
    let sources = match samples.as_ref() {
        Some(Ok(folder)) => unpack_samples(folder.path()),
        Some(Err(error)) => Err(std::io::Error::new(error.kind(), error.to_string())),
        None => Ok(files),
    };
    let sources = match sources {
        Ok(sources) => sources,
        Err(error) => return failed(page, format!("The sample photos could not be unpacked: {error}.")),
    };
    let mut bench = Bench { sources, folder: std::env::temp_dir(), rounds: ROUNDS, settings, scale: 1.0, known: Known::default(), stop, watch };
    let reason = |error: LessonError| format!("{}.", text::sentence(&error.to_string()));
    match page {
        LessonPage::Lesson(id) => {
            let Some(lesson) = find_lesson(id) else { return failed(page, format!("There is no lesson {id}.")) };
            TrialResult::Lesson(id, lesson.run(&mut bench).map_err(reason))
        }
        LessonPage::Table => TrialResult::Table(measure_table(&mut bench).map_err(reason)),
    }
}
