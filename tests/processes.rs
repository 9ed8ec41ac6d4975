//! What a worker process that goes wrong costs: one picture, which says why, and nothing else.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{batch, content, folder, photo, recipe, save, worker_program};
use lightloom::batch::{
    Activity, Event, ImageReport, ImageState, Outcome, Report, Settings, Stage, WorkerProgram, find_executor, start,
};

const FAULTS: &[&str] = &["abort=crash", "loop=endless", "allocate=swell", "exit=leave"];

/// Settings whose workers go wrong with pictures of certain names, with a time limit that a busy machine cannot reach.
fn settings(workers: usize) -> Settings {
    Settings {
        worker_program: Some(worker_program(FAULTS)),
        executor: find_executor("processes").unwrap(),
        cores: workers,
        time_limit_secs: 60,
        ..Settings::default()
    }
}

fn run_with(name: &str, settings: Settings) -> (Report, ImageReport) {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 6, 200, 150);
    save(&input.join(name), photo(200, 150, 50));
    let out = dir.path().join("out");
    let whole = batch(&input, &out, &recipe(&["invert"], "png"), settings);
    let report = start(whole, Arc::new(|_: Event| {})).unwrap().wait();
    let bad = report.images.iter().find(|i| i.source.name().ends_with(name)).unwrap().clone();
    assert_eq!((report.totals.done, report.totals.failed, report.totals.stopped), (6, 1, 0), "{report:?}");
    assert_eq!(bad.outcome, Outcome::Failed);
    assert_eq!(content(&out).len(), 6, "nothing of the bad picture is left");
    (report, bad)
}

#[test]
fn a_crash_costs_one_picture_and_names_the_signal() {
    for workers in [1, 3] {
        let (_, bad) = run_with("crash.jpg", settings(workers));
        let reason = bad.reason.unwrap();
        assert!(
            reason.contains("signal 6 (SIGABRT)") && reason.contains("other pictures are not affected"),
            "{reason}"
        );
    }
}

#[test]
fn an_exit_costs_one_picture() {
    let reason = run_with("leave.jpg", settings(1)).1.reason.unwrap();
    assert!(reason.contains("exit code 3"), "{reason}");
}

#[test]
fn a_hanging_worker_is_ended_at_the_time_limit() {
    let reason = run_with("endless.jpg", Settings { time_limit_secs: 4, ..settings(2) }).1.reason.unwrap();
    assert!(reason.contains("time limit of 4 s"), "{reason}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_huge_allocation_is_refused() {
    let (report, bad) = run_with("swell.jpg", settings(2));
    let reason = bad.reason.unwrap();
    assert!(reason.contains("ran out of the memory") && reason.contains("68719476736 bytes"), "{reason}");
    assert!(report.totals.resident_bytes < 4 << 30);
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_worker_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 4, 200, 150);
    save(&input.join("endless.jpg"), photo(200, 150, 50));
    let whole = batch(&input, &dir.path().join("out"), &recipe(&[], "png"), settings(1));
    let running = start(whole, Arc::new(|_: Event| {})).unwrap();
    // Each picture before the hanging one is done; whoever is a child then hangs.
    let began = Instant::now();
    while !matches!(running.progress().state(0), ImageState::In(_)) && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(300));
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let lists = threads.map(|t| fs::read_to_string(t.unwrap().path().join("children")).unwrap_or_default());
    let children: Vec<String> =
        lists.flat_map(|l| l.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    let hanging: Vec<&String> = children.iter().filter(|pid| is_at_work(pid, dir.path())).collect();
    assert_eq!(hanging.len(), 1, "{children:?}");
    assert!(Command::new("kill").args(["-9", hanging[0]]).status().unwrap().success());
    let report = running.wait();
    assert_eq!((report.totals.done, report.totals.failed), (4, 1), "{report:?}");
    let reason = report.images.iter().find_map(|i| i.reason.clone()).unwrap();
    assert!(reason.contains("signal 9 (SIGKILL)"), "{reason}");
}

/// Whether a process has a file below `folder` open, which only the worker of this test has.
fn is_at_work(pid: &str, folder: &Path) -> bool {
    let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    files.filter_map(|f| fs::read_link(f.path()).ok()).any(|f| f.starts_with(folder))
}

