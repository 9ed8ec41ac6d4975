//! Gamma: a power of the encoded value, which moves the midtones and keeps black and white fixed.
//!
//! Algorithm: v → v^(1/γ), so that a larger value is brighter, as with `-gamma` of ImageMagick and `vips gamma`.
//! Range: floats outside 0–1 follow the same power, odd-symmetric below zero. Alpha: untouched. Depth: kept;
//! tabulated to a quarter of a 16-bit level (see `curve`). Edges: none; each pixel depends only on itself.

use crate::kernel::curve::Curve;
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct Gamma {
        gamma: f32 = number("Gamma", "Above 1 brightens and below 1 darkens", "", (0.1, 10.0), 1.0)
            .step(0.01)
            .logarithmic(),
    }
}

impl Filter for Gamma {
    const TITLE: &'static str = "Gamma";
    const HELP: &'static str = "Brightens or darkens the middle tones and holds black and white";
    const EXAMPLE: Example = Example::of(&[("gamma", "1.5")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let gamma = self.gamma;
        if gamma == 1.0 {
            return Ok(Operation::Identity);
        }
        let exponent = 1.0 / gamma;
        Ok(Operation::point(Curve::new(1.0, move |v: f32| v.abs().powf(exponent).copysign(v))))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::Layout;

    #[test]
    fn squares_and_roots() {
        let source = [-0.25, 0.0, 0.0001, 0.25, 0.5, 1.0, 4.0];
        let root = run("gamma", &[("gamma", "2")], float(Layout::Grey, &source));
        for (after, expected) in floats(&root).iter().zip([-0.5, 0.0, 0.01, 0.5, 0.5_f32.sqrt(), 1.0, 2.0]) {
            assert!((after - expected).abs() < 1e-5, "{after}, not {expected}");
        }
        let square = run("gamma", &[("gamma", "0.5")], float(Layout::Grey, &source));
        for (after, expected) in floats(&square).iter().zip([-0.0625, 0.0, 1e-8, 0.0625, 0.25, 1.0, 16.0]) {
            assert!((after - expected).abs() < 1e-5, "{after}, not {expected}");
        }
    }

    #[test]
    fn black_and_white_hold_in_8_bit() {
        for gamma in ["0.1", "0.7", "2.2", "10"] {
            let result = run("gamma", &[("gamma", gamma)], grey8(3, &[0, 128, 255]));
            let middle = (128.0_f64 / 255.0).powf(1.0 / gamma.parse::<f64>().unwrap()) * 255.0;
            assert_eq!(bytes(&result), [0, middle.round() as u8, 255], "gamma {gamma}");
        }
    }
}
