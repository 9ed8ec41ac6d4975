//! Every stack of filters is edited in the window: the common one and that of each output.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::gui::{App, Options, ParamLocation, PathPurpose, Stack, StepLocation};

use super::driver::*;

fn stack(harness: &Harness<'_, App>) -> Stack {
    harness.state().state().stack()
}

/// The filters of every stack, the common ones first.
fn stacks(harness: &Harness<'_, App>) -> Vec<String> {
    let recipe = harness.state().state().recipe();
    let ids = |stack: Stack| stack.steps(recipe).iter().map(|s| s.params.spec().id).collect::<Vec<_>>().join(" ");
    Stack::all(recipe).map(ids).collect()
}

#[test]
fn an_output_gets_filters_that_only_its_files_have() {
    let dir = photos(2);
    let out = tempfile::tempdir().unwrap();
    let options = Options { output: Some(out.path().to_path_buf()), ..with_outputs(&["web", "small"]) };
    let mut harness = window_with(options);
    add_pictures(&mut harness, dir.path(), 2);
    assert_eq!(stack(&harness), Stack::Common, "the common filters come first");
    assert!(has(&harness, "Filters here are applied to all outputs, before the filters of each"));
    add_filter(&mut harness, "Colour", "Invert");

    click(&mut harness, "Filters of small");
    assert_eq!(stack(&harness), Stack::Output(1));
    assert!(has(&harness, "Filters here are applied after the common ones, to this output only"));
    add_filter(&mut harness, "Geometry", "Rotate");
    assert_eq!(stacks(&harness), ["invert", "", "rotate"]);
    assert!(!has(&harness, "Remove Invert"), "one stack is shown");
    wait_for_preview(&mut harness);
    assert_eq!(harness.state().preview().result_size(), Some([64, 96]), "the output is shown that is edited");

    run_to_end(&mut harness);
    let written = files_below(out.path());
    let width_and_corner = |name: &str| {
        let pixels = decode(written.iter().find(|file| file.ends_with(name)).unwrap());
        (pixels.width(), pixels.to_rgba8()[..4].to_vec())
    };
    assert_eq!(width_and_corner("bild 0-web.png"), (96, vec![255, 255, 255, 255]));
    // Turned to the right, the left bottom corner comes first: x 0, y 63, inverted.
    assert_eq!(width_and_corner("bild 0-small.png"), (64, vec![255, 129, 255, 255]));

    // What is undone is shown.
    click(&mut harness, "Filters of all outputs");
    undo(&mut harness);
    assert_eq!((stacks(&harness), stack(&harness)), (vec!["invert".into(), "".into(), "".into()], Stack::Output(1)));
    undo(&mut harness);
    assert_eq!((stacks(&harness), stack(&harness)), (vec![String::new(); 3], Stack::Common));
    redo(&mut harness);
    redo(&mut harness);
    assert_eq!((stacks(&harness)[2].as_str(), stack(&harness)), ("rotate", Stack::Output(1)));
}

#[test]
fn the_stack_of_an_output_is_reordered_switched_edited_and_emptied() {
    let mut harness = window_with(with_outputs(&["web", "small"]));
    add_filter(&mut harness, "Tone", "Gamma");
    click(&mut harness, "Filters of web");
    add_filter(&mut harness, "Tone", "Exposure");
    add_filter(&mut harness, "Tone", "Gamma");
    of_card(&mut harness, "Gamma", "Move Gamma up");
    assert_eq!(stacks(&harness), ["gamma", "gamma exposure", ""]);
    click(&mut harness, "Gamma on");
    let own = |harness: &Harness<'_, App>| harness.state().state().recipe().outputs[0].filters.clone();
    assert!(!own(&harness)[0].enabled && harness.state().state().recipe().filters[0].enabled);
    type_into(&mut harness, Role::SpinButton, "Stops", "1.5");
    assert_eq!(number_of(&own(&harness)[1], "stops"), 1.5);
    scroll_and_click(&mut harness, "Reset Exposure");
    assert_eq!(number_of(&own(&harness)[1], "stops"), 0.0);
    click(&mut harness, "Remove Exposure");
    assert_eq!(stacks(&harness), ["gamma", "gamma", ""]);
    // A table that is dropped goes where filters are edited.
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("look.cube"), "LUT_1D_SIZE 2\n1 1 1\n0 0 0\n").unwrap();
    drop_on(&mut harness, &dir.path().join("look.cube"));
    wait(&mut harness, "the filter", |app| app.state().recipe().outputs[0].filters.len() == 2);
    assert!(has(&harness, "Added the table look.cube as a filter of web."));
}

