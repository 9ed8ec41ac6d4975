//! What is dropped, pasted and typed: pictures, folders, recipes, tables.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::{ImageState, Outcome};
use lightloom::gui::{App, Dialog};
use lightloom::recipe::{Recipe, Step};

use super::driver::*;

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

#[test]
fn a_dropped_recipe_is_loaded_and_a_broken_one_explained() {
    let dir = tempfile::tempdir().unwrap();
    let mut recipe = Recipe::default();
    recipe.filters.push(Step::parse("exposure:stops=1").unwrap());
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
    assert!(matches!(harness.state().state().dialog, Some(Dialog::Path(_))));
    harness.get_by_role_and_label(Role::TextInput, "Path of a folder or picture").type_text("/no/such/place");
    harness.run_steps(3);
    button(&mut harness, "Add");
    assert!(has(&harness, "There is no file or folder with this path"));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.state().state().dialog.is_none());

    choose(&mut harness, "File", "Add Path…");
    let path = dir.path().display().to_string();
    harness.get_by_role_and_label(Role::TextInput, "Path of a folder or picture").type_text(&path);
    harness.run_steps(3);
    button(&mut harness, "Add");
    wait(&mut harness, "pictures", |app| app.state().pictures.len() == 2);
}

#[test]
fn drops_during_a_run_wait_for_the_next() {
    let (dir, more) = (photos(3), photos(2));
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 3);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run_steps(2);
    drop_on(&mut harness, more.path());
    wait(&mut harness, "both", |app| app.state().pictures.len() == 5 && !app.state().is_running());
    let state = harness.state().state();
    assert_eq!(state.picture_state(2), ImageState::Finished(Outcome::Done));
    assert_eq!(state.picture_state(4), ImageState::Waiting);
}

#[test]
fn files_that_were_left_out_are_counted_and_looked_into() {
    let dir = photos(2);
    fs::rename(dir.path().join("bild 0.png"), dir.path().join("untitled")).unwrap();
    fs::write(dir.path().join("notes.txt"), "x").unwrap();
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 1);
    assert!(has(&harness, "2 files left out"));
    assert!(has(&harness, "were left out: 1 without an extension, 1 .txt"));
    button(&mut harness, "Look Inside");
    wait(&mut harness, "the other picture", |app| app.state().pictures.len() == 2 && app.state().discovering == 0);
    assert!(has(&harness, "untitled, waiting"));
    assert!(!has(&harness, "Look Inside"), "there is nothing more to look into");
}

#[cfg(unix)]
#[test]
fn hostile_names_are_escaped_wherever_they_are_shown() {
    use egui_kittest::kittest::NodeT as _;
    use std::os::unix::ffi::OsStrExt as _;
    let dir = photos(1);
    let names = [&b"a\nb\x1b[2J"[..], b"c\xe2\x80\xaegpj", b"d\xff"];
    for name in names {
        let file = |extension: &[u8]| dir.path().join(std::ffi::OsStr::from_bytes(&[name, extension].concat()));
        fs::copy(dir.path().join("bild 0.png"), file(b".png")).unwrap();
        fs::write(file(b".jpg"), "no picture").unwrap();
        fs::create_dir(file(b"")).unwrap();
        fs::write(file(b"").join("x.txt"), "x").unwrap();
    }
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    for name in names {
        drop_on(&mut harness, &dir.path().join(std::ffi::OsStr::from_bytes(name)));
        harness.run_steps(2);
    }
    add_pictures(&mut harness, dir.path(), 7);
    run_to_end(&mut harness);
    let mut shown = 0;
    for node in harness.root().children_recursive() {
        for text in [node.accesskit_node().label(), node.accesskit_node().value()].into_iter().flatten() {
            assert!(!text.chars().any(lightloom_param::is_active), "{text:?}");
            shown += usize::from(text.contains("a\\nb\\u{1b}[2J"));
        }
    }
    assert!(shown > 0, "names are shown");
}

#[test]
fn a_dropped_archive_is_searched_like_a_folder() {
    let (dir, out) = (photos(3), tempfile::tempdir().unwrap());
    let archive = out.path().join("Reise.zip");
    let file = fs::File::create(&archive).unwrap();
    let mut writer = lightloom::archive::Writer::new(lightloom::archive::Format::Zip, file).unwrap();
    for name in ["bild 0.png", "am Meer/bild 1.png", "bild 2.png"] {
        writer.add(name, &fs::read(dir.path().join(name)).unwrap(), None).unwrap();
    }
    writer.add("notes.txt", b"x", None).unwrap();
    writer.finish().unwrap();
    let mut harness = window();
    drop_on(&mut harness, &archive);
    wait(&mut harness, "pictures", |app| app.state().pictures.len() == 3 && app.state().discovering == 0);
    assert!(has(&harness, "bild 0.png"));
    run_to_end(&mut harness);
    let results = files_below(&out.path().join("lightloom/Reise"));
    assert_eq!(results.len(), 3, "{results:?}");
    assert!(results.iter().any(|path| path.ends_with("am Meer/bild 1.png")), "{results:?}");
}

#[test]
fn a_result_is_copied_in_full_size() {
    let dir = photos(1);
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 1);
    button(&mut harness, "Edit");
    // Frame by frame, since the picture is in the output of a single one.
    harness.get_by_role_and_label(Role::Button, "Copy Result").click();
    let mut copied = None;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while copied.is_none() {
        assert!(std::time::Instant::now() < deadline, "nothing was copied");
        std::thread::sleep(std::time::Duration::from_millis(10));
        harness.step();
        copied = harness.output().platform_output.commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyImage(picture) => Some(picture.clone()),
            _ => None,
        });
    }
    let picture = copied.unwrap();
    assert_eq!((picture.size, picture[(5, 7)]), ([96, 64], egui::Color32::from_rgb(5, 14, 0)));
    harness.run_steps(2);
    assert!(has(&harness, "The result was copied: 96 × 64 pixels"));
}
