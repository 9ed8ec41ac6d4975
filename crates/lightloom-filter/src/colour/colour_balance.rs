//! Colour balance: shifts between complementary colours, separately for shadows, midtones and highlights.
//!
//! Algorithm: that of GIMP. Each channel v gets shift · 0.7 · w, where the weights w come from the pixel's HSL
//! lightness L: with r(x) = clip(x ÷ 0.25 + ½), they are r(⅓ − L) for shadows, r(L − ⅓)·r(⅔ − L) for midtones and r(L
//! − ⅔) for highlights. HSL lightness may then be restored, so that colours shift without becoming lighter or darker.
//! Range: clipped to 0–1. Alpha: untouched. Depth: kept, computed in f32. Edges: none; each pixel depends only on
//! itself. Grey pictures become colour pictures.

use crate::kernel::colour::{OfColours, Recolour, from_hsl, to_hsl, unit};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{Field, number, parameters, toggle};

const RED: &str = "Negative is cyan and positive is red";
const GREEN: &str = "Negative is magenta and positive is green";
const BLUE: &str = "Negative is yellow and positive is blue";

const fn shift(label: &'static str, help: &'static str) -> Field<f32> {
    number(label, help, "%", (-100.0, 100.0), 0.0)
}

parameters! {
    pub(crate) struct ColourBalance {
        shadows_red: f32 = shift("Shadows: red", RED),
        shadows_green: f32 = shift("Shadows: green", GREEN),
        shadows_blue: f32 = shift("Shadows: blue", BLUE),
        midtones_red: f32 = shift("Middle tones: red", RED),
        midtones_green: f32 = shift("Middle tones: green", GREEN),
        midtones_blue: f32 = shift("Middle tones: blue", BLUE),
        highlights_red: f32 = shift("Highlights: red", RED),
        highlights_green: f32 = shift("Highlights: green", GREEN),
        highlights_blue: f32 = shift("Highlights: blue", BLUE),
        keep_lightness: bool = toggle("Keep lightness", "Whether each pixel gets its HSL lightness back", true),
    }
}

impl Filter for ColourBalance {
    const TITLE: &'static str = "Colour balance";
    const HELP: &'static str = "Shifts colours apart for shadows, middle tones and highlights";
    const EXAMPLE: Example =
        Example::of(&[("shadows_blue", "50"), ("highlights_red", "35"), ("highlights_blue", "-40")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let [shadows, midtones, highlights] = [
            [self.shadows_red, self.shadows_green, self.shadows_blue],
            [self.midtones_red, self.midtones_green, self.midtones_blue],
            [self.highlights_red, self.highlights_green, self.highlights_blue],
        ]
        .map(|shifts| shifts.map(|percent| 0.7 * percent / 100.0));
        if [shadows, midtones, highlights] == [[0.0; 3]; 3] {
            return Ok(Operation::Identity);
        }
        Ok(if self.keep_lightness {
            Operation::point(Recolour(Balance::<true> { shadows, midtones, highlights }))
        } else {
            Operation::point(Recolour(Balance::<false> { shadows, midtones, highlights }))
        })
    }
}

/// What is added to each colour of a range of tones, and whether lightness stays.
struct Balance<const KEEP: bool> {
    shadows: [f32; 3],
    midtones: [f32; 3],
    highlights: [f32; 3],
}

impl<const KEEP: bool> OfColours for Balance<KEEP> {
    #[inline(always)]
    fn at(&self, rgb: [f32; 3]) -> [f32; 3] {
        let lightness = to_hsl(rgb)[2];
        let ramp = |x: f32| unit(4.0 * x + 0.5);
        let (low, high) = (1.0 / 3.0, 2.0 / 3.0);
        let dark = ramp(low - lightness);
        let middle = ramp(lightness - low) * ramp(high - lightness);
        let light = ramp(lightness - high);
        let shift =
            |c: usize| unit(rgb[c] + self.shadows[c] * dark + self.midtones[c] * middle + self.highlights[c] * light);
        let shifted = [shift(0), shift(1), shift(2)];
        if !KEEP {
            return shifted;
        }
        let [hue, saturation, _] = to_hsl(shifted);
        from_hsl([hue, saturation, unit(lightness)])
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::colour::to_hsl;
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::Layout;

    #[test]
    fn each_range_has_its_tones() {
        let greys = [0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 1.0, 1.0, 1.0];
        let red = |key: &str| {
            let params = [(key, "50"), ("keep_lightness", "false")];
            let result = run("colour_balance", &params, float(Layout::Rgb, &greys));
            [0, 3, 6].map(|i| floats(&result)[i])
        };
        let near = |a: [f32; 3], b: [f32; 3]| (0..3).all(|i| (a[i] - b[i]).abs() < 1e-5);
        assert!(near(red("shadows_red"), [0.35, 0.5, 1.0]), "{:?}", red("shadows_red"));
        assert!(near(red("midtones_red"), [0.0, 0.85, 1.0]), "{:?}", red("midtones_red"));
        assert!(near(red("highlights_red"), [0.0, 0.5, 1.0]));
    }

    #[test]
    fn lightness_is_kept() {
        let source = [0.4, 0.5, 0.6, 0.2, 0.1, 0.3];
        let result =
            run("colour_balance", &[("midtones_blue", "-60"), ("shadows_red", "30")], float(Layout::Rgb, &source));
        for (before, after) in source.chunks(3).zip(floats(&result).chunks(3)) {
            let lightness = |v: &[f32]| to_hsl([v[0], v[1], v[2]])[2];
            assert!((lightness(before) - lightness(after)).abs() < 1e-5);
            assert!(before[2] - before[1] > after[2] - after[1]);
        }
        assert_eq!(bytes(&run("colour_balance", &[("midtones_red", "40")], grey8(1, &[128]))).len(), 3);
    }
}
