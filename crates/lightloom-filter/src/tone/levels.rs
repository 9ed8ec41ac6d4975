//! Levels: black point, white point, gamma, and the range that they are mapped to.
//!
//! Algorithm: t = (v − black) / (white − black) clipped to 0–1, then t^(1/gamma), then out_black + t·(out_white −
//! out_black): the Levels of image editors, with points on their scale from 0 to 255 whatever the depth. A black point
//! above the white point inverts.
//! Range: results lie between the output points; values beyond the points are clipped, in float pictures too. Alpha:
//! untouched. Depth: kept; powers are tabulated to a quarter of a 16-bit level (see `curve`). Edges: none, each pixel for
//! itself. On grey pictures only the channel rgb has an effect.

use crate::kernel::colour::unit;
use crate::kernel::curve::Curve;
use crate::kernel::each::each;
use crate::{
    Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params, Point, Scene, Sees, Strip,
};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "levels",
    title: "Levels",
    group: Group::Tone,
    help: "Sets the black point, the white point and the middle tones",
    version: 1,
    params: &[
        ParamSpec::number("black", "Black", "Values up to this become the output's black", "", (0.0, 255.0), 0.0),
        ParamSpec {
            key: "gamma",
            label: "Gamma",
            help: "Above 1 brightens the middle tones and below 1 darkens them",
            unit: "",
            kind: ParamKind::Number { min: 0.1, max: 10.0, default: 1.0, step: 0.01, logarithmic: true },
        },
        ParamSpec::number("white", "White", "Values from this on become the output's white", "", (0.0, 255.0), 255.0),
        ParamSpec::number("out_black", "Output black", "What black becomes", "", (0.0, 255.0), 0.0),
        ParamSpec::number("out_white", "Output white", "What white becomes", "", (0.0, 255.0), 255.0),
        ParamSpec::choice(
            "channel",
            "Channel",
            "All three channels alike, or one of them",
            &["rgb", "red", "green", "blue"],
        ),
    ],
    conditions: &[],
    example: Example::on(Scene::Dull, &[("black", "60"), ("white", "190"), ("gamma", "1.1")]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let unit = |key: &str| params.number(key) / 255.0;
    let levels =
        Levels::new((unit("black"), unit("white")), params.number("gamma"), (unit("out_black"), unit("out_white")));
    let only = match params.choice("channel") {
        "red" => Some(0),
        "green" => Some(1),
        "blue" => Some(2),
        _ => None,
    };
    if levels.is_neutral() || (only.is_some() && frame.shape.layout.colours() == 1) {
        return Ok(Operation::Identity);
    }
    Ok(Operation::point(OneOrAll { levels, only }))
}

/// Black, white and gamma as a function; automatic levels use it too.
pub(crate) struct Levels {
    black: f32,
    /// Above zero; the direction is in the output.
    scale: f32,
    power: Option<Curve<Power>>,
    out: (f32, f32),
}

type Power = Box<dyn Fn(f32) -> f32 + Send + Sync>;

impl Levels {
    /// All points in 0–1. Points that coincide make a threshold.
    pub(crate) fn new((black, white): (f32, f32), gamma: f32, out: (f32, f32)) -> Self {
        let (black, white, out) = if black <= white { (black, white, out) } else { (white, black, (out.1, out.0)) };
        let exponent = 1.0 / if (black, white) == (0.0, 0.0) { 1.0 } else { gamma };
        let power = (exponent != 1.0).then(|| {
            let power: Power = Box::new(move |t: f32| t.max(0.0).powf(exponent));
            Curve::new(1.0, power)
        });
        // narrower than any depth can tell apart
        Self { black, scale: 1.0 / (white - black).max(1e-6), power, out }
    }

    /// Whether it changes no value from 0 to 1.
    fn is_neutral(&self) -> bool {
        self.black == 0.0 && self.scale == 1.0 && self.power.is_none() && self.out == (0.0, 1.0)
    }

    #[inline(always)]
    fn clipped(&self, v: f32) -> f32 {
        // max first, so that NaN becomes black
        unit((v - self.black) * self.scale)
    }

    #[inline(always)]
    fn output(&self, t: f32) -> f32 {
        self.out.0 + t * (self.out.1 - self.out.0)
    }

    /// Replaces every sample of a plane.
    pub(crate) fn replace(&self, plane: &mut [f32]) {
        match &self.power {
            None => each(plane, &|v| self.output(self.clipped(v))),
            Some(power) => {
                each(plane, &|v| self.clipped(v));
                power.replace(plane);
                each(plane, &|v| self.output(v));
            }
        }
    }
}

/// Levels of all channels or of one.
struct OneOrAll {
    levels: Levels,
    only: Option<usize>,
}

impl Point for OneOrAll {
    fn sees(&self) -> Sees {
        Sees::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        match (self.only, strip.rgb()) {
            (Some(channel), Some(planes)) => self.levels.replace(planes[channel]),
            (Some(_), None) => {}
            (None, _) => strip.planes().iter_mut().for_each(|plane| self.levels.replace(plane)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn the_formula_in_8_bit() {
        let source: Vec<u8> = (0..=255).collect();
        let params = [("black", "20"), ("white", "220"), ("gamma", "1.6"), ("out_black", "10"), ("out_white", "240")];
        let result = run("levels", &params, grey8(256, &source));
        for (v, after) in source.into_iter().zip(bytes(&result)) {
            let t = ((f64::from(v) - 20.0) / 200.0).clamp(0.0, 1.0).powf(1.0 / 1.6);
            let exact = 10.0 + t * 230.0;
            assert!((f64::from(*after) - exact).abs() < 0.501, "{v} → {after}, not {exact}");
        }
    }

    #[test]
    fn crossed_points_invert_and_equal_points_split() {
        let inverted = run("levels", &[("black", "255"), ("white", "0")], grey8(3, &[0, 55, 255]));
        assert_eq!(bytes(&inverted), [255, 200, 0]);
        let output = run("levels", &[("out_black", "255"), ("out_white", "0")], grey8(3, &[0, 55, 255]));
        assert_eq!(bytes(&output), [255, 200, 0]);
        let split = run("levels", &[("black", "100"), ("white", "100")], grey8(4, &[0, 99, 101, 255]));
        assert_eq!(bytes(&split), [0, 0, 255, 255]);
    }

    #[test]
    fn one_channel_alone() {
        let params = [("channel", "green"), ("white", "100")];
        assert_eq!(bytes(&run("levels", &params, rgb8(&[[50, 50, 50]]))), [50, 128, 50]);
        assert_eq!(bytes(&run("levels", &params, grey8(1, &[50]))), [50]);
        let alpha =
            run("levels", &[("channel", "blue"), ("white", "127.5")], float(Layout::Rgba, &[0.2, 0.2, 0.2, 0.2]));
        assert_eq!(floats(&alpha), [0.2, 0.2, 0.4, 0.2]);
    }
}
