//! Handles on the picture: each kind of figure is dragged by its accessible name, and one undo takes the drag back.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use egui::{Key, Modifiers, Pos2, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::gui::{App, Options, PreviewMode};
use lightloom::recipe::{Output, Recipe, Step};

use super::driver::*;

/// Size of the picture.
const SIZE: [u32; 2] = [1200, 800];

/// A window that shows a picture through these filters.
fn showing(filters: &[&str]) -> (Harness<'static, App>, impl Drop + use<>) {
    let filters = filters.iter().map(|filter| Step::parse(filter).unwrap()).collect();
    showing_recipe(Recipe { filters, ..Recipe::default() })
}

fn showing_recipe(recipe: Recipe) -> (Harness<'static, App>, impl Drop) {
    let dir = tempfile::tempdir().unwrap();
    save_photo(&dir.path().join("a.png"), SIZE[0], SIZE[1]);
    let mut harness = window_with(Options { recipe: Some(recipe), ..Options::default() });
    add_pictures(&mut harness, dir.path(), 1);
    wait_for_preview(&mut harness);
    (harness, dir)
}

fn edit(harness: &mut Harness<'_, App>, filter: &str) {
    click(harness, &format!("Edit {filter} on the picture"));
    shown_for_editing(harness);
}

/// Waits for the picture that reaches what is edited.
fn shown_for_editing(harness: &mut Harness<'_, App>) {
    wait(harness, "the picture to edit on", |app| {
        app.preview().is_settled() && app.preview().after.as_ref().is_some_and(|after| after.edited.is_some())
    });
}

/// How many points a pixel of the picture that is shown has.
fn points_per_pixel(harness: &Harness<'_, App>, part: &str, pixels: f32) -> f32 {
    harness.get_by_label(part).rect().width() / pixels
}

fn drag(harness: &mut Harness<'_, App>, name: &str, by: Vec2) {
    let from = harness.get_by_label(name).rect().center();
    drag_from(harness, from, by);
}

fn drag_from(harness: &mut Harness<'_, App>, from: Pos2, by: Vec2) {
    harness.hover_at(from);
    harness.step();
    harness.drag_at(from);
    harness.step();
    for share in [0.25, 0.5, 0.75, 1.0] {
        harness.hover_at(from + share * by);
        harness.step();
    }
    harness.drop_at(from + by);
    harness.run_steps(3);
}

fn filter<'a>(harness: &'a Harness<'_, App>, index: usize) -> &'a Step {
    &harness.state().state().recipe().filters[index]
}

fn numbers<const N: usize>(harness: &Harness<'_, App>, keys: [&str; N]) -> [f64; N] {
    keys.map(|key| number_of(filter(harness, 0), key))
}

/// Whether two numbers are the same to within so much.
fn near(a: f64, b: f64, by: f64) -> bool {
    (a - b).abs() <= by
}

const PIXELS: &str = "crop:mode=pixels,width=600,height=400,left=300,top=200,anchor=top_left";

#[test]
fn a_crop_is_dragged_at_corner_side_and_inside_and_each_drag_is_one_step() {
    let (mut harness, _dir) = showing(&[PIXELS]);
    assert_eq!(harness.state().preview().result_size(), Some([600, 400]));
    edit(&mut harness, "Crop");
    assert_eq!(harness.state().preview().result_size(), Some(SIZE), "the picture before it is cropped");
    let keys = ["left", "top", "width", "height"];
    let start = numbers(&harness, keys);
    let scale = points_per_pixel(&harness, "Crop: Position", 600.0);
    let by = |x: f32, y: f32| vec2(x, y) * scale;
    let two = f64::from(2.0 / scale);
    for (name, [x, y], expected) in [
        ("Crop: Top left corner", [-100.0, 50.0], [200.0, 250.0, 700.0, 350.0]),
        ("Crop: Bottom right corner", [100.0, 100.0], [300.0, 200.0, 700.0, 500.0]),
        ("Crop: Right side", [-200.0, 30.0], [300.0, 200.0, 400.0, 400.0]),
        ("Crop: Top side", [80.0, -100.0], [300.0, 100.0, 600.0, 500.0]),
        ("Crop: Position", [200.0, -100.0], [500.0, 100.0, 600.0, 400.0]),
        ("Crop: Position", [-999.0, 999.0], [0.0, 400.0, 600.0, 400.0]),
    ] {
        drag(&mut harness, name, by(x, y));
        let now = numbers(&harness, keys);
        assert!(now.iter().zip(expected).all(|(a, b)| near(*a, b, two)), "{name}: {now:?} instead of {expected:?}");
        undo(&mut harness);
        assert_eq!(numbers(&harness, keys), start, "{name}: one undo");
    }
    press(&mut harness, Modifiers::NONE, Key::Escape);
    wait_for_preview(&mut harness);
    assert_eq!(harness.state().preview().result_size(), Some([600, 400]), "the result again");
    assert!(harness.query_by_label("Crop: Position").is_none());
}

