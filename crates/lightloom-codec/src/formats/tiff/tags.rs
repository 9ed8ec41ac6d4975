//! What the first directory of a TIFF file says beside its samples: Exif, XMP, IPTC, Photoshop's resources, resolution; read
//! from a file and put into one that an encoder has written.

use std::io::{Read, SeekFrom};

use super::file::{Directory, Tiff, tag};
use crate::shared::found::Found;
use crate::{Encoded, Input};
use lightloom_picture::exif::{Exif, Field, LARGEST_NOTE_OFFSET, Section, describes};
use lightloom_picture::photoshop::Resources;
use lightloom_picture::{Density, Metadata};

const XMP: u16 = 700;
const IPTC: u16 = 33_723;
const PHOTOSHOP: u16 = 34_377;
const EXIF_DIRECTORY: u16 = 34_665;
const GPS_DIRECTORY: u16 = 34_853;
/// Largest value that is looked into.
const LARGEST: usize = 64 << 20;
/// Tags that are carried, in whichever form.
const fn is_carried(tag: u16) -> bool {
    describes(tag) || matches!(tag, XMP | IPTC | PHOTOSHOP)
}

/// Tags that say how samples are stored, coded or to be shown (TIFF 6.0 and its supplements, EP, FX, Class F), and the
/// padding of Windows.
const fn is_structure(tag: u16) -> bool {
    matches!(
        tag,
        254..=259
            | 262..=266
            | 273
            | 277..=284
            | 287..=293
            | 297
            | 300..=302
            | 317..=336
            | 338..=347
            | 351
            | 400..=405
            | 433..=435
            | 512..=521
            | 529..=534
            | 559
            | 32_932
            | 32_995..=32_998
            | 33_421
            | 33_422
            | tag::ICC_PROFILE
            | 34_908..=34_911
            | 37_439
            | 59_932
    )
}

/// The name of a tag for a warning; `None` if nothing is lost with it.
fn name_of_lost(tag: u16) -> Option<String> {
    match tag {
        tag if is_carried(tag) || is_structure(tag) => None,
        33_550 | 33_920 | 33_922 | 34_264 | 34_735..=34_737 => Some("GeoTIFF tags".to_owned()),
        37_724 => Some("Photoshop's layers".to_owned()),
        42_112 | 42_113 => Some("GDAL tags".to_owned()),
        50_706..=52_600 => Some("DNG tags".to_owned()),
        other => Some(format!("tag {other}")),
    }
}

/// Reads everything but the orientation, which is reset.
pub(crate) fn read(input: &mut dyn Input) -> Option<Metadata> {
    let (big, mut metadata) = survey(input)?;
    let mut exif = if big { read_big(input)? } else { read_classic(input)? };
    let mut bytes_of = |tag: u16| {
        let data = exif.fields(Section::Picture).find(|(t, _)| *t == tag).map(|(_, field)| field.data.clone());
        exif.remove(Section::Picture, tag);
        data
    };
    (metadata.xmp, metadata.iptc) = (bytes_of(XMP), bytes_of(IPTC));
    let resources = bytes_of(PHOTOSHOP).as_deref().map(Resources::parse).unwrap_or_default();
    if exif.has(Section::Picture, 0x0112) {
        exif.set_short(Section::Picture, 0x0112, 1);
    }
    let is_far = exif
        .placed_maker_note()
        .and_then(|(_, place)| place)
        .is_some_and(|place| place.binds && (big || place.offset >= LARGEST_NOTE_OFFSET as u64));
    if is_far && exif.release_maker_note() {
        metadata.lost("offsets in the maker note");
    }
    metadata.exif = (!exif.is_empty()).then(|| exif.to_block());
    metadata.density = metadata.exif.as_deref().and_then(Density::from_exif);
    metadata.found_among(resources);
    Some(metadata)
}

