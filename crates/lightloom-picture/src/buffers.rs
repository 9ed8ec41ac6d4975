//! Sample buffers that outlive a picture: a fresh allocation of a large picture costs more time in page faults than
//! many filters take, so a worker passes each buffer on to its next picture.
//!
//! No samples of one picture may show in another. Whoever may leave samples unwritten, such as a decoder of a damaged
//! file, gets a buffer of zeros. Only code that writes every sample takes one for overwriting; debug builds, fuzz builds
//! among them, fill that with values that differ each time, so that a sample that was left out shows when results are
//! compared.

use super::Sample;

/// The shelves of one worker, one per sample type.
#[derive(Debug, Default)]
pub struct Buffers {
    pub(super) u8: Vec<Vec<u8>>,
    pub(super) u16: Vec<Vec<u16>>,
    pub(super) f32: Vec<Vec<f32>>,
    /// How many buffers were poisoned.
    poisoned: u32,
}

/// Buffers kept per shelf; a pipeline never holds more pictures than this at once.
const KEPT: usize = 3;

impl Buffers {
    /// A buffer of `len` zeros.
    pub fn take<S: Sample>(&mut self, len: usize) -> Vec<S> {
        match self.fitting(len) {
            Some(mut buffer) => {
                buffer.clear();
                buffer.resize(len, S::default());
                buffer
            }
            None => with_room(len),
        }
    }

    /// A buffer of `len` samples of which the caller writes every one before any is read: their values are unspecified.
    pub fn take_for_overwrite<S: Sample>(&mut self, len: usize) -> Vec<S> {
        let mut buffer = match self.fitting(len) {
            Some(mut buffer) => {
                buffer.resize(len, S::default());
                buffer
            }
            None => with_room(len),
        };
        if cfg!(debug_assertions) {
            self.poisoned = self.poisoned.wrapping_add(1);
            // An odd multiplier visits all values; the lowest bits of a float do not make it NaN or tiny.
            buffer.fill(S::from_unit((self.poisoned.wrapping_mul(0x9e37_79b9) >> 8) as f32 / (1 << 24) as f32));
        }
        buffer
    }

    /// The smallest buffer on the shelf that holds `len` samples without growing.
    fn fitting<S: Sample>(&mut self, len: usize) -> Option<Vec<S>> {
        let shelf = S::shelf(self);
        let fitting = (0..shelf.len()).filter(|&i| shelf[i].capacity() >= len).min_by_key(|&i| shelf[i].capacity());
        fitting.map(|i| shelf.remove(i))
    }

    /// Puts a buffer on its shelf; a full shelf drops the buffer that has lain there longest: pictures of sizes that no longer
    /// occur leave such behind.
    pub fn give<S: Sample>(&mut self, buffer: Vec<S>) {
        let shelf = S::shelf(self);
        if shelf.len() == KEPT {
            shelf.remove(0);
        }
        shelf.push(buffer);
    }
}

/// A buffer of `len` zeros that can grow by a sixteenth: where each filter makes a picture a little larger than the one
/// before, as borders do, the next buffer fits too. Memory beyond `len` is reserved only, since nothing touches it.
fn with_room<S: Sample>(len: usize) -> Vec<S> {
    let mut buffer = vec![S::default(); len + len / 16];
    buffer.truncate(len);
    buffer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_grows_step_by_step_rarely_needs_another_buffer() {
        let mut buffers = Buffers::default();
        let mut places = std::collections::BTreeSet::new();
        for len in 10_000..10_600 {
            let buffer = buffers.take_for_overwrite::<u8>(len);
            places.insert(buffer.as_ptr());
            buffers.give(buffer);
        }
        assert_eq!(places.len(), 1);
    }

    #[test]
    fn a_returned_buffer_is_reused() {
        let mut buffers = Buffers::default();
        let big = buffers.take::<u8>(1000);
        let at = big.as_ptr();
        buffers.give(big);
        let again = buffers.take::<u8>(900);
        assert_eq!((again.as_ptr(), again.len()), (at, 900));
        assert_eq!(buffers.take::<u8>(10).len(), 10);
    }

    #[test]
    fn no_sample_of_a_returned_buffer_is_seen_again() {
        fn seen<S: Sample>() {
            let mut buffers = Buffers::default();
            for len in [90, 100] {
                buffers.give(vec![S::WHITE; 100]);
                assert_eq!(buffers.take::<S>(len), vec![S::default(); len]);
            }
        }
        seen::<u8>();
        seen::<u16>();
        seen::<f32>();
    }

    #[test]
    #[cfg(debug_assertions)]
    fn a_buffer_for_overwriting_holds_something_else_each_time() {
        fn differs<S: Sample>() {
            let mut buffers = Buffers::default();
            let first = buffers.take_for_overwrite::<S>(64);
            assert!(first.iter().zip(&buffers.take_for_overwrite::<S>(64)).all(|(a, b)| a != b));
            let before = first.clone();
            buffers.give(first);
            assert!(before.iter().zip(&buffers.take_for_overwrite::<S>(64)).all(|(a, b)| a != b));
        }
        differs::<u8>();
        differs::<u16>();
        differs::<f32>();
    }

    #[test]
    fn a_cache_is_bounded_and_keeps_the_most_recently_used() {
        let mut buffers = Buffers::default();
        for len in [500, 50, 5000, 5] {
            buffers.give(vec![0_u16; len]);
        }
        assert_eq!(buffers.u16.iter().map(Vec::len).collect::<Vec<_>>(), [50, 5000, 5]);
        let used = buffers.take::<u16>(40);
        buffers.give(used);
        assert_eq!(buffers.u16.iter().map(Vec::len).collect::<Vec<_>>(), [5000, 5, 40]);
    }
}
