//! Emboss: relief lit from one side.
//!
//! Algorithm: the derivative towards the light (Sobel's two kernels mixed by the angle, an eighth each, so that a slope
//! of one level a pixel gives one) times depth, on middle grey or added to the picture.
//! Range: integers clip. Alpha: untouched; neighbours count by theirs. Depth: kept, computed in f32 and rounded once.
//! Edges: the nearest pixel is repeated. Previews: slopes are as many times steeper as pixels are wider, so the depth is
//! scaled.

use std::ops::Range;

use crate::kernel::convolution::{Convolution, Kernels};
use crate::kernel::each::each;
use crate::{AreaFilter, Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params};
use lightloom_picture::{Raster, Sample};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "emboss",
    title: "Emboss",
    group: Group::Detail,
    help: "Shows the picture as a relief that is lit from one side",
    version: 1,
    params: &[
        ParamSpec {
            key: "angle",
            label: "Light",
            help: "Where the light comes from: 0 is the right, 90 the top",
            unit: "°",
            kind: ParamKind::Number { min: -180.0, max: 180.0, default: 135.0, step: 1.0, logarithmic: false },
        },
        ParamSpec {
            key: "depth",
            label: "Depth",
            help: "Height of the relief",
            unit: "×",
            kind: ParamKind::Number { min: 0.0, max: 20.0, default: 3.0, step: 0.1, logarithmic: false },
        },
        ParamSpec {
            key: "keep_picture",
            label: "Keep the picture",
            help: "Adds the relief to the picture instead of showing it on grey",
            unit: "",
            kind: ParamKind::Toggle { default: false },
        },
    ],
    conditions: &[],
    example: Example::of(&[]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let depth = params.number("depth") * frame.scale / 8.0;
    let keep = params.toggle("keep_picture");
    if keep && depth == 0.0 {
        return Ok(Operation::Identity);
    }
    let (sin, cos) = params.number("angle").to_radians().sin_cos();
    // surfaces that fall towards the light are bright: from the light side to the far side values rise
    let across = [1.0, 0.0, -1.0, 2.0, 0.0, -2.0, 1.0, 0.0, -1.0];
    let down = [-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0];
    let mut weights: Vec<f32> = across.iter().zip(down).map(|(x, y)| depth * (cos * x + sin * y)).collect();
    if keep {
        weights[4] += 1.0;
    }
    Ok(Operation::area(Emboss {
        kernel: Kernels::new([Convolution::square(&weights)]),
        base: if keep { 0.0 } else { 0.5 },
    }))
}

struct Emboss {
    kernel: Kernels<1>,
    base: f32,
}

impl AreaFilter for Emboss {
    fn halo(&self) -> u32 {
        1
    }

    fn rows<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
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