/// Whether the file is a BigTIFF, the profile, and names of what is not carried.
fn survey(input: &mut dyn Input) -> Option<(bool, Metadata)> {
    let mut file = Tiff::open(input).ok()?;
    let directory = file.directory(file.first).ok()?;
    let mut found = Metadata { icc: file.profile(&directory), ..Metadata::default() };
    for tag in &directory.repeated {
        match *tag {
            tag::ICC_PROFILE => found.lost("a second colour profile"),
            XMP => found.lost("a second XMP packet"),
            IPTC => found.lost("a second block of IPTC data"),
            other if is_carried(other) => found.lost_part(format!("a second tag {other}")),
            _ => {}
        }
    }
    directory.tags().filter_map(|(tag, _)| name_of_lost(tag)).for_each(|name| found.lost_part(name));
    Some((file.is_big(), found))
}

fn read_classic(input: &mut dyn Input) -> Option<Exif> {
    let mut read_at = |at: u64, length: usize| {
        if length > LARGEST {
            return None;
        }
        input.seek(SeekFrom::Start(at)).ok()?;
        let mut bytes = Vec::new();
        (&mut *input).take(length as u64).read_to_end(&mut bytes).ok()?;
        (bytes.len() == length).then_some(bytes)
    };
    Exif::read(&mut read_at, &is_carried)
}

/// The directories of a BigTIFF, which differ from Exif's in the size of their numbers.
fn read_big(input: &mut dyn Input) -> Option<Exif> {
    let mut file = Tiff::open(input).ok()?;
    let mut exif = Exif::new(file.big_endian());
    let first = file.directory(file.first).ok()?;
    take(&mut file, &first, Section::Picture, &mut exif);
    for (pointer, section) in [(EXIF_DIRECTORY, Section::Exif), (GPS_DIRECTORY, Section::Gps)] {
        exif.remove(Section::Picture, pointer);
        if let Some(at) = file.value(&first, pointer)
            && let Ok(directory) = file.directory(at)
        {
            take(&mut file, &directory, section, &mut exif);
        }
    }
    Some(exif)
}

fn take(file: &mut Tiff<'_>, directory: &Directory, section: Section, exif: &mut Exif) {
    for (tag, kind) in directory.tags() {
        // Types of 64 bits are for offsets; classic files have none.
        let is_wanted = (section != Section::Picture || is_carried(tag)) && (1..=12).contains(&kind);
        if let Some((at, length)) = file.position(directory, tag).filter(|(_, length)| *length <= LARGEST as u64)
            && is_wanted
            && let Some(data) = file.bytes(directory, tag).filter(|data| data.len() as u64 == length)
        {
            exif.set_raw(section, tag, kind, data, at);
        }
    }
}

/// Adds what the encoder leaves out, and notes if that is not possible.
pub(crate) fn embed(Encoded { bytes, notes }: &mut Encoded, metadata: &Metadata) {
    let nothing = Metadata { icc: metadata.icc.clone(), ..Metadata::default() };
    if *metadata != nothing && append(bytes, metadata, notes).is_none() {
        notes.push("the metadata do not fit into this TIFF file".to_owned());
    }
}

