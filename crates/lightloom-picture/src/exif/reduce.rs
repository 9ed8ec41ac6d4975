//! Parts of an Exif block that go: what says where the picture was taken, and what makes it too large for its file.

use super::maker_note::{depends_on_place, without_places};
use super::texts::{USER_COMMENT, text_of};
use super::{Exif, Field, MAKER_NOTE, Section, describes};
use crate::location::text_says_where;

const MAKE: u16 = 0x010f;

/// Where a maker note stood in its block or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotePlace {
    pub offset: u64,
    /// Whether offsets in it count from the begin of the block, so that they only hold at that place.
    pub binds: bool,
}

impl Exif {
    /// The maker note, and where it stood if that is known.
    pub fn placed_maker_note(&self) -> Option<(&[u8], Option<NotePlace>)> {
        let Field { data, offset, .. } = self.exif.get(&MAKER_NOTE)?;
        Some((data, offset.map(|offset| NotePlace { offset, binds: depends_on_place(data) })))
    }

    /// Lets the writer place the maker note anywhere. Returns whether offsets in it may no longer hold.
    pub fn release_maker_note(&mut self) -> bool {
        let binds = self.placed_maker_note().is_some_and(|(_, place)| place.is_some_and(|place| place.binds));
        if let Some(field) = self.exif.get_mut(&MAKER_NOTE) {
            field.offset = None;
        }
        binds
    }

    /// Removes where the picture was taken: the GPS directory, texts with coordinates or places in them, places in the
    /// maker note, tags that are not known. Returns notes on what had to go as a whole.
    pub fn remove_location(&mut self) -> Vec<String> {
        let mut notes = Vec::new();
        self.gps.clear();
        let is_geotiff = |tag: u16| matches!(tag, 0x830e | 0x8480 | 0x8482 | 0x85d8 | 0x87af..=0x87b1);
        // The samples' own coordinates and coefficients (TIFF 6.0) say nothing of places.
        let is_tiff = |tag: u16| matches!(tag, 0x0100..=0x0221 | 0xea1c);
        self.picture.retain(|tag, _| !is_geotiff(*tag) && (describes(*tag) || is_tiff(*tag)));
        // Exif's own ranges, and what is known to fill it up.
        let is_exif = |tag: u16| matches!(tag, 0x8000..=0x88ff | 0x9000..=0x9fff | 0xa000..=0xa5ff | 0xea1c);
        self.exif.retain(|tag, _| is_exif(*tag));
        for (directory, tags) in [
            (&mut self.picture, &[0x010d, 0x010e, 0x011d, 0x9c9b, 0x9c9c, 0x9c9e, 0x9c9f][..]),
            (&mut self.exif, &[USER_COMMENT][..]),
        ] {
            for tag in tags {
                if directory.get(tag).is_some_and(|field| text_says_where(&text_of(*tag, field))) {
                    directory.remove(tag);
                    let name = name_of(*tag);
                    notes.push(format!("{name} of the Exif data may say where the picture was taken and was left out"));
                }
            }
        }
        self.clean_maker_note(&mut notes);
        self.clean_thumbnail(&mut notes);
        notes
    }

    fn clean_maker_note(&mut self, notes: &mut Vec<String>) {
        let make = self.text(Section::Picture, MAKE).unwrap_or_default();
        let Some(Field { data, offset, .. }) = self.exif.get_mut(&MAKER_NOTE) else { return };
        match without_places(data, offset.unwrap_or(0), self.big_endian, &make) {
            Some(cleaned) => *data = cleaned,
            None => {
                self.exif.remove(&MAKER_NOTE);
                notes.push("the maker note may say where the picture was taken and was left out".to_owned());
            }
        }
    }

    fn clean_thumbnail(&mut self, notes: &mut Vec<String>) {
        // A thumbnail is a JPEG file, and may have metadata of its own.
        let has = |text: &[u8]| self.thumbnail.data.windows(text.len()).any(|part| part == text);
        if has(b"Exif\0") || has(b"ns.adobe.com") || has(b"Photoshop 3.0") {
            self.remove_thumbnail();
            notes.push("the thumbnail has metadata of its own and was left out".to_owned());
        }
        self.thumbnail.directory.retain(|tag, _| matches!(*tag, 0x0100..=0x0221));
    }

