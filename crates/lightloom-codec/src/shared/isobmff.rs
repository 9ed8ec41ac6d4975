//! The boxes that HEIC and AVIF files share (ISO/IEC 14496-12 and 23008-12): brands, displayed sizes, frames of sequences.

use heifer_isobmff::boxes::Property;
use heifer_isobmff::{BoxIter, HeifFile, ItemId};

use crate::CodecError;

impl From<heifer_isobmff::Error> for CodecError {
    fn from(error: heifer_isobmff::Error) -> Self {
        match error {
            heifer_isobmff::Error::Unimplemented(what) => Self::unread(what),
            other => Self::undecodable(other),
        }
    }
}

/// The brands that a file's first box names, the major one first.
pub(crate) fn brands(head: &[u8]) -> impl Iterator<Item = [u8; 4]> + '_ {
    let length = head.first_chunk::<4>().map_or(0, |n| u32::from_be_bytes(*n) as usize).min(head.len());
    let body = if head.get(4..8) == Some(b"ftyp") { head.get(8..length).unwrap_or_default() } else { &[] };
    let fours = body.as_chunks::<4>().0;
    // The second number is a version.
    fours.iter().enumerate().filter(|(i, _)| *i != 1).map(|(_, brand)| *brand)
}

/// Whether an auxiliary picture of this type is alpha.
pub(crate) fn names_alpha(kind: &str) -> bool {
    matches!(
        kind.trim_end_matches('\0'),
        "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" | "urn:mpeg:hevc:2015:auxid:1" | "urn:mpeg:avc:2015:auxid:1"
    )
}

/// A crop in whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crop {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// The clean aperture within a picture of this size, if it is one in whole pixels.
pub(crate) fn clean_aperture(property: &Property, size: (u32, u32)) -> Option<Crop> {
    let Property::CleanAperture { width, height, horiz_offset, vert_offset } = property else { return None };
    let span = |(n, d): (u32, u32), (on, od): (i32, u32), full: u32| {
        if d == 0 || od == 0 || n % d != 0 {
            return None;
        }
        let length = n / d;
        // Offset of the crop's centre from the picture's centre.
        let begin = f64::from(on) / f64::from(od) + (f64::from(full) - f64::from(length)) / 2.0;
        let fits = begin >= 0.0 && begin.fract() == 0.0 && begin + f64::from(length) <= f64::from(full) && length > 0;
        fits.then_some((begin as u32, length))
    };
    let (x, width) = span(*width, *horiz_offset, size.0)?;
    let (y, height) = span(*height, *vert_offset, size.1)?;
    Some(Crop { x, y, width, height })
}

/// Size of an item after its crop and turns.
///
/// # Errors
/// If the file does not say.
pub(crate) fn shown_size(file: &HeifFile<'_>, item: ItemId) -> Result<(u32, u32), CodecError> {
    let missing = || CodecError::Damaged("it does not say how large the picture is".to_owned());
    let mut size = file.image_size(item)?.ok_or_else(missing)?;
    for property in file.item_properties(item)? {
        match property {
            Property::CleanAperture { .. } => {
                if let Some(crop) = clean_aperture(property, size) {
                    size = (crop.width, crop.height);
                }
            }
            Property::Rotation(quarters) if quarters % 2 == 1 => size = (size.1, size.0),
            _ => {}
        }
    }
    Ok(size)
}

/// Pictures in the first track of an image sequence; 0 where there is none.
pub(crate) fn sequence_frames(bytes: &[u8]) -> u32 {
    fn child<'a>(content: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
        BoxIter::new(content).filter_map(Result::ok).find(|b| b.header.box_type.0 == *kind).map(|b| b.content)
    }
    let path: [&[u8; 4]; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz"];
    let sizes = path.iter().try_fold(bytes, |content, kind| child(content, kind));
    sizes.and_then(|s| s.get(8..12)?.try_into().ok()).map_or(0, u32::from_be_bytes)
}
