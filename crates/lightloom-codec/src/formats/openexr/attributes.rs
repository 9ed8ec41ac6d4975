//! The attributes of an OpenEXR file's first part (Technical Introduction to OpenEXR, "Standard Attributes"): what has a
//! place in other formats, and the names of what has none.

use crate::shared::found::Found;
use lightloom_picture::exif::{Exif, Section};
use lightloom_picture::{Metadata, TextEntry};

/// Attributes that say how pixels are stored and shown.
const OF_PIXELS: [&str; 21] = [
    "channels",
    "chromaticities",
    "chunkCount",
    "compression",
    "dataWindow",
    "displayWindow",
    "dwaCompressionLevel",
    "envmap",
    "lineOrder",
    "maxSamplesPerPixel",
    "multiView",
    "name",
    "pixelAspectRatio",
    "preview",
    "screenWindowCenter",
    "screenWindowWidth",
    "tiles",
    "type",
    "version",
    "view",
    "whiteLuminance",
];

/// What the attributes say.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Attributes {
    pub metadata: Metadata,
    /// x and y of red, green, blue and white.
    pub chromaticities: Option<[f32; 8]>,
}

/// An attribute.
struct Attribute<'a> {
    name: &'a [u8],
    kind: &'a [u8],
    value: &'a [u8],
}

/// The attributes at the begin of a file; as far as it goes, if that is damaged.
fn attributes(bytes: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    const FIRST: usize = 8;
    let mut rest = bytes.get(FIRST..).unwrap_or_default();
    std::iter::from_fn(move || {
        let mut word = || {
            let end = rest.iter().position(|byte| *byte == 0)?;
            let word = &rest[..end];
            rest = &rest[end + 1..];
            Some(word)
        };
        // An empty name ends them.
        let name = word().filter(|name| !name.is_empty())?;
        let kind = word()?;
        let (size, after) = rest.split_first_chunk::<4>()?;
        let (value, after) = after.split_at_checked(u32::from_le_bytes(*size) as usize)?;
        rest = after;
        Some(Attribute { name, kind, value })
    })
}

impl Attributes {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        let mut exif = Exif::default();
        for Attribute { name, kind, value } in attributes(bytes) {
            let name = String::from_utf8_lossy(name);
            let text = String::from_utf8_lossy(value).trim_end_matches('\0').to_owned();
            let number = || value.first_chunk().map(|bytes| f32::from_le_bytes(*bytes));
            match (&*name, kind, number()) {
                ("chromaticities", b"chromaticities", _) => {
                    let numbers: Vec<f32> =
                        value.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
                    found.chromaticities = numbers.try_into().ok();
                }
                (name, ..) if OF_PIXELS.contains(&name) => {}
                (_, b"string", _) if text.is_empty() => {}
                ("comments", b"string", _) => found.text("Comment", text),
                ("owner", b"string", _) => found.text("Copyright", text),
                ("software" | "Software", b"string", _) => found.text("Software", text),
                // The same form as Exif's.
                ("capDate", b"string", _) => exif.set_text(Section::Exif, 0x9003, &text),
                ("aperture", b"float", Some(number)) => exif.set_ratio(Section::Exif, 0x829d, number.into()),
                ("isoSpeed", b"float", Some(number)) => exif.set_short(Section::Exif, 0x8827, number.round() as u16),
                (name, ..) => found.metadata.lost_part(format!("OpenEXR attribute '{}'", name.escape_debug())),
            }
        }
        found.metadata.exif = (!exif.is_empty()).then(|| exif.to_block());
        found
    }

    fn text(&mut self, keyword: &str, text: String) {
        self.metadata.texts.push(TextEntry::new(keyword, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(name: &str, kind: &str, value: &[u8]) -> Vec<u8> {
        let size = (value.len() as u32).to_le_bytes();
        [name.as_bytes(), b"\0", kind.as_bytes(), b"\0", &size, value].concat()
    }

    #[test]
    fn attributes_are_kept_or_named() {
        let numbers = [0.708_f32, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329];
        let file = [
            b"\x76\x2f\x31\x01\x02\0\0\0".to_vec(),
            attribute("channels", "chlist", b"B\0"),
            attribute("chromaticities", "chromaticities", &numbers.map(f32::to_le_bytes).concat()),
            attribute("comments", "string", b"a comment"),
            attribute("owner", "string", b"me"),
            attribute("capDate", "string", b"2024:05:06 07:08:09"),
            attribute("aperture", "float", &2.8_f32.to_le_bytes()),
            attribute("isoSpeed", "float", &400_f32.to_le_bytes()),
            attribute("worldToCamera", "m44f", &[0; 64]),
            attribute("empty", "string", b""),
            b"\0rest".to_vec(),
        ]
        .concat();
        let Attributes { metadata, chromaticities } = Attributes::read(&file);
        assert_eq!(chromaticities, Some(numbers));
        assert_eq!(metadata.texts, [TextEntry::new("Comment", "a comment"), TextEntry::new("Copyright", "me")]);
        assert_eq!(metadata.left_out, ["OpenEXR attribute 'worldToCamera'"]);
        let exif = Exif::parse(metadata.exif.as_deref().unwrap()).unwrap();
        assert_eq!(exif.text(Section::Exif, 0x9003).as_deref(), Some("2024:05:06 07:08:09"));
        assert_eq!((exif.ratio(Section::Exif, 0x829d), exif.number(Section::Exif, 0x8827)), (Some(2.8), Some(400)));
        for cut in 0..file.len() {
            let _ = Attributes::read(&file[..cut]);
        }
    }
}
