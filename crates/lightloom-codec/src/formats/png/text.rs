//! The text chunks of PNG (third edition, 11.3.3): tEXt, zTXt and iTXt; among them the profiles that programs wrote as
//! hexadecimal digits before PNG had chunks for Exif data ("Raw profile type …").

use std::io::{Read, Write};

use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::shared::found::{Found, Kind};
use lightloom_picture::photoshop::{self, Resources};
use lightloom_picture::text::{latin1, to_latin1};
use lightloom_picture::{Metadata, TextEntry};

/// What all texts of a file may take, decompressed, in bytes.
const MOST_BYTES: usize = 64 << 20;
/// More texts than any file in earnest has.
const MOST_TEXTS: usize = 10_000;

/// Keyword of the text that holds XMP.
const XMP: &str = "XML:com.adobe.xmp";
/// How the keyword of a profile in digits begins.
const RAW_PROFILE: &str = "Raw profile type ";
/// How XMP begins that was taken from a JPEG segment as it is.
const XMP_SEGMENT: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// IPTC datasets begin with this mark (IPTC-NAA Information Interchange Model 4.2, 1.5).
const DATASET: u8 = 0x1c;

/// Texts, and what was found among them.
#[derive(Debug, Default)]
pub(super) struct Texts {
    found: Metadata,
    /// Bytes taken so far.
    bytes: usize,
    /// Whether some did not fit.
    cut: bool,
}

/// A chunk in its parts.
struct Chunk<'a> {
    keyword: &'a [u8],
    language: &'a [u8],
    translated: &'a [u8],
    text: &'a [u8],
    compressed: bool,
    international: bool,
}

impl<'a> Chunk<'a> {
    fn parse(kind: &[u8; 4], data: &'a [u8]) -> Option<Self> {
        let split = |data: &'a [u8]| {
            let end = data.iter().position(|byte| *byte == 0)?;
            Some((&data[..end], &data[end + 1..]))
        };
        let (keyword, rest) = split(data)?;
        let empty =
            Self { keyword, language: &[], translated: &[], text: rest, compressed: false, international: false };
        Some(match kind {
            b"tEXt" => empty,
            // A byte for the method, of which there is but one.
            b"zTXt" => Self { text: rest.strip_prefix(&[0])?, compressed: true, ..empty },
            _ => {
                let [flag, _method, rest @ ..] = rest else { return None };
                let (language, rest) = split(rest)?;
                let (translated, text) = split(rest)?;
                Self { language, translated, text, compressed: *flag == 1, international: true, ..empty }
            }
        })
    }
}

impl Texts {
    /// Takes a chunk; one that is damaged, or too large with the others, is left out and named.
    pub fn take(&mut self, kind: &[u8; 4], data: &[u8]) {
        let Some(chunk) = Chunk::parse(kind, data) else {
            let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
            return self.lose(&latin1(&data[..end]));
        };
        let room = MOST_BYTES.saturating_sub(self.bytes);
        let mut text = Vec::new();
        let is_whole = if chunk.compressed {
            ZlibDecoder::new(chunk.text).take(room as u64 + 1).read_to_end(&mut text).is_ok()
        } else {
            text.extend(&chunk.text[..chunk.text.len().min(room + 1)]);
            true
        };
        // What was unpacked in vain counts too, since it took its time.
        self.bytes += text.len();
        if text.len() > room || self.found.texts.len() == MOST_TEXTS {
            self.cut = true;
            return;
        }
        let keyword = latin1(chunk.keyword);
        // Of a damaged one nothing is sure.
        if !is_whole {
            return self.lose(&keyword);
        }
        if keyword == XMP {
            self.found.found(Kind::Xmp, text);
        } else if !self.profile(&keyword, &text) {
            let decode = |bytes: &[u8]| {
                if chunk.international { String::from_utf8_lossy(bytes).into_owned() } else { latin1(bytes) }
            };
            self.found.texts.push(TextEntry {
                keyword,
                language: latin1(chunk.language),
                translated_keyword: decode(chunk.translated),
                text: decode(&text),
                compressed: chunk.compressed,
            });
        }
    }

