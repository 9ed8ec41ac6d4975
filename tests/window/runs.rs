//! What the window remembers of runs: journals, and what is done with them.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cpu_time::ThreadTime;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::{ImageState, Outcome};
use lightloom::gui::{App, Dialog, Options, UndoState};
use lightloom::journal::{History, Store};

use super::driver::*;

/// Saves results into `out` and journals into `journals`.
fn recorded(out: &Path, journals: &Path) -> Options {
    Options { journals: Some(Store::at(journals)), ..saving_to(out) }
}

fn wait_for_journal(harness: &mut Harness<'_, App>) {
    wait(harness, "the journal", |app| app.state().summary.as_ref().is_some_and(|s| s.journal.is_some()));
}

#[test]
fn a_run_of_the_window_has_a_journal() {
    let dir = photos(3);
    fs::write(dir.path().join("kaputt.jpg"), "this is a text").unwrap();
    let (out, journals) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut harness = window_with(recorded(out.path(), journals.path()));
    add_pictures(&mut harness, dir.path(), 4);
    run_to_end(&mut harness);
    wait_for_journal(&mut harness);
    let store = Store::at(journals.path());
    let runs = store.runs();
    assert_eq!(runs.len(), 1);
    let history = History::read(&store.path(&runs[0])).unwrap();
    assert_eq!((history.count(Outcome::Done), history.count(Outcome::Failed)), (3, 1));
    assert!(history.end.is_some() && !history.is_interrupted());
    assert!(history.written().all(|(_, result)| result.hash.len() > 20), "results have hashes");
    let failures = &harness.state().state().summary.as_ref().unwrap().failures;
    assert_eq!((failures.len(), failures[0].count), (1, 1));
    assert!(failures[0].example.ends_with("kaputt.jpg"));
}

#[test]
fn the_summary_of_a_run_says_what_it_came_to() {
    let dir = photos(4);
    fs::write(dir.path().join("kaputt.jpg"), "this is a text").unwrap();
    let (out, journals) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(out.path().join("bild 0.png"), "is there").unwrap();
    let mut harness = window_with(recorded(out.path(), journals.path()));
    add_pictures(&mut harness, dir.path(), 5);
    open_export(&mut harness);
    select_entry(&mut harness, "Existing files", "Skip");
    button(&mut harness, "Done");
    run_to_end(&mut harness);
    wait_for_journal(&mut harness);
    wait(&mut harness, "the details", |app| app.state().summary.as_ref().is_some_and(|s| s.details.is_some()));
    let details = harness.state().state().summary.as_ref().unwrap().details.clone().unwrap();
    assert_eq!(details.slowest.len(), 4, "all that were worked on: {:?}", details.slowest);
    assert!(details.slowest.windows(2).all(|pair| pair[0].secs >= pair[1].secs));
    assert_eq!((details.skipped.len(), details.skipped[0].count), (1, 1));
    let sizes = |names: [&str; 3], root: &Path| -> u64 {
        names.iter().map(|name| fs::metadata(root.join(name)).unwrap().len()).sum()
    };
    let names = ["am Meer/bild 1.png", "bild 2.png", "bild 3.png"];
    assert_eq!(details.source_bytes, sizes(names, dir.path()));
    assert_eq!(details.result_bytes, sizes(names, out.path()));
    button(&mut harness, "Summary");
    harness.run_steps(4);
    for said in ["3 done, 1 failed, 1 skipped", " before, ", "images/s, ", "Slowest pictures", "Skipped", "Failed"] {
        assert!(has(&harness, said), "{said}");
    }
    assert!(has(&harness, ", mostly "));
    button(&mut harness, "Retry Failed");
    wait(&mut harness, "the second run", |app| app.state().summary.as_ref().is_some_and(|s| s.totals.images == 1));
    assert!(harness.state().state().dialog.is_none(), "the run is what there is to see");
}

#[test]
fn a_run_without_a_journal_says_so() {
    let dir = photos(2);
    let out = tempfile::tempdir().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut harness = window_with(recorded(out.path(), &file.path().join("runs")));
    add_pictures(&mut harness, dir.path(), 2);
    run_to_end(&mut harness);
    assert_eq!(files_below(out.path()).len(), 2, "it runs all the same");
    assert!(has(&harness, "2 pictures done in") && has(&harness, "since it has no journal"));
}

