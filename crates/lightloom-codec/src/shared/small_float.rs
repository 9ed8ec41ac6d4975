//! Floats of fewer than 32 bits.

/// A float of 16 bits (binary16 of IEEE 754).
pub(crate) fn half(bits: u16) -> f32 {
    of(bits.into(), 5, 10)
}

/// A float with a sign and so many bits of exponent and fraction, by the rules of IEEE 754.
pub(crate) fn of(value: u32, exponent_bits: u32, fraction_bits: u32) -> f32 {
    let fraction = value & ((1 << fraction_bits) - 1);
    let exponent = value >> fraction_bits & ((1 << exponent_bits) - 1);
    let sign = if value >> (fraction_bits + exponent_bits) & 1 == 1 { -1.0 } else { 1.0 };
    let bias = (1 << (exponent_bits - 1)) - 1;
    let unit = f64::from(1_u32 << fraction_bits);
    let magnitude = match exponent {
        0 => f64::from(fraction) / unit * 2_f64.powi(1 - bias),
        e if e == (1 << exponent_bits) - 1 => return if fraction == 0 { sign * f32::INFINITY } else { f32::NAN },
        e => (1.0 + f64::from(fraction) / unit) * 2_f64.powi(e as i32 - bias),
    };
    sign * magnitude as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_floats_are_ieee() {
        for (bits, value) in [(0x3c00, 1.0), (0xc000, -2.0), (0x0001, 2_f32.powi(-24)), (0x7bff, 65_504.0)] {
            assert_eq!(half(bits), value);
        }
        assert_eq!(half(0x7c00), f32::INFINITY);
        assert_eq!(of(0x3f << 16, 7, 16), 1.0);
    }
}
