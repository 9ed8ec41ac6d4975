//! What every executor must do alike: same bytes, same failures, events in a legal order, memory within the budget, and
//! an end soon after a stop that leaves nothing half-written.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{batch, content, folder, photo, recipe, run, save, settings, worker_program};
use lightloom::batch::{
    Activity, Batch, EXECUTORS, Event, ImageState, Lane, Outcome, OutputSettings, Priority, Settings, SlowSource,
    Source, SourceEntry, Stage, plan_jobs, set_overrides, start,
};
use lightloom::codec::Limits;
use lightloom::lab::Trace;
use lightloom::recipe::Overrides;

const EDIT: &[&str] =
    &["resize:width=200,height=200", "exposure:stops=0.3", "saturation:factor=1.2", "gaussian_blur:sigma=1.5"];

#[test]
fn every_executor_and_worker_count_writes_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 5, 640, 480);
    save(&input.join("deep/still.png"), photo(300, 200, 9));
    save(&input.join("deep/er/web.webp"), photo(200, 300, 10));
    // A single picture is spread over the cores, several are not: both ways must agree.
    let alone = dir.path().join("alone");
    save(&alone.join("one.jpg"), photo(1600, 1200, 3));
    for (input, name) in [(&input, "many"), (&alone, "one")] {
        let mut expected = None;
        for executor in EXECUTORS {
            for workers in [1, 2, 4] {
                let out = dir.path().join(format!("{name}-{}-{workers}", executor.id));
                let report = run(batch(input, &out, &recipe(EDIT, "same"), settings(executor.id, workers)));
                assert_eq!(report.totals.done, report.totals.images, "{report:?}");
                let written = content(&out);
                assert_eq!(written.len(), report.totals.images);
                let expected = expected.get_or_insert_with(|| written.clone());
                assert!(*expected == written, "{} with {workers} workers wrote other bytes", executor.id);
            }
        }
    }
}

/// The bytes of each file by its name.
fn numbered(input: &Path, out: &Path, executor: &str, text: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let words = format!("text_watermark:text={text},size=60,shadow=0,anchor=centre");
    let report = run(batch(input, out, &recipe(&[&words], "png"), settings(executor, 3)));
    assert_eq!(report.totals.done, 6, "{report:?}");
    content(out)
}

#[test]
fn pictures_are_numbered_the_same_under_every_executor() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("photos");
    for name in ["a", "b", "c", "d", "e", "f"] {
        save(&input.join(format!("{name}.png")), photo(160, 90, 1));
    }
    // What each number looks like: the same text for all pictures, of which one is taken.
    let expected: Vec<_> = (0..6)
        .map(|i| {
            numbered(&input, &dir.path().join(format!("0{}", i + 1)), "sequential", &format!("00{}", i + 1)).remove(i)
        })
        .collect();
    assert!(expected.iter().all(|(_, bytes)| expected.iter().filter(|(_, other)| other == bytes).count() == 1));
    for executor in EXECUTORS {
        let written = numbered(&input, &dir.path().join(executor.id), executor.id, "{seq:03}");
        assert!(written == expected, "{}", executor.id);
    }
}

#[test]
fn pictures_in_memory_and_in_files_have_the_same_results_under_every_executor() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 320, 240);
    fs::write(input.join("letter.jpg"), "Dear Grandma, here are the photos.").unwrap();
    let files = common::sources(&input);
    let read = |entry: &SourceEntry| fs::read(entry.source.path().unwrap()).unwrap();
    let in_memory: Vec<SourceEntry> =
        files.iter().map(|entry| Source::memory(entry.source.file_name(), read(entry)).into()).collect();
    // What is different for one of them, and a token of its name, go the same way.
    let caption = recipe(&["text_watermark:text={name} {seq},size=40"], "same");
    let different = Overrides::parse("rotate=right,exposure=0.5").unwrap();
    for executor in EXECUTORS {
        let processed = |sources: &[SourceEntry], name: &str| {
            let out = dir.path().join(format!("{}-{name}", executor.id));
            let output = OutputSettings { folder: Some(out.clone()), keep_tree: false, ..OutputSettings::default() };
            let mut jobs = plan_jobs(sources, &caption, &output);
            set_overrides(&mut jobs, &[(sources[1].source.clone(), different)].into());
            let report = run(Batch {
                jobs,
                recipe: caption.clone(),
                results: output.conflict.into(),
                settings: settings(executor.id, 2),
            });
            assert_eq!((report.totals.done, report.totals.failed), (3, 1), "{report:?}");
            let reasons: Vec<_> = report.images.iter().filter_map(|image| image.reason.clone()).collect();
            (content(&out), reasons, report)
        };
        let (expected, failed, _) = processed(&files, "files");
        let (written, failed_too, report) = processed(&in_memory, "memory");
        assert!(written == expected && failed == failed_too, "{}: {failed_too:?}", executor.id);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["images"][0]["source"], "letter.jpg");
    }
}

