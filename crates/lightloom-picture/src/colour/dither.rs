//! Fewer bits per sample, by rounding or with blue noise.
//!
//! The noise is a 64 × 64 threshold pattern made by void and cluster (R. Ulichney, "The void-and-cluster method for
//! dither array generation", 1993): each sample depends on its own place only, so results do not depend on strips.

use std::sync::OnceLock;

use rayon::prelude::*;

use crate::with_raster;
use crate::{Depth, Pixels, Raster, Sample};

/// What happens to the fraction when samples lose bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dither {
    /// Rounded to the nearest: smallest files; smooth skies may show bands. Default.
    #[default]
    Round,
    /// Up or down by a fixed pattern of blue noise, so that the mean over a few pixels is right and bands disappear.
    BlueNoise,
}

impl Dither {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Round, Self::BlueNoise];

    /// Name in recipes and on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Round => "none",
            Self::BlueNoise => "blue-noise",
        }
    }
}

/// The same picture in `depth`, which is dithered where that has fewer bits. Alpha is always rounded.
pub fn reduce(pixels: Pixels, depth: Depth, dither: Dither) -> Pixels {
    let now = pixels.shape().depth;
    if dither == Dither::Round || depth >= now || depth == Depth::F32 {
        return pixels.into_depth(depth);
    }
    match depth {
        Depth::U8 => with_raster!(&pixels, r => noisy::<_, u8>(r, 255.0)).into(),
        _ => with_raster!(&pixels, r => noisy::<_, u16>(r, 65_535.0)).into(),
    }
}

fn noisy<A: Sample, B: Sample>(from: &Raster<A>, white: f32) -> Raster<B> {
    let layout = from.layout();
    let (channels, colours) = (layout.channels(), layout.colours());
    let pattern = pattern();
    let mut samples = vec![B::default(); from.samples().len()];
    let stride = from.stride().max(1);
    let rows = samples.par_chunks_mut(stride).zip(from.samples().par_chunks(stride)).enumerate();
    rows.for_each(|(y, (to, from))| {
        for (x, (to, from)) in to.chunks_exact_mut(channels).zip(from.chunks_exact(channels)).enumerate() {
            for i in 0..channels {
                to[i] = if i < colours {
                    // Each colour has the pattern elsewhere, so that the noise is not grey only.
                    let threshold = pattern[(y + 23 * i) % SIDE * SIDE + (x + 37 * i) % SIDE];
                    // A sample that needs no rounding must stay: thresholds are above 0 and below 1.
                    let scaled = from[i].to_unit() * white;
                    let nearest = scaled.round();
                    let exact = (scaled - nearest).abs() < white * 4e-7;
                    B::from_unit(if exact { nearest } else { (scaled + threshold).floor() } / white)
                } else {
                    B::from_unit(from[i].to_unit())
                };
            }
        }
    });
    Raster::new(from.width(), from.height(), layout, samples)
}

const SIDE: usize = 64;
const CELLS: usize = SIDE * SIDE;

/// The thresholds, each of (i + ½) / 4096 once.
fn pattern() -> &'static [f32] {
    static PATTERN: OnceLock<Vec<f32>> = OnceLock::new();
    PATTERN.get_or_init(|| void_and_cluster().iter().map(|&rank| (rank as f32 + 0.5) / CELLS as f32).collect())
}

/// Energy that ones spread around them, on a torus.
struct Energy {
    kernel: Vec<f32>,
    ones: Vec<bool>,
    energy: Vec<f32>,
}

impl Energy {
    fn new() -> Self {
        const SIGMA: f32 = 1.9;
        let distance = |d: usize| d.min(SIDE - d) as f32;
        let kernel = (0..CELLS).map(|i| {
            let (x, y) = (distance(i % SIDE), distance(i / SIDE));
            (-(x * x + y * y) / (2.0 * SIGMA * SIGMA)).exp()
        });
        Self { kernel: kernel.collect(), ones: vec![false; CELLS], energy: vec![0.0; CELLS] }
    }

    fn set(&mut self, cell: usize, one: bool) {
        self.ones[cell] = one;
        let sign = if one { 1.0 } else { -1.0 };
        let (cx, cy) = (cell % SIDE, cell / SIDE);
        for y in 0..SIDE {
            let kernel = &self.kernel[(y + SIDE - cy) % SIDE * SIDE..][..SIDE];
            for x in 0..SIDE {
                self.energy[y * SIDE + x] += sign * kernel[(x + SIDE - cx) % SIDE];
            }
        }
    }

