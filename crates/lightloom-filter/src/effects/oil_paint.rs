//! Oil paint: strokes of uniform colour with crisp borders.
//!
//! Algorithm: Kuwahara filter (Kuwahara et al. 1976). The pixel becomes the average of that one of the four squares
//! with the pixel as a corner whose luma varies least.
//! Range: averages, so nothing leaves the range of the source. Alpha: untouched; pixels are weighted by theirs.
//! Depth: kept, computed in f32 and rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::scratch::Pool;
use crate::kernel::tile::each_tile;
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{integer, parameters};
use lightloom_picture::{Depth, Sample, View};

parameters! {
    pub(crate) struct OilPaint {
        radius: u32 = integer(
            "Radius",
            "Reach of a stroke in pixels of the full picture; 0 changes nothing",
            "px",
            (0, 30),
            5,
        ),
    }
}

impl Filter for OilPaint {
    const TITLE: &'static str = "Oil paint";
    const HELP: &'static str = "Turns details into strokes of even colour";
    const EXAMPLE: Example = Example::of(&[("radius", "3")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let radius = (self.radius as f32 * context.scale).round() as usize;
        Ok(if radius == 0 {
            Operation::Identity
        } else {
            Operation::area(Kuwahara { radius, memory: Pool::default() })
        })
    }
}

struct Kuwahara {
    radius: usize,
    memory: Pool<Memory>,
}

/// Memory of one strip: values of all pixels of a tile and its margin.
#[derive(Default)]
struct Memory {
    scratch: Scratch,
    /// What is summed.
    weighted: Vec<f32>,
    /// Of the square whose upper left corner each pixel is.
    count: Vec<f32>,
    tone: Vec<f32>,
    variance: Vec<f32>,
    means: [Vec<f32>; 3],
    best: Best,
}

/// Memory that sums are made in.
#[derive(Default)]
struct Scratch {
    doubled: Vec<f32>,
    next: Vec<f32>,
    columns: Vec<f32>,
}

/// Sums `length` values, `step` apart, from each of `values` on, as far as there are enough. Sums over powers of two
/// are doubled, and those that make up the length are combined.
fn sum_runs(
    sums: &mut Vec<f32>,
    values: &[f32],
    (mut doubled, mut next): (&mut Vec<f32>, &mut Vec<f32>),
    length: usize,
    step: usize,
) {
    for buffer in [&mut *sums, &mut *doubled, &mut *next] {
        buffer.resize(values.len(), 0.0);
    }
    let (mut summed, mut size) = (0, 1);
    loop {
        let sized = if size == 1 { values } else { &doubled[..] };
        if length & size != 0 {
            match summed {
                0 => begin(sums, sized),
                _ => add(sums, &sized[(summed * step).min(sized.len())..]),
            }
            summed += size;
        }
        if size > length / 2 {
            return;
        }
        double(next, sized, size * step);
        std::mem::swap(&mut doubled, &mut next);
        size *= 2;
    }
}

impl Scratch {
    /// Sums over the squares whose upper left corner each pixel of a tile and its margin is.
    fn squares(&mut self, sums: &mut Vec<f32>, plane: &[f32], pitch: usize, radius: usize) {
        sum_runs(&mut self.columns, plane, (&mut self.doubled, &mut self.next), radius + 1, pitch);
        sum_runs(sums, &self.columns, (&mut self.doubled, &mut self.next), radius + 1, 1);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn begin(sums: &mut [f32], values: &[f32]) {
    // a sum is never −0
    sums.iter_mut().zip(values).for_each(|(sum, v)| *sum = 0.0 + v);
}

/// Adds to each value the one `ahead` of it, if there is one.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn double(to: &mut [f32], values: &[f32], ahead: usize) {
    let (paired, rest) = to.split_at_mut(values.len().saturating_sub(ahead));
    rest.copy_from_slice(&values[paired.len()..]);
    for ((to, v), further) in paired.iter_mut().zip(values).zip(values.iter().skip(ahead)) {
        *to = v + further;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn add(sums: &mut [f32], values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, v)| *sum += v);
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn multiply(values: &mut [f32], by: &[f32]) {
    values.iter_mut().zip(by).for_each(|(v, by)| *v *= by);
}

/// Divides sums by how much was counted; nothing counted gives 0. `WEIGHTED` says whether pixels count by alpha;
/// else squares count as `all`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn divide<const WEIGHTED: bool>(sums: &mut [f32], counts: &[f32], all: f32) {
    if WEIGHTED {
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum = if *count > 0.0 { *sum / count } else { 0.0 });
    } else {
        sums.iter_mut().for_each(|sum| *sum /= all);
    }
}

/// The variance of a square in which everything is transparent.
const HIDDEN: f32 = f32::MAX;

/// Makes variances of mean squares.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn variances<const WEIGHTED: bool>(squares: &mut [f32], means: &[f32], counts: &[f32]) {
    if !WEIGHTED {
        squares.iter_mut().zip(means).for_each(|(square, mean)| *square -= mean * mean);
        return;
    }
    for ((square, mean), count) in squares.iter_mut().zip(means).zip(counts) {
        *square = if *count > 0.0 { *square - mean * mean } else { HIDDEN };
    }
}

