//! Gain maps from file to file: where the picture goes they go, and what they make of it stays the same.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/corpus.rs"]
mod corpus;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use lightloom::codec::{self, EncodeOptions, Limits};
use lightloom::picture::colour::Hdr;
use lightloom::picture::colour::hdr::{HdrTransfer, Primaries};
use lightloom::picture::gain_map::{GainCurve, GainMapMetadata};
use lightloom::picture::{
    Buffers, GainMap, Geometry, Layout, Metadata, Picture, Pixels, Raster, Turn, Work, linear_to_srgb, srgb_to_linear,
};

/// Size of the picture and of its map.
const SIZE: (u32, u32) = (320, 240);
const MAP: (u32, u32) = (80, 60);

/// Levels and map values of the four quarters: upper left, upper right, lower left, lower right.
const QUARTERS: [(u8, u8); 4] = [(128, 0), (128, 255), (200, 102), (60, 204)];

fn quarter(x: u32, y: u32, (width, height): (u32, u32)) -> usize {
    usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2)
}

fn metadata() -> GainMapMetadata {
    let curve = GainCurve { min: 0.0, max: 2.0, gamma: 1.0, base_offset: 1.0 / 64.0, alternate_offset: 1.0 / 64.0 };
    GainMapMetadata { curves: [curve; 3], base_headroom: 0.0, alternate_headroom: 2.0, in_base_space: true }
}

/// Light of a quarter in HDR, where 1 is the white of SDR: the closed form of ISO 21496-1.
fn light(quarter: usize) -> f64 {
    let (level, map) = QUARTERS[quarter];
    let base = f64::from(srgb_to_linear(f32::from(level) / 255.0));
    (base + 1.0 / 64.0) * (2.0 * f64::from(map) / 255.0).exp2() - 1.0 / 64.0
}

fn source(folder: &Path) -> PathBuf {
    let levels = (0..SIZE.0 * SIZE.1).flat_map(|at| [QUARTERS[quarter(at % SIZE.0, at / SIZE.0, SIZE)].0; 3]);
    let map = (0..MAP.0 * MAP.1).map(|at| QUARTERS[quarter(at % MAP.0, at / MAP.0, MAP)].1);
    let map = GainMap { pixels: Raster::new(MAP.0, MAP.1, Layout::Grey, map.collect()), metadata: metadata() };
    let metadata = Metadata { gain_map: Some(Arc::new(map)), ..Metadata::default() };
    let picture = Picture { pixels: Raster::new(SIZE.0, SIZE.1, Layout::Rgb, levels.collect()).into(), metadata };
    let options = EncodeOptions::with_quality(98);
    let encoded = codec::encode(codec::find("jpeg").unwrap(), picture, &options, &mut Buffers::default()).unwrap();
    assert_eq!(encoded.notes, Vec::<String>::new());
    let path = folder.join("source.jpg");
    fs::write(&path, encoded.bytes).unwrap();
    path
}

/// Runs the program; returns the result and the report's warnings.
fn process(folder: &Path, source: &Path, args: &[&str]) -> (PathBuf, Vec<String>) {
    let out = tempfile::Builder::new().tempdir_in(folder).unwrap().keep();
    let output = Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .args(["process", source.to_str().unwrap(), "--json", "--out", out.to_str().unwrap()])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let image = &report["images"][0];
    let warnings = image["warnings"].as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_owned()).collect();
    (image["outputs"][0]["path"].as_str().unwrap().into(), warnings)
}

/// A file's picture in linear light, and its gain map.
fn read(path: &Path) -> (Raster<f32>, Option<GainMap>) {
    let bytes = fs::read(path).unwrap();
    let limits = Limits::default();
    let (codec, header) = codec::header(&bytes, &limits).unwrap();
    let mut buffers = Buffers::default();
    let decoded = codec::decode(codec, &bytes, &header, 1, &limits, &mut buffers).unwrap();
    let parts = codec::parts(&bytes, &header, &limits, &|| false, &mut buffers);
    let Pixels::F32(mut raster) = decoded.pixels.into_depth(lightloom::picture::Depth::F32).into_layout(Layout::Rgb)
    else {
        unreachable!("it was asked for")
    };
    raster.samples_mut().iter_mut().for_each(|v| *v = srgb_to_linear(*v));
    (raster, parts.gain_map.map(Result::unwrap))
}

