//! Tags of Exif that are about places in the picture.

use super::focus;
use super::regions::has_shape;
use crate::exif::{Exif, Section};
use crate::{Area, Geometry, Metadata};

const SUBJECT_AREA: u16 = 0x9214;
const SUBJECT_LOCATION: u16 = 0xa214;
const PIXEL_X: u16 = 0xa002;
const PIXEL_Y: u16 = 0xa003;
const FOCAL_PLANE_X: u16 = 0xa20e;
const FOCAL_PLANE_Y: u16 = 0xa20f;
const RELATED_WIDTH: u16 = 0x1001;
const RELATED_LENGTH: u16 = 0x1002;
const MAKE: u16 = 0x010f;

/// Takes the tags along, or removes them.
pub(super) fn follow(metadata: &mut Metadata, geometry: &Geometry, notes: &mut Vec<String>) {
    let Some(mut exif) = metadata.exif.as_deref().and_then(Exif::parse) else { return };
    let before = exif.clone();
    if !subjects(&mut exif, geometry) {
        notes.push("the place of the main subject lies outside the result and was removed".to_owned());
    }
    focal_plane(&mut exif, geometry);
    exif.remove(Section::Interop, RELATED_WIDTH);
    exif.remove(Section::Interop, RELATED_LENGTH);
    let make = exif.text(Section::Picture, MAKE).unwrap_or_default();
    let note = exif.maker_note().filter(|_| !geometry.is_scaling());
    if note.is_some_and(|note| focus::has_positions(note, &make, exif.is_big_endian())) {
        notes.push(
            "focus points and faces in the maker note are those of the picture before it was cropped or turned"
                .to_owned(),
        );
    }
    if exif != before {
        metadata.exif = Some(exif.to_block());
    }
}

/// Whether every subject that was named could follow.
fn subjects(exif: &mut Exif, geometry: &Geometry) -> bool {
    let mut all = true;
    for tag in [SUBJECT_AREA, SUBJECT_LOCATION] {
        if !exif.has(Section::Exif, tag) {
            continue;
        }
        let numbers: Vec<f64> = exif.numbers(Section::Exif, tag).into_iter().map(f64::from).collect();
        let moved = applied_to(exif, geometry).and_then(|geometry| subject(&geometry, &numbers));
        match moved {
            Some(values) => exif.set_shorts(Section::Exif, tag, &values),
            None => {
                exif.remove(Section::Exif, tag);
                all = false;
            }
        }
    }
    all
}

/// The geometry from pixels that the block counts: a picture that was scaled before may still have positions in the
/// larger one.
fn applied_to(exif: &Exif, geometry: &Geometry) -> Option<Geometry> {
    let side = |tag| exif.number(Section::Exif, tag).filter(|side| *side > 0);
    let Some(counted) = side(PIXEL_X).zip(side(PIXEL_Y)) else { return Some(*geometry) };
    let source = geometry.source();
    has_shape(source, (f64::from(counted.0), f64::from(counted.1)))
        .then(|| Geometry::scaled(counted, source).then(geometry))
}

/// A point (x, y), a circle (x, y, diameter) or a rectangle (x and y of its centre, width, height) in the result;
/// `None` if it lies outside.
pub(super) fn subject(geometry: &Geometry, numbers: &[f64]) -> Option<Vec<u16>> {
    let (x, y, width, height) = match *numbers {
        [x, y] => (x, y, 0.0, 0.0),
        [x, y, diameter] => (x, y, diameter, diameter),
        [x, y, width, height] => (x, y, width, height),
        _ => return None,
    };
    let area = geometry.area(Area::around((x, y), width, height))?;
    let (x, y) = area.centre();
    let values = match numbers.len() {
        2 => vec![x, y],
        3 => vec![x, y, area.width.min(area.height)],
        _ => vec![x, y, area.width, area.height],
    };
    Some(values.into_iter().map(|v| v.round().clamp(0.0, f64::from(u16::MAX)) as u16).collect())
}

/// Pixels per unit of length on the sensor.
fn focal_plane(exif: &mut Exif, geometry: &Geometry) {
    let scales = geometry.upright().map(|upright| [upright.scale.0.abs(), upright.scale.1.abs()]);
    for (at, tag) in [FOCAL_PLANE_X, FOCAL_PLANE_Y].into_iter().enumerate() {
        match (exif.ratio(Section::Exif, tag), scales) {
            (Some(ratio), Some(scales)) if scales[at] != 1.0 => {
                exif.set_ratio(Section::Exif, tag, ratio * scales[at]);
            }
            (Some(_), Some(_)) => {}
            _ => exif.remove(Section::Exif, tag),
        }
    }
}
