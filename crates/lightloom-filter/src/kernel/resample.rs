//! Separable resampling, row by row: the engine of resizing.
//!
//! Each row of the target is a weighted sum of source rows (vertical pass), whose pixels are then summed with their
//! neighbours (horizontal pass), in f32 and rounded once. Source rows are converted once and kept in a ring as long as
//! they are within the support, so that nothing of the picture's size is stored between the passes. A row depends on
//! nothing but the source, so the result does not depend on how the target is cut into bands; no fused multiply-add, so
//! it is the same on every machine.
//!
//! Pictures of 8 bits without alpha are resized by `resample_u8` instead. The crate fast_image_resize, the peer in
//! `benches/catalogue.rs`, rounds to 8 bits between the two directions.
#![allow(clippy::expect_used, reason = "the slack behind rows proves each bound")]

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::linear::{to_encoded, to_light};
use crate::kernel::rows::{premultiplied, rounded, straight, weighted};
use crate::kernel::weights::Weights;
use lightloom_param::choice;
use lightloom_picture::{Extent, Layout, Raster, Sample};

choice! {
    /// How neighbours are weighted by their distance in pixels; stretched when shrinking.
    pub(crate) enum Kernel {
        /// Windowed sinc of three lobes (Duchon 1979).
        Lanczos3 = "lanczos3",
        /// Cubic through the samples (Catmull and Rom 1974): B = 0, C = ½.
        CatmullRom = "catmull_rom",
        /// Cubic of Mitchell and Netravali (1988): B = C = ⅓.
        Mitchell = "mitchell",
        /// Triangle.
        Bilinear = "bilinear",
        /// All pixels that the target pixel covers, with equal weights.
        Box = "box",
        /// The one pixel below the centre.
        Nearest = "nearest",
    }
}

/// The kernels that interpolate between pixels, for rotations and projective maps.
pub(crate) const INTERPOLATING: &[&str] = &["catmull_rom", "lanczos3", "bilinear"];

impl Kernel {
    /// Support: the distance from which on the weight is zero.
    pub(crate) const fn support(self) -> f64 {
        match self {
            Self::Lanczos3 => 3.0,
            Self::CatmullRom | Self::Mitchell => 2.0,
            Self::Bilinear => 1.0,
            Self::Box | Self::Nearest => 0.5,
        }
    }

    pub(crate) fn weight(self, distance: f64) -> f64 {
        let x = distance.abs();
        match self {
            _ if x > self.support() => 0.0,
            Self::Lanczos3 => lanczos3(x),
            Self::CatmullRom => cubic(x, 0.0, 0.5),
            Self::Mitchell => cubic(x, 1.0 / 3.0, 1.0 / 3.0),
            Self::Bilinear => 1.0 - x,
            // a pixel whose centre is exactly on the boundary belongs to one side only
            Self::Box | Self::Nearest => f64::from(u8::from(distance > -0.5)),
        }
    }
}

/// sinc(x)·sinc(x/3) for 0 ≤ x ≤ 3; one sine suffices, since sin 3a = (3 − 4 sin² a)·sin a.
fn lanczos3(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let angle = std::f64::consts::PI * x / 3.0;
    let square = angle.sin().powi(2);
    (3.0 - 4.0 * square) * square / (3.0 * angle * angle)
}

/// The cubic kernel of Mitchell and Netravali, for 0 ≤ x ≤ 2.
fn cubic(x: f64, b: f64, c: f64) -> f64 {
    let value = if x < 1.0 {
        (12.0 - 9.0 * b - 6.0 * c) * x.powi(3) + (-18.0 + 12.0 * b + 6.0 * c) * x.powi(2) + (6.0 - 2.0 * b)
    } else {
        (-b - 6.0 * c) * x.powi(3)
            + (6.0 * b + 30.0 * c) * x.powi(2)
            + (-12.0 * b - 48.0 * c) * x
            + (8.0 * b + 24.0 * c)
    };
    value / 6.0
}

/// Floats that the horizontal pass processes at once: some neighbouring pixels.
const LANES: usize = 8;

/// The weights of one direction, repeated for each channel of the pixels that fill the lanes.
struct Columns {
    firsts: Vec<u32>,
    /// The same number for each target pixel, padded with zeros.
    lanes: Vec<[f32; LANES]>,
    lanes_per_pixel: usize,
}

impl Columns {
    fn new(weights: &Weights, channels: usize) -> Self {
        let pixels = LANES / channels;
        let lanes_per_pixel = weights.longest().div_ceil(pixels);
        let mut lanes = Vec::with_capacity(weights.len() * lanes_per_pixel);
        for i in 0..weights.len() {
            let own = weights.at(i).1;
            let weight = |lane: usize, slot: usize| own.get(lane * pixels + slot).copied().unwrap_or(0.0);
            // where three channels fill six of eight floats, the last two are read and never used
            lanes.extend((0..lanes_per_pixel).map(|lane| {
                std::array::from_fn(|i| if i < pixels * channels { weight(lane, i / channels) } else { 0.0 })
            }));
        }
        Self { firsts: weights.firsts().collect(), lanes, lanes_per_pixel }
    }

