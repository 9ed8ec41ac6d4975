//! What keeps a run from going on as usual: said while it lasts, mended without losing a picture where that is possible.
//!
//! The run keeps a list of what is wrong at this moment. A front end asks for it as often as it likes and may give up
//! what a trouble holds back; the run itself acts on that the next time it looks.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Lane;
use super::room::Room;
use lightloom_param::shown;

/// Something that is wrong at this moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// The same as long as the trouble lasts, and never used again in the run.
    pub id: u64,
    /// When it began.
    pub since: Instant,
    /// What is wrong.
    pub kind: TroubleKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum TroubleKind {
    /// There is no space for results, so no other picture is begun. The run looks again now and then.
    DiskFull {
        /// Where to.
        folder: PathBuf,
        /// Why, in a few words.
        reason: String,
        /// Size of the results that wait for space.
        needed_bytes: u64,
        /// What is free; `None` if the system does not say.
        room: Option<Room>,
        /// How many pictures wait to be written.
        pictures: usize,
    },
    /// A file system does not answer. Other pictures go on.
    StalledSource {
        /// The mount point, or the folder where that is not known.
        place: PathBuf,
        /// Pictures that a thread is waiting for.
        files: Vec<StalledFile>,
        /// Pictures of the same place that are not begun until it answers.
        waiting: usize,
    },
    /// A file system does not take a result.
    StalledOutput {
        /// Where to.
        folder: PathBuf,
        /// How many pictures are being written to it.
        pictures: usize,
    },
    /// The machine is short of memory, so fewer pictures are in flight.
    MemoryPressure {
        /// The memory for pictures in flight that was asked for.
        wanted_bytes: u64,
        /// What is used of it meanwhile.
        allowed_bytes: u64,
    },
}

/// A picture whose file does not answer.
#[derive(Debug, Clone, PartialEq)]
pub struct StalledFile {
    /// Index of the picture in the batch.
    pub job: usize,
    /// Its file.
    pub path: PathBuf,
    /// Who waits for it.
    pub lane: Lane,
}

impl Trouble {
    /// Whether [`Running::give_up`](super::Running::give_up) ends it, at the cost of the pictures that it holds back.
    pub const fn can_be_given_up(&self) -> bool {
        !matches!(self.kind, TroubleKind::MemoryPressure { .. })
    }
}

impl fmt::Display for Trouble {
    /// What is wrong, without its duration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl fmt::Display for TroubleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DiskFull { folder, reason, needed_bytes, room, pictures } => {
                let (results, wait) = if *pictures == 1 {
                    ("1 result".to_owned(), "waits")
                } else {
                    (format!("{pictures} results"), "wait")
                };
                let folder = shown(folder);
                write!(f, "{reason} in {folder}: {results} of {} {wait}", bytes(*needed_bytes))?;
                match room {
                    Some(Room { files: Some(0), .. }) => f.write_str(", and no more files can be made there"),
                    Some(room) => write!(f, ", {} are free", bytes(room.bytes)),
                    None => Ok(()),
                }
            }
            Self::StalledSource { place, files, waiting } => {
                write!(f, "{} does not answer", shown(place))?;
                if let Some(first) = files.first() {
                    write!(f, ": {} waits for {}", first.lane, shown(&first.path))?;
                }
                if files.len() > 1 {
                    write!(f, ", and {} others", files.len() - 1)?;
                }
                if *waiting > 0 {
                    write!(f, "; {waiting} more pictures of it are held back")?;
                }
                Ok(())
            }
            Self::StalledOutput { folder, .. } => {
                write!(f, "{} does not take the results that are written to it", shown(folder))
            }
            Self::MemoryPressure { wanted_bytes, allowed_bytes } => write!(
                f,
                "memory is short: pictures in flight may use {} instead of {}",
                bytes(*allowed_bytes),
                bytes(*wanted_bytes)
            ),
        }
    }
}

/// A number of bytes for people.
fn bytes(n: u64) -> String {
    match n {
        0..=9_999 => format!("{n} bytes"),
        10_000..=999_999 => format!("{:.0} kB", n as f64 / 1e3),
        1_000_000..=999_999_999 => format!("{:.1} MB", n as f64 / 1e6),
        _ => format!("{:.1} GB", n as f64 / 1e9),
    }
}

impl TroubleKind {
    /// Whether this is what another says at another time.
    fn continues(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    fn key(&self) -> (u8, &Path) {
        match self {
            Self::DiskFull { folder, .. } => (0, folder),
            Self::StalledSource { place, .. } => (1, place),
            Self::StalledOutput { folder, .. } => (2, folder),
            Self::MemoryPressure { .. } => (3, Path::new("")),
        }
    }
}

/// Who found a trouble, and so is the one who knows its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finder {
    Space,
    Watch,
    Memory,
}

/// The troubles of a run at this moment. The lock is held for no longer than it takes to copy them.
#[derive(Debug, Default)]
pub(super) struct Troubles(Mutex<Board>);

