//! Memory that files are read into, used again for later ones: fresh memory costs the system more than reading into it.
//!
//! What is kept counts against the memory budget of the run, which has it given back where a picture needs the room.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes kept for later files in all.
const KEPT_BYTES: usize = 64 << 20;

/// Memory of files that are no longer needed. A copy is the same memory.
#[derive(Debug, Clone, Default)]
pub(super) struct FileMemory {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// For later files, from the smallest to the largest.
    spare: Vec<Vec<u8>>,
    /// Bytes by which memory that is used again is larger than the files that are in it.
    unused: usize,
}

impl FileMemory {
    /// Memory for a file of `length` bytes, which stand for nothing yet.
    pub fn take(&self, length: usize) -> FileBytes {
        let mut kept = self.lock();
        let Kept { spare, unused } = &mut *kept;
        let fitting = spare.iter().position(|bytes| bytes.len() >= length);
        let used_again = fitting.map(|i| spare.remove(i));
        if used_again.is_none() && length <= KEPT_BYTES / 2 {
            // What is fresh takes the place of the largest that is too small, so that there is not more and more.
            spare.pop();
        }
        let beyond = used_again.as_ref().map_or(0, |bytes| bytes.len() - length);
        *unused += beyond;
        drop(kept);
        // An eighth more, so that the next file fits too if it is a little larger; nothing touches that until then.
        let bytes = used_again.unwrap_or_else(|| vec![0; length + length / 8]);
        FileBytes { bytes, length, beyond, memory: Some(self.clone()) }
    }

    /// Bytes that it holds beyond the lengths of the files that are in use.
    pub fn beyond_files(&self) -> u64 {
        let kept = self.lock();
        (kept.spare.iter().map(Vec::len).sum::<usize>() + kept.unused) as u64
    }

    /// Gives back what is kept for later files.
    pub fn give_back(&self) {
        let spare = std::mem::take(&mut self.lock().spare);
        drop(spare);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give(&self, bytes: Vec<u8>) {
        let spare = &mut self.lock().spare;
        spare.push(bytes);
        // The smallest serve the fewest.
        spare.sort_by_key(Vec::len);
        let mut kept: usize = spare.iter().map(Vec::len).sum();
        while kept > KEPT_BYTES {
            let too_large = spare.last().is_some_and(|largest| largest.len() > KEPT_BYTES / 2);
            let dropped = if too_large { spare.pop() } else { Some(spare.remove(0)) };
            kept -= dropped.map_or(kept, |bytes| bytes.len());
        }
    }
}

/// The bytes of a file. Their memory is used again.
#[derive(Debug)]
pub(super) struct FileBytes {
    /// At least `length`; what follows belongs to no file.
    bytes: Vec<u8>,
    length: usize,
    /// What of [`Kept::unused`] is here.
    beyond: usize,
    memory: Option<FileMemory>,
}

impl FileBytes {
    /// All of them, to be overwritten.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }

    /// Only the first `length`.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Its memory is used by no file any more. Returns who is to keep it.
    fn leave(&mut self) -> Option<FileMemory> {
        let memory = self.memory.take()?;
        memory.lock().unused -= std::mem::take(&mut self.beyond);
        Some(memory)
    }

    pub fn into_vec(mut self) -> Vec<u8> {
        self.leave();
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.truncate(self.length);
        bytes
    }
}

impl From<Vec<u8>> for FileBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self { length: bytes.len(), bytes, beyond: 0, memory: None }
    }
}

impl Deref for FileBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Drop for FileBytes {
    fn drop(&mut self) {
        if let Some(memory) = self.leave() {
            memory.give(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_the_memory_of_one_before_and_none_of_its_bytes() {
        let memory = FileMemory::default();
        let mut first = memory.take(1000);
        first.as_mut_slice().fill(7);
        let place = first.as_ptr();
        drop(first);
        let mut second = memory.take(900);
        assert_eq!((second.as_ptr(), second.len()), (place, 900));
        second.as_mut_slice()[..600].fill(9);
        second.truncate(600);
        assert_eq!(&*second, &[9; 600]);
        assert_eq!(second.into_vec(), [9; 600]);
        assert!(memory.lock().spare.is_empty(), "it was given away");
    }

    #[test]
    fn what_is_kept_is_bounded_and_as_useful_as_can_be() {
        let memory = FileMemory::default();
        let held: Vec<_> = (1..=20).map(|mib| memory.take(mib << 20)).collect();
        drop(held);
        let kept = |memory: &FileMemory| memory.lock().spare.iter().map(Vec::len).collect::<Vec<_>>();
        assert!(kept(&memory).iter().sum::<usize>() <= KEPT_BYTES);
        assert!(kept(&memory).iter().all(|&length| length > 16 << 20), "the largest: {:?}", kept(&memory));
        let before = kept(&memory);
        drop(memory.take(KEPT_BYTES));
        assert_eq!(kept(&memory), before, "one that is larger than all that may be kept drives out none");
        let larger = memory.take(before.last().unwrap() + 1);
        assert_eq!(kept(&memory), before[..before.len() - 1], "one that is not takes the place of a smaller one");
        drop(larger);
        // One from the middle leaves the others in their order.
        let memory = FileMemory::default();
        drop([10, 20, 30, 40].map(|kib| memory.take(kib << 10)));
        let before = kept(&memory);
        let _middle = memory.take(before[0] + 1);
        let _larger = memory.take(before[3] + 1);
        assert_eq!(kept(&memory), [before[0], before[2]], "the largest has made room");
    }

    #[test]
    fn what_is_held_beyond_files_is_known_and_can_be_given_back() {
        let memory = FileMemory::default();
        assert_eq!(memory.beyond_files(), 0);
        let first = memory.take(8000);
        assert_eq!(memory.beyond_files(), 0, "the file itself is in the estimate of its picture");
        drop(first);
        assert_eq!(memory.beyond_files(), 9000);
        let small = memory.take(1000);
        assert_eq!(memory.beyond_files(), 8000);
        let fresh = memory.take(500);
        memory.give_back();
        assert_eq!(memory.beyond_files(), 8000, "what is in use stays");
        drop(fresh.into_vec());
        drop(small.into_vec());
        assert_eq!(memory.beyond_files(), 0);
    }
}
