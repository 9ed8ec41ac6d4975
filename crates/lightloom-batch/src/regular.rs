//! Opens and reads files of which only the path is known: regular files alone, and no more of them than is wanted.
//!
//! A path may lead to a device without an end or to a pipe that nobody writes to. So what was opened is asked what it is,
//! and not the path, behind which something else may lie a moment later; and a pipe is opened without waiting.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use super::source::plain;

/// Opens a regular file for reading. Returns it with its metadata.
///
/// # Errors
/// If it cannot be opened, or is a folder, pipe, socket or device.
pub(super) fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        // Neither waits for the other end of a pipe nor makes a terminal that of the program.
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
    }
    let file = match options.open(path) {
        // Another program has a lease on it, as file servers do: it is worth waiting for.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock && path.metadata()?.is_file() => File::open(path)?,
        opened => opened?,
    };
    let meta = file.metadata()?;
    if meta.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    if !meta.is_file() {
        return Err(io::Error::other("it is no regular file (a pipe, socket or device)"));
    }
    Ok((file, meta))
}

/// The content of a regular file of at most `most` bytes.
///
/// # Errors
/// Why it cannot be read, as a part of a sentence.
pub fn read_regular(path: impl AsRef<Path>, most: u64) -> Result<Vec<u8>, String> {
    let (file, meta) = open_regular(path.as_ref()).map_err(|e| plain(&e))?;
    read_opened(file, &meta, most)
}

/// The content of a file that [`open_regular`] opened. One that grows meanwhile is not read beyond `most`.
pub(super) fn read_opened(file: File, meta: &Metadata, most: u64) -> Result<Vec<u8>, String> {
    let too_large = || format!("it is larger than {} MiB", most >> 20);
    if meta.len() > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
    file.take(most + 1).read_to_end(&mut bytes).map_err(|e| plain(&e))?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, [7; 100]).unwrap();
        assert_eq!(read_regular(&path, 100), Ok(vec![7; 100]));
        assert_eq!(read_regular(&path, 99), Err("it is larger than 0 MiB".to_owned()));
        let huge = File::create(folder.path().join("huge")).unwrap();
        huge.set_len(10 << 30).unwrap();
        assert_eq!(read_regular(folder.path().join("huge"), 64 << 20), Err("it is larger than 64 MiB".to_owned()));
        assert_eq!(read_regular(folder.path(), 100), Err("it is a folder".to_owned()));
        assert_eq!(read_regular(folder.path().join("gone"), 100), Err("no such file or directory".to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_pipes_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        let link = folder.path().join("link.cube");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for path in [Path::new("/dev/zero"), &pipe, &link] {
            let refused = read_regular(path, 100).unwrap_err();
            assert!(refused.contains("no regular file"), "{}: {refused}", path.display());
        }
    }
}
