//! What recording the timeline costs: nanoseconds per span, and its share of runs with many small pictures and with photos.
//!
//! `cargo bench --bench timeline`
#![allow(clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use lightloom::batch::{
    Activity, Batch, Event, Lane, OutputSettings, Settings, SourceEntry, Timeline, plan_jobs, start,
};
use lightloom::lab::{Trace, unpack_samples};
use lightloom::recipe::{FormatChoice, Recipe, Step};

const SPANS: u32 = 200_000;

/// The smallest of ten, since everything else only adds.
fn nanos_a_span(threads: usize) -> f64 {
    let once = || {
        let timeline = Timeline::new((0..threads).map(Lane::Thread).collect());
        let began = Instant::now();
        std::thread::scope(|scope| {
            for lane in 0..threads {
                let timeline = &timeline;
                scope.spawn(move || {
                    for job in 0..SPANS {
                        black_box(timeline.begin(Lane::Thread(lane), Some(job as usize), Activity::Read));
                    }
                });
            }
        });
        began.elapsed().as_nanos() as f64 / f64::from(SPANS)
    };
    (0..10).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// Spans a picture, and seconds of all lanes, of one run.
fn run(files: &[SourceEntry], filters: &[&str]) -> (usize, f64) {
    let out = tempfile::tempdir().unwrap();
    let mut recipe = Recipe { filters: filters.iter().map(|f| Step::parse(f).unwrap()).collect(), ..Recipe::default() };
    recipe.export.format = FormatChoice::from_id("jpeg").unwrap();
    let output =
        OutputSettings { folder: Some(out.path().to_path_buf()), keep_tree: false, ..OutputSettings::default() };
    let jobs = plan_jobs(files, &recipe, &output);
    let batch = Batch { jobs, recipe, results: output.conflict.into(), settings: Settings::default() };
    let mut trace = Trace::new(&batch);
    let running = start(batch, Arc::new(|_: Event| {})).unwrap();
    let timeline = Arc::clone(running.timeline());
    let totals = running.wait().totals;
    trace.finish(&timeline);
    (trace.lanes.iter().map(|(_, spans)| spans.len()).sum(), totals.wall_secs * trace.lanes.len() as f64)
}

fn main() {
    let one = nanos_a_span(1);
    let two = nanos_a_span(2);
    println!("a span on one lane: {one:.0} ns; on two lanes at once: {two:.0} ns each");
    let dir = tempfile::tempdir().unwrap();
    let samples = unpack_samples(&dir.path().join("samples")).unwrap();
    let small: Vec<SourceEntry> = samples.iter().cycle().take(500).cloned().collect();
    for (name, files, filters) in [
        ("500 thumbnails", &small, &["resize:width=32,height=32"][..]),
        ("12 sample photos, edited", &samples, &["resize:width=1200,height=1200", "unsharp_mask"]),
    ] {
        let (spans, lane_secs) = run(files, filters);
        let share = 100.0 * spans as f64 * two * 1e-9 / lane_secs;
        let each = spans as f64 / files.len() as f64;
        println!("{name}: {each:.1} spans a picture, {share:.4} % of the time of all lanes");
    }
}