#[test]
fn two_batches_at_once_have_limits_and_worker_programs_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 4, 200, 150);
    let strict = |executor: &str| {
        let limits = Limits { side: 199, ..Limits::default() };
        Settings { limits, ..settings(executor, 2) }
    };
    let start = |name: String, settings| {
        let whole = batch(&input, &dir.path().join(name), &recipe(&["gaussian_blur"], "png"), settings);
        start(whole, Arc::new(|_: Event| {})).unwrap()
    };
    for executor in EXECUTORS {
        let (first, second) = (
            start(format!("{}-strict", executor.id), strict(executor.id)),
            start(format!("{}-usual", executor.id), settings(executor.id, 2)),
        );
        let (first, second) = (first.wait(), second.wait());
        assert_eq!((first.totals.failed, second.totals.done), (4, 4), "{}: {first:?}", executor.id);
        let reason = first.images[0].reason.as_deref().unwrap();
        assert!(reason.contains("199"), "{}: {reason}", executor.id);
    }
    let faulty = Settings { worker_program: Some(worker_program(&["exit=photo"])), ..settings("processes", 2) };
    let (first, second) = (start("faulty".into(), faulty), start("sound".into(), settings("processes", 2)));
    let (first, second) = (first.wait(), second.wait());
    assert_eq!((first.totals.failed, second.totals.done), (4, 4));
    assert!(first.images.iter().all(|image| image.reason.as_deref().is_some_and(|r| r.contains("exit code 3"))));
}

#[test]
fn one_bad_picture_never_stops_a_batch() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 320, 240);
    fs::write(input.join("letter.jpg"), "Dear Grandma, here are the photos.").unwrap();
    fs::write(input.join("nothing.png"), "").unwrap();
    let whole = fs::read(input.join("photo 00.jpg")).unwrap();
    fs::write(input.join("torn.jpg"), &whole[..whole.len() / 2]).unwrap();
    fs::write(input.join("headless.jpg"), &whole[..40]).unwrap();
    let originals = content(&input);
    for executor in EXECUTORS {
        let out = dir.path().join(executor.id);
        let report = run(batch(&input, &out, &recipe(&["invert"], "png"), settings(executor.id, 2)));
        let outcome = |name: &str| {
            let image = report.images.iter().find(|i| i.source.name().ends_with(name)).unwrap();
            (image.outcome, image.stage, image.reason.clone().unwrap_or_default(), image.outputs.len())
        };
        assert_eq!((report.totals.done, report.totals.partial, report.totals.failed), (3, 1, 3), "{report:?}");
        let (end, stage, reason, outputs) = outcome("letter.jpg");
        assert_eq!((end, stage, outputs), (Outcome::Failed, Some(Stage::Decode), 0));
        assert!(reason.contains("no picture"), "{reason}");
        assert!(outcome("nothing.png").2.contains("empty"));
        assert_eq!(outcome("headless.jpg").0, Outcome::Failed);
        let (end, _, reason, outputs) = outcome("torn.jpg");
        assert_eq!((end, outputs), (Outcome::Partial, 1));
        assert!(reason.contains("ends too early"), "{reason}");
        assert_eq!(content(&out).len(), 4, "nothing else is written");
    }
    assert_eq!(content(&input), originals, "originals are never touched");
}

