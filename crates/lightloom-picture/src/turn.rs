//! Turning and mirroring, for Exif orientations as for filters.
//!
//! Mirror images and half turns are made where the pixels lie; where width and height change places, a second buffer is
//! needed.

use std::ops::Range;

use rayon::prelude::*;

use crate::turn_rgb::{self, Reversed};
use crate::{Layout, Pixels, Raster, Sample, Shape, Stopped, View, Work, with_raster};

/// How pixels move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Left and right change places.
    Mirror,
    /// Top and bottom change places.
    Flip,
    /// Half a turn.
    Half,
    /// A quarter turn clockwise.
    Right,
    /// A quarter turn counter-clockwise.
    Left,
    /// Mirrored along the main diagonal: rows become columns.
    Transpose,
    /// Mirrored along the other diagonal.
    Transverse,
}

/// Rows that are turned between two looks at `stop`.
const BAND: usize = 64;

/// Side of the square blocks in which quarter turns are walked, so that both sides stay in the cache.
const BLOCK: usize = 32;

impl Turn {
    /// For turns that make columns of rows: in which order. `None` for those that leave width and height as they are.
    const fn reversed(self) -> Option<Reversed> {
        match self {
            Self::Mirror | Self::Flip | Self::Half => None,
            Self::Right => Some(Reversed { rows: true, columns: false }),
            Self::Left => Some(Reversed { rows: false, columns: true }),
            Self::Transpose => Some(Reversed { rows: false, columns: false }),
            Self::Transverse => Some(Reversed { rows: true, columns: true }),
        }
    }

    /// The shape of the result.
    pub const fn shape(self, source: Shape) -> Shape {
        match self.reversed() {
            Some(_) => Shape { width: source.height, height: source.width, ..source },
            None => source,
        }
    }

    /// Rows of a picture of so many that these of the result, or those below them, come from.
    pub const fn sources(self, rows: Range<u32>, height: u32) -> Range<u32> {
        match self {
            Self::Mirror => rows,
            _ => 0..height,
        }
    }

    /// Puts rows of the result of an 8-bit picture into `target`, which holds exactly those.
    ///
    /// # Panics
    /// If [rows that they come from](Self::sources) are not at hand.
    pub fn rows(self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        let how = (self, (source.width() as usize, source.height() as usize), rows);
        let row = |y| source.row(y);
        match (source.layout(), self.reversed()) {
            (Layout::Grey, _) => rows_of::<1>(how, row, target),
            (Layout::GreyAlpha, _) => rows_of::<2>(how, row, target),
            (Layout::Rgb, None) => rows_of::<3>(how, row, target),
            (Layout::Rgb, Some(reversed)) => {
                let (_, (width, height), rows) = how;
                let (target, samples) = (target.as_chunks_mut().0, source.samples().as_chunks().0);
                turn_rgb::turn(target, samples, (height, width), rows.start as usize, reversed);
            }
            (Layout::Rgba, _) => rows_of::<4>(how, row, target),
        }
    }

