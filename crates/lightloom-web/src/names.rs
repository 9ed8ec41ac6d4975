//! What a picture from the web is called: names come from strangers, and must not lead out of the folder for results.

use crate::Address;
use crate::address::percent_decoded;

/// Bytes of a name at most: file systems take 255, and results append to it.
const LONGEST: usize = 120;

/// The name of what an address leads to: the last part of its path, made safe.
pub fn name_of(address: &Address) -> String {
    let parts =
        address.path().split('/').rev().map(|part| String::from_utf8_lossy(&percent_decoded(part)).into_owned());
    let named = parts.map(|part| safe_name(&part)).find(|name| !name.is_empty());
    named.unwrap_or_else(|| safe_name(&address.host_name().replace([':', '[', ']'], "-")))
}

/// The name that a server proposes in `Content-Disposition`, made safe; `None` if there is none in it.
pub fn proposed_name(disposition: &str) -> Option<String> {
    let extended = parameter(disposition, "filename*").and_then(|value| {
        // charset'language'percent-encoded
        let mut parts = value.splitn(3, '\'');
        let (charset, text) = (parts.next()?, parts.nth(1)?);
        let bytes = percent_decoded(text);
        let encoding = encoding_rs::Encoding::for_label(charset.as_bytes())?;
        Some(encoding.decode(&bytes).0.into_owned())
    });
    let proposed = extended.or_else(|| parameter(disposition, "filename"))?;
    Some(safe_name(&proposed)).filter(|name| !name.is_empty())
}

/// A parameter of a header field; its value may be quoted.
fn parameter(field: &str, wanted: &str) -> Option<String> {
    let mut rest = field.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        if name.trim().trim_start_matches(';').trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = next.trim_start().trim_start_matches(';');
    }
}

/// What is within quotes, up to the closing one, and what follows.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            // A path of Windows is no escape; browsers read it so too.
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

/// A text as the name of a file: without folders, without characters that act or that file systems refuse, not hidden, and
/// of a length that leaves room. Empty if nothing is left.
pub fn safe_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_refused =
        |c: char| lightloom_param::is_active(c) || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\0');
    let cleaned: String = last.chars().map(|c| if is_refused(c) { '_' } else { c }).collect();
    let cleaned = cleaned.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    let (stem, extension) = match cleaned.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 8 => (stem, Some(extension)),
        _ => (cleaned, None),
    };
    let room = LONGEST - extension.map_or(0, |extension| extension.len() + 1);
    let stem = &stem[..stem.floor_char_boundary(room)];
    extension.map_or_else(|| stem.to_owned(), |extension| format!("{stem}.{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_addresses_stay_in_their_folder() {
        for (address, expected) in [
            ("https://e.org/a/photo.jpg?w=100", "photo.jpg"),
            ("https://e.org/a/", "a"),
            ("https://e.org/", "e.org"),
            ("http://[::1]:80/", "---1-"),
            ("https://e.org/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "passwd"),
            ("https://e.org/..%5c..%5cboot.ini", "boot.ini"),
            ("https://e.org/C%3A%5Cb.jpg", "b.jpg"),
            ("https://e.org/%2ebashrc", "bashrc"),
            ("https://e.org/a%00b%1b%5b2J.jpg", "a_b_[2J.jpg"),
            ("https://e.org/h%C3%BCtte.jpg", "hütte.jpg"),
        ] {
            assert_eq!(name_of(&Address::parse(address).unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn proposed_names_are_read_and_made_safe() {
        for (disposition, expected) in [
            ("attachment; filename=\"photo.jpg\"", Some("photo.jpg")),
            ("inline;FILENAME=photo.jpg;size=3", Some("photo.jpg")),
            ("attachment; filename=\"a;b=c.jpg\"", Some("a;b=c.jpg")),
            ("attachment; filename=\"x.jpg\"; filename*=UTF-8''h%C3%BCtte.jpg", Some("hütte.jpg")),
            ("attachment; filename*=iso-8859-1'de'h%FCtte.jpg", Some("hütte.jpg")),
            ("attachment; filename=\"../../etc/passwd\"", Some("passwd")),
            ("attachment; filename=\"..\"", None),
            ("attachment; filename=\"\"", None),
            ("attachment", None),
            ("attachment; filename", None),
        ] {
            assert_eq!(proposed_name(disposition).as_deref(), expected, "{disposition}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = safe_name(&format!("{}.jpg", "ü".repeat(400)));
        assert!(name.len() <= LONGEST && name.ends_with("ü.jpg"), "{name}");
    }
}
