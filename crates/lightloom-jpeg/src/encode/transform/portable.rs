//! The transform in plain arrays, for machines without an own form.

use multiversion::multiversion;

use super::super::quantiser::Divisor;
use super::*;

type Vector = [i16; LANES];
type Pairs = [Vector; 2];
type Wide = [i32; LANES];

#[multiversion(targets("aarch64+neon"))]
pub(super) fn transform(samples: &Samples, batch: usize, divisors: &[Divisor; 64], to: &mut Batch) {
    let mut rows = [[[0; LANES]; 8]; 8];
    for (row, to) in samples.iter().zip(&mut rows) {
        let values: [Vector; 8] = std::array::from_fn(|x| {
            std::array::from_fn(|lane| i16::from(row[block(lane) / 2][batch][block(lane) % 2 * 8 + x]))
        });
        *to = dct!(values, |v: Vector| v.map(|v| v << 2), narrow::<11>);
        to[0].iter_mut().for_each(|v| *v -= MEAN);
    }
    let mut magnitudes = [0; LANES];
    for x in 0..8 {
        let column = rows.map(|row| row[x]);
        let results = dct!(column, |v: Vector| v.map(|v| v.wrapping_add(2) >> 2), narrow::<15>);
        for (y, result) in results.iter().enumerate() {
            let divisor = &divisors[8 * y + x];
            let ([half, _], [reciprocal, _]) = (divisor.half, divisor.reciprocal);
            for lane in 0..LANES {
                let sum = result[lane].unsigned_abs().wrapping_add(half);
                let quotient = ((u32::from(sum) * u32::from(reciprocal)) >> 16 >> divisor.shift) as u16;
                if divisor.place != 0 {
                    magnitudes[lane] |= quotient;
                }
                let quotient = quotient as i16;
                to.coefficients[usize::from(divisor.place)][lane] = if result[lane] < 0 { -quotient } else { quotient };
            }
        }
    }
    to.magnitudes = magnitudes;
    to.nonzero = [1; LANES];
    for (i, of_all) in to.coefficients.iter().enumerate().skip(1) {
        for (mask, coefficient) in to.nonzero.iter_mut().zip(of_all) {
            *mask |= u64::from(*coefficient != 0) << i;
        }
    }
}

#[inline(always)]
fn add(a: Vector, b: Vector) -> Vector {
    std::array::from_fn(|i| a[i].wrapping_add(b[i]))
}

#[inline(always)]
fn subtract(a: Vector, b: Vector) -> Vector {
    std::array::from_fn(|i| a[i].wrapping_sub(b[i]))
}

#[inline(always)]
fn pairs(a: Vector, b: Vector) -> Pairs {
    [a, b]
}

#[inline(always)]
fn products([a, b]: Pairs, [of_a, of_b]: [i16; 2]) -> Wide {
    std::array::from_fn(|i| i32::from(a[i]) * i32::from(of_a) + i32::from(b[i]) * i32::from(of_b))
}

#[inline(always)]
fn add_wide(a: Wide, b: Wide) -> Wide {
    std::array::from_fn(|i| a[i] + b[i])
}

/// Divides by this power of two, and rounds.
#[inline(always)]
fn narrow<const BITS: u32>(sums: Wide) -> Vector {
    sums.map(|sum| ((sum + (1 << (BITS - 1))) >> BITS) as i16)
}
