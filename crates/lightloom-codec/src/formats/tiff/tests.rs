//! Files built entry by entry, against what the same samples are in a plainer form.

use libjpeg_turbo_rs::precision::{compress_12bit, compress_lossless_arbitrary};
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

use super::CODEC;
use crate::{Limits, decode, header};
use lightloom_picture::{Buffers, Layout, Pixels, Raster};

/// A value of a directory: SHORT, LONG or RATIONAL.
enum Value {
    Shorts(Vec<u16>),
    Longs(Vec<u32>),
    Fractions(Vec<(u32, u32)>),
}

use Value::{Fractions, Longs, Shorts};

/// A file of one directory, which follows `data` at 8, with the values behind it.
fn file(data: &[u8], entries: &[(u16, Value)]) -> Vec<u8> {
    let mut file = b"II*\0".to_vec();
    file.extend((8 + data.len() as u32).to_le_bytes());
    file.extend(data);
    let mut values = Vec::new();
    let values_at = file.len() + 2 + 12 * entries.len() + 4;
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, value) in entries {
        let (kind, count, raw): (u16, usize, Vec<u8>) = match value {
            Shorts(list) => (3, list.len(), list.iter().flat_map(|n| n.to_le_bytes()).collect()),
            Longs(list) => (4, list.len(), list.iter().flat_map(|n| n.to_le_bytes()).collect()),
            Fractions(list) => {
                (5, list.len(), list.iter().flat_map(|(a, b)| [a.to_le_bytes(), b.to_le_bytes()].concat()).collect())
            }
        };
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend((count as u32).to_le_bytes());
        if raw.len() <= 4 {
            file.extend(raw.iter().copied().chain([0; 4]).take(4));
        } else {
            file.extend(((values_at + values.len()) as u32).to_le_bytes());
            values.extend(raw);
        }
    }
    file.extend([0; 4]);
    file.extend(values);
    file
}

/// The entries that every picture here has, of 8-bit samples.
fn entries(width: u16, height: u16, compression: u16, photometric: u16, samples: u16) -> Vec<(u16, Value)> {
    vec![
        (256, Shorts(vec![width])),
        (257, Shorts(vec![height])),
        (258, Shorts(vec![8; samples.into()])),
        (259, Shorts(vec![compression])),
        (262, Shorts(vec![photometric])),
        (277, Shorts(vec![samples])),
    ]
}

