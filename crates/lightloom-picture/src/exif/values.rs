//! Values of tags as a person reads them (Exif 2.32, 4.6).

use super::texts::{USER_COMMENT, text_of, utf16};
use super::{Exif, Field, MAKER_NOTE, Section, long, short};

/// Most numbers of a tag that are written out.
const MOST_NUMBERS: usize = 8;

/// Directory, tag and name, of the tags that are named.
const NAMES: &[(Section, u16, &str)] = {
    use Section::{Exif, Gps, Picture};
    &[
        (Picture, 0x010d, "Document name"),
        (Picture, 0x010e, "Image description"),
        (Picture, 0x010f, "Camera make"),
        (Picture, 0x0110, "Camera model"),
        (Picture, 0x0112, "Orientation"),
        (Picture, 0x011a, "Horizontal resolution"),
        (Picture, 0x011b, "Vertical resolution"),
        (Picture, 0x011d, "Page name"),
        (Picture, 0x0128, "Resolution unit"),
        (Picture, 0x0131, "Software"),
        (Picture, 0x0132, "Date modified"),
        (Picture, 0x013b, "Artist"),
        (Picture, 0x013c, "Host computer"),
        (Picture, 0x013e, "White point"),
        (Picture, 0x013f, "Primary chromaticities"),
        (Picture, 0x0211, "YCbCr coefficients"),
        (Picture, 0x0213, "YCbCr positioning"),
        (Picture, 0x0214, "Reference black and white"),
        (Picture, 0x4746, "Rating"),
        (Picture, 0x4749, "Rating in percent"),
        (Picture, 0x8298, "Copyright"),
        (Picture, 0x9c9b, "Title (Windows)"),
        (Picture, 0x9c9c, "Comment (Windows)"),
        (Picture, 0x9c9d, "Author (Windows)"),
        (Picture, 0x9c9e, "Keywords (Windows)"),
        (Picture, 0x9c9f, "Subject (Windows)"),
        (Picture, 0xc4a5, "Print image matching"),
        (Exif, 0x829a, "Exposure time"),
        (Exif, 0x829d, "Aperture"),
        (Exif, 0x8822, "Exposure program"),
        (Exif, 0x8824, "Spectral sensitivity"),
        (Exif, 0x8827, "ISO"),
        (Exif, 0x8830, "Sensitivity type"),
        (Exif, 0x8831, "Standard output sensitivity"),
        (Exif, 0x8832, "Recommended exposure index"),
        (Exif, 0x9000, "Exif version"),
        (Exif, 0x9003, "Date taken"),
        (Exif, 0x9004, "Date digitised"),
        (Exif, 0x9010, "Time zone"),
        (Exif, 0x9011, "Time zone when taken"),
        (Exif, 0x9012, "Time zone when digitised"),
        (Exif, 0x9101, "Components"),
        (Exif, 0x9102, "Compressed bits per pixel"),
        (Exif, 0x9201, "Shutter speed value"),
        (Exif, 0x9202, "Aperture value"),
        (Exif, 0x9203, "Brightness value"),
        (Exif, 0x9204, "Exposure compensation"),
        (Exif, 0x9205, "Maximum aperture value"),
        (Exif, 0x9206, "Subject distance"),
        (Exif, 0x9207, "Metering mode"),
        (Exif, 0x9208, "Light source"),
        (Exif, 0x9209, "Flash"),
        (Exif, 0x920a, "Focal length"),
        (Exif, 0x9214, "Subject area"),
        (Exif, MAKER_NOTE, "Maker note"),
        (Exif, USER_COMMENT, "User comment"),
        (Exif, 0x9290, "Fraction of second modified"),
        (Exif, 0x9291, "Fraction of second taken"),
        (Exif, 0x9292, "Fraction of second digitised"),
        (Exif, 0x9400, "Temperature"),
        (Exif, 0xa000, "Flashpix version"),
        (Exif, 0xa001, "Colour space"),
        (Exif, 0xa20e, "Focal plane horizontal resolution"),
        (Exif, 0xa20f, "Focal plane vertical resolution"),
        (Exif, 0xa210, "Focal plane resolution unit"),
        (Exif, 0xa214, "Subject location"),
        (Exif, 0xa215, "Exposure index"),
        (Exif, 0xa217, "Sensing method"),
        (Exif, 0xa300, "File source"),
        (Exif, 0xa301, "Scene type"),
        (Exif, 0xa302, "Colour filter array"),
        (Exif, 0xa401, "Custom rendered"),
        (Exif, 0xa402, "Exposure mode"),
        (Exif, 0xa403, "White balance"),
        (Exif, 0xa404, "Digital zoom"),
        (Exif, 0xa405, "Focal length in 35 mm film"),
        (Exif, 0xa406, "Scene capture type"),
        (Exif, 0xa407, "Gain control"),
        (Exif, 0xa408, "Contrast"),
        (Exif, 0xa409, "Saturation"),
        (Exif, 0xa40a, "Sharpness"),
        (Exif, 0xa40c, "Subject distance range"),
        (Exif, 0xa420, "Image identifier"),
        (Exif, 0xa430, "Camera owner"),
        (Exif, 0xa431, "Camera serial number"),
        (Exif, 0xa432, "Lens specification"),
        (Exif, 0xa433, "Lens make"),
        (Exif, 0xa434, "Lens model"),
        (Exif, 0xa435, "Lens serial number"),
        (Exif, 0xa460, "Composite image"),
        (Exif, 0xa500, "Gamma"),
        (Gps, 0x0000, "GPS version"),
        (Gps, 0x0002, "Latitude"),
        (Gps, 0x0004, "Longitude"),
        (Gps, 0x0005, "Altitude reference"),
        (Gps, 0x0006, "Altitude"),
        (Gps, 0x0007, "GPS time (UTC)"),
        (Gps, 0x0008, "Satellites"),
        (Gps, 0x0009, "GPS status"),
        (Gps, 0x000b, "Dilution of precision"),
        (Gps, 0x000d, "Speed"),
        (Gps, 0x000f, "Track"),
        (Gps, 0x0011, "Direction of view"),
        (Gps, 0x0012, "Map datum"),
        (Gps, 0x001b, "Positioning method"),
        (Gps, 0x001c, "Area"),
        (Gps, 0x001d, "GPS date"),
        (Gps, 0x001f, "Horizontal positioning error"),
    ]
};

