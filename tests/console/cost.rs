//! What a run costs beside its pictures, counted rather than timed.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::thread::available_parallelism;

use wait4::Wait4;

use lightloom::batch::{Event, Outcome, Settings, start};

use super::runs::{batch, recipe};

/// How often the thread of this name has gone to sleep; the system knows.
fn sleeps(thread: &str) -> Option<u64> {
    let tasks = fs::read_dir("/proc/self/task").ok()?.flatten();
    let status = tasks.filter_map(|task| fs::read_to_string(task.path().join("status")).ok());
    let of_thread = |status: String| {
        let field = |name: &str| status.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
        (field("Name:")? == thread).then(|| field("voluntary_ctxt_switches:")?.parse().ok()).flatten()
    };
    status.filter_map(of_thread).max()
}

/// What it does each time it wakes, such as measuring the memory, costs more the more the program holds: woken by each
/// picture, it made 100,000 pictures cost far more than ten times 10,000.
#[test]
fn the_coordinator_sleeps_while_pictures_end() {
    const PICTURES: usize = 2000;
    let dir = tempfile::tempdir().unwrap();
    let photos = dir.path().join("photos");
    fs::create_dir(&photos).unwrap();
    for i in 0..PICTURES {
        fs::write(photos.join(format!("{i}.ppm")), b"P6 1 1 255\n123").unwrap();
    }
    let batch = batch(&photos, &dir.path().join("out"), &recipe(&["invert"], "same"), Settings::default());
    let (finished, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU64::new(u64::MAX)));
    let sink = {
        let (finished, counted) = (Arc::clone(&finished), Arc::clone(&counted));
        move |event: Event| {
            if matches!(&event, Event::Finished(report) if report.outcome == Outcome::Done)
                && finished.fetch_add(1, SeqCst) + 1 == PICTURES - 1
                && let Some(sleeps) = sleeps("lightloom-run")
            {
                counted.store(sleeps, SeqCst);
            }
        }
    };
    let report = start(batch, Arc::new(sink)).unwrap().wait();
    assert_eq!(report.totals.done, PICTURES);
    match counted.load(SeqCst) {
        u64::MAX => eprintln!("skipped: this system does not count how often threads sleep"),
        sleeps => {
            // It looks every 10 ms; the rest is room for what it does at the beginning.
            let expected = 100.0 * report.totals.wall_secs + 100.0;
            assert!((sleeps as f64) < 2.0 * expected, "{sleeps} times in {:.2} s", report.totals.wall_secs);
        }
    }
}

/// Processor seconds of a program that only starts and ends: a test build has many addresses to be put right first.
fn of_start_and_end() -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null());
    let end = command.spawn().unwrap().wait4().unwrap();
    (end.rusage.utime + end.rusage.stime).as_secs_f64()
}

/// What the whole program takes beside the lanes that the report knows: threads that wait, meters, progress, start and end.
/// A meter that walked all page tables once took a third of a core.
#[test]
fn nothing_but_lanes_takes_the_processor() {
    let dir = tempfile::tempdir().unwrap();
    let photos = super::runs::folder(dir.path(), 20, 1600, 1200);
    let start_and_end = (0..5).map(|_| of_start_and_end()).fold(0.0, f64::max);
    for executor in ["sequential", "threads", "cores", "hybrid", "processes"] {
        for (terminal, traced) in [(false, false), (false, true), (true, false)] {
            let out = dir.path().join(format!("{executor} {terminal} {traced}"));
            let report = dir.path().join("report.json");
            let trace = if traced { "--trace trace.json" } else { "" };
            let program = env!("CARGO_BIN_EXE_lightloom");
            let run = format!(
                "'{program}' process '{}' --out '{}' --executor {executor} --filter invert \
                 --json {trace} >'{}'",
                photos.display(),
                out.display(),
                report.display(),
            );
            // Progress is drawn where standard error is a terminal, which `script` makes.
            let mut command = if terminal { Command::new("script") } else { Command::new("sh") };
            let arguments = if terminal { ["-qefc", &run, "/dev/null"] } else { ["-c", &run, "sh"] };
            command.args(&arguments[..if terminal { 3 } else { 2 }]).current_dir(dir.path());
            command.env("XDG_STATE_HOME", dir.path().join("state")).stdin(Stdio::null()).stdout(Stdio::null());
            let Ok(child) = command.stderr(Stdio::null()).spawn() else {
                println!("skipped: there is no `script`, so nothing is drawn on a terminal");
                continue;
            };
            let end = child.wait4().unwrap();
            assert!(end.status.success(), "{run}");
            let report: serde_json::Value = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
            let lanes = report["totals"]["lane_cpu_secs"].as_f64().unwrap();
            let whole = (end.rusage.utime + end.rusage.stime).as_secs_f64();
            // What is not about pixels is not optimised in test builds.
            let most = if cfg!(debug_assertions) { 1.15 } else { 1.03 };
            let context =
                format!("{executor}, {terminal}, {traced}: {whole} s, lanes {lanes} s, start {start_and_end} s");
            // The program starts and ends, and so does each worker process.
            let processes = 1 + if executor == "processes" { available_parallelism().unwrap().get() } else { 0 };
            assert!(whole <= lanes * most + processes as f64 * start_and_end + 0.1, "{context}");
            assert!(whole >= lanes * 0.9, "{executor}: {whole} s, lanes {lanes} s");
        }
    }
}
