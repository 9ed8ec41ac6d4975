//! Formats whose decoders cannot be bounded are opened and developed by a worker process under every executor: what goes
//! wrong there costs one picture.
#![cfg(all(unix, feature = "formats"))]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use common::{batch, content, folder, recipe, run, settings, worker_program};
use lightloom::batch::stage::StageError;
use lightloom::batch::{
    Decoders, EXECUTORS, ImageReport, OpenPicture, Outcome, OutputSettings, OverridesBySource, Planning, Settings,
    Source, SourceEntry, SourcePicture, Template, estimate,
};
use lightloom::codec::Limits;
use lightloom::filter::Work;
use lightloom::picture::{Buffers, Pixels};
use lightloom::recipe::Purpose;

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
        ("loop=endless", "endless.svg", 4, "time limit of 4 s"),
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

/// What a preview shows of a picture, roughly and exactly.
fn looks(source: &Source, decoders: &Decoders) -> Result<[Pixels; 2], StageError> {
    let mut open = OpenPicture::new(SourcePicture::open(source, &Limits::default(), decoders, &|| false)?);
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    let recipe = recipe(&["invert", "resize:width=30"], "png");
    let mut look = |purpose| Ok::<_, StageError>(open.render(&recipe, 0, purpose, &mut work)?.rendered.picture.pixels);
    Ok([look(Purpose::Proxy(20))?, look(Purpose::Export)?])
}

#[test]
fn a_preview_shows_the_same_by_a_process_and_without_one() {
    let root = tempfile::tempdir().unwrap();
    let input = mixed(root.path(), "another.svg");
    let decoders = Decoders::new(Some(worker_program(&[])));
    let sources = [
        Source::from(input.join("drawing.svg")),
        Source::from(input.join("another.svg")),
        Source::memory("pasted.svg", DRAWING.as_bytes()),
        Source::from(
            fs::read_dir(&input).unwrap().map(|e| e.unwrap().path()).find(|p| p.extension().unwrap() != "svg").unwrap(),
        ),
    ];
    for source in &sources {
        assert_eq!(looks(source, &decoders).unwrap(), looks(source, &Decoders::default()).unwrap(), "{source}");
        let open = |decoders| SourcePicture::open(source, &Limits::default(), decoders, &|| false).unwrap();
        let (there, here) = (open(&decoders), open(&Decoders::default()));
        assert_eq!((there.codec(), there.length()), (here.codec(), here.length()));
        assert_eq!(there.metadata(), here.metadata());
    }
}

#[test]
fn a_crash_a_hang_and_a_huge_allocation_cost_a_look_and_nothing_else() {
    for (fault, name, seconds, says) in [
        ("abort=crash", "crash.svg", 60, "SIGABRT"),
        ("exit=leave", "leave.svg", 60, "exit code 3"),
        ("loop=endless", "endless.svg", 4, "took longer than 4 s"),
        ("allocate=swell", "swell.svg", 60, "ran out of the memory"),
    ] {
        let root = tempfile::tempdir().unwrap();
        let input = mixed(root.path(), name);
        let decoders = Decoders::new(Some(worker_program(&[fault])));
        let open = |name, seconds| {
            let limits = Limits { seconds, ..Limits::default() };
            SourcePicture::open(&input.join(name).into(), &limits, &decoders, &|| false).map(drop)
        };
        let error = open(name, seconds).unwrap_err().to_string();
        assert!(error.contains(says), "{fault}: {error}");
        open("drawing.svg", 60).unwrap();
        let limits = Limits { seconds, ..Limits::default() };
        let mut names = NamesOf { input: &input, decoders: &decoders, limits: &limits };
        assert_eq!(names.by_size(&["drawing.svg", name]).len(), 2, "a name is found for what cannot be read, too");
    }
}

/// Plans names from what stands in headers.
struct NamesOf<'a> {
    input: &'a Path,
    decoders: &'a Decoders,
    limits: &'a Limits,
}

impl NamesOf<'_> {
    fn by_size(&mut self, names: &[&str]) -> Vec<String> {
        let sources: Vec<SourceEntry> = names.iter().map(|name| self.input.join(name).into()).collect();
        let output = OutputSettings {
            folder: Some("out".into()),
            names: Template::parse("{name}-{width}x{height}").unwrap(),
            ..OutputSettings::default()
        };
        let planning = Planning {
            sources: &sources,
            recipe: &recipe(&["resize:width=30"], "png"),
            output: &output,
            overrides: &OverridesBySource::new(),
            limits: self.limits,
            decoders: self.decoders,
            looks_at_disk: false,
            headers_read: &AtomicUsize::new(0),
        };
        let jobs = planning.jobs();
        jobs.iter().map(|job| job.targets[0].path().file_name().unwrap().to_string_lossy().into_owned()).collect()
    }
}

#[test]
fn names_say_what_a_process_has_read() {
    let root = tempfile::tempdir().unwrap();
    let input = mixed(root.path(), "another.svg");
    for decoders in [Decoders::default(), Decoders::new(Some(worker_program(&[])))] {
        let mut names = NamesOf { input: &input, decoders: &decoders, limits: &Limits::default() };
        assert_eq!(names.by_size(&["drawing.svg", "another.svg"]), ["drawing-30x20", "another-30x20"]);
    }
}

#[test]
fn a_look_is_stopped_while_a_process_is_busy() {
    let root = tempfile::tempdir().unwrap();
    let input = mixed(root.path(), "endless.svg");
    let decoders = Decoders::new(Some(worker_program(&["loop=endless"])));
    let stopped = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let look = scope.spawn(|| {
            let source = input.join("endless.svg").into();
            SourcePicture::open(&source, &Limits::default(), &decoders, &|| stopped.load(SeqCst)).map(drop)
        });
        std::thread::sleep(Duration::from_millis(50));
        stopped.store(true, SeqCst);
        assert!(look.join().unwrap().unwrap_err().to_string().contains("stopped"));
    });
}
