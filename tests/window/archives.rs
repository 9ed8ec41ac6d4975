//! Results in archives: chosen in the export settings, said beside Start, written and remembered.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs::File;
use std::path::Path;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lightloom::archive::{Format, list};
use lightloom::gui::{App, Dialog, Options, PathPurpose};

use super::driver::*;

/// What is in an archive.
fn members(path: &Path) -> Vec<String> {
    let listing = list(Format::of_name(path).unwrap(), File::open(path).unwrap()).unwrap();
    listing.members.iter().map(|member| member.path.to_string_lossy().into_owned()).collect()
}

fn place(harness: &Harness<'_, App>) -> String {
    harness.state().state().output.folder.as_ref().unwrap().to_string_lossy().into_owned()
}

#[test]
fn an_archive_is_chosen_and_its_kind_and_written() {
    let (dir, out) = (photos(3), tempfile::tempdir().unwrap());
    let mut harness = window();
    add_pictures(&mut harness, dir.path(), 3);
    open_export(&mut harness);
    assert!(!has(&harness, "Archive format"));
    assert!(harness.query_by_role_and_label(Role::RadioButton, "An archive").is_some());
    // What it asks for, where there is no file dialog.
    harness.state_mut().ask_in_window(PathPurpose::OutputArchive);
    harness.run_steps(5);
    let typed = out.path().join("pictures");
    type_into(&mut harness, Role::TextInput, "Path of the archive for results", &typed.to_string_lossy());
    harness.run_steps(5);
    assert_eq!(harness.state().state().dialog, Some(Dialog::ExportSettings));
    assert!(place(&harness).ends_with("pictures.zip"));
    assert!(harness.state().state().export_sentence().contains("pictures.zip"));
    select_entry(&mut harness, "Archive format", "WebDataset shards");
    assert!(place(&harness).ends_with("pictures.tar"));
    type_into(&mut harness, Role::SpinButton, "Shard size", "64");
    assert_eq!(harness.state().state().output.shard_bytes, Some(64 << 20));
    assert!(harness.state().state().export_sentence().contains("pictures.tar in shards of 64 MiB"));
    select_entry(&mut harness, "Archive format", "Tar");
    assert_eq!(harness.state().state().output.shard_bytes, None);
    assert!(!has(&harness, "Shard size"));
    // What is only read is said at once.
    let unusable = out.path().join("pictures.tar.gz");
    type_into(&mut harness, Role::TextInput, "Results", &unusable.to_string_lossy());
    assert!(has(&harness, "only read"));
    select_entry(&mut harness, "Archive format", "Zip");
    type_into(&mut harness, Role::TextInput, "Results", &out.path().join("pictures.zip").to_string_lossy());
    assert!(!has(&harness, "only read"));
    button(&mut harness, "Done");
    run_to_end(&mut harness);
    let archive = out.path().join("pictures.zip");
    assert_eq!(members(&archive), ["bild 0.png", "bild 2.png", "am Meer/bild 1.png"]);
    let state = harness.state().state();
    assert_eq!(state.summary.as_ref().unwrap().folder.as_deref(), Some(&*archive), "what Open Folder shows");
    assert!(state.notice.as_ref().unwrap().text.contains("pictures.zip"));
    assert_eq!(files_below(out.path()), [archive]);
}

#[test]
fn each_kind_of_archive_is_written() {
    for (name, shard_bytes, written) in
        [("a.zip", None, "a.zip"), ("a.tar", None, "a.tar"), ("a.tar", Some(1 << 20), "a-000000.tar")]
    {
        let (dir, out) = (photos(2), tempfile::tempdir().unwrap());
        let mut harness = window_with(saving_to(&out.path().join(name)));
        add_pictures(&mut harness, dir.path(), 2);
        if shard_bytes.is_some() {
            open_export(&mut harness);
            select_entry(&mut harness, "Archive format", "WebDataset shards");
            type_into(&mut harness, Role::SpinButton, "Shard size", "1");
            button(&mut harness, "Done");
        }
        assert_eq!(harness.state().state().output.shard_bytes, shard_bytes);
        run_to_end(&mut harness);
        assert_eq!(members(&out.path().join(written)).len(), 2, "{name}");
        assert_eq!(files_below(out.path()).len(), 1, "{name}");
    }
}

#[test]
fn an_archive_that_cannot_be_written_is_refused_before_anything_is_made() {
    let (dir, out) = (photos(1), tempfile::tempdir().unwrap());
    let mut harness = window_with(Options { output: Some(out.path().join("a.tgz")), ..Options::default() });
    add_pictures(&mut harness, dir.path(), 1);
    button(&mut harness, "Start");
    wait(&mut harness, "the reason", |app| app.state().notice.is_some() && !app.state().is_running());
    assert!(harness.state().state().notice.as_ref().unwrap().text.contains("name a .zip or .tar"));
    assert!(files_below(out.path()).is_empty());
    assert!(harness.query_by_label("Archive format").is_none(), "it is a part of the settings");
}
