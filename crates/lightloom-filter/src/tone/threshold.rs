//! Threshold: makes every pixel black or white.
//!
//! Algorithm: pixels whose luma (ITU-R BT.709 weights on encoded values) is at least the threshold become white, the
//! others black.
//! Range: results are 0 or 1. Alpha: untouched. Depth and layout: kept. Edges: none; each pixel depends only on
//! itself.

use crate::kernel::colour::{luma, map_rgb};
use crate::kernel::each::each_colour;
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct Threshold {
        level: f32 = number(
            "Level",
            "Luma from which on a pixel is white, on the scale from 0 to 255",
            "",
            (0.0, 256.0),
            128.0,
        ),
    }
}

impl Filter for Threshold {
    const TITLE: &'static str = "Threshold";
    const HELP: &'static str = "Makes every pixel black or white";
    const EXAMPLE: Example = Example::of(&[("level", "110")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        // a little lower, so that rounding in the sum of luma does not decide about a value that is just the level
        Ok(Operation::point(Binarization { level: (self.level - 1e-3) / 255.0 }))
    }
}

struct Binarization {
    level: f32,
}

impl Point for Binarization {
    fn dependence(&self) -> Dependence {
        Dependence::Pixel
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        let split = |v: f32| f32::from(u8::from(v >= self.level));
        each_colour_or_luma(strip, split);
    }
}

fn each_colour_or_luma(strip: &mut Strip<'_>, split: impl Fn(f32) -> f32) {
    if strip.colours() == 1 {
        each_colour(strip, split);
    } else {
        map_rgb(strip, |rgb| [split(luma(rgb)); 3]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, rgb8, run};

    #[test]
    fn the_level_itself_is_white() {
        for level in 1..=255_u8 {
            let text = level.to_string();
            let result = run("threshold", &[("level", &text)], rgb8(&[[level - 1; 3], [level; 3]]));
            assert_eq!(bytes(&result), [0, 0, 0, 255, 255, 255], "{level}");
        }
        assert_eq!(bytes(&run("threshold", &[("level", "256")], grey8(2, &[0, 255]))), [0, 0]);
        assert_eq!(bytes(&run("threshold", &[("level", "0")], grey8(2, &[0, 255]))), [255, 255]);
        // luma of red is 54.2
        assert_eq!(bytes(&run("threshold", &[("level", "54")], rgb8(&[[255, 0, 0]]))), [255; 3]);
        assert_eq!(bytes(&run("threshold", &[("level", "55")], rgb8(&[[255, 0, 0]]))), [0; 3]);
    }
}
