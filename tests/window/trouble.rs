//! What goes wrong during a run, and what follows it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use lightloom::batch::AfterRun;

use crate::driver::*;

/// A file system of its own; unmounted when dropped.
struct SmallDisk<'a>(&'a Path);

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).output();
    }
}

#[test]
fn a_full_disk_is_said_and_what_waits_for_it_can_be_given_up() {
    let (dir, out) = (photos(6), tempfile::tempdir().unwrap());
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4k", "tmpfs"]).arg(out.path()).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        return eprintln!("skipped: no file system can be mounted here");
    }
    let _disk = SmallDisk(out.path());
    std::fs::write(out.path().join("ballast"), [1; 4096]).unwrap();
    let mut harness = window_with(saving_to(out.path()));
    add_pictures(&mut harness, dir.path(), 6);
    button(&mut harness, "Start");
    let in_trouble = |app: &lightloom::gui::App| app.state().run.as_ref().is_some_and(|run| !run.troubles.is_empty());
    wait(&mut harness, "the trouble", in_trouble);
    assert!(has(&harness, "No space left in"), "what is wrong, and where");
    assert!(has(&harness, "waiting for space"));
    assert_inside(&harness, "a full disk");
    let begun = Instant::now();
    while harness.state().state().is_running() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        if harness.query_by_role_and_label(Role::Button, "Give Up These Pictures").is_some() {
            button(&mut harness, "Give Up These Pictures");
        }
        std::thread::sleep(Duration::from_millis(10));
        harness.step();
    }
    assert_eq!(harness.state().state().summary.as_ref().unwrap().totals.failed, 6);
}

#[test]
fn what_follows_a_run_is_chosen_in_the_queue_menu() {
    let (dir, out) = (photos(2), tempfile::tempdir().unwrap());
    let mut harness = window_with(saving_to(out.path()));
    let open = |harness: &mut egui_kittest::Harness<'_, lightloom::gui::App>| {
        button(harness, "Queue");
        harness.get_by_label("After the Run").hover();
        harness.run_steps(4);
    };
    open(&mut harness);
    button(&mut harness, "Notify Me");
    assert_eq!(harness.state().state().after_run, AfterRun::Notify);
    press(&mut harness, egui::Modifiers::NONE, egui::Key::Escape);
    press(&mut harness, egui::Modifiers::NONE, egui::Key::Escape);
    open(&mut harness);

    harness.get_by_role_and_label(Role::TextInput, "Command after the run").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::TextInput, "Command after the run").type_text("touch {folder}");
    press(&mut harness, egui::Modifiers::NONE, egui::Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().state().after_run.to_string(), "touch {folder}");
    press(&mut harness, egui::Modifiers::NONE, egui::Key::Escape);
    press(&mut harness, egui::Modifiers::NONE, egui::Key::Escape);
    add_pictures(&mut harness, dir.path(), 2);
    run_to_end(&mut harness);
    std::thread::sleep(Duration::from_millis(200));
    harness.run_steps(3);
    assert!(!has(&harness, "was to follow"), "it worked");
}
