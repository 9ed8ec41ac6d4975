//! Names of files that would forge lines, command a terminal or turn the writing around, wherever names are shown.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;
use std::process::Output;

use lightloom_param::{is_active, shown};

use super::runs::{photo, save};
use super::{code, ended, lightloom, text};

/// A forged line of the report, escape sequences in one byte and in two, an override, an isolate, and no Unicode.
fn hostile() -> Vec<OsString> {
    let names =
        ["a\nfailed (read): forged", "b\u{1b}[2J\u{1b}]0;title\u{7}", "c\u{9b}31m", "d\u{202e}gpj", "e\u{2066}f\r"];
    names.map(OsString::from).into_iter().chain([OsStr::from_bytes(b"g\xff\xfe").to_owned()]).collect()
}

fn with_extension(name: &OsStr, extension: &str) -> OsString {
    OsString::from_vec([name.as_bytes(), b".", extension.as_bytes()].concat())
}

/// Asserts that nothing in the output acts, and that no line begins with a forgery. Returns its lines.
fn lines(stream: &[u8]) -> Vec<String> {
    let said = text(stream);
    assert!(!said.chars().any(|c| is_active(c) && c != '\n'), "{said:?}");
    assert!(!said.lines().any(|line| line.starts_with("failed (read): forged")), "{said}");
    said.lines().map(str::to_owned).collect()
}

fn process(dir: &Path, args: &[&str]) -> Output {
    let mut command = lightloom(dir);
    command.args(["process", "in"]).args(args);
    ended(command)
}

#[test]
fn every_line_of_a_run_is_ours() {
    let dir = tempfile::tempdir().unwrap();
    let names = hostile();
    for name in &names {
        let folder = dir.path().join("in").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(with_extension(name, "jpg")), "no picture").unwrap();
        // A file whose name says something else is processed with a note.
        save(&dir.path().join("good.png"), photo(16, 12, 1));
        fs::rename(dir.path().join("good.png"), folder.join(with_extension(name, "gif"))).unwrap();
        fs::write(folder.join(with_extension(OsStr::new("left"), "out")), "x").unwrap();
    }
    let output = process(dir.path(), &["--out", "out"]);
    assert_eq!(code(&output), 1);
    let said = lines(&output.stderr);
    for (word, count) in [("failed (", names.len()), ("note: ", names.len() + 1)] {
        assert_eq!(said.iter().filter(|line| line.starts_with(word)).count(), count, "{word}: {said:#?}");
    }
    for name in &names {
        assert!(said.iter().any(|line| line.contains(&*shown(name))), "{name:?}: {said:#?}");
    }
    lines(&output.stdout);

    let plans = process(dir.path(), &["--explain"]);
    let plans = [lines(&plans.stdout), lines(&plans.stderr)].concat();
    for name in &names {
        assert!(plans.iter().any(|line| line.contains(&*shown(name))), "{name:?}: {plans:#?}");
    }
    let json = process(dir.path(), &["--explain", "--json"]);
    lines(&json.stdout);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json.as_object().unwrap().len(), names.len(), "each under a key of its own");
}

#[test]
fn json_carries_names_exactly() {
    let dir = tempfile::tempdir().unwrap();
    let names = hostile();
    for name in &names {
        fs::create_dir_all(dir.path().join("in")).unwrap();
        save(&dir.path().join("good.png"), photo(16, 12, 1));
        fs::rename(dir.path().join("good.png"), dir.path().join("in").join(with_extension(name, "png"))).unwrap();
    }
    let output = process(dir.path(), &["--out", "out", "--json"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    lines(&output.stdout);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let images = json["images"].as_array().unwrap();
    assert_eq!(images.len(), names.len());
    for name in &names {
        let file = with_extension(name, "png");
        let ends = |value: &serde_json::Value, name: &str| value.as_str().is_some_and(|found| found.ends_with(name));
        match file.to_str() {
            Some(file) => {
                let found = images.iter().find(|image| ends(&image["source"], file)).unwrap();
                assert_eq!(found.get("source_escaped"), None, "only where it is needed");
                assert!(fs::exists(dir.path().join(found["outputs"][0]["path"].as_str().unwrap())).unwrap());
            }
            None => {
                let found = images.iter().find(|image| ends(&image["source_escaped"], &shown(&file))).unwrap();
                assert!(ends(&found["outputs"][0]["path_escaped"], &shown(&file)), "{found}");
            }
        }
    }
}

#[test]
fn presets_and_recipes_have_hostile_names_too() {
    let dir = tempfile::tempdir().unwrap();
    let presets = dir.path().join("home/.config/lightloom/presets");
    fs::create_dir_all(&presets).unwrap();
    fs::create_dir_all(dir.path().join("in")).unwrap();
    for name in hostile() {
        let file = with_extension(&name, "toml");
        fs::write(presets.join(&file), "version = 3\n").unwrap();
        for args in [
            vec!["presets".into(), "import".into(), dir.path().join(&file).into_os_string()],
            vec!["presets".into(), "delete".into(), name.clone()],
            vec!["presets".into(), "share".into(), "web_1920".into(), dir.path().join("gone").join(&file).into()],
            vec!["process".into(), dir.path().join(&file).into(), "--out".into(), "out".into()],
            vec!["process".into(), "in".into(), "--out".into(), "out".into(), "--recipe".into(), file.clone()],
            vec!["process".into(), "in".into(), "--out".into(), "out".into(), "--preset".into(), name.clone()],
            vec!["process".into(), "in".into(), "--out".into(), "out".into(), "--filter".into(), name.clone()],
            vec!["process".into(), "in".into(), "--out".into(), "out".into(), "--format".into(), name.clone()],
            vec!["process".into(), OsString::from_vec([b"-", name.as_bytes()].concat())],
            vec!["lab".into(), "--saved".into(), name.clone()],
        ] {
            let mut command = lightloom(dir.path());
            command.args(&args);
            let output = ended(command);
            assert_eq!(code(&output), 2, "{args:?}");
            // The parser of the arguments complains itself where one must be Unicode.
            assert!(!lines(&output.stderr).is_empty(), "{args:?}");
        }
    }
    let mut list = lightloom(dir.path());
    list.arg("presets");
    lines(&ended(list).stdout);
}
