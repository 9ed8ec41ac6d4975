//! The timelines of the last runs: followed while a run is in progress, kept after it.
//!
//! The trace of a run is shared by an [`Arc`] with the thread that computes the figures below the lanes. While that
//! thread holds it, [`Timelines::follow`] leaves the run as it is.

use std::sync::Arc;

use crate::batch::{Activity, Timeline};
use crate::gui::text;
use crate::lab::{Series, Steps, Trace};

/// Runs that are kept.
const RUNS: usize = 8;
/// Spans that are kept over all runs; the oldest runs go first.
const SPANS: usize = 1_500_000;

/// Which part of the time is shown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum TimeView {
    /// All of it, as it grows.
    #[default]
    Fit,
    /// The last so many nanoseconds, as it grows.
    Follow(f64),
    /// From one instant to another, in nanoseconds.
    Range(f64, f64),
}

/// Time of a lane by activity, in nanoseconds.
pub type Sums = [u64; Activity::ALL.len()];

/// The timeline of one run.
#[derive(Debug)]
pub struct TimelineRun {
    /// Its number, counted from 1.
    pub id: u64,
    /// What its lanes did.
    pub trace: Arc<Trace>,
    /// Its own timeline while it is in progress.
    pub live: Option<Arc<Timeline>>,
    /// Figures below the lanes.
    pub series: Series,
    /// The highest value of each of them.
    pub highest: [u32; 3],
    /// Sums per lane.
    pub sums: Vec<Sums>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Revision of the list of pictures.
    revision: u64,
    /// It has ended, but its last spans have not been read yet.
    ended: bool,
    summed: Vec<usize>,
    /// Spans that the figures take into account.
    in_series: Option<usize>,
    /// Until when they are known, in nanoseconds.
    in_series_until: u64,
}

impl TimelineRun {
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

    /// Number, workers and duration.
    pub fn title(&self) -> String {
        let how = if self.stopped { ", stopped" } else { "" };
        format!("Run {}: {}, {}{how}", self.id, self.trace.settings.describe(), text::nanoseconds(self.trace.end))
    }

    /// Until when the figures below the lanes are known: work in progress is not included yet.
    pub fn known_until(&self) -> u64 {
        let Some(timeline) = &self.live else { return self.trace.end };
        let begins = (0..self.trace.lanes.len()).filter_map(|lane| timeline.current(lane));
        let ended = self.in_series_until.max(1);
        begins.filter(|span| span.activity.is_work()).map(|span| span.begin).fold(ended, u64::min)
    }

    /// What the lane at `index` did with the run's time.
    pub fn shares(&self, index: usize) -> LaneShares {
        let mut shares = LaneShares::default();
        let Some(sums) = self.sums.get(index) else { return shares };
        let mut sums = *sums;
        if let Some(span) = self.live.as_ref().and_then(|timeline| timeline.current(index)) {
            sums[span.activity as usize] += self.trace.end.saturating_sub(span.begin);
        }
        for (activity, nanos) in Activity::ALL.into_iter().zip(sums) {
            let share = if activity.is_work() {
                &mut shares.work
            } else if activity.is_wait() {
                &mut shares.wait
            } else {
                &mut shares.disk
            };
            *share += nanos as f64 / self.trace.end.max(1) as f64;
        }
        shares
    }
}

/// Shares of a run's time, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LaneShares {
    /// Computing.
    pub work: f64,
    /// Reading and writing.
    pub disk: f64,
    pub wait: f64,
}

/// The figures below the lanes that are to be computed for a run.
#[derive(Debug)]
pub struct FiguresRequest {
    pub run: u64,
    pub spans: usize,
    pub trace: Arc<Trace>,
}

/// The figures below the lanes of a run.
#[derive(Debug)]
pub struct Figures {
    pub run: u64,
    /// Spans that they take into account.
    pub spans: usize,
    /// Until when they are known, in nanoseconds.
    pub until: u64,
    pub series: Series,
}

