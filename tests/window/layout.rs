//! How the window is arranged: what keeps its place and its room, what is remembered, and the keyboard.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use lightloom::gui::{App, Dialog, Options, Zoom};

use super::driver::*;
use super::remembered::{close, window_that_remembers};

const SIZES: [[f32; 2]; 4] = [[800.0, 600.0], [1024.0, 700.0], [1280.0, 800.0], [2560.0, 1440.0]];

fn picture(harness: &Harness<'_, App>) -> Rect {
    harness.get_by_label_contains("Preview of ").rect()
}

fn drag(harness: &mut Harness<'_, App>, from: Pos2, to: Pos2) {
    harness.drag_at(from);
    harness.step();
    for i in 1..=8 {
        harness.hover_at(from + (to - from) * (i as f32 / 8.0));
        harness.step();
    }
    harness.drop_at(to);
    harness.run_steps(3);
}

fn double_click(harness: &mut Harness<'_, App>, at: Pos2) {
    harness.hover_at(at);
    harness.step();
    for pressed in [true, false, true, false] {
        let button = PointerButton::Primary;
        harness.input_mut().events.push(Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE });
    }
    harness.run_steps(3);
}

#[test]
fn the_picture_keeps_half_of_the_height_and_everything_its_room() {
    let dir = photos(8);
    for size in SIZES {
        let out = tempfile::tempdir().unwrap();
        let mut harness = window_of_size(size, saving_to(out.path()), None);
        assert_inside(&harness, "empty");
        add_pictures(&mut harness, dir.path(), 8);
        add_filter(&mut harness, "Tone", "Exposure");
        click(&mut harness, "Threads");
        run_to_end(&mut harness);
        assert!(!has(&harness, "Timeline of "), "it does not open by itself");
        let before = picture(&harness);
        assert!(before.height() >= 0.66 * size[1], "{size:?}: {before:?}");
        click(&mut harness, "Cores");
        run_to_end(&mut harness);
        click(&mut harness, "Timeline");
        harness.run_steps(4);
        assert!(has(&harness, "Timeline of "));
        // As high as it can be dragged.
        let top = harness.get_by_label("Hide the timeline (Ctrl+T)").rect().top() - 8.0;
        for up in [0.0, 2.0, 4.0, 6.0, 8.0] {
            drag(&mut harness, Pos2::new(size[0] / 2.0, top - up), Pos2::new(size[0] / 2.0, 60.0));
        }
        assert!(picture(&harness).height() >= size[1] / 2.0 - 2.0, "{size:?}: {:?}", picture(&harness));
        assert!(picture(&harness).width() >= 0.28 * size[0], "{size:?}: {:?}", picture(&harness));
        assert_inside(&harness, &format!("{size:?} with timeline and comparison"));
    }
}

#[test]
fn panels_are_dragged_and_remembered() {
    let dir = photos(6);
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 6);
    click(&mut harness, "Show as a contact sheet");
    let columns = |harness: &Harness<'_, App>| {
        let mut lefts: Vec<i32> =
            harness.query_all_by_role(Role::ListBoxOption).map(|node| node.rect().left() as i32).collect();
        lefts.sort_unstable();
        lefts.dedup();
        lefts.len()
    };
    harness.run_steps(3);
    assert_eq!(columns(&harness), 1);
    let left = picture(&harness).left();
    drag(&mut harness, Pos2::new(left - 2.0, 400.0), Pos2::new(left + 220.0, 400.0));
    assert_eq!(columns(&harness), 3, "as many as fit");
    let right = picture(&harness).right();
    drag(&mut harness, Pos2::new(right + 2.0, 400.0), Pos2::new(right - 60.0, 400.0));
    let dragged = picture(&harness);
    assert!(dragged.left() > left + 200.0 && dragged.right() < right - 50.0, "{dragged:?}");

    let mut harness = window_that_remembers(close(harness), Options::default());
    add_pictures(&mut harness, dir.path(), 6);
    harness.run_steps(4);
    assert!((picture(&harness).left() - dragged.left()).abs() < 1.5, "{:?}", picture(&harness));
    assert!((picture(&harness).right() - dragged.right()).abs() < 1.5, "{:?}", picture(&harness));
    double_click(&mut harness, Pos2::new(dragged.left() - 2.0, 400.0));
    assert!((picture(&harness).left() - left).abs() < 1.5, "a double-click restores the default");
}

