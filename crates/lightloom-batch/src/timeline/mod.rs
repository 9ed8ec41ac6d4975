//! What each lane did and when: spans, recorded without a lock while a run goes on and readable at any moment.
//!
//! Recording a span costs two readings of the clock and one push onto a list of its lane, which nobody else writes to.
//!
//! The run records it, not the executors: whatever goes through `Run::spans` or `Run::waiting` is on it. The sums by
//! activity are exact even where there are more spans than are kept. `benches/timeline.rs` measures the cost.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

mod open;

use open::Cpu;
pub use open::Open;

use super::{Lane, Stage};

/// What a lane does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Bytes from the disk.
    Read,
    /// Bytes to pixels.
    Decode,
    /// The filter stack.
    Filter,
    /// Pixels to bytes.
    Encode,
    /// Bytes to the disk.
    Write,
    /// Waits until the disk has them for certain.
    Sync,
    /// Waits for a place in a queue, or for something in it.
    WaitQueue,
    /// Waits for memory to be given back.
    WaitMemory,
    /// Waits for its turn at the one lock.
    WaitTurn,
    /// A worker process starts.
    Start,
}

impl From<Stage> for Activity {
    fn from(stage: Stage) -> Self {
        Self::ALL[stage as usize]
    }
}

impl Activity {
    /// All activities; the first five are the stages in order.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::Decode,
        Self::Filter,
        Self::Encode,
        Self::Write,
        Self::Sync,
        Self::WaitQueue,
        Self::WaitMemory,
        Self::WaitTurn,
        Self::Start,
    ];

    /// The words that a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Decode => "decode",
            Self::Filter => "filter",
            Self::Encode => "encode",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::WaitQueue => "wait for queue",
            Self::WaitMemory => "wait for memory",
            Self::WaitTurn => "wait for the lock",
            Self::Start => "start process",
        }
    }

    /// Whether a core computes.
    pub const fn is_work(self) -> bool {
        matches!(self, Self::Decode | Self::Filter | Self::Encode)
    }

    /// Whether nothing is done for a picture.
    pub const fn is_wait(self) -> bool {
        matches!(self, Self::WaitQueue | Self::WaitMemory | Self::WaitTurn | Self::Start)
    }
}

/// One activity of one lane. Times are nanoseconds since the start of the run; pauses are part of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// What.
    pub activity: Activity,
    /// Index of the picture; none for a wait that belongs to no picture.
    pub job: Option<u32>,
    /// When it began.
    pub begin: u64,
    /// When it ended, not before `begin`.
    pub end: u64,
}

/// Sums of one activity over all lanes.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Spent {
    /// Elapsed seconds.
    pub wall_secs: f64,
    /// Processor seconds.
    pub cpu_secs: f64,
}

/// Spans of a run by lane.
#[derive(Debug)]
pub struct Timeline {
    began: Instant,
    lanes: Box<[LaneSpans]>,
    sums: [[AtomicU64; 2]; Activity::ALL.len()],
    room: AtomicU64,
    missed: AtomicU64,
}

#[derive(Debug)]
struct LaneSpans {
    lane: Lane,
    spans: boxcar::Vec<Span>,
    /// The activity under way, packed by [`pack`]; 0 for none.
    now: AtomicU64,
    /// When the present piece of it began. Only the lane's own thread writes this and what follows.
    begin: AtomicU64,
    /// Elapsed and processor nanoseconds of everything that has ended on the lane.
    ended: [AtomicU64; 2],
}

/// Spans that one run keeps; later ones are counted as missed. At 32 bytes each, and 8 for its place in the list, they take
/// at most 80 MB. A picture leaves ten or so: a run of 100,000 takes 40 MB, however long it goes on.
const ROOM: u64 = 2_000_000;

impl Timeline {
    /// An empty timeline that begins now.
    pub fn new(lanes: Vec<Lane>) -> Self {
        Self {
            began: Instant::now(),
            lanes: lanes.into_iter().map(LaneSpans::of).collect(),
            sums: Default::default(),
            room: AtomicU64::new(ROOM),
            missed: AtomicU64::new(0),
        }
    }