    /// Names a chunk that cannot be read, by what its keyword says that it holds.
    fn lose(&mut self, keyword: &str) {
        /// Longest keyword.
        const MOST: usize = 79;
        let kind = match keyword.strip_prefix(RAW_PROFILE).map(str::to_ascii_lowercase).as_deref() {
            Some("exif" | "app1") => Some(Kind::Exif),
            Some("xmp") => Some(Kind::Xmp),
            Some("icc" | "icm") => Some(Kind::Profile),
            Some("iptc") => Some(Kind::Iptc),
            Some("8bim") => Some(Kind::Photoshop),
            _ => (keyword == XMP).then_some(Kind::Xmp),
        };
        match kind {
            Some(kind) => self.found.found_damaged(kind),
            None => {
                let keyword: String = keyword.escape_debug().take(MOST).collect();
                self.found.lost_part(format!("the damaged text '{keyword}'"));
            }
        }
    }

    /// What was found.
    pub fn into_metadata(mut self) -> Metadata {
        if self.cut {
            self.found.lost(format!("texts beyond {} MiB or {MOST_TEXTS} texts", MOST_BYTES >> 20));
        }
        self.found
    }

    /// Takes a profile in digits; returns whether it was one of a known kind.
    fn profile(&mut self, keyword: &str, text: &[u8]) -> bool {
        let Some(kind) = keyword.strip_prefix(RAW_PROFILE) else { return false };
        let Some(data) = of_digits(text) else { return false };
        let found = &mut self.found;
        match kind.to_ascii_lowercase().as_str() {
            "exif" | "app1" | "xmp" => {
                if let Some(xmp) = data.strip_prefix(XMP_SEGMENT) {
                    found.found(Kind::Xmp, xmp.to_vec());
                } else if kind.eq_ignore_ascii_case("xmp") {
                    found.found(Kind::Xmp, data);
                } else {
                    let exif = data.strip_prefix(b"Exif\0\0").unwrap_or(&data);
                    if !(exif.starts_with(b"II*\0") || exif.starts_with(b"MM\0*")) {
                        return false;
                    }
                    found.found(Kind::Exif, exif.to_vec());
                }
            }
            "icc" | "icm" => found.found(Kind::Profile, data),
            "iptc" if data.first() == Some(&DATASET) => found.found(Kind::Iptc, data),
            "iptc" | "8bim" => {
                let resources = Resources::parse(&data);
                if resources.is_empty() {
                    return false;
                }
                found.found_among(resources);
            }
            _ => return false,
        }
        true
    }
}

/// A kind of chunk, and its data.
type Written = ([u8; 4], Vec<u8>);

/// The chunks for a picture's texts, XMP and IPTC, each with its kind; and the keywords of texts that PNG cannot hold.
pub(super) fn chunks(metadata: &Metadata) -> (Vec<Written>, Vec<&str>) {
    let (mut chunks, mut lost) = (Vec::new(), Vec::new());
    if let Some(xmp) = &metadata.xmp {
        // Uncompressed, since other programs look for it as it is.
        chunks.push((*b"iTXt", [XMP.as_bytes(), &[0; 5], xmp].concat()));
    }
    let mut resources = metadata.photoshop.as_deref().map(Resources::parse).unwrap_or_default();
    let kind = if metadata.iptc.is_some() { "iptc" } else { "8bim" };
    if let Some(iptc) = &metadata.iptc {
        resources.put(photoshop::IPTC, iptc);
    }
    if !resources.is_empty() {
        let keyword = format!("{RAW_PROFILE}{kind}\0").into_bytes();
        chunks.push((*b"tEXt", [keyword, digits(kind, &resources.to_block())].concat()));
    }
    for entry in &metadata.texts {
        match chunk(entry) {
            Some(chunk) => chunks.push(chunk),
            None => lost.push(entry.keyword.as_str()),
        }
    }
    (chunks, lost)
}