/// What was found for a row: the least variances and the colours that belong to them.
#[derive(Default)]
struct Best {
    variance: Vec<f32>,
    colours: [Vec<f32>; 3],
}

/// Takes the averages of squares that vary less than what was found before.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn take(found: &mut [f32], means: &[f32], least: &[f32], variance: &[f32]) {
    for (((found, mean), least), variance) in found.iter_mut().zip(means).zip(least).zip(variance) {
        // both are read, so that the choice is one of values
        let (before, mean) = (*found, *mean);
        *found = if variance < least { mean } else { before };
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn lower(least: &mut [f32], variance: &[f32]) {
    least.iter_mut().zip(variance).for_each(|(least, v)| *least = if *v < *least { *v } else { *least });
}

impl AreaFilter for Kuwahara {
    fn halo(&self) -> u32 {
        self.radius as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        self.memory.with(|memory| {
            if source.layout().has_alpha() || S::DEPTH == Depth::F32 {
                self.paint::<S, true>(memory, source, rows, target);
            } else {
                self.paint::<S, false>(memory, source, rows, target);
            }
        });
    }
}

impl Kuwahara {
    /// `WEIGHTED` says whether pixels count by their opacity in the tile: by alpha, and not at all
    /// where a float is NaN.
    fn paint<S: Sample, const WEIGHTED: bool>(
        &self,
        memory: &mut Memory,
        source: View<'_, S>,
        rows: Range<u32>,
        target: &mut [S],
    ) {
        let (radius, colours) = (self.radius, source.layout().colours());
        let all = ((radius + 1) * (radius + 1)) as f32;
        let Memory { scratch, weighted, count, tone, variance, means, best } = memory;
        each_tile(source, rows, target, radius, |tile, rows| {
            let pitch = tile.width + 2 * radius;
            let size = pitch * (tile.height + 2 * radius);
            let luma = &tile.luma[..size];
            weighted.clear();
            weighted.extend_from_slice(luma);
            if WEIGHTED {
                scratch.squares(count, &tile.alpha[..size], pitch, radius);
                multiply(weighted, &tile.alpha);
            }
            scratch.squares(tone, weighted, pitch, radius);
            multiply(weighted, luma);
            scratch.squares(variance, weighted, pitch, radius);
            divide::<WEIGHTED>(tone, count, all);
            divide::<WEIGHTED>(variance, count, all);
            variances::<WEIGHTED>(variance, tone, count);
            for (means, plane) in means.iter_mut().zip(&tile.colours).take(colours) {
                scratch.squares(means, &plane[..size], pitch, radius);
                divide::<WEIGHTED>(means, count, all);
            }
            for row in 0..tile.height {
                // the corners in the order upper left, upper right, lower left, lower right
                let corner = row * pitch;
                let places = [corner, corner + radius, corner + radius * pitch, corner + radius * pitch + radius];
                best.variance.clear();
                best.variance.extend_from_slice(&variance[corner..corner + tile.width]);
                for (found, means) in best.colours.iter_mut().zip(&*means).take(colours) {
                    found.clear();
                    found.extend_from_slice(&means[corner..corner + tile.width]);
                }
                for at in &places[1..] {
                    let variance = &variance[*at..at + tile.width];
                    for (found, means) in best.colours.iter_mut().zip(&*means).take(colours) {
                        take(found, &means[*at..], &best.variance, variance);
                    }
                    lower(&mut best.variance, variance);
                }
                rows.store(tile, row, &best.colours, &best.variance, |variance| variance != HIDDEN);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    /// The definition, in integers.
    fn exact(source: &[u8], width: i64, radius: i64) -> Vec<f64> {
        let height = source.len() as i64 / width;
        let mut result = Vec::new();
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let mut best = (i64::MAX, 0.0);
            for (oy, ox) in [(-radius, -radius), (-radius, 0), (0, -radius), (0, 0)] {
                let places = (0..=radius).flat_map(|dy| (0..=radius).map(move |dx| (y + oy + dy, x + ox + dx)));
                let values: Vec<i64> = places
                    .map(|(y, x)| i64::from(source[(y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize]))
                    .collect();
                let (n, sum) = (values.len() as i64, values.iter().sum::<i64>());
                let variance = n * values.iter().map(|v| v * v).sum::<i64>() - sum * sum;
                if variance < best.0 {
                    best = (variance, sum as f64 / n as f64);
                }
            }
            result.push(best.1);
        }
        result
    }

    #[test]
    fn the_quietest_quadrant_provides_its_average() {
        let source: Vec<u8> = (0..900_u32).map(|i| (i * i * 17 % 241) as u8).collect();
        for (text, radius) in [("1", 1), ("4", 4)] {
            let result = run("oil_paint", &[("radius", text)], grey8(30, &source));
            let close =
                bytes(&result).iter().zip(exact(&source, 30, radius)).filter(|(v, e)| (f64::from(**v) - e).abs() < 0.6);
            // squares of the same variance may be taken in another order
            assert!(close.count() >= 895, "radius {text}");
        }
    }
}
