//! What metadata says about places in the picture: taken through the picture's geometry, or removed.
//!
//! Regions with faces, the main subject, focus points and the extent of a panorama are given in pixels or shares of the
//! picture as it is stored, before its orientation is applied (MWG 2.0, Exif 2.32). What cannot follow is removed and
//! noted, since a wrong place is worse than none. So are claims that the file has further parts.

mod camera;
pub(crate) mod claims;
mod exif;
mod focus;
mod iptc_regions;
mod panorama;
mod regions;

pub use claims::FurtherPart;

use crate::metadata_edit::stale_thumbnail;
use crate::xmp_tree::Packet;
use crate::{Area, Geometry, Metadata};

/// Takes metadata along with pixels that go where `geometry` says; returns notes on what could not follow. `changed` says
/// whether the pixels differ from those of the file in any way, so that a small copy would no longer match.
pub fn follow(metadata: &mut Metadata, geometry: &Geometry, changed: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if !geometry.is_identity() {
        exif::follow(metadata, geometry, &mut notes);
    }
    if changed && let Some(block) = &metadata.iptc {
        let mut iptc = crate::iptc::Iptc::parse(block);
        if iptc.remove_preview() {
            notes.push(stale_thumbnail("IPTC data"));
        }
        metadata.iptc = (!iptc.is_empty()).then(|| iptc.to_block());
    }
    if !geometry.is_identity()
        && let Some(packet) = metadata.xmp.as_deref().filter(|packet| concerns(packet))
        && let Some(mut tree) = Packet::parse(packet)
    {
        xmp(&mut tree, geometry, &mut notes);
        metadata.xmp = tree.to_bytes();
    }
    notes
}

/// Whether anything in a packet can be about places.
fn concerns(packet: &[u8]) -> bool {
    let schemas = [
        regions::MWG,
        regions::MICROSOFT,
        iptc_regions::BOUNDARY,
        regions::ACDSEE,
        camera::RAW_SETTINGS,
        crate::xmp::schema::EXIF,
        panorama::GPANO,
    ];
    std::str::from_utf8(packet).is_ok_and(|text| schemas.iter().any(|schema| text.contains(schema)))
}

fn xmp(tree: &mut Packet, geometry: &Geometry, notes: &mut Vec<String>) {
    let mut regions = regions::Tally::default();
    let mut panorama = panorama::Panorama::default();
    for description in tree.descriptions() {
        regions::follow(description, geometry, &mut regions);
        iptc_regions::follow(description, geometry, &mut regions);
        camera::follow(description, geometry, notes);
        panorama.read(description);
    }
    notes.extend(regions.note());
    if let Some(moved) = panorama.through(geometry) {
        let mut is_first = true;
        for description in tree.descriptions().filter(|d| d.names().any(|(space, _)| space == panorama::GPANO)) {
            moved.write(description, std::mem::take(&mut is_first));
        }
        notes.extend(moved.note());
    }
}

/// An area given in shares of width and height, taken through a geometry.
fn in_shares(geometry: &Geometry, shares: Area) -> Option<Area> {
    let scaled = |area: Area, (x, y): (f64, f64)| Area {
        left: area.left * x,
        top: area.top * y,
        width: area.width * x,
        height: area.height * y,
    };
    let sides = |(width, height): (u32, u32)| (f64::from(width), f64::from(height));
    let (width, height) = sides(geometry.size());
    let moved = geometry.area(scaled(shares, sides(geometry.source())))?;
    Some(scaled(moved, (1.0 / width, 1.0 / height)))
}

/// A number as XMP writes it: six places, without zeros at the end.
fn decimal(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

#[cfg(test)]
mod tests;