    /// As [`Self::rows`], for a plane of so many columns and rows, of which `source` returns one.
    pub fn plane_rows<'s>(
        self,
        (width, height): (u32, u32),
        source: impl Fn(u32) -> &'s [u8],
        rows: Range<u32>,
        target: &mut [u8],
    ) {
        rows_of::<1>((self, (width as usize, height as usize), rows), source, target);
    }

    /// Whether columns, and whether rows, of a picture come in the other order.
    pub const fn reverses(self) -> (bool, bool) {
        match self {
            Self::Mirror => (true, false),
            Self::Flip => (false, true),
            Self::Half | Self::Transverse => (true, true),
            Self::Right => (false, true),
            Self::Left => (true, false),
            Self::Transpose => (false, false),
        }
    }

    /// Whether columns become rows.
    pub const fn swaps_sides(self) -> bool {
        self.reversed().is_some()
    }

    /// Turns a picture, whose buffer is reused or goes to `work.buffers`.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so, asked about once in as many rows as stay in the cache.
    pub fn apply(self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        if self.reversed().is_some() {
            let turned = self.apply_to(&source, work);
            source.recycle(work.buffers);
            return turned;
        }
        let mut pixels = source;
        match with_raster!(&mut pixels, raster => self.in_place(raster, work)) {
            Ok(()) => Ok(pixels),
            Err(Stopped) => {
                pixels.recycle(work.buffers);
                Err(Stopped)
            }
        }
    }

    /// Turns a copy of a picture.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn apply_to(self, source: &Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let Some(reversed) = self.reversed() else { return self.apply(source.copied(work.buffers), work) };
        match source {
            Pixels::U8(raster) if raster.layout() == Layout::Rgb => {
                quarter_rgb(raster, reversed, work).map(Pixels::from)
            }
            _ => with_raster!(source, raster => quarter(raster, reversed, work).map(Pixels::from)),
        }
    }

    fn in_place<S: Sample>(self, raster: &mut Raster<S>, work: &Work<'_>) -> Result<(), Stopped> {
        match raster.layout() {
            Layout::Grey => self.move_pixels::<S, 1>(raster, work),
            Layout::GreyAlpha => self.move_pixels::<S, 2>(raster, work),
            Layout::Rgb => self.move_pixels::<S, 3>(raster, work),
            Layout::Rgba => self.move_pixels::<S, 4>(raster, work),
        }
    }

    fn move_pixels<S: Sample, const N: usize>(self, raster: &mut Raster<S>, work: &Work<'_>) -> Result<(), Stopped> {
        let (stride, height) = (raster.stride(), raster.height() as usize);
        let samples = raster.samples_mut();
        if self == Self::Mirror {
            return work.fill(samples, BAND * stride, |_, band| {
                band.chunks_exact_mut(stride).for_each(|row| row.as_chunks_mut::<N>().0.reverse());
            });
        }
        let reverse = self == Self::Half;
        let (upper, rest) = samples.split_at_mut(height / 2 * stride);
        let (middle, lower) = rest.split_at_mut(height % 2 * stride);
        if reverse {
            middle.as_chunks_mut::<N>().0.reverse();
        }
        // a band of the upper half and its mirror image below it
        let swap = |(upper, lower): (&mut [S], &mut [S])| {
            if (work.stop)() {
                return Err(Stopped);
            }
            for (upper, lower) in upper.chunks_exact_mut(stride).zip(lower.chunks_exact_mut(stride).rev()) {
                if reverse {
                    let (upper, lower) = (upper.as_chunks_mut::<N>().0, lower.as_chunks_mut::<N>().0);
                    upper.iter_mut().zip(lower.iter_mut().rev()).for_each(|(a, b)| std::mem::swap(a, b));
                } else {
                    upper.swap_with_slice(lower);
                }
            }
            Ok(())
        };
        let band = (BAND * stride).max(1);
        if work.split {
            upper.par_chunks_mut(band).zip(lower.par_rchunks_mut(band)).try_for_each(swap)
        } else {
            upper.chunks_mut(band).zip(lower.rchunks_mut(band)).try_for_each(swap)
        }
    }
}

/// Columns become rows.
fn quarter<S: Sample>(from: &Raster<S>, reversed: Reversed, work: &mut Work<'_>) -> Result<Raster<S>, Stopped> {
    match from.layout() {
        Layout::Grey => quarter_of::<S, 1>(from, reversed, work),
        Layout::GreyAlpha => quarter_of::<S, 2>(from, reversed, work),
        Layout::Rgb => quarter_of::<S, 3>(from, reversed, work),
        Layout::Rgba => quarter_of::<S, 4>(from, reversed, work),
    }
}

