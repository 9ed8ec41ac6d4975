//! What the window says is so: what is wrong is said with its cause, and no longer once the cause is gone.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Color32, ColorImage, Event};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::{ImageState, Outcome};
use lightloom::gui::{App, Options, Severity};
use lightloom::recipe::{Recipe, Step};

use super::driver::*;
use super::remembered::{Memory, close, window_that_remembers};

/// Draws frames, some time apart, until `done`.
fn wait_long(harness: &mut Harness<'_, App>, what: &str, done: impl Fn(&Harness<'_, App>) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done(harness) {
        assert!(Instant::now() < deadline, "waited too long for: {what}");
        std::thread::sleep(Duration::from_millis(50));
        harness.step();
    }
}

fn notice(harness: &Harness<'_, App>) -> String {
    harness.state().state().notice.as_ref().map_or_else(String::new, |notice| notice.text.clone())
}

#[test]
fn a_folder_that_comes_back_is_read_again() {
    let dir = photos(3);
    let (here, away) = (dir.path().join("here"), dir.path().join("away"));
    fs::create_dir(&here).unwrap();
    for n in [0, 2] {
        fs::rename(dir.path().join(format!("bild {n}.png")), here.join(format!("bild {n}.png"))).unwrap();
    }
    let mut harness = window();
    drop_on(&mut harness, &here);
    harness.step();
    wait(&mut harness, "pictures", |app| app.state().pictures.len() == 2 && app.state().discovering == 0);
    wait_for_preview(&mut harness);

    fs::rename(&here, &away).unwrap();
    press(&mut harness, egui::Modifiers::COMMAND, egui::Key::A);
    press(&mut harness, egui::Modifiers::NONE, egui::Key::Delete);
    assert!(harness.state().state().pictures.is_empty());
    drop_on(&mut harness, &here);
    wait(&mut harness, "the problem", |app| !app.state().pictures.problems.is_empty());
    assert!(has(&harness, "cannot be opened"));

    fs::rename(&away, &here).unwrap();
    drop_on(&mut harness, &here);
    wait(&mut harness, "pictures", |app| app.state().pictures.len() == 2 && app.state().discovering == 0);
    assert!(harness.state().state().pictures.problems.is_empty());
    assert!(!has(&harness, "cannot be opened"), "neither in the list nor in the footer");
}

#[test]
fn thumbnails_and_preview_are_tried_again() {
    let dir = photos(2);
    let mut harness = window();
    let file = dir.path().join("bild 0.png");
    let bytes = fs::read(&file).unwrap();
    // It vanishes between the search and the first look.
    fs::remove_file(&file).unwrap();
    harness.state_mut().add_unchecked(file.clone());
    wait_long(&mut harness, "the failures", |h| {
        h.state().state().pictures.unreadable() == 1 && h.state().preview().failure.is_some()
    });
    harness.run_steps(2);
    assert!(has(&harness, "bild 0.png, cannot be read"));
    assert!(has(&harness, "none of which can be read"));

    fs::write(&file, bytes).unwrap();
    wait_long(&mut harness, "the picture", |h| {
        h.state().state().pictures.unreadable() == 0 && h.state().preview().is_settled()
    });
    harness.run_steps(2);
    assert!(harness.state().preview().failure.is_none());
    assert!(has(&harness, "bild 0.png, waiting") && has(&harness, "ready to convert"));
}

#[test]
fn damaged_pictures_do_not_count_as_ready() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["whole.jpg", "truncated.jpg"] {
        save_photo(&dir.path().join(name), 640, 480);
    }
    let bytes = fs::read(dir.path().join("truncated.jpg")).unwrap();
    fs::write(dir.path().join("truncated.jpg"), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(dir.path().join("kaputt.jpg"), "this is a text").unwrap();
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 3);
    wait_long(&mut harness, "the faults", |h| has(h, "kaputt.jpg, cannot be read") && has(h, "whole.jpg, waiting"));
    wait_long(&mut harness, "the damage", |h| has(h, "truncated.jpg, damaged, partly read"));
    harness.run_steps(2);
    assert!(has(&harness, "3 pictures, no filters: ready to convert. 1 of them cannot be read."));
}

