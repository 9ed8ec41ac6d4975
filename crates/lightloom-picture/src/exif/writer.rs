//! Serialises an Exif block: directories first, values behind them, the maker note where it was.

use super::maker_note::depends_on_place;
use super::{Directory, EXIF_POINTER, Exif, Field, GPS_POINTER, INTEROP_POINTER, MAKER_NOTE, size_of_kind};

impl Exif {
    /// The Exif and GPS directories as they stand in a file from offset `base` on, with their places in it. The maker note
    /// may stand elsewhere in the file already, at `note`.
    pub fn sub_directories(&self, base: u32, note: Option<u32>) -> (Vec<u8>, (Option<u32>, Option<u32>)) {
        // As a block of their own whose first eight bytes are cut away.
        let mut writer = Writer { big_endian: self.big_endian, out: Vec::new(), fixed: 0..0, before: 0, base, note };
        let mut place = (None, None);
        let size = |d: &Directory| 2 + 12 * d.len() + 4;
        let mut inner = self.exif.clone();
        if !inner.is_empty() || !self.interop.is_empty() {
            if !self.interop.is_empty() {
                let interop = writer.place(size(&self.interop));
                writer.directory(&self.interop, interop, 0);
                writer.point(&mut inner, INTEROP_POINTER, interop);
            }
            let at = writer.place(size(&inner));
            writer.directory(&inner, at, 0);
            place.0 = Some(base + at as u32);
        }
        if !self.gps.is_empty() {
            let at = writer.place(size(&self.gps));
            writer.directory(&self.gps, at, 0);
            place.1 = Some(base + at as u32);
        }
        (writer.out, place)
    }

    /// Serialises the block.
    pub fn to_block(&self) -> Vec<u8> {
        let mut writer = Writer::new(self);
        let first = writer.directories(self);
        let at = writer.number(first as u32);
        let mut out = writer.out;
        out[4..8].copy_from_slice(&at);
        out
    }
}

/// A maker note that came from further on in a large file does not keep its place.
pub const LARGEST_NOTE_OFFSET: usize = 1 << 20;

/// Lays out directories and values around the maker note, which stays where it was.
struct Writer {
    big_endian: bool,
    out: Vec<u8>,
    /// Begin and end of the maker note, and the next free byte before it.
    fixed: std::ops::Range<usize>,
    before: usize,
    /// Where in its file the first byte of `out` stands.
    base: u32,
    /// Where in its file the maker note stands, if not in `out`.
    note: Option<u32>,
}

impl Writer {
    fn new(exif: &Exif) -> Self {
        let mut out = if exif.big_endian { b"MM\0*\0\0\0\0".to_vec() } else { b"II*\0\0\0\0\0".to_vec() };
        let mut fixed = 0..0;
        if let Some(Field { data, offset: Some(offset), .. }) = exif.exif.get(&MAKER_NOTE)
            && depends_on_place(data)
            && let Ok(offset) = usize::try_from(*offset)
            && (8..LARGEST_NOTE_OFFSET).contains(&offset)
        {
            out.resize(offset, 0);
            out.extend(data);
            fixed = offset..out.len();
        }
        Self { big_endian: exif.big_endian, out, fixed, before: 8, base: 0, note: None }
    }

    fn number(&self, value: u32) -> [u8; 4] {
        if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// Allocates so many bytes at an even offset: before the maker note if they fit there, else at the end.
    fn place(&mut self, length: usize) -> usize {
        let before = self.before.next_multiple_of(2);
        if before + length <= self.fixed.start {
            self.before = before + length;
            return before;
        }
        let at = self.out.len().next_multiple_of(2);
        self.out.resize(at + length, 0);
        at
    }

    fn put(&mut self, data: &[u8]) -> usize {
        let at = self.place(data.len());
        self.out[at..at + data.len()].copy_from_slice(data);
        at
    }

    /// Writes all directories; returns the place of the first.
    fn directories(&mut self, exif: &Exif) -> usize {
        // Offsets are assigned first, so that directories precede values, as readers expect.
        let mut picture = exif.picture.clone();
        let mut inner = exif.exif.clone();
        let pointer = Field { kind: 4, data: vec![0; 4], offset: None };
        let has_exif = !inner.is_empty() || !exif.interop.is_empty();
        if has_exif {
            picture.insert(EXIF_POINTER, pointer.clone());
        }
        if !exif.gps.is_empty() {
            picture.insert(GPS_POINTER, pointer.clone());
        }
        if !exif.interop.is_empty() {
            inner.insert(INTEROP_POINTER, pointer);
        }
        let size = |d: &Directory| 2 + 12 * d.len() + 4;
        let first = self.place(size(&picture));
        if has_exif {
            let at = self.place(size(&inner));
            self.point(&mut picture, EXIF_POINTER, at);
            if !exif.interop.is_empty() {
                let interop = self.place(size(&exif.interop));
                self.point(&mut inner, INTEROP_POINTER, interop);
                self.directory(&exif.interop, interop, 0);
            }
            self.directory(&inner, at, 0);
        }
        if !exif.gps.is_empty() {
            let at = self.place(size(&exif.gps));
            self.point(&mut picture, GPS_POINTER, at);
            self.directory(&exif.gps, at, 0);
        }
        let mut next = 0;
        if !exif.thumbnail.data.is_empty() {
            let mut thumbnail = exif.thumbnail.directory.clone();
            next = self.place(size(&thumbnail));
            let data = self.put(&exif.thumbnail.data);
            self.point(&mut thumbnail, exif.thumbnail.place_tag(), data);
            self.directory(&thumbnail, next, 0);
        }
        self.directory(&picture, first, next);
        first
    }

    fn point(&self, directory: &mut Directory, tag: u16, at: usize) {
        directory.insert(tag, Field { kind: 4, data: self.number(self.base + at as u32).to_vec(), offset: None });
    }

    fn directory(&mut self, directory: &Directory, at: usize, next: usize) {
        let two = |big: bool, v: u16| if big { v.to_be_bytes() } else { v.to_le_bytes() };
        let big = self.big_endian;
        let mut table = two(big, directory.len() as u16).to_vec();
        for (tag, field) in directory {
            let size = size_of_kind(field.kind).unwrap_or(1);
            table.extend(two(big, *tag));
            table.extend(two(big, field.kind));
            table.extend(self.number((field.data.len() / size) as u32));
            if field.data.len() <= 4 {
                let mut inline = [0; 4];
                inline[..field.data.len()].copy_from_slice(&field.data);
                table.extend(inline);
            } else {
                let place = match self.note {
                    Some(place) if *tag == MAKER_NOTE => place,
                    _ if *tag == MAKER_NOTE && !self.fixed.is_empty() => self.base + self.fixed.start as u32,
                    _ => self.base + self.put(&field.data) as u32,
                };
                table.extend(self.number(place));
            }
        }
        table.extend(self.number(next as u32));
        self.out[at..at + table.len()].copy_from_slice(&table);
    }
}