#[test]
fn a_ratio_stays_when_a_crop_of_that_shape_is_dragged() {
    let (mut harness, _dir) = showing(&["crop:ratio=3:2"]);
    edit(&mut harness, "Crop");
    let scale = points_per_pixel(&harness, "Crop: Position", 1200.0);
    drag(&mut harness, "Crop: Bottom right corner", vec2(-300.0, 0.0) * scale);
    let [size, across, down] = numbers(&harness, ["size", "across", "down"]);
    assert!(near(size, 75.0, 0.5) && near(across, -50.0, 1.0) && near(down, -50.0, 1.0), "{size} {across} {down}");
    drag(&mut harness, "Crop: Position", vec2(150.0, 100.0) * scale);
    let [size, across, down] = numbers(&harness, ["size", "across", "down"]);
    assert!(near(size, 75.0, 0.5) && near(across, 0.0, 1.5) && near(down, 0.0, 1.5), "{size} {across} {down}");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    wait_for_preview(&mut harness);
    let [width, height] = harness.state().preview().result_size().unwrap();
    assert!(near(f64::from(width) / f64::from(height), 1.5, 0.01), "{width} × {height}");
}

#[test]
fn margins_follow_the_handles() {
    let (mut harness, _dir) = showing(&["crop_margins:left=25,top=25,right=25,bottom=25"]);
    edit(&mut harness, "Crop margins");
    let scale = points_per_pixel(&harness, "Crop margins: Position", 600.0);
    drag(&mut harness, "Crop margins: Left side", vec2(-120.0, 0.0) * scale);
    let [left, top, right, bottom] = numbers(&harness, ["left", "top", "right", "bottom"]);
    assert!(near(left, 15.0, 0.3), "{left}");
    assert_eq!([top, right, bottom], [25.0; 3]);
    undo(&mut harness);
    assert_eq!(numbers(&harness, ["left"]), [25.0]);
}

#[test]
fn an_angle_is_set_by_a_line_along_the_horizon_and_by_its_knob() {
    let (mut harness, _dir) = showing(&["straighten"]);
    edit(&mut harness, "Straighten");
    let picture = harness.get_by_label("Straighten: Horizon").rect();
    let from = picture.left_top() + picture.size() * vec2(0.2, 0.3);
    drag_from(&mut harness, from, vec2(200.0, 20.0));
    let slope = 0.1_f64.atan().to_degrees();
    assert!(near(numbers(&harness, ["angle"])[0], -slope, 0.06), "{:?}", numbers(&harness, ["angle"]));
    undo(&mut harness);
    assert_eq!(numbers(&harness, ["angle"]), [0.0]);
    let knob = harness.get_by_label("Straighten: Angle").rect().center() - picture.center();
    drag(&mut harness, "Straighten: Angle", vec2(0.0, -knob.x * 0.1));
    assert!(near(numbers(&harness, ["angle"])[0], slope, 0.06), "{:?}", numbers(&harness, ["angle"]));
    undo(&mut harness);
    assert_eq!(numbers(&harness, ["angle"]), [0.0]);
}

#[test]
fn corners_of_a_perspective_follow_the_pointer() {
    let (mut harness, _dir) = showing(&["perspective:mode=corners"]);
    edit(&mut harness, "Perspective");
    let width = |harness: &Harness<'_, App>| {
        let at = |name| harness.get_by_label(name).rect().center().x;
        at("Perspective: Top right corner") - at("Perspective: Top left corner")
    };
    let (all, whole) = (width(&harness), text_of(filter(&harness, 0), "corners"));
    // At the edge of the picture a part of the handle may be cut off: only where it goes matters.
    drag(&mut harness, "Perspective: Top left corner", vec2(0.25 * all, 0.0));
    let text = text_of(filter(&harness, 0), "corners");
    let x: f64 = text.split(':').next().unwrap().parse().unwrap();
    assert!(near(x, 25.0, 0.5), "{text}");
    undo(&mut harness);
    assert_eq!(text_of(filter(&harness, 0), "corners"), whole);
}

