//! Weights of separable resampling in one direction: which source pixels count how much for each target pixel.
//!
//! The source may be a scaled decode, of which the pixels at the edges belong to the picture in part only (see
//! [`Span`]).

use std::ops::Range;

use crate::kernel::resample::Kernel;
use lightloom_picture::Span;

/// For each target pixel of one direction, the source pixels that count and their normalised weights.
pub(crate) struct Weights {
    runs: Vec<Run>,
    weights: Vec<f32>,
}

/// What counts for one target pixel.
#[derive(Clone, Copy)]
struct Run {
    /// The first source pixel; never decreases.
    first: u32,
    /// Where its weights are among all. Pixels in the same phase relative to the source share them.
    from: u32,
    to: u32,
}

impl Weights {
    /// Weights for the `target` pixels that divide the picture's side evenly.
    pub(crate) fn new(source: Span, target: u32, kernel: Kernel) -> Self {
        Self::shared(source, (target, 1), kernel)
    }

    /// Weights for samples that each stand for `share` of the `target` pixels that divide the picture's side evenly. The
    /// last may stand for pixels beyond the edge too.
    pub(crate) fn shared(source: Span, (target, share): (u32, u32), kernel: Kernel) -> Self {
        let (begin, end) = source.edges();
        let (pixels, step) = (source.pixels(), (end - begin) * f64::from(share) / f64::from(target));
        let stretch = if kernel == Kernel::Nearest { 1.0 } else { step.max(1.0) };
        // after this number of pixels of target and source the positions repeat
        let length = u64::from(source.length) * u64::from(share);
        let common = common_divisor(length, u64::from(source.divisor) * u64::from(target));
        let period = u64::from(source.divisor) * u64::from(target) / common;
        let shift = (length / common) as u32;
        let target = target.div_ceil(share);
        let (mut runs, mut weights) = (Vec::<Run>::with_capacity(target as usize), Vec::new());
        let mut own = Vec::new();
        for i in 0..target {
            let centre = begin + (f64::from(i) + 0.5) * step;
            let support = kernel.support() * stretch;
            let mut first = (centre - support).floor().max(0.0) as u32;
            let last = ((centre + support).ceil() as u32).min(pixels);
            let inside = |centre: f64| centre - support >= begin.ceil() && centre + support <= end.floor();
            if let Some(alike) = u64::from(i).checked_sub(period).map(|i| runs[i as usize])
                && inside(centre - f64::from(shift))
                && inside(centre)
                && (alike.first + shift, alike.to - alike.from) == (first, last - first)
            {
                runs.push(Run { first, ..alike });
                continue;
            }
            own.clear();
            if kernel == Kernel::Nearest {
                first = (centre as u32).min(pixels - 1);
                own.push(1.0);
            } else {
                own.extend((first..last).map(|pixel| {
                    // Of a pixel at the edge only the part within the picture counts, from the middle of that part.
                    let (from, to) = (f64::from(pixel).max(begin), (f64::from(pixel) + 1.0).min(end));
                    (to - from) * kernel.weight(((from + to) / 2.0 - centre) / stretch)
                }));
            }
            let sum: f64 = own.iter().sum();
            let from = weights.len() as u32;
            weights.extend(own.iter().map(|w| (w / sum) as f32));
            runs.push(Run { first, from, to: weights.len() as u32 });
        }
        Self { runs, weights }
    }

    /// The number of target pixels.
    pub(crate) fn len(&self) -> usize {
        self.runs.len()
    }

    /// The number of distinct weights.
    pub(crate) fn weights(&self) -> usize {
        self.weights.len()
    }

    /// The first source pixel of target pixel `i`, and the weights from there on.
    #[inline(always)]
    pub(crate) fn at(&self, i: usize) -> (usize, &[f32]) {
        (self.runs[i].first as usize, &self.weights[self.range(i)])
    }

    /// Where the weights of target pixel `i` are among all: the same range means the same weights.
    pub(crate) fn range(&self, i: usize) -> Range<usize> {
        self.runs[i].from as usize..self.runs[i].to as usize
    }

    /// The first source pixel of each target pixel.
    pub(crate) fn firsts(&self) -> impl Iterator<Item = u32> {
        self.runs.iter().map(|run| run.first)
    }

