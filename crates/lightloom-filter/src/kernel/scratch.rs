//! Memory that the strips of a picture reuse: fresh memory for every strip would cost as many page faults
//! as the strip costs work.

use std::sync::{Mutex, PoisonError};

/// Spare scratch memory of an operation, at most one for each worker that ever ran at the same time.
#[derive(Default)]
pub(crate) struct Pool<T>(Mutex<Vec<T>>);

impl<T: Default> Pool<T> {
    /// Calls `borrower` with scratch memory that holds whatever its last user left.
    pub(crate) fn with<R>(&self, borrower: impl FnOnce(&mut T) -> R) -> R {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = spare.unwrap_or_default();
        let result = borrower(&mut scratch);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        result
    }
}

/// The first `len` items, made longer where it is too short; what was there stays.
pub(crate) fn sized<T: Copy + Default>(buffer: &mut Vec<T>, len: usize) -> &mut [T] {
    if buffer.len() < len {
        buffer.resize(len, T::default());
    }
    &mut buffer[..len]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lent_memory_is_reused() {
        let pool = Pool::<Vec<u8>>::default();
        let at = pool.with(|buffer| sized(buffer, 100).as_ptr());
        assert_eq!(pool.with(|buffer| (sized(buffer, 50).as_ptr(), buffer.len())), (at, 100));
        pool.with(|_| pool.with(|other| assert!(other.is_empty())));
    }
}
