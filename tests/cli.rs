//! The command line as scripts meet it: JSON on standard output, words on standard error, exit codes.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::{content, folder, photo, save};
use serde_json::Value;

fn lightloom(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .args(args)
        .current_dir(folder)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
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
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn json_tells_of_each_image_and_of_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 320, 200);
    save(&input.join("deep/tall.png"), photo(100, 300, 7));
    fs::write(input.join("letter.jpg"), "no picture").unwrap();
    let args = [
        "process",
        "photos",
        "gone",
        "--out",
        "out",
        "--filter",
        "resize:width=160,height=160",
        "--format",
        "webp",
        "--json",
    ];
    let output = lightloom(dir.path(), &args);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let images = json["images"].as_array().unwrap();
    assert_eq!(images.len(), 5);
    assert!(stderr(&output).contains("gone: cannot be opened"), "what cannot be read is named: {}", stderr(&output));
    let find = |end: &str| images.iter().find(|i| i["source"].as_str().unwrap().ends_with(end)).unwrap();
    let tall = &find("tall.png");
    assert_eq!(tall["outcome"], "done");
    assert_eq!((&tall["outputs"][0]["width"], &tall["outputs"][0]["height"]), (&53.into(), &160.into()));
    let path = tall["outputs"][0]["path"].as_str().unwrap();
    assert!(path.ends_with("out/deep/tall.webp"), "{path}");
    assert_eq!(tall["outputs"][0]["bytes"], fs::metadata(dir.path().join(path)).unwrap().len());
    assert_eq!(find("letter.jpg")["outcome"], "failed");
    assert!(find("letter.jpg")["reason"].as_str().unwrap().contains("no picture"));
    assert!(find("gone")["reason"].as_str().unwrap().contains("no such file"));
    let totals = &json["totals"];
    assert_eq!((&totals["images"], &totals["done"], &totals["failed"]), (&5.into(), &3.into(), &2.into()));
    for key in ["wall_secs", "cpu_secs", "megapixels", "peak_bytes"] {
        assert!(totals[key].as_f64().unwrap() > 0.0, "{key}");
    }
}

#[test]
fn exit_codes_and_words() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 1, 40, 30);
    let run = |args: &[&str]| {
        let output = lightloom(dir.path(), args);
        assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
        (code(&output), stderr(&output), stdout(&output))
    };
    let (exit, _, out) = run(&["process", "photos", "--out", "o", "--filter", "invert"]);
    assert_eq!(exit, 0);
    assert!(out.contains("1 done") && out.contains("Results: o"), "{out}");
    for (args, word) in [
        (&["process", "photos", "--out", "o", "--filter", "exposur"][..], "there is no filter 'exposur'"),
        (&["process", "photos", "--out", "o", "--filter", "exposure:stop=1"], "no parameter 'stop'"),
        (&["process", "photos", "--out", "o", "--filter", "exposure:stops=99"], "-10 to 10"),
        (&["process", "photos", "--out", "o", "--format", "jpg"], "jpeg"),
        (&["process", "photos", "--out", "o", "--quality", "0"], "1..=100"),
        (&["process", "photos", "--out", "o", "--option", "progressive"], "KEY=VALUE"),
        (&["process", "photos", "--out", "o", "--option", "progresive=true"], "there is no option 'progresive'"),
        (&["process", "photos", "--out", "o", "--option", "subsampling=411"], "auto, 444, 422, 420"),
        (&["process", "photos", "--out", "o", "--frames", "last"], "first, all, keep"),
        (&["process", "photos", "--out", "o", "--executor", "gpu"], "hybrid"),
        (&["process", "photos", "--out", "o", "--io-threads", "65"], "1..=64"),
        (&["process", "photos", "--out", "o", "--recipe", "gone.toml"], "gone.toml"),
        (&["process", "photos"], "--out"),
        (&["process", "nowhere", "--out", "o"], "nowhere: cannot be opened: no such file"),
    ] {
        let (exit, err, _) = run(args);
        assert_eq!(exit, 2, "{args:?}: {err}");
        assert!(err.contains(word), "{args:?}: {err}");
    }
    fs::create_dir(dir.path().join("empty")).unwrap();
    let (exit, err, _) = run(&["process", "empty", "--out", "o"]);
    assert_eq!(exit, 2);
    assert!(err.contains("is an empty folder"), "{err}");
    assert_eq!(err.lines().count(), 1, "one clear sentence: {err}");
}

#[test]
fn a_recipe_file_does_what_the_filters_do() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 1, 200, 100);
    let recipe = "version = 1\n[[filter]]\nid = 'resize'\nwidth = 50\nheight = 50\n[export]\nformat = 'png'\n";
    fs::write(dir.path().join("r.toml"), recipe).unwrap();
    let first = ["process", "photos", "--out", "a", "--recipe", "r.toml", "--filter", "invert"];
    let second = [
        "process",
        "photos",
        "--out",
        "b",
        "--filter",
        "resize:width=50,height=50",
        "--filter",
        "invert",
        "--format",
        "png",
    ];
    assert_eq!(code(&lightloom(dir.path(), &first)), 0);
    assert_eq!(code(&lightloom(dir.path(), &second)), 0);
    let a = content(&dir.path().join("a"));
    assert_eq!(a.len(), 1);
    assert_eq!(a, content(&dir.path().join("b")));
}

