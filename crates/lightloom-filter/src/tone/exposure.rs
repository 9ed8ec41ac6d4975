//! Exposure: more or less light, in photographic stops.
//!
//! Algorithm: the sample is decoded with the sRGB transfer function (IEC 61966-2-1), multiplied by 2^stops, as a
//! longer exposure would, and encoded again.
//! Range: floats keep values above white, integers clip them. Alpha: untouched. Depth: kept; tabulated to a quarter
//! of a 16-bit level (see `curve`). Edges: none; each pixel depends only on itself.

use crate::kernel::curve::Curve;
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters};
use lightloom_picture::{linear_to_srgb, srgb_to_linear};

parameters! {
    pub(crate) struct Exposure {
        stops: f32 = number("Stops", "Each stop doubles the light", "EV", (-10.0, 10.0), 0.0)
            .step(0.05)
            .slider(-5.0, 5.0),
    }
}

impl Filter for Exposure {
    const TITLE: &'static str = "Exposure";
    const HELP: &'static str = "Brightens or darkens as a longer or shorter exposure would";
    const EXAMPLE: Example = Example::of(&[("stops", "0.8")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let stops = self.stops;
        if stops == 0.0 {
            return Ok(Operation::Identity);
        }
        let gain = stops.exp2();
        Ok(Operation::point(Curve::new(1.0, move |v| linear_to_srgb(gain * srgb_to_linear(v)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::Layout;

    #[test]
    fn one_stop_doubles_linear_light() {
        let result = run("exposure", &[("stops", "1")], float(Layout::Grey, &[0.0, 0.1, 0.25, 0.5]));
        for (before, after) in [0.0, 0.1, 0.25, 0.5].into_iter().zip(floats(&result)) {
            assert!((srgb_to_linear(*after) - 2.0 * srgb_to_linear(before)).abs() < 2e-5, "{before} → {after}");
        }
    }

    #[test]
    fn middle_grey_in_8_bit() {
        // 128 is 0.215861 in linear light; half of it is 92.45 and twice of it 175.86 when encoded again
        assert_eq!(bytes(&run("exposure", &[("stops", "-1")], grey8(1, &[128]))), [92]);
        assert_eq!(bytes(&run("exposure", &[("stops", "1")], grey8(1, &[128]))), [176]);
        assert_eq!(bytes(&run("exposure", &[("stops", "10")], grey8(1, &[0, 255]))), [0, 255]);
    }

    #[test]
    fn floats_keep_what_rises_above_white_and_come_back() {
        let source = [0.01, 0.2, 0.9, 1.5, -0.25];
        let up = run("exposure", &[("stops", "3")], float(Layout::Grey, &source));
        assert!(floats(&up)[2] > 2.0);
        let back = run("exposure", &[("stops", "-3")], up);
        for (before, after) in source.iter().zip(floats(&back)) {
            assert!((before - after).abs() < 2e-5, "{before} → {after}");
        }
    }
}
