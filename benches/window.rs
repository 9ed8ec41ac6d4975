//! What the window costs: how soon the preview follows a slider, how soon thumbnails and a long list are there, how long a
//! frame takes while a batch runs, and how much memory a long list takes. `benches/start.py` measures its first frame.
//!
//! `cargo bench --bench window -- [slider|thumbnails|list|frames …]`; Linux only. Each part is a process of its own, without
//! a screen: frames are laid out and tessellated, and nobody draws the triangles.
#![allow(clippy::unwrap_used, reason = "a benchmark")]

#[path = "../tests/window/driver.rs"]
#[allow(dead_code, reason = "tests need more of it")]
mod driver;
#[allow(dead_code, reason = "other benchmarks need more of it")]
mod shared;

use std::env;
use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use driver::{Drag, drop_on, has, save_photo, saving_to, window, window_of_size, window_showing};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::gui::App;

const PARTS: [(&str, fn()); 4] = [("slider", slider), ("thumbnails", thumbnails), ("list", list), ("frames", frames)];

/// How often a screen wants a frame.
const FRAME: Duration = Duration::from_micros(16_667);
/// After how long a preview is taken for one that never comes.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [mode, part] = args.as_slice()
        && mode == "run"
    {
        PARTS.iter().find(|(name, _)| name == part).unwrap().1();
        return;
    }
    for (part, _) in PARTS.iter().filter(|(part, _)| args.is_empty() || args.iter().any(|arg| arg == part)) {
        println!("{part}");
        let status = Command::new(env::current_exe().unwrap()).args(["run", part]).status().unwrap();
        assert!(status.success(), "{part}: {status}");
    }
}

/// One line of figures.
fn print(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    println!("  {what:<48} p50 {:7.1}  p95 {:7.1}  p99 {:7.1}  max {:7.1} ms", at(50), at(95), at(99), at(100));
}

/// How long after a slider moved its quick look and its exact result are there, of a picture of 24 megapixels.
fn slider() {
    for filters in [&["exposure"][..], &["gaussian_blur:sigma=4", "exposure", "saturation:factor=1.2"]] {
        let (mut harness, _dir) = window_showing("a.jpg", (6000, 4000), filters);
        let mut drag = Drag::begin(&mut harness, "Stops slider");
        let (mut quick, mut exact) = (Vec::new(), Vec::new());
        for round in 0..48 {
            let before = harness.state().preview().looks();
            let moved = Instant::now();
            drag.step(&mut harness);
            while harness.state().preview().looks() == before {
                assert!(moved.elapsed() < PATIENCE, "no quick look in round {round}");
                sleep(Duration::from_millis(1));
                harness.step();
            }
            quick.push(moved.elapsed());
            // In between it moves on before the exact result is there.
            if round % 3 == 0 {
                while !harness.state().preview().is_settled() {
                    assert!(moved.elapsed() < PATIENCE, "no exact result in round {round}");
                    sleep(Duration::from_millis(1));
                    harness.step();
                }
                exact.push(moved.elapsed());
            }
        }
        print(&format!("quick look, {} filters", filters.len()), quick);
        print(&format!("exact result, {} filters", filters.len()), exact);
    }
}

/// How soon after a folder of 500 photos of 24 megapixels was dropped the first thumbnail is there, and all that are visible;
/// nothing is kept from an earlier time. `LIGHTLOOM_BENCH_PHOTOS` is a folder of photos to take in place of generated ones.
fn thumbnails() {
    const PHOTOS: usize = 500;
    let given = shared::given_photos();
    let jpeg = lightloom::codec::find("jpeg").unwrap();
    let folder = shared::folder_of(PHOTOS, given.len().clamp(4, 8), "jpg", |number| match given.get(number as usize) {
        Some(photo) => fs::read(photo).unwrap(),
        None => shared::file(jpeg, &shared::picture(24.0, number), &Default::default()),
    });
    for (view, wide) in [("list", false), ("contact sheet", true)] {
        let (mut firsts, mut alls, mut visible) = (Vec::new(), Vec::new(), 0);
        for _ in 0..8 {
            let mut harness = window();
            if wide {
                driver::choose(&mut harness, "View", "Contact Sheet");
            }
            harness.run_steps(3);
            let dropped = Instant::now();
            drop_on(&mut harness, &folder);
            let loaded = |harness: &Harness<'_, App>| harness.state().thumbnails();
            while loaded(&harness).0 == 0 {
                assert!(dropped.elapsed() < PATIENCE, "no thumbnail comes");
                harness.step();
                sleep(Duration::from_millis(1));
            }
            firsts.push(dropped.elapsed());
            while loaded(&harness).1 > 0 || harness.state().state().discovering > 0 {
                assert!(dropped.elapsed() < PATIENCE, "some thumbnail does not come");
                harness.step();
                sleep(Duration::from_millis(1));
            }
            alls.push(dropped.elapsed());
            visible = loaded(&harness).0;
        }
        print(&format!("first thumbnail, {view}"), firsts);
        print(&format!("the {visible} that are visible, {view}"), alls);
    }
    shared::remove_folders();
}

