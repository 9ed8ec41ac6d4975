//! Non-local means: removes noise and keeps texture that repeats.
//!
//! Algorithm: the average over a search window, each pixel weighted by how much the patch around it resembles the
//! patch around the centre, exp(−d² ÷ h²) with the mean squared difference d² of their luma (Buades, Coll and Morel
//! 2005; patch pixels count equally; the exponential is approximated linearly between powers of two, see `falloff`).
//! Two pixels weigh the same to each other, so each pair is compared once. One weight for all channels, so that
//! coloured noise is removed too.
//! Range: averages, so nothing leaves the range of the source. Alpha: untouched; neighbours are weighted by theirs.
//! Depth: kept, computed in f32 and rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::falloff;
use crate::kernel::tile::{Sums, Tile, each_tile};
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Scene, Unfit};
use lightloom_param::{integer, number, parameters};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct NonLocalMeans {
        strength: f32 = number(
            "Strength (h)",
            "Difference in levels of 255 at which patches count little: about the noise; 0 changes nothing",
            "levels",
            (0.0, 100.0),
            8.0,
        )
        .step(0.5),
        patch: u32 = integer(
            "Patch radius",
            "Half the side of the patches that are compared: 2 compares 5 × 5",
            "px",
            (0, 5),
            2,
        ),
        search: u32 = integer(
            "Search radius",
            "How far away similar patches are looked for; the time grows with its square",
            "px",
            (1, 10),
            5,
        ),
    }
}

impl Filter for NonLocalMeans {
    const TITLE: &'static str = "Denoise (non-local means)";
    const HELP: &'static str = "Removes noise by averaging places that look alike";
    const EXAMPLE: Example = Example::on(Scene::Noisy, &[("strength", "26")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let strength = self.strength / 255.0;
        let search = (self.search as f32 * context.scale).round() as i32;
        if strength == 0.0 || search == 0 {
            return Ok(Operation::Identity);
        }
        let patch = (self.patch as f32 * context.scale).round() as i32;
        Ok(Operation::area(PatchAverage { patch, search, strength }))
    }
}

struct PatchAverage {
    patch: i32,
    search: i32,
    strength: f32,
}

impl AreaFilter for PatchAverage {
    fn halo(&self) -> u32 {
        (self.patch + self.search) as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        let layout = source.layout();
        let side = (2 * self.patch + 1) as f32;
        // the sum of the squares of a patch is how far the weight's exponent falls
        let contrast = falloff::STEPS.sqrt() / (self.strength * side);
        let offsets = (0..=self.search).flat_map(|dy| (-self.search..=self.search).map(move |dx| (dy, dx)));
        let pairs: Vec<_> = offsets.filter(|offset| *offset > (0, 0)).collect();
        let mut sums: Vec<Sums> = Vec::new();
        let mut scratch = Scratch::default();
        each_tile(source, rows, target, self.halo() as usize, |tile, rows| {
            tile.luma.iter_mut().for_each(|luma| *luma *= contrast);
            let add = match layout.colours() {
                1 => add::<1>,
                _ => add::<3>,
            };
            sums.resize_with(tile.height, Sums::new);
            sums.iter_mut().for_each(Sums::clear);
            scratch.weights.clear();
            scratch.weights.resize(tile.width, 1.0);
            for (row, sums) in (0..).zip(&mut sums) {
                add(sums, tile, &scratch.weights, tile.offset(row, 0));
            }
            for (dy, dx) in &pairs {
                scratch.compare(tile, (*dy, *dx), self.patch);
                for (index, row) in (-dy..tile.height as i32).enumerate() {
                    scratch.weigh(index, self.patch);
                    // weights begin left of the tile where neighbours are to the right
                    let (own, other) = (0.max(*dx) as usize, 0.max(-dx) as usize);
                    if row >= 0 {
                        add(&mut sums[row as usize], tile, &scratch.weights[own..], tile.offset(row + dy, *dx));
                    }
                    if let Some(sums) = sums.get_mut((row + dy) as usize) {
                        add(sums, tile, &scratch.weights[other..], tile.offset(row, -dx));
                    }
                }
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                sums.divide(layout.colours());
                rows.store(tile, row, &sums.colours, &sums.weight, |weight| weight > 0.0);
            }
        });
    }
}

/// Samples that are processed at once.
const BLOCK: usize = 64;

#[derive(Default)]
struct Scratch {
    /// Squares of differences: the pixels that have neighbours in the tile, with the patch radius around them.
    squares: Vec<f32>,
    /// Samples of a row of squares, whole blocks.
    pitch: usize,
    /// Sums of the squares along the columns of the patch.
    columns: Vec<f32>,
    /// One row of them, whole blocks.
    weights: Vec<f32>,
}

impl Scratch {
    /// Squares of the differences between pixels and their neighbours at this offset, where one of the two is in the
    /// tile: from `dy` rows above it, and from `dx` columns left of it or up to as many right of it.
    fn compare(&mut self, tile: &Tile, (dy, dx): (i32, i32), patch: i32) {
        let width = tile.width + (dx.abs() + 2 * patch) as usize;
        let (top, left) = (-dy - patch, 0.min(-dx) - patch);
        self.pitch = width.next_multiple_of(BLOCK);
        self.weights.resize(self.pitch, 0.0);
        self.columns.resize(self.pitch + BLOCK, 0.0);
        self.squares.resize((tile.height + (dy + 2 * patch) as usize) * self.pitch, 0.0);
        for (y, squares) in (top..).zip(self.squares.chunks_exact_mut(self.pitch)) {
            let own = &tile.luma[tile.offset(y, left)..][..width];
            let other = &tile.luma[tile.offset(y + dy, left + dx)..][..width];
            square_differences(&mut squares[..width], own, other);
        }
    }

