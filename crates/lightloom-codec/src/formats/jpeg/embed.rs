//! Metadata put into an encoded JPEG: resolution, XMP, IPTC and a gain map. Exif data and profile are the encoder's.

use super::{LARGEST_SEGMENT, gain_map, markers};
use crate::Encoded;
use crate::shared::photoshop;
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
    if metadata.xmp.as_ref().is_some_and(|xmp| markers::XMP.len() + xmp.len() > LARGEST_SEGMENT) {
        notes.push("the XMP data are too large for JPEG and were left out".to_owned());
    }
    segments(bytes, metadata);
}

/// Sets the density of the JFIF header, and puts XMP and IPTC behind the last of the segments that stand in front.
fn segments(bytes: &mut Vec<u8>, metadata: &Metadata) {
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
        segment(0xe1, &[markers::XMP, xmp]);
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

/// Units and two numbers: whole pixels per inch, or a centimetre where those are nearer.
fn jfif_density(Density { x, y }: Density) -> [u8; 5] {
    let near = |v: f64| (v - v.round()).abs();
    let cm = (x / 2.54, y / 2.54);
    let (unit, x, y) = if near(cm.0) + near(cm.1) + 1e-6 < near(x) + near(y) { (2, cm.0, cm.1) } else { (1, x, y) };
    let [x, y] = [x, y].map(|v| (v.round().clamp(1.0, 65_535.0) as u16).to_be_bytes());
    [unit, x[0], x[1], y[0], y[1]]
}
