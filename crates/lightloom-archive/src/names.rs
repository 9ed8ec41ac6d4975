//! Names of members, which come from whoever made the archive: made relative, harmless and distinct.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Which character stands between folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    Slash,
    /// Some programs on Windows write backslashes.
    SlashOrBackslash,
}

/// A member's name as a relative path: without a drive, a root, parts that lead upwards, and characters that end a name.
/// `None` if nothing is left.
pub fn relative(name: &[u8], separator: Separator) -> Option<PathBuf> {
    let is_separator = |byte: &u8| *byte == b'/' || (separator == Separator::SlashOrBackslash && *byte == b'\\');
    let is_drive = |part: &[u8]| matches!(part, [letter, b':'] if letter.is_ascii_alphabetic());
    let mut path = PathBuf::new();
    for part in name.split(is_separator) {
        if part.is_empty() || part == b"." || part == b".." || is_drive(part) {
            continue;
        }
        let part: Vec<u8> = part.iter().map(|byte| if *byte == 0 { b'_' } else { *byte }).collect();
        path.push(Path::new(&os_string(part)).file_name()?);
    }
    (!path.as_os_str().is_empty()).then_some(path)
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

/// Of what is not Unicode, other systems have no names. What is a separator there becomes part of the name.
#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).replace(['\\', ':'], "_").into()
}

/// Gives members with a name that an earlier one has another, so that each can be told from the others.
#[derive(Debug, Default)]
pub struct Distinct(HashSet<PathBuf>);

impl Distinct {
    /// The path itself, or with a number.
    pub fn path(&mut self, path: PathBuf) -> PathBuf {
        if self.0.insert(path.clone()) {
            return path;
        }
        let stem = path.file_stem().unwrap_or_default();
        let numbered = (2_u32..).map(|number| {
            let mut name = stem.to_owned();
            name.push(format!("-{number}"));
            if let Some(extension) = path.extension() {
                name.push(".");
                name.push(extension);
            }
            path.with_file_name(name)
        });
        let mut free = numbered.filter(|path| self.0.insert(path.clone()));
        free.next().unwrap_or(path)
    }
}

/// The characters from 0x80 of code page 437, in which zip has names that are not marked as Unicode.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Text in code page 437.
pub fn from_cp437(bytes: &[u8]) -> String {
    let upper: Vec<char> = CP437.chars().collect();
    let decoded = |byte: &u8| match byte.checked_sub(0x80) {
        None => char::from(*byte),
        Some(at) => upper.get(usize::from(at)).copied().unwrap_or('_'),
    };
    bytes.iter().map(decoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_elsewhere() {
        let path = |name: &str| relative(name.as_bytes(), Separator::SlashOrBackslash);
        for (name, expected) in [
            ("a.jpg", "a.jpg"),
            ("../../etc/a.jpg", "etc/a.jpg"),
            ("/etc/a.jpg", "etc/a.jpg"),
            ("C:\\Windows\\a.jpg", "Windows/a.jpg"),
            ("\\\\server\\share\\a.jpg", "server/share/a.jpg"),
            ("a/./b/../c.jpg", "a/b/c.jpg"),
            ("a\0b.jpg", "a_b.jpg"),
        ] {
            assert_eq!(path(name), Some(expected.into()), "{name:?}");
        }
        for nothing in ["", "/", "..", "../..", "C:", "./"] {
            assert_eq!(path(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn equal_names_get_numbers() {
        let mut distinct = Distinct::default();
        let names = ["a/b.jpg", "a/b.jpg", "a/b-2.jpg", "a/b.jpg", "b.jpg", "a/c", "a/c"];
        let given: Vec<PathBuf> = names.iter().map(|name| distinct.path(name.into())).collect();
        let expected = ["a/b.jpg", "a/b-2.jpg", "a/b-2-2.jpg", "a/b-3.jpg", "b.jpg", "a/c", "a/c-2"];
        assert_eq!(given, expected.map(PathBuf::from));
    }

    #[test]
    fn code_page_437_is_that_of_the_table() {
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(from_cp437(b"\x84rger \xe1 \xff"), "ärger ß \u{a0}");
    }
}