#[test]
fn threads_compute_one_at_a_time_and_the_figures_show_it() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 6, 900, 600);
    let report =
        run(batch(&input, &dir.path().join("out"), &recipe(&["gaussian_blur:sigma=9"], "png"), settings("threads", 4)));
    let totals = &report.totals;
    assert!(totals.lane_cpu_secs > 0.0 && totals.lane_cpu_secs <= totals.cpu_secs * 1.05, "{totals:?}");
    // Reading and writing may overlap with the one that computes; here they are next to nothing.
    assert!(totals.cpu_use() < 1.3, "{totals:?}");
}

#[test]
fn results_never_replace_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 64, 64);
    let before = content(&input);
    // The output folder is the input folder.
    let report = run(batch(&input, &input, &recipe(&["invert"], "same"), Settings::default()));
    assert_eq!(report.totals.done, 2);
    let after = content(&input);
    assert_eq!(after.len(), 4);
    assert!(before.iter().all(|file| after.contains(file)));
}

#[test]
fn an_output_folder_that_cannot_be_created_fails_each_picture_with_advice() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 64, 64);
    fs::write(dir.path().join("file"), "x").unwrap();
    for executor in EXECUTORS {
        let report = run(batch(&input, &dir.path().join("file"), &recipe(&[], "same"), settings(executor.id, 2)));
        assert_eq!(report.totals.failed, 2);
        let image = &report.images[0];
        assert_eq!(image.stage, Some(Stage::Write));
        assert!(image.reason.as_ref().unwrap().contains("choose another output folder"), "{image:?}");
    }
}

#[test]
fn events_come_in_a_legal_order() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 6, 200, 150);
    fs::write(input.join("bad.jpg"), "x").unwrap();
    for executor in EXECUTORS {
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&events);
        let whole =
            batch(&input, &dir.path().join(executor.id), &recipe(&["invert"], "jpeg"), settings(executor.id, 2));
        start(whole, Arc::new(move |event: Event| sink.lock().unwrap().push(event))).unwrap().wait();
        let events = events.lock().unwrap();
        // A core that waits for strips of its picture may carry another one meanwhile.
        let mut open: HashMap<Lane, Vec<(usize, Stage)>> = HashMap::new();
        let mut last: HashMap<usize, Stage> = HashMap::new();
        let mut finished = vec![0; 7];
        for event in events.iter() {
            match event {
                Event::Entered { lane, job, stage } => {
                    let on_lane = open.entry(*lane).or_default();
                    assert!(on_lane.iter().all(|(other, _)| other != job), "a picture is in one stage at a time");
                    assert!(on_lane.is_empty() || matches!(lane, Lane::Core(_)), "a thread does one thing at a time");
                    on_lane.push((*job, *stage));
                    assert!(last.insert(*job, *stage).is_none_or(|before| before <= *stage), "stages go forward");
                    assert_eq!(finished[*job], 0, "nothing happens after the end");
                }
                Event::Left { lane, job, stage } => {
                    assert_eq!(open.get_mut(lane).and_then(Vec::pop), Some((*job, *stage)));
                }
                Event::Finished(report) => finished[report.job] += 1,
                Event::Publishing { .. } => panic!("nobody asked for hashes"),
                Event::Lost(report) => panic!("nothing was taken away: {report:?}"),
                Event::Packing(_) | Event::Packed(_) => panic!("no result goes into an archive"),
            }
        }
        assert!(open.values().all(Vec::is_empty));
        assert_eq!(finished, vec![1; 7], "each picture ends once");
        assert_eq!(last.values().filter(|s| **s == Stage::Write).count(), 6);
    }
}

#[test]
fn memory_in_flight_stays_within_the_budget() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 12, 600, 400);
    for executor in EXECUTORS {
        let mut peaks = Vec::new();
        for memory_bytes in [1, 4 << 20, 1 << 30] {
            let settings = Settings { memory_bytes, ..settings(executor.id, 4) };
            let report =
                run(batch(&input, &dir.path().join(executor.id), &recipe(&["gaussian_blur"], "png"), settings));
            assert_eq!(report.totals.done, 12);
            peaks.push(report.totals.peak_bytes);
        }
        // One picture of 600 × 400 needs about 2.5 times its 720 kB.
        assert!(peaks[0] < 3 << 20, "{}: one at a time, whatever it needs: {peaks:?}", executor.id);
        assert!(peaks[1] <= 4 << 20, "{}: {peaks:?}", executor.id);
    }
}

