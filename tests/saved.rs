//! Files that version 0.1.0 saved load to what they meant then. The files in `saved/` are never written again. What the
//! window remembers is tested in `window/remembered.rs`.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lightloom::batch::{Library, load_files, pack};
use lightloom::filter::FILTERS;
use lightloom::lab::Results;
use lightloom::picture::{Depth, Layout, Shape};
use lightloom::recipe::{Plan, Purpose, Recipe};

fn saved(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/saved").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(saved(name)).unwrap()
}

/// Whether every line of `before`, except the version of the format, stands in `again` in the same order. What is new
/// since then may stand between them.
fn keeps_lines(before: &str, again: &str) -> bool {
    let mut again = again.lines();
    before.lines().filter(|line| !line.starts_with("version = ")).all(|line| again.any(|other| other == line))
}

#[test]
fn recipes_are_written_again_with_all_that_they_said() {
    for name in ["every_filter.toml", "two_outputs.toml"] {
        let text = text(name);
        let again = Recipe::from_toml(&text).unwrap().to_toml();
        assert!(keeps_lines(&text, &again), "{name}: {again}");
        assert!(!keeps_lines(&again.replace("kernel = ", "core = "), &again));
    }
}

#[test]
fn resizing_that_left_a_side_out_keeps_its_result() {
    let recipe = Recipe::from_toml(&text("resize_one_side.toml")).unwrap();
    let source = Shape { width: 1000, height: 4000, layout: Layout::Rgb, depth: Depth::U8 };
    let plan = Plan::compile(&recipe, source, &[1], Purpose::Export).unwrap();
    let sizes: Vec<_> = plan.results().map(|shape| (shape.width, shape.height)).collect();
    // as version 0.1.0 made them
    assert_eq!(sizes, [(480, 1920), (400, 1600), (100, 1920)]);
}

#[test]
fn a_recipe_of_every_filter_keeps_each_value() {
    let recipe = Recipe::from_toml(&text("every_filter.toml")).unwrap();
    let ids: BTreeSet<&str> = recipe.filters.iter().map(|step| step.params.spec().id).collect();
    let with_files = BTreeSet::from(["lut3d", "image_watermark"]);
    let known: BTreeSet<&str> = FILTERS.iter().map(|filter| filter.id).collect();
    assert!(known.is_superset(&ids) && ids.is_disjoint(&with_files));
    assert_eq!(ids.len(), 72, "version 0.1.0 had 74 filters");
}

#[test]
fn outputs_keep_their_names_filters_and_formats() {
    let recipe = Recipe::from_toml(&text("two_outputs.toml")).unwrap();
    let steps: Vec<_> = recipe.filters.iter().map(|step| (step.params.spec().id, step.enabled)).collect();
    assert_eq!(steps, [("resize", true), ("saturation", false)]);
    let outputs: Vec<_> = recipe
        .outputs
        .iter()
        .map(|o| (o.name.as_str(), o.suffix.as_str(), o.folder.as_str(), o.filters.len(), o.export.format.id()))
        .collect();
    assert_eq!(outputs, [("web", "-web", "", 0, "jpeg"), ("für Oma", "", "Oma", 2, "avif")]);
    assert_eq!(recipe.export.format.id(), "tiff");
}

#[test]
fn a_bundle_contains_its_files() {
    let dir = tempfile::tempdir().unwrap();
    let library = Library::at(&dir.path().join("config"), &dir.path().join("data"));
    assert_eq!(library.import(&saved("bundle.toml")).unwrap(), "bundle");
    let mut recipe = library.load("bundle").unwrap();
    load_files(&mut recipe);
    assert_eq!(recipe.unusable_file(), None);
    let ids: Vec<_> = recipe.filters.iter().map(|step| step.params.spec().id).collect();
    assert_eq!(ids, ["lut3d", "image_watermark", "exposure"]);
    let again = pack(&recipe).unwrap().to_toml();
    assert!(keeps_lines(&text("bundle.toml"), &again), "shared again it is the same file: {again}");
}

#[test]
fn a_measurement_keeps_its_runs_and_its_verdict() {
    let results = Results::load(&saved("lab.json")).unwrap();
    let runs: Vec<_> = results
        .runs
        .iter()
        .map(|run| (run.settings.executor.id, run.settings.io_threads, run.settings.cores, run.totals.done))
        .collect();
    let (sequential, cores) = (("sequential", 1, 1, 2), ("cores", 1, 2, 2));
    assert_eq!(runs, [sequential, cores, sequential, cores]);
    assert!(results.runs.iter().all(|run| run.output_hash == results.runs[0].output_hash));
    // A field that is new since then may stand beside those that there were; none of them may be lost or changed.
    let before: serde_json::Value = serde_json::from_str(&text("lab.json")).unwrap();
    let again: serde_json::Value = serde_json::from_str(&results.to_json().unwrap()).unwrap();
    assert!(holds(&again, &before), "{again:#}");
}

/// Whether everything in `part` is in `whole` too.
fn holds(whole: &serde_json::Value, part: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| holds(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| holds(whole, part))
        }
        _ => whole == part,
    }
}
