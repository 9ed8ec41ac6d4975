//! CLAHE: contrast limited adaptive histogram equalisation.
//!
//! Algorithm: each tile gets the equalising curve of its own histogram of luma, whose bins are cut at the clip limit and
//! what is cut off spread over all bins; a pixel's curve is bilinear between those of the four nearest tiles (Zuiderveld
//! 1994; Pizer and others 1987). Red, green and blue follow luma in proportion.
//! Range: integers clip; floats above white keep their ratio. Alpha: untouched; fully transparent pixels are not counted.
//! Depth: kept; 256 bins with curves interpolated between them. Edges: the curve of the outer tile holds up to the edge.

use super::field::colours;
use super::histogram::luma;
use super::{Example, FilterError, FilterSpec, Frame, Group, Measure, Operation, ParamKind, ParamSpec, Params, Scene};
use super::{Point, Stopped, Strip, Work};
use crate::picture::{Pixels, Raster, Sample};
use crate::with_raster;

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "clahe",
    title: "Local equalisation (CLAHE)",
    group: Group::Tone,
    help: "Evens out contrast part by part, with a limit that spares noise",
    version: 1,
    params: &[
        ParamSpec {
            key: "clip_limit",
            label: "Clip limit",
            help: "Steepest slope of a curve: higher gives more contrast and more noise",
            unit: "×",
            kind: ParamKind::Number { min: 1.0, max: 40.0, default: 2.0, step: 0.1, logarithmic: true },
        },
        ParamSpec {
            key: "tiles",
            label: "Tiles",
            help: "Tiles along each side of the picture",
            unit: "",
            kind: ParamKind::Integer { min: 1, max: 64, default: 8, logarithmic: true },
        },
        ParamSpec {
            key: "strength",
            label: "Strength",
            help: "Share of the equalised picture in the result; 0 changes nothing",
            unit: "%",
            kind: ParamKind::Number { min: 0.0, max: 100.0, default: 100.0, step: 1.0, logarithmic: false },
        },
    ],
    example: Example::on(Scene::Dull, &[("clip_limit", "3")]),
    compile,
};

fn compile(params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    let strength = params.number("strength") / 100.0;
    if strength == 0.0 {
        return Ok(Operation::Identity);
    }
    let (clip_limit, tiles) = (params.number("clip_limit"), params.integer("tiles") as u32);
    Ok(Operation::measured(Clahe { clip_limit, tiles, strength }))
}

struct Clahe {
    clip_limit: f32,
    tiles: u32,
    strength: f32,
}

/// Bins of a histogram.
const BINS: usize = 256;

/// Luma after equalisation for each bin; one more, so that every bin has a next one.
type Curve = [f32; BINS + 1];

impl Clahe {
    fn curve<S: Sample>(&self, source: &Raster<S>, columns: (u32, u32), rows: (u32, u32)) -> Curve {
        let channels = source.layout().channels();
        let (mut bins, mut total) = ([0_u32; BINS], 0_u32);
        for y in rows.0..rows.1 {
            let row = &source.row(y)[columns.0 as usize * channels..columns.1 as usize * channels];
            for pixel in row.chunks_exact(channels) {
                let (rgb, alpha) = colours(pixel);
                if alpha > 0.0 {
                    bins[((luma(rgb) * 255.0 + 0.5) as usize).min(BINS - 1)] += 1;
                    total += 1;
                }
            }
        }
        let limit = ((self.clip_limit * total as f32 / BINS as f32) as u32).max(1);
        let cut: u32 = bins.iter().map(|count| count.saturating_sub(limit)).sum();
        let (each, rest) = (cut / BINS as u32, (cut % BINS as u32) as usize);
        bins.iter_mut().for_each(|count| *count = (*count).min(limit) + each);
        // what cannot be spread evenly goes to bins at equal distances
        bins.iter_mut().step_by(BINS / rest.max(1)).take(rest).for_each(|count| *count += 1);
        let mut sum = 0;
        let mut curve = [1.0; BINS + 1];
        for (value, count) in curve.iter_mut().zip(&bins) {
            sum += count;
            *value = if total > 0 { sum as f32 / total as f32 } else { 0.0 };
        }
        curve
    }
}