fn read_map(path: &Path) -> Option<GainMap> {
    let (bytes, limits) = (fs::read(path).unwrap(), Limits::default());
    let (_, header) = codec::header(&bytes, &limits).unwrap();
    codec::parts(&bytes, &header, &limits, &|| false, &mut Buffers::default()).gain_map.map(Result::unwrap)
}

fn near(light: &Raster<f32>, (x, y): (f64, f64), expected: f64, context: &str) {
    for sample in &light.row(y as u32)[x as usize * 3..][..3] {
        assert!((f64::from(*sample) / expected - 1.0).abs() < 0.01, "{context}: {sample}, not {expected}");
    }
}

/// Centres of the quarters in the source.
const CENTRES: [(f64, f64); 4] = [(80.0, 60.0), (240.0, 60.0), (80.0, 180.0), (240.0, 180.0)];

#[test]
fn hdr_stays_the_same_through_every_geometry() {
    let dir = tempfile::tempdir().unwrap();
    let source = source(dir.path());
    let turned = |turn: Turn| Geometry::turned(turn, SIZE);
    let cases = [
        ("resize:width=160,height=160", Geometry::scaled(SIZE, (160, 120)), (40, 30)),
        ("resize:width=40,height=40", Geometry::scaled(SIZE, (40, 30)), (10, 8)),
        ("resize:mode=percent,percent=150,enlarge=true", Geometry::scaled(SIZE, (480, 360)), (120, 90)),
        (
            "crop:mode=pixels,width=240,height=180,anchor=bottom_right",
            Geometry::placed(SIZE, (240, 180), -80, -60),
            (60, 45),
        ),
        ("crop_margins:left=10,top=5", Geometry::placed(SIZE, (288, 228), -32, -12), (72, 57)),
        ("rotate:turns=right", turned(Turn::Right), (60, 80)),
        ("rotate:turns=left", turned(Turn::Left), (60, 80)),
        ("rotate:turns=half", turned(Turn::Half), (80, 60)),
        ("flip:axis=horizontal", turned(Turn::Mirror), (80, 60)),
        ("flip:axis=vertical", turned(Turn::Flip), (80, 60)),
        ("border:mode=pixels,pixels=40,colour=#ffffff", Geometry::placed(SIZE, (400, 320), 40, 40), (100, 80)),
        ("canvas:mode=pixels,width=400,height=400", Geometry::placed(SIZE, (400, 400), 40, 80), (100, 100)),
    ];
    for (filter, geometry, size) in cases {
        let (path, warnings) = process(dir.path(), &source, &["--filter", filter, "--quality", "98"]);
        assert_eq!(warnings, Vec::<String>::new(), "{filter}");
        let (mut picture, map) = read(&path);
        let map = map.unwrap_or_else(|| panic!("{filter}: the gain map is lost"));
        assert_eq!((picture.width(), picture.height()), geometry.size(), "{filter}");
        assert_eq!((map.pixels.width(), map.pixels.height()), size, "{filter}");
        assert_eq!(map.metadata, metadata(), "{filter}");
        map.apply(&mut picture);
        let mut seen = 0;
        for (index, (x, y)) in CENTRES.into_iter().enumerate() {
            if let Some(area) = geometry.area(lightloom::picture::Area::around((x, y), 2.0, 2.0)) {
                near(&picture, area.centre(), light(index), filter);
                seen += 1;
            }
        }
        assert!(seen >= 3 || filter.starts_with("crop:"), "{filter}");
        if filter.starts_with("border") {
            near(&picture, (10.0, 10.0), 1.0, "the frame is not brighter than white");
        }
    }
    // Turned by a little, and slanted: the quarters stay where they are about their centres.
    for filter in ["straighten:angle=4", "perspective:vertical=6"] {
        let (path, warnings) = process(dir.path(), &source, &["--filter", filter, "--quality", "98"]);
        assert_eq!(warnings, Vec::<String>::new(), "{filter}");
        let (mut picture, map) = read(&path);
        map.unwrap().apply(&mut picture);
        let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
        for (index, (x, y)) in CENTRES.into_iter().enumerate() {
            near(&picture, (x / 320.0 * width, y / 240.0 * height), light(index), filter);
        }
    }
}

