//! The folders that a run writes into: made once, and the same ones to its end.
//!
//! A folder that is removed or replaced, or whose disk is unmounted, would otherwise be made anew under the same path by
//! the next result, on whatever disk is there then. Folders are held open, which also keeps their disk from being
//! unmounted by mistake. Past [`MOST_HELD`] of them only the device is compared: a handle each would be too many, and
//! inode numbers of files that nobody holds are not stable on every file system.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use super::folder::{Device, Folder};
use super::{WriteError, lock, temporary};

/// Most folders that are held open. A process may usually have 1,024 files open.
const MOST_HELD: usize = 128;

/// A folder that the run has begun to write into.
#[derive(Debug, Clone)]
enum Known {
    Held(Arc<Folder>),
    On(Device),
}

/// The folders that a run writes into.
#[derive(Debug, Default)]
pub(super) struct Folders {
    known: Mutex<HashMap<PathBuf, Known>>,
    made: Mutex<Vec<PathBuf>>,
    /// Whether one of them was found to be lost.
    any_lost: AtomicBool,
}

impl Folders {
    /// The folder at `path`, which is made if this run has not done so before; what a killed run left in it is removed
    /// then. `root` is `path` or above it: the folder that must stay what it is so that anything is made below.
    ///
    /// # Errors
    /// If it cannot be made, or is no longer the one that the run began with.
    pub fn open(&self, root: &Path, path: &Path) -> Result<Arc<Folder>, WriteError> {
        let below = path.strip_prefix(root).unwrap_or(Path::new(""));
        if below.as_os_str().is_empty() {
            return self.one(path, |made| {
                make_all(path, made)?;
                Folder::at(path)
            });
        }
        let root_folder = self.open(root, root)?;
        self.one(path, |made| {
            make_below(&root_folder, root, below, made)?;
            root_folder.below(below)
        })
    }

    /// The folder at `path` if it is known and still the same, or else as `make` makes it.
    fn one(
        &self,
        path: &Path,
        make: impl FnOnce(&mut Vec<PathBuf>) -> io::Result<Folder>,
    ) -> Result<Arc<Folder>, WriteError> {
        // No lock is held over I/O. Two lanes that come first at once make the same folder.
        let known = lock(&self.known).get(path).cloned();
        if let Some(known) = known {
            return known.open(path).ok_or_else(|| {
                self.any_lost.store(true, Relaxed);
                WriteError::FolderLost(path.to_path_buf())
            });
        }
        let mut made = Vec::new();
        let folder = make(&mut made);
        lock(&self.made).extend(made);
        let folder = Arc::new(folder?);
        temporary::remove_leftovers(&folder, path);
        let mut all = lock(&self.known);
        let known = if all.len() < MOST_HELD { Known::Held(Arc::clone(&folder)) } else { Known::On(folder.device()) };
        all.entry(path.to_path_buf()).or_insert(known);
        Ok(folder)
    }

    /// Whether the folder at this path is still the one that the run began with.
    pub fn is_intact(&self, path: &Path) -> bool {
        let known = lock(&self.known).get(path).cloned();
        known.is_some_and(|known| known.open(path).is_some())
    }

    /// Whether the folder at this path is lost at this moment. The disk is asked only once a result has found one lost.
    pub fn is_lost(&self, path: &Path) -> bool {
        let known = || lock(&self.known).get(path).cloned();
        self.any_lost.load(Relaxed) && known().is_some_and(|known| known.open(path).is_none())
    }

    /// The folders that were made, each after the one that it lies in.
    pub fn made(&self) -> Vec<PathBuf> {
        lock(&self.made).clone()
    }

    /// Makes the names in all of them last through a power failure.
    pub fn sync(&self) {
        let all: Vec<(PathBuf, Known)> =
            lock(&self.known).iter().map(|(path, known)| (path.clone(), known.clone())).collect();
        for (path, known) in all {
            // Some file systems cannot sync a folder; the files themselves have been synced.
            let _ = known.open(&path).map(|folder| folder.sync());
        }
        for path in self.made() {
            let above = path.parent().map(Folder::at);
            let _ = above.map(|above| above.and_then(|above| above.sync()));
        }
    }
}

impl Known {
    /// The folder, if it is still what the path leads to.
    fn open(self, path: &Path) -> Option<Arc<Folder>> {
        match self {
            Self::Held(folder) => folder.is_at(path).then_some(folder),
            Self::On(device) => Folder::at(path).ok().filter(|folder| folder.device() == device).map(Arc::new),
        }
    }
}

/// Makes a folder and those above it that are missing, and appends them to `made`.
fn make_all(path: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        make_all(above, made)?;
    }
    note_made(fs::create_dir(path), path, made)
}

/// The same below a folder that is held.
fn make_below(root: &Folder, root_path: &Path, below: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut path = PathBuf::new();
    for part in below.components().filter(|part| *part != Component::CurDir) {
        path.push(part);
        note_made(root.make(&path), &root_path.join(&path), made)?;
    }
    Ok(())
}

fn note_made(result: io::Result<()>, path: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    match result {
        Ok(()) => made.push(path.to_path_buf()),
        // A link to a folder is as good as one.
        Err(_) if path.is_dir() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("new/out");
        let below = root.join("a/b");
        let folders = Folders::default();
        folders.open(&root, &below).unwrap();
        assert_eq!(folders.made(), [dir.path().join("new"), root.clone(), root.join("a"), below.clone()]);
        assert!(folders.is_intact(&root) && folders.is_intact(&below) && !folders.is_intact(&root.join("a")));
        let lost = |path: &Path| matches!(folders.open(&root, path), Err(WriteError::FolderLost(_)));
        fs::remove_dir(&below).unwrap();
        assert!(lost(&below) && !lost(&root) && !lost(&root.join("c")));
        // Another in its place is not the same, even if it gets the same inode.
        fs::create_dir(&below).unwrap();
        assert!(lost(&below));
        fs::rename(&root, dir.path().join("moved")).unwrap();
        assert!(lost(&root) && lost(&root.join("d")), "nothing is made where the root was");
        assert!(!root.exists());
    }

    #[test]
    fn more_folders_than_are_held() {
        let dir = tempfile::tempdir().unwrap();
        let folders = Folders::default();
        let path = |i: usize| dir.path().join(i.to_string());
        for _ in 0..2 {
            for i in 0..MOST_HELD + 10 {
                folders.open(dir.path(), &path(i)).unwrap();
            }
        }
        let last = path(MOST_HELD + 9);
        fs::remove_dir(&last).unwrap();
        assert!(matches!(folders.open(dir.path(), &last), Err(WriteError::FolderLost(_))));
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("real/below")).unwrap();
        std::os::unix::fs::symlink("real", dir.path().join("link")).unwrap();
        let folders = Folders::default();
        folders.open(&dir.path().join("link"), &dir.path().join("link/below/new")).unwrap();
        assert_eq!(folders.made(), [dir.path().join("link/below/new")]);
        assert!(dir.path().join("real/below/new").is_dir());
    }
}
