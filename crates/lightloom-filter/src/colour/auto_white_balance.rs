//! Auto white balance: removes a colour cast estimated from each picture.
//!
//! Algorithm: a gain per channel on linear light (sRGB transfer function): von Kries adaptation in the picture's own
//! primaries. Grey world (Buchsbaum 1980) assumes that the mean of the picture is grey, white patch (Land 1977) that
//! the level exceeded by only the brightest hundredth is white, and shades of grey (Finlayson and Trezzi 2004) uses
//! the 6th-power mean, between the two. Means are computed from exact histograms, so they do not depend on how the
//! picture is cut into strips. The luminance of the estimated light is preserved.
//! Range: floats keep values outside 0–1, integers clip. Alpha: untouched; transparent pixels are not measured.
//! Depth: kept. Edges: none. Needs the whole picture first. Grey pictures stay as they are.

use crate::kernel::colour::luma;
use crate::kernel::curve::Curve;
use crate::kernel::histogram::Histogram;
use crate::{
    Dependence, Example, Filter, FilterContext, Measure, Operation, Point, Scene, Stopped, Strip, Unfit, Work,
};
use lightloom_param::{choice, number, parameters};
use lightloom_picture::{Pixels, linear_to_srgb, srgb_to_linear};

choice! {
    enum Method {
        ShadesOfGrey = "shades_of_grey",
        GreyWorld = "grey_world",
        WhitePatch = "white_patch",
    }
}

parameters! {
    pub(crate) struct AutoWhiteBalance {
        method: Method = choice(
            "Method",
            "Grey world takes the mean for grey, white patch the lights for white, shades of grey lies between",
        ),
        strength: f32 = number("Strength", "How much of the cast is taken away", "%", (0.0, 100.0), 100.0),
    }
}

impl Filter for AutoWhiteBalance {
    const TITLE: &'static str = "Auto white balance";
    const HELP: &'static str = "Takes a colour cast away by what each picture holds";
    const EXAMPLE: Example = Example::on(Scene::Cast, &[]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let strength = self.strength / 100.0;
        if strength == 0.0 || context.shape.layout.colours() == 1 {
            return Ok(Operation::Identity);
        }
        Ok(Operation::measured(GainEstimation { method: self.method, strength }))
    }
}

struct GainEstimation {
    method: Method,
    strength: f32,
}

impl GainEstimation {
    /// The light that a channel's histogram speaks for, linear.
    fn light(&self, histogram: &Histogram) -> f64 {
        let power = match self.method {
            Method::WhitePatch => return f64::from(srgb_to_linear(histogram.upper_quantile(0.01).unwrap_or(1.0))),
            Method::GreyWorld => 1,
            Method::ShadesOfGrey => 6,
        };
        let linear = |bin: usize| f64::from(srgb_to_linear(histogram.value(bin))).powi(power);
        let sum: f64 = histogram.bins.iter().enumerate().map(|(bin, count)| *count as f64 * linear(bin)).sum();
        (sum / histogram.total().max(1) as f64).powf(1.0 / f64::from(power))
    }

    fn gains(&self, light: [f64; 3]) -> [f32; 3] {
        // a channel without light says nothing
        if light.iter().any(|v| *v <= 1e-4) {
            return [1.0; 3];
        }
        let light = light.map(|v| v as f32);
        let luminance = luma(light);
        light.map(|v| (luminance / v).powf(self.strength).clamp(0.125, 8.0))
    }
}

impl Measure for GainEstimation {
    fn measure(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Box<dyn Point>, Stopped> {
        let lights: Vec<f64> = Histogram::of_channels(source, work)?.iter().map(|h| self.light(h)).collect();
        let gains = match lights[..] {
            [red, green, blue] => self.gains([red, green, blue]),
            _ => [1.0; 3],
        };
        let curve = |gain: f32| {
            let curve: Gain = Box::new(move |v| linear_to_srgb(gain * srgb_to_linear(v)));
            Curve::new(1.0, curve)
        };
        Ok(Box::new(Gains(gains.map(curve))))
    }
}

type Gain = Box<dyn Fn(f32) -> f32 + Send + Sync>;

/// A curve for each channel.
struct Gains([Curve<Gain>; 3]);

impl Point for Gains {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        if let Some(planes) = strip.rgb() {
            planes.into_iter().zip(&self.0).for_each(|(plane, gain)| gain.replace(plane));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, float, floats, rgb8, run};
    use lightloom_picture::Layout;

    /// Greys under a light of this colour.
    fn cast(light: [f32; 3]) -> Vec<f32> {
        let greys = (1..=200).map(|i| i as f32 / 200.0);
        greys.flat_map(|grey| light.map(|gain| linear_to_srgb(grey * gain))).collect()
    }

    #[test]
    fn greys_under_a_coloured_light_become_grey_again() {
        let light = [0.9, 0.7, 0.4];
        for method in ["grey_world", "shades_of_grey", "white_patch"] {
            let result = run("auto_white_balance", &[("method", method)], float(Layout::Rgb, &cast(light)));
            for (i, pixel) in floats(&result).chunks(3).enumerate() {
                let linear = [pixel[0], pixel[1], pixel[2]].map(srgb_to_linear);
                let expected = (i + 1) as f32 / 200.0 * luma(light);
                assert!(linear.iter().all(|v| (v / expected - 1.0).abs() < 4e-3), "{method} {linear:?} {expected}");
            }
        }
    }

    #[test]
    fn strength_is_a_power_and_black_channels_are_left() {
        let half = run("auto_white_balance", &[("strength", "50")], float(Layout::Rgb, &cast([0.8, 0.4, 0.2])));
        let last = floats(&half).len() - 3;
        let ratio = srgb_to_linear(floats(&half)[last]) / srgb_to_linear(floats(&half)[last + 1]);
        assert!((ratio - 2.0_f32.sqrt()).abs() < 1e-2, "{ratio}");
        assert_eq!(bytes(&run("auto_white_balance", &[], rgb8(&[[200, 100, 0]]))), [200, 100, 0]);
        assert_eq!(bytes(&run("auto_white_balance", &[], rgb8(&[[90; 3], [200; 3]]))), [90, 90, 90, 200, 200, 200]);
    }
}
