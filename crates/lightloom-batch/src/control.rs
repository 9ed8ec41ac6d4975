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
    since: Option<Instant>,
    total: Duration,
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
            self.lock().since.get_or_insert_with(Instant::now);
        }
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        let mut pause = self.lock();
        if let Some(since) = pause.since.take() {
            pause.total += since.elapsed();
        }
        drop(pause);
        self.changed.notify_all();
    }

    /// Whether the run is paused.
    pub fn is_paused(&self) -> bool {
        self.lock().since.is_some()
    }

    /// Time spent in pauses so far.
    pub fn paused_for(&self) -> Duration {
        let pause = self.lock();
        pause.total + pause.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Waits for the end of a pause, if there is one. Never called inside the rayon pool.
    pub(super) fn wait_while_paused(&self) {
        let mut pause = self.lock();
        while pause.since.is_some() && !self.is_stopped() {
            pause = self.changed.wait(pause).unwrap_or_else(PoisonError::into_inner);
        }
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
}
