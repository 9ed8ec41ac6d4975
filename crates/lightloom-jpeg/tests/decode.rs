//! Decoded pixels beside those of libjpeg-turbo.
#![allow(clippy::unwrap_used, reason = "tests")]

use libjpeg_turbo_rs::{Decoder, Encoder, PixelFormat, Subsampling};
use lightloom_jpeg::decode::{Jpeg, Scale};

/// Smooth areas, edges and noise, by turns.
fn picture(width: usize, height: usize, channels: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut samples = Vec::with_capacity(width * height * channels);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..channels {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (state >> 24) as usize;
                samples.push(match (x / 24 + y / 24 + seed as usize) % 4 {
                    0 => noise,
                    1 => x * 5 + y * (channel + 1) + noise / 16,
                    2 => (x / 3 % 2) * 255,
                    _ => 40 + 60 * channel,
                } as u8);
            }
        }
    }
    samples
}

fn encoded(width: usize, height: usize, subsampling: Subsampling, quality: u8, restart: u16) -> Vec<u8> {
    let samples = picture(width, height, 3, (width * 31 + height) as u32);
    let encoder = Encoder::new(&samples, width, height, PixelFormat::Rgb).quality(quality).subsampling(subsampling);
    let encoder = if restart > 0 { encoder.restart_blocks(restart) } else { encoder };
    encoder.encode().unwrap()
}

/// The pixels, and how many channels they have.
fn ours(bytes: &[u8], scale: Scale) -> (Vec<u8>, usize) {
    let jpeg = Jpeg::new(bytes).unwrap();
    let (width, height) = jpeg.size(scale);
    let channels = if jpeg.is_grey() { 1 } else { 3 };
    let mut samples = vec![0xa5; width * height * channels];
    jpeg.decode(scale, &mut samples, false, &mut || true).unwrap();
    let mut again = vec![0x5a; samples.len()];
    jpeg.decode(scale, &mut again, true, &mut || true).unwrap();
    assert!(samples == again, "two threads gave another picture");
    for split in [false, true] {
        again.clear();
        let mut take = |rows: &mut [u8]| {
            again.extend_from_slice(rows);
            rows.fill(0);
            true
        };
        jpeg.decode_rows(scale, split, &mut || true, &mut take).unwrap();
        assert!(samples == again, "row by row it is another picture");
    }
    (samples, channels)
}

fn theirs(bytes: &[u8], format: PixelFormat) -> Vec<u8> {
    let mut decoder = Decoder::new(bytes).unwrap();
    decoder.set_output_format(format);
    let mut samples = vec![0; decoder.output_buffer_size().unwrap()];
    let info = decoder.decode_image_into(&mut samples).unwrap();
    samples.truncate(info.bytes_written);
    samples
}

const SUBSAMPLINGS: [Subsampling; 4] = [Subsampling::S444, Subsampling::S422, Subsampling::S420, Subsampling::S440];

#[test]
fn full_size_pixels_are_those_of_libjpeg() {
    let sizes =
        [(1, 1), (2, 3), (3, 2), (5, 7), (8, 8), (16, 16), (17, 33), (40, 31), (129, 66), (257, 130), (640, 17)];
    for (width, height) in sizes {
        for subsampling in SUBSAMPLINGS {
            for (quality, restart) in [(35, 0), (92, 0), (100, 0), (75, 3)] {
                let bytes = encoded(width, height, subsampling, quality, restart);
                let same = ours(&bytes, Scale::Full).0 == theirs(&bytes, PixelFormat::Rgb);
                assert!(same, "{width} x {height}, {subsampling:?}, quality {quality}, restarts every {restart}");
            }
        }
    }
}

#[test]
fn progressive_pixels_are_those_of_libjpeg() {
    for (width, height) in [(1, 1), (5, 7), (16, 16), (17, 33), (129, 66), (300, 140)] {
        for subsampling in SUBSAMPLINGS {
            for quality in [30, 92, 100] {
                let samples = picture(width, height, 3, quality.into());
                let encoder =
                    Encoder::new(&samples, width, height, PixelFormat::Rgb).quality(quality).progressive(true);
                let bytes = encoder.subsampling(subsampling).encode().unwrap();
                let same = ours(&bytes, Scale::Full).0 == theirs(&bytes, PixelFormat::Rgb);
                assert!(same, "{width} x {height}, {subsampling:?}, quality {quality}");
                // Scans that are not wanted are skipped, and those that are give what a file of one scan gives.
                let encoder = Encoder::new(&samples, width, height, PixelFormat::Rgb).quality(quality);
                let sequential = encoder.subsampling(subsampling).encode().unwrap();
                for scale in [Scale::Half, Scale::Quarter, Scale::Eighth] {
                    assert!(ours(&bytes, scale) == ours(&sequential, scale), "{width} x {height}, {scale:?}");
                }
            }
        }
    }
}

