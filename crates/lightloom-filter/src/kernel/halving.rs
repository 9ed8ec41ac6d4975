//! Fewer rows of an 8-bit picture: each halving smooths with the weights 1, 3, 3, 1 and keeps every second row, the way
//! that pyramids are built (Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code", 1983). Of frequencies
//! too high for the remaining rows, a Gaussian of three rows that follows leaves less than 1 %.

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::fixed_point::{FRACTION, widen};
use crate::kernel::light_u8::{Tones, to_darkness};
use crate::kernel::scratch::sized;
use lightloom_picture::View;

/// Memory of the halvings between the picture and the last.
#[derive(Default)]
pub(crate) struct Halving {
    between: Vec<Recent>,
}

/// The last four rows of a halving.
#[derive(Default)]
struct Recent {
    /// The next row.
    next: i64,
    /// Row r is at r modulo 4.
    rows: [Vec<u16>; 4],
}

impl Halving {
    /// The variance that this number of halvings adds, in squared rows of the picture.
    pub(crate) fn variance(halvings: u32) -> f64 {
        let step = f64::from(1 << halvings);
        (step * step - 1.0) / 4.0
    }

    /// The last row after this number of halvings, at least one, whose centre is above row `y` of the picture, and how
    /// many whole rows `y` is further than the first one below it. It never is the centre itself, which lies between
    /// rows.
    pub(crate) fn locate(halvings: u32, y: u32) -> (i64, usize) {
        let step = 1_i64 << halvings;
        let shifted = i64::from(y) - step / 2;
        (shifted.div_euclid(step), shifted.rem_euclid(step) as usize)
    }

