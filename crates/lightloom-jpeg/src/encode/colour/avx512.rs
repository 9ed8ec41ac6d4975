//! Conversion in 512-bit vectors, with instructions that add products of two channels to a sum.

use std::arch::x86_64::*;

use bytemuck::cast;

use super::PIXELS;

fearless_simd::kernel!(
    pub(super) fn convert(
        _avx512: Avx512,
        rgb: &[[u8; 3 * PIXELS]],
        luma: &mut [[u8; PIXELS]],
        cb: &mut [[u8; PIXELS]],
        cr: &mut [[u8; PIXELS]],
    ) {
        for (((rgb, luma), cb), cr) in rgb.iter().zip(luma).zip(cb).zip(cr) {
            let thirds: [[u8; 32]; 3] = cast(*rgb);
            let a = sixteen::<0>(vector([thirds[0], thirds[1]]));
            let b = sixteen::<16>(vector([thirds[1], thirds[2]]));
            *luma = cast(bytes(a.luma, b.luma));
            *cb = cast(bytes(a.cb, b.cb));
            *cr = cast(bytes(a.cr, b.cr));
        }
    }
);

/// Sums of sixteen pixels, times 2¹⁶.
struct Sums {
    luma: __m512i,
    cb: __m512i,
    cr: __m512i,
}

/// Weights of a channel in each lower and another in each upper half.
#[target_feature(enable = "avx512f")]
#[inline]
fn weights(lower: i16, upper: i16) -> __m512i {
    _mm512_set1_epi32(i32::from(upper) << 16 | i32::from(lower as u16))
}

/// Where two of the channels 0 to 2 of sixteen pixels are, the first of which begins in byte `first`.
const fn places(first: u8, lower: u8, upper: u8) -> [[u8; 32]; 2] {
    let mut places = [[0; 32]; 2];
    let mut pixel = 0;
    while pixel < 16 {
        let at = &mut places[pixel / 8];
        at[4 * (pixel % 8)] = first + 3 * pixel as u8 + lower;
        at[4 * (pixel % 8) + 2] = first + 3 * pixel as u8 + upper;
        pixel += 1;
    }
    places
}

#[target_feature(enable = "avx512f")]
#[inline]
fn vector([low, high]: [[u8; 32]; 2]) -> __m512i {
    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(cast(low)), cast(high))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn channels(pixels: __m512i, places: [[u8; 32]; 2]) -> __m512i {
    _mm512_maskz_permutexvar_epi8(0x5555_5555_5555_5555, vector(places), pixels)
}

/// Of pixels from this byte on.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vnni")]
#[inline]
fn sixteen<const FIRST: u8>(pixels: __m512i) -> Sums {
    let red_green = channels(pixels, const { places(FIRST, 0, 1) });
    let blue_green = channels(pixels, const { places(FIRST, 2, 1) });
    let blues = channels(pixels, const { places(FIRST, 2, 2) });
    let reds = channels(pixels, const { places(FIRST, 0, 0) });
    let half = weights(16_384, 16_384);
    let rounding = _mm512_set1_epi32(1 << 15);
    let middle = _mm512_set1_epi32(super::MIDDLE);
    // Green's weight, 38470, does not fit into 15 bits.
    let luma = _mm512_dpwssd_epi32(rounding, red_green, weights(19_595, 22_086));
    let cb = _mm512_dpwssd_epi32(middle, red_green, weights(-11_059, -21_709));
    let cr = _mm512_dpwssd_epi32(middle, blue_green, weights(-5_329, -27_439));
    Sums {
        luma: _mm512_dpwssd_epi32(luma, blue_green, weights(7_471, 16_384)),
        cb: _mm512_dpwssd_epi32(cb, blues, half),
        cr: _mm512_dpwssd_epi32(cr, reds, half),
    }
}

/// The upper halves of sums, all of which fit into bytes.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn bytes(a: __m512i, b: __m512i) -> __m256i {
    // One of a and one of b in turn.
    let mixed = _mm512_mask_blend_epi16(0xaaaa_aaaa, _mm512_srli_epi32::<16>(a), b);
    let order: [u8; 32] = const {
        let mut order = [0; 32];
        let mut pixel = 0;
        while pixel < 32 {
            order[pixel] = (4 * (pixel % 16) + 2 * (pixel / 16)) as u8;
            pixel += 1;
        }
        order
    };
    _mm512_castsi512_si256(_mm512_permutexvar_epi8(vector([order; 2]), mixed))
}
