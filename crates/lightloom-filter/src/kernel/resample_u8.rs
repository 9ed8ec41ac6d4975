//! Resampling of 8-bit pictures without alpha in integers: the engine of resizing where speed matters most.
//!
//! Weights have 14 fractional bits, samples between the two passes 6, and sums 32 bits in all: the result is within a
//! few hundredths of a level of the exact one before rounding. The processor multiplies pairs of 16-bit integers and
//! adds the products in one instruction, so samples are paired with their neighbours: of the same column in the vertical
//! pass, of the same row in the horizontal one. A block of target rows is computed at once. Between the passes its tiles
//! are transposed, so that the horizontal pass works on all rows of the block in parallel, and transposed back at the
//! end. Each sample depends on the source alone, so the result is the same on any number of cores.
//!
//! Linear light comes from a table as the pairs are made, and becomes levels by another one at the end (see `light_u8`).
#![allow(clippy::expect_used, reason = "tiles are padded to whole blocks")]
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become single instructions")]

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::light_u8::{HALF_LIGHT, LEVELS, LIGHT_BITS, Tones};
use crate::kernel::pair_weights::{PairWeights, WEIGHT_BITS, Weight};
use crate::kernel::resample::Kernel;
use crate::kernel::scratch::{Pool, sized};
use crate::kernel::transpose::{LANES, Square, transpose};
use crate::kernel::weights::Weights;
use crate::{RowWise, Stopped, Work};
use lightloom_picture::{Extent, Layout, Raster, View};

/// Rows of the target that are processed at once: an even and an odd one in each lane.
pub(super) const ROWS: usize = 2 * LANES;

/// Samples of a row that are summed vertically at once: whole vectors, and whole pairs of pixels of one or three
/// channels.
const COLUMNS: usize = 6 * LANES;

/// Source samples that a tile is wide, about: what is known of them stays in the second-level cache.
const TILE: usize = 2304;

/// Bits of a level below its unit between the directions, which leaves room for what kernels overshoot.
const LEVEL_BITS: u32 = 6;

/// The picture in another size, summed in these tones; `None` with alpha. It fills `extent` of the source's pixels.
pub(crate) fn resample(
    source: &Raster<u8>,
    extent: Extent,
    target: (u32, u32),
    (kernel, tones): (Kernel, Tones),
    work: &mut Work<'_>,
) -> Option<Result<Raster<u8>, Stopped>> {
    let directions = Directions::new(extent, target, kernel, tones);
    match source.layout() {
        Layout::Grey => Some(resampled::<1>(source, target, &directions, work)),
        Layout::Rgb => Some(resampled::<3>(source, target, &directions, work)),
        Layout::GreyAlpha | Layout::Rgba => None,
    }
}

fn resampled<const N: usize>(
    source: &Raster<u8>,
    target: (u32, u32),
    directions: &Directions,
    work: &mut Work<'_>,
) -> Result<Raster<u8>, Stopped> {
    let pool = Pool::<Scratch<N>>::default();
    work.draw(target, source.layout(), ROWS, |rows, target| {
        let (view, size) = (source.view(), (source.width(), source.height()));
        pool.with(|scratch| directions.rows(size, |y| view.row(y), rows, target, scratch));
    })
}

/// As [`resample`], for a picture that arrives from top to bottom and of which only a part is kept: that from `left` and
/// `top` on, of whose pixels it fills `extent`.
pub(crate) fn by_rows(
    layout: Layout,
    ((left, top), extent): ((u32, u32), Extent),
    target: (u32, u32),
    (kernel, tones): (Kernel, Tones),
) -> Option<Box<dyn RowWise>> {
    let directions = Directions::new(extent, target, kernel, tones);
    let (place, size) = ((left as usize, top), (extent.columns.pixels(), extent.rows.pixels()));
    match layout {
        Layout::Grey => Some(Box::new(RowResampler::<1> { place, size, directions, scratch: Scratch::default() })),
        Layout::Rgb => Some(Box::new(RowResampler::<3> { place, size, directions, scratch: Scratch::default() })),
        Layout::GreyAlpha | Layout::Rgba => None,
    }
}

struct RowResampler<const N: usize> {
    /// The column and the row at which the part begins.
    place: (usize, u32),
    /// Its columns and rows.
    size: (u32, u32),
    directions: Directions,
    scratch: Scratch<N>,
}

impl<const N: usize> RowWise for RowResampler<N> {
    fn step(&self) -> u32 {
        ROWS as u32
    }

    fn needs(&self, rows: Range<u32>) -> Range<u32> {
        let needs = self.directions.needs(&rows);
        needs.start + self.place.1..needs.end + self.place.1
    }

