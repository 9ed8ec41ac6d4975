//! The three sample types that a picture can have.

use std::fmt;

use crate::{Buffers, Depth};

/// A number that can be a sample.
pub trait Sample: Copy + Default + Send + Sync + PartialEq + fmt::Debug + 'static {
    /// The depth that this type stands for.
    const DEPTH: Depth;
    /// The value of white or of full opacity.
    const WHITE: Self;
    /// Maps black to 0.0 and white to 1.0.
    fn to_unit(self) -> f32;
    /// The inverse of [`Self::to_unit`]: rounded to the nearest and clamped where the type has limits; NaN becomes black.
    fn from_unit(value: f32) -> Self;
    /// The shelf of spare buffers of this type.
    fn shelf(buffers: &mut Buffers) -> &mut Vec<Vec<Self>>;
}

/// The whole number nearest to `value` (ties to even) for −2²² ≤ `value` < 2²²; those below 0 wrap around. The result for
/// anything else is meaningless.
///
/// From 2²³ on a float has no fraction: adding 1.5 × 2²³ rounds, and leaves the integer in the low bits. A cast also
/// handles values that cannot occur here; loops of this vectorise, loops of casts do not.
#[inline(always)]
pub const fn nearest_whole(value: f32) -> u32 {
    const WHOLE: f32 = 12_582_912.0;
    (value + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits())
}

/// `value` × `white`, clamped and rounded to the nearest whole number (ties to even); NaN becomes 0.
#[inline(always)]
fn rounded(value: f32, white: f32) -> u32 {
    #[expect(clippy::manual_clamp, reason = "clamp would let NaN through")]
    let clamped = value.max(0.0).min(1.0);
    nearest_whole(clamped * white)
}

impl Sample for u8 {
    fn shelf(buffers: &mut Buffers) -> &mut Vec<Vec<Self>> {
        &mut buffers.u8
    }
    const DEPTH: Depth = Depth::U8;
    const WHITE: Self = 255;
    #[inline(always)]
    fn to_unit(self) -> f32 {
        f32::from(self) * (1.0 / 255.0)
    }
    #[inline(always)]
    fn from_unit(value: f32) -> Self {
        rounded(value, 255.0) as Self
    }
}

impl Sample for u16 {
    fn shelf(buffers: &mut Buffers) -> &mut Vec<Vec<Self>> {
        &mut buffers.u16
    }
    const DEPTH: Depth = Depth::U16;
    const WHITE: Self = 65_535;
    #[inline(always)]
    fn to_unit(self) -> f32 {
        f32::from(self) * (1.0 / 65_535.0)
    }
    #[inline(always)]
    fn from_unit(value: f32) -> Self {
        rounded(value, 65_535.0) as Self
    }
}

impl Sample for f32 {
    fn shelf(buffers: &mut Buffers) -> &mut Vec<Vec<Self>> {
        &mut buffers.f32
    }
    const DEPTH: Depth = Depth::F32;
    const WHITE: Self = 1.0;
    #[inline(always)]
    fn to_unit(self) -> f32 {
        self
    }
    #[inline(always)]
    fn from_unit(value: f32) -> Self {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_the_nearest() {
        for value in [0.0, 0.49, 0.5, 0.51, 1.5, 2.5, 255.3, 65_534.5, 4_194_303.0] {
            assert_eq!(nearest_whole(value), value.round_ties_even() as u32, "{value}");
            assert_eq!(nearest_whole(-value) as i32, -value.round_ties_even() as i32, "-{value}");
        }
    }

    #[test]
    fn samples_survive_the_unit_range() {
        for v in 0..=u8::MAX {
            assert_eq!(u8::from_unit(v.to_unit()), v);
        }
        for v in 0..=u16::MAX {
            assert_eq!(u16::from_unit(v.to_unit()), v);
        }
        assert_eq!(u8::from_unit(f32::NAN), 0);
        assert_eq!(u8::from_unit(f32::INFINITY), 255);
        assert_eq!(u16::from_unit(-1.0), 0);
    }
}
