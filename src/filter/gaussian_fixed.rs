//! The Gaussian for 8-bit pictures without alpha: whole numbers of 16 bits, twice as many to a vector as floats, and
//! less work the wider the kernel.
//!
//! Levels carry seven more bits. Weights have sixteen; a product keeps its upper half, and the half that is lost on the
//! average is given back. A wide kernel leaves nothing fine, so blurred rows are computed only every few rows and the
//! others interpolated by a cubic through four of them (no more than 2/3 σ apart: the error is below 1 % of what is left
//! at any frequency), and neighbouring source rows, and pixels of a row, are added before they are weighted (at most σ/4 of them; the kernel
//! is narrowed by their variance). All grids belong to the picture, so a row does not depend on the strip.
#![allow(clippy::expect_used, reason = "the padding of rows proves each bound")]
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become single instructions")]

use std::ops::Range;

use multiversion::multiversion;

use super::scratch::{Pool, sized};
use super::window::repeat_edges;
use crate::picture::Raster;

/// Samples of an inner loop.
const BLOCK: usize = 64;

/// Samples of a row that the vertical pass works on at once: some pages of each row, so that the processor sees them
/// coming, and few enough that those of all rows in reach stay in the second-level cache.
const TILE: usize = 64 * BLOCK;

/// Distance between rows of a tile: not a power of two, which would let them push each other out of the cache.
const PITCH: usize = TILE + 32;

/// A weight once for each lane of a vector: multiplied so, the compiler finds the instruction for the upper half of a
/// product, which it does not for a single number.
type Weight = [u16; LANES];

/// Numbers of a vector.
const LANES: usize = 16;

/// Bits that a level carries below its unit.
pub(super) const FRACTION: u32 = 7;

/// The narrowest kernel: a weight must be below one half.
pub(super) const NARROWEST: f32 = 0.85;

/// A normalised kernel as whole numbers.
pub(super) struct FixedGaussian {
    /// Distance between computed rows.
    step: i64,
    /// Source rows that are added first.
    added: i64,
    /// Weights of added rows by their distance from the centre, the centre first.
    down: Vec<Weight>,
    /// Pixels of a row that are averaged first, an odd number, so that the average has a centre.
    averaged: usize,
    /// Weights of averages along the row.
    along: Vec<Weight>,
    scratch: Pool<Scratch>,
}

/// Memory of one strip.
#[derive(Default)]
struct Scratch {
    tile: Vec<u16>,
    computed: Vec<u16>,
    averages: Vec<u16>,
    blurred: Vec<u16>,
    between: Vec<u16>,
}

/// Weights that sum to 2¹⁶ when all but the first count twice.
fn weights(sigma: f64, radius: usize) -> Vec<Weight> {
    let exact: Vec<f64> = (0..=radius).map(|d| (-0.5 * (d as f64 / sigma).powi(2)).exp()).collect();
    let sum = exact[0] + 2.0 * exact[1..].iter().sum::<f64>();
    let mut whole: Vec<i64> = exact.iter().map(|w| (w / sum * 65_536.0).round() as i64).collect();
    // what rounding left over goes to the middle, evenly over both sides of it and the centre
    let missing = 65_536 - whole[0] - 2 * whole[1..].iter().sum::<i64>();
    whole[0] += missing;
    whole.iter().map(|w| [(*w).clamp(0, 65_535) as u16; LANES]).collect()
}

impl FixedGaussian {
    /// The kernel with this standard deviation in pixels, at least [`NARROWEST`].
    pub(super) fn new(sigma: f32) -> Self {
        let sigma = f64::from(sigma);
        let step = 1_i64 << (sigma / 1.5).log2().floor().clamp(0.0, 5.0) as u32;
        let added = (1_i64 << (sigma / 5.0).log2().floor().clamp(0.0, 4.0) as u32).min(step);
        let radius = (3.0 * sigma).ceil();
        let averaged = (((sigma / 4.0) as usize).max(1) - 1) / 2 * 2 + 1;
        let narrowed = |count: f64| {
            let left = (sigma * sigma - (count * count - 1.0) / 12.0).sqrt() / count;
            weights(left, (radius / count).ceil() as usize)
        };
        Self {
            step,
            added,
            averaged,
            down: narrowed(added as f64),
            along: narrowed(averaged as f64),
            scratch: Pool::default(),
        }
    }

