//! Several outputs, adjustments of single pictures, and results as their files hold them.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::gui::{App, Options};

use super::driver::*;

#[test]
fn outputs_are_added_named_sized_and_exported() {
    let dir = photos(3);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 3);
    add_filter(&mut harness, "Colour", "Invert");
    open_export(&mut harness);
    scroll_and_click(&mut harness, "Add Output");
    let names = |harness: &Harness<'_, App>| {
        harness.state().state().recipe().outputs.iter().map(|o| o.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&harness), ["full size", "1920"]);
    type_into(&mut harness, Role::TextInput, "Name of output 2", "thumb");
    type_into(&mut harness, Role::TextInput, "Suffix of output 2", "-t");
    type_into(&mut harness, Role::TextInput, "Folder of output 2", "thumbs");
    type_into(&mut harness, Role::SpinButton, "Side of output 2", "24");
    assert_eq!(names(&harness), ["full size", "thumb"]);
    assert!(has(&harness, "thumbs/bild ") && has(&harness, "-t.png"), "the names are shown before the run");
    // What cannot be is said and changes nothing.
    type_into(&mut harness, Role::TextInput, "Folder of output 2", "../up");
    assert!(has(&harness, "folder must not contain /"));
    assert_eq!(harness.state().state().recipe().outputs[1].folder, "thumbs");
    scroll_and_click(&mut harness, "Add Output");
    assert_eq!(names(&harness).len(), 3);
    scroll_and_click(&mut harness, "Remove output 3");
    assert_eq!(names(&harness).len(), 2);
    button(&mut harness, "Done");
    let sentence = harness.state().state().export_sentence();
    assert!(sentence.starts_with("Save 2 outputs → /") && sentence.ends_with('/'), "as the toolbar says: {sentence}");

    wait_for_preview(&mut harness);
    assert_eq!(harness.state().preview().result_size(), Some([96, 64]));
    select_entry(&mut harness, "Output shown", "thumb");
    wait_for_preview(&mut harness);
    assert_eq!(harness.state().preview().result_size(), Some([24, 16]), "the other output is shown");

    run_to_end(&mut harness);
    assert!(has(&harness, "3 pictures done in"), "progress counts pictures, not files");
    assert!(has(&harness, "bild 0.png, done, 2 files"));
    assert_eq!(files_below(out.path()).len(), 6);
    let shown = harness.state().state().pictures.current().unwrap().found.source.clone();
    let stem = shown.stem().to_str().unwrap();
    let name = format!("{stem}-t.png");
    let written = files_below(out.path());
    let thumb = decode(written.iter().find(|file| file.ends_with(&name)).unwrap());
    assert_eq!((thumb.width(), thumb.height()), (24, 16));
    assert_eq!(harness.state().preview().hash(), Some(thumb.hash().as_str()), "the preview is that file");

    undo(&mut harness);
    assert_eq!(names(&harness).len(), 3, "every change of the list is undone");
}

#[test]
fn one_picture_is_adjusted_individually_marked_and_undone() {
    let dir = photos(3);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 3);
    wait_for_preview(&mut harness);
    let current = harness.state().state().pictures.current().unwrap().found.source.clone();
    let name = current.file_name();
    click(&mut harness, "This photo only");
    harness.run_steps(10);
    assert!(harness.get_by_label("Add filter").rect().max.y < 500.0, "the filters keep their room");
    button(&mut harness, "Rotate right");
    type_into(&mut harness, Role::SpinButton, "Crop left", "25");
    let own = |harness: &Harness<'_, App>| harness.state().state().history.overrides_of(&current);
    assert_eq!(own(&harness).to_string(), "rotate=right,crop=25:0:0:0");
    assert!(has(&harness, &format!("{name}, waiting, individually adjusted")), "its row is marked");
    assert_eq!(harness.query_all_by_label_contains(", individually adjusted").count(), 1);
    wait_for_preview(&mut harness);
    assert_eq!(harness.state().preview().result_size(), Some([48, 96]), "64 × 96, a quarter cut off");

    run_to_end(&mut harness);
    let written = files_below(out.path());
    assert_eq!(written.len(), 3);
    for file in written {
        let (adjusted, pixels) = (file.ends_with(&name), decode(&file));
        assert_eq!([pixels.width(), pixels.height()], if adjusted { [48, 96] } else { [96, 64] });
        let is_shown = harness.state().preview().hash() == Some(pixels.hash().as_str());
        assert_eq!(adjusted, is_shown, "the preview is the export");
    }

    undo(&mut harness);
    assert_eq!(own(&harness).to_string(), "rotate=right");
    scroll_and_click(&mut harness, "Reset this photo");
    assert!(own(&harness).is_none());
    assert!(!has(&harness, "individually adjusted"));
    undo(&mut harness);
    assert_eq!(own(&harness).to_string(), "rotate=right", "a reset is undone too");
}

