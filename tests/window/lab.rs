//! The lab: comparison with its troubles, saved results, recommendation.

use std::fs;
use std::path::Path;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::find_executor;
use lightloom::gui::{Action, Dialog, LabAction, LabTab, Options, PathPurpose, ResultsFormat};
use lightloom::lab::{Conditions, Results, RunRecord};

use crate::driver::*;

/// A window with the lab open and its results in a folder of its own.
fn lab(dir: &Path, saved: &Path, count: usize) -> Harness<'static, lightloom::gui::App> {
    let options = Options { lab_folder: Some(saved.to_path_buf()), ..Options::default() };
    let mut harness = window_with(options);
    if count > 0 {
        add_pictures(&mut harness, dir, count);
    }
    press(&mut harness, Modifiers::COMMAND, Key::L);
    assert_eq!(harness.state().state().lab.tab, Some(LabTab::Comparison));
    harness
}

/// Leaves only these executors and one and two workers.
pub fn only(harness: &mut Harness<'_, lightloom::gui::App>, titles: &[&str]) {
    for executor in lightloom::batch::EXECUTORS {
        let index = lightloom::batch::EXECUTORS.iter().position(|e| e == executor).unwrap();
        let wanted = titles.contains(&executor.title);
        if harness.state().state().lab.plan.executors[index] != wanted {
            harness.get_by_role_and_label(Role::CheckBox, executor.title).click();
            harness.run_steps(3);
        }
    }
    harness.get_by_role_and_label(Role::CheckBox, "4 workers").click();
    harness.run_steps(3);
    // A test measures no longer than it must.
    type_into(harness, Role::SpinButton, "Add rounds for", "0");
    assert_eq!(harness.state().state().lab.plan.budget_secs, 0);
}

pub fn measured(harness: &mut Harness<'_, lightloom::gui::App>) {
    button(harness, "Measure");
    wait(harness, "the measurement", |app| app.state().lab.measurement.is_none());
}

#[test]
fn a_few_pictures_produce_a_table_a_chart_and_perhaps_a_verdict() {
    let (dir, saved) = (photos(3), tempfile::tempdir().unwrap());
    let mut harness = lab(dir.path(), saved.path(), 3);
    only(&mut harness, &["Sequential", "Cores"]);
    assert!(has(&harness, "12 runs of 3 pictures each"), "three choices in four rounds");
    measured(&mut harness);
    let shown = harness.state().state().lab.shown.as_ref().unwrap();
    assert_eq!((shown.results.runs.len(), shown.comparison.rows.len(), shown.comparison.rounds), (12, 3, 4));
    assert!(!shown.verdict.is_empty());
    assert_eq!(shown.recommendation.is_some(), shown.comparison.best().is_some());
    let verdict = shown.verdict.clone();
    assert!(has(&harness, &verdict));
    for row in ["Sequential: 1 thread", "Cores: 1 core", "Cores: 2 cores"] {
        assert!(has(&harness, row), "{row}");
    }
    assert!(has(&harness, "Chart of speed-up against workers. Sequential: 1.00 with 1"));
    assert!(has(&harness, "bytes equal"), "all wrote the same");
    let interval = harness.state().state().lab.shown.as_ref().unwrap().comparison.rows[1].speed_up_interval.unwrap();
    let in_table = format!("({:.2}–{:.2})", interval.low, interval.high);
    let in_chart = format!("({:.2} to {:.2}) with 1", interval.low, interval.high);
    assert!(has(&harness, &in_table), "intervals stand beside ratios: {in_table}");
    assert!(has(&harness, &in_chart), "and in the chart: {in_chart}");
    assert!(has(&harness, "4 rounds in random order"));
    std::thread::sleep(std::time::Duration::from_millis(600));
    harness.run();
}

#[test]
fn without_pictures_and_with_one_the_lab_says_what_is_missing() {
    let (dir, saved) = (photos(1), tempfile::tempdir().unwrap());
    let mut harness = lab(dir.path(), saved.path(), 0);
    assert!(has(&harness, "Add pictures first."));
    assert_eq!(harness.state().state().disabled_reason(&Action::Lab(LabAction::Start)), Some("Add pictures first."));
    add_pictures(&mut harness, dir.path(), 1);
    assert!(has(&harness, "One picture cannot be shared among workers"));
    only(&mut harness, &[]);
    assert!(has(&harness, "Choose at least one executor"));
}

#[test]
fn a_batch_in_which_every_picture_fails_is_reported() {
    let (dir, saved) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for i in 0..3 {
        fs::write(dir.path().join(format!("kaputt {i}.jpg")), "this is a text").unwrap();
    }
    let mut harness = lab(dir.path(), saved.path(), 3);
    only(&mut harness, &["Sequential", "Cores"]);
    measured(&mut harness);
    assert!(has(&harness, "Every picture failed, so there is nothing to compare"));
    assert!(has(&harness, "3 of 3 pictures failed in a run"));
}