/// Tags that only say how another one is to be read, and those of the size, which the pixels tell.
const PART_OF_OTHERS: &[(Section, u16)] = &[
    (Section::Picture, 0x0100),
    (Section::Picture, 0x0101),
    (Section::Exif, 0xa002),
    (Section::Exif, 0xa003),
    (Section::Gps, 0x0001),
    (Section::Gps, 0x0003),
];

impl Exif {
    /// The tags of a directory with their names and values, in order.
    pub fn described(&self, section: Section) -> impl Iterator<Item = (String, String)> {
        let fields = self.fields(section).filter(move |(tag, _)| !PART_OF_OTHERS.contains(&(section, *tag)));
        fields.map(move |(tag, field)| {
            let name = NAMES.iter().find(|(s, t, _)| (*s, *t) == (section, tag));
            let name = name.map_or_else(|| format!("Tag 0x{tag:04X}"), |(_, _, name)| (*name).to_owned());
            (name, self.value(section, tag, field))
        })
    }

    fn value(&self, section: Section, tag: u16, field: &Field) -> String {
        let first = || self.numbers_of(field).next();
        match (section, tag) {
            (Section::Exif, 0x829a) => first().map_or_else(String::new, exposure_time),
            (Section::Exif, 0x829d) => first().map_or_else(String::new, |n| format!("f/{}", number(n))),
            (Section::Exif, 0x9204) => first().map_or_else(String::new, |stops| format!("{stops:+.2} EV")),
            (Section::Exif, 0x9206) => first().map_or_else(String::new, |metres| format!("{} m", number(metres))),
            (Section::Exif, 0x920a | 0xa405) => first().map_or_else(String::new, |mm| format!("{} mm", number(mm))),
            (Section::Exif, 0x9209) => match first() {
                Some(flash) if flash as u32 & 1 == 1 => "fired".to_owned(),
                _ => "did not fire".to_owned(),
            },
            (Section::Gps, 0x0002 | 0x0004) => {
                let mut parts = self.numbers_of(field);
                let degrees: f64 = [1.0, 60.0, 3600.0].iter().map(|by| parts.next().unwrap_or(0.0) / by).sum();
                let direction = self.text(section, tag - 1).unwrap_or_default();
                format!("{degrees:.6}° {direction}").trim_end().to_owned()
            }
            (Section::Gps, 0x0006) => first().map_or_else(String::new, |metres| format!("{} m", number(metres))),
            (Section::Gps, 0x0007) => {
                let parts: Vec<String> = self.numbers_of(field).map(|part| format!("{part:02.0}")).collect();
                parts.join(":")
            }
            (Section::Exif, MAKER_NOTE) => format!("{} bytes", field.data.len()),
            _ => match first().and_then(|value| word(section, tag, value as u32)) {
                Some(word) => word.to_owned(),
                None => self.plain(tag, field),
            },
        }
    }

