//! What the preview shows is what the export writes: the same pixels at full size, and a quick look that is near them.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../../tests/common/runs.rs"]
mod runs;

use std::fs;
use std::path::Path;

use lightloom_batch::{Decoders, OpenPicture, SourcePicture, stage};
use lightloom_codec as codec;
use lightloom_codec::Limits;
use lightloom_filter::Work;
use lightloom_picture::description::describe;
use lightloom_picture::exif::{Exif, Section};
use lightloom_picture::{Buffers, Density, Layout, Metadata, Picture, Pixels, Raster, TextEntry};
use lightloom_recipe::{Output, Overrides, Purpose, Recipe};
use runs::{batch, photo, recipe, run, save, settings_in_process};

/// What the preview makes of a file.
fn render(file: &Path, recipe: &Recipe, output: usize, purpose: Purpose) -> Pixels {
    let bytes = fs::read(file).unwrap();
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    stage::render_output(&bytes, recipe, output, purpose, &Limits::default(), &mut work).unwrap().picture.pixels
}

fn decode(file: &Path) -> Pixels {
    let bytes = fs::read(file).unwrap();
    let (format, header) = codec::header(&bytes, &Limits::default()).unwrap();
    codec::decode(format, &bytes, &header, 1, &Limits::default(), &mut Buffers::default()).unwrap().pixels
}

#[test]
fn the_settled_preview_is_the_export_before_it_is_compressed() {
    let dir = tempfile::tempdir().unwrap();
    let photos = dir.path().join("photos");
    save(&photos.join("a.jpg"), photo(480, 320, 1));
    save(&photos.join("b.png"), photo(200, 260, 2));
    let recipes: [&[&str]; 7] = [
        &[],
        &["exposure:stops=0.7", "saturation:factor=1.3", "curves:points=0:0,0.4:0.5,1:1"],
        &["gaussian_blur:sigma=3", "unsharp_mask", "median"],
        &["auto_levels", "clahe", "auto_white_balance"],
        &["resize:width=200,height=200", "rotate", "straighten:angle=3", "crop:ratio=1:1"],
        &["perspective", "canvas", "border", "grain", "vignette"],
        &["resize:width=160,height=160", "non_local_means", "text_watermark:text=Test", "dehaze"],
    ];
    for (index, filters) in recipes.iter().enumerate() {
        let whole = recipe(filters, "png");
        let out = dir.path().join(format!("out {index}"));
        let overrides = Overrides::parse("rotate=right,crop=5:0:10:0,exposure=0.3").unwrap();
        for different in [Overrides::default(), overrides] {
            let out = out.join(if different.is_none() { "plain" } else { "different" });
            let mut all = batch(&photos, &out, &whole, settings_in_process("hybrid", 2));
            all.jobs.iter_mut().for_each(|job| job.overrides = different.shared());
            let report = run(all);
            assert_eq!(report.totals.done, 2, "{report:?}");
            for image in &report.images {
                let shown = render(image.source.name(), &different.apply(&whole).unwrap(), 0, Purpose::Export);
                let written = decode(&image.outputs[0].path);
                assert_eq!(shown.shape(), written.shape(), "{filters:?}");
                assert_eq!(shown.hash(), written.hash(), "{filters:?} on {}", image.source);
            }
        }
    }
}

#[test]
fn the_preview_of_each_output_is_that_output() {
    let dir = tempfile::tempdir().unwrap();
    let photos = dir.path().join("photos");
    save(&photos.join("a.jpg"), photo(1600, 1000, 1));
    let output = |name: &str, filters: &[&str]| {
        let recipe = recipe(filters, "png");
        Output { filters: recipe.filters, export: recipe.export, ..Output::named(name) }
    };
    let outputs = vec![
        output("web", &["resize:width=400,height=400", "unsharp_mask"]),
        output("thumb", &["resize:width=64,height=64"]),
        output("levels", &["saturation:factor=1.5", "resize:width=500,height=500"]),
    ];
    let whole = Recipe { outputs, ..recipe(&["exposure:stops=0.2"], "png") };
    let report = run(batch(&photos, &dir.path().join("out"), &whole, settings_in_process("hybrid", 2)));
    for (index, output) in report.images[0].outputs.iter().enumerate() {
        let shown = render(&photos.join("a.jpg"), &whole, index, Purpose::Export);
        assert_eq!(shown.hash(), decode(&output.path).hash(), "{}", output.name);
    }
}

