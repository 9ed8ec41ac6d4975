//! Edge detection: bright where the picture changes abruptly.
//!
//! Algorithm: magnitude of the gradient, √(gx² + gy²), each channel separately, from the kernels of Prewitt (1970),
//! Sobel (Sobel and Feldman 1968) or Scharr (2000), divided by half the sum of their weights, so that a step from
//! black to white becomes white.
//! Range: never below 0; the corner of a step can exceed 1, which integers clip. Alpha: untouched; neighbours are
//! weighted by theirs. Depth: kept, computed in f32 and rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use crate::kernel::convolution::{Convolution, Kernels};
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{choice, number, parameters};
use lightloom_picture::{Sample, View};

choice! {
    enum Operator {
        Sobel = "sobel",
        Scharr = "scharr",
        Prewitt = "prewitt",
    }
}

parameters! {
    pub(crate) struct EdgeDetect {
        operator: Operator = choice(
            "Operator",
            "Sobel is usual, Scharr treats all directions most alike, Prewitt averages evenly",
        ),
        strength: f32 = number("Strength", "What the magnitude is multiplied by", "×", (0.1, 10.0), 1.0)
            .step(0.1)
            .logarithmic(),
    }
}

impl Filter for EdgeDetect {
    const TITLE: &'static str = "Edge detection";
    const HELP: &'static str = "Shows edges bright on black";
    const EXAMPLE: Example = Example::of(&[("strength", "2")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let gradient = Kernels::new(gradient(self.operator));
        Ok(Operation::area(Edges { gradient, strength: self.strength }))
    }
}

/// The derivatives to the right and downwards; a step by 1 gives 1.
fn gradient(operator: Operator) -> [Convolution; 2] {
    let (side, middle) = match operator {
        Operator::Scharr => (3.0 / 16.0, 10.0 / 16.0),
        Operator::Prewitt => (1.0 / 3.0, 1.0 / 3.0),
        Operator::Sobel => (0.25, 0.5),
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

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        self.gradient.rows(source, rows, target, |[horizontal, vertical]| {
            for (horizontal, vertical) in horizontal.iter_mut().zip(vertical) {
                *horizontal = self.strength * (*horizontal * *horizontal + *vertical * *vertical).sqrt();
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
    fn a_slope_in_any_direction_responds_with_twice_its_gradient() {
        let samples = (0..81).map(|i| (i % 9) as f32 * 0.03 + (i / 9) as f32 * 0.04).collect();
        let slope = Raster::new(9, 9, Layout::Grey, samples);
        for operator in ["sobel", "scharr", "prewitt"] {
            let result = run("edge_detect", &[("operator", operator)], slope.clone());
            assert!((floats(&result)[40] - 0.1).abs() < 1e-6, "{operator}: {}", floats(&result)[40]);
        }
    }
}