/// A text as a chunk: tEXt or zTXt where Latin-1 is enough, else iTXt.
fn chunk(entry: &TextEntry) -> Option<Written> {
    let keyword = to_latin1(&entry.keyword)?;
    let is_valid = (1..80).contains(&keyword.len()) && !keyword.iter().any(|byte| matches!(byte, 0..0x20 | 0x7f..0xa1));
    if !is_valid {
        return None;
    }
    let without_zero = |text: &str| text.replace('\0', "");
    let text = without_zero(&entry.text);
    let is_plain = entry.language.is_empty() && entry.translated_keyword.is_empty();
    let packed = |text: &[u8]| {
        if !entry.compressed {
            return Some(text.to_vec());
        }
        let mut packer = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(text).ok()?;
        packer.finish().ok()
    };
    match to_latin1(&text).filter(|_| is_plain) {
        Some(text) if entry.compressed => Some((*b"zTXt", [&keyword[..], &[0, 0], &packed(&text)?].concat())),
        Some(text) => Some((*b"tEXt", [&keyword[..], &[0], &text].concat())),
        None => {
            let (language, translated) = (without_zero(&entry.language), without_zero(&entry.translated_keyword));
            let flags = [0, u8::from(entry.compressed), 0];
            let parts = [
                &keyword[..],
                &flags,
                language.as_bytes(),
                &[0],
                translated.as_bytes(),
                &[0],
                &packed(text.as_bytes())?,
            ];
            Some((*b"iTXt", parts.concat()))
        }
    }
}

/// Bytes as text: what they are, how many, and hexadecimal digits in lines of 72.
fn digits(kind: &str, bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = format!("\n{kind}\n{:8}\n", bytes.len()).into_bytes();
    for line in bytes.chunks(36) {
        text.extend(line.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]));
        text.push(b'\n');
    }
    text
}

