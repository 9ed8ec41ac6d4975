//! The window as a person uses it, driven through its accessible names: no display and no graphics card needed.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod driver;
mod export_extras;
mod lab;
mod outputs;
mod presets;
mod remembered;
mod stacks;
mod timeline;
mod workers;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use lightloom::batch::{ImageState, Outcome, Stage};
use lightloom::filter::ToneCurve;
use lightloom::gui::{App, Modal, Options, Shown, Zoom};
use lightloom::recipe::Recipe;

use driver::*;

#[test]
fn an_empty_window_invites() {
    let harness = window();
    assert!(has(&harness, "Drop a folder or pictures here"));
    assert!(has(&harness, "Path of a file or folder"));
    assert_eq!(harness.state().state().why_not(&lightloom::gui::Action::Start), Some("Add pictures first."));
}

#[test]
fn a_preset_replaces_the_recipe_and_undo_brings_it_back() {
    let mut harness = window();
    add_filter(&mut harness, "Colour", "Invert");
    add_filter(&mut harness, "Presets", "Instagram square");
    assert_eq!(filters(&harness), ["crop", "resize", "unsharp_mask"]);
    assert_eq!(harness.state().state().recipe().export.format.id(), "jpeg");
    assert!(harness.state().state().recipe().to_toml().contains("sigma = 0.7\n"), "showing a value does not round it");
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(filters(&harness), ["invert"]);
}

#[test]
fn a_dropped_folder_is_listed_filtered_and_exported() {
    let dir = photos(4);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(Options { output: Some(out.path().to_path_buf()), ..Options::default() });
    with_pictures(&mut harness, dir.path(), 4);
    assert!(has(&harness, "bild 0.png, waiting"));
    assert!(has(&harness, "bild 1.png, waiting"), "the deeper folder is searched too");

    add_filter(&mut harness, "Tone", "Exposure");
    add_filter(&mut harness, "Colour", "Invert");
    assert_eq!(filters(&harness), ["exposure", "invert"]);

    run_to_the_end(&mut harness);
    let state = harness.state().state();
    for index in 0..4 {
        assert_eq!(state.pictures.state(index, None), ImageState::Finished(Outcome::Done));
    }
    assert!(has(&harness, "bild 0.png, done"));
    assert!(has(&harness, "4 pictures done in"));
    let written = files_below(out.path());
    assert_eq!(written.len(), 4, "{written:?}");
    assert!(written.contains(&out.path().join("am Meer/bild 1.png")), "the tree is kept: {written:?}");
    let result = image::open(out.path().join("bild 0.png")).unwrap().to_rgb8();
    assert_eq!(result.get_pixel(0, 0).0, [255, 255, 255], "black inverted is white");
}

#[test]
fn values_change_and_are_undone() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Exposure");
    let stops = |harness: &Harness<'_, App>| harness.state().state().recipe().filters[0].params.number("stops");
    harness.get_by_role_and_label(Role::SpinButton, "Stops").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::SpinButton, "Stops").type_text("1.5");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(stops(&harness), 1.5);

    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(stops(&harness), 0.0);
    press(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(stops(&harness), 1.5);
    choose(&mut harness, "Edit", "Undo");
    choose(&mut harness, "Edit", "Undo");
    assert!(filters(&harness).is_empty());
    choose(&mut harness, "Edit", "Redo");
    assert_eq!(filters(&harness), ["exposure"]);
}

#[test]
fn a_parameter_is_there_while_it_applies() {
    let mut harness = window();
    add_filter(&mut harness, "Geometry", "Resize");
    let shown = |harness: &Harness<'_, App>| {
        ["Width", "Height", "Percent"].map(|label| harness.query_by_role_and_label(Role::SpinButton, label).is_some())
    };
    assert_eq!(shown(&harness), [true, true, false]);
    click(&mut harness, "Mode");
    click(&mut harness, "Percent");
    assert_eq!(shown(&harness), [false, false, true]);
    type_into(&mut harness, Role::SpinButton, "Percent", "25");
    let percent = |harness: &Harness<'_, App>| harness.state().state().recipe().filters[0].params.number("percent");
    assert_eq!(percent(&harness), 25.0);
    click(&mut harness, "Mode");
    click(&mut harness, "Exact");
    assert_eq!((shown(&harness), percent(&harness)), ([true, true, false], 25.0), "what is hidden keeps its value");
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(shown(&harness), [false, false, true]);
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
    assert!(harness.state().state().recipe().filters[0].params.number("stops") > 0.5);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().state().recipe().filters[0].params.number("stops"), 0.0);
}

