//! Levels: black point, white point, gamma, and the range that they are mapped to.
//!
//! Algorithm: t = (v − black) / (white − black) clipped to 0–1, then t^(1/gamma), then out_black + t·(out_white −
//! out_black): the Levels of image editors, with points on their scale from 0 to 255 whatever the depth. A black
//! point above the white point inverts.
//! Range: results lie between the output points; values beyond the points are clipped, in float pictures too. Alpha:
//! untouched. Depth: kept; powers are tabulated to a quarter of a 16-bit level (see `curve`). Edges: none; each pixel
//! depends only on itself. On grey pictures only the channels rgb and luma have an effect (for luma see `on_luma`).

use crate::kernel::levels_curve::LevelsCurve;
use crate::kernel::on_luma::on_luma;
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Scene, Strip, Unfit};
use lightloom_param::{choice, number, parameters};

choice! {
    enum Channel {
        Rgb = "rgb" "RGB",
        Red = "red",
        Green = "green",
        Blue = "blue",
        Luma = "luma",
    }
}

parameters! {
    pub(crate) struct Levels {
        black: f32 = number("Black", "Values up to this become the output's black", "", (0.0, 255.0), 0.0),
        gamma: f32 = number(
            "Gamma",
            "Above 1 brightens the middle tones and below 1 darkens them",
            "",
            (0.1, 10.0),
            1.0,
        )
        .step(0.01)
        .logarithmic(),
        white: f32 = number("White", "Values from this on become the output's white", "", (0.0, 255.0), 255.0),
        out_black: f32 = number("Output black", "What black becomes", "", (0.0, 255.0), 0.0),
        out_white: f32 = number("Output white", "What white becomes", "", (0.0, 255.0), 255.0),
        channel: Channel = choice("Channel", "All three channels alike, one of them, or luma, which leaves the colours as they are"),
    }
}

impl Filter for Levels {
    const TITLE: &'static str = "Levels";
    const HELP: &'static str = "Sets the black point, the white point and the middle tones";
    const EXAMPLE: Example = Example::on(Scene::Dull, &[("black", "60"), ("white", "190"), ("gamma", "1.1")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let points = (self.black / 255.0, self.white / 255.0);
        let levels = LevelsCurve::new(points, self.gamma, (self.out_black / 255.0, self.out_white / 255.0));
        let only = match self.channel {
            Channel::Red => Some(0),
            Channel::Green => Some(1),
            Channel::Blue => Some(2),
            Channel::Rgb | Channel::Luma => None,
        };
        if levels.is_neutral() || (only.is_some() && context.shape.layout.colours() == 1) {
            return Ok(Operation::Identity);
        }
        let operation = Operation::point(OneOrAll { levels, only });
        if self.channel == Channel::Luma { on_luma(context, |_| Ok(operation)) } else { Ok(operation) }
    }
}

/// Levels of all channels or of one.
struct OneOrAll {
    levels: LevelsCurve,
    only: Option<usize>,
}

impl Point for OneOrAll {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
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
