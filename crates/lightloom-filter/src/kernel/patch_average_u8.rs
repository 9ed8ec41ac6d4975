//! Averages of pixels whose patches look alike, for 8-bit pictures without alpha: what non-local means computes, with
//! squares of differences and weights in 16-bit integers, twice as many to a vector as floats.
//!
//! Luma is scaled so that sixteen bits hold the sum of squares at which the weight is 6·10⁻⁶; larger sums stop there, and
//! count nothing. The exponential is that of (1 − x + x²/2)¹⁶ with x a sixteenth of the exponent, which lies above it by
//! 2 % at a weight of 1/20, and by 14 % at 1/400. Weights of some offsets are computed for a tile, and then all that these
//! add to a pixel is summed in registers. A weight has 16 bits and a level 8, so their product is exact in a float, and
//! the result the same with and without fused multiply-add.
#![allow(clippy::expect_used, reason = "rows of weights and planes end in a spare block")]
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become single instructions")]

use std::ops::Range;

use multiversion::multiversion;
use multiversion::target::selected_target;

use crate::kernel::fixed_point::upper;
use crate::kernel::scratch::{Pool, sized};
use crate::kernel::tile::{Sums, Tile, each_tile};
use lightloom_picture::View;

/// Exponent at which weights end.
const MOST: f32 = 12.0;

/// The weight of a pixel to itself.
const ONE: u16 = u16::MAX;

/// Bits of scaled luma below those that squares keep.
const FRACTION: u32 = 2;

/// The largest difference: its square is just below 2¹⁶.
const FURTHEST: u16 = (256 << FRACTION) - 1;

/// Samples of an inner loop over integers.
const BLOCK: usize = 32;

/// Offsets whose weights are in memory at once: few, so that they stay in the second-level cache.
const GROUP: usize = 8;

/// A non-local mean.
pub(crate) struct PatchAverageU8 {
    patch: usize,
    search: i32,
    /// What luma in 0–1 is multiplied by.
    scale: f32,
    scratch: Pool<Scratch>,
}

/// Memory of a strip.
#[derive(Default)]
struct Scratch {
    luma: Vec<u16>,
    squares: Vec<u16>,
    columns: Vec<u16>,
    weights: Vec<u16>,
    sums: Vec<Sums>,
    taps: Vec<Tap>,
}

/// Where the weights of some neighbours of a row begin, and where those are in the planes.
#[derive(Clone, Copy)]
struct Tap {
    weights: usize,
    neighbours: usize,
}

impl PatchAverageU8 {
    /// Patches and the window that is searched by their radius in pixels, and the difference of luma, white being 1, at
    /// which the weight of a patch falls to 1/e.
    pub(crate) fn new(patch: i32, search: i32, strength: f32) -> Self {
        let side = (2 * patch + 1) as f32;
        // from there on a single level is as far as can be
        let scale = (256.0 / (MOST.sqrt() * strength * side)).min(64.0 * 255.0) * (1 << FRACTION) as f32;
        Self { patch: patch as usize, search, scale, scratch: Pool::default() }
    }

    /// Computes `rows` into `target`, which holds exactly those.
    pub(crate) fn rows(&self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        let colours = source.layout().colours();
        let offsets = (0..=self.search).flat_map(|dy| (-self.search..=self.search).map(move |dx| (dy, dx)));
        let pairs: Vec<_> = offsets.filter(|offset| *offset > (0, 0)).collect();
        self.scratch.with(|scratch| {
            each_tile(source, rows, target, self.patch + self.search as usize, |tile, rows| {
                self.average(scratch, tile, &pairs, colours);
                for (row, sums) in scratch.sums[..tile.height].iter().enumerate() {
                    rows.store(tile, row, &sums.colours, &sums.weight, |_| true);
                }
            });
        });
    }

