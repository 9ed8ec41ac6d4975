//! What a thread has taken from others (memory, a place in a queue) for as long as it waits for a disk: it goes back where the
//! disk does not answer.

use std::sync::{Arc, Mutex, PoisonError};

/// What is taken from others for the time of a read or write, and lent back when it hangs.
pub(super) type Lent<T> = Arc<Mutex<Option<T>>>;

pub(super) trait LendBack: Send + Sync {
    fn lend_back(&self);
}

impl<T: Send> LendBack for Mutex<Option<T>> {
    fn lend_back(&self) {
        drop(self.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
