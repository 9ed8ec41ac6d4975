//! CLAHE: contrast limited adaptive histogram equalisation.
//!
//! Algorithm: each tile gets the equalising curve of its own luma histogram, whose bins are clipped at the limit and
//! the excess spread over all bins; a pixel's curve is interpolated bilinearly between those of the four nearest
//! tiles (Zuiderveld 1994; Pizer et al. 1987). Red, green and blue follow luma in proportion.
//! Range: integers clip; floats above white keep their ratio. Alpha: untouched; fully transparent pixels are not
//! counted. Depth: kept; 256 bins with curves interpolated between them. Edges: the curve of the outermost tile
//! applies up to the edge.

use multiversion::multiversion;

use crate::kernel::histogram::{luma, lumas};
use crate::kernel::scratch::Pool;
use crate::{Example, Filter, FilterContext, Measure, Operation, Point, Scene, Stopped, Strip, Unfit, Work};
use lightloom_param::{integer, number, parameters};
use lightloom_picture::with_raster;
use lightloom_picture::{Layout, Pixels, Raster, Sample, nearest_whole};

parameters! {
    pub(crate) struct Clahe {
        clip_limit: f32 = number(
            "Clip limit",
            "Steepest slope of a curve: higher gives more contrast and more noise",
            "×",
            (1.0, 40.0),
            2.0,
        )
        .step(0.1)
        .logarithmic(),
        tiles: u32 = integer("Tiles", "Tiles along each side of the picture", "", (1, 64), 8).logarithmic(),
        strength: f32 = number(
            "Strength",
            "Share of the equalised picture in the result; 0 changes nothing",
            "%",
            (0.0, 100.0),
            100.0,
        ),
    }
}

