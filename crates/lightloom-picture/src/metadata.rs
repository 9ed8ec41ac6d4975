//! What travels with the samples: Exif, ICC profile, and the orientation that Exif asks for.
//!
//! Metadata is kept as the blocks that the file holds. `exif`, `iptc` and `xmp` parse and rewrite a block only where
//! something is looked up or changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::areas::FurtherPart;
use super::colour::Hdr;
use super::exif::{Exif, Section};
use super::{GainMap, Geometry, Pixels, Stopped, TextEntry, Turn, Work};

/// Metadata of a picture, kept as the blocks that files carry.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Metadata {
    /// The Exif block, starting at its TIFF header (`II*\0` or `MM\0*`); its orientation is 1 once applied.
    pub exif: Option<Vec<u8>>,
    /// The ICC profile of the samples.
    pub icc: Option<Vec<u8>>,
    /// How the samples are coded in the file, if that is high dynamic range; while the picture is worked on, they are
    /// floats of which 1.0 is diffuse white (see [`hdr`](crate::colour::hdr)).
    pub hdr: Option<Hdr>,
    /// The XMP packet.
    pub xmp: Option<Vec<u8>>,
    /// IPTC datasets, as they stand in Photoshop's resource 0x0404 and in TIFF's tag 33723.
    pub iptc: Option<Vec<u8>>,
    /// Photoshop's other image resources.
    pub photoshop: Option<Vec<u8>>,
    /// Texts with keywords, and comments, in the order of the file.
    pub texts: Vec<TextEntry>,
    /// What the file says beside all this and is not carried, as a warning names it.
    pub left_out: Vec<String>,
    /// Further parts of the file of which it has been said what becomes of them, so that XMP about them needs no word.
    #[serde(skip)]
    pub told: BTreeSet<FurtherPart>,
    /// How large the picture is meant to be printed or shown.
    pub density: Option<Density>,
    /// The way from these samples to the same picture in a higher dynamic range.
    #[serde(skip)]
    pub gain_map: Option<Arc<GainMap>>,
}

/// Resolution in pixels per inch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Density {
    /// Horizontal.
    pub x: f64,
    /// Vertical.
    pub y: f64,
}

impl Density {
    /// From pixels per unit; `None` where they make no sense.
    pub fn new(x: f64, y: f64, units_an_inch: f64) -> Option<Self> {
        let density = Self { x: x * units_an_inch, y: y * units_an_inch };
        let sane = |v: f64| (0.01..=1e6).contains(&v);
        (sane(density.x) && sane(density.y)).then_some(density)
    }

    /// From the resolution tags of an Exif block.
    pub fn from_exif(block: &[u8]) -> Option<Self> {
        let exif = Exif::parse(block)?;
        let ratio = |tag| exif.ratio(Section::Picture, tag);
        // 3 stands for centimetres, and 2, which is also the default, for inches.
        let unit = exif.number(Section::Picture, 0x0128).unwrap_or(2);
        let units_an_inch = match unit {
            2 => 1.0,
            3 => 2.54,
            _ => return None,
        };
        let x = ratio(0x011a)?;
        Self::new(x, ratio(0x011b).unwrap_or(x), units_an_inch)
    }

    /// The density of the picture after a quarter turn.
    #[must_use]
    pub const fn swapped(self) -> Self {
        Self { x: self.y, y: self.x }
    }
}

impl Metadata {
    /// Takes the orientation out of the Exif block: returns it and resets the tag to 1, so that no later reader can
    /// apply it a second time.
    pub fn take_orientation(&mut self) -> Orientation {
        let Some(exif) = self.exif.as_deref_mut() else { return Orientation::Upright };
        let Some(entry) = OrientationEntry::find(exif) else { return Orientation::Upright };
        let orientation = Orientation::from_exif(entry.value);
        entry.reset(exif);
        orientation
    }
}

/// The eight orientations of Exif: what must be done to make the stored picture upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Orientation {
    /// Exif 1, missing or invalid: nothing.
    #[default]
    Upright,
    /// Exif 2: mirror left–right.
    FlipHorizontal,
    /// Exif 3: half a turn.
    Rotate180,
    /// Exif 4: mirror top–bottom.
    FlipVertical,
    /// Exif 5: mirror along the main diagonal.
    Transpose,
    /// Exif 6: a quarter turn clockwise.
    Rotate90,
    /// Exif 7: mirror along the other diagonal.
    Transverse,
    /// Exif 8: a quarter turn counter-clockwise.
    Rotate270,
}

impl Orientation {
    /// From the value of the Exif tag 0x0112; anything but 2–8 is upright.
    pub const fn from_exif(value: u32) -> Self {
        match value {
            2 => Self::FlipHorizontal,
            3 => Self::Rotate180,
            4 => Self::FlipVertical,
            5 => Self::Transpose,
            6 => Self::Rotate90,
            7 => Self::Transverse,
            8 => Self::Rotate270,
            _ => Self::Upright,
        }
    }

    /// Whether width and height change places.
    pub const fn swaps_sides(self) -> bool {
        matches!(self, Self::Transpose | Self::Rotate90 | Self::Transverse | Self::Rotate270)
    }

    /// What must be done to make the stored picture upright, if anything.
    pub const fn turn(self) -> Option<Turn> {
        Some(match self {
            Self::Upright => return None,
            Self::FlipHorizontal => Turn::Mirror,
            Self::Rotate180 => Turn::Half,
            Self::FlipVertical => Turn::Flip,
            Self::Transpose => Turn::Transpose,
            Self::Rotate90 => Turn::Right,
            Self::Transverse => Turn::Transverse,
            Self::Rotate270 => Turn::Left,
        })
    }

