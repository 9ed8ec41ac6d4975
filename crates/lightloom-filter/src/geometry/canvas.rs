//! Canvas: changes the size of the canvas without scaling the picture.
//!
//! Algorithm: rows are copied into the anchored position; new area is filled with the colour. A ratio gives the
//! smallest canvas of that shape that holds the whole picture; pixels give exactly that size, and what lies outside
//! is cut off.
//! Range, depth: untouched. Alpha: a colour that is not opaque adds an alpha channel. Edges: no pixels are invented.
//! A colour with a hue turns grey pictures into colour pictures.

use crate::kernel::anchor::{Anchor, position};
use crate::kernel::surround::{Placement, surround};
use crate::{Colour, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{Ratio, choice, colour, integer, parameters, ratio};
use lightloom_picture::Shape;

choice! {
    enum Mode {
        Ratio = "ratio",
        Pixels = "pixels",
    }
}

parameters! {
    pub(crate) struct Canvas {
        mode: Mode = choice("Mode", "Ratio adds as little as makes that shape, pixels makes that size"),
        ratio: Ratio = ratio("Ratio", "Width to height", (0.01, 100.0), (1, 1)).when("mode", &["ratio"]),
        width: u32 = integer("Width", "Width of the canvas", "px", (1, 65_535), 2000)
            .logarithmic()
            .when("mode", &["pixels"]),
        height: u32 = integer("Height", "Height of the canvas", "px", (1, 65_535), 2000)
            .logarithmic()
            .when("mode", &["pixels"]),
        anchor: Anchor = choice("Anchor", "Where on the canvas the picture lies"),
        colour: Colour = colour("Colour", "Colour of the new area; transparent with opacity 00", Colour::WHITE),
    }
}

impl Filter for Canvas {
    const TITLE: &'static str = "Canvas";
    const HELP: &'static str = "Puts the picture on a canvas of another size or shape";
    const EXAMPLE: Example = Example::of(&[("colour", "#203040")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        // width ÷ height; without it the size counts
        let ratio = (self.mode == Mode::Ratio).then_some(self.ratio.0);
        let size = [self.width, self.height];
        let shares = self.anchor.shares();
        let placed = move |source: Shape, scale: f64| {
            let [width, height] = match ratio {
                None => size.map(|side| (f64::from(side) * scale).round().max(1.0) as u32),
                Some(ratio) => {
                    let side = |v: f64, least: u32| (v.round() as u32).max(least).min(u32::from(u16::MAX).max(least));
                    let (width, height) = (f64::from(source.width), f64::from(source.height));
                    [side(height * ratio, source.width), side(width / ratio, source.height)]
                }
            };
            let left = position(width, source.width, shares.0, 0.0);
            let top = position(height, source.height, shares.1, 0.0);
            Placement { left, top, width, height }
        };
        Ok(surround(placed, self.colour, context))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn a_ratio_adds_what_is_missing() {
        // 1 2 over 3 4 becomes 4 × 2
        let result =
            run("canvas", &[("ratio", "2:1"), ("anchor", "left"), ("colour", "#090909")], grey8(2, &[1, 2, 3, 4]));
        assert_eq!((result.width(), bytes(&result)), (4, &[1, 2, 9, 9, 3, 4, 9, 9][..]));
        let tall = run("canvas", &[("ratio", "1:2"), ("colour", "#090909")], grey8(1, &[5]));
        assert_eq!((tall.height(), bytes(&tall)), (2, &[5, 9][..]));
    }

    #[test]
    fn pixels_add_and_cut_at_the_anchor() {
        let of = |width: &str, height: &str, anchor: &str| {
            let params =
                [("mode", "pixels"), ("width", width), ("height", height), ("anchor", anchor), ("colour", "#000")];
            bytes(&run("canvas", &params, grey8(3, &[1, 2, 3, 4, 5, 6]))).to_vec()
        };
        assert_eq!(of("1", "3", "bottom_right"), [0, 3, 6]);
        assert_eq!(of("1", "1", "top"), [2]);
        assert_eq!(of("5", "1", "bottom"), [0, 4, 5, 6, 0]);
        assert_eq!(of("2", "4", "centre"), [0, 0, 1, 2, 4, 5, 0, 0].map(|v: u8| v).to_vec());
    }

    #[test]
    fn colours_and_opacity_widen_the_layout() {
        let layout =
            |colour: &str| run("canvas", &[("ratio", "2:1"), ("colour", colour)], grey8(1, &[7])).shape().layout;
        assert_eq!(layout("#777"), Layout::Grey);
        assert_eq!(layout("#f00"), Layout::Rgb);
        assert_eq!(layout("#77777780"), Layout::GreyAlpha);
        assert_eq!(layout("#ff000080"), Layout::Rgba);
        let clear =
            run("canvas", &[("ratio", "2:1"), ("anchor", "right"), ("colour", "#00000000")], rgb8(&[[1, 2, 3]]));
        assert_eq!(bytes(&clear), [0, 0, 0, 0, 1, 2, 3, 255]);
    }
}
