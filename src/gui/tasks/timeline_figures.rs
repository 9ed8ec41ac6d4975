//! Computes the figures below the lanes of the timeline, one run at a time.

use std::time::{Duration, Instant};

use egui::Context;

use crate::gui::model::timelines::{Figures, FiguresRequest, Timelines};
use crate::gui::tasks::one_shot::OneShot;

/// Shortest time between two computations for a run in progress.
const INTERVAL: Duration = Duration::from_millis(400);
/// Share of a core that they may take from the run: those of a long run are computed less often.
const SHARE: f64 = 0.02;

/// The computation in progress, and when the next may begin.
#[derive(Debug, Default)]
pub struct TimelineFigures {
    computing: Option<OneShot<Figures>>,
    begun: Option<Instant>,
    due: Option<Due>,
}

/// When the figures of a run in progress may be computed again.
#[derive(Debug, Clone, Copy)]
struct Due {
    run: u64,
    at: Instant,
}

impl TimelineFigures {
    /// Stores figures that have been computed.
    pub fn collect(&mut self, timelines: &mut Timelines) {
        if let Some(figures) = OneShot::take(&mut self.computing) {
            let run = figures.run;
            timelines.set_figures(figures);
            let took = self.begun.take().map_or(Duration::ZERO, |begun| begun.elapsed());
            self.due = Some(Due { run, at: Instant::now() + took.div_f64(SHARE).max(INTERVAL) });
        }
    }

    /// Computes the figures of a run on screen if they are behind.
    pub fn update(&mut self, ctx: &Context, timelines: &Timelines) {
        if self.computing.is_some() {
            return;
        }
        let now = Instant::now();
        let is_shown = |run| timelines.shown().is_some_and(|shown| shown.id == run);
        let is_due = self.due.is_none_or(|due| now >= due.at || !is_shown(due.run));
        let Some(request) = timelines.figures_behind(is_due) else { return };
        self.computing = OneShot::spawn(ctx, "lightloom-series", move || {
            let FiguresRequest { run, spans, trace } = request;
            // The trace is released with the request, before the window hears of the figures and goes on with it.
            let (until, series) = (trace.end, trace.series());
            drop(trace);
            Figures { run, spans, until, series }
        });
        self.begun = Some(now);
    }
}
