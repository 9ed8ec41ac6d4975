//! Channel mixer: each channel from all three.
//!
//! Algorithm: a 3×3 matrix and a constant on encoded values, as the Channel Mixer of image editors; monochrome takes the
//! row of red for all channels.
//! Range: floats keep values outside 0–1, integers clip. Alpha: untouched. Depth: kept, computed in f32. Edges: none, each
//! pixel for itself. Grey pictures get colour channels unless it is monochrome.

use crate::kernel::colour::{OnColour, Recolour};
use crate::kernel::each::each_colour;
use crate::{
    Condition, Example, FilterError, FilterSpec, Frame, Group, Operation, ParamSpec, Params, Point, Sees, Strip,
};

const fn share(key: &'static str, label: &'static str, default: f64) -> ParamSpec {
    ParamSpec::number(key, label, "Share of the source channel in the result's channel", "%", (-200.0, 200.0), default)
}

const fn constant(key: &'static str, label: &'static str) -> ParamSpec {
    ParamSpec::number(key, label, "Added to the result's channel", "%", (-200.0, 200.0), 0.0)
}

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "channel_mixer",
    title: "Channel mixer",
    group: Group::Colour,
    help: "Computes each channel from all three",
    version: 1,
    params: &[
        share("red_red", "Red from red", 100.0),
        share("red_green", "Red from green", 0.0),
        share("red_blue", "Red from blue", 0.0),
        constant("red_constant", "Red constant"),
        share("green_red", "Green from red", 0.0),
        share("green_green", "Green from green", 100.0),
        share("green_blue", "Green from blue", 0.0),
        constant("green_constant", "Green constant"),
        share("blue_red", "Blue from red", 0.0),
        share("blue_green", "Blue from green", 0.0),
        share("blue_blue", "Blue from blue", 100.0),
        constant("blue_constant", "Blue constant"),
        ParamSpec::toggle("monochrome", "Monochrome", "Whether all channels are what red would be", false),
    ],
    conditions: &[Condition::when(
        &[
            "green_red",
            "green_green",
            "green_blue",
            "green_constant",
            "blue_red",
            "blue_green",
            "blue_blue",
            "blue_constant",
        ],
        "monochrome",
        &["false"],
    )],
    example: Example::of(&[("red_red", "20"), ("red_blue", "80"), ("blue_blue", "20"), ("blue_red", "80")]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let row = |channel: &str| {
        ["red", "green", "blue", "constant"].map(|from| params.number(&format!("{channel}_{from}")) / 100.0)
    };
    let mut rows = ["red", "green", "blue"].map(row);
    if params.toggle("monochrome") {
        rows = [rows[0]; 3];
        if frame.shape.layout.colours() == 1 {
            let [r, g, b, constant] = rows[0];
            return Ok(Operation::point(Line { slope: r + g + b, constant }));
        }
    }
    if rows == [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]] {
        return Ok(Operation::Identity);
    }
    let mixed =
        move |[r, g, b]: [f32; 3]| rows.map(|[red, green, blue, constant]| red * r + green * g + blue * b + constant);
    Ok(if frame.shape.layout.colours() == 3 {
        Operation::point(OnColour(mixed))
    } else {
        Operation::point(Recolour(mixed))
    })
}

/// What the mixer is to a grey picture.
struct Line {
    slope: f32,
    constant: f32,
}

impl Point for Line {
    fn sees(&self) -> Sees {
        Sees::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        each_colour(strip, |v| v * self.slope + self.constant);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn rows_are_weighted_sums() {
        let swap = [("red_red", "0"), ("red_blue", "100"), ("blue_blue", "0"), ("blue_red", "100")];
        assert_eq!(bytes(&run("channel_mixer", &swap, rgb8(&[[10, 20, 30]]))), [30, 20, 10]);
        let params = [("green_red", "50"), ("green_green", "-20"), ("green_blue", "10"), ("green_constant", "5")];
        let result = run("channel_mixer", &params, float(Layout::Rgba, &[0.4, 0.5, 0.6, 0.7]));
        for (v, e) in floats(&result).iter().zip([0.4, 0.2 - 0.1 + 0.06 + 0.05, 0.6, 0.7]) {
            assert!((v - e).abs() < 1e-6);
        }
    }

    #[test]
    fn monochrome_and_grey() {
        let params = [("monochrome", "true"), ("red_red", "30"), ("red_green", "60"), ("red_blue", "10")];
        assert_eq!(bytes(&run("channel_mixer", &params, rgb8(&[[100, 50, 200]]))), [80, 80, 80]);
        assert_eq!(bytes(&run("channel_mixer", &params, grey8(1, &[77]))), [77]);
        assert_eq!(bytes(&run("channel_mixer", &[("red_red", "50")], grey8(1, &[100]))), [50, 100, 100]);
    }
}
