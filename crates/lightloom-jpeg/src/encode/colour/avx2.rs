//! Conversion in 256-bit vectors: products of two channels and their sum take one instruction, which the compiler does
//! not find.

use std::arch::x86_64::*;

use bytemuck::{cast, cast_ref};

use super::PIXELS;

fearless_simd::kernel!(
    pub(super) fn convert(
        _avx2: Avx2,
        rgb: &[[u8; 3 * PIXELS]],
        luma: &mut [[u8; PIXELS]],
        cb: &mut [[u8; PIXELS]],
        cr: &mut [[u8; PIXELS]],
    ) {
        for (((rgb, luma), cb), cr) in rgb.iter().zip(luma).zip(cb).zip(cr) {
            let pixels: &[[[u8; 8]; 3]; 4] = cast_ref(rgb);
            let [a, b, c, d] = [eight(&pixels[0]), eight(&pixels[1]), eight(&pixels[2]), eight(&pixels[3])];
            *luma = cast(bytes(a.luma, b.luma, c.luma, d.luma));
            *cb = cast(bytes(a.cb, b.cb, c.cb, d.cb));
            *cr = cast(bytes(a.cr, b.cr, c.cr, d.cr));
        }
    }
);

/// Sums of eight pixels, times 2¹⁶.
struct Sums {
    luma: __m256i,
    cb: __m256i,
    cr: __m256i,
}

/// Weights of a channel in each lower and another in each upper half.
#[target_feature(enable = "avx2")]
#[inline]
fn weights(lower: i16, upper: i16) -> __m256i {
    _mm256_set1_epi32(i32::from(upper) << 16 | i32::from(lower as u16))
}

/// Brings two of the channels 0 to 2 of eight pixels into 16 bits each, side by side. The upper four begin in byte 4 of
/// their half.
#[target_feature(enable = "avx2")]
#[inline]
fn channels(pixels: __m256i, lower: i32, upper: i32) -> __m256i {
    const CLEARED: i32 = 0x8000_8000_u32 as i32;
    let of_pixel = |first: i32| CLEARED | (first + upper) << 16 | (first + lower);
    let [a, b, c, d, e, f, g, h] = [0, 3, 6, 9, 4, 7, 10, 13].map(of_pixel);
    _mm256_shuffle_epi8(pixels, _mm256_setr_epi32(a, b, c, d, e, f, g, h))
}

#[target_feature(enable = "avx2")]
#[inline]
fn eight(bytes: &[[u8; 8]; 3]) -> Sums {
    const RED: i32 = 0;
    const GREEN: i32 = 1;
    const BLUE: i32 = 2;
    let halves = [[bytes[0], bytes[1]], [bytes[1], bytes[2]]];
    let pixels: __m256i = cast(halves);
    let red_green = channels(pixels, RED, GREEN);
    let blue_green = channels(pixels, BLUE, GREEN);
    let half = weights(16_384, 16_384);
    let half_blue = _mm256_madd_epi16(channels(pixels, BLUE, BLUE), half);
    let half_red = _mm256_madd_epi16(channels(pixels, RED, RED), half);
    let rounding = _mm256_set1_epi32(1 << 15);
    let middle = _mm256_set1_epi32(super::MIDDLE);
    let sum = |a, b, c| _mm256_add_epi32(_mm256_add_epi32(a, b), c);
    Sums {
        // Green's weight, 38470, does not fit into 15 bits.
        luma: sum(
            _mm256_madd_epi16(red_green, weights(19_595, 22_086)),
            _mm256_madd_epi16(blue_green, weights(7_471, 16_384)),
            rounding,
        ),
        cb: sum(_mm256_madd_epi16(red_green, weights(-11_059, -21_709)), half_blue, middle),
        cr: sum(_mm256_madd_epi16(blue_green, weights(-5_329, -27_439)), half_red, middle),
    }
}

/// The upper halves of sums, all of which fit into bytes.
#[target_feature(enable = "avx2")]
#[inline]
fn bytes(a: __m256i, b: __m256i, c: __m256i, d: __m256i) -> __m256i {
    let ab = _mm256_blend_epi16::<0xaa>(_mm256_srli_epi32::<16>(a), b);
    let cd = _mm256_blend_epi16::<0xaa>(_mm256_srli_epi32::<16>(c), d);
    // Those of a and b in turn, then of c and d.
    let mixed = _mm256_packus_epi16(ab, cd);
    let fours = _mm256_setr_epi8(
        0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15, 0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15,
    );
    _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(mixed, fours), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7))
}
