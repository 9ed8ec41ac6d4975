//! What the watching thread is told by others: where something changed, and that it is to stop.
//!
//! However often a file changes while the thread is busy, it is told once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// More places than this mean: everywhere.
const MOST: usize = 50_000;

/// What was heard of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sound {
    /// It is new, gone, or has changed in some way.
    Changed,
    /// A program wrote to it.
    Written,
    /// A program that wrote to it closed it.
    Closed,
}

/// What was heard since the last time.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// The last sound of each place.
    pub places: HashMap<PathBuf, Sound>,
    /// Some sounds were lost: all folders have to be looked through.
    pub everywhere: bool,
    /// Why the system tells of no more folders.
    pub deaf: Option<String>,
}

impl News {
    fn is_empty(&self) -> bool {
        self.places.is_empty() && !self.everywhere && self.deaf.is_none()
    }

    /// Adds what was heard of a place.
    pub fn hear(&mut self, place: PathBuf, sound: Sound) {
        if self.places.len() >= MOST {
            self.places.clear();
            self.everywhere = true;
        }
        // That its data changed is no news to a file that is known to be written to.
        let known = self.places.entry(place).or_insert(sound);
        if sound != Sound::Changed {
            *known = sound;
        }
    }
}

/// Where news are left and taken.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    news: News,
    stopped: bool,
}

impl Inbox {
    /// Leaves something.
    pub fn put(&self, put: impl FnOnce(&mut News)) {
        put(&mut self.lock().news);
        self.changed.notify_all();
    }

    /// Asks the thread to stop.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    pub fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Waits until there are news, it is `until`, or the thread is to stop. Takes the news.
    pub fn wait(&self, until: Instant) -> News {
        let mut state = self.lock();
        while state.news.is_empty() && !state.stopped {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        std::mem::take(&mut state.news)
    }

    /// Waits until it is `until` or the thread is to stop, whatever the news.
    pub fn rest(&self, until: Instant) {
        let mut state = self.lock();
        while !state.stopped {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_place_is_told_once_and_too_many_are_everywhere() {
        let inbox = Inbox::default();
        for sound in [Sound::Changed, Sound::Written, Sound::Written, Sound::Changed] {
            inbox.put(|news| news.hear("a".into(), sound));
        }
        inbox.put(|news| news.hear("b".into(), Sound::Written));
        inbox.put(|news| news.hear("b".into(), Sound::Closed));
        let news = inbox.wait(Instant::now() + Duration::from_secs(60));
        assert_eq!(news.places.get(&PathBuf::from("a")), Some(&Sound::Written));
        assert_eq!(news.places.get(&PathBuf::from("b")), Some(&Sound::Closed));
        assert!(inbox.wait(Instant::now()).is_empty());
        inbox.put(|news| (0..=MOST).for_each(|i| news.hear(i.to_string().into(), Sound::Changed)));
        let news = inbox.wait(Instant::now());
        assert!(news.everywhere && news.places.len() == 1);
        inbox.stop();
        assert!(inbox.wait(Instant::now() + Duration::from_secs(60)).is_empty(), "returns at once");
    }
}
