//! Logarithmic luminance, by itself or with CIE (u′, v′) (G. Ward Larson, "LogLuv encoding for full-gamut, high-dynamic
//! range images", 1998; TIFF Technical Note of the same title). It is light: 1 is white.

use super::chunk::Compression;
use super::form::{Form, Photometric};
use super::log_luv_24::chromaticity;
use super::read::{ChunkRect, Stored};
use crate::CodecError;
use lightloom_picture::linear_to_srgb;

/// How a pixel is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogLuv {
    /// 16 bits: a sign and the logarithm of luminance.
    Luminance,
    /// 32 bits: the same, and eight bits each for u′ and v′.
    Colour,
    /// 24 bits: ten for the logarithm of luminance, and a number for the colour.
    Colour24,
}

impl LogLuv {
    /// By the photometric interpretation.
    ///
    /// # Errors
    /// If the compression is not one of those that belong to it.
    pub fn new(photometric: u64, compression: Compression) -> Result<Self, CodecError> {
        match (photometric, compression) {
            (32_844, Compression::SgiLog) => Ok(Self::Luminance),
            (32_845, Compression::SgiLog) => Ok(Self::Colour),
            (32_845, Compression::SgiLog24) => Ok(Self::Colour24),
            _ => Err(CodecError::Unsupported("TIFF with LogLuv in an unusual compression".to_owned())),
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Luminance => 2,
            Self::Colour24 => 3,
            Self::Colour => 4,
        }
    }
}

/// Decodes one chunk into place, encoded with the sRGB transfer function. Returns the share of its rows that was there.
pub(crate) fn read<S: Stored>(data: &[u8], form: &Form, rect: &ChunkRect, raw: &mut [S]) -> f64 {
    let Photometric::LogLuv(kind) = form.photometric else { return 0.0 };
    let kept = form.kept();
    let mut codes = vec![0; form.chunk.0 as usize];
    let mut rest = data;
    for y in 0..rect.rows {
        let next = match kind {
            LogLuv::Colour24 => whole(rest, &mut codes),
            LogLuv::Luminance | LogLuv::Colour => row(rest, kind.bytes(), &mut codes),
        };
        let Some(next) = next else {
            return f64::from(y) / f64::from(rect.rows.max(1));
        };
        rest = next;
        let from = ((rect.y + y) as usize * form.width as usize + rect.x as usize) * kept;
        for (pixel, code) in raw[from..].chunks_exact_mut(kept).zip(&codes[..rect.columns as usize]) {
            let light = match kind {
                LogLuv::Luminance => [luminance(*code as u16); 3],
                LogLuv::Colour => colour(*code),
                LogLuv::Colour24 => colour24(*code),
            };
            for (sample, light) in pixel.iter_mut().zip(light) {
                *sample = S::from_unit(linear_to_srgb(light));
            }
        }
    }
    1.0
}

/// Decodes a row: for each byte of the codes, the highest first, runs of equal bytes and of literal bytes. Returns what
/// follows it.
fn row<'a>(mut data: &'a [u8], bytes: usize, codes: &mut [u32]) -> Option<&'a [u8]> {
    codes.fill(0);
    for weight in (0..bytes).rev() {
        let mut x = 0;
        while x < codes.len() {
            let (&head, rest) = data.split_first()?;
            let count = if head >= 128 { usize::from(head) - 126 } else { usize::from(head) };
            let target = codes.get_mut(x..).unwrap_or_default().iter_mut().take(count);
            data = if head >= 128 {
                let (&value, rest) = rest.split_first()?;
                target.for_each(|code| *code |= u32::from(value) << (8 * weight));
                rest
            } else {
                let (values, rest) = rest.split_at_checked(count)?;
                target.zip(values).for_each(|(code, value)| *code |= u32::from(*value) << (8 * weight));
                rest
            };
            x += count;
        }
    }
    Some(data)
}

/// Takes a row of three bytes for each code. Returns what follows it.
fn whole<'a>(data: &'a [u8], codes: &mut [u32]) -> Option<&'a [u8]> {
    let (row, rest) = data.split_at_checked(3 * codes.len())?;
    for (code, &[high, middle, low]) in codes.iter_mut().zip(row.as_chunks().0) {
        *code = u32::from_be_bytes([0, high, middle, low]);
    }
    Some(rest)
}