    /// Leaves the averages of the tile's rows in the sums.
    fn average(&self, scratch: &mut Scratch, tile: &mut Tile, pairs: &[(i32, i32)], colours: usize) {
        let luma = sized(&mut scratch.luma, tile.luma.len() + BLOCK);
        scaled(luma, &tile.luma, self.scale);
        tile.colours.iter_mut().take(colours).for_each(|plane| to_levels(plane));
        if scratch.sums.len() < tile.height {
            scratch.sums.resize_with(tile.height, Sums::new);
        }
        for (row, sums) in (0..).zip(&mut scratch.sums[..tile.height]) {
            let at = tile.offset(row, 0);
            sums.weight[..tile.width].fill(f32::from(ONE));
            for (sums, plane) in sums.colours.iter_mut().zip(&tile.colours).take(colours) {
                sums[..tile.width].iter_mut().zip(&plane[at..]).for_each(|(sum, v)| *sum = f32::from(ONE) * v);
            }
        }
        // the widest rows of squares, and a block that may be read behind them
        let pitch = (tile.width + self.search as usize + 2 * self.patch).next_multiple_of(BLOCK) + BLOCK;
        let size = (tile.height + self.search as usize) * pitch;
        sized(&mut scratch.weights, GROUP * size);
        for group in pairs.chunks(GROUP) {
            for (index, pair) in group.iter().enumerate() {
                self.weigh(scratch, tile, *pair, index * size, pitch);
            }
            for row in 0..tile.height as i32 {
                scratch.taps.clear();
                for (index, (dy, dx)) in group.iter().enumerate() {
                    // weights begin left of the tile where neighbours are to the right
                    let weights = |row: i32, left: i32| index * size + row as usize * pitch + left.max(0) as usize;
                    let neighbours = [tile.offset(row + dy, *dx), tile.offset(row - dy, -dx)];
                    scratch.taps.push(Tap { weights: weights(row + dy, *dx), neighbours: neighbours[0] });
                    scratch.taps.push(Tap { weights: weights(row, -dx), neighbours: neighbours[1] });
                }
                let add = if colours == 1 { add::<1> } else { add::<3> };
                add(&mut scratch.sums[row as usize], tile, &scratch.weights, &scratch.taps);
            }
        }
        for sums in &mut scratch.sums[..tile.height] {
            sums.weight[..tile.width].iter_mut().for_each(|weight| *weight *= 255.0);
            sums.divide(colours);
        }
    }

