//! Formats, encoding options, animations and pages on the command line.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::folder;
use serde_json::Value;

fn lightloom(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .env("XDG_STATE_HOME", std::env::temp_dir().join("lightloom-test-state"))
        .current_dir(folder)
        .args(args)
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// An animation of three frames in one colour each.
fn animation(path: &Path) {
    let file = fs::File::create(path).unwrap();
    let mut encoder = image::codecs::gif::GifEncoder::new(file);
    encoder.set_repeat(image::codecs::gif::Repeat::Infinite).unwrap();
    for value in [20, 120, 220] {
        let frame = image::RgbaImage::from_pixel(30, 20, image::Rgba([value, 0, 0, 255]));
        let delay = image::Delay::from_numer_denom_ms(120, 1);
        encoder.encode_frame(image::Frame::from_parts(frame, 0, 0, delay)).unwrap();
    }
}

#[test]
fn animations_are_never_flattened_silently() {
    let dir = tempfile::tempdir().unwrap();
    animation(&dir.path().join("a.gif"));
    let run = |out: &str, rest: &[&str]| {
        let args = [&["process", "a.gif", "--out", out, "--filter", "invert", "--json"], rest].concat();
        let output = lightloom(dir.path(), &args);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
        json["images"][0].clone()
    };
    let name = |image: &Value, n: usize| {
        let path = image["outputs"][n]["path"].as_str().unwrap().to_owned();
        path.rsplit('/').next().unwrap().to_owned()
    };
    for executor in ["hybrid", "processes"] {
        let first = run("first", &["--format", "png", "--executor", executor]);
        assert!(first["warnings"][0].as_str().unwrap().contains("3 frames: only the first"), "{first}");
        let all = run(&format!("all-{executor}"), &["--format", "png", "--frames", "all", "--executor", executor]);
        assert_eq!([0, 1, 2].map(|n| name(&all, n)), ["a-001.png", "a-002.png", "a-003.png"]);
        for (number, value) in [(1, 235), (2, 135), (3, 35)] {
            let path = dir.path().join(format!("all-{executor}/a-00{number}.png"));
            let picture = image::open(path).unwrap().to_rgba8();
            assert_eq!(picture.get_pixel(5, 5).0, [value, 255, 255, 255], "frame {number} went through the recipe");
        }
    }
    let kept = run("kept", &["--frames", "keep"]);
    assert_eq!(name(&kept, 0), "a.gif");
    let bytes = fs::read(dir.path().join("kept/a.gif")).unwrap();
    let (_, header) = lightloom::codec::header(&bytes, &lightloom::codec::Limits::default()).unwrap();
    assert_eq!(header.frames, 3);
    let still = run("still", &["--frames", "keep", "--format", "jpeg"]);
    assert!(still["warnings"][0].as_str().unwrap().contains("JPEG holds no animations"), "{still}");
}

#[test]
fn formats_and_options_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    let words = stdout(&lightloom(dir.path(), &["formats"]));
    assert!(words.lines().any(|l| l.starts_with("jpeg") && l.contains("1/8") && l.contains("jfif")), "{words}");
    let json: Value = serde_json::from_str(&stdout(&lightloom(dir.path(), &["formats", "--json"]))).unwrap();
    let find = |id: &str| json["formats"].as_array().unwrap().iter().find(|f| f["id"] == id).unwrap().clone();
    assert_eq!(find("tiff")["bits_written"], serde_json::json!([8, 16, 32]));
    assert_eq!((&find("gif")["animated"], &find("jpeg")["animated"]), (&true.into(), &false.into()));
    assert!(find("jpeg")["options"].as_array().unwrap().contains(&"subsampling".into()));
    let help = stdout(&lightloom(dir.path(), &["process", "--help"]));
    for option in json["options"].as_array().unwrap() {
        assert!(help.contains(option["key"].as_str().unwrap()), "--help does not name {option}");
    }
}

#[test]
fn a_file_is_as_large_as_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 2, 900, 600);
    let args = ["process", "photos", "--out", "o", "--format", "jpeg", "--option", "max_kib=30", "--json"];
    let output = lightloom(dir.path(), &args);
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    for image in json["images"].as_array().unwrap() {
        let bytes = image["outputs"][0]["bytes"].as_u64().unwrap();
        assert!(bytes <= 30 * 1024 && bytes > 15 * 1024, "{image}");
        assert!(image["warnings"][0].as_str().unwrap().contains("within 30 KiB"), "{image}");
    }
}