/// Adds metadata to the first directory; `None` if that is not possible.
fn append(bytes: &mut Vec<u8>, metadata: &Metadata, notes: &mut Vec<String>) -> Option<()> {
    let order = Order::of(bytes)?;
    let exif = metadata.exif.as_deref().and_then(Exif::parse).map(|exif| exif.in_order(order.big_endian));
    let mut note_at = None;
    if let Some((note, Some(place))) = exif.as_ref().and_then(Exif::placed_maker_note)
        && place.binds
    {
        // Offsets in it count from the begin of its block, which is now the file's.
        note_at = usize::try_from(place.offset).ok().and_then(|at| make_room(bytes, order, at, note));
        if note_at.is_none() {
            notes.push("the maker note was moved: offsets in it may no longer hold".to_owned());
        }
    }
    let mut directory = Rewritten::open(bytes, order)?;
    if let Some(xmp) = &metadata.xmp {
        directory.put(XMP, 1, xmp.len(), xmp);
    }
    if let Some(iptc) = &metadata.iptc {
        // As LONGs filled up with zeros, which is what Photoshop and libtiff write; the bytes keep their order.
        let mut padded = iptc.clone();
        padded.resize(iptc.len().next_multiple_of(4), 0);
        directory.put(IPTC, 4, padded.len() / 4, &padded);
    }
    if let Some(resources) = &metadata.photoshop {
        directory.put(PHOTOSHOP, 1, resources.len(), resources);
    }
    if let Some(Density { x, y }) = metadata.density {
        for (tag, value) in [(0x011a, x), (0x011b, y)] {
            let ratio = [order.four((value * 10_000.0).round() as u32), order.four(10_000)].concat();
            directory.put(tag, 5, 1, &ratio);
        }
        directory.put(0x0128, 3, 1, &order.two(2));
    }
    if let Some(exif) = &exif {
        directory.put_exif(exif, note_at);
    }
    directory.finish()
}

