//! Metadata across formats, written and read back by exiftool.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod everything;
mod profiles;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use common::{photo, save};
use lightloom::codec;
use lightloom::picture::colour::{Profile, Space};
use lightloom::picture::{Buffers, Geometry, Metadata, Picture};
use serde_json::{Map, Value};

/// Formats that hold metadata and that exiftool puts them into.
const FORMATS: [&str; 4] = ["jpg", "png", "webp", "tif"];
/// Formats that are written with metadata.
const TARGETS: [&str; 5] = ["jpg", "png", "webp", "tif", "avif"];

fn has_exiftool() -> bool {
    let found = Command::new("exiftool").arg("-ver").output().is_ok_and(|o| o.status.success());
    assert!(found || std::env::var_os("CI").is_none(), "exiftool is missing, which CI installs");
    if !found {
        println!("skipped: exiftool is not installed");
    }
    found
}

fn exiftool(args: &[&str], path: &Path) -> String {
    let output = Command::new("exiftool").args(args).arg(path).output().unwrap();
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// All tags of a file, numbers as numbers, by group and name.
fn tags(path: &Path) -> Map<String, Value> {
    let json: Value = serde_json::from_str(&exiftool(&["-j", "-n", "-G1", "-a", "-struct"], path)).unwrap();
    json[0].as_object().unwrap().clone()
}

/// A picture with everything in it, by exiftool.
fn source(folder: &Path, extension: &str) -> PathBuf {
    let path = folder.join(format!("source.{extension}"));
    save(&path, photo(60, 40, 3));
    let mut args = vec![
        "-q",
        "-overwrite_original",
        "-n",
        "-EXIF:Make=Loom & Söhne",
        "-EXIF:Orientation=6",
        "-EXIF:XResolution=240",
        "-EXIF:YResolution=120",
        "-EXIF:ResolutionUnit=2",
        "-EXIF:ExposureTime=0.008",
        "-EXIF:DateTimeOriginal=2024:05:06 07:08:09",
        "-EXIF:ExifImageWidth=60",
        "-EXIF:ExifImageHeight=40",
        "-EXIF:ColorSpace=1",
        "-EXIF:GPSLatitude=48.858",
        "-EXIF:GPSLatitudeRef=N",
        "-EXIF:GPSLongitude=2.294",
        "-EXIF:GPSLongitudeRef=E",
        "-XMP-dc:Title=Tower",
        "-XMP-photoshop:City=Paris",
        "-XMP-exif:GPSLatitude=48.858",
        "-XMP-tiff:Orientation=6",
        "-XMP-xmp:Rating=4",
    ];
    if matches!(extension, "jpg" | "png" | "tif") {
        args.extend(["-IPTC:Headline=Iron", "-IPTC:City=Paris"]);
    }
    exiftool(&args, &path);
    path
}

fn process(folder: &Path, source: &Path, target: &str, args: &[&str]) -> PathBuf {
    let out = tempfile::Builder::new().tempdir_in(folder).unwrap().keep();
    let format = match target {
        "jpg" => "jpeg",
        "tif" => "tiff",
        other => other,
    };
    let output = Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .env("XDG_STATE_HOME", std::env::temp_dir().join("lightloom-test-state"))
        .args(["process", "--no-journal", source.to_str().unwrap(), "--format", format, "--out", out.to_str().unwrap()])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut files = fs::read_dir(&out).unwrap();
    files.next().unwrap().unwrap().path()
}

fn has_value(tags: &Map<String, Value>, text: &str) -> bool {
    tags.iter()
        .any(|(key, value)| key != "SourceFile" && !key.starts_with("System:") && value.to_string().contains(text))
}

/// exiftool's own check of the structure; what it says of a file of its own making does not count.
fn complaints(path: &Path) -> Vec<String> {
    let words = exiftool(&["-validate", "-warning", "-a", "-s3"], path);
    let ours = |line: &&str| {
        // What a format recommends, and what the source did not have either, is no fault of structure; nor is the count.
        let counted = line.starts_with(|c: char| c.is_ascii_digit()) && line.contains("Warning");
        !(counted || *line == "OK" || line.starts_with("[minor]") || line.starts_with("Missing required"))
    };
    words.lines().filter(ours).map(str::to_owned).collect()
}

#[test]
fn every_format_passes_everything_on_to_every_other() {
    if !has_exiftool() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for from in FORMATS {
        let source = source(dir.path(), from);
        for to in TARGETS {
            let result = process(dir.path(), &source, to, &[]);
            let found = tags(&result);
            let context = format!("{from} → {to}: {found:#?}");
            let text = |key: &str| found.get(key).cloned().unwrap_or_default();
            assert_eq!(text("IFD0:Make"), "Loom & Söhne", "{context}");
            // A TIFF without the tag stands upright.
            assert!(matches!(text("IFD0:Orientation"), Value::Null) || text("IFD0:Orientation") == 1, "{context}");
            assert_eq!(text("XMP-tiff:Orientation"), 1, "{context}");
            assert_eq!(text("ExifIFD:ExposureTime"), 0.008, "{context}");
            assert_eq!(text("ExifIFD:DateTimeOriginal"), "2024:05:06 07:08:09", "{context}");
            assert_eq!((text("ExifIFD:ExifImageWidth"), text("ExifIFD:ExifImageHeight")), (40.into(), 60.into()));
            assert!((text("GPS:GPSLatitude").as_f64().unwrap() - 48.858).abs() < 1e-6, "{context}");
            assert_eq!(text("XMP-dc:Title"), "Tower", "{context}");
            assert_eq!(text("XMP-xmp:Rating"), 4, "{context}");
            assert_eq!(text("XMP-photoshop:City"), "Paris", "{context}");
            // The picture was turned, and so were its sides.
            assert_eq!((text("IFD0:XResolution"), text("IFD0:YResolution")), (120.into(), 240.into()), "{context}");
            if to == "png" {
                assert_eq!(text("PNG-pHYs:PixelsPerUnitX"), 4724, "{context}");
            }
            if to == "jpg" {
                assert_eq!((text("JFIF:XResolution"), text("JFIF:YResolution")), (120.into(), 240.into()), "{context}");
            }
            let [from_iptc, to_iptc] = [from, to].map(|format| matches!(format, "jpg" | "png" | "tif"));
            if from_iptc && to_iptc {
                assert_eq!(text("IPTC:Headline"), "Iron", "{context}");
            } else if from_iptc {
                assert_eq!(text("XMP-photoshop:Headline"), "Iron", "{context}");
            }
            assert_eq!(complaints(&result), Vec::<String>::new(), "{from} → {to}");
        }
    }
}

#[test]
fn location_is_removed_and_nothing_else() {
    if !has_exiftool() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let source = source(dir.path(), format);
        assert!(has_value(&tags(&source), "48.858") && has_value(&tags(&source), "Paris"));
        let result = process(dir.path(), &source, format, &["--metadata", "no-location"]);
        let found = tags(&result);
        assert!(!found.keys().any(|key| key.contains("GPS")), "{format}: {found:#?}");
        assert!(!has_value(&found, "48.858") && !has_value(&found, "Paris"), "{format}: {found:#?}");
        assert!(has_value(&found, "Tower") && has_value(&found, "Loom"), "{format}: {found:#?}");
        // Nothing of it stays in the bytes either.
        let bytes = fs::read(&result).unwrap();
        assert!(!bytes.windows(5).any(|w| w == b"Paris"), "{format}");
    }
}

