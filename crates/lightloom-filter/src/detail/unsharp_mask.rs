//! Unsharp mask: sharpens edges.
//!
//! Algorithm: the picture minus its Gaussian blur is the detail; detail times amount is added wherever it is at least
//! the threshold (the darkroom technique in its usual digital form: v + amount·(v − blur(v))). Each row is blurred as
//! it is sharpened, without rounding in between, so no blurred picture is ever stored. 8-bit pictures without alpha
//! are computed in integers (see `gaussian_u8`). With luma only, the detail is that of luma (see `on_luma`).
//! Range: integers clip overshoot, floats keep it. Alpha: untouched; colours are blurred weighted by it. Depth: kept,
//! rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::each_plane::of_each_plane;
use crate::kernel::fixed_point::FRACTION;
use crate::kernel::gaussian::Gaussian;
use crate::kernel::gaussian_u8;
use crate::kernel::light_u8::Tones;
use crate::kernel::on_luma::{LUMA_ONLY, on_luma};
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters};
use lightloom_picture::{Layout, Sample, View};

parameters! {
    pub(crate) struct UnsharpMask {
        sigma: f32 = number(
            "Radius (σ)",
            "Size of the details to strengthen, as standard deviation in pixels of the full picture",
            "px",
            (0.1, 50.0),
            1.0,
        )
        .step(0.1)
        .logarithmic(),
        amount: f32 = number("Amount", "How much of the detail is added; 0 changes nothing", "×", (0.0, 10.0), 0.8)
            .step(0.05),
        threshold: f32 = number(
            "Threshold",
            "Weaker detail than this, in levels of 255, stays as it is, which spares noise",
            "levels",
            (0.0, 255.0),
            0.0,
        ),
        luma: bool = LUMA_ONLY,
    }
}