    /// Begins an activity that ends when the returned guard is dropped. A lane does one thing at a time; what no lane, or one
    /// that is not among those of [`Self::new`], does is only summed.
    pub fn begin(&self, lane: impl Into<Option<Lane>>, job: Option<usize>, activity: Activity) -> Open<'_> {
        let job = job.map(|j| u32::try_from(j).unwrap_or(u32::MAX));
        let lane = lane.into().and_then(|lane| self.lanes.iter().find(|l| l.lane == lane));
        let begin = self.now();
        let outer = lane.map_or(0, |lane| {
            self.interrupt(lane, begin);
            lane.now.swap(pack(activity, job, begin), Relaxed)
        });
        let ended = lane.map_or([0; 2], LaneSpans::ended);
        Open {
            timeline: self,
            lane,
            activity,
            job,
            begin,
            outer,
            ended,
            cpu: Cpu::OfThread(ThreadTime::now()),
            turns: Vec::new(),
        }
    }

    /// Ends a piece of what a lane does at the moment, if anything, and begins the next.
    fn interrupt(&self, lane: &LaneSpans, at: u64) {
        if let Some((activity, job, _)) = unpack(lane.now.load(Relaxed)) {
            self.push(lane, Span { activity, job, begin: lane.begin.load(Relaxed).min(at), end: at });
        }
        lane.begin.store(at, Relaxed);
    }

    fn push(&self, lane: &LaneSpans, span: Span) {
        let room = self.room.fetch_update(Relaxed, Relaxed, |room| room.checked_sub(1));
        if room.is_ok() {
            lane.spans.push(span);
        } else {
            self.missed.fetch_add(1, Relaxed);
        }
    }

    /// Nanoseconds since the start of the run.
    pub fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// The lanes, in the order in which they are shown.
    pub fn lanes(&self) -> impl ExactSizeIterator<Item = Lane> + '_ {
        self.lanes.iter().map(|l| l.lane)
    }

    /// Appends the spans of the lane at `index` from the `from`th on to `out`, in the order in which they ended. Returns
    /// the number to ask from next time.
    pub fn read(&self, index: usize, from: usize, out: &mut Vec<Span>) -> usize {
        let spans = &self.lanes[index].spans;
        let mut next = from;
        // A span that is just being pushed ends the reading; it comes next time.
        while let Some(span) = spans.get(next) {
            out.push(*span);
            next += 1;
        }
        next
    }

    /// What the lane at `index` does at the moment. The end is the present time.
    pub fn current(&self, index: usize) -> Option<Span> {
        let (activity, job, begin) = unpack(self.lanes[index].now.load(Relaxed))?;
        Some(Span { activity, job, begin, end: self.now().max(begin) })
    }

    /// Spans that were not kept since there were too many.
    pub fn missed(&self) -> u64 {
        self.missed.load(Relaxed)
    }

    /// Processor time that the lanes have used in activities that have ended.
    pub fn cpu(&self) -> Duration {
        Duration::from_nanos(self.sums.iter().map(|[_, cpu]| cpu.load(Relaxed)).sum())
    }

    /// Time spent in an activity, summed over all lanes and over spans that have ended; exact also where spans were not
    /// kept.
    pub fn spent(&self, activity: Activity) -> Spent {
        let [wall, cpu] = self.sums[activity as usize].each_ref().map(|n| n.load(Relaxed) as f64 / 1e9);
        Spent { wall_secs: wall, cpu_secs: cpu }
    }
}

impl LaneSpans {
    fn of(lane: Lane) -> Self {
        Self {
            lane,
            spans: boxcar::Vec::new(),
            now: AtomicU64::new(0),
            begin: AtomicU64::new(0),
            ended: Default::default(),
        }
    }

    fn ended(&self) -> [u64; 2] {
        self.ended.each_ref().map(|sum| sum.load(Relaxed))
    }
}

/// Milliseconds in 32 bits, picture in 27, activity in 5, so that a lane's state is read as one.
fn pack(activity: Activity, job: Option<u32>, begin: u64) -> u64 {
    let job = job.map_or(0, |j| u64::from(j) + 1).min((1 << 27) - 1);
    (begin / 1_000_000) << 32 | job << 5 | (activity as u64 + 1)
}

