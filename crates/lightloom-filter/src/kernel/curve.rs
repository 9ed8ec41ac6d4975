//! One function for every colour sample, with a table that makes slow ones quick.
//!
//! A transfer function costs one power per sample; a table of chords costs one load, and many samples are looked up at
//! once where the processor supports it. Where the chord of a cell would stray from the function by more than a quarter
//! of a 16-bit level (where tone curves are steep or have a corner) and outside the table, the function itself is
//! evaluated, so that float pictures keep dark tones and values above white.

use std::ops::Range;

use multiversion::multiversion;

use crate::{Dependence, Point, Strip};
use lightloom_picture::nearest_whole;

/// Cells of a table.
const CELLS: usize = 4096;

/// How far a chord may stray from its function: a quarter of a 16-bit level.
const TOLERANCE: f32 = 0.25 / 65_535.0;

/// A function of one sample, tabulated in cells.
pub(crate) struct Curve<F, T = Even> {
    function: F,
    table: T,
}

/// How a table finds the cell of a sample.
pub(crate) trait Table {
    /// The chord at `v`; NaN where there is none.
    fn chord(&self, v: f32) -> f32;
}

/// Cells of equal width, from 0 to an end.
pub(crate) struct Even {
    per_unit: f32,
    /// Whether the end values apply beyond the table.
    levels_off: bool,
    /// Chords, by their value at the start of the cell and their rise to its end.
    cells: Box<[Cell; CELLS]>,
}

impl Table for Even {
    #[inline(always)]
    fn chord(&self, v: f32) -> f32 {
        let cells = v * self.per_unit;
        let inside = cells.max(0.0).min(CELLS as f32);
        // rounding down; on a boundary both cells have the same value
        let cell = nearest_whole(inside - 0.5).min(CELLS as u32 - 1);
        let (value, rise) = self.cells[cell as usize].read();
        let chord = value + rise * (inside - cell as f32);
        if cells == inside || self.levels_off { chord } else { f32::NAN }
    }
}

/// The same number of cells in every octave, so that the relative error is the same everywhere; for functions with
/// f(−v) = −f(v).
pub(crate) struct Octaves {
    /// Chords, by their value at 0 and their slope: one from 0 to the first octave, those of the octaves, and NaN beyond.
    cells: Box<[Cell; OCTAVE_CELLS + 2]>,
}

/// Where octaves begin and end: from the linear part of sRGB to light far above white.
const OCTAVES: Range<f32> = 1.0 / 512.0..128.0;

/// Bits of a float below those that number its cell: 128 cells are an octave.
const CELL_BITS: u32 = 16;

/// Cells of all octaves.
const OCTAVE_CELLS: usize = ((OCTAVES.end.to_bits() - OCTAVES.start.to_bits()) >> CELL_BITS) as usize;

impl Table for Octaves {
    #[inline(always)]
    fn chord(&self, v: f32) -> f32 {
        let before = (OCTAVES.start.to_bits() >> CELL_BITS) - 1;
        let cell = (v.abs().to_bits() >> CELL_BITS).max(before) - before;
        let (value, slope) = self.cells[(cell as usize).min(OCTAVE_CELLS + 1)].read();
        (value + slope * v.abs()).copysign(v)
    }
}

/// A straight line, as two floats that are loaded as one.
#[derive(Clone, Copy, Default)]
struct Cell(u64);

impl Cell {
    fn new(value: f32, rise: f32) -> Self {
        Self(u64::from(value.to_bits()) | u64::from(rise.to_bits()) << 32)
    }

    /// Its value at the origin of its table, and its slope or rise.
    #[inline(always)]
    fn read(self) -> (f32, f32) {
        (f32::from_bits(self.0 as u32), f32::from_bits((self.0 >> 32) as u32))
    }
}

impl<F: Fn(f32) -> f32> Curve<F> {
    /// Tabulates `function` from 0 to `end` in 4,096 cells.
    pub(crate) fn new(end: f32, function: F) -> Self {
        Self::tabulated(end, function, false)
    }

    /// Tabulates a `function` that has its value at 0 below 0 and for NaN, and its value at 1 above 1.
    pub(crate) fn limited(function: F) -> Self {
        Self::tabulated(1.0, function, true)
    }

    fn tabulated(end: f32, function: F, levels_off: bool) -> Self {
        let position = |cell: f32| cell * end / CELLS as f32;
        let per_unit = CELLS as f32 / end;
        let mut cells = Box::new([Cell::default(); CELLS]);
        let mut next = function(0.0);
        for (number, cell) in cells.iter_mut().enumerate() {
            let ends = [number, number + 1].map(|cell| position(cell as f32));
            let from = next;
            next = function(ends[1]);
            *cell = Cell::new(from, if is_straight(&function, ends, [from, next]) { next - from } else { f32::NAN });
        }
        Self { function, table: Even { per_unit, levels_off, cells } }
    }
}

