//! Patterns of names: which files of folders and archives count.

use std::path::Path;

use glob::{MatchOptions, Pattern};
use thiserror::Error;

/// Names are compared as people mean them, `*.jpg` takes `A.JPG`; and no star stands for several folders.
pub(super) const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: false, require_literal_separator: true, require_literal_leading_dot: false };

/// A pattern that has no meaning.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the pattern '{pattern}' cannot be read: {reason}")]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// Why, as a part of a sentence.
    pub reason: &'static str,
}

/// Which files and folders count. In a pattern `*` stands for any characters of a name, `?` for one, `[a-z]` for one of
/// several, `{a,b}` for one of several words, and `**` for any folders. One with a slash is compared with the path below
/// the folder that was named, any other with the name alone; upper and lower case are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns {
    /// Empty if all files count.
    include: Vec<NamePattern>,
    exclude: Vec<NamePattern>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct NamePattern {
    pattern: Pattern,
    /// Whether it is compared with paths.
    of_path: bool,
}

impl Patterns {
    /// Files that one of `include` takes, or all if there is none, without files and folders that one of `exclude` does.
    ///
    /// # Errors
    /// If a pattern has no meaning.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, PatternError> {
        let all = |patterns: &[String]| -> Result<Vec<NamePattern>, PatternError> {
            let read = patterns.iter().map(|text| NamePattern::read(text));
            Ok(read.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        };
        Ok(Self { include: all(include)?, exclude: all(exclude)? })
    }

    /// Whether a file counts that has this path below the folder or archive that was named.
    pub(super) fn takes(&self, below: &Path) -> bool {
        let is_included = self.include.is_empty() || self.include.iter().any(|pattern| pattern.matches(below));
        is_included && !below.ancestors().any(|part| self.excludes(part))
    }

    /// Whether a folder is searched.
    pub(super) fn enters(&self, below: &Path) -> bool {
        !self.excludes(below)
    }

    fn excludes(&self, below: &Path) -> bool {
        !below.as_os_str().is_empty() && self.exclude.iter().any(|pattern| pattern.matches(below))
    }
}

impl NamePattern {
    /// One for each choice of words.
    fn read(text: &str) -> Result<Vec<Self>, PatternError> {
        let slashes = with_slashes(text);
        let of_path = slashes.trim_end_matches('/').contains('/');
        let plain = slashes.trim_matches('/');
        compiled(plain).map(|all| all.into_iter().map(|pattern| Self { pattern, of_path }).collect())
    }

    fn matches(&self, below: &Path) -> bool {
        let of_path = || with_slashes(&below.to_string_lossy()).into_owned();
        let of_name = || below.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.pattern.matches_with(&if self.of_path { of_path() } else { of_name() }, OPTIONS)
    }
}

/// The patterns that a text with choices of words stands for.
pub(super) fn compiled(text: &str) -> Result<Vec<Pattern>, PatternError> {
    let failed = |reason| PatternError { pattern: text.to_owned(), reason };
    let one = |text: String| Pattern::new(&text).map_err(|error| failed(error.msg));
    choices(text).ok_or_else(|| failed("it stands for too many names"))?.into_iter().map(one).collect()
}

/// Most patterns that one with choices may stand for.
const MOST: usize = 1000;

/// A text once for each choice of words in braces. Braces without a comma stand for themselves.
fn choices(text: &str) -> Option<Vec<String>> {
    let (mut done, mut open) = (Vec::new(), vec![(text.to_owned(), 0)]);
    while let Some((text, from)) = open.pop() {
        let begin = text[from..].find('{').map(|at| from + at);
        let Some((begin, end)) = begin.and_then(|begin| Some((begin, begin + text[begin..].find('}')?))) else {
            done.push(text);
            continue;
        };
        let words: Vec<&str> = text[begin + 1..end].split(',').collect();
        if words.len() < 2 {
            open.push((text.clone(), end + 1));
        } else {
            let with = |word: &&str| (format!("{}{word}{}", &text[..begin], &text[end + 1..]), begin + word.len());
            open.extend(words.iter().rev().map(with));
        }
        if done.len() + open.len() > MOST {
            return None;
        }
    }
    Some(done)
}

/// Where folders are divided by backslashes, a pattern may be too.
#[cfg(windows)]
pub(super) fn with_slashes(text: &str) -> std::borrow::Cow<'_, str> {
    text.replace('\\', "/").into()
}

#[cfg(not(windows))]
pub(super) fn with_slashes(text: &str) -> std::borrow::Cow<'_, str> {
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(include: &[&str], exclude: &[&str], path: &str) -> bool {
        let owned = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        Patterns::new(&owned(include), &owned(exclude)).unwrap().takes(Path::new(path))
    }

    #[test]
    fn patterns_take_names_and_paths() {
        assert!(takes(&[], &[], "a/b.jpg"));
        assert!(takes(&["*.jpg"], &[], "a/B.JPG") && !takes(&["*.jpg"], &[], "a/b.png"));
        assert!(takes(&["*.png", "*.jpg"], &[], "b.jpg"));
        assert!(takes(&["{a,b}.{png,jpg}"], &[], "b.jpg") && !takes(&["{a,b}.{png,jpg}"], &[], "c.jpg"));
        assert!(takes(&["a/*.jpg"], &[], "a/b.jpg") && !takes(&["a/*.jpg"], &[], "a/c/b.jpg"));
        assert!(takes(&["a/**/*.jpg"], &[], "a/b.jpg") && takes(&["a/**/*.jpg"], &[], "a/c/d/b.jpg"));
        assert!(takes(&["/b.jpg"], &[], "b.jpg") && !takes(&["/b.jpg"], &[], "a/b.jpg"));
        assert!(!takes(&[], &["raw"], "a/raw/b.jpg") && !takes(&[], &["raw/"], "raw/b.jpg"));
        assert!(!takes(&["*.jpg"], &["b*"], "b.jpg") && takes(&["img_[0-9]?.jpg"], &["b*"], "IMG_12.jpg"));
        assert!(takes(&["{b}.jpg"], &[], "{b}.jpg"));
    }

    #[test]
    fn what_has_no_meaning_is_an_error() {
        let error = Patterns::new(&["a[".to_owned()], &[]).unwrap_err().to_string();
        assert!(error.starts_with("the pattern 'a[' cannot be read: "), "{error}");
        let many = Patterns::new(&["{a,b}".repeat(11)], &[]).unwrap_err().to_string();
        assert!(many.ends_with("too many names"), "{many}");
    }
}
