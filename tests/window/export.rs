//! The export settings: format, options, colours, metadata.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::gui::{App, Dialog, Options, PathPurpose};
use lightloom::picture::Keep;
use lightloom::picture::colour::{Dither, Space};
use lightloom::recipe::export::{ColourTarget, ProfileFile};

use super::driver::*;

/// The export settings over a window with one picture.
fn settings_of_one_picture() -> (tempfile::TempDir, Harness<'static, App>) {
    let dir = photos(1);
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 1);
    open_export(&mut harness);
    (dir, harness)
}

#[test]
fn export_settings_are_set() {
    let (_dir, mut harness) = settings_of_one_picture();
    assert_eq!(harness.state().state().dialog, Some(Dialog::ExportSettings));
    select_entry(&mut harness, "Format", "WebP");
    assert_eq!(harness.state().state().recipe().export.format.id(), "webp");
    click(&mut harness, "Keep subfolders");
    assert!(!harness.state().state().output.keep_tree);
    button(&mut harness, "Done");
    assert!(harness.state().state().dialog.is_none());
    undo(&mut harness);
    assert_eq!(
        harness.state().state().recipe().export.format.id(),
        "same",
        "the export format is a part of the recipe"
    );
}

#[test]
fn only_the_options_of_the_format_are_shown_and_they_are_set() {
    let (_dir, mut harness) = settings_of_one_picture();
    // The picture is a PNG, and the format is its own.
    assert!(has(&harness, "Palette") && !has(&harness, "Progressive") && !has(&harness, "Lossless"));
    for (title, shown) in [("WebP", "Lossless"), ("JPEG", "Progressive")] {
        select_entry(&mut harness, "Format", title);
        for option in ["Lossless", "Progressive", "Palette"] {
            assert_eq!(has(&harness, option), option == shown, "{title}: {option}");
        }
        assert!(has(&harness, "At most"), "{title} is lossy");
    }
    scroll_and_click(&mut harness, "Progressive");
    scroll_and_click(&mut harness, "Colour detail");
    click(&mut harness, "4:2:2");
    scroll_and_click(&mut harness, "Animations");
    click(&mut harness, "Keep animations");
    // With the keyboard: a number is typed into the field that has the focus.
    scroll_and_click(&mut harness, "At most");
    press(&mut harness, Modifiers::COMMAND, Key::A);
    harness.get_by_role_and_label(Role::SpinButton, "At most").type_text("250");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    let text = harness.state().state().recipe().to_toml();
    for line in ["progressive = true", "subsampling = \"422\"", "frames = \"keep\"", "max_kib = 250"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    button(&mut harness, "Done");
    undo(&mut harness);
    assert!(!harness.state().state().recipe().to_toml().contains("max_kib"), "undo takes the last one back");
}

#[test]
fn colours_and_metadata_are_chosen_by_name() {
    let (_dir, mut harness) = settings_of_one_picture();
    unfold(&mut harness, "Colour");
    select_entry(&mut harness, "Colour space", "Display P3");
    scroll_and_click(&mut harness, "Dither when reducing bit depth");
    scroll_and_click(&mut harness, "Black-point compensation");
    let colour = harness.state().state().recipe().export.colour.clone();
    assert_eq!((colour.target, colour.dither), (ColourTarget::Space(Space::DisplayP3), Dither::BlueNoise));
    assert!(!colour.black_point);
    unfold(&mut harness, "Colour");
    unfold(&mut harness, "Metadata");
    select_entry(&mut harness, "Keep", "Everything except the location");
    harness.get_by_role_and_label(Role::TextInput, "Copyright").focus();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, "Copyright").type_text("© me");
    press(&mut harness, Modifiers::NONE, Key::Tab);
    scroll_and_click(&mut harness, "Keep file dates");
    scroll_and_click(&mut harness, "Set the resolution");
    let metadata = harness.state().state().recipe().export.metadata.clone();
    assert_eq!((metadata.keep, metadata.copyright.as_str()), (Keep::WithoutLocation, "© me"));
    assert_eq!((metadata.file_times, metadata.dpi), (false, Some(300.0)));
    button(&mut harness, "Done");
    undo(&mut harness);
    assert_eq!(harness.state().state().recipe().export.metadata.dpi, None, "it is a part of the recipe");
}