#[test]
fn a_point_of_a_tone_curve_is_added_moved_and_typed() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Curves");
    let points =
        |harness: &Harness<'_, App>| harness.state().state().recipe().filters[0].params.text("points").to_owned();
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
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert!((ToneCurve::parse(&points(&harness)).unwrap().at(0.5) - 0.7).abs() < 0.03, "a drag is one step");

    // while a text is not allowed yet, the value stays and the field keeps the text
    click(&mut harness, "Red");
    harness.run_steps(20);
    harness.get_by_role_and_label(Role::TextInput, "Red").focus();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, "Red").type_text(",");
    harness.run_steps(3);
    assert_eq!(harness.state().state().recipe().filters[0].params.text("red"), "0:0,1:1");
}

#[test]
fn a_dropped_table_becomes_a_filter() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("look.cube");
    fs::write(&path, "LUT_1D_SIZE 2\n1 1 1\n0 0 0\n").unwrap();
    let mut harness = window();
    drop_on(&mut harness, &path);
    wait(&mut harness, "the filter", |app| app.state().recipe().filters.len() == 1);
    assert_eq!(filters(&harness), ["lut3d"]);
    assert!(has(&harness, "Added the table look.cube"));
}

#[test]
fn the_stack_is_reordered_switched_and_emptied() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Exposure");
    add_filter(&mut harness, "Tone", "Gamma");
    click(&mut harness, "Move Gamma up");
    assert_eq!(filters(&harness), ["gamma", "exposure"]);
    click(&mut harness, "Gamma on");
    assert!(!harness.state().state().recipe().filters[0].enabled);
    click(&mut harness, "Remove Exposure");
    assert_eq!(filters(&harness), ["gamma"]);
}

#[test]
fn threads_then_cores_are_compared() {
    let dir = photos(6);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(Options { output: Some(out.path().to_path_buf()), ..Options::default() });
    with_pictures(&mut harness, dir.path(), 6);
    click(&mut harness, "Threads");
    run_to_the_end(&mut harness);
    assert!(has(&harness, "Run the same pictures with another choice"));
    click(&mut harness, "Cores");
    run_to_the_end(&mut harness);
    let rows: Vec<_> = harness.state().state().comparison().rows.iter().map(|r| r.settings.executor.id).collect();
    assert_eq!(rows, ["threads", "cores"]);
    assert!(has(&harness, "Threads: ") && has(&harness, "Cores: "), "each row has its bar");
    assert!(has(&harness, "Measured once each"));

    add_filter(&mut harness, "Tone", "Exposure");
    assert!(has(&harness, "the next run begins a new comparison"));
    run_to_the_end(&mut harness);
    assert_eq!(harness.state().state().records.len(), 1);
}

#[test]
fn a_file_that_is_no_picture_fails_with_stage_and_reason() {
    let dir = photos(2);
    fs::write(dir.path().join("kaputt.jpg"), "this is a text").unwrap();
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(Options { output: Some(out.path().to_path_buf()), ..Options::default() });
    with_pictures(&mut harness, dir.path(), 3);
    run_to_the_end(&mut harness);
    let state = harness.state().state();
    let failed = &state.pictures.entries()[*state.pictures.failed.first().unwrap()];
    let report = failed.report.as_ref().unwrap();
    assert!(matches!(report.stage, Some(Stage::Read | Stage::Decode)), "{report:?}");
    assert!(report.reason.is_some());
    assert!(has(&harness, "kaputt.jpg, failed at"));
    assert!(has(&harness, "1 failed"));
    assert_eq!(files_below(out.path()).len(), 2, "the batch went on with the rest");
    click(&mut harness, "Failed 1");
    assert!(has(&harness, "kaputt.jpg, failed at") && !has(&harness, "bild 0.png, "));
}

#[test]
fn folders_without_pictures_are_explained() {
    let empty = tempfile::tempdir().unwrap();
    let mut harness = window();
    drop_on(&mut harness, empty.path());
    wait(&mut harness, "the reason", |app| !app.state().pictures.problems.is_empty());
    assert!(has(&harness, "is an empty folder; choose one that holds pictures"));

    let notes = tempfile::tempdir().unwrap();
    fs::write(notes.path().join("notes.txt"), "x").unwrap();
    drop_on(&mut harness, notes.path());
    wait(&mut harness, "the second reason", |app| app.state().pictures.problems.len() == 2);
    assert!(has(&harness, "no picture that Lightloom reads"));
}

