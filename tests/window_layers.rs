//! The layers of the window: what each may know, and that no long circles of imports come back.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Files that may import each other in a circle, at most.
const MAX_CIRCLE: usize = 3;

/// The parts of the window, each with the other parts that it may know.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("pasted_paths", &[]),
    ("options", &[]),
    ("model", &["text"]),
    ("theme", &["model"]),
    ("tasks", &["model", "text"]),
    ("widgets", &["model", "text", "theme"]),
    ("menus", &["model", "text", "theme", "widgets"]),
    ("input", &["model", "pasted_paths"]),
    ("panels", &["input", "menus", "model", "pasted_paths", "tasks", "text", "theme", "widgets"]),
    ("dialogs", &["model", "panels", "pasted_paths", "text", "theme", "widgets"]),
    ("dispatch", &["model", "tasks", "text", "theme"]),
    ("app", &["dialogs", "dispatch", "input", "model", "options", "panels", "tasks", "theme"]),
    ("launch", &["app", "options", "tasks"]),
];

/// A module by its path below `crate::gui`.
type Module = Vec<String>;

/// The files of the window by module, each with its code: without comments, texts and unit tests.
fn files() -> BTreeMap<Module, String> {
    fn collect(folder: &Path, module: &[String], files: &mut BTreeMap<Module, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let below = [module, std::slice::from_ref(&name)].concat();
            if path.is_dir() {
                collect(&path, &below, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let module = if name == "mod" { module.to_vec() } else { below };
                files.insert(module, code(text.split("#[cfg(test)]\nmod tests").next().unwrap()));
            }
        }
    }
    let mut files = BTreeMap::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gui"), &[], &mut files);
    files
}

/// Source without comments and the contents of string literals.
fn code(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                chars.by_ref().find(|c| *c == '\n');
                out.push('\n');
            }
            // The literals '"' and '\"' are characters, not the beginning of a text.
            '"' if !out.ends_with('\'') && !out.ends_with("'\\") => {
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            _ => out.push(c),
        }
    }
    out
}

/// All paths that begin at `text`, which may be a tree such as `a::{b, c::d}`.
fn expand(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix('{') {
        let (mut depth, mut begin, mut paths) = (0, 0, Vec::new());
        for (at, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    paths.extend(expand(&inner[begin..at]));
                    begin = at + 1;
                    if c == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
        return paths;
    }
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if name.is_empty() {
        return Vec::new();
    }
    match text[name.len()..].strip_prefix("::") {
        Some(rest) => {
            let below = expand(rest);
            let below = if below.is_empty() { vec![Vec::new()] } else { below };
            below.into_iter().map(|path| [vec![name.clone()], path].concat()).collect()
        }
        None => vec![vec![name]],
    }
}

/// The path that `path`, written in `module`, has below `crate::gui`; `None` if it leads elsewhere.
fn absolute(module: &Module, children: &[String], path: &[String]) -> Option<Module> {
    match path.first()?.as_str() {
        "crate" => (path.get(1)? == "gui").then(|| path[2..].to_vec()),
        "self" => Some([module.as_slice(), &path[1..]].concat()),
        "super" => {
            let ups = path.iter().take_while(|segment| *segment == "super").count();
            let base = module.len().checked_sub(ups)?;
            Some([&module[..base], &path[ups..]].concat())
        }
        first => children.iter().any(|child| child == first).then(|| [module.as_slice(), path].concat()),
    }
}

/// Which module uses which.
fn uses(files: &BTreeMap<Module, String>) -> BTreeMap<&Module, BTreeSet<&Module>> {
    let used_by = |(module, code): (&Module, &String)| -> BTreeSet<Module> {
        let children: Vec<String> = files
            .keys()
            .filter(|m| m.len() == module.len() + 1 && m.starts_with(module))
            .map(|m| m[module.len()].clone())
            .collect();
        let begins = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let paths = code.match_indices("::").filter_map(|(at, _)| {
            let before = &code[..at];
            let name = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
            begins(at - name.len()).then(|| expand(&code[at - name.len()..]))
        });
        paths.flatten().filter_map(|path| absolute(module, &children, &path)).collect()
    };
    let resolve = |path: &Module| (0..=path.len()).rev().find_map(|n| files.get_key_value(&path[..n]).map(|(m, _)| m));
    files
        .iter()
        .map(|entry| {
            let used = used_by(entry);
            (entry.0, used.iter().filter_map(resolve).filter(|m| *m != entry.0).collect())
        })
        .collect()
}

/// All modules that can be reached from `start`.
fn reachable<'a>(start: &'a Module, uses: &BTreeMap<&'a Module, BTreeSet<&'a Module>>) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(module) = open.pop() {
        for next in &uses[module] {
            if reached.insert(*next) {
                open.push(next);
            }
        }
    }
    reached
}

