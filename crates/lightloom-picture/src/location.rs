//! What says where a picture was taken, by names and in texts.
//!
//! Schemas are many and new ones appear, so names count whatever their namespace is, and in doubt a property is taken for
//! a place. The names are those of the XMP specification, IPTC, PRISM, Dublin Core, Darwin Core, PLUS, and of the makers of
//! drones, phones and cataloguing programs.

use super::text::TextEntry;

/// Namespaces in which everything says where.
const GEOGRAPHIC: &[&str] = &[
    "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "http://www.georss.org/",
    "http://www.opengis.net/",
    "http://developer.sonyericsson.com/cell/1.0/",
    "http://www.geonames.org/",
];

/// Words in names that stand for a place or its coordinates.
const WORDS: &[&str] = &[
    "address",
    "adr",
    "altitude",
    "cities",
    "city",
    "continent",
    "coordinate",
    "coordinates",
    "coords",
    "countries",
    "country",
    "county",
    "coverage",
    "district",
    "elevation",
    "geo",
    "geocode",
    "geodetic",
    "geography",
    "geohash",
    "geolocation",
    "geotag",
    "geotags",
    "gps",
    "hometown",
    "island",
    "landmark",
    "lat",
    "latitude",
    "lng",
    "locality",
    "location",
    "locations",
    "lon",
    "longitude",
    "longtitude",
    "municipality",
    "nation",
    "place",
    "placename",
    "places",
    "poi",
    "postal",
    "postcode",
    "province",
    "state",
    "street",
    "sublocation",
    "suburb",
    "town",
    "venue",
    "village",
    "waypoint",
    "zip",
];

/// Names with such a word that are about something else: an area of the picture, how long a coverage lasts.
const NO_PLACES: &[&str] = &["SubjectLocation", "TemporalCoverage", "RetouchAreaLocation", "FocusLocation"];

/// Names that say where without one of the words.
const NAMES: &[&str] = &["Long", "Spatial", "WorldRegion", "WaterBody", "HigherGeography"];

/// Words that show in a text with a structure of its own (XML, JSON, key and value) that it says where.
const IN_TEXTS: &[&str] =
    &["gps", "latitude", "longitude", "geotag", "geolocation", "location", "city", "country", "places", "georss"];

/// Whether a property says where: the namespace (empty if not known) and its name in it.
pub(crate) fn is_place(space: &str, name: &str) -> bool {
    if GEOGRAPHIC.iter().any(|known| space.starts_with(known)) {
        return true;
    }
    if NO_PLACES.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return false;
    }
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
        || words(name).any(|word| WORDS.binary_search(&word.as_str()).is_ok())
        // Names in lower case throughout are no words: "gpslatitude".
        || name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("gps"))
}

/// Whether nobody but its maker can tell what is in a property, so that it cannot be cleaned.
pub(crate) fn is_opaque(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("makernote") || name.contains("maker_note")
}

/// Whether an XMP packet has properties that cannot be cleaned.
pub(crate) fn has_opaque(packet: &[u8]) -> bool {
    let is = |part: &[u8]| part.eq_ignore_ascii_case(b"makernote") || part.eq_ignore_ascii_case(b"maker_note");
    packet.windows(9).any(is) || packet.windows(10).any(is)
}

/// The words of a name in lower case: "GPSLatitudeRef" has the words gps, latitude and ref.
fn words(name: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (i, letter) in letters.iter().enumerate() {
        let after_lower = i > 0 && letters[i - 1].is_lowercase();
        let before_lower =
            i > 0 && letters[i - 1].is_uppercase() && letters.get(i + 1).is_some_and(|c| c.is_lowercase());
        if !letter.is_alphabetic() || letter.is_uppercase() && (after_lower || before_lower) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_alphabetic(), words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.into_iter().filter(|word| !word.is_empty())
}

/// Whether a text that a person or a program wrote says where in a form that programs read: a geo URI or machine tag, a
/// hierarchical keyword under "Places", or structured text with such a key. Prose is not understood.
pub(crate) fn text_says_where(text: &str) -> bool {
    let trimmed = text.trim();
    let starts = |start: &str| trimmed.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start));
    if starts("geo:") || trimmed.eq_ignore_ascii_case("geotagged") {
        return true;
    }
    if let Some((first, _)) = trimmed.split_once(['|', '/'])
        && ["places", "place", "location", "locations", "geo", "geography", "country"]
            .iter()
            .any(|root| first.trim().eq_ignore_ascii_case(root))
    {
        return true;
    }
    let is_structured = trimmed.contains(['<', '{', '=']);
    if !is_structured {
        return false;
    }
    let lower = trimmed.to_ascii_lowercase();
    IN_TEXTS.iter().any(|word| lower.contains(word))
}

