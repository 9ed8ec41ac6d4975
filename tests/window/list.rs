//! The list of pictures: found, sorted, and acted upon by its menu.

use std::fs;
use std::path::Path;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use lightloom::codec::{self, EncodeOptions};
use lightloom::gui::App;
use lightloom::picture::exif::{Exif, Section};
use lightloom::picture::{Buffers, Layout, Picture, Raster};
use lightloom::recipe::Turn;

use crate::driver::{add_pictures, click, has, photos, press, type_into, wait, window, window_of_size};

/// The names of the pictures in the order in which they are shown.
fn shown(harness: &Harness<'_, App>) -> Vec<String> {
    let state = harness.state().state();
    let shown = state.shown();
    let name =
        |index: usize| state.pictures.entries()[index].path().file_name().unwrap().to_string_lossy().into_owned();
    (0..shown.len()).filter_map(|place| shown.index(place)).map(name).collect()
}

#[test]
fn pictures_are_found_by_what_is_typed() {
    let folder = photos(12);
    let mut harness = window();
    add_pictures(&mut harness, folder.path(), 12);
    press(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    harness.run_steps(3);
    for letter in ["B", "ILD", " ", "1.PNG"] {
        harness.input_mut().events.push(egui::Event::Text(letter.to_owned()));
        harness.run_steps(3);
    }
    wait(&mut harness, "two pictures", |app| app.state().shown().len() == 2);
    assert_eq!(shown(&harness), ["bild 11.png", "bild 1.png"]);
    assert!(harness.query_by_label_contains("2 of 12").is_some());
    press(&mut harness, Modifiers::NONE, Key::Enter);
    press(&mut harness, Modifiers::COMMAND, Key::A);
    assert_eq!(harness.state().state().pictures.selected(), 2, "what is not shown is not selected");
    click(&mut harness, "Show all pictures");
    harness.run_steps(3);
    assert_eq!(shown(&harness).len(), 12);
    type_into(&mut harness, Role::TextInput, "Find pictures", "meer bild");
    wait(&mut harness, "one picture", |app| app.state().shown().len() == 1);
    type_into(&mut harness, Role::TextInput, "Find pictures", "nowhere");
    wait(&mut harness, "no picture", |app| app.state().shown().len() == 0);
    assert!(harness.query_by_label_contains("No picture has that in its path").is_some());
}

#[test]
fn pictures_are_sorted_and_neighbours_follow_the_order() {
    let folder = photos(3);
    fs::write(folder.path().join("zz large.png"), fs::read(folder.path().join("bild 2.png")).unwrap()).unwrap();
    let large = image::RgbImage::from_fn(300, 300, |x, y| image::Rgb([(x * y) as u8, (x ^ y) as u8, x as u8]));
    large.save(folder.path().join("bild 0.png")).unwrap();
    let mut harness = window();
    add_pictures(&mut harness, folder.path(), 4);
    click(&mut harness, "Order of pictures");
    harness.run_steps(2);
    click(&mut harness, "Sort by Size");
    wait(&mut harness, "sizes", |app| {
        let last = app.state().shown().index(3);
        last.is_some_and(|last| app.state().pictures.entries()[last].path().ends_with("bild 0.png"))
    });
    click(&mut harness, "Order of pictures");
    harness.run_steps(2);
    click(&mut harness, "Reverse Order");
    wait(&mut harness, "the largest first", |app| app.state().shown().index(0) == Some(0));
    click(&mut harness, "Order of pictures");
    harness.run_steps(2);
    click(&mut harness, "Sort by Name");
    wait(&mut harness, "names", |app| app.state().listed.arrangement.sort.id() == "name");
    harness.run_steps(2);
    assert_eq!(shown(&harness), ["zz large.png", "bild 2.png", "bild 1.png", "bild 0.png"]);
    press(&mut harness, Modifiers::NONE, Key::ArrowUp);
    harness.run_steps(3);
    let current = harness.state().state().pictures.current().unwrap().path().to_path_buf();
    assert!(current.ends_with("bild 1.png"), "{}", current.display());
}

/// A JPEG of this size that a camera has taken, or none.
fn save_photo(path: &Path, (width, height): (u32, u32), camera: Option<&str>) {
    let pixels = vec![90_u8; (width * height * 3) as usize];
    let mut picture = Picture::new(Raster::new(width, height, Layout::Rgb, pixels).into());
    picture.metadata.exif = camera.map(|camera| {
        let mut exif = Exif::new(false);
        exif.set_text(Section::Picture, 0x010f, "Maker");
        exif.set_text(Section::Picture, 0x0110, camera);
        exif.to_block()
    });
    let format = codec::from_extension(path).unwrap();
    let encoded = codec::encode(format, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap();
    fs::write(path, encoded.bytes).unwrap();
}

fn sort(harness: &mut Harness<'_, App>, by: &str) {
    click(harness, "Order of pictures");
    harness.run_steps(2);
    click(harness, by);
}

/// More pictures than are visible, so that headers are read for the order rather than for thumbnails.
#[test]
fn pictures_are_sorted_and_found_by_what_their_headers_say() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..30_u32 {
        let camera = [Some("X 100"), Some("X 20"), None][i as usize % 3];
        save_photo(&folder.path().join(format!("a{i:02}.jpg")), (90 - i, 20), camera);
    }
    fs::write(folder.path().join("a05.jpg"), "this is a text").unwrap();
    let mut harness = window();
    add_pictures(&mut harness, folder.path(), 30);
    sort(&mut harness, "Sort by Dimensions");
    wait(&mut harness, "the smallest first", |app| app.state().shown().index(0) == Some(29));
    let names = shown(&harness);
    assert_eq!((names[1].as_str(), names[28].as_str(), names[29].as_str()), ("a28.jpg", "a00.jpg", "a05.jpg"));
    sort(&mut harness, "Reverse Order");
    wait(&mut harness, "the largest first", |app| app.state().shown().index(0) == Some(0));
    assert_eq!(shown(&harness)[29], "a05.jpg", "what cannot be read is last again");
    sort(&mut harness, "Reverse Order");
    sort(&mut harness, "Sort by Camera");
    wait(&mut harness, "the cameras", |app| app.state().shown().index(0) == Some(1));
    let names = shown(&harness);
    assert_eq!(
        (names[10].as_str(), names[20].as_str()),
        ("a00.jpg", "a02.jpg"),
        "20 before 100, and then those of none"
    );
    sort(&mut harness, "Sort by Folder");
    type_into(&mut harness, Role::TextInput, "Find pictures", "maker 20");
    wait(&mut harness, "those of a camera", |app| app.state().shown().len() == 10);
    type_into(&mut harness, Role::TextInput, "Find pictures", "maker a20 x");
    wait(&mut harness, "none", |app| app.state().shown().len() == 0);
    assert!(has(&harness, "No picture has that in its path or camera."));
}

#[test]
fn dimensions_and_cameras_are_shown_where_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    save_photo(&folder.path().join("a.jpg"), (90, 60), Some("X 100"));
    let mut harness = window_of_size([1800.0, 900.0], lightloom::gui::Options::default(), None);
    add_pictures(&mut harness, folder.path(), 1);
    wait(&mut harness, "what its header says", |app| app.state().pictures.entries()[0].facts().is_some());
    let about = |harness: &Harness<'_, App>| {
        let row = harness.query_by_role_and_label(Role::ListBoxOption, "a.jpg, waiting").unwrap();
        row.accesskit_node().description().unwrap_or_default()
    };
    assert_eq!(about(&harness), "90 × 60, Maker X 100");
    click(&mut harness, "Show as a contact sheet");
    assert_eq!(about(&harness), "90 × 60, Maker X 100");
    harness.get_by_role_and_label(Role::ListBoxOption, "a.jpg, waiting").hover();
    wait(&mut harness, "the tooltip", |_| true);
    for _ in 0..60 {
        std::thread::sleep(std::time::Duration::from_millis(20));
        harness.step();
        if has(&harness, "90 × 60, Maker X 100") {
            return;
        }
    }
    panic!("no tooltip");
}