fn quarter_of<S: Sample, const N: usize>(
    from: &Raster<S>,
    reversed: Reversed,
    work: &mut Work<'_>,
) -> Result<Raster<S>, Stopped> {
    let (width, height) = (from.height() as usize, from.width() as usize);
    let source = from.samples().as_chunks::<N>().0;
    let row = |y: usize| &source[y * height..][..height];
    work.draw((width as u32, height as u32), from.layout(), BLOCK, |rows, target: &mut [S]| {
        quarter_rows(target.as_chunks_mut().0, row, (width, height), rows.start, reversed);
    })
}

/// Fills rows of the result, of this size, from row `top` on: columns of the source, of which `source` returns a row.
fn quarter_rows<'s, S: Sample, const N: usize>(
    target: &mut [[S; N]],
    source: impl Fn(usize) -> &'s [[S; N]],
    (width, height): (usize, usize),
    top: usize,
    reversed: Reversed,
) {
    for (target, top) in target.chunks_mut(BLOCK * width).zip((top..).step_by(BLOCK)) {
        let rows = target.len() / width;
        // the column of the source that a row of the target is, and the row that a column is
        let column = |y: usize| if reversed.columns { height - 1 - y } else { y };
        let row = |x: usize| if reversed.rows { width - 1 - x } else { x };
        for left in (0..width).step_by(BLOCK) {
            let columns = BLOCK.min(width - left);
            let first = column(top).min(column(top + rows - 1));
            let block: [&[[S; N]]; BLOCK] =
                std::array::from_fn(|i| &source(row(left + i.min(columns - 1)))[first..first + rows]);
            for (y, to) in target.chunks_exact_mut(width).enumerate() {
                let to = &mut to[left..left + columns];
                let x = column(top + y) - first;
                to.iter_mut().zip(&block).for_each(|(to, from)| *to = from[x]);
            }
        }
    }
}

/// As [`quarter`], for 8-bit RGB pictures.
fn quarter_rgb(from: &Raster<u8>, reversed: Reversed, work: &mut Work<'_>) -> Result<Raster<u8>, Stopped> {
    let size = (from.height() as usize, from.width() as usize);
    work.draw((from.height(), from.width()), Layout::Rgb, BLOCK, |rows, target: &mut [u8]| {
        let (target, source) = (target.as_chunks_mut().0, from.samples().as_chunks().0);
        turn_rgb::turn(target, source, size, rows.start, reversed);
    })
}

/// A turn, the size of what is turned, and rows of the result.
type Wanted = (Turn, (usize, usize), Range<u32>);