    /// Floats beyond the end of a row that may be read.
    const fn slack(&self) -> usize {
        (self.lanes_per_pixel + 1) * LANES
    }
}

/// What is to be computed for every row: the weights of both directions.
pub(crate) struct Resampler {
    columns: Columns,
    rows: Weights,
    layout: Layout,
    /// Whether colours are weighted by alpha; not where each pixel is a copy of one.
    weigh: bool,
    /// Whether sums are in linear light.
    linear: bool,
}

/// Samples that a pass processes at once, so that sums stay in the first-level cache.
const BLOCK: usize = 512;

impl Resampler {
    /// Prepares resampling to a size with sides of at least 1.
    pub(crate) fn new(source: Extent, target: (u32, u32), layout: Layout, kernel: Kernel, linear: bool) -> Self {
        let rows = Weights::new(source.rows, target.1, kernel);
        let linear = linear && kernel != Kernel::Nearest;
        Self {
            columns: Columns::new(&Weights::new(source.columns, target.0, kernel), layout.channels()),
            rows,
            layout,
            weigh: kernel != Kernel::Nearest,
            linear,
        }
    }

    /// Computes some `rows` of the target into `target`, which holds exactly those. Asks before each whether to
    /// `stop`; then the rest stays as it was.
    pub(crate) fn rows<S: Sample>(
        &self,
        source: &Raster<S>,
        rows: Range<u32>,
        target: &mut [S],
        stop: &(dyn Fn() -> bool + Sync),
    ) {
        let (stride, target_stride) = (source.stride(), self.columns.firsts.len() * self.layout.channels());
        let layout = if self.weigh { self.layout } else { self.layout.opaque() };
        let capacity = self.rows.longest();
        let mut ring = vec![0.0; capacity * stride];
        let mut sums = vec![0.0; stride + self.columns.slack()];
        let mut result = vec![0.0; target_stride];
        let mut converted = 0;
        for (y, target) in rows.zip(target.chunks_exact_mut(target_stride)) {
            if stop() {
                return;
            }
            let (first, weights) = self.rows.at(y as usize);
            for row in converted.max(first)..first + weights.len() {
                self.convert(&mut ring[row % capacity * stride..][..stride], source.row(row as u32), layout);
            }
            converted = first + weights.len();
            add_rows(&mut sums[..stride], &ring, first, weights);
            match self.layout {
                Layout::Grey => add_pixels::<1>(&mut result, &sums, &self.columns),
                Layout::GreyAlpha => add_pixels::<2>(&mut result, &sums, &self.columns),
                Layout::Rgb => add_pixels::<3>(&mut result, &sums, &self.columns),
                Layout::Rgba => add_pixels::<4>(&mut result, &sums, &self.columns),
            }
            straight(&mut result, layout);
            if layout.has_alpha() {
                // lobes of the kernel overshoot
                result
                    .iter_mut()
                    .skip(layout.channels() - 1)
                    .step_by(layout.channels())
                    .for_each(|a| *a = a.clamp(0.0, 1.0));
            }
            if self.linear {
                to_encoded(&mut result, self.layout);
            }
            rounded(target, &result);
        }
    }

    /// A row of the source as it is summed.
    fn convert<S: Sample>(&self, to: &mut [f32], from: &[S], layout: Layout) {
        if self.linear {
            to_light(to, from, layout);
            weighted(to, layout);
        } else {
            premultiplied(to, from, layout);
        }
    }
}

/// The sum of ring rows from `first` on, weighted.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx2", "aarch64+neon"))]
fn add_rows(sums: &mut [f32], ring: &[f32], first: usize, weights: &[f32]) {
    let stride = sums.len();
    let capacity = ring.len() / stride;
    let (fours, rest) = weights.as_chunks::<4>();
    for (block, sums) in sums.chunks_mut(BLOCK).enumerate() {
        let len = sums.len();
        let row = |i: usize| &ring[(first + i) % capacity * stride + block * BLOCK..][..len];
        sums.fill(0.0);
        // four rows in one go, so that a sum is loaded and stored once for them
        for (four, [w0, w1, w2, w3]) in fours.iter().enumerate() {
            let [a, b, c, d] = [0, 1, 2, 3].map(|i| row(4 * four + i));
            for i in 0..len {
                sums[i] = sums[i] + w0 * a[i] + w1 * b[i] + w2 * c[i] + w3 * d[i];
            }
        }
        for (i, weight) in rest.iter().enumerate() {
            for (sum, v) in sums.iter_mut().zip(row(4 * fours.len() + i)) {
                *sum += weight * v;
            }
        }
    }
}

