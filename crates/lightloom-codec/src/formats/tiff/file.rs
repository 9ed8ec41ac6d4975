//! The structure of a TIFF file: byte order, directories and the values in them (TIFF 6.0, section 2; BigTIFF). Camera
//! RAW files and Exif blocks have the same structure.

use std::collections::btree_map::Entry as MapEntry;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{Read, SeekFrom};

use crate::{CodecError, Input};

/// Tags that are used here, by their TIFF 6.0 names.
pub(crate) mod tag {
    pub const IMAGE_WIDTH: u16 = 256;
    pub const IMAGE_LENGTH: u16 = 257;
    pub const BITS_PER_SAMPLE: u16 = 258;
    pub const COMPRESSION: u16 = 259;
    pub const PHOTOMETRIC: u16 = 262;
    pub const FILL_ORDER: u16 = 266;
    pub const MAKE: u16 = 271;
    pub const STRIP_OFFSETS: u16 = 273;
    pub const ORIENTATION: u16 = 274;
    pub const SAMPLES_PER_PIXEL: u16 = 277;
    pub const ROWS_PER_STRIP: u16 = 278;
    pub const STRIP_BYTE_COUNTS: u16 = 279;
    pub const PLANAR_CONFIGURATION: u16 = 284;
    pub const T4_OPTIONS: u16 = 292;
    pub const PREDICTOR: u16 = 317;
    pub const COLOUR_MAP: u16 = 320;
    pub const TILE_WIDTH: u16 = 322;
    pub const TILE_LENGTH: u16 = 323;
    pub const TILE_OFFSETS: u16 = 324;
    pub const TILE_BYTE_COUNTS: u16 = 325;
    pub const SUB_IFDS: u16 = 330;
    pub const EXTRA_SAMPLES: u16 = 338;
    pub const SAMPLE_FORMAT: u16 = 339;
    pub const JPEG_TABLES: u16 = 347;
    pub const JPEG_INTERCHANGE: u16 = 513;
    pub const JPEG_INTERCHANGE_LENGTH: u16 = 514;
    pub const JPEG_RESTART_INTERVAL: u16 = 515;
    pub const JPEG_Q_TABLES: u16 = 519;
    pub const JPEG_DC_TABLES: u16 = 520;
    pub const JPEG_AC_TABLES: u16 = 521;
    pub const YCBCR_COEFFICIENTS: u16 = 529;
    pub const YCBCR_SUBSAMPLING: u16 = 530;
    pub const REFERENCE_BLACK_WHITE: u16 = 532;
    pub const JPG_FROM_RAW: u16 = 46;
    pub const ICC_PROFILE: u16 = 34_675;
    pub const DNG_VERSION: u16 = 50_706;
}

/// More directories than any file in earnest has.
const MOST_DIRECTORIES: usize = 10_000;
/// More values than any tag in earnest has: offsets of the tiles of a gigapixel picture.
const MOST_VALUES: u64 = 1 << 22;

/// An open file.
pub(crate) struct Tiff<'a> {
    input: &'a mut dyn Input,
    length: u64,
    big_endian: bool,
    big: bool,
    /// Where the first directory stands.
    pub first: u64,
}

/// Where the value of a tag stands.
#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: u16,
    count: u64,
    at: u64,
}

/// One directory: what describes one picture.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    entries: BTreeMap<u16, Entry>,
    /// Where the next one stands; 0 for the last.
    pub next: u64,
    /// Whether the file ends before all of it and its values are there.
    pub cut: bool,
    /// Tags that it has more than once.
    pub repeated: BTreeSet<u16>,
}

impl Directory {
    /// The tags in order, each with its type.
    pub fn tags(&self) -> impl Iterator<Item = (u16, u16)> {
        self.entries.iter().map(|(tag, entry)| (*tag, entry.kind))
    }

    /// How many values a tag has; 1 if it is missing.
    pub fn count(&self, tag: u16) -> u64 {
        self.entries.get(&tag).map_or(1, |entry| entry.count.max(1))
    }

    /// Whether it has this tag.
    pub fn has(&self, tag: u16) -> bool {
        self.entries.contains_key(&tag)
    }
}

/// Bytes of one value of a field type; 0 for types that are not known.
const fn size(kind: u16) -> u64 {
    match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 0,
    }
}

