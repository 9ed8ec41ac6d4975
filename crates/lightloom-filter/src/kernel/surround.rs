//! A picture placed on a larger or smaller rectangle of one colour.

use crate::{Colour, FilterContext, Operation, Stopped, Whole, Work};
use lightloom_picture::with_raster;
use lightloom_picture::{Geometry, Layout, Pixels, Raster, Sample, Shape};

/// The layout that can hold both a picture of this layout and a colour.
pub(crate) fn layout_with(layout: Layout, colour: Colour) -> Layout {
    let layout = if colour.is_grey() || colour.0[3] == 0 { layout } else { layout.coloured() };
    match (layout, colour.0[3]) {
        (_, 255) => layout,
        (Layout::Grey, _) => Layout::GreyAlpha,
        (Layout::Rgb, _) => Layout::Rgba,
        _ => layout,
    }
}

/// A colour as the samples of a pixel of this layout, in the unit range, straight alpha.
pub(crate) fn unit_pixel(colour: Colour, layout: Layout) -> [f32; 4] {
    let ([r, g, b], a) = (colour.rgb(), colour.alpha());
    match layout {
        Layout::Grey | Layout::GreyAlpha => [r, a, 0.0, 0.0],
        Layout::Rgb | Layout::Rgba => [r, g, b, a],
    }
}

/// The position of the picture's top left corner, and the size of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placement {
    pub(crate) left: i64,
    pub(crate) top: i64,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Placement {
    /// Where the pixels of a picture of this size go.
    pub(crate) const fn geometry(&self, source: (u32, u32)) -> Geometry {
        Geometry::placed(source, (self.width, self.height), self.left, self.top)
    }
}

/// Places the picture on a rectangle of this colour, which `placement` computes from the picture's shape and from how
/// much smaller than the full picture it is; what does not lie on the rectangle is cut off.
pub(crate) fn surround(
    placement: impl Fn(Shape, f64) -> Placement + Send + Sync + 'static,
    colour: Colour,
    context: &FilterContext,
) -> Operation {
    let full = placement(context.shape, 1.0);
    if (full.width, full.height) == (context.shape.width, context.shape.height) {
        return Operation::Identity;
    }
    let scale = f64::from(context.scale);
    Operation::whole(Surround { placement: move |source| placement(source, scale), colour })
}

struct Surround<F> {
    placement: F,
    colour: Colour,
}

impl<F: Fn(Shape) -> Placement + Send + Sync> Whole for Surround<F> {
    fn shape(&self, source: Shape) -> Shape {
        let Placement { left, top, width, height } = (self.placement)(source);
        let covers = left <= 0
            && top <= 0
            && left + i64::from(source.width) >= i64::from(width)
            && top + i64::from(source.height) >= i64::from(height);
        let layout = if covers { source.layout } else { layout_with(source.layout, self.colour) };
        Shape { width, height, layout, ..source }
    }

    fn geometry(&self, source: Shape) -> Geometry {
        (self.placement)(source).geometry((source.width, source.height))
    }

    fn extra_bytes(&self, source: Shape) -> u64 {
        converted_bytes(source, self.shape(source).layout)
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let placement = (self.placement)(source.shape());
        let layout = self.shape(source.shape()).layout;
        place(source, layout, placement, self.colour, work)
    }
}

/// Places the picture on a rectangle of this colour, in a layout that can hold both.
pub(crate) fn place(
    picture: Pixels,
    layout: Layout,
    placement: Placement,
    colour: Colour,
    work: &mut Work<'_>,
) -> Result<Pixels, Stopped> {
    let picture = picture.into_layout(layout);
    with_raster!(picture, r => {
        let result = copy(&r, placement, colour, work);
        work.buffers.give(r.into_samples());
        Ok(result?.into())
    })
}

/// A copy of the part of the picture at this place, which lies within it.
pub(crate) fn cut(picture: &Pixels, placement: Placement, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
    with_raster!(picture, r => copy(r, placement, Colour::BLACK, work).map(Pixels::from))
}

/// Bytes of a copy of the source in another layout, which is held beside the result; 0 where none is needed.
pub(crate) fn converted_bytes(source: Shape, layout: Layout) -> u64 {
    if layout == source.layout { 0 } else { Shape { layout, ..source }.bytes() }
}

fn copy<S: Sample>(
    source: &Raster<S>,
    placement: Placement,
    colour: Colour,
    work: &mut Work<'_>,
) -> Result<Raster<S>, Stopped> {
    /// Rows per piece of work.
    const ROWS: usize = 64;
    let Placement { left, top, width, height } = placement;
    let channels = source.layout().channels();
    let pixel = unit_pixel(colour, source.layout()).map(S::from_unit);
    let stride = width as usize * channels;
    // the visible columns of the source, and where they start
    let first = (-left).clamp(0, i64::from(source.width())) as usize;
    let start = left.clamp(0, i64::from(width)) as usize;
    let seen = (source.width() as usize - first).min(width as usize - start);
    work.draw((width, height), source.layout(), ROWS, |rows, target| {
        for (row, y) in target.chunks_exact_mut(stride).zip(rows) {
            let from = y as i64 - top;
            let inside = (0..i64::from(source.height())).contains(&from) && seen > 0;
            let (before, rest) = row.split_at_mut(if inside { start * channels } else { stride });
            let (middle, after) = rest.split_at_mut(if inside { seen * channels } else { 0 });
            for part in [before, after] {
                part.chunks_exact_mut(channels).for_each(|p| p.copy_from_slice(&pixel[..channels]));
            }
            if inside {
                middle.copy_from_slice(&source.row(from as u32)[first * channels..][..seen * channels]);
            }
        }
    })
}
