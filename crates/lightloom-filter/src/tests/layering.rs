//! A filter knows no other filter, and kernels know none: what filters share lies in `kernel`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Group;

/// Source files in a folder of the crate's sources.
fn sources(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// What a source says outside of its tests.
fn without_tests(source: &str) -> &str {
    source.split("#[cfg(test)]").next().unwrap_or_default()
}

#[test]
fn neither_filters_nor_kernels_know_a_filter() {
    let groups = Group::ALL.map(|group| group.title().to_lowercase());
    let mut scanned = 0;
    for folder in groups.iter().map(String::as_str).chain(["kernel"]) {
        for path in sources(folder) {
            let source = fs::read_to_string(&path).unwrap();
            for group in &groups {
                let known = [format!("crate::{group}::"), format!("crate::{{{group}")];
                let knows = known.iter().any(|known| without_tests(&source).contains(known));
                // siblings could be reached by way of the folder's module, too
                let knows = knows || without_tests(&source).contains("super::super");
                assert!(!knows, "{}: knows a filter of {group}", path.display());
            }
            let is_filter = folder != "kernel";
            assert!(!is_filter || !without_tests(&source).contains("super::"), "{}: super", path.display());
            scanned += 1;
        }
    }
    assert!(scanned > 100);
}
