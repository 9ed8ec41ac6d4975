//! The stages of a picture on a lane, as events and in the timeline.

use std::thread;
use std::time::Duration;

use super::Run;
use crate::event::{Event, ImageState, Lane, Stage};
use crate::stage::{Beside, Stages};
use crate::timeline::{Activity, Open};

/// The stages of a picture on one lane, one at a time.
pub(crate) struct Spans<'a> {
    pub(super) run: &'a Run,
    pub(super) lane: Lane,
    pub(super) job: usize,
    /// The activity under way; a sync is one without being a stage of its own.
    pub(super) open: Option<(Option<Stage>, Open<'a>)>,
}

impl Spans<'_> {
    /// Ends the stage before, if any, and begins this one.
    pub fn enter(&mut self, stage: Stage) {
        self.leave();
        self.run.progress.set(self.job, ImageState::In(stage));
        self.run.sink.event(Event::Entered { lane: self.lane, job: self.job, stage });
        self.open = Some((Some(stage), self.run.timeline.begin(self.lane, Some(self.job), stage.into())));
    }

    /// Sets the processor time of the stage under way, which another process used.
    pub fn set_cpu_nanos(&mut self, nanos: u64) {
        if let Some((_, open)) = &mut self.open {
            open.set_cpu_nanos(nanos);
        }
    }

    /// Ends the stage under way and begins an activity that is none, until the next stage begins.
    pub fn switch_to(&mut self, activity: Activity) {
        self.leave();
        self.open = Some((None, self.run.timeline.begin(self.lane, Some(self.job), activity)));
    }

    fn leave(&mut self) {
        let Some((stage, open)) = self.open.take() else { return };
        drop(open);
        if let Some(stage) = stage {
            self.run.sink.event(Event::Left { lane: self.lane, job: self.job, stage });
        }
    }
}

impl Stages for Spans<'_> {
    fn enter(&mut self, stage: Stage) {
        Spans::enter(self, stage);
    }

    fn took_turns(&mut self, turns: &[(Stage, Duration)]) {
        if let Some((_, open)) = &mut self.open {
            open.took_turns(turns.iter().map(|(stage, spent)| ((*stage).into(), *spent)));
        }
    }

    fn beside<'b>(&self) -> Beside<'b>
    where
        Self: 'b,
    {
        let (run, job, lane, thread) = (self.run, self.job, self.lane, thread::current().id());
        Box::new(move |activity| {
            let lane = if thread::current().id() == thread { Some(lane) } else { run.lane_of_pool_worker() };
            Some(run.timeline.begin(lane, Some(job), activity))
        })
    }
}

impl Drop for Spans<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}