#[test]
fn each_output_has_colours_and_metadata_of_its_own() {
    let dir = photos(1);
    let out = tempfile::tempdir().unwrap();
    let mut options = Options { output: Some(out.path().to_path_buf()), ..with_outputs(&["web", "print"]) };
    options.recipe.as_mut().unwrap().outputs[0].export.metadata.artist = "nobody".to_owned();
    let mut harness = window_with(options);
    add_pictures(&mut harness, dir.path(), 1);
    open_export(&mut harness);
    unfold(&mut harness, "Colour of output 2");
    select_entry(&mut harness, "Colour space of output 2", "Display P3");
    scroll_and_click(&mut harness, "Dither when reducing bit depth of output 2");
    unfold(&mut harness, "Metadata of output 2");
    type_into(&mut harness, Role::TextInput, "Copyright of output 2", "© me");
    scroll_and_click(&mut harness, "Set the resolution of output 2");
    type_into(&mut harness, Role::SpinButton, "Pixels per inch of output 2", "240");
    let export =
        |harness: &Harness<'_, App>, index: usize| harness.state().state().recipe().outputs[index].export.clone();
    let second = export(&harness, 1);
    assert_eq!(
        (second.colour.target, second.colour.dither),
        (ColourTarget::Space(Space::DisplayP3), Dither::BlueNoise)
    );
    assert_eq!((second.metadata.copyright.as_str(), second.metadata.dpi), ("© me", Some(240.0)));
    let first = export(&harness, 0);
    assert_eq!(
        (first.colour.target, first.metadata.artist.as_str()),
        (ColourTarget::Keep, "nobody"),
        "the other stays"
    );
    // Both sections of both outputs at once, in a window of the smallest size: every control has a name of its own.
    unfold(&mut harness, "Colour of output 1");
    unfold(&mut harness, "Metadata of output 1");
    type_into(&mut harness, Role::TextInput, "Artist of output 1", "somebody");
    assert_eq!(export(&harness, 0).metadata.artist, "somebody");
    assert_eq!(export(&harness, 1).metadata.artist, "");
    harness.run();
    button(&mut harness, "Done");
    run_to_end(&mut harness);
    let written = files_below(out.path());
    let profile = |suffix: &str| {
        let file = written.iter().find(|file| file.to_string_lossy().ends_with(suffix)).unwrap();
        let bytes = std::fs::read(file).unwrap();
        lightloom::codec::header(&bytes, &lightloom::codec::Limits::default()).unwrap().1.metadata.icc.is_some()
    };
    assert_eq!((profile("-web.png"), profile("-print.png")), (false, true), "{written:?}");

    // Each choice is a step back of its own.
    let mut seen = Vec::new();
    for _ in 0..5 {
        undo(&mut harness);
        let (first, second) = (export(&harness, 0).metadata, export(&harness, 1).metadata);
        seen.push(format!("{} {:?} {}", first.artist, second.dpi, second.copyright));
    }
    let expected =
        ["nobody Some(240.0) © me", "nobody Some(300.0) © me", "nobody None © me", "nobody None ", "nobody None "];
    assert_eq!(seen, expected);
}

#[test]
fn a_profile_file_can_be_chosen_without_a_system_dialog() {
    let dir = photos(1);
    let profile = dir.path().join("wide.icc");
    std::fs::write(&profile, "not looked into yet").unwrap();
    let mut harness = window_with(with_outputs(&["web", "print"]));
    open_export(&mut harness);
    unfold(&mut harness, "Colour of output 2");
    select_entry(&mut harness, "Colour space of output 2", "From a profile file");
    harness.run_steps(10);
    harness.get_by_role_and_label(Role::Button, "Choose profile file of output 2").scroll_to_me();
    harness.run_steps(10);
    assert!(harness.get_by_role_and_label(Role::Button, "Choose profile file of output 2").rect().right() < 1024.0);

    // As where there is no dialog: the question is typed, and leads back whatever the answer.
    harness.state_mut().ask_in_window(PathPurpose::Profile(Some(1)));
    harness.run_steps(3);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state().dialog, Some(Dialog::ExportSettings));
    harness.state_mut().ask_in_window(PathPurpose::Profile(Some(1)));
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::TextInput, "Path of an ICC profile").type_text(&profile.display().to_string());
    harness.run_steps(3);
    button(&mut harness, "Choose");
    assert_eq!(harness.state().state().dialog, Some(Dialog::ExportSettings));
    let outputs = &harness.state().state().recipe().outputs;
    assert_eq!(outputs[0].export.colour.target, ColourTarget::Keep);
    assert_eq!(outputs[1].export.colour.target, ColourTarget::File(ProfileFile::new(&profile.to_string_lossy())));
}
