//! Invert: the negative.
//!
//! Algorithm: v → 1 − v on encoded values, exactly 255 − v in 8 bits.
//! Range: floats outside 0–1 are mirrored too. Alpha: untouched. Depth: kept. Edges: none, each pixel for itself.

use crate::kernel::each::each_colour;
use crate::{Example, FilterError, FilterSpec, Frame, Group, Operation, Params, Point, Sees, Strip};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "invert",
    title: "Invert",
    group: Group::Colour,
    help: "Turns the picture into its negative",
    version: 1,
    params: &[],
    conditions: &[],
    example: Example::of(&[]),
    compile,
};

fn compile(_params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    Ok(Operation::point(Invert))
}

struct Invert;

impl Point for Invert {
    fn sees(&self) -> Sees {
        Sees::Sample
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
