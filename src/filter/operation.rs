//! What a compiled filter does, in the three forms that the plan knows how to run well.

use std::ops::Range;

use crate::picture::{Buffers, Layout, Pixels, Raster, Sample, Shape};

/// A compiled filter.
pub enum Operation {
    /// Changes nothing, as exposure by 0 stops: costs nothing either.
    Identity,
    /// Each pixel from itself alone: neighbours of this kind fuse into one pass.
    Point(Box<dyn Point>),
    /// Each row from some rows around it; the shape stays.
    Area(Box<dyn Area>),
    /// Moves pixels; the shape may change.
    Geometry(Box<dyn Geometry>),
}

impl Operation {
    /// Wraps a point operation.
    pub fn point(operation: impl Point + 'static) -> Self {
        Self::Point(Box::new(operation))
    }

    /// Wraps an area operation.
    pub fn area(operation: impl AreaFilter + 'static) -> Self {
        Self::Area(Box::new(operation))
    }

    /// Wraps a geometry operation.
    pub fn geometry(operation: impl Geometry + 'static) -> Self {
        Self::Geometry(Box::new(operation))
    }
}

/// Some whole rows of a picture as interleaved floats, 0.0 black and 1.0 white, alpha straight.
pub struct Strip<'a> {
    /// The samples; an operation that changes the layout shortens or lengthens them accordingly.
    pub samples: &'a mut Vec<f32>,
    /// Channels of a pixel.
    pub layout: Layout,
    /// Pixels a row.
    pub width: u32,
    /// Row of the picture that the strip begins with.
    pub top: u32,
}

/// Each pixel from itself (and its place) alone.
pub trait Point: Send + Sync {
    /// The layout of the result.
    fn layout(&self, source: Layout) -> Layout {
        source
    }

    /// Changes a strip in place. Must leave alpha as it is, set `strip.layout` if it changes, and give each pixel the
    /// same value however the picture is cut into strips.
    fn apply(&self, strip: &mut Strip<'_>);
}

/// Each row from some rows around it. Implement this generic form; [`Area`] follows.
pub trait AreaFilter: Send + Sync {
    /// Rows above and below that a row depends on.
    fn halo(&self) -> u32;

    /// Computes `rows` of the result into `target`, which holds exactly those rows. `source` is the whole picture;
    /// beyond its edges the nearest pixel counts. Averages colours weighted by alpha where there is alpha.
    fn rows<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]);
}

/// The form of [`AreaFilter`] that can be stored.
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

impl<T: AreaFilter> Area for T {
    fn halo(&self) -> u32 {
        AreaFilter::halo(self)
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

/// Moves pixels.
pub trait Geometry: Send + Sync {
    /// The shape of the result for a source of this shape.
    fn shape(&self, source: Shape) -> Shape;

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
}

/// What a worker lends to the operations of one picture.
pub struct Work<'a> {
    /// Spare buffers.
    pub buffers: &'a mut Buffers,
    /// Says whether the result is no longer wanted; asked once a strip.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Whether strips of this picture may be spread over the rayon pool that the caller runs in.
    pub split: bool,
}

/// The result was no longer wanted, so there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped")]
pub struct Stopped;
