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
        .env("XDG_STATE_HOME", folder.join("state"))
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
fn json_reports_each_image_and_the_totals() {
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
fn exit_codes_and_messages() {
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

    let text = stdout(&lightloom(dir.path(), &["filters", "resize"]));
    let percent = text.lines().find(|line| line.trim_start().starts_with("percent")).unwrap();
    assert!(percent.ends_with("; only with mode percent") && !text.contains("exposure"), "{text}");
    let one = stdout(&lightloom(dir.path(), &["filters", "text_watermark", "--json"]));
    let one: Value = serde_json::from_str(&one).unwrap();
    let params = one["filters"][0]["parameters"].as_array().unwrap();
    let colour = params.iter().find(|p| p["key"] == "outline_colour").unwrap();
    assert_eq!(colour["only"], serde_json::json!({ "key": "outline", "without": ["0"] }));
    let unknown = lightloom(dir.path(), &["filters", "sharpness"]);
    assert!(code(&unknown) != 0 && stderr(&unknown).contains("there is no filter 'sharpness'"), "{}", stderr(&unknown));
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
    // The samples themselves would take a minute and a half in an unoptimised program.
    for (place, count) in [("journey", 5), ("studies", 7)] {
        for i in 0..count {
            save(&dir.path().join(format!("small/{place}/{i}.jpg")), photo(150, 100, i));
        }
    }
    let output = lightloom(dir.path(), &["demo", "--repeats", "1", "--pictures", "small"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let out = stdout(&output);
    for word in ["12 done", "lightloom-demo", "Sequential", "Threads", "Cores", "Both", "images/s"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    let results = content(&dir.path().join("lightloom-demo"));
    assert_eq!(results.len(), 12, "the results and nothing else");
    assert!(results.iter().any(|(path, _)| path.starts_with("journey")), "the tree is kept");
}

#[test]
fn the_samples_of_the_demo_are_pictures_that_are_read_whole() {
    let dir = tempfile::tempdir().unwrap();
    lightloom::lab::unpack_samples(&dir.path().join("samples")).unwrap();
    let args = ["process", "samples", "--out", "out", "--json", "--filter", "invert"];
    let output = lightloom(dir.path(), &args);
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!((code(&output), &json["totals"]["done"], &json["totals"]["images"]), (0, &12.into(), &12.into()));
    assert!(json["totals"]["megapixels"].as_f64().unwrap() > 10.0, "{json}");
    assert!(dir.path().join("out/journey").is_dir(), "the tree is kept");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_and_a_name_that_is_not_unicode_are_reported() {
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
    let plain = ["process", "photos", "--explain", "--copy-unchanged"];
    let text = stdout(&lightloom(dir.path(), &plain));
    assert!(text.contains("copied: the source, byte for byte"), "{text}");
    let text = stdout(&lightloom(dir.path(), &[&plain[..], &filters[..]].concat()));
    assert!(text.contains("640 × 400") && !text.contains("copied:"), "{text}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is written");
}

#[test]
fn a_preset_is_a_recipe_by_name() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 1, 640, 400);
    let list = stdout(&lightloom(dir.path(), &["presets"]));
    assert!(list.lines().count() >= 12, "{list}");
    assert!(list.lines().any(|line| line.starts_with("thumbnail_256") && line.contains("256 pixels")), "{list}");
    let args = ["process", "photos", "--out", "out", "--json", "--preset", "thumbnail_256"];
    let json: Value = serde_json::from_str(&stdout(&lightloom(dir.path(), &args))).unwrap();
    assert_eq!(json["images"][0]["outputs"][0]["width"], 256);
    let output = lightloom(dir.path(), &["process", "photos", "--out", "out", "--preset", "magic"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("there are: web_1920"), "{}", stderr(&output));
}

#[test]
fn outputs_and_overrides_come_from_files_and_arguments() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 640, 480);
    let recipe = "version = 2\n[[filter]]\nid = 'saturation'\nfactor = 1.2\n\n[[output]]\nname = 'web'\n[[output.filter]]\nid = 'resize'\nwidth = 320\nheight = 320\n\n[[output]]\nname = 'thumb'\nsuffix = '-64'\nfolder = 'thumbs'\nexport = { format = 'webp', quality = 70 }\n[[output.filter]]\nid = 'resize'\nwidth = 64\nheight = 64\n";
    fs::write(dir.path().join("two.toml"), recipe).unwrap();
    let args = |extra: &[&str]| {
        let all = [
            "process",
            "photos",
            "--recipe",
            "two.toml",
            "--override",
            "photos/photo 01.jpg:rotate=right,exposure=0.5",
        ];
        lightloom(dir.path(), &[&all[..], extra].concat())
    };
    let plan = args(&["--explain"]);
    assert_eq!(code(&plan), 0, "{}", stderr(&plan));
    let words = stdout(&plan);
    assert!(words.contains("2 outputs") && words.contains("output 'thumb', 64 × 48"), "{words}");
    assert!(words.contains("output 'thumb', 48 × 64"), "the second is turned: {words}");
    let json: Value = serde_json::from_str(&stdout(&args(&["--explain", "--json"]))).unwrap();
    let first = json.as_object().unwrap().iter().find(|(file, _)| file.ends_with("photo 00.jpg")).unwrap().1;
    assert_eq!(first["outputs"][0]["name"], "web");

    let done = args(&["--out", "out", "--json"]);
    assert_eq!(code(&done), 0, "{}", stderr(&done));
    let json: Value = serde_json::from_str(&stdout(&done)).unwrap();
    let outputs = |i: usize| json["images"][i]["outputs"].as_array().unwrap();
    let of = |i: usize, o: usize| {
        let output = &outputs(i)[o];
        let path = output["path"].as_str().unwrap();
        let path = format!("out/{}", path.rsplit_once("out/").unwrap().1);
        (
            output["name"].as_str().unwrap().to_owned(),
            path,
            output["width"].as_u64().unwrap(),
            output["height"].as_u64().unwrap(),
        )
    };
    assert_eq!(of(0, 0), ("web".into(), "out/photo 00.jpg".into(), 320, 240));
    assert_eq!(of(0, 1), ("thumb".into(), "out/thumbs/photo 00-64.webp".into(), 64, 48));
    assert_eq!(of(1, 1), ("thumb".into(), "out/thumbs/photo 01-64.webp".into(), 48, 64));
    assert_eq!(json["totals"]["images"], 2);
    assert_eq!(content(&dir.path().join("out")).len(), 4);
    assert_eq!(content(&input).len(), 2);

    for (text, expected) in [
        ("photos/gone.jpg:exposure=1", "none of the pictures"),
        ("photos/photo 01.jpg:exposure=99", "-10 to 10"),
        ("photos/photo 01.jpg", "rotate, straighten, crop, exposure"),
    ] {
        let refused = lightloom(dir.path(), &["process", "photos", "--out", "o", "--override", text]);
        assert_eq!(code(&refused), 2, "{text}");
        assert!(stderr(&refused).contains(expected), "{text}: {}", stderr(&refused));
    }
    fs::write(dir.path().join("bad.toml"), recipe.replace("width = 64", "width = 70000")).unwrap();
    let refused = lightloom(dir.path(), &["process", "photos", "--out", "o", "--recipe", "bad.toml"]);
    assert_eq!(code(&refused), 2);
    let said = stderr(&refused);
    assert_eq!(said.matches("line 20").count(), 1, "said once: {said}");
    assert!(
        said.contains("bad.toml: line 20: output 2: filter 1: resize: width = 70000") && said.contains("width must be"),
        "{said}"
    );
    assert!(!dir.path().join("o").exists());
}

#[test]
fn own_presets_are_kept_shared_and_used() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 1, 64, 48);
    let on = |machine: &str, args: &[&str]| {
        let home = dir.path().join(machine);
        let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
        command.args(args).current_dir(dir.path()).env("HOME", &home);
        command.env("XDG_CONFIG_HOME", home.join("config")).env("XDG_DATA_HOME", home.join("data"));
        command.output().unwrap()
    };
    let well = |output: Output| {
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stdout(&output)
    };
    fs::write(dir.path().join("look.cube"), "LUT_1D_SIZE 2\n1 1 1\n0 0 0\n").unwrap();
    well(on("a", &["presets", "save", "Negative", "--filter", "lut3d:file=look.cube", "--format", "png"]));
    assert!(well(on("a", &["presets"])).contains("Negative"));
    assert!(!well(on("b", &["presets"])).contains("Negative"));
    let taken = on("a", &["presets", "save", "negative", "--filter", "invert"]);
    assert_eq!(code(&taken), 2);
    assert!(stderr(&taken).contains("already"), "{}", stderr(&taken));
    well(on("a", &["presets", "rename", "Negative", "Film"]));
    well(on("a", &["presets", "share", "Film", "film.toml"]));
    fs::remove_file(dir.path().join("look.cube")).unwrap();
    assert_eq!(well(on("b", &["presets", "import", "film.toml"])).trim(), "film");
    well(on("a", &["process", "photos", "--preset", "Film", "--out", "one"]));
    well(on("b", &["process", "photos", "--preset", "film", "--out", "two"]));
    well(on("c", &["process", "photos", "--recipe", "film.toml", "--out", "three"]));
    let one = content(&dir.path().join("one"));
    assert_eq!(one.len(), 1);
    assert!(one == content(&dir.path().join("two")) && one == content(&dir.path().join("three")));
    well(on("b", &["presets", "delete", "film"]));
    let gone = on("b", &["process", "photos", "--preset", "film", "--out", "four"]);
    assert_eq!(code(&gone), 2);
    assert!(stderr(&gone).contains("there is no preset 'film'; there are: web_1920"), "{}", stderr(&gone));
    let over = on("a", &["presets", "share", "Film", "film.toml"]);
    assert!(stderr(&over).contains("cannot be written"), "a file that is there is not replaced");
}