    /// Makes the block at most so many bytes long, if that can be: the thumbnail goes first, and then the largest values.
    /// Returns names of what went.
    pub fn shrink(&mut self, most: usize) -> Vec<String> {
        let mut gone = Vec::new();
        let mut length = self.to_block().len();
        // A note from the middle of a larger file would keep an empty space in front of it.
        if length > most
            && let Some((note, Some(place))) = self.placed_maker_note()
            && note.len() < most
            && place.offset.saturating_add(note.len() as u64) > most as u64
        {
            if self.release_maker_note() {
                gone.push("the place of the maker note, whose offsets may no longer hold".to_owned());
            }
            length = self.to_block().len();
        }
        if length > most && self.has_thumbnail() {
            self.remove_thumbnail();
            gone.push("the thumbnail".to_owned());
            length = self.to_block().len();
        }
        while length > most {
            let directories = [Section::Picture, Section::Exif, Section::Gps, Section::Interop];
            let all =
                directories.into_iter().flat_map(|s| self.section(s).iter().map(move |(tag, field)| (s, *tag, field)));
            let Some((section, tag, field)) = all.max_by_key(|(_, _, field)| field.data.len()) else { break };
            let freed = field.data.len() + 12;
            gone.push(name_of(tag));
            self.remove(section, tag);
            // Serialising is only worth it once it may be enough.
            length = length.saturating_sub(freed);
            if length <= most {
                length = self.to_block().len();
            }
        }
        gone
    }
}

fn name_of(tag: u16) -> String {
    match tag {
        MAKER_NOTE => "the maker note".to_owned(),
        USER_COMMENT => "the user comment".to_owned(),
        0x010e => "the description".to_owned(),
        0x9c9b..=0x9c9f => "a text of Windows".to_owned(),
        other => format!("tag {other:#06x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_note(note: &[u8], make: &str) -> Exif {
        let mut exif = Exif::default();
        exif.set_text(Section::Picture, MAKE, make);
        exif.exif.insert(MAKER_NOTE, Field { kind: 7, data: note.to_vec(), offset: Some(200) });
        exif
    }

    #[test]
    fn notes_that_are_not_understood_go_and_the_report_says_so() {
        let mut exif = with_note(b"GPS somewhere", "Nobody");
        exif.set_ratio(Section::Gps, 2, 47.0);
        exif.set_text(Section::Picture, 0x010e, "<place>Rome</place> latitude");
        exif.set_text(Section::Picture, 0xc000, "Rome");
        let notes = exif.remove_location();
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(!exif.to_block().windows(4).any(|w| w == b"Rome" || w == b"GPS "));
        assert!(exif.has(Section::Picture, MAKE) && exif.gps.is_empty());
        let mut apple = with_note(b"Apple iOS\0\0\x01MM\0\x01\0\x08\0\x09\0\0\0\x01\0\0\0\x05\0\0\0\0", "Apple");
        assert!(apple.remove_location().is_empty() && apple.has(Section::Exif, MAKER_NOTE));
    }

    #[test]
    fn the_thumbnail_goes_first_and_then_the_largest_value() {
        let mut exif = with_note(&[7; 40_000], "Nobody");
        exif.set_thumbnail(&[1; 40_000]);
        assert_eq!(exif.clone().shrink(90_000), Vec::<String>::new());
        assert_eq!(exif.shrink(65_000), ["the thumbnail"]);
        assert!(exif.to_block().len() <= 65_000 && exif.has(Section::Exif, MAKER_NOTE));
        assert_eq!(exif.shrink(10_000), ["the maker note"]);
        assert!(exif.has(Section::Picture, MAKE));
    }

    #[test]
    fn a_note_from_the_middle_of_a_file_leaves_no_gap() {
        let mut exif = with_note(b"A note of some kind \x01", "Nobody");
        if let Some(field) = exif.exif.get_mut(&MAKER_NOTE) {
            field.offset = Some(500_000);
        }
        let gone = exif.shrink(65_000);
        assert!(gone.len() == 1 && gone[0].contains("maker note"), "{gone:?}");
        assert!(exif.has(Section::Exif, MAKER_NOTE) && exif.to_block().len() < 300);
    }
}
