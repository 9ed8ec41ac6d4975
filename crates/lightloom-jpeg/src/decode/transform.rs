//! The inverse cosine transform of a group of blocks, to full or smaller size.
//!
//! Eight samples from eight coefficients are those of libjpeg's accurate integer transform (`jidctint`; Loeffler, Ligtenberg
//! and Moschytz 1989), bit for bit. Fewer samples come from as many low frequencies, which is what a picture of that size
//! consists of; rows and columns may differ.

use multiversion::multiversion;

use super::LANES;
use super::entropy::Group;

/// Bits after the binary point of the factors.
const FACTOR_BITS: u32 = 13;

/// Bits after the binary point between both passes.
const PASS_BITS: u32 = 2;

/// A group's samples are written to rows of `stride` from `start` on.
pub(super) struct Place<'a> {
    pub(super) samples: &'a mut [u8],
    pub(super) start: usize,
    pub(super) stride: usize,
}

/// What is between both passes: by row × 8 + column, then by lane. Of no interest afterwards.
#[repr(align(64))]
pub(super) struct Between([[i32; LANES]; 64]);

impl Between {
    pub(super) const EMPTY: Self = Self([[0; LANES]; 64]);
}

/// Transforms a group to blocks of `rows` by `columns` samples, and empties it.
pub(super) fn transform(
    group: &mut Group,
    between: &mut Between,
    steps: &[u16; 64],
    (rows, columns): (usize, usize),
    place: Place<'_>,
) {
    let few = group.used <= LOW;
    match (rows, columns) {
        (8, 8) if few => blocks::<8, 8, 4>(group, between, steps, place),
        (8, 8) => blocks::<8, 8, 8>(group, between, steps, place),
        (4, 4) => blocks::<4, 4, 4>(group, between, steps, place),
        (2, 2) => blocks::<2, 2, 2>(group, between, steps, place),
        (1, 1) => blocks::<1, 1, 1>(group, between, steps, place),
        (8, 4) => blocks::<8, 4, 8>(group, between, steps, place),
        (4, 8) => blocks::<4, 8, 8>(group, between, steps, place),
        (4, 2) => blocks::<4, 2, 4>(group, between, steps, place),
        (2, 4) => blocks::<2, 4, 4>(group, between, steps, place),
        (2, 1) => blocks::<2, 1, 2>(group, between, steps, place),
        _ => blocks::<1, 2, 2>(group, between, steps, place),
    }
}

/// So many coefficients in the order of the file are in the first four rows and columns.
const LOW: usize = 10;

/// Only the first `USED` rows and columns of coefficients can be other than 0.
#[allow(clippy::needless_range_loop, reason = "lanes of several arrays, which become vectors")]
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn blocks<const ROWS: usize, const COLUMNS: usize, const USED: usize>(
    group: &mut Group,
    between: &mut Between,
    steps: &[u16; 64],
    place: Place<'_>,
) {
    let Between(between) = between;
    let used_columns = USED.min(COLUMNS);
    for column in 0..used_columns {
        for lane in 0..LANES {
            let mut values = [0; 8];
            for row in 0..USED.min(ROWS) {
                let at = row * 8 + column;
                values[row] = i32::from(group.coefficients[at][lane]) * i32::from(steps[at]);
            }
            let values = inverse::<ROWS>(values);
            for row in 0..ROWS {
                between[row * 8 + column][lane] = rounded::<{ FACTOR_BITS - PASS_BITS }>(values[row]);
            }
        }
    }
    for row in 0..ROWS {
        // By column, then by lane.
        let mut samples = [0u8; 8 * LANES];
        for lane in 0..LANES {
            let mut values = [0; 8];
            for column in 0..used_columns {
                values[column] = between[row * 8 + column][lane];
            }
            let values = inverse::<COLUMNS>(values);
            for column in 0..COLUMNS {
                let value = rounded::<{ FACTOR_BITS + PASS_BITS + 3 }>(values[column]);
                samples[column * LANES + lane] = (value + 128).clamp(0, 255) as u8;
            }
        }
        let start = place.start + row * place.stride;
        let to = &mut place.samples[start..start + COLUMNS * LANES];
        by_lane::<COLUMNS>(&samples, to);
    }
    for row in 0..USED.min(ROWS) {
        group.coefficients[row * 8..row * 8 + USED.min(COLUMNS)].fill([0; LANES]);
    }
    group.used = 0;
}

