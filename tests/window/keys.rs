//! The keys of every command can be changed; menus show those in force, and the next session knows them.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::gui::{App, Dialog, Options};

use super::driver::*;
use super::remembered::{Memory, close, window_that_remembers};

fn open(harness: &mut Harness<'_, App>, query: &str) {
    choose(harness, "Help", "Shortcuts");
    harness.get_by_label("Name of a command, or keys").click();
    harness.run_steps(3);
    harness.get_by_label("Name of a command, or keys").type_text(query);
    harness.run_steps(3);
}

fn press_keys(harness: &mut Harness<'_, App>, modifiers: Modifiers, key: Key) {
    press(harness, modifiers, key);
    harness.run_steps(2);
}

#[test]
fn keys_are_changed_by_pressing_others_and_remembered() {
    let mut harness = window();
    open(&mut harness, "find filter");
    click(&mut harness, "Find Filter: Ctrl+F");
    assert!(has(&harness, "Press the keys for Find Filter"));
    press_keys(&mut harness, Modifiers::COMMAND, Key::J);
    assert!(has(&harness, "Find Filter: Ctrl+J"));
    button(&mut harness, "Close");
    press(&mut harness, Modifiers::COMMAND, Key::F);
    assert_eq!(harness.state().state().dialog, None, "the old keys do nothing");
    press(&mut harness, Modifiers::COMMAND, Key::J);
    assert!(matches!(harness.state().state().dialog, Some(Dialog::Finder(_))));

    let mut harness = window_that_remembers(close(harness), Options::default());
    press(&mut harness, Modifiers::COMMAND, Key::J);
    assert!(matches!(harness.state().state().dialog, Some(Dialog::Finder(_))), "so does the next session");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    open(&mut harness, "find filter");
    click(&mut harness, "Reset the keys of Find Filter");
    assert!(has(&harness, "Find Filter: Ctrl+F"));
}

#[test]
fn keys_of_another_command_are_offered_and_others_refused() {
    let mut harness = window();
    open(&mut harness, "samples");
    click(&mut harness, "Add Samples: no keys");
    press_keys(&mut harness, Modifiers::NONE, Key::Tab);
    assert!(has(&harness, "Tab and arrows lead from one control"));
    harness.event(Event::Copy);
    harness.run_steps(3);
    assert!(has(&harness, "belong to the clipboard"));
    press_keys(&mut harness, Modifiers::COMMAND, Key::P);
    assert!(has(&harness, "Ctrl+P belongs to Plan"));
    button(&mut harness, "Keep");
    assert!(has(&harness, "Add Samples: no keys"));
    click(&mut harness, "Add Samples: no keys");
    press_keys(&mut harness, Modifiers::COMMAND, Key::P);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(has(&harness, "Add Samples: Ctrl+P"), "Replace has the focus");
    click(&mut harness, "Add Samples: Ctrl+P");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(has(&harness, "Add Samples: Ctrl+P") && harness.state().state().dialog.is_some(), "Esc keeps them");
    button(&mut harness, "Reset All");
    assert!(has(&harness, "Add Samples: no keys"));
    button(&mut harness, "Close");
    assert_eq!(harness.state().state().dialog, None);
}

#[test]
fn menus_and_tooltips_show_the_keys_in_force() {
    let mut harness = window();
    open(&mut harness, "find filter");
    click(&mut harness, "No keys for Find Filter");
    button(&mut harness, "Close");
    harness.get_by_label("Add filter").hover();
    harness.run_steps(5);
    assert!(has(&harness, "Find a filter and add it to the end of the stack."), "without keys");
    open(&mut harness, "find filter");
    click(&mut harness, "Find Filter: no keys");
    press_keys(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::J);
    button(&mut harness, "Close");
    harness.get_by_label("Add filter").hover();
    harness.run_steps(5);
    assert!(has(&harness, "Find a filter and add it to the end of the stack (Ctrl+Shift+J)."));
}

#[test]
fn saved_keys_that_mean_nothing_are_said_and_the_rest_is_kept() {
    let mut memory = Memory::default();
    let saved = "(shortcuts: {\"make-coffee\": \"Ctrl+M\", \"find-filter\": \"Ctrl+J\"})";
    eframe::Storage::set_string(&mut memory, eframe::APP_KEY, saved.to_owned());
    let mut harness = window_that_remembers(memory, Options::default());
    assert!(has(&harness, "cannot be read (shortcuts)"));
    press(&mut harness, Modifiers::COMMAND, Key::J);
    assert!(matches!(harness.state().state().dialog, Some(Dialog::Finder(_))));
}