/// See [`Turn::rows`].
fn rows_of<'s, const N: usize>(
    (turn, (width, height), rows): Wanted,
    source: impl Fn(u32) -> &'s [u8],
    target: &mut [u8],
) {
    let target = target.as_chunks_mut::<N>().0;
    let row = |y: usize| source(y as u32).as_chunks::<N>().0;
    if let Some(reversed) = turn.reversed() {
        return quarter_rows(target, row, (height, width), rows.start as usize, reversed);
    }
    let (reverses_columns, reverses_rows) = turn.reverses();
    for (y, to) in (rows.start as usize..).zip(target.chunks_exact_mut(width.max(1))) {
        to.copy_from_slice(row(if reverses_rows { height - 1 - y } else { y }));
        if reverses_columns {
            to.reverse();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;
    use crate::{Buffers, Depth};

    const TURNS: [Turn; 7] =
        [Turn::Mirror, Turn::Flip, Turn::Half, Turn::Right, Turn::Left, Turn::Transpose, Turn::Transverse];

    fn numbered(width: u32, height: u32, layout: Layout) -> Raster<u16> {
        let samples = (0..width * height * layout.channels() as u32).map(|i| (i.wrapping_mul(40_503) >> 8) as u16);
        Raster::new(width, height, layout, samples.collect())
    }

    /// Where the pixel at `x`, `y` of the result stood.
    fn origin(turn: Turn, (x, y): (u32, u32), source: Shape) -> (u32, u32) {
        let (right, bottom) = (source.width - 1, source.height - 1);
        match turn {
            Turn::Mirror => (right - x, y),
            Turn::Flip => (x, bottom - y),
            Turn::Half => (right - x, bottom - y),
            Turn::Right => (y, bottom - x),
            Turn::Left => (right - y, x),
            Turn::Transpose => (y, x),
            Turn::Transverse => (right - y, bottom - x),
        }
    }

    /// A picture turned a few rows at a time, each time only from those rows that they come from.
    fn by_rows(turn: Turn, source: &Raster<u8>) -> Vec<u8> {
        let (size, layout) = ((source.width(), source.height()), source.layout());
        let Shape { width, height, .. } = turn.shape(Shape { width: size.0, height: size.1, layout, depth: Depth::U8 });
        let stride = width as usize * layout.channels();
        let mut turned = vec![0; stride * height as usize];
        for (target, top) in turned.chunks_mut(50 * stride).zip((0..).step_by(50)) {
            let rows = top..top + (target.len() / stride) as u32;
            let sources = turn.sources(rows.clone(), size.1);
            let at_hand =
                &source.samples()[sources.start as usize * source.stride()..][..sources.len() * source.stride()];
            turn.rows(View::new(size, layout, sources.start, at_hand), rows, target);
        }
        turned
    }

    #[test]
    fn every_pixel_goes_to_its_place_in_every_layout_and_depth() {
        for layout in [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba] {
            for (depth, (width, height)) in
                Depth::ALL.iter().flat_map(|d| [(1, 1), (70, 3), (67, 130), (9, 40)].map(|s| (*d, s)))
            {
                let source = Pixels::from(numbered(width, height, layout)).into_depth(depth);
                for (turn, split) in TURNS.iter().flat_map(|t| [(*t, false), (*t, true)]) {
                    let mut buffers = Buffers::default();
                    let mut work = Work { buffers: &mut buffers, stop: &|| false, split };
                    let turned = turn.apply(source.clone(), &mut work).unwrap();
                    assert_eq!(turned.shape(), turn.shape(source.shape()));
                    if let (Pixels::U8(source), Pixels::U8(turned)) = (&source, &turned) {
                        assert_eq!(by_rows(turn, source), turned.samples(), "{turn:?} {layout:?}");
                    }
                    let (from, to) = (source.clone().into_depth(Depth::U16), turned.into_depth(Depth::U16));
                    let (Pixels::U16(from), Pixels::U16(to)) = (from, to) else { unreachable!() };
                    let pixel = |raster: &Raster<u16>, x: u32, y: u32| {
                        let channels = layout.channels();
                        raster.row(y)[x as usize * channels..][..channels].to_vec()
                    };
                    for (x, y) in (0..to.height()).flat_map(|y| (0..to.width()).map(move |x| (x, y))) {
                        let (from_x, from_y) = origin(turn, (x, y), source.shape());
                        assert_eq!(
                            pixel(&to, x, y),
                            pixel(&from, from_x, from_y),
                            "{turn:?} {layout:?} {depth} {x} {y}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_stop_ends_every_rotation_and_returns_the_memory() {
        for layout in [Layout::Grey, Layout::Rgb] {
            for turn in TURNS {
                let source = Pixels::from(numbered(300, 400, layout)).into_depth(Depth::U8);
                let bytes = source.shape().bytes() as usize;
                let Pixels::U8(raster) = &source else { unreachable!() };
                let place = raster.samples().as_ptr();
                let mut buffers = Buffers::default();
                let looks = AtomicUsize::new(0);
                let stop = || looks.fetch_add(1, Relaxed) >= 2;
                let mut work = Work { buffers: &mut buffers, stop: &stop, split: false };
                assert_eq!(turn.apply(source, &mut work), Err(Stopped), "{turn:?}");
                assert_eq!(looks.load(Relaxed), 3, "{turn:?}");
                let spare: Vec<Vec<u8>> = (0..2).map(|_| buffers.take(bytes)).collect();
                assert!(spare.iter().any(|buffer| buffer.as_ptr() == place), "{turn:?}");
            }
        }
    }
}
