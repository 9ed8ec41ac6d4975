//! Which files of a folder are processed, and what is said of the others.

use std::fs;

use super::runs::{photo, save};
use super::{code, ended, lightloom, results, text};

#[test]
fn what_is_left_out_is_said_and_can_be_included() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    save(&input.join("a.jpg"), photo(32, 24, 1));
    save(&input.join("b.png"), photo(32, 24, 2));
    fs::rename(input.join("b.png"), input.join("untitled")).unwrap();
    for name in ["a.xmp", "b.xmp", "notes.txt"] {
        fs::write(input.join(name), "x").unwrap();
    }
    let run = |args: &[&str]| {
        let mut command = lightloom(dir.path());
        command.args(["process", "in", "--format", "png"]).args(args);
        let output = ended(command);
        assert_eq!(code(&output), 0, "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let said = run(&["--out", "named"]);
    assert!(said.contains("were left out: 2 .xmp, 1 without an extension, 1 .txt; --all-files looks into"), "{said}");
    assert_eq!(results(&dir.path().join("named")), 1);
    let said = run(&["--out", "all", "--all-files"]);
    assert!(said.contains("were left out: 2 .xmp, 1 .txt; they are no pictures"), "{said}");
    assert_eq!(results(&dir.path().join("all")), 2);
}
