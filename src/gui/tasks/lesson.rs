//! Tries a lesson on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use egui::Context;

use crate::batch::{Settings, SourceEntry};
use crate::gui::model::lessons::{LessonPage, LessonStep, LiveRun, Trial};
use crate::gui::tasks::quiet_task::QuietTask;
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
pub type LessonTask = QuietTask<TrialEvent>;

/// Tries `page` on `files`, or on the sample photos if there are none.
///
/// # Errors
/// If no thread can be started.
pub fn try_lesson(
    ctx: &Context,
    page: LessonPage,
    files: Vec<SourceEntry>,
    settings: Settings,
) -> std::io::Result<(LessonTask, Trial)> {
    let stop = Arc::new(AtomicBool::new(false));
    let told_to_stop = Arc::clone(&stop);
    let lost = failed(page, "The lesson failed because of an internal error.".to_owned());
    let task = QuietTask::start(ctx, "lightloom-lesson", TrialEvent::ended(lost), move |speaker| {
        let mut watch = |event: LessonEvent<'_>| match event {
            LessonEvent::Step { what, done, total } => {
                speaker.show(TrialEvent::Step(LessonStep { what: what.to_owned(), done, total }));
            }
            LessonEvent::Predicted(prediction) => speaker.show(TrialEvent::Predicted(prediction.clone())),
            LessonEvent::Live { timeline, control } => speaker.say(TrialEvent::Live(LiveRun { timeline, control })),
        };
        TrialEvent::ended(attempt(page, files, settings, told_to_stop, &mut watch))
    })?;
    Ok((task, Trial::new(page, stop)))
}

impl TrialEvent {
    fn ended(result: TrialResult) -> Self {
        Self::Ended(Box::new(result))
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
    let mut bench = Bench {
        sources,
        folder: std::env::temp_dir(),
        rounds: ROUNDS,
        settings,
        scale: 1.0,
        known: Known::default(),
        stop,
        watch,
    };
    let reason = |error: LessonError| format!("{}.", text::sentence(&error.to_string()));
    match page {
        LessonPage::Lesson(id) => {
            let Some(lesson) = find_lesson(id) else { return failed(page, format!("There is no lesson {id}.")) };
            TrialResult::Lesson(id, lesson.run(&mut bench).map_err(reason))
        }
        LessonPage::Table => TrialResult::Table(measure_table(&mut bench).map_err(reason)),
    }
}