#[test]
fn a_drag_of_a_card_stays_in_its_stack() {
    let mut harness = window_with(with_outputs(&["web"]));
    add_filter(&mut harness, "Colour", "Sepia");
    click(&mut harness, "Filters of web");
    for filter in ["Invert", "Greyscale"] {
        add_filter(&mut harness, "Colour", filter);
    }
    harness.run_steps(10);
    let grip = |harness: &Harness<'_, App>, filter: &str| {
        let switch = harness.get_by_label(&format!("{filter} on")).rect();
        egui::pos2(switch.left() - 12.0, switch.center().y)
    };
    let (from, to) = (grip(&harness, "Greyscale"), grip(&harness, "Invert"));
    harness.drag_at(from);
    harness.step();
    for i in 1..=8 {
        harness.hover_at(from + (to - from) * (i as f32 / 8.0));
        harness.step();
    }
    harness.drop_at(to);
    harness.run_steps(3);
    assert_eq!(stacks(&harness), ["sepia", "greyscale invert"]);
}

/// What is typed is taken when its field is left, which is when the other tab is clicked.
#[test]
fn what_was_typed_belongs_to_the_stack_it_was_typed_into() {
    let mut harness = window_with(with_outputs(&["web", "small"]));
    add_filter(&mut harness, "Tone", "Exposure");
    click(&mut harness, "Filters of web");
    add_filter(&mut harness, "Tone", "Exposure");
    harness.get_by_role_and_label(Role::SpinButton, "Stops").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::SpinButton, "Stops").type_text("1.5");
    harness.run_steps(2);
    click(&mut harness, "Filters of all outputs");
    harness.run_steps(3);
    let recipe = harness.state().state().recipe();
    let stops = |stack: Stack| number_of(&stack.steps(recipe)[0], "stops");
    assert_eq!((stops(Stack::Common), stops(Stack::Output(0))), (0.0, 1.5));
    undo(&mut harness);
    assert_eq!(stack(&harness), Stack::Output(0));
    assert_eq!(number_of(&harness.state().state().recipe().outputs[0].filters[0], "stops"), 0.0);
}

#[test]
fn the_settings_of_outputs_lead_to_their_filters() {
    let dir = photos(1);
    let mut harness = window_with(with_outputs(&["web", "small", "tiny"]));
    add_pictures(&mut harness, dir.path(), 1);
    open_export(&mut harness);
    scroll_and_click(&mut harness, "Add filters to output 2");
    assert_eq!((harness.state().state().dialog.clone(), stack(&harness)), (None, Stack::Output(1)));
    add_filter(&mut harness, "Colour", "Invert");
    add_filter(&mut harness, "Colour", "Sepia");
    open_export(&mut harness);
    assert!(has(&harness, "Edit 2 filters of output 2"));
    assert_eq!(harness.query_all_by_label_contains("Add filters to output").count(), 2);

    // The stack that is shown goes with its output, to wherever that stands.
    scroll_and_click(&mut harness, "Remove output 1");
    assert_eq!((stack(&harness), stacks(&harness)[1].as_str()), (Stack::Output(0), "invert sepia"));
    type_into(&mut harness, Role::TextInput, "Name of output 1", "medium");
    assert_eq!(stack(&harness), Stack::Output(0), "it has another name");
    scroll_and_click(&mut harness, "Remove output 1");
    assert_eq!(stack(&harness), Stack::Common, "another output's filters are not edited unawares");
    button(&mut harness, "Done");
    assert!(has(&harness, "Filters of tiny") && !has(&harness, "Filters of medium"));
    add_filter(&mut harness, "Tone", "Gamma");
    assert_eq!(stacks(&harness), ["gamma", ""]);
    undo(&mut harness);
    undo(&mut harness);
    assert_eq!(stacks(&harness), ["", "invert sepia", ""], "it comes back with its filters");

    // A preset has no outputs: there is nothing to choose.
    click(&mut harness, "Filters of tiny");
    add_filter(&mut harness, "Presets", "Instagram square");
    assert_eq!(stack(&harness), Stack::Common);
    assert!(!has(&harness, "Filters of "));
}

