//! What a run came to beyond its totals: sizes before and after, the slowest pictures, and what was skipped and why.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::batch::{Activity, ImageReport, Outcome, OutputReport, Timeline};
use crate::gui::model::failures::Failures;
use crate::journal::causes;

/// Slowest pictures that are listed.
const SLOWEST: usize = 5;

/// A picture that took long.
#[derive(Debug, Clone, PartialEq)]
pub struct SlowPicture {
    pub path: PathBuf,
    /// Seconds in which something was done for it.
    pub secs: f64,
    /// What took most of them.
    pub mostly: Activity,
}

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunDetails {
    /// Bytes of the sources whose results were written, as far as they are known.
    pub source_bytes: u64,
    /// Bytes of the results of these.
    pub result_bytes: u64,
    /// The slowest first.
    pub slowest: Vec<SlowPicture>,
    /// Pictures that were skipped, by the reason.
    pub skipped: Vec<Failures>,
}

impl RunDetails {
    /// Looks at what was reported and at what every lane did. Asks the disk for the sizes of sources.
    pub fn of(images: &[ImageReport], timeline: &Timeline) -> Self {
        let mut details = Self::default();
        let written = images.iter().filter(|image| matches!(image.outcome, Outcome::Done | Outcome::Partial));
        for image in written {
            let results: u64 = image.outputs.iter().map(OutputReport::written_bytes).sum();
            if let Some(bytes) = image.source.length().filter(|_| results > 0) {
                details.source_bytes += bytes;
                details.result_bytes += results;
            }
        }
        details.slowest = slowest(images, timeline);
        let skipped = images.iter().filter(|image| image.outcome == Outcome::Skipped);
        details.skipped = Failures::of(&causes(skipped));
        details
    }
}

fn slowest(images: &[ImageReport], timeline: &Timeline) -> Vec<SlowPicture> {
    let mut nanos: HashMap<u32, [u64; Activity::ALL.len()]> = HashMap::new();
    let mut spans = Vec::new();
    for lane in 0..timeline.lanes().len() {
        spans.clear();
        timeline.read(lane, 0, &mut spans);
        for span in spans.iter().filter(|span| !span.activity.is_wait()) {
            if let Some(job) = span.job {
                let place = Activity::ALL.iter().position(|activity| *activity == span.activity).unwrap_or_default();
                nanos.entry(job).or_default()[place] += span.end - span.begin;
            }
        }
    }
    let whole = |of: &[u64; Activity::ALL.len()]| of.iter().sum::<u64>();
    let mut jobs: Vec<_> = nanos.iter().collect();
    jobs.sort_unstable_by_key(|(job, of)| (std::cmp::Reverse(whole(of)), **job));
    let slow = |(job, of): &(&u32, &[u64; Activity::ALL.len()])| {
        let image = images.iter().find(|image| image.job == **job as usize)?;
        let (_, mostly) = of.iter().zip(Activity::ALL).max_by_key(|(nanos, _)| **nanos)?;
        Some(SlowPicture { path: image.source.title().to_path_buf(), secs: whole(of) as f64 / 1e9, mostly })
    };
    jobs.iter().filter_map(slow).take(SLOWEST).collect()
}
