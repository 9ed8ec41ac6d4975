//! What the compiler cannot see of the order of the crates. Which of them knows which is in their `Cargo.toml`.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

/// Part of the sources, words that its code must not hold, and why.
const MUST_LACK: &[(&str, &[&str], &str)] = &[
    ("src/cli", &["crate::gui", "egui"], "the command line runs without a window"),
    ("src/cli", &["print!", "println!"], "the macros panic where a stream is full or closed; console.rs does not"),
    ("src/cli", &[".display()"], "names are shown by lightloom_param::shown"),
    ("src/gui", &["crate::cli", "println!"], "the window knows no command line"),
    ("src/gui", &[".display()"], "names are shown by lightloom_param::shown"),
    ("crates/lightloom-param/src", &["std::fs", "std::thread", "println!"], "parameters are data"),
    ("crates/lightloom-picture/src", &["std::fs", "std::thread", "println!"], "a picture is a value in memory"),
    ("crates/lightloom-archive/src", &["std::fs", "std::thread", "println!"], "an archive is bytes"),
    ("crates/lightloom-jpeg/src", &["std::fs", "std::thread", "println!"], "a format knows bytes and samples alone"),
    ("crates/lightloom-codec/src", &["std::fs", "std::thread", "println!"], "codecs read and return bytes"),
    ("crates/lightloom-filter/src", &["std::fs", "std::thread", "println!"], "filters see pixels alone"),
    ("crates/lightloom-recipe/src", &["std::fs", "std::thread", "println!"], "a recipe is a value"),
    ("crates/lightloom-batch/src", &["println!"], "the engine reports, front ends print"),
    ("crates/lightloom-journal/src", &["println!"], "journals are read and written, front ends print"),
    ("crates/lightloom-journal/src", &[".display()"], "names are shown by lightloom_param::shown"),
    ("crates/lightloom-watch/src", &["println!", ".display()"], "a watch reports, front ends print"),
    ("crates/lightloom-web/src", &["println!", ".display()"], "what is fetched is returned, front ends print"),
    ("crates/lightloom-lab/src", &["println!"], "the lab reports, front ends print"),
    ("crates/lightloom-batch/src", &[".display()"], "names are shown by lightloom_param::shown"),
    ("crates/lightloom-lab/src", &[".display()"], "names are shown by lightloom_param::shown"),
];

/// A file that may use a word all the same, and why.
const EXCEPTIONS: [(&str, &str, &str); 1] = [(
    "formats/svg/mod.rs",
    "std::thread",
    "the renderer calls itself for each level of a drawing, on a stack of its own",
)];

fn sources(folder: &Path, each: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, each);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.to_string_lossy().ends_with("tests.rs") {
            each(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

/// The lines before the file's tests that are no comments, with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let is_test = |line: &str| line.contains("#[cfg(test)]") || line.contains("#[cfg(all(test,");
    lines.take_while(move |(_, line)| !is_test(line)).filter(|(_, line)| !line.trim().starts_with("//"))
}

#[test]
fn no_part_uses_what_it_must_not_know() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (part, words, why) in MUST_LACK {
        let mut lines = 0;
        sources(&root.join(part), &mut |path, text| {
            if path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs") {
                return;
            }
            for (number, line) in code(text) {
                lines += 1;
                let is_excepted =
                    |word: &str| EXCEPTIONS.iter().any(|(file, excepted, _)| path.ends_with(file) && *excepted == word);
                let found = words.iter().find(|word| line.contains(**word) && !is_excepted(word));
                assert!(found.is_none(), "{}:{number}: {why}: {line}", path.display());
            }
        });
        assert!(lines > 100, "{part}: only {lines} lines were seen");
    }
}

#[test]
fn every_crate_is_in_the_order() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates")).unwrap() {
        let source = format!("crates/{}/src", entry.unwrap().file_name().to_str().unwrap());
        assert!(MUST_LACK.iter().any(|(part, ..)| *part == source), "{source}: what must it lack?");
    }
}

#[test]
fn main_only_parses_and_hands_over() {
    let main = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs")).unwrap();
    assert!(main.lines().count() < 90);
}
