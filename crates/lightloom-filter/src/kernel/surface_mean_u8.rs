//! Means of what differs little, for 8-bit pictures without alpha: what surface blur computes, in 16-bit integers, twice
//! as many to a vector as floats.
//!
//! A weight falls linearly with the difference, so the mean is the centre plus the mean of weighted differences. Levels
//! and weights carry as many bits below their unit as fit; a chunk of weights is summed without the last of them in
//! sixteen bits, and of a product of weight and difference the upper half is kept. Half of the differences are taken with
//! the opposite sign, so that rounding down shifts nothing.
#![allow(clippy::expect_used, reason = "planes end in a spare block")]
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become single instructions")]

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::scratch::{Pool, sized};
use crate::kernel::tile::{BLOCK, each_tile};
use lightloom_picture::View;

/// Weights that are summed in sixteen bits, at most.
const CHUNK: usize = 12;

/// The mean over a square, of one channel at a time.
pub(crate) struct SurfaceMeanU8 {
    radius: usize,
    /// Weights of one row of the square that are summed at once.
    chunk: usize,
    /// Bits below a level's unit.
    fraction: u32,
    /// Bits that weights lose before they are summed.
    shift: u32,
    /// The weight of what does not differ, and the difference from which on weights are 0.
    limit: u16,
    scratch: Pool<Scratch>,
}

/// Memory of a strip.
#[derive(Default)]
struct Scratch {
    planes: [Vec<u16>; 3],
    means: [Vec<f32>; 3],
}

impl SurfaceMeanU8 {
    /// The mean over a square of this radius, at least 1, of what differs by less than `reach` levels.
    pub(crate) fn new(radius: i32, reach: f32) -> Self {
        let side = 2 * radius as usize + 1;
        let chunk = side.div_ceil(side.div_ceil(CHUNK));
        let fraction = (32_767.0 / reach).log2().floor().clamp(0.0, 7.0);
        let limit = (reach * fraction.exp2()).round().clamp(1.0, 32_767.0) as u16;
        let shift = (0..16).find(|shift| usize::from(limit >> shift) * chunk <= 65_535).unwrap_or(16);
        Self { radius: radius as usize, chunk, fraction: fraction as u32, shift, limit, scratch: Pool::default() }
    }

    /// Computes `rows` into `target`, which holds exactly those.
    pub(crate) fn rows(&self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        let colours = source.layout().colours();
        self.scratch.with(|Scratch { planes, means }| {
            each_tile(source, rows, target, self.radius, |tile, rows| {
                for (plane, colour) in planes.iter_mut().zip(&tile.colours).take(colours) {
                    levels(sized(plane, colour.len()), colour, self.fraction);
                }
                let whole = tile.width.next_multiple_of(BLOCK);
                for row in 0..tile.height {
                    let (centre, below) = (tile.offset(row as i32, 0), tile.offset(row as i32 + 1, 0));
                    for (means, plane) in means.iter_mut().zip(planes.iter()).take(colours) {
                        self.means(sized(means, whole), plane, centre, below - centre);
                    }
                    rows.store(tile, row, means, &tile.alpha, |_| true);
                }
            });
        });
    }

    /// The means of a row that begins at `centre` of a plane, whose rows are `pitch` apart.
    fn means(&self, means: &mut [f32], plane: &[u16], centre: usize, pitch: usize) {
        let first = centre - self.radius * (pitch + 1);
        let scale = 1.0 / (255.0 * (1 << self.fraction) as f32);
        means_of(
            means,
            plane,
            (centre, first, pitch),
            (2 * self.radius + 1, self.chunk),
            (self.limit, self.shift),
            scale,
        );
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn levels(to: &mut [u16], plane: &[f32], fraction: u32) {
    // Where floats have no more bits than for the unit, the low ones are those of the rounded level.
    to.iter_mut().zip(plane).for_each(|(to, v)| *to = ((v * 255.0 + 8_388_608.0).to_bits() as u16) << fraction);
}

/// Sums of one chunk: of weights, and of the upper halves of their products with differences, of which one half has the
/// opposite sign.
struct Sums {
    weights: [u16; BLOCK],
    up: [i16; BLOCK],
    down: [i16; BLOCK],
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn means_of(
    means: &mut [f32],
    plane: &[u16],
    (centre, first, pitch): (usize, usize, usize),
    (side, chunk): (usize, usize),
    (limit, shift): (u16, u32),
    scale: f32,
) {
    // of products the lowest sixteen bits are lost, of weights these
    let share = (65_536 >> shift) as f32;
    let limits = [limit; BLOCK];
    for (block, means) in means.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        let start = block * BLOCK;
        let centre: &[u16; BLOCK] = plane[start + centre..].first_chunk().expect("there is a spare block");
        let (mut weights, mut products) = ([0_i32; BLOCK], [0_i32; BLOCK]);
        for row in 0..side {
            let row = &plane[start + first + row * pitch..][..side - 1 + BLOCK];
            for begin in (0..side).step_by(chunk) {
                let mut sums = Sums { weights: [0; BLOCK], up: [0; BLOCK], down: [0; BLOCK] };
                let mut neighbours = row[begin..(begin + chunk).min(side) - 1 + BLOCK].array_windows::<BLOCK>();
                while let Some(neighbour) = neighbours.next() {
                    add(&mut sums.weights, &mut sums.up, neighbour, centre, (&limits, shift));
                    if let Some(neighbour) = neighbours.next() {
                        add(&mut sums.weights, &mut sums.down, centre, neighbour, (&limits, shift));
                    }
                }
                for i in 0..BLOCK {
                    weights[i] += i32::from(sums.weights[i]);
                    products[i] += i32::from(sums.up[i]) - i32::from(sums.down[i]);
                }
            }
        }
        for i in 0..BLOCK {
            means[i] = (f32::from(centre[i]) + share * products[i] as f32 / weights[i] as f32) * scale;
        }
    }
}

/// Adds the weights for the differences of two blocks, and the upper halves of their products.
#[inline(always)]
fn add(
    weights: &mut [u16; BLOCK],
    products: &mut [i16; BLOCK],
    levels: &[u16; BLOCK],
    other: &[u16; BLOCK],
    (limits, shift): (&[u16; BLOCK], u32),
) {
    for i in 0..BLOCK {
        let difference = levels[i].wrapping_sub(other[i]) as i16;
        let weight = limits[i].saturating_sub(difference.unsigned_abs());
        weights[i] = weights[i].wrapping_add(weight >> shift);
        let product = (i32::from(weight as i16) * i32::from(difference)) >> 16;
        products[i] = products[i].wrapping_add(product as i16);
    }
}
