//! Own presets in the window: saved, used, renamed, shared, deleted.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::Library;
use lightloom::gui::{Options, PathPurpose};

use super::driver::*;

#[test]
fn presets_are_saved_used_renamed_shared_and_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let library = Library::at(&dir.path().join("config"), &dir.path().join("data"));
    let mut harness = window_with(Options { library: Some(library.clone()), ..Options::default() });
    add_filter(&mut harness, "Colour", "Invert");
    choose(&mut harness, "File", "Manage Presets…");
    assert!(has(&harness, "There are no presets yet."));
    harness.get_by_role_and_label(Role::TextInput, "Name of a new preset").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::TextInput, "Name of a new preset").type_text("Negative");
    harness.run_steps(3);
    button(&mut harness, "Save");
    wait(&mut harness, "the preset", |app| app.state().presets.names == ["Negative"]);
    assert_eq!(library.load("Negative").unwrap().filters.len(), 1);

    let name = harness.get_by_role_and_label(Role::TextInput, "Name of Negative");
    name.click();
    harness.run_steps(3);
    press(&mut harness, Modifiers::COMMAND, Key::A);
    harness.get_by_role_and_label(Role::TextInput, "Name of Negative").type_text("Film negative");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    wait(&mut harness, "the new name", |app| app.state().presets.names == ["Film negative"]);
    button(&mut harness, "Done");

    add_filter(&mut harness, "Tone", "Gamma");
    assert_eq!(filters(&harness), ["invert", "gamma"]);
    add_filter(&mut harness, "Presets", "Film negative");
    wait(&mut harness, "the recipe", |app| app.state().recipe().filters.len() == 1);
    undo(&mut harness);
    assert_eq!(filters(&harness), ["invert", "gamma"], "using a preset is undone");

    choose(&mut harness, "File", "Manage Presets…");
    button(&mut harness, "Delete Film negative");
    wait(&mut harness, "the end of the preset", |app| app.state().presets.names.is_empty());
    assert!(library.names().is_empty());
    button(&mut harness, "Done");
    harness.state_mut().ask_in_window(PathPurpose::ImportPreset);
    harness.run_steps(3);
    let shared = dir.path().join("Shared look.toml");
    std::fs::write(&shared, "version = 1\n[[filter]]\nid = 'sepia'\n").unwrap();
    harness.get_by_role_and_label(Role::TextInput, "Path of a recipe file").type_text(shared.to_str().unwrap());
    harness.run_steps(3);
    button(&mut harness, "Import");
    wait(&mut harness, "the shared preset", |app| app.state().presets.names == ["Shared look"]);
    assert_eq!(library.load("Shared look").unwrap().filters.len(), 1, "an older recipe is taken in too");
}