    /// The one that has most ones near it.
    fn cluster(&self) -> usize {
        let ones = (0..CELLS).filter(|&i| self.ones[i]);
        ones.max_by(|&a, &b| self.energy[a].total_cmp(&self.energy[b])).unwrap_or(0)
    }

    /// The zero that has fewest ones near it.
    fn void(&self) -> usize {
        let zeros = (0..CELLS).filter(|&i| !self.ones[i]);
        zeros.min_by(|&a, &b| self.energy[a].total_cmp(&self.energy[b])).unwrap_or(0)
    }
}

fn void_and_cluster() -> Vec<usize> {
    let mut energy = Energy::new();
    // A tenth of the cells, scattered by a fixed sequence of additive golden-ratio steps.
    let first = CELLS / 10;
    for i in 0..first {
        energy.set((i * 2531 + 7) % CELLS, true);
    }
    // Moved until the tightest cluster is the largest void.
    for _ in 0..CELLS {
        let cluster = energy.cluster();
        energy.set(cluster, false);
        let void = energy.void();
        energy.set(void, true);
        if void == cluster {
            break;
        }
    }
    let mut ranks = vec![0; CELLS];
    let start: Vec<usize> = (0..CELLS).filter(|&i| energy.ones[i]).collect();
    for rank in (0..start.len()).rev() {
        let cluster = energy.cluster();
        energy.set(cluster, false);
        ranks[cluster] = rank;
    }
    for &cell in &start {
        energy.set(cell, true);
    }
    for rank in start.len()..CELLS {
        let void = energy.void();
        energy.set(void, true);
        ranks[void] = rank;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;

    #[test]
    fn every_threshold_occurs_once() {
        let mut ranks = void_and_cluster();
        ranks.sort_unstable();
        assert_eq!(ranks, (0..CELLS).collect::<Vec<_>>());
    }

    /// A value between two 8-bit levels comes out as a mixture of just these two with the right mean; a 16-bit value
    /// that is an 8-bit level stays exactly.
    #[test]
    fn means_are_kept_and_levels_stay() {
        for value in [0_u16, 1, 100, 257, 30_000, 32_768, 65_000, 65_535] {
            let flat = Pixels::from(Raster::new(64, 64, Layout::Rgb, vec![value; 64 * 64 * 3]));
            let Pixels::U8(r) = reduce(flat, Depth::U8, Dither::BlueNoise) else { panic!("not 8-bit") };
            let exact = f64::from(value) / 257.0;
            let mean = r.samples().iter().map(|v| f64::from(*v)).sum::<f64>() / r.samples().len() as f64;
            assert!((mean - exact).abs() < 1e-3, "{value}: {mean} instead of {exact}");
            assert!(r.samples().iter().all(|v| (f64::from(*v) - exact).abs() < 1.0), "{value}");
        }
        for level in 0..=255_u16 {
            let flat = Pixels::from(Raster::new(8, 8, Layout::Grey, vec![level * 257; 64]));
            let Pixels::U8(r) = reduce(flat, Depth::U8, Dither::BlueNoise) else { panic!("not 8-bit") };
            assert!(r.samples().iter().all(|v| u16::from(*v) == level), "{level}");
        }
    }

    /// Blue noise has little energy in low frequencies: means over 8 × 8 blocks spread far less than those of white
    /// noise, whose standard deviation would be sqrt(1/12)/8 = 0.036.
    #[test]
    fn the_noise_is_blue() {
        let pattern = pattern();
        let block = |bx: usize, by: usize| -> f32 {
            let cells = (0..64).map(|i| pattern[(by * 8 + i / 8) * SIDE + bx * 8 + i % 8]);
            cells.sum::<f32>() / 64.0
        };
        let spread = (0..64).map(|i| (block(i % 8, i / 8) - 0.5).powi(2)).sum::<f32>() / 64.0;
        assert!(spread.sqrt() < 0.018, "{}", spread.sqrt());
    }

    #[test]
    fn alpha_is_rounded() {
        let half = Pixels::from(Raster::new(16, 16, Layout::GreyAlpha, [30_000_u16, 30_000].repeat(256)));
        let Pixels::U8(r) = reduce(half, Depth::U8, Dither::BlueNoise) else { panic!("not 8-bit") };
        assert!(r.samples().iter().skip(1).step_by(2).all(|v| *v == 117));
        assert!(r.samples().iter().step_by(2).any(|v| *v == 116));
    }
}