#[test]
fn a_stopped_measurement_keeps_what_it_has() {
    let (dir, saved) = (photos(3), tempfile::tempdir().unwrap());
    let mut harness = lab(dir.path(), saved.path(), 3);
    only(&mut harness, &["Sequential", "Cores"]);
    harness.get_by_role_and_label(Role::CheckBox, "Simulated source").click();
    harness.run_steps(3);
    button(&mut harness, "Measure");
    assert_eq!(harness.state().state().disabled_reason(&Action::Start), Some("Not while the lab is measuring."));
    wait(&mut harness, "a first run", |app| {
        app.state().lab.shown.as_ref().is_some_and(|shown| shown.results.runs.len() >= 2)
    });
    button(&mut harness, "Stop measuring");
    wait(&mut harness, "the stop", |app| app.state().lab.measurement.is_none());
    let shown = harness.state().state().lab.shown.as_ref().unwrap();
    assert!(shown.results.interrupted && shown.results.runs.len() >= 2);
    assert!(has(&harness, "stopped before its end"));
    assert!(has(&harness, "simulated source"), "what was simulated is said");
}

#[test]
fn results_are_named_saved_reopened_compared_and_exported() {
    let (dir, saved) = (photos(3), tempfile::tempdir().unwrap());
    let mut harness = lab(dir.path(), saved.path(), 3);
    only(&mut harness, &["Sequential", "Cores"]);
    measured(&mut harness);
    assert_eq!(
        harness.state().state().disabled_reason(&Action::Lab(LabAction::Save)),
        Some("Give the results a name first.")
    );
    let field = |harness: &Harness<'_, lightloom::gui::App>| {
        harness.get_by_role_and_label(Role::TextInput, "Name").scroll_to_me();
    };
    field(&harness);
    harness.run_steps(6);
    harness.get_by_role_and_label(Role::TextInput, "Name").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::TextInput, "Name").type_text("first");
    harness.run_steps(3);
    button(&mut harness, "Save results");
    wait(&mut harness, "the list", |app| app.state().lab.saved.as_ref().is_some_and(|saved| saved.len() == 1));
    assert!(saved.path().join("first.json").is_file());

    harness.state_mut().ask_in_window(PathPurpose::SaveResults(ResultsFormat::Csv));
    harness.run_steps(3);
    let target = tempfile::tempdir().unwrap();
    let path = target.path().join("table");
    harness.get_by_role_and_label(Role::TextInput, "Path of the new file").type_text(&path.display().to_string());
    harness.run_steps(3);
    harness.get_all_by_role_and_label(Role::Button, "Export").next().unwrap().click();
    harness.run_steps(3);
    wait(&mut harness, "the file", |_| path.with_extension("csv").is_file());
    assert_eq!(fs::read_to_string(path.with_extension("csv")).unwrap().lines().count(), 1 + 12);

    measured(&mut harness);
    harness.get_by_label("Compare with first").scroll_to_me();
    harness.run_steps(6);
    click(&mut harness, "Compare with first");
    assert!(harness.state().state().lab.other.is_some());
    assert!(has(&harness, "first: median"), "a second row of the same choice");
    click(&mut harness, "Open first");
    assert_eq!(harness.state().state().lab.shown.as_ref().unwrap().results.name, "first");
}

#[test]
fn saved_results_of_another_version_are_explained() {
    let (dir, saved) = (photos(1), tempfile::tempdir().unwrap());
    fs::write(saved.path().join("future.json"), "{\"format\": 99}").unwrap();
    fs::write(saved.path().join("broken.json"), "nonsense").unwrap();
    let mut harness = lab(dir.path(), saved.path(), 0);
    wait(&mut harness, "the list", |app| app.state().lab.saved.is_some());
    assert!(has(&harness, "saved by another version of the program"));
    assert!(has(&harness, "holds no results that can be read"));
    assert!(Results::saved(saved.path()).iter().all(Result::is_err));
}

/// Results of four rounds under this name, in which each run's conditions are these.
fn save_results(folder: &Path, name: &str, conditions: Conditions) {
    let mut results = Results::new(10, 1000, "version = 1\n".to_owned());
    results.name = name.to_owned();
    let settings = lightloom::batch::Settings { io_threads: 4, cores: 2, ..Default::default() };
    for turn in 0..4 {
        for (id, secs) in [("sequential", 4.0), ("cores", 2.0)] {
            let wall_secs = secs + 0.01 * f64::from(turn);
            let totals = lightloom::batch::Totals {
                images: 10,
                done: 10,
                wall_secs,
                cpu_secs: 2.0,
                lane_cpu_secs: 2.0,
                ..Default::default()
            };
            let settings = lightloom::batch::Settings { executor: find_executor(id).unwrap(), ..settings.clone() };
            let record = RunRecord::single(settings, totals);
            results.runs.push(RunRecord { conditions: Some(conditions), ..record });
        }
    }
    results.save(folder).unwrap();
}