#[test]
fn a_trim_takes_the_map_along() {
    let dir = tempfile::tempdir().unwrap();
    let source = source(dir.path());
    let (framed, _) =
        process(dir.path(), &source, &["--filter", "border:mode=pixels,pixels=40,colour=#ffffff", "--quality", "98"]);
    let (path, warnings) = process(dir.path(), &framed, &["--filter", "trim:tolerance=30", "--quality", "98"]);
    assert_eq!(warnings, Vec::<String>::new());
    let (mut picture, map) = read(&path);
    assert!(picture.width().abs_diff(SIZE.0) <= 2 && picture.height().abs_diff(SIZE.1) <= 2, "the frame is gone");
    map.unwrap().apply(&mut picture);
    CENTRES.into_iter().enumerate().for_each(|(index, at)| near(&picture, at, light(index), "trim"));
}

#[test]
fn an_orientation_turns_the_map_too() {
    let dir = tempfile::tempdir().unwrap();
    let source = source(dir.path());
    let mut bytes = fs::read(&source).unwrap();
    // Exif with orientation 6 and nothing else, in a segment of its own.
    let exif = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    bytes.splice(2..2, exif.iter().copied());
    // The multi-picture index counts from its own place, and both have moved by as much.
    let turned = dir.path().join("turned.jpg");
    fs::write(&turned, bytes).unwrap();
    let (path, warnings) = process(dir.path(), &turned, &["--quality", "98"]);
    assert_eq!(warnings, Vec::<String>::new());
    let (mut picture, map) = read(&path);
    let map = map.unwrap();
    assert_eq!((picture.width(), map.pixels.width()), (240, 60));
    map.apply(&mut picture);
    // Clockwise: what was at the lower left is at the upper left.
    for (index, at) in [(2, (60.0, 80.0)), (0, (180.0, 80.0)), (3, (60.0, 240.0)), (1, (180.0, 240.0))] {
        near(&picture, at, light(index), "turned");
    }
}

#[test]
fn choices_are_kept_to_and_what_is_lost_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let source = source(dir.path());
    let (dropped, warnings) = process(dir.path(), &source, &["--gain-map", "drop"]);
    let bytes = fs::read(&dropped).unwrap();
    let claims = ["hdrgm", "GainMap", "MPF\0", "21496"];
    for claim in claims {
        assert!(!bytes.windows(claim.len()).any(|w| w == claim.as_bytes()), "{claim} is still claimed");
    }
    assert_eq!(warnings, Vec::<String>::new());
    let (_, warnings) = process(dir.path(), &source, &["--format", "png"]);
    assert!(warnings.len() == 1 && warnings[0].contains("gain map"), "{warnings:?}");
    let (_, warnings) = process(dir.path(), &source, &["--filter", "exposure:stops=0.5"]);
    assert!(warnings.len() == 1 && warnings[0].contains("base picture alone"), "{warnings:?}");
    let (kept, warnings) = process(dir.path(), &source, &["--gain-map", "apply"]);
    assert!(
        read(&kept).1.is_some() && warnings.len() == 1 && warnings[0].contains("kept, not applied"),
        "{warnings:?}"
    );
    // The picture is more than its metadata.
    let (bare, warnings) = process(dir.path(), &source, &["--metadata", "none"]);
    assert!(read(&bare).1.is_some() && warnings.is_empty(), "{warnings:?}");
}

