//! Blurring, sharpening and resizing against plain two-dimensional convolution and straight lines.

use crate::testing::{float, floats, run};
use crate::tests::{LAYOUTS, noise};
use lightloom_picture::{Layout, Raster};

/// Gaussian blur as its definition says: every pixel from all pixels within the support, two-dimensional weights, f64.
fn reference_blur(source: &[f32], width: usize, layout: Layout, sigma: f64) -> Vec<f64> {
    let (channels, height) = (layout.channels(), source.len() / width / layout.channels());
    let support = (3.0 * sigma).ceil() as i64;
    let mut result = Vec::new();
    for (y, x) in (0..height as i64).flat_map(|y| (0..width as i64).map(move |x| (y, x))) {
        let (mut sums, mut total) = ([0.0; 4], 0.0);
        for (dy, dx) in (-support..=support).flat_map(|dy| (-support..=support).map(move |dx| (dy, dx))) {
            let (sy, sx) = ((y + dy).clamp(0, height as i64 - 1), (x + dx).clamp(0, width as i64 - 1));
            let pixel = &source[(sy as usize * width + sx as usize) * channels..][..channels];
            let weight = (-((dx * dx + dy * dy) as f64) / (2.0 * sigma * sigma)).exp();
            let alpha = if layout.has_alpha() { f64::from(pixel[channels - 1]) } else { 1.0 };
            total += weight;
            for (c, v) in pixel.iter().enumerate() {
                let is_alpha = layout.has_alpha() && c == channels - 1;
                sums[c] += weight * f64::from(*v) * if is_alpha { 1.0 } else { alpha };
            }
        }
        let alpha = if layout.has_alpha() { sums[channels - 1] } else { total };
        result.extend(
            (0..channels).map(
                |c| {
                    if layout.has_alpha() && c == channels - 1 { alpha / total } else { sums[c] / alpha }
                },
            ),
        );
    }
    result
}

#[test]
fn blur_and_unsharp_mask_match_plain_convolution() {
    for layout in LAYOUTS {
        for (width, height, sigma) in [(23, 19, 0.7), (40, 3, 2.5), (2, 31, 4.0)] {
            let source = noise(width * height * layout.channels());
            let raster = Raster::new(width as u32, height as u32, layout, source.clone());
            let expected = reference_blur(&source, width, layout, sigma);
            let text = sigma.to_string();
            let blurred = run("gaussian_blur", &[("sigma", &text)], raster.clone());
            for (v, e) in floats(&blurred).iter().zip(&expected) {
                assert!((f64::from(*v) - e).abs() < 2e-5, "blur σ {sigma} of {layout:?}: {v}, not {e}");
            }
            let sharp = run("unsharp_mask", &[("sigma", &text), ("amount", "1.5")], raster);
            for (i, v) in floats(&sharp).iter().enumerate() {
                let before = f64::from(source[i]);
                let is_alpha = layout.has_alpha() && (i + 1) % layout.channels() == 0;
                let e = if is_alpha { before } else { before + 1.5 * (before - expected[i]) };
                assert!((f64::from(*v) - e).abs() < 5e-5, "unsharp σ {sigma} of {layout:?}: {v}, not {e}");
            }
        }
    }
}

#[test]
fn resizing_a_ramp_keeps_it_straight() {
    // a kernel whose moments vanish reproduces straight lines away from the edges
    let ramp: Vec<f32> = (0..64).map(|x| x as f32 / 63.0).collect();
    for kernel in ["catmull_rom", "mitchell", "bilinear", "box"] {
        let params = [("mode", "exact"), ("width", "32"), ("height", "1"), ("kernel", kernel)];
        let result = run("resize", &params, float(Layout::Grey, &ramp));
        for (i, v) in floats(&result).iter().enumerate().take(28).skip(4) {
            assert!((v - (2 * i) as f32 / 63.0 - 0.5 / 63.0).abs() < 1e-5, "{kernel} at {i}");
        }
    }
}
