//! Pictures as planes of luma and chroma, as JPEG holds them: Y, Cb and Cr of ITU-R BT.601 in the full range (JFIF, ITU-T
//! T.871), chroma at a resolution of its own.

use serde::{Deserialize, Serialize};

use crate::{Depth, Layout, Shape};

/// How many pixels share a sample of chroma; its centre is that of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chroma {
    /// Columns: 1 or 2.
    pub columns: u32,
    /// Rows: 1 or 2.
    pub rows: u32,
}

impl Chroma {
    /// As fine as luma (4:4:4).
    pub const FULL: Self = Self { columns: 1, rows: 1 };
}

/// Size of an 8-bit picture in planes, which arrives from top to bottom in bands: the rows of luma that share a row of
/// chroma, behind them that of Cb and that of Cr. A last band that is only half in the picture repeats its row of luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planar {
    pub width: u32,
    pub height: u32,
    pub chroma: Chroma,
}

impl Planar {
    /// The shape of the same picture as pixels.
    pub const fn shape(self) -> Shape {
        Shape { width: self.width, height: self.height, layout: Layout::Rgb, depth: Depth::U8 }
    }

    /// Bands of the picture.
    pub const fn bands(self) -> u32 {
        self.height.div_ceil(self.chroma.rows)
    }

    /// Samples of a row of chroma.
    pub const fn chroma_width(self) -> u32 {
        self.width.div_ceil(self.chroma.columns)
    }

    /// Samples of the luma of a band.
    const fn luma_samples(self) -> usize {
        self.width as usize * self.chroma.rows as usize
    }

    /// Samples of a band.
    pub const fn band_samples(self) -> usize {
        self.luma_samples() + 2 * self.chroma_width() as usize
    }

    /// The planes of a band: Y, with as many rows as share one of chroma, Cb and Cr.
    ///
    /// # Panics
    /// If it is shorter than a band.
    pub fn planes(self, band: &[u8]) -> [&[u8]; 3] {
        let (luma, chroma) = band.split_at(self.luma_samples());
        let (cb, cr) = chroma.split_at(self.chroma_width() as usize);
        [luma, cb, cr]
    }

    /// As [`Self::planes`], to be written.
    ///
    /// # Panics
    /// If it is shorter than a band.
    pub fn planes_mut(self, band: &mut [u8]) -> [&mut [u8]; 3] {
        let (luma, chroma) = band.split_at_mut(self.luma_samples());
        let (cb, cr) = chroma.split_at_mut(self.chroma_width() as usize);
        [luma, cb, cr]
    }
}

/// How a picture arrives from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowForm {
    /// In rows of pixels.
    Pixels(Shape),
    /// In bands of planes.
    Planes(Planar),
}

impl RowForm {
    /// The shape of the picture as pixels.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Pixels(shape) => shape,
            Self::Planes(planar) => planar.shape(),
        }
    }

    /// Its planes, if it arrives in such.
    pub const fn planar(self) -> Option<Planar> {
        match self {
            Self::Pixels(_) => None,
            Self::Planes(planar) => Some(planar),
        }
    }

    /// What arrives, as if a band were a row of grey pixels.
    pub const fn rows(self) -> Shape {
        match self {
            Self::Pixels(shape) => shape,
            Self::Planes(planar) => Shape {
                width: planar.band_samples() as u32,
                height: planar.bands(),
                layout: Layout::Grey,
                depth: Depth::U8,
            },
        }
    }
}

/// RGB of Y, Cb and Cr, rounded.
pub fn rgb_of_ycbcr(samples: [u8; 3]) -> [u8; 3] {
    let [y, cb, cr] = samples.map(f32::from);
    let (cb, cr) = (cb - 128.0, cr - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|sample| sample.round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_holds_two_rows_of_luma_and_one_of_each_chroma() {
        let planar = Planar { width: 3, height: 5, chroma: Chroma { columns: 2, rows: 2 } };
        assert_eq!((planar.bands(), planar.chroma_width(), planar.band_samples()), (3, 2, 10));
        let band = [1, 2, 3, 76, 150, 29, 128, 84, 128, 255];
        assert_eq!(planar.planes(&band), [&[1, 2, 3, 76, 150, 29][..], &[128, 84], &[128, 255]]);
    }

    #[test]
    fn colours_are_those_of_jfif_within_a_level() {
        for (ycbcr, rgb) in [([76, 85, 255], [254, 0, 0]), ([150, 44, 21], [0, 255, 1]), ([90, 128, 128], [90; 3])] {
            let found = rgb_of_ycbcr(ycbcr);
            assert!(found.iter().zip(rgb).all(|(a, b)| a.abs_diff(b) <= 1), "{ycbcr:?}: {found:?}");
        }
    }
}