    fn rows(&mut self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        let ((left, top), rows) = (self.place, rows.start as usize..rows.end as usize);
        let row = |y| &source.row(top + y)[left * N..][..self.size.0 as usize * N];
        self.directions.rows(self.size, row, rows, target, &mut self.scratch);
    }
}

/// Levels of two neighbouring rows in some columns, side by side.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct RowPair([i16; 2 * COLUMNS]);

impl Default for RowPair {
    fn default() -> Self {
        Self([0; 2 * COLUMNS])
    }
}

/// Levels of two neighbouring pixels, the left one in the lower half, in the even and in the odd rows of a group.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct PixelPair<const N: usize>([[[u32; LANES]; N]; 2]);

impl<const N: usize> Default for PixelPair<N> {
    fn default() -> Self {
        Self([[[0; LANES]; N]; 2])
    }
}

/// Four neighbouring samples of the result, the leftmost in the lowest byte, in the even and in the odd rows of a
/// group.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Quad([[u32; LANES]; 2]);

/// Memory of one tile.
#[derive(Default)]
pub(super) struct Scratch<const N: usize> {
    /// For each block of columns all rows that are needed.
    window: Vec<RowPair>,
    pixels: Vec<PixelPair<N>>,
    quads: Vec<Quad>,
}

pub(super) struct Directions {
    vertical: PairWeights,
    horizontal: PairWeights,
    tones: Tones,
}

impl Directions {
    pub(super) fn new(extent: Extent, target: (u32, u32), kernel: Kernel, tones: Tones) -> Self {
        // copies of single pixels stay what they are
        let tones = if kernel == Kernel::Nearest { Tones::Encoded } else { tones };
        Self { tones, ..Self::shared(extent, target, (1, 1), kernel) }
    }

    /// For samples that each stand for so many columns and rows of the target.
    pub(super) fn shared(extent: Extent, target: (u32, u32), share: (u32, u32), kernel: Kernel) -> Self {
        let pairs = |source, target| PairWeights::new(&Weights::shared(source, target, kernel));
        Self {
            vertical: pairs(extent.rows, (target.1, share.1)),
            horizontal: pairs(extent.columns, (target.0, share.0)),
            tones: Tones::Encoded,
        }
    }

    /// Rows of the source that these of the target depend on.
    pub(super) fn needs(&self, rows: &Range<u32>) -> Range<u32> {
        let pairs = self.vertical.sources(&(rows.start as usize..rows.end as usize));
        // the lower row of the last pair may be below the picture
        2 * pairs.start as u32..2 * pairs.end as u32
    }

    /// Computes one group of rows of the target from those of a source of so many columns and rows.
    pub(super) fn rows<'s, const N: usize>(
        &self,
        (columns, lines): (u32, u32),
        source: impl Fn(u32) -> &'s [u8],
        rows: Range<usize>,
        target: &mut [u8],
        scratch: &mut Scratch<N>,
    ) {
        let width = self.horizontal.spans.len();
        let above = self.vertical.sources(&rows);
        // the functions for these tones
        type Sums<const N: usize> = fn(&mut [PixelPair<N>], &[RowPair], usize, &PairWeights, &Range<usize>);
        type Quads<const N: usize> = fn(&mut [Quad], &[PixelPair<N>], usize, &PairWeights, &Range<usize>);
        let (widen, sum_vertically, sum_horizontally): (_, Sums<N>, Quads<N>) = match self.tones {
            Tones::Encoded => (
                widen as fn(&mut [RowPair], _, _, &[u8], &[u8]),
                sum_vertically::<N, false>,
                sum_horizontally::<N, false>,
            ),
            Tones::Light => (widen_light as _, sum_vertically::<N, true>, sum_horizontally::<N, true>),
        };
        let step = (TILE / N * width / columns as usize).clamp(ROWS, width.max(ROWS));
        for left in (0..width).step_by(step) {
            let targets = left..width.min(left + step);
            let needed = self.horizontal.sources(&targets);
            let blocks = (2 * needed.len() * N).div_ceil(COLUMNS);
            let window = sized(&mut scratch.window, blocks * above.len());
            for (i, pair) in above.clone().enumerate() {
                // an odd number of rows ends in a pair whose lower row has no weight
                let [upper, lower] = [2 * pair, (2 * pair + 1).min(lines as usize - 1)]
                    .map(|y| source(y as u32).get(2 * needed.start * N..).unwrap_or_default());
                widen(window, i, above.len(), upper, lower);
            }
            let pixels = sized(&mut scratch.pixels, blocks * COLUMNS / (2 * N));
            let windows = window.chunks_exact(above.len()).zip(pixels.chunks_exact_mut(COLUMNS / (2 * N)));
            windows.for_each(|(window, pixels)| sum_vertically(pixels, window, above.start, &self.vertical, &rows));
            let quads = sized(&mut scratch.quads, (targets.len().next_multiple_of(4) * N / 4).next_multiple_of(LANES));
            sum_horizontally(quads, pixels, needed.start, &self.horizontal, &targets);
            write(target, width * N, targets.start * N..targets.end * N, quads);
        }
    }
}