#[test]
fn results_of_earlier_runs_are_left_out_of_folders() {
    let dir = photos(3);
    let results = dir.path().join("ready");
    let mut harness = window_with(saving_to(&results));
    add_pictures(&mut harness, dir.path(), 3);
    run_to_end(&mut harness);
    wait_for_journal(&mut harness);
    let written = files_below(&results);
    assert_eq!(written.len(), 3);

    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 3);
    assert_eq!(harness.state().state().pictures.len(), 3, "the originals alone");
    assert!(has(&harness, "3 files left out that are results of earlier runs"));
    add_pictures(&mut harness, &written[0], 4);
    assert_eq!(harness.state().state().pictures.len(), 4, "what is dropped itself counts");
}

/// Cuts a journal as a program that was killed leaves it: only what was recorded of the first pictures.
fn kill_after(journal: &Path, pictures: u64) {
    let text = fs::read_to_string(journal).unwrap();
    let keeps = |line: &&str| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        match record["record"].as_str().unwrap() {
            "finished" | "publishing" => record["job"].as_u64().unwrap() <= pictures,
            "ended" => false,
            _ => true,
        }
    };
    let left: Vec<&str> = text.lines().filter(keeps).collect();
    fs::write(journal, left.join("\n") + "\n").unwrap();
}

/// A run of `count` pictures with the filter Invert; returns its journal.
fn earlier_run(dir: &Path, out: &Path, journals: &Path, count: usize) -> PathBuf {
    let mut harness = window_with(recorded(out, journals));
    add_pictures(&mut harness, dir, count);
    add_filter(&mut harness, "Colour", "Invert");
    run_to_end(&mut harness);
    wait_for_journal(&mut harness);
    let store = Store::at(journals);
    store.path(&store.runs()[0])
}

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    files_below(folder).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn an_interrupted_run_is_offered_and_resumed() {
    let dir = photos(5);
    let (out, journals) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = earlier_run(dir.path(), out.path(), journals.path(), 5);
    let whole = contents(out.path());
    kill_after(&journal, 2);
    let recorded_results = [1, 2].map(|job| result_of(&journal, job));
    let lost = whole.iter().map(|(path, _)| path).find(|path| !recorded_results.contains(path)).unwrap();
    fs::remove_file(lost).unwrap();

    let mut harness = window_with(recorded(out.path(), journals.path()));
    wait(&mut harness, "the offer", |app| app.state().past.interrupted.is_some());
    assert!(has(&harness, "A run of 5 pictures was interrupted on "));
    assert!(has(&harness, "2 are done"));
    click(&mut harness, "Resume the interrupted run");
    wait(&mut harness, "the rest", |app| app.state().summary.is_some() && !app.state().is_running());
    wait_for_journal(&mut harness);
    assert_eq!(contents(out.path()), whole, "the same names and bytes");
    let state = harness.state().state();
    assert_eq!(state.pictures.len(), 5);
    assert!((0..5).all(|place| state.picture_state(place) == ImageState::Finished(Outcome::Done)));
    assert_eq!(state.summary.as_ref().unwrap().totals.done, 3);
    assert_eq!(state.recipe().filters.len(), 1, "the recipe of the run is shown");
    let roots = state.pictures.entries().iter().map(|entry| entry.found.root.as_deref());
    assert!(roots.eq([Some(dir.path()); 5]), "the pictures lie in the folder that was named");
    assert!(state.comparison().rows.is_empty(), "a part of a run says nothing about speed");
    assert!(!History::read(&journal).unwrap().is_interrupted());
    assert!(!has(&harness, "was interrupted on"));
}

/// The result that a journal has of a picture.
fn result_of(journal: &Path, job: usize) -> PathBuf {
    History::read(journal).unwrap().finished[&job].outputs[0].path.to_path()
}

#[test]
fn an_interrupted_run_can_be_forgotten() {
    let dir = photos(3);
    let (out, journals) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = earlier_run(dir.path(), out.path(), journals.path(), 3);
    kill_after(&journal, 1);
    let mut harness = window_with(recorded(out.path(), journals.path()));
    wait(&mut harness, "the offer", |app| app.state().past.interrupted.is_some());
    click(&mut harness, "Forget the interrupted run");
    assert!(!has(&harness, "was interrupted on"));
    assert_eq!(files_below(out.path()).len(), 3, "nothing is removed");
    let memory = super::remembered::close(harness);
    let mut harness = super::remembered::window_that_remembers(memory, recorded(out.path(), journals.path()));
    std::thread::sleep(Duration::from_millis(500));
    harness.run_steps(10);
    assert!(harness.state().state().past.interrupted.is_none(), "it does not come again");
    press(&mut harness, Modifiers::COMMAND, Key::H);
    wait(&mut harness, "the history", |app| app.state().past.list.len() == 1);
    assert!(has(&harness, "interrupted; 1 done"), "it is still in the history");
}