#[test]
fn an_applied_map_gives_the_hdr_picture() {
    let dir = tempfile::tempdir().unwrap();
    let source = source(dir.path());
    for format in ["openexr", "tiff", "pfm", "png"] {
        let mut args = vec!["--format", format, "--gain-map", "apply", "--filter", "resize:width=160,height=160"];
        if format == "tiff" {
            args.extend(["--option", "depth=32f"]);
        }
        let (path, warnings) = process(dir.path(), &source, &args);
        assert!(warnings.iter().any(|w| w.contains("up to 4.0 times")), "{format}: {warnings:?}");
        let (picture, map) = read(&path);
        assert!(map.is_none());
        for (index, (x, y)) in CENTRES.into_iter().enumerate() {
            near(&picture, (x / 2.0, y / 2.0), light(index), format);
        }
    }
    assert!((linear_to_srgb(srgb_to_linear(1.7)) - 1.7).abs() < 1e-5, "the transfer function goes beyond white");
}

#[test]
fn a_base_in_high_dynamic_range_becomes_what_its_map_makes_of_it_and_keeps_the_way_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hdr.avif");
    let hdr = Hdr::new(HdrTransfer::Pq, Primaries::Bt709);
    let levels = (0..SIZE.0 * SIZE.1).flat_map(|at| {
        let light = light(quarter(at % SIZE.0, at / SIZE.0, SIZE));
        [linear_to_srgb(light as f32); 3]
    });
    let base = Raster::new(SIZE.0, SIZE.1, Layout::Rgb, levels.collect::<Vec<f32>>());
    let mut buffers = Buffers::default();
    let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
    let pixels = hdr.encode(base.into(), &mut work).unwrap();
    let map = (0..MAP.0 * MAP.1).map(|at| QUARTERS[quarter(at % MAP.0, at / MAP.0, MAP)].1);
    let map = GainMap { pixels: Raster::new(MAP.0, MAP.1, Layout::Grey, map.collect()), metadata: metadata() };
    let metadata = Metadata { hdr: Some(hdr), gain_map: Some(Arc::new(map.reversed())), ..Metadata::default() };
    let (avif, options) = (codec::find("avif").unwrap(), EncodeOptions::with_quality(98));
    let encoded = codec::encode(avif, Picture { pixels, metadata }, &options, &mut buffers).unwrap();
    fs::write(&path, encoded.bytes).unwrap();
    let process = |args: &[&str]| process(dir.path(), &path, &[&["--quality", "98"][..], args].concat());
    for format in ["jpeg", "png"] {
        let (result, warnings) = process(&["--format", format, "--colour-space", "srgb"]);
        let said = warnings.join("; ");
        assert!(said.contains("the standard range that the file's gain map makes"), "{said}");
        let (mut picture, map) = read(&result);
        assert_eq!(map.is_some(), said.contains("leads back") && format == "jpeg", "{said}");
        for (index, (x, y)) in CENTRES.into_iter().enumerate() {
            let level = linear_to_srgb(picture.row(y as u32)[x as usize * 3]) * 255.0;
            assert!((level - f32::from(QUARTERS[index].0)).abs() < 3.0, "{format} {index}: {level}");
        }
        let Some(map) = map else { continue };
        assert!(!map.metadata.is_base_hdr());
        map.apply(&mut picture);
        for (index, (x, y)) in CENTRES.into_iter().enumerate() {
            let found = f64::from(picture.row(y as u32)[x as usize * 3]);
            assert!((found / light(index) - 1.0).abs() < 0.05, "{index}: {found}, not {}", light(index));
        }
    }
    // Kept, the map belongs to the picture as it is; another standard range than the map's has none.
    let (kept, warnings) = process(&["--format", "avif"]);
    assert!(read_map(&kept).unwrap().metadata.is_base_hdr(), "{warnings:?}");
    let (_, warnings) = process(&["--format", "png"]);
    let said = warnings.join("; ");
    assert!(said.contains("no gain map") && !said.contains("--gain-map apply"), "there is nothing to apply: {said}");
    let (mapped, warnings) = process(&["--format", "jpeg", "--hdr", "tone-map"]);
    let said = warnings.join("; ");
    assert!(
        read(&mapped).1.is_none() && said.contains("gain map is left out") && said.contains("tone mapped"),
        "{said}"
    );
}