/// Drops texts about places, and those that hold coordinates or names of places in their structure. Returns notes on texts
/// that were dropped whole.
pub(crate) fn clean_texts(texts: &mut Vec<TextEntry>) -> Vec<String> {
    let mut notes = Vec::new();
    texts.retain(|entry| {
        if is_place("", &entry.keyword) {
            return false;
        }
        // The digits of a profile that nothing here reads, or a structure with places in it.
        let whole = entry.keyword.starts_with("Raw profile type") || text_says_where(&entry.text);
        if whole {
            notes.push(format!("the text '{}' may say where the picture was taken and was left out", entry.keyword));
        }
        !whole
    });
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn places_are_known_by_name_in_any_namespace() {
        let geo = "http://www.w3.org/2003/01/geo/wgs84_pos#";
        for name in ["lat", "long", "alt", "Point"] {
            assert!(is_place(geo, name), "geo:{name}");
        }
        // Properties of published schemas and of makers (exiftool's XMP tables, groups of the family Location).
        for name in [
            "GPSLatitude",
            "GpsLatitude",
            "GpsLongtitude",
            "gpslatitude",
            "AbsoluteAltitude",
            "RtkStdLon",
            "City",
            "State",
            "Country",
            "CountryCode",
            "Location",
            "location",
            "LocationCreated",
            "LocationShown",
            "Sublocation",
            "ProvinceState",
            "CountryName",
            "WorldRegion",
            "LocationId",
            "CiAdrCity",
            "LicensorCity",
            "coverage",
            "spatial",
            "shotLocation",
            "decimalLatitude",
            "verbatimLocality",
            "stateProvince",
            "waterBody",
            "ImageGPS",
            "home_town",
        ] {
            assert!(is_place("http://example.com/unknown/", name), "{name}");
        }
        for name in [
            "SubjectLocation",
            "SpatialFrequencyResponse",
            "ISOSpeedLatitudeyyy",
            "placedXResolution",
            "Regions",
            "RegionList",
            "LongExposureNoiseReduction",
            "PoseHeadingDegrees",
            "Rating",
            "DateCreated",
            "title",
            "History",
            "Placement",
            "ExclusiveCoverageless",
        ] {
            assert!(!is_place("http://example.com/unknown/", name), "{name}");
        }
    }

    #[test]
    fn texts_with_places_in_them_are_found() {
        for text in [
            "geo:47.12,8.65",
            "geo:lat=47.12",
            "Places|Switzerland|Zürich",
            "Location/Paris",
            r#"{"gps": {"lat": 47.12}}"#,
            "<Latitude>47.12</Latitude>",
            "GPSLatitude=47.12",
            "geotagged",
        ] {
            assert!(text_says_where(text), "{text}");
        }
        for text in ["a city at night, Steps: 20", "Animals|Cat", "2 < 3", "1/125 s", "{\"prompt\": \"a cat\"}"] {
            assert!(!text_says_where(text), "{text}");
        }
        let mut texts = vec![
            TextEntry::new("Location", "Paris"),
            TextEntry::new("Comment", "lovely"),
            TextEntry::new("Data", "<gps/>"),
        ];
        assert_eq!(clean_texts(&mut texts).len(), 1);
        assert_eq!(texts, [TextEntry::new("Comment", "lovely")]);
    }
}
