//! Results on disk: whole or not at all, and never over a file that is there.
//!
//! A result is written to a temporary file in its folder, synced, and renamed without replacing. What a killed run left
//! there is removed by the next run into the folder, once it is a minute old.

mod conflict;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::NamedTempFile;

pub use conflict::{Conflict, Published};

use super::Target;
use super::source::plain;

/// Temporary files begin and end so; nobody else's do.
const TEMPORARY: (&str, &str) = (".lightloom-", ".tmp");

/// A result that has no name yet; removed when dropped.
pub(super) struct Prepared {
    file: NamedTempFile,
}

/// Writes `bytes` to a temporary file in `folder`.
pub(super) fn prepare(folder: &Path, bytes: &[u8]) -> io::Result<Prepared> {
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(TEMPORARY.0).suffix(TEMPORARY.1).tempfile_in(folder)?;
    file.write_all(bytes)?;
    readable_as_usual(file.as_file())?;
    Ok(Prepared { file })
}

impl Prepared {
    /// Waits until it is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.as_file().sync_all()
    }

    /// Gives the result its name, or the next one where that is taken, as `target` numbers them: renamed without
    /// replacing. The file gets this time of modification.
    pub(super) fn publish(
        self,
        target: &Target,
        extension: &OsStr,
        modified: Option<SystemTime>,
    ) -> io::Result<PathBuf> {
        let mut file = self.file;
        let mut number = 1;
        loop {
            let mut name = target.name(number);
            name.push(".");
            name.push(extension);
            let path = target.folder.join(name);
            match file.persist_noclobber(&path) {
                Ok(file) => {
                    // Not before: a temporary file that looks old may be taken for one that a killed run left behind.
                    // Where the file system knows no times, the result is no worse for it.
                    let _ = modified.map(|time| file.set_modified(time));
                    return Ok(path);
                }
                Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => {
                    file = taken.file;
                    number += 1;
                }
                Err(other) => return Err(other.error),
            }
        }
    }
}

/// Temporary files are made for their owner alone; a result gets the permissions that any new file gets.
#[cfg(unix)]
fn readable_as_usual(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o666 & !umask()))
}

/// The process's mask for new files. Only a system call that also sets it can ask for it, which is a race, so it is
/// read off a file that is made for the purpose, once.
#[cfg(unix)]
fn umask() -> u32 {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::OnceLock;
    static MASK: OnceLock<u32> = OnceLock::new();
    *MASK.get_or_init(|| {
        let probe = || -> io::Result<u32> {
            let folder = tempfile::tempdir()?;
            let mode = File::create(folder.path().join("probe"))?.metadata()?.permissions().mode();
            Ok(0o666 & !mode)
        };
        probe().unwrap_or(0o022)
    })
}

#[cfg(not(unix))]
fn readable_as_usual(_: &File) -> io::Result<()> {
    Ok(())
}

/// Removes what a killed run left in the folders of this one.
pub(super) fn remove_leftovers<'a>(folders: impl Iterator<Item = &'a Path>) {
    for folder in folders.collect::<BTreeSet<_>>() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1) && !is_recent(&entry) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// A file written to within the last minute may belong to another run that is under way.
fn is_recent(entry: &fs::DirEntry) -> bool {
    let age = entry.metadata().and_then(|m| m.modified()).map(|t| t.elapsed().unwrap_or_default());
    age.is_ok_and(|age| age.as_secs() < 60)
}

/// Makes the new names of a whole run last through a power failure.
pub(super) fn sync_folders<'a>(folders: impl Iterator<Item = &'a Path>) {
    for folder in folders.collect::<BTreeSet<_>>() {
        // Some file systems cannot sync a folder; the files themselves have been synced.
        let _ = File::open(folder).and_then(|f| f.sync_all());
    }
}

/// The reason of a failed write with what to do about it.
pub(super) fn advice(error: &io::Error) -> String {
    let reason = plain(error);
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            format!("{reason}; choose another output folder")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!("{reason}; free some space and run again"),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            format!("{reason}; a file stands where a folder is needed, choose another output folder")
        }
        _ => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_new(folder: &Path, stem: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let target = Target { suffix: "-x".to_owned(), ..Target::new(folder, stem) };
        let prepared = prepare(folder, bytes)?;
        prepared.sync()?;
        prepared.publish(&target, "jpg".as_ref(), None)
    }

    #[test]
    fn a_taken_name_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new/deep");
        let write = |bytes: &[u8]| write_new(&folder, "a", bytes).unwrap();
        assert_eq!(write(b"one"), folder.join("a-x.jpg"));
        assert_eq!(write(b"two"), folder.join("a-2-x.jpg"));
        assert_eq!(fs::read(folder.join("a-x.jpg")).unwrap(), b"one");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "no temporary file stays");
    }

    #[test]
    fn failures_leave_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), b"x").unwrap();
        let error = write_new(&dir.path().join("file"), "a", b"x").err().unwrap();
        assert!(advice(&error).contains("choose another output folder"), "{error:?}");
        let long = "n".repeat(300);
        assert!(write_new(dir.path(), &long, b"x").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_old_leftovers_of_ours_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - std::time::Duration::from_secs(3600);
        for name in [".lightloom-old.tmp", "holiday.tmp", ".lightloom-new.tmp"] {
            let file = File::create(dir.path().join(name)).unwrap();
            if !name.contains("new") {
                file.set_modified(old).unwrap();
            }
        }
        remove_leftovers([dir.path()].into_iter());
        let mut left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".lightloom-new.tmp", "holiday.tmp"]);
    }
}
