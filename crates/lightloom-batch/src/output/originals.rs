//! The sources of a batch as the disk knows them, so that none is replaced under whatever name.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::folder::{Entry, FileId, id_of};
use crate::Source;

/// The files that are sources: by identity, which links share, and by place, since a program that saves a picture anew
/// gives it another identity.
#[derive(Debug, Default)]
pub(crate) struct Originals {
    files: HashSet<FileId>,
    places: HashSet<Place>,
}

/// A name in a folder.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Place {
    folder: FileId,
    name: OsString,
}

impl Originals {
    pub fn of<'a>(sources: impl Iterator<Item = &'a Source>) -> Self {
        let mut all = Self::default();
        let mut folders: HashMap<PathBuf, Option<FileId>> = HashMap::new();
        // Members of an archive share its file.
        for path in sources.filter_map(Source::place).collect::<HashSet<_>>() {
            all.files.extend(id_of(path).ok());
            let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let folder = match folders.get(above) {
                Some(folder) => folder.clone(),
                None => folders.entry(above.to_path_buf()).or_insert(id_of(above).ok()).clone(),
            };
            if let (Some(folder), Some(name)) = (folder, path.file_name()) {
                all.places.insert(Place { folder, name: name.to_owned() });
            }
        }
        all
    }

    /// Whether what stands under a name is an original, or a link to one.
    pub fn contains(&self, entry: &Entry, folder: &FileId, name: &OsStr) -> bool {
        entry.ids.iter().any(|id| self.files.contains(id))
            || self.places.contains(&Place { folder: folder.clone(), name: name.to_owned() })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::folder::Folder;
    use super::*;
    use std::fs;

    #[test]
    fn originals_are_known_under_all_their_names() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir(path("in")).unwrap();
        fs::write(path("in/a"), "a").unwrap();
        fs::write(path("b"), "b").unwrap();
        std::os::unix::fs::symlink("in/a", path("soft")).unwrap();
        fs::hard_link(path("in/a"), path("hard")).unwrap();
        std::os::unix::fs::symlink("in", path("way")).unwrap();
        std::os::unix::fs::symlink("nowhere", path("dangling")).unwrap();
        let originals = Originals::of([&Source::from(path("way/a")), &Source::memory("b", *b"b")].into_iter());
        let is_one = |folder: &str, name: &str| {
            let folder = Folder::at(&path(folder)).unwrap();
            originals.contains(&folder.entry(OsStr::new(name)).unwrap().unwrap(), folder.id(), OsStr::new(name))
        };
        assert!(is_one("", "soft") && is_one("", "hard") && is_one("in", "a"));
        assert!(!is_one("", "b") && !is_one("", "dangling") && !is_one("", "in"));
        // Another program saves it in the same way as this one.
        fs::write(path("new"), "new").unwrap();
        fs::rename(path("new"), path("in/a")).unwrap();
        assert!(is_one("in", "a"));
    }
}
