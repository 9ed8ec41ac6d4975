//! Invert: the negative.
//!
//! Algorithm: v → 1 − v on encoded values, exactly 255 − v in 8 bits.
//! Range: floats outside 0–1 are mirrored too. Alpha: untouched. Depth: kept. Edges: none; each pixel depends only on
//! itself.

use crate::kernel::each::each_colour;
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::parameters;

parameters! {
    pub(crate) struct Invert {
    }
}

impl Filter for Invert {
    const TITLE: &'static str = "Invert";
    const HELP: &'static str = "Turns the picture into its negative";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(Operation::point(Negative))
    }
}

struct Negative;

impl Point for Negative {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        each_colour(strip, |v| 1.0 - v);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::{Layout, Pixels, Raster};

    #[test]
    fn the_negative_is_exact_in_8_and_16_bit() {
        let all: Vec<u8> = (0..=255).collect();
        assert!(bytes(&run("invert", &[], grey8(256, &all))).iter().rev().eq(&all));
        let all: Vec<u16> = (0..=65_535).collect();
        let Pixels::U16(result) = run("invert", &[], Raster::new(65_536, 1, Layout::Grey, all.clone())) else {
            unreachable!("depth is kept")
        };
        assert!(result.samples().iter().rev().eq(&all));
    }

    #[test]
    fn floats_are_mirrored_and_alpha_stays() {
        let result = run("invert", &[], float(Layout::GreyAlpha, &[0.25, 0.25, -1.0, 0.0, 3.0, 1.0]));
        assert_eq!(floats(&result), [0.75, 0.25, 2.0, 0.0, -2.0, 1.0]);
    }
}
