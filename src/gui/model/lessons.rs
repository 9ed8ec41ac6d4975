//! The lessons: which is shown, what goes on, and what they showed on this machine.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::batch::{Control, Timeline};
use crate::lab::lessons::{Drawing, LESSONS, MeasuredTable, Outcome, Prediction};

/// What of the lessons fills the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LessonPage {
    /// The lesson with this id.
    Lesson(&'static str),
    /// The comparison of threads and processes.
    Table,
}

/// Something to do with the lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LessonAction {
    /// Opens the lab at this page.
    Open(LessonPage),
    /// Tries the lesson, or measures the table.
    Try(LessonPage),
    Stop,
}

/// A part of a lesson that is being tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonStep {
    pub what: String,
    /// Parts before it, and all of what goes on at the moment.
    pub done: usize,
    pub total: usize,
}

/// What lanes do at the moment.
#[derive(Debug)]
pub struct LiveRun {
    pub timeline: Arc<Timeline>,
    /// Stops it; `None` for an experiment without pictures.
    pub control: Option<Arc<Control>>,
}

/// A lesson that is being tried.
#[derive(Debug)]
pub struct Trial {
    pub page: LessonPage,
    pub step: Option<LessonStep>,
    pub prediction: Option<Prediction>,
    pub live: Option<LiveRun>,
    /// What the lanes have done so far.
    pub drawing: Option<Drawing>,
    stop: Arc<AtomicBool>,
}

impl Trial {
    /// One that begins now and ends once `stop` is set.
    pub const fn new(page: LessonPage, stop: Arc<AtomicBool>) -> Self {
        Self { page, step: None, prediction: None, live: None, drawing: None, stop }
    }

    pub fn stop(&self) {
        self.stop.store(true, Relaxed);
        if let Some(control) = self.live.as_ref().and_then(|live| live.control.as_ref()) {
            control.stop();
        }
    }

    /// Whether it has been told to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }

    /// How much of the present part is done, 0 to 1.
    pub fn share(&self) -> f32 {
        self.step.as_ref().map_or(0.0, |step| step.done as f32 / step.total.max(1) as f32)
    }

    pub fn description(&self) -> &str {
        match &self.step {
            _ if self.is_stopped() => "Stopping…",
            None => "Preparing…",
            Some(step) => &step.what,
        }
    }

    /// Takes in what the lanes have done since the last time.
    pub fn follow(&mut self) {
        if let Some(LiveRun { timeline, control }) = &self.live {
            self.drawing = Some(Drawing::of("What the lanes do", timeline, control.is_some()));
        }
    }
}

/// What the window knows of the lessons.
#[derive(Debug)]
pub struct LessonsState {
    pub page: LessonPage,
    pub trial: Option<Trial>,
    /// What lessons showed, by id, or why they showed nothing.
    pub outcomes: BTreeMap<&'static str, Result<Outcome, String>>,
    pub table: Option<Result<MeasuredTable, String>>,
}

impl Default for LessonsState {
    fn default() -> Self {
        Self { page: LessonPage::Lesson(LESSONS[0].id), trial: None, outcomes: BTreeMap::new(), table: None }
    }
}
