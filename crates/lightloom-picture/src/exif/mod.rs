//! Exif blocks (Exif 2.32, TIFF 6.0 structure) parsed, edited and serialised again.
//!
//! The maker note keeps its place in the block, since many makers' notes refer to their contents by offsets from the block's start.
//! What is removed is not copied, so nothing of it stays behind.

mod arrays;
mod maker_note;
mod reduce;
mod texts;
mod thumbnail;
mod values;
mod writer;

use std::collections::BTreeMap;

pub use reduce::NotePlace;
use thumbnail::Thumbnail;
pub use writer::LARGEST_NOTE_OFFSET;

/// Maximum number of entries in one directory; more is damage.
const MOST_ENTRIES: usize = 4096;
/// Maximum length of a value in bytes; more is damage.
const LARGEST: usize = 16 << 20;

/// Tags that hold the place of another directory.
const EXIF_POINTER: u16 = 0x8769;
const GPS_POINTER: u16 = 0x8825;
const INTEROP_POINTER: u16 = 0xa005;
const MAKER_NOTE: u16 = 0x927c;

/// The directory that a tag belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The picture (IFD0).
    Picture,
    /// The Exif directory.
    Exif,
    /// Where it was taken.
    Gps,
    /// Interoperability.
    Interop,
}

/// The value of a tag as the block holds it, in the block's byte order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// TIFF type, 1–13.
    pub kind: u16,
    pub data: Vec<u8>,
    /// Where they stood, if outside the directory.
    offset: Option<u64>,
}

type Directory = BTreeMap<u16, Field>;

/// An Exif block in parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exif {
    big_endian: bool,
    picture: Directory,
    exif: Directory,
    gps: Directory,
    interop: Directory,
    thumbnail: Thumbnail,
}

/// Bytes a value of this type.
const fn size_of_kind(kind: u16) -> Option<usize> {
    Some(match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 => 8,
        _ => return None,
    })
}

/// `length` bytes at an offset, `None` if they are not there.
pub type ReadAt<'a> = dyn FnMut(u64, usize) -> Option<Vec<u8>> + 'a;

struct Parser<'a, 'b> {
    big_endian: bool,
    read: &'a mut ReadAt<'b>,
    /// Directories that have been read, against loops.
    seen: Vec<u64>,
}

impl Parser<'_, '_> {
    fn directory(&mut self, at: u64, keep: &dyn Fn(u16) -> bool) -> Option<(Directory, u64)> {
        if at < 8 || self.seen.contains(&at) {
            return None;
        }
        self.seen.push(at);
        let count = short(self.big_endian, &(self.read)(at, 2)?)? as usize;
        if count > MOST_ENTRIES {
            return None;
        }
        let mut directory = Directory::new();
        for i in 0..count {
            // Of a truncated directory, what is there is kept.
            let Some(entry) = (self.read)(at + 2 + 12 * i as u64, 12) else { return Some((directory, 0)) };
            let tag = short(self.big_endian, &entry)?;
            let kind = short(self.big_endian, &entry[2..])?;
            let values = long(self.big_endian, &entry[4..])? as usize;
            let Some(length) = size_of_kind(kind).and_then(|s| s.checked_mul(values)) else { continue };
            if !keep(tag) || length > LARGEST || directory.contains_key(&tag) {
                continue;
            }
            let field = if length <= 4 {
                Field { kind, data: entry[8..8 + length].to_vec(), offset: None }
            } else {
                let offset = u64::from(long(self.big_endian, &entry[8..])?);
                let Some(data) = (self.read)(offset, length) else { continue };
                Field { kind, data, offset: Some(offset) }
            };
            directory.insert(tag, field);
        }
        let next = (self.read)(at + 2 + 12 * count as u64, 4).and_then(|b| long(self.big_endian, &b)).unwrap_or(0);
        Some((directory, u64::from(next)))
    }

