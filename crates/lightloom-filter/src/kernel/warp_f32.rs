//! Warping through a map in floating point: any depth, and pictures with alpha.
//!
//! Kernels are tabulated at 1024 phases and interpolated linearly, with errors below a millionth; colours are weighted
//! by alpha, and the sum is rounded once.

use multiversion::multiversion;

use crate::kernel::resample::Kernel;
use crate::kernel::rows::{rounded, straight};
use crate::kernel::warp_map::{Beyond, Map, weights};
use crate::{Stopped, Work};
use lightloom_picture::{Layout, Raster, Sample};

/// Phases of the tabulated kernel.
const PHASES: usize = 1024;

/// A kernel's weights for `T` neighbouring pixels at each phase.
struct Table<const T: usize>(Vec<[f32; T]>);

impl<const T: usize> Table<T> {
    fn new(kernel: Kernel) -> Self {
        let phase = |phase: usize| weights(kernel, phase as f64 / PHASES as f64).map(|weight| weight as f32);
        Self((0..=PHASES).map(phase).collect())
    }

    #[inline(always)]
    fn at(&self, share: f32) -> [f32; T] {
        let at = share * PHASES as f32;
        let phase = (at as usize).min(PHASES - 1);
        let (from, to, rest) = (&self.0[phase], &self.0[phase + 1], at - phase as f32);
        std::array::from_fn(|tap| from[tap] + (to[tap] - from[tap]) * rest)
    }
}

/// Draws the source through `map` into a result of this size, with `T` taps of the kernel in each direction.
pub(crate) fn warp<S: Sample, const T: usize>(
    source: &Raster<S>,
    size: (u32, u32),
    map: &Map,
    kernel: Kernel,
    beyond: Beyond,
    work: &mut Work<'_>,
) -> Result<Raster<S>, Stopped> {
    /// Rows per piece of work.
    const ROWS: usize = 16;
    let layout = source.layout();
    let table = Table::<T>::new(kernel);
    let beyond = match beyond {
        Beyond::Nearest => None,
        Beyond::Colour(pixel) => Some(premultiplied_pixel(pixel, layout)),
    };
    let stride = size.0 as usize * layout.channels();
    work.draw(size, layout, ROWS, |rows, target| {
        let mut row = vec![0.0; stride];
        for (target, y) in target.chunks_exact_mut(stride).zip(rows) {
            match layout {
                Layout::Grey => draw::<S, 1, T>(source, &mut row, y, map, &table, beyond),
                Layout::GreyAlpha => draw::<S, 2, T>(source, &mut row, y, map, &table, beyond),
                Layout::Rgb => draw::<S, 3, T>(source, &mut row, y, map, &table, beyond),
                Layout::Rgba => draw::<S, 4, T>(source, &mut row, y, map, &table, beyond),
            }
            straight(&mut row, layout);
            rounded(target, &row);
        }
    })
}

fn premultiplied_pixel(mut pixel: [f32; 4], layout: Layout) -> [f32; 4] {
    if layout.has_alpha() {
        let alpha = pixel[layout.channels() - 1];
        pixel[..layout.colours()].iter_mut().for_each(|v| *v *= alpha);
    }
    pixel
}

/// Samples that the taps of a line cover at most.
const MOST: usize = 24;

/// One row of the result, premultiplied.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx2", "aarch64+neon"))]
fn draw<S: Sample, const N: usize, const T: usize>(
    source: &Raster<S>,
    row: &mut [f32],
    y: usize,
    map: &Map,
    table: &Table<T>,
    beyond: Option<[f32; 4]>,
) {
    let (width, height) = (i64::from(source.width()), i64::from(source.height()));
    let samples = source.samples();
    let has_alpha = const { N.is_multiple_of(2) };
    // whole vectors, so that some samples behind a line's last tap are read too
    let lanes = const { (N * T).next_multiple_of(8) };
    let at = |column: i64, line: i64| -> [f32; N] {
        let inside = (0..width).contains(&column) && (0..height).contains(&line);
        if let (false, Some(pixel)) = (inside, &beyond) {
            return std::array::from_fn(|c| pixel[c]);
        }
        let (column, line) = (column.clamp(0, width - 1), line.clamp(0, height - 1));
        let from = (line * width + column) as usize * N;
        weighed(std::array::from_fn(|c| samples[from + c].to_unit()), has_alpha)
    };
    let y = y as f64;
    let [u, v, w] = [0, 1, 2].map(|i| map[i][1] * y + map[i][2]);
    for (x, pixel) in row.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        let x = x as f64;
        let third = map[2][0] * x + w;
        // all positions far outside are equivalent; max first, so that NaN is outside too
        let position = |numerator: f64, extent: i64| (numerator / third).max(-8.0).min(extent as f64 + 8.0);
        let (left, top) = (position(map[0][0] * x + u, width), position(map[1][0] * x + v, height));
        let (column, line) = (left.floor(), top.floor());
        let (horizontal, vertical) = (table.at((left - column) as f32), table.at((top - line) as f32));
        let (first, upper) = (column as i64 - (T as i64 / 2 - 1), line as i64 - (T as i64 / 2 - 1));
        let mut sum = [0.0; N];
        let taps = T as i64;
        let room = taps.max((lanes / N) as i64 + 1);
        if first >= 0 && upper >= 0 && first + room <= width && upper + taps <= height {
            // along the columns first: the samples of a line are neighbours, so that they are processed at once
            let mut columns = [0.0; MOST];
            for (line, weight) in vertical.iter().enumerate() {
                let from = ((upper as usize + line) * width as usize + first as usize) * N;
                let mut values = [0.0; MOST];
                let pixels = &samples[from..from + lanes];
                (0..lanes).for_each(|i| values[i] = pixels[i].to_unit());
                if has_alpha {
                    for pixel in values.as_chunks_mut::<N>().0.iter_mut().take(T) {
                        *pixel = weighed(*pixel, true);
                    }
                }
                (0..lanes).for_each(|i| columns[i] += weight * values[i]);
            }
            for (column, weight) in columns.as_chunks::<N>().0.iter().zip(&horizontal) {
                (0..N).for_each(|c| sum[c] += weight * column[c]);
            }
        } else {
            for (line, weight) in vertical.iter().enumerate() {
                for (tap, share) in horizontal.iter().enumerate() {
                    let pixel = at(first + tap as i64, upper + line as i64);
                    for c in 0..N {
                        sum[c] += weight * share * pixel[c];
                    }
                }
            }
        }
        if has_alpha {
            // lobes of the kernel overshoot
            sum[N - 1] = sum[N - 1].clamp(0.0, 1.0);
        }
        *pixel = sum;
    }
}

/// A pixel with its colours weighted by alpha.
#[inline(always)]
fn weighed<const N: usize>(mut pixel: [f32; N], has_alpha: bool) -> [f32; N] {
    if has_alpha {
        let alpha = pixel[N - 1];
        pixel[..N - 1].iter_mut().for_each(|v| *v *= alpha);
    }
    pixel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabulated_weights_are_those_of_the_kernel() {
        let table = Table::<4>::new(Kernel::CatmullRom);
        for i in 0..1000 {
            let share = i as f32 / 1000.0;
            let weights = table.at(share);
            assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            for (tap, weight) in weights.into_iter().enumerate() {
                let exact = Kernel::CatmullRom.weight(tap as f64 - 1.0 - f64::from(share));
                assert!((f64::from(weight) - exact).abs() < 2e-6, "{share} {tap}");
            }
        }
    }
}
