//! The sRGB transfer function (IEC 61966-2-1), for filters that work in linear light.

/// Encoded sRGB (0–1) to linear light (0–1). Odd-symmetric below zero, so that float pictures survive.
pub fn srgb_to_linear(encoded: f32) -> f32 {
    let v = encoded.abs();
    let linear = if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
    linear.copysign(encoded)
}

/// Linear light to encoded sRGB: the inverse of [`srgb_to_linear`].
pub fn linear_to_srgb(linear: f32) -> f32 {
    let v = linear.abs();
    let encoded = if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
    encoded.copysign(linear)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points_and_inverse() {
        assert!((srgb_to_linear(0.5) - 0.214_041).abs() < 1e-5);
        assert!((linear_to_srgb(0.5) - 0.735_357).abs() < 1e-5);
        for i in 0..=1000 {
            let v = i as f32 / 1000.0;
            assert!((linear_to_srgb(srgb_to_linear(v)) - v).abs() < 1e-5);
        }
        assert_eq!(srgb_to_linear(-0.5), -srgb_to_linear(0.5));
    }
}