#[test]
fn a_place_that_takes_no_results_is_said_before_anything_is_computed() {
    let dir = photos(3);
    let file = dir.path().join("in the way");
    fs::write(&file, "").unwrap();
    let mut harness = window_with(saving_to(&file.join("out")));
    add_pictures(&mut harness, dir.path(), 3);
    button(&mut harness, "Start");
    wait(&mut harness, "the refusal", |app| !app.state().is_running());
    let said = notice(&harness);
    assert!(said.contains("Nothing was started") && said.contains("a file stands where a folder is needed"), "{said}");
    assert!((0..3).all(|place| harness.state().state().picture_state(place) == ImageState::Waiting));
    assert!(harness.state().state().summary.is_none());
}

#[test]
fn the_footer_keeps_no_speed_of_another_run() {
    let dir = photos(3);
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 3);
    run_to_end(&mut harness);
    assert!(has(&harness, "MP/s"));
    add_filter(&mut harness, "Tone", "Exposure");
    harness.run_steps(2);
    assert!(!has(&harness, "MP/s"), "another recipe has another speed");
    assert!(has(&harness, "Open Results"));
}

/// How long the window would sleep now.
fn sleeps(harness: &mut Harness<'_, App>) -> Duration {
    harness.step();
    harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay
}

#[test]
fn a_window_in_which_nothing_moves_draws_nothing() {
    let dir = photos(40);
    let out = tempfile::tempdir().unwrap();
    let slow = Recipe { filters: vec![Step::parse("non_local_means").unwrap()], ..Recipe::default() };
    let mut harness = window_with(Options { recipe: Some(slow), ..saving_to(out.path()) });
    let comes_to_rest = |harness: &mut Harness<'_, App>, when: &str| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while sleeps(harness) < Duration::MAX || sleeps(harness) < Duration::MAX {
            assert!(Instant::now() < deadline, "{when}: frames go on");
            std::thread::sleep(Duration::from_millis(50));
        }
        // Single frames, for a thumbnail that has arrived, may still come; frames that ask for the next may not.
        let awake = (0..20).filter(|_| {
            std::thread::sleep(Duration::from_millis(100));
            sleeps(harness) < Duration::MAX
        });
        let awake = awake.count();
        assert!(awake <= 6, "{when}: {awake} of 20 frames asked for another");
    };
    comes_to_rest(&mut harness, "empty");
    add_pictures(&mut harness, dir.path(), 40);
    wait_for_preview(&mut harness);
    comes_to_rest(&mut harness, "with pictures");
    click(&mut harness, "Threads");
    button(&mut harness, "Start");
    wait(&mut harness, "the run", |app| app.state().run.is_some());
    button(&mut harness, "Pause");
    assert!(harness.state().state().is_paused(), "the run is not over yet");
    wait_long(&mut harness, "what was begun", |h| {
        let state = h.state().state();
        (0..40).all(|place| !matches!(state.picture_state(place), ImageState::In(_)))
    });
    comes_to_rest(&mut harness, "paused");
    button(&mut harness, "Resume");
    wait(&mut harness, "the end of the run", |app| !app.state().is_running());
    assert!(
        (0..40).all(|place| { harness.state().state().picture_state(place) == ImageState::Finished(Outcome::Done) })
    );
    comes_to_rest(&mut harness, "after a run");
}

#[test]
fn pasted_pictures_are_added_and_what_cannot_be_is_said() {
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    let picture = |colour| Arc::new(ColorImage::filled([48, 32], colour));
    for (count, colour) in [(1, Color32::RED), (2, Color32::from_rgba_unmultiplied(0, 0, 255, 128))] {
        harness.event(Event::PasteImage(picture(colour)));
        harness.run_steps(2);
        wait(&mut harness, "the picture", |app| app.state().pictures.len() == count && app.state().discovering == 0);
    }
    assert!(has(&harness, "pasted-1.png") && has(&harness, "pasted-2.png"));
    harness.event(Event::Paste("hello world".to_owned()));
    harness.run_steps(2);
    assert!(notice(&harness).contains("no path, no picture and no filter"), "{}", notice(&harness));
    run_to_end(&mut harness);
    let results = files_below(out.path());
    assert_eq!(results.len(), 2);
    let sizes: Vec<_> = results.iter().map(|file| decode(file)).map(|p| (p.width(), p.height())).collect();
    assert_eq!(sizes, [(48, 32); 2]);
}

