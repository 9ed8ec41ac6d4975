//! Division by the steps of quantisation as two multiplications of 16 bits.

use super::tables::IN_ZIG_ZAG;
use super::transform::LANES;

/// What one coefficient of all lanes is divided by.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub(super) struct Divisor {
    /// Added first, so that the quotient is rounded.
    pub(super) half: [u16; LANES],
    /// The upper half of the product with it …
    pub(super) reciprocal: [u16; LANES],
    /// … and that of this result with it is the quotient.
    pub(super) scale: [u16; LANES],
    /// Where the coefficient is in the zig-zag order.
    pub(super) place: usize,
}

/// Divisors of a table, row by row. The transform's results are eight times as large as those that the steps are meant for.
pub(super) fn divisors(steps: &[u16; 64]) -> Box<[Divisor; 64]> {
    let mut all = Box::new([Divisor { half: [0; LANES], reciprocal: [0; LANES], scale: [0; LANES], place: 0 }; 64]);
    for (at, divisor) in all.iter_mut().enumerate() {
        *divisor = of(steps[at].wrapping_mul(8), usize::from(IN_ZIG_ZAG[at]));
    }
    all
}

/// Rounds halves away from zero, exactly, for all that 16 bits hold: the reciprocal has as many bits as it can, and where
/// it was rounded down, what is added is one more (Granlund and Montgomery, "Division by Invariant Integers using
/// Multiplication", 1994; the form with the correction is that of libjpeg-turbo).
fn of(divisor: u16, place: usize) -> Divisor {
    let mut bits = 16 + divisor.ilog2();
    let divisor = u32::from(divisor);
    let (mut reciprocal, rest) = ((1_u32 << bits) / divisor, (1_u32 << bits) % divisor);
    let mut half = divisor / 2;
    if rest == 0 {
        // A power of two: its reciprocal would need a seventeenth bit.
        reciprocal >>= 1;
        bits -= 1;
    } else if rest <= divisor / 2 {
        half += 1;
    } else {
        reciprocal += 1;
    }
    Divisor {
        half: [half as u16; LANES],
        reciprocal: [reciprocal as u16; LANES],
        scale: [(1_u32 << (32 - bits)) as u16; LANES],
        place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_rounded_exactly() {
        for step in (1_u32..=255).chain([256, 300, 1_000, 2_925, 6_050]) {
            let divisor = step * 8;
            let Divisor { half, reciprocal, scale, .. } = of(divisor as u16, 0);
            let [half, reciprocal, scale] = [half[0], reciprocal[0], scale[0]].map(u32::from);
            for value in 0..=16_384 {
                let found = (((value + half) * reciprocal) >> 16) * scale >> 16;
                assert_eq!(found, (value + divisor / 2) / divisor, "{value} / {divisor}");
            }
        }
    }
}