#[test]
fn menus_are_opened_by_keys() {
    let mut harness = window();
    for (key, entry) in [(Key::F, "Add Path…"), (Key::E, "Undo"), (Key::V, "Contact Sheet"), (Key::H, "Shortcuts")] {
        press(&mut harness, Modifiers::ALT, key);
        assert!(has(&harness, entry), "{key:?}");
        press(&mut harness, Modifiers::NONE, Key::Escape);
        assert!(!has(&harness, entry), "Esc closes");
    }
    press(&mut harness, Modifiers::NONE, Key::F10);
    assert!(has(&harness, "Add Path…"));
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    assert!(has(&harness, "Select All") && !has(&harness, "Add Path…"), "the next menu");
    press(&mut harness, Modifiers::NONE, Key::ArrowLeft);
    press(&mut harness, Modifiers::NONE, Key::ArrowLeft);
    assert!(has(&harness, "Shortcuts"), "the last follows the first");
    for key in [Key::ArrowDown, Key::ArrowDown, Key::ArrowDown, Key::Enter] {
        press(&mut harness, Modifiers::NONE, key);
    }
    assert_eq!(harness.state().state().dialog, Some(Dialog::Shortcuts));
}

#[test]
fn keys_do_not_reach_the_window_while_a_list_is_open() {
    let dir = photos(2);
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 2);
    add_filter(&mut harness, "Geometry", "Resize");
    harness.get_by_role_and_label(Role::ComboBox, "Mode").click();
    harness.run_steps(3);
    for key in [Key::Delete, Key::Num1, Key::E] {
        press(&mut harness, Modifiers::NONE, key);
    }
    press(&mut harness, Modifiers::COMMAND, Key::L);
    let state = harness.state().state();
    assert_eq!((state.pictures.len(), state.appearance.zoom, state.appearance.encoded), (2, Zoom::Fit, false));
    assert_eq!(state.lab.tab, None);
}

#[test]
fn the_export_settings_are_cancelled_with_escape() {
    let dir = photos(1);
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 1);
    let change = |harness: &mut Harness<'_, App>| {
        open_export(harness);
        select_entry(harness, "Format", "WebP");
        click(harness, "Keep subfolders");
    };
    let now = |harness: &Harness<'_, App>| {
        let state = harness.state().state();
        (state.recipe().export.format.id(), state.output.keep_tree)
    };
    change(&mut harness);
    assert_eq!(now(&harness), ("webp", false));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!((now(&harness), harness.state().state().dialog.clone()), (("same", true), None));
    change(&mut harness);
    button(&mut harness, "Cancel");
    assert_eq!(now(&harness), ("same", true));
    assert!(!harness.state().state().history.can_undo(), "as if nothing had been changed");
    change(&mut harness);
    button(&mut harness, "Done");
    assert_eq!(now(&harness), ("webp", false));
}

#[test]
fn a_parameter_is_one_row_that_stays_where_it_is() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Exposure");
    harness.run_steps(3);
    let slider = |harness: &Harness<'_, App>| harness.get_by_label("Stops slider").rect();
    let value = |harness: &Harness<'_, App>| number_of(&harness.state().state().recipe().filters[0], "stops");
    let (before, number) = (slider(&harness), harness.get_by_role_and_label(Role::SpinButton, "Stops").rect());
    assert!(before.height() <= 30.0 && before.right() <= number.left() && before.y_range().contains(number.center().y));
    harness.hover_at(before.center());
    drag(&mut harness, before.center(), before.right_center());
    assert_eq!(value(&harness), 5.0, "the end of the slider");
    assert_eq!(slider(&harness), before, "nothing moves when a value is changed");
    type_into(&mut harness, Role::SpinButton, "Stops", "8");
    assert_eq!(value(&harness), 8.0, "more by typing");
    double_click(&mut harness, before.center());
    assert_eq!(value(&harness), 0.0, "a double-click resets");
    // With the keyboard.
    harness.get_by_label("Stops slider").focus();
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(value(&harness), 0.05);
    click(&mut harness, "Reset Exposure");
    assert_eq!(value(&harness), 0.0);
}

