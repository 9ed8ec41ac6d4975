//! One function for every colour sample: the frame of the tone filters, and a table that makes slow functions quick.
//!
//! A transfer function costs a power a sample; a table of 4,097 points with linear interpolation costs two loads. Where
//! the chord of a cell would stray from the function by more than a quarter of a 16-bit level (close to 0, where tone
//! curves are steep) and outside the table, the function itself is evaluated, so that float pictures keep dark tones
//! and values above white.

use std::array;

use super::{Point, Strip};
use crate::picture::Layout;

/// Cells of a table.
const CELLS: usize = 4096;

/// How far a chord may stray from its function: a quarter of a 16-bit level.
const TOLERANCE: f32 = 0.25 / 65_535.0;

/// A function of one sample, tabulated over 0..=`end`.
pub(super) struct Curve<F> {
    function: F,
    table: Box<[f32; CELLS + 1]>,
    cells_per_unit: f32,
    /// From this cell on the table is accurate.
    first_cell: f32,
}

impl<F: Fn(f32) -> f32> Curve<F> {
    /// Tabulates `function` from 0 to `end`.
    pub(super) fn new(end: f32, function: F) -> Self {
        let place = |cell: f32| cell * end / CELLS as f32;
        let table: Box<[f32; CELLS + 1]> = Box::new(array::from_fn(|i| function(place(i as f32))));
        let strays = |cell: usize| {
            let exact = function(place(cell as f32 + 0.5));
            let chord = 0.5 * (table[cell] + table[cell + 1]);
            let error = (chord - exact).abs();
            error.is_nan() || error > TOLERANCE * exact.abs().max(1.0)
        };
        let first_cell = (0..CELLS).rev().find(|&cell| strays(cell)).map_or(0, |cell| cell + 1);
        Self { table, cells_per_unit: CELLS as f32 / end, first_cell: first_cell as f32, function }
    }

    /// The function at `v`.
    #[inline(always)]
    pub(super) fn at(&self, v: f32) -> f32 {
        /// Adding it to a number from 0 to 2²² rounds that to a whole one, which then stands in the lowest bits: quicker
        /// than a cast, which looks after values that cannot occur here.
        const WHOLE: f32 = 12_582_912.0;
        let cells = v * self.cells_per_unit;
        if cells >= self.first_cell && cells <= CELLS as f32 {
            // rounding down; on a border either cell gives the value of the border
            let whole = cells - 0.5 + WHOLE;
            let cell = (whole.to_bits().wrapping_sub(WHOLE.to_bits()) as usize).min(CELLS - 1);
            let (from, to) = (self.table[cell], self.table[cell + 1]);
            from + (to - from) * (cells - cell as f32)
        } else {
            self.exact(v)
        }
    }

    /// Out of line, so that the loops around [`Self::at`] stay small.
    #[cold]
    #[inline(never)]
    fn exact(&self, v: f32) -> f32 {
        (self.function)(v)
    }
}

impl<F: Fn(f32) -> f32 + Send + Sync> Point for Curve<F> {
    fn is_separate(&self) -> bool {
        true
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        each_colour(strip, |v| self.at(v));
    }
}

/// Replaces every sample of a strip but alpha.
#[inline(always)]
pub(super) fn each_colour(strip: &mut Strip<'_>, function: impl Fn(f32) -> f32) {
    fn skip_last<const N: usize>(samples: &mut [f32], function: impl Fn(f32) -> f32) {
        for pixel in samples.as_chunks_mut::<N>().0 {
            for sample in &mut pixel[..N - 1] {
                *sample = function(*sample);
            }
        }
    }
    match strip.layout {
        Layout::GreyAlpha => skip_last::<2>(strip.samples, function),
        Layout::Rgba => skip_last::<4>(strip.samples, function),
        Layout::Grey | Layout::Rgb => strip.samples.iter_mut().for_each(|sample| *sample = function(*sample)),
    }
}

/// Replaces every sample of a strip but alpha by a function that depends on the pixel's column and row.
#[inline(always)]
pub(super) fn each_colour_at<F: Fn(f32) -> f32>(strip: &mut Strip<'_>, function: impl Fn(u32, u32) -> F) {
    let (channels, colours, width) = (strip.layout.channels(), strip.layout.colours(), strip.width as usize);
    for (row, y) in strip.samples.chunks_exact_mut((width * channels).max(1)).zip(strip.top..) {
        for (pixel, x) in row.chunks_exact_mut(channels).zip(0..) {
            let function = function(x, y);
            for sample in &mut pixel[..colours] {
                *sample = function(*sample);
            }
        }
    }
}

/// Replaces the colours of every pixel of a strip by a function of them, grey as three alike, and of column and row.
/// Where there is only grey, the first of the three is kept.
#[inline(always)]
pub(super) fn each_rgb_at(strip: &mut Strip<'_>, function: impl Fn([f32; 3], u32, u32) -> [f32; 3]) {
    let (channels, width) = (strip.layout.channels(), strip.width as usize);
    for (row, y) in strip.samples.chunks_exact_mut((width * channels).max(1)).zip(strip.top..) {
        for (pixel, x) in row.chunks_exact_mut(channels).zip(0..) {
            match pixel {
                [red, green, blue, ..] => [*red, *green, *blue] = function([*red, *green, *blue], x, y),
                [grey, ..] => *grey = function([*grey; 3], x, y)[0],
                [] => {}
            }
        }
    }
}

/// Replaces red, green and blue of every pixel of a strip; strips without colour stay as they are.
#[inline(always)]
pub(super) fn each_rgb(strip: &mut Strip<'_>, function: impl Fn([f32; 3]) -> [f32; 3]) {
    match strip.layout {
        Layout::Grey | Layout::GreyAlpha => {}
        Layout::Rgb => strip.samples.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| *pixel = function(*pixel)),
        Layout::Rgba => {
            for [red, green, blue, _alpha] in strip.samples.as_chunks_mut::<4>().0 {
                [*red, *green, *blue] = function([*red, *green, *blue]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::linear_to_srgb;

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
    fn every_sample_but_alpha_is_replaced() {
        for (layout, expected) in [
            (Layout::Grey, [1.0; 12]),
            (Layout::Rgb, [1.0; 12]),
            (Layout::GreyAlpha, [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]),
            (Layout::Rgba, [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0]),
        ] {
            let mut samples = vec![0.0; 12];
            let width = (12 / layout.channels()) as u32;
            each_colour(&mut Strip { samples: &mut samples, layout, width, top: 0 }, |v| v + 1.0);
            assert_eq!(samples, expected, "{layout:?}");
        }
    }
}