#[test]
fn a_program_that_cannot_be_started_is_reported_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 64, 64);
    let refused = |worker: &Path| {
        let program = WorkerProgram { path: worker.to_owned(), arguments: Vec::new() };
        let executor = find_executor("processes").unwrap();
        let whole = batch(
            &input,
            &dir.path().join("out"),
            &recipe(&[], "png"),
            Settings { executor, cores: 1, worker_program: Some(program), ..Settings::default() },
        );
        start(whole, Arc::new(|_: Event| {}))
    };
    let error = refused(&dir.path().join("missing")).unwrap_err().to_string();
    assert!(error.contains("missing") && error.contains("could not start"), "{error}");
    // One that starts and is something else.
    let report = refused(Path::new("/bin/true")).unwrap().wait();
    assert_eq!(report.totals.failed, 2);
    let image = &report.images[0];
    assert_eq!(image.stage, Some(Stage::Read));
    assert!(image.reason.as_ref().unwrap().contains("no worker process could be started"), "{image:?}");
}

/// A program that does not outlive its test.
#[cfg(target_os = "linux")]
struct Program(std::process::Child);

#[cfg(target_os = "linux")]
impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program on a picture that hangs its worker. Returns it and the worker's process id.
#[cfg(target_os = "linux")]
fn hanging_program(dir: &Path) -> (Program, u32) {
    let input = dir.join("photos");
    // A pipe that nobody writes to would be refused, so a large picture and a slow filter keep the worker busy.
    save(&input.join("large.png"), photo(3000, 2000, 1));
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
    command
        .args(["process", "--no-journal", "--executor", "processes", "--cores", "1", "--format", "png", "--out"])
        .arg(dir.join("out"));
    for _ in 0..30 {
        command.args(["--filter", "gaussian_blur:sigma=50"]);
    }
    let program = Program(command.arg(&input).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < Duration::from_secs(20), "no worker was started");
        let tasks = fs::read_dir(format!("/proc/{}/task", program.0.id())).into_iter().flatten().flatten();
        let children: Vec<String> = tasks.filter_map(|t| fs::read_to_string(t.path().join("children")).ok()).collect();
        if let Some(worker) = children.iter().flat_map(|c| c.split_whitespace()).next() {
            let worker = worker.parse().unwrap();
            // Once it has the picture's file open or read, it is at work.
            std::thread::sleep(Duration::from_millis(500));
            return (program, worker);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(target_os = "linux")]
fn ends_within(pid: u32, patience: Duration) -> bool {
    let began = Instant::now();
    loop {
        // A zombie has ended; whoever inherits it reaps it.
        let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if state.is_empty() || state.rsplit(')').next().unwrap().trim_start().starts_with('Z') {
            return true;
        }
        if began.elapsed() > patience {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn no_orphan_stays_when_the_parent_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let (mut program, worker) = hanging_program(dir.path());
    program.0.kill().unwrap();
    assert_eq!(program.0.wait().unwrap().signal(), Some(9));
    assert!(ends_within(worker, Duration::from_secs(5)), "the worker lives on");
}

#[test]
#[cfg(target_os = "linux")]
fn a_stop_ends_the_workers() {
    let dir = tempfile::tempdir().unwrap();
    let (mut program, worker) = hanging_program(dir.path());
    assert!(Command::new("kill").args(["-INT", &program.0.id().to_string()]).status().unwrap().success());
    assert_eq!(program.0.wait().unwrap().code(), Some(1), "some pictures were not done");
    assert!(ends_within(worker, Duration::from_secs(5)), "the worker lives on");
    assert!(content(&dir.path().join("out")).is_empty(), "nothing half-written stays");
}

#[test]
fn what_a_worker_does_is_on_its_lane() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 4, 200, 150);
    let whole = batch(&input, &dir.path().join("out"), &recipe(&["invert"], "png"), settings(2));
    let running = start(whole, Arc::new(|_: Event| {})).unwrap();
    let timeline = Arc::clone(running.timeline());
    let report = running.wait();
    assert_eq!(report.totals.done, 4);
    for activity in
        [Activity::Start, Activity::Read, Activity::Decode, Activity::Filter, Activity::Encode, Activity::Write]
    {
        assert!(timeline.spent(activity).wall_secs > 0.0, "{activity:?}");
    }
    assert!(timeline.spent(Activity::Decode).cpu_secs > 0.0, "processor time of workers is counted");
    assert!(report.totals.lane_cpu_secs < report.totals.cpu_secs + 0.5);
}
