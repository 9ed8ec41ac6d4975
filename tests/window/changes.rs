//! What was changed is listed by its name and gone back to; filters are copied and pasted as text.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::gui::App;
use lightloom::recipe::Recipe;

use super::driver::*;

/// The text that was put into the clipboard in this frame.
fn copied(harness: &Harness<'_, App>) -> Option<String> {
    harness.output().platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

/// Chooses an entry, and returns what is in the clipboard then.
fn copy_by(harness: &mut Harness<'_, App>, entry: &str) -> String {
    harness.get_by_role_and_label(Role::Button, entry).click();
    for _ in 0..6 {
        harness.step();
        if let Some(text) = copied(harness) {
            return text;
        }
    }
    panic!("{entry} copies nothing");
}

#[test]
fn changes_are_listed_and_gone_to() {
    let mut harness = window();
    choose(&mut harness, "View", "Changes");
    for (group, filter) in [("Tone", "Exposure"), ("Colour", "Invert"), ("Colour", "Sepia")] {
        add_filter(&mut harness, group, filter);
    }
    type_into(&mut harness, Role::SpinButton, "Stops", "1.5");
    of_card(&mut harness, "Sepia", "Move Sepia up");
    let names: Vec<_> = harness.state().state().history.changes().map(str::to_owned).collect();
    let expected = ["Add Exposure", "Add Invert", "Add Sepia", "Exposure 0 EV → 1.5 EV", "Swap Invert and Sepia"];
    assert_eq!(names, expected);
    scroll_and_click(&mut harness, "Add Invert");
    assert_eq!(filters(&harness), ["exposure", "invert"]);
    assert_eq!(number_of(&harness.state().state().recipe().filters[0], "stops"), 0.0);
    scroll_and_click(&mut harness, "Swap Invert and Sepia");
    assert_eq!(filters(&harness), ["exposure", "sepia", "invert"], "what was undone is still there");
    scroll_and_click(&mut harness, "At first");
    assert!(filters(&harness).is_empty());
    scroll_and_click(&mut harness, "Add Invert");
    add_filter(&mut harness, "Colour", "Hue");
    assert!(!has(&harness, "Swap Invert and Sepia"), "the future is another one now");
    add_filter(&mut harness, "Presets", "Instagram square");
    assert_eq!(harness.state().state().history.undone_next(), Some("Use Instagram square"));
    click(&mut harness, "Hide the changes");
    assert!(!has(&harness, "At first"));
}

#[test]
fn filters_are_copied_as_a_recipe_and_pasted() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Exposure");
    type_into(&mut harness, Role::SpinButton, "Stops", "1.5");
    add_filter(&mut harness, "Colour", "Invert");
    scroll_and_click(&mut harness, "More for Exposure");
    let one = copy_by(&mut harness, "Copy Exposure");
    let recipe = Recipe::from_toml(&one).unwrap();
    assert_eq!((recipe.filters.len(), number_of(&recipe.filters[0], "stops")), (1, 1.5));
    button(&mut harness, "Edit");
    let all = copy_by(&mut harness, "Copy Filters");
    assert_eq!(Recipe::from_toml(&all).unwrap().filters, harness.state().state().recipe().filters);

    harness.run_steps(3);
    harness.event(Event::Paste(all));
    harness.run_steps(3);
    assert_eq!(filters(&harness), ["exposure", "invert", "exposure", "invert"]);
    assert_eq!(harness.state().state().history.undone_next(), Some("Add 2 filters"));
    undo(&mut harness);
    assert_eq!(filters(&harness), ["exposure", "invert"], "in one step");
    choose(&mut harness, "Edit", "Remove All Filters");
    assert!(filters(&harness).is_empty());
    harness.event(Event::Paste(one.replace("exposure", "exposition")));
    harness.run_steps(3);
    assert!(has(&harness, "What was pasted is no recipe") && filters(&harness).is_empty());
    press(&mut harness, Modifiers::NONE, Key::Escape);
}

#[test]
fn a_filter_is_duplicated_with_its_values_and_one_value_is_reset() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Exposure");
    type_into(&mut harness, Role::SpinButton, "Stops", "2");
    of_card(&mut harness, "Exposure", "Duplicate Exposure");
    let stops = |harness: &Harness<'_, App>| {
        harness.state().state().recipe().filters.iter().map(|step| number_of(step, "stops")).collect::<Vec<_>>()
    };
    assert_eq!(stops(&harness), [2.0, 2.0]);
    assert_eq!(harness.state().state().history.undone_next(), Some("Duplicate Exposure"));
    undo(&mut harness);
    let at = harness.get_by_label("Stops slider").rect().center();
    harness.hover_at(at);
    for _ in 0..2 {
        harness.drag_at(at);
        harness.drop_at(at);
    }
    harness.run_steps(3);
    assert_eq!(stops(&harness), [0.0], "a double click resets it");
}

#[test]
fn thousands_of_filters_are_pasted_and_only_those_in_sight_are_drawn() {
    let dir = photos(2);
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 2);
    let many: String =
        (0..2000).map(|i| format!("[[filter]]\nid = \"exposure\"\nstops = {}\n", f64::from(i % 7) / 10.0)).collect();
    harness.event(Event::Paste(format!("version = 2\n{many}")));
    harness.run_steps(3);
    assert_eq!(harness.state().state().recipe().filters.len(), 2000);
    let drawn = |harness: &Harness<'_, App>| harness.query_all_by_label("More for Exposure").count();
    assert!((3..100).contains(&drawn(&harness)), "{}", drawn(&harness));
    // To the end by the wheel: what comes into sight is drawn.
    harness.hover_at(egui::pos2(900.0, 400.0));
    for _ in 0..60 {
        let (unit, modifiers) = (egui::MouseWheelUnit::Point, Modifiers::NONE);
        let (phase, source) = (egui::TouchPhase::Move, egui::MouseWheelSource::Wheel);
        let delta = egui::vec2(0.0, -4000.0);
        harness.event(Event::MouseWheel { unit, delta, modifiers, phase, source });
        harness.step();
    }
    harness.run_steps(10);
    assert!((3..100).contains(&drawn(&harness)), "{}", drawn(&harness));
    let last = harness.query_all_by_label("Stops").map(|node| node.rect().bottom()).fold(0.0, f32::max);
    assert!((500.0..700.0).contains(&last), "the last one is at the bottom: {last}");
    undo(&mut harness);
    assert!(filters(&harness).is_empty());
}