    /// Where the pixels of a stored picture of this size go.
    pub fn geometry(self, stored: (u32, u32)) -> Geometry {
        self.turn().map_or_else(|| Geometry::identity(stored), |turn| Geometry::turned(turn, stored))
    }

    /// Moves the pixels so that the picture stands upright; their buffer is reused or goes to `work.buffers`.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn apply(self, pixels: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        match self.turn() {
            Some(turn) => turn.apply(pixels, work),
            None => Ok(pixels),
        }
    }
}

/// Where the orientation stands in an Exif block (TIFF 6.0 structure, Exif 2.32 tag 0x0112).
struct OrientationEntry {
    value: u32,
    value_at: usize,
    wide: bool,
    big_endian: bool,
}

impl OrientationEntry {
    /// Looks through the first image directory. Accepts SHORT and, as some writers do, LONG; the first of several wins.
    fn find(exif: &[u8]) -> Option<Self> {
        let big_endian = match exif.get(..4)? {
            b"II*\0" => false,
            b"MM\0*" => true,
            _ => return None,
        };
        let short = |at: usize| {
            let bytes: [u8; 2] = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
            Some(if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
        };
        let long = |at: usize| {
            let bytes: [u8; 4] = exif.get(at..at.checked_add(4)?)?.try_into().ok()?;
            Some(if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
        };
        let directory = long(4)? as usize;
        let entries = short(directory)? as usize;
        for entry in (0..entries).map(|i| directory + 2 + 12 * i) {
            if short(entry)? != 0x0112 {
                continue;
            }
            let value_at = entry + 8;
            return match short(entry + 2)? {
                3 => Some(Self { value: u32::from(short(value_at)?), value_at, wide: false, big_endian }),
                4 => Some(Self { value: long(value_at)?, value_at, wide: true, big_endian }),
                _ => None,
            };
        }
        None
    }

    fn reset(&self, exif: &mut [u8]) {
        let (one, length) = if self.wide { (1_u32, 4) } else { (1_u32 << 16, 2) };
        let bytes = if self.big_endian {
            one.to_be_bytes()
        } else if self.wide {
            one.to_le_bytes()
        } else {
            1_u32.to_le_bytes()
        };
        exif[self.value_at..][..length].copy_from_slice(&bytes[..length]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Buffers, Layout, Raster};

    /// An Exif block with one entry: the orientation, of TIFF type 3 (SHORT) or 4 (LONG).
    fn exif(big_endian: bool, kind: u16, value: u32) -> Vec<u8> {
        let mut out = if big_endian { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
        let mut push = |v: u32, n: usize| {
            if big_endian { out.extend(&v.to_be_bytes()[4 - n..]) } else { out.extend(&v.to_le_bytes()[..n]) }
        };
        push(8, 4);
        push(1, 2);
        push(0x0112, 2);
        push(u32::from(kind), 2);
        push(1, 4);
        if kind == 3 {
            push(value, 2);
            push(0, 2);
        } else {
            push(value, 4);
        }
        push(0, 4);
        out
    }

    #[test]
    fn orientation_is_read_once_and_reset() {
        for big_endian in [false, true] {
            for kind in [3, 4] {
                for value in 1..=8 {
                    let mut metadata = Metadata { exif: Some(exif(big_endian, kind, value)), ..Metadata::default() };
                    assert_eq!(metadata.take_orientation(), Orientation::from_exif(value));
                    assert_eq!(metadata.exif, Some(exif(big_endian, kind, 1)), "big-endian {big_endian}, type {kind}");
                    assert_eq!(metadata.take_orientation(), Orientation::Upright);
                }
            }
        }
    }

    #[test]
    fn damaged_exif_is_upright() {
        let whole = exif(false, 3, 6);
        for cut in 0..whole.len() - 4 {
            let mut metadata = Metadata { exif: Some(whole[..cut].to_vec()), ..Metadata::default() };
            metadata.take_orientation();
        }
        let mut wild = whole;
        wild[4..8].fill(0xff);
        assert_eq!(Metadata { exif: Some(wild), ..Metadata::default() }.take_orientation(), Orientation::Upright);
    }

    /// The Exif standard names which row and column of the stored image are the visual top and left.
    #[test]
    fn each_orientation_puts_row_and_column_zero_where_exif_says() {
        // stored: 3 × 2
        //   1 2 3
        //   4 5 6
        let stored = || Pixels::from(Raster::new(3, 2, Layout::Grey, vec![1_u8, 2, 3, 4, 5, 6]));
        let upright = |value: u32| {
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
            match Orientation::from_exif(value).apply(stored(), &mut work) {
                Ok(Pixels::U8(r)) => (r.width(), r.into_samples()),
                _ => unreachable!(),
            }
        };
        assert_eq!(upright(1), (3, vec![1, 2, 3, 4, 5, 6]));
        assert_eq!(upright(2), (3, vec![3, 2, 1, 6, 5, 4]));
        assert_eq!(upright(3), (3, vec![6, 5, 4, 3, 2, 1]));
        assert_eq!(upright(4), (3, vec![4, 5, 6, 1, 2, 3]));
        assert_eq!(upright(5), (2, vec![1, 4, 2, 5, 3, 6]));
        assert_eq!(upright(6), (2, vec![4, 1, 5, 2, 6, 3]));
        assert_eq!(upright(7), (2, vec![6, 3, 5, 2, 4, 1]));
        assert_eq!(upright(8), (2, vec![3, 6, 2, 5, 1, 4]));
    }
}
