//! Black and white: greyscale with a weight for each colour, like a coloured filter in front of black-and-white film.
//!
//! Algorithm: a colour is grey (its smallest channel), plus a secondary colour (middle − smallest) and a primary one
//! (largest − middle); the result is min + (mid − min)·weight of the secondary + (max − mid)·weight of the primary,
//! as in the Black & White adjustment of image editors. Greys stay exactly as they are.
//! Range: never below 0; floats keep values above white. Alpha: untouched. Depth: kept, computed in f32. Edges: none;
//! each pixel depends only on itself. The layout becomes grey; grey pictures stay as they are.

use crate::kernel::colour::{OfColours, ToGrey};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{Field, number, parameters};

const fn weight(label: &'static str, default: f64) -> Field<f32> {
    number(label, "How light this colour becomes", "%", (-200.0, 300.0), default)
}

parameters! {
    pub(crate) struct BlackWhite {
        red: f32 = weight("Red", 40.0),
        yellow: f32 = weight("Yellow", 60.0),
        green: f32 = weight("Green", 40.0),
        cyan: f32 = weight("Cyan", 60.0),
        blue: f32 = weight("Blue", 20.0),
        magenta: f32 = weight("Magenta", 80.0),
    }
}

impl Filter for BlackWhite {
    const TITLE: &'static str = "Black and white";
    const HELP: &'static str = "Makes a grey picture with a lightness for each colour";
    const EXAMPLE: Example = Example::of(&[("red", "130"), ("green", "20")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        if context.shape.layout.colours() == 1 {
            return Ok(Operation::Identity);
        }
        let shares = |percent: [f32; 3]| percent.map(|percent| percent / 100.0);
        let primaries = shares([self.red, self.green, self.blue]);
        // the secondary that lacks red, green or blue
        let secondaries = shares([self.cyan, self.magenta, self.yellow]);
        Ok(Operation::point(ToGrey(HueWeights { primaries, secondaries })))
    }
}

struct HueWeights {
    primaries: [f32; 3],
    /// Each beside the primary that it lacks.
    secondaries: [f32; 3],
}

impl OfColours<f32> for HueWeights {
    #[inline(always)]
    fn at(&self, [red, green, blue]: [f32; 3]) -> f32 {
        let (max, min) = (red.max(green).max(blue), red.min(green).min(blue));
        let middle = red.min(green).max(red.max(green).min(blue));
        // selections instead of branches, so that many pixels are processed at once
        let [of_red, of_green, of_blue] = self.primaries;
        let primary = if green == max { of_green } else { of_blue };
        let primary = if red == max { of_red } else { primary };
        let [of_cyan, of_magenta, of_yellow] = self.secondaries;
        let secondary = if green == min { of_magenta } else { of_cyan };
        let secondary = if blue == min { of_yellow } else { secondary };
        let mixed = (min + (middle - min) * secondary + (max - middle) * primary).max(0.0);
        if max == min { min } else { mixed }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn pure_colours_get_their_weight() {
        let colours = [[255, 0, 0], [255, 255, 0], [0, 255, 0], [0, 255, 255], [0, 0, 255], [255, 0, 255]];
        let result = run("black_white", &[], rgb8(&colours));
        assert_eq!(result.shape().layout, Layout::Grey);
        assert_eq!(bytes(&result), [40, 60, 40, 60, 20, 80].map(|w: u32| (w * 255 + 50).div_euclid(100) as u8));
    }

    #[test]
    fn greys_stay_and_mixtures_add_up() {
        let greys: Vec<[u8; 3]> = (0..=255).map(|v| [v; 3]).collect();
        assert!(bytes(&run("black_white", &[], rgb8(&greys))).iter().copied().eq(0..=255));
        // 0.2 grey, 0.3 yellow, 0.4 red
        let result = run("black_white", &[], float(Layout::Rgba, &[0.9, 0.5, 0.2, 0.3]));
        assert!((floats(&result)[0] - (0.2 + 0.3 * 0.6 + 0.4 * 0.4)).abs() < 1e-6);
        assert_eq!(floats(&result)[1], 0.3);
        assert_eq!(bytes(&run("black_white", &[("red", "-200")], rgb8(&[[255, 0, 0]]))), [0]);
    }
}
