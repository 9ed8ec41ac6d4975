//! IPTC datasets as XMP properties, for formats that hold no IPTC (IPTC Photo Metadata Standard, IPTC Core; Metadata
//! Working Group guidelines 2.0).

use super::iptc::{Iptc, Key};
use super::text::{latin1, utf8_or_latin1};
use super::xmp::{Form, Property, schema};

/// Dataset of record 2, property, and how that is written.
const PROPERTIES: &[(u8, &str, &str, &str, Form)] = &[
    (4, schema::IPTC_CORE, "Iptc4xmpCore", "IntellectualGenre", Form::Simple),
    (5, schema::DC, "dc", "title", Form::LanguageAlternative),
    (10, schema::PHOTOSHOP, "photoshop", "Urgency", Form::Simple),
    (12, schema::IPTC_CORE, "Iptc4xmpCore", "SubjectCode", Form::Bag),
    (15, schema::PHOTOSHOP, "photoshop", "Category", Form::Simple),
    (20, schema::PHOTOSHOP, "photoshop", "SupplementalCategories", Form::Bag),
    (25, schema::DC, "dc", "subject", Form::Bag),
    (40, schema::PHOTOSHOP, "photoshop", "Instructions", Form::Simple),
    (80, schema::DC, "dc", "creator", Form::Sequence),
    (85, schema::PHOTOSHOP, "photoshop", "AuthorsPosition", Form::Simple),
    (90, schema::PHOTOSHOP, "photoshop", "City", Form::Simple),
    (92, schema::IPTC_CORE, "Iptc4xmpCore", "Location", Form::Simple),
    (95, schema::PHOTOSHOP, "photoshop", "State", Form::Simple),
    (100, schema::IPTC_CORE, "Iptc4xmpCore", "CountryCode", Form::Simple),
    (101, schema::PHOTOSHOP, "photoshop", "Country", Form::Simple),
    (103, schema::PHOTOSHOP, "photoshop", "TransmissionReference", Form::Simple),
    (105, schema::PHOTOSHOP, "photoshop", "Headline", Form::Simple),
    (110, schema::PHOTOSHOP, "photoshop", "Credit", Form::Simple),
    (115, schema::PHOTOSHOP, "photoshop", "Source", Form::Simple),
    (116, schema::DC, "dc", "rights", Form::LanguageAlternative),
    (120, schema::DC, "dc", "description", Form::LanguageAlternative),
    (122, schema::PHOTOSHOP, "photoshop", "CaptionWriter", Form::Simple),
];

const CHARACTER_SET: Key = (1, 90);
const DATE_CREATED: Key = (2, 55);
const TIME_CREATED: Key = (2, 60);

/// Datasets as properties.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AsXmp {
    pub properties: Vec<Property>,
    /// Datasets that have no such property, as record and number.
    pub left: Vec<Key>,
}

impl Iptc {
    /// The datasets as XMP properties.
    pub fn as_xmp(&self) -> AsXmp {
        let in_utf8 = self.values(CHARACTER_SET).next() == Some(b"\x1b%G");
        let text =
            |bytes: &[u8]| if in_utf8 { String::from_utf8_lossy(bytes).into_owned() } else { utf8_or_latin1(bytes) };
        let mut out = AsXmp::default();
        for &(number, schema, prefix, name, form) in PROPERTIES {
            let values: Vec<String> = self.values((2, number)).map(text).collect();
            if !values.is_empty() {
                out.properties.push(Property { schema, prefix, name, form, values });
            }
        }
        if let Some(date) =
            self.values(DATE_CREATED).next().and_then(|date| date_of(date, self.values(TIME_CREATED).next()))
        {
            out.properties.push(Property {
                schema: schema::PHOTOSHOP,
                prefix: "photoshop",
                name: "DateCreated",
                form: Form::Simple,
                values: vec![date],
            });
        }
        let has_place = |(record, number): Key| match (record, number) {
            // Versions and character sets describe the block.
            (1, _) | (2, 0) => true,
            DATE_CREATED | TIME_CREATED => out.properties.last().is_some_and(|last| last.name == "DateCreated"),
            (2, number) => PROPERTIES.iter().any(|property| property.0 == number),
            _ => false,
        };
        out.left = self.keys().filter(|key| !has_place(*key)).collect();
        out.left.dedup();
        out
    }
}

/// A date as 8 digits, and a time as 6 with an offset, in the form of XMP.
fn date_of(date: &[u8], time: Option<&[u8]>) -> Option<String> {
    let digits = |bytes: &[u8], count: usize| {
        let digits = bytes.get(..count)?;
        digits.iter().all(u8::is_ascii_digit).then(|| latin1(digits))
    };
    let date = digits(date, 8)?;
    let mut out = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    if let Some((time, rest)) = time.and_then(|time| Some((digits(time, 6)?, &time[6..]))) {
        out += &format!("T{}:{}:{}", &time[..2], &time[2..4], &time[4..]);
        if let [sign @ (b'+' | b'-'), offset @ ..] = rest
            && let Some(offset) = digits(offset, 4)
        {
            out += &format!("{}{}:{}", char::from(*sign), &offset[..2], &offset[2..]);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datasets_become_properties_and_the_others_are_named() {
        let datasets: [(u8, u8, &[u8]); 9] = [
            (1, 90, b"\x1b%G"),
            (2, 0, &[0, 4]),
            (2, 5, "Größe".as_bytes()),
            (2, 25, b"a"),
            (2, 25, b"b"),
            (2, 55, b"20240506"),
            (2, 60, b"070809+0200"),
            (2, 65, b"Program"),
            (2, 90, b"Paris"),
        ];
        let block: Vec<u8> = datasets
            .iter()
            .flat_map(|(record, number, data)| [&[0x1c, *record, *number, 0, data.len() as u8][..], data].concat())
            .collect();
        let AsXmp { properties, left } = Iptc::parse(&block).as_xmp();
        let value = |name: &str| properties.iter().find(|p| p.name == name).map(|p| p.values.join("+"));
        assert_eq!(value("title").as_deref(), Some("Größe"));
        assert_eq!(value("subject").as_deref(), Some("a+b"));
        assert_eq!(value("City").as_deref(), Some("Paris"));
        assert_eq!(value("DateCreated").as_deref(), Some("2024-05-06T07:08:09+02:00"));
        assert_eq!(left, [(2, 65)]);
        assert_eq!(Iptc::parse(b"\x1c\x02\x05\0\x01\xfc").as_xmp().properties[0].values, ["ü"], "Latin-1");
    }
}
