//! What a compiled filter does, in the forms that the plan knows how to run well.
//!
//! The simpler the form, the less it costs: neighbouring point operations share one pass, an area operation needs a
//! pass of its own, an operation on the whole picture may need several. A filter may be several points, so that the
//! first of them can still be folded into a lookup table (`white_balance`). What an operation holds beside source and
//! result it states as `extra_bytes`, because a picture is admitted to memory by that estimate.

use std::ops::Range;

use crate::Strip;
use lightloom_picture::{Chroma, Extent, Geometry, Layout, Pixels, Planar, Sample, Shape, Stopped, View, Work};

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
    /// The result from the whole picture at once: moves pixels to other positions or takes several passes. The shape
    /// may change.
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

    /// Of an operation that changes luma (ITU-R BT.601) and leaves the colours: what it does to luma as a grey picture.
    fn on_luma(&self) -> Option<&dyn Point> {
        None
    }

    /// What makes the same grey picture of one that arrives in bands of planes; `None` where that takes colours.
    fn grey_by_bands(&self, _source: Planar) -> Option<Box<dyn RowWise + '_>> {
        None
    }

    /// Changes a strip in place. Must leave as many planes as [`Self::layout`] has colours, and give each pixel the
    /// same value however the picture is cut into strips.
    fn apply(&self, strip: &mut Strip<'_>);
}

/// Each row from some rows around it, whatever the samples. Implement this form; the others follow.
pub trait AreaFilter: Send + Sync {
    /// Rows above and below that a row depends on.
    fn halo(&self) -> u32;

    /// Computes `rows` of the result into `target`, which holds exactly those rows. Of `source`, the rows within the halo are
    /// at hand; beyond the picture's edges the nearest pixel is repeated. Averages colours weighted by alpha where there is alpha.
    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]);
}

/// The same for one type of samples: for filters that need more than [`Sample`] offers, or use a different algorithm
/// for each type. Methods as in [`AreaFilter`].
pub trait AreaOf<S: Sample>: Send + Sync {
    fn halo(&self) -> u32;
    fn rows(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]);
}

impl<T: AreaFilter, S: Sample> AreaOf<S> for T {
    fn halo(&self) -> u32 {
        AreaFilter::halo(self)
    }
    fn rows(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        AreaFilter::rows(self, source, rows, target);
    }
}

/// The object-safe form of [`AreaFilter`] and [`AreaOf`].
pub trait Area: Send + Sync {
    fn halo(&self) -> u32;
    fn rows_u8(&self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]);
    fn rows_u16(&self, source: View<'_, u16>, rows: Range<u32>, target: &mut [u16]);
    fn rows_f32(&self, source: View<'_, f32>, rows: Range<u32>, target: &mut [f32]);

    /// Of an operation that changes luma alone: what does the same to a picture that arrives in bands of planes, computing
    /// about `step` rows at once.
    fn by_bands(&self, _source: Planar, _step: u32) -> Option<Box<dyn RowWise + '_>> {
        None
    }
}

impl<T: AreaOf<u8> + AreaOf<u16> + AreaOf<f32>> Area for T {
    fn halo(&self) -> u32 {
        AreaOf::<u8>::halo(self)
    }
    fn rows_u8(&self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        self.rows(source, rows, target);
    }
    fn rows_u16(&self, source: View<'_, u16>, rows: Range<u32>, target: &mut [u16]) {
        self.rows(source, rows, target);
    }
    fn rows_f32(&self, source: View<'_, f32>, rows: Range<u32>, target: &mut [f32]) {
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

    /// For an operation that [finds its shape](Self::finds_shape): what it does to this picture, with a shape and a
    /// geometry that are known.
    ///
    /// # Errors
    /// As [`Self::apply`].
    fn find(&self, _source: &Pixels, _work: &mut Work<'_>) -> Result<Option<Box<dyn Whole>>, Stopped> {
        Ok(None)
    }

    /// The shape of the result for a source of this shape.
    fn shape(&self, source: Shape) -> Shape {
        source
    }

    /// Where the pixels of a source of this shape go, so that what describes them can follow.
    fn geometry(&self, source: Shape) -> Geometry;

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

    /// What does the same to an 8-bit picture that arrives from top to bottom, with `extent` as in [`Self::apply_scaled`];
    /// `None` if that takes the whole picture.
    fn by_rows(&self, _source: Shape, _extent: Extent) -> Option<Box<dyn RowWise + '_>> {
        None
    }

    /// As [`Self::by_rows`], for a picture that arrives in bands of planes and is to leave in such with this chroma; with the
    /// planes of the result. Colours differ from those of the other way by little: they are averaged before they become RGB,
    /// not after.
    fn by_bands(&self, _source: Planar, _extent: Extent, _chroma: Chroma) -> Option<(Box<dyn RowWise + '_>, Planar)> {
        None
    }

    /// As [`Self::apply`], for a source that others still need. Copies it, unless the operation can do without.
    ///
    /// # Errors
    /// As [`Self::apply`].
    fn apply_to(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let copy = source.copied(work.buffers);
        self.apply(copy, work)
    }

    /// As [`Self::apply_to`], for a picture that a decoder delivered at a fraction of its size, and that fills only
    /// `extent` of its pixels. An operation that states a size by [`Self::shrinks_to`] must heed it.
    ///
    /// # Errors
    /// As [`Self::apply`].
    fn apply_scaled(&self, source: &Pixels, _extent: Extent, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        self.apply_to(source, work)
    }
}

/// Computes the result from some rows of the picture at a time, from top to bottom.
pub trait RowWise: Send {
    /// Whether rows that are computed at once are spread over the rayon pool.
    fn spreads(&self) -> bool {
        false
    }

    /// How many rows of the result are best computed at once; at least one.
    fn step(&self) -> u32;

    /// Rows of the source that these of the result depend on, which may be more than there are. Those of lower rows must not
    /// begin above those of upper ones.
    fn needs(&self, rows: Range<u32>) -> Range<u32>;

    /// Computes `rows` of the result into `target`, which holds exactly those. Of `source`, those that they need are at hand.
    fn rows(&mut self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]);
}
