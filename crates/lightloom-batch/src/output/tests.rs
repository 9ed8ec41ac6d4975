//! Publishing under each policy.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::Source;

/// A run that writes into one folder.
struct Scene {
    dir: tempfile::TempDir,
    outputs: Outputs,
}

impl Scene {
    /// With these originals, relative to the folder.
    fn new(conflict: Conflict, originals: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in originals {
            fs::write(dir.path().join(name), format!("original {name}")).unwrap();
        }
        let sources: Vec<Source> = originals.iter().map(|name| dir.path().join(name).into()).collect();
        let outputs =
            Outputs { originals: Some(Originals::of(sources.iter())), ..Outputs::begin(&[], conflict.into()) };
        Self { dir, outputs }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn put(&self, name: &str, content: &str) -> &Self {
        fs::write(self.path(name), content).unwrap();
        self
    }

    fn content(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn publish_as(&self, stem: &str, content: &str, adopt: bool) -> (Result<Published, WriteError>, Vec<String>) {
        let root = self.dir.path().into();
        let target = Target { root, suffix: "-x".to_owned(), ..Target::new(self.dir.path(), stem) };
        let mut notes = Vec::new();
        let mut intents = Vec::new();
        let prepared = prepare(&self.outputs, &target, content.as_bytes()).unwrap();
        prepared.sync().unwrap();
        let mut before = |path: &Path| intents.push(path.to_path_buf());
        let mut how = Publishing { adopt, before: &mut before, notes: &mut notes };
        let published = prepared.publish(&target, "jpg".as_ref(), None, &mut how);
        match &published {
            Ok(Published::Replaced(path)) => assert_eq!(intents.last(), Some(path)),
            Ok(Published::Written(path)) => {
                assert!(intents.last() == Some(path) || adopt && intents.is_empty(), "{intents:?}");
            }
            _ => assert!(intents.is_empty(), "{intents:?}"),
        }
        let temporaries = fs::read_dir(self.dir.path()).unwrap().map(|e| e.unwrap().file_name());
        assert!(!temporaries.into_iter().any(|name| name.to_str().unwrap().ends_with(".tmp")), "none stays");
        (published, notes)
    }

    fn publish(&self, stem: &str, content: &str) -> Published {
        self.publish_as(stem, content, false).0.unwrap()
    }
}

#[test]
fn unique_never_replaces() {
    let scene = Scene::new(Conflict::Unique, &[]);
    assert_eq!(scene.publish("a", "one"), Published::Written(scene.path("a-x.jpg")));
    assert_eq!(scene.publish("a", "two"), Published::Written(scene.path("a-2-x.jpg")));
    fs::create_dir(scene.path("b-x.jpg")).unwrap();
    assert_eq!(scene.publish("b", "three"), Published::Written(scene.path("b-2-x.jpg")));
    assert_eq!((scene.content("a-x.jpg"), scene.content("a-2-x.jpg")), ("one".into(), "two".into()));
}

#[test]
fn skip_keeps_what_is_there() {
    let scene = Scene::new(Conflict::Skip, &[]);
    scene.put("a-x.jpg", "old");
    assert!(matches!(scene.publish("a", "new"), Published::Kept { path, .. } if path == scene.path("a-x.jpg")));
    assert_eq!(scene.content("a-x.jpg"), "old");
    assert_eq!(scene.publish("b", "new"), Published::Written(scene.path("b-x.jpg")));
    // What this run wrote is no reason to lose another of its results.
    assert_eq!(scene.publish("b", "newer"), Published::Written(scene.path("b-2-x.jpg")));
}

#[test]
fn overwrite_replaces_once() {
    let scene = Scene::new(Conflict::Overwrite, &[]);
    scene.put("a-x.jpg", "old");
    assert_eq!(scene.publish("a", "new"), Published::Replaced(scene.path("a-x.jpg")));
    assert_eq!(scene.publish("a", "other"), Published::Written(scene.path("a-2-x.jpg")));
    assert_eq!((scene.content("a-x.jpg"), scene.content("a-2-x.jpg")), ("new".into(), "other".into()));
    fs::create_dir(scene.path("b-x.jpg")).unwrap();
    let error = scene.publish_as("b", "new", false).0.unwrap_err();
    assert!(matches!(error, WriteError::NotAFile(_)), "{error}");
}

#[test]
fn the_same_content_stays_untouched() {
    let scene = Scene::new(Conflict::OverwriteIfChanged, &[]);
    scene.put("a-x.jpg", "same").put("b-x.jpg", "eman");
    let before = fs::metadata(scene.path("a-x.jpg")).unwrap().modified().unwrap();
    assert!(matches!(scene.publish("a", "same"), Published::Kept { .. }));
    assert_eq!(fs::metadata(scene.path("a-x.jpg")).unwrap().modified().unwrap(), before);
    assert_eq!(scene.publish("b", "same"), Published::Replaced(scene.path("b-x.jpg")));
}

#[test]
fn the_smaller_file_stays() {
    let scene = Scene::new(Conflict::OnlyIfSmaller, &[]);
    scene.put("a-x.jpg", "1234").put("b-x.jpg", "1234");
    let Published::Kept { why, .. } = scene.publish("a", "abcd") else { panic!("as large") };
    assert!(why.contains("4 bytes, and the result 4"), "{why}");
    assert_eq!(scene.publish("b", "abc"), Published::Replaced(scene.path("b-x.jpg")));
}

#[test]
fn no_policy_replaces_an_original() {
    for conflict in Conflict::ALL {
        let scene = Scene::new(conflict, &["a-x.jpg", "raw"]);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("raw", scene.path("soft-x.jpg")).unwrap();
            fs::hard_link(scene.path("raw"), scene.path("hard-x.jpg")).unwrap();
        }
        for stem in ["a", "soft", "hard"] {
            if !scene.path(&format!("{stem}-x.jpg")).exists() {
                continue;
            }
            for adopt in [false, true] {
                let (result, _) = scene.publish_as(stem, "new", adopt);
                match conflict {
                    Conflict::Unique => assert!(matches!(result, Ok(Published::Written(_)))),
                    Conflict::Skip => assert!(matches!(result, Ok(Published::Kept { .. }))),
                    _ => assert!(matches!(result, Err(WriteError::Original(_))), "{conflict:?} {stem}: {result:?}"),
                }
            }
        }
        assert_eq!(scene.content("a-x.jpg"), "original a-x.jpg");
        assert_eq!(scene.content("raw"), "original raw");
    }
}

#[test]
fn the_same_bytes_are_adopted() {
    for conflict in Conflict::ALL {
        let scene = Scene::new(conflict, &["original-x.jpg"]);
        scene.put("a-x.jpg", "same");
        let (adopted, _) = scene.publish_as("a", "same", true);
        assert_eq!(adopted.unwrap(), Published::Written(scene.path("a-x.jpg")), "{conflict:?}");
        let (again, _) = scene.publish_as("a", "same", true);
        assert_eq!(again.unwrap(), Published::Written(scene.path("a-2-x.jpg")), "a file is one result only");
        let (original, _) = scene.publish_as("original", "original original-x.jpg", true);
        assert_ne!(original.ok(), Some(Published::Written(scene.path("original-x.jpg"))), "{conflict:?}");
    }
}

#[test]
fn names_that_are_too_long_are_shortened() {
    let scene = Scene::new(Conflict::Unique, &[]);
    let stem = "n".repeat(251);
    for number in 1..=2 {
        let (published, notes) = scene.publish_as(&stem, "x", false);
        let name = published.unwrap().path().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.len() <= 255 && name.ends_with(if number == 1 { "n-x.jpg" } else { "n-2-x.jpg" }), "{name}");
        assert!(notes.len() == 1 && notes[0].contains("shortened"), "{notes:?}");
    }
}

