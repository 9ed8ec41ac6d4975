//! Tone mapping: compresses light beyond white into the visible range.
//!
//! Algorithm: applied to linear light (sRGB transfer function). Reinhard is L·(1 + L/w²) / (1 + L) with white point w
//! (Reinhard et al. 2002, extended form); Hable is the filmic curve of Uncharted 2 (Hable 2010), divided by its value
//! at w; ACES is the fit of Narkowicz (2015) to the ACES reference rendering, which has its own white point. Reinhard
//! scales all channels by the change of luminance and so preserves hue; the filmic curves work on each channel, so
//! bright colours fade to white.
//! Range: results lie in 0–1 for light from 0 to the white point; values below black become black. Alpha: untouched.
//! Depth: kept; mostly useful for float pictures. Edges: none; each pixel depends only on itself.

use crate::kernel::colour::{OnColour, luma};
use crate::kernel::curve::Curve;
use crate::kernel::linear::{DECODE, ENCODE, Through};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{choice, number, parameters};
use lightloom_picture::{linear_to_srgb, srgb_to_linear};

choice! {
    enum Operator {
        Reinhard = "reinhard",
        Hable = "hable",
        Aces = "aces",
    }
}

parameters! {
    pub(crate) struct ToneMap {
        curve: Operator = choice(
            "Curve",
            "Reinhard keeps hues, Hable has a toe and a shoulder as film, ACES is the most contrasty",
        ),
        white: f32 = number(
            "White point",
            "Linear light that becomes white, in multiples of the picture's white",
            "×",
            (1.0, 64.0),
            4.0,
        )
        .step(0.1)
        .logarithmic()
        .when("curve", &["reinhard", "hable"]),
        exposure: f32 = number("Exposure", "Stops before the curve", "EV", (-8.0, 8.0), 0.0).step(0.05),
    }
}

impl Filter for ToneMap {
    const TITLE: &'static str = "Tone mapping";
    const HELP: &'static str = "Compresses bright light as film does";
    const EXAMPLE: Example = Example::of(&[("curve", "hable"), ("exposure", "1.5")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let (white, gain) = (self.white, self.exposure.exp2());
        let reinhard = move |light: f32| light * (1.0 + light / (white * white)) / (1.0 + light);
        let encoded = move |curve: fn(f32, f32) -> f32| {
            Operation::point(Curve::new(1.0, move |v: f32| {
                linear_to_srgb(curve(gain * srgb_to_linear(v).max(0.0), white).clamp(0.0, 1.0))
            }))
        };
        Ok(match self.curve {
            Operator::Hable => encoded(|light, white| hable(light) / hable(white)),
            Operator::Aces => {
                encoded(|light, _| light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14))
            }
            Operator::Reinhard if context.shape.layout.colours() == 1 => {
                let curve = move |v: f32| linear_to_srgb(reinhard(gain * srgb_to_linear(v).max(0.0)));
                Operation::point(Curve::new(1.0, curve))
            }
            Operator::Reinhard => {
                // in steps, so that the first may be part of a table and all are vector code
                let scale = OnColour(move |[red, green, blue]: [f32; 3]| {
                    let light = [gain * red.max(0.0), gain * green.max(0.0), gain * blue.max(0.0)];
                    let luminance = luma(light);
                    let scale = if luminance > 0.0 { reinhard(luminance) / luminance } else { 1.0 };
                    [light[0] * scale, light[1] * scale, light[2] * scale]
                });
                Operation::Points(vec![Box::new(Through(&DECODE)), Box::new(scale), Box::new(Through(&ENCODE))])
            }
        })
    }
}

/// Shoulder 0.15, linear part 0.5 at an angle of 0.1, toe 0.2 with 0.02 ÷ 0.3.
fn hable(light: f32) -> f32 {
    let (a, b, c, d, e, f) = (0.15, 0.5, 0.1, 0.2, 0.02, 0.3);
    (light * (a * light + c * b) + d * e) / (light * (a * light + b) + d * f) - e / f
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{float, floats, run};
    use lightloom_picture::Layout;

    #[test]
    fn the_white_point_becomes_white_and_black_stays() {
        for curve in ["reinhard", "hable"] {
            for layout in [Layout::Grey, Layout::Rgb] {
                let bright = linear_to_srgb(5.0);
                let source = [bright, bright, bright, 0.0, 0.0, 0.0, -0.1, -0.1, -0.1];
                let result = run("tone_map", &[("curve", curve), ("white", "5")], float(layout, &source));
                for (v, e) in floats(&result).iter().zip([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]) {
                    assert!((v - e).abs() < 1e-4, "{curve}: {v}, not {e}");
                }
            }
        }
    }

    #[test]
    fn reinhard_keeps_ratios_and_aces_matches_its_formula() {
        let result = run("tone_map", &[("exposure", "1")], float(Layout::Rgb, &[0.9, 0.5, 0.3]));
        let before = [0.9, 0.5, 0.3].map(srgb_to_linear);
        let after: Vec<f32> = floats(&result).iter().map(|v| srgb_to_linear(*v)).collect();
        assert!((after[0] / after[1] - before[0] / before[1]).abs() < 1e-3);
        assert!((after[2] / after[1] - before[2] / before[1]).abs() < 1e-3);
        // 0.18 → (0.18·(2.51·0.18 + 0.03)) ÷ (0.18·(2.43·0.18 + 0.59) + 0.14) = 0.267
        let aces = run("tone_map", &[("curve", "aces")], float(Layout::Grey, &[linear_to_srgb(0.18)]));
        assert!((srgb_to_linear(floats(&aces)[0]) - 0.266_86).abs() < 1e-4, "{}", srgb_to_linear(floats(&aces)[0]));
    }
}