    /// The directory that a tag of `parent` points to; the tag is taken out.
    fn child(&mut self, parent: &mut Directory, pointer: u16) -> Directory {
        let at = parent.remove(&pointer).and_then(|field| long(self.big_endian, &field.data));
        at.and_then(|at| self.directory(u64::from(at), &|_| true)).map(|(d, _)| d).unwrap_or_default()
    }
}

fn short(big_endian: bool, bytes: &[u8]) -> Option<u16> {
    let bytes = bytes.first_chunk()?;
    Some(if big_endian { u16::from_be_bytes(*bytes) } else { u16::from_le_bytes(*bytes) })
}

fn long(big_endian: bool, bytes: &[u8]) -> Option<u32> {
    let bytes = bytes.first_chunk()?;
    Some(if big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) })
}

/// Tags of a TIFF file's directory that describe the picture and not how its samples are stored: names, dates, people,
/// programs (TIFF 6.0), ratings and texts of Windows, print settings, and what TIFF/EP puts there rather than into an Exif
/// directory.
pub const fn describes(tag: u16) -> bool {
    matches!(
        tag,
        0x010d..=0x0110
            | 0x0112
            | 0x011a
            | 0x011b
            | 0x011d
            | 0x0128
            | 0x0131
            | 0x0132
            | 0x013b
            | 0x013c
            | 0x0151
            | 0x4746
            | 0x4749
            | 0x8298
            | 0x829a
            | 0x829d
            | EXIF_POINTER
            | 0x8822
            | 0x8824
            | GPS_POINTER
            | 0x8827
            | 0x882a
            | 0x8830..=0x8835
            | 0x9003
            | 0x9004
            | 0x9201..=0x9209
            | 0x920a
            | 0x9211
            | 0x9212
            | 0x9216
            | 0x9c9b..=0x9c9f
            | 0xc4a5
    )
}

impl Exif {
    /// Parses a block; `None` if it does not begin as one. Damaged parts are left out.
    pub fn parse(block: &[u8]) -> Option<Self> {
        let mut read = |at: u64, length: usize| {
            let at = usize::try_from(at).ok()?;
            Some(block.get(at..at.checked_add(length)?)?.to_vec())
        };
        Self::read(&mut read, &|_| true)
    }

    /// Parses the block that begins at offset 0 of what `read` reads; a whole TIFF file is one. Only tags of the
    /// first directory that `keep` wants are read.
    pub fn read(read: &mut ReadAt<'_>, keep: &dyn Fn(u16) -> bool) -> Option<Self> {
        let head = read(0, 8)?;
        let big_endian = match &head[..4] {
            b"II*\0" => false,
            b"MM\0*" => true,
            _ => return None,
        };
        let mut parser = Parser { big_endian, read, seen: Vec::new() };
        let first = long(big_endian, &head[4..])?;
        let (mut picture, next) = parser.directory(u64::from(first), keep)?;
        let mut exif = parser.child(&mut picture, EXIF_POINTER);
        let gps = parser.child(&mut picture, GPS_POINTER);
        let interop = parser.child(&mut exif, INTEROP_POINTER);
        // Only a block's second directory is a thumbnail; that of a TIFF file is its second page.
        let thumbnail = match keep(thumbnail::JPEG) {
            true => Thumbnail::read(&mut parser, next),
            false => Thumbnail::default(),
        };
        Some(Self { big_endian, picture, exif, gps, interop, thumbnail })
    }

    /// An empty block with this byte order.
    pub fn new(big_endian: bool) -> Self {
        Self { big_endian, ..Self::default() }
    }

    /// Sets a tag to values in the block's byte order, of which it is known where they stood.
    pub fn set_raw(&mut self, section: Section, tag: u16, kind: u16, data: Vec<u8>, offset: u64) {
        let offset = (data.len() > 4).then_some(offset);
        self.section_mut(section).insert(tag, Field { kind, data, offset });
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        [&self.picture, &self.exif, &self.gps, &self.interop].iter().all(|d| d.is_empty())
    }