    /// The weights of pixels and their neighbours at this offset to each other, where one of the two is in the tile:
    /// from `dy` rows above it on, and from `dx` columns left of it or up to as many right of it.
    fn weigh(&self, scratch: &mut Scratch, tile: &Tile, (dy, dx): (i32, i32), at: usize, pitch: usize) {
        let (patch, side) = (self.patch as i32, 2 * self.patch + 1);
        let width = tile.width + dx.unsigned_abs() as usize;
        let (top, left) = (-dy - patch, 0.min(-dx) - patch);
        let count = tile.height + dy as usize;
        let squared = (width + side - 1).next_multiple_of(BLOCK);
        let squares = sized(&mut scratch.squares, (count + side - 1) * pitch);
        for (y, squares) in (top..).zip(squares.chunks_exact_mut(pitch)) {
            let own = &scratch.luma[tile.offset(y, left)..][..squared];
            let other = &scratch.luma[tile.offset(y + dy, left + dx)..][..squared];
            square_differences(&mut squares[..squared], own, other);
        }
        let columns = sized(&mut scratch.columns, pitch + BLOCK);
        for (row, weights) in scratch.weights[at..].chunks_exact_mut(pitch).take(count).enumerate() {
            let weights = &mut weights[..width.next_multiple_of(BLOCK)];
            weights_of(weights, &mut columns[..squared + BLOCK], &squares[row * pitch..], pitch, side);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn scaled(to: &mut [u16], luma: &[f32], scale: f32) {
    to.iter_mut().zip(luma).for_each(|(to, luma)| *to = (luma * scale + 0.5) as i32 as u16);
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn to_levels(plane: &mut [f32]) {
    plane.iter_mut().for_each(|v| *v = (*v * 255.0 + 0.5) as i32 as f32);
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn square_differences(squares: &mut [u16], own: &[u16], other: &[u16]) {
    for (square, (own, other)) in squares.iter_mut().zip(own.iter().zip(other)) {
        let difference = (own.max(other) - own.min(other)).min(FURTHEST) << (8 - FRACTION);
        *square = upper(difference, difference);
    }
}

/// One row of weights, from squares that begin a patch radius above and left of it.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn weights_of(weights: &mut [u16], columns: &mut [u16], squares: &[u16], pitch: usize, side: usize) {
    let squared = columns.len() - BLOCK;
    for (block, columns) in columns[..squared].as_chunks_mut().0.iter_mut().enumerate() {
        *columns = sum(squares, block * BLOCK, pitch, side);
    }
    for (block, weights) in weights.as_chunks_mut().0.iter_mut().enumerate() {
        *weights = falloff(sum(columns, block * BLOCK, 1, side));
    }
}

/// One block of sums of a number of samples that lie `step` apart.
#[inline(always)]
fn sum(from: &[u16], start: usize, step: usize, count: usize) -> [u16; BLOCK] {
    let mut sums = [0; BLOCK];
    for block in (0..count).map(|i| &from[start + i * step..][..BLOCK]) {
        for i in 0..BLOCK {
            sums[i] = block[i].saturating_add(sums[i]);
        }
    }
    sums
}

/// Weights for these sums.
#[inline(always)]
fn falloff(sums: [u16; BLOCK]) -> [u16; BLOCK] {
    /// A sixteenth of the largest exponent.
    const STEP: [u16; BLOCK] = [(MOST / 16.0 * 65_536.0) as u16; BLOCK];
    // what the furthest square would get
    const LEAST: u16 = falloff_of((FURTHEST as u32 * FURTHEST as u32 >> (2 * FRACTION)) as u16);
    let mut weights = [0; BLOCK];
    for i in 0..BLOCK {
        let x = upper(sums[i], STEP[i]);
        let mut v = ONE - x + (upper(x, x) >> 1);
        for _ in 0..4 {
            v = upper(v, v);
        }
        weights[i] = v.saturating_sub(LEAST);
    }
    weights
}

/// The same for one sum, with what is taken away in the end.
const fn falloff_of(sum: u16) -> u16 {
    const fn upper(a: u16, b: u16) -> u16 {
        ((a as u32 * b as u32) >> 16) as u16
    }
    let x = upper(sum, (MOST / 16.0 * 65_536.0) as u16);
    let mut v = ONE - x + (upper(x, x) >> 1);
    let mut times = 0;
    while times < 4 {
        v = upper(v, v);
        times += 1;
    }
    v
}

/// Adds weighted neighbours to the sums of a row.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2+fma", "aarch64+neon"))]
fn add<const COLOURS: usize>(sums: &mut Sums, tile: &Tile, weights: &[u16], taps: &[Tap]) {
    const FUSED: bool = selected_target!().supports_feature_str("fma") || cfg!(target_arch = "aarch64");
    // as many as there are registers for
    const WIDE: bool = selected_target!().supports_feature_str("avx512f");
    if WIDE {
        add_blocks::<COLOURS, 32, FUSED>(sums, tile, weights, taps);
    } else {
        add_blocks::<COLOURS, 16, FUSED>(sums, tile, weights, taps);
    }
}

#[inline(always)]
fn add_blocks<const COLOURS: usize, const N: usize, const FUSED: bool>(
    sums: &mut Sums,
    tile: &Tile,
    weights: &[u16],
    taps: &[Tap],
) {
    for left in (0..tile.width).step_by(N) {
        let mut total: [f32; N] = *block(&sums.weight, left);
        let mut colours = [[0.0; N]; COLOURS];
        for colour in 0..COLOURS {
            colours[colour] = *block(&sums.colours[colour], left);
        }
        for tap in taps {
            let weights: &[u16; N] = block(weights, tap.weights + left);
            let mut values: [&[f32; N]; COLOURS] = [block(&tile.colours[0], tap.neighbours + left); COLOURS];
            for colour in 1..COLOURS {
                values[colour] = block(&tile.colours[colour], tap.neighbours + left);
            }
            // one loop over all: of several the compiler makes single numbers
            for i in 0..N {
                let weight = f32::from(weights[i]);
                total[i] += weight;
                for colour in 0..COLOURS {
                    let (sum, value) = (colours[colour][i], values[colour][i]);
                    colours[colour][i] = if FUSED { weight.mul_add(value, sum) } else { weight * value + sum };
                }
            }
        }
        sums.weight[left..left + N].copy_from_slice(&total);
        for colour in 0..COLOURS {
            sums.colours[colour][left..left + N].copy_from_slice(&colours[colour]);
        }
    }
}

/// The block at this position.
#[inline(always)]
fn block<const N: usize, T>(from: &[T], at: usize) -> &[T; N] {
    from[at..].first_chunk().expect("there is a spare block")
}
