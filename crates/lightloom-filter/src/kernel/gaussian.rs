//! Convolution with a Gaussian, row by row: what blurring and sharpening share.
//!
//! The kernel is separable, so each row is a weighted sum of source rows (vertical pass) whose samples are then summed
//! with their neighbours (horizontal pass). Taps at equal distance share a weight and are added before they are
//! multiplied. Both passes are the same loop over contiguous floats, `BLOCK` samples wide, in which the neighbour is a
//! row or a pixel further; edges are made by repetition beforehand, so that the loop has no branch. Rows are taken in
//! groups and columns in blocks, so that the vertical pass reads converted samples from the nearest cache.
//!
//! No fused multiply-add: each sample is the same sum in the same order, whatever the machine, the strip or the block.
//!
//! Rows are computed from the source when they are needed, so unsharp mask needs no blurred copy.
#![allow(clippy::expect_used, reason = "the padding of rows proves each bound")]

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::rows::{premultiplied, straight};
use crate::kernel::window::repeat_edges;
use lightloom_picture::{Sample, View};

/// Samples of an inner loop.
const BLOCK: usize = 64;

/// Samples of a source row that are converted at once; a multiple of all channel counts with alpha, so that whole
/// pixels are weighted there.
const TILE: usize = 8 * BLOCK;

/// Distance between the rows of a tile: not a power of two, which would let the rows of a block of columns push each
/// other out of the cache.
const PITCH: usize = TILE + 16;

/// Rows between the two passes: the more, the less often a source row is converted anew.
const GROUP: usize = 32;

/// A normalised kernel, cut at three standard deviations.
pub(crate) struct Gaussian {
    /// The weight at each distance from the centre; the first counts once, the others twice.
    taps: Vec<f32>,
}

impl Gaussian {
    /// The kernel with this standard deviation in pixels, above zero.
    pub(crate) fn new(sigma: f32) -> Self {
        let sigma = f64::from(sigma);
        let radius = (3.0 * sigma).ceil().max(1.0) as usize;
        let weights: Vec<f64> = (0..=radius).map(|d| (-0.5 * (d as f64 / sigma).powi(2)).exp()).collect();
        let sum = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
        Self { taps: weights.iter().map(|w| (w / sum) as f32).collect() }
    }

    /// Support in pixels: the distance of the furthest weight.
    pub(crate) const fn radius(&self) -> usize {
        self.taps.len() - 1
    }

    /// Whether the kernel is so narrow that it changes no 16-bit sample.
    pub(crate) fn is_negligible(&self) -> bool {
        1.0 - self.taps[0] < 0.5 / 65_535.0
    }

    /// Calls `done` with each of `rows` and its blurred samples: unrounded, 0.0 black and 1.0 white, alpha straight.
    ///
    /// Beyond the edges the nearest pixel is repeated. Colours are averaged weighted by alpha; where all alpha is zero,
    /// they are black.
    pub(crate) fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, mut done: impl FnMut(u32, &[f32])) {
        let (stride, channels) = (source.stride(), source.layout().channels());
        if stride == 0 || rows.is_empty() {
            return;
        }
        let pad = self.radius() * channels;
        let padded = pad + stride.next_multiple_of(BLOCK) + pad;
        let group_rows = GROUP.min(rows.len());
        let mut tile = vec![0.0; (group_rows + 2 * self.radius()) * PITCH];
        let mut group = vec![0.0; group_rows * padded];
        let mut blurred = vec![0.0; stride.next_multiple_of(BLOCK)];

        for top in rows.clone().step_by(group_rows) {
            let bottom = rows.end.min(top + group_rows as u32);
            for left in (0..stride).step_by(TILE) {
                self.fill_tile(&mut tile, source, top..bottom, left);
                for block in (0..TILE.min(stride - left)).step_by(BLOCK) {
                    for (i, row) in group.chunks_exact_mut(padded).take((bottom - top) as usize).enumerate() {
                        let sums = &mut row[pad + left + block..][..BLOCK];
                        convolve(sums, &tile, (i + self.radius()) * PITCH + block, PITCH, &self.taps);
                    }
                }
            }
            for (y, row) in (top..bottom).zip(group.chunks_exact_mut(padded)) {
                repeat_edges(&mut row[..pad + stride + pad], pad, pad, channels);
                convolve(&mut blurred, row, pad, channels, &self.taps);
                straight(&mut blurred[..stride], source.layout());
                done(y, &blurred[..stride]);
            }
        }
    }

    /// Converts one block of columns of all source rows that `rows` depend on.
    fn fill_tile<S: Sample>(&self, tile: &mut [f32], source: View<'_, S>, rows: Range<u32>, left: usize) {
        let width = TILE.min(source.stride() - left);
        let (first, last) = (i64::from(rows.start) - self.radius() as i64, i64::from(source.height()) - 1);
        let count = rows.len() + 2 * self.radius();
        for (y, to) in (first..).zip(tile.chunks_exact_mut(PITCH).take(count)) {
            let row = source.row(y.clamp(0, last) as u32);
            premultiplied(&mut to[..width], &row[left..][..width], source.layout());
        }
    }
}