/// Luminance of a sign and 15 bits of logarithm to base 2, in steps of 1/256 from 2^-64 on.
fn luminance(code: u16) -> f32 {
    let logarithm = code & 0x7fff;
    if logarithm == 0 {
        return 0.0;
    }
    let light = ((f32::from(logarithm) + 0.5) / 256.0 - 64.0).exp2();
    if code & 0x8000 == 0 { light } else { -light }
}

/// Linear light in the primaries of Rec. 709, of luminance and eight bits each of u′ and v′ in steps of 1/410.
fn colour(code: u32) -> [f32; 3] {
    let y = luminance((code >> 16) as u16);
    if y <= 0.0 {
        return [0.0; 3];
    }
    in_rec_709(y, [code >> 8 & 255, code & 255].map(|n| (n as f32 + 0.5) / 410.0))
}

/// The same of ten bits of logarithm, in steps of 1/64 from 2^-12 on, and the number of a colour.
fn colour24(code: u32) -> [f32; 3] {
    let logarithm = code >> 14 & 0x3ff;
    if logarithm == 0 {
        return [0.0; 3];
    }
    in_rec_709(((logarithm as f32 + 0.5) / 64.0 - 12.0).exp2(), chromaticity((code & 0x3fff) as u16))
}

fn in_rec_709(y: f32, [u, v]: [f32; 2]) -> [f32; 3] {
    let (x, z) = (y * 9.0 * u / (4.0 * v), y * (12.0 - 3.0 * u - 20.0 * v) / (4.0 * v));
    // CIE XYZ to the primaries of Rec. 709, with equal energy as white, as libtiff has it.
    [
        2.689_655 * x - 1.275_862 * y - 0.413_793 * z,
        -1.022_108 * x + 1.978_287 * y + 0.043_822 * z,
        0.061_224 * x - 0.224_49 * y + 1.163_265 * z,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_in_steps_of_a_256th() {
        // 64 × 256 stands for 1, half a step above; the sign is the highest bit.
        assert!((luminance(64 * 256) - 1.001_355).abs() < 1e-5);
        assert!((luminance((66 * 256) | 0x8000) + 4.005_42).abs() < 1e-4);
        assert_eq!(luminance(0), 0.0);
    }

    #[test]
    fn white_is_grey_of_its_luminance() {
        // u′ = 4/19 and v′ = 9/19 of equal energy, in steps of 1/410.
        let light = colour((64 * 256) << 16 | 86 << 8 | 194);
        assert!(light.iter().all(|v| (v - 1.0).abs() < 0.02), "{light:?}");
        // The red primary has u′ = 0.4507 and v′ = 0.5229, and luminance 0.2562.
        let [r, g, b] = colour((((64.0 + 0.2562_f32.log2()) * 256.0) as u32) << 16 | 184 << 8 | 214);
        assert!((r - 1.0).abs() < 0.03 && g.abs() < 0.01 && b.abs() < 0.01, "{r} {g} {b}");
    }

    /// Code 9,000 at the luminance code 64 × 12, of which libtiff 4.7 makes XYZ of 2.565770, 1.005430 and 1.654738.
    #[test]
    fn twenty_four_bits_have_the_colour_that_libtiff_gives_them() {
        let [r, g, b] = colour24((64 * 12) << 14 | 9_000);
        for (found, expected) in [(r, 4.933_55), (g, -0.561_00), (b, 1.856_27)] {
            assert!((found - expected).abs() < 1e-3, "{r} {g} {b}");
        }
        assert_eq!(colour24(9_000), [0.0; 3]);
        let mut codes = [0; 2];
        assert_eq!(whole(&[1, 2, 3, 4, 5, 6, 7], &mut codes), Some(&[7][..]));
        assert_eq!(codes, [0x01_0203, 0x04_0506]);
        assert!(whole(&[1, 2, 3, 4, 5], &mut codes).is_none());
    }

    #[test]
    fn runs_and_literals_of_each_byte() {
        let mut codes = [0; 5];
        // High bytes: a run of five; low bytes: two literals, then a run of three; then what follows.
        let rest = row(&[131, 0x40, 2, 1, 2, 129, 9, 77], 2, &mut codes).unwrap();
        assert_eq!((codes, rest), ([0x4001, 0x4002, 0x4009, 0x4009, 0x4009], &[77][..]));
        assert!(row(&[131, 0x40, 2, 1], 2, &mut codes).is_none());
        assert!(row(&[0; 9], 2, &mut codes).is_none(), "nothing is no progress, but ends");
    }
}