fn unpack(state: u64) -> Option<(Activity, Option<u32>, u64)> {
    let activity = *Activity::ALL.get(((state & 31) as usize).checked_sub(1)?)?;
    let job = (state >> 5 & ((1 << 27) - 1)) as u32;
    Some((activity, job.checked_sub(1), (state >> 32) * 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_the_activity_of_its_name() {
        for stage in Stage::ALL {
            assert_eq!(Activity::from(stage).title(), stage.title());
        }
        for (index, activity) in Activity::ALL.into_iter().enumerate() {
            assert_eq!(activity as usize, index);
        }
    }

    #[test]
    fn the_state_of_a_lane_survives_packing_into_a_word() {
        for activity in Activity::ALL {
            for job in [None, Some(0), Some(700_000)] {
                assert_eq!(unpack(pack(activity, job, 5_000_000)), Some((activity, job, 5_000_000)));
            }
        }
        assert_eq!(unpack(0), None);
    }

    #[test]
    fn spans_are_kept_by_lane_and_summed_by_activity() {
        let timeline = Timeline::new(vec![Lane::Thread(0), Lane::Core(0)]);
        {
            let _read = timeline.begin(Lane::Thread(0), Some(3), Activity::Read);
            let current = timeline.current(0).unwrap();
            assert_eq!((current.activity, current.job), (Activity::Read, Some(3)));
            let mut filter = timeline.begin(Lane::Core(0), Some(2), Activity::Filter);
            filter.set_cpu_nanos(7_000_000_000);
        }
        drop(timeline.begin(Lane::Core(9), None, Activity::Filter));
        assert_eq!(timeline.current(0), None);
        let mut spans = Vec::new();
        assert_eq!(timeline.read(0, 0, &mut spans), 1);
        assert_eq!(timeline.read(0, 1, &mut spans), 1);
        assert_eq!((spans[0].activity, spans[0].job), (Activity::Read, Some(3)));
        assert!(spans[0].begin <= spans[0].end);
        let spent = timeline.spent(Activity::Filter);
        assert!(spent.cpu_secs >= 7.0 && spent.wall_secs < 7.0);
    }

    #[test]
    fn what_is_done_meanwhile_counts_once_and_never_overlaps() {
        let timeline = Timeline::new(vec![Lane::Core(0)]);
        let mut outer = timeline.begin(Lane::Core(0), Some(1), Activity::Filter);
        outer.set_cpu_nanos(0);
        for job in [2, 3] {
            let mut inner = timeline.begin(Lane::Core(0), Some(job), Activity::Decode);
            std::thread::sleep(Duration::from_millis(5));
            assert_eq!(timeline.current(0).unwrap().job, Some(job as u32));
            inner.set_cpu_nanos(0);
        }
        assert_eq!(timeline.current(0).unwrap().job, Some(1), "the outer one goes on");
        drop(outer);
        let mut spans = Vec::new();
        timeline.read(0, 0, &mut spans);
        let jobs: Vec<_> = spans.iter().filter_map(|span| span.job).collect();
        assert_eq!(jobs, [1, 2, 1, 3, 1]);
        assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].begin), "{spans:?}");
        let all: u64 = spans.iter().map(|span| span.end - span.begin).sum();
        let sum = timeline.spent(Activity::Filter).wall_secs + timeline.spent(Activity::Decode).wall_secs;
        assert!((sum - all as f64 / 1e9).abs() < 1e-3, "{sum} s against {all} ns");
        assert!(timeline.spent(Activity::Decode).wall_secs >= 0.01);
    }

    #[test]
    fn activities_that_took_turns_get_their_shares() {
        let timeline = Timeline::new(vec![Lane::Core(0)]);
        let mut open = timeline.begin(Lane::Core(0), Some(1), Activity::Decode);
        std::thread::sleep(Duration::from_millis(4));
        open.set_cpu_nanos(10_000_000_000);
        let spent = [(Activity::Decode, 2), (Activity::Filter, 0), (Activity::Encode, 6)];
        open.took_turns(spent.map(|(activity, millis)| (activity, Duration::from_millis(millis))).into_iter());
        drop(open);
        let mut spans = Vec::new();
        timeline.read(0, 0, &mut spans);
        assert_eq!(spans.iter().map(|span| span.activity).collect::<Vec<_>>(), [Activity::Decode, Activity::Encode]);
        assert_eq!(spans[0].end, spans[1].begin);
        let [decode, encode] = [0, 1].map(|i| (spans[i].end - spans[i].begin) as f64);
        assert!((encode / decode - 3.0).abs() < 0.01, "{spans:?}");
        let [decode, encode] = [Activity::Decode, Activity::Encode].map(|activity| timeline.spent(activity));
        assert_eq!((decode.cpu_secs, encode.cpu_secs), (2.5, 7.5));
        assert!((encode.wall_secs / decode.wall_secs - 3.0).abs() < 0.01);
        assert_eq!(timeline.cpu(), Duration::from_secs(10));
    }

    #[test]
    fn the_memory_of_a_timeline_is_bounded() {
        assert_eq!(size_of::<Span>(), 32);
        assert!(ROOM * (size_of::<Span>() as u64 + 8) <= 80_000_000);
    }

    #[test]
    fn a_full_timeline_counts_what_it_misses() {
        let timeline = Timeline::new(vec![Lane::Thread(0)]);
        timeline.room.store(1, Relaxed);
        for _ in 0..3 {
            drop(timeline.begin(Lane::Thread(0), None, Activity::WaitQueue));
        }
        assert_eq!(timeline.missed(), 2);
        assert_eq!(timeline.read(0, 0, &mut Vec::new()), 1);
    }
}
