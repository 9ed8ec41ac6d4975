//! Temporary files: how one is told from everybody else's, and from one whose owner is still at work.
//!
//! Its owner holds a lock on it as long as it lives, however long it is stopped or suspended. Where there are no locks,
//! the name says which process of which machine it belongs to. A file of another machine is removed only if it is not
//! locked and a day old, since not every share passes locks on.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::hash::BuildHasher;
use std::io;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::folder::Folder;

/// Temporary files begin and end so; nobody else's do.
const ENDS: (&str, &str) = (".lightloom-", ".tmp");

/// After how long a file of another machine is nobody's.
const FOREIGN: Duration = Duration::from_hours(24);

/// Names that are tried for a new file.
const TRIES: usize = 100;

/// A file without a name of its own; removed when dropped.
#[derive(Debug)]
pub(super) struct Temporary {
    folder: Arc<Folder>,
    file: File,
    name: OsString,
    owned: Owned,
}

/// Whether the name is still that of a temporary file.
#[derive(Debug, PartialEq, Eq)]
enum Owned {
    Yes,
    GivenAway,
}

impl Temporary {
    /// Makes one, locked where there are locks.
    pub fn create(folder: &Arc<Folder>) -> io::Result<Self> {
        for _ in 0..TRIES {
            let name = Label::new().name();
            let file = match folder.create(&name) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            // Another run may take it for a leftover before it is locked.
            if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
                continue;
            }
            let temporary = Self { folder: Arc::clone(folder), file, name, owned: Owned::Yes };
            if folder.entry(&temporary.name)?.is_some() {
                return Ok(temporary);
            }
        }
        Err(io::Error::other("no temporary file can be made"))
    }

    pub const fn file(&self) -> &File {
        &self.file
    }

    pub fn name(&self) -> &OsStr {
        &self.name
    }

    pub fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    /// Renames it so that its name says which name is about to be claimed for it. Whoever finds it there when its owner
    /// is dead knows that an empty file of that name is ours.
    pub fn claim(&mut self, wanted: &OsStr) -> io::Result<()> {
        let Some(label) = Label::parse(&self.name) else { return Ok(()) };
        let name = Label { claims: Some(fingerprint(wanted)), ..label }.name();
        self.folder.rename_over(&self.name, &name)?;
        self.name = name;
        Ok(())
    }

    /// Its name has become another one, and the file is no longer ours to remove.
    pub fn give_away(&mut self) {
        self.owned = Owned::GivenAway;
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.owned == Owned::Yes {
            let _ = self.folder.remove(&self.name);
        }
    }
}

/// What the name of a temporary file says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Label {
    machine: String,
    process: u32,
    random: String,
    /// Fingerprint of the name that an empty file has been made for.
    claims: Option<String>,
}

impl Label {
    fn new() -> Self {
        let random = RandomState::new().hash_one(()) as u32;
        Self { machine: MACHINE.clone(), process: std::process::id(), random: format!("{random:08x}"), claims: None }
    }

    fn name(&self) -> OsString {
        let Self { machine, process, random, claims } = self;
        let claims = claims.as_ref().map_or(String::new(), |claims| format!("-{claims}"));
        format!("{}{machine}-{process}-{random}{claims}{}", ENDS.0, ENDS.1).into()
    }

    /// `None` if it is nobody's, or that of an earlier version.
    fn parse(name: &OsStr) -> Option<Self> {
        let mut parts = inner(name)?.split('-');
        let label = Self {
            machine: parts.next()?.to_owned(),
            process: parts.next()?.parse().ok()?,
            random: parts.next()?.to_owned(),
            claims: parts.next().map(str::to_owned),
        };
        parts.next().is_none().then_some(label)
    }

    /// Whether its owner is a process of this machine that has ended.
    fn is_orphan(&self) -> bool {
        self.machine == *MACHINE && !is_alive(self.process)
    }
}