#[test]
fn a_band_is_moved_widened_and_softened() {
    let (mut harness, _dir) = showing(&["tilt_shift:position=50,height=20,feather=20"]);
    edit(&mut harness, "Tilt-shift");
    let row = |harness: &Harness<'_, App>, name: &str| harness.get_by_label(name).rect().center().y;
    let height = (row(&harness, "Tilt-shift: Lower edge") - row(&harness, "Tilt-shift: Upper edge")) / 0.2;
    let keys = ["position", "height", "feather"];
    for (name, expected) in [
        ("Tilt-shift: Middle", [60.0, 20.0, 20.0]),
        ("Tilt-shift: Lower edge", [50.0, 40.0, 20.0]),
        ("Tilt-shift: Upper edge", [50.0, 0.0, 20.0]),
        ("Tilt-shift: Lower end of the transition", [50.0, 20.0, 30.0]),
    ] {
        drag(&mut harness, name, vec2(0.0, 0.1 * height));
        let now = numbers(&harness, keys);
        assert!(now.iter().zip(expected).all(|(a, b)| near(*a, b, 0.5)), "{name}: {now:?} instead of {expected:?}");
        undo(&mut harness);
        assert_eq!(numbers(&harness, keys), [50.0, 20.0, 20.0], "{name}");
    }
}

#[test]
fn an_ellipse_grows_with_its_handle() {
    let (mut harness, _dir) = showing(&["vignette:size=50,feather=40"]);
    edit(&mut harness, "Vignette");
    let at = |harness: &Harness<'_, App>, name: &str| harness.get_by_label(name).rect().center();
    let (size, inner) = (at(&harness, "Vignette: Size"), at(&harness, "Vignette: Inner end of the transition"));
    // Half of the way to the corner, and three tenths: one tenth is half of what lies between both heights.
    let corner = vec2(size.x - inner.x, size.y - inner.y) / vec2(0.2, 0.8);
    drag(&mut harness, "Vignette: Size", 0.1 * corner);
    let [now, feather] = numbers(&harness, ["size", "feather"]);
    assert!(near(now, 60.0, 1.0) && feather == 40.0, "{now} {feather}");
    undo(&mut harness);
    assert_eq!(numbers(&harness, ["size", "feather"]), [50.0, 40.0]);
}

#[test]
fn a_text_goes_from_anchor_to_anchor_and_is_resized() {
    let (mut harness, _dir) = showing(&["text_watermark:text=LIGHT,size=10,margin=5"]);
    edit(&mut harness, "Text watermark");
    let anchor = |harness: &Harness<'_, App>| filter(harness, 0).params.get("anchor").unwrap().to_string();
    let before = harness.get_by_label("Text watermark: Position").rect();
    drag(&mut harness, "Text watermark: Size", -before.size());
    let [size] = numbers(&harness, ["size"]);
    assert!(near(size, 20.0, 0.6), "twice as large: {size}");
    undo(&mut harness);
    assert_eq!(numbers(&harness, ["size", "margin"]), [10.0, 5.0]);
    drag(&mut harness, "Text watermark: Position", vec2(-2000.0, -2000.0));
    assert_eq!((anchor(&harness).as_str(), numbers(&harness, ["margin"])), ("top_left", [0.0]));
    undo(&mut harness);
    assert_eq!((anchor(&harness).as_str(), numbers(&harness, ["margin"])), ("bottom_right", [5.0]));
}

#[test]
fn positions_are_those_of_the_picture_that_reaches_the_filter() {
    let filters = [
        "rotate:turns=right",
        "resize:mode=percent,percent=50",
        "crop:mode=pixels,width=200,height=300,anchor=top_left",
    ];
    let (mut harness, _dir) = showing(&[&filters[..], &["resize:width=80,height=80"]].concat());
    edit_nth(&mut harness, 2);
    assert_eq!(harness.state().preview().result_size(), Some([400, 600]), "turned and halved, not cropped");
    let scale = points_per_pixel(&harness, "Crop: Position", 200.0);
    drag(&mut harness, "Crop: Position", vec2(100.0, 150.0) * scale);
    let at = ["left", "top"].map(|key| number_of(filter(&harness, 2), key));
    let two = f64::from(2.0 / scale);
    assert!(near(at[0], 100.0, two) && near(at[1], 150.0, two), "{at:?}");
}

