//! This encoder beside libjpeg-turbo-rs: `cargo bench -p lightloom-jpeg --bench encode -- [ROUNDS] [PHOTO …]`. Prints a line
//! for each photo and setting: the shortest milliseconds from RGB of both, and of this one from planes. Without photos, the
//! picture is made up: 24 megapixels of a pattern with noise.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark that cannot begin should say so and end")]

use std::hint::black_box;
use std::time::Instant;

use libjpeg_turbo_rs::{Decoder, Encoder, PixelFormat, Subsampling};
use lightloom_jpeg::encode::{Format, Options, Plane, Sampling, Shape, encode, encode_planes};

/// RGB.
struct Picture {
    name: String,
    width: usize,
    height: usize,
    samples: Vec<u8>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let rounds = words.first().and_then(|word| word.parse().ok());
    let paths = &words[usize::from(rounds.is_some())..];
    let mut pictures: Vec<Picture> = paths.iter().map(|path| photo(path)).collect();
    if pictures.is_empty() {
        pictures.push(made_up(6000, 4000));
    }
    for picture in &pictures {
        for (quality, sampling) in [(90, Sampling::S420), (90, Sampling::S422), (95, Sampling::S444)] {
            measure(picture, quality, sampling, rounds.unwrap_or(11));
        }
    }
}

fn photo(path: &str) -> Picture {
    let bytes = std::fs::read(path).expect("the photo can be read");
    let mut decoder = Decoder::new(&bytes).expect("the photo is a JPEG");
    decoder.set_output_format(PixelFormat::Rgb);
    let image = decoder.decode_image().expect("the photo is whole");
    Picture { name: path.to_owned(), width: image.width, height: image.height, samples: image.data }
}

fn made_up(width: usize, height: usize) -> Picture {
    let mut noise = 1_u32;
    let mut samples = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let level = 128.0 + 90.0 * (x as f32 / 37.0).sin() * (y as f32 / 23.0).cos();
            samples.extend([0, 8, 16].map(|shift| (level + (noise >> (shift + 4) & 7) as f32) as u8));
        }
    }
    Picture { name: "made up".to_owned(), width, height, samples }
}

fn measure(Picture { name, width, height, samples }: &Picture, quality: u8, sampling: Sampling, rounds: usize) {
    let (width, height) = (*width, *height);
    let shape = Shape { width, height, format: Format::Rgb };
    let options = Options { quality, sampling, best_codes: false };
    let peer = match sampling {
        Sampling::S444 => Subsampling::S444,
        Sampling::S422 => Subsampling::S422,
        Sampling::S420 => Subsampling::S420,
    };
    let pitch = width.div_ceil(sampling.columns());
    // Near enough to what a decoder would hand over.
    let luma = |p: &[u8]| (u16::from(p[0]) + 2 * u16::from(p[1]) + u16::from(p[2])) / 4;
    let chroma = |channel: usize| -> Vec<u8> {
        let rows = samples.chunks_exact(3 * width).step_by(sampling.rows());
        let pixels = rows.flat_map(|row| row.chunks(3 * sampling.columns()));
        pixels.map(|p| ((256 + u16::from(p[channel]) - luma(p)) / 2) as u8).collect()
    };
    let planes = [samples.chunks_exact(3).map(|p| luma(p) as u8).collect(), chroma(2), chroma(0)];
    let planes = [
        Plane { samples: &planes[0], pitch: width },
        Plane { samples: &planes[1], pitch },
        Plane { samples: &planes[2], pitch },
    ];
    let mut best = [f64::INFINITY; 3];
    let mut time = |at: usize, run: &dyn Fn() -> usize| {
        let begin = Instant::now();
        black_box(run());
        best[at] = best[at].min(1e3 * begin.elapsed().as_secs_f64());
    };
    // In turn, so that a machine that slows down slows all.
    for _ in 0..rounds {
        time(0, &|| encode(samples, shape, &options).unwrap().len());
        time(1, &|| {
            let encoder = Encoder::new(samples, width, height, PixelFormat::Rgb).quality(quality);
            encoder.subsampling(peer).encode().unwrap().len()
        });
        time(2, &|| encode_planes(&planes, Shape { format: Format::YCbCr, ..shape }, &options).unwrap().len());
    }
    let [ours, theirs, planar] = best;
    println!(
        "{name}\t{sampling:?} {quality}\tours {ours:.1}\tlibjpeg-turbo-rs {theirs:.1}\tratio {:.2}\tfrom planes {planar:.1}",
        ours / theirs
    );
}