    /// The largest number of source pixels that count for one target pixel.
    pub(crate) fn longest(&self) -> usize {
        (0..self.runs.len()).map(|i| self.range(i).len()).max().unwrap_or(0)
    }
}

/// Greatest common divisor, by Euclid.
fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_param::Choice as _;

    #[test]
    fn weights_are_normalised_and_inside() {
        for &kernel in Kernel::ALL {
            for (source, target) in [(1, 1), (1, 9), (9, 1), (100, 37), (37, 100), (6000, 1920), (7, 6)] {
                let weights = Weights::new(Span::whole(source), target, kernel);
                for i in 0..target as usize {
                    let (first, own) = weights.at(i);
                    assert!(!own.is_empty() && first + own.len() <= source as usize, "{kernel:?} {source} → {target}");
                    assert!((own.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{kernel:?} {source} → {target}");
                }
            }
        }
    }

    #[test]
    fn pixels_in_the_same_phase_share_weights() {
        for kernel in [Kernel::Lanczos3, Kernel::CatmullRom, Kernel::Mitchell, Kernel::Bilinear] {
            for (source, target, shared) in [(6000, 3000, 100), (6000, 1920, 40), (400, 1000, 10), (37, 31, 1)] {
                let weights = Weights::new(Span::whole(source), target, kernel);
                let all: usize = (0..target as usize).map(|i| weights.at(i).1.len()).sum();
                assert!(weights.weights.len() * shared <= all, "{kernel:?} {source} → {target}: {all} weights");
                let step = f64::from(source) / f64::from(target);
                for i in 0..target as usize {
                    let (first, own) = weights.at(i);
                    let place = |j: usize| (j as f64 + 0.5 - (i as f64 + 0.5) * step) / step.max(1.0);
                    let exact: Vec<f64> = (first..first + own.len()).map(|j| kernel.weight(place(j))).collect();
                    let sum: f64 = exact.iter().sum();
                    let near = own.iter().zip(&exact).all(|(own, exact)| (f64::from(*own) - exact / sum).abs() < 1e-6);
                    assert!(
                        near || kernel == Kernel::Box,
                        "{kernel:?} {source} → {target}, {i}: {own:?}, not {exact:?}"
                    );
                }
            }
        }
    }

    /// A scaled decode averages squares of pixels. What is resampled from such averages lies where it would lie if all pixels
    /// of the full size were resampled.
    #[test]
    fn a_scaled_picture_lies_where_the_full_one_does() {
        // Where the target pixels would lie on a ramp of the full size, of which each source pixel is the mean of its part.
        let places = |weights: &Weights, source: Span| {
            let middle = |pixel: usize| {
                let begin = (pixel as u32 * source.divisor).max(source.begin);
                let end = ((pixel as u32 + 1) * source.divisor).min(source.begin + source.length);
                f64::from(begin + end) / 2.0 - f64::from(source.begin)
            };
            let place = |i: usize| {
                let (first, own) = weights.at(i);
                own.iter().zip(first..).map(|(weight, pixel)| f64::from(*weight) * middle(pixel)).sum::<f64>()
            };
            (0..weights.len()).map(place).collect::<Vec<_>>()
        };
        let mut worst = 0.0_f64;
        for kernel in [Kernel::Lanczos3, Kernel::CatmullRom, Kernel::Mitchell, Kernel::Bilinear] {
            for (length, divisor) in (300..=332).chain([1999, 2000, 4001]).flat_map(|n| [2, 4, 8].map(|d| (n, d))) {
                let stored = Span { begin: 0, length, divisor };
                let turned = Span { begin: stored.pixels() * divisor - length, ..stored };
                for target in
                    [1.5, 1.9, 2.5, 4.2].map(|margin| (f64::from(length) / f64::from(divisor) / margin) as u32)
                {
                    let exact = places(&Weights::new(Span::whole(length), target, kernel), Span::whole(length));
                    let step = f64::from(length) / f64::from(target);
                    for source in [stored, turned] {
                        let own = places(&Weights::new(source, target, kernel), source);
                        let off = own.iter().zip(&exact).map(|(own, exact)| (own - exact).abs() / step);
                        worst = off.fold(worst, f64::max);
                        assert!(worst < 0.05, "{kernel:?} of {source:?} to {target}: off by {worst}");
                    }
                }
            }
        }
    }
}