impl<'a> Tiff<'a> {
    /// Reads the file's first bytes. The variants of ORF and RW2, which differ in their magic number, are taken too.
    ///
    /// # Errors
    /// If it is no TIFF file or cannot be read.
    pub fn open(input: &'a mut dyn Input) -> Result<Self, CodecError> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        let mut head = [0; 4];
        input.read_exact(&mut head)?;
        let (big_endian, big) = match &head {
            b"II*\0" | b"IIRO" | b"IIRS" | b"IIU\0" => (false, false),
            b"MM\0*" | b"MMOR" => (true, false),
            b"II+\0" => (false, true),
            b"MM\0+" => (true, true),
            _ => return Err(CodecError::Unrecognised),
        };
        let mut file = Self { input, length, big_endian, big, first: 0 };
        if big {
            file.seek(8)?;
        }
        file.first = file.offset()?;
        Ok(file)
    }

    fn seek(&mut self, at: u64) -> Result<(), CodecError> {
        self.input.seek(SeekFrom::Start(at))?;
        Ok(())
    }

    fn unsigned(&mut self, bytes: usize) -> Result<u64, CodecError> {
        let mut raw = [0; 8];
        self.input.read_exact(&mut raw[..bytes])?;
        Ok(self.number(&raw[..bytes]))
    }

    fn number(&self, raw: &[u8]) -> u64 {
        let join = |n: u64, b: &u8| n << 8 | u64::from(*b);
        if self.big_endian { raw.iter().fold(0, join) } else { raw.iter().rev().fold(0, join) }
    }

    fn offset(&mut self) -> Result<u64, CodecError> {
        self.unsigned(if self.big { 8 } else { 4 })
    }

    /// Whether it is a BigTIFF file.
    pub const fn is_big(&self) -> bool {
        self.big
    }

    /// Whether numbers are stored with their high byte first.
    pub const fn big_endian(&self) -> bool {
        self.big_endian
    }

    /// Reads the directory at an offset, as far as the file goes.
    ///
    /// # Errors
    /// If not even its number of entries is there.
    pub fn directory(&mut self, at: u64) -> Result<Directory, CodecError> {
        if at == 0 {
            return Err(CodecError::Damaged("it has no directory".to_owned()));
        }
        self.seek(at)?;
        let count = self.unsigned(if self.big { 8 } else { 2 })?;
        let (entry_bytes, inline) = if self.big { (20, 8) } else { (12, 4) };
        let mut entries_at = at + if self.big { 8 } else { 2 };
        let mut directory = Directory::default();
        for _ in 0..count.min(u64::from(u16::MAX)) {
            let Ok(entry) = self.entry(entries_at, inline) else {
                directory.cut = true;
                return Ok(directory);
            };
            let bytes = size(entry.1.kind).saturating_mul(entry.1.count);
            directory.cut |= entry.1.at.saturating_add(bytes) > self.length;
            // The first of several wins.
            match directory.entries.entry(entry.0) {
                MapEntry::Occupied(_) => {
                    directory.repeated.insert(entry.0);
                }
                MapEntry::Vacant(place) => {
                    place.insert(entry.1);
                }
            }
            entries_at += entry_bytes;
        }
        match self.seek(entries_at).and_then(|()| self.offset()) {
            Ok(next) => directory.next = next,
            Err(_) => directory.cut = true,
        }
        Ok(directory)
    }

    fn entry(&mut self, at: u64, inline: u64) -> Result<(u16, Entry), CodecError> {
        self.seek(at)?;
        let tag = self.unsigned(2)? as u16;
        let kind = self.unsigned(2)? as u16;
        let count = self.offset()?;
        let value = self.offset()?;
        let is_inline = size(kind).saturating_mul(count) <= inline;
        Ok((tag, Entry { kind, count, at: if is_inline { at + 4 + inline } else { value } }))
    }

    /// Where the directories of the chain stand, without repeats.
    pub fn chain(&mut self) -> Vec<u64> {
        let mut seen = HashSet::new();
        let mut chain = Vec::new();
        let mut at = self.first;
        while at != 0 && chain.len() < MOST_DIRECTORIES && seen.insert(at) {
            let Ok(directory) = self.directory(at) else { break };
            chain.push(at);
            at = directory.next;
        }
        chain
    }

    /// Where a tag's value stands, and its length in bytes.
    pub fn position(&self, directory: &Directory, tag: u16) -> Option<(u64, u64)> {
        let entry = directory.entries.get(&tag)?;
        Some((entry.at, size(entry.kind).checked_mul(entry.count)?))
    }

    /// The colour profile, as far as the file goes: empty if nothing of it is there.
    pub fn profile(&mut self, directory: &Directory) -> Option<Vec<u8>> {
        directory.has(tag::ICC_PROFILE).then(|| self.bytes(directory, tag::ICC_PROFILE).unwrap_or_default())
    }

