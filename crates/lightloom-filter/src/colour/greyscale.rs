//! Greyscale: removes colour and keeps one channel.
//!
//! Algorithm: luma is 0.2126 R + 0.7152 G + 0.0722 B on encoded values (weights of ITU-R BT.709), luma_601 is 0.299 R +
//! 0.587 G + 0.114 B (ITU-R BT.601, the Y of JPEG files), average is (R + G + B) / 3, lightness is (max + min) / 2 as in
//! HSL. JPEG files need no colours for the first three: these are weighted sums of what is stored.
//! Range: floats keep values outside 0–1. Alpha: untouched. Depth: kept, computed in f32. Edges: none; each pixel
//! depends only on itself. The layout becomes grey or grey with alpha, which takes a third or half of the memory;
//! grey pictures stay as they are.

use crate::kernel::colour::{ToGrey, WeightedGrey};
use crate::kernel::histogram::LUMA;
use crate::kernel::on_luma::LUMA_601;
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{choice, parameters};

choice! {
    enum Method {
        Luma = "luma",
        Luma601 = "luma_601" "Luma of BT.601",
        Average = "average",
        Lightness = "lightness",
    }
}

parameters! {
    pub(crate) struct Greyscale {
        method: Method = choice(
            "Method",
            "Luma weighs the channels as the eye does (BT.601 as older television and JPEG files do), average equally, \
             lightness takes the middle of the extremes",
        ),
    }
}

impl Filter for Greyscale {
    const TITLE: &'static str = "Greyscale";
    const HELP: &'static str = "Takes the colour away and stores one grey channel";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        if context.shape.layout.colours() == 1 {
            return Ok(Operation::Identity);
        }
        Ok(match self.method {
            Method::Average => Operation::point(WeightedGrey([1.0 / 3.0; 3])),
            Method::Lightness => {
                Operation::point(ToGrey(|[r, g, b]: [f32; 3]| 0.5 * (r.max(g).max(b) + r.min(g).min(b))))
            }
            Method::Luma => Operation::point(WeightedGrey(LUMA)),
            Method::Luma601 => Operation::point(WeightedGrey(LUMA_601)),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn each_method_in_closed_form() {
        let source = [0.2_f32, 0.5, 0.9, 1.0, 0.0, 0.0];
        for (method, expected) in [
            ("luma", [0.2 * 0.2126 + 0.5 * 0.7152 + 0.9 * 0.0722, 0.2126]),
            ("luma_601", [0.2 * 0.299 + 0.5 * 0.587 + 0.9 * 0.114, 0.299]),
            ("average", [1.6 / 3.0, 1.0 / 3.0]),
            ("lightness", [0.55, 0.5]),
        ] {
            let result = run("greyscale", &[("method", method)], float(Layout::Rgb, &source));
            assert_eq!(result.shape().layout, Layout::Grey);
            for (v, e) in floats(&result).iter().zip(expected) {
                assert!((v - e).abs() < 1e-6, "{method}: {v}, not {e}");
            }
        }
    }

    #[test]
    fn neutral_pixels_keep_their_value() {
        let greys: Vec<[u8; 3]> = (0..=255).map(|v| [v; 3]).collect();
        for method in ["luma", "luma_601", "average", "lightness"] {
            let result = run("greyscale", &[("method", method)], rgb8(&greys));
            assert!(bytes(&result).iter().copied().eq(0..=255), "{method}");
        }
    }

    #[test]
    fn alpha_moves_along() {
        let result =
            run("greyscale", &[("method", "average")], float(Layout::Rgba, &[0.5, 0.5, 0.5, 0.25, 0.0, 0.0, 0.0, 1.0]));
        assert_eq!(result.shape().layout, Layout::GreyAlpha);
        assert_eq!(floats(&result), [0.5, 0.25, 0.0, 1.0]);
    }
}
