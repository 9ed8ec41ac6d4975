//! Own presets and shared recipes: what one machine saves, another one has, files and all.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../../tests/common/runs.rs"]
mod runs;

use std::fs;
use std::path::{Path, PathBuf};

use lightloom_batch::{Library, LibraryError, Settings, load_files};
use lightloom_recipe::{Output, Recipe, Step};
use runs::{batch, content, folder, photo, recipe, run, save};

const WARM: &str = "LUT_3D_SIZE 2\n0 0 0\n1 0 0\n0 1 0\n1 1 0\n0.1 0 0.8\n1 0 0.8\n0.1 1 0.8\n1 1 0.8\n";

struct Machine {
    dir: tempfile::TempDir,
    library: Library,
}

impl Machine {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let library = Library::at(&dir.path().join("config"), &dir.path().join("data"));
        Self { dir, library }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

fn with_file(id: &str, key: &str, path: &Path) -> Step {
    let mut step = Step::new(id).unwrap();
    step.params.set_text(key, path.to_str().unwrap()).unwrap();
    step
}

/// A recipe with two look-up tables of one name, a watermark and a font; one of the tables belongs to an output.
fn rich(machine: &Machine) -> Recipe {
    let (first, second) = (machine.path("a/look.cube"), machine.path("b/look.cube"));
    for (path, text) in [(&first, WARM.to_owned()), (&second, WARM.replace("0.8", "0.3"))] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let logo = machine.path("logo.png");
    save(&logo, photo(40, 20, 3));
    let font = machine.path("My font.ttf");
    let bundled =
        fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts")).unwrap().flatten().map(|e| e.path());
    fs::copy(bundled.into_iter().find(|p| p.extension().is_some_and(|e| e == "ttf" || e == "otf")).unwrap(), &font)
        .unwrap();
    let mut whole = recipe(&["exposure:stops=0.2"], "png");
    whole.filters.push(with_file("lut3d", "file", &first));
    whole.filters.push(with_file("image_watermark", "file", &logo));
    whole.filters.push(with_file("text_watermark", "font", &font));
    let plain = Output { export: whole.export.clone(), ..Output::named("plain") };
    let mut cold = Output { export: whole.export.clone(), ..Output::named("cold") };
    cold.filters.push(with_file("lut3d", "file", &second));
    whole.outputs = vec![plain, cold];
    whole
}

#[test]
fn a_preset_moves_to_another_machine_with_all_its_files() {
    let (here, there) = (Machine::new(), Machine::new());
    let original = rich(&here);
    here.library.save("Warm look", &original, false).unwrap();
    let shared = there.path("Warm look.toml");
    fs::copy(here.library.file("warm LOOK").unwrap(), &shared).unwrap();
    let photos = folder(here.dir.path(), 1, 200, 120);
    let out = |name: &str, recipe: &Recipe| {
        let out = here.path(name);
        let report = run(batch(&photos, &out, recipe, Settings::default()));
        assert_eq!(report.totals.done, 1, "{report:?}");
        content(&out)
    };
    let expected = out("original", &original);
    for gone in ["a", "b", "logo.png", "My font.ttf", "config", "data"] {
        let path = here.path(gone);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { drop(fs::remove_file(path)) }
    }

    assert_eq!(there.library.import(&shared).unwrap(), "Warm look");
    fs::remove_file(shared).unwrap();
    assert_eq!(there.library.names(), ["Warm look"]);
    let mut loaded = there.library.load("Warm look").unwrap();
    load_files(&mut loaded);
    assert_eq!(loaded.unusable_file(), None);
    assert!(out("loaded", &loaded) == expected, "the same pictures come out");
    let text = loaded.to_toml();
    assert!(!text.contains(here.dir.path().to_str().unwrap()), "{text}");
    assert_eq!(text.matches("/look.cube").count(), 2, "files of one name stay apart: {text}");
}

#[test]
fn presets_are_listed_renamed_replaced_and_deleted() {
    let machine = Machine::new();
    let library = &machine.library;
    assert!(library.names().is_empty());
    for name in ["zebra", "Äpfel", "B & W"] {
        library.save(name, &recipe(&["invert"], "png"), false).unwrap();
    }
    assert_eq!(library.names(), ["B & W", "zebra", "Äpfel"]);
    let gamma = recipe(&["gamma:gamma=1.5"], "jpeg");
    assert_eq!(library.save("ZEBRA", &gamma, false), Err(LibraryError::Taken("ZEBRA".into())));
    library.save("ZEBRA", &gamma, true).unwrap();
    assert_eq!(library.load("zebra").unwrap(), gamma);
    assert_eq!(library.names().len(), 3, "names that differ only in case are one preset");
    assert_eq!(library.rename("zebra", "b & w"), Err(LibraryError::Taken("b & w".into())));
    library.rename("zebra", "Zebra crossing").unwrap();
    assert_eq!(library.load("Zebra crossing").unwrap(), gamma);
    library.delete("Äpfel").unwrap();
    assert_eq!(library.delete("Äpfel"), Err(LibraryError::Missing("Äpfel".into())));
    assert_eq!(library.names(), ["B & W", "Zebra crossing"]);
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let machine = Machine::new();
    let library = &machine.library;
    library.save("good", &Recipe::default(), false).unwrap();
    let long = "n".repeat(61);
    for name in
        ["", "  ", "../evil", "a/b", "a\\b", ".hidden", "dot.", "C:x", "new\nline", "turned\u{202e}", "..", &long]
    {
        assert!(matches!(library.save(name, &Recipe::default(), true), Err(LibraryError::Name { .. })), "{name:?}");
        assert!(matches!(library.rename("good", name), Err(LibraryError::Name { .. })), "{name:?}");
        assert!(matches!(library.load(name), Err(LibraryError::Missing(_))), "{name:?}");
        assert!(library.delete(name).is_err(), "{name:?}");
    }
    assert_eq!(library.names(), ["good"]);
    assert_eq!(content(&machine.path("")).len(), 1);
}

#[test]
fn what_is_broken_is_refused_and_nothing_is_unpacked() {
    let machine = Machine::new();
    let mut broken = Recipe::default();
    let path = machine.path("broken.cube");
    fs::write(&path, "LUT_3D_SIZE 2\n0 0 0\n").unwrap();
    broken.filters.push(with_file("lut3d", "file", &path));
    let error = machine.library.save("x", &broken, false).unwrap_err().to_string();
    assert!(error.contains("broken.cube cannot be taken along"), "{error}");
    fs::remove_file(&path).unwrap();
    let error = machine.library.save("x", &broken, false).unwrap_err().to_string();
    assert!(error.contains("broken.cube"), "{error}");

    let good = Machine::new();
    good.library.save("look", &rich(&good), false).unwrap();
    let text = fs::read_to_string(good.library.file("look").unwrap()).unwrap();
    let hurt = machine.path("hurt.toml");
    let at = text.rfind("data = '''").unwrap() + 20;
    let mut bytes = text.clone().into_bytes();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    fs::write(&hurt, bytes).unwrap();
    let error = machine.library.open(&hurt).unwrap_err().to_string();
    assert!(error.contains("hurt.toml: line ") && error.contains("is damaged"), "{error}");
    let evil = machine.path("evil.toml");
    fs::write(&evil, text.replace("look.cube", "../../../../look.cube")).unwrap();
    assert!(machine.library.open(&evil).unwrap_err().to_string().contains("no plain file name"));
    assert!(!machine.path("data").exists(), "nothing is unpacked");
    // What was unpacked and then changed by somebody is put right again.
    let shared = good.library.file("look").unwrap();
    let mut before = machine.library.open(&shared).unwrap();
    let unpacked = content(&machine.path("data"));
    assert_eq!(unpacked.len(), 4);
    fs::write(machine.path("data").join(&unpacked[0].0), "changed").unwrap();
    assert_eq!(machine.library.open(&shared).unwrap(), before);
    load_files(&mut before);
    assert_eq!(before.unusable_file(), None);
    assert_eq!(content(&machine.path("data")), unpacked);
}