/// Y, Cb and Cr, with chroma that so many columns and rows share.
fn planes(bytes: &[u8], form: (Scale, (usize, usize))) -> [Vec<u8>; 3] {
    let jpeg = Jpeg::new(bytes).unwrap();
    let ((width, height), (across, down)) = (jpeg.size(form.0), form.1);
    let chroma = width.div_ceil(across);
    let mut planes: [Vec<u8>; 3] = Default::default();
    let mut take = |bands: &mut [u8]| {
        for band in bands.chunks_exact(width * down + 2 * chroma) {
            planes[0].extend_from_slice(&band[..width * down]);
            planes[1].extend_from_slice(&band[width * down..][..chroma]);
            planes[2].extend_from_slice(&band[width * down + chroma..]);
        }
        true
    };
    jpeg.decode_bands(form, false, &mut || true, &mut take).unwrap();
    assert_eq!(planes.each_ref().map(Vec::len)[1..], [chroma * height.div_ceil(down); 2]);
    planes[0].truncate(width * height);
    planes
}

#[test]
fn chroma_is_as_coarse_beside_luma_as_it_is_stored_or_as_fine() {
    for (width, height) in [(16, 16), (40, 31), (129, 66), (333, 257)] {
        for (subsampling, stored) in
            [(Subsampling::S420, (2, 2)), (Subsampling::S422, (2, 1)), (Subsampling::S444, (1, 1))]
        {
            let bytes = encoded(width, height, subsampling, 90, 0);
            let jpeg = Jpeg::new(&bytes).unwrap();
            assert_eq!(jpeg.chroma(), Some(stored));
            for (scale, smaller) in [(Scale::Half, Scale::Quarter), (Scale::Quarter, Scale::Eighth)] {
                let (coarse, fine) = (planes(&bytes, (scale, stored)), planes(&bytes, (scale, (1, 1))));
                assert!(coarse[0] == fine[0], "{width} x {height}, {scale:?}");
                // Of 4:2:0 it is that of a picture of half the size.
                if stored == (2, 2) {
                    assert!(coarse[1..] == planes(&bytes, (smaller, (1, 1)))[1..], "{width} x {height}, {scale:?}");
                }
            }
            assert_eq!(planes(&bytes, (Scale::Full, stored))[0].len(), width * height);
            for other in [(1, 2), (4, 1)] {
                assert!(jpeg.decode_bands((Scale::Half, other), false, &mut || true, &mut |_| true).is_err());
            }
            let is_fine = jpeg.decode_bands((Scale::Full, (1, 1)), false, &mut || true, &mut |_| true).is_ok();
            assert_eq!(is_fine, stored == (1, 1));
        }
    }
}

#[test]
fn grey_pixels_are_those_of_libjpeg() {
    for (width, height) in [(1, 1), (9, 8), (131, 70)] {
        let samples = picture(width, height, 1, 5);
        let bytes = Encoder::new(&samples, width, height, PixelFormat::Grayscale).quality(88).encode().unwrap();
        let (decoded, channels) = ours(&bytes, Scale::Full);
        assert_eq!(channels, 1);
        assert!(decoded == theirs(&bytes, PixelFormat::Grayscale), "{width} x {height}");
    }
}

/// The cosine transform by its definition, and back with fewer samples per block.
fn reduced(block: &[[f64; 8]; 8], size: usize) -> Vec<Vec<f64>> {
    let basis = |count: usize, frequency: usize, at: usize| {
        let scale = if frequency == 0 { (1.0 / count as f64).sqrt() } else { (2.0 / count as f64).sqrt() };
        scale * ((2 * at + 1) as f64 * frequency as f64 * std::f64::consts::PI / (2 * count) as f64).cos()
    };
    let mut samples = vec![vec![0.0; size]; size];
    for v in 0..size {
        for u in 0..size {
            let mut coefficient = 0.0;
            for (y, row) in block.iter().enumerate() {
                for (x, sample) in row.iter().enumerate() {
                    coefficient += sample * basis(8, v, y) * basis(8, u, x);
                }
            }
            for (y, row) in samples.iter_mut().enumerate() {
                for (x, sample) in row.iter_mut().enumerate() {
                    *sample += coefficient * size as f64 / 8.0 * basis(size, v, y) * basis(size, u, x);
                }
            }
        }
    }
    samples
}

#[test]
fn smaller_pictures_are_the_low_frequencies_of_each_block() {
    let (width, height) = (136, 48);
    let samples: Vec<u8> = picture(width, height, 1, 3).iter().map(|sample| sample / 2 + 64).collect();
    let bytes = Encoder::new(&samples, width, height, PixelFormat::Grayscale).quality(100).encode().unwrap();
    for (scale, size) in [(Scale::Half, 4), (Scale::Quarter, 2), (Scale::Eighth, 1)] {
        let (decoded, _) = ours(&bytes, scale);
        for block_y in 0..height / 8 {
            for block_x in 0..width / 8 {
                let block: [[f64; 8]; 8] = std::array::from_fn(|y| {
                    std::array::from_fn(|x| f64::from(samples[(block_y * 8 + y) * width + block_x * 8 + x]))
                });
                for (y, row) in reduced(&block, size).iter().enumerate() {
                    for (x, expected) in row.iter().enumerate() {
                        let at = (block_y * size + y) * (width * size / 8) + block_x * size + x;
                        let difference = f64::from(decoded[at]) - expected.clamp(0.0, 255.0);
                        assert!(difference.abs() < 1.6, "{scale:?}, {block_x} {block_y}, {x} {y}: {difference}");
                    }
                }
            }
        }
    }
}

