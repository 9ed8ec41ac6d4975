//! Maker notes that hold positions: focus points and faces.
//!
//! Their forms are the makers' own, so the positions stay as they are; whether there are any is what has to be known.
//! Tags by the tables of ExifTool.

/// Where the directory of a maker's note begins, and which of its tags hold positions.
struct Maker {
    /// How the camera's make begins.
    make: &'static str,
    /// How the note begins.
    header: &'static [u8],
    directory: Place,
    tags: &'static [u16],
}

/// Where a directory is, and in which byte order.
enum Place {
    /// At this offset, in the order of the Exif block.
    At(usize),
    /// At this offset, little-endian.
    LittleEndianAt(usize),
    /// A TIFF header of its own stands at this offset.
    TiffAt(usize),
    /// Its offset stands at this one, little-endian.
    LittleEndianPointerAt(usize),
}

const MAKERS: &[Maker] = &[
    Maker { make: "Nikon", header: b"Nikon\0\x02", directory: Place::TiffAt(10), tags: &[0x21, 0x88, 0xb7] },
    Maker { make: "Panasonic", header: b"Panasonic\0", directory: Place::At(12), tags: &[0x4d, 0x4e] },
    Maker {
        make: "Fujifilm",
        header: b"FUJIFILM",
        directory: Place::LittleEndianPointerAt(8),
        tags: &[0x1023, 0x4103],
    },
    Maker { make: "Olympus", header: b"OLYMPUS\0II", directory: Place::LittleEndianAt(12), tags: &[0x2020, 0x2050] },
    Maker {
        make: "OM Digital",
        header: b"OM SYSTEM\0\0\0II",
        directory: Place::LittleEndianAt(16),
        tags: &[0x2020, 0x2050],
    },
    Maker { make: "Sony", header: b"SONY DSC \0", directory: Place::At(12), tags: &[0x2027, 0x204a, 0x940e] },
    Maker { make: "Sony", header: b"", directory: Place::At(0), tags: &[0x2027, 0x204a, 0x940e] },
    Maker { make: "Canon", header: b"", directory: Place::At(0), tags: &[0x12, 0x24, 0x25, 0x26, 0x3c] },
];

/// Whether a maker note holds focus points or faces. `make` is the camera's, `big_endian` the order of the Exif block.
pub(super) fn has_positions(note: &[u8], make: &str, big_endian: bool) -> bool {
    let is_of = |maker: &&Maker| {
        make.get(..maker.make.len()).is_some_and(|start| start.eq_ignore_ascii_case(maker.make))
            && note.starts_with(maker.header)
    };
    MAKERS.iter().find(is_of).is_some_and(|maker| has_tag(note, maker, big_endian).unwrap_or(false))
}

fn has_tag(note: &[u8], maker: &Maker, big_endian: bool) -> Option<bool> {
    let short = |big_endian: bool, at: usize| {
        let bytes = *note.get(at..)?.first_chunk()?;
        Some(if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let long = |big_endian: bool, at: usize| {
        let bytes = *note.get(at..)?.first_chunk()?;
        Some(if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) } as usize)
    };
    let (at, big_endian) = match maker.directory {
        Place::At(at) => (at, big_endian),
        Place::LittleEndianAt(at) => (at, false),
        Place::LittleEndianPointerAt(at) => (long(false, at)?, false),
        Place::TiffAt(at) => {
            let own = note.get(at..at + 2)? == b"MM";
            (at.checked_add(long(own, at + 4)?)?, own)
        }
    };
    let entries = usize::from(short(big_endian, at)?);
    let tag = |entry: usize| short(big_endian, at + 2 + 12 * entry);
    Some((0..entries).map_while(tag).any(|tag| maker.tags.contains(&tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(tags: &[u16], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mut out = bytes(tags.len() as u16).to_vec();
        tags.iter().for_each(|tag| {
            out.extend(bytes(*tag));
            out.extend([0; 10]);
        });
        out
    }

    #[test]
    fn notes_of_every_maker_are_told_apart() {
        for maker in MAKERS {
            for (tag, has) in [(maker.tags[0], true), (1, false)] {
                let mut note = maker.header.to_vec();
                let order: fn(u16) -> [u8; 2] = match maker.directory {
                    Place::At(at) => {
                        note.resize(at, 0);
                        u16::to_be_bytes
                    }
                    Place::LittleEndianAt(at) => {
                        note.resize(at, 0);
                        u16::to_le_bytes
                    }
                    Place::LittleEndianPointerAt(at) => {
                        note.resize(at, 0);
                        note.extend(12_u32.to_le_bytes());
                        u16::to_le_bytes
                    }
                    Place::TiffAt(at) => {
                        note.resize(at, 0);
                        note.extend(b"MM\0*\0\0\0\x08");
                        u16::to_be_bytes
                    }
                };
                note.extend(directory(&[5, tag], order));
                assert_eq!(has_positions(&note, &maker.make.to_uppercase(), true), has, "{}", maker.make);
                for cut in 0..note.len() {
                    let _ = has_positions(&note[..cut], maker.make, true);
                }
            }
        }
        assert!(!has_positions(b"anything", "Another", false));
    }
}
