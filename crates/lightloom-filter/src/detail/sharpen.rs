//! Sharpen: the classic 3 × 3 kernel.
//!
//! Algorithm: the pixel minus its discrete Laplacian over four neighbours, v + amount·(4v − N − E − S − W): with
//! amount 1 the kernel 0 −1 0 / −1 5 −1 / 0 −1 0 (Gonzalez and Woods, Digital Image Processing, section 3.6). With luma
//! only, it is that of luma (see `on_luma`).
//! Range: integers clip overshoot, floats keep it. Alpha: untouched; neighbours are weighted by theirs. Depth: kept,
//! computed in f32 and rounded once. Edges: the nearest pixel is repeated. Previews: the pixels of a preview are
//! wider than the kernel, so the effect weakens with its scale.

use std::ops::Range;

use crate::kernel::convolution::{Convolution, Kernels};
use crate::kernel::each_plane::of_each_plane;
use crate::kernel::on_luma::{LUMA_ONLY, on_luma};
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct Sharpen {
        amount: f32 = number(
            "Amount",
            "Strength of the kernel: 100 is the classic one, 0 changes nothing",
            "%",
            (0.0, 300.0),
            50.0,
        ),
        luma: bool = LUMA_ONLY,
    }
}

impl Filter for Sharpen {
    const TITLE: &'static str = "Sharpen";
    const HELP: &'static str = "Makes the finest details crisper";
    const EXAMPLE: Example = Example::of(&[("amount", "100")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        if self.luma {
            on_luma(context, |context| self.of(context))
        } else {
            of_each_plane(context, |context| self.of(context))
        }
    }
}

impl Sharpen {
    fn of(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        // a Laplacian grows with the square of the distance between pixels
        let amount = self.amount / 100.0 * context.scale * context.scale;
        if amount == 0.0 {
            return Ok(Operation::Identity);
        }
        let side = -amount;
        let kernel = Convolution::square(&[0.0, side, 0.0, side, 1.0 + 4.0 * amount, side, 0.0, side, 0.0]);
        Ok(Operation::area(SharpenKernel { kernel: Kernels::new([kernel]) }))
    }
}

struct SharpenKernel {
    kernel: Kernels<1>,
}

impl AreaFilter for SharpenKernel {
    fn halo(&self) -> u32 {
        1
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        self.kernel.rows(source, rows, target, |_| {});
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn the_classic_kernel() {
        let source = [10, 20, 30, 40, 50, 90, 70, 80, 90];
        let result = run("sharpen", &[("amount", "100")], grey8(3, &source));
        // the centre by hand, and a corner whose missing neighbours are itself
        assert_eq!(bytes(&result)[4], 5 * 50 - 20 - 40 - 90 - 80);
        assert_eq!(bytes(&result)[0], 0, "5·10 − 10 − 10 − 20 − 40 clips");
    }

    #[test]
    fn flat_pictures_stay() {
        let flat = grey8(9, &[77; 81]);
        assert_eq!(run("sharpen", &[("amount", "300")], flat.clone()), flat);
    }
}
