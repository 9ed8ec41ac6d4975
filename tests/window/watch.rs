//! A watched folder in the window: begun, followed in its log, stopped.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use lightloom::gui::{Action, PathPurpose, WatchAction, WatchPhase};

use super::driver::*;

#[test]
fn a_folder_is_watched_until_it_is_stopped() {
    let dir = photos(3);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_filter(&mut harness, "Colour", "Invert");
    let state = harness.state().state();
    assert!(state.disabled_reason(&Action::Watch(WatchAction::Stop)).is_some());
    fs::write(dir.path().join("broken.png"), "no picture").unwrap();
    harness.state_mut().ask_in_window(PathPurpose::WatchFolder);
    harness.run_steps(3);
    let field = harness.get_by_role_and_label(Role::TextInput, "Path of the folder to watch");
    field.type_text(dir.path().to_str().unwrap());
    harness.run_steps(3);
    button(&mut harness, "Watch");
    assert!(harness.state().state().watch.is_on());
    wait(&mut harness, "the pictures", |app| app.state().watch.counts.done == 3 && app.state().watch.log.len() == 4);
    assert!(has(&harness, "3 pictures done, 1 failed"));
    assert!(has(&harness, "broken.png failed"), "said, though the log is hidden");
    assert_inside(&harness, "while a folder is watched");
    button(&mut harness, "Show Log (watch)");
    harness.run_steps(3);
    assert!(has(&harness, "bild 0.png"));
    assert_inside(&harness, "with the log");
    fs::copy(dir.path().join("bild 0.png"), dir.path().join("new.png")).unwrap();
    wait(&mut harness, "the new picture", |app| app.state().watch.counts.done == 4);
    assert_eq!(files_below(out.path()).len(), 4);
    assert!(harness.state().state().disabled_reason(&Action::Watch(WatchAction::Ask)).is_some());
    button(&mut harness, "Stop (watch)");
    wait(&mut harness, "the end", |app| app.state().watch.phase == WatchPhase::Idle);
    button(&mut harness, "Close (watch)");
    assert!(harness.state().state().watch.folder.is_none());
}

#[test]
fn what_cannot_be_watched_is_said() {
    let dir = photos(1);
    let mut harness = window_with(saving_to(dir.path()));
    harness.state_mut().ask_in_window(PathPurpose::WatchFolder);
    harness.run_steps(3);
    let field = harness.get_by_role_and_label(Role::TextInput, "Path of the folder to watch");
    field.type_text(dir.path().join("bild 0.png").to_str().unwrap());
    harness.run_steps(3);
    button(&mut harness, "Watch");
    wait(&mut harness, "the answer", |app| !app.state().watch.is_on());
    assert!(has(&harness, "It is no folder") || has(&harness, "it is no folder"));
}