/// `run` panics when a window does not come to rest, and when a control has no name.
#[test]
fn an_idle_window_rests_and_every_control_has_a_name() {
    let dir = photos(3);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(Options { output: Some(out.path().to_path_buf()), ..Options::default() });
    harness.run();
    with_pictures(&mut harness, dir.path(), 3);
    for spec in lightloom::filter::FILTERS {
        add_filter(&mut harness, spec.group.title(), spec.title);
        if spec.id == "crop" {
            // A crop of the default size would be larger than these small pictures.
            button(&mut harness, "Remove Crop");
        }
    }
    wait(&mut harness, "preview and thumbnails", |app| app.preview().is_settled());
    std::thread::sleep(Duration::from_millis(300));
    harness.run();
    press(&mut harness, Modifiers::COMMAND, Key::E);
    harness.run_steps(10);
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Escape);
    run_to_the_end(&mut harness);
    std::thread::sleep(Duration::from_millis(300));
    harness.run();
    button(&mut harness, "Workers");
    harness.run();
}

#[test]
fn a_dropped_recipe_is_loaded_and_a_broken_one_explained() {
    let dir = tempfile::tempdir().unwrap();
    let mut recipe = Recipe::default();
    recipe.filters.push(lightloom::recipe::Step::parse("exposure:stops=1").unwrap());
    fs::write(dir.path().join("warm.toml"), recipe.to_toml()).unwrap();
    fs::write(dir.path().join("broken.toml"), "version = 1\n[[filter]]\nid = 'nonsense'").unwrap();
    let mut harness = window();
    drop_on(&mut harness, &dir.path().join("warm.toml"));
    wait(&mut harness, "the recipe", |app| app.state().recipe().filters.len() == 1);
    assert!(has(&harness, "Loaded warm.toml"));
    drop_on(&mut harness, &dir.path().join("broken.toml"));
    let said = |app: &App| {
        app.state().notice.as_ref().is_some_and(|n| n.text.contains("line 3: filter 1: there is no filter 'nonsense'"))
    };
    wait(&mut harness, "the explanation", said);
    assert_eq!(filters(&harness), ["exposure"], "the recipe stays as it was");
}

#[test]
fn a_pasted_path_is_added() {
    let dir = photos(2);
    let mut harness = window();
    harness.event(Event::Paste(format!("{}\n", dir.path().display())));
    harness.run_steps(2);
    wait(&mut harness, "pictures", |app| app.state().pictures.len() == 2);
}

#[test]
fn a_path_is_typed() {
    let dir = photos(2);
    let mut harness = window();
    choose(&mut harness, "File", "Add Path…");
    assert!(matches!(harness.state().state().modal, Some(Modal::Path(_))));
    harness.get_by_role_and_label(Role::TextInput, "Path of a folder or picture").type_text("/no/such/place");
    harness.run_steps(3);
    button(&mut harness, "Add");
    assert!(has(&harness, "There is no file or folder with this path"));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.state().state().modal.is_none());

    choose(&mut harness, "File", "Add Path…");
    let path = dir.path().display().to_string();
    harness.get_by_role_and_label(Role::TextInput, "Path of a folder or picture").type_text(&path);
    harness.run_steps(3);
    button(&mut harness, "Add");
    wait(&mut harness, "pictures", |app| app.state().pictures.len() == 2);
}

#[test]
fn pause_resume_and_stop_by_keys() {
    let dir = photos(2);
    for i in 0..40 {
        fs::copy(dir.path().join("bild 0.png"), dir.path().join(format!("kopie {i}.png"))).unwrap();
    }
    let out = tempfile::tempdir().unwrap();
    let mut recipe = Recipe::default();
    recipe
        .filters
        .push(lightloom::recipe::Step::parse("resize:mode=exact,width=1500,height=1500,enlarge=true").unwrap());
    let mut harness =
        window_with(Options { output: Some(out.path().to_path_buf()), recipe: Some(recipe), ..Options::default() });
    with_pictures(&mut harness, dir.path(), 42);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run_steps(2);
    assert!(harness.state().state().is_running());
    press(&mut harness, Modifiers::NONE, Key::Space);
    assert!(harness.state().state().is_paused());
    assert!(has(&harness, "paused") && has(&harness, "Resume"));
    press(&mut harness, Modifiers::NONE, Key::Space);
    assert!(!harness.state().state().is_paused());
    press(&mut harness, Modifiers::NONE, Key::Space);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state().modal, Some(Modal::Stop));
    button(&mut harness, "Stop the Run");
    wait(&mut harness, "the stop", |app| !app.state().is_running());
    assert!(has(&harness, "Stopped: "));
    assert!(harness.state().state().comparison().rows.is_empty(), "a stopped run says nothing about speed");
    let left = files_below(out.path()).into_iter().filter(|p| p.extension().is_none_or(|e| e != "png")).count();
    assert_eq!(left, 0, "nothing half-written stays");
}