/// Peak signal-to-noise ratio in dB of two pictures of one size, edges of `margin` pixels aside.
fn psnr(a: &Pixels, b: &Pixels, margin: u32) -> f64 {
    let (Pixels::U8(a), Pixels::U8(b)) = (a, b) else { panic!("8 bits") };
    assert_eq!((a.width(), a.height(), a.layout()), (b.width(), b.height(), b.layout()));
    let channels = a.layout().channels();
    let (mut sum, mut count) = (0.0, 0.0);
    for y in margin..a.height() - margin {
        let inner = margin as usize * channels..(a.width() - margin) as usize * channels;
        for (p, q) in a.row(y)[inner.clone()].iter().zip(&b.row(y)[inner]) {
            sum += (f64::from(*p) - f64::from(*q)).powi(2);
            count += 1.0;
        }
    }
    10.0 * (255.0_f64.powi(2) / (sum / count).max(1e-9)).log10()
}

/// A picture with structure at many scales: a radius that does not shrink with the proxy shows in it.
fn structured(width: u32, height: u32) -> Pixels {
    let wave = |x: f64, y: f64, period: f64| {
        ((x / period).sin() * (y / period * 0.8).cos() + ((x + y) / (period * 1.7)).sin()) * 0.25 + 0.5
    };
    let mut samples = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (f64::from(x), f64::from(y));
            let value = 0.4 * wave(x, y, 90.0) + 0.35 * wave(x + 31.0, y, 23.0) + 0.25 * wave(x, y + 7.0, 9.0);
            let square = if (x / 120.0) as u32 % 2 == (y / 150.0) as u32 % 2 { 0.15 } else { 0.0 };
            for tint in [1.0, 0.85, 0.7] {
                samples.push(((value * tint + square).clamp(0.0, 1.0) * 255.0).round() as u8);
            }
        }
    }
    Raster::new(width, height, Layout::Rgb, samples).into()
}

