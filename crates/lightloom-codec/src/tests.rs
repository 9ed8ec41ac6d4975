//! Tests over the table of formats.

use std::path::Path;

use lightloom_picture::{Buffers, Depth, Layout, Metadata, Orientation, Picture, Pixels, Raster, Work};

use crate::formats::{bmp, gif, jpeg, png, webp};
use crate::header::{MOST_METADATA, leave_out_large};
use crate::*;

fn ramp(layout: Layout, depth: Depth) -> Pixels {
    let channels = layout.channels();
    let samples = (0..16 * 8 * channels).map(|i| (i * 509 % 65_536) as u16).collect();
    Pixels::from(Raster::new(16, 8, layout, samples)).into_depth(depth)
}

const LAYOUTS: [Layout; 4] = [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba];

/// A profile that is just long enough to name its colour space.
fn profile(space: &[u8; 4]) -> Vec<u8> {
    let mut icc = vec![0; 128];
    icc[..4].copy_from_slice(&128_u32.to_be_bytes());
    icc[16..20].copy_from_slice(space);
    icc[36..40].copy_from_slice(b"acsp");
    icc
}

/// Exif with the orientation 6 and nothing else.
fn exif(orientation: u8) -> Vec<u8> {
    [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[orientation, 0, 0, 0, 0, 0, 0, 0]].concat()
}