/// Brings the samples of each lane together. A perfect shuffle moves the highest bit of their numbers to the lowest place,
/// and the column's bits are the highest (Stone 1971).
#[inline(always)]
fn by_lane<const COLUMNS: usize>(samples: &[u8; 8 * LANES], to: &mut [u8]) {
    let mut shuffled = *samples;
    for _ in 0..COLUMNS.trailing_zeros() {
        let from = shuffled;
        for i in 0..COLUMNS * LANES / 2 {
            shuffled[2 * i] = from[i];
            shuffled[2 * i + 1] = from[COLUMNS * LANES / 2 + i];
        }
    }
    to.copy_from_slice(&shuffled[..COLUMNS * LANES]);
}

#[inline(always)]
fn rounded<const BITS: u32>(value: i32) -> i32 {
    value.wrapping_add(1 << (BITS - 1)) >> BITS
}

/// One pass, with [`FACTOR_BITS`] bits after the binary point and √8 times as large as by the definition.
#[inline(always)]
fn inverse<const SAMPLES: usize>(c: [i32; 8]) -> [i32; 8] {
    let mut samples = [0; 8];
    match SAMPLES {
        1 => samples[0] = c[0] << FACTOR_BITS,
        2 => samples[..2]
            .copy_from_slice(&[c[0].wrapping_add(c[1]) << FACTOR_BITS, c[0].wrapping_sub(c[1]) << FACTOR_BITS]),
        4 => samples[..4].copy_from_slice(&inverse_4(c)),
        _ => samples = inverse_8(c),
    }
    samples
}

/// √2 × cosine of π/8, and of 3π/8.
const C1_OF_4: i32 = 10_703;
const C3_OF_4: i32 = 4_433;

#[inline(always)]
fn inverse_4(c: [i32; 8]) -> [i32; 4] {
    let even = [c[0].wrapping_add(c[2]) << FACTOR_BITS, c[0].wrapping_sub(c[2]) << FACTOR_BITS];
    let odd = [
        c[1].wrapping_mul(C1_OF_4).wrapping_add(c[3].wrapping_mul(C3_OF_4)),
        c[1].wrapping_mul(C3_OF_4).wrapping_sub(c[3].wrapping_mul(C1_OF_4)),
    ];
    [
        even[0].wrapping_add(odd[0]),
        even[1].wrapping_add(odd[1]),
        even[1].wrapping_sub(odd[1]),
        even[0].wrapping_sub(odd[0]),
    ]
}

#[inline(always)]
fn inverse_8(c: [i32; 8]) -> [i32; 8] {
    let z1 = c[2].wrapping_add(c[6]).wrapping_mul(4_433);
    let even_2 = z1.wrapping_add(c[6].wrapping_mul(-15_137));
    let even_3 = z1.wrapping_add(c[2].wrapping_mul(6_270));
    let even_0 = c[0].wrapping_add(c[4]) << FACTOR_BITS;
    let even_1 = c[0].wrapping_sub(c[4]) << FACTOR_BITS;
    let even = [
        even_0.wrapping_add(even_3),
        even_1.wrapping_add(even_2),
        even_1.wrapping_sub(even_2),
        even_0.wrapping_sub(even_3),
    ];
    let z5 = c[7].wrapping_add(c[3]).wrapping_add(c[5]).wrapping_add(c[1]).wrapping_mul(9_633);
    let z1 = c[7].wrapping_add(c[1]).wrapping_mul(-7_373);
    let z2 = c[5].wrapping_add(c[3]).wrapping_mul(-20_995);
    let z3 = c[7].wrapping_add(c[3]).wrapping_mul(-16_069).wrapping_add(z5);
    let z4 = c[5].wrapping_add(c[1]).wrapping_mul(-3_196).wrapping_add(z5);
    let odd = [
        c[1].wrapping_mul(12_299).wrapping_add(z1).wrapping_add(z4),
        c[3].wrapping_mul(25_172).wrapping_add(z2).wrapping_add(z3),
        c[5].wrapping_mul(16_819).wrapping_add(z2).wrapping_add(z4),
        c[7].wrapping_mul(2_446).wrapping_add(z1).wrapping_add(z3),
    ];
    [
        even[0].wrapping_add(odd[0]),
        even[1].wrapping_add(odd[1]),
        even[2].wrapping_add(odd[2]),
        even[3].wrapping_add(odd[3]),
        even[3].wrapping_sub(odd[3]),
        even[2].wrapping_sub(odd[2]),
        even[1].wrapping_sub(odd[1]),
        even[0].wrapping_sub(odd[0]),
    ]
}
