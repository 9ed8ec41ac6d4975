//! What a picture that is resized to a box loses or gains: the part that fills the box, the canvas that pads it.

use crate::kernel::anchor::position;
use crate::kernel::surround::{Placement, layout_with, place};
use crate::{Colour, Stopped, Work};
use lightloom_picture::{Extent, Pixels, Shape, Span};

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

    /// For a picture that fills `extent` of its pixels: the pixels that it lies in, and which part of those it fills.
    pub(crate) fn of_extent(&self, extent: Extent) -> (Placement, Extent) {
        let part = self.of((extent.columns.length, extent.rows.length));
        let span = |whole: Span, at: i64, length: u32| {
            let begin = whole.begin + (-at).max(0) as u32;
            (i64::from(begin / whole.divisor), Span { begin: begin % whole.divisor, length, divisor: whole.divisor })
        };
        let (left, columns) = span(extent.columns, part.left, part.width);
        let (top, rows) = span(extent.rows, part.top, part.height);
        let pixels = Placement { left: -left, top: -top, width: columns.pixels(), height: rows.pixels() };
        (pixels, Extent { columns, rows })
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

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};
    use lightloom_picture::Layout;

    #[test]
    fn fill_averages_what_is_left_between_the_anchors() {
        // 8 × 2: columns of 0, 10, 20 …
        let samples: Vec<u8> = (0..16).map(|i| i % 8 * 10).collect();
        for (anchor, expected) in [("left", 5), ("centre", 35), ("right", 65)] {
            let params = [("mode", "fill"), ("width", "1"), ("height", "1"), ("kernel", "box"), ("anchor", anchor)];
            assert_eq!(bytes(&run("resize", &params, grey8(8, &samples))), [expected], "{anchor}");
        }
        // not enlarged, nothing is resampled: columns are copied
        let params = [("mode", "fill"), ("width", "4"), ("height", "9"), ("anchor", "top_right")];
        assert_eq!(bytes(&run("resize", &params, grey8(8, &samples))), [40, 50, 60, 70, 40, 50, 60, 70]);
    }

    #[test]
    fn pad_puts_the_picture_on_its_colour() {
        let pad = |anchor: &str, colour: &str, enlarge: &str| {
            let params = [("mode", "pad"), ("width", "4"), ("height", "2"), ("anchor", anchor), ("colour", colour)];
            run("resize", &[&params[..], &[("enlarge", enlarge)]].concat(), grey8(2, &[1, 1, 1, 1]))
        };
        assert_eq!(bytes(&pad("left", "#090909", "false")), [1, 1, 9, 9, 1, 1, 9, 9]);
        assert_eq!(bytes(&pad("centre", "#090909", "true")), [9, 1, 1, 9, 9, 1, 1, 9]);
        assert_eq!(pad("right", "#f00", "false").shape().layout, Layout::Rgb);
        assert_eq!(pad("right", "#00000000", "false").shape().layout, Layout::GreyAlpha);
        // scaled before it is padded
        let params = [("mode", "pad"), ("width", "1"), ("height", "3"), ("kernel", "box"), ("colour", "#000")];
        assert_eq!(bytes(&run("resize", &params, grey8(2, &[10, 20, 30, 40]))), [0, 25, 0]);
    }
}
