//! JPEG files of unusual forms, next to what libjpeg-turbo makes of them (through Pillow, see `seeds/make.py`) or to the
//! picture that was encoded.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use libjpeg_turbo_rs::{Encoder, PixelFormat};
use lightloom_codec::{self as codec, CodecError, Decoded, Limits};
use lightloom_picture::colour::Inks;
use lightloom_picture::{Buffers, Layout, Pixels, Raster};

fn seed(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds").join(name)).unwrap()
}

fn decoded(file: &[u8], divisor: u8) -> Result<Decoded, CodecError> {
    let limits = Limits::default();
    let (format, header) = codec::header(file, &limits)?;
    codec::decode(format, file, &header, divisor, &limits, &mut Buffers::default())
}

fn raster(pixels: Pixels) -> Raster<u8> {
    let Pixels::U8(raster) = pixels else { panic!("{:?}", pixels.shape()) };
    raster
}

/// What libjpeg-turbo makes of a seed.
fn expected(name: &str) -> Raster<u8> {
    let file = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name)).unwrap();
    raster(decoded(&file, 1).unwrap().pixels)
}

fn plain(inks: &Raster<u8>) -> Raster<u8> {
    Inks::Plain.to_srgb(inks.width(), inks.height(), inks.samples(), false)
}

fn inverted(raster: &Raster<u8>) -> Raster<u8> {
    let samples = raster.samples().iter().map(|v| 255 - v).collect();
    Raster::new(raster.width(), raster.height(), raster.layout(), samples)
}

/// The mean of each square of so many pixels, or of the part of it that is there.
fn means(raster: &Raster<u8>, side: u32) -> Raster<u8> {
    let channels = raster.layout().channels();
    let (width, height) = (raster.width().div_ceil(side), raster.height().div_ceil(side));
    let mut samples = Vec::new();
    for (left, top) in (0..height).flat_map(|y| (0..width).map(move |x| (x * side, y * side))) {
        let (right, bottom) = (raster.width().min(left + side), raster.height().min(top + side));
        for channel in 0..channels {
            let pixels = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
            let sum: u32 = pixels.map(|(x, y)| u32::from(raster.row(y)[x as usize * channels + channel])).sum();
            let count = (right - left) * (bottom - top);
            samples.push(((sum + count / 2) / count) as u8);
        }
    }
    Raster::new(width, height, raster.layout(), samples)
}

