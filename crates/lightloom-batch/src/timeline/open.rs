//! An activity of a lane while it goes on.

use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

use super::{Activity, LaneSpans, Span, Timeline};

/// An activity under way, until it is dropped.
///
/// A lane that waits for strips of its picture may work on another picture meanwhile. The outer activity is then kept in
/// pieces, so that spans of a lane never overlap and no time counts twice.
pub struct Open<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) lane: Option<&'a LaneSpans>,
    pub(super) activity: Activity,
    pub(super) job: Option<u32>,
    pub(super) begin: u64,
    /// What the lane did before and goes on with afterwards.
    pub(super) outer: u64,
    /// What had ended on the lane when this began.
    pub(super) ended: [u64; 2],
    pub(super) cpu: Cpu,
    /// If it was several activities that took turns: how long each took.
    pub(super) turns: Vec<(Activity, Duration)>,
}

impl Open<'_> {
    /// It was several activities that took turns, too short to be spans of their own: what belongs to each is put together,
    /// and its processor time is taken to be as large a share as its time.
    pub(crate) fn took_turns(&mut self, turns: impl Iterator<Item = (Activity, Duration)>) {
        self.turns = turns.collect();
    }

    /// Counts the time since `begun` as part of the activity.
    pub(crate) fn since(mut self, begun: Instant) -> Self {
        let begin = begun.saturating_duration_since(self.timeline.began).as_nanos();
        self.begin = u64::try_from(begin).unwrap_or(u64::MAX).min(self.begin);
        if let Some(lane) = self.lane {
            lane.begin.store(self.begin, Relaxed);
        }
        self
    }

    /// Counts processor time that another process used, instead of this thread's.
    pub(crate) fn set_cpu_nanos(&mut self, nanos: u64) {
        self.cpu = Cpu::Nanos(nanos);
    }
}

impl Open<'_> {
    /// The activities that it was, and from which share of its time to which.
    fn parts(&self) -> Vec<(Activity, Range<f64>)> {
        let all: Duration = self.turns.iter().map(|(_, spent)| *spent).sum();
        if all.is_zero() {
            return vec![(self.activity, 0.0..1.0)];
        }
        let (mut past, mut parts) = (Duration::ZERO, Vec::new());
        for (activity, spent) in self.turns.iter().filter(|(_, spent)| !spent.is_zero()) {
            let begin = past.as_secs_f64() / all.as_secs_f64();
            past += *spent;
            parts.push((*activity, begin..past.as_secs_f64() / all.as_secs_f64()));
        }
        parts
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let end = self.timeline.now();
        let cpu = match &self.cpu {
            Cpu::OfThread(begun) => begun.elapsed().as_nanos() as u64,
            Cpu::Nanos(nanos) => *nanos,
        };
        // What ran meanwhile on the same lane has been counted as its own.
        let inner = self.lane.map_or([0; 2], |lane| {
            let now = lane.ended();
            [now[0] - self.ended[0], now[1] - self.ended[1]]
        });
        let own = [(end - self.begin).saturating_sub(inner[0]), cpu.saturating_sub(inner[1])];
        let parts = self.parts();
        let cut = |length: u64, until: f64| (length as f64 * until) as u64;
        for (activity, Range { start, end }) in &parts {
            for (sum, own) in self.timeline.sums[*activity as usize].iter().zip(own) {
                sum.fetch_add(cut(own, *end) - cut(own, *start), Relaxed);
            }
        }
        let Some(lane) = self.lane else { return };
        for (sum, own) in lane.ended.iter().zip(own) {
            sum.fetch_add(own, Relaxed);
        }
        let begin = lane.begin.load(Relaxed).min(end);
        for (activity, part) in parts {
            let (begin, end) = (begin + cut(end - begin, part.start), begin + cut(end - begin, part.end));
            self.timeline.push(lane, Span { activity, job: self.job, begin, end });
        }
        lane.now.store(self.outer, Relaxed);
        lane.begin.store(end, Relaxed);
    }
}

/// Where the processor time of an activity is counted.
pub(super) enum Cpu {
    /// By the clock of the thread that is on the lane.
    OfThread(ThreadTime),
    /// Elsewhere: this many nanoseconds.
    Nanos(u64),
}
