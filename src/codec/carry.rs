//! Puts into an encoded file what its encoder does not: XMP, IPTC, resolution, and in TIFF the Exif data. What a format
//! has no place for is noted.

use super::{Codec, Encoded, jpeg_markers, photoshop, png_chunks, tiff_tags};
use crate::picture::{Density, Metadata};

/// Whether files of this format carry the colour profile of their samples. Others count as sRGB.
pub(super) fn embeds_profiles(codec: &Codec) -> bool {
    matches!(codec.id, "jpeg" | "png" | "webp" | "tiff")
}

/// A JPEG segment has a 16-bit length that counts itself.
const LARGEST_SEGMENT: usize = 65_533;

pub(super) fn embed(codec: &Codec, encoded: &mut Encoded, metadata: &Metadata) {
    let Encoded { bytes, notes } = encoded;
    let mut lost = |what: &str| notes.push(format!("{} files get no {what}", codec.title));
    match codec.id {
        "jpeg" => {
            if metadata.xmp.as_ref().is_some_and(|xmp| jpeg_markers::XMP.len() + xmp.len() > LARGEST_SEGMENT) {
                notes.push("the XMP data are too large for JPEG and were left out".to_owned());
            }
            jpeg(bytes, metadata);
        }
        "png" => {
            png_chunks::embed(bytes, metadata.density, metadata.xmp.as_deref());
            if metadata.iptc.is_some() {
                lost("IPTC data");
            }
        }
        "webp" => {
            if let Some(xmp) = &metadata.xmp
                && webp(bytes, xmp).is_none()
            {
                lost("XMP data");
            }
            if metadata.iptc.is_some() {
                lost("IPTC data");
            }
        }
        "tiff" => {
            // The encoder itself has said that it takes no Exif.
            notes.retain(|note| !note.contains("Exif"));
            let nothing = Metadata { icc: metadata.icc.clone(), ..Metadata::default() };
            if *metadata != nothing && tiff_tags::embed(bytes, metadata).is_none() {
                notes.push("the metadata do not fit into this TIFF file".to_owned());
            }
        }
        _ => {
            if metadata.exif.is_some() && !notes.iter().any(|note| note.contains("Exif")) {
                notes.push(format!("{} files get no Exif data", codec.title));
            }
            let mut lost = |what: &str| notes.push(format!("{} files get no {what}", codec.title));
            if metadata.xmp.is_some() {
                lost("XMP data");
            }
            if metadata.iptc.is_some() {
                lost("IPTC data");
            }
        }
    }
}

/// Sets the density of the JFIF header, and puts XMP and IPTC behind the last of the segments that stand in front.
fn jpeg(bytes: &mut Vec<u8>, metadata: &Metadata) {
    let mut at = 2;
    let mut has_jfif = false;
    while let Some([0xff, marker @ (0xe0 | 0xe1), high, low]) = bytes.get(at..at + 4).and_then(|b| b.first_chunk()) {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if *marker == 0xe0 && bytes.get(at + 4..at + 9) == Some(b"JFIF\0") {
            has_jfif = true;
            if let (Some(density), Some(place)) = (metadata.density, bytes.get_mut(at + 11..at + 16)) {
                place.copy_from_slice(&jfif_density(density));
            }
        }
        at += 2 + length;
    }
    if at > bytes.len() {
        return;
    }
    let mut segments = Vec::new();
    let mut segment = |marker: u8, parts: &[&[u8]]| {
        let length = 2 + parts.iter().map(|p| p.len()).sum::<usize>();
        if length <= LARGEST_SEGMENT + 2 {
            segments.extend([0xff, marker]);
            segments.extend((length as u16).to_be_bytes());
            parts.iter().for_each(|part| segments.extend(*part));
        }
    };
    if let Some(xmp) = &metadata.xmp {
        segment(0xe1, &[jpeg_markers::XMP, xmp]);
    }
    if let Some(iptc) = &metadata.iptc {
        let resource = photoshop::resource(iptc);
        // Resources may be cut anywhere and go on in the next segment.
        for part in resource.chunks(LARGEST_SEGMENT - photoshop::HEADER.len()) {
            segment(0xed, &[photoshop::HEADER, part]);
        }
    }
    bytes.splice(at..at, segments);
    if let (false, Some(density)) = (has_jfif, metadata.density) {
        let mut header = b"\xff\xe0\0\x10JFIF\0\x01\x02".to_vec();
        header.extend(jfif_density(density));
        header.extend([0, 0]);
        bytes.splice(2..2, header);
    }
}

/// Units and two numbers: whole pixels an inch, or a centimetre where those are nearer.
fn jfif_density(Density { x, y }: Density) -> [u8; 5] {
    let near = |v: f64| (v - v.round()).abs();
    let cm = (x / 2.54, y / 2.54);
    let (unit, x, y) = if near(cm.0) + near(cm.1) + 1e-6 < near(x) + near(y) { (2, cm.0, cm.1) } else { (1, x, y) };
    let [x, y] = [x, y].map(|v| (v.round().clamp(1.0, 65_535.0) as u16).to_be_bytes());
    [unit, x[0], x[1], y[0], y[1]]
}

/// Appends an XMP chunk and says so in the extended header, which is made where there is none (WebP container
/// specification).
fn webp(bytes: &mut Vec<u8>, xmp: &[u8]) -> Option<()> {
    const XMP_FLAG: u8 = 0x04;
    const ALPHA_FLAG: u8 = 0x10;
    if bytes.get(12..16)? != b"VP8X" {
        let (width, height, alpha) = simple_size(bytes.get(12..)?)?;
        let mut header = b"VP8X\x0a\0\0\0".to_vec();
        header.extend([if alpha { ALPHA_FLAG } else { 0 }, 0, 0, 0]);
        header.extend(&(width - 1).to_le_bytes()[..3]);
        header.extend(&(height - 1).to_le_bytes()[..3]);
        bytes.splice(12..12, header);
    }
    *bytes.get_mut(20)? |= XMP_FLAG;
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes.extend(b"XMP ");
    bytes.extend((xmp.len() as u32).to_le_bytes());
    bytes.extend(xmp);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    let size = u32::try_from(bytes.len() - 8).ok()?;
    bytes[4..8].copy_from_slice(&size.to_le_bytes());
    Some(())
}

/// Size and alpha by the header of the only chunk of a simple file (RFC 6386, 9.1; WebP lossless, 3).
fn simple_size(chunk: &[u8]) -> Option<(u32, u32, bool)> {
    let body = chunk.get(8..)?;
    match chunk.get(..4)? {
        b"VP8 " => {
            let side = |at: usize| Some(u32::from(u16::from_le_bytes(*body.get(at..)?.first_chunk()?) & 0x3fff));
            Some((side(6)?, side(8)?, false)).filter(|(w, h, _)| *w > 0 && *h > 0)
        }
        b"VP8L" => {
            let bits = u32::from_le_bytes(*body.get(1..)?.first_chunk()?);
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1, bits >> 28 & 1 == 1))
        }
        _ => None,
    }
}