#[derive(Debug, Default)]
struct Board {
    last_id: u64,
    live: Vec<(Finder, Trouble)>,
    given_up: Vec<u64>,
}

impl Troubles {
    /// Replaces what `finder` has found. What continues keeps its number and its beginning.
    pub fn set(&self, finder: Finder, kinds: Vec<TroubleKind>) {
        let mut board = self.lock();
        let (before, others) = std::mem::take(&mut board.live).into_iter().partition(|(by, _)| *by == finder);
        let before: Vec<(Finder, Trouble)> = before;
        board.live = others;
        for kind in kinds {
            let trouble = match before.iter().find(|(_, trouble)| trouble.kind.continues(&kind)) {
                Some((_, trouble)) => Trouble { kind, ..*trouble },
                None => {
                    board.last_id += 1;
                    Trouble { id: board.last_id, since: Instant::now(), kind }
                }
            };
            board.live.push((finder, trouble));
        }
        let live: Vec<u64> = board.live.iter().map(|(_, trouble)| trouble.id).collect();
        board.given_up.retain(|id| live.contains(id));
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> Vec<Trouble> {
        let mut all: Vec<Trouble> = self.lock().live.iter().map(|(_, trouble)| trouble.clone()).collect();
        all.sort_by_key(|trouble| trouble.id);
        all
    }

    /// Asks to give up what a trouble holds back.
    pub fn give_up(&self, id: u64) {
        self.lock().given_up.push(id);
    }

    /// The troubles that are to be given up now: those asked for, and those that have lasted for `limit`.
    pub fn take_given_up(&self, limit: Option<Duration>) -> Vec<Trouble> {
        let mut board = self.lock();
        if board.live.is_empty() {
            return Vec::new();
        }
        let asked = std::mem::take(&mut board.given_up);
        let late = |trouble: &Trouble| limit.is_some_and(|limit| trouble.since.elapsed() >= limit);
        let live = board.live.iter().map(|(_, trouble)| trouble);
        live.filter(|trouble| trouble.can_be_given_up() && (asked.contains(&trouble.id) || late(trouble)))
            .cloned()
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressure(allowed_bytes: u64) -> TroubleKind {
        TroubleKind::MemoryPressure { wanted_bytes: 2_000_000_000, allowed_bytes }
    }

    fn stalled(place: &str, waiting: usize) -> TroubleKind {
        TroubleKind::StalledSource { place: place.into(), files: Vec::new(), waiting }
    }

    #[test]
    fn what_continues_keeps_its_number_and_its_beginning() {
        let troubles = Troubles::default();
        troubles.set(Finder::Watch, vec![stalled("/a", 1), stalled("/b", 1)]);
        troubles.set(Finder::Memory, vec![pressure(1_000_000_000)]);
        let before = troubles.all();
        troubles.set(Finder::Watch, vec![stalled("/b", 7)]);
        let after = troubles.all();
        assert_eq!((after[0].id, after[0].since), (before[1].id, before[1].since));
        assert!(after[0].to_string().contains("/b does not answer; 7 more"), "{}", after[0]);
        assert_eq!(after[1].to_string(), "memory is short: pictures in flight may use 1.0 GB instead of 2.0 GB");
        troubles.set(Finder::Watch, vec![stalled("/a", 1)]);
        assert!(troubles.all().iter().all(|trouble| trouble.id != before[0].id), "a number is not used again");
    }

    #[test]
    fn only_what_holds_pictures_back_is_given_up() {
        let troubles = Troubles::default();
        troubles.set(Finder::Watch, vec![stalled("/a", 1)]);
        troubles.set(Finder::Memory, vec![pressure(1)]);
        assert!(troubles.take_given_up(None).is_empty());
        troubles.all().iter().for_each(|trouble| troubles.give_up(trouble.id));
        let given_up = troubles.take_given_up(None);
        assert!(matches!(&given_up[..], [Trouble { kind: TroubleKind::StalledSource { .. }, .. }]), "{given_up:?}");
        assert!(troubles.take_given_up(None).is_empty(), "once");
        assert_eq!(troubles.take_given_up(Some(Duration::ZERO)).len(), 1, "by time");
    }

    #[test]
    fn a_full_disk_says_what_is_missing_where() {
        let full = |room| TroubleKind::DiskFull {
            folder: "/out".into(),
            reason: "no space left on device".to_owned(),
            needed_bytes: 12_340_000,
            room,
            pictures: 3,
        };
        let some = full(Some(Room { bytes: 20_000, files: None })).to_string();
        assert_eq!(some, "no space left on device in /out: 3 results of 12.3 MB wait, 20 kB are free");
        let no_files = full(Some(Room { bytes: 1 << 40, files: Some(0) })).to_string();
        assert!(no_files.ends_with("wait, and no more files can be made there"), "{no_files}");
    }
}
