//! Where the pixels of a picture go: the geometry of orientation and filters as one projective map.
//!
//! Whatever describes pixels by their position, such as face regions or a gain map, follows the picture through this
//! map.

use crate::Turn;

/// A projective map: (x, y, 1) is multiplied from the right, and what comes out is divided by its third number.
pub type Matrix = [[f64; 3]; 3];

/// Columns and rows.
type Size = (u32, u32);

const IDENTITY: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// Where the pixels of a picture of one size go in a result of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    source: Size,
    size: Size,
    /// From positions in the source to positions in the result, both in pixels from the top left corner of the
    /// picture.
    map: Matrix,
}

/// A rectangle, in pixels from the top left corner of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Area {
    /// The whole of a picture of this size.
    pub fn of((width, height): Size) -> Self {
        Self { left: 0.0, top: 0.0, width: f64::from(width), height: f64::from(height) }
    }

    /// The rectangle around a centre.
    pub const fn around((x, y): (f64, f64), width: f64, height: f64) -> Self {
        Self { left: x - width / 2.0, top: y - height / 2.0, width, height }
    }

    pub const fn centre(&self) -> (f64, f64) {
        (self.left + self.width / 2.0, self.top + self.height / 2.0)
    }

    pub const fn right(&self) -> f64 {
        self.left + self.width
    }

    pub const fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// The part within a picture of this size; `None` where its centre lies outside.
    fn within(self, size: Size) -> Option<Self> {
        let whole = Self::of(size);
        let (x, y) = self.centre();
        if !((0.0..=whole.width).contains(&x) && (0.0..=whole.height).contains(&y)) {
            return None;
        }
        let (left, top) = (self.left.max(0.0), self.top.max(0.0));
        let (right, bottom) = (self.right().min(whole.width), self.bottom().min(whole.height));
        Some(Self { left, top, width: right - left, height: bottom - top })
    }
}

/// A map that keeps horizontal lines horizontal and vertical ones vertical: `x · scale.0 + offset.0` and the same for y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Upright {
    /// Horizontal and vertical; negative where the picture is mirrored.
    pub scale: (f64, f64),
    /// In pixels of the result.
    pub offset: (f64, f64),
}

impl Geometry {
    /// Every pixel stays where it is.
    pub const fn identity(size: (u32, u32)) -> Self {
        Self { source: size, size, map: IDENTITY }
    }

    /// The whole picture in another size.
    pub fn scaled(source: (u32, u32), size: (u32, u32)) -> Self {
        let ratio = |to: u32, from: u32| f64::from(to) / f64::from(from.max(1));
        let (x, y) = (ratio(size.0, source.0), ratio(size.1, source.1));
        Self { source, size, map: [[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, 1.0]] }
    }

    /// The picture's top left corner at this position of the result: a crop where that is negative, a frame where it is
    /// positive.
    pub const fn placed(source: (u32, u32), size: (u32, u32), left: i64, top: i64) -> Self {
        Self { source, size, map: [[1.0, 0.0, left as f64], [0.0, 1.0, top as f64], [0.0, 0.0, 1.0]] }
    }

    /// A turn or a mirror image.
    pub fn turned(turn: Turn, source: (u32, u32)) -> Self {
        let (w, h) = (f64::from(source.0), f64::from(source.1));
        let (x, y, swaps) = match turn {
            Turn::Mirror => ([-1.0, 0.0, w], [0.0, 1.0, 0.0], false),
            Turn::Flip => ([1.0, 0.0, 0.0], [0.0, -1.0, h], false),
            Turn::Half => ([-1.0, 0.0, w], [0.0, -1.0, h], false),
            Turn::Right => ([0.0, -1.0, h], [1.0, 0.0, 0.0], true),
            Turn::Left => ([0.0, 1.0, 0.0], [-1.0, 0.0, w], true),
            Turn::Transpose => ([0.0, 1.0, 0.0], [1.0, 0.0, 0.0], true),
            Turn::Transverse => ([0.0, -1.0, h], [-1.0, 0.0, w], true),
        };
        let size = if swaps { (source.1, source.0) } else { source };
        Self { source, size, map: [x, y, [0.0, 0.0, 1.0]] }
    }

