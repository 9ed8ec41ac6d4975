//! A folder as its path, where there are no handles to work by.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::Entry;

/// Tells a file from others: its path without links.
pub(in crate::output) type FileId = PathBuf;

/// Where a folder lies.
pub(in crate::output) type Device = PathBuf;

/// The file that a path leads to.
pub(in crate::output) fn id_of(path: &Path) -> io::Result<FileId> {
    fs::canonicalize(path)
}

/// A folder.
#[derive(Debug)]
pub(in crate::output) struct Folder {
    path: PathBuf,
}

#[cfg_attr(unix, allow(dead_code, reason = "only its test uses it here"))]
impl Folder {
    pub fn at(path: &Path) -> io::Result<Self> {
        if !fs::metadata(path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { path: fs::canonicalize(path)? })
    }

    /// A folder below this one.
    pub fn below(&self, path: &Path) -> io::Result<Self> {
        Self::at(&self.path.join(path))
    }

    /// Makes a folder in this one, or in one below.
    pub fn make(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(self.path.join(path))
    }

    pub const fn id(&self) -> &FileId {
        &self.path
    }

    /// Where it lies.
    pub fn device(&self) -> Device {
        self.path.clone()
    }

    /// Whether this is what a path leads to.
    pub fn is_at(&self, path: &Path) -> bool {
        id_of(path).is_ok_and(|id| id == self.path)
    }

    /// Makes a file, to be read and written, with the permissions that new files get.
    pub fn create(&self, name: &OsStr) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(self.path.join(name))
    }

    /// Opens a file for reading.
    pub fn open(&self, name: &OsStr) -> io::Result<File> {
        File::open(self.path.join(name))
    }

    /// Opens a file so that it can be locked.
    pub fn open_to_lock(&self, name: &OsStr) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).open(self.path.join(name))
    }

    /// Renames unless the new name is taken: not to be had here.
    pub fn rename_new(&self, _: &OsStr, _: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Renames, and replaces what has the new name.
    pub fn rename_over(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    /// Gives a file a second name unless that is taken.
    pub fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::hard_link(self.path.join(from), self.path.join(to))
    }

    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    /// What stands under a name; `None` if nothing does.
    pub fn entry(&self, name: &OsStr) -> io::Result<Option<Entry<FileId>>> {
        let path = self.path.join(name);
        let own = match fs::symlink_metadata(&path) {
            Ok(own) => own,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let led = if own.is_symlink() { fs::metadata(&path).ok() } else { Some(own) };
        let (is_file, length) = led.map_or((true, 0), |meta| (meta.is_file(), meta.len()));
        Ok(Some(Entry { ids: id_of(&path).into_iter().collect(), is_file, length }))
    }

    /// The file that is open under a path.
    pub fn id_of_open(_: &File, path: &Path) -> io::Result<FileId> {
        id_of(path)
    }

    /// Most bytes of a name. The limit is one of UTF-16 units, of which there are never more than bytes.
    pub const fn longest_name(&self) -> usize {
        255
    }

    /// Waits until its names are on the disk: not to be had here.
    pub const fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
