//! Split tone: one tint for shadows and another for highlights.
//!
//! Algorithm: 4·L·(1 − L)·strength·((1 − w)·S + w·H) is added to each pixel, where L is its luma, S and H are the
//! tints minus their own luma, and w rises smoothly from shadows to highlights around the balance. Luma is preserved,
//! and black and white stay neutral.
//! Range: floats keep values outside 0–1, integers clip. Alpha: untouched. Depth: kept, computed in f32. Edges: none;
//! each pixel depends only on itself. Grey pictures become colour pictures.

use crate::kernel::colour::{OfColours, Recolour, luma, mix, smoothstep, unit};
use crate::{Colour, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{colour, number, parameters};

parameters! {
    pub(crate) struct SplitTone {
        shadows: Colour = colour("Shadows", "Tint of the shadows", Colour([26, 82, 118, 255])),
        highlights: Colour = colour("Highlights", "Tint of the highlights", Colour([235, 171, 92, 255])),
        balance: f32 = number("Balance", "Positive tints more tones as highlights", "%", (-100.0, 100.0), 0.0),
        strength: f32 = number("Strength", "How strong both tints are", "%", (0.0, 100.0), 40.0),
    }
}

impl Filter for SplitTone {
    const TITLE: &'static str = "Split tone";
    const HELP: &'static str = "Tints shadows and highlights apart and holds luma";
    const EXAMPLE: Example = Example::of(&[("strength", "80")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let strength = self.strength / 100.0;
        let tint = |colour: Colour| {
            let rgb = colour.rgb();
            let luma = luma(rgb);
            rgb.map(|v| v - luma)
        };
        let (shadows, highlights) = (tint(self.shadows), tint(self.highlights));
        if strength == 0.0 {
            return Ok(Operation::Identity);
        }
        // the luma where both tints meet
        let middle = 0.5 - 0.4 * self.balance / 100.0;
        Ok(Operation::point(Recolour(SplitTints { shadows, highlights, middle, strength })))
    }
}

struct SplitTints {
    /// Tints without luma.
    shadows: [f32; 3],
    highlights: [f32; 3],
    middle: f32,
    strength: f32,
}

impl OfColours for SplitTints {
    #[inline(always)]
    fn at(&self, rgb: [f32; 3]) -> [f32; 3] {
        let luma = unit(luma(rgb));
        let weight = smoothstep(self.middle - 0.3, self.middle + 0.3, luma);
        let amount = 4.0 * luma * (1.0 - luma) * self.strength;
        let tinted = |c: usize| rgb[c] + amount * mix(self.shadows[c], self.highlights[c], weight);
        [tinted(0), tinted(1), tinted(2)]
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::Layout;

    #[test]
    fn ends_stay_luma_stays_and_tints_are_where_they_should_be() {
        let params = [("shadows", "#0000ff"), ("highlights", "#ff0000"), ("strength", "30")];
        let source: Vec<f32> = [0.0, 0.15, 0.85, 1.0].iter().flat_map(|v| [*v; 3]).collect();
        let result = run("split_tone", &params, float(Layout::Rgb, &source));
        let pixels: Vec<&[f32]> = floats(&result).chunks(3).collect();
        assert!((pixels[0][2]).abs() < 1e-6 && (pixels[3][0] - 1.0).abs() < 1e-6);
        assert!(pixels[1][2] > pixels[1][0] + 0.1 && pixels[2][0] > pixels[2][2] + 0.1);
        for (before, after) in source.chunks(3).zip(&pixels) {
            let luma = 0.2126 * after[0] + 0.7152 * after[1] + 0.0722 * after[2];
            assert!((luma - before[0]).abs() < 1e-5);
        }
        // 4·0.15·0.85·0.3 of blue less its luma 0.0722
        assert!((pixels[1][2] - (0.15 + 0.153 * (1.0 - 0.0722))).abs() < 1e-5);
    }

    #[test]
    fn grey_pictures_get_colour() {
        assert_eq!(run("split_tone", &[], grey8(1, &[100])).shape().layout, Layout::Rgb);
        assert_eq!(
            bytes(&run("split_tone", &[("shadows", "#777"), ("highlights", "#777")], grey8(1, &[100]))),
            [100; 3]
        );
    }
}
