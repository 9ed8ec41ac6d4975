//! The README is true: its table of filters is the registry's, its commands exist.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use lightloom::cli::filter_table;

const BEGIN: &str = "<!-- filters: written by `LIGHTLOOM_WRITE_README=1 cargo test --test readme` -->\n";
const END: &str = "<!-- end of filters -->";

#[test]
fn the_table_of_filters_is_the_registry() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("README.md has the begin mark");
    let (table, after) = rest.split_once(END).expect("README.md has the end mark");
    if std::env::var_os("LIGHTLOOM_WRITE_README").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{}{END}{after}", filter_table())).unwrap();
    } else {
        assert_eq!(table, filter_table(), "the table is stale; run the command that its mark names");
    }
}

#[test]
fn pictures_and_files_that_it_names_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut links = 0;
    for document in ["README.md", "ARCHITECTURE.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.starts_with("http") {
                links += 1;
                assert!(root.join(target).exists(), "{document} names {target}");
            }
        }
    }
    assert!(links > 3);
}