/// Edits the filter with a place that stands at this place of the stack, by the key for the next one.
fn edit_nth(harness: &mut Harness<'_, App>, index: usize) {
    loop {
        press(harness, Modifiers::NONE, Key::O);
        let state = harness.state().state();
        let edited = state.edited_on_picture().unwrap();
        if state.params_on_picture(edited).unwrap().spec() == state.recipe().filters[index].params.spec() {
            break;
        }
    }
    shown_for_editing(harness);
}

#[test]
fn the_key_goes_from_filter_to_filter_and_ends() {
    let (mut harness, _dir) = showing(&["exposure", "crop", "vignette"]);
    let edited = |harness: &Harness<'_, App>| {
        let state = harness.state().state();
        state.edited_on_picture().map(|target| state.params_on_picture(target).unwrap().spec().id)
    };
    for expected in [Some("crop"), Some("vignette"), None, Some("crop")] {
        press(&mut harness, Modifiers::NONE, Key::O);
        assert_eq!(edited(&harness), expected);
    }
    click(&mut harness, "Remove Crop");
    assert_eq!(edited(&harness), None, "it ends with its filter");
}

#[test]
fn arrows_move_a_handle_that_has_the_focus() {
    let (mut harness, _dir) = showing(&[PIXELS]);
    edit(&mut harness, "Crop");
    harness.get_by_label("Crop: Position").focus();
    harness.run_steps(2);
    let at = |harness: &Harness<'_, App>| numbers(harness, ["left", "top"]);
    for (modifiers, key, expected) in [
        (Modifiers::NONE, Key::ArrowRight, [301.0, 200.0]),
        (Modifiers::NONE, Key::ArrowUp, [301.0, 199.0]),
        (Modifiers::SHIFT, Key::ArrowDown, [301.0, 209.0]),
        (Modifiers::SHIFT, Key::ArrowLeft, [291.0, 209.0]),
    ] {
        press(&mut harness, modifiers, key);
        assert_eq!(at(&harness), expected);
    }
    undo(&mut harness);
    assert_eq!(at(&harness), [300.0, 200.0]);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(harness.state().state().edited_on_picture().is_none());
}

#[test]
fn a_photo_alone_is_cropped_and_straightened_on_the_picture() {
    let (mut harness, _dir) = showing(&["resize:width=100,height=100"]);
    unfold(&mut harness, "This photo only");
    let overrides = |harness: &Harness<'_, App>| {
        let state = harness.state().state();
        state.history.overrides_of(&state.pictures.current().unwrap().found.source)
    };
    scroll_and_click(&mut harness, "Crop this photo on the picture");
    shown_for_editing(&mut harness);
    assert_eq!(harness.state().preview().result_size(), Some(SIZE));
    let width = harness.get_by_label("Crop margins: Position").rect().width();
    drag(&mut harness, "Crop margins: Left side", vec2(0.6 * width, 0.0));
    assert!(near(overrides(&harness).left.into(), 60.0, 0.5), "{:?}", overrides(&harness));
    drag(&mut harness, "Crop margins: Position", vec2(-0.5 * width, 0.0));
    let now = overrides(&harness);
    assert!(near(now.left.into(), 10.0, 0.5) && near(now.right.into(), 50.0, 0.5), "{now:?}");
    undo(&mut harness);
    undo(&mut harness);
    assert!(overrides(&harness).is_none());
    scroll_and_click(&mut harness, "Straighten this photo on the picture");
    shown_for_editing(&mut harness);
    let picture = harness.get_by_label("Straighten: Horizon").rect();
    drag_from(&mut harness, picture.left_top() + 0.25 * picture.size(), vec2(100.0, -10.0));
    assert!(near(overrides(&harness).straighten.into(), 5.7, 0.11), "{:?}", overrides(&harness));
}