#[test]
fn drops_during_a_run_wait_for_the_next() {
    let (dir, more) = (photos(3), photos(2));
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(Options { output: Some(out.path().to_path_buf()), ..Options::default() });
    with_pictures(&mut harness, dir.path(), 3);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run_steps(2);
    drop_on(&mut harness, more.path());
    wait(&mut harness, "both", |app| app.state().pictures.len() == 5 && !app.state().is_running());
    let state = harness.state().state();
    assert_eq!(state.pictures.state(2, None), ImageState::Finished(Outcome::Done));
    assert_eq!(state.pictures.state(4, None), ImageState::Waiting);
}

#[test]
fn selection_follows_keys_and_pictures_are_removed() {
    let dir = photos(4);
    let mut harness = window();
    with_pictures(&mut harness, dir.path(), 4);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(harness.state().state().pictures.current_index(), Some(1));
    press(&mut harness, Modifiers::NONE, Key::Delete);
    assert_eq!(harness.state().state().pictures.len(), 3);
    press(&mut harness, Modifiers::COMMAND, Key::A);
    press(&mut harness, Modifiers::NONE, Key::Delete);
    assert!(harness.state().state().pictures.is_empty());
    assert!(dir.path().join("bild 0.png").exists(), "the files stay");
}

#[test]
fn single_keys_do_not_act_while_typing() {
    let dir = photos(2);
    let mut harness = window();
    with_pictures(&mut harness, dir.path(), 2);
    add_filter(&mut harness, "Tone", "Exposure");
    harness.get_by_role_and_label(Role::SpinButton, "Stops").click();
    harness.run_steps(3);
    press(&mut harness, Modifiers::NONE, Key::Delete);
    press(&mut harness, Modifiers::NONE, Key::Num1);
    let state = harness.state().state();
    assert_eq!((state.pictures.len(), state.look.zoom), (2, Zoom::Fit));
}

#[test]
fn the_preview_settles_on_the_exported_size() {
    let dir = photos(1);
    let mut harness = window();
    with_pictures(&mut harness, dir.path(), 1);
    add_filter(&mut harness, "Geometry", "Rotate");
    wait(&mut harness, "the preview", |app| app.preview().is_settled());
    assert_eq!(harness.state().preview().result_size(), Some([64, 96]));
    click(&mut harness, "Before");
    assert_eq!(harness.state().state().look.shown, Shown::Before);
    press(&mut harness, Modifiers::NONE, Key::Num1);
    assert_eq!(harness.state().state().look.zoom, Zoom::Scale(1.0));
    press(&mut harness, Modifiers::NONE, Key::Num0);
    assert_eq!(harness.state().state().look.zoom, Zoom::Fit);
}

#[test]
fn export_settings_are_set() {
    let dir = photos(1);
    let mut harness = window();
    with_pictures(&mut harness, dir.path(), 1);
    press(&mut harness, Modifiers::COMMAND, Key::E);
    harness.run_steps(10);
    assert_eq!(harness.state().state().modal, Some(Modal::Export));
    harness.get_by_role_and_label(Role::ComboBox, "Format").click();
    harness.run_steps(3);
    click(&mut harness, "WebP");
    assert_eq!(harness.state().state().recipe().export.format.id(), "webp");
    click(&mut harness, "Keep the tree of folders");
    assert!(!harness.state().state().output.keep_tree);
    button(&mut harness, "Done");
    assert!(harness.state().state().modal.is_none());
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(
        harness.state().state().recipe().export.format.id(),
        "same",
        "the export format is a part of the recipe"
    );
}

