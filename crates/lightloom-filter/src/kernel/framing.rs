//! What a picture that is resized to a box loses or gains: the part that fills the box, the canvas that pads it.

use crate::kernel::anchor::position;
use crate::kernel::surround::{Placement, layout_with, place};
use crate::{Colour, Stopped, Work};
use lightloom_picture::{Pixels, Shape};

/// The part of a picture that is kept: the largest with proportions of `ratio`, width ÷ height.
pub(crate) struct Part {
    pub(crate) ratio: f64,
    /// How much of what is cut off lies to the left and above, 0 to 1.
    pub(crate) shares: (f64, f64),
}

impl Part {
    /// Where it lies in a picture of this size, in whole pixels.
    pub(crate) fn of(&self, (width, height): (u32, u32)) -> Placement {
        let side = |length: f64, whole: u32| (length.round() as u32).clamp(1, whole);
        let (part_width, part_height) =
            (side(f64::from(height) * self.ratio, width), side(f64::from(width) / self.ratio, height));
        Placement {
            left: -position(width, part_width, self.shares.0, 0.0),
            top: -position(height, part_height, self.shares.1, 0.0),
            width: part_width,
            height: part_height,
        }
    }
}

/// What the scaled picture is put on; what does not lie on it is cut off.
pub(crate) struct Canvas {
    pub(crate) size: (u32, u32),
    /// How much of the spare width and height lies to the left and above, 0 to 1.
    pub(crate) shares: (f64, f64),
    pub(crate) colour: Colour,
}

impl Canvas {
    /// Where a scaled picture of this size lies.
    pub(crate) fn placement(&self, (width, height): (u32, u32)) -> Placement {
        Placement {
            left: position(self.size.0, width, self.shares.0, 0.0),
            top: position(self.size.1, height, self.shares.1, 0.0),
            width: self.size.0,
            height: self.size.1,
        }
    }

    /// The shape of the result for a scaled picture of this shape.
    pub(crate) fn shape(&self, scaled: Shape) -> Shape {
        let (width, height) = self.size;
        let is_seen = width > scaled.width || height > scaled.height;
        let layout = if is_seen { layout_with(scaled.layout, self.colour) } else { scaled.layout };
        Shape { width, height, layout, ..scaled }
    }

    pub(crate) fn place(&self, scaled: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let shape = scaled.shape();
        place(scaled, self.shape(shape).layout, self.placement((shape.width, shape.height)), self.colour, work)
    }
}