    /// Whether numbers are big-endian.
    pub const fn is_big_endian(&self) -> bool {
        self.big_endian
    }

    fn section(&self, section: Section) -> &Directory {
        match section {
            Section::Picture => &self.picture,
            Section::Exif => &self.exif,
            Section::Gps => &self.gps,
            Section::Interop => &self.interop,
        }
    }

    fn section_mut(&mut self, section: Section) -> &mut Directory {
        match section {
            Section::Picture => &mut self.picture,
            Section::Exif => &mut self.exif,
            Section::Gps => &mut self.gps,
            Section::Interop => &mut self.interop,
        }
    }

    /// The tags of a directory, in order.
    pub fn fields(&self, section: Section) -> impl Iterator<Item = (u16, &Field)> {
        self.section(section).iter().map(|(tag, field)| (*tag, field))
    }

    /// A text, without its closing zero.
    pub fn text(&self, section: Section, tag: u16) -> Option<String> {
        let field = self.section(section).get(&tag).filter(|f| f.kind == 2)?;
        let text = String::from_utf8_lossy(&field.data);
        Some(text.trim_end_matches('\0').to_owned())
    }

    /// A whole number of type SHORT or LONG.
    pub fn number(&self, section: Section, tag: u16) -> Option<u32> {
        let field = self.section(section).get(&tag)?;
        match field.kind {
            3 => short(self.big_endian, &field.data).map(u32::from),
            4 => long(self.big_endian, &field.data),
            _ => None,
        }
    }

    /// A RATIONAL.
    pub fn ratio(&self, section: Section, tag: u16) -> Option<f64> {
        let field = self.section(section).get(&tag).filter(|f| f.kind == 5)?;
        let (over, under) = (long(self.big_endian, &field.data)?, long(self.big_endian, field.data.get(4..)?)?);
        (under != 0).then(|| f64::from(over) / f64::from(under))
    }

    /// Sets a text; UTF-8, as most programs write beyond ASCII.
    pub fn set_text(&mut self, section: Section, tag: u16, text: &str) {
        let data = text.bytes().filter(|b| *b != 0).chain([0]).collect();
        self.section_mut(section).insert(tag, Field { kind: 2, data, offset: None });
    }

