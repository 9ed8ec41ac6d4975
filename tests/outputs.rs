//! Several outputs from one decode, and what is different for one picture: every executor writes what the recipes write
//! one by one.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use common::{batch, folder, photo, recipe, run, save, settings};
use lightloom::batch::{
    Action, Activity, Batch, Conflict, Decoders, EXECUTORS, Event, Outcome, Settings, Stage, start,
};
use lightloom::codec::Limits;
use lightloom::lab::Trace;
use lightloom::recipe::{FormatChoice, Output, Overrides, Recipe};

/// Everything below a folder by its path.
fn content(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let path = |path: std::path::PathBuf| path.to_str().unwrap().replace('\\', "/");
    common::content(root).into_iter().map(|(name, bytes)| (path(name), bytes)).collect()
}

/// An output `name` with these filters, saved in this format.
fn output(name: &str, suffix: &str, folder: &str, filters: &[&str], format: &str) -> Output {
    let recipe = recipe(filters, format);
    Output {
        suffix: suffix.into(),
        folder: folder.into(),
        filters: recipe.filters,
        export: recipe.export,
        ..Output::named(name)
    }
}

/// The recipe of one output alone, to be run by itself.
fn alone(whole: &Recipe, output: &Output) -> Recipe {
    let filters = whole.filters.iter().chain(&output.filters).cloned().collect();
    Recipe { filters, export: output.export.clone(), outputs: Vec::new() }
}

/// Runs a recipe of several outputs under every executor and compares with the recipes one by one.
fn same_as_one_by_one(dir: &Path, input: &Path, name: &str, whole: &Recipe) {
    let mut expected = BTreeMap::new();
    for one in &whole.outputs {
        let out = dir.join(format!("{name}-alone-{}", one.name));
        let report = run(batch(input, &out, &alone(whole, one), settings("sequential", 1)));
        assert_eq!(report.totals.done, report.totals.images, "{report:?}");
        for (path, bytes) in content(&out) {
            let (folder, file) = path.rsplit_once('/').map_or(("", path.as_str()), |(folder, file)| (folder, file));
            let (stem, extension) = file.rsplit_once('.').unwrap();
            let parts = [folder, &one.folder, &format!("{stem}{}.{extension}", one.suffix)];
            let path: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            expected.insert(path.join("/"), bytes);
        }
    }
    for executor in EXECUTORS {
        let out = dir.join(format!("{name}-{}", executor.id));
        let report = run(batch(input, &out, whole, settings(executor.id, 3)));
        assert_eq!(report.totals.done, report.totals.images, "{report:?}");
        let written = content(&out);
        let names: Vec<_> = written.keys().collect();
        assert_eq!(names, expected.keys().collect::<Vec<_>>(), "{}", executor.id);
        assert!(written == expected, "{} wrote other bytes", executor.id);
        for image in &report.images {
            let listed: Vec<_> = image.outputs.iter().map(|o| o.name.as_str()).collect();
            assert_eq!(listed, whole.outputs.iter().map(|o| o.name.as_str()).collect::<Vec<_>>());
            for output in &image.outputs {
                assert_eq!(fs::metadata(&output.path).unwrap().len(), output.bytes);
            }
        }
    }
}

fn three() -> Vec<Output> {
    vec![
        output("web", "", "", &["resize:width=320,height=320", "unsharp_mask"], "jpeg"),
        output("thumb", "-64", "thumbs", &["resize:width=64,height=64", "grain"], "webp"),
        output("original", "-full", "", &[], "png"),
    ]
}

