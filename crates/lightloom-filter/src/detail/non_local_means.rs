//! Non-local means: removes noise and keeps texture that repeats.
//!
//! Algorithm: the average over a search window, each pixel weighted by how much the patch around it resembles the
//! patch around the centre, exp(−d² ÷ h²) with the mean squared difference d² of their luma (Buades, Coll and Morel
//! 2005; patch pixels count equally; the exponential is approximated linearly between powers of two, see `falloff`).
//! Two pixels weigh the same to each other, so each pair is compared once. One weight for all channels, so that
//! coloured noise is removed too.
//! Range: averages, so nothing leaves the range of the source. Alpha: untouched; neighbours are weighted by theirs.
//! Depth: kept, computed in f32 and rounded once. Edges: the nearest pixel is repeated.

use std::ops::{Range, RangeInclusive};

use multiversion::multiversion;

use crate::kernel::falloff;
use crate::kernel::tile::{BLOCK, Sums, Tile, block, block_mut, each_tile};
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
        let mut sums: Vec<Sums> = Vec::new();
        let mut pairs = Pairs::new(self.patch, self.search);
        each_tile(source, rows, target, self.halo() as usize, |tile, rows| {
            tile.luma.iter_mut().for_each(|luma| *luma *= contrast);
            sums.resize_with(tile.height, Sums::new);
            sums.iter_mut().for_each(Sums::clear);
            pairs.with_themselves(tile.width);
            for (row, sums) in (0..).zip(&mut sums) {
                pairs.add(sums, tile, (Which::Below, row), layout.colours());
            }
            for dy in 0..=self.search {
                pairs.begin(tile, dy);
                for row in -dy..tile.height as i32 {
                    pairs.weigh(tile, row);
                    if let Some(sums) = sums.get_mut(row as usize) {
                        pairs.add(sums, tile, (Which::Below, row + dy), layout.colours());
                    }
                    if let Some(sums) = sums.get_mut((row + dy) as usize) {
                        pairs.add(sums, tile, (Which::Above, row), layout.colours());
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

/// What the pixels of a row and their neighbours some rows below weigh to each other, for all columns of the search window.
struct Pairs {
    patch: i32,
    search: i32,
    /// How many rows below neighbours are, and how many columns to the right.
    dy: i32,
    across: RangeInclusive<i32>,
    /// Samples of each of the following for one column.
    pitch: usize,
    /// For each column, sums of the squares of differences down the patch. The first are left of the weights by its radius.
    columns: Vec<i32>,
    /// For each column, weights of pixels and neighbours. The first pixel is left of the tile by as much as is searched.
    weights: Vec<f32>,
    neighbours: Vec<Neighbour>,
}

/// Where the weights and samples of a neighbour begin.
type Neighbour = (usize, usize);

impl Pairs {
    fn new(patch: i32, search: i32) -> Self {
        let (columns, weights, neighbours) = (Vec::new(), Vec::new(), Vec::new());
        Self { patch, search, dy: 0, across: 0..=0, pitch: 0, columns, weights, neighbours }
    }

    /// Pixels as their own neighbours, with weight 1, for a tile of this width.
    fn with_themselves(&mut self, width: usize) {
        let most = 2 * self.search as usize + 1;
        let reach = (self.search + self.patch) as usize;
        self.pitch = (width + 2 * reach).next_multiple_of(BLOCK) + BLOCK;
        self.columns.resize(most * self.pitch, 0);
        self.weights.resize(most * self.pitch, 0.0);
        self.weights[..self.pitch].fill(1.0);
        self.across = 0..=0;
    }

    /// Neighbours so many rows below; in the same row, those to the right.
    fn begin(&mut self, tile: &Tile, dy: i32) {
        self.dy = dy;
        self.across = if dy == 0 { 1..=self.search } else { -self.search..=self.search };
        self.columns.fill(0);
        for y in -dy - self.patch..-dy + self.patch {
            self.slide(tile, y, None);
        }
    }

    /// Computes the weights for a row of the tile. The first is `dy` rows above the tile, and the others follow.
    fn weigh(&mut self, tile: &Tile, row: i32) {
        let leaves = (row > -self.dy).then_some(row - self.patch - 1);
        self.slide(tile, row + self.patch, leaves);
        let side = 2 * self.patch as usize + 1;
        let columns = self.columns.chunks_exact(self.pitch).take(self.across.clone().count());
        for (columns, weights) in columns.zip(self.weights.chunks_exact_mut(self.pitch)) {
            weights_of(weights, columns, side);
        }
    }

    /// Moves the patches down: the squares of one row are added to the sums, and those of another taken away.
    fn slide(&mut self, tile: &Tile, enters: i32, leaves: Option<i32>) {
        let (left, length) = (-self.search - self.patch, self.pitch - BLOCK);
        for (dx, columns) in self.across.clone().zip(self.columns.chunks_exact_mut(self.pitch)) {
            let pair = |y| {
                let (own, other) = (tile.offset(y, left), tile.offset(y + self.dy, left));
                [own, other.saturating_add_signed(dx as isize)].map(|at| &tile.luma[at..at + length])
            };
            let columns = &mut columns[..length];
            match leaves {
                Some(leaves) => slide(columns, pair(enters), pair(leaves)),
                None => enter(columns, pair(enters)),
            }
        }
    }

    /// Adds the neighbours of a row, which are in this row, to the sums of so many colours.
    fn add(&mut self, sums: &mut Sums, tile: &Tile, (which, row): (Which, i32), colours: usize) {
        let at = tile.offset(row, 0);
        let aside = |from: usize, columns: i32| from.saturating_add_signed(columns as isize);
        let lines = (self.search as usize..).step_by(self.pitch);
        self.neighbours.clear();
        self.neighbours.extend(lines.zip(self.across.clone()).map(|(line, dx)| match which {
            Which::Below => (line, aside(at, dx)),
            // theirs is the weight
            Which::Above => (aside(line, -dx), aside(at, -dx)),
        }));
        let add = if colours == 1 { add::<1> } else { add::<3> };
        add(sums, tile, &self.weights, &self.neighbours);
    }
}

/// Neighbours below a row, or the pixels above whose neighbours it has.
#[derive(Clone, Copy)]
enum Which {
    Below,
    Above,
}

/// The square of a difference in whole steps of [`falloff`]; where it alone is enough for weight 0, or unknown, no more
/// than that. Whole numbers, so that sums are the same wherever they begin.
#[inline(always)]
fn square(own: f32, other: f32) -> i32 {
    const MOST: f32 = falloff::ALL as f32;
    let square = (own - other) * (own - other);
    let square = if square < MOST { square } else { MOST };
    // where floats have no bits below the unit
    const WHOLE: f32 = 8_388_608.0;
    ((square + WHOLE).to_bits() - WHOLE.to_bits()) as i32
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn enter(columns: &mut [i32], [own, other]: [&[f32]; 2]) {
    for (sum, (own, other)) in columns.iter_mut().zip(own.iter().zip(other)) {
        *sum += square(*own, *other);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn slide(columns: &mut [i32], [own, other]: [&[f32]; 2], [last_own, last_other]: [&[f32]; 2]) {
    let pairs = own.iter().zip(other).zip(last_own.iter().zip(last_other));
    for (sum, ((own, other), (last_own, last_other))) in columns.iter_mut().zip(pairs) {
        *sum += square(*own, *other) - square(*last_own, *last_other);
    }
}

/// Weights by the sums across the patch, `side` pixels wide.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn weights_of(weights: &mut [f32], columns: &[i32], side: usize) {
    let length = weights.len() - BLOCK;
    for (index, weights) in weights[..length].as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        let mut falls = [0; BLOCK];
        for at in index * BLOCK..index * BLOCK + side {
            let columns = block(columns, at);
            for i in 0..BLOCK {
                falls[i] += columns[i];
            }
        }
        for i in 0..BLOCK {
            weights[i] = falloff::weight_after(falls[i]);
        }
    }
}

/// Adds neighbours to the sums of a row.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn add<const COLOURS: usize>(sums: &mut Sums, tile: &Tile, weights: &[f32], neighbours: &[Neighbour]) {
    let alpha = &tile.alpha[..];
    // of one length, so that one check is for all
    let [first, second, third] = tile.colours.each_ref().map(|plane| &plane[..alpha.len()]);
    for left in (0..tile.width).step_by(BLOCK) {
        let mut total = *block(&sums.weight, left);
        let mut of_first = *block(&sums.colours[0], left);
        let mut of_second = *block(&sums.colours[1], left);
        let mut of_third = *block(&sums.colours[2], left);
        for (weights_at, at) in neighbours {
            let (weights, at) = (block(weights, weights_at + left), at + left);
            multiply_add(&mut total, weights, block(alpha, at));
            multiply_add(&mut of_first, weights, block(first, at));
            if COLOURS == 3 {
                multiply_add(&mut of_second, weights, block(second, at));
                multiply_add(&mut of_third, weights, block(third, at));
            }
        }
        *block_mut(&mut sums.weight, left) = total;
        *block_mut(&mut sums.colours[0], left) = of_first;
        if COLOURS == 3 {
            *block_mut(&mut sums.colours[1], left) = of_second;
            *block_mut(&mut sums.colours[2], left) = of_third;
        }
    }
}

#[inline(always)]
fn multiply_add(sums: &mut [f32; BLOCK], weights: &[f32; BLOCK], samples: &[f32; BLOCK]) {
    for i in 0..BLOCK {
        sums[i] += weights[i] * samples[i];
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
