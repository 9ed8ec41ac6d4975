//! Pictures of an idea as values, drawn from what a run did. Front ends paint them.

use lightloom_batch::{Activity, Lane, Span, Timeline};

/// A picture of what happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Drawing {
    /// What each lane did and when.
    Lanes {
        title: String,
        lanes: Vec<DrawnLane>,
        /// Lanes that are not drawn since there are too many.
        more: usize,
        /// Whether they process pictures; otherwise they compute and wait for something else.
        pictures: bool,
        /// Nanoseconds from its begin to its end.
        end: u64,
    },
    /// A count over time.
    Steps {
        title: String,
        /// Nanoseconds since the begin, and the count from then on.
        steps: Vec<(u64, u32)>,
        /// What it must not exceed.
        limit: Option<u32>,
        end: u64,
    },
    /// A whole and what became of its parts.
    Parts { title: String, parts: Vec<Part> },
    /// Who came next: the number of a thread for each thing that arrived, in that order.
    Order { title: String, threads: Vec<usize> },
}

/// A lane with what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnLane {
    pub name: String,
    pub spans: Vec<Span>,
}

/// A part of a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub label: &'static str,
    pub value: f64,
    /// Whether it is as it should be.
    pub good: bool,
}

/// More lanes than a small picture has room for.
const MOST_LANES: usize = 10;

impl Drawing {
    /// The lanes of a run so far, the first of them if there are many.
    pub fn of(title: impl Into<String>, timeline: &Timeline, pictures: bool) -> Self {
        let all: Vec<Lane> = timeline.lanes().collect();
        let read = |(index, lane): (usize, &Lane)| {
            let mut spans = Vec::new();
            timeline.read(index, 0, &mut spans);
            spans.extend(timeline.current(index));
            DrawnLane { name: lane.to_string(), spans }
        };
        let lanes: Vec<DrawnLane> = all.iter().enumerate().take(MOST_LANES).map(read).collect();
        let end = lanes.iter().flat_map(|lane| &lane.spans).map(|span| span.end).max().unwrap_or(0);
        Self::Lanes { title: title.into(), more: all.len() - lanes.len(), pictures, lanes, end }
    }

    /// Of an experiment without pictures.
    pub(super) fn of_threads(title: impl Into<String>, timeline: &Timeline) -> Self {
        Self::of(title, timeline, false)
    }

    /// What a lane does, in words that fit the picture.
    pub const fn word(&self, activity: Activity) -> &'static str {
        match (self, activity) {
            (Self::Lanes { pictures: true, .. }, activity) => activity.title(),
            (_, Activity::Read) => "wait for data",
            (_, Activity::Decode | Activity::Filter | Activity::Encode) => "compute",
            (_, Activity::WaitQueue) => "wait for others",
            (_, activity) => activity.title(),
        }
    }

    /// A name for the first lanes instead of their numbers.
    pub(super) fn named(mut self, names: &[&str]) -> Self {
        if let Self::Lanes { lanes, .. } = &mut self {
            lanes.iter_mut().zip(names).for_each(|(lane, name)| (*name).clone_into(&mut lane.name));
        }
        self
    }

    /// How many lanes were in `activity` at once, over time.
    pub(super) fn at_once(timeline: &Timeline, activity: Activity) -> Vec<(u64, u32)> {
        let mut changes: Vec<(u64, i64)> = Vec::new();
        for index in 0..timeline.lanes().len() {
            let mut spans = Vec::new();
            timeline.read(index, 0, &mut spans);
            let own = spans.iter().filter(|span| span.activity == activity);
            changes.extend(own.flat_map(|span| [(span.begin, 1), (span.end, -1)]));
        }
        // Whoever leaves makes room before the next comes in.
        changes.sort_unstable();
        let mut level = 0_i64;
        let levels = changes.into_iter().map(|(at, change)| {
            level += change;
            (at, u32::try_from(level).unwrap_or(0))
        });
        std::iter::once((0, 0)).chain(levels).collect()
    }

    /// What it shows, in words, for those who do not see it.
    pub fn description(&self) -> String {
        match self {
            Self::Lanes { title, lanes, more, end, .. } => {
                format!("{title}: {} lanes over {:.0} ms", lanes.len() + more, *end as f64 / 1e6)
            }
            Self::Steps { title, steps, limit, .. } => {
                let most = steps.iter().map(|(_, level)| *level).max().unwrap_or(0);
                let limit = limit.map_or_else(String::new, |limit| format!(" of {limit} allowed"));
                format!("{title}: at most {most}{limit}")
            }
            Self::Parts { title, parts } => {
                let parts: Vec<String> = parts.iter().map(|part| format!("{:.0} {}", part.value, part.label)).collect();
                format!("{title}: {}", parts.join(", "))
            }
            Self::Order { title, threads } => {
                let order: Vec<String> = threads.iter().map(|thread| (thread + 1).to_string()).collect();
                format!("{title}: {}", order.join(" "))
            }
        }
    }
}
