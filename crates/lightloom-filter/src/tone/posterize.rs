//! Posterize: few tones a channel.
//!
//! Algorithm: round(v·(n − 1)) ÷ (n − 1), so that the n tones spread evenly from black to white and each value goes to
//! the nearest, as in GIMP.
//! Range: clipped to 0–1. Alpha: untouched. Depth: kept, computed in f32. Edges: none, each pixel for itself.

use crate::kernel::colour::unit;
use crate::kernel::each::each_colour;
use crate::{
    Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params, Point, Sees, Strip,
};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "posterize",
    title: "Posterize",
    group: Group::Tone,
    help: "Leaves a few tones of each channel",
    version: 1,
    params: &[ParamSpec {
        key: "levels",
        label: "Levels",
        help: "Tones of each channel, black and white among them",
        unit: "",
        kind: ParamKind::Integer { min: 2, max: 256, default: 4, logarithmic: true },
    }],
    conditions: &[],
    example: Example::of(&[]),
    compile,
};

fn compile(params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    Ok(Operation::point(Posterize { steps: (params.integer("levels") - 1) as f32 }))
}

struct Posterize {
    steps: f32,
}

impl Point for Posterize {
    fn sees(&self) -> Sees {
        Sees::Sample
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
