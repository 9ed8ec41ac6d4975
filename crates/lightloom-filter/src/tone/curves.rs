//! Curves: tone curves through points, for all channels together and for each one.
//!
//! Algorithm: monotone cubic interpolation of the points (see `tone_curve`), constant beyond the first and the last.
//! Each channel goes through its own curve and then through the one for all, as in GIMP; luma at last through its own (see
//! `on_luma`).
//! Range: results lie within 0–1, as the curve does; float values outside 0–1 are clipped. Alpha: untouched. Depth:
//! kept, computed in f32 without a table. Edges: none; each pixel depends only on itself. For grey pictures only the
//! common curve and that of luma apply.

use std::sync::Arc;

use crate::kernel::curve::Curve;
use crate::kernel::on_luma::on_luma;
use crate::kernel::tone_curve::{FOLDED_FORM, FORM, STRAIGHT, ToneCurve};
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{parameters, text};

parameters! {
    pub(crate) struct Curves {
        points: Arc<str> = text("All channels", "What each tone becomes, from black 0 to white 1", &FORM, STRAIGHT),
        red: Arc<str> = text("Red", "The curve of red, before the one for all", &FOLDED_FORM, STRAIGHT),
        green: Arc<str> = text("Green", "The curve of green, before the one for all", &FOLDED_FORM, STRAIGHT),
        blue: Arc<str> = text("Blue", "The curve of blue, before the one for all", &FOLDED_FORM, STRAIGHT),
        luma: Arc<str> = text("Luma", "The curve of luma, after all others, which leaves colours", &FOLDED_FORM, STRAIGHT),
    }
}

impl Filter for Curves {
    const TITLE: &'static str = "Curves";
    const HELP: &'static str = "Bends tones through points";
    const EXAMPLE: Example = Example::of(&[("points", "0:0,0.25:0.16,0.75:0.86,1:1")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let curve = |points: &str| match ToneCurve::parse(points) {
            Some(curve) if !curve.is_straight() => {
                let tone: Tone = Box::new(move |v| curve.at(v));
                Some(Curve::limited(tone))
            }
            _ => None,
        };
        let all = curve(&self.points);
        let channels = if context.shape.layout.colours() == 1 {
            [None, None, None]
        } else {
            [&self.red, &self.green, &self.blue].map(|points| curve(points))
        };
        let mut points: Vec<Box<dyn Point>> = match (all, channels) {
            (None, [None, None, None]) => Vec::new(),
            (Some(all), [None, None, None]) => vec![Box::new(all)],
            (all, channels) => vec![Box::new(Each { channels, all })],
        };
        if let Some(luma) = curve(&self.luma)
            && let Operation::Points(of_luma) = on_luma(context, |_| Ok(Operation::point(luma)))?
        {
            points.extend(of_luma);
        }
        Ok(if points.is_empty() { Operation::Identity } else { Operation::Points(points) })
    }
}

/// A curve for each channel, and then one for all.
struct Each {
    channels: [Option<Curve<Tone>>; 3],
    all: Option<Curve<Tone>>,
}

type Tone = Box<dyn Fn(f32) -> f32 + Send + Sync>;

impl Point for Each {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        for (plane, own) in strip.planes().iter_mut().zip(&self.channels) {
            own.iter().chain(&self.all).for_each(|curve| curve.replace(plane));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, float, floats, grey8, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn points_are_exact_in_8_bit() {
        let points = "0:0.2,0.2:0.4,0.6:0.8,1:1";
        let result = run("curves", &[("points", points)], grey8(4, &[0, 51, 153, 255]));
        assert_eq!(bytes(&result), [51, 102, 204, 255]);
        let rgba = run("curves", &[("points", points)], float(Layout::Rgba, &[0.2, 0.6, 1.5, 0.3]));
        for (v, e) in floats(&rgba).iter().zip([0.4, 0.8, 1.0, 0.3]) {
            assert!((v - e).abs() < 1e-6);
        }
    }

    #[test]
    fn a_channel_goes_through_its_own_curve_first() {
        let (all, red) = ("0:0,0.5:0.8,1:1", "0:1,1:0");
        let result = run("curves", &[("points", all), ("red", red)], rgb8(&[[51, 51, 51]]));
        let expected = |v: f32| (ToneCurve::parse(all).unwrap().at(v) * 255.0).round() as u8;
        assert_eq!(bytes(&result), [expected(0.8), expected(0.2), expected(0.2)]);
        assert_eq!(bytes(&run("curves", &[("red", red)], rgb8(&[[51, 51, 51]]))), [204, 51, 51]);
        assert_eq!(bytes(&run("curves", &[("red", red)], grey8(1, &[51]))), [51]);
    }
}
