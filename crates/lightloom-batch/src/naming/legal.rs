//! Names that every common file system can hold: Linux, macOS and Windows, and disks that are carried between them.
//!
//! The rules are those of Windows ("Naming Files, Paths, and Namespaces"), which are the narrowest.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Most bytes of a file's or folder's name on common file systems.
const LONGEST: usize = 255;

/// What stands for a character that is not allowed.
const SUBSTITUTE: char = '_';

/// Names that Windows keeps for devices, with any extension.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Whether a character may not be part of a name. Those that change the direction of text are among them: they make a name
/// look like another.
pub(super) fn is_forbidden(c: char) -> bool {
    c.is_control() || "/\\:*?\"<>|".contains(c) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Replaces the characters that may not be part of a name.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains(is_forbidden) { Cow::Owned(text.replace(is_forbidden, "_")) } else { Cow::Borrowed(text) }
}

/// A name that every file system can hold and that leads to no other folder, with room for `reserve` more bytes. An empty
/// one becomes a substitute.
pub(super) fn component(text: &str, reserve: usize) -> String {
    let cleaned = clean(text);
    let mut name = cut(&cleaned, LONGEST.saturating_sub(reserve)).trim_end_matches(['.', ' ']).to_owned();
    if name.is_empty() || is_reserved(&name) {
        name.push(SUBSTITUTE);
    }
    name
}

/// A relative path of such names, as long as they are Unicode: no system that has others can tell what they should be
/// instead.
pub(super) fn path(path: &Path) -> PathBuf {
    let legal = |part: &OsStr| part.to_str().map_or_else(|| part.to_owned(), |part| component(part, 0).into());
    path.iter().map(legal).collect()
}

/// The longest beginning of at most `bytes` bytes that ends between two characters.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let numbered = |word: &str| {
        let rest = stem.get(..3).filter(|start| start.eq_ignore_ascii_case(word)).map(|_| &stem[3..]);
        rest.is_some_and(|rest| {
            matches!(rest, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        })
    };
    RESERVED.iter().any(|word| stem.eq_ignore_ascii_case(word)) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_legal_everywhere() {
        for (text, expected) in [
            ("holiday", "holiday"),
            ("Été 水", "Été 水"),
            ("10:30 a/b\\c*?\"<>|", "10_30 a_b_c______"),
            ("line\nbreak\x1b[31m", "line_break_[31m"),
            ("photo\u{202e}gpj", "photo_gpj"),
            ("dots...", "dots"),
            ("space. . ", "space"),
            ("..", "_"),
            (".", "_"),
            ("", "_"),
            (".hidden", ".hidden"),
            ("con", "con_"),
            ("NUL", "NUL_"),
            ("aux.tar", "aux.tar_"),
            ("Com1", "Com1_"),
            ("LPT³", "LPT³_"),
            ("com10", "com10"),
            ("console", "console"),
            ("cöm", "cöm"),
        ] {
            assert_eq!(component(text, 0), expected, "{text:?}");
        }
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let long = "水".repeat(100);
        let name = component(&long, 20);
        assert!(name.len() <= 235 && name.len() > 230 && long.starts_with(&name), "{}", name.len());
        assert_eq!(component(&"a".repeat(300), 0).len(), 255);
        assert_eq!(
            component(&format!("{}.{}", "a".repeat(234), "b".repeat(50)), 20),
            "a".repeat(234),
            "no dot at the end"
        );
    }
}
