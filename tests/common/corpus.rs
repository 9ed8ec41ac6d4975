//! The collection of test images beside the checkout, with its tables. It is for tests only and no part of the program.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where the collection lies: `LIGHTLOOM_CORPUS`, or beside the checkout. Where it is missing the test is skipped and
/// says so; with `LIGHTLOOM_REQUIRE_CORPUS`, as CI sets it, that is a failure.
pub fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("LIGHTLOOM_CORPUS").map_or(beside, PathBuf::from);
    if folder.join("expect.tsv").exists() {
        return Some(folder);
    }
    skipped(&format!("no corpus at {}", folder.display()));
    None
}

/// Says that a test is skipped, past the harness, which shows nothing of tests that pass; fails where it must not be.
pub fn skipped(why: &str) {
    assert!(std::env::var_os("LIGHTLOOM_REQUIRE_CORPUS").is_none(), "required, but {why}");
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    std::io::stderr().write_all(format!("SKIPPED {name}: {why}\n").as_bytes()).unwrap();
}

/// Rows of a table as maps from column to cell.
pub fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap().split('\t').collect();
    lines.map(|l| columns.iter().map(|c| (*c).to_owned()).zip(l.split('\t').map(str::to_owned)).collect()).collect()
}