#[test]
fn the_settled_preview_has_the_pixels_of_the_export() {
    let dir = photos(1);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 1);
    for (number, (group, filter)) in
        [("Tone", "Auto levels"), ("Detail", "Unsharp mask"), ("Geometry", "Crop")].into_iter().enumerate()
    {
        add_filter(&mut harness, group, filter);
        wait_for_preview(&mut harness);
        let hash = harness.state().preview().hash().unwrap().to_owned();
        run_to_end(&mut harness);
        assert_eq!(files_below(out.path()).len(), number + 1);
        let report = harness.state().state().pictures.current().unwrap().report.clone().unwrap();
        assert_eq!(decode(&report.outputs[0].path).hash(), hash, "{filter}");
    }
}

/// The number of a picture is its place in the list, in the preview as in the export.
#[test]
fn the_preview_has_the_number_of_the_export() {
    let dir = photos(3);
    let out = tempfile::tempdir().unwrap();
    let mut recipe = lightloom::recipe::Recipe::default();
    let step = lightloom::recipe::Step::parse("text_watermark:text={seq:02},size=80,anchor=centre").unwrap();
    recipe.filters.push(step);
    let options = Options { output: Some(out.path().to_path_buf()), recipe: Some(recipe), ..Options::default() };
    let mut harness = window_with(options);
    add_pictures(&mut harness, dir.path(), 3);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    wait_for_preview(&mut harness);
    let third = harness.state().preview().hash().unwrap().to_owned();
    run_to_end(&mut harness);
    let report = |harness: &Harness<'_, App>| {
        harness.state().state().pictures.current().unwrap().report.clone().unwrap().outputs[0].path.clone()
    };
    assert_eq!(decode(&report(&harness)).hash(), third);
    // Where one before it leaves the list, the others move up.
    press(&mut harness, Modifiers::NONE, Key::ArrowUp);
    press(&mut harness, Modifiers::NONE, Key::Delete);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    wait_for_preview(&mut harness);
    let second = harness.state().preview().hash().unwrap().to_owned();
    assert_ne!(second, third);
    run_to_end(&mut harness);
    assert_eq!(decode(&report(&harness)).hash(), second);
}

#[test]
fn a_result_is_shown_as_its_file_will_hold_it() {
    let dir = photos(1);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 1);
    open_export(&mut harness);
    select_entry(&mut harness, "Format", "JPEG");
    button(&mut harness, "Done");
    wait_for_preview(&mut harness);
    let exact = harness.state().preview().hash().unwrap().to_owned();
    assert_eq!(harness.state().preview().encoded(), None);
    press(&mut harness, Modifiers::NONE, Key::E);
    wait_for_preview(&mut harness);
    let encoded = harness.state().preview().encoded().unwrap();
    let shown = harness.state().preview().hash().unwrap().to_owned();
    assert_ne!(shown, exact, "what JPEG loses is seen");
    assert!(has(&harness, "% of the source") && has(&harness, "JPEG, "));
    run_to_end(&mut harness);
    let file = &files_below(out.path())[0];
    assert_eq!((std::fs::metadata(file).unwrap().len(), decode(file).hash()), (encoded.bytes, shown));
    click(&mut harness, "Encoded");
    wait_for_preview(&mut harness);
    assert_eq!(harness.state().preview().hash(), Some(exact.as_str()));
}

/// Once a dialog is seen, nothing in it moves under the pointer that comes.
#[test]
fn the_export_settings_settle_without_input() {
    let dir = photos(1);
    let outputs = ["web", "print", "small"].map(lightloom::recipe::Output::named).to_vec();
    let recipe = lightloom::recipe::Recipe { outputs, ..lightloom::recipe::Recipe::default() };
    let mut harness = window_with(Options { recipe: Some(recipe), ..Options::default() });
    add_pictures(&mut harness, dir.path(), 1);
    wait_for_preview(&mut harness);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::E);
    // As long as the window asks for frames, and no longer.
    harness.run();
    let rest = harness.get_by_label("Done").rect();
    harness.hover_at(egui::pos2(500.0, 300.0));
    harness.run_steps(5);
    assert_eq!(harness.get_by_label("Done").rect(), rest);
}
