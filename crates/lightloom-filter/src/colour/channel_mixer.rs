//! Channel mixer: computes each channel from all three.
//!
//! Algorithm: a 3×3 matrix and a constant on encoded values, like the Channel Mixer in image editors; monochrome uses
//! the row of red for all channels.
//! Range: floats keep values outside 0–1, integers clip. Alpha: untouched. Depth: kept, computed in f32. Edges: none;
//! each pixel depends only on itself. Grey pictures become colour pictures unless it is monochrome.

use crate::kernel::colour::{OnColour, Recolour};
use crate::kernel::each::each_colour;
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{Field, number, parameters, toggle};

const fn share(label: &'static str, default: f64) -> Field<f32> {
    number(label, "Share of the source channel in the result's channel", "%", (-200.0, 200.0), default)
}

const fn constant(label: &'static str) -> Field<f32> {
    number(label, "Added to the result's channel", "%", (-200.0, 200.0), 0.0)
}

parameters! {
    pub(crate) struct ChannelMixer {
        red_red: f32 = share("Red from red", 100.0),
        red_green: f32 = share("Red from green", 0.0),
        red_blue: f32 = share("Red from blue", 0.0),
        red_constant: f32 = constant("Red constant"),
        green_red: f32 = share("Green from red", 0.0).when("monochrome", &["false"]),
        green_green: f32 = share("Green from green", 100.0).when("monochrome", &["false"]),
        green_blue: f32 = share("Green from blue", 0.0).when("monochrome", &["false"]),
        green_constant: f32 = constant("Green constant").when("monochrome", &["false"]),
        blue_red: f32 = share("Blue from red", 0.0).when("monochrome", &["false"]),
        blue_green: f32 = share("Blue from green", 0.0).when("monochrome", &["false"]),
        blue_blue: f32 = share("Blue from blue", 100.0).when("monochrome", &["false"]),
        blue_constant: f32 = constant("Blue constant").when("monochrome", &["false"]),
        monochrome: bool = toggle("Monochrome", "Whether all channels are what red would be", false),
    }
}

impl Filter for ChannelMixer {
    const TITLE: &'static str = "Channel mixer";
    const HELP: &'static str = "Computes each channel from all three";
    const EXAMPLE: Example =
        Example::of(&[("red_red", "20"), ("red_blue", "80"), ("blue_blue", "20"), ("blue_red", "80")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let mut rows = [
            [self.red_red, self.red_green, self.red_blue, self.red_constant],
            [self.green_red, self.green_green, self.green_blue, self.green_constant],
            [self.blue_red, self.blue_green, self.blue_blue, self.blue_constant],
        ]
        .map(|row| row.map(|percent| percent / 100.0));
        if self.monochrome {
            rows = [rows[0]; 3];
            if context.shape.layout.colours() == 1 {
                let [r, g, b, constant] = rows[0];
                return Ok(Operation::point(Line { slope: r + g + b, constant }));
            }
        }
        if rows == [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]] {
            return Ok(Operation::Identity);
        }
        let mixed = move |[r, g, b]: [f32; 3]| {
            rows.map(|[red, green, blue, constant]| red * r + green * g + blue * b + constant)
        };
        Ok(if context.shape.layout.colours() == 3 {
            Operation::point(OnColour(mixed))
        } else {
            Operation::point(Recolour(mixed))
        })
    }
}

/// What the mixer is to a grey picture.
struct Line {
    slope: f32,
    constant: f32,
}

impl Point for Line {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
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
