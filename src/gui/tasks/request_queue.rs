//! What a background thread is asked for, in an order that those who ask may change as long as it is not begun.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Requests that wait for the threads that serve them.
pub(super) struct RequestQueue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    waiting: VecDeque<T>,
    ended: bool,
    /// Whether only the first thread serves.
    throttled: bool,
}

impl<T> Default for RequestQueue<T> {
    fn default() -> Self {
        let state = State { waiting: VecDeque::new(), ended: false, throttled: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }
}

impl<T> RequestQueue<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces what waits by what `choose` makes of it, with nothing begun in between.
    pub fn replace(&self, choose: impl FnOnce(VecDeque<T>) -> VecDeque<T>) {
        let mut state = self.lock();
        state.waiting = choose(std::mem::take(&mut state.waiting));
        drop(state);
        self.changed.notify_all();
    }

    /// The next request for the thread of this number, waited for; `None` at the end.
    pub fn next(&self, thread: usize) -> Option<T> {
        let mut state = self.lock();
        loop {
            if state.ended {
                return None;
            }
            if (thread == 0 || !state.throttled)
                && let Some(request) = state.waiting.pop_front()
            {
                return Some(request);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Leaves serving to the thread of number 0 alone, or to all.
    pub fn throttle(&self, throttled: bool) {
        self.lock().throttled = throttled;
        self.changed.notify_all();
    }

    /// Ends all threads that serve, those that wait at once.
    pub fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Whether nobody wants anything any more.
    pub fn is_ended(&self) -> bool {
        self.lock().ended
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn what_is_no_longer_wanted_is_dropped_and_the_end_wakes_those_who_wait() {
        let queue = RequestQueue::default();
        queue.replace(|_| VecDeque::from([1, 2, 3]));
        assert_eq!(queue.next(0), Some(1));
        queue.replace(|waiting| {
            assert_eq!(waiting, [2, 3]);
            VecDeque::from([7])
        });
        queue.throttle(true);
        thread::scope(|scope| {
            let second = scope.spawn(|| queue.next(1));
            assert_eq!(queue.next(0), Some(7), "only the first thread serves");
            let first = scope.spawn(|| queue.next(0));
            queue.end();
            assert_eq!((first.join().unwrap(), second.join().unwrap()), (None, None));
        });
        assert!(queue.is_ended());
    }
}
