//! Maker notes, as far as removing places from them needs: most are a directory like Exif's own behind a signature
//! (layouts and tags by the documentation of exiftool).

use super::{long, short, size_of_kind};

/// What offsets in a note count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// The begin of the Exif block.
    Block,
    /// This place in the note.
    Note(usize),
}

/// How the notes of a maker are built.
struct Layout {
    /// How they begin.
    signature: &'static [u8],
    /// How the name of the maker begins, for notes without a signature; empty for those with one.
    make: &'static str,
    /// Where the directory stands.
    directory: usize,
    base: Base,
    /// Where the mark of the byte order (II or MM) stands; the block's order without one.
    order: Option<usize>,
    /// Tags that name a place.
    places: &'static [u16],
}

const NOTE: Layout = Layout { signature: b"", make: "", directory: 0, base: Base::Block, order: None, places: &[] };

/// Makers whose notes are understood. Of others it is not known what they say.
const LAYOUTS: &[Layout] = &[
    Layout { signature: b"Apple iOS\0", directory: 14, base: Base::Note(0), order: Some(12), ..NOTE },
    // Location information.
    Layout { signature: b"Nikon\0\x02", directory: 18, base: Base::Note(10), order: Some(10), places: &[0x39], ..NOTE },
    Layout { signature: b"Nikon\0\x01", directory: 8, ..NOTE },
    Layout { make: "NIKON", ..NOTE },
    // The city of the time zone.
    Layout { make: "Canon", places: &[0x35], ..NOTE },
    Layout { signature: b"FUJIFILM", directory: 12, base: Base::Note(0), order: None, ..NOTE },
    // Location, country, state, city, landmark, second city.
    Layout { signature: b"Panasonic\0\0\0", directory: 12, places: &[0x67, 0x69, 0x6b, 0x6d, 0x6f, 0x80], ..NOTE },
    Layout { signature: b"OLYMPUS\0", directory: 12, base: Base::Note(0), order: Some(8), ..NOTE },
    Layout { signature: b"OM SYSTEM\0", directory: 16, base: Base::Note(0), order: Some(12), ..NOTE },
    Layout { signature: b"OLYMP\0", directory: 8, ..NOTE },
    Layout { signature: b"SONY DSC ", directory: 12, ..NOTE },
    Layout { signature: b"SONY CAM ", directory: 12, ..NOTE },
    Layout { signature: b"SONY MOBILE", directory: 12, ..NOTE },
    // Cities of home and destination, alone and with the time.
    Layout {
        signature: b"PENTAX \0",
        directory: 10,
        base: Base::Note(0),
        order: Some(8),
        places: &[0x22, 0x23, 0x24, 0x6b],
        ..NOTE
    },
    Layout { signature: b"MINOL\0", directory: 8, ..NOTE },
    Layout { make: "Minolta", ..NOTE },
    Layout { make: "KONICA MINOLTA", ..NOTE },
    Layout { signature: b"SIGMA\0", directory: 10, ..NOTE },
];

