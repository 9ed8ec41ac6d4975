//! Names that fit: the stem gives way where a file system allows fewer bytes than a name has.

use std::ffi::{OsStr, OsString};

/// A name for a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fitted {
    pub name: OsString,
    /// Whether the stem lost its end.
    pub is_shortened: bool,
}

/// `stem` and `tail`, in at most `longest` bytes if the tail alone does not take them all.
pub(super) fn fitted(stem: &OsStr, tail: &OsStr, longest: usize) -> Fitted {
    let whole = stem.len() + tail.len();
    let most = longest.saturating_sub(tail.len());
    let short = if whole > longest { cut(stem, most) } else { OsString::new() };
    let is_shortened = !short.is_empty();
    let mut name = if is_shortened { short } else { stem.to_owned() };
    name.push(tail);
    Fitted { name, is_shortened }
}

/// The beginning of a name up to the last whole character within `most` bytes.
fn cut(stem: &OsStr, most: usize) -> OsString {
    match stem.to_str() {
        Some(stem) => stem[..stem.floor_char_boundary(most)].trim_end().into(),
        None => cut_bytes(stem, most),
    }
}

#[cfg(unix)]
fn cut_bytes(stem: &OsStr, most: usize) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    let bytes = stem.as_bytes();
    // Bytes like these continue a character, whatever the others are.
    let is_continued = |byte: &u8| byte & 0xc0 == 0x80;
    let mut end = most.min(bytes.len());
    while bytes.get(end).is_some_and(is_continued) && end > 0 {
        end -= 1;
    }
    OsStr::from_bytes(&bytes[..end]).to_owned()
}

#[cfg(not(unix))]
fn cut_bytes(stem: &OsStr, most: usize) -> OsString {
    cut(OsStr::new(stem.to_string_lossy().as_ref()), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(stem: &str, tail: &str, longest: usize) -> (String, bool) {
        let fitted = fitted(stem.as_ref(), tail.as_ref(), longest);
        (fitted.name.into_string().unwrap(), fitted.is_shortened)
    }

    #[test]
    fn a_stem_is_cut_at_a_character() {
        assert_eq!(name("abcdef", "-2.jpg", 12), ("abcdef-2.jpg".into(), false));
        assert_eq!(name("abcdef", "-2.jpg", 11), ("abcde-2.jpg".into(), true));
        assert_eq!(name("abc éf", ".jpg", 9), ("abc.jpg".into(), true));
        assert_eq!(name("aé漢字", ".jpg", 12), ("aé漢.jpg".into(), true));
        assert_eq!(name("aé漢字", ".jpg", 13), ("aé漢字.jpg".into(), false).clone());
        assert_eq!(name("abc", "-suffix.jpg", 11), ("abc-suffix.jpg".into(), false), "nothing of it would be left");
        let long = "漢".repeat(85);
        let (short, is_shortened) = name(&long, "-12.jpeg", 255);
        assert!(is_shortened && short.len() <= 255 && short.len() > 255 - 3 && short.ends_with("漢-12.jpeg"));
    }

    #[cfg(unix)]
    #[test]
    fn a_stem_that_is_not_unicode_is_cut_too() {
        use std::os::unix::ffi::OsStrExt;
        let fitted = fitted(OsStr::from_bytes(b"ab\xff\xc3\xa9z"), OsStr::new(".x"), 6);
        assert_eq!(fitted.name.as_bytes(), b"ab\xff.x");
    }
}
