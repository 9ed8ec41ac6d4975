//! Inputs that are patterns, for shells that leave them to programs and for those who quote them.

use std::path::{Component, Path, PathBuf};

use lightloom_archive::Format;
use walkdir::WalkDir;

use super::patterns::{OPTIONS, compiled, with_slashes};
use super::{Found, Walk, below, in_list_order, is_hidden};

/// Whether a path that leads to nothing may stand for others.
pub(super) fn is_pattern(input: &Path) -> bool {
    input.to_str().is_some_and(|text| text.contains(['*', '?', '[', '{']))
}

/// A pattern, divided into the folder in which it is looked for and the rest.
fn divided(input: &Path) -> (PathBuf, PathBuf) {
    let mut parts = input.components();
    let mut root = PathBuf::new();
    loop {
        let before = parts.clone();
        match parts.next() {
            Some(part) if !is_pattern(Path::new(&part)) => root.push(part),
            _ => return (root, before.as_path().to_path_buf()),
        }
    }
}

impl Walk<'_> {
    /// The pictures that a pattern matches, and what is in the archives and folders that it matches.
    pub(super) fn glob(&mut self, input: &Path) -> bool {
        let (root, pattern) = divided(input);
        let patterns = match compiled(&with_slashes(&pattern.to_string_lossy())) {
            Ok(patterns) => patterns,
            Err(error) => return self.problem(input, error.to_string()),
        };
        let matches = |path: &Path| {
            let text = below(&root, path).to_string_lossy().into_owned();
            patterns.iter().any(|pattern| pattern.matches_with(&with_slashes(&text), OPTIONS))
        };
        let is_deep = pattern.components().any(|part| part == Component::Normal("**".as_ref()));
        let depth = if is_deep { usize::MAX } else { pattern.components().count() };
        let mut entries =
            WalkDir::new(&root).min_depth(1).max_depth(depth).follow_links(true).sort_by(in_list_order).into_iter();
        let (mut found, mut matched) = (Found::default(), 0);
        while let Some(entry) = entries.next() {
            let goes_on = match entry {
                Err(error) if error.depth() == 0 => break,
                Err(error) => self.unreadable(&root, &error),
                Ok(entry) => {
                    let (is_folder, is_match) = (entry.file_type().is_dir(), matches(entry.path()));
                    self.asking.ask(entry.path());
                    let hides = is_hidden(entry.file_name()) && !is_match;
                    let left_out = hides || self.is_for_results(entry.path());
                    let is_left_out = is_folder && (left_out || !self.patterns.enters(below(&root, entry.path())));
                    if is_left_out || (is_folder && is_match) {
                        entries.skip_current_dir();
                    }
                    matched += usize::from(is_match && !is_left_out);
                    match (is_match && !is_left_out, is_folder) {
                        (false, _) => true,
                        (true, true) => self.folder(entry.path()),
                        (true, false) if Format::of_name(entry.path()).is_some() => self.input(entry.path()),
                        (true, false) => self.entry(&root, &entry, &mut found),
                    }
                }
            };
            if !goes_on {
                return false;
            }
        }
        match matched {
            0 => self.problem(input, "matches no file".to_owned()),
            _ => self.say_left_out(&root, &mut found),
        }
    }
}
