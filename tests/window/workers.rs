//! The Workers menu: executors, queue, time limit, priority, limits, simulated source.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::{Priority, SlowSource};
use lightloom::codec::Limits;

use crate::driver::*;

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
fn every_executor_has_an_entry_and_processes_are_described_as_safe() {
    let mut harness = window();
    choose(&mut harness, "Workers", "Processes");
    let settings = &harness.state().state().settings;
    assert_eq!(settings.executor.id, "processes");
    assert!(settings.executor.help.contains("safe choice"));
}

#[test]
fn queue_time_limit_and_priority_are_set() {
    let mut harness = window();
    button(&mut harness, "Workers");
    for (name, text) in [("Queue length", "7"), ("Time limit per picture", "9")] {
        harness.get_by_role_and_label(Role::SpinButton, name).click();
        harness.run_steps(3);
        harness.get_by_role_and_label(Role::SpinButton, name).type_text(text);
        press(&mut harness, Modifiers::NONE, Key::Enter);
    }
    let settings = &harness.state().state().settings;
    assert_eq!((settings.queue, settings.time_limit_secs), (Some(7), 9));
    harness.get_by_label("Priority").hover();
    harness.run_steps(4);
    button(&mut harness, "Low Priority");
    assert_eq!(harness.state().state().settings.priority, Priority::Low);
}

#[test]
fn a_simulated_source_is_labelled_wherever_it_matters() {
    let (dir, out) = (photos(2), tempfile::tempdir().unwrap());
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 2);
    assert!(!has(&harness, "simulated source"));
    button(&mut harness, "Workers");
    harness.get_by_label("Simulated Source").hover();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::CheckBox, "Simulate a slow source").click();
    harness.run_steps(4);
    let source = SlowSource { latency_ms: 50, mib_per_sec: None };
    assert_eq!(harness.state().state().settings.slow_source, Some(source));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(has(&harness, "simulated source: 50 ms latency"), "in the strip at the bottom");
    run_to_end(&mut harness);
    click(&mut harness, "Timeline");
    assert!(has(&harness, "(simulated source: 50 ms latency)"), "above the timeline");
    click(&mut harness, "Threads");
    run_to_end(&mut harness);
    assert!(has(&harness, "(simulated source): "), "beside the bar of the comparison");
}

#[test]
fn limits_are_set_and_reset() {
    let mut harness = window();
    button(&mut harness, "Workers");
    harness.get_by_label("Limits").hover();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::SpinButton, "Frames or pages").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::SpinButton, "Frames or pages").type_text("20000");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    // more than the usual, so that tests beside this one are not refused anything
    assert_eq!(harness.state().state().settings.limits, Limits { frames: 20_000, ..Limits::default() });
    button(&mut harness, "Reset Limits");
    assert_eq!(harness.state().state().settings.limits, Limits::default());
}
