//! What a frame of the timeline costs for a run of an hour with a hundred thousand pictures.

use std::sync::Arc;

use cpu_time::ThreadTime;
use egui::{Context, RawInput, Rect, Shape, Vec2};

use crate::batch::{Activity, Lane, Settings, Span, Timeline};
use crate::gui::model::timelines::{Figures, TimeView, Timelines};
use crate::gui::panels::timeline::{chart, legend};
use crate::lab::Trace;

const PICTURES: u32 = 100_000;
const LANES: u32 = 8;
const HOUR: u64 = 3_600_000_000_000;
const SIZE: Vec2 = Vec2::new(1920.0, 420.0);

/// The lanes of eight threads and eight cores, with the ten spans that a picture leaves.
fn long_run() -> Trace {
    use Activity::{Decode, Encode, Filter, Read, Sync, WaitMemory, WaitQueue, Write};
    let each = HOUR / u64::from(PICTURES / LANES);
    let lane = |lane: u32, parts: &[Activity]| {
        let mut spans = Vec::with_capacity((PICTURES / LANES) as usize * parts.len());
        for turn in 0..PICTURES / LANES {
            let job = turn * LANES + lane;
            let mut begin = u64::from(turn) * each;
            for (place, activity) in parts.iter().enumerate() {
                // No two pictures take the same time.
                let length =
                    each / 8 + u64::from(job.wrapping_mul(2_654_435_761) >> 8) % (each / 12) / (1 + place as u64);
                spans.push(Span { activity: *activity, job: Some(job), begin, end: begin + length });
                begin += length;
            }
        }
        spans
    };
    let threads =
        (0..LANES).map(|n| (Lane::Thread(n as usize), lane(n, &[WaitMemory, Read, WaitQueue, Write, Sync, WaitQueue])));
    let cores = (0..LANES).map(|n| (Lane::Core(n as usize), lane(n, &[Decode, Filter, Filter, Encode])));
    Trace {
        settings: Settings::default(),
        lanes: threads.chain(cores).collect(),
        names: (0..PICTURES).map(|n| format!("DSC_{n:06}.jpg")).collect(),
        end: HOUR,
        missed: 0,
    }
}

fn timelines() -> Timelines {
    let trace = long_run();
    let (series, spans) = (trace.series(), trace.lanes.iter().map(|(_, spans)| spans.len()).sum());
    let timeline = Timeline::new(trace.lanes.iter().map(|(lane, _)| *lane).collect());
    let mut timelines = Timelines::default();
    timelines.begin(trace, Arc::new(timeline), 0);
    timelines.end(false);
    timelines.follow();
    timelines.set_figures(Figures { run: 1, spans, until: HOUR, series });
    timelines
}

/// What is drawn in a frame.
struct Frame {
    shapes: usize,
    vertices: usize,
    /// Processor time.
    millis: f64,
}

/// The second of two frames, since the first lays out all texts.
fn frame(ctx: &Context, timelines: &Timelines) -> Frame {
    let mut last = None;
    for _ in 0..2 {
        let input = RawInput { screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, SIZE)), ..RawInput::default() };
        let begun = ThreadTime::now();
        let mut drawn = ctx.run_ui(input, |ui| {
            let axis = chart::axis(timelines, ui.available_rect_before_wrap());
            legend(ui, timelines);
            chart::show(ui, timelines, &axis, &mut Vec::new());
        });
        // No texture is needed where nothing is shown.
        drawn.textures_delta.clear();
        let vertices = drawn.shapes.iter().map(|shape| vertices(&shape.shape)).sum();
        let shapes = drawn.shapes.len();
        ctx.tessellate(drawn.shapes, drawn.pixels_per_point);
        last = Some(Frame { shapes, vertices, millis: 1e3 * begun.elapsed().as_secs_f64() });
    }
    last.unwrap()
}

fn vertices(shape: &Shape) -> usize {
    match shape {
        Shape::Mesh(mesh) => mesh.vertices.len(),
        Shape::Vec(shapes) => shapes.iter().map(vertices).sum(),
        _ => 0,
    }
}

/// The views of someone who looks at all of it, zooms in step by step, and pans at the most expensive zoom.
fn views() -> Vec<TimeView> {
    let middle = HOUR as f64 / 2.0;
    let zoomed =
        (1..=20).map(|step| HOUR as f64 / f64::from(1 << step)).map(|width| TimeView::Range(middle, middle + width));
    let panned = (0..10).map(|step| middle + f64::from(step) * 3e8).map(|from| TimeView::Range(from, from + 1e11));
    std::iter::once(TimeView::Fit).chain(zoomed).chain(panned).collect()
}

#[test]
fn a_frame_of_a_long_run_has_no_more_shapes_than_points() {
    let ctx = Context::default();
    let mut timelines = timelines();
    assert_eq!(timelines.runs()[0].trace.lanes.iter().map(|(_, spans)| spans.len()).sum::<usize>(), 1_000_000);
    // A bar for each point of each lane and figure at most, and its ground; a bar has four corners.
    let most = 4 * (2 * LANES as usize + 3) * (SIZE.x as usize + 2);
    for view in views() {
        timelines.view = view;
        let Frame { shapes, vertices, .. } = frame(&ctx, &timelines);
        assert!(vertices > 100, "{view:?} shows something: {vertices}");
        assert!(vertices <= most, "{view:?}: {vertices} corners, and {most} are allowed");
        // Names on wide bars, ticks, and texts of the rows.
        assert!(shapes <= 1500, "{view:?}: {shapes} shapes");
    }
}

/// Figures for the documents: `cargo test --release --lib long_run -- --ignored --nocapture`.
#[test]
#[ignore = "prints times"]
fn time_of_a_frame_of_a_long_run() {
    let ctx = Context::default();
    let mut timelines = timelines();
    let mut most: f64 = 0.0;
    for view in views() {
        timelines.view = view;
        let Frame { shapes, vertices, millis } = frame(&ctx, &timelines);
        most = most.max(millis);
        println!("{view:?}: {millis:.2} ms, {shapes} shapes, {vertices} corners");
    }
    let begun = ThreadTime::now();
    timelines.runs()[0].trace.series();
    println!(
        "at most {most:.2} ms a frame; the figures below the lanes take {:.0} ms",
        1e3 * begun.elapsed().as_secs_f64()
    );
}