fn round_trip(codec: &'static Codec, picture: Picture) -> (Header, Pixels) {
    let encoded = encode(codec, picture, &EncodeOptions::with_quality(100), &mut Buffers::default()).unwrap();
    let limits = Limits::default();
    let (found, header) = header(&encoded.bytes, &limits).unwrap();
    assert_eq!(found, codec);
    let decoded = decode(codec, &encoded.bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
    assert_eq!(decoded.partial, None);
    (header, decoded.pixels)
}

#[test]
fn lossless_formats_preserve_every_sample() {
    // A palette is one of 256 colours; light goes through the sRGB transfer function.
    let others = ["gif", "openexr", "hdr", "pfm"];
    for codec in CODECS.iter().filter(|c| !c.lossy && !others.contains(&c.id)) {
        for depth in [Depth::U8, Depth::U16, Depth::F32] {
            for layout in LAYOUTS {
                let Some(writer) = &codec.write else { continue };
                let (layout, depth) = (writer.fit)(layout, depth);
                let pixels = ramp(layout, depth);
                let (header, back) = round_trip(codec, Picture::new(pixels.clone()));
                assert_eq!(back.shape(), header.stored, "{}", codec.id);
                let same_layout = back.into_layout(layout);
                assert!(same_layout == pixels, "{} changed {layout:?} {depth}", codec.id);
            }
        }
    }
}

#[test]
fn linear_formats_keep_light_brighter_than_white() {
    for (id, tolerance) in [("openexr", 1e-5), ("pfm", 1e-5), ("hdr", 0.01)] {
        let codec = find(id).unwrap();
        let samples: Vec<f32> = (0..16 * 8 * 3).map(|i| 0.2 + i as f32 / 100.0).collect();
        let (_, back) = round_trip(codec, Picture::new(Raster::new(16, 8, Layout::Rgb, samples.clone()).into()));
        let Pixels::F32(back) = back else { panic!("{id} is not float") };
        let far = back.samples().iter().zip(&samples).any(|(a, b)| (a - b).abs() > tolerance * b.abs().max(1.0));
        assert!(!far, "{id}: {:?}", &back.samples()[..9]);
    }
}

#[test]
fn a_format_that_is_only_read_names_another_and_same_means_that_one() {
    for codec in CODECS.iter().filter(|c| !c.writes()) {
        assert!(codec.same().writes());
        assert_eq!(codec.written_depths().count(), 0);
        let error = encode(
            codec,
            Picture::new(ramp(Layout::Rgb, Depth::U8)),
            &EncodeOptions::default(),
            &mut Buffers::default(),
        )
        .unwrap_err();
        assert!(error.to_string().contains(codec.same().title), "{error}");
    }
    assert_eq!(find("psd").unwrap().same(), find("tiff").unwrap());
    assert_eq!(find("dds").unwrap().same(), find("tiff").unwrap());
    assert!(find("jpeg2000").is_none_or(|codec| codec.same() == find("png").unwrap()));
    assert_eq!(find("raw").unwrap().same(), find("jpeg").unwrap());
}

#[test]
fn content_overrides_the_extension_and_a_note_says_so() {
    let bytes = encode(
        &png::CODEC,
        Picture::new(ramp(Layout::Rgb, Depth::U8)),
        &EncodeOptions::default(),
        &mut Buffers::default(),
    )
    .unwrap();
    let (codec, _) = header(&bytes.bytes, &Limits::default()).unwrap();
    assert_eq!(misnamed(Path::new("a.jpg"), codec).unwrap(), "the name says JPEG, but the file is PNG");
    assert_eq!(misnamed(Path::new("a.png"), codec), None);
    assert_eq!(misnamed(Path::new("a"), codec), None);
}

#[test]
fn lossy_formats_stay_close() {
    for codec in CODECS.iter().filter(|c| c.lossy && c.writes()) {
        let samples = (0..64 * 64).flat_map(|i| [(i % 64 * 4) as u8, (i / 64 * 4) as u8, 128]).collect();
        let pixels = Pixels::from(Raster::new(64, 64, Layout::Rgb, samples));
        let (_, back) = round_trip(codec, Picture::new(pixels.clone()));
        let (sent, back) = (pixels.to_rgba8(), back.to_rgba8());
        let error = sent.iter().zip(&back).map(|(a, b)| f64::from(*a) - f64::from(*b));
        let mse = error.map(|e| e * e).sum::<f64>() / (64.0 * 64.0 * 4.0);
        assert!(10.0 * (255.0_f64.powi(2) / mse).log10() > 35.0, "{}: mse {mse}", codec.id);
    }
}

#[test]
fn exif_and_profile_are_kept_and_orientation_is_not_applied_twice() {
    for id in ["jpeg", "png", "webp"] {
        let codec = find(id).unwrap();
        let metadata = Metadata { exif: Some(exif(6)), icc: Some(profile(b"RGB ")), ..Metadata::default() };
        let picture = Picture { pixels: ramp(Layout::Rgb, Depth::U8), metadata };
        let (first, upright) = round_trip(codec, picture);
        assert_eq!((upright.width(), upright.height()), (8, 16), "{id}: orientation 6 is applied");
        assert_eq!(first.metadata.icc, Some(profile(b"RGB ")), "{id}");
        assert_eq!(first.metadata.exif, Some(exif(1)), "{id}: the tag is reset");
        let (second, again) = round_trip(codec, Picture { pixels: upright, metadata: first.metadata });
        assert_eq!((again.width(), again.height()), (8, 16), "{id}: and not applied again");
        assert_eq!(second.orientation, Orientation::Upright);
    }
}

#[test]
fn a_profile_for_other_channels_is_left_out_with_a_note() {
    let metadata = Metadata { exif: None, icc: Some(profile(b"RGB ")), ..Metadata::default() };
    let grey = Picture { pixels: ramp(Layout::Grey, Depth::U8), metadata };
    let encoded = encode(&jpeg::CODEC, grey, &EncodeOptions::default(), &mut Buffers::default()).unwrap();
    assert!(encoded.notes[0].contains("profile"));
    assert_eq!(header(&encoded.bytes, &Limits::default()).unwrap().1.metadata.icc, None);
}

#[test]
fn what_a_format_cannot_hold_is_noted() {
    let notes = |codec: &'static Codec, layout, depth| {
        encode(codec, Picture::new(ramp(layout, depth)), &EncodeOptions::default(), &mut Buffers::default())
            .unwrap()
            .notes
            .join("; ")
    };
    assert!(notes(&jpeg::CODEC, Layout::Rgba, Depth::U16).contains("16-bit"));
    assert!(notes(&jpeg::CODEC, Layout::Rgba, Depth::U8).contains("transparency"));
    assert!(notes(&png::CODEC, Layout::Rgb, Depth::F32).contains("32-bit float"));
    assert_eq!(notes(&png::CODEC, Layout::Rgba, Depth::U16), "");
    assert_eq!(notes(&gif::CODEC, Layout::Rgb, Depth::U8), "", "few colours are kept");
}

#[test]
fn jpeg_scales_while_decoding() {
    let pixels = Pixels::from(Raster::new(101, 67, Layout::Rgb, vec![90_u8; 101 * 67 * 3]));
    let encoded =
        encode(&jpeg::CODEC, Picture::new(pixels), &EncodeOptions::with_quality(95), &mut Buffers::default()).unwrap();
    let limits = Limits::default();
    let (codec, header) = header(&encoded.bytes, &limits).unwrap();
    for divisor in codec.divisors {
        let decoded = decode(codec, &encoded.bytes, &header, *divisor, &limits, &mut Buffers::default()).unwrap();
        let (w, h) = (101_u32.div_ceil((*divisor).into()), 67_u32.div_ceil((*divisor).into()));
        assert_eq!((decoded.pixels.width(), decoded.pixels.height()), (w, h));
        assert!(decoded.pixels.to_rgba8().iter().all(|v| *v == 255 || v.abs_diff(90) <= 1));
    }
}

