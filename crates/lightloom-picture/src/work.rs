//! Work on the pixels of one picture: spare memory, the wish to stop, and threads to share rows with.
//!
//! When the work is stopped, the memory of the unfinished picture goes back to the buffers.

use std::ops::Range;

use rayon::prelude::*;

use crate::{Buffers, Layout, Raster, Sample};

/// What a worker lends to whatever works on the pixels of one picture.
pub struct Work<'a> {
    /// Spare buffers.
    pub buffers: &'a mut Buffers,
    /// Says whether the result is no longer wanted; asked once per strip.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Whether strips of this picture may be spread over the rayon pool that the caller runs in.
    pub split: bool,
}

/// Samples that are measured before the next look at `stop`.
const MEASURED_SAMPLES: usize = 256 * 1024;

impl Work<'_> {
    /// A new picture: calls `draw` with each piece of so many `rows` (the last may have fewer) and its samples, all of
    /// which it must write, spread over the pool where that is wanted.
    ///
    /// # Errors
    /// As [`Self::fill`].
    pub fn draw<S: Sample>(
        &mut self,
        (width, height): (u32, u32),
        layout: Layout,
        rows: usize,
        draw: impl Fn(Range<usize>, &mut [S]) + Sync,
    ) -> Result<Raster<S>, Stopped> {
        let stride = width as usize * layout.channels();
        let mut samples = self.buffers.take_for_overwrite(stride * height as usize);
        let done = self.fill(&mut samples, rows * stride, |piece, samples| {
            let top = piece * rows;
            draw(top..top + samples.len() / stride, samples);
        });
        if done.is_err() {
            self.buffers.give(samples);
            return Err(Stopped);
        }
        Ok(Raster::new(width, height, layout, samples))
    }

    /// Calls `fill` with the number and the samples of each piece of `target` that is `len` long (the last may be
    /// shorter), spread over the pool where that is wanted.
    ///
    /// # Errors
    /// [`Stopped`] once `self.stop` says so; it is asked before each piece.
    pub fn fill<T: Send>(
        &self,
        target: &mut [T],
        len: usize,
        fill: impl Fn(usize, &mut [T]) + Sync,
    ) -> Result<(), Stopped> {
        let stop = self.stop;
        let piece = |(index, piece): (usize, &mut [T])| {
            if stop() {
                return Err(Stopped);
            }
            fill(index, piece);
            Ok(())
        };
        if self.split {
            target.par_chunks_mut(len.max(1)).enumerate().try_for_each(piece)
        } else {
            target.chunks_mut(len.max(1)).enumerate().try_for_each(piece)
        }
    }

    /// Adds up all rows of a picture: `add` takes the next row into a measurement that began as `new`, `merge` joins
    /// two. Which rows meet in one measurement and in which order is not defined, so both must be exact: counts,
    /// smallest and largest values, whole numbers.
    ///
    /// # Errors
    /// [`Stopped`] once `self.stop` says so; it is asked after some rows.
    pub fn measure_rows<S: Sample, A: Send>(
        &self,
        source: &Raster<S>,
        new: impl Fn() -> A + Sync + Send,
        add: impl Fn(&mut A, u32, &[S]) + Sync,
        merge: impl Fn(A, A) -> A + Sync + Send,
    ) -> Result<A, Stopped> {
        let stride = source.stride().max(1);
        let rows = (MEASURED_SAMPLES / stride).max(1);
        let stop = self.stop;
        let strip = |mut sum: A, (index, strip): (usize, &[S])| {
            if stop() {
                return Err(Stopped);
            }
            for (row, y) in strip.chunks(stride).zip((index * rows) as u32..) {
                add(&mut sum, y, row);
            }
            Ok(sum)
        };
        if self.split {
            let strips = source.samples().par_chunks(rows * stride).enumerate();
            strips.try_fold(&new, strip).try_reduce(&new, |a, b| Ok(merge(a, b)))
        } else {
            source.samples().chunks(rows * stride).enumerate().try_fold(new(), strip)
        }
    }
}

/// The result was no longer wanted, so there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped")]
pub struct Stopped;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_drawn_in_pieces_of_rows() {
        for split in [false, true] {
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split };
            let drawn = work.draw((2, 7), Layout::Rgb, 3, |rows, samples: &mut [u8]| {
                assert_eq!(samples.len(), rows.len() * 6);
                for (row, y) in samples.chunks_exact_mut(6).zip(rows) {
                    row.fill(y as u8);
                }
            });
            let expected: Vec<u8> = (0..7).flat_map(|y| [y; 6]).collect();
            assert_eq!(drawn.unwrap().samples(), expected);
        }
    }

    #[test]
    fn a_stopped_picture_returns_its_memory() {
        let mut buffers = Buffers::default();
        let spare = buffers.take::<u8>(42);
        let place = spare.as_ptr();
        buffers.give(spare);
        let mut work = Work { buffers: &mut buffers, stop: &|| true, split: false };
        assert!(work.draw((2, 7), Layout::Rgb, 3, |_, _: &mut [u8]| {}).is_err());
        let again = buffers.take::<u8>(42);
        assert_eq!(again.as_ptr(), place);
    }
}
