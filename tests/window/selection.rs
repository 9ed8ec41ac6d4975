//! What is selected by keys and clicks, and what is done to all of that at once.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use lightloom::batch::Source;
use lightloom::gui::App;
use lightloom::recipe::{Overrides, Turn};

use crate::driver::*;

const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL: Modifiers = Modifiers::COMMAND;
const NONE: Modifiers = Modifiers::NONE;

fn chosen(harness: &Harness<'_, App>) -> Vec<usize> {
    let entries = harness.state().state().pictures.entries().iter().enumerate();
    entries.filter(|(_, entry)| entry.selected).map(|(index, _)| index).collect()
}

fn current(harness: &Harness<'_, App>) -> usize {
    harness.state().state().pictures.current_index().unwrap()
}

/// A window with so many pictures of one folder that are not there.
fn listed(count: usize) -> Harness<'static, App> {
    let mut harness = window();
    for i in 0..count {
        harness.state_mut().add_unchecked(format!("/nowhere/{i:03}.jpg").into());
    }
    harness.run_steps(3);
    harness
}

/// Where the row or cell of a picture is.
fn row(harness: &Harness<'_, App>, index: usize) -> egui::Rect {
    let name = format!("{index:03}.jpg, ");
    let of = |label: Option<String>| label.is_some_and(|label| label.starts_with(&name));
    let mut rows = harness.query_all_by_role(Role::ListBoxOption);
    rows.find(|node| of(node.accesskit_node().label())).unwrap().rect()
}

#[test]
fn keys_select_as_in_a_file_manager() {
    let mut harness = listed(200);
    for (modifiers, key, at, selected) in [
        (NONE, Key::ArrowDown, 1, &[1][..]),
        (SHIFT, Key::ArrowDown, 2, &[1, 2]),
        (SHIFT, Key::ArrowDown, 3, &[1, 2, 3]),
        (SHIFT, Key::ArrowUp, 2, &[1, 2]),
        (CTRL, Key::ArrowDown, 3, &[1, 2]),
        (CTRL, Key::ArrowDown, 4, &[1, 2]),
        (CTRL, Key::Space, 4, &[1, 2, 4]),
        (CTRL | SHIFT, Key::ArrowDown, 5, &[1, 2, 4, 5]),
        (CTRL, Key::ArrowUp, 4, &[1, 2, 4, 5]),
        (CTRL, Key::Space, 4, &[1, 2, 5]),
        (SHIFT, Key::Home, 0, &[0, 1, 2, 3, 4]),
        (NONE, Key::End, 199, &[199]),
        (NONE, Key::ArrowDown, 199, &[199]),
        (NONE, Key::Home, 0, &[0]),
        (NONE, Key::ArrowLeft, 0, &[0]),
        (NONE, Key::ArrowRight, 1, &[1]),
    ] {
        press(&mut harness, modifiers, key);
        assert_eq!((current(&harness), chosen(&harness)), (at, selected.to_vec()), "{modifiers:?} {key:?}");
    }
    press(&mut harness, SHIFT, Key::End);
    assert_eq!(chosen(&harness).len(), 199);
    press(&mut harness, NONE, Key::Home);
    press(&mut harness, NONE, Key::PageDown);
    let page = current(&harness);
    assert!((3..30).contains(&page), "{page}");
    press(&mut harness, SHIFT, Key::PageDown);
    assert_eq!((current(&harness), chosen(&harness).len()), (2 * page, page + 1));
    let label = format!("{:03}.jpg, ", 2 * page);
    assert!(has(&harness, &label), "what a key leads to is scrolled into view");
    press(&mut harness, NONE, Key::PageUp);
    assert_eq!(current(&harness), page);
}