#[test]
fn failures_have_causes_and_are_tried_again() {
    let dir = photos(2);
    for name in ["kaputt 1.jpg", "kaputt 2.jpg"] {
        fs::write(dir.path().join(name), "this is a text").unwrap();
    }
    let (out, journals) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut harness = window_with(recorded(out.path(), journals.path()));
    add_pictures(&mut harness, dir.path(), 4);
    run_to_end(&mut harness);
    wait_for_journal(&mut harness);
    let failures = harness.state().state().summary.as_ref().unwrap().failures.clone();
    assert_eq!((failures.len(), failures[0].count), (1, 2), "two of one cause: {failures:?}");
    click(&mut harness, "Failed 2");
    assert!(harness.query_by_label(&sentence(&failures[0].cause)).is_some(), "the cause is shown");
    let good = files_below(dir.path()).into_iter().find(|path| path.extension().is_some_and(|e| e == "png")).unwrap();
    fs::copy(good, dir.path().join("kaputt 1.jpg")).unwrap();
    button(&mut harness, "Retry Failed");
    wait(&mut harness, "the retry", |app| {
        app.state().summary.as_ref().is_some_and(|s| s.totals.images == 2 && s.journal.is_some())
    });
    let state = harness.state().state();
    assert_eq!((state.pictures.len(), state.pictures.failed.len()), (4, 1));
    assert_eq!(files_below(out.path()).len(), 3);
    let outcomes: Vec<_> = (0..4).map(|place| state.picture_state(place)).collect();
    assert_eq!(outcomes.iter().filter(|o| **o == ImageState::Finished(Outcome::Done)).count(), 3, "{outcomes:?}");
    assert!(has(&harness, "2 pictures of this run were finished before"));
    choose(&mut harness, "Queue", "Remove Finished");
    assert_eq!(harness.state().state().pictures.len(), 1, "the failed one is left");
}

/// With a capital first letter.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default() + chars.as_str()
}

#[test]
fn a_run_is_undone_after_a_question() {
    let dir = photos(4);
    let (out, journals) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut harness = window_with(recorded(out.path(), journals.path()));
    add_pictures(&mut harness, dir.path(), 4);
    run_to_end(&mut harness);
    wait_for_journal(&mut harness);
    fs::write(out.path().join("bild 0.png"), "edited").unwrap();
    choose(&mut harness, "Queue", "Undo Run…");
    wait(&mut harness, "the question", |app| app.state().past.undo.as_ref().is_some_and(|undo| undo.run.is_some()));
    assert!(has(&harness, "4 files ("), "what would be removed is said");
    assert_eq!(files_below(out.path()).len(), 4, "nothing yet");
    click(&mut harness, "Delete at once");
    button(&mut harness, "Delete 4 files");
    wait(&mut harness, "the removal", |app| {
        matches!(app.state().past.undo.as_ref().map(|undo| &undo.state), Some(UndoState::Removed(_)))
    });
    assert!(has(&harness, "3 files were deleted.") && has(&harness, "1 file left:"));
    assert!(has(&harness, "bild 0.png: it is not what the run wrote any more"));
    assert_eq!(files_below(out.path()), [out.path().join("bild 0.png")]);
    assert_eq!(files_below(dir.path()).len(), 4, "originals are there");
    button(&mut harness, "Close");
    assert!(has(&harness, "bild 2.png, waiting"), "its outcome is gone");
    // It cannot be undone twice, and the history says so.
    press(&mut harness, Modifiers::COMMAND, Key::H);
    wait(&mut harness, "the history", |app| app.state().past.list.len() == 1 && !app.state().past.listing);
    assert!(has(&harness, "undone; 4 done"));
}

/// Asserts that these controls lie within a window of the smallest size.
fn assert_visible(harness: &Harness<'_, App>, labels: &[&str]) {
    let window = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1024.0, 700.0));
    for label in labels {
        let rect = harness.get_by_label(label).rect();
        assert!(window.contains_rect(rect), "{label} at {rect:?} is cut off");
    }
}