/// Means of the four quarters of what the maps of HDR bases make of them, by libavif's samples of base and map and the
/// formulas of ISO 21496-1 and ST 2084 in numpy. The first has Adobe's former auxiliary map, the last one of half the size.
const STANDARD_RANGE: [(&str, [[f64; 3]; 4]); 3] = [
    (
        "odd/libavif__colors_text_hdr_srgb.avif",
        [[235.4, 69.1, 8.2], [123.7, 211.8, 44.7], [217.4, 179.2, 164.7], [195.2, 215.8, 174.7]],
    ),
    (
        "odd/libavif__seine_hdr_gainmap_srgb.avif",
        [[202.3, 207.1, 210.0], [209.9, 213.8, 215.6], [148.0, 148.2, 138.9], [111.3, 103.4, 89.5]],
    ),
    (
        "odd/libavif__seine_hdr_gainmap_small_srgb.avif",
        [[202.3, 207.0, 209.9], [209.8, 213.7, 215.4], [147.6, 147.9, 138.6], [110.6, 102.9, 89.1]],
    ),
];

#[test]
fn the_standard_range_of_real_files_is_what_libavif_and_the_standard_give() {
    let Some(folder) = corpus::corpus() else { return };
    let dir = tempfile::tempdir().unwrap();
    for (name, expected) in STANDARD_RANGE {
        for format in ["jpeg", "webp"] {
            let args = ["--format", format, "--quality", "98", "--hdr", "keep"];
            let (result, warnings) = process(dir.path(), &folder.join(name), &args);
            assert!(warnings.iter().any(|w| w.contains("gain map makes of it")), "{name}: {warnings:?}");
            let (picture, _) = read(&result);
            let (width, height) = (picture.width() as usize, picture.height() as usize);
            let mut sums = [[0.0; 3]; 4];
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let pixel = &picture.row(y as u32)[3 * x..][..3];
                let quarter = quarter(x as u32, y as u32, (width as u32, height as u32));
                let levels = pixel.iter().map(|v| f64::from(linear_to_srgb(*v)) * 255.0);
                sums[quarter].iter_mut().zip(levels).for_each(|(sum, level)| *sum += level);
            }
            let means = sums.map(|sum| sum.map(|sum| sum / (width * height / 4) as f64));
            let near = means.as_flattened().iter().zip(expected.as_flattened()).all(|(a, b)| (a - b).abs() < 1.0);
            assert!(near, "{name} as {format}: {means:.1?}, not {expected:?}");
        }
    }
}