    /// By the map that takes the centres of the result's pixels to where they come from in the source, both counted from
    /// the centre of the top left pixel. `None` if that map cannot be inverted.
    pub fn drawn_from(source: (u32, u32), size: (u32, u32), centres: &Matrix) -> Option<Self> {
        let shift = |by: f64| [[1.0, 0.0, by], [0.0, 1.0, by], [0.0, 0.0, 1.0]];
        let back = product(&shift(0.5), &product(centres, &shift(-0.5)));
        Some(Self { source, size, map: inverse(&back)? })
    }

    /// This geometry and then another. If the other one is for a picture of another size, the result of this one is
    /// scaled to it.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let map = if self.size == next.source {
            product(&next.map, &self.map)
        } else {
            product(&next.map, &product(&Self::scaled(self.size, next.source).map, &self.map))
        };
        Self { source: self.source, size: next.size, map }
    }

    /// Size of the picture before.
    pub const fn source(&self) -> (u32, u32) {
        self.source
    }

    /// Size of the result.
    pub const fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Whether every pixel stays where it is.
    pub fn is_identity(&self) -> bool {
        self.source == self.size && self.map == IDENTITY
    }

    /// Whether the result shows the whole picture, upright, in whatever size: shares of width and height stay as they
    /// are.
    pub fn is_scaling(&self) -> bool {
        let scaled = Self::scaled(self.source, self.size).map;
        self.map.as_flattened().iter().zip(scaled.as_flattened()).all(|(a, b)| (a - b).abs() < 1e-6)
    }

    /// Where a point of the source goes; `None` for one that is infinitely far away, or behind the viewer.
    pub fn point(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        through(&self.map, x, y)
    }

    /// The way from the result to the source.
    pub fn inverse(&self) -> Option<Self> {
        Some(Self { source: self.size, size: self.source, map: inverse(&self.map)? })
    }

    /// The smallest upright rectangle around what an area of the source becomes, clipped to the result; `None` where
    /// its centre lies outside.
    pub fn area(&self, area: Area) -> Option<Area> {
        let corners = [
            (area.left, area.top),
            (area.right(), area.top),
            (area.right(), area.bottom()),
            (area.left, area.bottom()),
        ];
        let mut around = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for (x, y) in corners {
            let (x, y) = self.point(x, y)?;
            around = [around[0].min(x), around[1].min(y), around[2].max(x), around[3].max(y)];
        }
        let [left, top, right, bottom] = around;
        Area { left, top, width: right - left, height: bottom - top }.within(self.size)
    }

    /// As scales and offsets, unless it turns or distorts the picture.
    pub fn upright(&self) -> Option<Upright> {
        let [[x, xy, left], [yx, y, top], [g, h, w]] = self.map;
        let straight = [xy, yx, g, h].iter().all(|v| v.abs() < 1e-9) && x != 0.0 && y != 0.0;
        straight.then_some(Upright { scale: (x / w, y / w), offset: (left / w, top / w) })
    }

    /// How many pixels of the result a pixel of the source is wide and high, about the middle of the picture: the
    /// lengths of what its upper and its left edge become.
    pub fn magnification(&self) -> (f64, f64) {
        let (x, y) = Area::of(self.source).centre();
        let length =
            |dx: f64, dy: f64| match (self.point(x - dx / 2.0, y - dy / 2.0), self.point(x + dx / 2.0, y + dy / 2.0)) {
                (Some(a), Some(b)) => (a.0 - b.0).hypot(a.1 - b.1),
                _ => 1.0,
            };
        (length(1.0, 0.0), length(0.0, 1.0))
    }
}

fn through(map: &Matrix, x: f64, y: f64) -> Option<(f64, f64)> {
    let [u, v, w] = map.map(|row| row[0] * x + row[1] * y + row[2]);
    (w > 1e-9).then(|| (u / w, v / w))
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    a.map(|row| [0, 1, 2].map(|j| row[0] * b[0][j] + row[1] * b[1][j] + row[2] * b[2][j]))
}

