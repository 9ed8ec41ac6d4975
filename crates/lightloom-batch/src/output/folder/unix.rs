//! A folder as an open handle, with the calls that take one.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::Entry;

/// Tells a file from all others that exist at the same time: device and inode.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::output) struct FileId {
    device: Device,
    inode: u64,
}

/// Tells one mounted file system from the others.
pub(in crate::output) type Device = u64;

impl FileId {
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "the widths differ between systems")]
    const fn of(stat: &Stat) -> Self {
        Self { device: stat.st_dev as u64, inode: stat.st_ino as u64 }
    }
}

/// The file that a path leads to.
pub(in crate::output) fn id_of(path: &Path) -> io::Result<FileId> {
    let meta = fs::metadata(path)?;
    Ok(FileId { device: meta.dev(), inode: meta.ino() })
}

/// A folder that is held on to.
#[derive(Debug)]
pub(in crate::output) struct Folder {
    handle: OwnedFd,
    id: FileId,
}

/// A folder that one may write into but not list can be held on to as well, where the system knows such handles.
#[cfg(any(target_os = "linux", target_os = "android"))]
const HANDLE: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const HANDLE: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

impl Folder {
    pub fn at(path: &Path) -> io::Result<Self> {
        Self::of(rustix::fs::open(path, HANDLE, Mode::empty())?)
    }

    /// A folder below this one.
    pub fn below(&self, path: &Path) -> io::Result<Self> {
        Self::of(rustix::fs::openat(&self.handle, path, HANDLE, Mode::empty())?)
    }

    fn of(handle: OwnedFd) -> io::Result<Self> {
        let id = FileId::of(&rustix::fs::fstat(&handle)?);
        Ok(Self { handle, id })
    }

    /// Makes a folder in this one, or in one below.
    pub fn make(&self, path: &Path) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(&self.handle, path, Mode::from_raw_mode(0o777))?)
    }

    pub const fn id(&self) -> &FileId {
        &self.id
    }

    /// The file system that it lies in.
    pub const fn device(&self) -> Device {
        self.id.device
    }

    /// Whether this is what a path leads to.
    pub fn is_at(&self, path: &Path) -> bool {
        id_of(path).is_ok_and(|id| id == self.id)
    }

    /// Makes a file, to be read and written, with the permissions that new files get.
    pub fn create(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.handle, name, flags, Mode::from_raw_mode(0o666))?.into())
    }

    /// Opens a file for reading. Does not wait for the other end of a pipe.
    pub fn open(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.handle, name, flags, Mode::empty())?.into())
    }

    /// Opens a file so that it can be locked; over a network that takes the right to write.
    pub fn open_to_lock(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.handle, name, flags, Mode::empty())?.into())
    }

    /// Renames unless the new name is taken.
    pub fn rename_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        {
            let flags = rustix::fs::RenameFlags::NOREPLACE;
            Ok(rustix::fs::renameat_with(&self.handle, from, &self.handle, to, flags)?)
        }
        #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
        {
            let _ = (from, to);
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    /// Renames, and replaces what has the new name.
    pub fn rename_over(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.handle, from, &self.handle, to)?)
    }

    /// Gives a file a second name unless that is taken.
    pub fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::linkat(&self.handle, from, &self.handle, to, AtFlags::empty())?)
    }

    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.handle, name, AtFlags::empty())?)
    }

    /// What stands under a name; `None` if nothing does.
    pub fn entry(&self, name: &OsStr) -> io::Result<Option<Entry>> {
        let own = match rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let is_file = |stat: &Stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        let length = |stat: &Stat| u64::try_from(stat.st_size).unwrap_or_default();
        if FileType::from_raw_mode(own.st_mode) != FileType::Symlink {
            return Ok(Some(Entry { ids: vec![FileId::of(&own)], is_file: is_file(&own), length: length(&own) }));
        }
        Ok(Some(match rustix::fs::statat(&self.handle, name, AtFlags::empty()) {
            Ok(led) => {
                Entry { ids: vec![FileId::of(&own), FileId::of(&led)], is_file: is_file(&led), length: length(&led) }
            }
            Err(_) => Entry { ids: vec![FileId::of(&own)], is_file: true, length: 0 },
        }))
    }

    /// The file that is open.
    pub fn id_of_open(file: &File, _: &Path) -> io::Result<FileId> {
        let meta = file.metadata()?;
        Ok(FileId { device: meta.dev(), inode: meta.ino() })
    }

    /// Most bytes of a name.
    pub fn longest_name(&self) -> usize {
        let most = rustix::fs::fstatvfs(&self.handle).ok().and_then(|about| usize::try_from(about.f_namemax).ok());
        most.filter(|most| *most > 0).unwrap_or(255)
    }

    /// Waits until its names are on the disk.
    pub fn sync(&self) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(rustix::fs::fsync(rustix::fs::openat(&self.handle, ".", flags, Mode::empty())?)?)
    }
}
