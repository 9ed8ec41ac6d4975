//! Formats whose decoders cannot be bounded are opened and developed by a worker process under every executor: what goes
//! wrong there costs one picture.
#![cfg(all(unix, feature = "formats"))]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use common::{batch, content, folder, recipe, run, settings, worker_program};
use lightloom::batch::{EXECUTORS, ImageReport, Outcome, Settings, estimate};

const DRAWING: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='40'>\
    <circle cx='30' cy='20' r='15' fill='#c40'/></svg>";

/// Photos and two drawings, of which the second has this name.
fn mixed(root: &Path, name: &str) -> std::path::PathBuf {
    let input = folder(root, 5, 120, 80);
    fs::write(input.join("drawing.svg"), DRAWING).unwrap();
    fs::write(input.join(name), DRAWING).unwrap();
    input
}

fn report_on<'a>(images: &'a [ImageReport], name: &str) -> &'a ImageReport {
    images.iter().find(|image| image.source.file_name() == name).unwrap()
}

#[test]
fn a_crash_a_hang_and_a_huge_allocation_cost_one_picture_under_every_executor() {
    for (fault, name, time_limit_secs, says) in [
        ("abort=crash", "crash.svg", 60, "SIGABRT"),
        ("exit=leave", "leave.svg", 60, "exit code 3"),
        ("loop=endless", "endless.svg", 2, "time limit of 2 s"),
        ("allocate=swell", "swell.svg", 60, "ran out of the memory"),
    ] {
        for executor in EXECUTORS {
            let root = tempfile::tempdir().unwrap();
            let (input, out) = (mixed(root.path(), name), root.path().join("out"));
            let settings = Settings {
                worker_program: Some(worker_program(&[fault])),
                time_limit_secs,
                ..settings(executor.id, 2)
            };
            let report = run(batch(&input, &out, &recipe(&["invert"], "png"), settings));
            assert_eq!((report.totals.done, report.totals.failed), (6, 1), "{}, {fault}: {report:?}", executor.id);
            let reason = report_on(&report.images, name).reason.as_deref().unwrap();
            assert!(reason.contains(says), "{}, {fault}: {reason}", executor.id);
            assert_eq!(content(&out).len(), 6);
        }
    }
}

#[test]
fn drawings_come_out_the_same_by_a_worker_and_without_one() {
    let root = tempfile::tempdir().unwrap();
    let input = mixed(root.path(), "another.svg");
    let all = |settings: Settings, name: &str| {
        let out = root.path().join(name);
        let report = run(batch(&input, &out, &recipe(&["invert", "resize:width=30"], "png"), settings));
        assert_eq!(report.totals.done, 7, "{report:?}");
        content(&out)
    };
    let here = all(Settings { worker_program: None, ..settings("hybrid", 2) }, "here");
    for executor in EXECUTORS {
        assert_eq!(all(settings(executor.id, 2), executor.id), here, "{}", executor.id);
    }
}

#[test]
fn a_worker_that_cannot_be_started_costs_the_pictures_that_need_one() {
    let root = tempfile::tempdir().unwrap();
    let (input, out) = (mixed(root.path(), "another.svg"), root.path().join("out"));
    let program = lightloom::batch::WorkerProgram { path: root.path().join("missing"), arguments: Vec::new() };
    let settings = Settings { worker_program: Some(program), ..settings("hybrid", 2) };
    let report = run(batch(&input, &out, &recipe(&[], "png"), settings));
    assert_eq!((report.totals.done, report.totals.failed), (5, 2), "{report:?}");
    let reason = report_on(&report.images, "drawing.svg").reason.as_deref().unwrap();
    assert!(reason.contains("no worker process could be started"), "{reason}");
}

#[test]
fn a_batch_is_stopped_while_drawings_are_developed() {
    let root = tempfile::tempdir().unwrap();
    let (input, out) = (mixed(root.path(), "endless.svg"), root.path().join("out"));
    let settings = Settings {
        worker_program: Some(worker_program(&["loop=endless"])),
        time_limit_secs: 60,
        ..settings("hybrid", 2)
    };
    let whole = batch(&input, &out, &recipe(&[], "png"), settings);
    let running = lightloom::batch::start(whole, std::sync::Arc::new(|_: lightloom::batch::Event| {})).unwrap();
    let began = Instant::now();
    while running.progress().finished() < 6 && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    running.control().stop();
    let report = running.wait();
    assert_eq!(report.totals.done, 6, "{report:?}");
    assert_eq!(report_on(&report.images, "endless.svg").outcome, Outcome::Stopped);
    assert!(began.elapsed() < Duration::from_secs(25));
}

#[test]
fn an_estimate_survives_what_a_run_does() {
    let root = tempfile::tempdir().unwrap();
    let input = mixed(root.path(), "crash.svg");
    let settings = Settings { worker_program: Some(worker_program(&["abort=crash"])), ..settings("hybrid", 2) };
    let whole = batch(&input, &root.path().join("out"), &recipe(&["invert"], "png"), settings);
    let found = estimate(&whole.jobs, &whole.recipe, &whole.settings, Duration::from_secs(60), &|| false);
    assert_eq!((found.pictures, found.sampled), (7, 6), "{found:?}");
    assert!(found.seconds.unwrap() > 0.0 && found.result_bytes.unwrap() > 0, "{found:?}");
    assert!(!root.path().join("out").exists(), "nothing is written");
}