#[test]
fn cards_fold_and_are_duplicated() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Exposure");
    add_filter(&mut harness, "Tone", "Gamma");
    click(&mut harness, "Exposure controls");
    assert!(!has(&harness, "Stops slider") && has(&harness, "Gamma slider"));
    of_card(&mut harness, "Gamma", "Move Gamma up");
    assert!(!has(&harness, "Stops slider") && has(&harness, "Gamma slider"), "it goes with its filter");
    click(&mut harness, "Exposure controls");
    assert!(has(&harness, "Stops slider"));
    of_card(&mut harness, "Gamma", "Duplicate Gamma");
    assert_eq!(filters(&harness), ["gamma", "gamma", "exposure"]);
}

#[test]
fn filters_and_commands_are_found_by_typing() {
    let mut harness = window();
    let find = |harness: &mut Harness<'_, App>, key, field: &str, text: &str| {
        press(harness, Modifiers::COMMAND, key);
        harness.run_steps(3);
        harness.get_by_role_and_label(Role::TextInput, field).type_text(text);
        harness.run_steps(2);
        press(harness, Modifiers::NONE, Key::Enter);
    };
    find(&mut harness, Key::F, "Name of a filter or preset", "expo");
    assert_eq!((filters(&harness), harness.state().state().dialog.clone()), (vec!["exposure"], None));
    find(&mut harness, Key::F, "Name of a filter or preset", "instagram");
    assert_eq!(filters(&harness), ["crop", "resize", "unsharp_mask"]);
    find(&mut harness, Key::K, "Name of a command", "shortc");
    assert_eq!(harness.state().state().dialog, Some(Dialog::Shortcuts));
    button(&mut harness, "Close");

    click(&mut harness, "Add filter");
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::TextInput, "Name of a filter or preset").type_text("sepia");
    harness.run_steps(2);
    harness.get_by_label("Sepia is a favourite").click();
    harness.run_steps(3);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    let harness = window_that_remembers(close(harness), Options::default());
    let shelf = &harness.state().state().shelf;
    assert_eq!(shelf.favourites.iter().map(|filter| filter.id).collect::<Vec<_>>(), ["sepia"]);
    assert_eq!(shelf.recent.iter().map(|filter| filter.id).collect::<Vec<_>>(), ["exposure"]);
}

#[test]
fn pictures_stand_below_their_folders_in_natural_order() {
    let dir = tempfile::Builder::new().prefix("Reise").tempdir().unwrap();
    for folder in ["", "Tag 10", "tag 2"] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
        for name in ["Bild 10.png", "bild 9.png"] {
            image::RgbImage::new(8, 8).save(dir.path().join(folder).join(name)).unwrap();
        }
    }
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 6);
    harness.run_steps(3);
    let root = dir.path().file_name().unwrap().to_str().unwrap();
    let mut listed: Vec<(i32, String)> = harness
        .root()
        .children_recursive()
        .filter_map(|node| Some((node.accesskit_node().label()?, node)))
        .filter(|(label, _)| label.ends_with(", waiting") || label.ends_with(", 2 pictures"))
        .map(|(label, node)| (node.rect().top() as i32, label))
        .collect();
    listed.sort();
    listed.dedup();
    let listed: Vec<&str> = listed.iter().map(|(_, label)| label.split(", ").next().unwrap()).collect();
    let (second, tenth) = (format!("{root}/tag 2"), format!("{root}/Tag 10"));
    let each = ["bild 9.png", "Bild 10.png"];
    let wanted = [&[root][..], &each, &[second.as_str()], &each, &[tenth.as_str()], &each].concat();
    assert_eq!(listed, wanted);
}

#[test]
fn folders_are_offered_again() {
    let dir = photos(2);
    let mut harness = window();
    assert!(has(&harness, "Try the samples") && !has(&harness, "Recent folders"));
    add_pictures(&mut harness, dir.path(), 2);
    let mut harness = window_that_remembers(close(harness), Options::default());
    harness.run_steps(3);
    assert!(has(&harness, "Recent folders"));
    let name = dir.path().file_name().unwrap().to_str().unwrap();
    harness.get_by(|node| node.role() == Role::Button && node.label().is_some_and(|l| l.contains(name))).click();
    harness.run_steps(3);
    wait(&mut harness, "pictures", |app| app.state().pictures.len() == 2);
}

