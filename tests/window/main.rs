//! The window as a user sees it, driven by its accessible names: no display and no graphics card needed.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod archives;
mod changes;
mod driver;
mod export;
mod finder;
mod handles;
mod keys;
mod lab;
mod layout;
mod lessons;
mod list;
mod looks;
mod naming;
mod outputs;
mod painted;
mod parameters;
mod presets;
mod preview;
mod remembered;
mod runs;
mod selection;
mod sources;
mod stacks;
mod timeline;
mod trouble;
mod truthful;
mod watch;
mod web;
mod workers;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::{ImageState, Outcome, Stage};
use lightloom::gui::{Dialog, Options, PreviewMode, Zoom};
use lightloom::recipe::Recipe;

use driver::*;

#[test]
fn an_empty_window_invites() {
    let harness = window();
    assert!(has(&harness, "Drop a folder or pictures here"));
    assert!(has(&harness, "Path of a file or folder"));
    assert_eq!(harness.state().state().disabled_reason(&lightloom::gui::Action::Start), Some("Add pictures first."));
}

#[test]
fn a_preset_replaces_the_recipe_and_undo_restores_it() {
    let mut harness = window();
    add_filter(&mut harness, "Colour", "Invert");
    add_filter(&mut harness, "Presets", "Instagram square");
    assert_eq!(filters(&harness), ["crop", "resize", "unsharp_mask"]);
    assert_eq!(harness.state().state().recipe().export.format.id(), "jpeg");
    assert!(harness.state().state().recipe().to_toml().contains("sigma = 0.7\n"), "showing a value does not round it");
    undo(&mut harness);
    assert_eq!(filters(&harness), ["invert"]);
}

#[test]
fn a_dropped_folder_is_listed_filtered_and_exported() {
    let dir = photos(4);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 4);
    assert!(has(&harness, "bild 0.png, waiting"));
    assert!(has(&harness, "bild 1.png, waiting"), "the deeper folder is searched too");

    add_filter(&mut harness, "Tone", "Exposure");
    add_filter(&mut harness, "Colour", "Invert");
    assert_eq!(filters(&harness), ["exposure", "invert"]);

    run_to_end(&mut harness);
    let state = harness.state().state();
    for index in 0..4 {
        assert_eq!(state.picture_state(index), ImageState::Finished(Outcome::Done));
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
fn the_stack_is_reordered_switched_and_emptied() {
    let mut harness = window();
    add_filter(&mut harness, "Tone", "Exposure");
    add_filter(&mut harness, "Tone", "Gamma");
    of_card(&mut harness, "Gamma", "Move Gamma up");
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
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 6);
    click(&mut harness, "Threads");
    run_to_end(&mut harness);
    assert!(!has(&harness, "One run each"), "one run is not compared");
    click(&mut harness, "Cores");
    run_to_end(&mut harness);
    let rows: Vec<_> = harness.state().state().comparison().rows.iter().map(|r| r.settings.executor.id).collect();
    assert_eq!(rows, ["threads", "cores"]);
    assert!(has(&harness, "Threads: ") && has(&harness, "Cores: "), "each run has its bar");
    assert!(has(&harness, "(simulated lock): "), "and says what is simulated");
    assert!(has(&harness, "One run each, from"));
    assert!(has(&harness, "so few runs cannot tell a difference from chance"));
    assert!(!has(&harness, "is fastest"));

    add_filter(&mut harness, "Tone", "Exposure");
    assert!(has(&harness, "the next run begins a new comparison"));
    run_to_end(&mut harness);
    assert_eq!(harness.state().state().records.len(), 1);
}

#[test]
fn a_file_that_is_not_a_picture_fails_with_stage_and_reason() {
    let dir = photos(2);
    fs::write(dir.path().join("kaputt.jpg"), "this is a text").unwrap();
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 3);
    run_to_end(&mut harness);
    let state = harness.state().state();
    let failed = &state.pictures.entries()[*state.pictures.failed.first().unwrap()];
    let report = failed.report.as_ref().unwrap();
    assert!(matches!(report.stage, Some(Stage::Read | Stage::Decode)), "{report:?}");
    assert!(report.reason.is_some());
    assert!(has(&harness, "kaputt.jpg, failed at"));
    assert!(has(&harness, "1 failed"));
    assert_eq!(files_below(out.path()).len(), 2, "the batch went on with the rest");
    click(&mut harness, "Failed 1");
    assert!(has(&harness, "kaputt.jpg, failed at") && !has(&harness, "bild 0.png, done"));
}

