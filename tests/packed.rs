//! Runs into archives: resumed, tried again, verified, undone and repeated as those into folders, and never half there.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, UNIX_EPOCH};

use common::{content, files, photo, save};
use serde_json::Value;

/// Names of archives with the arguments that lead to them: one, or several of at most so many MiB.
const KINDS: [(&str, &[&str]); 3] = [
    ("new.zip", &["--out", "new.zip"]),
    ("new.tar", &["--out", "new.tar"]),
    ("new-000000.tar", &["--out", "new.tar", "--shard", "1"]),
];

const PICTURES: usize = 6;

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
    command.args(args).current_dir(dir).env("XDG_STATE_HOME", dir.join("state")).env("HOME", dir.join("home"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn lightloom(dir: &Path, args: &[&str]) -> Output {
    command(dir, args).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn well(dir: &Path, args: &[&str]) -> Output {
    let output = lightloom(dir, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
    output
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A folder with pictures that make results of half a MiB.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for index in 0..PICTURES {
        picture(dir.path(), index, index as u32);
    }
    dir
}

/// Saves a picture, whose time is told by its content: archives hold the times of sources.
fn picture(dir: &Path, index: usize, seed: u32) {
    let path = dir.join(format!("photos/{index}.png"));
    save(&path, photo(60, 40, seed));
    age(&path, seed);
}

fn age(path: &Path, seed: u32) {
    let file = fs::OpenOptions::new().append(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000 + 60 * u64::from(seed))).unwrap();
}

/// The arguments of a run.
fn process<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let filter = "resize:width=480,height=360,enlarge=true";
    [&["process", "photos", "--format", "bmp", "--filter", filter], more].concat()
}

/// What is in the folder beside the pictures and the program's own files.
fn made(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = content(dir);
    all.retain(|(path, _)| is_made(path));
    all
}

/// The names of what is there, also while a run is at work.
fn names(dir: &Path) -> BTreeSet<String> {
    let all = files(dir).into_iter().filter(|path| is_made(path));
    all.map(|path| path.to_string_lossy().into_owned()).collect()
}

fn is_made(path: &Path) -> bool {
    !["photos", "state", "home"].iter().any(|own| path.starts_with(own))
}

/// What an undisturbed run makes.
fn undisturbed(kind: &[&str]) -> Vec<(PathBuf, Vec<u8>)> {
    let dir = folder();
    well(dir.path(), &process(kind));
    let made = made(dir.path());
    let names = names(dir.path());
    assert!(names.iter().all(|name| !name.starts_with(".lightloom")), "{names:?}");
    made
}

/// Kills a run once it has made some of its results.
fn kill(dir: &Path, kind: &[&str]) {
    let slow = ["--executor", "sequential", "--simulate-latency", "200"];
    let mut child = command(dir, &process(&[kind, &slow[..]].concat())).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while names(dir).iter().filter(|name| name.ends_with(".bmp")).count() < 2 {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "it makes no results");
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn runs(dir: &Path) -> Value {
    json(&well(dir, &["runs", "--json"]))
}

#[test]
fn a_killed_run_is_resumed_and_the_archive_is_as_if_nothing_had_happened() {
    for (name, kind) in KINDS {
        let expected = undisturbed(kind);
        assert_eq!(expected[0].0, Path::new(name));
        let dir = folder();
        kill(dir.path(), kind);
        let waiting = names(dir.path());
        assert!(waiting.iter().all(|name| name.starts_with(".lightloom-archive-")), "{name}: {waiting:?}");
        let listed = lightloom(dir.path(), &["runs"]);
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        assert!(listed.contains("interrupted") && listed.contains("new."), "{listed}");
        // Another run beside it leaves alone what a journal can go on with.
        well(dir.path(), &process(&["--out", "other.zip"]));
        assert!(names(dir.path()).is_superset(&waiting), "{name}");
        fs::remove_file(dir.path().join("other.zip")).unwrap();
        let resumed = well(dir.path(), &["resume", "--json", runs(dir.path())[1]["run"].as_str().unwrap()]);
        let report = json(&resumed);
        assert!(said(&resumed).contains("pictures are done"), "{}", said(&resumed));
        assert_eq!(report["totals"]["done"], PICTURES, "{name}");
        for image in report["images"].as_array().unwrap() {
            let path = image["outputs"][0]["path"].as_str().unwrap();
            assert!(path.contains("new"), "{path}");
            assert!(expected.iter().any(|(archive, _)| Path::new(path).parent().unwrap().ends_with(archive)), "{path}");
        }
        assert!(made(dir.path()) == expected, "{name}: {:?}", names(dir.path()));
        let archive = dir.path().join(name);
        let again = well(dir.path(), &["resume", archive.to_str().unwrap()]);
        assert!(said(&again).contains("is complete"), "{}", said(&again));
    }
}

#[test]
fn what_was_packed_and_not_recorded_is_taken_for_what_it_is() {
    for (name, kind) in KINDS {
        let dir = folder();
        well(dir.path(), &process(kind));
        let expected = made(dir.path());
        let state = dir.path().join("state/lightloom/runs");
        let journal = fs::read_dir(state).unwrap().next().unwrap().unwrap().path();
        let text = fs::read_to_string(&journal).unwrap();
        let keeps = |line: &&str| !["\"packed\"", "\"ended\""].iter().any(|kind| line.contains(kind));
        fs::write(&journal, text.lines().filter(keeps).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        let resumed = well(dir.path(), &["resume"]);
        assert!(made(dir.path()) == expected, "{name}: {} {:?}", said(&resumed), names(dir.path()));
        well(dir.path(), &["undo", "last", "--delete"]);
        assert!(made(dir.path()).is_empty(), "{name}: {:?}", names(dir.path()));
    }
}

#[test]
fn what_failed_is_tried_again_and_joins_the_others() {
    for (name, kind) in KINDS {
        let expected = undisturbed(kind);
        let dir = folder();
        let broken = dir.path().join("photos/3.png");
        let whole = fs::read(&broken).unwrap();
        fs::write(&broken, b"no picture").unwrap();
        let output = lightloom(dir.path(), &process(kind));
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let before = made(dir.path());
        assert!(before != expected && before[0].0 == Path::new(name));
        fs::write(&broken, whole).unwrap();
        age(&broken, 3);
        well(dir.path(), &["retry", dir.path().join(name).to_str().unwrap()]);
        assert!(made(dir.path()) == expected, "{name}: {:?}", names(dir.path()));
        let checked = json(&well(dir.path(), &["verify", "last", "--json"]));
        assert_eq!(checked.as_array().unwrap().len(), PICTURES);
        fs::write(dir.path().join(name), "another").unwrap();
        assert_eq!(lightloom(dir.path(), &["verify", "last"]).status.code(), Some(1), "{name}");
        let undone = lightloom(dir.path(), &["undo", "last", "--delete"]);
        assert_eq!(undone.status.code(), Some(1), "what anybody changed is left");
        assert_eq!(names(dir.path()), BTreeSet::from([name.to_owned()]));
    }
}

#[test]
fn only_what_changed_is_made_again() {
    for (name, kind) in KINDS {
        let dir = folder();
        let run = |more: &[&str]| json(&well(dir.path(), &process(&[kind, &["--json"], more].concat())));
        let first = run(&[]);
        assert_eq!(first["totals"]["done"], PICTURES);
        let before = made(dir.path());
        let modified = || fs::metadata(dir.path().join(name)).unwrap().modified().unwrap();
        let written = modified();
        let second = run(&["--changed"]);
        assert_eq!((&second["totals"]["done"], &second["totals"]["skipped"]), (&0.into(), &PICTURES.into()), "{name}");
        assert!(made(dir.path()) == before && modified() == written, "{name} is not even touched");
        picture(dir.path(), 2, 99);
        let third = run(&["--changed"]);
        assert_eq!(
            (&third["totals"]["done"], &third["totals"]["skipped"]),
            (&1.into(), &(PICTURES - 1).into()),
            "{name}"
        );
        let other = undisturbed_of(dir.path(), kind);
        assert!(made(dir.path()) == other, "{name}: the others are as they were");
        // Fewer pictures: what a set has too much goes.
        for index in [0, 1, 4, 5] {
            fs::remove_file(dir.path().join(format!("photos/{index}.png"))).unwrap();
        }
        assert_eq!(run(&["--changed"])["totals"]["done"], 0, "{name}");
        assert!(made(dir.path()) == undisturbed_of(dir.path(), kind), "{name}: {:?}", names(dir.path()));
        // Another recipe, and an archive that somebody changed: all of it.
        assert_eq!(run(&["--changed", "--filter", "invert"])["totals"]["done"], 2, "{name}");
        assert_eq!(names(dir.path()), BTreeSet::from([name.to_owned()]), "it replaces what it made");
        fs::write(dir.path().join(name), "another").unwrap();
        assert_eq!(run(&["--changed", "--filter", "invert"])["totals"]["done"], 2, "{name}");
        assert_eq!(fs::read(dir.path().join(name)).unwrap(), b"another", "what is not the run's stays");
    }
}

/// What a new run makes of the same pictures elsewhere.
fn undisturbed_of(dir: &Path, kind: &[&str]) -> Vec<(PathBuf, Vec<u8>)> {
    let other = tempfile::tempdir().unwrap();
    fs::create_dir(other.path().join("photos")).unwrap();
    for (path, bytes) in content(&dir.join("photos")) {
        let (from, to) = (dir.join("photos").join(&path), other.path().join("photos").join(&path));
        fs::write(&to, bytes).unwrap();
        let modified = fs::metadata(from).unwrap().modified().unwrap();
        fs::OpenOptions::new().append(true).open(to).unwrap().set_modified(modified).unwrap();
    }
    well(other.path(), &process(kind));
    made(other.path())
}

#[test]
fn taken_names_are_met_as_the_policy_says() {
    for (name, kind) in KINDS {
        let expected = undisturbed(kind);
        let size = expected[0].1.len();
        let numbered = name.replacen("new", "new-2", 1);
        let (small, large) = (b"small".to_vec(), vec![7; 20 << 20]);
        for (policy, there, is_replaced, is_numbered) in [
            ("unique", &small, false, true),
            ("unique", &expected[0].1, false, true),
            ("overwrite", &small, true, false),
            ("changed", &small, true, false),
            ("smaller", &small, false, false),
            ("smaller", &large, true, false),
        ] {
            let dir = folder();
            fs::write(dir.path().join(name), there).unwrap();
            let output = well(dir.path(), &process(&[kind, &["--conflict", policy]].concat()));
            let now = fs::read(dir.path().join(name)).unwrap();
            let what = format!("{name} {policy}: {}", said(&output));
            // A set of archives is replaced as a whole, or not at all: one of them alone says nothing.
            let is_set = kind.contains(&"--shard");
            let is_replaced = if is_set && policy == "smaller" { true } else { is_replaced };
            assert_eq!(now == expected[0].1, is_replaced || there == &expected[0].1, "{what}");
            assert_eq!(dir.path().join(&numbered).exists(), is_numbered, "{what}");
        }
        assert!(size > 5);
        let dir = folder();
        fs::write(dir.path().join(name), "there").unwrap();
        let output = lightloom(dir.path(), &process(&[kind, &["--conflict", "skip"]].concat()));
        assert!(output.status.code() == Some(2) && said(&output).contains("is there and is kept"), "{}", said(&output));
        assert_eq!(names(dir.path()), BTreeSet::from([name.to_owned()]));
        // The same bytes under the policy that looks at them.
        let dir = folder();
        well(dir.path(), &process(kind));
        let output = well(dir.path(), &process(&[kind, &["--conflict", "changed"]].concat()));
        assert!(said(&output).contains("is kept"), "{}", said(&output));
        assert!(made(dir.path()) == expected, "{name}");
    }
}

#[test]
fn an_archive_that_cannot_be_written_leaves_its_results_to_be_packed_later() {
    let dir = folder();
    // What stands there when the archive is to get its name is a folder.
    let slow = ["--out", "new.zip", "--conflict", "overwrite", "--simulate-latency", "150", "--executor", "sequential"];
    let child = command(dir.path(), &process(&slow)).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while names(dir.path()).iter().filter(|name| name.ends_with(".bmp")).count() < 1 {
        assert!(Instant::now() < deadline, "it makes no results");
        std::thread::sleep(Duration::from_millis(10));
    }
    fs::create_dir(dir.path().join("new.zip")).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("the archive new.zip cannot be written"), "{}", said(&output));
    let waits = |name: &String| name.contains("/results/") && name.ends_with(".bmp");
    assert_eq!(names(dir.path()).iter().filter(|name| waits(name)).count(), PICTURES);
    fs::remove_dir(dir.path().join("new.zip")).unwrap();
    let resumed = well(dir.path(), &["resume"]);
    assert!(said(&resumed).contains("6 pictures are done, 0 are left"), "{}", said(&resumed));
    assert_eq!(names(dir.path()), BTreeSet::from(["new.zip".to_owned()]));
    // Whoever gives a run up gives up what waits for it.
    kill(dir.path(), &["--out", "other.tar"]);
    well(dir.path(), &["undo", "last", "--delete"]);
    assert_eq!(names(dir.path()), BTreeSet::from(["new.zip".to_owned()]));
    kill(dir.path(), &["--out", "other.tar"]);
    well(dir.path(), &["runs", "last", "--forget"]);
    assert_eq!(names(dir.path()), BTreeSet::from(["new.zip".to_owned()]));
}
