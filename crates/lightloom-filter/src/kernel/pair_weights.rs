//! Resampling weights for pairs of neighbours, as 16-bit integers: the processor multiplies pairs and adds both
//! products in one instruction.

use std::ops::Range;

use crate::kernel::transpose::LANES;
use crate::kernel::weights::Weights;

/// Bits of a weight below the point. Weights are below 2 where the kernel is cut at an edge.
pub(crate) const WEIGHT_BITS: u32 = 14;

/// The weights of a pair of neighbours, once for each lane.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Weight(pub(crate) [i16; 2 * LANES]);

/// Weights of one direction, for pairs of neighbours that begin at even positions.
pub(crate) struct PairWeights {
    /// For each target pixel its first pair, which never decreases, and where its weights are: pixels with equal weights
    /// and the same position within pairs share them.
    pub(crate) spans: Vec<(usize, Range<usize>)>,
    weights: Vec<Weight>,
}

impl PairWeights {
    pub(crate) fn new(exact: &Weights) -> Self {
        // positions of the integer weights for the exact ones that start here, at even and at odd pixels
        let mut known: Vec<[Option<Range<usize>>; 2]> = vec![[None, None]; exact.weights()];
        let mut weights = Vec::new();
        let spans = (0..exact.len()).map(|i| {
            let (first, own) = exact.at(i);
            let range = known[exact.range(i).start][first % 2].get_or_insert_with(|| {
                let from = weights.len();
                let mut singles = vec![0; first % 2];
                singles.extend(whole(own));
                weights.extend(singles.chunks(2).map(|pair| {
                    let [even, odd] = [pair[0], pair.get(1).copied().unwrap_or(0)];
                    Weight(std::array::from_fn(|lane| if lane % 2 == 0 { even } else { odd }))
                }));
                from..weights.len()
            });
            (first / 2, range.clone())
        });
        Self { spans: spans.collect(), weights }
    }

    /// The first pair of target pixel `i`, and the weights from there on.
    #[inline(always)]
    pub(crate) fn at(&self, i: usize) -> (usize, &[Weight]) {
        let (first, range) = &self.spans[i];
        (*first, &self.weights[range.clone()])
    }

    /// The pairs that these target pixels depend on.
    pub(crate) fn sources(&self, targets: &Range<usize>) -> Range<usize> {
        let (last, weights) = self.at(targets.end - 1);
        self.at(targets.start).0..last + weights.len()
    }
}

/// Weights as integers with the same sum: each is the increase of the rounded cumulative sum.
fn whole(exact: &[f32]) -> impl Iterator<Item = i16> {
    let (mut sum, mut given) = (0.0, 0);
    exact.iter().map(move |weight| {
        sum += f64::from(*weight);
        let before = given;
        given = (sum * f64::from(1 << WEIGHT_BITS)).round() as i32;
        (given - before) as i16
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::resample::Kernel;
    use lightloom_param::Choice as _;
    use lightloom_picture::Span;

    #[test]
    fn weights_sum_to_one() {
        for &kernel in Kernel::ALL {
            for (source, target) in [(1, 1), (1, 9), (9, 1), (100, 37), (37, 100), (6000, 1920), (20_000, 7)] {
                let pairs = PairWeights::new(&Weights::new(Span::whole(source), target, kernel));
                for i in 0..target as usize {
                    let (first, weights) = pairs.at(i);
                    let sum: i32 = weights.iter().map(|w| i32::from(w.0[0]) + i32::from(w.0[1])).sum();
                    assert_eq!(sum, 1 << WEIGHT_BITS, "{kernel:?} {source} → {target}, {i}");
                    assert!(
                        first + weights.len() <= source.div_ceil(2) as usize,
                        "{kernel:?} {source} → {target}, {i}"
                    );
                }
            }
        }
    }
}
