//! What a compiled filter does, in the forms that the plan knows how to run well.

use std::ops::Range;

use rayon::prelude::*;

use crate::Strip;
use lightloom_picture::{Buffers, Layout, Pixels, Raster, Sample, Shape};

/// A compiled filter.
pub enum Operation {
    /// Changes nothing, such as an exposure by 0 stops, and costs nothing.
    Identity,
    /// Each pixel from itself alone, in one step or several: neighbours of this kind fuse into one pass.
    Points(Vec<Box<dyn Point>>),
    /// Each pixel from itself and from a measurement of the whole picture, as automatic levels do: fuses with the
    /// point operations that follow.
    Measured(Box<dyn Measure>),
    /// Each row from some rows around it; the shape stays.
    Area(Box<dyn Area>),
    /// The result from the whole picture at once: moves pixels to other places or takes several passes. The shape may
    /// change.
    Whole(Box<dyn Whole>),
}

impl Operation {
    /// Wraps a point operation.
    pub fn point(operation: impl Point + 'static) -> Self {
        Self::Points(vec![Box::new(operation)])
    }

    /// Wraps a measured point operation.
    pub fn measured(operation: impl Measure + 'static) -> Self {
        Self::Measured(Box::new(operation))
    }

    /// Wraps an area operation.
    pub fn area(operation: impl AreaFilter + 'static) -> Self {
        Self::Area(Box::new(operation))
    }

    /// Wraps an operation on the whole picture.
    pub fn whole(operation: impl Whole + 'static) -> Self {
        Self::Whole(Box::new(operation))
    }
}

/// What each sample of a point operation's result depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dependence {
    /// Only the sample and its channel; the layout stays the same: many such operations can be one table.
    Sample,
    /// Only the pixel: any pixels can be processed together.
    Pixel,
    /// The position of the pixel as well: strips are whole rows.
    Position,
}

/// Each pixel from itself and its position alone.
pub trait Point: Send + Sync {
    /// The layout of the result; alpha stays or is missing as it was.
    fn layout(&self, source: Layout) -> Layout {
        source
    }

    /// What the result depends on; the less, the faster it runs.
    fn dependence(&self) -> Dependence {
        Dependence::Position
    }

    /// Changes a strip in place. Must leave as many planes as [`Self::layout`] has colours, and give each pixel the
    /// same value however the picture is cut into strips.
    fn apply(&self, strip: &mut Strip<'_>);
}

/// Each row from some rows around it, whatever the samples. Implement this form; the others follow.
pub trait AreaFilter: Send + Sync {
    /// Rows above and below that a row depends on.
    fn halo(&self) -> u32;

    /// Computes `rows` of the result into `target`, which holds exactly those rows. `source` is the whole picture;
    /// beyond its edges the nearest pixel is repeated. Averages colours weighted by alpha where there is alpha.
    fn rows<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]);
}

/// The same for one type of samples: for filters that need more than [`Sample`] offers, or use a different algorithm
/// for each type.
pub trait AreaOf<S: Sample>: Send + Sync {
    /// See [`AreaFilter::halo`].
    fn halo(&self) -> u32;
    /// See [`AreaFilter::rows`].
    fn rows(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]);
}

impl<T: AreaFilter, S: Sample> AreaOf<S> for T {
    fn halo(&self) -> u32 {
        AreaFilter::halo(self)
    }
    fn rows(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
        AreaFilter::rows(self, source, rows, target);
    }
}

/// The object-safe form.
pub trait Area: Send + Sync {
    /// See [`AreaFilter::halo`].
    fn halo(&self) -> u32;
    /// See [`AreaFilter::rows`].
    fn rows_u8(&self, source: &Raster<u8>, rows: Range<u32>, target: &mut [u8]);
    /// See [`AreaFilter::rows`].
    fn rows_u16(&self, source: &Raster<u16>, rows: Range<u32>, target: &mut [u16]);
    /// See [`AreaFilter::rows`].
    fn rows_f32(&self, source: &Raster<f32>, rows: Range<u32>, target: &mut [f32]);
}

impl<T: AreaOf<u8> + AreaOf<u16> + AreaOf<f32>> Area for T {
    fn halo(&self) -> u32 {
        AreaOf::<u8>::halo(self)
    }
    fn rows_u8(&self, source: &Raster<u8>, rows: Range<u32>, target: &mut [u8]) {
        self.rows(source, rows, target);
    }
    fn rows_u16(&self, source: &Raster<u16>, rows: Range<u32>, target: &mut [u16]) {
        self.rows(source, rows, target);
    }
    fn rows_f32(&self, source: &Raster<f32>, rows: Range<u32>, target: &mut [f32]) {
        self.rows(source, rows, target);
    }
}

/// A point operation that has to measure the whole picture before it can start.
pub trait Measure: Send + Sync {
    /// Measures the picture and returns the operation for each pixel. The operation must keep the layout.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    fn measure(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Box<dyn Point>, Stopped>;

    /// Bytes that the measurement and its result take beside a source of this shape.
    fn extra_bytes(&self, _source: Shape) -> u64 {
        0
    }
}

/// Computes the result from the whole picture. Must be the same, bit for bit, whether it is spread over the pool or
/// not.
pub trait Whole: Send + Sync {
    /// Whether only the picture itself shows the size of the result; [`Self::shape`] is then the largest possible, and
    /// what follows has to be compiled once the result is there.
    fn finds_shape(&self) -> bool {
        false
    }

    /// The shape of the result for a source of this shape.
    fn shape(&self, source: Shape) -> Shape {
        source
    }

    /// Bytes that are held at the worst moment beside a source of this shape and the result.
    fn extra_bytes(&self, _source: Shape) -> u64 {
        0
    }

    /// For a down-scale, the size of the result: a decoder may then deliver a smaller picture than the file holds, as
    /// long as both sides stay well above this.
    fn shrinks_to(&self) -> Option<(u32, u32)> {
        None
    }

    /// Computes the result; the buffer of `source` goes back to `work.buffers`.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped>;

    /// As [`Self::apply`], for a source that others still need. Copies it, unless the operation can do without.
    ///
    /// # Errors
    /// As [`Self::apply`].
    fn apply_to(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let copy = source.copied(work.buffers);
        self.apply(copy, work)
    }
}

/// What a worker provides to the operations on one picture.
pub struct Work<'a> {
    /// Spare buffers.
    pub buffers: &'a mut Buffers,
    /// Whether the result is no longer wanted; asked once per strip.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Whether strips of this picture may be spread over the rayon pool that the caller runs in.
    pub split: bool,
}

/// Samples that are measured between two checks of `stop`.
const MEASURED_SAMPLES: usize = 256 * 1024;

impl Work<'_> {
    /// A new picture: calls `draw` with each piece of so many `rows` (the last may have fewer) and its samples, whose
    /// values are unspecified, spread over the pool where that is wanted.
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
        let mut samples = self.buffers.take(stride * height as usize);
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

    /// Folds all rows of a picture: `add` takes the next row into a measurement that began as `new`, `merge` joins two.
    /// Which rows meet in one measurement and in which order is not defined, so both must be exact: counts, smallest
    /// and largest values, integers.
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
    fn a_stopped_picture_gives_its_memory_back() {
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
