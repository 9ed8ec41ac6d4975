//! Solarize: inverts light tones, as film does when it is exposed to light during development (Sabattier effect).
//!
//! Algorithm: values at or above the threshold become 1 − v, in each channel separately, as in Pillow and
//! ImageMagick.
//! Range: floats above white become negative, integers clip. Alpha: untouched. Depth: kept. Edges: none; each pixel
//! depends only on itself.

use crate::kernel::each::each_colour;
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct Solarize {
        threshold: f32 = number(
            "Threshold",
            "Values from this on are turned, on the scale from 0 to 255",
            "",
            (0.0, 256.0),
            128.0,
        ),
    }
}

impl Filter for Solarize {
    const TITLE: &'static str = "Solarize";
    const HELP: &'static str = "Turns light tones into their negative";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let level = self.threshold;
        if level == 256.0 {
            return Ok(Operation::Identity);
        }
        Ok(Operation::point(InvertAbove { threshold: (level - 1e-3) / 255.0 }))
    }
}

struct InvertAbove {
    threshold: f32,
}

impl Point for InvertAbove {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        each_colour(strip, |v| if v >= self.threshold { 1.0 - v } else { v });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn values_at_or_above_the_threshold_are_inverted() {
        let source: Vec<u8> = (0..=255).collect();
        for threshold in [0_u16, 1, 100, 128, 255, 256] {
            let result = run("solarize", &[("threshold", &threshold.to_string())], grey8(256, &source));
            let expected: Vec<u8> =
                source.iter().map(|&v| if u16::from(v) >= threshold { 255 - v } else { v }).collect();
            assert_eq!(bytes(&result), expected, "{threshold}");
        }
    }
}
