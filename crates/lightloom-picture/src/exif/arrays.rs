//! Tags of an Exif block that hold several numbers, and the maker note.

use super::{Exif, Field, MAKER_NOTE, Section, long, short};

impl Exif {
    /// Whole numbers of type SHORT or LONG.
    pub fn numbers(&self, section: Section, tag: u16) -> Vec<u32> {
        let Some(field) = self.section(section).get(&tag) else { return Vec::new() };
        match field.kind {
            3 => field.data.chunks_exact(2).filter_map(|b| short(self.big_endian, b).map(u32::from)).collect(),
            4 => field.data.chunks_exact(4).filter_map(|b| long(self.big_endian, b)).collect(),
            _ => Vec::new(),
        }
    }

    /// Sets several SHORTs.
    pub fn set_shorts(&mut self, section: Section, tag: u16, values: &[u16]) {
        let big_endian = self.big_endian;
        let bytes = |v: &u16| if big_endian { v.to_be_bytes() } else { v.to_le_bytes() };
        let data = values.iter().flat_map(bytes).collect();
        self.section_mut(section).insert(tag, Field { kind: 3, data, offset: None });
    }

    /// What the maker of the camera noted, in a form of its own.
    pub fn maker_note(&self) -> Option<&[u8]> {
        self.exif.get(&MAKER_NOTE).map(|field| field.data.as_slice())
    }

    /// Sets what the maker of the camera noted.
    pub fn set_maker_note(&mut self, note: &[u8]) {
        self.exif.insert(MAKER_NOTE, Field { kind: 7, data: note.to_vec(), offset: None });
    }
}
