//! The index of a file of several JPEG pictures (CIPA DC-007, Multi-Picture Format): which pictures follow the first.

use std::ops::Range;

/// How the segment (APP2) begins; offsets count from behind it.
pub(crate) const SIGNATURE: &[u8] = b"MPF\0";

const VERSION: u16 = 0xb000;
const COUNT: u16 = 0xb001;
const ENTRIES: u16 = 0xb002;
/// Bytes of an entry: attributes, size, offset, two dependents.
const ENTRY: usize = 16;
/// More pictures than any camera writes.
const MOST: usize = 256;

/// What a picture is, by its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A small copy of the first picture.
    Preview,
    /// Another view or shot: of a panorama, for 3D, from another angle.
    View,
    /// Anything else, such as a gain map.
    Other,
}

/// A picture that follows the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub kind: Kind,
    pub range: Range<usize>,
}

/// The pictures behind the first. `segment` is the content of the segment behind [`SIGNATURE`], which stands at `base`.
pub(crate) fn entries(segment: &[u8], base: usize) -> Vec<Entry> {
    read(segment, base).unwrap_or_default()
}

fn read(segment: &[u8], base: usize) -> Option<Vec<Entry>> {
    let big_endian = segment.starts_with(b"MM\0*");
    if !big_endian && !segment.starts_with(b"II*\0") {
        return None;
    }
    let short = |at: usize| {
        let bytes = *segment.get(at..)?.first_chunk()?;
        Some(if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let long = |at: usize| {
        let bytes = *segment.get(at..)?.first_chunk()?;
        Some(if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) } as usize)
    };
    let directory = long(4)?;
    let tags = (0..usize::from(short(directory)?)).map(|i| directory + 2 + 12 * i);
    let entries = tags.map_while(|at| Some((short(at)?, at))).find(|(tag, _)| *tag == ENTRIES)?.1;
    let (length, first) = (long(entries + 4)?, long(entries + 8)?);
    let mut found = Vec::new();
    for at in (1..(length / ENTRY).min(MOST)).map(|i| first.saturating_add(ENTRY * i)) {
        let (attributes, size, offset) = (long(at)?, long(at + 4)?, long(at + 8)?);
        let kind = match attributes & 0x00ff_ffff {
            0x01_0001..=0x01_ffff => Kind::Preview,
            0x02_0001..=0x02_ffff => Kind::View,
            _ => Kind::Other,
        };
        let start = base.checked_add(offset)?;
        if size > 0 && offset > 0 {
            found.push(Entry { kind, range: start..start.checked_add(size)? });
        }
    }
    Some(found)
}

/// Bytes of the segment's content for two pictures.
pub(crate) const LENGTH: usize = SIGNATURE.len() + 8 + 2 + 3 * 12 + 4 + 2 * ENTRY;

/// The segment's content for a picture of `first` bytes and another one of `second` bytes behind it, at `offset` bytes from
/// behind the signature.
pub(crate) fn segment(first: u32, second: u32, offset: u32) -> Vec<u8> {
    let mut out = SIGNATURE.to_vec();
    out.extend(b"MM\0*\0\0\0\x08\0\x03");
    let mut tag = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        out.extend(tag.to_be_bytes());
        out.extend(kind.to_be_bytes());
        out.extend(count.to_be_bytes());
        out.extend(value);
    };
    tag(VERSION, 7, 4, *b"0100");
    tag(COUNT, 4, 1, 2_u32.to_be_bytes());
    // Behind the header, this directory and the place of a next one.
    tag(ENTRIES, 7, 2 * ENTRY as u32, (8 + 2 + 3 * 12 + 4_u32).to_be_bytes());
    out.extend([0; 4]);
    // The first is the representative picture; of what kind the second is, the format has no word for.
    for entry in [[0x0003_0000, first, 0, 0], [0, second, offset, 0]] {
        entry.iter().for_each(|number| out.extend(number.to_be_bytes()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let written = segment(1000, 200, 900);
        assert_eq!(written.len(), LENGTH);
        let index = written.strip_prefix(SIGNATURE).unwrap();
        assert_eq!(entries(index, 100), [Entry { kind: Kind::Other, range: 1000..1200 }]);
        for cut in 0..index.len() {
            let _ = entries(&index[..cut], 100);
        }
    }
}