#[test]
fn stacks_are_switched_by_keys_and_follow_the_preview() {
    let dir = photos(1);
    let mut harness = window_with(with_outputs(&["web", "small"]));
    add_pictures(&mut harness, dir.path(), 1);
    let mut seen = Vec::new();
    for _ in 0..4 {
        press(&mut harness, Modifiers::COMMAND, Key::PageDown);
        seen.push(stack(&harness));
    }
    assert_eq!(seen, [Stack::Output(0), Stack::Output(1), Stack::Common, Stack::Output(0)]);
    press(&mut harness, Modifiers::COMMAND, Key::PageUp);
    press(&mut harness, Modifiers::COMMAND, Key::PageUp);
    assert_eq!(stack(&harness), Stack::Output(1));
    assert_eq!(harness.state().state().shown_output(), 1, "the preview follows");
    select_entry(&mut harness, "Output shown", "web");
    assert_eq!(stack(&harness), Stack::Output(0), "and the filters follow the preview");
    choose(&mut harness, "Edit", "Previous Filter Stack");
    assert_eq!((stack(&harness), harness.state().state().shown_output()), (Stack::Common, 0));
    // With the keyboard on a tab, Space chooses it.
    harness.get_by_label("Filters of small").focus();
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Space);
    assert_eq!(stack(&harness), Stack::Output(1));
    assert!(!harness.state().state().is_running());
}

#[test]
fn many_outputs_are_a_list() {
    let dir = photos(1);
    let names: Vec<String> =
        (1..=31).map(|n| format!("output {n}")).chain([format!("long {}", "x".repeat(55))]).collect();
    let mut harness = window_with(with_outputs(&names.iter().map(String::as_str).collect::<Vec<_>>()));
    add_pictures(&mut harness, dir.path(), 1);
    assert_inside(&harness, "many outputs");
    harness.get_by_role_and_label(Role::ComboBox, "Filter stack").click();
    harness.run_steps(3);
    harness.get_by_label(&format!("Filters of {}", names[31])).scroll_to_me();
    harness.run_steps(10);
    harness.get_by_label(&format!("Filters of {}", names[31])).click();
    harness.run_steps(3);
    assert_eq!(stack(&harness), Stack::Output(31));
    add_filter(&mut harness, "Colour", "Invert");
    assert_eq!(harness.state().state().recipe().outputs[31].filters.len(), 1);
    assert_inside(&harness, "the last of many outputs");
    wait_for_preview(&mut harness);
    harness.run();
    // An output whose name is also a title of the program still has a tab of its own.
    let mut harness = window_with(with_outputs(&["All outputs"]));
    click(&mut harness, "Filters of All outputs");
    assert_eq!(stack(&harness), Stack::Output(0));
    assert_inside(&harness, "tabs");
}

#[test]
fn a_file_that_is_chosen_goes_to_the_filter_that_asked() {
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("look.cube");
    std::fs::write(&table, "LUT_1D_SIZE 2\n1 1 1\n0 0 0\n").unwrap();
    let mut harness = window_with(with_outputs(&["web", "small"]));
    for tab in ["Filters of all outputs", "Filters of small"] {
        click(&mut harness, tab);
        add_filter(&mut harness, "Colour", "3D LUT");
    }
    // The answer comes when another stack is shown.
    click(&mut harness, "Filters of all outputs");
    let param = harness.state().state().recipe().filters[0].params.iter().position(|(spec, _)| spec.key == "file");
    let step = StepLocation { stack: Stack::Output(1), index: 0 };
    let at = ParamLocation { step, param: param.unwrap() };
    harness.state_mut().ask_in_window(PathPurpose::ParamFile(at));
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::TextInput, "Path of the file").type_text(&table.display().to_string());
    harness.run_steps(3);
    button(&mut harness, "Choose");
    let recipe = harness.state().state().recipe();
    let names = |stack: Stack| {
        let mut step = stack.steps(recipe)[0].clone();
        step.params.files_mut().map(|(_, file)| file.path().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(Stack::Output(1)), [table.to_string_lossy()]);
    assert_eq!(names(Stack::Common), [""]);
}

