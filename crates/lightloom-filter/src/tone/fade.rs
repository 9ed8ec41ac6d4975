//! Fade: the matte look of an old print, whose black is grey and whose white is dull.
//!
//! Algorithm: v → lift + v·(1 − lift − drop), a straight line between the raised black and the lowered white.
//! Range: floats outside 0–1 follow the same line. Alpha: untouched. Depth: kept, computed in f32. Edges: none, each pixel
//! for itself.

use crate::kernel::each::each_colour;
use crate::{Example, FilterError, FilterSpec, Frame, Group, Operation, ParamSpec, Params, Point, Sees, Strip};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "fade",
    title: "Fade",
    group: Group::Tone,
    help: "Raises black and lowers white for a matte look",
    version: 1,
    params: &[
        ParamSpec::number("lift", "Lift black", "How far black rises towards white", "%", (0.0, 50.0), 10.0),
        ParamSpec::number("drop", "Lower white", "How far white falls towards black", "%", (0.0, 50.0), 3.0),
    ],
    conditions: &[],
    example: Example::of(&[("lift", "18"), ("drop", "8")]),
    compile,
};

fn compile(params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    let (lift, drop) = (params.number("lift") / 100.0, params.number("drop") / 100.0);
    if lift == 0.0 && drop == 0.0 {
        return Ok(Operation::Identity);
    }
    Ok(Operation::point(Fade { lift, slope: 1.0 - lift - drop }))
}

struct Fade {
    lift: f32,
    slope: f32,
}

impl Point for Fade {
    fn sees(&self) -> Sees {
        Sees::Sample
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