/// The inverse, with the sign that keeps the third number of points in the picture positive.
fn inverse(m: &Matrix) -> Option<Matrix> {
    let minor = |r: usize, c: usize| {
        let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let determinant = (0..3).map(|c| m[0][c] * minor(0, c)).sum::<f64>();
    let inverse = [0, 1, 2].map(|r| [0, 1, 2].map(|c| minor(c, r) / determinant));
    inverse.as_flattened().iter().all(|v| v.is_finite()).then_some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Buffers, Layout, Pixels, Raster, Work};

    const TURNS: [Turn; 7] =
        [Turn::Mirror, Turn::Flip, Turn::Half, Turn::Right, Turn::Left, Turn::Transpose, Turn::Transverse];

    #[test]
    fn turns_are_where_pixels_go() {
        let (width, height) = (5, 3);
        for turn in TURNS {
            let geometry = Geometry::turned(turn, (width, height));
            for at in 0..width * height {
                let mut samples = vec![0_u8; (width * height) as usize];
                samples[at as usize] = 255;
                let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
                let turned = turn.apply(Raster::new(width, height, Layout::Grey, samples).into(), &mut work).unwrap();
                let Pixels::U8(turned) = turned else { unreachable!() };
                assert_eq!((turned.width(), turned.height()), geometry.size());
                let found = turned.samples().iter().position(|v| *v == 255).unwrap() as u32;
                let (x, y) = geometry.point(f64::from(at % width) + 0.5, f64::from(at / width) + 0.5).unwrap();
                assert_eq!((x, y), (f64::from(found % turned.width()) + 0.5, f64::from(found / turned.width()) + 0.5));
            }
        }
    }

    #[test]
    fn maps_compose_and_invert() {
        let crop = Geometry::placed((100, 80), (40, 60), -10, -20);
        let half = Geometry::scaled((40, 60), (20, 30));
        let all = crop.then(&half).then(&Geometry::turned(Turn::Right, (20, 30)));
        assert_eq!((all.source(), all.size()), ((100, 80), (30, 20)));
        // (30, 40) lies at (20, 20) of the crop, at (10, 10) of its half, and a quarter turn takes it to (20, 10).
        assert_eq!(all.point(30.0, 40.0), Some((20.0, 10.0)));
        assert_eq!(all.inverse().unwrap().point(20.0, 10.0), Some((30.0, 40.0)));
        assert!(all.upright().is_none() && !all.is_scaling());
        assert!(half.is_scaling() && !crop.is_scaling() && Geometry::identity((3, 4)).is_identity());
        let (scale, offset) = crop.then(&half).upright().map(|u| (u.scale, u.offset)).unwrap();
        assert_eq!((scale, offset), ((0.5, 0.5), (-5.0, -10.0)));
        // A decoder that delivers a smaller picture changes nothing.
        assert_eq!(crop.then(&Geometry::scaled((80, 120), (20, 30))).point(30.0, 40.0), Some((10.0, 10.0)));
        assert_eq!(all.magnification(), (0.5, 0.5));
    }

    #[test]
    fn areas_are_clipped_and_those_outside_are_gone() {
        let crop = Geometry::placed((100, 100), (50, 50), -40, 0);
        let area = |left: f64, width: f64| Area { left, top: 0.0, width, height: 10.0 };
        assert_eq!(crop.area(area(30.0, 40.0)), Some(area(0.0, 30.0)));
        assert_eq!(crop.area(area(30.0, 15.0)), None, "its centre lies outside");
        assert_eq!(crop.area(area(60.0, 10.0)), Some(area(20.0, 10.0)));
    }

    #[test]
    fn what_is_drawn_through_a_map_goes_the_other_way() {
        // The result's pixel centres come from the source's at twice the distance, and (1, 0) further.
        let centres = [[2.0, 0.0, 1.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]];
        let geometry = Geometry::drawn_from((40, 40), (20, 20), &centres).unwrap();
        assert_eq!(geometry.point(7.5, 6.5), Some((3.5, 3.5)));
        assert!(Geometry::drawn_from((4, 4), (2, 2), &[[0.0; 3]; 3]).is_none());
    }
}
