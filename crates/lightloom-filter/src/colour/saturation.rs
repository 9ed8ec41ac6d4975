//! Saturation: scales how far colours are from grey.
//!
//! Algorithm: the distance of each channel from the pixel's luma (ITU-R BT.709 weights on encoded values) is scaled,
//! so that 0 is grey, 1 changes nothing, and luma stays.
//! Range: floats keep values outside 0–1, integers clip. Alpha: untouched. Depth: kept, computed in f32. Edges: none;
//! each pixel depends only on itself. Grey pictures stay as they are.

use crate::kernel::colour::map_rgb;
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct Saturation {
        factor: f32 = number(
            "Factor",
            "0 is grey, 1 changes nothing and 2 doubles the distance from grey",
            "×",
            (0.0, 4.0),
            1.0,
        )
        .step(0.01),
    }
}

impl Filter for Saturation {
    const TITLE: &'static str = "Saturation";
    const HELP: &'static str = "Makes colours stronger or weaker and holds their luma";
    const EXAMPLE: Example = Example::of(&[("factor", "1.6")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let factor = self.factor;
        if factor == 1.0 || context.shape.layout.colours() == 1 {
            return Ok(Operation::Identity);
        }
        Ok(Operation::point(ChromaScale { factor }))
    }
}

struct ChromaScale {
    factor: f32,
}

impl Point for ChromaScale {
    fn dependence(&self) -> Dependence {
        Dependence::Pixel
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        let scale = |[red, green, blue]: [f32; 3]| {
            let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            let scaled = |v: f32| luma + (v - luma) * self.factor;
            [scaled(red), scaled(green), scaled(blue)]
        };
        map_rgb(strip, scale);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn zero_is_luma_and_two_doubles_the_distance() {
        let source = [1.0, 0.0, 0.0, 0.2, 0.4, 0.6];
        let grey = run("saturation", &[("factor", "0")], float(Layout::Rgb, &source));
        let luma = [0.2126_f32, 0.2 * 0.2126 + 0.4 * 0.7152 + 0.6 * 0.0722];
        for (i, v) in floats(&grey).iter().enumerate() {
            assert!((v - luma[i / 3]).abs() < 1e-6);
        }
        let double = run("saturation", &[("factor", "2")], float(Layout::Rgb, &source));
        for (i, v) in floats(&double).iter().enumerate() {
            assert!((v - (2.0 * source[i] - luma[i / 3])).abs() < 1e-6);
        }
    }

    #[test]
    fn grey_pixels_stay_grey_and_alpha_stays() {
        let greys: Vec<[u8; 3]> = (0..=255).map(|v| [v; 3]).collect();
        assert_eq!(bytes(&run("saturation", &[("factor", "4")], rgb8(&greys))), greys.concat());
        let rgba = run("saturation", &[("factor", "0")], float(Layout::Rgba, &[1.0, 1.0, 1.0, 0.3]));
        assert!((floats(&rgba)[0] - 1.0).abs() < 1e-6);
        assert_eq!(floats(&rgba)[3], 0.3);
    }
}
