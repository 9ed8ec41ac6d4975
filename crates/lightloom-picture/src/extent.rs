//! Where a picture lies in its pixels when a decoder delivered it at a fraction of its size.
//!
//! A side of 1001 pixels decoded at 1/8 is 126 pixels, but the picture fills only 125⅛ of them: each of those pixels covers
//! exactly 8 of the full size, and of the last one's only the first is part of the picture. To take all 126 for the side
//! would shift everything by up to 7/8 of a pixel over the width.

use crate::{Orientation, Shape};

/// The part of its pixels that a picture fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    pub columns: Span,
    pub rows: Span,
}

/// One direction of an [`Extent`]. `begin` and `length` count pixels of the full size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Distance from the edge of the first pixel to the edge of the picture; less than `divisor`.
    pub begin: u32,
    /// Side of the picture; at least 1.
    pub length: u32,
    /// Pixels of the full size that a pixel covers; at least 1.
    pub divisor: u32,
}

impl Extent {
    /// All pixels of a picture that has not been scaled.
    pub const fn whole(width: u32, height: u32) -> Self {
        Self::scaled(width, height, 1)
    }

    /// As a decoder delivers a picture of this size with its sides divided and rounded up.
    pub const fn scaled(width: u32, height: u32, divisor: u32) -> Self {
        Self { columns: Span { begin: 0, length: width, divisor }, rows: Span { begin: 0, length: height, divisor } }
    }

    /// The same for the pixels that [`Orientation::apply`] has turned.
    pub const fn upright(self, orientation: Orientation) -> Self {
        let Self { columns, rows } = self;
        match orientation {
            Orientation::Upright => self,
            Orientation::FlipHorizontal => Self { columns: columns.reversed(), rows },
            Orientation::Rotate180 => Self { columns: columns.reversed(), rows: rows.reversed() },
            Orientation::FlipVertical => Self { columns, rows: rows.reversed() },
            Orientation::Transpose => Self { columns: rows, rows: columns },
            Orientation::Rotate90 => Self { columns: rows.reversed(), rows: columns },
            Orientation::Transverse => Self { columns: rows.reversed(), rows: columns.reversed() },
            Orientation::Rotate270 => Self { columns: rows, rows: columns.reversed() },
        }
    }

    /// Whether pixels of this shape are the picture's, no more and no less.
    pub const fn is_whole(&self, shape: Shape) -> bool {
        self.columns.is_whole(shape.width) && self.rows.is_whole(shape.height)
    }

    /// Whether there are as many pixels in each direction as this needs.
    pub const fn fits(&self, shape: Shape) -> bool {
        self.columns.pixels() == shape.width && self.rows.pixels() == shape.height
    }
}

impl Span {
    /// All of so many pixels.
    pub const fn whole(pixels: u32) -> Self {
        Self { begin: 0, length: pixels, divisor: 1 }
    }

    /// Pixels of which at least a part belongs to the picture.
    pub const fn pixels(self) -> u32 {
        (self.begin + self.length).div_ceil(self.divisor)
    }

    /// The picture's edges, in pixels.
    pub fn edges(self) -> (f64, f64) {
        let divisor = f64::from(self.divisor);
        (f64::from(self.begin) / divisor, (f64::from(self.begin) + f64::from(self.length)) / divisor)
    }

    const fn reversed(self) -> Self {
        Self { begin: self.pixels() * self.divisor - self.begin - self.length, ..self }
    }

    const fn is_whole(self, pixels: u32) -> bool {
        self.begin == 0 && self.length == pixels * self.divisor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Buffers, Depth, Layout, Pixels, Raster, Work};

    #[test]
    fn the_pixel_that_is_not_covered_whole_moves_with_the_orientation() {
        for (width, height, divisor) in [(17, 23, 8), (16, 9, 4), (9, 16, 2), (3, 2, 8)] {
            let stored = Extent::scaled(width, height, divisor);
            let (columns, rows) = (width.div_ceil(divisor), height.div_ceil(divisor));
            // How many of the pixels of the full size that each pixel covers belong to the picture.
            let inside = |at: u32, side: u32| (side - at * divisor).min(divisor);
            let samples =
                (0..rows * columns).map(|i| (inside(i % columns, width) * inside(i / columns, height)) as u8).collect();
            let pixels = Pixels::from(Raster::new(columns, rows, Layout::Grey, samples));
            for exif in 1..=8 {
                let orientation = Orientation::from_exif(exif);
                let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
                let turned = orientation.apply(pixels.clone(), &mut work).unwrap();
                let extent = stored.upright(orientation);
                assert!(extent.fits(turned.shape()), "orientation {exif}: {extent:?}");
                let covered = |span: Span, at: u32| {
                    let (from, to) = (at * divisor, (at + 1) * divisor);
                    to.min(span.begin + span.length) - from.max(span.begin)
                };
                let expected: Vec<u8> = (0..turned.width() * turned.height())
                    .map(|i| (i % turned.width(), i / turned.width()))
                    .map(|(x, y)| (covered(extent.columns, x) * covered(extent.rows, y)) as u8)
                    .collect();
                let Pixels::U8(turned) = turned else { unreachable!() };
                assert_eq!(turned.samples(), expected, "orientation {exif} of {width} × {height} at 1/{divisor}");
            }
        }
    }

    #[test]
    fn only_sides_that_are_divided_without_rest_are_whole() {
        let shape = |width, height| Shape { width, height, layout: Layout::Rgb, depth: Depth::U8 };
        assert!(Extent::whole(7, 5).is_whole(shape(7, 5)));
        assert!(Extent::scaled(16, 8, 8).is_whole(shape(2, 1)));
        assert!(!Extent::scaled(15, 8, 8).is_whole(shape(2, 1)));
        assert!(Extent::scaled(15, 8, 8).fits(shape(2, 1)));
        assert_eq!(Extent::scaled(9, 8, 8).columns.edges(), (0.0, 1.125));
    }
}
