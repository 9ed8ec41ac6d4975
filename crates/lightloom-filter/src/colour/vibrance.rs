//! Vibrance: saturates pale colours more, and skin less.
//!
//! Algorithm: the distance of each channel from luma (ITU-R BT.709 weights on encoded values) is scaled by 1 + a·(1 −
//! s)·p. s is the colour's chroma max − min, so that strong colours change little; p is 1 except for hues near that
//! of skin (HSV hue 25°, the axis on which skin of all tones lies), where a raised cosine of ±35° lowers it by the
//! protection. Negative amounts remove colour, from pale colours first, and do not protect skin.
//! Range: floats keep values outside 0–1, integers clip. Alpha: untouched. Depth: kept, computed in f32. Edges: none;
//! each pixel depends only on itself. Grey pictures stay as they are.

use crate::kernel::colour::{OfColours, OnColour, luma};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct Vibrance {
        amount: f32 = number("Amount", "Positive strengthens and negative weakens", "%", (-100.0, 100.0), 30.0),
        skin: f32 = number("Protect skin", "How much less skin tones are strengthened", "%", (0.0, 100.0), 60.0),
    }
}

impl Filter for Vibrance {
    const TITLE: &'static str = "Vibrance";
    const HELP: &'static str = "Strengthens pale colours more than strong ones and spares skin";
    const EXAMPLE: Example = Example::of(&[("amount", "80")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let amount = self.amount / 100.0;
        let skin = if amount > 0.0 { self.skin / 100.0 } else { 0.0 };
        if amount == 0.0 || context.shape.layout.colours() == 1 {
            return Ok(Operation::Identity);
        }
        Ok(Operation::point(OnColour(SelectiveSaturation { amount, skin })))
    }
}

/// Hue of skin, and how far from it the protection reaches, in degrees.
const SKIN: (f32, f32) = (25.0, 35.0);

struct SelectiveSaturation {
    amount: f32,
    /// How far skin is spared.
    skin: f32,
}

impl OfColours for SelectiveSaturation {
    #[inline(always)]
    fn at(&self, rgb: [f32; 3]) -> [f32; 3] {
        let luma = luma(rgb);
        let [red, green, blue] = rgb;
        let (max, min) = (red.max(green).max(blue), red.min(green).min(blue));
        let chroma = max - min;
        // all hues in reach have red as their largest channel; there the hue is 60° · (green − blue) ÷ chroma
        let from_skin = (60.0 / SKIN.1 * (green - blue) - SKIN.0 / SKIN.1 * chroma) / chroma;
        // the square of (1 − x²) is as good as a raised cosine, and faster
        let near = 1.0 - from_skin * from_skin;
        let near = if red == max && near > 0.0 { near } else { 0.0 };
        let pale = 1.0 - chroma.min(1.0);
        let scale = 1.0 + self.amount * pale * (1.0 - self.skin * near * near);
        rgb.map(|v| luma + (v - luma) * scale)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, rgb8, run};
    use lightloom_picture::Layout;

    /// How far the chroma of a colour grows.
    fn growth(rgb: [f32; 3], params: &[(&str, &str)]) -> f32 {
        let chroma = |v: &[f32]| v[0].max(v[1]).max(v[2]) - v[0].min(v[1]).min(v[2]);
        let result = run("vibrance", params, float(Layout::Rgb, &rgb));
        chroma(floats(&result)) / chroma(&rgb)
    }

    #[test]
    fn pale_colours_grow_by_the_formula() {
        // blue of chroma 0.2: 1 + 0.5·0.8
        assert!((growth([0.4, 0.4, 0.6], &[("amount", "50")]) - 1.4).abs() < 1e-5);
        assert!((growth([0.0, 0.0, 1.0], &[("amount", "100")]) - 1.0).abs() < 1e-6);
        assert!((growth([0.4, 0.4, 0.6], &[("amount", "-100")]) - 0.2).abs() < 1e-5);
    }

    #[test]
    fn skin_is_spared_on_both_sides_of_red() {
        let skin = [0.8, 0.6, 0.457]; // hue 25°
        let params = |skin| [("amount", "50"), ("skin", skin)];
        assert!((growth(skin, &params("100")) - 1.0).abs() < 1e-3);
        assert!((growth(skin, &params("0")) - (1.0 + 0.5 * (1.0 - 0.343))).abs() < 1e-3);
        let pink = growth([0.8, 0.6, 0.62], &params("100"));
        let red = growth([0.8, 0.6, 0.6], &params("100"));
        assert!(red < pink && pink < growth([0.8, 0.6, 0.7], &params("100")));
    }

    #[test]
    fn greys_and_luma_stay() {
        assert_eq!(bytes(&run("vibrance", &[("amount", "100")], rgb8(&[[77; 3]]))), [77; 3]);
        let source = [0.2, 0.5, 0.3];
        let result = run("vibrance", &[("amount", "80")], float(Layout::Rgb, &source));
        let luma = |v: &[f32]| 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
        assert!((luma(floats(&result)) - luma(&source)).abs() < 1e-6);
    }
}