impl Filter for UnsharpMask {
    const TITLE: &'static str = "Unsharp mask";
    const HELP: &'static str = "Sharpens edges by adding what a blur would take away";
    const EXAMPLE: Example = Example::of(&[("amount", "2")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        if self.luma {
            on_luma(context, |context| self.of(context))
        } else if self.threshold > 0.0 {
            self.of(context)
        } else {
            of_each_plane(context, |context| self.of(context))
        }
    }
}

impl UnsharpMask {
    fn of(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let sigma = self.sigma * context.scale;
        let kernel = Gaussian::new(sigma);
        let amount = self.amount;
        if amount == 0.0 || kernel.is_negligible() {
            return Ok(Operation::Identity);
        }
        let threshold = self.threshold / 255.0;
        let exact = Unsharp { kernel, amount, threshold };
        // beyond this, eighths of a level would show
        if amount >= 4.0 {
            return Ok(Operation::area(exact));
        }
        let amount = (amount * f32::from(1_u16 << AMOUNT_BITS)).round() as i16;
        let threshold = (threshold * f32::from(255_u16 << FRACTION)).round() as i16;
        Ok(gaussian_u8::area((sigma, Tones::Encoded), context, exact, move |to, from, blurred| {
            sharpen_u8(to, from, blurred, amount, threshold);
        }))
    }
}

struct Unsharp {
    kernel: Gaussian,
    amount: f32,
    threshold: f32,
}

impl AreaFilter for Unsharp {
    fn halo(&self) -> u32 {
        self.kernel.radius() as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        let (first, stride) = (rows.start, source.stride());
        self.kernel.rows(source, rows, |y, blurred| {
            let (from, to) = (source.row(y), &mut target[(y - first) as usize * stride..][..stride]);
            sharpen(to, from, blurred, self.amount, self.threshold);
            match source.layout() {
                Layout::Grey | Layout::Rgb => {}
                Layout::GreyAlpha => copy_last::<S, 2>(to, from),
                Layout::Rgba => copy_last::<S, 4>(to, from),
            }
        });
    }
}

/// Bits of the amount below one; four times that is just no longer a number of 16 bits.
const AMOUNT_BITS: u32 = 13;

/// Detail has seven bits below a level; the upper half of its product with amount four.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn sharpen_u8(to: &mut [u8], from: &[u8], blurred: &[u16], amount: i16, threshold: i16) {
    const LEFT: u32 = FRACTION + AMOUNT_BITS - 16;
    for ((to, from), blurred) in to.iter_mut().zip(from).zip(blurred) {
        let detail = (i16::from(*from) << FRACTION).wrapping_sub(*blurred as i16);
        let detail = if detail.abs() >= threshold { detail } else { 0 };
        let added = ((i32::from(detail) * i32::from(amount)) >> 16) as i16;
        let level = (i16::from(*from) << LEFT) + added + (1 << (LEFT - 1));
        *to = (level >> LEFT).clamp(0, 255) as u8;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn sharpen<S: Sample>(to: &mut [S], from: &[S], blurred: &[f32], amount: f32, threshold: f32) {
    for ((to, from), blurred) in to.iter_mut().zip(from).zip(blurred) {
        let v = from.to_unit();
        let detail = v - blurred;
        let added = if detail.abs() >= threshold { amount * detail } else { 0.0 };
        *to = S::from_unit(v + added);
    }
}

/// Alpha back from the source: it is cheaper to put it back than to leave it out.
fn copy_last<S: Sample, const N: usize>(to: &mut [S], from: &[S]) {
    for (to, from) in to.as_chunks_mut::<N>().0.iter_mut().zip(from.as_chunks::<N>().0) {
        to[N - 1] = from[N - 1];
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, psnr, run};
    use lightloom_picture::{Depth, Layout, Pixels, Raster};

    #[test]
    fn adds_what_the_blur_removes() {
        let source: Vec<f32> = (0..40).map(|i| ((i * 7) % 13) as f32 / 13.0).collect();
        let blurred = run("gaussian_blur", &[("sigma", "1.5")], float(Layout::Grey, &source));
        let params = [("sigma", "1.5"), ("amount", "2"), ("threshold", "76.5")];
        let sharp = run("unsharp_mask", &params, float(Layout::Grey, &source));
        let (mut changed, mut spared) = (0, 0);
        for ((v, blurred), sharp) in source.iter().zip(floats(&blurred)).zip(floats(&sharp)) {
            let detail = v - blurred;
            let expected = if detail.abs() >= 0.3 { v + 2.0 * detail } else { *v };
            assert!((sharp - expected).abs() < 1e-6);
            if detail.abs() >= 0.3 { changed += 1 } else { spared += 1 }
        }
        assert!(changed > 5 && spared > 5, "{changed} and {spared}");
    }

    #[test]
    fn flat_parts_stay_and_edges_overshoot() {
        let mut step = vec![100; 40];
        step[20..].fill(150);
        let result = run("unsharp_mask", &[("amount", "1")], grey8(40, &step));
        let after = bytes(&result);
        assert_eq!((after[0], after[39]), (100, 150));
        assert!(after[19] < 90 && after[20] > 160, "{after:?}");
    }

    #[test]
    fn whole_numbers_are_as_good_as_floats() {
        let source: Vec<u8> = (0..9000_u32).map(|i| (i * i / 7 % 256) as u8).collect();
        let picture = Pixels::from(Raster::new(60, 50, Layout::Rgb, source));
        for (sigma, amount, threshold) in [("1", "0.8", "0"), ("1", "3.9", "0"), ("4", "1.5", "20"), ("20", "0.5", "0")]
        {
            let params = [("sigma", sigma), ("amount", amount), ("threshold", threshold)];
            let exact = run("unsharp_mask", &params, picture.clone().into_depth(Depth::F32));
            let clipped: Vec<f32> = floats(&exact).iter().map(|v| v.clamp(0.0, 1.0)).collect();
            let fixed = run("unsharp_mask", &params, picture.clone()).into_depth(Depth::F32);
            let quality = psnr(floats(&fixed), &clipped);
            // rounding to levels alone leaves 59 dB; a detail at the threshold may fall on either side of it
            assert!(quality > if threshold == "0" { 55.0 } else { 45.0 }, "{params:?}: {quality} dB");
        }
    }

    #[test]
    fn threshold_255_changes_nothing() {
        let source = grey8(5, &(0..25).map(|i| i * 10).collect::<Vec<_>>());
        assert_eq!(run("unsharp_mask", &[("threshold", "255"), ("amount", "10")], source.clone()), source);
    }
}
