//! Giving a temporary file its name without replacing anything, by whatever the file system knows.
//!
//! First it is renamed without replacing, else it gets a second name and loses the first. Where there is neither (exFAT
//! through FUSE), the name is claimed: an empty file is made under it, which fails where there is one, and then
//! replaced. Whoever is killed in between leaves the empty file; the name of the temporary file says so, and the next
//! run removes both.

use std::ffi::OsStr;
use std::io;

use super::folder::Folder;
use super::temporary::Temporary;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    /// It has the name now.
    Given,
    /// It has the name now, which had to be claimed first.
    Claimed,
    /// Something else has it.
    Taken,
}

/// Gives a temporary file a name in its folder.
pub(super) fn place(temporary: &mut Temporary, name: &OsStr) -> io::Result<Placed> {
    let folder = temporary.folder().clone();
    match folder.rename_new(temporary.name(), name) {
        Ok(()) => {
            temporary.give_away();
            return Ok(Placed::Given);
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Placed::Taken),
        Err(error) if !is_missing(&error) => return Err(error),
        Err(_) => {}
    }
    // The first name goes when the temporary file is dropped.
    match folder.link(temporary.name(), name) {
        Ok(()) => Ok(Placed::Given),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Placed::Taken),
        Err(error) if !is_missing(&error) => Err(error),
        Err(_) => claim(&folder, temporary, name),
    }
}

/// Makes an empty file of that name, and replaces it.
fn claim(folder: &Folder, temporary: &mut Temporary, name: &OsStr) -> io::Result<Placed> {
    // Not before it is free: the claim would call somebody else's empty file ours.
    if folder.entry(name)?.is_some() {
        return Ok(Placed::Taken);
    }
    temporary.claim(name)?;
    match folder.create(name) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Placed::Taken),
        Err(error) => return Err(error),
    }
    match folder.rename_over(temporary.name(), name) {
        Ok(()) => {
            temporary.give_away();
            Ok(Placed::Claimed)
        }
        Err(error) => {
            let _ = folder.remove(name);
            Err(error)
        }
    }
}

/// Whether an error may mean that the file system does not know the call. What is really forbidden fails again, by the
/// last way.
fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::Unsupported | Kind::InvalidInput | Kind::PermissionDenied | Kind::CrossesDevices | Kind::TooManyLinks
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;
    use std::sync::Arc;

    #[test]
    fn a_claimed_name_is_one_that_nobody_had() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::at(dir.path()).unwrap());
        fs::write(dir.path().join("taken"), "").unwrap();
        let mut temporary = Temporary::create(&folder).unwrap();
        temporary.file().write_all(b"content").unwrap();
        assert_eq!(claim(&folder, &mut temporary, OsStr::new("taken")).unwrap(), Placed::Taken);
        assert_eq!(claim(&folder, &mut temporary, OsStr::new("free")).unwrap(), Placed::Claimed);
        drop(temporary);
        assert_eq!(fs::read(dir.path().join("free")).unwrap(), b"content");
        assert_eq!(fs::read(dir.path().join("taken")).unwrap(), b"");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "no temporary file stays");
    }

    #[test]
    fn a_killed_claim_is_undone_by_the_next_run() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::at(dir.path()).unwrap());
        fs::write(dir.path().join("empty"), "").unwrap();
        let mut temporary = Temporary::create(&folder).unwrap();
        temporary.claim(OsStr::new("free")).unwrap();
        folder.create(OsStr::new("free")).unwrap();
        // As a killed process leaves it: the name stays, the lock goes.
        temporary.give_away();
        drop(temporary);
        super::super::temporary::remove_leftovers(&folder, dir.path());
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["empty"]);
    }
}
