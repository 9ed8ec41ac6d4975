//! Results that wait for space: a full disk fails no picture. No other picture is begun meanwhile, since its result
//! would find no space either; those that wait are kept in memory and written once there is room.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Control;
use super::control::Hold;
use super::room::{Room, disk_of};
use super::trouble::{Finder, Trouble, TroubleKind, Troubles};

/// How long a picture waits before it looks again: first, and at most.
const LOOK: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// How often writing is tried whatever the system says of its room, which knows no quota for one.
const RETRY: Duration = Duration::from_secs(15);
/// What the file system may need besides the file.
const MARGIN: u64 = 64 << 10;

/// The pictures of a run that wait for space.
#[derive(Debug, Default)]
pub(super) struct FullDisks(Mutex<Vec<Waiting>>);

#[derive(Debug)]
struct Waiting {
    job: usize,
    folder: PathBuf,
    disk: Option<u64>,
    /// The folder that stands for all on its disk: that of the first.
    named: PathBuf,
    reason: String,
    bytes: u64,
    room: Option<Room>,
    given_up: bool,
}

/// A result that found no space.
#[derive(Debug, Clone)]
pub(super) struct NoSpace {
    /// Where to.
    pub folder: PathBuf,
    /// Why, in the words of the system.
    pub reason: String,
}

/// One picture's wait for space. The run begins no picture as long as it lives.
pub(super) struct SpaceWait<'a> {
    disks: &'a FullDisks,
    troubles: &'a Troubles,
    job: usize,
    bytes: u64,
    tried: Instant,
    look: Duration,
    _hold: Hold<'a>,
}

/// What a wait for space came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// It is time to try again.
    TryAgain,
    /// The person gave the picture up.
    GivenUp,
    /// The run was stopped.
    Stopped,
}

impl FullDisks {
    /// Begins to wait for space for the results of a picture, of `bytes` together.
    pub fn wait<'a>(
        &'a self,
        no_space: &NoSpace,
        job: usize,
        bytes: u64,
        troubles: &'a Troubles,
        control: &'a Control,
    ) -> SpaceWait<'a> {
        let NoSpace { folder, reason } = no_space.clone();
        // Asked before the lock is taken, since a disk may take its time.
        let (room, disk) = (Room::of(&folder), disk_of(&folder));
        let mut all = self.lock();
        let same = all.iter().find(|one| one.folder == folder || (disk.is_some() && one.disk == disk));
        let named = same.map_or(&folder, |one| &one.named).clone();
        all.push(Waiting { job, folder, disk, named, reason, bytes, room, given_up: false });
        drop(all);
        self.tell(troubles);
        let (tried, look) = (Instant::now(), LOOK.0);
        SpaceWait { disks: self, troubles, job, bytes, tried, look, _hold: control.hold() }
    }

    /// Gives up the pictures that wait for the space of this trouble.
    pub fn give_up(&self, trouble: &Trouble) {
        let TroubleKind::DiskFull { folder, .. } = &trouble.kind else { return };
        self.lock().iter_mut().filter(|one| one.named == *folder).for_each(|one| one.given_up = true);
    }

    /// One trouble for each disk.
    fn tell(&self, troubles: &Troubles) {
        let mut told: BTreeMap<PathBuf, TroubleKind> = BTreeMap::new();
        for one in self.lock().iter().filter(|one| !one.given_up) {
            let none_yet = || TroubleKind::DiskFull {
                folder: one.named.clone(),
                reason: one.reason.clone(),
                needed_bytes: 0,
                room: None,
                pictures: 0,
            };
            let kind = told.entry(one.named.clone()).or_insert_with(none_yet);
            if let TroubleKind::DiskFull { needed_bytes, room, pictures, .. } = kind {
                *needed_bytes = needed_bytes.saturating_add(one.bytes);
                *pictures += 1;
                *room = one.room;
            }
        }
        troubles.set(Finder::Space, told.into_values().collect());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpaceWait<'_> {
    /// Waits until it is worth trying again. Never called inside the rayon pool.
    pub fn until_worth_trying(&mut self, control: &Control) -> Waited {
        loop {
            let deadline = Instant::now() + self.look;
            while let Some(left) = deadline.checked_duration_since(Instant::now()) {
                if control.is_stopped() {
                    return Waited::Stopped;
                }
                if self.disks.lock().iter().any(|one| one.job == self.job && one.given_up) {
                    return Waited::GivenUp;
                }
                // Short sleeps, so that a stop is noticed.
                thread::sleep(left.min(Duration::from_millis(20)));
            }
            self.look = (self.look * 2).min(LOOK.1);
            if self.has_room() || self.tried.elapsed() >= RETRY {
                self.tried = Instant::now();
                return Waited::TryAgain;
            }
        }
    }

    fn has_room(&self) -> bool {
        let folder = self.disks.lock().iter().find(|one| one.job == self.job).map(|one| one.folder.clone());
        let room = folder.and_then(|folder| Room::of(&folder));
        for one in self.disks.lock().iter_mut().filter(|one| one.job == self.job) {
            one.room = room;
        }
        self.disks.tell(self.troubles);
        room.is_none_or(|room| room.bytes >= self.bytes.saturating_add(MARGIN) && room.files != Some(0))
    }
}

impl Drop for SpaceWait<'_> {
    fn drop(&mut self) {
        self.disks.lock().retain(|one| one.job != self.job);
        self.disks.tell(self.troubles);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_wait_together_and_end_the_trouble_with_the_last() {
        let dir = tempfile::tempdir().unwrap();
        let (disks, troubles, control) = (FullDisks::default(), Troubles::default(), Control::default());
        let no_space = |name: &str| NoSpace { folder: dir.path().join(name), reason: "no space left".to_owned() };
        let mut first = disks.wait(&no_space("a"), 0, u64::MAX, &troubles, &control);
        let second = disks.wait(&no_space("b"), 1, 1000, &troubles, &control);
        let told = troubles.all();
        assert!(
            matches!(&told[..], [Trouble { kind: TroubleKind::DiskFull { pictures: 2, .. }, .. }])
                || !cfg!(unix) && told.len() == 2,
            "one disk, one trouble: {told:?}"
        );
        assert!(control.is_held());
        assert!(!first.has_room() || !cfg!(unix), "no disk has so much");
        drop(second);
        assert!(control.is_held() && troubles.all().len() == 1);
        disks.give_up(&troubles.all()[0]);
        assert_eq!(first.until_worth_trying(&control), Waited::GivenUp);
        drop(first);
        assert!(!control.is_held() && troubles.all().is_empty());
        let mut third = disks.wait(&no_space("a"), 2, 1, &troubles, &control);
        assert_eq!(third.until_worth_trying(&control), Waited::TryAgain, "there is room for one byte");
        control.stop();
        assert_eq!(third.until_worth_trying(&control), Waited::Stopped);
    }
}
