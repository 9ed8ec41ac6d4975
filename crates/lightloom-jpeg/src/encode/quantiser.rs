//! Division by the steps of quantisation as a multiplication of 16 bits.

use super::tables::IN_ZIG_ZAG;

/// What a coefficient is divided by.
#[derive(Clone, Copy)]
pub(super) struct Divisor {
    /// Added first, so that the quotient is rounded. Twice, as a vector repeats it.
    pub(super) half: [u16; 2],
    /// The upper half of the product with it …
    pub(super) reciprocal: [u16; 2],
    /// … shifted down by so many bits is the quotient.
    pub(super) shift: u16,
    /// Where the coefficient is in the zig-zag order.
    pub(super) place: u16,
}

/// Divisors of a table, row by row. The transform's results are eight times as large as those that the steps are meant for.
pub(super) fn divisors(steps: &[u16; 64]) -> [Divisor; 64] {
    std::array::from_fn(|at| of(steps[at].wrapping_mul(8), u16::from(IN_ZIG_ZAG[at])))
}

/// Rounds halves away from zero, exactly, for all that 16 bits hold: the reciprocal has as many bits as it can, and where
/// it was rounded down, what is added is one more (Granlund and Montgomery, "Division by Invariant Integers using
/// Multiplication", 1994; the form with the correction is that of libjpeg-turbo).
fn of(divisor: u16, place: u16) -> Divisor {
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
    Divisor { half: [half as u16; 2], reciprocal: [reciprocal as u16; 2], shift: (bits - 16) as u16, place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_rounded_exactly() {
        for step in (1_u32..=255).chain([256, 300, 1_000, 2_925, 6_050]) {
            let divisor = step * 8;
            let Divisor { half: [half, _], reciprocal: [reciprocal, _], shift, .. } = of(divisor as u16, 0);
            for value in 0..=16_384 {
                let found = (value + u32::from(half)) * u32::from(reciprocal) >> 16 >> shift;
                assert_eq!(found, (value + divisor / 2) / divisor, "{value} / {divisor}");
            }
        }
    }
}