#[test]
fn a_loaded_machine_has_no_verdict_and_a_calm_one_has_intervals() {
    let (dir, saved) = (photos(1), tempfile::tempdir().unwrap());
    let calm = Conditions { foreign_cpu_secs: Some(0.0), processors: 2, clock_mhz: Some(3000.0), cached: Some(1.0) };
    save_results(saved.path(), "calm", calm);
    save_results(saved.path(), "loaded", Conditions { foreign_cpu_secs: Some(3.0), ..calm });
    let mut harness = lab(dir.path(), saved.path(), 0);
    wait(&mut harness, "the list", |app| app.state().lab.saved.is_some());
    let mut open = |name: &str| {
        harness.get_by_label(&format!("Open {name}")).scroll_to_me();
        harness.run_steps(6);
        click(&mut harness, &format!("Open {name}"));
        let shown = harness.state().state().lab.shown.as_ref().unwrap();
        assert!(has(&harness, &shown.verdict.clone()));
        (shown.verdict.clone(), shown.recommendation.is_some())
    };
    let (verdict, recommended) = open("loaded");
    assert!(verdict.starts_with("No verdict: other programs took") && !recommended, "{verdict}");
    let (verdict, recommended) = open("calm");
    assert!(verdict.contains("“Cores: 2 cores” is fastest, 1.99 (") && recommended, "{verdict}");
    assert!(has(&harness, "100 % of the files were in the file cache"));
    assert!(has(&harness, "fastest: median"), "the standing is part of the row");
}

#[test]
fn a_recommendation_of_the_results_is_applied() {
    let (dir, saved) = (photos(3), tempfile::tempdir().unwrap());
    let mut results = Results::new(10, 1000, "version = 1\n".to_owned());
    results.name = "clear".to_owned();
    let settings = lightloom::batch::Settings { io_threads: 4, cores: 2, ..Default::default() };
    for turn in 0..4 {
        for (id, secs) in [("sequential", 4.0), ("cores", 2.0)] {
            let totals = lightloom::batch::Totals {
                images: 10,
                done: 10,
                wall_secs: secs + 0.01 * f64::from(turn),
                lane_cpu_secs: 2.0,
                ..Default::default()
            };
            let settings = lightloom::batch::Settings { executor: find_executor(id).unwrap(), ..settings.clone() };
            results.runs.push(RunRecord::single(settings, totals));
        }
    }
    results.save(saved.path()).unwrap();
    let mut harness = lab(dir.path(), saved.path(), 3);
    wait(&mut harness, "the list", |app| app.state().lab.saved.is_some());
    harness.get_by_label("Open clear").scroll_to_me();
    harness.run_steps(6);
    click(&mut harness, "Open clear");
    assert_eq!(harness.state().state().settings.executor.id, "hybrid");
    click(&mut harness, "Apply the recommendation");
    assert_eq!(harness.state().state().settings.executor.id, "cores");
    assert!(has(&harness, "Runs now use Cores: 2 cores"));
    assert!(has(&harness, "(in use)"));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state().lab.tab, None, "Escape leads back to the pictures");
    assert_eq!(harness.state().state().pictures.len(), 3);
}

#[test]
fn a_recommendation_is_measured_and_applied() {
    let (dir, saved) = (photos(4), tempfile::tempdir().unwrap());
    let mut harness = lab(dir.path(), saved.path(), 4);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    choose(&mut harness, "Workers", "Recommend…");
    assert_eq!(harness.state().state().dialog, Some(Dialog::Recommendation));
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::CheckBox, "Recommend automatically at first use").click();
    harness.run_steps(3);
    assert!(harness.state().state().lab.recommend_first);
    button(&mut harness, "Measure");
    wait(&mut harness, "a proposal", |app| app.state().lab.proposal.is_some());
    let proposal = harness.state().state().lab.proposal.as_ref().unwrap().as_ref().unwrap().clone();
    assert!(!proposal.reason.is_empty() && has(&harness, &proposal.reason));
    let same = harness.state().state().settings.executor == proposal.settings.executor;
    if !same {
        button(&mut harness, "Apply");
        assert_eq!(harness.state().state().settings.executor, proposal.settings.executor);
        assert_eq!(harness.state().state().dialog, None);
    }
}