    /// Rows above and below that a row depends on.
    pub(super) fn halo(&self) -> u32 {
        let grid = if self.step > 1 { 2 * self.step } else { 0 };
        ((self.down.len() as i64) * self.added + grid) as u32
    }

    /// The last computed row that is not below `y`, and how far `y` is from it, in halves of a source row.
    fn place(&self, y: i64) -> (i64, i64) {
        let halves = 2 * y - (self.added - 1);
        (halves.div_euclid(2 * self.step), halves.rem_euclid(2 * self.step))
    }

    /// Calls `done` with each of `rows` and its blurred samples, levels times 2⁷, in order.
    pub(super) fn rows(&self, source: &Raster<u8>, rows: Range<u32>, done: impl FnMut(u32, &[u16])) {
        self.scratch.lend(|scratch| self.rows_with(scratch, source, rows, done));
    }

    fn rows_with(
        &self,
        scratch: &mut Scratch,
        source: &Raster<u8>,
        rows: Range<u32>,
        mut done: impl FnMut(u32, &[u16]),
    ) {
        let (stride, channels) = (source.stride(), source.layout().channels());
        if stride == 0 || rows.is_empty() {
            return;
        }
        let reach = self.down.len() - 1;
        let pad = ((self.along.len() - 1) * self.averaged + self.averaged / 2) * channels;
        let (mut first, mut last) = (self.place(i64::from(rows.start)).0, self.place(i64::from(rows.end) - 1).0);
        if self.step > 1 {
            (first, last) = (first - 1, last + 2);
        }
        let count = (last - first + 1) as usize;
        let per_step = (self.step / self.added) as usize;
        let padded = (pad + stride.next_multiple_of(BLOCK) + pad).next_multiple_of(BLOCK) + BLOCK;
        let mut horizontal = Horizontal::new(self, pad, stride, channels, &mut scratch.averages);
        let computed = sized(&mut scratch.computed, count * padded);
        let tile = sized(&mut scratch.tile, ((count - 1) * per_step + 2 * reach + 1) * PITCH);
        for left in (0..stride).step_by(TILE) {
            self.fill_tile(tile, source, first * per_step as i64 - reach as i64, left);
            for block in (0..TILE.min(stride - left)).step_by(BLOCK) {
                for (i, row) in computed.chunks_exact_mut(padded).enumerate() {
                    let sums = &mut row[pad + left + block..][..BLOCK];
                    convolve(sums, tile, (i * per_step + reach) * PITCH + block, PITCH, &self.down);
                }
            }
        }
        let width = stride.next_multiple_of(BLOCK);
        let blurred = sized(&mut scratch.blurred, if self.step > 1 { count * width } else { width });
        if self.step == 1 {
            for (y, row) in rows.zip(computed.chunks_exact_mut(padded)) {
                horizontal.pass(blurred, row);
                done(y, &blurred[..stride]);
            }
            return;
        }
        for (to, row) in blurred.chunks_exact_mut(width).zip(computed.chunks_exact_mut(padded)) {
            horizontal.pass(to, row);
        }
        let between = sized(&mut scratch.between, stride);
        for y in rows {
            let (row, halves) = self.place(i64::from(y));
            let at = |i: i64| &blurred[(row - first + i) as usize * width..][..stride];
            if halves == 0 {
                done(y, at(0));
            } else {
                let t = halves as f32 / (2 * self.step) as f32;
                interpolate(between, [at(-1), at(0), at(1), at(2)], t);
                done(y, between);
            }
        }
    }