/// Moves what is behind the file's header back, so that there is room for the maker note at its place. Returns the place;
/// `None`, with the file as it was, if the file is not as simple as encoders write it.
fn make_room(file: &mut Vec<u8>, order: Order, at: usize, note: &[u8]) -> Option<u32> {
    const HEADER: usize = 8;
    if !(HEADER..LARGEST_NOTE_OFFSET).contains(&at) {
        return None;
    }
    let room = (at + note.len()).next_multiple_of(16) - HEADER;
    let shift = u32::try_from(room).ok()?;
    let shifted = |file: &[u8], at: usize| Some((at, order.four(order.long(file, at)?.checked_add(shift)?)));
    let directory = order.long(file, 4)? as usize;
    let count = order.short(file, directory)? as usize;
    let mut changes = vec![shifted(file, 4)?];
    for entry in (0..count).map(|i| directory + 2 + 12 * i) {
        let (tag, kind) = (order.short(file, entry)?, order.short(file, entry + 2)?);
        let values = order.long(file, entry + 4)? as usize;
        let is_inline = Exif::size_of(kind).checked_mul(values)? <= 4;
        if !is_inline {
            changes.push(shifted(file, entry + 8)?);
        }
        if matches!(tag, tag::STRIP_OFFSETS | tag::TILE_OFFSETS) {
            if kind != 4 {
                return None;
            }
            let begin = if is_inline { entry + 8 } else { order.long(file, entry + 8)? as usize };
            for i in 0..values {
                changes.push(shifted(file, begin + 4 * i)?);
            }
        }
    }
    if order.long(file, directory + 2 + 12 * count)? != 0 {
        return None;
    }
    for (at, value) in changes {
        file[at..at + 4].copy_from_slice(&value);
    }
    let mut front = vec![0; room];
    front[at - HEADER..][..note.len()].copy_from_slice(note);
    file.splice(HEADER..HEADER, front);
    u32::try_from(at).ok()
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
    fn open(file: &'a mut Vec<u8>, order: Order) -> Option<Self> {
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

    fn put_exif(&mut self, exif: &Exif, note_at: Option<u32>) {
        for (tag, Field { kind, data, .. }) in exif.fields(Section::Picture) {
            let orientation_or_resolution = matches!(tag, 0x0112 | 0x011a | 0x011b | 0x0128);
            if describes(tag) && !orientation_or_resolution {
                self.put(tag, *kind, data.len() / Exif::size_of(*kind), data);
            }
        }
        self.align();
        let (blob, places) = exif.sub_directories(self.file.len() as u32, note_at);
        self.file.extend(blob);
        for (tag, place) in [(EXIF_DIRECTORY, places.0), (GPS_DIRECTORY, places.1)] {
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
    fn of(file: &[u8]) -> Option<Self> {
        match file.get(..4)? {
            b"II*\0" => Some(Self { big_endian: false }),
            b"MM\0*" => Some(Self { big_endian: true }),
            _ => None,
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EncodeOptions, Limits};
    use lightloom_picture::{Buffers, Depth, Layout, Picture, Raster};

    const NOTE: &[u8] = b"a note \x01 with offsets";

    /// An Exif block whose maker note stands at 300.
    fn exif() -> Exif {
        let mut exif = Exif::new(false);
        exif.set_text(Section::Picture, 0x010f, "Maker");
        exif.set_text(Section::Exif, 0x9003, "2024:05:06 07:08:09");
        exif.set_raw(Section::Exif, 0x927c, 7, NOTE.to_vec(), 300);
        exif
    }

    fn written(metadata: Metadata, height: u32) -> Encoded {
        let samples: Vec<u16> = (0..40 * height * 3).map(|i| (i * 77) as u16).collect();
        let picture = Picture { pixels: Raster::new(40, height, Layout::Rgb, samples).into(), metadata };
        crate::encode(&super::super::CODEC, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap()
    }

    #[test]
    fn a_maker_note_keeps_its_place_in_the_file_and_the_pixels_move() {
        // One strip, and several.
        for height in [3, 3000] {
            let plain = written(Metadata::default(), height);
            let with = written(Metadata { exif: Some(exif().to_block()), ..Metadata::default() }, height);
            assert_eq!(with.notes, Vec::<String>::new());
            assert_eq!(&with.bytes[300..300 + NOTE.len()], NOTE);
            let limits = Limits::default();
            let pixels = |bytes: &[u8]| {
                let (codec, header) = crate::header(bytes, &limits).unwrap();
                assert_eq!(header.stored.depth, Depth::U16);
                crate::decode(codec, bytes, &header, 1, &limits, &mut Buffers::default()).unwrap().pixels
            };
            assert_eq!(pixels(&plain.bytes), pixels(&with.bytes));
            let (_, header) = crate::header(&with.bytes, &limits).unwrap();
            let back = Exif::parse(header.metadata.exif.as_deref().unwrap()).unwrap();
            assert_eq!(back.text(Section::Exif, 0x9003).as_deref(), Some("2024:05:06 07:08:09"));
            let (note, place) = back.placed_maker_note().unwrap();
            assert_eq!((note, place.map(|place| place.offset)), (NOTE, Some(300)));
        }
    }

    #[test]
    fn bigtiff_has_metadata_too_and_lost_tags_are_named() {
        let entry = |tag: u16, kind: u16, count: u64, value: u64| {
            [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
        };
        let mut file = b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec();
        let exif_at = 16 + 8 + 4 * 20 + 8;
        file.extend(4_u64.to_le_bytes());
        file.extend(entry(0x010f, 2, 6, u64::from_le_bytes(*b"Maker\0\0\0")));
        file.extend(entry(33_550, 12, 1, 0));
        file.extend(entry(EXIF_DIRECTORY, 18, 1, exif_at));
        file.extend(entry(60_000, 3, 1, 0));
        file.extend(0_u64.to_le_bytes());
        file.extend(1_u64.to_le_bytes());
        file.extend(entry(0x9003, 2, 20, exif_at + 36));
        file.extend(0_u64.to_le_bytes());
        file.extend(b"2024:05:06 07:08:09\0");
        let metadata = read(&mut std::io::Cursor::new(&file)).unwrap();
        let found = Exif::parse(metadata.exif.as_deref().unwrap()).unwrap();
        assert_eq!(found.text(Section::Picture, 0x010f).as_deref(), Some("Maker"));
        assert_eq!(found.text(Section::Exif, 0x9003).as_deref(), Some("2024:05:06 07:08:09"));
        assert_eq!(metadata.left_out, ["GeoTIFF tags", "tag 60000"]);
        for cut in 0..file.len() {
            let _ = read(&mut std::io::Cursor::new(&file[..cut]));
        }
    }
}
