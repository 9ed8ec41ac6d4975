//! Metadata put into an encoded JPEG: resolution, XMP, IPTC, comments and a gain map. Exif data and profile are the
//! encoder's.

use super::{LARGEST_SEGMENT, extended_xmp, gain_map, markers};
use crate::Encoded;
use lightloom_picture::photoshop::{self, Resources};
use lightloom_picture::xmp_extended::{Split, split};
use lightloom_picture::{Density, Metadata};

pub(crate) fn embed(encoded: &mut Encoded, metadata: &Metadata) {
    let Some(map) = &metadata.gain_map else { return metadata_alone(encoded, metadata) };
    match gain_map::encoded(map) {
        Ok(map) => {
            metadata_alone(encoded, &gain_map::announced(metadata, map.len()));
            if let Err(why) = gain_map::append(&mut encoded.bytes, &map) {
                encoded.notes.push(format!("the gain map was left out: {why}"));
            }
        }
        Err(why) => {
            encoded.notes.push(format!("the gain map was left out: {why}"));
            metadata_alone(encoded, metadata);
        }
    }
}

fn metadata_alone(Encoded { bytes, notes }: &mut Encoded, metadata: &Metadata) {
    let Some(at) = set_density(bytes, metadata.density) else { return };
    let segments = segments(metadata, notes);
    bytes.splice(at..at, segments);
}

/// Sets the density of the JFIF header. Returns where the segments in front end.
fn set_density(bytes: &mut Vec<u8>, density: Option<Density>) -> Option<usize> {
    let mut at = 2;
    let mut has_jfif = false;
    while let Some([0xff, marker @ (0xe0 | 0xe1), high, low]) = bytes.get(at..at + 4).and_then(|b| b.first_chunk()) {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if *marker == 0xe0 && bytes.get(at + 4..at + 9) == Some(b"JFIF\0") {
            has_jfif = true;
            if let (Some(density), Some(place)) = (density, bytes.get_mut(at + 11..at + 16)) {
                place.copy_from_slice(&jfif_density(density));
            }
        }
        at += 2 + length;
    }
    if at > bytes.len() {
        return None;
    }
    if let (false, Some(density)) = (has_jfif, density) {
        let mut header = b"\xff\xe0\0\x10JFIF\0\x01\x02".to_vec();
        header.extend(jfif_density(density));
        header.extend([0, 0]);
        at += header.len();
        bytes.splice(2..2, header);
    }
    Some(at)
}

/// The segments that follow those of the encoder; notes what does not fit into any.
fn segments(metadata: &Metadata, notes: &mut Vec<String>) -> Vec<u8> {
    let mut segments = Vec::new();
    let mut segment = |marker: u8, parts: &[&[u8]]| {
        let length = 2 + parts.iter().map(|p| p.len()).sum::<usize>();
        segments.extend([0xff, marker]);
        segments.extend((length as u16).to_be_bytes());
        parts.iter().for_each(|part| segments.extend(*part));
    };
    let room = LARGEST_SEGMENT - markers::XMP.len();
    match &metadata.xmp {
        Some(xmp) if xmp.len() <= room => segment(0xe1, &[markers::XMP, xmp]),
        Some(xmp) => match split(xmp, room) {
            Some(Split { standard, extended, guid }) => {
                segment(0xe1, &[markers::XMP, &standard]);
                extended_xmp::segments(&extended, &guid, LARGEST_SEGMENT).for_each(|piece| segment(0xe1, &[&piece]));
            }
            None => notes.push("the XMP data are too large for JPEG and were left out".to_owned()),
        },
        None => {}
    }
    let mut resources = metadata.photoshop.as_deref().map(Resources::parse).unwrap_or_default();
    if let Some(iptc) = &metadata.iptc {
        resources.put(photoshop::IPTC, iptc);
    }
    // Resources may be cut anywhere and go on in the next segment.
    for part in resources.to_block().chunks(LARGEST_SEGMENT - markers::PHOTOSHOP.len()) {
        segment(0xed, &[markers::PHOTOSHOP, part]);
    }
    for entry in &metadata.texts {
        if entry.text.len() <= LARGEST_SEGMENT {
            segment(0xfe, &[entry.text.as_bytes()]);
        } else {
            let begin: String = entry.text.chars().take(24).collect();
            notes.push(format!("a comment is too long for JPEG and was left out: '{begin}…'"));
        }
    }
    segments
}

/// Units and two numbers: whole pixels per inch, or a centimetre where those are nearer.
fn jfif_density(Density { x, y }: Density) -> [u8; 5] {
    let near = |v: f64| (v - v.round()).abs();
    let cm = (x / 2.54, y / 2.54);
    let (unit, x, y) = if near(cm.0) + near(cm.1) + 1e-6 < near(x) + near(y) { (2, cm.0, cm.1) } else { (1, x, y) };
    let [x, y] = [x, y].map(|v| (v.round().clamp(1.0, 65_535.0) as u16).to_be_bytes());
    [unit, x[0], x[1], y[0], y[1]]
}
