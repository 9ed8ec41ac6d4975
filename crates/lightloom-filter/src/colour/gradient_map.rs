//! Gradient map: maps each tone to a colour.
//!
//! Algorithm: luma (ITU-R BT.709 weights on encoded values) picks a colour between those for black and white, or
//! among three with one for middle grey, interpolated linearly in encoded sRGB and mixed with the picture by
//! strength.
//! Range: luma outside 0–1 counts as black or white. Alpha: untouched, the colours' own opacity mixes as strength
//! does. Depth: kept, computed in f32. Edges: none; each pixel depends only on itself. Grey pictures become colour
//! pictures.

use crate::kernel::colour::{OfColours, Recolour, luma, mix, mix3, unit};
use crate::{Colour, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{choice, colour, number, parameters};

choice! {
    enum Colours {
        Three = "three",
        Two = "two",
    }
}

parameters! {
    pub(crate) struct GradientMap {
        dark: Colour = colour("Dark", "What black becomes", Colour([20, 16, 64, 255])),
        middle: Colour = colour("Middle", "What middle grey becomes", Colour([214, 60, 90, 255]))
            .when("colours", &["three"]),
        light: Colour = colour("Light", "What white becomes", Colour([255, 228, 140, 255])),
        colours: Colours = choice("Colours", "Whether there is a colour in the middle"),
        strength: f32 = number("Strength", "How far colours go towards the gradient", "%", (0.0, 100.0), 100.0),
    }
}

impl Filter for GradientMap {
    const TITLE: &'static str = "Gradient map";
    const HELP: &'static str = "Replaces tones by the colours of a gradient";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let strength = self.strength / 100.0;
        if strength == 0.0 {
            return Ok(Operation::Identity);
        }
        let stop = |colour: Colour| (colour.rgb(), colour.alpha());
        let (dark, light) = (stop(self.dark), stop(self.light));
        let middle = match self.colours {
            Colours::Two => (mix3(dark.0, light.0, 0.5), mix(dark.1, light.1, 0.5)),
            Colours::Three => stop(self.middle),
        };
        Ok(Operation::point(Recolour(Gradient { stops: [dark, middle, light], strength })))
    }
}

struct Gradient {
    /// Colour and opacity of black, of middle grey, and of white.
    stops: [([f32; 3], f32); 3],
    strength: f32,
}

impl OfColours for Gradient {
    #[inline(always)]
    fn at(&self, rgb: [f32; 3]) -> [f32; 3] {
        let [dark, middle, light] = self.stops;
        let tone = 2.0 * unit(luma(rgb));
        // selections instead of branches, so that many pixels are processed at once
        let is_dark = tone < 1.0;
        let choose = |a: f32, b: f32| if is_dark { a } else { b };
        let choose3 = |a: [f32; 3], b: [f32; 3]| [choose(a[0], b[0]), choose(a[1], b[1]), choose(a[2], b[2])];
        let share = choose(tone, tone - 1.0);
        let colour = mix3(choose3(dark.0, middle.0), choose3(middle.0, light.0), share);
        let opacity = mix(choose(dark.1, middle.1), choose(middle.1, light.1), share);
        mix3(rgb, colour, self.strength * opacity)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::Layout;

    #[test]
    fn stops_and_what_lies_between() {
        let params = [("dark", "#000080"), ("middle", "#800000"), ("light", "#ffff00")];
        let result = run("gradient_map", &params, float(Layout::Grey, &[0.0, 0.25, 0.5, 0.75, 1.0]));
        let level = |v: u32| v as f32 / 255.0;
        let expected = [
            [0.0, 0.0, level(128)],
            [level(64), 0.0, level(64)],
            [level(128), 0.0, 0.0],
            [(level(128) + 1.0) / 2.0, 0.5, 0.0],
            [1.0, 1.0, 0.0],
        ];
        for (v, e) in floats(&result).iter().zip(expected.as_flattened()) {
            assert!((v - e).abs() < 1e-6, "{v}, not {e}");
        }
    }

    #[test]
    fn two_colours_and_opacity() {
        let two = [("colours", "two"), ("dark", "#000"), ("light", "#ff0000")];
        assert_eq!(bytes(&run("gradient_map", &two, grey8(3, &[0, 100, 255]))), [0, 0, 0, 100, 0, 0, 255, 0, 0]);
        let clear = [("colours", "two"), ("dark", "#ff000000"), ("light", "#0000ff00")];
        assert_eq!(bytes(&run("gradient_map", &clear, grey8(2, &[9, 200]))), [9, 9, 9, 200, 200, 200]);
    }
}