fn read(bytes: &[u8]) -> Pixels {
    let limits = Limits::default();
    let (codec, header) = header(bytes, &limits).unwrap();
    assert_eq!(codec, &CODEC);
    let decoded = decode(codec, bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
    assert_eq!((decoded.pixels.shape(), decoded.partial), (header.stored, None));
    decoded.pixels
}

/// Grey as YCbCr in blocks of 2 × 2, in strips of four rows.
fn blocks(width: u16, height: u16, more: Vec<(u16, Value)>) -> Vec<u8> {
    let mut data = Vec::new();
    let (mut offsets, mut lengths) = (vec![], vec![]);
    for top in (0..height).step_by(4) {
        offsets.push(8 + data.len() as u32);
        let before = data.len();
        for y in (top..height.min(top + 4)).step_by(2) {
            for x in (0..width).step_by(2) {
                data.extend([(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)].map(|(x, y)| (x + 20 * y) as u8));
                data.extend([128, 128]);
            }
        }
        lengths.push((data.len() - before) as u32);
    }
    let mut all = entries(width, height, 1, 6, 3);
    all.extend([(273, Longs(offsets)), (278, Shorts(vec![4])), (279, Longs(lengths)), (530, Shorts(vec![2, 2]))]);
    all.extend(more);
    file(&data, &all)
}

#[test]
fn the_last_strip_of_subsampled_ycbcr_may_have_any_number_of_rows() {
    for (width, height) in [(4, 4), (5, 7), (6, 9), (1, 1), (3, 2), (16, 15)] {
        let grey = |x: u16, y: u16| [(x + 20 * y) as u8; 3];
        let expected = (0..height).flat_map(|y| (0..width).flat_map(move |x| grey(x, y))).collect();
        let expected: Pixels = Raster::new(width.into(), height.into(), Layout::Rgb, expected).into();
        assert_eq!(read(&blocks(width, height, vec![])), expected, "{width} × {height}");
    }
}

#[test]
fn coefficients_that_cannot_be_are_the_usual_ones() {
    let usual = read(&blocks(4, 4, vec![]));
    let infinite = vec![(1, 0); 3];
    assert_eq!(read(&blocks(4, 4, vec![(529, Fractions(infinite.clone()))])), usual);
    assert_eq!(read(&blocks(4, 4, vec![(529, Fractions(vec![(0, 0); 3]))])), usual);
    assert_eq!(read(&blocks(4, 4, vec![(532, Fractions([&infinite[..], &infinite].concat()))])), usual);
    assert_eq!(read(&blocks(4, 4, vec![(532, Fractions(vec![(0, 1); 6]))])), usual);
    let narrow = [(16, 1), (235, 1), (128, 1), (240, 1), (128, 1), (240, 1)];
    assert_ne!(read(&blocks(4, 4, vec![(532, Fractions(narrow.to_vec()))])), usual);
}

#[test]
fn planes_of_ycbcr_are_what_the_pixels_are() {
    let pixels: Vec<[u8; 3]> = (0..6 * 5).map(|i| [(i * 8) as u8, (i * 7 + 20) as u8, 255 - (i * 5) as u8]).collect();
    let together =
        [entries(6, 5, 1, 6, 3), vec![(273, Longs(vec![8])), (279, Longs(vec![90])), (530, Shorts(vec![1, 1]))]];
    let expected = read(&file(pixels.as_flattened(), &together.into_iter().flatten().collect::<Vec<_>>()));
    let planes: Vec<u8> = (0..3).flat_map(|c| pixels.iter().map(move |p| p[c])).collect();
    let apart = [
        entries(6, 5, 1, 6, 3),
        vec![
            (273, Longs(vec![8, 38, 68])),
            (279, Longs(vec![30; 3])),
            (284, Shorts(vec![2])),
            (530, Shorts(vec![1, 1])),
        ],
    ];
    assert_eq!(read(&file(&planes, &apart.into_iter().flatten().collect::<Vec<_>>())), expected);
    // Rec. 601: red is Y + 1.402 (Cr − 128).
    let Pixels::U8(raster) = expected else { panic!("eight bits") };
    assert_eq!(raster.samples()[0], (1.402_f32 * 127.0).round() as u8);
}

#[test]
fn strips_without_a_length_reach_to_the_next() {
    let samples: Vec<u8> = (0..24).collect();
    for lengths in [vec![0, 0], vec![12, 0], vec![]] {
        let mut all = entries(4, 6, 1, 1, 1);
        all.extend([(273, Longs(vec![8, 20])), (278, Shorts(vec![3]))]);
        if !lengths.is_empty() {
            all.push((279, Longs(lengths)));
        }
        let expected: Pixels = Raster::new(4, 6, Layout::Grey, samples.clone()).into();
        assert_eq!(read(&file(&samples, &all)), expected);
    }
}

#[test]
fn zstandard_lzma_and_webp_hold_the_same_gradient() {
    let samples = (0..30_u32).flat_map(|y| (0..40).flat_map(move |x| [x * 6 % 256, y * 8 % 256, x * y % 256]));
    let expected: Pixels = Raster::new(40, 30, Layout::Rgb, samples.map(|v| v as u8).collect()).into();
    for name in ["zstd", "lzma", "webp"] {
        let path = format!("{}/tests/seeds/{name}.tif", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).unwrap();
        assert!(read(&bytes) == expected, "{name}");
        let cut = &bytes[..bytes.len() - 90];
        let (_, header) = header(&bytes, &Limits::default()).unwrap();
        let decoded = decode(&CODEC, cut, &header, 1, &Limits::default(), &mut Buffers::default());
        assert!(decoded.map_or(true, |d| d.partial.is_some()), "{name}");
    }
}

/// The segments of a JPEG stream in front of its scan, without the first mark, and the scan's data.
fn parts(stream: &[u8]) -> (Vec<(u8, &[u8])>, &[u8]) {
    let (mut segments, mut rest) = (vec![], &stream[2..]);
    loop {
        let length = usize::from(u16::from_be_bytes([rest[2], rest[3]])) + 2;
        segments.push((rest[1], &rest[..length]));
        rest = &rest[length..];
        if segments.last().is_some_and(|(marker, _)| *marker == 0xda) {
            return (segments, rest.strip_suffix(&[0xff, 0xd9]).unwrap());
        }
    }
}

/// A file of compression 6 with strips of 16 rows, or one.
fn old(data: &[u8], strips: &[(usize, usize)], more: Vec<(u16, Value)>) -> Vec<u8> {
    let mut all = entries(48, 40, 6, 6, 3);
    all.push((273, Longs(strips.iter().map(|(at, _)| 8 + *at as u32).collect())));
    all.push((278, Shorts(vec![if strips.len() == 1 { 40 } else { 16 }])));
    all.push((279, Longs(strips.iter().map(|(_, length)| *length as u32).collect())));
    all.extend(more);
    file(data, &all)
}

#[test]
fn old_jpeg_is_put_together_from_wherever_its_parts_stand() {
    let samples: Vec<u8> =
        (0..48 * 40).flat_map(|i| [(i % 48 * 5) as u8, (i / 48 * 6) as u8, (i % 7 * 30) as u8]).collect();
    let encoder = Encoder::new(&samples, 48, 40, PixelFormat::Rgb).quality(90).subsampling(Subsampling::S420);
    let stream = encoder.restart_rows(1).encode().unwrap();
    let expected = {
        let (codec, header) = header(&stream, &Limits::default()).unwrap();
        decode(codec, &stream, &header, 1, &Limits::default(), &mut Buffers::default()).unwrap().pixels
    };
    let (segments, scan) = parts(&stream);
    let interchange = |length: usize| vec![(513, Longs(vec![8])), (514, Longs(vec![length as u32]))];
    // The whole stream, to which the one strip points, or its scan.
    assert_eq!(read(&old(&stream, &[(0, stream.len())], interchange(stream.len()))), expected);
    assert_eq!(
        read(&old(&stream, &[(stream.len() - 2 - scan.len(), scan.len())], interchange(stream.len()))),
        expected
    );
    // Strips without the marks between them: here each is a row of coded units. Tables and headers stand before them, as
    // Wang's programs wrote it; or they stand in tags.
    let mut data: Vec<u8> =
        [&[0xff, 0xd8][..]].into_iter().chain(segments.iter().map(|(_, s)| *s)).flatten().copied().collect();
    let (length, mut strips, mut from) = (data.len(), vec![], 0);
    for i in 0..scan.len() - 1 {
        if matches!(scan[i..], [0xff, 0xd0..=0xd7, ..]) {
            strips.push(&scan[from..i]);
            from = i + 2;
        }
    }
    strips.push(&scan[from..]);
    assert_eq!(strips.len(), 3);
    let place = |data: &mut Vec<u8>| -> Vec<(usize, usize)> {
        let put = |strip: &&[u8]| {
            data.extend(*strip);
            (data.len() - strip.len(), strip.len())
        };
        strips.iter().map(put).collect()
    };
    let places = place(&mut data);
    assert_eq!(read(&old(&data, &places, interchange(length))), expected);
    let mut data = Vec::new();
    let (mut quantisation, mut dc, mut ac) = (vec![], vec![], vec![]);
    for (marker, segment) in segments {
        let mut tables = &segment[4..];
        while matches!(marker, 0xdb | 0xc4) && !tables.is_empty() {
            let length = match marker {
                0xdb => 64,
                _ => 16 + tables[1..17].iter().map(|n| usize::from(*n)).sum::<usize>(),
            };
            let list = match (marker, tables[0] >> 4) {
                (0xdb, _) => &mut quantisation,
                (_, 0) => &mut dc,
                _ => &mut ac,
            };
            list.push(8 + data.len() as u32);
            data.extend(&tables[1..1 + length]);
            tables = &tables[1 + length..];
        }
    }
    let places = place(&mut data);
    let of_three = |list: Vec<u32>| Longs(vec![list[0], list[1], list[1]]);
    let tags = vec![(519, of_three(quantisation)), (520, of_three(dc)), (521, of_three(ac)), (530, Shorts(vec![2, 2]))];
    let bytes = old(&data, &places, tags);
    assert_eq!(read(&bytes), expected);
    for cut in (0..bytes.len()).step_by(37) {
        if let Ok((codec, header)) = header(&bytes[..cut], &Limits::default()) {
            let _ = decode(codec, &bytes[..cut], &header, 1, &Limits::default(), &mut Buffers::default());
        }
    }
}

/// A file of one strip of a JPEG, with samples of so many bits.
fn with_jpeg((width, height): (u16, u16), jpeg: &[u8], bits: u16, photometric: u16, samples: u16) -> Vec<u8> {
    let mut all = entries(width, height, 7, photometric, samples);
    all[2] = (258, Shorts(vec![bits; samples.into()]));
    all.extend([(273, Longs(vec![8])), (279, Longs(vec![jpeg.len() as u32]))]);
    file(jpeg, &all)
}

#[test]
fn inks_in_a_jpeg_of_any_sampling_are_what_they_are_without_compression() {
    for jpeg in
        [&include_bytes!("../../../tests/seeds/inks_420.jpg")[..], include_bytes!("../../../tests/seeds/ycck_420.jpg")]
    {
        let decoder = libjpeg_turbo_rs::Decoder::new(jpeg).unwrap();
        let (inks, _) = crate::formats::jpeg::planes::decode(decoder, &mut Buffers::default()).unwrap();
        let size = (inks.width() as u16, inks.height() as u16);
        let mut plain = entries(size.0, size.1, 1, 5, 4);
        plain.extend([(273, Longs(vec![8])), (279, Longs(vec![inks.samples().len() as u32]))]);
        assert!(read(&with_jpeg(size, jpeg, 8, 5, 4)) == read(&file(inks.samples(), &plain)));
    }
}

#[test]
fn jpeg_of_twelve_bits_and_lossless_jpeg_keep_their_bits() {
    let ramp: Vec<u16> = (0..24 * 16).map(|i| (i % 24 * 150 + i / 24 * 30) as u16).collect();
    let twelve: Vec<i16> = ramp.iter().map(|v| *v as i16).collect();
    let jpeg = compress_12bit(&twelve, 24, 16, 1, 100, Subsampling::S444).unwrap();
    let Pixels::U16(back) = read(&with_jpeg((24, 16), &jpeg, 12, 1, 1)) else { panic!("depth") };
    let far = |bits: u32| {
        let white = (1_u32 << bits) - 1;
        let all = ramp.iter().zip(back.samples()).map(|(a, b)| (u32::from(*a) * 65_535 / white).abs_diff((*b).into()));
        all.max().unwrap()
    };
    assert!(far(12) < 4 * 16, "{}", far(12));
    let deep: Vec<u16> = ramp.iter().map(|v| v * 16 + 3).collect();
    let jpeg = compress_lossless_arbitrary(&deep, 24, 16, 1, 16, 1, 0).unwrap();
    let expected: Pixels = Raster::new(24, 16, Layout::Grey, deep).into();
    assert_eq!(read(&with_jpeg((24, 16), &jpeg, 16, 1, 1)), expected);
    // The strip does not hold what the directory says.
    let limits = Limits::default();
    let wrong = with_jpeg((24, 16), &jpeg, 12, 1, 1);
    let (codec, header) = header(&wrong, &limits).unwrap();
    assert!(decode(codec, &wrong, &header, 1, &limits, &mut Buffers::default()).is_err());
}