    /// The weights of a row of pixels, by its position among the squares.
    fn weigh(&mut self, row: usize, patch: i32) {
        let side = 2 * patch as usize + 1;
        let squares = &self.squares[row * self.pitch..][..side * self.pitch];
        weights_of(&mut self.weights, &mut self.columns, squares, side);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn square_differences(squares: &mut [f32], own: &[f32], other: &[f32]) {
    for (square, (own, other)) in squares.iter_mut().zip(own.iter().zip(other)) {
        *square = (own - other) * (own - other);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn weights_of(weights: &mut [f32], columns: &mut [f32], squares: &[f32], side: usize) {
    let pitch = weights.len();
    for (block, sums) in columns[..pitch].as_chunks_mut().0.iter_mut().enumerate() {
        *sums = sum(squares, block * BLOCK, pitch, side);
    }
    for (block, weights) in weights.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        let sums = sum(columns, block * BLOCK, 1, side);
        for i in 0..BLOCK {
            weights[i] = falloff::weight(falloff::ONE - sums[i]);
        }
    }
}

/// One block of sums of a number of samples that lie `step` apart.
#[inline(always)]
fn sum(from: &[f32], start: usize, step: usize, count: usize) -> [f32; BLOCK] {
    let mut sums = [0.0; BLOCK];
    for block in (0..count).map(|i| &from[start + i * step..][..BLOCK]) {
        for i in 0..BLOCK {
            sums[i] += block[i];
        }
    }
    sums
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
    use crate::testing::{floats, psnr, run};
    use lightloom_picture::{Layout, Raster};

    /// The definition in f64.
    fn exact(source: &[f32], width: i64, [strength, patch, search]: [i64; 3]) -> Vec<f32> {
        let height = source.len() as i64 / width;
        let at = |x: i64, y: i64| f64::from(source[(y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize]);
        let side = (2 * patch + 1) as f64;
        let average = |x: i64, y: i64| {
            let (mut sum, mut total) = (0.0, 0.0);
            for (dx, dy) in (-search..=search).flat_map(|dx| (-search..=search).map(move |dy| (dx, dy))) {
                let around = (-patch..=patch).flat_map(|px| (-patch..=patch).map(move |py| (x + px, y + py)));
                let distance: f64 = around.map(|(x, y)| (at(x, y) - at(x + dx, y + dy)).powi(2)).sum();
                let weight = (-distance / (strength as f64 / 255.0 * side).powi(2)).exp();
                total += weight;
                sum += weight * at(x + dx, y + dy);
            }
            (sum / total) as f32
        };
        (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| average(x, y)).collect()
    }

    #[test]
    fn matches_its_definition_within_and_across_tiles() {
        let mut state = 3_u32;
        let source: Vec<f32> = (0..300 * 40)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let pattern = if (i % 300 / 7 + i / 300 / 5) % 2 == 0 { 0.3 } else { 0.6 };
                pattern + (state >> 8) as f32 / (1 << 24) as f32 * 0.2
            })
            .collect();
        for [strength, patch, search] in [[12, 2, 3], [30, 0, 5], [60, 3, 2]] {
            let texts = [strength, patch, search].map(|value| value.to_string());
            let params = [("strength", &*texts[0]), ("patch", &*texts[1]), ("search", &*texts[2])];
            let result = run("non_local_means", &params, Raster::new(300, 40, Layout::Grey, source.clone()));
            let quality = psnr(floats(&result), &exact(&source, 300, [strength, patch, search]));
            assert!(quality > 60.0, "strength {strength}, patch {patch}, search {search}: {quality} dB");
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