/// Decodes at a scale and says how far the samples are from those of libjpeg at that scale, on average.
fn distance(bytes: &[u8], scale: Scale) -> f64 {
    let mut decoder = Decoder::new(bytes).unwrap();
    decoder.set_output_format(PixelFormat::Rgb);
    decoder.set_scale(libjpeg_turbo_rs::ScalingFactor::try_new(1, scale.divisor() as u32).unwrap());
    let mut expected = vec![0; decoder.output_buffer_size().unwrap()];
    let info = decoder.decode_image_into(&mut expected).unwrap();
    let (decoded, _) = ours(bytes, scale);
    assert_eq!(decoded.len(), info.bytes_written);
    let sum: u64 = decoded.iter().zip(&expected).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / decoded.len() as f64
}

#[test]
fn smaller_pictures_of_every_sampling_and_size_show_what_libjpeg_shows() {
    for (width, height) in [(1, 1), (7, 3), (16, 17), (65, 40), (250, 121), (401, 33)] {
        // Without the noise and the edges, on which reductions differ.
        let samples: Vec<u8> =
            (0..width * height * 3).map(|i| (i / 3 % width / 2 + i / 3 / width / 4 + i % 3 * 10) as u8).collect();
        for subsampling in SUBSAMPLINGS {
            let encoder = Encoder::new(&samples, width, height, PixelFormat::Rgb).quality(95).subsampling(subsampling);
            let bytes = encoder.encode().unwrap();
            for scale in [Scale::Half, Scale::Quarter, Scale::Eighth] {
                let distance = distance(&bytes, scale);
                assert!(distance < 1.0, "{width} x {height}, {subsampling:?}, {scale:?}: {distance}");
            }
        }
    }
}

#[test]
fn damaged_files_are_declined_or_decoded_as_libjpeg_decodes_them() {
    let samples = picture(120, 90, 3, 7);
    let encoder = Encoder::new(&samples, 120, 90, PixelFormat::Rgb).quality(80).subsampling(Subsampling::S420);
    let files = [encoded(120, 90, Subsampling::S420, 80, 4), encoder.progressive(true).encode().unwrap()];
    let mut state = 1u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let (mut declined, mut decoded, mut overflown) = (0, 0, 0);
    for whole in files.iter().cycle().take(6_000) {
        let mut bytes = whole.clone();
        for _ in 0..=next(3) {
            let at = next(bytes.len());
            bytes[at] ^= 1 << next(8);
        }
        if next(4) == 0 {
            bytes.truncate(next(bytes.len()));
        }
        let Ok(jpeg) = Jpeg::new(&bytes) else { continue };
        let (width, height) = jpeg.size(Scale::Full);
        if width * height > 1 << 20 {
            continue;
        }
        let mut samples = vec![0; width * height * if jpeg.is_grey() { 1 } else { 3 }];
        for scale in [Scale::Half, Scale::Eighth] {
            let (width, height) = jpeg.size(scale);
            let count = width * height * if jpeg.is_grey() { 1 } else { 3 };
            let _ = jpeg.decode(scale, &mut samples[..count], true, &mut || true);
        }
        if jpeg.decode(Scale::Full, &mut samples, false, &mut || true).is_err() {
            declined += 1;
            continue;
        }
        decoded += 1;
        let expected = theirs(&bytes, if jpeg.is_grey() { PixelFormat::Grayscale } else { PixelFormat::Rgb });
        overflown += usize::from(samples != expected);
    }
    // Values far out of range overflow the 16 bits with which vectors of libjpeg compute.
    assert!(
        declined > 100 && decoded > 20 * overflown,
        "{declined} declined, {decoded} decoded, {overflown} otherwise"
    );
}

#[test]
fn what_others_have_to_read_is_declined() {
    let samples = picture(40, 30, 3, 1);
    let progressive = Encoder::new(&samples, 40, 30, PixelFormat::Rgb).progressive(true).encode().unwrap();
    let whole = encoded(40, 30, Subsampling::S420, 80, 0);
    let mut doubled = whole.clone();
    doubled.truncate(whole.len() - 2);
    doubled.extend_from_slice(&[0x12, 0x34, 0xff, 0xd9]);
    // Without its last scan.
    let cut = progressive.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
    let coarse = [&progressive[..cut], &[0xff, 0xd9]].concat();
    let files: [&[u8]; 5] = [b"", &coarse, &whole[..whole.len() - 2], &whole[..whole.len() / 2], &doubled];
    for bytes in files {
        let result =
            Jpeg::new(bytes).and_then(|jpeg| jpeg.decode(Scale::Full, &mut vec![0; 3600], false, &mut || true));
        assert!(result.is_err());
    }
    let stopped = Jpeg::new(&whole).and_then(|jpeg| jpeg.decode(Scale::Full, &mut vec![0; 3600], false, &mut || false));
    assert!(stopped.is_err());
}
