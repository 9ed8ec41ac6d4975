//! The items of an AVIF file (AV1 Image File Format 1.1; ISO/IEC 23008-12): which of them make the picture, and how they
//! are put together.

use heifer_isobmff::boxes::Property;
use heifer_isobmff::{HeifFile, ItemId};

use crate::CodecError;
use crate::shared::isobmff::{self, Crop};
use crate::shared::nclx::code_points;
use lightloom_picture::Orientation;
use lightloom_picture::colour::CodePoints;

/// What makes the picture.
pub(crate) struct Items {
    /// Size of the picture before crop and turns.
    pub size: (u32, u32),
    /// Coded items from left to right and top to bottom: one, or a grid.
    pub tiles: Vec<ItemId>,
    pub columns: u32,
    /// The same for alpha.
    pub alpha: Option<(Vec<ItemId>, u32)>,
    /// Whether colours are multiplied by alpha.
    pub premultiplied: bool,
    /// What the container says about colour.
    pub coding: Option<CodePoints>,
    /// From the decoder's configuration.
    pub monochrome: bool,
    pub high_depth: bool,
    pub crop: Option<Crop>,
    pub orientation: Orientation,
}

/// More tiles than any file in earnest has.
const MOST_TILES: usize = 4096;

impl Items {
    /// Reads them.
    ///
    /// # Errors
    /// If the file has no picture of a kind that is read here.
    pub fn read(file: &HeifFile<'_>) -> Result<Self, CodecError> {
        let primary = file.primary_id;
        let missing = || CodecError::Damaged("it does not say how large the picture is".to_owned());
        let size = file.image_size(primary)?.ok_or_else(missing)?;
        let (tiles, columns) = tiles(file, primary)?;
        let first = tiles.first().copied().unwrap_or(primary);
        let alpha_item = file.referencing_items(primary, b"auxl").into_iter().find(|item| is_alpha(file, *item));
        let alpha = match alpha_item {
            Some(item) => Some(tiles_of(file, item)?),
            // Each tile may have alpha of its own.
            None => {
                let own = |tile: &ItemId| {
                    file.referencing_items(*tile, b"auxl").into_iter().find(|item| is_alpha(file, *item))
                };
                let all: Option<Vec<ItemId>> = tiles.iter().map(own).collect();
                all.map(|all| (all, columns))
            }
        };
        let premultiplied = alpha_item.is_some_and(|item| file.referenced_items(primary, b"prem").contains(&item));
        let coding = code_points(file, primary)?.or(code_points(file, first)?);
        // The AV1 codec configuration: depth and monochrome stand in its third byte.
        let flags = file.item_properties(first)?.find_map(|p| match p {
            Property::Unknown(kind, bytes) if kind.0 == *b"av1C" => bytes.get(2).copied(),
            _ => None,
        });
        let flags = flags.unwrap_or(0);
        let (mut crop, mut orientation) = (None, Orientation::Upright);
        for property in file.item_properties(primary)? {
            match property {
                Property::CleanAperture { .. } => crop = isobmff::clean_aperture(property, size),
                Property::Rotation(quarters) => orientation = turned(*quarters),
                Property::Mirror(top_bottom) => orientation = mirrored(orientation, *top_bottom),
                _ => {}
            }
        }
        Ok(Self {
            size,
            tiles,
            columns,
            alpha,
            premultiplied,
            coding,
            monochrome: flags & 0x10 != 0,
            high_depth: flags & 0x40 != 0,
            crop,
            orientation,
        })
    }
}

fn is_alpha(file: &HeifFile<'_>, item: ItemId) -> bool {
    file.item_properties(item).is_ok_and(|mut properties| {
        properties.any(|p| matches!(p, Property::AuxiliaryType(kind) if isobmff::names_alpha(kind)))
    })
}

fn tiles(file: &HeifFile<'_>, item: ItemId) -> Result<(Vec<ItemId>, u32), CodecError> {
    match &file.item(item)?.item_type.0 {
        b"av01" => Ok((vec![item], 1)),
        b"grid" => {
            let grid = file.grid(item)?;
            let tiles = file.referenced_items(item, b"dimg");
            let count = usize::from(grid.rows) * usize::from(grid.columns);
            if tiles.len() != count || count == 0 || count > MOST_TILES {
                return Err(CodecError::Damaged("its grid and its tiles do not agree".to_owned()));
            }
            Ok((tiles.to_vec(), grid.columns.into()))
        }
        other => {
            let kind = String::from_utf8_lossy(other);
            Err(CodecError::Unsupported(format!("AVIF whose picture is of the kind {kind}")))
        }
    }
}

fn tiles_of(file: &HeifFile<'_>, item: ItemId) -> Result<(Vec<ItemId>, u32), CodecError> {
    tiles(file, item)
}

/// Quarter turns, counter-clockwise.
const fn turned(quarters: u8) -> Orientation {
    match quarters % 4 {
        1 => Orientation::Rotate270,
        2 => Orientation::Rotate180,
        3 => Orientation::Rotate90,
        _ => Orientation::Upright,
    }
}

/// A turn and then a mirror.
const fn mirrored(turn: Orientation, top_bottom: bool) -> Orientation {
    match (turn, top_bottom) {
        (Orientation::Upright, false) | (Orientation::Rotate180, true) => Orientation::FlipHorizontal,
        (Orientation::Upright, true) | (Orientation::Rotate180, false) => Orientation::FlipVertical,
        (Orientation::Rotate90, false) | (Orientation::Rotate270, true) => Orientation::Transpose,
        (Orientation::Rotate90, true) | (Orientation::Rotate270, false) => Orientation::Transverse,
        (other, _) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::{Buffers, Layout, Pixels, Raster, Work};

    #[test]
    fn a_rotation_and_a_mirror_are_one_orientation() {
        let apply = |orientation: Orientation, pixels: Pixels| {
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
            orientation.apply(pixels, &mut work).unwrap()
        };
        let picture = || Pixels::from(Raster::new(3, 2, Layout::Grey, vec![1_u8, 2, 3, 4, 5, 6]));
        for quarters in 0..4 {
            for (top_bottom, mirror) in [(false, Orientation::FlipHorizontal), (true, Orientation::FlipVertical)] {
                let once = apply(mirrored(turned(quarters), top_bottom), picture());
                let twice = apply(mirror, apply(turned(quarters), picture()));
                assert_eq!(once, twice, "{quarters} {top_bottom}");
            }
        }
        assert_eq!(apply(turned(1), picture()).to_rgba8()[0], 3, "counter-clockwise");
    }
}
