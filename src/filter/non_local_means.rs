//! Non-local means: removes noise and keeps texture that repeats.
//!
//! Algorithm: average over a search window, each pixel weighted by how much the patch around it resembles the patch around
//! the centre, exp(−d² ÷ h²) with the mean square difference d² of their luma (Buades, Coll and Morel 2005; patch pixels
//! count evenly). One weight for all channels, so that
//! coloured noise goes too.
//! Range: averages, so nothing leaves the range of the source. Alpha: untouched; neighbours are weighted by theirs. Depth:
//! kept, computed in f32 and rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use multiversion::multiversion;

use super::tile::{SLACK, Sums, Tile, each_tile};
use super::{
    AreaFilter, Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params, Scene,
};
use crate::picture::{Raster, Sample};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "non_local_means",
    title: "Denoise (non-local means)",
    group: Group::Detail,
    help: "Removes noise by averaging places that look alike",
    version: 1,
    params: &[
        ParamSpec {
            key: "strength",
            label: "Strength (h)",
            help: "Difference in levels of 255 at which patches count little: about the noise; 0 changes nothing",
            unit: "levels",
            kind: ParamKind::Number { min: 0.0, max: 100.0, default: 8.0, step: 0.5, logarithmic: false },
        },
        ParamSpec {
            key: "patch",
            label: "Patch radius",
            help: "Half the side of the patches that are compared: 2 compares 5 × 5",
            unit: "px",
            kind: ParamKind::Integer { min: 0, max: 5, default: 2, logarithmic: false },
        },
        ParamSpec {
            key: "search",
            label: "Search radius",
            help: "How far away similar patches are looked for; the time grows with its square",
            unit: "px",
            kind: ParamKind::Integer { min: 1, max: 10, default: 5, logarithmic: false },
        },
    ],
    example: Example::on(Scene::Noisy, &[("strength", "26")]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let strength = params.number("strength") / 255.0;
    let search = (params.integer("search") as f32 * frame.scale).round() as i32;
    if strength == 0.0 || search == 0 {
        return Ok(Operation::Identity);
    }
    let patch = (params.integer("patch") as f32 * frame.scale).round() as i32;
    Ok(Operation::area(NonLocalMeans { patch, search, strength }))
}

struct NonLocalMeans {
    patch: i32,
    search: i32,
    strength: f32,
}

impl AreaFilter for NonLocalMeans {
    fn halo(&self) -> u32 {
        (self.patch + self.search) as u32
    }

    fn rows<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
        let (first, layout) = (rows.start, source.layout());
        let (stride, channels) = (source.stride(), layout.channels());
        let side = (2 * self.patch + 1) as f32;
        let falloff = 1.0 / (self.strength * self.strength * side * side);
        let mut sums: Vec<Sums> = Vec::new();
        let mut scratch = Scratch::default();
        each_tile(source, rows, self.halo() as usize, |tile| {
            sums.resize_with(tile.height, Sums::new);
            sums.iter_mut().for_each(Sums::clear);
            for dy in -self.search..=self.search {
                for dx in -self.search..=self.search {
                    compare(&mut scratch, tile, (dy, dx), self.patch);
                    for (row, sums) in sums.iter_mut().enumerate() {
                        scratch.weigh(tile, row, self.patch, falloff);
                        let at = tile.place(row as i32 + dy, dx);
                        match layout.colours() {
                            1 => add::<1>(sums, tile, &scratch.weights, at),
                            _ => add::<3>(sums, tile, &scratch.weights, at),
                        }
                    }
                }
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let y = tile.top + row as u32;
                let span = tile.left * channels..(tile.left + tile.width) * channels;
                let to = &mut target[(y - first) as usize * stride..][..stride];
                sums.store(&mut to[span.clone()], &source.row(y)[span], layout);
            }
        });
    }
}

#[derive(Default)]
struct Scratch {
    /// Squares of differences, the tile's rows and columns with the patch radius around them.
    squares: Vec<f32>,
    /// Sums of the squares down the patch.
    columns: Vec<f32>,
    weights: Vec<f32>,
}

