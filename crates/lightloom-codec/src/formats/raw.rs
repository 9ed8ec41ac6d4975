//! Camera RAW files (CR2, NEF, ARW, DNG, ORF, RW2, PEF, RAF and others of TIFF structure): the largest JPEG that the
//! camera put into the file, which is what it would have saved. The sensor's data are not developed, and a note says so.

use std::collections::HashSet;
use std::io::Cursor;

use crate::formats::jpeg;
use crate::formats::jpeg::markers::Markers;
use crate::formats::tiff::file::{Directory, Tiff, tag};
use crate::formats::tiff::tags;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use lightloom_picture::{Buffers, Depth, Orientation};

pub(crate) static CODEC: Codec = Codec {
    id: "raw",
    title: "camera RAW (embedded preview)",
    extensions: &["cr2", "nef", "nrw", "arw", "sr2", "dng", "orf", "rw2", "pef", "srw", "raf", "3fr", "erf", "iiq"],
    lossy: true,
    divisors: &[1, 2, 4, 8],
    depths: &[Depth::U8],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| {
        crate::formats::tiff::file::is_tiff(head)
            || [&b"IIRO"[..], b"IIRS", b"MMOR", b"IIU\0", RAF].iter().any(|magic| head.starts_with(magic))
    },
    header,
    decode,
    decode_rows: None,
    write: None,
};

const RAF: &[u8] = b"FUJIFILMCCD-RAW ";

/// Directories looked through, sub-directories included.
const MOST_DIRECTORIES: usize = 64;

/// A JPEG embedded in the file.
struct Preview {
    at: u64,
    length: u64,
    /// How the camera was held, where the JPEG itself does not say.
    orientation: Orientation,
}

/// What the directories of a file say.
#[derive(Default)]
struct Candidates {
    is_raw: bool,
    orientation: u32,
    /// Offset and length of what may be JPEGs.
    jpegs: Vec<(u64, u64)>,
}

fn search(input: &mut dyn Input) -> Result<Candidates, CodecError> {
    use std::io::{Read, SeekFrom};
    let mut head = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    (&mut *input).take(108).read_to_end(&mut head)?;
    let mut found = Candidates { orientation: 1, ..Candidates::default() };
    if head.starts_with(RAF) {
        let number =
            |at: usize| head.get(at..at + 4).map_or(0, |b| u64::from(u32::from_be_bytes([b[0], b[1], b[2], b[3]])));
        found.is_raw = true;
        found.jpegs.push((number(84), number(88)));
        return Ok(found);
    }
    // Canon's files, and those whose magic number is not TIFF's.
    found.is_raw = head.get(8..10) == Some(b"CR") || !crate::formats::tiff::file::is_tiff(&head);
    let mut file = Tiff::open(input)?;
    let mut queue = file.chain();
    let mut seen: HashSet<u64> = queue.iter().copied().collect();
    let mut next = 0;
    while next < queue.len().min(MOST_DIRECTORIES) {
        let Ok(directory) = file.directory(queue[next]) else { break };
        if next == 0 {
            found.orientation = file.value(&directory, tag::ORIENTATION).map_or(1, |v| v as u32);
        }
        look(&mut file, &directory, &mut found);
        for at in file.numbers(&directory, tag::SUB_IFDS).unwrap_or_default() {
            if seen.insert(at) {
                queue.push(at);
            }
        }
        next += 1;
    }
    Ok(found)
}

/// Notes what one directory says.
fn look(file: &mut Tiff<'_>, directory: &Directory, found: &mut Candidates) {
    let compression = file.value(directory, tag::COMPRESSION).unwrap_or(1);
    let photometric = file.value(directory, tag::PHOTOMETRIC).unwrap_or(1);
    // The filter arrays of DNG and of the makers' own compressions.
    found.is_raw |= directory.has(tag::DNG_VERSION)
        || matches!(photometric, 32_803 | 34_892)
        || directory.has(tag::MAKE) && matches!(compression, 34_713 | 32_767 | 32_769 | 32_770 | 65_535);
    let mut pair = |at: u16, length: u16| {
        if let (Some(at), Some(length)) = (file.value(directory, at), file.numbers(directory, length)) {
            found.jpegs.push((at, length.iter().sum()));
        }
    };
    pair(tag::JPEG_INTERCHANGE, tag::JPEG_INTERCHANGE_LENGTH);
    // A preview in one strip.
    if matches!(compression, 6 | 7) {
        pair(tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS);
    }
    if let Some(position) = file.position(directory, tag::JPG_FROM_RAW) {
        found.jpegs.push(position);
    }
}

/// The largest JPEG of 8 bits, and its header.
fn preview(input: &mut dyn Input) -> Result<(Preview, Markers), CodecError> {
    let found = search(input)?;
    if !found.is_raw {
        return Err(CodecError::Unrecognised);
    }
    let mut best: Option<(Preview, Markers)> = None;
    for (at, length) in found.jpegs {
        let Some(piece) = piece(input, at, length) else { continue };
        let Ok(markers) = Markers::read(&mut Cursor::new(&piece)) else { continue };
        let pixels = |m: &Markers| u64::from(m.width) * u64::from(m.height);
        let is_picture = markers.precision == 8 && matches!(markers.components, 1 | 3);
        if is_picture && best.as_ref().is_none_or(|(_, other)| pixels(&markers) > pixels(other)) {
            let orientation = Orientation::from_exif(found.orientation);
            best = Some((Preview { at, length, orientation }, markers));
        }
    }
    best.ok_or_else(|| CodecError::Unsupported("a camera RAW file without a preview in JPEG".to_owned()))
}