#[test]
fn in_the_contact_sheet_up_and_down_are_rows() {
    let mut harness = window_of_size([1800.0, 900.0], lightloom::gui::Options::default(), None);
    for i in 0..40 {
        harness.state_mut().add_unchecked(format!("/nowhere/{i:03}.jpg").into());
    }
    harness.run_steps(3);
    click(&mut harness, "Show as a contact sheet");
    let top = |harness: &Harness<'_, App>, i: usize| row(harness, i).top();
    let first = top(&harness, 0);
    let columns = (1..40).find(|i| top(&harness, *i) > first).unwrap();
    assert!(columns > 1, "there is room for several");
    press(&mut harness, NONE, Key::ArrowDown);
    assert_eq!(current(&harness), columns);
    press(&mut harness, NONE, Key::ArrowRight);
    press(&mut harness, SHIFT, Key::ArrowDown);
    assert_eq!(chosen(&harness), (columns + 1..=2 * columns + 1).collect::<Vec<_>>());
    press(&mut harness, NONE, Key::ArrowUp);
    assert_eq!((current(&harness), chosen(&harness)), (columns + 1, vec![columns + 1]));
}

/// Clicks a picture while these keys are held.
fn click_with(harness: &mut Harness<'_, App>, modifiers: Modifiers, index: usize) {
    let at = row(harness, index).center();
    harness.event(egui::Event::ModifiersChanged(modifiers));
    for pressed in [true, false] {
        harness.event(egui::Event::PointerMoved(at));
        harness.event(egui::Event::PointerButton { pos: at, button: egui::PointerButton::Primary, pressed, modifiers });
        harness.step();
    }
    harness.event(egui::Event::ModifiersChanged(NONE));
    harness.run_steps(3);
}

#[test]
fn clicks_select_ranges_from_where_they_began() {
    let mut harness = listed(9);
    for (modifiers, index, selected) in [
        (NONE, 2, &[2][..]),
        (SHIFT, 4, &[2, 3, 4]),
        (SHIFT, 1, &[1, 2]),
        (CTRL, 5, &[1, 2, 5]),
        (CTRL | SHIFT, 6, &[1, 2, 5, 6]),
        (CTRL, 1, &[2, 5, 6]),
        (NONE, 3, &[3]),
    ] {
        click_with(&mut harness, modifiers, index);
        assert_eq!((current(&harness), chosen(&harness)), (index, selected.to_vec()), "{modifiers:?} {index}");
    }
}

fn overrides(harness: &Harness<'_, App>) -> Vec<Overrides> {
    let state = harness.state().state();
    state.pictures.entries().iter().map(|entry| state.history.overrides_of(&entry.found.source)).collect()
}

/// What the field of a number shows.
fn shown_number(harness: &Harness<'_, App>, label: &str) -> String {
    let node = harness.get_by_role_and_label(Role::SpinButton, label);
    node.accesskit_node().value().unwrap_or_default()
}