    /// Fills the rows of `tile`, `pitch` samples each, with rows `first`, `first` + 1, … after this number of halvings:
    /// these columns, levels times 2⁷, or for light its darkness. Beyond the edges the nearest row of the picture is
    /// repeated.
    pub(crate) fn fill(
        &mut self,
        halvings: u32,
        (source, tones): (View<'_, u8>, Tones),
        columns: &Range<usize>,
        first: i64,
        tile: &mut [u16],
        pitch: usize,
    ) {
        // light takes a row of its own before the first halving
        let steps = halvings + u32::from(tones == Tones::Light);
        self.between.resize_with(steps.saturating_sub(1) as usize, Recent::default);
        self.between.iter_mut().for_each(|recent| recent.next = i64::MIN);
        let last = i64::from(source.height()) - 1;
        let row = |y: i64| &source.row(y.clamp(0, last) as u32)[columns.clone()];
        for (at, to) in (first..).zip(tile.chunks_exact_mut(pitch)) {
            let to = &mut to[..columns.len()];
            match (halvings, tones) {
                (0, Tones::Encoded) => widen(to, row(at)),
                (0, Tones::Light) => to_darkness(to, row(at)),
                _ => halved(&mut self.between, (&row, tones), at, to),
            }
        }
    }
}

/// Row `at` after the halving that follows those `between`.
fn halved<'a>(between: &mut [Recent], (source, tones): (&impl Fn(i64) -> &'a [u8], Tones), at: i64, to: &mut [u16]) {
    let needed = [-1, 0, 1, 2].map(|offset| 2 * at + offset);
    let Some((recent, before)) = between.split_last_mut() else {
        return smooth_u8(to, needed.map(source));
    };
    for row in recent.next.max(needed[0])..=needed[3] {
        let to = sized(&mut recent.rows[row.rem_euclid(4) as usize], to.len());
        match tones {
            Tones::Light if before.is_empty() => to_darkness(to, source(row)),
            _ => halved(before, (source, tones), row, to),
        }
    }
    recent.next = needed[3] + 1;
    smooth(to, needed.map(|row| &recent.rows[row.rem_euclid(4) as usize][..]));
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn smooth_u8(to: &mut [u16], rows: [&[u8]; 4]) {
    let [a, b, c, d] = rows.map(|row| &row[..to.len()]);
    for i in 0..to.len() {
        let [a, b, c, d] = [a[i], b[i], c[i], d[i]].map(u16::from);
        to[i] = (a + d + 3 * (b + c)) << (FRACTION - 3);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn smooth(to: &mut [u16], rows: [&[u16]; 4]) {
    /// The mean, rounded up: a single instruction.
    #[inline(always)]
    fn mean(a: u16, b: u16) -> u16 {
        ((u32::from(a) + u32::from(b) + 1) >> 1) as u16
    }
    let [a, b, c, d] = rows.map(|row| &row[..to.len()]);
    for i in 0..to.len() {
        let inner = mean(b[i], c[i]);
        to[i] = mean(mean(mean(a[i], d[i]), inner), inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::light_u8::WHITE;
    use lightloom_picture::{Layout, Raster, srgb_to_linear};

    /// Rows of the picture by number, also beyond the edges.
    fn filled(halvings: u32, levels: &[u8], first: i64, count: usize) -> Vec<f32> {
        let source = Raster::new(1, levels.len() as u32, Layout::Grey, levels.to_vec());
        let mut tile = vec![0; count * 3];
        Halving::default().fill(halvings, (source.view(), Tones::Encoded), &(0..1), first, &mut tile, 3);
        tile.iter().step_by(3).map(|v| f32::from(*v) / f32::from(1_u16 << FRACTION)).collect()
    }

    #[test]
    fn a_ramp_stays_a_ramp_at_pixel_centres() {
        let ramp: Vec<u8> = (0..200).collect();
        for halvings in 0..=3 {
            let step = f32::from(1_u16 << halvings);
            let first = 40 >> halvings;
            for (i, level) in (first..).zip(filled(halvings, &ramp, first, 10)) {
                let centre = i as f32 * step + (step - 1.0) / 2.0;
                assert!((level - centre).abs() < 0.03, "{halvings} halvings, row {i}: {level}, not {centre}");
            }
        }
    }

    #[test]
    fn light_is_halved_as_light() {
        // pairs of rows in black and white, which the first halving mixes one to three
        let levels: Vec<u8> = (0..200).map(|y| if y % 4 < 2 { 0 } else { 255 }).collect();
        let source = Raster::new(1, 200, Layout::Grey, levels);
        for (halvings, expected) in [(1, [0.75, 0.25]), (2, [0.5, 0.5])] {
            let mut tile = [0; 4];
            Halving::default().fill(halvings, (source.view(), Tones::Light), &(0..1), 10, &mut tile, 1);
            for (darkness, expected) in tile.iter().zip(expected.iter().cycle()) {
                assert!((f32::from(*darkness) / f32::from(WHITE) - expected).abs() < 1e-4, "{halvings}: {tile:?}");
            }
        }
        let flat = Raster::new(1, 9, Layout::Grey, vec![100; 9]);
        let mut tile = [0; 3];
        Halving::default().fill(2, (flat.view(), Tones::Light), &(0..1), 0, &mut tile, 1);
        let darkness = (1.0 - srgb_to_linear(100.0 / 255.0)) * f32::from(WHITE);
        assert!(tile.iter().all(|v| (f32::from(*v) - darkness).abs() <= 0.5), "{tile:?}");
    }

    #[test]
    fn an_impulse_has_the_variance_that_is_promised() {
        for halvings in 1..=4_u32 {
            let step = 1_usize << halvings;
            let (mut total, mut squares) = (0.0, 0.0);
            for at in 200..200 + step {
                let mut levels = vec![0; 400];
                levels[at] = 255;
                for (i, level) in filled(halvings, &levels, 0, 400 >> halvings).into_iter().enumerate() {
                    let centre = (i * step) as f64 + (step as f64 - 1.0) / 2.0 - at as f64;
                    total += f64::from(level);
                    squares += f64::from(level) * centre * centre;
                }
            }
            let (found, promised) = (squares / total, Halving::variance(halvings));
            assert!((found / promised - 1.0).abs() < 0.02, "{halvings} halvings: {found}, not {promised}");
        }
    }

    #[test]
    fn a_row_is_interpolated_between_the_rows_around_its_position() {
        for halvings in 1..=5 {
            let step = 1_i64 << halvings;
            for y in 0..100 {
                let (above, further) = Halving::locate(halvings, y);
                // in halves of rows of the picture
                let centre = 2 * step * above + step - 1;
                assert_eq!(2 * i64::from(y) - centre, 2 * further as i64 + 1);
                assert!((0..step).contains(&(further as i64)));
            }
        }
    }
}
