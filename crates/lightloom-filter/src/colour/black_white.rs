//! Black and white: greyscale with a say for each colour, as a coloured lens before black-and-white film.
//!
//! Algorithm: a colour is grey (its smallest channel), plus a secondary colour (middle − smallest) and a primary one (largest −
//! middle); the result is min + (mid − min)·weight of the secondary + (max − mid)·weight of the primary, as in the
//! Black & White adjustment of image editors. Greys stay exactly.
//! Range: clipped to 0 and above; floats keep what rises above white. Alpha: untouched. Depth: kept, computed in f32. Edges:
//! none, each pixel for itself. The layout becomes grey; grey pictures stay as they are.

use crate::kernel::colour::{OfColours, ToGrey};
use crate::{Example, FilterError, FilterSpec, Frame, Group, Operation, ParamSpec, Params};

const fn weight(key: &'static str, label: &'static str, default: f64) -> ParamSpec {
    ParamSpec::number(key, label, "How light this colour becomes", "%", (-200.0, 300.0), default)
}

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "black_white",
    title: "Black and white",
    group: Group::Colour,
    help: "Makes a grey picture with a lightness for each colour",
    version: 1,
    params: &[
        weight("red", "Red", 40.0),
        weight("yellow", "Yellow", 60.0),
        weight("green", "Green", 40.0),
        weight("cyan", "Cyan", 60.0),
        weight("blue", "Blue", 20.0),
        weight("magenta", "Magenta", 80.0),
    ],
    conditions: &[],
    example: Example::of(&[("red", "130"), ("green", "20")]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    if frame.shape.layout.colours() == 1 {
        return Ok(Operation::Identity);
    }
    let weight = |key: &str| params.number(key) / 100.0;
    let primaries = ["red", "green", "blue"].map(weight);
    // the secondary that lacks red, green or blue
    let secondaries = ["cyan", "magenta", "yellow"].map(weight);
    Ok(Operation::point(ToGrey(BlackWhite { primaries, secondaries })))
}

struct BlackWhite {
    primaries: [f32; 3],
    /// Each beside the primary that it lacks.
    secondaries: [f32; 3],
}

impl OfColours<f32> for BlackWhite {
    #[inline(always)]
    fn at(&self, [red, green, blue]: [f32; 3]) -> f32 {
        let (max, min) = (red.max(green).max(blue), red.min(green).min(blue));
        let middle = red.min(green).max(red.max(green).min(blue));
        // choices of values rather than ways, so that many pixels go at once
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
