//! Names, plans and runs of the past on the command line, as a person types them.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::{content, folder, photo, save};
use serde_json::Value;

/// The program in this folder, with a history of its own.
fn lightloom(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
    command.args(args).current_dir(dir).env("XDG_STATE_HOME", dir.join("state")).env("HOME", dir.join("home"));
    command.output().unwrap()
}

/// What it prints when all goes well.
fn well(dir: &Path, args: &[&str]) -> String {
    let output = lightloom(dir, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(dir: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&well(dir, args)).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    content(folder).into_iter().map(|(path, _)| path.to_string_lossy().into_owned()).collect()
}

#[test]
fn results_are_called_as_the_template_says() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 1, 64, 48);
    save(&input.join("deep/b.png"), photo(30, 40, 2));
    let process = ["process", "photos", "--out", "out", "--filter", "rotate:turns=right", "--format", "png"];
    let name = "{relpath}/{seq:3}-{name}-{width}x{height}";
    well(dir.path(), &[&process[..], &["--flat", "--name", name]].concat());
    assert_eq!(names(&dir.path().join("out")), ["001-photo 00-48x64.png", "deep/002-b-40x30.png"]);
    for (wrong, reason) in [
        ("{nmae}", "there is no token {nmae}"),
        ("../{name}", "no folder below the output folder"),
        ("{name", "a brace stands alone"),
        ("a:{name}", "contains ':'"),
    ] {
        let output = lightloom(dir.path(), &[&process[..], &["--name", wrong]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(reason), "{said}");
    }
}

#[test]
fn a_plan_says_what_will_happen_and_does_nothing() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 3, 64, 48);
    let there = dir.path().join("out/photo 01.jpg");
    fs::create_dir_all(there.parent().unwrap()).unwrap();
    fs::write(&there, "there").unwrap();
    let plan = |conflict: &str| {
        json(dir.path(), &["process", "photos", "--out", "out", "--conflict", conflict, "--dry-run", "--json"])
    };
    for (conflict, path, action) in [
        ("unique", "out/photo 01-2.jpg", "create"),
        ("skip", "out/photo 01.jpg", "skip"),
        ("overwrite", "out/photo 01.jpg", "replace"),
        ("changed", "out/photo 01.jpg", "replace_if_changed"),
        ("smaller", "out/photo 01.jpg", "replace_if_smaller"),
    ] {
        let plan = plan(conflict);
        let target = &plan["pictures"][1]["targets"][0];
        assert_eq!((target["path"].as_str(), target["action"].as_str()), (Some(path), Some(action)));
        let estimate = &plan["estimate"];
        assert_eq!(estimate["pictures"], if conflict == "skip" { 2 } else { 3 });
        assert!(estimate["result_bytes"].as_u64().unwrap() > 0 && estimate["seconds"].as_f64().unwrap() > 0.0);
    }
    let text = well(dir.path(), &["process", "photos", "--out", "out", "--conflict", "overwrite", "--dry-run"]);
    assert!(text.contains("photo 01.jpg (replaces the file that is there)"), "{text}");
    assert!(text.contains("3 pictures to process, 0 skipped; 2 new files, 1 that may replace others"), "{text}");
    assert_eq!(names(&dir.path().join("out")), ["photo 01.jpg"]);
    assert!(!dir.path().join("state").exists(), "no journal of a plan");
}

