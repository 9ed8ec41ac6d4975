//! The results of earlier runs in a folder: to tell them from pictures that are to be processed.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::History;
use super::store::{POINTERS, pointers};

/// Files that earlier runs wrote, by path below the folder of their pointer, and size.
type Files = HashSet<(PathBuf, u64)>;

/// Knows the results of earlier runs by the pointers in the folders that they are in or below.
#[derive(Debug, Default)]
pub struct KnownResults {
    /// What counts for the files of a folder: each pointer that leads there, by the folder that it is in.
    by_folder: HashMap<PathBuf, Vec<Arc<Pointed>>>,
}

#[derive(Debug)]
struct Pointed {
    /// The folder with the pointer.
    root: PathBuf,
    files: Files,
}

impl KnownResults {
    /// Whether a file is what an earlier run wrote: its path and size are those in the run's journal. A result that a
    /// person has edited since is a picture like any other.
    pub fn contains(&mut self, path: &Path) -> bool {
        let Some(folder) = path.parent() else { return false };
        let pointed = self.of_folder(folder).clone();
        if pointed.is_empty() {
            return false;
        }
        let Ok(meta) = path.metadata() else { return false };
        pointed.iter().any(|pointed| {
            let below = path.strip_prefix(&pointed.root);
            below.is_ok_and(|below| pointed.files.contains(&(below.to_path_buf(), meta.len())))
        })
    }

    fn of_folder(&mut self, folder: &Path) -> &Vec<Arc<Pointed>> {
        if !self.by_folder.contains_key(folder) {
            let mut pointed = folder.parent().map(|parent| self.of_folder(parent).clone()).unwrap_or_default();
            if folder.join(POINTERS).exists() {
                pointed.push(Arc::new(Pointed { root: folder.to_path_buf(), files: files(folder) }));
            }
            self.by_folder.insert(folder.to_path_buf(), pointed);
        }
        &self.by_folder[folder]
    }
}

/// What all runs that point to a folder have written below it.
fn files(folder: &Path) -> Files {
    let mut files = Files::new();
    for pointer in pointers(folder) {
        let Ok(history) = History::read(&pointer.journal.to_path()) else { continue };
        let root = pointer.root.to_path();
        let about_to_be = history.publishing.values().flatten().map(|one| (one.path.to_path(), one.bytes));
        let written = history.written().map(|(_, output)| (output.path.to_path(), output.bytes));
        files.extend(
            about_to_be
                .chain(written)
                .filter_map(|(path, bytes)| Some((path.strip_prefix(&root).ok()?.to_path_buf(), bytes))),
        );
    }
    files
}
