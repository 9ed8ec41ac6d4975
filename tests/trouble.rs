//! What goes wrong around a run costs no picture that could be saved: sources that do not answer, and disks that are
//! full.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{batch, content, folder, recipe, settings};
use lightloom::batch::{EXECUTORS, Event, Outcome, Running, Stage, Trouble, TroubleKind, start};

/// Files that do not open: another process holds a lease on them, so an open waits in the system until that process
/// ends (or for /proc/sys/fs/lease-break-time, usually 45 s).
struct Stalled {
    holder: Child,
}

impl Stalled {
    /// `None` where the file system knows no leases or there is no Python.
    fn of(files: &[PathBuf]) -> Option<Self> {
        let program = "import fcntl, os, signal, sys, time\n\
            signal.signal(signal.SIGIO, signal.SIG_IGN)\n\
            held = [os.open(f, os.O_RDWR) for f in sys.argv[1:]]\n\
            [fcntl.fcntl(f, fcntl.F_SETLEASE, fcntl.F_WRLCK) for f in held]\n\
            print('held', flush=True)\n\
            time.sleep(600)\n";
        let mut command = Command::new("python3");
        command.args(["-c", program]).args(files).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut holder = command.spawn().ok()?;
        let mut line = String::new();
        BufReader::new(holder.stdout.take()?).read_line(&mut line).ok()?;
        let stalled = Self { holder };
        (line.trim() == "held").then_some(stalled)
    }

    fn answer(self) {
        drop(self);
    }
}