/// A piece of the file that begins like a JPEG.
fn piece(input: &mut dyn Input, at: u64, length: u64) -> Option<Vec<u8>> {
    use std::io::{Read, SeekFrom};
    input.seek(SeekFrom::Start(at)).ok()?;
    let mut bytes = Vec::new();
    (&mut *input).take(length).read_to_end(&mut bytes).ok()?;
    bytes.starts_with(&[0xff, 0xd8, 0xff]).then_some(bytes)
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let (preview, _) = preview(input)?;
    let bytes = piece(input, preview.at, preview.length).unwrap_or_default();
    let mut header = (jpeg::CODEC.header)(&mut Cursor::new(bytes), limits)?;
    if header.orientation == Orientation::Upright {
        header.orientation = preview.orientation;
    }
    if header.metadata.exif.is_none() {
        // Most cameras describe the picture in the file only, and not in its preview.
        let file = tags::read(input).unwrap_or_default();
        header.metadata.exif = file.exif;
        header.metadata.xmp = header.metadata.xmp.take().or(file.xmp);
        header.metadata.iptc = header.metadata.iptc.take().or(file.iptc);
    }
    let (width, height) = (header.stored.width, header.stored.height);
    header.notes.push(format!(
        "camera RAW: its embedded preview of {width} × {height} pixels is used; the sensor's data are not developed"
    ));
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let (preview, _) = preview(&mut Cursor::new(bytes))?;
    let begin = usize::try_from(preview.at).unwrap_or(usize::MAX);
    let rest = bytes.get(begin..).unwrap_or_default();
    let length = usize::try_from(preview.length).unwrap_or(usize::MAX).min(rest.len());
    (jpeg::CODEC.decode)(&rest[..length], request, buffers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::exif::{Exif, Section};
    use lightloom_picture::{Layout, Picture, Pixels, Raster};

    /// A file of TIFF structure with a camera's tags and two JPEGs, of which the second is larger.
    fn raw() -> Vec<u8> {
        let jpeg = |side: u32| {
            let pixels =
                Pixels::from(Raster::new(side, side / 2, Layout::Rgb, vec![99_u8; (side * side / 2 * 3) as usize]));
            crate::encode(&jpeg::CODEC, Picture::new(pixels), &crate::EncodeOptions::default(), &mut Buffers::default())
                .unwrap()
                .bytes
        };
        let (small, large) = (jpeg(16), jpeg(64));
        let entry = |tag: u16, kind: u16, value: u32| {
            [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &1_u32.to_le_bytes(), &value.to_le_bytes()].concat()
        };
        let at = 8 + 2 + 7 * 12 + 4 + 2 + 3 * 12 + 4;
        let mut file = b"II*\0\x08\0\0\0\x07\0".to_vec();
        let make = [&tag::MAKE.to_le_bytes()[..], &[2, 0, 3, 0, 0, 0], b"LL\0\0"].concat();
        file.extend(make);
        file.extend(entry(tag::ORIENTATION, 3, 6));
        file.extend(entry(tag::SUB_IFDS, 4, 8 + 2 + 7 * 12 + 4));
        file.extend(entry(tag::JPEG_INTERCHANGE, 4, at));
        file.extend(entry(tag::JPEG_INTERCHANGE_LENGTH, 4, small.len() as u32));
        file.extend(entry(tag::IMAGE_WIDTH, 4, 1));
        file.extend(entry(tag::DNG_VERSION, 4, 1));
        file.extend([0; 4]);
        file.extend(3_u16.to_le_bytes());
        file.extend(entry(tag::COMPRESSION, 3, 7));
        file.extend(entry(tag::STRIP_OFFSETS, 4, at + small.len() as u32));
        file.extend(entry(tag::STRIP_BYTE_COUNTS, 4, large.len() as u32));
        file.extend([0; 4]);
        [file, small, large].concat()
    }

    #[test]
    fn the_largest_preview_is_used_upright_and_a_note_says_so() {
        let file = raw();
        let limits = Limits::default();
        let (codec, header) = crate::header(&file, &limits).unwrap();
        assert_eq!(codec.id, "raw");
        assert!(header.notes[0].contains("preview of 64 × 32"), "{:?}", header.notes);
        let exif = Exif::parse(header.metadata.exif.as_deref().unwrap()).unwrap();
        assert_eq!(exif.text(Section::Picture, tag::MAKE).as_deref(), Some("LL"), "the preview says nothing of it");
        let decoded = crate::decode(codec, &file, &header, 2, &limits, &mut Buffers::default()).unwrap();
        assert_eq!((decoded.pixels.width(), decoded.pixels.height()), (16, 32), "half the size, turned");
        assert!(decoded.pixels.to_rgba8().iter().all(|v| *v == 255 || v.abs_diff(99) <= 2));
        for cut in 0..file.len() {
            if let Ok((codec, header)) = crate::header(&file[..cut], &limits) {
                let _ = crate::decode(codec, &file[..cut], &header, 1, &limits, &mut Buffers::default());
            }
        }
    }
}