#[test]
fn several_outputs_are_what_their_recipes_write_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    // PNG is decoded at full size whatever follows; JPEGs share their decode here because a resize is common.
    let stills = dir.path().join("stills");
    save(&stills.join("a.png"), photo(500, 400, 1));
    save(&stills.join("deep/b.png"), photo(301, 402, 2));
    let whole = Recipe { outputs: three(), ..recipe(&["saturation:factor=1.2"], "same") };
    same_as_one_by_one(dir.path(), &stills, "stills", &whole);

    let photos = folder(dir.path(), 3, 900, 600);
    let common = ["resize:width=360,height=360", "exposure:stops=0.4"];
    // `small` begins with a point filter, which joins the exposure and rounds once, as it does alone.
    let outputs = vec![
        output("small", "", "small", &["saturation:factor=0.5", "resize:width=50,height=50"], "jpeg"),
        output("levels", "-l", "", &["auto_levels"], "png"),
        output("same", "", "", &[], "same"),
    ];
    same_as_one_by_one(dir.path(), &photos, "photos", &Recipe { outputs, ..recipe(&common, "same") });
}

#[test]
fn the_output_that_needs_most_decides_the_decoder_s_scale() {
    let dir = tempfile::tempdir().unwrap();
    let photos = folder(dir.path(), 1, 1600, 1200);
    let divisor = |outputs: Vec<Output>| {
        let whole = Recipe { outputs, ..Recipe::default() };
        let jobs = batch(&photos, dir.path(), &whole, settings("sequential", 1)).jobs;
        let plan =
            lightloom::batch::stage::explain(&jobs[0], &whole, &Limits::default(), &Decoders::default()).unwrap();
        (plan.decode_divisor, plan.outputs.len(), plan.peak_bytes)
    };
    let small = output("small", "-s", "", &["resize:width=100,height=100"], "jpeg");
    let middle = output("middle", "-m", "", &["resize:width=400,height=400"], "jpeg");
    let original = output("original", "-o", "", &[], "jpeg");
    assert_eq!(divisor(vec![small.clone()]).0, 8);
    let (two, listed, bytes) = divisor(vec![small.clone(), middle.clone()]);
    assert_eq!((two, listed), (2, 2));
    let (all, listed, more) = divisor(vec![small, middle, original]);
    assert_eq!((all, listed), (1, 3));
    assert!(more > bytes, "a full decode takes more: {more} against {bytes}");
}

#[test]
fn a_failing_output_fails_its_picture_and_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    save(&input.join("a.png"), photo(300, 200, 1));
    save(&input.join("wide.png"), photo(20_000, 2, 2));
    // WebP takes at most 16,383 pixels a side.
    let outputs =
        vec![output("web", "", "", &["resize:width=64,height=64"], "png"), output("big", "-b", "", &[], "webp")];
    let whole = Recipe { outputs, ..Recipe::default() };
    for executor in EXECUTORS {
        let out = dir.path().join(executor.id);
        let report = run(batch(&input, &out, &whole, settings(executor.id, 2)));
        assert_eq!((report.totals.done, report.totals.failed), (1, 1), "{report:?}");
        let failed = report.images.iter().find(|i| i.outcome == Outcome::Failed).unwrap();
        assert_eq!((failed.stage, failed.outputs.len()), (Some(Stage::Encode), 0));
        assert!(failed.reason.as_deref().unwrap().contains("output 'big'"), "{failed:?}");
        assert_eq!(content(&out).keys().collect::<Vec<_>>(), ["a-b.webp", "a.png"], "no half of a picture");
    }
    // A folder that cannot be created: nothing of the picture is written, and the output is named.
    let out = dir.path().join("blocked");
    fs::create_dir_all(&out).unwrap();
    fs::write(out.join("thumbs"), "a file").unwrap();
    let outputs = vec![output("web", "", "", &[], "png"), output("thumb", "", "thumbs", &[], "png")];
    let report = run(batch(&input, &out, &Recipe { outputs, ..Recipe::default() }, Settings::default()));
    assert_eq!(report.totals.failed, 2);
    let reason = report.images[0].reason.as_deref().unwrap();
    assert!(reason.contains("output 'thumb'") && reason.contains("choose another output folder"), "{reason}");
    assert_eq!(content(&out).len(), 1, "no temporary file and no result stays");
}

