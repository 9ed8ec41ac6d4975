//! Samples to quantised coefficients, sixteen blocks and more at once: each lane of a vector is a block, so that rows, columns,
//! division and the zig-zag order need no exchange between lanes.
//!
//! The transform is the accurate integer one of the Independent JPEG Group, after Loeffler, Ligtenberg and Moschytz,
//! "Practical Fast 1-D DCT Algorithms with 11 Multiplications" (1989), to the bit.

use super::quantiser::Divisor;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

/// Blocks that are transformed at once.
pub(super) const LANES: usize = 16;

/// Eight rows of the samples of two batches of blocks: two blocks beside each other of one batch, then of the other, then
/// the next two.
pub(super) type Samples = [[[[u8; 16]; 2]; LANES / 2]; 8];

/// Quantised coefficients of blocks.
#[derive(Clone)]
#[repr(C, align(64))]
pub(super) struct Batch {
    /// In zig-zag order, of each lane.
    pub(super) coefficients: [[i16; LANES]; 64],
    /// Of each lane: bit i says that coefficient i is not zero. DC's bit is always set.
    pub(super) nonzero: [u64; LANES],
    /// Of each lane: what the magnitudes of its AC coefficients have together, bit by bit.
    pub(super) magnitudes: [u16; LANES],
}

impl Batch {
    pub(super) const EMPTY: Self = Self { coefficients: [[0; LANES]; 64], nonzero: [1; LANES], magnitudes: [0; LANES] };

    /// Makes a block flat.
    pub(super) fn flatten(&mut self, lane: usize, brightness: i16) {
        self.coefficients[0][lane] = brightness;
        self.coefficients[1..].iter_mut().for_each(|of_all| of_all[lane] = 0);
        self.nonzero[lane] = 1;
        self.magnitudes[lane] = 0;
    }
}

/// The block, counted from the left, of a lane: those of even blocks come first.
pub(super) const fn block(lane: usize) -> usize {
    lane % (LANES / 2) * 2 + lane / (LANES / 2)
}

/// The lane of a block.
pub(super) const fn lane(block: usize) -> usize {
    block % 2 * (LANES / 2) + block / 2
}

/// Transforms and quantises two batches of blocks, or the first of them alone.
pub(super) fn transform(samples: &Samples, divisors: &[Divisor; 64], to: &mut [Batch; 2], count: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        let level = fearless_simd::Level::new();
        if let (Some(avx512), 2) = (level.as_avx512(), count) {
            return avx512::transform(avx512, samples, divisors, to);
        }
        if let Some(avx2) = level.as_avx2() {
            (0..count).for_each(|batch| avx2::transform(avx2, samples, batch, divisors, &mut to[batch]));
            return;
        }
    }
    (0..count).for_each(|batch| portable::transform(samples, batch, divisors, &mut to[batch]));
}

/// Samples are meant around zero, which matters to the mean of a row alone: what it is less after the first pass.
const MEAN: i16 = 8 * 128 << 2;

/// The number as a fraction of 2¹³.
const fn fixed(number: f64) -> i16 {
    (number * 8192.0 + 0.5) as i16
}

const F0_298: i16 = fixed(0.298_631_336);
const F0_390: i16 = fixed(0.390_180_644);
const F0_541: i16 = fixed(0.541_196_100);
const F0_765: i16 = fixed(0.765_366_865);
const F0_899: i16 = fixed(0.899_976_223);
const F1_175: i16 = fixed(1.175_875_602);
const F1_501: i16 = fixed(1.501_321_110);
const F1_847: i16 = fixed(1.847_759_065);
const F1_961: i16 = fixed(1.961_570_560);
const F2_053: i16 = fixed(2.053_119_869);
const F2_562: i16 = fixed(2.562_915_447);
const F3_072: i16 = fixed(3.072_711_026);

/// The transform of eight vectors, in the operations of the module that uses it: of sums and differences the same number of
/// lanes and bits, of products the sums of two, in 32 bits. `$ends` makes the results 0 and 4 of a vector, `$narrow` the
/// others of sums of products.
macro_rules! dct {
    ($values:expr, $ends:expr, $narrow:expr) => {{
        let v = $values;
        let (sum_07, difference_07) = (add(v[0], v[7]), subtract(v[0], v[7]));
        let (sum_16, difference_16) = (add(v[1], v[6]), subtract(v[1], v[6]));
        let (sum_25, difference_25) = (add(v[2], v[5]), subtract(v[2], v[5]));
        let (sum_34, difference_34) = (add(v[3], v[4]), subtract(v[3], v[4]));
        let (outer, outer_difference) = (add(sum_07, sum_34), subtract(sum_07, sum_34));
        let (inner, inner_difference) = (add(sum_16, sum_25), subtract(sum_16, sum_25));
        let even = pairs(outer_difference, inner_difference);
        let odd = pairs(add(difference_34, difference_16), add(difference_25, difference_07));
        let outside = pairs(difference_34, difference_07);
        let inside = pairs(difference_25, difference_16);
        let [first, second] = [products(odd, [F1_175 - F1_961, F1_175]), products(odd, [F1_175, F1_175 - F0_390])];
        [
            $ends(add(outer, inner)),
            $narrow(add_wide(products(outside, [-F0_899, F1_501 - F0_899]), second)),
            $narrow(products(even, [F0_541 + F0_765, F0_541])),
            $narrow(add_wide(products(inside, [-F2_562, F3_072 - F2_562]), first)),
            $ends(subtract(outer, inner)),
            $narrow(add_wide(products(inside, [F2_053 - F2_562, -F2_562]), second)),
            $narrow(products(even, [F0_541, F0_541 - F1_847])),
            $narrow(add_wide(products(outside, [F0_298 - F0_899, -F0_899]), first)),
        ]
    }};
}
use dct;

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::encode::quantiser::divisors;
    use crate::encode::tables::quantisation;

    #[test]
    fn vectors_give_what_plain_code_gives() {
        let level = fearless_simd::Level::new();
        let mut seed = 1_u32;
        for round in 0..200 {
            let mut next = || {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Some rounds have extremes only.
                if round % 3 == 0 { (seed >> 31) as u8 * 255 } else { (seed >> 24) as u8 >> (round % 5) }
            };
            let mut samples: Samples = [[[[0; 16]; 2]; LANES / 2]; 8];
            samples.as_flattened_mut().as_flattened_mut().as_flattened_mut().iter_mut().for_each(|v| *v = next());
            let divisors = divisors(&quantisation(1 + round / 2)[usize::from(round % 2)]);
            let mut expected = [const { Batch::EMPTY }; 2];
            (0..2).for_each(|i| portable::transform(&samples, i, &divisors, &mut expected[i]));
            if let Some(avx2) = level.as_avx2() {
                let mut found = [const { Batch::EMPTY }; 2];
                (0..2).for_each(|i| avx2::transform(avx2, &samples, i, &divisors, &mut found[i]));
                assert_same(&found, &expected);
            }
            if let Some(avx512) = level.as_avx512() {
                let mut found = [const { Batch::EMPTY }; 2];
                avx512::transform(avx512, &samples, &divisors, &mut found);
                assert_same(&found, &expected);
            }
        }
    }

    fn assert_same(found: &[Batch; 2], expected: &[Batch; 2]) {
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found.coefficients, expected.coefficients);
            assert_eq!(found.nonzero, expected.nonzero);
            assert_eq!(found.magnitudes, expected.magnitudes);
        }
    }
}