/// The weighted sums of neighbouring pixels of `N` channels.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx2", "aarch64+neon"))]
fn add_pixels<const N: usize>(result: &mut [f32], row: &[f32], columns: &Columns) {
    /// Target pixels whose lanes are summed before they are folded: in one loop for both, the compiler would split the
    /// lanes up by channel and fill its vectors worse.
    const RUN: usize = 64;
    let (pixels, count) = (LANES / N, columns.lanes_per_pixel);
    let mut sums = [[0.0; LANES]; RUN];
    let targets = result.as_chunks_mut::<N>().0.chunks_mut(RUN);
    for ((targets, firsts), weights) in targets.zip(columns.firsts.chunks(RUN)).zip(columns.lanes.chunks(RUN * count)) {
        for ((sum, first), weights) in sums.iter_mut().zip(firsts).zip(weights.chunks_exact(count)) {
            let from = &row[*first as usize * N..][..(count - 1) * pixels * N + LANES];
            let mut own = [0.0; LANES];
            for (i, weights) in weights.iter().enumerate() {
                let from: &[f32; LANES] = from[i * pixels * N..].first_chunk().expect("rows end in slack");
                for lane in 0..LANES {
                    own[lane] += weights[lane] * from[lane];
                }
            }
            *sum = own;
        }
        for (target, sum) in targets.iter_mut().zip(&sums) {
            for channel in 0..N {
                target[channel] = sum[channel];
                for pixel in 1..pixels {
                    target[channel] += sum[pixel * N + channel];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{float, floats, run};

    const ALL: [Kernel; 6] =
        [Kernel::Lanczos3, Kernel::CatmullRom, Kernel::Mitchell, Kernel::Bilinear, Kernel::Box, Kernel::Nearest];

    #[test]
    fn kernels_at_whole_distances() {
        for kernel in [Kernel::Lanczos3, Kernel::CatmullRom, Kernel::Bilinear] {
            assert_eq!(kernel.weight(0.0), 1.0);
            assert!((1..4).all(|x| kernel.weight(f64::from(x)).abs() < 1e-12), "{kernel:?} goes through the samples");
        }
        assert!((Kernel::Mitchell.weight(0.0) - 8.0 / 9.0).abs() < 1e-12);
        assert!((Kernel::Mitchell.weight(1.0) - 1.0 / 18.0).abs() < 1e-12);
        assert!((cubic(0.5, 0.0, 0.5) - 0.5625).abs() < 1e-12);
    }

    #[test]
    fn bands_join_without_a_seam() {
        let samples = (0..80_000).map(|i| ((i * 97) % 1009) as f32 / 1009.0).collect();
        let source = Raster::new(40, 500, Layout::Rgba, samples);
        for kernel in ALL {
            for height in [173, 700] {
                let resampler = Resampler::new(Extent::whole(40, 500), (25, height), Layout::Rgba, kernel, false);
                let mut whole = vec![0.0; 100 * height as usize];
                resampler.rows(&source, 0..height, &mut whole, &|| false);
                let mut parts = vec![0.0; whole.len()];
                for (i, part) in parts.chunks_mut(100 * 20).enumerate() {
                    let top = 20 * i as u32;
                    resampler.rows(&source, top..height.min(top + 20), part, &|| false);
                }
                assert!(whole == parts, "{kernel:?} to {height}");
            }
        }
    }

    #[test]
    fn box_halves_by_averaging_four() {
        let source: Vec<f32> = (0..48).map(|i| ((i * 29) % 47) as f32 / 47.0).collect();
        let params = [("mode", "percent"), ("kernel", "box")];
        let result = run("resize", &params, Raster::new(8, 6, Layout::Grey, source.clone()));
        for (i, v) in floats(&result).iter().enumerate() {
            let at = i / 4 * 16 + i % 4 * 2;
            let mean = (source[at] + source[at + 1] + source[at + 8] + source[at + 9]) / 4.0;
            assert!((v - mean).abs() < 1e-6);
        }
    }

    #[test]
    fn lanczos_halves_with_its_closed_form() {
        let source: Vec<f32> = (0..40).map(|i| ((i * 29) % 47) as f32 / 47.0).collect();
        let params = [("mode", "exact"), ("width", "20"), ("height", "1")];
        let result = run("resize", &params, float(Layout::Grey, &source));
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x) };
        let lanczos = |x: f64| if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 };
        for (i, v) in floats(&result).iter().enumerate() {
            let weight = |j: usize| lanczos((j as f64 + 0.5 - (2 * i + 1) as f64) / 2.0);
            let total: f64 = (0..40).map(weight).sum();
            let expected = (0..40).map(|j| weight(j) * f64::from(source[j])).sum::<f64>() / total;
            assert!((f64::from(*v) - expected).abs() < 1e-5, "{i}: {v}, not {expected}");
        }
    }
}