#[test]
fn memory_of_several_outputs_stays_within_the_estimate() {
    let dir = tempfile::tempdir().unwrap();
    let photos = folder(dir.path(), 6, 600, 400);
    let whole = Recipe { outputs: three(), ..recipe(&["gaussian_blur"], "same") };
    for executor in EXECUTORS {
        let settings = Settings { memory_bytes: 6 << 20, ..settings(executor.id, 4) };
        let report = run(batch(&photos, &dir.path().join(executor.id), &whole, settings));
        assert_eq!(report.totals.done, 6);
        assert!(report.totals.peak_bytes <= 6 << 20, "{}: {}", executor.id, report.totals.peak_bytes);
    }
}

#[test]
fn the_timeline_shows_each_output() {
    let dir = tempfile::tempdir().unwrap();
    // One picture: a lane that waits for strips of its picture may take up another, and its activity then has several spans.
    let photos = folder(dir.path(), 1, 400, 300);
    let whole = Recipe { outputs: three(), ..recipe(&["gaussian_blur"], "same") };
    for executor in EXECUTORS {
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let sink = Arc::clone(&events);
        let all = batch(&photos, &dir.path().join(executor.id), &whole, settings(executor.id, 2));
        let mut trace = Trace::new(&all);
        let running = start(all, Arc::new(move |event: Event| sink.lock().unwrap().push(event))).unwrap();
        let timeline = Arc::clone(running.timeline());
        assert_eq!(running.wait().totals.done, 1);
        trace.finish(&timeline);
        let spans: Vec<_> = trace.lanes.iter().flat_map(|(_, spans)| spans).collect();
        let count = |activity| spans.iter().filter(|s| s.activity == activity && s.job == Some(0)).count();
        // Where several cores share the picture, decoding and the common blur come in pieces.
        let is_shared = count(Activity::Decode) > 1;
        assert!(!is_shared || matches!(executor.id, "cores" | "hybrid" | "async"), "{}", executor.id);
        assert_eq!(count(Activity::Encode), 3, "{}", executor.id);
        // The common blur and the first tail in one stretch, the second in its own; the last has no filters. A blur that took
        // turns with the decoder is in a stretch of its own.
        let blurs = count(Activity::Filter);
        assert!(blurs >= 2 && (is_shared || blurs <= 3), "{}: {blurs}", executor.id);
        let entered = |wanted: Stage| {
            let is = |e: &&Event| matches!(e, Event::Entered { job: 0, stage, .. } if *stage == wanted);
            events.lock().unwrap().iter().filter(is).count()
        };
        assert_eq!((entered(Stage::Decode), entered(Stage::Write)), (1, 1), "{}", executor.id);
    }
}

#[test]
fn overrides_are_the_same_under_every_executor_and_as_filters() {
    let dir = tempfile::tempdir().unwrap();
    let photos = folder(dir.path(), 3, 400, 300);
    let one = "rotate=right,straighten=2,crop=5:0:10:20,exposure=0.5";
    let overrides = Overrides::parse(one).unwrap();
    let base = recipe(&["resize:width=100,height=100"], "png");
    let as_filters = recipe(
        &[
            "rotate:turns=right",
            "straighten:angle=2",
            "crop_margins:left=5,right=10,bottom=20",
            "exposure:stops=0.5",
            "resize:width=100,height=100",
        ],
        "png",
    );
    run(batch(&photos, &dir.path().join("plain"), &base, settings("sequential", 1)));
    run(batch(&photos, &dir.path().join("filters"), &as_filters, settings("sequential", 1)));
    let (plain, filtered) = (content(&dir.path().join("plain")), content(&dir.path().join("filters")));
    for executor in EXECUTORS {
        let out = dir.path().join(executor.id);
        let mut whole: Batch = batch(&photos, &out, &base, settings(executor.id, 2));
        whole.jobs[1].overrides = overrides.shared();
        assert_eq!(run(whole).totals.done, 3);
        let written = content(&out);
        for (name, bytes) in &written {
            let expected = if name.contains("01") { &filtered } else { &plain };
            assert!(*bytes == expected[name], "{}: {name}", executor.id);
        }
        assert_ne!(written["photo 01.png"], plain["photo 01.png"]);
    }
}

