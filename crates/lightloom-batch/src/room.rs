//! How much may still be written where a folder is or will be.

use std::path::{Path, PathBuf};

/// Room on a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes that may be written.
    pub bytes: u64,
    /// Files that may be made; `None` if there is no such limit.
    pub files: Option<u64>,
}

impl Room {
    /// What may still be written to a folder, which need not be there; `None` if the system does not say.
    pub fn of(folder: &Path) -> Option<Self> {
        room(&existing(folder)?)
    }
}

/// Which disk a folder is on, if the system tells them apart; the folder need not be there.
#[cfg(unix)]
pub(super) fn disk_of(folder: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(existing(folder)?).ok().map(|meta| meta.dev())
}

#[cfg(not(unix))]
pub(super) fn disk_of(_: &Path) -> Option<u64> {
    None
}

#[cfg(unix)]
fn room(folder: &Path) -> Option<Room> {
    let system = rustix::fs::statvfs(folder).ok()?;
    let bytes = system.f_bavail.saturating_mul(system.f_frsize);
    // Some file systems have no table of files that could be full, and say so with a zero.
    Some(Room { bytes, files: (system.f_files > 0).then_some(system.f_favail) })
}

#[cfg(not(unix))]
fn room(_: &Path) -> Option<Room> {
    None
}

/// The nearest folder above that is there.
fn existing(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    folder.ancestors().find(|folder| folder.is_dir()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_yet_has_the_room_of_its_disk() {
        let dir = tempfile::tempdir().unwrap();
        let new = dir.path().join("new/deep");
        assert_eq!(Room::of(&new).is_some(), cfg!(unix));
        assert_eq!(disk_of(&new), disk_of(dir.path()));
        assert_eq!(Room::of(Path::new("not/there")).is_some(), cfg!(unix), "relative to the working folder");
    }
}
