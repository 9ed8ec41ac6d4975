//! Masks of text: how much of each pixel glyphs cover.
//!
//! Glyphs are filled with exact area coverage by ab_glyph. An outline is the set of pixels within a distance of the
//! glyphs, by the exact Euclidean distance transform of Felzenszwalb and Huttenlocher (2012) where the coverage of an
//! edge pixel gives its distance to the edge; a shadow is blurred three times with a box, which comes close to a
//! Gaussian (Wells 1986).

use std::iter::{repeat, repeat_n};

use ab_glyph::{Font as _, FontVec};
use multiversion::multiversion;

use crate::{Stopped, Work};

/// Rows per piece of work.
const BAND: usize = 32;

/// Coverage of the pixels of a rectangle, 0 to 1.
#[derive(Clone)]
pub(crate) struct Mask {
    pub(crate) width: usize,
    height: usize,
    pub(crate) values: Vec<f32>,
}

impl Mask {
    /// Nothing is covered.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { width, height, values: vec![0.0; width * height] }
    }

    /// Adds a glyph, whose position counts from `left`, `top`.
    pub(crate) fn fill(&mut self, font: &FontVec, glyph: &ab_glyph::Glyph, (left, top): (f32, f32)) {
        let mut glyph = glyph.clone();
        glyph.position.x += left;
        glyph.position.y += top;
        let Some(outline) = font.outline_glyph(glyph) else { return };
        let bounds = outline.px_bounds();
        let outside = bounds.max.x <= 0.0
            || bounds.max.y <= 0.0
            || bounds.min.x >= self.width as f32
            || bounds.min.y >= self.height as f32;
        if outside {
            return;
        }
        let (x0, y0) = (bounds.min.x as i64, bounds.min.y as i64);
        outline.draw(|x, y, coverage| {
            // anything less is a rounding error, which would get an outline
            if coverage < 1.0 / 512.0 {
                return;
            }
            let (x, y) = (x0 + i64::from(x), y0 + i64::from(y));
            if (0..self.width as i64).contains(&x) && (0..self.height as i64).contains(&y) {
                let value = &mut self.values[y as usize * self.width + x as usize];
                *value = (*value + coverage).clamp(0.0, 1.0);
            }
        });
    }

    /// Dilated by `radius` pixels, with antialiased edges.
    pub(crate) fn grown(&self, radius: f32) -> Self {
        /// Larger than any squared distance, and small enough to be added to.
        const FAR: f32 = 1e12;
        let seed = |coverage: f32| match coverage {
            c if c >= 0.5 => 0.0,
            c if c > 0.0 => (0.5 - c) * (0.5 - c),
            _ => FAR,
        };
        let mut squares: Vec<f32> = self.values.iter().map(|c| seed(*c)).collect();
        let mut parabolas = Parabolas::default();
        for row in squares.chunks_exact_mut(self.width.max(1)) {
            parabolas.transform(row);
        }
        let mut column = vec![0.0; self.height];
        for x in 0..self.width {
            for (y, v) in column.iter_mut().enumerate() {
                *v = squares[y * self.width + x];
            }
            parabolas.transform(&mut column);
            for (y, v) in column.iter().enumerate() {
                squares[y * self.width + x] = *v;
            }
        }
        let values = squares.iter().zip(&self.values).map(|(square, own)| {
            let covered = (radius + 0.5 - square.max(0.0).sqrt()).clamp(0.0, 1.0);
            covered.max(*own)
        });
        Self { values: values.collect(), ..*self }
    }

    /// Blurred by three boxes that together have the variance of a Gaussian of this σ; zero beyond the edges.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(crate) fn blurred(&self, sigma: f32, work: &Work<'_>) -> Result<Self, Stopped> {
        let radius = ((4.0 * sigma * sigma + 1.0).sqrt() - 1.0) * 0.5;
        let radius = radius.round().max(0.0) as usize;
        let mut mask = self.clone();
        let mut before = self.values.clone();
        for _ in 0..3 {
            before.copy_from_slice(&mask.values);
            let width = self.width.max(1);
            work.fill(&mut mask.values, width * BAND, |band, rows| {
                let before = before[band * BAND * width..].chunks_exact(width);
                rows.chunks_exact_mut(width).zip(before).for_each(|(row, before)| blur_along(row, before, radius));
            })?;
            before.copy_from_slice(&mask.values);
            blur_down(&mut mask.values, &before, self.width, radius);
        }
        Ok(mask)
    }
}

/// The mean of a running sum, which is in f64 so that adding and subtracting leaves no error.
#[inline(always)]
fn average(sum: f64, share: f32) -> f32 {
    (sum.max(0.0) as f32 * share).min(1.0)
}