#[test]
fn selected_pictures_are_turned_together_and_undone_together() {
    let folder = photos(3);
    let mut harness = window();
    add_pictures(&mut harness, folder.path(), 3);
    press(&mut harness, Modifiers::COMMAND, Key::A);
    harness.run_steps(2);
    press(&mut harness, Modifiers::COMMAND, Key::CloseBracket);
    harness.run_steps(3);
    let turns = |harness: &Harness<'_, App>| -> Vec<Turn> {
        let state = harness.state().state();
        state.pictures.entries().iter().map(|entry| state.history.overrides_of(&entry.found.source).rotate).collect()
    };
    assert_eq!(turns(&harness), [Turn::default().turned(1); 3]);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    harness.run_steps(3);
    assert_eq!(turns(&harness), [Turn::default(); 3]);
}

#[test]
fn the_menu_of_a_picture_acts_on_it() {
    let folder = photos(2);
    let mut harness = window();
    add_pictures(&mut harness, folder.path(), 2);
    harness.get_by_label_contains("bild 1.png").click_secondary();
    harness.run_steps(3);
    for name in ["Rotate Left", "Rotate Right", "Open Original", "Show in Folder", "Copy Path", "Remove"] {
        assert!(harness.query_by_label(name).is_some(), "{name}");
    }
    click(&mut harness, "Remove");
    harness.run_steps(3);
    assert_eq!(shown(&harness), ["bild 0.png"]);
}