#[cfg(unix)]
#[test]
fn results_have_the_permissions_of_new_files() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new(Conflict::Unique, &[]);
    let mode = |name: &str| fs::metadata(scene.path(name)).unwrap().permissions().mode();
    scene.put("by-hand", "x");
    scene.publish("a", "x");
    assert_eq!(mode("a-x.jpg"), mode("by-hand"));
}

#[test]
fn failures_leave_nothing_behind_and_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), b"x").unwrap();
    let outputs = Outputs::begin(&[], Conflict::Unique.into());
    let folder = dir.path().join("file");
    let target = Target::new(folder, "a");
    let error = prepare(&outputs, &target, b"x").err().unwrap();
    assert!(error.advice().contains("choose another output folder"), "{error:?}");
    let root = dir.path().into();
    let target = Target { root, suffix: "n".repeat(300), ..Target::new(dir.path(), "a") };
    let prepared = prepare(&outputs, &target, b"x").unwrap();
    let mut how = Publishing { adopt: false, before: &mut |_| {}, notes: &mut Vec::new() };
    let error = prepared.publish(&target, "jpg".as_ref(), None, &mut how).unwrap_err();
    assert!(error.advice().contains("shorter suffix"), "{error:?}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_longer_there_is_missing() {
    let scene = Scene::new(Conflict::Unique, &[]);
    let [a, b] = ["a", "b"].map(|stem| scene.publish(stem, "x").path().to_path_buf());
    let missing = || scene.outputs.missing([a.as_path(), b.as_path()].into_iter()).len();
    assert_eq!(missing(), 0);
    fs::remove_file(&a).unwrap();
    assert_eq!(missing(), 1);
    let moved = scene.dir.path().with_extension("moved");
    fs::rename(scene.dir.path(), &moved).unwrap();
    fs::create_dir(scene.dir.path()).unwrap();
    fs::copy(moved.join("b-x.jpg"), &b).unwrap();
    assert_eq!(missing(), 2, "another folder with the same names");
    fs::remove_dir_all(moved).unwrap();
}
