//! Files made to do harm, each through the real program in a process of its own: it must come to its end within five
//! seconds and one gibibyte, and without a crash. What each must end as is asked in tests/corpus.rs.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "common/corpus.rs"]
mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{corpus, skipped, table};
use crossbeam_channel::{RecvTimeoutError, bounded};
use rayon::prelude::*;
use wait4::Wait4;

/// Largest memory that a process may hold, as the system counts it (`ru_maxrss`).
const MOST_BYTES: u64 = 1 << 30;

/// The aim is five seconds on a quiet machine with an optimised program. An unoptimised one that shares its machine
/// gets more, so that only what hangs is ended.
const MOST_TIME: Duration = Duration::from_secs(60);

/// How a process ended.
struct End {
    file: PathBuf,
    /// Exit code; `None` if a signal ended it.
    code: Option<i32>,
    wall: Duration,
    /// Processor time, which other programs do not lengthen as they do the wall time.
    processor: Duration,
    bytes: u64,
}

/// Runs the program and measures it; one that does not end in time is killed.
fn run(file: &Path, mode: &str, out: &Path) -> End {
    let begun = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .env("XDG_STATE_HOME", std::env::temp_dir().join("lightloom-test-state"))
        .args(["process", "--json", "--executor", "sequential", "--frames", mode, "--out"])
        .args([out, file])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let id = rustix::process::Pid::from_child(&child);
    let (ended, guarded) = bounded::<()>(0);
    let end = std::thread::scope(|scope| {
        scope.spawn(move || {
            if guarded.recv_timeout(MOST_TIME) == Err(RecvTimeoutError::Timeout) {
                let _gone = rustix::process::kill_process(id, rustix::process::Signal::KILL);
            }
        });
        let end = child.wait4().unwrap();
        drop(ended);
        end
    });
    End {
        file: file.to_path_buf(),
        code: end.status.code(),
        wall: begun.elapsed(),
        processor: end.rusage.utime + end.rusage.stime,
        bytes: end.rusage.maxrss,
    }
}

/// Runs every file and holds it to the limits; `codes` are the ways in which it may end.
fn judge(files: &[PathBuf], modes: &[&str], codes: std::ops::RangeInclusive<i32>) {
    let dir = tempfile::tempdir().unwrap();
    let runs: Vec<_> = modes.iter().flat_map(|mode| files.iter().map(move |file| (file, mode))).collect();
    let one = |(number, (file, mode)): (usize, &(&PathBuf, &&str))| {
        let out = dir.path().join(number.to_string());
        let end = run(file, mode, &out);
        let _absent = fs::remove_dir_all(out);
        end
    };
    let ends: Vec<End> = runs.par_iter().enumerate().map(one).collect();
    let told = |end: &End| {
        let End { file, code, wall, processor, bytes } = end;
        let name = file.file_name().unwrap().to_string_lossy();
        format!("{name}: exit {code:?}, {wall:.1?}, processor {processor:.1?}, {} MiB", bytes >> 20)
    };
    println!("{} runs", ends.len());
    println!("longest: {}", told(ends.iter().max_by_key(|end| end.wall).unwrap()));
    println!("busiest: {}", told(ends.iter().max_by_key(|end| end.processor).unwrap()));
    println!("largest: {}", told(ends.iter().max_by_key(|end| end.bytes).unwrap()));
    for end in &ends {
        assert!(end.code.is_some_and(|code| codes.contains(&code)), "crashed or hung: {}", told(end));
        assert!(end.bytes <= MOST_BYTES, "more than a gibibyte: {}", told(end));
        assert!(end.bytes > 1 << 20, "nothing was measured: {}", told(end));
    }
}

#[test]
fn every_hostile_file_ends_within_a_gibibyte() {
    let Some(corpus) = corpus() else { return };
    let rows = table(&corpus.join("hostile.tsv"));
    let files: Vec<PathBuf> = rows.iter().map(|row| corpus.join(&row["file"])).filter(|file| file.exists()).collect();
    assert!(files.len() > 400, "{}", files.len());
    // All well, or the picture failed.
    judge(&files, &["first"], 0..=1);
    // What asks for much by its frames does so only where they are all taken.
    let animates = |file: &&PathBuf| {
        let kinds = ["gif", "png", "webp", "tif", "tiff"];
        file.parent().is_some_and(|folder| folder.ends_with("bomb"))
            && file.extension().is_some_and(|e| kinds.iter().any(|kind| e.eq_ignore_ascii_case(kind)))
    };
    let animated: Vec<PathBuf> = files.iter().filter(animates).cloned().collect();
    assert!(animated.len() > 10, "{}", animated.len());
    judge(&animated, &["keep", "all"], 0..=1);
}

#[test]
fn what_a_disk_can_hold_besides_pictures_ends_within_a_gibibyte() {
    let Some(corpus) = corpus() else { return };
    let dir = tempfile::tempdir().unwrap();
    let script = |arguments: &[&std::ffi::OsStr]| {
        Command::new("bash").arg(corpus.join("make_fs.sh")).args(arguments).output().unwrap()
    };
    let made = script(&[dir.path().as_os_str()]);
    if !made.status.success() {
        skipped(&format!("the script cannot run here: {}", String::from_utf8_lossy(&made.stderr)));
        return;
    }
    let sources = dir.path().join("fs");
    // Folders are entered by a run of their own each; links and pipes are named as they are.
    let mut entries: Vec<PathBuf> = fs::read_dir(&sources).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    let names = sources.join("names");
    entries.extend(fs::read_dir(&names).unwrap().map(|e| e.unwrap().path()).filter(|path| !path.is_dir()));
    assert!(entries.len() > 40, "{}", entries.len());
    // Where there is nothing to do at all, that has its own exit code.
    let ends = std::panic::catch_unwind(|| judge(&entries, &["first"], 0..=2));
    script(&["--clean".as_ref(), dir.path().as_os_str()]);
    ends.unwrap();
}