#[test]
fn formats_of_outputs_are_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let photos = folder(dir.path(), 1, 60, 40);
    let mut outputs: Vec<Output> = ["jpeg", "png", "webp", "tiff"].map(|f| output(f, "", "", &[], f)).to_vec();
    outputs.iter_mut().for_each(|o| o.folder.clone_from(&o.name));
    outputs[0].export.options.set_quality(30);
    outputs.push(Output { export: outputs[0].export.clone(), ..Output::named("fine") });
    outputs[4].export.options.set_quality(95);
    assert_eq!(outputs[4].export.format, FormatChoice::from_id("jpeg").unwrap());
    let out = dir.path().join("out");
    let report = run(batch(&photos, &out, &Recipe { outputs, ..Recipe::default() }, Settings::default()));
    assert_eq!(report.totals.done, 1);
    let names: Vec<_> = content(&out).into_keys().collect();
    assert_eq!(
        names,
        ["jpeg/photo 00.jpg", "photo 00-fine.jpg", "png/photo 00.png", "tiff/photo 00.tif", "webp/photo 00.webp"]
    );
    let bytes = |i: usize| report.images[0].outputs[i].bytes;
    assert!(bytes(4) > bytes(0), "95 keeps more than 30");
}

#[test]
fn of_original_and_result_the_smaller_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 160, 120);
    let mut larger = recipe(&[], "jpeg");
    larger.export.options.set_quality(100);
    let mut other = recipe(&["sepia"], "jpeg");
    other.export.options.set_quality(100);
    for executor in EXECUTORS {
        let process = |recipe: &Recipe, name: &str| {
            let out = dir.path().join(format!("{name}-{}", executor.id));
            let mut batch = batch(&input, &out, recipe, settings(executor.id, 2));
            batch.results.conflict = Conflict::OnlyIfSmaller;
            (run(batch), content(&out))
        };
        let (report, kept) = process(&larger, "same");
        assert_eq!(kept, content(&input), "{}: byte for byte", executor.id);
        assert!(report.images.iter().all(|image| image.warnings.iter().any(|note| note.contains("original is kept"))));
        let (report, made) = process(&other, "sepia");
        assert!(
            made.iter().all(|(name, bytes)| bytes.len() > content(&input)[name].len()),
            "what shows something else"
        );
        assert!(report.images.iter().all(|image| image.warnings.is_empty()), "{report:?}");
    }
}

#[test]
fn outputs_that_are_skipped_are_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 60, 40);
    fs::write(input.join("drawing.svg"), "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='40'/>").unwrap();
    let mut whole = recipe(&["invert"], "png");
    whole.outputs = vec![
        output("one", "-1", "", &[], "png"),
        output("two", "-2", "", &["sepia"], "png"),
        output("three", "-3", "", &[], "bmp"),
    ];
    for executor in EXECUTORS {
        let out = dir.path().join(executor.id);
        let mut batch = batch(&input, &out, &whole, settings(executor.id, 2));
        for job in &mut batch.jobs {
            job.targets[0].action = Action::Skip("it is there".to_owned());
            job.targets[2].action = Action::Skip("it is there".to_owned());
        }
        let encoded = Arc::new(Mutex::new(0));
        let count = Arc::clone(&encoded);
        let sink = move |event: Event| {
            *count.lock().unwrap() += usize::from(matches!(event, Event::Entered { stage: Stage::Encode, .. }));
        };
        let report = start(batch, Arc::new(sink)).unwrap().wait();
        assert_eq!(report.totals.done, 4, "{}: {report:?}", executor.id);
        assert_eq!(*encoded.lock().unwrap(), 4, "{}: one of three outputs of each picture", executor.id);
        let names: Vec<String> = content(&out).into_keys().collect();
        assert!(names.len() == 4 && names.iter().all(|name| name.ends_with("-2.png")), "{names:?}");
    }
}
