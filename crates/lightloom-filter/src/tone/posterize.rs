//! Posterize: reduces each channel to a few tones.
//!
//! Algorithm: round(v·(n − 1)) ÷ (n − 1), so that the n tones spread evenly from black to white and each value goes
//! to the nearest, as in GIMP.
//! Range: clipped to 0–1. Alpha: untouched. Depth: kept, computed in f32. Edges: none; each pixel depends only on
//! itself.

use crate::kernel::colour::unit;
use crate::kernel::each::each_colour;
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{integer, parameters};

parameters! {
    pub(crate) struct Posterize {
        levels: u32 = integer("Levels", "Tones of each channel, black and white among them", "", (2, 256), 4)
            .logarithmic(),
    }
}

impl Filter for Posterize {
    const TITLE: &'static str = "Posterize";
    const HELP: &'static str = "Leaves a few tones of each channel";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(Operation::point(Quantizer { steps: (self.levels - 1) as f32 }))
    }
}

struct Quantizer {
    steps: f32,
}

impl Point for Quantizer {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        // max first, so that NaN becomes black
        each_colour(strip, |v| (unit(v) * self.steps + 0.5).floor() / self.steps);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn values_go_to_the_nearest_tone() {
        let result = run("posterize", &[("levels", "4")], grey8(8, &[0, 42, 43, 127, 128, 212, 213, 255]));
        assert_eq!(bytes(&result), [0, 0, 85, 85, 170, 170, 255, 255]);
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&run("posterize", &[("levels", "256")], grey8(256, &all))), all);
    }
}
