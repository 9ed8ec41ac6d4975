//! Tests over what is written: every option of every format, sizes, palettes.

use lightloom_param::{ParamKind, Value};
use lightloom_picture::{Buffers, Depth, Layout, Picture, Pixels, Raster};

use crate::formats::{gif, jpeg, png, webp};
use crate::options::{CommonOptions, DepthChoice};
use crate::*;

const LAYOUTS: [Layout; 4] = [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba];

/// Structure and noise in every channel, alpha included.
fn texture(width: u32, height: u32, layout: Layout, depth: Depth) -> Pixels {
    let mut noise = 1_u32;
    let samples = (0..width * height * layout.channels() as u32).map(|i| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (i.wrapping_mul(97) / 3 % 60_000 + (noise >> 20)) as u16
    });
    Pixels::from(Raster::new(width, height, layout, samples.collect())).into_depth(depth)
}

/// Nothing but noise, which no quality makes small.
fn noise(width: u32, height: u32) -> Pixels {
    let mut noise = 3_u32;
    let samples = (0..width * height * 3).map(|_| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 24) as u8
    });
    Raster::new(width, height, Layout::Rgb, samples.collect()).into()
}

/// Smooth, with a little noise, like a photograph.
fn photo(width: u32, height: u32) -> Pixels {
    let mut noise = 7_u32;
    let mut samples = Vec::new();
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let n = (noise >> 28) as u8;
            samples.extend([(x * 200 / width) as u8 + n, (y * 200 / height) as u8 + n, ((x ^ y) % 64) as u8 + 90]);
        }
    }
    Raster::new(width, height, Layout::Rgb, samples).into()
}

fn written(codec: &'static Codec, pixels: &Pixels, options: &EncodeOptions) -> Encoded {
    encode(codec, Picture::new(pixels.clone()), options, &mut Buffers::default()).unwrap()
}

fn read(bytes: &[u8]) -> (&'static Codec, Header, Pixels) {
    let limits = Limits::default();
    let (codec, header) = header(bytes, &limits).unwrap();
    let decoded = decode(codec, bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
    assert_eq!(decoded.partial, None);
    (codec, header, decoded.pixels)
}

fn set(options: &mut EncodeOptions, pairs: &[(&str, &str)]) {
    for (key, value) in pairs {
        options.set_text(key, value).unwrap();
    }
}

fn options(pairs: &[(&str, &str)]) -> EncodeOptions {
    let mut options = EncodeOptions::default();
    set(&mut options, pairs);
    options
}

/// Every value of every option that a format heeds, one at a time.
fn variants(codec: &'static Codec) -> Vec<(String, EncodeOptions)> {
    let mut out = vec![("usual".to_owned(), EncodeOptions::default())];
    for spec in codec.options() {
        let values: Vec<String> = match spec.kind {
            ParamKind::Integer { min, max, .. } => vec![min.to_string(), max.to_string()],
            ParamKind::Choice { options, .. } => options.iter().map(|word| (*word).to_owned()).collect(),
            ParamKind::Toggle { .. } => vec!["true".to_owned(), "false".to_owned()],
            ParamKind::Colour { .. } => vec!["#3366ff".to_owned()],
            other => unreachable!("{other:?}"),
        };
        for value in values {
            out.push((format!("{} = {value}", spec.key), options(&[(spec.key, &value)])));
        }
    }
    out
}

#[test]
fn every_format_depth_and_alpha_comes_back_under_every_option() {
    for codec in CODECS.iter().filter(|c| c.writes()) {
        let Some(writer) = &codec.write else { continue };
        for (name, options) in variants(codec) {
            for (layout, depth) in LAYOUTS.iter().flat_map(|l| Depth::ALL.map(|d| (*l, d))) {
                let context = format!("{}, {name}, {layout:?}, {depth}", codec.id);
                // Sides that are no multiples of anything.
                let pixels = texture(37, 21, layout, depth);
                let encoded = written(codec, &pixels, &options);
                let (found, header, back) = read(&encoded.bytes);
                assert_eq!(found, *codec, "{context}");
                assert_eq!((back.width(), back.height()), (37, 21), "{context}");
                assert_eq!(header.stored, back.shape(), "{context}");
                let common: CommonOptions = options.read();
                let (_, wanted) = (writer.fit)(layout, common.depth_for(depth));
                let holds_alpha = (writer.fit)(layout, wanted).0.has_alpha();
                // GIF has its palette, Radiance its common exponent, OpenEXR and PFM linear light.
                let inexact = ["gif", "hdr", "openexr", "pfm"].contains(&codec.id);
                let chosen =
                    |key: &str| codec.options().iter().any(|o| o.key == key && options.get(o) == Value::Toggle(true));
                let is_exact = (!codec.lossy || chosen("lossless")) && !inexact && !chosen("palette");
                if is_exact && wanted >= depth && (holds_alpha || !layout.has_alpha()) {
                    // A format may store more channels or bits than were given, but no other values.
                    let shape = back.shape();
                    let same = pixels.clone().into_depth(shape.depth).into_layout(shape.layout) == back;
                    assert!(same, "{context}: samples changed");
                    assert!(encoded.notes.is_empty(), "{context}: {:?}", encoded.notes);
                }
                if wanted < depth && common.depth == DepthChoice::Same {
                    assert!(encoded.notes.iter().any(|n| n.contains("reduced")), "{context}: {:?}", encoded.notes);
                }
            }
        }
    }
}

#[test]
fn the_depth_that_was_asked_for_is_written() {
    for (id, word, depth) in [
        ("png", "8", Depth::U8),
        ("png", "16", Depth::U16),
        ("png", "32f", Depth::U16),
        ("tiff", "8", Depth::U8),
        ("tiff", "16", Depth::U16),
        ("tiff", "32f", Depth::F32),
    ] {
        for source in Depth::ALL {
            let pixels = texture(5, 4, Layout::Rgb, source);
            let encoded = written(find(id).unwrap(), &pixels, &options(&[("depth", word)]));
            assert_eq!(read(&encoded.bytes).2, pixels.into_depth(depth), "{id} {word} from {source}");
        }
    }
}

/// Sampling factors of the components and the kind of frame (ITU-T T.81, B.2.2).
fn frame_header(jpeg: &[u8]) -> (u8, Vec<u8>) {
    let mut at = 2;
    loop {
        let (marker, length) = (jpeg[at + 1], usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]])));
        if (0xc0..=0xc2).contains(&marker) {
            let components = usize::from(jpeg[at + 9]);
            return (marker, (0..components).map(|i| jpeg[at + 11 + 3 * i]).collect());
        }
        at += 2 + length;
    }
}

