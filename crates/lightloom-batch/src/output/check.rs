//! Whether what was published is still there: a folder may have been removed or its disk unmounted after the last result
//! was written to it.

use std::collections::{BTreeMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use super::folders::Folders;

/// Those of `paths` that are not there any more. Lists each folder once, which is much less work than to ask for each
/// file, above all over a network.
pub(super) fn missing<'a>(folders: &Folders, paths: impl Iterator<Item = &'a Path>) -> HashSet<&'a Path> {
    let mut by_folder: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for path in paths {
        by_folder.entry(path.parent().unwrap_or(Path::new(""))).or_default().push(path);
    }
    let mut missing = HashSet::new();
    for (folder, files) in by_folder {
        if !folders.is_intact(folder) {
            missing.extend(files);
            continue;
        }
        let names: HashSet<OsString> =
            fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect();
        // Some file systems list names in another form than that in which they were given.
        let is_there = |path: &Path| {
            names.contains(path.file_name().unwrap_or(OsStr::new(""))) || fs::symlink_metadata(path).is_ok()
        };
        missing.extend(files.into_iter().filter(|path| !is_there(path)));
    }
    missing
}
