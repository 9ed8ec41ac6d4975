//! Against libjpeg-turbo-rs, whose files libjpeg-turbo's own tests have compared.

use libjpeg_turbo_rs::{Encoder as Oracle, PixelFormat, Subsampling};

use super::*;

/// Numbers of a small generator (xorshift, Marsaglia 2003).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end
    }
}

/// Noise, a gradient with a little of it, a flat picture, or hard edges.
fn content(random: &mut Random, kind: usize, width: usize, height: usize, channels: usize) -> Vec<u8> {
    let flat: Vec<u8> = (0..channels).map(|_| random.next() as u8).collect();
    let mut samples = Vec::new();
    for y in 0..height {
        for x in 0..width {
            for (c, flat) in flat.iter().enumerate() {
                samples.push(match kind {
                    0 => (random.next() >> 20) as u8,
                    1 => (x * (c + 2) + y * 3 + random.below(4)) as u8,
                    2 => *flat,
                    _ => {
                        if (x / 3 + y / 5 + random.below(9) / 8).is_multiple_of(2) {
                            0
                        } else {
                            255 - (c * 100) as u8
                        }
                    }
                });
            }
        }
    }
    samples
}

const SAMPLINGS: [(Sampling, Subsampling); 3] =
    [(Sampling::S444, Subsampling::S444), (Sampling::S422, Subsampling::S422), (Sampling::S420, Subsampling::S420)];

fn oracle(samples: &[u8], shape: Shape, options: &Options) -> Vec<u8> {
    let format = if shape.format == Format::Grey { PixelFormat::Grayscale } else { PixelFormat::Rgb };
    let (_, sampling) = SAMPLINGS[options.sampling as usize];
    let oracle = Oracle::new(samples, shape.width, shape.height, format).quality(options.quality);
    let mut file = oracle.subsampling(sampling).optimize_huffman(options.best_codes).encode().unwrap();
    // It calls files baseline that have steps of 16 bits, where their codes are the best.
    if let (true, Some(at)) = (options.best_codes, file.windows(4).position(|w| w[..3] == [0xff, 0xc0, 0] && w[3] < 18))
    {
        let wide = file.windows(5).any(|w| w == [0xff, 0xdb, 0, 131, 0x10] || w == [0xff, 0xdb, 0, 131, 0x11]);
        file[at + 1] += u8::from(wide);
    }
    file
}

fn options(quality: u8, sampling: Sampling, best_codes: bool) -> Options {
    Options { quality, sampling, best_codes }
}

fn compare(samples: &[u8], shape: Shape, options: &Options) {
    let (ours, theirs) = (encode(samples, shape, options).unwrap(), oracle(samples, shape, options));
    let differs = ours.iter().zip(&theirs).position(|(a, b)| a != b);
    let lengths = (ours.len(), theirs.len());
    assert!(ours == theirs, "{shape:?} {options:?}: lengths {lengths:?}, first difference {differs:?}");
}

#[test]
fn files_are_those_of_the_oracle() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let sides = [1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 33, 64, 100, 127, 128, 129, 136, 144, 255, 257, 300];
    for round in 0..1000 {
        let side = |random: &mut Random| match random.below(3) {
            0 => 1 + random.below(300),
            _ => sides[random.below(sides.len())],
        };
        let format = if round % 5 == 0 { Format::Grey } else { Format::Rgb };
        let shape = Shape { width: side(&mut random), height: side(&mut random), format };
        let channels = if format == Format::Grey { 1 } else { 3 };
        let kind = random.below(4);
        let samples = content(&mut random, kind, shape.width, shape.height, channels);
        let quality = [1, 10, 24, 50, 75, 90, 95, 99, 100, 1 + random.below(100) as u8][random.below(10)];
        let (sampling, _) = SAMPLINGS[random.below(3)];
        compare(&samples, shape, &options(quality, sampling, round % 3 == 0));
    }
}