#[test]
fn the_history_lists_runs_and_acts_on_them() {
    let dir = photos(2);
    fs::write(dir.path().join("kaputt.jpg"), "this is a text").unwrap();
    let (out, journals) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut harness = window_with(recorded(out.path(), journals.path()));
    add_pictures(&mut harness, dir.path(), 3);
    add_filter(&mut harness, "Presets", "Instagram square");
    run_to_end(&mut harness);
    wait_for_journal(&mut harness);
    add_filter(&mut harness, "Colour", "Invert");
    run_to_end(&mut harness);
    wait_for_journal(&mut harness);
    press(&mut harness, Modifiers::COMMAND, Key::H);
    wait(&mut harness, "the history", |app| app.state().past.list.len() == 2 && !app.state().past.listing);
    harness.run_steps(10);
    assert_visible(&harness, &["Close", "Show Journal"]);
    assert!(has(&harness, "Instagram square, 2 done, 1 failed"));
    let oldest = harness.state().state().past.list[1].clone();
    assert_eq!((oldest.recipe_name.as_str(), oldest.files, oldest.pictures), ("Instagram square", 2, 3));
    harness.get_by(|n| n.label().is_some_and(|label| label.contains("Instagram square, 2 done"))).click();
    harness.run_steps(3);
    assert_eq!(harness.state().state().past.shown().unwrap().id, oldest.id);
    assert!(has(&harness, "Failures by cause"));
    button(&mut harness, "Undo…");
    wait(&mut harness, "the question", |app| app.state().past.undo.as_ref().is_some_and(|undo| undo.run.is_some()));
    assert_visible(&harness, &["Cancel", "Move 2 files to Trash"]);
    button(&mut harness, "Cancel");
    assert_eq!(harness.state().state().dialog, Some(Dialog::History), "it leads back");
    button(&mut harness, "Retry 1 Failed");
    wait(&mut harness, "the retry", |app| app.state().summary.as_ref().is_some_and(|s| s.totals.images == 1));
    assert_eq!(harness.state().state().recipe_name(), "Instagram square", "with its recipe");
}

#[test]
fn a_plan_is_shown_filtered_and_run_exactly() {
    let dir = photos(5);
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("bild 0.png"), "mine").unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 5);
    press(&mut harness, Modifiers::COMMAND, Key::P);
    wait(&mut harness, "the plan", |app| app.state().plan.as_ref().is_some_and(|plan| plan.ready.is_some()));
    harness.run_steps(10);
    assert_inside(&harness, "the plan");
    assert!(has(&harness, "bild 0.png to bild 0-2.png: A new file with a number"));
    assert!(has(&harness, "bild 1.png to bild 1.png: A new file"));
    assert!(has(&harness, "5 pictures, 5 new files"));
    let shown = |app: &App| app.state().plan.as_ref().unwrap().ready.as_ref().unwrap().filtered.len();
    click(&mut harness, "Number added 1");
    wait(&mut harness, "the filter", |app| shown(app) == 1);
    click(&mut harness, "All 5");
    harness.get_by_role_and_label(Role::TextInput, "Filter by path").click();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, "Filter by path").type_text("AM MEER");
    wait(&mut harness, "the filter", |app| shown(app) == 1);
    assert!(has(&harness, "bild 1.png to ") && !has(&harness, "bild 2.png to "));
    button(&mut harness, "Start this plan");
    wait(&mut harness, "the run", |app| app.state().summary.is_some());
    assert_eq!(fs::read(out.path().join("bild 0.png")).unwrap(), b"mine");
    let written: Vec<_> = files_below(out.path());
    assert_eq!(written.len(), 6);
    assert!(written.contains(&out.path().join("bild 0-2.png")));
}

#[test]
fn a_plan_of_a_hundred_thousand_pictures_scrolls() {
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_with(saving_to(out.path()));
    for i in 0..100_000 {
        harness.state_mut().add_unchecked(PathBuf::from(format!("/nowhere/{i:06}.jpg")));
    }
    press(&mut harness, Modifiers::COMMAND, Key::P);
    wait(&mut harness, "the plan", |app| app.state().plan.as_ref().is_some_and(|plan| plan.ready.is_some()));
    harness.hover_at(egui::pos2(500.0, 350.0));
    harness.run_steps(3);
    // The processor time of this thread, whatever else the machine does.
    let begun = ThreadTime::now();
    for _ in 0..20 {
        let delta = egui::vec2(0.0, -4000.0);
        let (unit, modifiers) = (egui::MouseWheelUnit::Point, Modifiers::NONE);
        let (phase, source) = (egui::TouchPhase::Move, egui::MouseWheelSource::Wheel);
        harness.event(egui::Event::MouseWheel { unit, delta, modifiers, phase, source });
        harness.step();
    }
    let frame = begun.elapsed() / 20;
    assert!(frame < Duration::from_millis(60), "a frame took {frame:?}");
    assert!(harness.query_all_by_label_contains(".jpg to ").count() < 60, "only what is visible is drawn");
    assert!(!has(&harness, "000000.jpg to "), "it has scrolled");
}