#[test]
fn radii_shrink_with_the_proxy() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("big.jpg");
    save(&file, structured(1200, 800));
    let small = |filters: &[&str]| {
        // The exact result, then made as small as the proxy by the same box that the decoder uses.
        let mut exact = recipe(filters, "png");
        exact.filters.extend(recipe(&["resize:mode=exact,width=300,height=200,kernel=box"], "png").filters);
        render(&file, &exact, 0, Purpose::Export)
    };
    let cases: [(&[&str], f64); 8] = [
        (&["gaussian_blur:sigma=8"], 40.0),
        (&["box_blur:radius=12"], 36.0),
        (&["motion_blur:length=28"], 34.0),
        (&["unsharp_mask:sigma=6,amount=1"], 30.0),
        (&["clarity:amount=60"], 32.0),
        (&["glow"], 34.0),
        (&["pixelate:size=40"], 30.0),
        (&["vignette:amount=-50"], 36.0),
    ];
    let mut failures = Vec::new();
    for (filters, bar) in cases {
        let proxy = render(&file, &recipe(filters, "png"), 0, Purpose::Proxy(300));
        let exact = small(filters);
        if proxy.shape() != exact.shape() {
            failures.push(format!("{filters:?}: {:?} instead of {:?}", proxy.shape(), exact.shape()));
            continue;
        }
        let ratio = psnr(&proxy, &exact, 4);
        println!("{filters:?}: {ratio:.1} dB");
        if ratio < bar {
            failures.push(format!("{filters:?}: {ratio:.1} dB, below {bar}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    // The bar can be missed: a blur whose radius stayed would differ.
    let wrong = render(&file, &recipe(&["gaussian_blur:sigma=32"], "png"), 0, Purpose::Proxy(300));
    let ratio = psnr(&wrong, &small(&["gaussian_blur:sigma=8"]), 4);
    assert!(ratio < 30.0, "four times the radius is {ratio:.1} dB away");
}

#[test]
fn an_encoded_look_is_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let photos = dir.path().join("photos");
    save(&photos.join("a.png"), photo(400, 300, 5));
    for (format, quality) in [("jpeg", 40), ("webp", 55), ("png", 90)] {
        let mut whole = recipe(&["saturation:factor=1.4"], format);
        whole.export.options.set_quality(quality);
        let report = run(batch(&photos, &dir.path().join(format), &whole, settings_in_process("sequential", 1)));
        let output = &report.images[0].outputs[0];
        let bytes = fs::read(photos.join("a.png")).unwrap();
        let (mut buffers, limits) = (Buffers::default(), Limits::default());
        let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
        let rendered = stage::render(&bytes, &whole, Purpose::Export, &limits, &mut work).unwrap();
        let output_spec = &whole.all_outputs()[0];
        let shown = stage::encode_and_decode(rendered, output_spec, &limits, &mut work).unwrap();
        assert_eq!((shown.length, shown.format.id), (output.bytes, format));
        assert_eq!(shown.rendered.picture.pixels.hash(), decode(&output.path).hash(), "{format}");
    }
}

/// A JPEG with Exif, IPTC, XMP, a resolution and a comment.
fn with_metadata(pixels: Pixels) -> Vec<u8> {
    let mut exif = Exif::new(false);
    exif.set_text(Section::Picture, 0x013b, "Ann");
    exif.set_ratio(Section::Exif, 0x829a, 0.004);
    exif.set_text(Section::Gps, 0x0001, "N");
    exif.set_ratio(Section::Gps, 0x0002, 48.5);
    exif.set_thumbnail(b"\xff\xd8as it was");
    let xmp = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
        rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>"#;
    let mut picture = Picture::new(pixels);
    picture.metadata = Metadata {
        exif: Some(exif.to_block()),
        iptc: Some(b"\x1c\x02\x05\0\x05Title\x1c\x02\x41\0\x02Ab".to_vec()),
        xmp: Some(xmp.as_bytes().to_vec()),
        texts: vec![TextEntry::new("Comment", "at home")],
        density: Density::new(300.0, 300.0, 1.0),
        ..Metadata::default()
    };
    let jpeg = codec::from_extension(Path::new("a.jpg")).unwrap();
    codec::encode(jpeg, picture, &codec::EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes
}

#[test]
fn the_metadata_that_are_foretold_are_those_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let photos = dir.path().join("photos");
    fs::create_dir(&photos).unwrap();
    let edits = ["", "[export.metadata]\nkeep = \"no-location\"\nartist = \"Bea\"\ndpi = 72\n"];
    for format in codec::CODECS.iter().filter(|format| format.writes()) {
        // Large enough for a thumbnail; an icon cannot be.
        let (width, height) = if format.embeds_thumbnails() { (440, 330) } else { (96, 72) };
        fs::write(photos.join("a.jpg"), with_metadata(photo(width, height, 5))).unwrap();
        for (index, edit) in edits.iter().enumerate() {
            for filters in [&[][..], &["crop:ratio=1:1"]] {
                let mut whole = recipe(filters, format.id);
                let other = Recipe::from_toml(&format!("version = 2\n{edit}")).unwrap();
                whole.export.metadata = other.export.metadata;
                let out = dir.path().join(format!("{}-{index}-{}", format.id, filters.len()));
                let report = run(batch(&photos, &out, &whole, settings_in_process("sequential", 1)));
                let bytes = fs::read(&report.images[0].outputs[0].path).unwrap();
                let (mut buffers, limits) = (Buffers::default(), Limits::default());
                let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
                let source = fs::read(photos.join("a.jpg")).unwrap();
                let rendered = stage::render(&source, &whole, Purpose::Export, &limits, &mut work).unwrap();
                let changed = !filters.is_empty();
                let output = &whole.all_outputs()[0];
                let foretold = stage::written_metadata(&rendered, changed, output, &limits, &mut work).unwrap();
                let written = stage::metadata(&bytes, &limits).unwrap();
                assert_eq!(describe(&foretold), describe(&written), "{} {edit:?} {filters:?}", format.id);
            }
        }
    }
}

/// Sequences of recipes as a person makes them: values dragged, filters added, moved, switched off and removed.
const SEQUENCES: [&[&[&str]]; 4] = [
    &[
        &[],
        &["gaussian_blur:sigma=3"],
        &["gaussian_blur:sigma=3", "exposure:stops=0.1"],
        &["gaussian_blur:sigma=3", "exposure:stops=0.2"],
        &["gaussian_blur:sigma=3", "exposure:stops=0.2", "saturation:factor=1.3"],
        &["gaussian_blur:sigma=3", "exposure:stops=0.2", "saturation:factor=1.4"],
        &["gaussian_blur:sigma=4", "exposure:stops=0.2", "saturation:factor=1.4"],
        &["exposure:stops=0.2", "saturation:factor=1.4"],
    ],
    &[
        &["resize:width=200,height=200", "unsharp_mask", "vignette"],
        &["resize:width=200,height=200", "unsharp_mask:amount=0.7", "vignette"],
        &["resize:width=160,height=160", "unsharp_mask:amount=0.7", "vignette"],
        &["unsharp_mask:amount=0.7", "vignette"],
        &["vignette", "unsharp_mask:amount=0.7"],
    ],
    &[
        &["trim", "auto_levels", "median", "grain"],
        &["trim", "auto_levels", "median:radius=2", "grain"],
        &["trim", "auto_levels", "median:radius=2"],
        &["crop:ratio=1:1", "auto_levels", "median:radius=2"],
    ],
    &[
        &["exposure:stops=0.3", "exposure:stops=0", "median", "border"],
        &["exposure:stops=0.3", "exposure:stops=0.5", "median", "border"],
        &["exposure:stops=0.3", "exposure:stops=0", "median", "rotate"],
        &["exposure:stops=0.3", "exposure:stops=0", "median", "rotate", "straighten:angle=3"],
    ],
];

fn opened(file: &Path) -> OpenPicture {
    let picture = SourcePicture::open(&file.into(), &Limits::default(), &Decoders::default(), &|| false);
    OpenPicture::new(picture.unwrap())
}

#[test]
fn what_is_kept_changes_no_pixel() {
    let dir = tempfile::tempdir().unwrap();
    let files = ["a.jpg", "b.png"].map(|name| dir.path().join(name));
    save(&files[0], photo(481, 323, 1));
    save(&files[1], photo(262, 200, 2));
    for file in &files {
        let mut kept = opened(file);
        for sequence in SEQUENCES {
            for purpose in [Purpose::Export, Purpose::Proxy(100), Purpose::Export] {
                for filters in sequence {
                    let recipe = recipe(filters, "png");
                    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: true };
                    let look = kept.render(&recipe, 0, purpose, &mut work).unwrap();
                    let mut anew = opened(file);
                    let expected = anew.render(&recipe, 0, purpose, &mut work).unwrap();
                    let exact = render(file, &recipe, 0, Purpose::Export);
                    let name = format!("{filters:?} on {}, {purpose:?}", file.display());
                    let pixels = &look.rendered.picture.pixels;
                    assert_eq!(pixels.hash(), expected.rendered.picture.pixels.hash(), "{name}");
                    if purpose == Purpose::Export {
                        assert_eq!(pixels.hash(), exact.hash(), "{name}");
                    }
                    let near = |a: u32, b: u32| a.abs_diff(b) <= if filters.contains(&"trim") { 16 } else { 0 };
                    assert!(near(look.size.0, exact.width()) && near(look.size.1, exact.height()), "{name}: {look:?}");
                    assert_eq!(look.geometry.source(), expected.geometry.source());
                }
            }
            kept.rest();
        }
    }
}

#[test]
fn a_quick_look_is_small_whatever_the_format() {
    let dir = tempfile::tempdir().unwrap();
    let deep: Vec<u16> = (0..640 * 480 * 3).map(|n| (n * 7) as u16).collect();
    save(&dir.path().join("deep.png"), Raster::new(640, 480, Layout::Rgb, deep).into());
    for name in ["a.jpg", "b.png", "c.bmp", "d.tiff"] {
        save(&dir.path().join(name), photo(640, 480, 1));
    }
    for name in ["a.jpg", "b.png", "c.bmp", "d.tiff", "deep.png"] {
        let mut open = opened(&dir.path().join(name));
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        let look = open.render(&recipe(&["exposure:stops=0.5"], "png"), 0, Purpose::Proxy(150), &mut work).unwrap();
        let pixels = &look.rendered.picture.pixels;
        assert_eq!((pixels.width(), pixels.height(), look.size), (160, 120, (640, 480)), "{name}");
    }
}
