//! The colours that TIFF pictures come in, brought to grey or RGB: palettes, inks, CIE L*a*b* (TIFF 6.0, sections 5, 16, 18
//! and 23). YCbCr and logarithmic luminance have files of their own.

use super::form::{Form, Photometric};
use super::read::Stored;
use crate::shared::inks;
use lightloom_picture::{Buffers, Pixels, Raster, Sample, linear_to_srgb};

/// Brings interleaved samples, as they are stored, to the picture's colours.
pub(crate) fn convert<S: Stored>(mut raw: Vec<S>, form: &Form, buffers: &mut Buffers) -> Pixels
where
    Pixels: From<Raster<S>>,
{
    let shape = form.shape();
    let (width, height, layout) = (shape.width, shape.height, shape.layout);
    let kept = form.kept();
    match &form.photometric {
        Photometric::Grey { white_is_zero: true } => {
            for pixel in raw.chunks_exact_mut(kept) {
                pixel[0] = S::from_unit(1.0 - pixel[0].to_unit());
            }
        }
        Photometric::Palette(map) => {
            let colours = map.len() / 3;
            let white = if S::DEPTH.bytes() == 1 { 255.0 } else { 65_535.0 };
            let mut out = buffers.take_for_overwrite::<u8>(width as usize * height as usize * layout.channels());
            for (to, from) in out.chunks_exact_mut(layout.channels()).zip(raw.chunks_exact(kept)) {
                let index = ((from[0].to_unit() * white).round() as usize).min(colours - 1);
                for c in 0..3 {
                    to[c] = (map[c * colours + index] >> 8) as u8;
                }
                if let [_, alpha] = from {
                    to[3] = u8::from_unit(alpha.to_unit());
                }
            }
            buffers.give(raw);
            return Raster::new(width, height, layout, out).into();
        }
        Photometric::Cmyk => {
            let rule = inks::rule(form.inks_profile.as_deref()).0;
            return inks::to_srgb(&rule, (width, height), raw, layout.has_alpha(), buffers).into();
        }
        Photometric::Lab => {
            for pixel in raw.chunks_exact_mut(kept) {
                let lab = [pixel[0].to_unit(), pixel[1].to_unit(), pixel[2].to_unit()];
                for (sample, value) in pixel.iter_mut().zip(lab_to_srgb(lab)) {
                    *sample = S::from_unit(value);
                }
            }
        }
        Photometric::YCbCr(ycbcr) => raw.chunks_exact_mut(kept).for_each(|pixel| ycbcr.to_rgb(pixel)),
        Photometric::Grey { .. } | Photometric::Rgb | Photometric::LogLuv(_) => {}
    }
    Raster::new(width, height, layout, raw).into()
}

/// CIE L*a*b* under D50, L* as 0–1 for 0–100, a* and b* as two's complement in steps of 1 for 8 bits, to sRGB.
fn lab_to_srgb([l, a, b]: [f32; 3]) -> [f32; 3] {
    // 0–1 stands for 0–255 (or 0–255.996 of 16 bits); the upper half is negative.
    let signed = |v: f32| if v * 255.0 >= 128.0 { v * 255.0 - 256.0 } else { v * 255.0 };
    let fy = (l * 100.0 + 16.0) / 116.0;
    let (fx, fz) = (fy + signed(a) / 500.0, fy - signed(b) / 200.0);
    let inverse = |f: f32| {
        if f > 6.0 / 29.0 { f * f * f } else { 3.0 * (6.0_f32 / 29.0).powi(2) * (f - 4.0 / 29.0) }
    };
    let (x, y, z) = (0.964_22 * inverse(fx), inverse(fy), 0.825_21 * inverse(fz));
    // Bradford adaptation to D65 and the sRGB primaries in one (B. Lindbloom).
    let linear = [
        3.133_856 * x - 1.616_867 * y - 0.490_615 * z,
        -0.978_768 * x + 1.916_141 * y + 0.033_454 * z,
        0.071_945 * x - 0.228_991 * y + 1.405_243 * z,
    ];
    linear.map(|v| linear_to_srgb(v.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lab_of_known_colours() {
        // D50 values of sRGB red and mid-grey (B. Lindbloom's calculator).
        let near = |lab: [f32; 3], rgb: [f32; 3]| {
            let [l, a, b] = lab;
            let code = |v: f32| if v < 0.0 { v + 256.0 } else { v } / 255.0;
            let found = lab_to_srgb([l / 100.0, code(a), code(b)]);
            assert!(found.iter().zip(rgb).all(|(f, e)| (f - e).abs() < 0.004), "{found:?} for {rgb:?}");
        };
        near([54.29, 80.81, 69.89], [1.0, 0.0, 0.0]);
        near([53.59, 0.0, 0.0], [0.502, 0.502, 0.502]);
        near([29.57, 68.30, -112.03], [0.0, 0.0, 1.0]);
    }
}