#[test]
fn the_longest_sides_are_those_of_the_oracle() {
    let mut random = Random(3);
    for (width, height) in [(65_535, 3), (3, 65_535)] {
        let shape = Shape { width, height, format: Format::Rgb };
        let samples = content(&mut random, 1, width, height, 3);
        compare(&samples, shape, &options(85, Sampling::S420, false));
    }
}

#[test]
fn every_quality_is_that_of_the_oracle() {
    let mut random = Random(77);
    let shape = Shape { width: 75, height: 41, format: Format::Rgb };
    let samples = content(&mut random, 1, shape.width, shape.height, 3);
    for quality in 1..=100 {
        compare(&samples, shape, &options(quality, Sampling::S420, quality % 2 == 0));
    }
}

/// The planes of an RGB picture, as libjpeg makes them.
fn planes_of(samples: &[u8], width: usize, height: usize, sampling: Sampling) -> [Vec<u8>; 3] {
    let shape = Shape { width, height, format: Format::Rgb };
    let rows = 8 * sampling.rows();
    let mut strip = Strip::new(width, rows, sampling, true);
    let mut planes = [const { Vec::new() }; 3];
    for band in samples.chunks(3 * width * rows) {
        for row in band.chunks_exact(3 * shape.width) {
            strip.push_rgb(row);
        }
        strip.finish_chroma();
        let filled = strip.complete();
        for (i, plane) in planes.iter_mut().enumerate() {
            let (columns, lines) = if i == 0 { (1, 1) } else { (sampling.columns(), sampling.rows()) };
            for y in 0..filled.div_ceil(lines) {
                plane.extend_from_slice(&strip.row(i, y)[..width.div_ceil(columns)]);
            }
        }
    }
    planes
}

#[test]
fn planes_give_the_file_of_their_pixels() {
    let mut random = Random(5);
    for round in 0..120 {
        let (sampling, _) = SAMPLINGS[round % 3];
        // Beyond the right edge of an odd or incomplete picture, planes repeat samples of their own resolution.
        let width = [16, 32, 128, 144, 256, 272][random.below(6)];
        let height = 1 + random.below(70);
        let samples = content(&mut random, round % 4, width, height, 3);
        let shape = Shape { width, height, format: Format::Rgb };
        let options = options(1 + random.below(100) as u8, sampling, round % 2 == 0);
        let planes = planes_of(&samples, width, height, sampling);
        let pitch = width / sampling.columns();
        let [y, cb, cr] = [(0, width), (1, pitch), (2, pitch)].map(|(i, pitch)| Plane { samples: &planes[i], pitch });
        let planar = Shape { format: Format::YCbCr, ..shape };
        let expected = encode(&samples, shape, &options).unwrap();
        assert!(encode_planes(&[y, cb, cr], planar, &options).unwrap() == expected, "{shape:?} {options:?}");
        // A few rows at a time, and samples between the rows that belong to no picture.
        let mut encoder = Encoder::new(planar, &options).unwrap();
        let mut first = 0;
        while first < height {
            let rows = (sampling.rows() * (1 + random.below(20))).min(height - first);
            let wider: [Vec<u8>; 3] = std::array::from_fn(|i| {
                let (pitch, lines) = if i == 0 { (width, 1) } else { (pitch, sampling.rows()) };
                let part = &planes[i][first / lines * pitch..][..rows.div_ceil(lines) * pitch];
                part.chunks_exact(pitch).flat_map(|row| row.iter().copied().chain([9, 9, 9])).collect()
            });
            let pitches = [width + 3, pitch + 3, pitch + 3];
            let part = std::array::from_fn(|i| Plane { samples: &wider[i], pitch: pitches[i] });
            encoder.push_planes(&part, rows).unwrap();
            first += rows;
        }
        assert!(encoder.finish(&[]).unwrap() == expected, "{shape:?} {options:?} in parts");
    }
}

