//! Watched folders, on real ones: what is written slowly, moved in, renamed and replaced, and a program that is killed.
//! No test asserts how long something takes.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{content, photo, recipe, save, settings};
use lightloom::batch::{Event, ImageReport, Outcome, OutputSettings, OutputState, start};
use lightloom::journal::{History, Store};
use lightloom::watch::{WatchEvent, WatchRequest, Watching, watch};

/// For how long the tests have a file be quiet.
const SETTLE: Duration = Duration::from_millis(150);

/// A folder to watch, one for results and one for journals.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(place.input()).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn input(&self) -> PathBuf {
        self.path("in")
    }

    fn add(&self, name: &str, seed: u32) {
        save(&self.input().join(name), photo(40, 30, seed));
    }

    fn store(&self) -> Store {
        Store::at(self.path("runs"))
    }

    fn request(&self) -> WatchRequest {
        WatchRequest {
            folders: vec![self.input()],
            recipe: recipe(&["invert"], "png"),
            output: OutputSettings { folder: Some(self.path("out")), ..OutputSettings::default() },
            settings: settings("hybrid", 2),
            all_files: false,
            settle: SETTLE,
            poll: None,
            once: false,
        }
    }

    fn watch(&self) -> Watched {
        Watched(watch(self.request(), &self.store(), || {}).unwrap())
    }

    /// The names of results.
    fn results(&self) -> Vec<String> {
        names(&self.path("out"))
    }
}

fn names(folder: &Path) -> Vec<String> {
    let names = content(folder).into_iter().map(|(path, _)| path.to_str().unwrap().to_owned());
    names.filter(|name| !name.starts_with('.')).collect()
}

/// A watch that is stopped at its end.
struct Watched(Watching);

impl Watched {
    /// The next `count` pictures by name.
    fn next(&self, count: usize) -> BTreeMap<String, ImageReport> {
        let until = Instant::now() + Duration::from_secs(60);
        let mut pictures = BTreeMap::new();
        while pictures.len() < count {
            let event = self.0.events().recv_deadline(until);
            match event.unwrap_or_else(|e| panic!("waited for {count}, got {:?}: {e}", pictures.keys())) {
                WatchEvent::Picture(report) => {
                    let name = report.source.file_name();
                    assert!(pictures.insert(name.clone(), *report).is_none(), "{name} was processed twice");
                }
                WatchEvent::Note(text) | WatchEvent::Problem(text) => eprintln!("{text}"),
            }
        }
        pictures
    }