#[test]
fn a_truncated_file_is_partial_or_refused_never_whole() {
    for codec in [&jpeg::CODEC, &png::CODEC, &webp::CODEC, &bmp::CODEC] {
        let noise = (0..200 * 200 * 3_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let pixels = Pixels::from(Raster::new(200, 200, Layout::Rgb, noise));
        let whole =
            encode(codec, Picture::new(pixels), &EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes;
        let limits = Limits::default();
        for cut in (0..whole.len() * 9 / 10).step_by(whole.len() / 23) {
            let Ok((_, header)) = header(&whole[..cut], &limits) else { continue };
            let decoded = decode(codec, &whole[..cut], &header, 1, &limits, &mut Buffers::default());
            assert!(decoded.map_or(true, |d| d.partial.is_some()), "{} cut at {cut} of {}", codec.id, whole.len());
        }
    }
}

#[test]
fn limits_are_checked_before_memory_is_allocated() {
    // A header of a PNG that claims 60,000 × 60,000 pixels of RGBA: 14.4 GB.
    let mut claim = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    claim.extend(60_000_u32.to_be_bytes());
    claim.extend(60_000_u32.to_be_bytes());
    claim.extend([8, 6, 0, 0, 0]);
    claim.extend([0x5e, 0x8e, 0x3e, 0x0c]);
    assert!(header(&claim, &Limits::default()).is_err());
    let small = encode(
        &bmp::CODEC,
        Picture::new(ramp(Layout::Rgb, Depth::U8)),
        &EncodeOptions::default(),
        &mut Buffers::default(),
    )
    .unwrap();
    let tight = Limits { decoded_bytes: 16 * 8 * 3 - 1, ..Limits::default() };
    assert!(matches!(header(&small.bytes, &tight), Err(CodecError::TooLarge { width: 16, height: 8, .. })));
    let narrow = Limits { side: 15, ..Limits::default() };
    let error = header(&small.bytes, &narrow).unwrap_err().to_string();
    assert!(error.contains("16 × 8 pixels") && error.contains("limit of 15 pixels a side"), "{error}");
    assert!(matches!(header(&[], &Limits::default()), Err(CodecError::Empty)));
    assert!(matches!(header(b"GIF is a format", &Limits::default()), Err(CodecError::Unrecognised)));
}

#[test]
fn time_is_limited_in_every_format_and_a_stopped_run_ends_decoding() {
    let none = Limits { seconds: 0, ..Limits::default() };
    let limits = Limits::default();
    for codec in CODECS.iter().filter(|c| c.writes()) {
        let picture = Picture::new(ramp(Layout::Rgb, Depth::U8));
        let bytes = encode(codec, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes;
        let (_, found) = header(&bytes, &limits).unwrap();
        let late = CodecError::TooSlow { seconds: 0 };
        assert_eq!(header(&bytes, &none).unwrap_err(), late, "{}", codec.id);
        let mut buffers = Buffers::default();
        assert_eq!(decode(codec, &bytes, &found, 1, &none, &mut buffers).unwrap_err(), late, "{}", codec.id);
        let mut work = Work { buffers: &mut buffers, stop: &|| true, split: false };
        let stopped = decode_with(codec, &bytes, &found, 1, &limits, &mut work);
        assert_eq!(stopped.unwrap_err(), CodecError::Stopped, "{}", codec.id);
        if let Some(frames) = frames_of(codec).filter(|frames| frames.animates())
            && let Ok(mut reader) = frames.open(&bytes, &none)
        {
            assert_eq!(reader.next().unwrap_err(), late, "{}", codec.id);
        }
    }
    assert!(CodecError::TooSlow { seconds: 7 }.to_string().contains("7 s"));
}

#[test]
fn an_excessively_large_metadata_block_is_left_out() {
    let mut metadata = Metadata { xmp: Some(vec![b' '; MOST_METADATA + 1]), ..Metadata::default() };
    metadata.iptc = Some(vec![0; 9]);
    let notes = leave_out_large(&mut metadata);
    assert_eq!((metadata.xmp, metadata.iptc), (None, Some(vec![0; 9])));
    assert!(notes.len() == 1 && notes[0].contains("XMP data of 64 MiB"), "{notes:?}");
}
