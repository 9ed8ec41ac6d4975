//! The lessons in the window: every one by its name, one that is tried, one that is stopped.

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::gui::{Action, App, LabTab, LessonAction, LessonPage};
use lightloom::lab::lessons::{Conclusion, LESSONS, find_lesson};

use crate::driver::*;

/// A window in which the lessons are open.
fn lessons() -> Harness<'static, App> {
    let mut harness = window();
    choose(&mut harness, "View", "Lessons…");
    assert_eq!(harness.state().state().lab.tab, Some(LabTab::Lessons));
    harness.run_steps(3);
    harness
}

#[test]
fn every_lesson_has_its_card() {
    let mut harness = lessons();
    assert!(has(&harness, "use the sample photos"));
    for lesson in LESSONS {
        scroll_and_click(&mut harness, &format!("{}, not tried yet", lesson.title));
        assert_eq!(harness.state().state().lessons.page, LessonPage::Lesson(lesson.id));
        harness.get_by_role_and_label(Role::Button, &format!("Try: {}", lesson.title));
        for text in [lesson.claim, lesson.python.words, lesson.here.file] {
            assert!(has(&harness, text), "{}: {text}", lesson.id);
        }
        harness.get_by_role_and_label(Role::Link, "Python documentation");
        for other in lesson.shown_by() {
            harness.get_by_role_and_label(Role::Link, other.title);
        }
    }
}

#[test]
fn a_lesson_that_is_tried_says_what_it_predicted_and_what_it_showed() {
    let mut harness = lessons();
    button(&mut harness, "Try: Start and join");
    assert_eq!(harness.state().state().disabled_reason(&Action::Start), Some("Not while the lab is measuring."));
    let other = Action::Lesson(LessonAction::Try(LessonPage::Table));
    assert_eq!(harness.state().state().disabled_reason(&other), Some("A measurement is in progress."));
    wait(&mut harness, "the lesson", |app| app.state().lessons.trial.is_none());
    let outcome = harness.state().state().lessons.outcomes["start-join"].clone().unwrap();
    assert_eq!(outcome.conclusion, Conclusion::Held);
    assert!(has(&harness, &outcome.sentence));
    assert!(has(&harness, "About 2.50 times as long one after another as together"));
    assert!(has(&harness, "Started together, then joined: 5 lanes"), "the picture is described");
    assert!(has(&harness, "Start and join, held"), "the list has its mark");
    button(&mut harness, "Try: Start and join");
    wait(&mut harness, "the second time", |app| app.state().lessons.trial.is_none());
}

#[test]
fn a_lesson_that_is_stopped_keeps_nothing() {
    let mut harness = lessons();
    scroll_and_click(&mut harness, "Fetching many addresses, not tried yet");
    button(&mut harness, "Try: Fetching many addresses");
    wait(&mut harness, "a run", |app| app.state().lessons.trial.as_ref().is_some_and(|trial| trial.live.is_some()));
    harness.get_by_role_and_label(Role::Button, "Stop the lesson").click();
    harness.run_steps(3);
    wait(&mut harness, "the stop", |app| app.state().lessons.trial.is_none());
    assert!(has(&harness, "The lesson was stopped."));
    assert!(has(&harness, "Fetching many addresses, not tried yet"));
}

#[test]
fn help_leads_to_lessons() {
    let mut harness = window();
    choose(&mut harness, "Help", "Threads and Cores");
    harness.run_steps(6);
    let title = find_lesson("lost-updates").unwrap().title;
    harness.get_by_role_and_label(Role::Link, title).scroll_to_me();
    harness.run_steps(6);
    harness.get_by_role_and_label(Role::Link, title).click();
    harness.run_steps(8);
    assert_eq!(harness.state().state().dialog, None);
    assert_eq!(harness.state().state().lessons.page, LessonPage::Lesson("lost-updates"));
}

#[test]
fn the_comparison_is_measured_until_it_is_stopped() {
    let mut harness = lessons();
    scroll_and_click(&mut harness, "Threads and processes compared, not measured yet");
    button(&mut harness, "Try: Threads and processes compared");
    wait(&mut harness, "the first part", |app| {
        app.state().lessons.trial.as_ref().is_some_and(|trial| trial.step.is_some())
    });
    button(&mut harness, "Stop the lesson");
    wait(&mut harness, "the stop", |app| app.state().lessons.trial.is_none());
    assert!(harness.state().state().lessons.table.is_none());
}