#[test]
fn jpeg_is_sampled_and_ordered_as_asked() {
    let pixels = photo(64, 48);
    let frame = |pairs: &[(&str, &str)]| frame_header(&written(&jpeg::CODEC, &pixels, &options(pairs)).bytes);
    const BASELINE: u8 = 0xc0;
    const PROGRESSIVE: u8 = 0xc2;
    for (word, factors) in [("444", 0x11), ("422", 0x21), ("420", 0x22)] {
        assert_eq!(frame(&[("subsampling", word)]), (BASELINE, vec![factors, 0x11, 0x11]), "{word}");
        assert_eq!(frame(&[("subsampling", word), ("progressive", "true")]).1[0], factors);
    }
    assert_eq!(frame(&[("quality", "90")]).1[0], 0x22, "automatic");
    assert_eq!(frame(&[("quality", "91")]).1[0], 0x11, "automatic");
    assert_eq!(frame(&[("progressive", "true")]).0, PROGRESSIVE);
}

#[test]
fn the_smallest_jpeg_has_the_same_pixels_in_fewer_bytes() {
    for (width, height) in [(400, 300), (24, 16)] {
        let usual = written(&jpeg::CODEC, &photo(width, height), &options(&[])).bytes;
        let smallest = written(&jpeg::CODEC, &photo(width, height), &options(&[("smallest", "true")])).bytes;
        assert!(smallest.len() < usual.len(), "{} against {}", smallest.len(), usual.len());
        assert!(read(&smallest).2 == read(&usual).2);
    }
}

