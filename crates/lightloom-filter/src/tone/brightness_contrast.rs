//! Brightness and contrast: the two basic controls, on encoded values.
//!
//! Algorithm: v → (v·(1 + b) − ½)·(1 + c) + ½ with b and c as shares: brightness is a gain that keeps black fixed,
//! contrast a gain that keeps the middle fixed. One multiplication and one addition per sample.
//! Range: floats keep values outside 0–1, integers clip once, after both steps. Alpha: untouched. Depth: kept,
//! computed in f32. Edges: none; each pixel depends only on itself.

use crate::kernel::each::each_colour;
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct BrightnessContrast {
        brightness: f32 = number(
            "Brightness",
            "Gain of all values; −100 % is black and 100 % is twice as bright",
            "%",
            (-100.0, 100.0),
            0.0,
        ),
        contrast: f32 = number(
            "Contrast",
            "Spread around the middle; −100 % is flat grey and 100 % is twice the contrast",
            "%",
            (-100.0, 100.0),
            0.0,
        ),
    }
}

impl Filter for BrightnessContrast {
    const TITLE: &'static str = "Brightness and contrast";
    const HELP: &'static str = "Scales all values from black and spreads them around the middle";
    const EXAMPLE: Example = Example::of(&[("brightness", "8"), ("contrast", "30")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let brightness = self.brightness / 100.0;
        let contrast = self.contrast / 100.0;
        if brightness == 0.0 && contrast == 0.0 {
            return Ok(Operation::Identity);
        }
        Ok(Operation::point(Line { gain: (1.0 + brightness) * (1.0 + contrast), offset: -0.5 * contrast }))
    }
}

/// A straight tone curve.
struct Line {
    gain: f32,
    offset: f32,
}

impl Point for Line {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        each_colour(strip, |v| v * self.gain + self.offset);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::Layout;

    #[test]
    fn closed_form() {
        let source = [-0.5_f32, 0.0, 0.25, 0.5, 1.0, 2.0];
        for (brightness, contrast) in [(0.0_f32, 50.0_f32), (20.0, 0.0), (-30.0, -40.0), (100.0, 100.0)] {
            let params = [("brightness", &*brightness.to_string()), ("contrast", &*contrast.to_string())];
            let result = run("brightness_contrast", &params, float(Layout::Grey, &source));
            for (v, after) in source.into_iter().zip(floats(&result)) {
                let expected = (v * (1.0 + brightness / 100.0) - 0.5) * (1.0 + contrast / 100.0) + 0.5;
                assert!((after - expected).abs() < 1e-5, "{v} → {after}, not {expected}");
            }
        }
    }

    #[test]
    fn ends_of_the_range_in_8_bit() {
        let ramp = || grey8(3, &[0, 100, 255]);
        assert_eq!(bytes(&run("brightness_contrast", &[("brightness", "-100")], ramp())), [0, 0, 0]);
        assert_eq!(bytes(&run("brightness_contrast", &[("brightness", "100")], ramp())), [0, 200, 255]);
        assert_eq!(bytes(&run("brightness_contrast", &[("contrast", "-100")], ramp())), [128, 128, 128]);
        assert_eq!(bytes(&run("brightness_contrast", &[("contrast", "100")], ramp())), [0, 73, 255]);
    }
}