/// Sums pairs of neighbours: each sample of `sums` is the sample of `from` at `centre` on times the first tap, and its
/// neighbours `step`, 2·`step`, … to both sides times the others.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn convolve(sums: &mut [f32], from: &[f32], centre: usize, step: usize, taps: &[f32]) {
    let (fours, rest) = taps[1..].as_chunks::<4>();
    for (block, sums) in sums.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        let centre = centre + block * BLOCK;
        let at = |start: usize| -> &[f32; BLOCK] {
            from[start..].first_chunk().expect("rows are padded by the radius and to whole blocks")
        };
        let middle = at(centre);
        for i in 0..BLOCK {
            sums[i] = taps[0] * middle[i];
        }
        // four pairs in one go, so that a sum is loaded and stored once for eight neighbours
        let mut distance = 0;
        for [k0, k1, k2, k3] in fours {
            let before = [1, 2, 3, 4].map(|d| at(centre - distance - d * step));
            let after = [1, 2, 3, 4].map(|d| at(centre + distance + d * step));
            for i in 0..BLOCK {
                let sum = sums[i] + k0 * (before[0][i] + after[0][i]);
                let sum = sum + k1 * (before[1][i] + after[1][i]);
                let sum = sum + k2 * (before[2][i] + after[2][i]);
                sums[i] = sum + k3 * (before[3][i] + after[3][i]);
            }
            distance += 4 * step;
        }
        for tap in rest {
            distance += step;
            let (before, after) = (at(centre - distance), at(centre + distance));
            for i in 0..BLOCK {
                sums[i] += tap * (before[i] + after[i]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_normalised_and_reaches_three_sigma() {
        for sigma in [0.1, 0.5, 1.0, 2.0, 33.3, 100.0] {
            let kernel = Gaussian::new(sigma);
            let sum = kernel.taps[0] + 2.0 * kernel.taps[1..].iter().sum::<f32>();
            assert!((sum - 1.0).abs() < 1e-5, "σ {sigma}: {sum}");
            assert_eq!(kernel.radius(), (3.0 * sigma).ceil() as usize);
            assert!(kernel.taps.is_sorted_by(|a, b| a > b || *b == 0.0));
        }
        assert!(Gaussian::new(0.1).is_negligible() && !Gaussian::new(0.3).is_negligible());
    }

    #[test]
    fn pairs_are_summed_at_any_step() {
        let from: Vec<f32> = (0..400).map(|i| ((i * 37) % 101) as f32).collect();
        let taps = [0.5, 0.25, 0.125, 0.5, 0.0625, 2.0, 1.0];
        for step in [1, 3, 20] {
            let mut sums = [0.0; 2 * BLOCK];
            convolve(&mut sums, &from, 130, step, &taps);
            for (i, sum) in sums.iter().enumerate() {
                let pairs = (1..taps.len()).map(|d| taps[d] * (from[130 + i - d * step] + from[130 + i + d * step]));
                assert!((sum - taps[0] * from[130 + i] - pairs.sum::<f32>()).abs() < 1e-3);
            }
        }
    }
}