    /// Asserts that nothing more is processed for a while.
    fn assert_quiet(&self) {
        let more = self.0.events().recv_timeout(SETTLE * 8);
        assert!(!matches!(more, Ok(WatchEvent::Picture(_))), "{more:?}");
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.stopper().stop();
        let began = Instant::now();
        while !self.0.is_finished() && began.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn pictures_are_processed_as_they_come_each_once() {
    let place = Place::new();
    place.add("there.png", 1);
    let watched = place.watch();
    assert_eq!(watched.next(1)["there.png"].outcome, Outcome::Done);
    place.add("new.png", 2);
    place.add("deep/er/new too.png", 3);
    fs::write(place.input().join("broken.png"), "no picture").unwrap();
    fs::write(place.input().join("notes.txt"), "no picture").unwrap();
    fs::write(place.input().join("empty.png"), "").unwrap();
    let pictures = watched.next(3);
    assert_eq!(pictures["broken.png"].outcome, Outcome::Failed);
    assert_eq!(place.results(), ["deep/er/new too.png", "new.png", "there.png"]);
    watched.assert_quiet();
    drop(watched);
    // Another watch goes on where this one ended.
    place.add("later.png", 4);
    let watched = place.watch();
    assert_eq!(watched.next(1).keys().collect::<Vec<_>>(), ["later.png"]);
    watched.assert_quiet();
    assert_eq!((place.store().runs().len(), place.results().len()), (1, 4));
}

#[test]
fn a_file_that_is_written_slowly_is_waited_for() {
    let place = Place::new();
    place.add("whole.png", 1);
    let bytes = fs::read(place.input().join("whole.png")).unwrap();
    fs::remove_file(place.input().join("whole.png")).unwrap();
    let watched = place.watch();
    let mut file = fs::File::create(place.input().join("slow.png")).unwrap();
    for piece in bytes.chunks(bytes.len() / 6 + 1) {
        file.write_all(piece).unwrap();
        file.flush().unwrap();
        std::thread::sleep(SETTLE / 3);
    }
    drop(file);
    assert_eq!(watched.next(1)["slow.png"].outcome, Outcome::Done);
    watched.assert_quiet();
}

#[test]
fn a_source_that_changes_is_processed_again_and_its_result_replaced() {
    let place = Place::new();
    place.add("a.png", 1);
    let bytes = fs::read(place.input().join("a.png")).unwrap();
    fs::write(place.input().join("a.png"), &bytes[..bytes.len() / 2]).unwrap();
    let watched = place.watch();
    let first = &watched.next(1)["a.png"];
    assert_ne!(first.outcome, Outcome::Done, "a part of the file");
    fs::write(place.input().join("a.png"), &bytes).unwrap();
    assert_eq!(watched.next(1)["a.png"].outcome, Outcome::Done);
    place.add("a.png", 2);
    let third = &watched.next(1)["a.png"];
    assert_eq!(third.outputs[0].state, OutputState::Replaced);
    assert_eq!(place.results(), ["a.png"]);
}

#[test]
fn files_and_folders_that_are_moved_and_renamed_are_followed() {
    let place = Place::new();
    for i in 0..5 {
        save(&place.path(&format!("elsewhere/trip/day/{i}.png")), photo(40, 30, i));
    }
    let watched = place.watch();
    fs::rename(place.path("elsewhere/trip"), place.input().join("trip")).unwrap();
    assert_eq!(watched.next(5).len(), 5);
    // Under a name that is none of a picture's, and then under its own.
    save(&place.path("x.png"), photo(40, 30, 9));
    fs::copy(place.path("x.png"), place.input().join("x.png.part")).unwrap();
    std::thread::sleep(SETTLE * 2);
    fs::rename(place.input().join("x.png.part"), place.input().join("x.png")).unwrap();
    assert_eq!(watched.next(1)["x.png"].outcome, Outcome::Done);
    // What was processed is not processed again under another name.
    fs::rename(place.input().join("trip"), place.input().join("journey")).unwrap();
    let renamed = watched.next(5);
    assert!(renamed.values().all(|report| report.outcome == Outcome::Skipped), "{renamed:?}");
    assert_eq!(place.results().len(), 6);
    // A folder that is new is watched as well.
    place.add("journey/day/new.png", 7);
    assert_eq!(watched.next(1)["new.png"].outcome, Outcome::Done);
}

#[test]
fn results_are_no_sources() {
    let place = Place::new();
    // Within the watched folder, and right beside the originals.
    for out in [place.input().join("results"), place.input()] {
        place.add("a.png", 1);
        let output = OutputSettings { folder: Some(out.clone()), ..OutputSettings::default() };
        let request = || WatchRequest { output: output.clone(), ..place.request() };
        for round in 0..2 {
            let watched = Watched(watch(request(), &place.store(), || {}).unwrap());
            place.add(&format!("{round}.png"), round);
            let count = if round == 0 { 2 } else { 1 };
            assert!(watched.next(count).contains_key(&format!("{round}.png")));
            watched.assert_quiet();
        }
        fs::remove_dir_all(place.input()).unwrap();
        fs::create_dir(place.input()).unwrap();
    }
}

#[test]
fn a_folder_is_looked_through_where_nobody_tells_of_changes() {
    let place = Place::new();
    let request = WatchRequest { poll: Some(SETTLE), ..place.request() };
    let watched = Watched(watch(request, &place.store(), || {}).unwrap());
    place.add("a.png", 1);
    place.add("day/b.png", 2);
    assert_eq!(watched.next(2).len(), 2);
    fs::rename(place.input().join("day"), place.path("away")).unwrap();
    place.add("c.png", 3);
    assert_eq!(watched.next(1).len(), 1);
    watched.assert_quiet();
}

#[test]
fn results_that_somebody_takes_away_at_once_are_not_lost() {
    let place = Place::new();
    place.add("a.png", 1);
    for are_taken in [true, false] {
        let mut batch = common::batch(&place.input(), &place.path("out"), &recipe(&[], "png"), settings("hybrid", 2));
        batch.results.are_taken = are_taken;
        let take = |event| {
            if let Event::Finished(report) = event {
                report.outputs.iter().for_each(|output| fs::remove_file(&output.path).unwrap());
            }
        };
        let report = start(batch, Arc::new(take)).unwrap().wait();
        assert_eq!(report.images[0].outcome == Outcome::Done, are_taken, "{report:?}");
    }
}

#[test]
fn once_ends_by_itself() {
    let place = Place::new();
    place.add("a.png", 1);
    let run = || {
        let request = WatchRequest { once: true, ..place.request() };
        let watched = Watched(watch(request, &place.store(), || {}).unwrap());
        let began = Instant::now();
        while !watched.0.is_finished() {
            assert!(began.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(5));
        }
        watched.0.counts().done
    };
    assert_eq!((run(), run()), (1, 0));
    place.add("b.png", 2);
    assert_eq!((run(), place.results().len()), (1, 2));
}

/// The program, watching; its journals are in the place.
fn program(place: &Place) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
    command.arg("watch").arg(place.input()).arg("--out").arg(place.path("out"));
    command.args(["--filter", "invert", "--settle", "0.15", "--format", "png", "--json"]);
    command.env("XDG_STATE_HOME", place.path("state")).env("HOME", place.path("home"));
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_that_is_killed_goes_on_without_copies() {
    let place = Place::new();
    let store = Store::at(place.path("state/lightloom/runs"));
    let mut added = 0;
    for kill in 0..4 {
        for _ in 0..12 {
            save(&place.input().join(format!("{added:02}.png")), photo(400, 300, added));
            added += 1;
        }
        let mut child = program(&place);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Each time at another moment: a few pictures are in work by then.
        for _ in 0..=kill * 2 {
            let line = lines.next().unwrap().unwrap();
            assert!(line.contains("\"outcome\":\"done\""), "{line}");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut child = program(&place);
    let journal = store.find("last").unwrap();
    let began = Instant::now();
    let finished = || History::read(&journal).unwrap().finished.len();
    while finished() < added as usize {
        assert!(began.elapsed() < Duration::from_secs(60), "{} of {added}", finished());
        std::thread::sleep(Duration::from_millis(20));
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success(), "a watch that is stopped has ended well");
    let expected: Vec<String> = (0..added).map(|i| format!("{i:02}.png")).collect();
    assert_eq!(names(&place.path("out")), expected, "no copies, nothing missing");
    let history = History::read(&journal).unwrap();
    assert_eq!((store.runs().len(), history.jobs.len(), history.count(Outcome::Done)), (1, 48, 48));
    assert_eq!((history.unfinished().count(), history.resumed.len()), (0, 4));
}

/// A folder seen through bindfs, whose changes behind the mount nobody tells of; `None` where there is none.
#[cfg(target_os = "linux")]
struct Mounted(PathBuf);

#[cfg(target_os = "linux")]
impl Mounted {
    fn new(behind: &Path, at: &Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let status = Command::new("bindfs").arg(behind).arg(at).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success()).then(|| Self(at.to_path_buf()))
    }
}

#[cfg(target_os = "linux")]
impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_share_is_watched_by_looking() {
    let place = Place::new();
    let at = place.path("share");
    let Some(mounted) = Mounted::new(&place.input(), &at) else {
        return eprintln!("skipped: no bindfs, or it may not mount here");
    };
    let request = WatchRequest { folders: vec![at], ..place.request() };
    let watched = Watched(watch(request, &place.store(), || {}).unwrap());
    let Ok(WatchEvent::Note(note)) = watched.0.events().recv_timeout(Duration::from_secs(60)) else { panic!() };
    assert!(note.contains("looked through") && note.contains("fuse"), "{note}");
    place.add("a.png", 1);
    assert_eq!(watched.next(1)["a.png"].outcome, Outcome::Done);
    drop(watched);
    drop(mounted);
}
