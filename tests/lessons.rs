//! The lessons: what they predict for machines of every size, and each as it is run, in a bounded form, on small pictures,
//! with worker processes. No time is asserted.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{folder, sources};
use lightloom::batch::{Settings, SourceEntry, WorkerProgram};
use lightloom::lab::lessons::{
    Bench, Conclusion, Drawing, Known, LESSONS, Lesson, LessonError, LessonEvent, MemoryCost, Model, Needs, Outcome,
    PictureCost, Prediction, SharingCost, StartCost, Work, find_lesson, measure_table,
};

/// A tenth of the pixels: what each lesson does is tried, and not how long that takes.
const SCALE: f64 = 0.3;
const LIGHTLOOM: &str = env!("CARGO_BIN_EXE_lightloom");

fn bench<'a>(sources: Vec<SourceEntry>, scratch: &Path, watch: &'a mut dyn FnMut(LessonEvent<'_>)) -> Bench<'a> {
    let program = WorkerProgram { path: LIGHTLOOM.into(), arguments: vec!["worker".into()] };
    Bench {
        sources,
        folder: scratch.to_path_buf(),
        rounds: 1,
        settings: Settings { worker_program: Some(program), ..Settings::default() },
        scale: SCALE,
        known: Known::default(),
        stop: std::sync::Arc::default(),
        watch,
    }
}

fn pictures(dir: &Path) -> Vec<SourceEntry> {
    sources(&folder(dir, 4, 160, 120))
}

/// What must be true of an outcome on any machine, however busy it is.
fn assert_sound(lesson: &Lesson, outcome: &Outcome) {
    let id = lesson.id;
    assert!(outcome.sentence.ends_with('.') || outcome.sentence.ends_with("again."), "{id}: {outcome:?}");
    match outcome.conclusion {
        Conclusion::Held => assert!(outcome.sentence.starts_with("Held: "), "{id}: {outcome:?}"),
        Conclusion::DidNotHold => {
            assert!(outcome.sentence.starts_with("Did not hold here, because "), "{id}: {outcome:?}");
        }
        Conclusion::CannotBeShown => assert!(outcome.sentence.starts_with("Cannot be shown here"), "{id}: {outcome:?}"),
    }
    let Some(measured) = &outcome.measured else {
        assert!(matches!(outcome.prediction, Prediction::CannotBeShown { .. }), "{id}: {outcome:?}");
        return;
    };
    assert!(measured.value.is_finite() && measured.low <= measured.value && measured.value <= measured.high, "{id}");
    for figure in &outcome.figures {
        assert!(figure.value.is_finite() && figure.low <= figure.high, "{id}: {figure:?}");
    }
    for drawing in &outcome.drawings {
        assert!(!drawing.description().is_empty(), "{id}");
        if let Drawing::Lanes { lanes, end, .. } = drawing {
            let spans = || lanes.iter().flat_map(|lane| &lane.spans);
            assert!(spans().count() > 0 && spans().all(|span| span.begin <= span.end && span.end <= *end), "{id}");
        }
    }
}

/// A machine on which a picture of this work takes as long as on a usual one, `speed` times as fast.
fn machine(cores: usize, needs: Needs, speed: f64) -> Model {
    let compute_ms = match needs {
        Needs::Pictures(Work::Light) => 3.0,
        Needs::Pictures(Work::Medium) => 15.0,
        Needs::Pictures(Work::Heavy) => 70.0,
        Needs::Fetched(_) => 1.0,
        Needs::Cores | Needs::Starts | Needs::Memory | Needs::Sharing => 0.0,
    };
    let picture = PictureCost { compute_secs: compute_ms / speed / 1e3, disk_secs: 0.001 };
    let starts = StartCost { thread_secs: 40e-6, process_secs: Some(4e-3) };
    let memory = MemoryCost { thread_kib: 12.0, loaded_kib: 900.0 };
    let (copy_secs, pipe_secs, queue_secs, lock_secs) = (100e-6, 12e-6, 1e-6, 20e-9);
    let sharing = SharingCost { copy_secs, pipe_secs, queue_secs, lock_secs, lost: 0.3 };
    Model { picture, starts, memory, sharing, ..Model::with_cores(cores) }
}

#[test]
fn every_lesson_can_be_seen_on_every_machine_that_can_show_it() {
    // What one core cannot show: that computing is spread. How much choices differ there depends on the disk.
    let need_cores = ["native", "computing", "both"];
    for lesson in LESSONS {
        let Some(experiment) = lesson.experiment() else { continue };
        for cores in [1, 2, 8, 64] {
            for speed in [0.5, 1.0, 4.0] {
                let model = machine(cores, experiment.needs, speed);
                let prediction = experiment.predict(&model);
                let when = format!("{} with {cores} cores, {speed} times as fast: {prediction:?}", lesson.id);
                match prediction {
                    Prediction::Value { value, sentence } => {
                        assert!(experiment.covers(value), "{when}");
                        assert!(sentence.ends_with('.'), "{when}");
                        assert!(cores > 1 || !need_cores.contains(&lesson.id), "{when}");
                    }
                    Prediction::CannotBeShown { because } => {
                        assert!(!because.is_empty() && !because.ends_with('.'), "{when}");
                        let may = cores == 1 && (need_cores.contains(&lesson.id) || lesson.id == "measure-first");
                        assert!(may || lesson.id == "processes" && !cfg!(target_os = "linux"), "{when}");
                    }
                }
            }
        }
    }
}

/// Values that follow from the machine by hand.
#[test]
fn predictions_are_those_of_the_machine() {
    let value = |id: &str, cores: usize| {
        let experiment = find_lesson(id).unwrap().experiment().unwrap();
        match experiment.predict(&machine(cores, experiment.needs, 1.0)) {
            Prediction::Value { value, .. } => value,
            Prediction::CannotBeShown { because } => panic!("{id} with {cores} cores: {because}"),
        }
    };
    for cores in [2, 8, 64] {
        assert_eq!(value("native", cores), cores.min(8) as f64);
        assert_eq!(value("too-many", cores), 4.0);
        assert!((value("computing", cores) / cores as f64 - 1.0).abs() < 0.1, "{}", value("computing", cores));
        assert_eq!(value("one-core", cores), 1.0);
        assert_eq!(value("start-join", cores), 2.5);
    }
    // Four threads for each core against one worker: never the wrong way round, whatever the number of cores.
    for cores in [1, 2, 4, 8, 16, 64] {
        assert!(value("waiting", cores) > 1.5, "{cores}: {}", value("waiting", cores));
    }
    assert!((value("one-lock", 64) - 1.0).abs() < 0.1);
    assert!((value("starting-cost", 2) - 100.0).abs() < 1e-6);
    assert!((value("processes", 8) - 75.0).abs() < 1e-6);
    // Two MiB copied twice and thirty-two switches, against one hand-over by a queue.
    assert!((value("pipe", 8) - (400.0 + 32.0 * 6.0)).abs() < 1e-6);
    assert!((value("manager", 8) - 600.0).abs() < 1e-6);
    assert_eq!([1, 2, 8, 64].map(|cores| value("lost-updates", cores)), [180_000.0, 180_000.0, 720_000.0, 720_000.0]);
}

#[test]
fn a_machine_on_which_it_would_not_be_seen_says_so() {
    let experiment = find_lesson("fetch-many").unwrap().experiment().unwrap();
    let picture = PictureCost { compute_secs: 2.0, disk_secs: 0.0 };
    let slow = Model { picture, ..Model::with_cores(1) };
    let Prediction::CannotBeShown { because } = experiment.predict(&slow) else { panic!("it can be seen?") };
    assert!(because.contains("at least 3 would be needed"), "{because}");
}

#[test]
fn every_lesson_runs_and_concludes() {
    let (dir, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sources = pictures(dir.path());
    // What is measured of the machine is measured once for each group. Groups of batches run at once; the others, of which
    // some have to conclude that the claim held, run alone.
    let mut groups: Vec<(Needs, Vec<&'static Lesson>)> = Vec::new();
    for (lesson, experiment) in LESSONS.iter().filter_map(|lesson| Some((*lesson, lesson.experiment()?))) {
        match groups.iter_mut().find(|(needs, _)| *needs == experiment.needs) {
            Some((_, group)) => group.push(lesson),
            None => groups.push((experiment.needs, vec![lesson])),
        }
    }
    let uses_batches = |needs| matches!(needs, Needs::Pictures(_) | Needs::Fetched(_));
    let (batches, others): (Vec<_>, Vec<_>) = groups.iter().partition(|(needs, _)| uses_batches(*needs));
    others.iter().for_each(|(_, group)| run_group(group, &sources, scratch.path()));
    std::thread::scope(|scope| {
        for (_, group) in &batches {
            let (sources, scratch) = (&sources, scratch.path());
            scope.spawn(move || run_group(group, sources, scratch));
        }
    });
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing stays behind");
}

/// Runs lessons that need the same to be known, one after the other.
fn run_group(lessons: &[&'static Lesson], sources: &[SourceEntry], scratch: &Path) {
    // What no other program can disturb.
    let certain = ["interleaved", "own-stack", "main-guard", "shared-results", "pipe", "manager"];
    let mut known = Known::default();
    for lesson in lessons {
        let (mut steps, mut live, mut predicted) = (0, 0, 0);
        let mut watch = |event: LessonEvent<'_>| match event {
            LessonEvent::Step { done, total, .. } => {
                assert!(done < total, "{}: {done} of {total}", lesson.id);
                steps += 1;
            }
            LessonEvent::Predicted(_) => predicted += 1,
            LessonEvent::Live { .. } => live += 1,
        };
        let mut bench = Bench { known, ..bench(sources.to_vec(), scratch, &mut watch) };
        let outcome = lesson.run(&mut bench).unwrap();
        known = bench.known;
        assert_sound(lesson, &outcome);
        let shown = outcome.measured.is_some();
        assert_eq!(predicted, usize::from(shown), "{}", lesson.id);
        assert!(!shown || steps > 0 && (live > 0 || lesson.id == "processes"), "{}", lesson.id);
        if certain.contains(&lesson.id) {
            assert_eq!(outcome.conclusion, Conclusion::Held, "{}: {}", lesson.id, outcome.sentence);
        }
        assert!(!outcome.note.contains("must not happen"), "{}: {}", lesson.id, outcome.note);
    }
}

#[test]
fn advice_is_tried_by_what_shows_it() {
    let scratch = tempfile::tempdir().unwrap();
    let lesson = find_lesson("mistake-lock").unwrap();
    let outcome = lesson.run(&mut bench(Vec::new(), scratch.path(), &mut |_| {})).unwrap();
    assert_eq!(outcome.lesson, "lost-updates");
}

#[test]
fn pictures_that_all_fail_are_said() {
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("broken.png");
    fs::write(&broken, "no picture").unwrap();
    let mut watch = |_: LessonEvent<'_>| {};
    let mut bench = bench(vec![broken.as_path().into()], dir.path(), &mut watch);
    let error = find_lesson("waiting").unwrap().run(&mut bench).unwrap_err();
    assert!(matches!(error, LessonError::AllFailed), "{error}");
}

#[test]
fn the_table_has_a_figure_wherever_one_can_be_measured() {
    let (dir, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut watch = |_: LessonEvent<'_>| {};
    let table = measure_table(&mut bench(pictures(dir.path()), scratch.path(), &mut watch)).unwrap();
    let names: Vec<&str> = table.rows.iter().map(|row| row.name).collect();
    assert_eq!(
        names,
        ["Memory", "Overhead", "Speed, waiting", "Speed, computing", "Truly parallel", "Best for", "Safety", "Risk"]
    );
    for row in &table.rows {
        assert!(row.cells.iter().all(|cell| !cell.text.is_empty()) && !row.how.is_empty(), "{row:?}");
        if row.name.starts_with("Speed") || row.name == "Overhead" {
            assert!(row.cells.iter().all(|cell| cell.value.is_some_and(|value| value > 0.0)), "{row:?}");
        }
    }
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = Command::new(LIGHTLOOM).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_json_has_a_stable_shape() {
    let listed = json(&["lessons", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), LESSONS.len());
    let tried = json(&["lessons", "start-join", "--rounds", "1", "--json"]);
    let keys = |value: &serde_json::Value| {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys.join(" ")
    };
    for lesson in listed.as_array().unwrap().iter().chain(tried.as_array().unwrap()) {
        assert_eq!(keys(lesson), "chapter claim id lightloom outcome python shown_by title");
        assert_eq!((keys(&lesson["python"]), keys(&lesson["lightloom"])), ("page words".into(), "file idea".into()));
    }
    let outcome = &tried[0]["outcome"];
    assert_eq!(keys(outcome), "conclusion figures lesson measured note prediction sentence simulated");
    assert_eq!(keys(&outcome["measured"]), "high low quantity rounds value");
    assert_eq!(keys(&outcome["prediction"]), "sentence value");
    assert_eq!(outcome["conclusion"], "held");
}

#[test]
fn an_unknown_lesson_is_said() {
    let output = Command::new(LIGHTLOOM).args(["lessons", "nonsense"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("there is no lesson 'nonsense'"), "{said}");
}