/// Removes places from a note that began at this offset of its block; `None` if the note is not understood, and so could
/// hold some.
pub(super) fn without_places(note: &[u8], offset: u64, big_endian: bool, make: &str) -> Option<Vec<u8>> {
    let fits = |layout: &&Layout| {
        let by_maker = !layout.make.is_empty()
            && make.get(..layout.make.len()).is_some_and(|m| m.eq_ignore_ascii_case(layout.make));
        if layout.signature.is_empty() { by_maker } else { note.starts_with(layout.signature) }
    };
    let layout = LAYOUTS.iter().find(fits)?;
    let big_endian = match layout.order {
        Some(at) => match note.get(at..at + 2)? {
            b"II" => false,
            b"MM" => true,
            _ => return None,
        },
        // Fujifilm's are little-endian, whatever the block is.
        None => big_endian && layout.signature != b"FUJIFILM",
    };
    let mut cleaned = note.to_vec();
    let count = usize::from(short(big_endian, note.get(layout.directory..)?)?);
    let table = layout.directory + 2;
    // A directory that does not fit is none.
    let end = table + 12 * count;
    if count == 0 || count > 1024 || end > note.len() {
        return None;
    }
    let mut kept = 0;
    for i in 0..count {
        let at = table + 12 * i;
        let entry = &note[at..at + 12];
        let tag = short(big_endian, entry)?;
        if !layout.places.contains(&tag) {
            cleaned.copy_within(at..at + 12, table + 12 * kept);
            kept += 1;
            continue;
        }
        let length =
            size_of_kind(short(big_endian, &entry[2..])?)?.checked_mul(long(big_endian, &entry[4..])? as usize)?;
        if length > 4 {
            let value = u64::from(long(big_endian, &entry[8..])?);
            let at = match layout.base {
                Base::Block => value.checked_sub(offset).and_then(|at| usize::try_from(at).ok()),
                Base::Note(base) => usize::try_from(value).ok().and_then(|at| at.checked_add(base)),
            };
            // If the value is not where it should be, it may be anywhere.
            cleaned.get_mut(at?..at?.checked_add(length)?)?.fill(0);
        }
    }
    let bytes = kept as u16;
    let bytes = if big_endian { bytes.to_be_bytes() } else { bytes.to_le_bytes() };
    cleaned[layout.directory..table].copy_from_slice(&bytes);
    // The link to a next directory, which follows the entries, moves up with them.
    let link = end..(end + 4).min(note.len());
    let (moved, length) = (table + 12 * kept, link.len());
    cleaned.copy_within(link, moved);
    if kept < count {
        let rest = moved + length..end + length;
        cleaned[rest].fill(0);
    }
    Some(cleaned)
}

/// Whether offsets in a note count from the begin of its block, so that they hold only while it keeps its place there.
pub(super) fn depends_on_place(note: &[u8]) -> bool {
    let known = LAYOUTS.iter().find(|layout| !layout.signature.is_empty() && note.starts_with(layout.signature));
    // JPEG data, XML and text have none.
    let is_text = note.iter().all(|byte| matches!(byte, 0 | b'\t' | b'\n' | b'\r' | 0x20..=0x7e));
    known.map_or(!is_text, |layout| layout.base == Base::Block)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panasonic's note at an offset of 100: a title, a city in the note, a number, and the link to no next directory.
    fn panasonic() -> Vec<u8> {
        let entry = |tag: u16, kind: u16, count: u32, value: u32| {
            [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
        };
        let mut note = b"Panasonic\0\0\0\x04\0".to_vec();
        let values = 100 + 12 + 2 + 48 + 4;
        note.extend(entry(0x65, 7, 8, values));
        note.extend(entry(0x6d, 7, 8, values + 8));
        note.extend(entry(0x70, 1, 1, 3));
        note.extend(entry(0x67, 7, 4, u32::from_le_bytes(*b"ROMA")));
        note.extend([9, 9, 9, 9]);
        note.extend(b"Holiday\0Firenze\0");
        note
    }

    #[test]
    fn places_leave_a_note_and_the_rest_keeps_its_place() {
        let note = panasonic();
        let cleaned = without_places(&note, 100, false, "Panasonic").unwrap();
        assert_eq!(cleaned.len(), note.len());
        let holds = |text: &[u8]| cleaned.windows(text.len()).any(|w| w == text);
        assert!(!holds(b"Firenze") && !holds(b"ROMA") && holds(b"Holiday"));
        assert_eq!(&cleaned[12..14], &[2, 0]);
        assert_eq!(&cleaned[14..26], &note[14..26]);
        assert_eq!(&cleaned[26..38], &note[38..50], "the third entry became the second");
        assert_eq!(&cleaned[38..42], &[9; 4]);
        assert!(cleaned[42..66].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn notes_of_others_and_damaged_ones_are_not_understood() {
        let note = panasonic();
        assert_eq!(without_places(b"Somebody's note", 8, false, "Somebody"), None);
        for cut in 0..62 {
            assert_eq!(without_places(&note[..cut], 100, false, "Panasonic"), None, "{cut}");
        }
        assert_eq!(without_places(&note, 5000, false, "Panasonic"), None, "its values are not there");
        assert!(depends_on_place(&note) && !depends_on_place(b"Nikon\0\x02\x10") && !depends_on_place(b"<xml>\0"));
    }
}