    /// The value without regard to what it means.
    fn plain(&self, tag: u16, field: &Field) -> String {
        let is_text = |data: &[u8]| data.iter().all(|byte| (b' '..=b'~').contains(byte));
        let bytes = field.data.len();
        match field.kind {
            2 => String::from_utf8_lossy(&field.data).trim_end_matches('\0').to_owned(),
            7 if tag == USER_COMMENT => comment(field),
            1 | 7 if matches!(tag, 0x9c9b..=0x9c9f) => text_of(tag, field).trim_matches('\0').to_owned(),
            7 if bytes > 0 && is_text(&field.data) => String::from_utf8_lossy(&field.data).into_owned(),
            7 => format!("{bytes} bytes"),
            _ => {
                let mut numbers = self.numbers_of(field).map(number);
                let mut text = numbers.by_ref().take(MOST_NUMBERS).collect::<Vec<_>>().join(", ");
                if numbers.next().is_some() {
                    text.push_str(", …");
                }
                text
            }
        }
    }

    /// The numbers of a tag; none of texts and of bytes without meaning.
    fn numbers_of<'a>(&'a self, field: &'a Field) -> impl Iterator<Item = f64> + 'a {
        let size = Self::size_of(field.kind);
        field.data.chunks_exact(size.max(1)).filter_map(move |bytes| {
            let word = |at: usize| long(self.big_endian, bytes.get(at..)?);
            let ratio = |over: f64, under: f64| if under == 0.0 { None } else { Some(over / under) };
            let eight = || -> Option<[u8; 8]> {
                let mut eight: [u8; 8] = bytes.try_into().ok()?;
                if !self.big_endian {
                    eight.reverse();
                }
                Some(eight)
            };
            match field.kind {
                1 => Some(f64::from(bytes[0])),
                3 => short(self.big_endian, bytes).map(f64::from),
                4 | 13 => word(0).map(f64::from),
                5 => ratio(f64::from(word(0)?), f64::from(word(4)?)),
                6 => Some(f64::from(bytes[0].cast_signed())),
                8 => short(self.big_endian, bytes).map(|n| f64::from(n.cast_signed())),
                9 => word(0).map(|n| f64::from(n.cast_signed())),
                10 => ratio(f64::from(word(0)?.cast_signed()), f64::from(word(4)?.cast_signed())),
                11 => word(0).map(|bits| f64::from(f32::from_bits(bits))),
                12 => Some(f64::from_be_bytes(eight()?)),
                _ => None,
            }
        })
    }
}

/// The user comment, in the byte order in which it has more letters, as programs differ.
fn comment(field: &Field) -> String {
    let text = match field.data.split_first_chunk::<8>() {
        Some((b"UNICODE\0", text)) => {
            let both = [utf16(text, u16::from_be_bytes), utf16(text, u16::from_le_bytes)];
            let plain = |text: &String| text.chars().filter(|c| ('\u{1}'..='\u{24f}').contains(c)).count();
            both.into_iter().rev().max_by_key(plain).unwrap_or_default()
        }
        _ => text_of(USER_COMMENT, field),
    };
    text.trim_matches(['\0', ' ']).to_owned()
}

/// Seconds, as a fraction where they are few.
fn exposure_time(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 0.3 { format!("1/{:.0} s", 1.0 / seconds) } else { format!("{} s", number(seconds)) }
}

