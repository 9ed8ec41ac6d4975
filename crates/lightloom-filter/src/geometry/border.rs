//! Border: a frame of uniform colour around the picture.
//!
//! Algorithm: rows are copied into a larger picture. Widths are in pixels or a share of the picture's shorter side;
//! the bottom may be wider, as on an instant print.
//! Range, depth: untouched. Alpha: a colour that is not opaque adds an alpha channel. Edges: none. A colour with a
//! hue turns grey pictures into colour pictures.

use crate::kernel::surround::{Placement, surround};
use crate::{Colour, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{choice, colour, integer, number, parameters};
use lightloom_picture::Shape;

choice! {
    enum Mode {
        Percent = "percent",
        Pixels = "pixels",
    }
}

parameters! {
    pub(crate) struct Border {
        mode: Mode = choice("Mode", "Whether the width is a share of the shorter side or in pixels"),
        percent: f32 = number("Percent", "Width of the frame as a share of the shorter side", "%", (0.0, 100.0), 5.0)
            .step(0.1)
            .when("mode", &["percent"]),
        pixels: u32 = integer("Pixels", "Width of the frame", "px", (0, 10_000), 50)
            .logarithmic()
            .when("mode", &["pixels"]),
        foot: f32 = number("Foot", "How much wider the frame is below the picture", "×", (1.0, 8.0), 1.0).step(0.1),
        colour: Colour = colour("Colour", "Colour of the frame", Colour::WHITE),
    }
}

impl Filter for Border {
    const TITLE: &'static str = "Border";
    const HELP: &'static str = "Adds a frame of one colour around the picture";
    const EXAMPLE: Example = Example::of(&[("foot", "2.5")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let share = (self.mode == Mode::Percent).then(|| f64::from(self.percent) / 100.0);
        let (pixels, foot) = (f64::from(self.pixels), f64::from(self.foot));
        let placement = move |source: Shape, scale: f64| {
            let width = share.map_or(pixels * scale, |share| f64::from(source.width.min(source.height)) * share);
            let (side, foot) = (width.round() as u32, (width * foot).round() as u32);
            Placement {
                left: i64::from(side),
                top: i64::from(side),
                width: source.width.saturating_add(2 * side),
                height: source.height.saturating_add(side + foot),
            }
        };
        Ok(surround(placement, self.colour, context))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn the_border_surrounds_the_picture() {
        let params = [("mode", "pixels"), ("pixels", "1"), ("foot", "2"), ("colour", "#080808")];
        let result = run("border", &params, grey8(2, &[1, 2]));
        assert_eq!((result.width(), result.height()), (4, 4));
        assert_eq!(bytes(&result), [8, 8, 8, 8, 8, 1, 2, 8, 8, 8, 8, 8, 8, 8, 8, 8]);
    }

    #[test]
    fn percent_is_of_the_shorter_side() {
        let result = run("border", &[("percent", "50")], grey8(10, &[0; 40]));
        assert_eq!((result.width(), result.height()), (14, 8));
    }
}
