//! The transform in 256-bit vectors: a product and a sum of two take one instruction, which the compiler does not find.

use std::arch::x86_64::*;

use bytemuck::cast;

use super::super::quantiser::Divisor;
use super::*;

/// The lanes of even blocks are in the lower half.
type Vector = __m256i;
/// Numbers of both in turn; each half has those of four lanes.
type Pairs = [__m256i; 2];
/// In the order of pairs.
type Wide = [__m256i; 2];

fearless_simd::kernel!(
    pub(super) fn transform(_avx2: Avx2, samples: &Samples, batch: usize, divisors: &[Divisor; 64], to: &mut Batch) {
        in_vectors(samples, batch, divisors, to);
    }
);

#[target_feature(enable = "avx2")]
#[inline]
fn in_vectors(samples: &Samples, batch: usize, divisors: &[Divisor; 64], to: &mut Batch) {
    let mean = _mm256_set1_epi16(MEAN);
    let mut rows = [[_mm256_setzero_si256(); 8]; 8];
    for (row, to) in samples.iter().zip(&mut rows) {
        *to = dct!(load(row, batch), _mm256_slli_epi16::<2>, narrow::<11>);
        to[0] = _mm256_sub_epi16(to[0], mean);
    }
    let mut magnitudes = _mm256_setzero_si256();
    for x in 0..8 {
        let [a, b, c, d, e, f, g, h] = &rows;
        let column = [a[x], b[x], c[x], d[x], e[x], f[x], g[x], h[x]];
        let results = dct!(column, quarter, narrow::<15>);
        for (y, result) in results.into_iter().enumerate() {
            let divisor = &divisors[8 * y + x];
            let half = _mm256_set1_epi32(cast(divisor.half));
            let reciprocal = _mm256_set1_epi32(cast(divisor.reciprocal));
            let upper = _mm256_mulhi_epu16(_mm256_add_epi16(_mm256_abs_epi16(result), half), reciprocal);
            let quotient = _mm256_srl_epi16(upper, _mm_cvtsi32_si128(i32::from(divisor.shift)));
            if 8 * y + x != 0 {
                magnitudes = _mm256_or_si256(magnitudes, quotient);
            }
            to.coefficients[usize::from(divisor.place & 63)] = cast(_mm256_sign_epi16(quotient, result));
        }
    }
    to.magnitudes = cast(magnitudes);
    find_nonzero(to);
}

/// Sets the bits of all lanes.
#[target_feature(enable = "avx2")]
#[inline]
fn find_nonzero(batch: &mut Batch) {
    let zero = _mm256_setzero_si256();
    let quarters = batch.coefficients.as_chunks::<16>().0;
    let mut zeros = [zero; 4];
    for (zeros, quarter) in zeros.iter_mut().zip(quarters) {
        for of_all in quarter.iter().rev() {
            let is_zero = _mm256_cmpeq_epi16(cast(*of_all), zero);
            *zeros = _mm256_sub_epi16(_mm256_add_epi16(*zeros, *zeros), is_zero);
        }
    }
    let low = pairs(zeros[0], zeros[1]);
    let high = pairs(zeros[2], zeros[3]);
    let all = _mm256_set1_epi64x(-1);
    let dc = _mm256_set1_epi64x(1);
    for (i, (low, high)) in low.into_iter().zip(high).enumerate() {
        for (j, zeros) in quads(low, high).into_iter().enumerate() {
            let nonzero: [u64; 4] = cast(_mm256_or_si256(_mm256_xor_si256(zeros, all), dc));
            let at = 4 * i + 2 * j;
            batch.nonzero[at..at + 2].copy_from_slice(&nonzero[..2]);
            batch.nonzero[at + 8..at + 10].copy_from_slice(&nonzero[2..]);
        }
    }
}

/// The samples of each column.
#[target_feature(enable = "avx2")]
#[inline]
fn load(row: &[[[u8; 16]; 2]; 8], batch: usize) -> [Vector; 8] {
    let mut rows = [_mm256_setzero_si256(); 8];
    for (row, blocks) in rows.iter_mut().zip(row) {
        *row = _mm256_cvtepu8_epi16(cast(blocks[batch]));
    }
    let [a, b, c, d, e, f, g, h] = rows;
    let [ab, cd, ef, gh] = [pairs(a, b), pairs(c, d), pairs(e, f), pairs(g, h)];
    let mut columns = [a; 8];
    for half in 0..2 {
        let (low, high) = (quads(ab[half], cd[half]), quads(ef[half], gh[half]));
        for quarter in 0..2 {
            let at = 4 * half + 2 * quarter;
            columns[at] = _mm256_unpacklo_epi64(low[quarter], high[quarter]);
            columns[at + 1] = _mm256_unpackhi_epi64(low[quarter], high[quarter]);
        }
    }
    columns
}

#[target_feature(enable = "avx2")]
#[inline]
fn quads(a: __m256i, b: __m256i) -> [__m256i; 2] {
    [_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b)]
}

#[target_feature(enable = "avx2")]
#[inline]
fn add(a: Vector, b: Vector) -> Vector {
    _mm256_add_epi16(a, b)
}

#[target_feature(enable = "avx2")]
#[inline]
fn subtract(a: Vector, b: Vector) -> Vector {
    _mm256_sub_epi16(a, b)
}

#[target_feature(enable = "avx2")]
#[inline]
fn pairs(a: Vector, b: Vector) -> Pairs {
    [_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)]
}

#[target_feature(enable = "avx2")]
#[inline]
fn products(of: Pairs, [a, b]: [i16; 2]) -> Wide {
    let factors = _mm256_set1_epi32(i32::from(b) << 16 | i32::from(a as u16));
    [_mm256_madd_epi16(of[0], factors), _mm256_madd_epi16(of[1], factors)]
}

#[target_feature(enable = "avx2")]
#[inline]
fn add_wide(a: Wide, b: Wide) -> Wide {
    [_mm256_add_epi32(a[0], b[0]), _mm256_add_epi32(a[1], b[1])]
}

/// Divides by this power of two, and rounds.
#[target_feature(enable = "avx2")]
#[inline]
fn narrow<const BITS: i32>(sums: Wide) -> Vector {
    let half = _mm256_set1_epi32(1 << (BITS - 1));
    let [low, high] = add_wide(sums, [half; 2]);
    _mm256_packs_epi32(_mm256_srai_epi32::<BITS>(low), _mm256_srai_epi32::<BITS>(high))
}

/// Divides by four, and rounds.
#[target_feature(enable = "avx2")]
#[inline]
fn quarter(sums: Vector) -> Vector {
    _mm256_srai_epi16::<2>(_mm256_add_epi16(sums, _mm256_set1_epi16(2)))
}
