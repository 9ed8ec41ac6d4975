//! One function for every colour sample: the frame of the tone filters, and a table that makes slow functions quick.
//!
//! A transfer function costs a power a sample; a table of 4,096 cells with linear interpolation costs two loads, and
//! those of many samples at once where the processor can. Where the chord of a cell would stray from the function by
//! more than a quarter of a 16-bit level (where tone curves are steep or have a corner) and outside the table, the
//! function itself is evaluated, so that float pictures keep dark tones and values above white.

use multiversion::multiversion;

use super::{Point, Strip};
use crate::picture::nearest_whole;

/// Cells of a table.
const CELLS: usize = 4096;

/// How far a chord may stray from its function: a quarter of a 16-bit level.
const TOLERANCE: f32 = 0.25 / 65_535.0;

/// A function of one sample, tabulated over 0..=`end`.
pub(super) struct Curve<F> {
    function: F,
    table: Box<Table>,
}

struct Table {
    per_unit: f32,
    /// Whether the ends of the table hold beyond them.
    levels_off: bool,
    /// The function where each cell begins.
    values: [f32; CELLS],
    /// How much further it is where the cell ends; no number where the chord strays.
    rises: [f32; CELLS],
}

impl Table {
    /// The chord at `cells` counted from the beginning of the table; no number where there is none.
    #[inline(always)]
    fn chord(&self, cells: f32) -> f32 {
        let inside = cells.max(0.0).min(CELLS as f32);
        // rounding down; on a border either cell gives the value of the border
        let cell = nearest_whole(inside - 0.5).min(CELLS as u32 - 1);
        let chord = self.values[cell as usize] + self.rises[cell as usize] * (inside - cell as f32);
        if cells == inside || self.levels_off { chord } else { f32::NAN }
    }
}

impl<F: Fn(f32) -> f32> Curve<F> {
    /// Tabulates `function` from 0 to `end`.
    pub(super) fn new(end: f32, function: F) -> Self {
        Self::tabulated(end, function, false)
    }

    /// Tabulates a `function` that stays what it is at 0 below, at what is no number, and what it is at 1 above.
    pub(super) fn limited(function: F) -> Self {
        Self::tabulated(1.0, function, true)
    }

    fn tabulated(end: f32, function: F, levels_off: bool) -> Self {
        let place = |cell: f32| cell * end / CELLS as f32;
        let per_unit = CELLS as f32 / end;
        let mut table = Box::new(Table { per_unit, levels_off, values: [0.0; CELLS], rises: [0.0; CELLS] });
        let mut next = function(0.0);
        for cell in 0..CELLS {
            let from = next;
            next = function(place((cell + 1) as f32));
            // a corner may lie anywhere in a cell
            let strays = [0.25, 0.5, 0.75].into_iter().any(|share| {
                let exact = function(place(cell as f32 + share));
                let error = (from + (next - from) * share - exact).abs();
                error.is_nan() || error > TOLERANCE * exact.abs().max(1.0)
            });
            (table.values[cell], table.rises[cell]) = (from, if strays { f32::NAN } else { next - from });
        }
        Self { function, table }
    }

    /// The function at `v`.
    #[inline(always)]
    pub(super) fn at(&self, v: f32) -> f32 {
        let chord = self.table.chord(v * self.table.per_unit);
        if chord.is_nan() { self.exact(v) } else { chord }
    }

    /// The function at every sample of a plane.
    pub(super) fn replace(&self, plane: &mut [f32]) {
        for block in plane.chunks_mut(BLOCK) {
            let mut before = [0.0; BLOCK];
            before[..block.len()].copy_from_slice(block);
            if chords(&self.table, block) {
                for (v, before) in block.iter_mut().zip(before).filter(|(v, _)| v.is_nan()) {
                    *v = self.exact(before);
                }
            }
        }
    }

    /// Out of line, so that the loops around [`Self::at`] stay small.
    #[cold]
    #[inline(never)]
    fn exact(&self, v: f32) -> f32 {
        (self.function)(v)
    }
}

/// Samples that are looked up at once.
const BLOCK: usize = 64;

/// Replaces samples by their chords; says whether one has none.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn chords(table: &Table, block: &mut [f32]) -> bool {
    let mut missing = 0;
    for v in block {
        *v = table.chord(*v * table.per_unit);
        missing |= u32::from(v.is_nan());
    }
    missing != 0
}

impl<F: Fn(f32) -> f32 + Send + Sync> Point for Curve<F> {
    fn is_separate(&self) -> bool {
        true
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        strip.planes().iter_mut().for_each(|plane| self.replace(plane));
    }
}

/// Replaces every colour sample of a strip.
pub(super) fn each_colour(strip: &mut Strip<'_>, function: impl Fn(f32) -> f32) {
    strip.planes().iter_mut().for_each(|plane| each(plane, &function));
}

