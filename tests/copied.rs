//! Pictures that nothing changes are copied byte for byte where that is asked for, and only then.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;

use common::{batch, photo, recipe, run, save, settings};
use lightloom::batch::{Batch, EXECUTORS, Report, set_overrides};
use lightloom::codec::{EncodeOptions, encode, find};
use lightloom::picture::{Buffers, Picture};
use lightloom::recipe::{Output, Overrides, Recipe};

/// A photo, a PNG, a JPEG that ends in the middle, and one called PNG.
fn originals(input: &Path) {
    save(&input.join("a.jpg"), photo(160, 120, 1));
    save(&input.join("b.png"), photo(64, 48, 2));
    let whole = fs::read(input.join("a.jpg")).unwrap();
    fs::write(input.join("c.jpg"), &whole[..whole.len() / 2]).unwrap();
    fs::write(input.join("d.png"), &whole).unwrap();
}

fn copying(filters: &[&str], format: &str) -> Recipe {
    let mut recipe = recipe(filters, format);
    recipe.export.copy_unchanged = true;
    recipe
}

/// The names of the pictures whose results are the bytes of their source, with the report.
fn copied(input: &Path, out: &Path, recipe: &Recipe, executor: &str) -> (Vec<String>, Report) {
    copied_of(batch(input, out, recipe, settings(executor, 2)))
}

fn copied_of(batch: Batch) -> (Vec<String>, Report) {
    let report = run(batch);
    let mut names = Vec::new();
    for image in &report.images {
        for output in &image.outputs {
            let same = fs::read(&output.path).unwrap() == fs::read(image.source.path().unwrap()).unwrap();
            assert_eq!(same, output.copied, "{image:?}");
            if same {
                names.push(image.source.file_name());
            }
        }
    }
    assert_eq!(report.totals.copied, report.images.iter().filter(|image| image.is_copied()).count());
    (names, report)
}

#[test]
fn what_nothing_changes_is_copied_under_every_executor() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    originals(&input);
    for executor in EXECUTORS {
        let (names, report) = copied(&input, &dir.path().join(executor.id), &copying(&[], "same"), executor.id);
        assert_eq!(names, ["a.jpg", "b.png", "c.jpg", "d.png"], "{}", executor.id);
        assert_eq!((report.totals.done, report.totals.copied), (4, 4), "{}: not even decoded", executor.id);
        assert_eq!(report.totals.megapixels, 0.0);
        assert_eq!((report.images[0].outputs[0].width, report.images[0].outputs[0].height), (160, 120));
        assert!(dir.path().join(executor.id).join("d.jpg").exists(), "called after what it is");
    }
}

#[test]
fn what_is_changed_or_not_asked_for_is_encoded() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    // Of another quality than results have: encoded again at its own, a JPEG file may well be the same.
    for (name, pixels) in [("a.jpg", photo(160, 120, 1)), ("b.jpg", photo(64, 48, 2))] {
        let (picture, options) = (Picture::new(pixels), EncodeOptions::with_quality(97));
        let file = encode(find("jpeg").unwrap(), picture, &options, &mut Buffers::default());
        fs::create_dir_all(&input).unwrap();
        fs::write(input.join(name), file.unwrap().bytes).unwrap();
    }
    let mut number = 0;
    let mut of = |recipe: &Recipe| {
        number += 1;
        let (names, report) = copied(&input, &dir.path().join(number.to_string()), recipe, "sequential");
        assert_eq!(report.totals.done, 2, "{report:?}");
        names.join(" ")
    };
    assert_eq!(of(&recipe(&[], "same")), "", "off by default");
    assert_eq!(of(&copying(&[], "same")), "a.jpg b.jpg");
    assert_eq!(of(&copying(&[], "jpeg")), "a.jpg b.jpg", "the format that they have");
    assert_eq!(of(&copying(&[], "png")), "");
    assert_eq!(of(&copying(&["invert"], "same")), "");
    assert_eq!(of(&copying(&["rotate:turns=half"], "same")), "", "also where only pixels move");
    assert_eq!(of(&copying(&["resize:mode=fit,width=100,height=100"], "same")), "b.jpg", "that one fits as it is");
    assert_eq!(
        of(&copying(&["resize:mode=exact,width=80,height=60"], "same")),
        "b.jpg",
        "the other one is scaled by its decoder"
    );
    let mut low = copying(&[], "same");
    low.export.options.set_quality(5);
    assert_eq!(of(&low), "a.jpg b.jpg", "whatever the quality");
    let mut off = copying(&["invert"], "same");
    off.filters[0].enabled = false;
    assert_eq!(of(&off), "a.jpg b.jpg");
    for change in [
        "[export.metadata]\nkeep = 'no-location'\n",
        "[export.metadata]\nkeep = 'none'\n",
        "[export.metadata]\nkeep = 'all'\nprofile = false\n",
        "[export.metadata]\nkeep = 'all'\nartist = 'Ann'\n",
        "[export.metadata]\nkeep = 'all'\ndpi = 300.0\n",
        "[export.colour]\nspace = 'display-p3'\n",
        "[export.hdr]\nmode = 'clip'\n",
    ] {
        let text = format!("version = 3\n[export]\ncopy_unchanged = true\n{change}");
        let recipe = Recipe::from_toml(&text).unwrap();
        assert!(recipe.export.copy_unchanged);
        assert_eq!(of(&recipe), "", "{change}");
    }
    let times = "version = 3\n[export]\ncopy_unchanged = true\n[export.metadata]\nkeep = 'all'\nfile_times = false\n";
    assert_eq!(of(&Recipe::from_toml(times).unwrap()), "a.jpg b.jpg", "which are not in the file");
    assert!(Recipe::from_toml("version = 3\n[export]\ncopy_unchanged = 1\n").is_err());
}

#[test]
fn each_picture_and_each_output_is_judged_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    save(&input.join("a.jpg"), photo(160, 120, 1));
    save(&input.join("b.jpg"), photo(160, 120, 2));
    let mut several = Recipe::default();
    for (name, filters) in [("small", &["resize:width=50,height=50"][..]), ("whole", &[])] {
        let one = copying(filters, "same");
        several.outputs.push(Output { filters: one.filters, export: one.export, ..Output::named(name) });
    }
    for executor in EXECUTORS {
        let mut batch = batch(&input, &dir.path().join(executor.id), &several, settings(executor.id, 2));
        let turned = Overrides::parse("rotate=right").unwrap();
        let second = batch.jobs[1].source.clone();
        set_overrides(&mut batch.jobs, &[(second, turned)].into());
        let (names, report) = copied_of(batch);
        assert_eq!(names, ["a.jpg"], "{}", executor.id);
        let outputs = &report.images[0].outputs;
        assert_eq!((outputs[0].name.as_str(), outputs[0].copied), ("small", false), "in the order of the recipe");
        assert_eq!((outputs[1].name.as_str(), outputs[1].copied), ("whole", true));
        assert_eq!(report.totals.copied, 0, "a picture is one that is copied if all of its results are");
    }
}