fn largest_difference(a: &Raster<u8>, b: &Raster<u8>) -> u8 {
    assert_eq!((a.width(), a.height(), a.layout()), (b.width(), b.height(), b.layout()));
    a.samples().iter().zip(b.samples()).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn inks_of_which_only_the_first_is_full_size_are_those_of_libjpeg() {
    for name in ["inks_420", "inks_422_progressive", "ycck_420"] {
        let (file, inks) = (seed(&format!("{name}.jpg")), expected(&format!("{name}.png")));
        let whole = decoded(&file, 1).unwrap();
        assert_eq!(whole.partial, None, "{name}");
        assert_eq!(largest_difference(&raster(whole.pixels), &plain(&inks)), 0, "{name}");
        for divisor in [2, 4, 8] {
            let small = raster(decoded(&file, divisor).unwrap().pixels);
            // Means are taken as inks are stored, where 255 is none.
            let expected = plain(&inverted(&means(&inverted(&inks), divisor.into())));
            assert_eq!(largest_difference(&small, &expected), 0, "{name} at 1/{divisor}");
        }
    }
}

/// Sampling factors of each component: every choice of these.
fn every_choice(components: usize, of: &[(u8, u8)]) -> Vec<Vec<(u8, u8)>> {
    (0..components).fold(vec![Vec::new()], |choices, _| {
        choices.iter().flat_map(|choice| of.iter().map(|own| [choice.as_slice(), &[*own]].concat())).collect()
    })
}

#[test]
fn any_sampling_factors_give_the_picture_that_was_encoded() {
    let (width, height) = (37, 29);
    let ramp = |x: usize, y: usize, channel: usize| (40 + [3 * x, 3 * y, x + 2 * y, 2 * x + y][channel]) as u8;
    let mut read = 0;
    for (format, layout) in [(PixelFormat::Rgb, Layout::Rgb), (PixelFormat::Cmyk, Layout::Rgba)] {
        let channels = layout.channels();
        let samples: Vec<u8> = (0..width * height * channels)
            .map(|i| ramp(i / channels % width, i / channels / width, i % channels))
            .collect();
        let picture = Raster::new(width as u32, height as u32, layout, samples.clone());
        let source = if channels == 4 {
            // The encoder stores inks as Adobe does: 255 is none.
            plain(&inverted(&picture))
        } else {
            picture
        };
        for factors in every_choice(channels, &[(1, 1), (2, 1), (1, 2), (2, 2)]) {
            for progressive in [false, true] {
                let encoder = Encoder::new(&samples, width, height, format).quality(98);
                let encoder = encoder.sampling_factors(factors.clone()).progressive(progressive);
                // More than ten blocks in a unit are not allowed.
                let Ok(file) = encoder.encode() else { continue };
                for divisor in [1, 2, 4, 8] {
                    let decoded = decoded(&file, divisor).unwrap();
                    assert_eq!(decoded.partial, None, "{factors:?}");
                    let off = largest_difference(&raster(decoded.pixels), &means(&source, divisor.into()));
                    assert!(off <= 12, "{format:?} {factors:?} progressive {progressive} at 1/{divisor}: {off}");
                }
                read += 1;
            }
        }
    }
    assert!(read > 300, "{read} files");
}

#[test]
fn first_scans_of_a_progressive_file_are_smoothed_as_libjpeg_does() {
    for name in ["scans_1", "scans_3", "scans_cut"] {
        let decoded = decoded(&seed(&format!("{name}.jpg")), 1).unwrap();
        let off = largest_difference(&raster(decoded.pixels), &expected(&format!("{name}.png")));
        assert!(off <= 1, "{name}: {off}");
    }
}

#[test]
fn components_in_scans_of_their_own_are_read() {
    for name in ["components", "luma_and_chroma"] {
        let file = seed(&format!("{name}.jpg"));
        let whole = decoded(&file, 1).unwrap();
        assert_eq!(whole.partial, None, "{name}");
        assert_eq!(raster(whole.pixels), expected(&format!("{name}.png")), "{name}");
        for divisor in [2, 4, 8] {
            let small = raster(decoded(&file, divisor).unwrap().pixels);
            let size = (75_u32.div_ceil(divisor.into()), 53_u32.div_ceil(divisor.into()));
            assert_eq!((small.width(), small.height()), size, "{name}");
        }
        // It holds the coefficients of all scans.
        let header = codec::header(&file, &Limits::default()).unwrap().1;
        assert!(header.decoder_bytes > 0 && !header.decodes_scaled, "{name}");
    }
}

#[test]
fn junk_behind_the_first_marker_is_skipped() {
    let file = seed("progressive.jpg");
    let whole = decoded(&file, 1).unwrap();
    for junk in [&b"\0"[..], b"\xe0\0\x10JFIF", b"some text", b"\x01\xff\0\xff"] {
        let odd = [&file[..2], junk, &file[2..]].concat();
        let decoded = decoded(&odd, 1).unwrap();
        assert_eq!((decoded.pixels == whole.pixels, decoded.partial), (true, None), "{junk:?}");
    }
    for other in [&b"\xff\xd8"[..], b"\xff\xd8 is a beginning", b"\xff\xd8\0\xff\xd9"] {
        assert!(matches!(decoded(other, 1), Err(CodecError::Unrecognised | CodecError::Damaged(_))), "{other:?}");
    }
}
