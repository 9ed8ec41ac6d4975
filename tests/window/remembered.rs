//! What the window remembers from one session to the next, and what is given for one session alone.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::HashMap;
use std::path::Path;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::{Conflict, Priority, Source};
use lightloom::codec::{Limits, SomeLimits};
use lightloom::gui::{App, Options};

use super::driver::*;

/// What is remembered, without a disk.
#[derive(Default)]
pub struct Memory(HashMap<String, String>);

impl eframe::Storage for Memory {
    fn get_string(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    fn set_string(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }

    fn remove_string(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn flush(&mut self) {}
}

/// What a window remembers when it is closed.
pub fn close(mut harness: Harness<'_, App>) -> Memory {
    let mut memory = Memory::default();
    eframe::App::save(harness.state_mut(), &mut memory);
    memory
}

pub fn window_that_remembers(memory: Memory, options: Options) -> Harness<'static, App> {
    let memory: &'static Memory = Box::leak(Box::new(memory));
    window_from(options, Some(memory))
}

#[test]
fn overrides_are_restored_measured_and_exported() {
    let dir = photos(3);
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 3);
    click(&mut harness, "This photo only");
    harness.run_steps(10);
    button(&mut harness, "Rotate right");
    type_into(&mut harness, Role::SpinButton, "Crop left", "25");
    let changed = harness.state().state().pictures.current().unwrap().found.source.clone();
    let own = harness.state().state().history.overrides_of(&changed);
    assert_eq!(own.to_string(), "rotate=right,crop=25:0:0:0");
    let memory = close(harness);

    let out = tempfile::tempdir().unwrap();
    let options = saving_to(out.path());
    let mut harness = window_that_remembers(memory, options);
    add_pictures(&mut harness, dir.path(), 3);
    assert_eq!(harness.state().state().history.overrides_of(&changed), own);
    assert!(!harness.state().state().history.can_undo(), "the past does not come back");
    assert_eq!(harness.query_all_by_label_contains(", individually adjusted").count(), 1);
    wait_for_preview(&mut harness);
    assert_eq!(harness.state().preview().result_size(), Some([48, 96]));
    run_to_end(&mut harness);
    let exported = harness.state().state().summary.as_ref().unwrap().totals.clone();
    let sizes: Vec<_> = files_below(out.path()).iter().map(|f| decode(f)).map(|p| [p.width(), p.height()]).collect();
    assert_eq!(sizes.iter().filter(|size| **size == [48, 96]).count(), 1, "{sizes:?}");

    // The lab does the same work: its results are as large as those of the export, to the byte.
    choose(&mut harness, "View", "Measurements…");
    harness.run_steps(10);
    super::lab::only(&mut harness, &["Sequential"]);
    super::lab::measured(&mut harness);
    let results = &harness.state().state().lab.shown.as_ref().unwrap().results;
    assert_eq!(results.runs.len(), 4);
    for run in &results.runs {
        assert_eq!(run.totals.output_bytes, exported.output_bytes);
    }
}

#[test]
fn names_and_conflicts_are_remembered() {
    let mut harness = window();
    add_filter(&mut harness, "Presets", "Instagram square");
    open_export(&mut harness);
    type_into(&mut harness, Role::TextInput, "Names", "{recipe}-{name}");
    select_entry(&mut harness, "Existing files", "Overwrite if smaller");
    button(&mut harness, "Done");
    let memory = close(harness);
    let harness = window_that_remembers(memory, Options::default());
    let output = harness.state().state().named_output();
    assert_eq!((output.names.as_str(), output.conflict), ("{recipe}-{name}", Conflict::OnlyIfSmaller));
    assert_eq!(output.recipe_name, "Instagram square");
}

#[test]
fn limits_from_the_options_hold_for_one_session() {
    let mut harness = window();
    button(&mut harness, "Workers");
    harness.get_by_label("Limits").hover();
    harness.run_steps(10);
    type_into(&mut harness, Role::SpinButton, "Frames or pages", "20000");
    assert_eq!(harness.state().state().settings.limits, Limits { frames: 20_000, ..Limits::default() });
    let memory = close(harness);

    let given = SomeLimits { frames: Some(30_000), scans: Some(150), ..SomeLimits::default() };
    let harness = window_that_remembers(memory, Options { limits: given, ..Options::default() });
    assert_eq!(harness.state().state().settings.limits, Limits { frames: 30_000, scans: 150, ..Limits::default() });
    let memory = close(harness);

    let harness = window_that_remembers(memory, Options::default());
    assert_eq!(
        harness.state().state().settings.limits,
        Limits { frames: 20_000, ..Limits::default() },
        "as if they had not been given"
    );
}

#[test]
fn what_version_0_1_remembered_comes_back() {
    let remembered = include_str!("../saved/window.ron").to_owned();
    let memory = Memory(HashMap::from([(eframe::APP_KEY.to_owned(), remembered)]));
    let harness = window_that_remembers(memory, Options::default());
    let state = harness.state().state();
    let settings = &state.settings;
    assert_eq!((settings.executor.id, settings.io_threads, settings.cores), ("cores", 7, 1));
    assert_eq!((settings.memory_bytes, settings.queue, settings.time_limit_secs), (512 << 20, Some(9), 33));
    assert_eq!(settings.priority, Priority::Low);
    assert_eq!(settings.limits, Limits { frames: 20_000, ..Limits::default() });
    assert_eq!((state.output.names.as_str(), state.output.conflict), ("{name}", Conflict::Unique));
    assert_eq!((state.output.folder.as_deref(), state.output.keep_tree), (Some(Path::new("/out")), false));
    let recipe =
        "version = 3\n\n[[filter]]\nid = \"exposure\"\nstops = 0.35\n\n[export]\nformat = \"jpeg\"\nquality = 71\n";
    assert_eq!(state.recipe().to_toml(), recipe);
    let own = state.history.overrides_of(&Source::from("/p/a.jpg"));
    assert_eq!(own.to_string(), "rotate=left,crop=5:0:10.5:0,exposure=0.35");
}

#[test]
fn an_archive_for_results_is_remembered() {
    let mut harness = window_with(saving_to(Path::new("/out/a.tar")));
    open_export(&mut harness);
    select_entry(&mut harness, "Archive format", "WebDataset shards");
    type_into(&mut harness, Role::SpinButton, "Shard size", "64");
    button(&mut harness, "Done");
    let memory = close(harness);
    let harness = window_that_remembers(memory, Options::default());
    let output = &harness.state().state().output;
    assert_eq!((output.folder.as_deref(), output.shard_bytes), (Some(Path::new("/out/a.tar")), Some(64 << 20)));
}