/// What stands between the ends of a temporary file's name.
fn inner(name: &OsStr) -> Option<&str> {
    name.to_str()?.strip_prefix(ENDS.0)?.strip_suffix(ENDS.1)
}

/// This machine, or this container.
static MACHINE: LazyLock<String> = LazyLock::new(|| {
    let of_system = ["/proc/sys/kernel/hostname", "/etc/hostname"].into_iter().find_map(|path| fs::read(path).ok());
    let of_environment = || ["HOSTNAME", "COMPUTERNAME"].into_iter().find_map(std::env::var_os);
    let name = of_system.or_else(|| of_environment().map(OsString::into_encoded_bytes)).unwrap_or_default();
    fingerprint_of(&name).chars().take(8).collect()
});

fn fingerprint(name: &OsStr) -> String {
    fingerprint_of(name.as_encoded_bytes())
}

/// FNV-1a in 64 bits: the same with every version of the program.
fn fingerprint_of(bytes: &[u8]) -> String {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(unix)]
fn is_alive(process: u32) -> bool {
    let Some(pid) = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw) else { return false };
    rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}

#[cfg(not(unix))]
fn is_alive(_: u32) -> bool {
    true
}

/// Removes what killed runs left in a folder.
pub(super) fn remove_leftovers(folder: &Folder, path: &Path) {
    let Leftovers { temporaries, claimed } = Leftovers::of(folder, path);
    // In this order: the names of the temporary files say what was claimed.
    for name in claimed {
        let _ = folder.remove(&name);
    }
    for Leftover { name, .. } in temporaries {
        let _ = folder.remove(&name);
    }
}

/// The names in a folder that a new file cannot get: without what killed runs left, which is about to be removed.
pub(crate) fn taken_names(path: &Path) -> HashSet<OsString> {
    let mut names: HashSet<OsString> = entries_of(path).collect();
    if names.iter().any(|name| inner(name).is_some())
        && let Ok(folder) = Folder::at(path)
    {
        let Leftovers { temporaries, claimed } = Leftovers::of(&folder, path);
        for name in claimed.iter().chain(temporaries.iter().map(|left| &left.name)) {
            names.remove(name);
        }
    }
    names
}

/// What killed runs left in a folder.
struct Leftovers {
    /// Files without an owner.
    temporaries: Vec<Leftover>,
    /// The names of empty files that these have claimed.
    claimed: Vec<OsString>,
}

impl Leftovers {
    fn of(folder: &Folder, path: &Path) -> Self {
        let temporaries = entries_of(path).filter(|name| inner(name).is_some());
        let temporaries: Vec<Leftover> = temporaries.filter_map(|name| Leftover::of(folder, name)).collect();
        let claims: HashSet<&String> = temporaries.iter().filter_map(|left| left.claims.as_ref()).collect();
        if claims.is_empty() {
            return Self { temporaries, claimed: Vec::new() };
        }
        let is_empty =
            |name: &OsString| folder.entry(name).ok().flatten().is_some_and(|entry| entry.is_file && entry.length == 0);
        let names = entries_of(path).filter(|name| claims.contains(&fingerprint(name)));
        let claimed = names.filter(is_empty).collect();
        Self { temporaries, claimed }
    }
}

fn entries_of(path: &Path) -> impl Iterator<Item = OsString> {
    fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.file_name())
}

/// A temporary file without an owner. Locked as long as this lives, where there are locks, so that no other run sees it
/// as its own.
struct Leftover {
    name: OsString,
    claims: Option<String>,
    _locked: File,
}

impl Leftover {
    /// `None` if it has an owner, or may have one.
    fn of(folder: &Folder, name: OsString) -> Option<Self> {
        let file = folder.open_to_lock(&name).ok()?;
        let label = Label::parse(&name);
        let is_of_here = label.as_ref().is_some_and(|label| label.machine == *MACHINE);
        let is_ownerless = match file.try_lock() {
            Ok(()) => is_of_here || is_old(&file),
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(_)) => label.as_ref().is_some_and(Label::is_orphan),
        };
        is_ownerless.then(|| Self { claims: label.and_then(|label| label.claims), name, _locked: file })
    }
}

