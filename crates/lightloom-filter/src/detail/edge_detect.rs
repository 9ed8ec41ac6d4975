//! Edge detection: bright where the picture changes.
//!
//! Algorithm: magnitude of the gradient, √(gx² + gy²), each channel for itself, from the kernels of Prewitt (1970),
//! Sobel (Sobel and Feldman 1968) or Scharr (2000), divided by half the sum of their weights, so that a step from black
//! to white gives white.
//! Range: never below 0; a corner of a step can exceed 1, integers clip it. Alpha: untouched; neighbours count by
//! theirs. Depth: kept, computed in f32 and rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use crate::kernel::convolution::{Convolution, Kernels};
use crate::{AreaFilter, Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params};
use lightloom_picture::{Raster, Sample};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "edge_detect",
    title: "Edge detection",
    group: Group::Detail,
    help: "Shows edges bright on black",
    version: 1,
    params: &[
        ParamSpec {
            key: "operator",
            label: "Operator",
            help: "Sobel is usual, Scharr treats all directions most alike, Prewitt averages evenly",
            unit: "",
            kind: ParamKind::Choice { options: &["sobel", "scharr", "prewitt"], default: "sobel" },
        },
        ParamSpec {
            key: "strength",
            label: "Strength",
            help: "What the magnitude is multiplied by",
            unit: "×",
            kind: ParamKind::Number { min: 0.1, max: 10.0, default: 1.0, step: 0.1, logarithmic: true },
        },
    ],
    conditions: &[],
    example: Example::of(&[("strength", "2")]),
    compile,
};

fn compile(params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    let gradient = Kernels::new(gradient(params.choice("operator")));
    Ok(Operation::area(Edges { gradient, strength: params.number("strength") }))
}

/// The derivatives to the right and downwards; a step by 1 gives 1.
fn gradient(operator: &str) -> [Convolution; 2] {
    let (side, middle) = match operator {
        "scharr" => (3.0 / 16.0, 10.0 / 16.0),
        "prewitt" => (1.0 / 3.0, 1.0 / 3.0),
        _ => (0.25, 0.5),
    };
    [
        Convolution::square(&[-side, 0.0, side, -middle, 0.0, middle, -side, 0.0, side]),
        Convolution::square(&[-side, -middle, -side, 0.0, 0.0, 0.0, side, middle, side]),
    ]
}

struct Edges {
    /// To the right and downwards.
    gradient: Kernels<2>,
    strength: f32,
}

impl AreaFilter for Edges {
    fn halo(&self) -> u32 {
        1
    }

    fn rows<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
        self.gradient.rows(source, rows, target, |[right, down]| {
            for (right, down) in right.iter_mut().zip(down) {
                *right = self.strength * (*right * *right + *down * *down).sqrt();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, floats, grey8, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn a_full_step_is_white_on_both_sides_and_flat_is_black() {
        let step: Vec<u8> = (0..40).map(|i| if i % 8 < 4 { 0 } else { 255 }).collect();
        for operator in ["sobel", "scharr", "prewitt"] {
            let result = run("edge_detect", &[("operator", operator)], grey8(8, &step));
            for row in bytes(&result).chunks(8) {
                assert_eq!(row, [0, 0, 0, 255, 255, 0, 0, 0], "{operator}");
            }
        }
    }

    #[test]
    fn a_slope_in_any_direction_gives_twice_its_steepness() {
        let samples = (0..81).map(|i| (i % 9) as f32 * 0.03 + (i / 9) as f32 * 0.04).collect();
        let slope = Raster::new(9, 9, Layout::Grey, samples);
        for operator in ["sobel", "scharr", "prewitt"] {
            let result = run("edge_detect", &[("operator", operator)], slope.clone());
            assert!((floats(&result)[40] - 0.1).abs() < 1e-6, "{operator}: {}", floats(&result)[40]);
        }
    }
}