/// Squares of the differences between the tile and the tile moved by `offset`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn compare(scratch: &mut Scratch, tile: &Tile, offset: (i32, i32), patch: i32) {
    let width = tile.width + 2 * patch as usize;
    let height = tile.height + 2 * patch as usize;
    scratch.squares.resize(width * height, 0.0);
    for (row, squares) in scratch.squares.chunks_exact_mut(width).enumerate() {
        let y = row as i32 - patch;
        let own = &tile.luma[tile.place(y, -patch)..][..width];
        let other = &tile.luma[tile.place(y + offset.0, offset.1 - patch)..][..width];
        for i in 0..width {
            let difference = own[i] - other[i];
            squares[i] = difference * difference;
        }
    }
}

impl Scratch {
    fn weigh(&mut self, tile: &Tile, row: usize, patch: i32, falloff: f32) {
        let width = tile.width + 2 * patch as usize;
        self.columns.resize(width, 0.0);
        self.weights.resize(tile.width + SLACK, 0.0);
        let squares = &self.squares[row * width..][..(2 * patch as usize + 1) * width];
        weights_of(&mut self.weights[..tile.width], &mut self.columns, squares, falloff);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn weights_of(weights: &mut [f32], columns: &mut [f32], squares: &[f32], falloff: f32) {
    let width = columns.len();
    columns.copy_from_slice(&squares[..width]);
    for row in squares[width..].chunks_exact(width) {
        columns.iter_mut().zip(row).for_each(|(sum, square)| *sum += square);
    }
    let (len, side) = (weights.len(), width + 1 - weights.len());
    weights.copy_from_slice(&columns[..len]);
    for i in 1..side {
        weights.iter_mut().zip(&columns[i..]).for_each(|(sum, column)| *sum += column);
    }
    weights.iter_mut().for_each(|weight| *weight = exponential(falloff * *weight));
}

/// exp(−v) for v ≥ 0, within 10⁻⁵ of it: e to the power of a sixteenth by its series, and four squarings.
#[inline(always)]
fn exponential(v: f32) -> f32 {
    let t = v.min(16.0) * (1.0 / 16.0);
    let series = 1.0 - t * (1.0 - t * (0.5 - t * (1.0 / 6.0 - t * (1.0 / 24.0 - t * (1.0 / 120.0)))));
    let (two, limit) = (series * series, if v < 16.0 { 1.0 } else { 0.0 });
    let four = two * two;
    let eight = four * four;
    limit * (eight * eight)
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn add<const COLOURS: usize>(sums: &mut Sums, tile: &Tile, weights: &[f32], at: usize) {
    let width = tile.width;
    let (weights, alpha) = (&weights[..width], &tile.alpha[at..][..width]);
    for ((sum, weight), alpha) in sums.weight[..width].iter_mut().zip(weights).zip(alpha) {
        *sum += weight * alpha;
    }
    for (sums, plane) in sums.colours.iter_mut().zip(&tile.colours).take(COLOURS) {
        for ((sum, weight), v) in sums[..width].iter_mut().zip(weights).zip(&plane[at..][..width]) {
            *sum += weight * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{floats, psnr, run};
    use super::exponential;
    use crate::picture::{Layout, Raster};

    #[test]
    fn the_exponential_is_one() {
        for i in 0..3000 {
            let v = i as f32 / 100.0;
            assert!((exponential(v) - (-v).exp()).abs() < 1e-5, "{v}");
        }
    }

    #[test]
    fn noise_goes_and_the_pattern_stays() {
        let (width, height) = (96, 64);
        let mut state = 5_u32;
        let clean: Vec<f32> =
            (0..width * height).map(|i| if (i % width / 16 + i / width / 16) % 2 == 0 { 0.3 } else { 0.6 }).collect();
        let noisy: Vec<f32> = clean
            .iter()
            .map(|v| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                v + (state >> 8) as f32 / (1 << 24) as f32 * 0.1 - 0.05
            })
            .collect();
        let source = Raster::new(width, height, Layout::Grey, noisy.clone());
        let result = run("non_local_means", &[("strength", "12")], source);
        let (before, after) = (psnr(&noisy, &clean), psnr(floats(&result), &clean));
        assert!(after > before + 4.0, "from {before} to {after} dB");
    }
}
