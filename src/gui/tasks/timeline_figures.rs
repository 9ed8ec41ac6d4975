//! Computes the figures below the lanes of the timeline, one run at a time.

use std::time::{Duration, Instant};

use egui::Context;

use crate::gui::model::timelines::{Figures, FiguresRequest, Timelines};
use crate::gui::tasks::one_shot::OneShot;

/// Shortest time between two computations for a run in progress.
const INTERVAL: Duration = Duration::from_millis(400);

/// The computation in progress, and when the next may begin.
#[derive(Debug, Default)]
pub struct TimelineFigures {
    computing: Option<OneShot<Figures>>,
    due: Option<Instant>,
}

impl TimelineFigures {
    /// Stores figures that have been computed.
    pub fn collect(&mut self, timelines: &mut Timelines) {
        if let Some(figures) = OneShot::take(&mut self.computing) {
            timelines.set_figures(figures);
        }
    }

    /// Computes the figures of a run on screen if they are behind.
    pub fn update(&mut self, ctx: &Context, timelines: &Timelines) {
        if self.computing.is_some() {
            return;
        }
        let now = Instant::now();
        let Some(request) = timelines.figures_behind(self.due.is_none_or(|due| now >= due)) else { return };
        self.computing = OneShot::spawn(ctx, "lightloom-series", move || {
            let FiguresRequest { run, spans, trace } = request;
            // The trace is released with the request, before the window hears of the figures and goes on with it.
            let (until, series) = (trace.end, trace.series());
            drop(trace);
            Figures { run, spans, until, series }
        });
        self.due = Some(now + INTERVAL);
    }
}
