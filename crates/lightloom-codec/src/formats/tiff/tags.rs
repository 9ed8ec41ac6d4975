//! What the first directory of a TIFF file says beside its samples: Exif, XMP, IPTC, resolution; read from a file and put
//! into one that an encoder has written.

use std::io::{Read, SeekFrom};

use crate::shared::photoshop;
use crate::{Encoded, Input};
use lightloom_picture::exif::{Exif, Field, Section, describes};
use lightloom_picture::{Density, Metadata};

const XMP: u16 = 700;
const IPTC: u16 = 33_723;
const PHOTOSHOP: u16 = 34_377;
/// Largest value that is looked into.
const LARGEST: usize = 64 << 20;

/// Reads everything but the profile and the orientation, which is reset.
pub(crate) fn read(input: &mut dyn Input) -> Option<Metadata> {
    let mut read_at = |at: u64, length: usize| {
        if length > LARGEST {
            return None;
        }
        input.seek(SeekFrom::Start(at)).ok()?;
        let mut bytes = Vec::new();
        (&mut *input).take(length as u64).read_to_end(&mut bytes).ok()?;
        (bytes.len() == length).then_some(bytes)
    };
    let wanted = |tag: u16| describes(tag) || matches!(tag, XMP | IPTC | PHOTOSHOP);
    let mut exif = Exif::read(&mut read_at, &wanted)?;
    let mut bytes_of = |tag: u16| {
        let data = exif.picture_fields().find(|(t, _)| *t == tag).map(|(_, field)| field.data.clone());
        exif.remove(Section::Picture, tag);
        data
    };
    let xmp = bytes_of(XMP);
    let (iptc, resources) = (bytes_of(IPTC), bytes_of(PHOTOSHOP));
    let iptc = iptc.or_else(|| photoshop::iptc(&resources?));
    if exif.has(Section::Picture, 0x0112) {
        exif.set_short(Section::Picture, 0x0112, 1);
    }
    let block = (!exif.is_empty()).then(|| exif.to_block());
    let density = block.as_deref().and_then(Density::from_exif);
    Some(Metadata { exif: block, xmp, iptc, density, ..Metadata::default() })
}

/// Adds what the encoder leaves out, and notes if that is not possible.
pub(crate) fn embed(Encoded { bytes, notes }: &mut Encoded, metadata: &Metadata) {
    // The encoder itself has said that it takes no Exif.
    notes.retain(|note| !note.contains("Exif"));
    let nothing = Metadata { icc: metadata.icc.clone(), ..Metadata::default() };
    if *metadata != nothing && append(bytes, metadata).is_none() {
        notes.push("the metadata do not fit into this TIFF file".to_owned());
    }
}

/// Adds metadata to the first directory; `None` if that is not possible.
fn append(bytes: &mut Vec<u8>, metadata: &Metadata) -> Option<()> {
    let mut directory = Rewritten::open(bytes)?;
    if let Some(xmp) = &metadata.xmp {
        directory.put(XMP, 1, xmp.len(), xmp);
    }
    if let Some(iptc) = &metadata.iptc {
        // As LONGs filled up with zeros, which is what Photoshop and libtiff write; the bytes keep their order.
        let mut padded = iptc.clone();
        padded.resize(iptc.len().next_multiple_of(4), 0);
        directory.put(IPTC, 4, padded.len() / 4, &padded);
    }
    let order = directory.order;
    if let Some(Density { x, y }) = metadata.density {
        for (tag, value) in [(0x011a, x), (0x011b, y)] {
            let ratio = [order.four((value * 10_000.0).round() as u32), order.four(10_000)].concat();
            directory.put(tag, 5, 1, &ratio);
        }
        directory.put(0x0128, 3, 1, &order.two(2));
    }
    if let Some(exif) = metadata.exif.as_deref().and_then(Exif::parse).map(|e| e.in_order(order.big_endian)) {
        directory.put_exif(&exif);
    }
    directory.finish()
}

/// The first directory of a classic TIFF file, written again behind the file's end together with what its new entries
/// refer to, so that nothing in the file moves.
struct Rewritten<'a> {
    file: &'a mut Vec<u8>,
    order: Order,
    entries: Vec<Entry>,
    /// The offset of the next directory, as the file holds it.
    next: [u8; 4],
}

struct Entry {
    tag: u16,
    raw: [u8; 12],
}

impl<'a> Rewritten<'a> {
    fn open(file: &'a mut Vec<u8>) -> Option<Self> {
        let big_endian = match file.get(..4)? {
            b"II*\0" => false,
            b"MM\0*" => true,
            _ => return None,
        };
        let order = Order { big_endian };
        let directory = order.long(file, 4)? as usize;
        let count = order.short(file, directory)? as usize;
        let table = directory + 2;
        let mut entries = Vec::new();
        for i in 0..count {
            let raw: [u8; 12] = *file.get(table + 12 * i..)?.first_chunk()?;
            entries.push(Entry { tag: order.short(&raw, 0)?, raw });
        }
        let next = *file.get(table + 12 * count..)?.first_chunk()?;
        Some(Self { file, order, entries, next })
    }

    /// Sets a tag to `count` values of type `kind`.
    fn put(&mut self, tag: u16, kind: u16, count: usize, data: &[u8]) {
        let order = self.order;
        let mut raw = [0; 12];
        raw[..2].copy_from_slice(&order.two(tag));
        raw[2..4].copy_from_slice(&order.two(kind));
        raw[4..8].copy_from_slice(&order.four(count as u32));
        if data.len() <= 4 {
            raw[8..8 + data.len()].copy_from_slice(data);
        } else {
            self.align();
            raw[8..].copy_from_slice(&order.four(self.file.len() as u32));
            self.file.extend(data);
        }
        self.entries.retain(|other| other.tag != tag);
        self.entries.push(Entry { tag, raw });
    }

    fn put_exif(&mut self, exif: &Exif) {
        for (tag, Field { kind, data, .. }) in exif.picture_fields() {
            let orientation_or_resolution = matches!(tag, 0x0112 | 0x011a | 0x011b | 0x0128);
            if describes(tag) && !orientation_or_resolution {
                self.put(tag, *kind, data.len() / Exif::size_of(*kind), data);
            }
        }
        self.align();
        let (blob, places) = exif.sub_directories(self.file.len() as u32);
        self.file.extend(blob);
        for (tag, place) in [(0x8769, places.0), (0x8825, places.1)] {
            if let Some(place) = place {
                self.put(tag, 4, 1, &self.order.four(place));
            }
        }
    }

    /// Fills the file up to an even length: offsets in it are even.
    fn align(&mut self) {
        self.file.resize(self.file.len().next_multiple_of(2), 0);
    }

    fn finish(mut self) -> Option<()> {
        self.entries.sort_by_key(|entry| entry.tag);
        self.align();
        let at = u32::try_from(self.file.len()).ok()?;
        self.file.extend(self.order.two(self.entries.len() as u16));
        self.entries.iter().for_each(|entry| self.file.extend(entry.raw));
        self.file.extend(self.next);
        self.file[4..8].copy_from_slice(&self.order.four(at));
        Some(())
    }
}

/// The byte order of a file.
#[derive(Clone, Copy)]
struct Order {
    big_endian: bool,
}

impl Order {
    fn two(self, v: u16) -> [u8; 2] {
        if self.big_endian { v.to_be_bytes() } else { v.to_le_bytes() }
    }

    fn four(self, v: u32) -> [u8; 4] {
        if self.big_endian { v.to_be_bytes() } else { v.to_le_bytes() }
    }

    fn short(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn long(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}