impl Filter for Clahe {
    const TITLE: &'static str = "Local equalisation (CLAHE)";
    const HELP: &'static str = "Evens out contrast part by part, with a limit that spares noise";
    const EXAMPLE: Example = Example::on(Scene::Dull, &[("clip_limit", "3")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let strength = self.strength / 100.0;
        if strength == 0.0 {
            return Ok(Operation::Identity);
        }
        let (clip_limit, tiles) = (self.clip_limit, self.tiles);
        Ok(Operation::measured(AdaptiveEqualization { clip_limit, tiles, strength }))
    }
}

struct AdaptiveEqualization {
    clip_limit: f32,
    tiles: u32,
    strength: f32,
}

/// Bins of a histogram.
const BINS: usize = 256;

/// Luma after equalisation for each bin; one more, so that every bin has a next one.
type Curve = [f32; BINS + 1];

impl AdaptiveEqualization {
    fn curve<S: Sample>(&self, source: &Raster<S>, columns: (u32, u32), rows: (u32, u32)) -> Curve {
        let channels = source.layout().channels();
        // the last counter is for transparent pixels; two of each, since like pixels follow each other
        let mut counts = [[0_u32; BINS + 1]; 2];
        let mut levels = vec![0; (columns.1 - columns.0) as usize];
        for y in rows.0..rows.1 {
            let row = &source.row(y)[columns.0 as usize * channels..columns.1 as usize * channels];
            match source.layout() {
                Layout::Grey => levels_of::<S, 1>(&mut levels, row),
                Layout::GreyAlpha => levels_of::<S, 2>(&mut levels, row),
                Layout::Rgb => levels_of::<S, 3>(&mut levels, row),
                Layout::Rgba => levels_of::<S, 4>(&mut levels, row),
            }
            let [even, odd] = &mut counts;
            let (pairs, rest) = levels.as_chunks::<2>();
            for [first, second] in pairs {
                even[usize::from(*first).min(BINS)] += 1;
                odd[usize::from(*second).min(BINS)] += 1;
            }
            rest.iter().for_each(|last| even[usize::from(*last).min(BINS)] += 1);
        }
        let mut bins: [u32; BINS] = std::array::from_fn(|bin| counts[0][bin] + counts[1][bin]);
        let total: u32 = bins.iter().sum();
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

/// The bin of each pixel's luma, and one more for what is transparent.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn levels_of<S: Sample, const N: usize>(levels: &mut [u16], row: &[S]) {
    for (level, pixel) in levels.iter_mut().zip(row.as_chunks::<N>().0) {
        let tone = if N > 2 {
            luma([pixel[0].to_unit(), pixel[1 % N].to_unit(), pixel[2 % N].to_unit()])
        } else {
            pixel[0].to_unit()
        };
        let bin = whole(tone * 255.0 + 0.5) as u16;
        // NaN counts as transparent
        let seen = !N.is_multiple_of(2) || pixel[N - 1].to_unit() > 0.0;
        *level = if seen { bin } else { BINS as u16 };
    }
}

/// The integer below `v`, within 0–255; NaN becomes 0.
#[inline(always)]
fn whole(v: f32) -> u32 {
    // the last step changes nothing, but shows that no index leaves a table
    nearest_whole(v.max(0.0).min((BINS - 1) as f32).floor()) & 255
}

impl Measure for AdaptiveEqualization {
    fn measure(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Box<dyn Point>, Stopped> {
        let shape = source.shape();
        let (tiles_x, tiles_y) = (self.tiles.min(shape.width).max(1), self.tiles.min(shape.height).max(1));
        let mut curves: Vec<Curve> = vec![[0.0; BINS + 1]; (tiles_x * tiles_y) as usize];
        // the border before this tile
        let border = |tile: u32, tiles: u32, side: u32| (u64::from(tile) * u64::from(side) / u64::from(tiles)) as u32;
        work.fill(&mut curves, 1, |index, curve| {
            let (column, row) = (index as u32 % tiles_x, index as u32 / tiles_x);
            let columns = (border(column, tiles_x, shape.width), border(column + 1, tiles_x, shape.width));
            let rows = (border(row, tiles_y, shape.height), border(row + 1, tiles_y, shape.height));
            curve[0] = with_raster!(source, r => self.curve(r, columns, rows));
        })?;
        let per_pixel = (tiles_x as f32 / shape.width as f32, tiles_y as f32 / shape.height as f32);
        let columns: Vec<_> = (0..shape.width).map(|x| nearest(x, per_pixel.0, tiles_x as usize)).collect();
        Ok(Box::new(TileCurves {
            curves,
            tiles: (tiles_x as usize, tiles_y as usize),
            per_row: per_pixel.1,
            spans: columns.chunk_by(|a, b| a.0 == b.0).map(|span| (span[0].0, span[0].1, span.len())).collect(),
            along: columns.iter().map(|column| column.2).collect(),
            strength: self.strength,
            memory: Pool::default(),
        }))
    }
}

struct TileCurves {
    curves: Vec<Curve>,
    /// Columns and rows.
    tiles: (usize, usize),
    /// Rows of tiles per row of pixels.
    per_row: f32,
    /// Columns of tiles to the left and to the right of neighbouring pixels, and how many pixels these are.
    spans: Vec<(usize, usize, usize)>,
    /// For each pixel of a row the share of what is to its right.
    along: Vec<f32>,
    strength: f32,
    memory: Pool<Memory>,
}

/// Memory of one strip.
#[derive(Default)]
struct Memory {
    /// The curves of one row, a tile each.
    between: Vec<Curve>,
    gains: Vec<f32>,
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

impl Point for TileCurves {
    fn apply(&self, strip: &mut Strip<'_>) {
        self.memory.with(|memory| self.equalise(strip, memory));
    }
}

impl TileCurves {
    fn equalise(&self, strip: &mut Strip<'_>, Memory { between, gains }: &mut Memory) {
        between.resize(self.tiles.0, [0.0; BINS + 1]);
        gains.resize(strip.width as usize, 0.0);
        for (y, row) in strip.rows() {
            let (above, below, share) = nearest(y, self.per_row, self.tiles.1);
            let (above, below) = (&self.curves[above * self.tiles.0..], &self.curves[below * self.tiles.0..]);
            for (between, (above, below)) in between.iter_mut().zip(above.iter().zip(below)) {
                mix_curves(between, above, below, share);
            }
            match strip.planes() {
                [red, green, blue] => {
                    lumas(gains, [&red[row.clone()], &green[row.clone()], &blue[row.clone()]]);
                }
                planes => gains.copy_from_slice(&planes[0][row.clone()]),
            }
            let mut from = 0;
            for (left, right, count) in &self.spans {
                let span = from..from + count;
                let curves = (&between[*left], &between[*right]);
                find_gains(&mut gains[span.clone()], &self.along[span], curves, self.strength);
                from += count;
            }
            for plane in strip.planes() {
                multiply(&mut plane[row.clone()], gains);
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn mix_curves(to: &mut Curve, above: &Curve, below: &Curve, share: f32) {
    for ((to, above), below) in to.iter_mut().zip(above).zip(below) {
        *to = above + share * (below - above);
    }
}

/// Replaces luma by what colours are to be multiplied by.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn find_gains(tones: &mut [f32], along: &[f32], (left, right): (&Curve, &Curve), strength: f32) {
    for (tone, along) in tones.iter_mut().zip(along) {
        let limited = tone.clamp(0.0, 1.0);
        let level = limited * 255.0;
        let bin = whole(level) as usize;
        let between = level - bin as u32 as f32;
        let left = left[bin] + between * (left[bin + 1] - left[bin]);
        let right = right[bin] + between * (right[bin + 1] - right[bin]);
        let equalised = left + along * (right - left);
        *tone = (limited + strength * (equalised - limited) + TOE) / (limited + TOE);
    }
}

/// Multiplies colours, counted from below black.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn multiply(colours: &mut [f32], gains: &[f32]) {
    colours.iter_mut().zip(gains).for_each(|(v, gain)| *v = (*v + TOE) * gain - TOE);
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, floats, run};
    use lightloom_picture::{Layout, Raster};

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
