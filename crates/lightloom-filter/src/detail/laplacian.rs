//! Laplacian: shows thin edges and the finest details alone.
//!
//! Algorithm: the discrete Laplacian over four or eight neighbours (Gonzalez and Woods, Digital Image Processing,
//! section 3.6), its magnitude on black or its sign kept around middle grey. Both are scaled like the second
//! derivative of the picture: four neighbours 1 −4 1, eight a third of 1 −8 1.
//! Range: integers clip. Alpha: untouched; neighbours are weighted by theirs. Depth: kept, computed in f32 and
//! rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use crate::kernel::convolution::{Convolution, Kernels};
use crate::kernel::each::each;
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{choice, number, parameters};
use lightloom_picture::{Sample, View};

choice! {
    enum Neighbours {
        Four = "four",
        Eight = "eight",
    }
}

choice! {
    enum Output {
        Magnitude = "magnitude",
        Signed = "signed",
    }
}

parameters! {
    pub(crate) struct Laplacian {
        neighbours: Neighbours = choice("Neighbours", "Four counts the sides, eight the corners too"),
        output: Output = choice(
            "Output",
            "Magnitude is bright on black, signed is lighter and darker than middle grey",
        ),
        strength: f32 = number("Strength", "What the response is multiplied by", "×", (0.1, 20.0), 1.0)
            .step(0.1)
            .logarithmic(),
    }
}

impl Filter for Laplacian {
    const TITLE: &'static str = "Laplacian";
    const HELP: &'static str = "Shows where brightness bends: fine lines and both sides of edges";
    const EXAMPLE: Example = Example::of(&[("strength", "3")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let s = self.strength;
        let weights = match self.neighbours {
            Neighbours::Eight => {
                let t = s / 3.0;
                [t, t, t, t, -8.0 * t, t, t, t, t]
            }
            Neighbours::Four => [0.0, s, 0.0, s, -4.0 * s, s, 0.0, s, 0.0],
        };
        let signed = self.output == Output::Signed;
        Ok(Operation::area(SecondDerivative { kernel: Kernels::new([Convolution::square(&weights)]), signed }))
    }
}

struct SecondDerivative {
    kernel: Kernels<1>,
    signed: bool,
}

impl AreaFilter for SecondDerivative {
    fn halo(&self) -> u32 {
        1
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        self.kernel.rows(source, rows, target, |[response]| {
            if self.signed { each(response, &|v| 0.5 + v) } else { each(response, &f32::abs) }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{floats, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn a_bowl_has_the_same_curvature_everywhere() {
        // v = x² + 2y², whose Laplacian is 6; nine pixels wide, a hundredth high
        let samples = (0..81).map(|i| 0.01 * ((i % 9 - 4) as f32).powi(2) + 0.02 * ((i / 9 - 4) as f32).powi(2));
        let bowl = Raster::new(9, 9, Layout::Grey, samples.collect());
        for (neighbours, output, expected) in [("four", "magnitude", 0.06), ("eight", "signed", 0.56)] {
            let result = run("laplacian", &[("neighbours", neighbours), ("output", output)], bowl.clone());
            for (x, y) in [(1, 1), (4, 4), (7, 2)] {
                let v = floats(&result)[y * 9 + x];
                assert!((v - expected).abs() < 1e-5, "{neighbours}: {v}");
            }
        }
    }
}