#[test]
fn runs_are_listed_verified_repeated_and_undone() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 64, 48);
    fs::write(input.join("letter.jpg"), "no picture").unwrap();
    let process = ["process", "photos", "--out", "out", "--preset", "web_1920"];
    assert_eq!(lightloom(dir.path(), &process).status.code(), Some(1), "one fails");
    let runs = json(dir.path(), &["runs", "--json"]);
    let run = &runs[0];
    assert_eq!((run["done"].as_u64(), run["failed"].as_u64(), run["left"].as_u64()), (Some(3), Some(1), Some(0)));
    assert_eq!(run["recipe_name"], "web_1920");
    let id = run["run"].as_str().unwrap();
    assert!(well(dir.path(), &["runs"]).contains(id));
    let shown = well(dir.path(), &["runs", "last"]);
    assert!(shown.contains("complete") && shown.contains("letter.jpg") && shown.contains("lightloom retry"), "{shown}");
    assert_eq!(well(dir.path(), &["runs", id, "--csv"]).lines().count(), 5, "a head and a line for each picture");
    assert!(well(dir.path(), &["verify", "out"]).contains("3 of 3 results are what the run"));
    let whole = content(&dir.path().join("out"));

    fs::write(input.join("letter.jpg"), fs::read(input.join("photo 00.jpg")).unwrap()).unwrap();
    let retried = json(dir.path(), &["retry", "last", "--json"]);
    assert_eq!((retried["totals"]["done"].as_u64(), retried["totals"]["images"].as_u64()), (Some(4), Some(4)));
    assert!(well(dir.path(), &["resume", id]).is_empty(), "nothing is left");
    let again = json(dir.path(), &[&process[..], &["--changed", "--json"]].concat());
    assert_eq!((again["totals"]["done"].as_u64(), again["totals"]["skipped"].as_u64()), (Some(0), Some(4)));

    fs::write(dir.path().join("out/photo 00.jpg"), "edited").unwrap();
    let verified = lightloom(dir.path(), &["verify", id]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("photo 00.jpg: the file has been changed"));
    let undone = lightloom(dir.path(), &["undo", id, "--delete"]);
    assert_eq!(undone.status.code(), Some(1), "one file is left");
    assert_eq!(names(&dir.path().join("out")), ["photo 00.jpg"]);
    assert_eq!(content(&input).len(), 4);
    assert!(well(dir.path(), &["runs"]).contains("undone"));
    well(dir.path(), &["runs", id, "--forget"]);
    assert!(!well(dir.path(), &["runs"]).contains(id));
    assert_eq!(whole.len(), 3);
}

#[test]
fn a_page_of_a_run_needs_nothing_else_and_runs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 64, 48);
    let hostile = "<img src=x onerror=alert(1)>&\"'.jpg";
    fs::write(input.join(hostile), "no picture").unwrap();
    assert_eq!(lightloom(dir.path(), &["process", "photos", "--out", "out"]).status.code(), Some(1));
    well(dir.path(), &["runs", "last", "--html", "run.html"]);
    let page = fs::read_to_string(dir.path().join("run.html")).unwrap();
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;") && !page.contains("<img src=x"), "{page}");
    assert!(page.contains("1 × decode: ") && page.contains("<svg") && page.contains("2 done, 1 failed"));
    assert!(!page.contains("<script") && !page.contains("http:") && !page.contains("https:"), "it loads nothing");
}

#[test]
fn results_beside_their_originals_are_not_processed_again() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 64, 48);
    for round in 1..=3 {
        let output = lightloom(dir.path(), &["process", "photos", "--out", "photos", "--name", "{name}-small"]);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(content(&input).len(), 3 + 3 * round, "three more in each round");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(round == 1 || said.contains("results of earlier runs were left out"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn times_are_those_of_the_time_zone() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 1, 64, 48);
    well(dir.path(), &["process", "photos", "--out", "out"]);
    let started = json(dir.path(), &["runs", "--json"])[0]["started"].as_u64().unwrap();
    for (zone, hours) in [("UTC0", 0), ("Here-5", 5), ("There3", -3)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
        command.args(["runs", "--csv"]).env("XDG_STATE_HOME", dir.path().join("state")).env("TZ", zone);
        let listed = String::from_utf8(command.output().unwrap().stdout).unwrap();
        let clock = (started as i64 + hours * 3600).rem_euclid(86_400);
        let time = format!(" {:02}:{:02}:{:02},", clock / 3600, clock / 60 % 60, clock % 60);
        assert!(listed.contains(&time), "{zone}: {listed} lacks {time}");
    }
}

#[test]
fn old_runs_are_removed_from_the_history_on_request() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 2, 64, 48);
    for _ in 0..3 {
        well(dir.path(), &["process", "photos", "--out", "out"]);
    }
    let listed = || well(dir.path(), &["runs", "--csv"]).lines().count() - 1;
    assert!(well(dir.path(), &["runs", "--prune", "30"]).starts_with("0 runs are forgotten"));
    assert_eq!(listed(), 3, "none is old");
    assert!(well(dir.path(), &["runs", "--prune", "0"]).starts_with("2 runs are forgotten"));
    assert_eq!((listed(), names(&dir.path().join("out")).len()), (1, 6), "the newest and all results stay");
}
