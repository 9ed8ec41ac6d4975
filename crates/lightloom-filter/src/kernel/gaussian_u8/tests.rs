use super::*;
use crate::kernel::fixed_point::{FRACTION, round_to_u8};
use crate::kernel::gaussian::Gaussian;
use crate::kernel::light_u8::{WHITE, to_levels};
use crate::testing::psnr;
use lightloom_picture::{Layout, Raster, linear_to_srgb, srgb_to_linear};
use std::f64::consts::TAU;

const SIGMAS: [f32; 13] = [NARROWEST, 1.0, 1.7, 2.9, 3.0, 5.0, 6.0, 8.0, 10.0, 12.5, 20.0, 40.0, 100.0];

/// Shapes with hard edges and some noise.
fn scene(width: usize, height: usize, channels: usize) -> Vec<u8> {
    let mut state = 9_u32;
    (0..width * height * channels)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (x, y) = (i / channels % width, i / channels / width);
            let tile = [250, 5, 60, 130, 190][(x / 31 + y / 17 * 2 + i % channels) % 5];
            let ring =
                if (x.abs_diff(width / 2).pow(2) + y.abs_diff(height / 2).pow(2)) / 700 % 2 == 0 { 40 } else { 0 };
            (tile + ring - (state >> 28) as i32 * 2).clamp(0, 255) as u8
        })
        .collect()
}

#[test]
fn as_good_as_floats() {
    for (layout, width, height) in
        [(Layout::Rgb, 200, 170), (Layout::Grey, 333, 90), (Layout::Rgb, 5, 3), (Layout::Rgb, 1500, 20)]
    {
        let source = Raster::new(width as u32, height as u32, layout, scene(width, height, layout.channels()));
        for sigma in SIGMAS {
            let (mut exact, mut fixed) = (Vec::new(), vec![0.0; source.samples().len()]);
            Gaussian::new(sigma).rows(source.view(), 0..height as u32, |_, row| exact.extend_from_slice(row));
            GaussianU8::new(sigma, Tones::Encoded).rows(source.view(), 0..height as u32, |y, left, row| {
                let places = fixed[y as usize * source.stride() + left..].iter_mut();
                places.zip(row).for_each(|(to, v)| *to = f32::from(*v) / f32::from(255_u16 << FRACTION));
            });
            let quality = psnr(&exact, &fixed);
            assert!(quality > 55.0, "σ {sigma} of {layout:?} {width} × {height}: {quality} dB");
        }
    }
}

/// The darkness of a blur in linear light.
fn darkness(source: &Raster<u8>, sigma: f32) -> Vec<u16> {
    let mut all = vec![0; source.samples().len()];
    GaussianU8::new(sigma, Tones::Light).rows(source.view(), 0..source.height(), |y, left, row| {
        all[y as usize * source.stride() + left..][..row.len()].copy_from_slice(row);
    });
    all
}

#[test]
fn light_is_as_good_as_floats() {
    for dark in [1, 6] {
        let levels: Vec<u8> = scene(200, 170, 3).into_iter().map(|level| level / dark).collect();
        let source = Raster::new(200, 170, Layout::Rgb, levels);
        let light = source.samples().iter().map(|v| srgb_to_linear(f32::from(*v) / 255.0)).collect();
        let light = Raster::new(200, 170, Layout::Rgb, light);
        for sigma in SIGMAS {
            let mut exact = Vec::new();
            Gaussian::new(sigma).rows(light.view(), 0..170, |_, row| exact.extend_from_slice(row));
            exact.iter_mut().for_each(|v| *v = linear_to_srgb(*v));
            let encoded = |v: &u16| linear_to_srgb(f32::from(WHITE.saturating_sub(*v)) / f32::from(WHITE));
            let fixed: Vec<f32> = darkness(&source, sigma).iter().map(encoded).collect();
            let quality = psnr(&exact, &fixed);
            assert!(quality > 55.0, "σ {sigma}, levels by {dark}: {quality} dB");
        }
    }
}

#[test]
fn flat_light_stays_flat() {
    for sigma in SIGMAS {
        for level in 0..=255 {
            let source = Raster::new(9, 9, Layout::Grey, vec![level; 81]);
            let mut back = [0; 81];
            to_levels(&mut back, &darkness(&source, sigma));
            // near black, where levels are closest to each other, what products lose may add up to half a level
            let most = if level < 16 { 1 } else { 0 };
            assert!(back.iter().all(|v| v.abs_diff(level) <= most), "σ {sigma}, level {level}: {back:?}");
        }
    }
}

#[test]
fn waves_are_lowered_as_a_gaussian_does() {
    const HEIGHT: f64 = 120.0;
    for sigma in [2.9, 3.0, 5.9, 6.0, 11.9, 12.0_f64] {
        for frequency in (1..=50).map(|percent| f64::from(percent) / 100.0) {
            let wave = |at: usize| (TAU * frequency * at as f64 + 0.4).cos();
            let levels: Vec<u8> = (0..240).map(|at| (128.0 + HEIGHT * wave(at)).round() as u8).collect();
            let left = (-0.5 * (TAU * sigma * frequency).powi(2)).exp();
            let exact = |at: usize| 128.0 + HEIGHT * left * wave(at);
            let kernel = GaussianU8::new(sigma as f32, Tones::Encoded);
            for (width, height, tolerance) in [(1, 240, 0.01), (240, 1, 0.025)] {
                let source = Raster::new(width, height, Layout::Grey, levels.clone());
                kernel.rows(source.view(), 0..height, |y, left, row| {
                    for (at, v) in (y as usize + left..).zip(row).filter(|(at, _)| (60..180).contains(at)) {
                        let error = (f64::from(*v) / f64::from(1_u16 << FRACTION) - exact(at)).abs();
                        assert!(
                            error < tolerance * HEIGHT,
                            "σ {sigma}, {frequency} a pixel, {width} × {height}: {error}"
                        );
                    }
                });
            }
        }
    }
}

#[test]
fn flat_stays_flat_and_weights_are_normalised() {
    for sigma in [NARROWEST, 1.0, 3.0, 7.0, 20.0, 55.5, 100.0] {
        let kernel = GaussianU8::new(sigma, Tones::Encoded);
        for taps in [&kernel.vertical, &kernel.triangle, &kernel.horizontal]
            .map(|taps| &taps.weights)
            .into_iter()
            .filter(|taps| taps.len() > 1)
        {
            let sum = u32::from(taps[0][0]) + 2 * taps[1..].iter().map(|w| u32::from(w[0])).sum::<u32>();
            assert_eq!(sum, 65_536, "σ {sigma}");
        }
        for level in [0, 1, 100, 254, 255] {
            let source = Raster::new(9, 40, Layout::Grey, vec![level; 360]);
            let mut row = vec![0; 9];
            kernel.rows(source.view(), 0..40, |y, _, blurred| {
                round_to_u8(&mut row, blurred);
                assert_eq!(row, [level; 9], "σ {sigma} row {y}");
            });
        }
    }
}