/// `run` panics if a window keeps repainting, and if a control has no name.
#[test]
fn an_idle_window_does_not_repaint_and_every_control_has_a_name() {
    let dir = photos(3);
    let out = tempfile::tempdir().unwrap();
    // A crop of the default size would be larger than these small pictures.
    let filters = lightloom::filter::FILTERS.iter().filter(|spec| spec.id != "crop");
    let filters = filters.map(|spec| lightloom::recipe::Step::parse(spec.id).unwrap()).collect();
    let recipe = Some(Recipe { filters, ..Recipe::default() });
    let mut harness = window_with(Options { recipe, ..saving_to(out.path()) });
    harness.run();
    add_pictures(&mut harness, dir.path(), 3);
    wait(&mut harness, "preview and thumbnails", |app| app.preview().is_settled());
    std::thread::sleep(Duration::from_millis(300));
    harness.run();
    open_export(&mut harness);
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Escape);
    run_to_end(&mut harness);
    std::thread::sleep(Duration::from_millis(300));
    harness.run();
    button(&mut harness, "Workers");
    harness.run();
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
    add_pictures(&mut harness, dir.path(), 42);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run_steps(2);
    assert!(harness.state().state().is_running());
    wait(&mut harness, "the plan of the run", |app| app.state().run.is_some());
    press(&mut harness, Modifiers::NONE, Key::Space);
    assert!(harness.state().state().is_paused());
    assert!(has(&harness, "paused") && has(&harness, "Resume"));
    press(&mut harness, Modifiers::NONE, Key::Space);
    assert!(!harness.state().state().is_paused());
    press(&mut harness, Modifiers::NONE, Key::Space);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state().dialog, Some(Dialog::ConfirmStop));
    button(&mut harness, "Stop the Run");
    wait(&mut harness, "the stop", |app| !app.state().is_running());
    assert!(has(&harness, "Stopped: "));
    assert!(harness.state().state().comparison().rows.is_empty(), "a stopped run says nothing about speed");
    let left = files_below(out.path()).into_iter().filter(|p| p.extension().is_none_or(|e| e != "png")).count();
    assert_eq!(left, 0, "nothing half-written stays");
}

#[test]
fn selection_follows_keys_and_pictures_are_removed() {
    let dir = photos(4);
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 4);
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
    add_pictures(&mut harness, dir.path(), 2);
    add_filter(&mut harness, "Tone", "Exposure");
    harness.get_by_role_and_label(Role::SpinButton, "Stops").click();
    harness.run_steps(3);
    press(&mut harness, Modifiers::NONE, Key::Delete);
    press(&mut harness, Modifiers::NONE, Key::Num1);
    let state = harness.state().state();
    assert_eq!((state.pictures.len(), state.appearance.zoom), (2, Zoom::Fit));
}

#[test]
fn the_preview_settles_on_the_exported_size() {
    let dir = photos(1);
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 1);
    add_filter(&mut harness, "Geometry", "Rotate");
    wait(&mut harness, "the preview", |app| app.preview().is_settled());
    assert_eq!(harness.state().preview().result_size(), Some([64, 96]));
    click(&mut harness, "Before");
    assert_eq!(harness.state().state().appearance.preview_mode, PreviewMode::Before);
    press(&mut harness, Modifiers::NONE, Key::Num1);
    assert_eq!(harness.state().state().appearance.zoom, Zoom::Scale(1.0));
    press(&mut harness, Modifiers::NONE, Key::Num0);
    assert_eq!(harness.state().state().appearance.zoom, Zoom::Fit);
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
        assert!(harness.state().state().dialog.is_none());
    }
}

#[test]
fn a_hundred_thousand_files_are_drawn_quickly() {
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
    let mut harness = window_with(saving_to(out.path()));
    assert_inside(&harness, "empty");
    add_pictures(&mut harness, dir.path(), 13);
    add_filter(&mut harness, "Tone", "Exposure");
    assert_inside(&harness, "loaded");
    click(&mut harness, "Threads");
    run_to_end(&mut harness);
    click(&mut harness, "Both");
    run_to_end(&mut harness);
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
