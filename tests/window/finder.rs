//! The finder shows what filters do to the picture at hand, and presets are seen before they are used.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::Library;
use lightloom::gui::Options;
use lightloom::recipe::{Recipe, Step};

use super::driver::*;

#[test]
fn the_finder_shows_filters_on_the_picture_and_rests_once_they_are_drawn() {
    let dir = photos(2);
    let mut harness = window();
    press(&mut harness, Modifiers::COMMAND, Key::F);
    harness.run();
    assert_eq!(harness.state().filter_samples(), 0, "without a picture there is none to show");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    add_pictures(&mut harness, dir.path(), 2);
    wait_for_preview(&mut harness);

    press(&mut harness, Modifiers::COMMAND, Key::F);
    let visible = |app: &lightloom::gui::App| app.filter_samples() >= 5;
    wait(&mut harness, "pictures of filters", visible);
    std::thread::sleep(Duration::from_millis(300));
    harness.run();
    let first = harness.state().filter_samples();
    assert!(first < 20, "only what is visible is made, not {first}");
    for _ in 0..3 {
        press(&mut harness, Modifiers::NONE, Key::PageDown);
    }
    wait(&mut harness, "more pictures", |app| app.filter_samples() > first);
    std::thread::sleep(Duration::from_millis(300));
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!((filters(&harness).len(), harness.state().filter_samples()), (1, 0), "the finder is closed");
    let changes = harness.state().state().history.changes().count();
    assert_eq!(changes, 1);
}

#[test]
fn a_preset_is_seen_while_the_pointer_rests_on_it_and_changes_nothing() {
    let dir = photos(1);
    let (home, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let library = Library::at(home.path(), scratch.path());
    let rotate = Recipe { filters: vec![Step::parse("rotate").unwrap()], ..Recipe::default() };
    library.save("Turned", &rotate, false).unwrap();
    let mut harness = window_with(Options { library: Some(library), ..Options::default() });
    add_pictures(&mut harness, dir.path(), 1);
    wait_for_preview(&mut harness);
    wait(&mut harness, "the preset", |app| app.state().presets.names == ["Turned"]);
    assert_eq!(harness.state().preview().result_size(), Some([96, 64]));

    button(&mut harness, "Filters");
    harness.get_by_role_and_label(Role::Button, "Presets").hover();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::Button, "Turned").hover();
    harness.run_steps(4);
    wait(&mut harness, "the preset in the preview", |app| app.preview().result_size() == Some([64, 96]));
    harness.get_by_role_and_label(Role::Button, "Instagram square").hover();
    harness.run_steps(4);
    let square = |app: &lightloom::gui::App| app.preview().result_size().is_some_and(|[w, h]| w == h);
    wait(&mut harness, "another preset", square);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    harness.hover_at(egui::pos2(500.0, 400.0));
    wait(&mut harness, "the recipe again", |app| app.preview().result_size() == Some([96, 64]));
    let state = harness.state().state();
    assert!(state.recipe().filters.is_empty() && !state.history.can_undo() && state.presets.tried.is_none());
}

#[test]
fn own_presets_are_found_with_what_they_do() {
    let dir = photos(1);
    let (home, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let library = Library::at(home.path(), scratch.path());
    let rotate = Recipe { filters: vec![Step::parse("rotate").unwrap()], ..Recipe::default() };
    library.save("Turned around", &rotate, false).unwrap();
    let mut harness = window_with(Options { library: Some(library), ..Options::default() });
    add_pictures(&mut harness, dir.path(), 1);
    wait_for_preview(&mut harness);
    wait(&mut harness, "the preset", |app| app.state().presets.names == ["Turned around"]);
    press(&mut harness, Modifiers::COMMAND, Key::F);
    harness.event(egui::Event::Text("around".to_owned()));
    harness.run_steps(3);
    wait(&mut harness, "its picture", |app| app.filter_samples() > 0);
    assert!(harness.query_by_role_and_label(Role::ListBoxOption, "Turned around").is_some());
    press(&mut harness, Modifiers::NONE, Key::Enter);
    wait(&mut harness, "its filters", |app| app.state().recipe().filters.len() == 1);
    assert_eq!(filters(&harness), ["rotate"]);
}
