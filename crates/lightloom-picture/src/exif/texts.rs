//! Texts in Exif blocks that are not in ASCII: the user comment, and what Windows writes.

use super::{Exif, Field};

pub(super) const USER_COMMENT: u16 = 0x9286;

impl Exif {
    /// Sets the user comment if there is none, or an empty one: in ASCII, else in UTF-16. Returns whether it was set.
    pub fn offer_user_comment(&mut self, text: &str) -> bool {
        let is_empty = |field: &Field| field.data.iter().skip(8).all(|byte| matches!(byte, 0 | b' '));
        if !self.exif.get(&USER_COMMENT).is_none_or(is_empty) {
            return false;
        }
        let data = if text.is_ascii() {
            [b"ASCII\0\0\0", text.as_bytes()].concat()
        } else {
            // Big-endian whatever the block is, as the programs that read it expect.
            b"UNICODE\0".iter().copied().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()
        };
        self.exif.insert(USER_COMMENT, Field { kind: 7, data, offset: None });
        true
    }
}

/// The value of a tag as text.
pub(super) fn text_of(tag: u16, field: &Field) -> String {
    match tag {
        // Windows writes UTF-16, always little-endian.
        0x9c9b..=0x9c9f => utf16(&field.data, u16::from_le_bytes),
        USER_COMMENT => match field.data.split_first_chunk::<8>() {
            // In either order, as programs differ; the wrong one gives no place.
            Some((b"UNICODE\0", text)) => utf16(text, u16::from_be_bytes) + &utf16(text, u16::from_le_bytes),
            Some((_, text)) => String::from_utf8_lossy(text).into_owned(),
            None => String::new(),
        },
        _ => String::from_utf8_lossy(&field.data).into_owned(),
    }
}

pub(super) fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_set_once_and_read_in_either_order() {
        let mut exif = Exif::default();
        assert!(exif.offer_user_comment("") && exif.offer_user_comment("Grüße") && !exif.offer_user_comment("no"));
        let field = &exif.exif[&USER_COMMENT];
        assert_eq!(&field.data[..12], b"UNICODE\0\0G\0r");
        assert!(text_of(USER_COMMENT, field).starts_with("Grüße"));
        let windows = Field { kind: 1, data: b"a\0b\0".to_vec(), offset: None };
        assert_eq!(text_of(0x9c9c, &windows), "ab");
    }
}
