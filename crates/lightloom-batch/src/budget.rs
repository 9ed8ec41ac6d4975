//! The memory budget: pictures in flight are bounded by bytes, not by count.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::Control;
use super::file_memory::FileMemory;

/// Admits pictures while the sum of what they need and of the memory that is kept for files stays within the capacity; what
/// is kept is given back where it is in the way. A picture that needs more than all of it is admitted when it is alone.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    use_: Mutex<Use>,
    freed: Condvar,
    file_memory: FileMemory,
}

#[derive(Debug)]
struct Use {
    capacity: u64,
    bytes: u64,
    peak: u64,
}

/// A picture's share; given back when dropped.
#[derive(Debug)]
pub(super) struct Permit {
    shared: Arc<Shared>,
    bytes: u64,
}

impl Budget {
    pub fn new(capacity: u64, file_memory: FileMemory) -> Self {
        let use_ = Use { capacity, bytes: 0, peak: 0 };
        Self(Arc::new(Shared { use_: Mutex::new(use_), freed: Condvar::new(), file_memory }))
    }

    /// The capacity.
    pub fn capacity(&self) -> u64 {
        self.0.lock().capacity
    }

    /// Changes the capacity from now on; what has been admitted stays.
    pub fn set_capacity(&self, capacity: u64) {
        self.0.lock().capacity = capacity;
        self.0.freed.notify_all();
    }

    /// A share of `bytes` if there is room at this moment.
    pub fn try_acquire(&self, bytes: u64) -> Option<Permit> {
        self.0.lock().admit(bytes, &self.0.file_memory).then(|| self.permit(bytes))
    }

    /// Waits for room for `bytes`, at most for `patience` and only while the run is not stopped.
    pub fn acquire(&self, bytes: u64, control: &Control, patience: Duration) -> Option<Permit> {
        let mut use_ = self.0.lock();
        let begun = std::time::Instant::now();
        loop {
            if use_.admit(bytes, &self.0.file_memory) {
                return Some(self.permit(bytes));
            }
            let left = patience.saturating_sub(begun.elapsed());
            if control.is_stopped() || left.is_zero() {
                return None;
            }
            // Short waits, so that a stop is noticed.
            let wait = left.min(Duration::from_millis(20));
            use_ = self.0.freed.wait_timeout(use_, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The largest sum that was admitted at once.
    pub fn peak(&self) -> u64 {
        self.0.lock().peak
    }

    fn permit(&self, bytes: u64) -> Permit {
        Permit { shared: Arc::clone(&self.0), bytes }
    }
}

impl Use {
    fn admit(&mut self, bytes: u64, file_memory: &FileMemory) -> bool {
        let sum = self.bytes.saturating_add(bytes);
        if sum.saturating_add(file_memory.beyond_files()) > self.capacity {
            file_memory.give_back();
        }
        let fits = self.bytes == 0 || sum.saturating_add(file_memory.beyond_files()) <= self.capacity;
        if fits {
            self.bytes = self.bytes.saturating_add(bytes);
            self.peak = self.peak.max(self.bytes);
        }
        fits
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Use> {
        self.use_.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Gives back all but `bytes`: once a picture is encoded, only its file is in memory.
    pub fn shrink(&mut self, bytes: u64) {
        let spare = self.bytes.saturating_sub(bytes);
        self.bytes -= spare;
        self.shared.lock().bytes -= spare;
        self.shared.freed.notify_all();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shrink(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(capacity: u64) -> Budget {
        Budget::new(capacity, FileMemory::default())
    }

    #[test]
    fn the_sum_stays_within_the_capacity() {
        let budget = budget(100);
        let mut first = budget.try_acquire(60).unwrap();
        assert!(budget.try_acquire(50).is_none());
        let second = budget.try_acquire(40).unwrap();
        first.shrink(10);
        let third = budget.try_acquire(50).unwrap();
        assert_eq!(budget.peak(), 100);
        drop((first, second, third));
        assert_eq!(budget.0.lock().bytes, 0);
    }

    #[test]
    fn a_giant_is_processed_alone() {
        let budget = budget(100);
        let small = budget.try_acquire(1).unwrap();
        assert!(budget.try_acquire(1000).is_none());
        drop(small);
        let giant = budget.try_acquire(1000).unwrap();
        assert!(budget.try_acquire(1).is_none());
        drop(giant);
        assert!(budget.try_acquire(1).is_some());
    }

    #[test]
    fn a_lower_capacity_holds_back_but_never_all() {
        let budget = budget(100);
        let held = budget.try_acquire(60).unwrap();
        budget.set_capacity(10);
        assert!(budget.try_acquire(1).is_none());
        drop(held);
        let alone = budget.try_acquire(60).unwrap();
        assert!(budget.try_acquire(1).is_none(), "one is admitted always");
        budget.set_capacity(100);
        assert!(budget.try_acquire(40).is_some());
        drop(alone);
    }

    #[test]
    fn waiting_ends_with_room_or_with_a_stop() {
        let budget = budget(10);
        let control = Control::default();
        let forever = Duration::from_secs(3600);
        let held = budget.try_acquire(10).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| budget.acquire(10, &control, forever));
            drop(held);
            assert!(waiting.join().unwrap().is_some());
        });
        let _held = budget.try_acquire(10).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| budget.acquire(10, &control, forever));
            control.stop();
            assert!(waiting.join().unwrap().is_none());
        });
    }

    #[test]
    fn memory_that_is_kept_for_files_counts_and_makes_room() {
        let files = FileMemory::default();
        let budget = Budget::new(20_000, files.clone());
        drop(files.take(8000));
        let held = budget.try_acquire(11_000).unwrap();
        assert_eq!(files.beyond_files(), 9000, "there is room beside it");
        let second = budget.try_acquire(5000).unwrap();
        assert_eq!(files.beyond_files(), 0, "it was in the way");
        drop((held, second));
        drop(files.take(8000));
        let in_use = files.take(1000);
        let held = budget.try_acquire(1000).unwrap();
        assert!(budget.try_acquire(12_000).is_none(), "8,000 more are in use than the file needs");
        drop(in_use);
        assert!(budget.try_acquire(12_000).is_some());
        drop(held);
    }
}