#[test]
fn a_target_size_is_kept_with_the_best_quality() {
    // Small, since AVIF is encoded about twenty times.
    let pixels = texture(160, 120, Layout::Rgb, Depth::U8);
    for codec in CODECS.iter().filter(|c| c.lossy && c.writes()) {
        let size = |quality: u8| written(codec, &pixels, &EncodeOptions::with_quality(quality)).bytes.len();
        let kib = (size(60) / 1024) as u32;
        let limited = options(&[("max_kib", &kib.to_string()), ("quality", "95")]);
        let encoded = written(codec, &pixels, &limited);
        let note = encoded.notes.iter().find(|n| n.contains("KiB")).unwrap();
        let quality: u8 = note.split(' ').nth(1).unwrap().parse().unwrap();
        assert!(encoded.bytes.len() <= kib as usize * 1024, "{}: {note}", codec.id);
        assert_eq!(size(quality), encoded.bytes.len(), "{}: the note is true", codec.id);
        assert!(size(quality + 1) > kib as usize * 1024, "{}: quality {quality} was not the largest", codec.id);
        let impossible = written(codec, &noise(180, 135), &options(&[("max_kib", "1"), ("quality", "8")]));
        assert!(impossible.bytes.len() > 1024);
        assert!(impossible.notes.iter().any(|n| n.contains("even quality 1 ")), "{:?}", impossible.notes);
    }
    let free = written(&webp::CODEC, &pixels, &options(&[("max_kib", "1"), ("lossless", "true")]));
    assert!(free.bytes.len() > 1024 && free.notes.is_empty(), "lossless has no quality to lower");
}

#[test]
fn compressions_differ_in_size_and_in_nothing_else() {
    let pixels = photo(300, 200);
    for (id, key, words) in [
        ("tiff", "tiff_compression", &["none", "packbits", "lzw", "deflate"][..]),
        ("png", "png_compression", &["fast", "normal", "small"]),
    ] {
        let files = words.iter().map(|word| written(find(id).unwrap(), &pixels, &options(&[(key, word)])).bytes);
        let files: Vec<_> = files.collect();
        assert!(files.iter().all(|file| read(file).2 == pixels), "{id}");
        let sizes: Vec<usize> = files.iter().map(Vec::len).collect();
        assert!(sizes.last() < sizes.first(), "{id}: {sizes:?}");
    }
}

#[test]
fn a_palette_keeps_few_colours_exactly_and_many_closely() {
    let few = Pixels::from(Raster::new(
        50,
        20,
        Layout::Rgba,
        (0..4000).map(|i| [0, 80, 255, 170][i % 3 + i % 2]).collect::<Vec<u8>>(),
    ));
    for id in ["png", "gif"] {
        let codec = find(id).unwrap();
        let opaque = few.clone().into_layout(Layout::Rgb);
        let encoded = written(codec, &opaque, &options(&[("palette", "true")]));
        assert_eq!(encoded.notes, Vec::<String>::new(), "{id}");
        assert!(read(&encoded.bytes).2.into_layout(Layout::Rgb) == opaque, "{id}");
        for colours in [2, 16, 256] {
            let options = options(&[("palette", "true"), ("colours", &colours.to_string())]);
            let encoded = written(codec, &photo(120, 80), &options);
            let rgba = read(&encoded.bytes).2.to_rgba8();
            let distinct: std::collections::HashSet<&[u8]> = rgba.chunks_exact(4).collect();
            assert!(distinct.len() <= colours && distinct.len() > colours / 2, "{id}: {} of {colours}", distinct.len());
            assert!(encoded.notes.iter().any(|n| n.contains("colours")), "{id}: {:?}", encoded.notes);
        }
    }
    let encoded = written(&png::CODEC, &few, &options(&[("palette", "true")]));
    assert!(read(&encoded.bytes).2.into_layout(Layout::Rgba) == few, "alpha in palettes");
}

#[test]
fn half_transparent_pixels_are_named_where_they_are_lost() {
    let pixels = Pixels::from(Raster::new(2, 1, Layout::Rgba, vec![200_u8, 100, 50, 200, 10, 20, 30, 100]));
    let encoded = written(&gif::CODEC, &pixels, &EncodeOptions::default());
    assert!(encoded.notes.iter().any(|n| n.contains("transparent or not")), "{:?}", encoded.notes);
    let rgba = read(&encoded.bytes).2.to_rgba8();
    assert_eq!((&rgba[..4], rgba[7]), (&[200, 100, 50, 255][..], 0));
}

#[test]
fn the_background_is_what_was_chosen() {
    let clear = Pixels::from(Raster::new(16, 16, Layout::GreyAlpha, vec![0_u8; 512]));
    let encoded = written(&jpeg::CODEC, &clear, &options(&[("background", "#c81e3c"), ("quality", "100")]));
    assert!(encoded.notes.iter().any(|n| n.contains("#c81e3c")), "{:?}", encoded.notes);
    let rgba = read(&encoded.bytes).2.to_rgba8();
    assert!(rgba.chunks_exact(4).all(|p| p[0].abs_diff(200) < 3 && p[1].abs_diff(30) < 3 && p[2].abs_diff(60) < 3));
}