    /// Sets a SHORT.
    pub fn set_short(&mut self, section: Section, tag: u16, value: u16) {
        let data = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }.to_vec();
        self.section_mut(section).insert(tag, Field { kind: 3, data, offset: None });
    }

    /// Sets a LONG.
    pub fn set_long(&mut self, section: Section, tag: u16, value: u32) {
        let data = self.bytes(value).to_vec();
        self.section_mut(section).insert(tag, Field { kind: 4, data, offset: None });
    }

    /// Sets a RATIONAL to a number with up to four places.
    pub fn set_ratio(&mut self, section: Section, tag: u16, value: f64) {
        let (over, under) = if value.fract() == 0.0 { (value, 1) } else { ((value * 10_000.0).round(), 10_000) };
        let data = [self.bytes(over.clamp(0.0, f64::from(u32::MAX)) as u32), self.bytes(under)].concat();
        self.section_mut(section).insert(tag, Field { kind: 5, data, offset: None });
    }

    /// Removes a tag.
    pub fn remove(&mut self, section: Section, tag: u16) {
        self.section_mut(section).remove(&tag);
    }

    /// Whether there is such a tag.
    pub fn has(&self, section: Section, tag: u16) -> bool {
        self.section(section).contains_key(&tag)
    }

    fn bytes(&self, value: u32) -> [u8; 4] {
        if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// Bytes of one value of a type, 1 for types that are not known.
    pub fn size_of(kind: u16) -> usize {
        size_of_kind(kind).unwrap_or(1)
    }

    /// The same block in another byte order. A maker note stays as it is, in its maker's order.
    #[must_use]
    pub fn in_order(mut self, big_endian: bool) -> Self {
        if self.big_endian != big_endian {
            let thumbnail = &mut self.thumbnail.directory;
            for directory in [&mut self.picture, &mut self.exif, &mut self.gps, &mut self.interop, thumbnail] {
                for field in directory.values_mut() {
                    // A ratio is two numbers of four bytes.
                    let size = match field.kind {
                        5 | 10 => 4,
                        kind => Self::size_of(kind),
                    };
                    field.data.chunks_exact_mut(size).for_each(<[u8]>::reverse);
                }
            }
            self.big_endian = big_endian;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(big_endian: bool) -> Exif {
        let mut exif = Exif { big_endian, ..Exif::default() };
        exif.set_text(Section::Picture, 0x010f, "A maker of cameras");
        exif.set_short(Section::Picture, 0x0112, 6);
        exif.set_ratio(Section::Picture, 0x011a, 300.0);
        exif.set_long(Section::Exif, 0xa002, 4000);
        exif.set_text(Section::Gps, 0x0001, "N");
        exif.set_ratio(Section::Gps, 0x0002, 51.5);
        exif.set_text(Section::Interop, 0x0001, "R98");
        exif.exif.insert(MAKER_NOTE, Field { kind: 7, data: (0..200).collect(), offset: None });
        exif.set_thumbnail(b"small");
        exif
    }

    #[test]
    fn what_is_written_is_read_back() {
        for big_endian in [false, true] {
            let block = sample(big_endian).to_block();
            let read = Exif::parse(&block).unwrap();
            assert_eq!(read.text(Section::Picture, 0x010f).as_deref(), Some("A maker of cameras"));
            assert_eq!(read.number(Section::Picture, 0x0112), Some(6));
            assert_eq!(read.ratio(Section::Gps, 0x0002), Some(51.5));
            assert_eq!(read.text(Section::Interop, 0x0001).as_deref(), Some("R98"));
            assert_eq!((read.thumbnail.data.as_slice(), read.is_big_endian()), (&b"small"[..], big_endian));
            // Written again, nothing moves.
            assert_eq!(Exif::parse(&read.to_block()).unwrap().to_block(), read.to_block());
        }
    }

    #[test]
    fn the_maker_note_keeps_its_place_and_removed_parts_leave_no_trace() {
        let block = sample(false).to_block();
        let place = |block: &[u8]| block.windows(50).position(|w| w.iter().copied().eq(0..50));
        let mut read = Exif::parse(&block).unwrap();
        read.gps.clear();
        read.remove_thumbnail();
        read.set_text(Section::Picture, 0x8298, &"a long line of copyright ".repeat(20));
        let changed = read.to_block();
        assert!(place(&block).is_some() && place(&changed) == place(&block));
        assert!(!changed.windows(5).any(|w| w == b"small"));
        let again = Exif::parse(&changed).unwrap();
        assert!(again.gps.is_empty() && again.has(Section::Picture, 0x8298) && again.has(Section::Exif, MAKER_NOTE));
    }

    #[test]
    fn hostile_blocks_end() {
        let block = sample(false).to_block();
        for cut in 0..block.len() {
            let _ = Exif::parse(&block[..cut]).map(|e| e.to_block());
        }
        let mut state = 7_u32;
        for _ in 0..20_000 {
            let mut bytes = block.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (state >> 8) as usize % bytes.len();
                bytes[at] = (state >> 24) as u8;
            }
            let _ = Exif::parse(&bytes).map(|e| e.to_block());
        }
        // A directory that points to itself, and one that lies outside.
        let mut wild = block.clone();
        wild[4..8].copy_from_slice(&[8, 0, 0, 0]);
        let _ = Exif::parse(&wild);
        wild[4..8].fill(0xff);
        assert!(Exif::parse(&wild).is_none());
    }
}