fn is_old(file: &File) -> bool {
    let age = file.metadata().and_then(|meta| meta.modified()).map(|time| time.elapsed().unwrap_or_default());
    age.is_ok_and(|age| age > FOREIGN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn folder(path: &Path) -> Arc<Folder> {
        Arc::new(Folder::at(path).unwrap())
    }

    fn left(path: &Path) -> Vec<String> {
        let mut left: Vec<_> = entries_of(path).map(|name| name.into_string().unwrap()).collect();
        left.sort();
        left
    }

    #[test]
    fn a_name_says_whose_it_is() {
        let label = Label::new();
        assert_eq!(Label::parse(&label.name()).unwrap(), label);
        let claiming = Label { claims: Some(fingerprint(OsStr::new("a.jpg"))), ..label };
        assert_eq!(Label::parse(&claiming.name()).unwrap(), claiming);
        assert!(claiming.name().len() < 143, "encrypted folders allow no longer names");
        for other in [".lightloom-AbCdEf.tmp", ".lightloom-a-b-c.tmp", "a.tmp", ".lightloom-a-1-c-d-e.tmp"] {
            assert_eq!(Label::parse(OsStr::new(other)), None, "{other}");
        }
        // Published test vectors of FNV-1a.
        assert_eq!(
            (fingerprint_of(b"").as_str(), fingerprint_of(b"a").as_str()),
            ("cbf29ce484222325", "af63dc4c8601ec8c")
        );
        assert!(is_alive(std::process::id()));
    }

    #[test]
    fn what_has_an_owner_stays_however_old_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let folder = folder(dir.path());
        let own = Temporary::create(&folder).unwrap();
        own.file().set_modified(SystemTime::now() - 100 * FOREIGN).unwrap();
        remove_leftovers(&folder, dir.path());
        assert_eq!(left(dir.path()), [own.name().to_str().unwrap()]);
        drop(own);
        assert_eq!(left(dir.path()).len(), 0);
    }

    #[test]
    fn what_has_none_is_removed_with_what_it_claimed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = folder(dir.path());
        let label = |machine: &str, claims: &str| Label {
            machine: machine.into(),
            claims: Some(claims.to_owned()).filter(|claims| !claims.is_empty()).map(|c| fingerprint(OsStr::new(&c))),
            ..Label::new()
        };
        let old = SystemTime::now() - 2 * FOREIGN;
        let put = |name: &OsStr, time: Option<SystemTime>| {
            let file = File::create(dir.path().join(name)).unwrap();
            time.into_iter().for_each(|time| file.set_modified(time).unwrap());
        };
        put(&label(&MACHINE, "").name(), None);
        put(&label(&MACHINE, "a.jpg").name(), None);
        put(&label(&MACHINE, "full.jpg").name(), None);
        put(&label("elsewhere", "").name(), Some(old));
        let recent = label("elsewhere", "b.jpg").name();
        put(&recent, None);
        for name in ["a.jpg", "b.jpg", "holiday.tmp", ".lightloom-new.tmp"] {
            put(OsStr::new(name), None);
        }
        put(OsStr::new(".lightloom-older-version.tmp"), Some(old));
        fs::write(dir.path().join("full.jpg"), "picture").unwrap();
        let mut names: Vec<_> = taken_names(dir.path()).into_iter().map(|name| name.into_string().unwrap()).collect();
        names.sort();
        remove_leftovers(&folder, dir.path());
        let recent = recent.into_string().unwrap();
        assert_eq!(names, left(dir.path()), "what is about to be removed takes no name");
        assert_eq!(left(dir.path()), [recent.as_str(), ".lightloom-new.tmp", "b.jpg", "full.jpg", "holiday.tmp"]);
    }
}