/// How soon a folder of 100,000 pictures is listed, the frames meanwhile, and the memory that it takes.
fn list() {
    const PICTURES: usize = 100_000;
    let dir = folder_of(PICTURES);
    let mut harness = window();
    harness.run_steps(3);
    println!("  an empty window has {} MB", resident_mb());
    let begun = Instant::now();
    drop_on(&mut harness, dir.path());
    let mut frames = Vec::new();
    while harness.state().state().pictures.len() < PICTURES || harness.state().state().discovering > 0 {
        frames.push(frame(&mut harness).0);
    }
    println!("  {PICTURES} pictures are listed after {:.2} s", begun.elapsed().as_secs_f64());
    print("a frame meanwhile", frames);
    let scrolled = (0..200).map(|_| {
        scroll(&mut harness, -400.0);
        frame(&mut harness).0
    });
    print("a frame while it is scrolled", scrolled.collect());
    println!("  it then has {} MB", resident_mb());
}

/// Frames with 10,000 pictures listed, while they are processed.
fn frames() {
    const PICTURES: usize = 10_000;
    let (dir, out) = (folder_of(PICTURES), tempfile::tempdir().unwrap());
    let mut harness = window_of_size([1360.0, 860.0], saving_to(out.path()), None);
    drop_on(&mut harness, dir.path());
    while harness.state().state().pictures.len() < PICTURES || harness.state().state().discovering > 0 {
        frame(&mut harness);
    }
    driver::button(&mut harness, "Start");
    while !harness.state().state().is_running() {
        frame(&mut harness);
    }
    let (mut walls, mut processor) = (Vec::new(), Vec::new());
    while harness.state().state().is_running() {
        let (wall, cpu) = frame(&mut harness);
        walls.push(wall);
        processor.push(cpu);
    }
    assert!(has(&harness, "10 000"), "all have been processed");
    println!("  {} frames", walls.len());
    print("processor time of a frame", processor);
    print("a frame", walls);
}

/// A folder with so many small pictures, in ten folders.
fn folder_of(pictures: usize) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let first = dir.path().join("0.jpg");
    save_photo(&first, 120, 80);
    let bytes = fs::read(&first).unwrap();
    fs::remove_file(&first).unwrap();
    for folder in 0..10 {
        let folder = dir.path().join(format!("Film {folder}"));
        fs::create_dir(&folder).unwrap();
        for number in 0..pictures / 10 {
            fs::write(folder.join(format!("IMG_{number:05}.jpg")), &bytes).unwrap();
        }
    }
    dir
}

/// Lays out a frame and tessellates it, as often as a screen wants one: how long that took, and the processor time of
/// this thread.
fn frame(harness: &mut Harness<'_, App>) -> (Duration, Duration) {
    let (begun, processor) = (Instant::now(), ThreadTime::now());
    harness.step();
    let output = harness.output();
    let (shapes, scale) = (output.shapes.clone(), output.pixels_per_point);
    let _ = harness.ctx.tessellate(shapes, scale);
    let times = (begun.elapsed(), processor.elapsed());
    sleep(FRAME.saturating_sub(times.0));
    times
}

fn scroll(harness: &mut Harness<'_, App>, by: f32) {
    let list = harness.query_all_by_label_contains(".jpg, ").next().unwrap().rect();
    harness.hover_at(list.center());
    let (delta, unit, modifiers) = (egui::vec2(0.0, by), egui::MouseWheelUnit::Point, egui::Modifiers::NONE);
    let (phase, source) = (egui::TouchPhase::Move, egui::MouseWheelSource::Wheel);
    harness.event(egui::Event::MouseWheel { unit, delta, modifiers, phase, source });
}

fn resident_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
