//! The boxes that HEIC and AVIF files share (ISO/IEC 14496-12 and 23008-12): brands, displayed sizes, frames of sequences.

use heifer_isobmff::boxes::{ColorInfo, Property};
use heifer_isobmff::{BoxIter, HeifFile, ItemId};

use crate::CodecError;
use crate::formats::tiff::file::is_tiff;
use crate::shared::found::{Found, Kind};
use lightloom_picture::Metadata;

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

/// Profile, Exif data and XMP of an item; where it is put together from others and has none of a kind, those of the first
/// of them.
pub(crate) fn metadata(file: &HeifFile<'_>, item: ItemId) -> Metadata {
    /// Pictures of pictures that are looked into.
    const LEVELS: usize = 4;
    let part = |item: &ItemId| file.referenced_items(*item, b"dimg").first().copied();
    let items: Vec<ItemId> = std::iter::successors(Some(item), part).take(LEVELS).collect();
    let mut metadata = Metadata::default();
    for icc in of_first(&items, |item| profiles(file, item)) {
        metadata.found(Kind::Profile, icc.to_vec());
    }
    for kind in [Kind::Exif, Kind::Xmp] {
        let about = |item: ItemId| {
            let mut described = file.referencing_items(item, b"cdsc");
            described.retain(|item| kind_of(file, *item) == Some(kind));
            described
        };
        for item in of_first(&items, about) {
            let data = file.item_data(item).ok();
            let block = data.as_deref().and_then(|data| if kind == Kind::Exif { exif(data) } else { Some(data) });
            match block {
                Some(block) => metadata.found(kind, block.to_vec()),
                None => metadata.found_damaged(kind),
            }
        }
    }
    metadata
}

/// What is found for the first item for which anything is.
fn of_first<T>(items: &[ItemId], of: impl Fn(ItemId) -> Vec<T>) -> Vec<T> {
    items.iter().map(|item| of(*item)).find(|found| !found.is_empty()).unwrap_or_default()
}

fn profiles<'a>(file: &'a HeifFile<'_>, item: ItemId) -> Vec<&'a [u8]> {
    let of = |property: &'a Property| match property {
        Property::Color(ColorInfo::Icc(icc)) => Some(icc.as_slice()),
        _ => None,
    };
    file.item_properties(item).map_or_else(|_| Vec::new(), |properties| properties.filter_map(of).collect())
}

/// Which metadata an item holds.
fn kind_of(file: &HeifFile<'_>, item: ItemId) -> Option<Kind> {
    let item = file.item(item).ok()?;
    match &item.item_type.0 {
        b"Exif" => Some(Kind::Exif),
        b"mime" if item.content_type.as_deref() == Some("application/rdf+xml") => Some(Kind::Xmp),
        _ => None,
    }
}

/// In front of Exif data stands how far behind that their header begins; some writers put the name of JPEG's segment there.
fn exif(data: &[u8]) -> Option<&[u8]> {
    let (skipped, data) = data.split_first_chunk::<4>()?;
    let data = data.get(usize::try_from(u32::from_be_bytes(*skipped)).ok()?..)?;
    Some(data.strip_prefix(b"Exif\0\0").unwrap_or(data)).filter(|data| is_tiff(data))
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