impl Drop for Stalled {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn wait_for(running: &Running, what: &str, done: impl Fn(&Running) -> bool) {
    let began = Instant::now();
    while !done(running) {
        assert!(began.elapsed() < Duration::from_secs(40), "waited too long for {what}: {:?}", running.troubles());
        sleep(Duration::from_millis(5));
    }
}

fn stalled_files(troubles: &[Trouble]) -> usize {
    let files = troubles.iter().map(|trouble| match &trouble.kind {
        TroubleKind::StalledSource { files, .. } => files.len(),
        _ => 0,
    });
    files.sum()
}

fn pictures(root: &Path, count: u32) -> (PathBuf, Vec<PathBuf>) {
    let input = folder(root, count, 60, 40);
    let files = common::sources(&input).iter().map(|entry| entry.source.path().unwrap().to_path_buf()).collect();
    (input, files)
}

/// Runs as many pictures that do not answer as there are workers, before others, and does `then` once only they are
/// left.
fn with_stalled(executor: &str, then: impl FnOnce(Running, Stalled)) {
    let dir = tempfile::tempdir().unwrap();
    let (input, files) = pictures(dir.path(), 24);
    let Some(stalled) = Stalled::of(&files[..2]) else {
        return eprintln!("skipped: no leases on files here");
    };
    let whole = batch(&input, &dir.path().join("out"), &recipe(&[], "png"), settings(executor, 2));
    let running = start(whole, Arc::new(|_: Event| {})).unwrap();
    wait_for(&running, "the others", |running| running.progress().finished() == 22);
    wait_for(&running, "the trouble", |running| stalled_files(&running.troubles()) == 2);
    let said = running.troubles()[0].to_string();
    assert!(said.contains("does not answer") && said.contains("photo 0"), "{said}");
    then(running, stalled);
}

#[test]
fn a_source_that_does_not_answer_costs_only_its_own_thread() {
    std::thread::scope(|scope| {
        for executor in EXECUTORS {
            scope.spawn(|| {
                with_stalled(executor.id, |running, stalled| {
                    stalled.answer();
                    let report = running.wait();
                    assert_eq!(report.totals.done, 24, "{}: {report:?}", executor.id);
                });
            });
        }
    });
}

#[test]
fn what_does_not_answer_can_be_given_up_or_stopped() {
    std::thread::scope(|scope| {
        for executor in EXECUTORS {
            scope.spawn(|| {
                with_stalled(executor.id, |running, stalled| {
                    running.troubles().iter().for_each(|trouble| running.give_up(trouble));
                    let report = running.wait();
                    assert_eq!((report.totals.done, report.totals.failed), (22, 2), "{}", executor.id);
                    let failed = report.images.iter().find(|image| image.outcome == Outcome::Failed).unwrap();
                    let reason = failed.reason.as_deref().unwrap();
                    assert!(reason.contains("did not answer for") && reason.contains("given up"), "{reason}");
                    stalled.answer();
                });
            });
            scope.spawn(|| {
                with_stalled(executor.id, |running, stalled| {
                    let began = Instant::now();
                    running.control().stop();
                    let report = running.wait();
                    assert!(began.elapsed() < Duration::from_secs(1), "{}: {:?}", executor.id, began.elapsed());
                    assert_eq!((report.totals.done, report.totals.stopped), (22, 2), "{}", executor.id);
                    stalled.answer();
                });
            });
        }
    });
}

/// A file system of its own that holds `bytes`; unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where this process may not mount.
    fn mount(at: &Path, options: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output().ok()?;
        mounted.status.success().then(|| Self(at.to_path_buf()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

fn full_disk_pauses(executor: &str, options: &str, fill: impl Fn(&Path), free: impl Fn(&Path)) {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 30, 200, 150);
    let Some(disk) = SmallDisk::mount(&dir.path().join("disk"), options) else {
        return eprintln!("skipped: no file system can be mounted here");
    };
    fill(&disk.0);
    let out = disk.0.join("out");
    let whole = batch(&input, &out, &recipe(&[], "bmp"), settings(executor, 2));
    let running = start(whole, Arc::new(|_: Event| {})).unwrap();
    wait_for(&running, "the full disk", |running| running.control().is_held());
    wait_for(&running, "quiet", |running| running.progress().finished() < 30 && !running.troubles().is_empty());
    sleep(Duration::from_millis(400));
    let before = running.progress().finished();
    let said = running.troubles()[0].to_string();
    assert!(said.contains("no space left") && said.contains("wait"), "{said}");
    sleep(Duration::from_millis(300));
    assert_eq!(running.progress().finished(), before, "{executor}: nothing is begun meanwhile");
    assert!(!running.control().is_paused(), "nobody asked for it");
    free(&disk.0);
    wait_for(&running, "the end", Running::is_finished);
    assert!(running.troubles().is_empty());
    let report = running.wait();
    assert_eq!(report.totals.done, 30, "{executor}: {report:?}");
    assert_eq!(content(&out).len(), 30, "{executor}: and nothing else");
}

#[test]
fn a_full_disk_pauses_the_run_until_there_is_room() {
    for executor in EXECUTORS {
        let ballast = |disk: &Path| std::fs::write(disk.join("ballast"), vec![1; 5 << 20]).unwrap();
        let room = |disk: &Path| std::fs::remove_file(disk.join("ballast")).unwrap();
        full_disk_pauses(executor.id, "size=6m", ballast, room);
    }
}

#[test]
fn a_disk_that_takes_no_more_files_pauses_the_run_as_well() {
    let many = |disk: &Path| (0..20).for_each(|n| std::fs::write(disk.join(n.to_string()), "").unwrap());
    let few = |disk: &Path| (0..20).for_each(|n| std::fs::remove_file(disk.join(n.to_string())).unwrap());
    full_disk_pauses("hybrid", "size=64m,nr_inodes=40", many, few);
}

#[test]
fn a_full_disk_can_be_given_up_or_stopped() {
    for executor in EXECUTORS {
        for stops in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let input = folder(dir.path(), 12, 200, 150);
            let Some(disk) = SmallDisk::mount(&dir.path().join("disk"), "size=400k") else {
                return eprintln!("skipped: no file system can be mounted here");
            };
            let out = disk.0.join("out");
            let whole = batch(&input, &out, &recipe(&[], "bmp"), settings(executor.id, 2));
            let running = start(whole, Arc::new(|_: Event| {})).unwrap();
            wait_for(&running, "the full disk", |running| !running.troubles().is_empty());
            if stops {
                let began = Instant::now();
                running.control().stop();
                let report = running.wait();
                assert!(began.elapsed() < Duration::from_secs(1), "{}", executor.id);
                assert!(report.totals.stopped > 0 && report.totals.failed == 0, "{}: {report:?}", executor.id);
                continue;
            }
            while !running.is_finished() {
                running.troubles().iter().for_each(|trouble| running.give_up(trouble));
                sleep(Duration::from_millis(5));
            }
            let report = running.wait();
            assert!(report.totals.failed > 0 && report.totals.stopped == 0, "{}: {report:?}", executor.id);
            let failed = report.images.iter().find(|image| image.outcome == Outcome::Failed).unwrap();
            assert!(failed.reason.as_deref().unwrap().contains("free some space"), "{failed:?}");
            assert_eq!(content(&out).len(), report.totals.done, "{}: only whole results", executor.id);
        }
    }
}

#[test]
fn pictures_whose_folder_is_lost_are_not_computed() {
    for executor in EXECUTORS {
        let dir = tempfile::tempdir().unwrap();
        let (input, out) = (folder(dir.path(), 60, 60, 40), dir.path().join("out"));
        let whole = batch(&input, &out, &recipe(&[], "png"), settings(executor.id, 2));
        let decoded = Arc::new(AtomicUsize::new(0));
        let (count, lost) = (Arc::clone(&decoded), AtomicBool::new(false));
        let sink = move |event: Event| match event {
            Event::Entered { stage: Stage::Decode, .. } => _ = count.fetch_add(1, SeqCst),
            // Others write meanwhile.
            Event::Finished(_) if !lost.swap(true, SeqCst) => while std::fs::remove_dir_all(&out).is_err() {},
            _ => {}
        };
        let report = start(whole, Arc::new(sink)).unwrap().wait();
        assert_eq!((report.totals.done, report.totals.failed), (0, 60), "{}: {report:?}", executor.id);
        let last = report.images.last().unwrap();
        assert!(last.reason.as_deref().unwrap().contains("no longer the one"), "{last:?}");
        let decoded = decoded.load(SeqCst);
        assert!(decoded <= 20, "{}: {decoded} of 60 were decoded", executor.id);
    }
}
