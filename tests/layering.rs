//! The order of rooms: each may use those before it, never those beside or above.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

/// Each room with the rooms that it may know.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("picture", &[]),
    ("codec", &["picture"]),
    ("filter", &["picture"]),
    ("recipe", &["picture", "codec", "filter"]),
    ("batch", &["picture", "codec", "filter", "recipe"]),
    ("lab", &["picture", "codec", "filter", "recipe", "batch"]),
    ("cli", &["picture", "codec", "filter", "recipe", "batch", "lab"]),
    ("gui", &["picture", "codec", "filter", "recipe", "batch", "lab"]),
];

fn sources(folder: &Path, each: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, each);
        } else if path.extension().is_some_and(|e| e == "rs") {
            each(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn no_room_looks_sideways_or_up() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for (room, known) in MAY_KNOW {
        sources(&src.join(room), &mut |path, text| {
            for (number, line) in text.lines().enumerate() {
                for (at, _) in line.match_indices("crate::") {
                    let rest = &line[at + "crate::".len()..];
                    let used: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    let is_room = MAY_KNOW.iter().any(|(r, _)| *r == used);
                    if is_room {
                        seen += 1;
                        assert!(
                            used == *room || known.contains(&used.as_str()),
                            "{}:{}: {room} must not know {used}",
                            path.display(),
                            number + 1
                        );
                    }
                }
            }
        });
    }
    assert!(seen > 50, "the scan found only {seen} uses: it no longer sees them");
}

#[test]
fn every_room_is_in_the_order() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let rooms: Vec<&str> = lib.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(rooms.len(), MAY_KNOW.len());
    assert!(rooms.iter().all(|room| MAY_KNOW.iter().any(|(r, _)| r == room)));
}

#[test]
fn main_stays_a_doorway() {
    let main = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs")).unwrap();
    assert!(main.lines().count() < 80);
}