/// Replaces each sample of a row by the mean of the `2 * radius + 1` samples around it.
fn blur_along(row: &mut [f32], before: &[f32], radius: usize) {
    let share = 1.0 / (2 * radius + 1) as f32;
    let mut sum: f64 = before.iter().take(radius).map(|v| f64::from(*v)).sum();
    let coming = before.iter().skip(radius).map(|v| f64::from(*v)).chain(repeat(0.0));
    let leaving = repeat_n(0.0, radius + 1).chain(before.iter().map(|v| f64::from(*v)));
    for ((to, coming), leaving) in row.iter_mut().zip(coming).zip(leaving) {
        sum += coming - leaving;
        *to = average(sum, share);
    }
}

/// The same along the columns of rows of this width.
fn blur_down(values: &mut [f32], before: &[f32], width: usize, radius: usize) {
    let share = 1.0 / (2 * radius + 1) as f32;
    let (width, mut sums) = (width.max(1), vec![0.0; width]);
    let none = vec![0.0; width];
    let rows = || before.chunks_exact(width);
    rows().take(radius).for_each(|row| exchange(&mut sums, row, &none));
    let coming = rows().skip(radius).chain(repeat(&none[..]));
    let leaving = repeat_n(&none[..], radius + 1).chain(rows());
    for ((to, coming), leaving) in values.chunks_exact_mut(width).zip(coming).zip(leaving) {
        exchange(&mut sums, coming, leaving);
        averages(to, &sums, share);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn exchange(sums: &mut [f64], coming: &[f32], leaving: &[f32]) {
    for ((sum, coming), leaving) in sums.iter_mut().zip(coming).zip(leaving) {
        *sum += f64::from(*coming) - f64::from(*leaving);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn averages(to: &mut [f32], sums: &[f64], share: f32) {
    to.iter_mut().zip(sums).for_each(|(to, sum)| *to = average(*sum, share));
}

/// The lower envelope of parabolas, one per sample.
#[derive(Default)]
struct Parabolas {
    /// Vertices of the parabolas in the envelope, and where each starts to be the lowest.
    vertices: Vec<usize>,
    starts: Vec<f32>,
    heights: Vec<f32>,
}

impl Parabolas {
    /// Replaces each sample by the minimum over all samples of their value plus their squared distance.
    fn transform(&mut self, line: &mut [f32]) {
        self.heights.clear();
        self.heights.extend_from_slice(line);
        self.vertices.clear();
        self.starts.clear();
        for i in 0..line.len() {
            let mut start = f32::NEG_INFINITY;
            while let (Some(&vertex), Some(&begins)) = (self.vertices.last(), self.starts.last()) {
                let square = |p: usize| self.heights[p] + (p * p) as f32;
                let meets = (square(i) - square(vertex)) / (2 * (i - vertex)) as f32;
                if meets > begins {
                    start = meets;
                    break;
                }
                self.vertices.pop();
                self.starts.pop();
            }
            self.vertices.push(i);
            self.starts.push(start);
        }
        let mut current = 0;
        for (i, v) in line.iter_mut().enumerate() {
            while self.starts.get(current + 1).is_some_and(|start| *start < i as f32) {
                current += 1;
            }
            let distance = i.abs_diff(self.vertices[current]) as f32;
            *v = distance * distance + self.heights[self.vertices[current]];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Buffers;

    #[test]
    fn a_dot_grows_to_a_disc() {
        let mut mask = Mask::new(41, 41);
        mask.values[20 * 41 + 20] = 1.0;
        let grown = mask.grown(10.0);
        for y in 0..41_usize {
            for x in 0..41_usize {
                let distance = (x as f32 - 20.0).hypot(y as f32 - 20.0);
                let expected = (10.5 - distance).clamp(0.0, 1.0);
                assert!((grown.values[y * 41 + x] - expected).abs() < 1e-4, "{x} {y}");
            }
        }
        assert!(Mask::new(5, 5).grown(2.0).values.iter().all(|v| *v == 0.0));
    }

    #[test]
    fn blurring_keeps_the_sum_and_spreads_as_a_gaussian() {
        let mut mask = Mask::new(101, 101);
        mask.values[50 * 101 + 50] = 1.0;
        let work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        let blurred = mask.blurred(6.0, &work).unwrap();
        let sum: f32 = blurred.values.iter().sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
        let variance: f32 = (0..101).map(|x| blurred.values[50 * 101 + x] * (x as f32 - 50.0).powi(2)).sum::<f32>()
            / (0..101).map(|x| blurred.values[50 * 101 + x]).sum::<f32>();
        assert!((variance.sqrt() - 6.0).abs() < 0.5, "{}", variance.sqrt());
    }
}
