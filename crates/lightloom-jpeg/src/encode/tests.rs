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
                    _ => if (x / 3 + y / 5 + random.below(9) / 8) % 2 == 0 { 0 } else { 255 - (c * 100) as u8 },
                });
            }
        }
    }
    samples
}

const SAMPLINGS: [(Sampling, Subsampling); 3] = [
    (Sampling::S444, Subsampling::S444),
    (Sampling::S422, Subsampling::S422),
    (Sampling::S420, Subsampling::S420),
];

fn oracle(samples: &[u8], shape: Shape, options: &Options<'_>) -> Vec<u8> {
    let format = if shape.format == Format::Grey { PixelFormat::Grayscale } else { PixelFormat::Rgb };
    let (_, sampling) = SAMPLINGS[options.sampling as usize];
    let oracle = Oracle::new(samples, shape.width, shape.height, format).quality(options.quality);
    let mut file = oracle.subsampling(sampling).optimize_huffman(options.best_codes).encode().unwrap();
    // It calls files baseline that have steps of 16 bits, where their codes are the best.
    if let (true, Some(at)) = (options.best_codes, file.windows(4).position(|w| w[..3] == [0xff, 0xc0, 0] && w[3] < 18)) {
        let wide = file.windows(5).any(|w| w == [0xff, 0xdb, 0, 131, 0x10] || w == [0xff, 0xdb, 0, 131, 0x11]);
        file[at + 1] += u8::from(wide);
    }
    file
}

fn options(quality: u8, sampling: Sampling, best_codes: bool) -> Options<'static> {
    Options { quality, sampling, best_codes, segments: &[] }
}

fn compare(samples: &[u8], shape: Shape, options: &Options<'_>) {
    let (ours, theirs) = (encode(samples, shape, options).unwrap(), oracle(samples, shape, options));
    let differs = ours.iter().zip(&theirs).position(|(a, b)| a != b);
    let lengths = (ours.len(), theirs.len());
    if ours != theirs { println!("{:02x?}\n{:02x?}", &ours[150..], &theirs[150..]); }
    assert!(ours == theirs, "{shape:?} {options:?}: lengths {lengths:?}, first difference {differs:?}");
}

#[test]
fn files_are_those_of_the_oracle() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let sides = [1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 33, 64, 100, 127, 128, 129, 136, 144, 255, 257, 300];
    for round in 0..400 {
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
fn every_quality_is_that_of_the_oracle() {
    let mut random = Random(77);
    let shape = Shape { width: 75, height: 41, format: Format::Rgb };
    let samples = content(&mut random, 1, shape.width, shape.height, 3);
    for quality in 1..=100 {
        compare(&samples, shape, &options(quality, Sampling::S420, quality % 2 == 0));
    }
}