/// Interleaves two rows: block by block, at this position in each `pitch` row pairs.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn widen(window: &mut [RowPair], at: usize, pitch: usize, upper: &[u8], lower: &[u8]) {
    for (block, window) in window.chunks_exact_mut(pitch).enumerate() {
        let (upper, lower) = (columns(upper, block), columns(lower, block));
        let mut pairs = [0; 2 * COLUMNS];
        for i in 0..COLUMNS {
            pairs[2 * i] = i16::from(upper[i]);
            pairs[2 * i + 1] = i16::from(lower[i]);
        }
        window[at].0 = pairs;
    }
}

/// As [`widen`], with the light of the levels.
fn widen_light(window: &mut [RowPair], at: usize, pitch: usize, upper: &[u8], lower: &[u8]) {
    let light = &*HALF_LIGHT;
    for (block, window) in window.chunks_exact_mut(pitch).enumerate() {
        let (upper, lower) = (columns(upper, block), columns(lower, block));
        let pairs = window[at].0.as_chunks_mut::<2>().0.iter_mut().zip(upper.iter().zip(&lower));
        pairs.for_each(|(pair, (upper, lower))| *pair = [upper, lower].map(|v| light[usize::from(*v)] as i16));
    }
}

/// A block of columns, padded with zeros.
#[inline(always)]
fn columns(row: &[u8], block: usize) -> [u8; COLUMNS] {
    let row = row.get(block * COLUMNS..).unwrap_or_default();
    if let Some(columns) = row.first_chunk() {
        return *columns;
    }
    let mut padded = [0; COLUMNS];
    padded[..row.len()].copy_from_slice(row);
    padded
}

/// Sums rows of one block of columns, from pair `first` on, and transposes the sums.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn sum_vertically<const N: usize, const LIGHT: bool>(
    pixels: &mut [PixelPair<N>],
    window: &[RowPair],
    first: usize,
    vertical: &PairWeights,
    rows: &Range<usize>,
) {
    /// Lanes of rows, times columns.
    #[repr(align(64))]
    struct Tile([[u32; LANES * LANES]; COLUMNS / LANES]);

    let mut tile = Tile([[0; LANES * LANES]; COLUMNS / LANES]);
    for (lane, row) in rows.clone().step_by(2).enumerate() {
        let even = vertical_sums::<LIGHT>(window, first, vertical, row);
        // below the last row there may be none
        let odd = vertical_sums::<LIGHT>(window, first, vertical, (row + 1).min(rows.end - 1));
        let both = both_rows::<LIGHT>(even.as_flattened(), odd.as_flattened());
        for (square, row) in tile.0.iter_mut().zip(both.as_chunks::<LANES>().0) {
            square.as_chunks_mut::<LANES>().0[lane] = *row;
        }
    }
    tile.0.iter_mut().for_each(transpose);
    for (pair, pixels) in tile.0.as_flattened().chunks_exact(2 * N * LANES).zip(pixels) {
        let (left, right) = pair.split_at(N * LANES);
        let [even, odd] = &mut pixels.0;
        let (even, odd) = (even.as_flattened_mut(), odd.as_flattened_mut());
        for i in 0..N * LANES {
            even[i] = ((left[i] & 0xffff) | right[i] << 16).to_le();
            odd[i] = (left[i] >> 16 | (right[i] & 0xffff_0000)).to_le();
        }
    }
}

/// One row of sums of one block of columns.
#[inline(always)]
fn vertical_sums<const LIGHT: bool>(
    window: &[RowPair],
    first: usize,
    vertical: &PairWeights,
    row: usize,
) -> [[i32; LANES]; COLUMNS / LANES] {
    let mut sums = [[1 << (vertical_shift(LIGHT) - 1); LANES]; COLUMNS / LANES];
    let (at, weights) = vertical.at(row);
    for (weight, pairs) in weights.iter().zip(&window[at - first..]) {
        for (sums, pairs) in sums.iter_mut().zip(pairs.0.as_chunks().0) {
            add_pairs(sums, pairs, weight);
        }
    }
    sums
}

/// Adds both products of each pair.
#[inline(always)]
fn add_pairs(sums: &mut [i32; LANES], pairs: &[i16; 2 * LANES], weight: &Weight) {
    let mut products = [0; 2 * LANES];
    for i in 0..2 * LANES {
        products[i] = i32::from(pairs[i]) * i32::from(weight.0[i]);
    }
    for i in 0..LANES {
        sums[i] += products[2 * i] + products[2 * i + 1];
    }
}

