//! The timeline of a run: lanes of each executor, zoom, comparison, export.

use std::fs;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::EXECUTORS;
use lightloom::gui::{Dialog, TimeView};

use crate::driver::*;

fn loaded(
    out: &tempfile::TempDir,
    dir: &tempfile::TempDir,
    count: usize,
) -> egui_kittest::Harness<'static, lightloom::gui::App> {
    // High enough for all lanes.
    let mut harness = window_of_size([1024.0, 1000.0], saving_to(out.path()), None);
    add_pictures(&mut harness, dir.path(), count);
    choose(&mut harness, "View", "Timeline");
    harness
}

#[test]
fn every_executor_shows_its_lanes() {
    let (dir, out) = (photos(4), tempfile::tempdir().unwrap());
    let mut harness = loaded(&out, &dir, 4);
    let lanes = [
        ("sequential", vec!["Thread 1: "]),
        ("threads", vec!["Thread 1: ", "Thread 2: "]),
        ("cores", vec!["Core 1: "]),
        ("hybrid", vec!["Thread 1: ", "Core 1: "]),
        ("async", vec!["Request 1: ", "Core 1: "]),
        ("processes", vec!["Process 1: "]),
    ];
    assert_eq!(lanes.len(), EXECUTORS.len());
    for (id, names) in lanes {
        let executor = lightloom::batch::find_executor(id).unwrap();
        choose(&mut harness, "Workers", executor.title);
        press(&mut harness, Modifiers::NONE, Key::Escape);
        run_to_end(&mut harness);
        wait(&mut harness, "the figures", |app| {
            app.state().timelines.shown().is_some_and(|run| run.live.is_none() && !run.series.busy.is_empty())
        });
        let run = harness.state().state().timelines.shown().unwrap();
        assert_eq!(run.trace.settings.executor.id, id);
        assert!(run.sums.iter().flatten().sum::<u64>() > 0);
        for name in names {
            assert!(has(&harness, name), "{id}: {name}");
        }
        assert!(has(&harness, "computing "), "a lane says what it did with its time");
    }
    assert_eq!(harness.state().state().timelines.runs().len(), EXECUTORS.len());
    std::thread::sleep(std::time::Duration::from_millis(300));
    harness.run();
}

#[test]
fn the_timeline_is_zoomed_by_keys_and_buttons_and_fitted_again() {
    let (dir, out) = (photos(4), tempfile::tempdir().unwrap());
    let mut harness = loaded(&out, &dir, 4);
    run_to_end(&mut harness);
    button(&mut harness, "Zoom in (+)");
    let view = |harness: &egui_kittest::Harness<'_, lightloom::gui::App>| harness.state().state().timelines.view;
    assert!(matches!(view(&harness), TimeView::Range(..)));
    button(&mut harness, "Show the whole run (0)");
    assert_eq!(view(&harness), TimeView::Fit);
    harness.get_by_role(Role::Canvas).click();
    harness.run_steps(3);
    press(&mut harness, Modifiers::NONE, Key::Plus);
    let TimeView::Range(from, to) = view(&harness) else { panic!("{:?}", view(&harness)) };
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    let TimeView::Range(later, _) = view(&harness) else { panic!("{:?}", view(&harness)) };
    assert!(later > from && later < to);
    let current = harness.state().state().pictures.current_index();
    assert_eq!(current, Some(0), "arrows in the timeline do not choose pictures");
    press(&mut harness, Modifiers::NONE, Key::Num0);
    assert_eq!(view(&harness), TimeView::Fit);
}

#[test]
fn two_runs_share_an_axis_and_other_pictures_start_afresh() {
    let (dir, out) = (photos(4), tempfile::tempdir().unwrap());
    let mut harness = loaded(&out, &dir, 4);
    harness.set_size(egui::vec2(1280.0, 960.0));
    harness.run_steps(3);
    for choice in ["Threads", "Both"] {
        click(&mut harness, choice);
        run_to_end(&mut harness);
    }
    harness.get_by_role_and_label(Role::ComboBox, "Compare with another run").click();
    harness.run_steps(3);
    harness.get_by(|n| n.label().is_some_and(|l| l.starts_with("Run 1: Threads")) && n.role() == Role::Button).click();
    harness.run_steps(4);
    let timelines = &harness.state().state().timelines;
    let (shown, other) = (timelines.shown().unwrap(), timelines.other().unwrap());
    assert_eq!((shown.id, other.id), (2, 1));
    assert!(has(&harness, "Run 2: Both") && has(&harness, "Run 1: Threads"));

    press(&mut harness, Modifiers::COMMAND, Key::T);
    assert!(!has(&harness, "Thread 1: computing"), "the panel is hidden");
    press(&mut harness, Modifiers::COMMAND, Key::T);
    let more = photos(1);
    add_pictures(&mut harness, more.path(), 5);
    run_to_end(&mut harness);
    assert_eq!(harness.state().state().timelines.runs().len(), 1);
}

#[test]
fn the_timeline_is_exported_as_a_trace_that_parses() {
    let (dir, out) = (photos(3), tempfile::tempdir().unwrap());
    let mut harness = loaded(&out, &dir, 3);
    let why = harness.state().state().disabled_reason(&lightloom::gui::Action::ExportTimeline);
    assert!(why.is_some_and(|why| why.contains("first run")));
    run_to_end(&mut harness);
    let target = tempfile::tempdir().unwrap();
    harness.state_mut().ask_in_window(lightloom::gui::PathPurpose::SaveTimeline);
    harness.run_steps(3);
    assert!(matches!(harness.state().state().dialog, Some(Dialog::Path(_))));
    let path = target.path().join("trace");
    harness
        .get_by_role_and_label(Role::TextInput, "Path of the new timeline file")
        .type_text(&path.display().to_string());
    harness.run_steps(3);
    button(&mut harness, "Export");
    let file = path.with_extension("json");
    wait(&mut harness, "the file", |app| {
        app.state().notice.as_ref().is_some_and(|n| n.text.starts_with("Saved the timeline"))
    });
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let events = json["traceEvents"].as_array().unwrap();
    assert!(events.iter().filter(|e| e["ph"] == "X").count() >= 3 * 5, "five stages a picture");

    harness.state_mut().ask_in_window(lightloom::gui::PathPurpose::SaveTimeline);
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::TextInput, "Path of the new timeline file").type_text("/no/such/place/x.json");
    harness.run_steps(3);
    button(&mut harness, "Export");
    wait(&mut harness, "the reason", |app| {
        app.state().notice.as_ref().is_some_and(|n| n.text.contains("could not be saved"))
    });
}
