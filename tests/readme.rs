//! The README is true: its table of filters is the registry's, its commands exist.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use lightloom::cli::{filter_table, format_table, option_table};

/// The name of a table's marks, and what makes its content.
type Table = (&'static str, fn() -> String);

/// The tables that are written by the program itself.
const TABLES: [Table; 3] = [("filters", filter_table), ("formats", format_table), ("options", option_table)];

#[test]
fn the_tables_are_the_registries() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    for (name, content) in TABLES {
        let begin = format!("<!-- {name}: written by `LIGHTLOOM_WRITE_README=1 cargo test --test readme` -->\n");
        let text = fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(&begin).expect("README.md has the begin mark");
        let (table, after) = rest.split_once(&format!("<!-- end of {name} -->")).expect("README.md has the end mark");
        if std::env::var_os("LIGHTLOOM_WRITE_README").is_some() {
            fs::write(&path, format!("{before}{begin}{}<!-- end of {name} -->{after}", content())).unwrap();
        } else {
            assert_eq!(table, content(), "the table of {name} is stale; run the command that its mark names");
        }
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