    /// The bytes of a tag's value, as far as the file goes.
    pub fn bytes(&mut self, directory: &Directory, tag: u16) -> Option<Vec<u8>> {
        let entry = *directory.entries.get(&tag)?;
        let bytes = size(entry.kind).checked_mul(entry.count)?;
        self.slice(entry.at, bytes)
    }

    /// A piece of the file, as far as it goes.
    fn slice(&mut self, at: u64, bytes: u64) -> Option<Vec<u8>> {
        let bytes = bytes.min(self.length.checked_sub(at)?);
        self.seek(at).ok()?;
        let mut out = Vec::with_capacity(bytes as usize);
        let input: &mut dyn Input = self.input;
        input.take(bytes).read_to_end(&mut out).ok()?;
        Some(out)
    }

    /// A tag's values, as whole numbers; negative ones become 0.
    pub fn numbers(&mut self, directory: &Directory, tag: u16) -> Option<Vec<u64>> {
        let entry = *directory.entries.get(&tag)?;
        let each = size(entry.kind);
        if each == 0 || entry.count > MOST_VALUES {
            return None;
        }
        let raw = self.bytes(directory, tag)?;
        let of = |raw: &[u8]| match entry.kind {
            5 | 10 => {
                let (a, b) = raw.split_at(4);
                self.number(a) / self.number(b).max(1)
            }
            _ => self.number(raw),
        };
        Some(raw.chunks_exact(each as usize).map(of).collect())
    }

    /// A tag's first value.
    pub fn value(&mut self, directory: &Directory, tag: u16) -> Option<u64> {
        let mut entry = *directory.entries.get(&tag)?;
        entry.count = entry.count.min(1);
        let one = Directory { entries: BTreeMap::from([(tag, entry)]), ..Directory::default() };
        self.numbers(&one, tag)?.first().copied()
    }

    /// A tag's values as fractions (RATIONAL), which are not finite where the denominator is 0, or floats.
    pub fn fractions(&mut self, directory: &Directory, tag: u16) -> Option<Vec<f64>> {
        let kind = directory.entries.get(&tag)?.kind;
        match kind {
            5 => {
                let raw = self.bytes(directory, tag)?;
                let of = |raw: &[u8]| {
                    let (a, b) = raw.split_at(4);
                    self.number(a) as f64 / self.number(b) as f64
                };
                Some(raw.chunks_exact(8).map(of).collect())
            }
            11 => {
                let raw = self.bytes(directory, tag)?;
                Some(raw.chunks_exact(4).map(|r| f64::from(f32::from_bits(self.number(r) as u32))).collect())
            }
            12 => {
                let raw = self.bytes(directory, tag)?;
                Some(raw.chunks_exact(8).map(|r| f64::from_bits(self.number(r))).collect())
            }
            _ => Some(self.numbers(directory, tag)?.into_iter().map(|n| n as f64).collect()),
        }
    }
}

/// Whether bytes in memory have a TIFF structure.
pub(crate) fn is_tiff(head: &[u8]) -> bool {
    [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head.starts_with(magic))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn values_stand_in_the_entry_or_elsewhere() {
        // Width 5 as SHORT in place; three bits-per-sample values at 38; the next directory is this one again.
        let mut file = b"II*\0\x08\0\0\0\x02\0".to_vec();
        file.extend([0, 1, 3, 0, 1, 0, 0, 0, 5, 0, 0, 0]);
        file.extend([2, 1, 3, 0, 3, 0, 0, 0, 38, 0, 0, 0]);
        file.extend([8, 0, 0, 0, 8, 0, 8, 0, 4, 0]);
        let mut input = Cursor::new(&file);
        let mut tiff = Tiff::open(&mut input).unwrap();
        let directory = tiff.directory(tiff.first).unwrap();
        assert!(!directory.cut);
        assert_eq!(tiff.value(&directory, tag::IMAGE_WIDTH), Some(5));
        assert_eq!(tiff.numbers(&directory, tag::BITS_PER_SAMPLE), Some(vec![8, 8, 4]));
        assert_eq!(tiff.chain(), [8], "a loop ends");
        for cut in 4..file.len() {
            let mut input = Cursor::new(&file[..cut]);
            let Ok(mut tiff) = Tiff::open(&mut input) else { continue };
            assert!(tiff.directory(8).map_or(true, |d| d.cut), "cut at {cut}");
        }
    }
}
