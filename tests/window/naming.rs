//! Names of results and what happens where a file exists, as they are set in the export settings.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::Conflict;
use lightloom::gui::App;

use super::driver::*;

/// Types a template without leaving the field.
fn type_template(harness: &mut Harness<'_, App>, text: &str) {
    harness.get_by_role_and_label(Role::TextInput, "Names").click();
    harness.run_steps(3);
    press(harness, Modifiers::COMMAND, Key::A);
    harness.get_by_role_and_label(Role::TextInput, "Names").type_text(text);
    harness.run_steps(3);
}

fn names(app: &App) -> &str {
    app.state().output.names.as_str()
}

fn samples(app: &App) -> Vec<String> {
    app.state().name_samples.iter().map(|sample| sample.path.replace('\\', "/")).collect()
}

#[test]
fn a_template_is_checked_while_it_is_typed_and_its_names_are_shown() {
    let dir = photos(6);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 6);
    open_export(&mut harness);
    wait(&mut harness, "names", |app| samples(app).len() == 4);
    type_template(&mut harness, "{nmae}");
    assert!(has(&harness, "nmae"), "what is wrong is said at once");
    assert!(has(&harness, "the tokens are {name}"));
    assert_eq!(names(harness.state()), "{name}", "the last good one stays in force");
    type_template(&mut harness, "{ext}/x-{name}");
    assert!(!has(&harness, "the tokens are"));
    assert_eq!(names(harness.state()), "{ext}/x-{name}");
    wait(&mut harness, "names", |app| samples(app).iter().all(|path| path.contains("png/x-bild ")));
    // Headers are read for this one.
    type_template(&mut harness, "{name} {width}x{height}");
    wait(&mut harness, "names", |app| samples(app).iter().all(|path| path.ends_with(" 96x64.png")));
    assert!(has(&harness, " 96x64.png"));
}

#[test]
fn tokens_are_inserted_and_the_recipe_has_its_name() {
    let dir = photos(2);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 2);
    add_filter(&mut harness, "Presets", "Instagram square");
    open_export(&mut harness);
    for token in ["{seq:4}", "{recipe}"] {
        harness.get_by_role_and_label(Role::ComboBox, "Insert token").click();
        harness.run_steps(5);
        assert!(has(&harness, "number in the batch"), "each token is explained");
        harness.get_by(|n| n.label().is_some_and(|label| label.starts_with(token)) && n.role() != Role::Label).click();
        harness.run_steps(5);
    }
    assert_eq!(names(harness.state()), "{name}{seq:4}{recipe}");
    wait(&mut harness, "names", |app| samples(app).iter().all(|path| path.contains("Instagram square")));
    button(&mut harness, "Done");
    run_to_end(&mut harness);
    let written = files_below(out.path());
    let mut stems: Vec<_> = written.iter().map(|p| p.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    stems.sort();
    assert!(stems.iter().all(|stem| stem.contains("000") && stem.ends_with("Instagram square")), "{stems:?}");
    add_filter(&mut harness, "Colour", "Invert");
    assert_eq!(harness.state().state().recipe_name(), "", "it is not that preset any more");
    undo(&mut harness);
    assert_eq!(harness.state().state().recipe_name(), "Instagram square");
}

#[test]
fn what_happens_to_existing_files_is_chosen_shown_and_done() {
    let dir = photos(2);
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("bild 0.png"), "mine").unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 2);
    open_export(&mut harness);
    wait(&mut harness, "names", |app| samples(app).contains(&"bild 0-2.png".to_owned()));
    select_entry(&mut harness, "Existing files", "Skip");
    assert_eq!(harness.state().state().output.conflict, Conflict::Skip);
    wait(&mut harness, "names", |app| samples(app).contains(&"bild 0.png".to_owned()));
    assert!(has(&harness, "Skipped: a file of this name is there"));
    button(&mut harness, "Done");
    run_to_end(&mut harness);
    assert_eq!(fs::read(out.path().join("bild 0.png")).unwrap(), b"mine");
    assert!(has(&harness, "1 picture done in") && has(&harness, "1 skipped"));
    open_export(&mut harness);
    select_entry(&mut harness, "Existing files", "Overwrite");
    wait(&mut harness, "names", |app| app.state().name_samples.iter().any(|sample| sample.note.is_some()));
    assert!(has(&harness, "Replaces the existing file"));
    button(&mut harness, "Done");
    run_to_end(&mut harness);
    assert_ne!(fs::read(out.path().join("bild 0.png")).unwrap(), b"mine");
    assert_eq!(files_below(out.path()).len(), 2);
}