/// Replaces every sample of a plane.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn each<F: Fn(f32) -> f32>(plane: &mut [f32], function: &F) {
    plane.iter_mut().for_each(|v| *v = function(*v));
}

/// Replaces every colour sample of a strip by a function of the strength at the pixel's column and row, and of itself.
pub(super) fn each_colour_at(
    strip: &mut Strip<'_>,
    strength: impl Fn(u32, u32) -> f32,
    function: impl Fn(f32, f32) -> f32,
) {
    let mut strengths = vec![0.0; strip.width as usize];
    for (y, row) in strip.rows() {
        strengths_of(&mut strengths, y, &strength);
        for plane in strip.planes() {
            each_with(&mut plane[row.clone()], &strengths, &function);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn strengths_of<F: Fn(u32, u32) -> f32>(strengths: &mut [f32], y: u32, strength: &F) {
    strengths.iter_mut().zip(0..).for_each(|(to, x)| *to = strength(x, y));
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn each_with<F: Fn(f32, f32) -> f32>(row: &mut [f32], strengths: &[f32], function: &F) {
    row.iter_mut().zip(strengths).for_each(|(v, strength)| *v = function(*strength, *v));
}

/// Replaces the colours of every pixel of a strip by a function of them, grey as three alike, and of column and row.
/// Where there is only grey, the first of the three is kept.
pub(super) fn each_rgb_at(strip: &mut Strip<'_>, function: impl Fn([f32; 3], u32, u32) -> [f32; 3]) {
    for (y, row) in strip.rows() {
        match strip.rgb() {
            Some([red, green, blue]) => {
                row_at(&mut red[row.clone()], &mut green[row.clone()], &mut blue[row], y, &function);
            }
            None => grey_row_at(&mut strip.planes()[0][row], y, &function),
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn row_at<F: Fn([f32; 3], u32, u32) -> [f32; 3]>(
    red: &mut [f32],
    green: &mut [f32],
    blue: &mut [f32],
    y: u32,
    function: &F,
) {
    for (x, ((red, green), blue)) in (0..).zip(red.iter_mut().zip(green).zip(blue)) {
        [*red, *green, *blue] = function([*red, *green, *blue], x, y);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn grey_row_at<F: Fn([f32; 3], u32, u32) -> [f32; 3]>(row: &mut [f32], y: u32, function: &F) {
    for (x, grey) in (0..).zip(row) {
        *grey = function([*grey; 3], x, y)[0];
    }
}

#[cfg(test)]
mod tests {
    use super::super::Planes;
    use super::*;
    use crate::picture::{Layout, linear_to_srgb};

    #[test]
    fn the_table_is_as_good_as_the_function() {
        let functions: [fn(f32) -> f32; 4] =
            [linear_to_srgb, |v| v.powf(0.1), |v| v.powi(10), |v| linear_to_srgb(1024.0 * v)];
        for (number, function) in functions.into_iter().enumerate() {
            let curve = Curve::new(1.0, function);
            for i in -1000..=200_000 {
                let v = i as f32 / 100_000.0;
                let (table, exact) = (curve.at(v), function(v));
                let error = (table - exact).abs() / exact.abs().max(1.0);
                assert!(error < 1.1 * TOLERANCE || exact.is_nan(), "function {number} at {v}: {table}, not {exact}");
            }
        }
    }

    #[test]
    fn a_table_beyond_white_keeps_its_scale() {
        let curve = Curve::new(2.0, |v| v * v);
        for v in [0.0, 0.3, 1.0, 1.7, 2.0, 2.5] {
            assert!((curve.at(v) - v * v).abs() < 1e-5, "{v}");
        }
    }

    #[test]
    fn a_plane_is_what_its_samples_are() {
        let curve = Curve::new(1.0, |v: f32| if v < 0.3 { v } else { v.sqrt() });
        let samples: Vec<f32> = (-50..1_000).map(|i| i as f32 / 700.0).chain([f32::NAN, f32::INFINITY]).collect();
        let mut plane = samples.clone();
        curve.replace(&mut plane);
        for (v, before) in plane.iter().zip(&samples) {
            assert!(v.to_bits() == curve.at(*before).to_bits(), "at {before}");
        }
    }

    #[test]
    fn functions_see_their_place() {
        let mut planes = Planes::default();
        planes.load(&[0.5_f32; 12], Layout::Grey);
        each_colour_at(&mut Strip::new(&mut planes, 4, 7), |x, y| (10 * y + x) as f32, |strength, v| v + strength);
        assert_eq!(planes.all()[0][5], 81.5);
        planes.load(&[0.5_f32; 12], Layout::Rgb);
        each_rgb_at(&mut Strip::new(&mut planes, 2, 7), |[r, g, b], x, y| [r + x as f32, g + y as f32, b]);
        assert_eq!([0, 1, 2].map(|c| planes.all()[c][3]), [1.5, 8.5, 0.5]);
    }
}
