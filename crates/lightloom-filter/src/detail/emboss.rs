//! Emboss: shows the picture as a relief lit from one side.
//!
//! Algorithm: the derivative towards the light (Sobel's two kernels combined by the angle and divided by eight, so
//! that a slope of one level per pixel gives one) times depth, on middle grey or added to the picture.
//! Range: integers clip. Alpha: untouched; neighbours are weighted by theirs. Depth: kept, computed in f32 and
//! rounded once. Edges: the nearest pixel is repeated. Previews: slopes get steeper as pixels get wider, so the depth
//! is scaled.

use std::ops::Range;

use crate::kernel::convolution::{Convolution, Kernels};
use crate::kernel::each::each;
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters, toggle};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct Emboss {
        angle: f32 = number(
            "Light",
            "Where the light comes from: 0 is the right, 90 the top",
            "°",
            (-180.0, 180.0),
            135.0,
        ),
        depth: f32 = number("Depth", "Height of the relief", "×", (0.0, 20.0), 3.0).step(0.1),
        keep_picture: bool = toggle(
            "Keep the picture",
            "Adds the relief to the picture instead of showing it on grey",
            false,
        ),
    }
}

impl Filter for Emboss {
    const TITLE: &'static str = "Emboss";
    const HELP: &'static str = "Shows the picture as a relief that is lit from one side";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let depth = self.depth * context.scale / 8.0;
        let keep = self.keep_picture;
        if keep && depth == 0.0 {
            return Ok(Operation::Identity);
        }
        let (sin, cos) = self.angle.to_radians().sin_cos();
        // surfaces that fall towards the light are bright: from the light side to the far side values rise
        let horizontal = [1.0, 0.0, -1.0, 2.0, 0.0, -2.0, 1.0, 0.0, -1.0];
        let vertical = [-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0];
        let mut weights: Vec<f32> = horizontal.iter().zip(vertical).map(|(x, y)| depth * (cos * x + sin * y)).collect();
        if keep {
            weights[4] += 1.0;
        }
        Ok(Operation::area(Relief {
            kernel: Kernels::new([Convolution::square(&weights)]),
            base: if keep { 0.0 } else { 0.5 },
        }))
    }
}

struct Relief {
    kernel: Kernels<1>,
    base: f32,
}

impl AreaFilter for Relief {
    fn halo(&self) -> u32 {
        1
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        self.kernel.rows(source, rows, target, |[response]| each(response, &|v| self.base + v));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, floats, grey8, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn a_slope_is_as_bright_as_it_is_steep() {
        // rises by 0.01 a pixel to the right and by 0.02 a row downwards
        let samples = (0..63).map(|i| (i % 9) as f32 * 0.01 + (i / 9) as f32 * 0.02).collect();
        let slope = Raster::new(9, 7, Layout::Grey, samples);
        for (angle, expected) in [("0", 0.5 - 0.01 * 2.0), ("180", 0.5 + 0.01 * 2.0), ("90", 0.5 + 0.02 * 2.0)] {
            let result = run("emboss", &[("angle", angle), ("depth", "2")], slope.clone());
            assert!((floats(&result)[31] - expected).abs() < 1e-5, "{angle}: {}", floats(&result)[31]);
        }
    }

    #[test]
    fn flat_is_middle_grey_or_itself() {
        let flat = grey8(5, &[90; 25]);
        assert!(bytes(&run("emboss", &[], flat.clone())).iter().all(|v| *v == 128));
        assert_eq!(run("emboss", &[("keep_picture", "true")], flat.clone()), flat);
    }
}
