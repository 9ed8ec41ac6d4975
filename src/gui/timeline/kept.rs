//! The timelines of the last runs: followed while a run goes on, kept after it.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::Context;

use super::axis::{TimeView, span_words};
use crate::batch::{Activity, Timeline};
use crate::lab::{Series, Trace};

/// Runs that are kept.
const RUNS: usize = 8;
/// Spans that are kept over all runs; the oldest runs go first.
const SPANS: usize = 4_000_000;
/// Shortest time between two computations of the figures below the lanes.
const SERIES_EVERY: Duration = Duration::from_millis(400);

/// Time of a lane by activity, in nanoseconds.
pub type Sums = [u64; Activity::ALL.len()];

/// One run.
#[derive(Debug)]
pub struct Kept {
    /// Its number, from 1 on.
    pub id: u64,
    /// What its lanes did.
    pub trace: Arc<Trace>,
    /// Its own timeline while it goes on.
    pub live: Option<Arc<Timeline>>,
    /// Figures below the lanes.
    pub series: Series,
    /// Sums by lane.
    pub sums: Vec<Sums>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// The set of pictures that it carried.
    revision: u64,
    /// It has ended, but its last spans are not taken in yet.
    ended: bool,
    summed: Vec<usize>,
    /// Spans that the figures take account of.
    in_series: Option<usize>,
    /// Until when they do, in nanoseconds.
    in_series_until: u64,
}

impl Kept {
    fn spans(&self) -> usize {
        self.trace.lanes.iter().map(|(_, spans)| spans.len()).sum()
    }

    fn sum_up(&mut self) {
        self.sums.resize(self.trace.lanes.len(), Sums::default());
        self.summed.resize(self.trace.lanes.len(), 0);
        for (index, (_, spans)) in self.trace.lanes.iter().enumerate() {
            for span in &spans[self.summed[index]..] {
                self.sums[index][span.activity as usize] += span.end - span.begin;
            }
            self.summed[index] = spans.len();
        }
    }

    /// Number, workers and length.
    pub fn title(&self) -> String {
        let how = if self.stopped { ", stopped" } else { "" };
        format!("Run {}: {}, {}{how}", self.id, self.trace.settings.describe(), span_words(self.trace.end))
    }

    /// Until when the figures below the lanes are known: work under way is not in them yet.
    pub fn known_until(&self) -> u64 {
        let Some(timeline) = &self.live else { return self.trace.end };
        let begins = (0..self.trace.lanes.len()).filter_map(|lane| timeline.current(lane));
        let ended = self.in_series_until.max(1);
        begins.filter(|span| span.activity.is_work()).map(|span| span.begin).fold(ended, u64::min)
    }

    /// Shares of the run's time that the lane at `index` worked, read or wrote, and waited.
    pub fn shares(&self, index: usize) -> [f64; 3] {
        let mut shares = [0.0; 3];
        let Some(sums) = self.sums.get(index) else { return shares };
        let mut sums = *sums;
        if let Some(span) = self.live.as_ref().and_then(|timeline| timeline.current(index)) {
            sums[span.activity as usize] += self.trace.end.saturating_sub(span.begin);
        }
        for (activity, nanos) in Activity::ALL.into_iter().zip(sums) {
            let kind = if activity.is_work() {
                0
            } else if activity.is_wait() {
                2
            } else {
                1
            };
            shares[kind] += nanos as f64 / self.trace.end.max(1) as f64;
        }
        shares
    }
}

/// Figures below the lanes, as another thread computed them.
#[derive(Debug)]
struct Computed {
    id: u64,
    spans: usize,
    until: u64,
    series: Series,
}

/// The last runs, and which of them is shown how.
#[derive(Debug)]
pub struct Timelines {
    runs: Vec<Kept>,
    next_id: u64,
    shown: Option<u64>,
    other: Option<u64>,
    /// Which part of the time is shown.
    pub view: TimeView,
    sender: Sender<Computed>,
    ready: Receiver<Computed>,
    computing: bool,
    due: Instant,
}

impl Default for Timelines {
    fn default() -> Self {
        // Bounded to the one computation under way.
        let (sender, ready) = bounded(1);
        Self {
            runs: Vec::new(),
            next_id: 1,
            shown: None,
            other: None,
            view: TimeView::Fit,
            sender,
            ready,
            computing: false,
            due: Instant::now(),
        }
    }
}

impl Timelines {
    /// The runs, oldest first.
    pub fn runs(&self) -> &[Kept] {
        &self.runs
    }

    fn find(&self, id: Option<u64>) -> Option<&Kept> {
        self.runs.iter().find(|run| Some(run.id) == id)
    }

    /// The run that is shown: the chosen one, or else the last.
    pub fn shown(&self) -> Option<&Kept> {
        self.find(self.shown).or(self.runs.last())
    }

    /// The run below it.
    pub fn other(&self) -> Option<&Kept> {
        self.find(self.other).filter(|other| self.shown().is_some_and(|shown| shown.id != other.id))
    }