#[test]
fn handles_lie_on_the_result_s_side_at_any_size() {
    let (mut harness, _dir) = showing(&[PIXELS]);
    edit(&mut harness, "Crop");
    let start = numbers(&harness, ["left", "top", "width", "height"]);
    for (mode, key) in [(PreviewMode::SideBySide, Key::S), (PreviewMode::After, Key::S)] {
        press(&mut harness, Modifiers::NONE, key);
        assert_eq!(harness.state().state().appearance.preview_mode, mode);
        for size in [Key::Num0, Key::Num1] {
            press(&mut harness, Modifiers::NONE, size);
            shown_for_editing(&mut harness);
            let canvas = harness.get_by(|n| n.label().is_some_and(|label| label.starts_with("Preview of"))).rect();
            let left = if mode == PreviewMode::SideBySide { canvas.center().x } else { canvas.left() };
            let inside = harness.get_by_label("Crop: Position").rect();
            assert!(inside.left() >= left - 0.5 && inside.is_positive(), "{mode:?}: {inside:?}");
            let scale = harness.state().state().appearance.zoom.scale(0.0);
            drag(&mut harness, "Crop: Position", vec2(-20.0, 10.0));
            let now = numbers(&harness, ["left", "top"]);
            if scale > 0.0 {
                assert_eq!(now, [start[0] - 20.0, start[1] + 10.0], "a point is a pixel");
            }
            assert!(now[0] < start[0] && now[1] > start[1], "{mode:?}");
            undo(&mut harness);
        }
    }
    click(&mut harness, "Before");
    assert!(harness.query_by_label("Crop: Position").is_none(), "the original says nothing about it");
    click(&mut harness, "Split");
    assert!(harness.query_by_label("Crop: Position").is_some());
}

#[test]
fn the_filters_of_an_output_have_handles_too() {
    let crop = Step::parse(PIXELS).unwrap();
    let outputs = vec![Output::named("web"), Output { filters: vec![crop], ..Output::named("square") }];
    let common = vec![Step::parse("resize:mode=percent,percent=75").unwrap()];
    let (mut harness, _dir) = showing_recipe(Recipe { filters: common, outputs, ..Recipe::default() });
    press(&mut harness, Modifiers::COMMAND, Key::PageDown);
    press(&mut harness, Modifiers::COMMAND, Key::PageDown);
    edit(&mut harness, "Crop");
    assert_eq!(harness.state().preview().result_size(), Some([900, 600]));
    let left = |harness: &Harness<'_, App>| number_of(&harness.state().state().recipe().outputs[1].filters[0], "left");
    drag(&mut harness, "Crop: Position", vec2(-40.0, 0.0));
    assert!(left(&harness) < 300.0);
    undo(&mut harness);
    assert_eq!(left(&harness), 300.0);
}

/// The pointer is far from where it was pressed by the time of the first frame that knows of it.
#[test]
fn a_quick_drag_takes_the_handle_that_was_pressed() {
    let (mut harness, _dir) = showing(&[PIXELS]);
    edit(&mut harness, "Crop");
    let corner = harness.get_by_label("Crop: Bottom right corner").rect().center();
    let scale = points_per_pixel(&harness, "Crop: Position", 600.0);
    let to = corner - vec2(200.0, 100.0) * scale;
    harness.hover_at(corner);
    harness.step();
    let button = egui::PointerButton::Primary;
    let events = &mut harness.input_mut().events;
    events.push(egui::Event::PointerButton { pos: corner, button, pressed: true, modifiers: Modifiers::NONE });
    events.push(egui::Event::PointerMoved(to));
    harness.step();
    harness.drop_at(to);
    harness.run_steps(3);
    let [left, top, width, height] = numbers(&harness, ["left", "top", "width", "height"]);
    let two = f64::from(2.0 / scale);
    assert!(left == 300.0 && top == 200.0, "{left} {top}");
    assert!(near(width, 400.0, two) && near(height, 300.0, two), "{width} {height}");
}

#[test]
fn the_wheel_zooms_over_a_handle_as_elsewhere() {
    let (mut harness, _dir) = showing(&["crop:ratio=3:2"]);
    edit(&mut harness, "Crop");
    let before = harness.get_by_label("Crop: Position").rect();
    harness.hover_at(before.center());
    harness.step();
    let (unit, modifiers) = (egui::MouseWheelUnit::Point, Modifiers::NONE);
    let (phase, source) = (egui::TouchPhase::Move, egui::MouseWheelSource::Wheel);
    let delta = vec2(0.0, 240.0);
    harness.event(egui::Event::MouseWheel { unit, delta, modifiers, phase, source });
    harness.run_steps(30);
    shown_for_editing(&mut harness);
    let after = harness.get_by_label("Crop: Position").rect();
    assert!(after.width() > before.width() && after.height() > before.height(), "{before} became {after}");
}
