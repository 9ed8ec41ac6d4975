//! Histograms of a whole picture: what automatic levels, equalisation and their like measure first.
//!
//! 8-bit pictures have one bin per level; 16-bit and float pictures 65,536 bins from black to white, values beyond
//! those in the first and last. Pixels whose alpha is zero do not count: they are invisible.

use multiversion::multiversion;

use crate::{Stopped, Work};
use lightloom_picture::with_raster;
use lightloom_picture::{Depth, Layout, Pixels, Raster, Sample, nearest_whole};

/// Weights of red, green and blue in luma (ITU-R BT.709).
pub(crate) const LUMA: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// Luma of encoded values.
#[inline(always)]
pub(crate) fn luma([red, green, blue]: [f32; 3]) -> f32 {
    LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
}

/// Luma of many pixels.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn lumas(to: &mut [f32], [red, green, blue]: [&[f32]; 3]) {
    for (((to, red), green), blue) in to.iter_mut().zip(red).zip(green).zip(blue) {
        *to = luma([*red, *green, *blue]);
    }
}

/// How many pixels have each value of one channel or of luma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Histogram {
    /// Pixels of each bin.
    pub(crate) bins: Vec<u64>,
}

impl Histogram {
    /// The histogram of each colour channel.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(crate) fn of_channels(source: &Pixels, work: &Work<'_>) -> Result<Vec<Self>, Stopped> {
        let colours = source.shape().layout.colours();
        let channels = source.shape().layout.channels();
        with_raster!(source, r => count(r, work, (colours, channels), bins_of_samples))
    }

    /// The histogram of luma; of the grey channel where there is no colour.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(crate) fn of_luma(source: &Pixels, work: &Work<'_>) -> Result<Self, Stopped> {
        let mut one = with_raster!(source, r => count(r, work, (1, 1), |to, row, last| match r.layout() {
            Layout::Grey => bins_of_luma::<_, 1>(to, row, last),
            Layout::GreyAlpha => bins_of_luma::<_, 2>(to, row, last),
            Layout::Rgb => bins_of_luma::<_, 3>(to, row, last),
            Layout::Rgba => bins_of_luma::<_, 4>(to, row, last),
        }))?;
        Ok(one.swap_remove(0))
    }

    /// Number of pixels.
    pub(crate) fn total(&self) -> u64 {
        self.bins.iter().sum()
    }

    /// The value that a bin stands for: 0.0 black, 1.0 white.
    pub(crate) fn value(&self, bin: usize) -> f32 {
        bin as f32 / (self.bins.len() - 1) as f32
    }

    /// The smallest value that at least this share (0–1) of the pixels does not exceed; `None` without pixels.
    pub(crate) fn quantile(&self, share: f64) -> Option<f32> {
        let wanted = (share * self.total() as f64).ceil().max(1.0) as u64;
        let mut below = 0;
        let bin = self.bins.iter().position(|count| {
            below += count;
            below >= wanted
        })?;
        Some(self.value(bin))
    }

    /// The largest value that at least this share (0–1) of the pixels does not fall below; `None` without pixels.
    pub(crate) fn upper_quantile(&self, share: f64) -> Option<f32> {
        let wanted = (share * self.total() as f64).ceil().max(1.0) as u64;
        let mut above = 0;
        let bin = self.bins.iter().rposition(|count| {
            above += count;
            above >= wanted
        })?;
        Some(self.value(bin))
    }
}

/// Counts the bins that `find` returns for the pixels of a row: one per histogram for each pixel, and one more where
/// there is alpha.
fn count<S: Sample>(
    source: &Raster<S>,
    work: &Work<'_>,
    (histograms, each): (usize, usize),
    find: impl Fn(&mut [u16], &[S], f32) + Sync,
) -> Result<Vec<Histogram>, Stopped> {
    let (channels, alpha) = (source.layout().channels(), source.layout().has_alpha());
    let bins = if S::DEPTH == Depth::U8 { 256 } else { 65_536 };
    let last = (bins - 1) as f32;
    let (counts, _) = work.measure_rows(
        source,
        || (vec![0_u64; bins * histograms], vec![0_u16; source.width() as usize * each]),
        |(counts, found), _, row| {
            find(found, row, last);
            for (found, pixel) in found.chunks_exact(each).zip(row.chunks_exact(channels)) {
                // NaN counts as opaque
                if alpha && pixel[channels - 1].to_unit() <= 0.0 {
                    continue;
                }
                for (counts, bin) in counts.chunks_exact_mut(bins).zip(found) {
                    counts[usize::from(*bin)] += 1;
                }
            }
        },
        |mut a, b| {
            a.0.iter_mut().zip(&b.0).for_each(|(a, b)| *a += b);
            a
        },
    )?;
    Ok(counts.chunks_exact(bins).map(|bins| Histogram { bins: bins.to_vec() }).collect())
}

/// The bin of a value; NaN counts as the first.
#[inline(always)]
fn bin(value: f32, last: f32) -> u16 {
    nearest_whole((value * last + 0.5).max(0.0).min(last).floor()) as u16
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn bins_of_samples<S: Sample>(to: &mut [u16], row: &[S], last: f32) {
    to.iter_mut().zip(row).for_each(|(to, v)| *to = bin(v.to_unit(), last));
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn bins_of_luma<S: Sample, const N: usize>(to: &mut [u16], row: &[S], last: f32) {
    for (to, pixel) in to.iter_mut().zip(row.as_chunks::<N>().0) {
        let [red, green, blue] = [0, 1 % N, 2 % N].map(|c| pixel[c].to_unit());
        *to = bin(if N > 2 { luma([red, green, blue]) } else { red }, last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Buffers;

    #[test]
    fn counts_and_quantiles() {
        let pixels: Pixels = Raster::new(5, 1, Layout::GreyAlpha, vec![10_u8, 1, 20, 255, 20, 9, 30, 7, 99, 0]).into();
        for split in [false, true] {
            let work = Work { buffers: &mut Buffers::default(), stop: &|| false, split };
            let histogram = &Histogram::of_channels(&pixels, &work).unwrap()[0];
            assert_eq!((histogram.total(), histogram.bins[20], histogram.bins[99]), (4, 2, 0));
            assert_eq!(histogram, &Histogram::of_luma(&pixels, &work).unwrap());
            let quantile = |share| histogram.quantile(share).map(|v| (v * 255.0).round());
            assert_eq!([0.0, 0.25, 0.26, 0.75, 1.0].map(quantile), [10.0, 10.0, 20.0, 20.0, 30.0].map(Some));
        }
    }

    #[test]
    fn floats_beyond_the_range_count_at_its_ends() {
        let wild = vec![f32::NAN, -1.0, 0.0, 0.5, 1.0, f32::INFINITY];
        let pixels: Pixels = Raster::new(6, 1, Layout::Grey, wild).into();
        let work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        let histogram = Histogram::of_luma(&pixels, &work).unwrap();
        assert_eq!((histogram.bins[0], histogram.bins[32_768], histogram.bins[65_535]), (3, 1, 2));
    }

    #[test]
    fn there_is_no_quantile_without_pixels() {
        assert_eq!(Histogram { bins: vec![0; 256] }.quantile(0.5), None);
    }
}