#[test]
fn a_slow_writer_holds_readers_back() {
    // With one picture's worth of memory nothing may be read ahead, however many workers there are to read.
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 10, 300, 200);
    for executor in EXECUTORS {
        let settings = Settings { memory_bytes: 1, ..settings(executor.id, 8) };
        let most = most_between_decode_and_write(&input, &dir.path().join(executor.id), settings);
        assert!(most <= 2, "{}: {most} pictures were between decode and write", executor.id);
    }
    // With one place in the queue likewise, however much memory there is.
    let settings = Settings { queue: Some(1), ..settings("hybrid", 8) };
    assert_eq!(most_between_decode_and_write(&input, &dir.path().join("queue"), settings), 1);
}

fn most_between_decode_and_write(input: &Path, out: &Path, settings: Settings) -> usize {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (inside, peak) = (Arc::clone(&now), Arc::clone(&most));
    let sink = move |event: Event| match event {
        Event::Entered { stage: Stage::Decode, .. } => {
            peak.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
        }
        Event::Entered { stage: Stage::Write, .. } => std::thread::sleep(Duration::from_millis(10)),
        Event::Left { stage: Stage::Write, .. } => {
            inside.fetch_sub(1, SeqCst);
        }
        _ => {}
    };
    let report = start(batch(input, out, &recipe(&[], "jpeg"), settings), Arc::new(sink)).unwrap().wait();
    assert_eq!(report.totals.done, 10);
    most.load(SeqCst)
}

#[test]
fn progress_is_exact_under_contention() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 60, 16, 16);
    for i in 0..20 {
        fs::write(input.join(format!("bad {i}.jpg")), "x").unwrap();
    }
    for executor in EXECUTORS {
        let whole = batch(&input, &dir.path().join(executor.id), &recipe(&[], "png"), settings(executor.id, 8));
        let running = start(whole, Arc::new(|_: Event| {})).unwrap();
        let progress = Arc::clone(running.progress());
        let mut before = 0;
        while !running.is_finished() {
            let finished = progress.finished();
            assert!(finished >= before && finished <= 80, "{}: {before} then {finished}", executor.id);
            before = finished;
        }
        running.wait();
        assert_eq!((progress.count(Outcome::Done), progress.count(Outcome::Failed)), (60, 20), "{}", executor.id);
        assert!((0..80).all(|job| matches!(progress.state(job), ImageState::Finished(_))));
        assert_eq!(progress.source_pixels(), 60 * 16 * 16);
    }
}

#[test]
fn lanes_do_one_thing_at_a_time_and_every_picture_is_on_them() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 8, 300, 200);
    for executor in EXECUTORS {
        let settings = Settings { memory_bytes: 2 << 20, ..settings(executor.id, 3) };
        let whole = batch(&input, &dir.path().join(executor.id), &recipe(&["invert"], "png"), settings);
        let mut trace = Trace::new(&whole);
        let running = start(whole, Arc::new(|_: Event| {})).unwrap();
        let timeline = Arc::clone(running.timeline());
        let totals = running.wait().totals;
        trace.finish(&timeline);
        let mut seen: HashMap<Activity, Vec<u32>> = HashMap::new();
        for (lane, spans) in &trace.lanes {
            let mut end = 0;
            for span in spans {
                assert!(span.begin >= end && span.end >= span.begin, "{lane}: {span:?} begins before {end}");
                end = span.end;
                seen.entry(span.activity).or_default().extend(span.job);
            }
        }
        for activity in Stage::ALL.map(Activity::from).into_iter().chain([Activity::Sync]) {
            let jobs: BTreeSet<u32> = seen[&activity].iter().copied().collect();
            assert_eq!(jobs.len(), 8, "{}: {activity:?}", executor.id);
        }
        // Waits have their cause. Alone on the machine, a lane need not wait for what nobody else takes.
        let cause = match executor.id {
            "threads" => Some(Activity::WaitTurn),
            "hybrid" => Some(Activity::WaitQueue),
            "processes" => Some(Activity::Start),
            _ => None,
        };
        assert!(cause.is_none_or(|cause| seen.contains_key(&cause)), "{}: {:?}", executor.id, seen.keys());
        let sum: f64 = Activity::ALL.iter().map(|a| totals.spent(*a).wall_secs).sum();
        assert!(sum <= totals.wall_secs * trace.lanes.len() as f64 * 1.05 + 0.1, "{}: {sum} s", executor.id);
        assert!(trace.series().busy.iter().all(|(_, busy)| *busy <= 3));
    }
}