/// The last runs, and which of them are shown.
#[derive(Debug)]
pub struct Timelines {
    runs: Vec<TimelineRun>,
    next_id: u64,
    shown: Option<u64>,
    other: Option<u64>,
    /// Which part of the time is shown.
    pub view: TimeView,
}

impl Default for Timelines {
    fn default() -> Self {
        Self { runs: Vec::new(), next_id: 1, shown: None, other: None, view: TimeView::Fit }
    }
}

impl Timelines {
    /// The runs, oldest first.
    pub fn runs(&self) -> &[TimelineRun] {
        &self.runs
    }

    fn find(&self, id: Option<u64>) -> Option<&TimelineRun> {
        self.runs.iter().find(|run| Some(run.id) == id)
    }

    /// The run that is shown: the chosen one, or else the last.
    pub fn shown(&self) -> Option<&TimelineRun> {
        self.find(self.shown).or(self.runs.last())
    }

    /// The run below it, for comparison.
    pub fn other(&self) -> Option<&TimelineRun> {
        self.find(self.other).filter(|other| self.shown().is_some_and(|shown| shown.id != other.id))
    }

    /// Shows a run; the last one if `id` is `None`.
    pub fn show(&mut self, id: Option<u64>) {
        self.shown = id;
        self.view = TimeView::Fit;
    }

    /// Shows another run below it, or none.
    pub fn compare(&mut self, id: Option<u64>) {
        self.other = id;
        self.view = TimeView::Fit;
    }

    /// A run begins. Runs of other sets of pictures are dropped.
    pub fn begin(&mut self, trace: Trace, timeline: Arc<Timeline>, revision: u64) {
        self.runs.retain(|run| run.revision == revision);
        while self.runs.len() >= RUNS || self.runs.iter().map(TimelineRun::spans).sum::<usize>() > SPANS {
            self.runs.remove(0);
        }
        self.runs.push(TimelineRun {
            id: self.next_id,
            trace: Arc::new(trace),
            live: Some(timeline),
            series: Series::default(),
            highest: [0; 3],
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

    /// The run in progress has ended.
    pub fn end(&mut self, stopped: bool) {
        if let Some(run) = self.runs.last_mut() {
            run.ended = true;
            run.stopped = stopped;
        }
    }

    /// Reads the new spans of runs in progress.
    pub fn follow(&mut self) {
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
    }

    /// The figures to compute next, for a run on screen whose figures are behind. Those of a run in progress are only
    /// wanted if `live` is set; those of a finished run always, so that a window at rest shows all of it.
    pub fn figures_behind(&self, live: bool) -> Option<FiguresRequest> {
        let shown = [self.shown(), self.other()];
        let run = shown
            .into_iter()
            .flatten()
            .find(|run| run.in_series != Some(run.spans()) && (run.live.is_none() || live))?;
        Some(FiguresRequest { run: run.id, spans: run.spans(), trace: Arc::clone(&run.trace) })
    }

    /// Stores computed figures.
    pub fn set_figures(&mut self, figures: Figures) {
        if let Some(run) = self.runs.iter_mut().find(|run| run.id == figures.run) {
            let Series { busy, waiting_for_core, waiting_for_writer } = &figures.series;
            let highest = |steps: &Steps| steps.iter().map(|(_, level)| *level).max().unwrap_or(0);
            run.highest = [busy, waiting_for_core, waiting_for_writer].map(highest);
            run.series = figures.series;
            run.in_series = Some(figures.spans);
            run.in_series_until = figures.until;
        }
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
            results: crate::batch::ResultSettings::default(),
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
    fn a_lane_reports_how_it_spent_its_time() {
        let mut timelines = Timelines::default();
        kept(&mut timelines, 1);
        let run = &mut timelines.runs[0];
        run.sum_up();
        run.sum_up();
        assert_eq!(run.shares(0), LaneShares { work: 0.5, ..LaneShares::default() });
        assert_eq!(run.shares(7), LaneShares::default());
    }
}
