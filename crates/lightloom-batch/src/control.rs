//! Pause, resume and stop: how a front end steers a run without holding it.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Steers one run. All methods return at once.
#[derive(Debug, Default)]
pub struct Control {
    stopped: AtomicBool,
    pause: Mutex<Pause>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Pause {
    /// Whether a person asked for it.
    asked: bool,
    /// Troubles during which no picture is begun.
    holds: usize,
    /// When it began, whoever the reason is.
    since: Option<Instant>,
    total: Duration,
}

impl Pause {
    const fn is_on(&self) -> bool {
        self.asked || self.holds > 0
    }

    /// Begins or ends the count of its duration.
    fn count(&mut self) {
        if self.is_on() {
            self.since.get_or_insert_with(Instant::now);
        } else if let Some(since) = self.since.take() {
            self.total += since.elapsed();
        }
    }
}

/// No picture is begun until this is dropped.
#[derive(Debug)]
pub(super) struct Hold<'a>(&'a Control);

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.0.change(|pause| pause.holds -= 1);
    }
}

impl Control {
    /// Ends the run: pictures in work are dropped, the rest is not begun, nothing half-written stays.
    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
        self.resume();
    }

    /// Whether [`Self::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(SeqCst)
    }

    /// Lets pictures in work finish and begins no other.
    pub fn pause(&self) {
        if !self.is_stopped() {
            self.change(|pause| pause.asked = true);
        }
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.change(|pause| pause.asked = false);
    }

    /// Whether the run is paused by [`Self::pause`].
    pub fn is_paused(&self) -> bool {
        self.lock().asked
    }

    /// Whether a trouble keeps the run from beginning pictures.
    pub fn is_held(&self) -> bool {
        self.lock().holds > 0
    }

    /// Begins no picture while the returned guard lives, whether or not somebody pauses and resumes meanwhile.
    pub(super) fn hold(&self) -> Hold<'_> {
        self.change(|pause| pause.holds += 1);
        Hold(self)
    }

    /// Whether no picture may be begun now.
    pub(super) fn begins_nothing(&self) -> bool {
        self.lock().is_on()
    }

    /// Time spent in pauses so far, those of troubles included.
    pub fn paused_for(&self) -> Duration {
        let pause = self.lock();
        pause.total + pause.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Waits for the end of a pause, if there is one. Never called inside the rayon pool.
    pub(super) fn wait_while_paused(&self) {
        let mut pause = self.lock();
        while pause.is_on() && !self.is_stopped() {
            pause = self.changed.wait(pause).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn change(&self, change: impl FnOnce(&mut Pause)) {
        let mut pause = self.lock();
        change(&mut pause);
        pause.count();
        drop(pause);
        self.changed.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_ends_a_pause() {
        let control = Control::default();
        control.pause();
        assert!(control.is_paused());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| control.wait_while_paused());
            control.stop();
            waiting.join().unwrap();
        });
        assert!(control.is_stopped() && !control.is_paused());
        control.pause();
        assert!(!control.is_paused(), "a stopped run cannot be paused");
    }

    #[test]
    fn a_hold_outlasts_a_pause() {
        let control = Control::default();
        control.pause();
        let hold = control.hold();
        control.resume();
        assert!(control.begins_nothing() && control.is_held() && !control.is_paused());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| control.wait_while_paused());
            drop(hold);
            waiting.join().unwrap();
        });
        let paused = control.paused_for();
        assert!(!control.begins_nothing());
        assert_eq!(control.paused_for(), paused, "nothing is counted afterwards");
    }
}