/// The controls that can be seen, with their names.
fn controls(harness: &Harness<'_, App>) -> Vec<(String, Pos2)> {
    let roles = [
        Role::Button,
        Role::CheckBox,
        Role::RadioButton,
        Role::ComboBox,
        Role::SpinButton,
        Role::Slider,
        Role::TextInput,
    ];
    harness
        .root()
        .children_recursive()
        .filter(|node| roles.contains(&node.accesskit_node().role()) && !node.accesskit_node().is_hidden())
        .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect().center()))
        .collect()
}

/// Hovers every control that was not there `before`, and looks whether it explains itself.
fn assert_explained(harness: &mut Harness<'_, App>, before: &[(String, Pos2)], when: &str) {
    let mut controls = controls(harness);
    controls.retain(|(name, _)| before.iter().all(|(other, _)| other != name));
    assert!(controls.len() > 1, "{when}: only {} controls are seen", controls.len());
    let window = harness.ctx.content_rect();
    let labels = |harness: &Harness<'_, App>| harness.query_all_by_role(Role::Label).count();
    for (name, at) in controls {
        assert!(!name.is_empty(), "{when}: the control at {at:?} has no name");
        if !window.contains(at) || MENUS.contains(&name.as_str()) {
            continue;
        }
        harness.hover_at(Pos2::new(window.center().x, 1.0));
        harness.run_steps(3);
        let before = labels(harness);
        harness.hover_at(at);
        harness.run_steps(5);
        assert!(labels(harness) > before, "{when}: '{name}' at {at:?} has no tooltip");
    }
}

/// The titles of menus say what they are.
const MENUS: [&str; 7] = ["File", "Edit", "Filters", "Workers", "View", "Queue", "Help"];

#[test]
fn every_control_has_a_name_and_a_tooltip() {
    let (dir, out) = (photos(3), tempfile::tempdir().unwrap());
    let mut harness = window_of_size([1280.0, 1000.0], saving_to(out.path()), None);
    assert_explained(&mut harness, &[], "empty");
    add_pictures(&mut harness, dir.path(), 3);
    for (group, filter) in [("Tone", "Exposure"), ("Geometry", "Resize"), ("Colour", "Sepia")] {
        add_filter(&mut harness, group, filter);
    }
    click(&mut harness, "This photo only");
    harness.run_steps(10);
    assert_explained(&mut harness, &[], "loaded");
    click(&mut harness, "Threads");
    run_to_end(&mut harness);
    click(&mut harness, "Cores");
    run_to_end(&mut harness);
    click(&mut harness, "Timeline");
    // What has been looked at makes room, so that nothing is scrolled out of view.
    for section in ["Exposure controls", "Resize controls", "This photo only"] {
        click(&mut harness, section);
        harness.run_steps(10);
    }
    assert_explained(&mut harness, &[], "after two runs");
    let before = controls(&harness);
    for (open, when) in [(Key::E, "export settings"), (Key::H, "history"), (Key::F, "finder"), (Key::P, "plan")] {
        press(&mut harness, Modifiers::COMMAND, open);
        harness.run_steps(10);
        assert!(harness.state().state().dialog.is_some(), "{when}");
        if open == Key::F {
            harness.get_by_role_and_label(Role::TextInput, "Name of a filter or preset").type_text("sepia");
            harness.run_steps(4);
        }
        assert_explained(&mut harness, &before, when);
        press(&mut harness, Modifiers::NONE, Key::Escape);
    }
}

#[test]
fn no_tooltip_stays_over_a_dialog() {
    let dir = photos(2);
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 2);
    harness.hover_at(harness.get_by_label("Start").rect().center());
    harness.run_steps(10);
    assert!(has(&harness, "Process every picture in the list"), "it has a tooltip");
    press(&mut harness, Modifiers::COMMAND, Key::E);
    harness.run_steps(10);
    assert!(!has(&harness, "Process every picture in the list"));
    // Those of the dialog itself appear.
    harness.hover_at(harness.get_by_label("Done").rect().center());
    let before = harness.query_all_by_role(Role::Label).count();
    harness.run_steps(10);
    assert!(harness.query_all_by_role(Role::Label).count() > before);
}