impl Measure for Clahe {
    fn measure(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Box<dyn Point>, Stopped> {
        let shape = source.shape();
        let (across, down) = (self.tiles.min(shape.width).max(1), self.tiles.min(shape.height).max(1));
        let mut curves: Vec<Curve> = vec![[0.0; BINS + 1]; (across * down) as usize];
        // the border before this tile
        let border = |tile: u32, tiles: u32, side: u32| (u64::from(tile) * u64::from(side) / u64::from(tiles)) as u32;
        work.fill(&mut curves, 1, |index, curve| {
            let (column, row) = (index as u32 % across, index as u32 / across);
            let columns = (border(column, across, shape.width), border(column + 1, across, shape.width));
            let rows = (border(row, down, shape.height), border(row + 1, down, shape.height));
            curve[0] = with_raster!(source, r => self.curve(r, columns, rows));
        })?;
        let per_pixel = (across as f32 / shape.width as f32, down as f32 / shape.height as f32);
        Ok(Box::new(Found { curves, tiles: (across as usize, down as usize), per_pixel, strength: self.strength }))
    }
}

struct Found {
    curves: Vec<Curve>,
    /// Columns and rows.
    tiles: (usize, usize),
    /// Tiles a pixel along each side.
    per_pixel: (f32, f32),
    strength: f32,
}

/// The two nearest tiles along one side, and the share of the second.
#[inline(always)]
fn nearest(pixel: u32, per_pixel: f32, tiles: usize) -> (usize, usize, f32) {
    let at = ((pixel as f32 + 0.5) * per_pixel - 0.5).clamp(0.0, (tiles - 1) as f32);
    let first = at as usize;
    (first, (first + 1).min(tiles - 1), at - first as f32)
}

/// Added to luma and colours before they are compared, so that near black colours are moved rather than multiplied.
const TOE: f32 = 4.0 / 255.0;

impl Point for Found {
    fn apply(&self, strip: &mut Strip<'_>) {
        let across: Vec<_> = (0..strip.width).map(|x| nearest(x, self.per_pixel.0, self.tiles.0)).collect();
        for (y, row) in strip.rows() {
            let (above, below, down) = nearest(y, self.per_pixel.1, self.tiles.1);
            let (above, below) = (&self.curves[above * self.tiles.0..], &self.curves[below * self.tiles.0..]);
            for (i, (left, right, along)) in row.zip(&across) {
                let tone = match strip.planes() {
                    [red, green, blue] => luma([red[i], green[i], blue[i]]),
                    planes => planes[0][i],
                };
                let limited = tone.clamp(0.0, 1.0);
                let bin = (limited * 255.0) as usize;
                let between = limited * 255.0 - bin as f32;
                let value = |curves: &[Curve], tile: usize| {
                    let curve = &curves[tile];
                    curve[bin] + between * (curve[bin + 1] - curve[bin])
                };
                let upper = value(above, *left) + along * (value(above, *right) - value(above, *left));
                let lower = value(below, *left) + along * (value(below, *right) - value(below, *left));
                let equalised = upper + down * (lower - upper);
                let gain = (limited + self.strength * (equalised - limited) + TOE) / (limited + TOE);
                strip.planes().iter_mut().for_each(|plane| plane[i] = (plane[i] + TOE) * gain - TOE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bytes, floats, run};
    use crate::picture::{Layout, Raster};

    #[test]
    fn bins_are_cut_and_the_rest_is_spread() {
        // four levels, equally many: each becomes the share of pixels up to it
        let samples = (0..64).map(|i| [40_u8, 41, 42, 43][i % 4]).collect();
        let params = [("tiles", "1"), ("clip_limit", "40")];
        let result = run("clahe", &params, Raster::new(8, 8, Layout::Grey, samples));
        // 40 · 64 / 256 = 10 of each level's 16 stay; 24 are spread over bins 0, 10, 20, …
        let expected = |below: u32| (f64::from(below) / 64.0 * 255.0).round() as u8;
        assert_eq!(bytes(&result)[..4], [expected(15), expected(25), expected(35), expected(45)]);
    }

    #[test]
    fn colours_keep_their_hue_and_greys_are_grey() {
        let samples: Vec<f32> = (0..900).flat_map(|i| [0.5, 0.25, 0.125].map(|v| v * (i % 30) as f32 / 29.0)).collect();
        let result = run("clahe", &[("tiles", "2")], Raster::new(30, 30, Layout::Rgb, samples));
        let hue = |p: &[f32]| (p[1] - p[2]) / (p[0] - p[2]);
        assert!(floats(&result).chunks(3).filter(|p| p[0] > 0.1).all(|p| (hue(p) - 1.0 / 3.0).abs() < 1e-3));
    }
}
