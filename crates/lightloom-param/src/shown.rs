//! How names and texts from outside are shown to people.
//!
//! A file may have any name, and a recipe may hold any text. Shown as they are, a line break forges a line of its own, an
//! escape sequence moves a terminal's cursor, and an override of the writing direction turns `gpj.exe` into `exe.jpg`.
//! So whatever is shown goes through here, and is escaped as in a Rust string where anything in it does more than stand
//! in its place. What needs no escape, which is nearly every name, is shown as it is, backslashes included.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write as _;

/// A name or path, in one line. Bytes that are not Unicode are shown as `\xff`.
pub fn shown<'a>(name: &'a (impl AsRef<OsStr> + ?Sized)) -> Cow<'a, str> {
    let name = name.as_ref();
    match name.to_str() {
        Some(text) => shown_text(text),
        None => Cow::Owned(escaped(name)),
    }
}

/// A text, in one line. Escaping what is escaped changes nothing.
pub fn shown_text(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_active) { Cow::Owned(escaped(OsStr::new(text))) } else { Cow::Borrowed(text) }
}

/// A text of several lines, of which each stays one.
pub fn shown_lines(text: &str) -> Cow<'_, str> {
    let is_active = |c: char| is_active(c) && c != '\n';
    if !text.chars().any(is_active) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split('\n').map(shown_text).collect::<Vec<_>>().join("\n"))
}

/// A text within HTML, between tags as well as in a quoted attribute.
pub fn shown_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in shown_text(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Every character that could not be typed as part of a plain word, and every backslash, so that the name can be told
/// from its escaped form.
fn escaped(name: &OsStr) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\n' | '\r' | '\t' => out.extend(c.escape_default()),
                c if is_active(c) => out.extend(c.escape_unicode()),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Whether a character does more than stand in its place: controls, line and paragraph separators, and what embeds,
/// overrides or isolates a writing direction (Unicode Standard Annex 9).
pub fn is_active(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_shown_as_they_are() {
        for name in ["a.jpg", "für Oma 1.png", "C:\\photos\\x.jpg", "日本.jpg", "שלום.jpg", "a\u{200d}b", "it's"]
        {
            assert!(matches!(shown(name), Cow::Borrowed(same) if same == name), "{name}");
        }
    }

    #[test]
    fn active_characters_are_escaped() {
        for (name, expected) in [
            ("a\nfailed: b.jpg", "a\\nfailed: b.jpg"),
            ("\u{1b}[2Jx\r\t", "\\u{1b}[2Jx\\r\\t"),
            ("exe.\u{202e}gpj", "exe.\\u{202e}gpj"),
            ("a\u{2066}b\u{2069}\u{2029}", "a\\u{2066}b\\u{2069}\\u{2029}"),
            ("c1 \u{9b}31m", "c1 \\u{9b}31m"),
            ("back\\slash\u{7f}", "back\\\\slash\\u{7f}"),
        ] {
            assert_eq!(shown(name), expected);
            assert_eq!(shown_text(expected), expected, "escaping what is escaped changes nothing");
            assert!(!shown(name).chars().any(is_active));
        }
        assert_eq!(shown_lines("one\n\u{1b}two\\"), "one\n\\u{1b}two\\\\");
        assert_eq!(shown_html("<a href='x'>\"&\n"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\\n");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_unicode_can_be_told_from_their_escapes() {
        use std::os::unix::ffi::OsStrExt as _;
        assert_eq!(shown(OsStr::from_bytes(b"a\xff\\x\xfe.jpg")), "a\\xff\\\\x\\xfe.jpg");
    }
}