#[test]
fn nothing_is_left_where_nothing_is_wanted() {
    if !has_exiftool() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let source = source(dir.path(), format);
        let result = process(dir.path(), &source, format, &["--metadata", "none"]);
        let found = tags(&result);
        let personal =
            found.keys().filter(|key| ["XMP", "GPS", "ExifIFD", "IPTC"].iter().any(|group| key.starts_with(group)));
        assert_eq!(personal.count(), 0, "{format}: {found:#?}");
        assert!(!has_value(&found, "Loom") && !has_value(&found, "Tower"), "{format}: {found:#?}");
    }
}

#[test]
fn artist_copyright_and_resolution_are_set() {
    if !has_exiftool() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let args = ["--artist", "Zoë Müller", "--copyright", "© 2025 Zoë & <others>", "--dpi", "300"];
    for format in FORMATS {
        let bare = dir.path().join(format!("bare.{format}"));
        save(&bare, photo(30, 20, 1));
        for source in [source(dir.path(), format), bare] {
            let found = tags(&process(dir.path(), &source, format, &args));
            let text = |key: &str| found.get(key).cloned().unwrap_or_default();
            assert_eq!(text("IFD0:Artist"), "Zoë Müller", "{format}: {found:#?}");
            assert_eq!(text("IFD0:Copyright"), "© 2025 Zoë & <others>", "{format}: {found:#?}");
            assert!(text("XMP-dc:Creator").to_string().contains("Zoë Müller"), "{format}: {found:#?}");
            assert_eq!(text("XMP-dc:Rights"), "© 2025 Zoë & <others>", "{format}: {found:#?}");
            assert_eq!(text("IFD0:XResolution"), 300, "{format}: {found:#?}");
            if found.contains_key("IPTC:Headline") {
                assert_eq!(text("IPTC:CopyrightNotice"), "© 2025 Zoë & <others>", "{format}: {found:#?}");
            }
        }
    }
}

