//! Fade: the matte look of an old print, whose black is grey and whose white is dull.
//!
//! Algorithm: v → lift + v·(1 − lift − drop), a straight line between the raised black and the lowered white.
//! Range: floats outside 0–1 follow the same line. Alpha: untouched. Depth: kept, computed in f32. Edges: none; each
//! pixel depends only on itself.

use crate::kernel::each::each_colour;
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct Fade {
        lift: f32 = number("Lift black", "How far black rises towards white", "%", (0.0, 50.0), 10.0),
        drop: f32 = number("Lower white", "How far white falls towards black", "%", (0.0, 50.0), 3.0),
    }
}

impl Filter for Fade {
    const TITLE: &'static str = "Fade";
    const HELP: &'static str = "Raises black and lowers white for a matte look";
    const EXAMPLE: Example = Example::of(&[("lift", "18"), ("drop", "8")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let (lift, drop) = (self.lift / 100.0, self.drop / 100.0);
        if lift == 0.0 && drop == 0.0 {
            return Ok(Operation::Identity);
        }
        Ok(Operation::point(Affine { lift, slope: 1.0 - lift - drop }))
    }
}

struct Affine {
    lift: f32,
    slope: f32,
}

impl Point for Affine {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        each_colour(strip, |v| self.lift + v * self.slope);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn black_and_white_move_and_the_middle_follows() {
        let result = run("fade", &[("lift", "20"), ("drop", "40")], grey8(3, &[0, 102, 255]));
        assert_eq!(bytes(&result), [51, 92, 153]);
        assert_eq!(bytes(&run("fade", &[("lift", "50"), ("drop", "50")], grey8(2, &[0, 255]))), [128, 128]);
    }
}
