//! Texts that travel beside Exif, XMP and IPTC: the keyed texts of PNG, and the comments of JPEG and GIF.

use serde::{Deserialize, Serialize};

/// A text with what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TextEntry {
    /// What it is about: one of PNG's keywords ("Title", "Author", "Comment"), or any other, as "parameters", "prompt" and
    /// "workflow" of image generators. The comments of JPEG and GIF, which have none, count as "Comment".
    pub keyword: String,
    /// Language tag (RFC 5646); empty if not stated.
    pub language: String,
    /// The keyword in that language; may be empty.
    pub translated_keyword: String,
    pub text: String,
    /// Whether the file holds it compressed; readers that do not inflate rely on texts that are not.
    pub compressed: bool,
}

impl TextEntry {
    /// The keyword of plain comments.
    pub const COMMENT: &'static str = "Comment";

    /// A text without a language.
    pub fn new(keyword: impl Into<String>, text: impl Into<String>) -> Self {
        Self { keyword: keyword.into(), text: text.into(), ..Self::default() }
    }

    /// A comment whose bytes are UTF-8, or else Latin-1; `None` if they are no text.
    pub fn comment(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().rposition(|byte| *byte != 0)? + 1;
        let bytes = &bytes[..end];
        let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..);
        bytes.iter().all(is_text).then(|| Self::new(Self::COMMENT, utf8_or_latin1(bytes)))
    }

    /// Whether it is a plain comment.
    pub fn is_comment(&self) -> bool {
        self.keyword.eq_ignore_ascii_case(Self::COMMENT)
    }

    /// Bytes that it takes in memory, nearly.
    pub const fn bytes(&self) -> usize {
        self.keyword.len() + self.language.len() + self.translated_keyword.len() + self.text.len()
    }
}

/// Bytes as text: UTF-8 if they are valid in it, else Latin-1.
pub fn utf8_or_latin1(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| latin1(bytes), str::to_owned)
}

/// Latin-1 as text.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// A text in Latin-1; `None` if it has other characters.
pub fn to_latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_decoded_and_binary_ones_refused() {
        let text = |bytes: &[u8]| TextEntry::comment(bytes).map(|entry| entry.text);
        assert_eq!(text("Grüße 水\0".as_bytes()).as_deref(), Some("Grüße 水"));
        assert_eq!(text(b"Gr\xfc\xdfe").as_deref(), Some("Grüße"));
        assert_eq!(text(b"\x01\x02\x00\x03"), None);
        assert_eq!((text(b""), text(b"\0\0")), (None, None));
        assert_eq!(to_latin1("Grüße").as_deref(), Some(&b"Gr\xfc\xdfe"[..]));
        assert_eq!(to_latin1("水"), None);
    }
}