#[test]
fn rows_may_come_in_any_number() {
    let mut random = Random(6);
    for round in 0..60 {
        let format = if round % 4 == 0 { Format::Grey } else { Format::Rgb };
        let shape = Shape { width: 1 + random.below(200), height: 1 + random.below(90), format };
        let channels = if format == Format::Grey { 1 } else { 3 };
        let samples = content(&mut random, 1, shape.width, shape.height, channels);
        let options = options(80, SAMPLINGS[round % 3].0, round % 2 == 0);
        let mut encoder = Encoder::new(shape, &options).unwrap();
        let mut left = &samples[..];
        while !left.is_empty() {
            let rows = random.below(left.len() / (channels * shape.width) + 1);
            let (now, later) = left.split_at(rows * channels * shape.width);
            encoder.push_rows(now).unwrap();
            left = later;
        }
        assert!(encoder.finish(&[]).unwrap() == encode(&samples, shape, &options).unwrap(), "{shape:?} {options:?}");
    }
}

#[test]
fn another_decoder_reads_the_files() {
    let mut random = Random(8);
    for (round, (sampling, _)) in SAMPLINGS.iter().cycle().take(30).enumerate() {
        let shape = Shape { width: 1 + random.below(150), height: 1 + random.below(150), format: Format::Rgb };
        let samples = content(&mut random, 2, shape.width, shape.height, 3);
        let file = encode(&samples, shape, &options(95, *sampling, round % 2 == 0)).unwrap();
        let mut decoder = zune_jpeg::JpegDecoder::new(zune_jpeg::zune_core::bytestream::ZCursor::new(&file));
        let pixels = decoder.decode().unwrap();
        assert_eq!(decoder.dimensions(), Some((shape.width, shape.height)));
        let apart = pixels.iter().zip(&samples).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(apart < Some(6), "{shape:?}: {apart:?} levels apart");
    }
}

#[test]
fn segments_are_those_of_the_oracle() {
    let shape = Shape { width: 20, height: 10, format: Format::Rgb };
    let samples = content(&mut Random(9), 1, 20, 10, 3);
    let (exif, icc) = (vec![7; 65_527], (0..150_000).map(|i| i as u8).collect::<Vec<u8>>());
    let segments = [exif_segment(&exif), icc_segments(&icc)].concat();
    let mut encoder = Encoder::new(shape, &options(75, Sampling::S420, false)).unwrap();
    encoder.push_rows(&samples).unwrap();
    let ours = encoder.finish(&segments).unwrap();
    let oracle = Oracle::new(&samples, 20, 10, PixelFormat::Rgb).quality(75).subsampling(Subsampling::S420);
    assert!(ours == oracle.exif_data(&exif).icc_profile(&icc).encode().unwrap());
}

#[test]
fn what_does_not_fit_is_refused() {
    let options = options(75, Sampling::S420, false);
    let of = |width, height, format| Shape { width, height, format };
    for (width, height) in [(0, 1), (1, 0), (65_536, 1), (1, 65_536)] {
        let refused = encode(&[], of(width, height, Format::Grey), &options);
        assert_eq!(refused, Err(EncodeError::Size { width, height }));
    }
    for length in [0, 29, 31, 33, 60] {
        assert_eq!(encode(&vec![0; length], of(5, 2, Format::Rgb), &options), Err(EncodeError::Rows), "{length}");
    }
    let mut encoder = Encoder::new(of(5, 2, Format::Rgb), &options).unwrap();
    let plane = Plane { samples: &[0; 10], pitch: 5 };
    assert_eq!(encoder.push_planes(&[plane; 3], 2), Err(EncodeError::Format(Format::YCbCr)));
    let mut encoder = Encoder::new(of(5, 4, Format::YCbCr), &options).unwrap();
    assert_eq!(encoder.push_rows(&[0; 15]), Err(EncodeError::Format(Format::Rgb)));
    // Chroma's second row is not there; luma's third row has no chroma of its own; more rows than there are.
    for rows in [3, 1, 6] {
        assert_eq!(
            encoder.push_planes(&[plane, plane, Plane { samples: &[0; 5], pitch: 3 }], rows),
            Err(EncodeError::Rows)
        );
    }
    encoder.push_planes(&[plane; 3], 2).unwrap();
    assert_eq!(encoder.finish(&[]), Err(EncodeError::Rows));
}