    /// Adds source rows for one block of columns; the first of them are those of sum number `first`.
    fn fill_tile(&self, tile: &mut [u16], source: &Raster<u8>, first: i64, left: usize) {
        let width = TILE.min(source.stride() - left);
        let last = i64::from(source.height()) - 1;
        let shift = FRACTION - self.added.ilog2();
        for (i, to) in tile.chunks_exact_mut(PITCH).enumerate() {
            let top = (first + i as i64) * self.added;
            for y in top..top + self.added {
                let from = &source.row(y.clamp(0, last) as u32)[left..][..width];
                if y == top { widen(&mut to[..width], from, shift) } else { add(&mut to[..width], from, shift) }
            }
        }
    }
}

/// The pass along rows.
struct Horizontal<'a> {
    kernel: &'a FixedGaussian,
    pad: usize,
    stride: usize,
    channels: usize,
    /// Weights of a plain average.
    even: Vec<Weight>,
    averages: &'a mut Vec<u16>,
}

impl<'a> Horizontal<'a> {
    fn new(kernel: &'a FixedGaussian, pad: usize, stride: usize, channels: usize, averages: &'a mut Vec<u16>) -> Self {
        let side = kernel.averaged / 2;
        let share = 65_536 / kernel.averaged;
        let mut even = vec![[share as u16; LANES]; side + 1];
        even[0] = [(65_536 - 2 * side * share).min(65_535) as u16; LANES];
        Self { kernel, pad, stride, channels, even, averages }
    }

    /// Computes a blurred row from one that has room to both sides.
    fn pass(&mut self, to: &mut [u16], row: &mut [u16]) {
        let (side, channels) = (self.kernel.averaged / 2 * self.channels, self.channels);
        repeat_edges(&mut row[..self.pad + self.stride + self.pad], self.pad, channels);
        if side == 0 {
            convolve(to, row, self.pad, channels, &self.kernel.along);
            return;
        }
        // averages begin where the first whole one is
        let needed = (2 * (self.pad - side) + self.stride.next_multiple_of(BLOCK)).next_multiple_of(BLOCK);
        let averages = sized(self.averages, needed);
        convolve(averages, row, side, channels, &self.even);
        convolve(to, averages, self.pad - side, self.kernel.averaged * channels, &self.kernel.along);
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn widen(to: &mut [u16], from: &[u8], shift: u32) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = u16::from(*from) << shift);
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn add(to: &mut [u16], from: &[u8], shift: u32) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += u16::from(*from) << shift);
}

/// The upper half of the product.
#[inline(always)]
fn upper(a: u16, b: u16) -> u16 {
    ((u32::from(a) * u32::from(b)) >> 16) as u16
}

/// Sums pairs of neighbours: each sample of `sums` is the sample of `from` at `centre` on times the first tap, and its
/// neighbours `step`, 2·`step`, … to both sides times the others.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn convolve(sums: &mut [u16], from: &[u16], centre: usize, step: usize, taps: &[Weight]) {
    let [middle, around @ ..] = taps else { return };
    // each product lost half a unit on the average
    let lost = taps.len().div_ceil(2) as u16;
    for (block, sums) in sums.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        let centre = centre + block * BLOCK;
        let at = |start: usize| -> &[u16; BLOCK] {
            from[start..].first_chunk().expect("rows are padded by the radius and to whole blocks")
        };
        // the sums of a block stay in registers
        let mut own = [lost; BLOCK];
        let values = at(centre);
        for vector in 0..BLOCK / LANES {
            for lane in 0..LANES {
                let i = vector * LANES + lane;
                own[i] = own[i].wrapping_add(upper(middle[lane], values[i]));
            }
        }
        let mut reach = 0;
        for weight in around {
            reach += step;
            let (before, after) = (at(centre - reach), at(centre + reach));
            for vector in 0..BLOCK / LANES {
                for lane in 0..LANES {
                    let i = vector * LANES + lane;
                    own[i] = own[i].wrapping_add(upper(weight[lane], before[i].wrapping_add(after[i])));
                }
            }
        }
        *sums = own;
    }
}

