//! Quarter turns, half turns and mirror images.
//!
//! Mirror images and half turns are made in place; only quarter turns need a second buffer.

use rayon::prelude::*;

use crate::kernel::turn_rgb;
use crate::{Stopped, Whole, Work};
use lightloom_picture::with_raster;
use lightloom_picture::{Layout, Pixels, Raster, Sample, Shape};

/// How pixels move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
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
}

/// Rows that are turned between two checks of `stop`.
const BAND: usize = 64;

/// Side of the square blocks in which quarter turns are walked, so that both sides stay in the cache.
const BLOCK: usize = 32;

impl Turn {
    const fn is_quarter(self) -> bool {
        matches!(self, Self::Right | Self::Left)
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

    fn quarter<S: Sample>(self, from: &Raster<S>, work: &mut Work<'_>) -> Result<Raster<S>, Stopped> {
        match from.layout() {
            Layout::Grey => self.turn_pixels::<S, 1>(from, work),
            Layout::GreyAlpha => self.turn_pixels::<S, 2>(from, work),
            Layout::Rgb => self.turn_pixels::<S, 3>(from, work),
            Layout::Rgba => self.turn_pixels::<S, 4>(from, work),
        }
    }

    fn turn_pixels<S: Sample, const N: usize>(
        self,
        from: &Raster<S>,
        work: &mut Work<'_>,
    ) -> Result<Raster<S>, Stopped> {
        let (width, height) = (from.height() as usize, from.width() as usize);
        let source = from.samples().as_chunks::<N>().0;
        work.draw((width as u32, height as u32), from.layout(), BLOCK, |rows, target: &mut [S]| {
            let target = target.as_chunks_mut::<N>().0;
            let (top, rows) = (rows.start, rows.len());
            // the column of the source that a row of the target is, and the row that a column is
            let column = |y: usize| if self == Self::Right { y } else { height - 1 - y };
            let row = |x: usize| if self == Self::Right { width - 1 - x } else { x };
            for left in (0..width).step_by(BLOCK) {
                let columns = BLOCK.min(width - left);
                let first = column(top).min(column(top + rows - 1));
                let block: [&[[S; N]]; BLOCK] = std::array::from_fn(|i| {
                    let row = &source[row(left + i.min(columns - 1)) * height..][..height];
                    &row[first..first + rows]
                });
                for (y, to) in target.chunks_exact_mut(width).enumerate() {
                    let to = &mut to[left..left + columns];
                    let x = column(top + y) - first;
                    to.iter_mut().zip(&block).for_each(|(to, from)| *to = from[x]);
                }
            }
        })
    }
}

/// A quarter turn of an 8-bit RGB picture.
fn quarter_rgb(from: &Raster<u8>, clockwise: bool, work: &mut Work<'_>) -> Result<Raster<u8>, Stopped> {
    let size = (from.height() as usize, from.width() as usize);
    work.draw((from.height(), from.width()), Layout::Rgb, BLOCK, |rows, target: &mut [u8]| {
        let (target, source) = (target.as_chunks_mut().0, from.samples().as_chunks().0);
        turn_rgb::turn(target, source, size, rows.start, clockwise);
    })
}

impl Whole for Turn {
    fn shape(&self, source: Shape) -> Shape {
        match self.is_quarter() {
            true => Shape { width: source.height, height: source.width, ..source },
            false => source,
        }
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        if (work.stop)() {
            return Err(Stopped);
        }
        if self.is_quarter() {
            let result = self.apply_to(&source, work);
            source.recycle(work.buffers);
            return result;
        }
        with_raster!(source, r => {
            let mut own = r;
            self.in_place(&mut own, work).map(|()| own.into())
        })
    }

    fn apply_to(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        if let Pixels::U8(r) = source
            && self.is_quarter()
            && r.layout() == Layout::Rgb
        {
            return quarter_rgb(r, *self == Self::Right, work).map(Pixels::from);
        }
        if self.is_quarter() {
            return with_raster!(source, r => self.quarter(r, work).map(Pixels::from));
        }
        let copy = source.copied(work.buffers);
        self.apply(copy, work)
    }
}
