//! What the actions of the lessons do, and what follows from the messages of a trial.

use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::action::LabAction;
use crate::gui::model::lab::LabTab;
use crate::gui::model::lessons::{LessonAction, LessonPage};
use crate::gui::model::notice::Notice;
use crate::gui::tasks::lesson::{LessonTask, TrialEvent, TrialResult, try_lesson};
use crate::lab::Study;

/// Most pictures given to a lesson.
const PICTURES: usize = 64;

impl Dispatcher<'_> {
    pub(super) fn use_lessons(&mut self, action: LessonAction) {
        let state = &mut *self.state;
        match action {
            LessonAction::Open(page) => {
                state.lessons.page = page;
                self.use_lab(LabAction::Open(LabTab::Lessons));
            }
            LessonAction::Try(page) => self.try_lesson(page),
            LessonAction::Stop => {
                if let Some(trial) = &state.lessons.trial {
                    trial.stop();
                }
            }
        }
    }

    fn try_lesson(&mut self, page: LessonPage) {
        let files = Study::sample(&self.state.pictures.files(), PICTURES);
        match try_lesson(self.ctx, page, files, self.state.settings.clone()) {
            Ok((task, trial)) => {
                self.tasks.lesson = Some(task);
                self.tasks.thumbnails.throttle(true);
                let lessons = &mut self.state.lessons;
                match page {
                    LessonPage::Lesson(id) => drop(lessons.outcomes.remove(id)),
                    LessonPage::Table => lessons.table = None,
                }
                lessons.trial = Some(trial);
            }
            Err(error) => self.state.notify(Notice::error(format!("The lesson could not start: {error}."))),
        }
    }

    /// Handles the messages of a trial.
    pub(super) fn poll_lessons(&mut self) {
        while let Some(event) = self.tasks.lesson.as_mut().and_then(LessonTask::next) {
            let lessons = &mut self.state.lessons;
            match (event, &mut lessons.trial) {
                (TrialEvent::Ended(result), _) => {
                    let was_stopped = lessons.trial.take().is_some_and(|trial| trial.is_stopped());
                    match *result {
                        _ if was_stopped => self.state.notify(Notice::info("The lesson was stopped.")),
                        TrialResult::Lesson(id, outcome) => drop(lessons.outcomes.insert(id, outcome)),
                        TrialResult::Table(table) => lessons.table = Some(table),
                    }
                    self.tasks.lesson = None;
                    self.tasks.thumbnails.throttle(false);
                    self.ctx.request_repaint();
                }
                (TrialEvent::Step(step), Some(trial)) => trial.step = Some(step),
                (TrialEvent::Predicted(prediction), Some(trial)) => trial.prediction = Some(prediction),
                (TrialEvent::Live(live), Some(trial)) => {
                    // It may have been stopped between two runs.
                    if trial.is_stopped()
                        && let Some(control) = &live.control
                    {
                        control.stop();
                    }
                    trial.live = Some(live);
                }
                (_, None) => {}
            }
        }
        if let (Some(trial), Some(task)) = (&mut self.state.lessons.trial, &self.tasks.lesson) {
            trial.follow();
            self.ctx.request_repaint_after(task.frame_interval());
        }
    }
}
