//! Convolution with a small kernel of any form: what sharpening, embossing and edge detection share.
//!
//! Alpha: a neighbour is weighted by its alpha and the rest of its weight goes to the pixel itself, so that hidden
//! colours do not show. With opaque pixels that is plain convolution.

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::rows::rounded;
use crate::kernel::scratch::{Pool, sized};
use crate::kernel::window::{Window, each_weighted_row, restore_alpha};
use lightloom_picture::{Sample, View};

/// A tap of a kernel: its offset from the centre, and its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tap {
    /// Rows downwards.
    pub(crate) dy: i32,
    /// Pixels to the right.
    pub(crate) dx: i32,
    /// Weight of the sample there.
    pub(crate) weight: f32,
}

/// A kernel, applied as correlation: the upper left weight multiplies the upper left pixel.
pub(crate) struct Convolution {
    /// All but the centre.
    around: Vec<Tap>,
    centre: f32,
    /// Sum of all weights.
    sum: f32,
}

impl Convolution {
    /// A square kernel with odd sides, row by row.
    pub(crate) fn square(weights: &[f32]) -> Self {
        let side = weights.len().isqrt() as i32;
        let taps = weights.iter().zip(0..).map(|(weight, i)| Tap {
            dy: i / side - side / 2,
            dx: i % side - side / 2,
            weight: *weight,
        });
        let centre = weights[weights.len() / 2];
        let around = taps.filter(|tap| (tap.dy, tap.dx) != (0, 0) && tap.weight != 0.0).collect();
        Self { around, centre, sum: weights.iter().sum() }
    }

    /// Support in pixels: the distance of the furthest weight.
    pub(crate) fn radius(&self) -> usize {
        self.around.iter().map(|tap| tap.dy.abs().max(tap.dx.abs())).max().unwrap_or(0) as usize
    }

    /// The response of a whole row: unit range, unrounded. The samples of alpha are meaningless.
    fn row<S: Sample>(&self, response: &mut [f32], window: &Window<'_, f32>, source: View<'_, S>, y: u32) {
        response.fill(0.0);
        add_taps(response, window, &self.around);
        let layout = source.layout();
        if layout.has_alpha() {
            let channels = layout.channels();
            for (out, pixel) in response.chunks_exact_mut(channels).zip(source.row(y).chunks_exact(channels)) {
                let seen = out[channels - 1];
                for (out, v) in out.iter_mut().zip(pixel).take(channels - 1) {
                    let v = v.to_unit();
                    *out = self.sum * v + (*out - v * seen);
                }
            }
        } else if self.centre != 0.0 {
            add_taps(response, window, &[Tap { dy: 0, dx: 0, weight: self.centre }]);
        }
    }
}

/// Kernels that are applied to the same window, and memory for their rows.
pub(crate) struct Kernels<const N: usize> {
    kernels: [Convolution; N],
    memory: Pool<Memory>,
}

/// Memory of one strip.
#[derive(Default)]
struct Memory {
    window: Vec<f32>,
    responses: Vec<f32>,
}

impl<const N: usize> Kernels<N> {
    pub(crate) fn new(kernels: [Convolution; N]) -> Self {
        Self { kernels, memory: Pool::default() }
    }

    /// Support in pixels: the distance of the furthest weight.
    pub(crate) fn radius(&self) -> usize {
        self.kernels.iter().map(Convolution::radius).max().unwrap_or(0)
    }

    /// Computes `rows` of a filter's result into `target`: `finish` receives the responses of each row and leaves its
    /// result in the first, which is rounded. Alpha is that of the source.
    pub(crate) fn rows<S: Sample>(
        &self,
        source: View<'_, S>,
        rows: Range<u32>,
        target: &mut [S],
        finish: impl Fn([&mut [f32]; N]),
    ) {
        let (first, stride) = (rows.start, source.stride());
        self.memory.with(|Memory { window, responses }| {
            let responses = sized(responses, N * stride);
            each_weighted_row(window, source, rows, self.radius(), |y, window| {
                let mut each = responses.chunks_exact_mut(stride);
                let mut of = self.kernels.each_ref().map(|kernel| {
                    let response = each.next().unwrap_or_default();
                    kernel.row(response, window, source, y);
                    response
                });
                finish(of.each_mut().map(|response| &mut **response));
                let to = &mut target[(y - first) as usize * stride..][..stride];
                rounded(to, of.first().map_or(&[], |response| &**response));
                restore_alpha(to, source.row(y), source.layout());
            });
        });
    }
}

/// Samples whose sums stay in the first-level cache while the taps are applied.
const BLOCK: usize = 1024;

/// Adds the weighted rows of all taps, several at a time, so that sums are loaded and stored less often.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn add_taps<'a>(sums: &mut [f32], window: &Window<'a, f32>, taps: &[Tap]) {
    let (fours, rest) = taps.as_chunks::<4>();
    let (pairs, rest) = rest.as_chunks::<2>();
    for (block, sums) in sums.chunks_mut(BLOCK).enumerate() {
        let len = sums.len();
        let at = |tap: &Tap| &window.at(tap.dy, tap.dx)[block * BLOCK..][..len];
        for [a, b, c, d] in fours {
            let (va, vb, vc, vd) = (at(a), at(b), at(c), at(d));
            for i in 0..len {
                sums[i] = sums[i] + a.weight * va[i] + b.weight * vb[i] + c.weight * vc[i] + d.weight * vd[i];
            }
        }
        for [a, b] in pairs {
            let (va, vb) = (at(a), at(b));
            for i in 0..len {
                sums[i] = sums[i] + a.weight * va[i] + b.weight * vb[i];
            }
        }
        for tap in rest {
            for (sum, v) in sums.iter_mut().zip(at(tap)) {
                *sum += tap.weight * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn the_upper_left_weight_meets_the_upper_left_pixel() {
        let weights: Vec<f32> = (1..=9).map(|i| i as f32).collect();
        let mut impulse = vec![0.0; 25];
        impulse[12] = 1.0;
        let source = Raster::new(5, 5, Layout::Grey, impulse);
        let mut all = [0.0; 25];
        Kernels::new([Convolution::square(&weights)]).rows(source.view(), 0..5, &mut all, |_| {});
        assert_eq!((all[6], all[8], all[12], all[18], all[0]), (9.0, 7.0, 5.0, 1.0, 0.0));
    }

    #[test]
    fn hidden_colours_do_not_count() {
        // the right pixel is invisible: the left one takes its place
        let kernel = Convolution::square(&[0.0, 0.0, 0.0, 0.25, 0.25, 0.5, 0.0, 0.0, 0.0]);
        let source = Raster::new(2, 1, Layout::GreyAlpha, vec![0.5, 1.0, 0.9, 0.0]);
        Kernels::new([kernel]).rows(source.view(), 0..1, &mut [0.0; 4], |[row]| assert!((row[0] - 0.5).abs() < 1e-6));
    }
}
