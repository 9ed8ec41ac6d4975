//! Standard output and standard error that are full, closed, or no longer read.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use super::runs::folder;
use super::{code, ended, lightloom, results, text};

/// A device on which every write fails for want of space.
fn full() -> Option<File> {
    let device = Path::new("/dev/full");
    if !device.exists() {
        eprintln!("skipped: this system has no /dev/full");
        return None;
    }
    Some(File::options().write(true).open(device).unwrap())
}

/// Three pictures and a file that is none.
fn photos(dir: &Path) {
    let photos = folder(dir, 3, 64, 48);
    fs::write(photos.join("broken.jpg"), "no picture").unwrap();
}

#[test]
fn a_full_log_costs_no_picture() {
    let Some(full) = full() else { return };
    let dir = tempfile::tempdir().unwrap();
    photos(dir.path());
    let mut command = lightloom(dir.path());
    command.args(["process", "photos", "gone", "--out", "out", "--json"]).stdin(Stdio::null());
    let output = command.stderr(full).output().unwrap();
    assert_eq!((code(&output), results(&dir.path().join("out"))), (1, 3));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["totals"]["done"], 3);
}

#[test]
fn a_result_that_cannot_be_written_is_an_error_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    photos(dir.path());
    for args in [
        &["process", "photos", "--out", "a", "--json"][..],
        &["process", "photos", "--out", "b"],
        &["process", "photos", "--explain"],
        &["process", "photos", "--explain", "--json"],
        &["filters"],
        &["filters", "--json"],
        &["formats"],
        &["formats", "--json"],
        &["presets"],
        &["lessons"],
        &["--help"],
        &["--version"],
    ] {
        let Some(full) = full() else { return };
        let output = lightloom(dir.path()).args(args).stdin(Stdio::null()).stdout(full).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(code(&output), 3, "{args:?}: {said}");
        assert!(!said.contains("panicked"), "{args:?}: {said}");
        assert!(args[0].starts_with("--") || said.contains("cannot be written to standard output"), "{args:?}: {said}");
    }
    assert_eq!(
        (results(&dir.path().join("a")), results(&dir.path().join("b"))),
        (3, 3),
        "the pictures are processed all the same"
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 3, 64, 48);
    for args in [
        &["process", "photos", "--out", "a", "--json"][..],
        &["process", "photos", "--out", "b"],
        &["process", "photos", "--explain"],
        &["filters"],
        &["formats", "--json"],
        &["presets"],
        &["lessons"],
        &["--help"],
    ] {
        let mut command = lightloom(dir.path());
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = text(&output.stderr);
        assert_eq!((code(&output), said.contains("standard output")), (0, false), "{args:?}: {said}");
    }
    assert_eq!((results(&dir.path().join("a")), results(&dir.path().join("b"))), (3, 3));
}

#[test]
fn closed_streams_cost_no_picture() {
    let dir = tempfile::tempdir().unwrap();
    photos(dir.path());
    for closed in [">&-", "2>&-", ">&- 2>&-", ">&- 2>&- <&-"] {
        let out = format!("out {closed}").replace(['>', '&', '<'], "");
        let mut command = lightloom(dir.path());
        let program = command.get_program().to_owned();
        command = {
            let mut shell = std::process::Command::new("sh");
            shell.arg("-c").arg(format!("exec \"$0\" process photos --out \"$1\" {closed}")).arg(program).arg(&out);
            shell.current_dir(dir.path());
            shell
        };
        let output = ended(command);
        assert_eq!((code(&output), results(&dir.path().join(&out))), (1, 3), "{closed}");
    }
}
