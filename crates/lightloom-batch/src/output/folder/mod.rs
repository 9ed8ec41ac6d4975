//! A folder that is held on to, and what is done to the files in it: by its handle where the system can, so that a
//! folder that takes its place under the same path gets nothing.

#[cfg(any(test, not(unix)))]
mod portable;
#[cfg(unix)]
mod unix;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};

#[cfg(not(unix))]
pub(super) use portable::{Device, FileId, Folder, id_of};
#[cfg(unix)]
pub(super) use unix::{Device, FileId, Folder, id_of};

/// What stands under a name.
#[derive(Debug)]
pub(super) struct Entry<Id = FileId> {
    /// Itself, and for a link what it leads to.
    pub ids: Vec<Id>,
    /// Whether it is a file, or a link to a file or to nothing.
    pub is_file: bool,
    /// Size in bytes; of a link that of its file.
    pub length: u64,
}

impl Folder {
    /// Whether the file of this name has exactly these bytes.
    pub fn holds(&self, name: &OsStr, bytes: &[u8]) -> io::Result<bool> {
        same_bytes(self.open(name)?, bytes)
    }
}

fn same_bytes(mut file: File, bytes: &[u8]) -> io::Result<bool> {
    let mut rest = bytes;
    let mut block = vec![0; bytes.len().clamp(1, 64 << 10)];
    loop {
        let count = match file.read(&mut block) {
            Ok(0) => return Ok(rest.is_empty()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        match rest.strip_prefix(&block[..count]) {
            Some(left) => rest = left,
            None => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    /// The same for both kinds of folders.
    macro_rules! keeps_the_contract {
        ($test:ident, $folder:ty) => {
            #[test]
            fn $test() {
                let dir = tempfile::tempdir().unwrap();
                let name = |name: &'static str| OsStr::new(name);
                let folder = <$folder>::at(dir.path()).unwrap();
                assert!(folder.is_at(dir.path()));
                std::io::Write::write_all(&mut folder.create(name("a")).unwrap(), b"content").unwrap();
                assert_eq!(folder.create(name("a")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
                let entry = folder.entry(name("a")).unwrap().unwrap();
                assert!(entry.is_file && entry.length == 7);
                assert!(folder.entry(name("b")).unwrap().is_none());
                assert!(same_bytes(folder.open(name("a")).unwrap(), b"content").unwrap());
                assert!(!same_bytes(folder.open(name("a")).unwrap(), b"conten").unwrap());
                assert!(!same_bytes(folder.open(name("a")).unwrap(), b"contents").unwrap());
                folder.link(name("a"), name("b")).unwrap();
                assert_eq!(folder.link(name("a"), name("b")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
                fs::write(dir.path().join("c"), "other").unwrap();
                folder.rename_over(name("b"), name("c")).unwrap();
                folder.remove(name("a")).unwrap();
                assert_eq!(fs::read(dir.path().join("c")).unwrap(), b"content");
                match folder.rename_new(name("c"), name("d")) {
                    Ok(()) => assert!(folder.entry(name("c")).unwrap().is_none()),
                    Err(error) => assert_eq!(error.kind(), io::ErrorKind::Unsupported),
                }
                folder.make(Path::new("e")).unwrap();
                let below = folder.below(Path::new("e")).unwrap();
                assert!(below.is_at(&dir.path().join("e")) && !below.is_at(dir.path()));
                assert!(!folder.entry(name("e")).unwrap().unwrap().is_file);
                assert_eq!(folder.entry(name("e")).unwrap().unwrap().ids.first(), Some(below.id()));
                assert!(folder.longest_name() >= 143);
                folder.sync().unwrap();
                fs::remove_dir(dir.path().join("e")).unwrap();
                assert!(!below.is_at(&dir.path().join("e")));
            }
        };
    }

    #[cfg(unix)]
    keeps_the_contract!(handles, Folder);
    keeps_the_contract!(paths, portable::Folder);

    #[cfg(unix)]
    #[test]
    fn a_folder_that_took_the_place_of_another_gets_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        fs::create_dir(&path).unwrap();
        let folder = Folder::at(&path).unwrap();
        fs::rename(&path, dir.path().join("moved")).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(!folder.is_at(&path));
        folder.create(OsStr::new("a")).unwrap();
        assert!(dir.path().join("moved/a").exists() && !path.join("a").exists());
    }
}