    /// Shows a run; the last one if `id` is none.
    pub fn show(&mut self, id: Option<u64>) {
        self.shown = id;
        self.view = TimeView::Fit;
    }

    /// Puts another run below it, or none.
    pub fn compare(&mut self, id: Option<u64>) {
        self.other = id;
        self.view = TimeView::Fit;
    }

    /// A run begins. Runs of other sets of pictures go.
    pub fn begin(&mut self, trace: Trace, timeline: Arc<Timeline>, revision: u64) {
        self.runs.retain(|run| run.revision == revision);
        while self.runs.len() >= RUNS || self.runs.iter().map(Kept::spans).sum::<usize>() > SPANS {
            self.runs.remove(0);
        }
        self.runs.push(Kept {
            id: self.next_id,
            trace: Arc::new(trace),
            live: Some(timeline),
            series: Series::default(),
            sums: Vec::new(),
            stopped: false,
            revision,
            ended: false,
            summed: Vec::new(),
            in_series: None,
            in_series_until: 0,
        });
        self.next_id += 1;
        self.show(None);
    }

    /// The run under way has ended.
    pub fn end(&mut self, stopped: bool) {
        if let Some(run) = self.runs.last_mut() {
            run.ended = true;
            run.stopped = stopped;
        }
    }

    /// Takes in what is new. `visible` says whether the figures below the lanes are wanted.
    pub fn take_up(&mut self, ctx: &Context, visible: bool) {
        if let Ok(Computed { id, spans, until, series }) = self.ready.try_recv() {
            self.computing = false;
            if let Some(run) = self.runs.iter_mut().find(|run| run.id == id) {
                run.series = series;
                run.in_series = Some(spans);
                run.in_series_until = until;
            }
        }
        for run in &mut self.runs {
            let Some(timeline) = &run.live else { continue };
            // While another thread reads the trace it stays as it is; that thread asks for a frame when it is done.
            let Some(trace) = Arc::get_mut(&mut run.trace) else { continue };
            if run.ended {
                trace.finish(timeline);
                run.live = None;
            } else {
                trace.follow(timeline);
            }
            run.sum_up();
        }
        if visible {
            self.compute_series(ctx);
        }
    }

    /// Computes the figures of a shown run in the background if they are behind.
    fn compute_series(&mut self, ctx: &Context) {
        if self.computing {
            return;
        }
        let shown = [self.shown(), self.other()];
        let now = Instant::now();
        let behind = shown.into_iter().flatten().find(|run| {
            let behind = run.in_series != Some(run.spans());
            // The last computation of a run comes at once, so that a window at rest shows all of it.
            behind && (run.live.is_none() || now >= self.due)
        });
        let Some(run) = behind else { return };
        let (id, spans, trace) = (run.id, run.spans(), Arc::clone(&run.trace));
        let (sender, ctx) = (self.sender.clone(), ctx.clone());
        let compute = move || {
            let (until, series) = (trace.end, trace.series());
            drop(trace);
            let _ = sender.send(Computed { id, spans, until, series });
            ctx.request_repaint();
        };
        self.computing = thread::Builder::new().name("lightloom-series".to_owned()).spawn(compute).is_ok();
        self.due = now + SERIES_EVERY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Lane, Settings, Span};

    fn trace(millis: u64) -> Trace {
        let span = Span { activity: Activity::Filter, job: Some(0), begin: 0, end: millis * 1_000_000 };
        Trace {
            settings: Settings::default(),
            lanes: vec![(Lane::Core(0), vec![span])],
            names: vec!["a.jpg".to_owned()],
            end: 2 * millis * 1_000_000,
            missed: 0,
        }
    }

    fn kept(timelines: &mut Timelines, revision: u64) {
        let batch = crate::batch::Batch {
            jobs: Vec::new(),
            recipe: crate::recipe::Recipe::default(),
            settings: Settings::default(),
        };
        let running = crate::batch::start(batch, Arc::new(|_| {})).unwrap();
        timelines.begin(trace(5), Arc::clone(running.timeline()), revision);
        running.wait();
    }

    #[test]
    fn runs_of_this_set_are_kept_and_no_more_than_several() {
        let mut timelines = Timelines::default();
        for _ in 0..RUNS + 2 {
            kept(&mut timelines, 1);
        }
        assert_eq!(timelines.runs().len(), RUNS);
        assert_eq!(timelines.shown().map(|run| run.id), Some(RUNS as u64 + 2));
        timelines.compare(Some(4));
        assert_eq!(timelines.other().map(|run| run.id), Some(4));
        timelines.show(Some(4));
        assert!(timelines.other().is_none(), "a run is not compared with itself");
        kept(&mut timelines, 2);
        assert_eq!(timelines.runs().len(), 1, "another set of pictures begins anew");
    }

    #[test]
    fn a_lane_says_what_it_did_with_its_time() {
        let mut timelines = Timelines::default();
        kept(&mut timelines, 1);
        let run = &mut timelines.runs[0];
        run.sum_up();
        run.sum_up();
        assert_eq!(run.shares(0), [0.5, 0.0, 0.0]);
        assert_eq!(run.shares(7), [0.0; 3]);
    }
}