/// The cubic through four rows at equal distances, `t` of a distance below the second.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn interpolate(result: &mut [u16], rows: [&[u16]; 4], t: f32) {
    /// White.
    const MOST: u16 = 255 << FRACTION;
    let len = result.len();
    let [a, b, c, d] = rows.map(|row| &row[..len]);
    let whole = |weight: f32| (weight * 65_536.0).round() as u16;
    // of Lagrange's four polynomials the outer ones are negative here
    let (wa, wd) = (whole(t * (1.0 - t) * (2.0 - t) / 6.0), whole(t * (1.0 - t) * (1.0 + t) / 6.0));
    let wc = whole(t * (1.0 + t) * (2.0 - t) / 2.0);
    let wb = 0_u16.wrapping_sub(wc).wrapping_add(wa).wrapping_add(wd);
    for i in 0..len {
        let gain = upper(wb, b[i]) + upper(wc, c[i]) + 1;
        let loss = upper(wa, a[i]) + upper(wd, d[i]) + 1;
        result[i] = gain.saturating_sub(loss).min(MOST);
    }
}

/// Rounds to levels.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(super) fn levels(to: &mut [u8], from: &[u16]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = ((from + (1 << (FRACTION - 1))) >> FRACTION).min(255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::super::gaussian::Gaussian;
    use super::super::testing::psnr;
    use super::*;
    use crate::picture::Layout;

    /// Shapes with hard edges and some noise.
    fn scene(width: usize, height: usize, channels: usize) -> Vec<u8> {
        let mut state = 9_u32;
        (0..width * height * channels)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let (x, y) = (i / channels % width, i / channels / width);
                let tile = [250, 5, 60, 130, 190][(x / 31 + y / 17 * 2 + i % channels) % 5];
                let ring =
                    if (x.abs_diff(width / 2).pow(2) + y.abs_diff(height / 2).pow(2)) / 700 % 2 == 0 { 40 } else { 0 };
                (tile + ring - (state >> 28) as i32 * 2).clamp(0, 255) as u8
            })
            .collect()
    }

    #[test]
    fn as_good_as_floats() {
        for (layout, width, height) in [(Layout::Rgb, 200, 170), (Layout::Grey, 333, 90), (Layout::Rgb, 5, 3)] {
            let source = Raster::new(width as u32, height as u32, layout, scene(width, height, layout.channels()));
            for sigma in [NARROWEST, 1.0, 1.7, 2.9, 3.0, 5.0, 6.0, 10.0, 12.5, 20.0, 40.0, 100.0] {
                let (mut exact, mut fixed) = (Vec::new(), Vec::new());
                Gaussian::new(sigma).rows(&source, 0..height as u32, |_, row| exact.extend_from_slice(row));
                FixedGaussian::new(sigma).rows(&source, 0..height as u32, |_, row| {
                    fixed.extend(row.iter().map(|v| f32::from(*v) / f32::from(255_u16 << FRACTION)));
                });
                let quality = psnr(&exact, &fixed);
                assert!(quality > 52.0, "σ {sigma} of {layout:?} {width} × {height}: {quality} dB");
            }
        }
    }

    #[test]
    fn flat_stays_flat_and_weights_are_normalised() {
        for sigma in [NARROWEST, 1.0, 3.0, 7.0, 20.0, 55.5, 100.0] {
            let kernel = FixedGaussian::new(sigma);
            for taps in [&kernel.down, &kernel.along] {
                let sum = u32::from(taps[0][0]) + 2 * taps[1..].iter().map(|w| u32::from(w[0])).sum::<u32>();
                assert_eq!(sum, 65_536, "σ {sigma}");
            }
            for level in [0, 1, 100, 254, 255] {
                let source = Raster::new(9, 40, Layout::Grey, vec![level; 360]);
                let mut row = vec![0; 9];
                kernel.rows(&source, 0..40, |y, blurred| {
                    levels(&mut row, blurred);
                    assert_eq!(row, [level; 9], "σ {sigma} row {y}");
                });
            }
        }
    }
}