/// What a stand-in for the system's program was asked to open.
#[cfg(unix)]
fn opened(entry: &str) -> (Harness<'static, App>, tempfile::TempDir, String) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = photos(2);
    let log = folder.path().join("opened.log");
    let program = folder.path().join("open.sh");
    fs::write(&program, format!("#!/bin/sh\nprintf '%s' \"$1\" > '{}'\n", log.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let opener = lightloom::batch::Opener(Some(program));
    let options = lightloom::gui::Options { opener, ..lightloom::gui::Options::default() };
    let mut harness = crate::driver::window_with(options);
    add_pictures(&mut harness, folder.path(), 2);
    harness.get_by_label_contains("bild 1.png").click_secondary();
    harness.run_steps(3);
    click(&mut harness, entry);
    wait(&mut harness, "the program", |_| fs::read_to_string(&log).is_ok_and(|text| !text.is_empty()));
    let text = fs::read_to_string(&log).unwrap();
    (harness, folder, text)
}

#[cfg(unix)]
#[test]
fn the_menu_of_a_picture_opens_it_and_shows_its_folder() {
    let (_harness, folder, path) = opened("Open Original");
    assert_eq!(Path::new(&path), folder.path().join("am Meer/bild 1.png"));
    let (_harness, folder, path) = opened("Show in Folder");
    assert_eq!(Path::new(&path), folder.path().join("am Meer"));
}

#[test]
fn the_menu_of_a_picture_copies_its_path_and_turns_and_excludes_it() {
    let folder = photos(2);
    let mut harness = window();
    add_pictures(&mut harness, folder.path(), 2);
    let choose = |harness: &mut Harness<'_, App>, entry: &str| {
        let row = |label: Option<String>| label.is_some_and(|label| label.starts_with("bild 1.png, "));
        let mut rows = harness.query_all_by_role(Role::ListBoxOption);
        rows.find(|node| row(node.accesskit_node().label())).unwrap().click_secondary();
        drop(rows);
        harness.run_steps(3);
        click(harness, entry);
    };
    let own = |harness: &Harness<'_, App>| {
        let state = harness.state().state();
        let entry = state.pictures.entries().iter().find(|entry| entry.path().ends_with("bild 1.png")).unwrap();
        (state.history.overrides_of(&entry.found.source).rotate, entry.excluded)
    };
    choose(&mut harness, "Copy Path");
    assert!(has(&harness, "Copied the path."));
    choose(&mut harness, "Rotate Left");
    assert_eq!(own(&harness), (Turn::Left, false));
    choose(&mut harness, "Reset Adjustments");
    assert_eq!(own(&harness), (Turn::None, false));
    choose(&mut harness, "Exclude");
    assert_eq!(own(&harness), (Turn::None, true));
    assert!(has(&harness, "bild 1.png, excluded"));
    assert_eq!(harness.state().state().pictures.excluded(), 1, "the other one stays");
}