#[test]
fn a_thumbnail_is_made_anew_when_pixels_change_and_stays_otherwise() {
    if !has_exiftool() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [path, small] = ["thumb.jpg", "small.jpg"].map(|name| dir.path().join(name));
    save(&path, photo(600, 400, 3));
    save(&small, photo(16, 10, 3));
    let option = format!("-ThumbnailImage<={}", small.display());
    exiftool(&["-q", "-overwrite_original", "-EXIF:Make=Loom", &option], &path);
    let thumbnail = |path: &Path| {
        let bytes = Command::new("exiftool").args(["-b", "-ThumbnailImage"]).arg(path).output().unwrap().stdout;
        let (codec, header) = codec::header(&bytes, &codec::Limits::default()).ok()?;
        let mut buffers = Buffers::default();
        Some(codec::decode(codec, &bytes, &header, 1, &codec::Limits::default(), &mut buffers).unwrap().pixels)
    };
    let size = |path: &Path| thumbnail(path).map(|pixels| (pixels.width(), pixels.height()));
    assert_eq!(size(&process(dir.path(), &path, "jpg", &[])), Some((16, 10)));
    for (target, has_one) in [("jpg", true), ("png", true), ("webp", true), ("tif", false)] {
        let result = process(dir.path(), &path, target, &["--filter", "invert"]);
        assert_eq!(size(&result), has_one.then_some((160, 107)), "{target}");
        assert_eq!(tags(&result)["IFD0:Make"], "Loom", "{target}");
        assert_eq!(complaints(&result), Vec::<String>::new(), "{target}");
    }
    // It shows the result.
    let black = process(dir.path(), &path, "jpg", &["--filter", "brightness_contrast:brightness=-60"]);
    let shown = thumbnail(&black).unwrap();
    let whole = codec::header(&fs::read(&black).unwrap(), &codec::Limits::default()).unwrap();
    let whole = codec::decode(
        whole.0,
        &fs::read(&black).unwrap(),
        &whole.1,
        1,
        &codec::Limits::default(),
        &mut Buffers::default(),
    );
    let mean = |samples: &[u8]| samples.iter().map(|v| f64::from(*v)).sum::<f64>() / samples.len() as f64;
    let (shown, whole) = (mean(shown.bytes()), mean(whole.unwrap().pixels.bytes()));
    assert!((shown - whole).abs() < 2.0, "{shown} beside {whole}");
    // A result that is hardly larger than a thumbnail needs none.
    assert_eq!(size(&process(dir.path(), &path, "jpg", &["--filter", "resize:width=300"])), None);
}

#[test]
fn file_times_are_kept_unless_told_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.png");
    save(&path, photo(20, 20, 1));
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
    let modified = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    assert_eq!(modified(&process(dir.path(), &path, "jpg", &[])), then);
    assert_eq!(modified(&process(dir.path(), &path, "jpg", &["--executor", "processes"])), then);
    assert!(modified(&process(dir.path(), &path, "jpg", &["--no-file-times"])) > then + Duration::from_secs(3600));
}