#[test]
fn a_picture_alone_is_worked_on_by_every_core_and_each_says_with_what() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 1, 2400, 1600);
    let recipe = recipe(&["exposure:stops=0.3", "gaussian_blur:sigma=3"], "jpeg");
    let mut results = Vec::new();
    for (executor, cores) in [("hybrid", 1), ("hybrid", 2), ("hybrid", 4), ("async", 2), ("cores", 2), ("processes", 2)]
    {
        let out = dir.path().join(format!("{executor} {cores}"));
        let whole = batch(&input, &out, &recipe, settings(executor, cores));
        let mut trace = Trace::new(&whole);
        let running = start(whole, Arc::new(|_: Event| {})).unwrap();
        let timeline = Arc::clone(running.timeline());
        let totals = running.wait().totals;
        assert_eq!(totals.done, 1);
        trace.finish(&timeline);
        results.push(content(&out));
        let mut busy = 0;
        for (lane, spans) in &trace.lanes {
            let work: Vec<_> = spans.iter().filter(|span| span.activity.is_work()).collect();
            assert!(
                work.windows(2).all(|pair| pair[0].end <= pair[1].begin),
                "{executor}: {lane} did two things at once"
            );
            busy += usize::from(!work.is_empty());
        }
        // Threads that compute in a pool have lanes of their own, and a process has one whatever it does inside.
        let expected = if matches!(executor, "hybrid" | "async") { cores.min(2) } else { 1 };
        assert!(busy >= expected, "{executor}: {busy} of {cores} cores");
        let spent = [Stage::Decode, Stage::Filter, Stage::Encode].map(|stage| totals.spent(stage.into()).wall_secs);
        assert!(spent.iter().all(|secs| *secs > 0.0), "{executor}: {spent:?}");
        let sum: f64 = spent.iter().sum();
        assert!(sum <= totals.wall_secs * cores as f64 * 1.05, "{executor}: {sum} s of work in {} s", totals.wall_secs);
    }
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "the bytes depend on the number of cores");
}

#[test]
fn a_slow_source_is_slow_under_every_executor() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 4, 64, 48);
    for executor in EXECUTORS {
        let slow_source = Some(SlowSource { latency_ms: 80, mib_per_sec: None });
        let settings = Settings { slow_source, ..settings(executor.id, 2) };
        let report = run(batch(&input, &dir.path().join(executor.id), &recipe(&[], "png"), settings));
        let read = report.totals.spent(Activity::Read);
        assert!(read.wall_secs >= 0.32 && read.cpu_secs < 0.2, "{}: {read:?}", executor.id);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn low_priority_is_that_of_the_lanes_alone() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 64, 48);
    let own = || rustix::process::getpriority_process(None).unwrap();
    let before = own();
    for executor in EXECUTORS {
        let settings = Settings { priority: Priority::Low, ..settings(executor.id, 2) };
        let seen = Arc::new(Mutex::new(BTreeSet::new()));
        let sink = Arc::clone(&seen);
        let listen = move |event: Event| {
            if matches!(event, Event::Entered { .. }) {
                sink.lock().unwrap().insert(rustix::process::getpriority_process(None).unwrap());
            }
        };
        start(batch(&input, &dir.path().join(executor.id), &recipe(&[], "png"), settings), Arc::new(listen))
            .unwrap()
            .wait();
        assert_eq!(seen.lock().unwrap().iter().copied().collect::<Vec<_>>(), [10], "{}", executor.id);
    }
    assert_eq!(own(), before, "whoever asked is as quick as before");
}