#[test]
fn a_filter_is_moved_to_another_stack() {
    let dir = photos(1);
    let mut harness = window();
    add_filter(&mut harness, "Colour", "Invert");
    button(&mut harness, "More for Invert");
    assert!(!has(&harness, "Move to the filters of"), "there is but one stack");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    let mut harness = window_with(with_outputs(&["web", "small"]));
    add_pictures(&mut harness, dir.path(), 1);
    add_filter(&mut harness, "Colour", "Sepia");
    add_filter(&mut harness, "Colour", "Invert");
    wait_for_preview(&mut harness);
    let shown = harness.state().preview().result_size();

    button(&mut harness, "More for Invert");
    assert_inside(&harness, "the menu of stacks");
    assert!(!has(&harness, "Move Invert to all outputs"), "it is there");
    button(&mut harness, "Move Invert to small");
    assert_eq!(stacks(&harness), ["sepia", "", "invert"]);
    assert_eq!(stack(&harness), Stack::Common, "the next can be moved too");
    assert!(has(&harness, "Moved Invert to the filters of small."));
    wait_for_preview(&mut harness);
    assert_eq!(harness.state().preview().result_size(), shown);

    // With the keyboard alone.
    harness.get_by_label("More for Sepia").focus();
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    // Duplicate, Copy, and the first of the other stacks; what cannot be done is passed over.
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(stacks(&harness), ["", "sepia", "invert"]);

    // Each move is a step back of its own, and shows one of its stacks.
    click(&mut harness, "Filters of small");
    undo(&mut harness);
    assert_eq!(
        (stacks(&harness), stack(&harness)),
        (["sepia", "", "invert"].map(str::to_owned).to_vec(), Stack::Common)
    );
    undo(&mut harness);
    assert_eq!(stacks(&harness), ["sepia invert", "", ""]);
    redo(&mut harness);
    assert_eq!(stacks(&harness), ["sepia", "", "invert"]);

    // An output's filter becomes the last of the common ones.
    click(&mut harness, "Filters of small");
    button(&mut harness, "More for Invert");
    button(&mut harness, "Move Invert to all outputs");
    assert_eq!(stacks(&harness), ["sepia invert", "", ""]);
}

#[test]
fn a_filter_is_dropped_on_a_tab() {
    let mut harness = window_with(with_outputs(&["web", "small"]));
    for filter in ["Sepia", "Invert"] {
        add_filter(&mut harness, "Colour", filter);
    }
    harness.run_steps(20);
    let drag = |harness: &mut Harness<'_, App>, filter: &str, tab: &str| {
        let switch = harness.get_by_label(&format!("{filter} on")).rect();
        let grip = egui::pos2(switch.left() - 12.0, switch.center().y);
        let tab = harness.get_by_label(tab).rect().center();
        harness.drag_at(grip);
        harness.step();
        for i in 1..=8 {
            harness.hover_at(grip.lerp(tab, i as f32 / 8.0));
            harness.step();
        }
        harness.drop_at(tab);
        harness.run_steps(3);
    };
    drag(&mut harness, "Invert", "Filters of all outputs");
    assert_eq!(stacks(&harness), ["sepia invert", "", ""], "it is there already");
    drag(&mut harness, "Invert", "Filters of web");
    assert_eq!(stacks(&harness), ["sepia", "invert", ""]);
    assert_eq!(stack(&harness), Stack::Common);
    undo(&mut harness);
    assert_eq!(stacks(&harness), ["sepia invert", "", ""]);
}

#[test]
fn a_curve_is_dragged_in_the_stack_of_an_output() {
    let mut harness = window_with(with_outputs(&["web"]));
    add_filter(&mut harness, "Tone", "Curves");
    click(&mut harness, "Filters of web");
    add_filter(&mut harness, "Tone", "Curves");
    harness.run_steps(10);
    let area = harness.get_by_label("All channels curve").rect();
    let at = |x: f32, y: f32| area.left_bottom() + egui::vec2(x * area.width(), -y * area.height());
    for i in 0..=10 {
        let place = at(0.5, 0.7 - 0.04 * i as f32);
        if i == 0 {
            harness.drag_at(place);
        } else {
            harness.hover_at(place);
        }
        harness.step();
        if i == 0 {
            harness.drop_at(place);
            harness.run_steps(10);
            harness.drag_at(place);
            harness.step();
        }
    }
    harness.drop_at(at(0.5, 0.3));
    harness.run_steps(3);
    let points =
        |harness: &Harness<'_, App>, stack: Stack| text_of(&stack.steps(harness.state().state().recipe())[0], "points");
    let dragged = points(&harness, Stack::Output(0));
    let curve = lightloom::filter::ToneCurve::parse(&dragged).unwrap();
    assert!(curve.points().len() == 3 && (curve.at(0.5) - 0.3).abs() < 0.03, "{dragged}");
    assert_eq!(points(&harness, Stack::Common), "0:0,1:1");
    undo(&mut harness);
    let curve = lightloom::filter::ToneCurve::parse(&points(&harness, Stack::Output(0))).unwrap();
    assert!((curve.at(0.5) - 0.7).abs() < 0.03, "a drag is one step");
}