/// A number with as many places as it needs, at most three.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What a number stands for.
fn word(section: Section, tag: u16, value: u32) -> Option<&'static str> {
    let one_of = |words: &[&'static str]| words.get(value as usize).copied().filter(|word| !word.is_empty());
    match (section, tag) {
        (Section::Picture, 0x0112) => one_of(&[
            "",
            "upright",
            "mirrored",
            "turned by 180°",
            "flipped",
            "transposed",
            "turned by 90°",
            "transversed",
            "turned by 270°",
        ]),
        (Section::Picture, 0x0128) | (Section::Exif, 0xa210) => one_of(&["", "none", "inches", "centimetres"]),
        (Section::Picture, 0x0213) => one_of(&["", "centred", "co-sited"]),
        (Section::Exif, 0x8822) => one_of(&[
            "",
            "manual",
            "normal",
            "aperture priority",
            "shutter priority",
            "creative",
            "action",
            "portrait",
            "landscape",
        ]),
        (Section::Exif, 0x9207) => {
            one_of(&["", "average", "centre-weighted", "spot", "several spots", "pattern", "partial"])
        }
        (Section::Exif, 0xa001) => match value {
            1 => Some("sRGB"),
            0xffff => Some("uncalibrated"),
            _ => None,
        },
        (Section::Exif, 0xa402) => one_of(&["automatic", "manual", "automatic bracket"]),
        (Section::Exif, 0xa403) => one_of(&["automatic", "manual"]),
        (Section::Exif, 0xa406) => one_of(&["standard", "landscape", "portrait", "night"]),
        (Section::Exif, 0xa408..=0xa40a) => one_of(&["normal", "low", "high"]),
        (Section::Gps, 0x0005) => one_of(&["above sea level", "below sea level"]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(exif: &Exif, section: Section) -> Vec<(String, String)> {
        exif.described(section).collect()
    }

    fn rationals(pairs: &[(u32, u32)]) -> Vec<u8> {
        pairs.iter().flat_map(|(over, under)| [over.to_be_bytes(), under.to_be_bytes()].concat()).collect()
    }

    #[test]
    fn values_are_written_as_photographers_write_them() {
        let mut exif = Exif::new(true);
        exif.set_raw(Section::Exif, 0x829a, 5, rationals(&[(1, 250)]), 0);
        exif.set_raw(Section::Exif, 0x829d, 5, rationals(&[(28, 10)]), 0);
        exif.set_raw(Section::Exif, 0x9204, 10, [(-1_i32).to_be_bytes(), 3_i32.to_be_bytes()].concat(), 0);
        exif.set_raw(Section::Exif, 0x9209, 3, vec![0, 0x19], 0);
        exif.set_raw(Section::Exif, 0x920a, 5, rationals(&[(35, 1)]), 0);
        exif.set_raw(Section::Exif, 0x9000, 7, b"0232".to_vec(), 0);
        exif.set_raw(Section::Exif, MAKER_NOTE, 7, vec![0; 99], 0);
        exif.set_raw(Section::Exif, 0xa002, 4, vec![0, 0, 1, 0], 0);
        exif.set_raw(Section::Exif, 0xbeef, 3, [0_u8, 1].repeat(9), 0);
        assert!(exif.offer_user_comment("Größe"));
        let found = described(&exif, Section::Exif);
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [
            ("Exposure time", "1/250 s"),
            ("Aperture", "f/2.8"),
            ("Exif version", "0232"),
            ("Exposure compensation", "-0.33 EV"),
            ("Flash", "fired"),
            ("Focal length", "35 mm"),
            ("Maker note", "99 bytes"),
            ("User comment", "Größe"),
            ("Tag 0xBEEF", "1, 1, 1, 1, 1, 1, 1, 1, …"),
        ];
        for pair in expected {
            assert!(found.contains(&pair), "{pair:?} in {found:?}");
        }
        assert_eq!(found.len(), expected.len(), "the size is not among them");
    }

    #[test]
    fn places_are_in_degrees() {
        let mut exif = Exif::new(true);
        exif.set_text(Section::Gps, 0x0001, "N");
        exif.set_raw(Section::Gps, 0x0002, 5, rationals(&[(48, 1), (51, 1), (30, 1)]), 0);
        exif.set_raw(Section::Gps, 0x0006, 5, rationals(&[(355, 10)]), 0);
        exif.set_raw(Section::Gps, 0x0007, 5, rationals(&[(7, 1), (8, 1), (9, 1)]), 0);
        let found = described(&exif, Section::Gps);
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, [("Latitude", "48.858333° N"), ("Altitude", "35.5 m"), ("GPS time (UTC)", "07:08:09")]);
    }

    #[test]
    fn damaged_values_are_no_numbers() {
        let mut exif = Exif::new(false);
        exif.set_raw(Section::Exif, 0x829a, 5, vec![1, 0, 0, 0, 0, 0, 0, 0], 0);
        exif.set_raw(Section::Exif, 0x829d, 5, vec![1, 0], 0);
        exif.set_raw(Section::Exif, 0x8827, 3, Vec::new(), 0);
        assert!(described(&exif, Section::Exif).iter().all(|(_, value)| value.is_empty()));
    }
}
