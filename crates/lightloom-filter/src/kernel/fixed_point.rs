//! Sums of 8-bit samples in 16-bit integers: twice as many to a vector as floats.
//!
//! Levels carry seven more bits. Weights have sixteen; a product keeps its upper half, and the half unit lost on
//! average is added back to the sum.
#![allow(clippy::expect_used, reason = "rows are padded to whole blocks")]
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become single instructions")]

use multiversion::multiversion;

/// Samples of an inner loop.
pub(crate) const BLOCK: usize = 128;

/// A weight, repeated for each lane of a vector: in this form the compiler finds the instruction for the upper half of
/// a product, which it does not for a single number.
pub(crate) type Weight = [u16; LANES];

/// Numbers of the widest vector.
pub(crate) const LANES: usize = 32;

/// Bits that a level carries below its unit.
pub(crate) const FRACTION: u32 = 7;

/// The upper half of the product.
#[inline(always)]
pub(crate) fn upper(a: u16, b: u16) -> u16 {
    ((u32::from(a) * u32::from(b)) >> 16) as u16
}

/// Adds the upper half of each value's product with the weight.
#[inline(always)]
pub(crate) fn add_products(sums: &mut [u16; BLOCK], weight: &Weight, values: &[u16; BLOCK]) {
    for vector in 0..BLOCK / LANES {
        for lane in 0..LANES {
            let i = vector * LANES + lane;
            sums[i] = sums[i].wrapping_add(upper(weight[lane], values[i]));
        }
    }
}

/// Levels times 2⁷.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn widen(to: &mut [u16], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = u16::from(*from) << FRACTION);
}

/// A weighted sum of rows less another one, clamped to the levels. All are whole blocks.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn combine(result: &mut [u16], added: &[(&Weight, &[u16])], taken: &[(&Weight, &[u16])]) {
    const MOST: u16 = 255 << FRACTION;
    for (block, to) in result.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        let (gain, loss) = (weighted_sum(added, block), weighted_sum(taken, block));
        for i in 0..BLOCK {
            to[i] = gain[i].saturating_sub(loss[i]).min(MOST);
        }
    }
}

/// One block of the weighted sum of rows.
#[inline(always)]
fn weighted_sum(rows: &[(&Weight, &[u16])], block: usize) -> [u16; BLOCK] {
    let mut sum = [rows.len().div_ceil(2) as u16; BLOCK];
    for (weight, row) in rows {
        add_products(&mut sum, weight, row[block * BLOCK..].first_chunk().expect("rows are whole blocks"));
    }
    sum
}

/// Rounds to levels.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn round_to_u8(to: &mut [u8], from: &[u16]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = ((from + (1 << (FRACTION - 1))) >> FRACTION).min(255) as u8;
    }
}
