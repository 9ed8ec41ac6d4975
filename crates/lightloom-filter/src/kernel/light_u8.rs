//! Linear light of 8-bit levels as 16-bit integers, by tables: for kernels that compute 8-bit pictures in integers.
//!
//! White has fifteen bits. The darkest levels are ten units apart, so a unit is a tenth of a level there, and less the
//! brighter it is. Where each product of a sum is rounded on its own, darkness is summed instead: what is missing from
//! white. Small numbers round alike, which adds up; black is then a large number, and white a small one, where many
//! units make no level.

use std::array;
use std::sync::LazyLock;

use crate::kernel::fixed_point::FRACTION;
use lightloom_picture::{linear_to_srgb, srgb_to_linear};

/// What 8-bit samples stand for while they are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tones {
    /// The encoded values themselves.
    Encoded,
    /// Linear light.
    Light,
}

/// White in linear light: the same number as an encoded level of 255 with its fraction.
pub(crate) const WHITE: u16 = 255 << FRACTION;

/// Bits of an index of [`LEVELS`].
pub(crate) const LIGHT_BITS: u32 = 15;

/// Linear light of each level, 0 to 1.
fn light(level: usize) -> f32 {
    srgb_to_linear(level as f32 / 255.0)
}

/// Half the linear light of each level, 0 to [`WHITE`] / 2: leaves room for what kernels overshoot.
pub(crate) static HALF_LIGHT: LazyLock<[u16; 256]> =
    LazyLock::new(|| array::from_fn(|level| (light(level) * f32::from(WHITE / 2)).round() as u16));

/// What is missing from white in each level's light: [`WHITE`] to 0.
static DARKNESS: LazyLock<[u16; 256]> =
    LazyLock::new(|| array::from_fn(|level| WHITE - (light(level) * f32::from(WHITE)).round() as u16));

/// The level of each linear light; 255 above [`WHITE`].
pub(crate) static LEVELS: LazyLock<Box<[u8; 1 << LIGHT_BITS]>> = LazyLock::new(|| {
    let level = |light: usize| (linear_to_srgb(light as f32 / f32::from(WHITE)) * 255.0).round().min(255.0) as u8;
    Box::new(array::from_fn(level))
});

/// The darkness of a level.
pub(crate) fn darkness(level: u8) -> u16 {
    DARKNESS[usize::from(level)]
}

/// Replaces levels by their darkness.
pub(crate) fn to_darkness(to: &mut [u16], from: &[u8]) {
    let darkness = &*DARKNESS;
    to.iter_mut().zip(from).for_each(|(to, from)| *to = darkness[usize::from(*from)]);
}

/// Rounds darkness to levels.
pub(crate) fn to_levels(to: &mut [u8], from: &[u16]) {
    let levels = &**LEVELS;
    to.iter_mut().zip(from).for_each(|(to, from)| *to = levels[usize::from(WHITE.saturating_sub(*from))]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_become_light_and_levels_again() {
        let levels: Vec<u8> = (0..=255).collect();
        let (mut darkness, mut back) = (vec![0; 256], vec![0; 256]);
        to_darkness(&mut darkness, &levels);
        to_levels(&mut back, &darkness);
        assert_eq!(back, levels);
        assert_eq!((darkness[0], darkness[255], HALF_LIGHT[255]), (WHITE, 0, WHITE / 2));
        for (level, (darkness, half)) in darkness.iter().zip(&*HALF_LIGHT).enumerate() {
            let exact = light(level) * f32::from(WHITE);
            assert!((f32::from(WHITE - darkness) - exact).abs() <= 0.5, "level {level}: {darkness}");
            assert!((f32::from(*half) - exact / 2.0).abs() <= 0.5, "level {level}: {half}");
            assert_eq!(usize::from(LEVELS[2 * usize::from(*half)]), level);
        }
        to_levels(&mut back[..1], &[u16::MAX]);
        assert_eq!((back[0], LEVELS[LEVELS.len() - 1]), (0, 255));
    }
}
