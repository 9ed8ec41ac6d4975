//! The small copy of the picture in an Exif block: its second directory, and a JPEG or the samples (Exif 2.32, 4.5.8).

use super::{Directory, Exif, Field, LARGEST, Parser, long, short};

/// Where a JPEG stands, and its length.
pub(super) const JPEG: u16 = 0x0201;
const JPEG_LENGTH: u16 = 0x0202;
/// The same of samples that are not compressed.
const SAMPLES: u16 = 0x0111;
const SAMPLES_LENGTH: u16 = 0x0117;
const COMPRESSION: u16 = 0x0103;

/// A small copy; without one, both are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Thumbnail {
    pub directory: Directory,
    /// Empty if they could not be read, or stand in several pieces.
    pub data: Vec<u8>,
}

impl Thumbnail {
    /// Reads the directory at an offset, if it is one of a thumbnail.
    pub fn read(parser: &mut Parser<'_, '_>, at: u64) -> Self {
        let Some((directory, _)) = parser.directory(at, &|_| true) else { return Self::default() };
        let big_endian = parser.big_endian;
        let number = |tag: u16| {
            let field: &Field = directory.get(&tag)?;
            match (field.kind, field.data.len()) {
                (3, 2) => short(big_endian, &field.data).map(u32::from),
                (_, 4) => long(big_endian, &field.data),
                _ => None,
            }
        };
        let mut data_at =
            |place: u16, length: u16| (parser.read)(u64::from(number(place)?), (number(length)? as usize).min(LARGEST));
        let data = data_at(JPEG, JPEG_LENGTH).or_else(|| data_at(SAMPLES, SAMPLES_LENGTH)).unwrap_or_default();
        match [JPEG, SAMPLES].iter().any(|tag| directory.contains_key(tag)) {
            true => Self { directory, data },
            false => Self::default(),
        }
    }

    /// The tag that says where the data stand.
    pub fn place_tag(&self) -> u16 {
        if self.directory.contains_key(&JPEG) { JPEG } else { SAMPLES }
    }
}

impl Exif {
    /// Whether there is a small copy of the picture, of whatever kind.
    pub fn has_thumbnail(&self) -> bool {
        !self.thumbnail.directory.is_empty()
    }

    /// Removes the small copy of the picture.
    pub fn remove_thumbnail(&mut self) {
        self.thumbnail = Thumbnail::default();
    }

    /// Sets the small copy of the picture: a JPEG, of which a JFIF header is left out, as Exif asks for.
    pub fn set_thumbnail(&mut self, jpeg: &[u8]) {
        let without_header = match jpeg {
            [0xff, 0xd8, 0xff, 0xe0, high, low, ..] => {
                let rest = jpeg.get(4 + usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default();
                [&jpeg[..2], rest].concat()
            }
            _ => jpeg.to_vec(),
        };
        let two = |value: u16| if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }.to_vec();
        let four = |value: u32| self.bytes(value).to_vec();
        let field = |kind: u16, data: Vec<u8>| Field { kind, data, offset: None };
        let resolution = field(5, [four(72), four(1)].concat());
        let directory = Directory::from([
            (COMPRESSION, field(3, two(6))),
            (0x011a, resolution.clone()),
            (0x011b, resolution),
            (0x0128, field(3, two(2))),
            (JPEG, field(4, four(0))),
            (JPEG_LENGTH, field(4, four(without_header.len() as u32))),
        ]);
        self.thumbnail = Thumbnail { directory, data: without_header };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_thumbnail_is_a_jpeg_without_a_jfif_header() {
        for big_endian in [false, true] {
            let mut exif = Exif::new(big_endian);
            exif.set_text(super::super::Section::Picture, 0x010f, "Maker");
            exif.set_thumbnail(b"\xff\xd8\xff\xe0\0\x04ab\xff\xdbrest");
            let read = Exif::parse(&exif.to_block()).unwrap();
            assert_eq!(read.thumbnail.data, b"\xff\xd8\xff\xdbrest");
            let mut without = read;
            without.remove_thumbnail();
            assert!(!Exif::parse(&without.to_block()).unwrap().has_thumbnail());
        }
    }

    #[test]
    fn samples_that_are_not_compressed_are_kept() {
        let entry = |tag: u16, value: u32| {
            [&tag.to_le_bytes()[..], &4_u16.to_le_bytes(), &1_u32.to_le_bytes(), &value.to_le_bytes()].concat()
        };
        let mut block = b"II*\0\x08\0\0\0\x01\0".to_vec();
        block.extend(entry(0x8298, 7));
        block.extend(26_u32.to_le_bytes());
        block.extend(2_u16.to_le_bytes());
        block.extend(entry(SAMPLES, 56));
        block.extend(entry(SAMPLES_LENGTH, 6));
        block.extend([0; 4]);
        block.extend(b"sample");
        let exif = Exif::parse(&block).unwrap();
        assert_eq!((exif.has_thumbnail(), exif.thumbnail.data.as_slice()), (true, &b"sample"[..]));
        let again = Exif::parse(&exif.to_block()).unwrap();
        assert_eq!(again.thumbnail.data, b"sample");
        for cut in 0..block.len() {
            let _ = Exif::parse(&block[..cut]);
        }
    }
}
