//! Blocks in 256-bit vectors, a row of a block in each: shuffles that the compiler does not find.

use std::arch::x86_64::*;

use bytemuck::cast;

use super::{Band, SIDE};

fearless_simd::kernel!(
    pub(super) fn turn_blocks(_avx2: Avx2, target: &mut [[u8; 3]], source: &[[u8; 3]], band: Band) {
        for left in band.lefts() {
            let mut rows = [_mm256_setzero_si256(); SIDE];
            for (x, row) in rows.iter_mut().enumerate() {
                let pixels = source[band.begin(left + x)..][..SIDE].as_flattened().as_chunks::<8>().0;
                *row = apart([pixels[0], pixels[1], pixels[2]]);
            }
            for (y, row) in transposed(rows).into_iter().enumerate() {
                let at = band.row(y) * band.width + left;
                target[at..at + SIDE].as_flattened_mut().copy_from_slice(together(row).as_flattened());
            }
        }
    }
);

/// Eight pixels, each in 32 bits.
#[target_feature(enable = "avx2")]
#[inline]
fn apart([a, b, c]: [[u8; 8]; 3]) -> __m256i {
    // The upper four begin in byte 4 of their half.
    let pixels: __m256i = cast([[a, b], [b, c]]);
    let places = _mm256_setr_epi8(
        0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 4, 5, 6, -1, 7, 8, 9, -1, 10, 11, 12, -1, 13, 14, 15, -1,
    );
    _mm256_shuffle_epi8(pixels, places)
}

/// The inverse of [`apart`].
#[target_feature(enable = "avx2")]
#[inline]
fn together(pixels: __m256i) -> [[u8; 8]; 3] {
    let places = _mm256_setr_epi8(
        0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,
    );
    let halves = _mm256_shuffle_epi8(pixels, places);
    let [a, b, c, _]: [[u8; 8]; 4] =
        cast(_mm256_permutevar8x32_epi32(halves, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7)));
    [a, b, c]
}

#[target_feature(enable = "avx2")]
#[inline]
fn transposed(rows: [__m256i; SIDE]) -> [__m256i; SIDE] {
    let [a, b, c, d, e, f, g, h] = rows;
    // Columns 0, 1, 4 and 5, then 2, 3, 6 and 7, of two rows each.
    let pairs = |a, b| (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
    let ((ab, ab2), (cd, cd2), (ef, ef2), (gh, gh2)) = (pairs(a, b), pairs(c, d), pairs(e, f), pairs(g, h));
    // Columns 0 and 4, 1 and 5, 2 and 6, 3 and 7 of four rows each.
    let fours = |a, b| [_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b)];
    let ([u0, u1], [u2, u3]) = (fours(ab, cd), fours(ab2, cd2));
    let ([l0, l1], [l2, l3]) = (fours(ef, gh), fours(ef2, gh2));
    let lower = |a, b| _mm256_permute2x128_si256::<0x20>(a, b);
    let upper = |a, b| _mm256_permute2x128_si256::<0x31>(a, b);
    [
        lower(u0, l0),
        lower(u1, l1),
        lower(u2, l2),
        lower(u3, l3),
        upper(u0, l0),
        upper(u1, l1),
        upper(u2, l2),
        upper(u3, l3),
    ]
}