impl<F: Fn(f32) -> f32> Curve<F, Octaves> {
    /// Tabulates a `function` with f(−v) = −f(v).
    pub(crate) fn odd(function: F) -> Self {
        let border = |cell: usize| f32::from_bits(OCTAVES.start.to_bits() + ((cell as u32) << CELL_BITS));
        let line = |ends: [f32; 2]| {
            let [from, to] = ends.map(&function);
            let slope = (to - from) / (ends[1] - ends[0]);
            let value = if is_straight(&function, ends, [from, to]) { from - slope * ends[0] } else { f32::NAN };
            Cell::new(value, slope)
        };
        let mut cells = Box::new([Cell::new(f32::NAN, f32::NAN); OCTAVE_CELLS + 2]);
        cells[0] = line([0.0, OCTAVES.start]);
        (1..=OCTAVE_CELLS).for_each(|cell| cells[cell] = line([border(cell - 1), border(cell)]));
        Self { function, table: Octaves { cells } }
    }
}

/// Whether a function stays close to the chord between two points, at which it has these values.
fn is_straight(function: impl Fn(f32) -> f32, ends: [f32; 2], [from, to]: [f32; 2]) -> bool {
    // a corner may lie anywhere in a cell
    [0.25, 0.5, 0.75].into_iter().all(|share| {
        let exact = function(ends[0] + share * (ends[1] - ends[0]));
        let error = (from + (to - from) * share - exact).abs();
        error <= TOLERANCE * exact.abs().max(1.0)
    })
}

impl<F: Fn(f32) -> f32, T: Table> Curve<F, T> {
    /// The function at `v`.
    #[inline(always)]
    pub(crate) fn at(&self, v: f32) -> f32 {
        let chord = self.table.chord(v);
        if chord.is_nan() { self.exact(v) } else { chord }
    }

    /// The function at every sample of a plane.
    pub(crate) fn replace(&self, plane: &mut [f32]) {
        replace(&self.table, plane, &self.function);
    }

    /// Not inlined, so that the loops around [`Self::at`] stay small.
    #[cold]
    #[inline(never)]
    fn exact(&self, v: f32) -> f32 {
        (self.function)(v)
    }
}

/// Samples that are looked up at once.
const BLOCK: usize = 64;

/// Replaces samples by the values of their chords, or by `exact` where there is none.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn replace<T: Table, F: Fn(f32) -> f32>(table: &T, plane: &mut [f32], exact: &F) {
    let (blocks, rest) = plane.as_chunks_mut();
    blocks.iter_mut().for_each(|block| replace_block(table, block, exact));
    if let Some(first) = rest.first() {
        // padded with a sample of the plane, since any other might have no chord
        let mut last = [*first; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        replace_block(table, &mut last, exact);
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

#[inline(always)]
fn replace_block<T: Table, F: Fn(f32) -> f32>(table: &T, block: &mut [f32; BLOCK], exact: &F) {
    let (mut chords, mut missing) = ([0.0; BLOCK], 0);
    for i in 0..BLOCK {
        chords[i] = table.chord(block[i]);
        missing |= u32::from(chords[i].is_nan());
    }
    if missing != 0 {
        fill_in(&mut chords, block, exact);
    }
    *block = chords;
}

/// Not inlined, since it is called rarely.
#[cold]
#[inline(never)]
fn fill_in<F: Fn(f32) -> f32>(chords: &mut [f32; BLOCK], samples: &[f32; BLOCK], exact: &F) {
    for (chord, v) in chords.iter_mut().zip(samples).filter(|(chord, _)| chord.is_nan()) {
        *chord = exact(*v);
    }
}

impl<F: Fn(f32) -> f32 + Send + Sync, T: Table + Send + Sync> Point for Curve<F, T> {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        strip.planes().iter_mut().for_each(|plane| self.replace(plane));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::linear_to_srgb;

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
    fn what_fills_up_a_block_is_not_computed() {
        let calls = std::cell::Cell::new(0);
        // so steep at 0 that there is no chord
        let curve = Curve::new(1.0, |v: f32| {
            calls.set(calls.get() + 1);
            v.powf(0.1)
        });
        calls.set(0);
        curve.replace(&mut [0.5; BLOCK + 1]);
        assert_eq!(calls.get(), 0);
        curve.replace(&mut [0.0; 1]);
        assert!(calls.get() > 0, "this function has a chord everywhere");
    }

    #[test]
    fn octaves_are_as_good_as_the_function() {
        let curve = Curve::odd(linear_to_srgb);
        let tiny = [f32::MIN_POSITIVE, 1e-30, 1e-6, 1.0 / 512.0, 0.003_130_8, 127.99, 128.0, 1e9];
        for v in (0..300_000).map(|i| i as f32 / 70_000.0).chain(tiny) {
            let exact = linear_to_srgb(v);
            let error = (curve.at(v) - exact).abs() / exact.max(1.0);
            assert!(error < 1.1 * TOLERANCE, "at {v}: {}, not {exact}", curve.at(v));
            assert_eq!(curve.at(-v), -curve.at(v));
            assert!(!(0.002..128.0).contains(&v) || !curve.table.chord(v).is_nan(), "no line at {v}");
        }
        assert!(curve.at(f32::NAN).is_nan() && curve.at(f32::INFINITY) == f32::INFINITY);
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
}
