//! Which names are taken: by other pictures of the batch, by its sources, and by files that are there.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use crate::output::taken_names;

/// Names that some disks cannot tell apart are equal: upper and lower case, composed and decomposed characters.
pub(super) fn folded(name: &OsStr) -> OsString {
    match name.to_str() {
        None => name.to_owned(),
        Some(name) if name.is_ascii() => name.to_ascii_lowercase().into(),
        Some(name) => name.nfc().collect::<String>().to_lowercase().nfc().collect::<String>().into(),
    }
}

/// The names that are taken in the folders of a batch.
#[derive(Debug)]
pub(super) struct Taken {
    /// Whether files that are there count.
    looks_at_disk: bool,
    /// Folders by their path as written, so that each is folded once.
    places: HashMap<PathBuf, usize>,
    by_key: HashMap<OsString, usize>,
    folders: Vec<Folder>,
}

#[derive(Debug, Default)]
struct Folder {
    /// By the batch.
    claimed: HashSet<OsString>,
    /// By files that are there; `None` before anyone looked.
    there: Option<HashSet<OsString>>,
    /// The next number that may be free for a name.
    next: HashMap<OsString, u32>,
}

impl Taken {
    /// No name is claimed yet; those of files that are there are taken if `looks_at_disk`.
    pub fn new(looks_at_disk: bool) -> Self {
        Self { looks_at_disk, places: HashMap::new(), by_key: HashMap::new(), folders: Vec::new() }
    }

    fn folder(&mut self, path: &Path) -> &mut Folder {
        let index = match self.places.get(path) {
            Some(index) => *index,
            None => {
                let plain: PathBuf = path.components().collect();
                let index = *self.by_key.entry(folded(plain.as_os_str())).or_insert(self.folders.len());
                if index == self.folders.len() {
                    self.folders.push(Folder::default());
                }
                self.places.insert(path.to_path_buf(), index);
                index
            }
        };
        &mut self.folders[index]
    }

    /// Whether the batch has claimed this name.
    pub fn is_claimed(&mut self, folder: &Path, name: &OsStr) -> bool {
        self.folder(folder).claimed.contains(&folded(name))
    }

    /// Whether a file of this name is there.
    pub fn is_there(&mut self, folder: &Path, name: &OsStr) -> bool {
        if !self.looks_at_disk {
            return false;
        }
        let found = self
            .folder(folder)
            .there
            .get_or_insert_with(|| taken_names(folder).iter().map(|name| folded(name)).collect());
        found.contains(&folded(name))
    }

    /// Claims a name for the batch; false if it has been claimed before.
    pub fn claim(&mut self, folder: &Path, name: &OsStr) -> bool {
        self.folder(folder).claimed.insert(folded(name))
    }

    /// The first number that may be free for a name, and which to try first the next time.
    pub fn next_number(&mut self, folder: &Path, stem: &OsStr) -> &mut u32 {
        self.folder(folder).next.entry(folded(stem)).or_insert(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn names_that_disks_confuse_are_equal() {
        let key = |name: &str| folded(OsStr::new(name));
        assert_eq!(key("A.JPG"), key("a.jpg"));
        assert_eq!(key("É"), key("e\u{301}"), "composed and decomposed");
        assert_eq!(key("Ä"), key("a\u{308}"));
        assert_ne!(key("a"), key("ä"));
    }

    #[test]
    fn claims_and_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("There.jpg"), "x").unwrap();
        let mut taken = Taken::new(true);
        assert!(taken.claim(folder.path(), OsStr::new("a.jpg")));
        assert!(!taken.claim(&folder.path().join(""), OsStr::new("A.jpg")), "the same folder in other words");
        assert!(taken.is_claimed(folder.path(), OsStr::new("a.JPG")));
        assert!(taken.is_there(folder.path(), OsStr::new("there.jpg")));
        assert!(!taken.is_there(folder.path(), OsStr::new("a.jpg")));
        let mut blind = Taken::new(false);
        assert!(!blind.is_there(folder.path(), OsStr::new("there.jpg")));
    }
}
