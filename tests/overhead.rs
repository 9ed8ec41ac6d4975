//! What the program does beside its pictures costs next to nothing: the processor time of a whole run is that of its lanes.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::path::Path;
use std::process::{Command, Stdio};

use common::{photo, save};
use lightloom::batch::EXECUTORS;
use serde_json::Value;

/// Most that a run may take of what its lanes take.
const MOST: f64 = 1.03;

/// Processor seconds of a run's start and end, which do not grow with it.
const FIXED: f64 = 0.03;

/// Runs the program with some more arguments, on a terminal if wanted; returns the processor seconds of all and of lanes.
fn seconds(dir: &Path, executor: &str, more: &[&str], on_terminal: bool) -> (f64, f64) {
    let out = tempfile::tempdir_in(dir).unwrap();
    let program = env!("CARGO_BIN_EXE_lightloom");
    let filters = ["--filter", "non_local_means", "--filter", "bilateral:sigma=4", "--format", "png"];
    let arguments: Vec<&str> = [
        &["process", "photos", "--executor", executor, "--io-threads", "2", "--cores", "2", "--out"][..],
        &[out.path().to_str().unwrap()],
        &filters,
        more,
    ]
    .concat();
    let mut command = if on_terminal {
        let words = [&[program][..], &arguments].concat().iter().map(|word| format!("'{word}'")).collect::<Vec<_>>();
        let mut command = Command::new("script");
        command.args(["-qec", &words.join(" "), "/dev/null"]);
        command
    } else {
        let mut command = Command::new(program);
        command.args(&arguments);
        command
    };
    command.current_dir(dir).env("XDG_STATE_HOME", out.path().join("state")).env("HOME", dir).env("TERM", "xterm");
    let done = command.stdin(Stdio::null()).output().unwrap();
    assert!(done.status.success(), "{executor} {more:?}: {}", String::from_utf8_lossy(&done.stderr));
    let mut listed = Command::new(program);
    listed.args(["runs", "last", "--json"]).env("XDG_STATE_HOME", out.path().join("state")).env("HOME", dir);
    let run: Value = serde_json::from_slice(&listed.output().unwrap().stdout).unwrap();
    let total = |key: &str| run["totals"][key].as_f64().unwrap();
    (total("cpu_secs"), total("lane_cpu_secs"))
}

#[test]
fn a_run_takes_little_more_than_its_lanes() {
    let dir = tempfile::tempdir().unwrap();
    for index in 0..4 {
        save(&dir.path().join(format!("photos/{index}.png")), photo(300, 200, index));
    }
    let has_terminal = Command::new("script").arg("--version").output().is_ok_and(|done| done.status.success());
    if !has_terminal {
        println!("skipped: progress on a terminal, since there is no 'script' that makes one");
    }
    for executor in EXECUTORS {
        for (more, on_terminal) in
            [(&[][..], false), (&["--json"], false), (&["--trace", "trace.json"], false), (&[], true)]
        {
            if on_terminal && !has_terminal {
                continue;
            }
            let (all, lanes) = seconds(dir.path(), executor.id, more, on_terminal);
            let context =
                format!("{} {more:?}, terminal {on_terminal}: {all} s, of which lanes {lanes} s", executor.id);
            assert!(lanes > 0.5, "too little to judge: {context}");
            assert!(all <= lanes * MOST + FIXED, "{context}");
        }
    }
}