#[test]
fn profiles_are_kept_converted_and_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p3.png");
    let metadata = Metadata { icc: Some(Profile::named(Space::DisplayP3).bytes().to_vec()), ..Metadata::default() };
    let picture = Picture { pixels: photo(40, 30, 2), metadata };
    let png = codec::find("png").unwrap();
    fs::write(
        &path,
        codec::encode(png, picture, &codec::EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes,
    )
    .unwrap();
    let profile = |path: &Path| {
        let header = codec::header(&fs::read(path).unwrap(), &codec::Limits::default()).unwrap().1;
        header.metadata.icc.map(|icc| Profile::parse(&icc).unwrap().title())
    };
    let custom = dir.path().join("custom.icc");
    fs::write(&custom, Profile::named(Space::AdobeRgb).bytes()).unwrap();
    for target in FORMATS {
        let result = |args: &[&str]| profile(&process(dir.path(), &path, target, args));
        assert_eq!(result(&[]).as_deref(), Some("Display P3"), "{target}");
        assert_eq!(result(&["--metadata", "none"]).as_deref(), Some("Display P3"), "{target}");
        assert_eq!(result(&["--colour-space", "srgb"]).as_deref(), Some("sRGB"), "{target}");
        assert_eq!(result(&["--colour-space", custom.to_str().unwrap()]).as_deref(), Some("Adobe RGB (1998)"));
        assert_eq!(result(&["--colour-space", "srgb", "--no-profile"]), None, "{target}");
    }
    let refused = Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .env("XDG_STATE_HOME", std::env::temp_dir().join("lightloom-test-state"))
        .args(["process", path.to_str().unwrap(), "--out", "x", "--colour-space", "./missing.icc"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(words.contains("missing.icc"), "{words}");
}

#[test]
fn formats_without_profiles_get_srgb_and_cameras_without_profiles_are_understood() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p3.bmp");
    let metadata = Metadata { icc: Some(Profile::named(Space::DisplayP3).bytes().to_vec()), ..Metadata::default() };
    let pixels = lightloom::picture::Raster::new(1, 1, lightloom::picture::Layout::Rgb, vec![200_u8, 100, 50]);
    let png = codec::find("png").unwrap();
    let picture = Picture { pixels: pixels.into(), metadata };
    // A PNG behind the name of a bitmap is written as what it is.
    let bytes =
        codec::encode(png, picture.clone(), &codec::EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes;
    fs::write(&path, bytes).unwrap();
    let explained = Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .env("XDG_STATE_HOME", std::env::temp_dir().join("lightloom-test-state"))
        .args(["process", path.to_str().unwrap(), "--colour-space", "srgb", "--explain"])
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert!(words.contains("Display P3 → sRGB (relative, with black-point compensation)"), "{words}");

    let finish = |id: &str| {
        let export = lightloom::recipe::ExportSettings::default();
        let codec = codec::find(id).unwrap();
        let finish = lightloom::recipe::export::Finish {
            export: &export,
            codec,
            changed: false,
            geometry: Geometry::identity((picture.pixels.width(), picture.pixels.height())),
            retouched: false,
        };
        let mut work = lightloom::filter::Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        finish.run(picture.clone(), &mut work).unwrap().unwrap()
    };
    let bitmap = finish("bmp");
    assert!(bitmap.picture.metadata.icc.is_none() && bitmap.notes[0].contains("Display P3"), "{:?}", bitmap.notes);
    // color(display-p3 0.7843 0.3922 0.1961) is rgb(215, 93, 31) by LittleCMS.
    let found = bitmap.picture.pixels.to_rgba8();
    assert!(found.iter().zip([215_u8, 93, 31]).all(|(a, b)| a.abs_diff(b) <= 2), "{found:?}");
    assert_eq!(finish("png").picture.pixels, picture.pixels);

    if has_exiftool() {
        let path = dir.path().join("camera.jpg");
        save(&path, photo(20, 20, 1));
        let args = ["-q", "-overwrite_original", "-n", "-EXIF:ColorSpace=65535", "-EXIF:InteropIndex=R03"];
        exiftool(&args, &path);
        let header = codec::header(&fs::read(&path).unwrap(), &codec::Limits::default()).unwrap().1;
        assert_eq!(Profile::parse(&header.metadata.icc.unwrap()).unwrap().title(), "Adobe RGB (1998)");
    }
}