#[test]
fn filters_are_listed_as_text_and_json() {
    let dir = tempfile::tempdir().unwrap();
    let json: Value = serde_json::from_str(&stdout(&lightloom(dir.path(), &["filters", "--json"]))).unwrap();
    let filters = json["filters"].as_array().unwrap();
    let exposure = filters.iter().find(|f| f["id"] == "exposure").unwrap();
    assert_eq!(exposure["group"], "tone");
    let stops = &exposure["parameters"][0];
    assert_eq!((&stops["key"], &stops["default"]), (&"stops".into(), &0.0.into()));
    assert!(stops["min"].is_number() && stops["max"].is_number() && stops["unit"].is_string());
    let text = stdout(&lightloom(dir.path(), &["filters"]));
    assert!(filters.iter().all(|f| text.contains(f["id"].as_str().unwrap())));
}

#[cfg(feature = "gui")]
#[test]
fn without_a_display_the_window_says_what_to_do_instead() {
    let dir = tempfile::tempdir().unwrap();
    let output = lightloom(dir.path(), &[]);
    assert_ne!(code(&output), 0);
    let err = stderr(&output);
    assert!(err.contains("display") && err.contains("process") && err.contains("demo"), "{err}");
    assert!(!err.contains("panicked") && !err.contains(".rs"), "{err}");
}

#[test]
fn the_demo_runs_without_a_display() {
    let dir = tempfile::tempdir().unwrap();
    let output = lightloom(dir.path(), &["demo", "--repeats", "1"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let out = stdout(&output);
    for word in ["12 done", "lightloom-demo", "Sequential", "Threads", "Cores", "Both", "images/s"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    let results = content(&dir.path().join("lightloom-demo"));
    assert_eq!(results.len(), 12, "the results and nothing else");
    assert!(results.iter().any(|(path, _)| path.starts_with("journey")), "the tree is kept");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_and_a_name_that_is_no_text_are_told() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 1, 40, 30);
    let odd = input.join(std::ffi::OsStr::from_bytes(b"caf\xe9.jpg"));
    fs::copy(input.join("photo 00.jpg"), &odd).unwrap();
    std::os::unix::fs::symlink("/proc/self/mem", input.join("unreadable.jpg")).unwrap();
    std::os::unix::fs::symlink("nowhere.jpg", input.join("dangling.jpg")).unwrap();
    let output = lightloom(dir.path(), &["process", "photos", "--out", "o", "--json"]);
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(
        (code(&output), &json["totals"]["done"], &json["totals"]["failed"]),
        (1, &2.into(), &2.into()),
        "{json}"
    );
    assert!(dir.path().join("o").join(odd.file_name().unwrap()).exists());
}

#[test]
fn a_plan_is_explained_without_doing_anything() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 1, 640, 400);
    fs::write(input.join("letter.jpg"), "no picture").unwrap();
    let filters = ["--filter", "resize:width=100,height=100", "--filter", "exposure:stops=1", "--filter", "invert"];
    let output = lightloom(dir.path(), &[&["process", "photos", "--explain"], &filters[..]].concat());
    let text = stdout(&output);
    assert_eq!(code(&output), 1, "a file that is no picture is told");
    assert!(text.contains("640 × 400, rgb, 8 bits") && text.contains("decode at 1/4"), "{text}");
    assert!(text.contains("exposure + invert") && stderr(&output).contains("letter.jpg"), "{text}");
    let output = lightloom(dir.path(), &[&["process", "photos", "--explain", "--json"], &filters[..]].concat());
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(json.as_object().unwrap().values().next().unwrap()["passes"].as_array().unwrap().len(), 2);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is written");
}

#[test]
fn a_preset_is_a_recipe_by_name() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 1, 640, 400);
    let list = stdout(&lightloom(dir.path(), &["presets"]));
    assert_eq!(list.lines().count(), 12);
    assert!(list.lines().any(|line| line.starts_with("thumbnail_256") && line.contains("256 pixels")), "{list}");
    let args = ["process", "photos", "--out", "out", "--json", "--preset", "thumbnail_256"];
    let json: Value = serde_json::from_str(&stdout(&lightloom(dir.path(), &args))).unwrap();
    assert_eq!(json["images"][0]["outputs"][0]["width"], 256);
    let output = lightloom(dir.path(), &["process", "photos", "--out", "out", "--preset", "magic"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("there are: web_1920"), "{}", stderr(&output));
}

/// An animation of three frames in one colour each.
fn animation(path: &std::path::Path) {
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