#[test]
fn only_the_options_of_the_format_are_shown_and_they_are_set() {
    let dir = photos(1);
    let mut harness = window();
    with_pictures(&mut harness, dir.path(), 1);
    press(&mut harness, Modifiers::COMMAND, Key::E);
    harness.run_steps(10);
    // The picture is a PNG, and the format is its own.
    assert!(has(&harness, "Palette") && !has(&harness, "Progressive") && !has(&harness, "Lossless"));
    for (title, shown, not) in [("WebP", "Lossless", "Palette"), ("JPEG", "Progressive", "Lossless")] {
        harness.get_by_role_and_label(Role::ComboBox, "Format").click();
        harness.run_steps(3);
        click(&mut harness, title);
        assert!(has(&harness, shown) && !has(&harness, not), "{title}");
        assert!(has(&harness, "At most"), "{title} is lossy");
    }
    reach(&mut harness, "Progressive");
    reach(&mut harness, "Colour detail");
    click(&mut harness, "4:2:2");
    reach(&mut harness, "Animations");
    click(&mut harness, "Keep animations");
    // With the keyboard: a number is typed into the field that has the focus.
    reach(&mut harness, "At most");
    press(&mut harness, Modifiers::COMMAND, Key::A);
    harness.get_by_role_and_label(Role::SpinButton, "At most").type_text("250");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    let text = harness.state().state().recipe().to_toml();
    for line in ["progressive = true", "subsampling = \"422\"", "frames = \"keep\"", "max_kib = 250"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    button(&mut harness, "Done");
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert!(!harness.state().state().recipe().to_toml().contains("max_kib"), "undo takes the last one back");
}

#[test]
fn workers_are_chosen_from_their_menu() {
    let mut harness = window();
    choose(&mut harness, "Workers", "Sequential");
    assert_eq!(harness.state().state().settings.executor.id, "sequential");
    button(&mut harness, "Workers");
    harness.get_by_role_and_label(Role::SpinButton, "I/O threads").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::SpinButton, "I/O threads").type_text("99");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().state().settings.io_threads, 64, "the number stays within its range");
}

#[test]
fn every_menu_opens_and_help_explains() {
    let mut harness = window();
    for menu in lightloom::gui::Menu::ALL {
        button(&mut harness, menu.title());
        press(&mut harness, Modifiers::NONE, Key::Escape);
    }
    for (entry, sentence) in [
        ("Threads and Cores", "Both"),
        ("Shortcuts", "Original, while held"),
        ("About Lightloom", "threads that wait feed cores that work"),
    ] {
        choose(&mut harness, "Help", entry);
        harness.run();
        assert!(has(&harness, sentence), "{entry}");
        button(&mut harness, "Close");
        assert!(harness.state().state().modal.is_none());
    }
}

#[test]
fn a_hundred_thousand_files_draw_in_no_time() {
    let mut harness = window();
    for i in 0..100_000 {
        harness.state_mut().add_unchecked(PathBuf::from(format!("/nowhere/{i:06}.jpg")));
    }
    harness.run_steps(3);
    let begun = Instant::now();
    harness.run_steps(20);
    let frame = begun.elapsed() / 20;
    assert!(frame < Duration::from_millis(60), "a frame took {frame:?}");
    let rows = harness.query_all_by_label_contains(".jpg, ").count();
    assert!(rows < 40, "only what is visible is drawn, not {rows} rows");
}

/// Every control of the window, in its smallest size, lies within it.
#[test]
fn nothing_is_clipped_at_the_smallest_size() {
    let dir = photos(12);
    fs::write(dir.path().join("kaputt.jpg"), "this is a text").unwrap();
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(Options { output: Some(out.path().to_path_buf()), ..Options::default() });
    assert_inside(&harness, "empty");
    with_pictures(&mut harness, dir.path(), 13);
    add_filter(&mut harness, "Tone", "Exposure");
    assert_inside(&harness, "loaded");
    click(&mut harness, "Threads");
    run_to_the_end(&mut harness);
    click(&mut harness, "Both");
    run_to_the_end(&mut harness);
    assert_inside(&harness, "compared");
    for modal in ["Export Settings…", "Add Path…"] {
        choose(&mut harness, "File", modal);
        assert_inside(&harness, modal);
        press(&mut harness, Modifiers::NONE, Key::Escape);
        press(&mut harness, Modifiers::NONE, Key::Escape);
    }
    for modal in ["Threads and Cores", "Shortcuts"] {
        choose(&mut harness, "Help", modal);
        harness.run();
        assert!(harness.get_by_label("Close").rect().max.y <= 700.0, "{modal}");
        button(&mut harness, "Close");
    }
}

pub(crate) fn assert_inside(harness: &Harness<'_, App>, when: &str) {
    let window = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1024.0, 700.0)).expand(0.5);
    // Rows of the list scroll, and so do the choices of the export settings; whatever else has a name must be wholly
    // visible.
    let in_settings = when == "Export Settings…";
    let scrolls =
        |label: &str| label.contains(".png, ") || label.contains(".jpg, ") || (in_settings && label != "Done");
    for node in harness.root().children_recursive() {
        let Some(label) = node.accesskit_node().label() else { continue };
        if scrolls(&label) || node.accesskit_node().is_hidden() {
            continue;
        }
        let rect = node.rect();
        assert!(window.contains_rect(rect), "{when}: '{label}' at {rect:?} is cut off");
    }
}