/// Both forms of metadata by a parser that shares nothing with this program; libultrahdr and libvips where they are.
#[test]
fn other_readers_see_the_same_hdr_picture() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/gain_maps.py");
    let named = std::env::var("LIGHTLOOM_PYTHON").ok();
    let python = named.into_iter().chain(["python3", "/usr/bin/python3"].map(str::to_owned)).find(|python| {
        Command::new(python).args(["-c", "import PIL, numpy"]).output().is_ok_and(|output| output.status.success())
    });
    let Some(python) = python else {
        assert!(std::env::var_os("CI").is_none(), "Pillow and numpy are missing, which CI installs");
        println!("skipped: no python3 with Pillow and numpy");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let source = source(dir.path());
    for (filter, geometry, size) in [
        ("rotate:turns=half", Geometry::turned(Turn::Half, SIZE), MAP),
        ("resize:width=160,height=160", Geometry::scaled(SIZE, (160, 120)), (40, 30)),
        ("resize:mode=percent,percent=150,enlarge=true", Geometry::scaled(SIZE, (480, 360)), (120, 90)),
        ("crop_margins:left=10,top=5", Geometry::placed(SIZE, (288, 228), -32, -12), (72, 57)),
        ("rotate:turns=right", Geometry::turned(Turn::Right, SIZE), (60, 80)),
        ("canvas:mode=pixels,width=400,height=400", Geometry::placed(SIZE, (400, 400), 40, 80), (100, 100)),
    ] {
        let (path, _) = process(dir.path(), &source, &["--filter", filter, "--quality", "98"]);
        let centres = CENTRES.map(|at| geometry.area(lightloom::picture::Area::around(at, 2.0, 2.0)).unwrap().centre());
        let places = centres.map(|(x, y)| format!("{},{}", x as u32, y as u32));
        let output = Command::new(&python).arg(&script).arg(&path).args(places).output().unwrap();
        assert!(output.status.success(), "{filter}: {}", String::from_utf8_lossy(&output.stderr));
        let seen: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(seen["map"], serde_json::json!([size.0, size.1]), "{filter}");
        let readers = seen["readers"].as_object().unwrap();
        assert!(readers.len() >= 2, "{seen}");
        for (reader, places) in readers {
            for (index, colours) in places.as_array().unwrap().iter().enumerate() {
                for found in colours.as_array().unwrap() {
                    let ratio = found.as_f64().unwrap() / light(index);
                    assert!((ratio - 1.0).abs() < 0.01, "{filter}, {reader}: {colours}, not {}", light(index));
                }
            }
        }
    }
}

#[test]
fn exiftool_reads_what_is_written() {
    if !Command::new("exiftool").arg("-ver").output().is_ok_and(|o| o.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "exiftool is missing, which CI installs");
        println!("skipped: exiftool is not installed");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (path, _) = process(dir.path(), &source(dir.path()), &["--filter", "resize:width=160,height=160"]);
    let exiftool = |args: &[&str]| Command::new("exiftool").args(args).arg(&path).output().unwrap().stdout;
    let tags: serde_json::Value = serde_json::from_slice(&exiftool(&["-j", "-G1", "-a", "-n", "-struct"])).unwrap();
    let tags = &tags[0];
    assert_eq!(tags["MPF0:NumberOfImages"], 2, "{tags:#}");
    assert_eq!(tags["XMP-hdrgm:Version"], 1.0, "{tags:#}");
    let second = exiftool(&["-b", "-MPImage2"]);
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.ends_with(&second) && second.starts_with(b"\xff\xd8\xff"), "MPF names another part");
    let directory = &tags["XMP-GContainer:ContainerDirectory"];
    let directory = if directory.is_null() { &tags["XMP-Container:Directory"] } else { directory };
    assert_eq!(directory[1]["Item"]["Length"], second.len(), "{tags:#}");
    let map = dir.path().join("map.jpg");
    fs::write(&map, second).unwrap();
    let output = Command::new("exiftool").args(["-j", "-n", "-G1"]).arg(&map).output().unwrap().stdout;
    let tags: serde_json::Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(tags[0]["XMP-hdrgm:GainMapMax"], 2, "{tags:#}");
    assert_eq!((&tags[0]["File:ImageWidth"], &tags[0]["File:ImageHeight"]), (&40.into(), &30.into()));
    let complaints = String::from_utf8(exiftool(&["-validate", "-warning", "-a", "-s3"])).unwrap();
    let lines = complaints.lines().filter(|line| !line.starts_with(|c: char| c.is_ascii_digit()) && *line != "OK");
    let lines: Vec<_> =
        lines.filter(|line| !line.starts_with("[minor]") && !line.starts_with("Missing required")).collect();
    assert!(lines.is_empty(), "{lines:?}");
}
