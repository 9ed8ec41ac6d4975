//! The curve of levels: linear between a black and a white point, bent by gamma, mapped to an output range.

use crate::kernel::colour::unit;
use crate::kernel::curve::Curve;
use crate::kernel::each::each;

/// Black point, white point, gamma and output range as a function.
pub(crate) struct LevelsCurve {
    black: f32,
    /// Above zero; the direction is in the output.
    scale: f32,
    power: Option<Curve<Power>>,
    out: (f32, f32),
}

type Power = Box<dyn Fn(f32) -> f32 + Send + Sync>;

impl LevelsCurve {
    /// All points in 0–1. Points that coincide make a threshold.
    pub(crate) fn new((black, white): (f32, f32), gamma: f32, out: (f32, f32)) -> Self {
        let (black, white, out) = if black <= white { (black, white, out) } else { (white, black, (out.1, out.0)) };
        let exponent = 1.0 / if (black, white) == (0.0, 0.0) { 1.0 } else { gamma };
        let power = (exponent != 1.0).then(|| {
            let power: Power = Box::new(move |t: f32| t.max(0.0).powf(exponent));
            Curve::new(1.0, power)
        });
        // narrower than any depth can resolve
        Self { black, scale: 1.0 / (white - black).max(1e-6), power, out }
    }

    /// Whether it changes no value from 0 to 1.
    pub(crate) fn is_neutral(&self) -> bool {
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