/// Levels of an even row in the lower halves, of an odd one in the upper.
#[inline(always)]
fn both_rows<const LIGHT: bool>(even: &[i32], odd: &[i32]) -> [u32; COLUMNS] {
    let (even, odd) = (&even[..COLUMNS], &odd[..COLUMNS]);
    let mut both = [0; COLUMNS];
    for i in 0..COLUMNS {
        let (even, odd) = (even[i] >> vertical_shift(LIGHT), odd[i] >> vertical_shift(LIGHT));
        both[i] = (even as u32 & 0xffff) | (odd as u32) << 16;
    }
    both
}

/// Sums pixels, from pair `first` on, into whole quads of samples.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn sum_horizontally<const N: usize, const LIGHT: bool>(
    quads: &mut [Quad],
    pixels: &[PixelPair<N>],
    first: usize,
    horizontal: &PairWeights,
    targets: &Range<usize>,
) {
    for (quads, x) in quads.chunks_exact_mut(N).zip(targets.clone().step_by(4)) {
        let mut four = [[[[0; LANES]; 2]; N]; 4];
        for (offset, sums) in four.iter_mut().enumerate() {
            // right of the last pixel there may be none
            let (at, weights) = horizontal.at((x + offset).min(targets.end - 1));
            *sums = sums_across::<N, LIGHT>(&pixels[at - first..], weights);
        }
        for (quad, samples) in quads.iter_mut().zip(four.as_flattened().as_chunks().0) {
            *quad = if LIGHT { rounded(samples, light_level) } else { rounded(samples, level) };
        }
    }
}

/// One pixel's sums, in even and odd rows.
#[inline(always)]
fn sums_across<const N: usize, const LIGHT: bool>(
    pixels: &[PixelPair<N>],
    weights: &[Weight],
) -> [[[i32; LANES]; 2]; N] {
    let mut sums = [[[1 << (horizontal_shift(LIGHT) - 1); LANES]; 2]; N];
    for (weight, pixels) in weights.iter().zip(pixels) {
        for channel in 0..N {
            for parity in 0..2 {
                add_pairs(&mut sums[channel][parity], bytemuck::cast_ref(&pixels.0[parity][channel]), weight);
            }
        }
    }
    sums
}

/// Four neighbouring samples.
#[inline(always)]
fn rounded([a, b, c, d]: &[[[i32; LANES]; 2]; 4], level: impl Fn(i32) -> u32) -> Quad {
    let mut quad = Quad::default();
    let (a, b, c, d) = (a.as_flattened(), b.as_flattened(), c.as_flattened(), d.as_flattened());
    let (a, b, c, d) = (&a[..ROWS], &b[..ROWS], &c[..ROWS], &d[..ROWS]);
    let to = quad.0.as_flattened_mut();
    for i in 0..ROWS {
        let (a, b, c, d) = (level(a[i]), level(b[i]), level(c[i]), level(d[i]));
        to[i] = (a | b << 8 | c << 16 | d << 24).to_le();
    }
    quad
}

#[inline(always)]
fn level(sum: i32) -> u32 {
    (sum >> horizontal_shift(false)).clamp(0, 255) as u32
}

/// The level of a sum of light.
#[inline(always)]
fn light_level(sum: i32) -> u32 {
    u32::from(LEVELS[(sum >> horizontal_shift(true)).clamp(0, (1 << LIGHT_BITS) - 1) as usize])
}

/// Bits that sums lose after the vertical pass. Light has those below a level's unit already.
const fn vertical_shift(light: bool) -> u32 {
    if light { WEIGHT_BITS } else { WEIGHT_BITS - LEVEL_BITS }
}

/// Bits that sums lose after the horizontal pass, which leaves levels or indices of [`LEVELS`], of twice the light.
const fn horizontal_shift(light: bool) -> u32 {
    if light { WEIGHT_BITS - 1 } else { WEIGHT_BITS + LEVEL_BITS }
}

/// Transposes these columns back and writes them into rows of the target.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn write(target: &mut [u8], stride: usize, columns: Range<usize>, quads: &[Quad]) {
    let mut square = Square([0; LANES * LANES]);
    for (quads, left) in quads.as_chunks::<LANES>().0.iter().zip(columns.clone().step_by(4 * LANES)) {
        for parity in 0..2 {
            for (to, quad) in square.0.as_chunks_mut().0.iter_mut().zip(quads) {
                *to = quad.0[parity];
            }
            transpose(&mut square.0);
            let rows = target.chunks_exact_mut(stride).skip(parity).step_by(2);
            for (from, row) in square.0.as_chunks::<LANES>().0.iter().zip(rows) {
                let from: &[u8; 4 * LANES] = bytemuck::cast_ref(from);
                let to = &mut row[left..columns.end];
                match to.first_chunk_mut() {
                    Some(to) => *to = *from,
                    None => to.copy_from_slice(&from[..to.len()]),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