#[test]
fn settings_that_cannot_be_read_are_kept_and_said() {
    let good = close(window());
    let good = eframe::Storage::get_string(&good, eframe::APP_KEY).unwrap();
    let with = |field: &str, value: &str| {
        let start = good.find(&format!("{field}:")).unwrap();
        let end = start + good[start..].find(",\n").or_else(|| good[start..].find(',')).unwrap();
        format!("{}{field}:{value}{}", &good[..start], &good[end..])
    };
    let damaged = [
        ("everything", "(theme: Some(".to_owned()),
        ("everything", with("io_threads", "\"many\"")),
        ("the recipe", with("recipe", "Some(\"[[[\")")),
        ("the names of results", with("names", "Some(\"../{name}\")")),
        ("the workers", with("executor", "Some(\"magic\")")),
        ("the theme", with("theme", "Some(\"pink\")")),
        ("single pictures", "(overrides: {\"/a\": \"exposure=99\"})".to_owned()),
    ];
    for (part, text) in damaged {
        let dir = tempfile::tempdir().unwrap();
        let mut memory = Memory::default();
        eframe::Storage::set_string(&mut memory, eframe::APP_KEY, text.clone());
        let options = Options { settings_folder: Some(dir.path().to_path_buf()), ..Options::default() };
        let harness = window_that_remembers(memory, options);
        let said = harness.state().state().notice.clone().unwrap();
        assert_eq!(said.severity, Severity::Error);
        assert!(said.text.contains(part) && said.text.contains("damaged-settings-1.ron"), "{part}: {}", said.text);
        assert_eq!(fs::read_to_string(dir.path().join("damaged-settings-1.ron")).unwrap(), text);
    }
    let mut memory = Memory::default();
    eframe::Storage::set_string(&mut memory, eframe::APP_KEY, good);
    assert_eq!(window_that_remembers(memory, Options::default()).state().state().notice, None);
}

#[test]
fn a_hundred_thousand_findings_take_a_few_frames() {
    let dir = tempfile::tempdir().unwrap();
    let folder: PathBuf = dir.path().join("many");
    fs::create_dir(&folder).unwrap();
    for n in 0..20_000 {
        fs::write(folder.join(format!("{n:06}.jpg")), "").unwrap();
    }
    let mut harness = window();
    drop_on(&mut harness, &folder);
    let mut frames = 0;
    wait_long(&mut harness, "the search", |h| h.state().state().pictures.len() == 20_000);
    // Everything has been found; what was waiting is taken in a few frames.
    while harness.state().state().discovering > 0 {
        frames += 1;
        harness.step();
        assert!(frames < 50);
    }
}

#[test]
fn thumbnails_are_kept_on_disk_while_their_files_stay_as_they_are() {
    let (dir, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // The first one is looked at by the preview too.
    let file = dir.path().join("b.jpg");
    for name in ["a.jpg", "b.jpg"] {
        save_photo(&dir.path().join(name), 800, 600);
    }
    let open = || {
        let options = Options { thumbnail_folder: Some(cache.path().to_path_buf()), ..Options::default() };
        let mut harness = window_with(options);
        add_pictures(&mut harness, dir.path(), 2);
        harness
    };
    let mut harness = open();
    wait_long(&mut harness, "the thumbnails", |_| files_below(cache.path()).len() == 2);
    drop(harness);
    // What the file holds is no longer looked at.
    let (bytes, modified) = (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().modified().unwrap());
    fs::write(&file, vec![0; bytes.len()]).unwrap();
    let touch = |time| fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
    touch(modified);
    let mut harness = open();
    wait_long(&mut harness, "the preview", |h| h.state().preview().is_settled());
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(50));
        harness.step();
    }
    assert!(has(&harness, "b.jpg, waiting"), "its thumbnail was there");
    drop(harness);
    touch(modified - Duration::from_secs(2));
    let mut harness = open();
    wait_long(&mut harness, "the fault", |h| has(h, "b.jpg, cannot be read"));
}

#[test]
fn the_report_of_a_crash_is_offered_once() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("crash-report.txt"), "Lightloom 0.1.0\npanicked at somewhere").unwrap();
    let open = || window_with(Options { settings_folder: Some(dir.path().to_path_buf()), ..Options::default() });
    let mut harness = open();
    harness.run_steps(10);
    assert!(has(&harness, "Lightloom crashed the last time") && has(&harness, "panicked at somewhere"));
    harness.get_by_role_and_label(egui::accesskit::Role::Button, "Copy Report").click();
    let mut copied = None;
    for _ in 0..4 {
        harness.step();
        let commands = &harness.output().platform_output.commands;
        copied = copied.or(commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        }));
    }
    assert_eq!(copied.as_deref(), Some("Lightloom 0.1.0\npanicked at somewhere"));
    button(&mut harness, "Close");
    assert_eq!(harness.state().state().dialog, None);
    drop(harness);
    assert_eq!(open().state().state().dialog, None);
}