/// The bytes of such a text, as many as it states; what some writers leave behind them is ignored. If there are fewer, those
/// count, as with other readers.
fn of_digits(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let _name = lines.next()?;
    let length: usize = std::str::from_utf8(lines.next()?).ok()?.parse().ok()?;
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for byte in lines.flatten().filter(|byte| !byte.is_ascii_whitespace()) {
        if out.len() == length {
            break;
        }
        let digit = char::from(*byte).to_digit(16)? as u8;
        match high.take() {
            Some(high) => out.push(high << 4 | digit),
            None => high = Some(digit),
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut packer = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(data).unwrap();
        packer.finish().unwrap()
    }

    fn taken(chunks: &[([u8; 4], Vec<u8>)]) -> Texts {
        let mut texts = Texts::default();
        chunks.iter().for_each(|(kind, data)| texts.take(kind, data));
        texts
    }

    #[test]
    fn texts_of_every_kind_survive_the_round_trip() {
        let entry = |keyword: &str, text: &str| TextEntry::new(keyword, text);
        let metadata = Metadata {
            texts: vec![
                entry("parameters", "a cat, Steps: 20\nSeed: 42"),
                TextEntry { compressed: true, ..entry("Comment", &"zipped ".repeat(50)) },
                TextEntry {
                    language: "de".to_owned(),
                    translated_keyword: "Beschreibung".to_owned(),
                    ..entry("Description", "Grüße 水")
                },
                TextEntry { compressed: true, ..entry("prompt", "{\"水\": 1}") },
                entry("Title", "Grüße"),
            ],
            ..Metadata::default()
        };
        let (chunks, lost) = chunks(&metadata);
        assert!(lost.is_empty());
        let kinds: Vec<&[u8]> = chunks.iter().map(|(kind, _)| &kind[..]).collect();
        assert_eq!(kinds, [b"tEXt", b"zTXt", b"iTXt", b"iTXt", b"tEXt"]);
        assert_eq!(chunks[4].1, b"Title\0Gr\xfc\xdfe", "Latin-1 by the standard");
        assert_eq!(taken(&chunks).found.texts, metadata.texts);
        for keyword in ["", "水", "two\nlines", &"x".repeat(80)] {
            assert_eq!(
                super::chunks(&Metadata { texts: vec![entry(keyword, "text")], ..Metadata::default() }).1,
                [keyword]
            );
        }
    }

    #[test]
    fn profiles_in_digits_are_what_they_hold() {
        // As ImageMagick and exiftool write them: a name, a length, digits; plain or deflated.
        let of = |kind: &str, data: &[u8]| [format!("{RAW_PROFILE}{kind}\0").into_bytes(), digits(kind, data)].concat();
        let deflated = |kind: &str, data: &[u8]| {
            let text = [&b"\nIPTC profile\n"[..], &digits(kind, data)[2 + kind.len()..]].concat();
            [format!("{RAW_PROFILE}{kind}\0\0").into_bytes(), packed(&text)].concat()
        };
        let iptc: Vec<u8> = [DATASET, 2, 80].into_iter().chain(0..=255).collect();
        let mut resources = Resources::default();
        resources.put(0x040a, &[1]);
        let others = resources.to_block();
        resources.put(photoshop::IPTC, &iptc);
        let Texts { found: texts, .. } = taken(&[
            (*b"zTXt", deflated("exif", b"Exif\0\0II*\0data")),
            (*b"tEXt", of("iptc", &resources.to_block())),
            (*b"tEXt", of("APP1", &[XMP_SEGMENT, b"<x/>"].concat())),
            (*b"tEXt", of("icc", b"profile")),
            (*b"tEXt", of("odd", b"data")),
        ]);
        assert_eq!(texts.exif.as_deref(), Some(&b"II*\0data"[..]));
        assert_eq!((texts.iptc.as_deref(), texts.photoshop.as_deref()), (Some(&iptc[..]), Some(&others[..])));
        assert_eq!(texts.xmp.as_deref(), Some(&b"<x/>"[..]));
        assert_eq!(texts.icc.as_deref(), Some(&b"profile"[..]));
        assert_eq!(texts.texts.len(), 1, "what is not known stays a text");
        assert_eq!(taken(&[(*b"zTXt", deflated("iptc", &iptc))]).found.iptc, Some(iptc), "datasets alone");
        assert_eq!(of_digits(&[&digits("x", b"data"), &b"\n}}\xd1"[..]].concat()).as_deref(), Some(&b"data"[..]));
        assert!(digits("x", &[7; 99]).split(|b| *b == b'\n').all(|line| line.len() <= 72));
    }

    #[test]
    fn chunks_that_cannot_be_read_and_second_blocks_are_named() {
        let raw =
            |kind: &str, data: &[u8]| [format!("{RAW_PROFILE}{kind}\0").into_bytes(), digits(kind, data)].concat();
        let found = taken(&[
            (*b"zTXt", b"Comment\0\0no deflate".to_vec()),
            (*b"zTXt", b"Author\0\x07".to_vec()),
            (*b"iTXt", [XMP.as_bytes(), b"\0\x01\0\0\0no deflate"].concat()),
            (*b"zTXt", [RAW_PROFILE.as_bytes(), b"exif\0\0no deflate"].concat()),
            (*b"zTXt", [RAW_PROFILE.as_bytes(), b"icc\0\0no deflate"].concat()),
            (*b"tEXt", raw("exif", b"II*\0one")),
            (*b"tEXt", raw("APP1", b"Exif\0\0II*\0one")),
            (*b"tEXt", raw("exif", b"II*\0two")),
            (*b"tEXt", raw("iptc", &[DATASET, 2, 5])),
            (*b"tEXt", raw("iptc", &[DATASET, 2, 6])),
        ])
        .into_metadata();
        assert_eq!((found.exif.as_deref(), found.icc.as_deref()), (Some(&b"II*\0one"[..]), Some(&b""[..])));
        let named = [
            "the damaged text 'Comment'",
            "the damaged text 'Author'",
            "a damaged XMP packet",
            "a damaged block of Exif data",
            "a second block of Exif data",
            "a second block of IPTC data",
        ];
        assert_eq!(found.left_out, named);
    }

    #[test]
    fn hostile_chunks_end() {
        let bomb = packed(&vec![b' '; MOST_BYTES / 2 + 1]);
        let chunk = [b"Comment\0\0", &bomb[..]].concat();
        let texts = taken(&[(*b"zTXt", chunk.clone()), (*b"zTXt", chunk)]);
        assert!(texts.cut && texts.found.texts.len() == 1);
        for data in [&b""[..], b"\0", b"key", b"key\0", b"key\0\0", b"key\0\x01\0de\0"] {
            for kind in [b"tEXt", b"zTXt", b"iTXt"] {
                Texts::default().take(kind, data);
            }
        }
        let many = vec![(*b"tEXt", b"a\0b".to_vec()); MOST_TEXTS + 1];
        assert!(taken(&many).cut);
    }
}