#[test]
fn a_rubber_band_selects_what_it_encloses() {
    let folder = photos(8);
    let mut harness = window();
    add_pictures(&mut harness, folder.path(), 8);
    let rect = |harness: &Harness<'_, App>, name: &str| {
        harness.query_all_by_label_contains(name).find(|node| node.rect().width() > 100.0).unwrap().rect()
    };
    let chosen = |harness: &Harness<'_, App>| -> Vec<usize> {
        let entries = harness.state().state().pictures.entries().iter().enumerate();
        entries.filter(|(_, entry)| entry.selected).map(|(index, _)| index).collect()
    };
    let drag = |harness: &mut Harness<'_, App>, from: egui::Pos2, to: egui::Pos2| {
        harness.drag_at(from);
        harness.step();
        for part in 1..=4 {
            harness.hover_at(from + (to - from) * (part as f32 / 4.0));
            harness.step();
        }
        harness.step();
        harness.drop_at(to);
        harness.run_steps(2);
    };
    let names = shown(&harness);
    let (second, fourth) = (rect(&harness, &names[1]), rect(&harness, &names[3]));
    let at = harness.state().state().pictures.current_index();
    drag(&mut harness, second.center(), fourth.center() + egui::vec2(20.0, 0.0));
    assert_eq!(chosen(&harness), [1, 2, 3]);
    assert_eq!(harness.state().state().pictures.current_index(), at, "another picture is not shown for it");
    // Back over what it enclosed, it lets go of it.
    drag(&mut harness, fourth.center(), fourth.center() - egui::vec2(30.0, 8.0));
    assert_eq!(chosen(&harness), [3]);
    harness.event(egui::Event::ModifiersChanged(Modifiers::COMMAND));
    drag(&mut harness, second.center(), second.center() + egui::vec2(20.0, 8.0));
    assert_eq!(chosen(&harness), [1, 3], "with Ctrl, in addition");
    harness.event(egui::Event::ModifiersChanged(Modifiers::NONE));
    click(&mut harness, "Show as a contact sheet");
    harness.run_steps(3);
    let first = rect(&harness, &names[0]);
    drag(&mut harness, first.center(), first.center() + egui::vec2(8.0, 8.0));
    assert_eq!(chosen(&harness), [0]);
}

#[test]
fn folders_fold_and_open_again_where_the_arrow_keys_lead() {
    let folder = photos(4);
    let mut harness = window();
    add_pictures(&mut harness, folder.path(), 4);
    let rows = |harness: &Harness<'_, App>| harness.query_all_by_label_contains(".png, waiting").count();
    assert_eq!(rows(&harness), 4);
    let heading = |harness: &Harness<'_, App>, name: &str| {
        harness
            .query_all_by_role(Role::DisclosureTriangle)
            .find(|node| node.accesskit_node().label().unwrap().contains(name))
            .unwrap()
            .rect()
    };
    let at = heading(&harness, "am Meer").center();
    harness.drag_at(at);
    harness.step();
    harness.drop_at(at);
    harness.run_steps(3);
    assert_eq!(rows(&harness), 3, "the one below the heading is hidden");
    let names = shown(&harness);
    let hidden = names.iter().position(|name| name == "bild 1.png").unwrap();
    for _ in 0..hidden.max(1) {
        press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    }
    while harness.state().state().pictures.current_index() != Some(hidden) {
        press(&mut harness, Modifiers::NONE, Key::ArrowUp);
    }
    assert_eq!(rows(&harness), 4, "it is shown once it is the current one");
}
