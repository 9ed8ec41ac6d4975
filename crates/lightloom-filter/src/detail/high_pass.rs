//! High pass: keeps details alone, on middle grey.
//!
//! Algorithm: what a Gaussian blur removes, v − blur(v), times amount, around middle grey: the layer that
//! photographers blend over a picture in overlay mode to sharpen it.
//! Range: integers clip, floats keep all values. Alpha: untouched; colours are blurred weighted by it. Depth: kept,
//! computed in f32 and rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use crate::kernel::gaussian::Gaussian;
use crate::kernel::window::restore_alpha;
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct HighPass {
        sigma: f32 = number(
            "Radius (σ)",
            "Size of the details that stay, as standard deviation in pixels of the full picture",
            "px",
            (0.3, 100.0),
            3.0,
        )
        .step(0.1)
        .logarithmic(),
        amount: f32 = number("Amount", "What the details are multiplied by", "×", (0.1, 10.0), 1.0)
            .step(0.1)
            .logarithmic(),
    }
}

impl Filter for HighPass {
    const TITLE: &'static str = "High pass";
    const HELP: &'static str = "Keeps details up to a size and turns the rest into middle grey";
    const EXAMPLE: Example = Example::of(&[("amount", "2")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let kernel = Gaussian::new(self.sigma * context.scale);
        Ok(Operation::area(GaussianResidual { kernel, amount: self.amount }))
    }
}

struct GaussianResidual {
    kernel: Gaussian,
    amount: f32,
}

impl AreaFilter for GaussianResidual {
    fn halo(&self) -> u32 {
        self.kernel.radius() as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        let (first, stride) = (rows.start, source.stride());
        self.kernel.rows(source, rows, |y, blurred| {
            let (from, to) = (source.row(y), &mut target[(y - first) as usize * stride..][..stride]);
            for ((to, from), blurred) in to.iter_mut().zip(from).zip(blurred) {
                *to = S::from_unit(0.5 + self.amount * (from.to_unit() - blurred));
            }
            restore_alpha(to, from, source.layout());
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::Layout;

    #[test]
    fn what_the_blur_removes_on_grey() {
        let source: Vec<f32> = (0..40).map(|i| ((i * 7) % 13) as f32 / 13.0).collect();
        let blurred = run("gaussian_blur", &[("sigma", "1.5")], float(Layout::Grey, &source));
        let details = run("high_pass", &[("sigma", "1.5"), ("amount", "2")], float(Layout::Grey, &source));
        for ((v, blurred), detail) in source.iter().zip(floats(&blurred)).zip(floats(&details)) {
            assert!((detail - 0.5 - 2.0 * (v - blurred)).abs() < 1e-6);
        }
    }

    #[test]
    fn flat_is_middle_grey() {
        assert!(bytes(&run("high_pass", &[], grey8(9, &[210; 81]))).iter().all(|v| *v == 128));
    }
}