fn name(module: &Module) -> String {
    if module.is_empty() { "mod".to_owned() } else { module.join("/") }
}

#[test]
fn no_long_circle_of_imports() {
    let files = files();
    let uses = uses(&files);
    let count: usize = uses.values().map(BTreeSet::len).sum();
    assert!(count > 200, "the scan found only {count} uses: it no longer sees them");
    let reached: BTreeMap<_, _> = uses.keys().map(|module| (*module, reachable(module, &uses))).collect();
    for module in uses.keys() {
        let circle: Vec<String> =
            reached[module].iter().filter(|other| reached[*other].contains(module)).map(|m| name(m)).collect();
        assert!(
            circle.len() <= MAX_CIRCLE,
            "{} files import each other in a circle: {}",
            circle.len(),
            circle.join(", ")
        );
    }
}

#[test]
fn each_part_knows_only_what_it_may() {
    let files = files();
    for (module, used) in uses(&files) {
        let Some(part) = module.first() else { continue };
        let (_, known) = MAY_KNOW.iter().find(|(p, _)| p == part).unwrap_or_else(|| panic!("{part} has no row"));
        for other in used {
            let Some(other_part) = other.first() else { panic!("{} uses the facade of the window", name(module)) };
            let may = part == other_part || known.contains(&other_part.as_str());
            assert!(may, "{} must not know {}", name(module), name(other));
        }
    }
    let parts: BTreeSet<&str> = files.keys().filter_map(|module| module.first()).map(String::as_str).collect();
    let rows: BTreeSet<&str> = MAY_KNOW.iter().map(|(part, _)| *part).collect();
    assert_eq!(parts, rows);
}

#[test]
fn the_model_draws_nothing() {
    let files = files();
    let model: Vec<_> = files.iter().filter(|(module, _)| module.first().is_some_and(|part| part == "model")).collect();
    assert!(model.len() > 10, "the model has only {} files", model.len());
    for (module, code) in model {
        let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        for word in words {
            let draws = ["Ui", "Painter", "Context", "Response", "TextureHandle", "Shape", "Color32"].contains(&word);
            assert!(!draws, "{} must not draw, and names {word}", name(module));
        }
    }
}

#[test]
fn the_scan_understands_paths() {
    let paths = |text: &str| expand(text).iter().map(|path| path.join("::")).collect::<Vec<_>>();
    assert_eq!(paths("crate::gui::{a, b::{C, d::E}};"), ["crate::gui::a", "crate::gui::b::C", "crate::gui::b::d::E"]);
    assert_eq!(paths("super::super::x(y)"), ["super::super::x"]);
    assert_eq!(code("a // b::c\n \"d::e\\\"\" f '\"' g"), "a \n  f '\"' g");
    let module = vec!["a".to_owned(), "b".to_owned()];
    let to = |path: &str| {
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        absolute(&module, &["c".to_owned()], &path).map(|path| path.join("::"))
    };
    assert_eq!(to("super::x"), Some("a::x".to_owned()));
    assert_eq!(to("c::X"), Some("a::b::c::X".to_owned()));
    assert_eq!((to("crate::gui::m::X"), to("crate::batch::X"), to("egui::Ui")), (Some("m::X".to_owned()), None, None));
}
