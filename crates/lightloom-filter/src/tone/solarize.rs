//! Solarize: light tones turned into their negative, as film that sees light while it develops (Sabattier effect).
//!
//! Algorithm: v from the threshold on becomes 1 − v, a channel at a time, as in Pillow and ImageMagick.
//! Range: floats above white become negative, integers clip. Alpha: untouched. Depth: kept. Edges: none, each pixel for
//! itself.

use crate::kernel::each::each_colour;
use crate::{Example, FilterError, FilterSpec, Frame, Group, Operation, ParamSpec, Params, Point, Sees, Strip};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "solarize",
    title: "Solarize",
    group: Group::Tone,
    help: "Turns light tones into their negative",
    version: 1,
    params: &[ParamSpec::number(
        "threshold",
        "Threshold",
        "Values from this on are turned, on the scale from 0 to 255",
        "",
        (0.0, 256.0),
        128.0,
    )],
    conditions: &[],
    example: Example::of(&[]),
    compile,
};

fn compile(params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    let level = params.number("threshold");
    if level == 256.0 {
        return Ok(Operation::Identity);
    }
    Ok(Operation::point(Solarize { threshold: (level - 1e-3) / 255.0 }))
}

struct Solarize {
    threshold: f32,
}

impl Point for Solarize {
    fn sees(&self) -> Sees {
        Sees::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        each_colour(strip, |v| if v >= self.threshold { 1.0 - v } else { v });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn light_values_are_turned() {
        let source: Vec<u8> = (0..=255).collect();
        for threshold in [0_u16, 1, 100, 128, 255, 256] {
            let result = run("solarize", &[("threshold", &threshold.to_string())], grey8(256, &source));
            let expected: Vec<u8> =
                source.iter().map(|&v| if u16::from(v) >= threshold { 255 - v } else { v }).collect();
            assert_eq!(bytes(&result), expected, "{threshold}");
        }
    }
}
