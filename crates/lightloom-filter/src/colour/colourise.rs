//! Colourise: gives the whole picture one hue.
//!
//! Algorithm: a colour of the given HSL hue and saturation (Joblove and Greenberg 1978) whose lightness is the
//! pixel's luma (ITU-R BT.709 weights on encoded values), like Colourise in image editors.
//! Range: luma outside 0–1 counts as black or white. Alpha: untouched. Depth: kept, computed in f32. Edges: none;
//! each pixel depends only on itself. Grey pictures become colour pictures.

use crate::kernel::colour::{OfColours, Recolour, from_hsl, luma, mix3, unit};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct Colourise {
        hue: f32 = number("Hue", "0 is red, 120 green and 240 blue", "°", (0.0, 360.0), 210.0),
        saturation: f32 = number("Saturation", "0 is grey and 100 pure colour", "%", (0.0, 100.0), 35.0),
        lightness: f32 = number("Lightness", "Towards black or white", "%", (-100.0, 100.0), 0.0),
        strength: f32 = number("Strength", "How far colours go towards the hue", "%", (0.0, 100.0), 100.0),
    }
}

impl Filter for Colourise {
    const TITLE: &'static str = "Colourise";
    const HELP: &'static str = "Gives the whole picture one hue";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let (hue, saturation) = (self.hue, self.saturation / 100.0);
        let (lighten, strength) = (self.lightness / 100.0, self.strength / 100.0);
        if strength == 0.0 {
            return Ok(Operation::Identity);
        }
        Ok(Operation::point(Recolour(Tint { hue, saturation, lighten, strength })))
    }
}

struct Tint {
    hue: f32,
    saturation: f32,
    lighten: f32,
    strength: f32,
}

impl OfColours for Tint {
    #[inline(always)]
    fn at(&self, rgb: [f32; 3]) -> [f32; 3] {
        let luma = unit(luma(rgb));
        let target = if self.lighten > 0.0 { 1.0 } else { 0.0 };
        let lightness = luma + (target - luma) * self.lighten.abs();
        mix3(rgb, from_hsl([self.hue, self.saturation, lightness]), self.strength)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, rgb8, run};

    #[test]
    fn middle_grey_becomes_the_pure_hue() {
        let pure = |hue: &str, grey: u8| {
            let result = run("colourise", &[("hue", hue), ("saturation", "100")], grey8(1, &[grey]));
            [bytes(&result)[0], bytes(&result)[1], bytes(&result)[2]]
        };
        assert_eq!(pure("0", 0), [0; 3]);
        assert_eq!(pure("120", 255), [255; 3]);
        assert_eq!(pure("240", 51), [0, 0, 102]);
        assert_eq!(pure("360", 204), [255, 153, 153]);
    }

    #[test]
    fn no_saturation_is_luma_and_half_strength_half_way() {
        assert_eq!(bytes(&run("colourise", &[("saturation", "0")], rgb8(&[[255, 0, 0]]))), [54; 3]);
        let half = run("colourise", &[("saturation", "0"), ("strength", "50")], rgb8(&[[255, 0, 0]]));
        assert_eq!(bytes(&half), [155, 27, 27]);
    }
}
