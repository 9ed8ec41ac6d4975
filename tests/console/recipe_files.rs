//! Files that a recipe names, and recipes themselves: whatever lies there, it is read within bounds or refused at once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::runs::{folder, photo, save};
use super::{code, ended, lightloom, results, text};

/// What is no file that could be meant, and how that is said.
fn useless(dir: &Path) -> Vec<(PathBuf, &'static str)> {
    let pipe = dir.join("pipe.cube");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    let huge = dir.join("huge.cube");
    File::create(&huge).unwrap().set_len(10 << 30).unwrap();
    vec![
        ("/dev/zero".into(), "no regular file"),
        (pipe, "no regular file"),
        (dir.to_path_buf(), "it is a folder"),
        (huge, "it is larger than"),
        (dir.join("gone.cube"), "no such file"),
    ]
}

#[test]
fn endless_files_are_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 1, 32, 24);
    for (path, reason) in useless(dir.path()) {
        let path = path.to_str().unwrap();
        let process = |args: &[&str]| {
            [&["process", "photos", "--out", "out"], args].concat().iter().map(|a| (*a).to_owned()).collect::<Vec<_>>()
        };
        let filter = |text: &str| process(&["--filter", &format!("{text}={path}")]);
        let output = format!(
            "version = 3\n[[output]]\nname = 'a'\n[output.export.colour]\nspace = 'file'\nprofile = '{path}'\n"
        );
        let recipe = dir.path().join("profile.toml");
        fs::write(&recipe, output).unwrap();
        for args in [
            filter("lut3d:file"),
            filter("image_watermark:file"),
            filter("text_watermark:text=x,font"),
            process(&["--recipe", path]),
            process(&["--recipe", recipe.to_str().unwrap()]),
            vec!["presets".into(), "import".into(), path.to_owned()],
            vec!["presets".into(), "save".into(), "mine".into(), "--filter".into(), format!("lut3d:file={path}")],
        ] {
            let mut command = lightloom(dir.path());
            command.args(&args);
            let output = ended(command);
            let said = text(&output.stderr);
            assert_eq!(code(&output), 2, "{args:?}: {said}");
            assert!(said.contains(reason) && said.contains(path), "{args:?}: {said}");
        }
    }
    assert!(!dir.path().join("out").exists());
}

#[test]
fn an_output_has_a_profile_of_its_own() {
    use lightloom::picture::colour::{Profile, Space};
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 1, 32, 24);
    fs::write(dir.path().join("p3.icc"), Profile::named(Space::DisplayP3).bytes()).unwrap();
    let recipe = "version = 3\n[[output]]\nname = 'a'\n[[output]]\nname = 'b'\nsuffix = '-b'\n[output.export.colour]\nspace = 'file'\nprofile = 'p3.icc'\n";
    fs::write(dir.path().join("two.toml"), recipe).unwrap();
    let mut command = lightloom(dir.path());
    command.args(["process", "photos", "--recipe", "two.toml", "--out", "out"]);
    let output = ended(command);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert_eq!(results(&dir.path().join("out")), 2);
}

#[test]
fn an_imported_recipe_takes_in_no_file_of_this_machine() {
    let dir = tempfile::tempdir().unwrap();
    save(&dir.path().join("private.png"), photo(32, 24, 1));
    let picture = dir.path().join("private.png");
    let shared = dir.path().join("shared.toml");
    let run = |args: &[&str]| {
        let mut command = lightloom(dir.path());
        command.args(args);
        ended(command)
    };
    for named in [picture.to_str().unwrap(), "private.png", "./../private.png"] {
        fs::write(&shared, format!("version = 3\n[[filter]]\nid = 'image_watermark'\nfile = '{named}'\n")).unwrap();
        let refused = run(&["presets", "import", "shared.toml"]);
        let said = text(&refused.stderr);
        assert_eq!(code(&refused), 2, "{said}");
        assert!(said.contains("names files that it does not contain") && said.contains(named), "{said}");
    }
    assert!(!text(&run(&["presets"]).stdout).contains("shared"));
    // Whoever wants their own file in a preset says so, and is told.
    let saved = run(&["presets", "save", "mine", "--filter", "image_watermark:file=private.png"]);
    assert_eq!(code(&saved), 0, "{}", text(&saved.stderr));
    assert!(text(&saved.stderr).contains("contains a copy of private.png"));
    assert_eq!(code(&run(&["presets", "share", "mine", "mine.toml"])), 0);
    // A preset that was put there by hand is not shared with what it names.
    fs::copy(&shared, dir.path().join("home/.config/lightloom/presets/foreign.toml")).unwrap();
    let refused = run(&["presets", "share", "foreign", "foreign-shared.toml"]);
    assert_eq!(code(&refused), 2);
    assert!(text(&refused.stderr).contains("which it does not contain"), "{}", text(&refused.stderr));
    assert!(!dir.path().join("foreign-shared.toml").exists());
}