#[test]
fn what_is_different_is_set_for_all_that_are_selected() {
    let folder = photos(4);
    let mut harness = window_of_size([1440.0, 900.0], lightloom::gui::Options::default(), None);
    add_pictures(&mut harness, folder.path(), 4);
    click(&mut harness, "This photo only");
    harness.run_steps(20);
    type_into(&mut harness, Role::SpinButton, "Exposure of this picture", "1");
    let brighter = Overrides { exposure: 1.0, ..Overrides::default() };
    assert_eq!(overrides(&harness), [brighter, Overrides::default(), Overrides::default(), Overrides::default()]);
    assert!(!shown_number(&harness, "Exposure of this picture").contains("mixed"));

    for _ in 0..2 {
        press(&mut harness, SHIFT, Key::ArrowDown);
    }
    assert!(has(&harness, "These 3 photos (changed)"));
    assert!(shown_number(&harness, "Exposure of this picture").contains("mixed"));
    assert!(!shown_number(&harness, "Straighten").contains("mixed"), "all have the same");
    button(&mut harness, "Rotate right");
    let turned = |own: Overrides| Overrides { rotate: Turn::Right, ..own };
    let plain = Overrides::default();
    assert_eq!(overrides(&harness), [turned(brighter), turned(plain), turned(plain), plain]);
    type_into(&mut harness, Role::SpinButton, "Exposure of this picture", "0.5");
    let half = Overrides { exposure: 0.5, ..turned(plain) };
    assert_eq!(overrides(&harness), [half, half, half, plain], "each keeps the rest");
    assert!(!shown_number(&harness, "Exposure of this picture").contains("mixed"));
    undo(&mut harness);
    assert_eq!(overrides(&harness), [turned(brighter), turned(plain), turned(plain), plain], "one step");
    undo(&mut harness);
    assert_eq!(overrides(&harness), [brighter, plain, plain, plain]);
    scroll_and_click(&mut harness, "Reset these photos");
    assert_eq!(overrides(&harness), [plain; 4]);
    undo(&mut harness);
    assert_eq!(overrides(&harness)[0], brighter);

    // The current picture alone, if it is not among those that are selected.
    press(&mut harness, CTRL, Key::ArrowDown);
    assert!(has(&harness, "This photo only"));
    button(&mut harness, "Rotate left");
    assert_eq!(overrides(&harness)[3].rotate, Turn::Left);
    assert_eq!(overrides(&harness)[2], plain);
}

#[test]
fn a_drag_over_several_is_one_step() {
    let folder = photos(3);
    let mut harness = window_of_size([1440.0, 900.0], lightloom::gui::Options::default(), None);
    add_pictures(&mut harness, folder.path(), 3);
    press(&mut harness, CTRL, Key::A);
    click(&mut harness, "These 3 photos");
    harness.run_steps(20);
    let rail = harness.get_by_role_and_label(Role::Slider, "Straighten slider").rect();
    harness.drag_at(rail.center());
    for part in 1..=5 {
        harness.hover_at(rail.center() + egui::vec2(part as f32 * 4.0, 0.0));
        harness.run_steps(2);
    }
    harness.drop_at(rail.center() + egui::vec2(20.0, 0.0));
    harness.run_steps(2);
    let after = overrides(&harness);
    assert!(after[0].straighten > 1.0 && after.iter().all(|own| *own == after[0]), "{after:?}");
    undo(&mut harness);
    assert_eq!(overrides(&harness), [Overrides::default(); 3]);
}

#[test]
fn excluded_pictures_stay_in_the_list_and_out_of_runs() {
    let folder = photos(4);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, folder.path(), 4);
    let sources: Vec<Source> =
        harness.state().state().pictures.entries().iter().map(|entry| entry.found.source.clone()).collect();
    press(&mut harness, NONE, Key::ArrowDown);
    press(&mut harness, SHIFT, Key::ArrowDown);
    choose(&mut harness, "Edit", "Exclude");
    assert_eq!(harness.query_all_by_label_contains(", excluded").count(), 2);
    assert!(has(&harness, "2 pictures, no filters") && has(&harness, "2 excluded"));
    run_to_end(&mut harness);
    let state = harness.state().state();
    let done: Vec<bool> = state.pictures.entries().iter().map(|entry| entry.report.is_some()).collect();
    assert_eq!(done, [true, false, false, true], "reports are those of the pictures that the run had");
    let of = |index: usize| state.pictures.entries()[index].report.as_ref().unwrap().source.clone();
    assert_eq!((of(0), of(3)), (sources[0].clone(), sources[3].clone()));
    assert_eq!((files_below(out.path()).len(), state.records.len()), (2, 1), "it is a run like any other");
    choose(&mut harness, "Edit", "Exclude");
    assert!(!has(&harness, ", excluded"), "the entry has a mark, and takes it back");
    press(&mut harness, CTRL, Key::A);
    choose(&mut harness, "Edit", "Exclude");
    assert_eq!(
        harness.state().state().disabled_reason(&lightloom::gui::Action::Start),
        Some("Every picture is excluded.")
    );
}
