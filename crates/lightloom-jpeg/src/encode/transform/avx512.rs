//! The transform in 512-bit vectors, which hold the lanes of both batches.

use std::arch::x86_64::*;

use bytemuck::cast;

use super::super::quantiser::Divisor;
use super::*;

/// The sixteen lanes of each batch, first those of even blocks.
type Vector = __m512i;
/// Numbers of both in turn; each quarter has those of four lanes.
type Pairs = [__m512i; 2];
/// In the order of pairs.
type Wide = [__m512i; 2];

fearless_simd::kernel!(
    pub(super) fn transform(_avx512: Avx512, samples: &Samples, divisors: &[Divisor; 64], to: &mut [Batch; 2]) {
        in_vectors(samples, divisors, to);
    }
);

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn in_vectors(samples: &Samples, divisors: &[Divisor; 64], to: &mut [Batch; 2]) {
    let zero = _mm512_setzero_si512();
    let mean = _mm512_set1_epi16(MEAN);
    let mut rows = [[zero; 8]; 8];
    for (row, to) in samples.iter().zip(&mut rows) {
        *to = dct!(load(row), _mm512_slli_epi16::<2>, narrow::<11>);
        to[0] = _mm512_sub_epi16(to[0], mean);
    }
    let mut magnitudes = zero;
    for x in 0..8 {
        let [a, b, c, d, e, f, g, h] = &rows;
        let column = [a[x], b[x], c[x], d[x], e[x], f[x], g[x], h[x]];
        let results = dct!(column, quarter, narrow::<15>);
        for (y, result) in results.into_iter().enumerate() {
            let divisor = &divisors[8 * y + x];
            let half = _mm512_set1_epi32(cast(divisor.half));
            let reciprocal = _mm512_set1_epi32(cast(divisor.reciprocal));
            let upper = _mm512_mulhi_epu16(_mm512_add_epi16(_mm512_abs_epi16(result), half), reciprocal);
            let quotient = _mm512_srl_epi16(upper, _mm_cvtsi32_si128(i32::from(divisor.shift)));
            if 8 * y + x != 0 {
                magnitudes = _mm512_or_si512(magnitudes, quotient);
            }
            let signed = _mm512_mask_sub_epi16(quotient, _mm512_movepi16_mask(result), zero, quotient);
            let place = usize::from(divisor.place & 63);
            [to[0].coefficients[place], to[1].coefficients[place]] = halves(signed);
        }
    }
    [to[0].magnitudes, to[1].magnitudes] = halves(magnitudes);
    find_nonzero(to);
}

/// Sets the bits of all lanes.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn find_nonzero(batches: &mut [Batch; 2]) {
    let one = _mm512_set1_epi16(1);
    let mut bits = [_mm512_setzero_si512(); 4];
    for (quarter, bits) in bits.iter_mut().enumerate() {
        for place in (16 * quarter..16 * quarter + 16).rev() {
            let [low, high] = [batches[0].coefficients[place], batches[1].coefficients[place]];
            let of_all = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(cast(low)), cast(high));
            let doubled = _mm512_add_epi16(*bits, *bits);
            *bits = _mm512_mask_add_epi16(doubled, _mm512_test_epi16_mask(of_all, of_all), doubled, one);
        }
    }
    let (low, high) = (pairs(bits[0], bits[1]), pairs(bits[2], bits[3]));
    let dc = _mm512_set1_epi64(1);
    for half in 0..2 {
        for (quarter, bits) in quads(low[half], high[half]).into_iter().enumerate() {
            let nonzero: [[[u64; 2]; 2]; 2] = halves(_mm512_or_si512(bits, dc));
            let at = 4 * half + 2 * quarter;
            for (batch, [even, odd]) in batches.iter_mut().zip(nonzero) {
                batch.nonzero[at..at + 2].copy_from_slice(&even);
                batch.nonzero[at + 8..at + 10].copy_from_slice(&odd);
            }
        }
    }
}

/// What belongs to each batch.
#[target_feature(enable = "avx512f")]
#[inline]
fn halves<T: bytemuck::AnyBitPattern>(vector: Vector) -> [T; 2] {
    [cast(_mm512_castsi512_si256(vector)), cast(_mm512_extracti64x4_epi64::<1>(vector))]
}

/// The samples of each column.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn load(row: &[[[u8; 16]; 2]; 8]) -> [Vector; 8] {
    let mut rows = [_mm512_setzero_si512(); 8];
    for (row, blocks) in rows.iter_mut().zip(row) {
        *row = _mm512_cvtepu8_epi16(cast(*blocks));
    }
    let [a, b, c, d, e, f, g, h] = rows;
    let [ab, cd, ef, gh] = [pairs(a, b), pairs(c, d), pairs(e, f), pairs(g, h)];
    let mut columns = [a; 8];
    for half in 0..2 {
        let (low, high) = (quads(ab[half], cd[half]), quads(ef[half], gh[half]));
        for quarter in 0..2 {
            let at = 4 * half + 2 * quarter;
            columns[at] = _mm512_unpacklo_epi64(low[quarter], high[quarter]);
            columns[at + 1] = _mm512_unpackhi_epi64(low[quarter], high[quarter]);
        }
    }
    columns
}

#[target_feature(enable = "avx512f")]
#[inline]
fn quads(a: __m512i, b: __m512i) -> [__m512i; 2] {
    [_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b)]
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn add(a: Vector, b: Vector) -> Vector {
    _mm512_add_epi16(a, b)
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn subtract(a: Vector, b: Vector) -> Vector {
    _mm512_sub_epi16(a, b)
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn pairs(a: Vector, b: Vector) -> Pairs {
    [_mm512_unpacklo_epi16(a, b), _mm512_unpackhi_epi16(a, b)]
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn products(of: Pairs, [a, b]: [i16; 2]) -> Wide {
    let factors = _mm512_set1_epi32(i32::from(b) << 16 | i32::from(a as u16));
    [_mm512_madd_epi16(of[0], factors), _mm512_madd_epi16(of[1], factors)]
}

#[target_feature(enable = "avx512f")]
#[inline]
fn add_wide(a: Wide, b: Wide) -> Wide {
    [_mm512_add_epi32(a[0], b[0]), _mm512_add_epi32(a[1], b[1])]
}

/// Divides by this power of two, and rounds.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn narrow<const BITS: u32>(sums: Wide) -> Vector {
    let half = _mm512_set1_epi32(1 << (BITS - 1));
    let [low, high] = add_wide(sums, [half; 2]);
    _mm512_packs_epi32(_mm512_srai_epi32::<BITS>(low), _mm512_srai_epi32::<BITS>(high))
}

/// Divides by four, and rounds.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn quarter(sums: Vector) -> Vector {
    _mm512_srai_epi16::<2>(_mm512_add_epi16(sums, _mm512_set1_epi16(2)))
}
