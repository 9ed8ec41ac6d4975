//! The controls of filters, made from what they say of their parameters.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use lightloom::filter::{FILTERS, FilterSpec, ParamKind, Params, ToneCurve};
use lightloom::gui::{App, Options};
use lightloom::recipe::{Recipe, Step};

use super::driver::*;

#[test]
fn values_change_and_are_undone() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Exposure");
    let stops = |harness: &Harness<'_, App>| number_of(&harness.state().state().recipe().filters[0], "stops");
    harness.get_by_role_and_label(Role::SpinButton, "Stops").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::SpinButton, "Stops").type_text("1.5");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(stops(&harness), 1.5);

    undo(&mut harness);
    assert_eq!(stops(&harness), 0.0);
    redo(&mut harness);
    assert_eq!(stops(&harness), 1.5);
    choose(&mut harness, "Edit", "Undo: Exposure 0 EV → 1.5 EV");
    choose(&mut harness, "Edit", "Undo: Add Exposure");
    assert!(filters(&harness).is_empty());
    choose(&mut harness, "Edit", "Redo: Add Exposure");
    assert_eq!(filters(&harness), ["exposure"]);
}

#[test]
fn a_parameter_is_shown_while_it_applies() {
    let mut harness = window();
    add_filter(&mut harness, "Geometry", "Resize");
    let shown = |harness: &Harness<'_, App>| {
        ["Width", "Height", "Percent"].map(|label| harness.query_by_role_and_label(Role::SpinButton, label).is_some())
    };
    assert_eq!(shown(&harness), [true, true, false]);
    select_entry(&mut harness, "Mode", "Percent");
    assert_eq!(shown(&harness), [false, false, true]);
    type_into(&mut harness, Role::SpinButton, "Percent", "25");
    let percent = |harness: &Harness<'_, App>| number_of(&harness.state().state().recipe().filters[0], "percent");
    assert_eq!(percent(&harness), 25.0);
    select_entry(&mut harness, "Mode", "Exact");
    assert_eq!((shown(&harness), percent(&harness)), ([true, true, false], 25.0), "what is hidden keeps its value");
    undo(&mut harness);
    assert_eq!(shown(&harness), [false, false, true]);
}

#[test]
fn a_new_resize_has_a_box_of_which_a_side_can_be_left_out() {
    let mut harness = window();
    add_filter(&mut harness, "Geometry", "Resize");
    let side = |harness: &Harness<'_, App>, key| number_of(&harness.state().state().recipe().filters[0], key);
    assert_eq!((side(&harness, "width"), side(&harness, "height")), (1920.0, 1920.0));
    type_into(&mut harness, Role::SpinButton, "Height", "0");
    assert_eq!((side(&harness, "width"), side(&harness, "height")), (1920.0, 0.0));
    harness.run_steps(2);
    let shown = harness.get_by_role_and_label(Role::SpinButton, "Height").value();
    assert_eq!(shown.as_deref(), Some("any height"));
    select_entry(&mut harness, "Mode", "Long edge");
    assert!(harness.query_by_role_and_label(Role::SpinButton, "Edge").is_some());
}

#[test]
fn a_drag_of_a_slider_is_one_undo_step() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Exposure");
    let rect = harness.get_by_label("Stops slider").rect();
    harness.drag_at(rect.center());
    harness.step();
    for x in 1..=10 {
        harness.hover_at(rect.center() + egui::vec2(4.0 * x as f32, 0.0));
        harness.step();
    }
    harness.drop_at(rect.center() + egui::vec2(40.0, 0.0));
    harness.run_steps(3);
    assert!(number_of(&harness.state().state().recipe().filters[0], "stops") > 0.5);
    undo(&mut harness);
    assert_eq!(number_of(&harness.state().state().recipe().filters[0], "stops"), 0.0);
}

#[test]
fn a_point_of_a_tone_curve_is_added_moved_and_typed() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Curves");
    let points = |harness: &Harness<'_, App>| text_of(&harness.state().state().recipe().filters[0], "points");
    let rect = |harness: &Harness<'_, App>| harness.get_by_label("All channels curve").rect();
    harness.run_steps(10);
    let area = rect(&harness);
    let at = |x: f32, y: f32| area.left_bottom() + egui::vec2(x * area.width(), -y * area.height());
    harness.drag_at(at(0.5, 0.7));
    harness.step();
    harness.drop_at(at(0.5, 0.7));
    harness.run_steps(10);
    let curve = ToneCurve::parse(&points(&harness)).unwrap();
    assert_eq!(curve.points().len(), 3, "a click adds a point: {}", points(&harness));
    assert!((curve.at(0.5) - 0.7).abs() < 0.03, "{}", points(&harness));
    harness.drag_at(at(0.5, 0.7));
    harness.step();
    for i in 0..=10 {
        harness.hover_at(at(0.5, 0.7 - 0.04 * i as f32));
        harness.step();
    }
    harness.drop_at(at(0.5, 0.3));
    harness.run_steps(3);
    let curve = ToneCurve::parse(&points(&harness)).unwrap();
    assert_eq!(curve.points().len(), 3, "{}", points(&harness));
    assert!((curve.at(0.5) - 0.3).abs() < 0.03, "{}", points(&harness));
    undo(&mut harness);
    assert!((ToneCurve::parse(&points(&harness)).unwrap().at(0.5) - 0.7).abs() < 0.03, "a drag is one step");

    // while a text is not allowed yet, the value stays and the field keeps the text
    click(&mut harness, "Red");
    harness.run_steps(20);
    harness.get_by_role_and_label(Role::TextInput, "Red").focus();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, "Red").type_text(",");
    harness.run_steps(3);
    assert_eq!(text_of(&harness.state().state().recipe().filters[0], "red"), "0:0,1:1");
}

/// A slider that became shorter with a longer number would have another value under the same pointer.
#[test]
fn a_slider_keeps_its_place_at_every_value() {
    let mut compared = 0;
    for filter in FILTERS {
        let [least, most] = [false, true].map(|largest| sliders(filter, largest));
        for (label, place) in least {
            // Another value of the mode can hide it.
            if let Some((_, other)) = most.iter().find(|(other, _)| *other == label) {
                assert_eq!(place, *other, "{label} of {}", filter.id);
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

/// The sliders of a filter whose numbers are the smallest, or the largest: their names, and where they begin and end.
fn sliders(filter: &'static FilterSpec, largest: bool) -> Vec<(String, egui::Rangef)> {
    let mut params = Params::defaults(filter);
    for param in filter.params {
        let value = match param.kind {
            ParamKind::Number { min, max, .. } => if largest { max } else { min }.to_string(),
            ParamKind::Integer { min, max, .. } => if largest { max } else { min }.to_string(),
            _ => continue,
        };
        params.set_text(param.key, &value).unwrap();
    }
    let recipe = Recipe { filters: vec![Step { params, enabled: true }], ..Recipe::default() };
    let mut harness = window_with(Options { recipe: Some(recipe), ..Options::default() });
    harness.run_steps(2);
    let sliders = harness.query_all_by_role(Role::Slider);
    sliders.map(|node| (node.accesskit_node().label().unwrap(), node.rect().x_range())).collect()
}
