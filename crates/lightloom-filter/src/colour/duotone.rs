//! Duotone: prints the picture with two inks on white paper.
//!
//! Algorithm: the darkness 1 − L of luma is printed with both inks, for the second one raised to a power, so that it
//! is confined to the shadows; inks multiply, as transparent inks do on paper: result = Π (1 − dᵢ·(1 − inkᵢ)).
//! Range: luma outside 0–1 counts as black or white. Alpha: untouched. Depth: kept, computed in f32. Edges: none;
//! each pixel depends only on itself. Grey pictures become colour pictures.

use crate::kernel::colour::{Recolour, luma, unit};
use crate::kernel::curve::Curve;
use crate::{Colour, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{colour, number, parameters};

parameters! {
    pub(crate) struct Duotone {
        ink: Colour = colour("Ink", "The ink that prints all tones", Colour([224, 122, 60, 255])),
        second: Colour = colour("Second ink", "The ink that prints the shadows", Colour([16, 32, 72, 255])),
        depth: f32 = number("Depth", "How far the second ink keeps to the shadows", "", (1.0, 4.0), 2.0).step(0.1),
    }
}

impl Filter for Duotone {
    const TITLE: &'static str = "Duotone";
    const HELP: &'static str = "Prints the picture with two inks on white paper";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let density = |ink: Colour| ink.rgb().map(|v| (1.0 - v) * ink.alpha());
        let (first, second, depth) = (density(self.ink), density(self.second), self.depth);
        let power = (depth != 2.0).then(|| Curve::new(1.0, move |dark: f32| dark.powf(depth)));
        Ok(Operation::point(Recolour(move |rgb: [f32; 3]| {
            let dark = unit(1.0 - luma(rgb));
            let deep = power.as_ref().map_or(dark * dark, |power| power.at(dark));
            [0, 1, 2].map(|c| (1.0 - dark * first[c]) * (1.0 - deep * second[c]))
        })))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::Layout;

    #[test]
    fn paper_stays_white_and_inks_multiply() {
        let params = [("ink", "#ff0000"), ("second", "#808080")];
        let result = run("duotone", &params, grey8(2, &[255, 0]));
        assert_eq!(bytes(&result), [255, 255, 255, 128, 0, 0]);
        let middle = run("duotone", &[&params[..], &[("depth", "3")]].concat(), float(Layout::Grey, &[0.6]));
        let second = 1.0 - 0.4_f32.powi(3) * (127.0 / 255.0);
        for (v, e) in floats(&middle).iter().zip([second, 0.6 * second, 0.6 * second]) {
            assert!((v - e).abs() < 1e-6, "{v}, not {e}");
        }
    }
}
