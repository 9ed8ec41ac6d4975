//! Sample buffers that outlive a picture: a fresh allocation of a large picture costs more time in page faults than
//! many filters take, so a worker passes each buffer on to its next picture.

use super::Sample;

/// The shelves of one worker, one per sample type.
#[derive(Debug, Default)]
pub struct Buffers {
    pub(super) u8: Vec<Vec<u8>>,
    pub(super) u16: Vec<Vec<u16>>,
    pub(super) f32: Vec<Vec<f32>>,
}

/// Buffers kept per shelf; a pipeline never holds more pictures than this at once.
const KEPT: usize = 3;

impl Buffers {
    /// A buffer of exactly `len` samples whose values are unspecified: the best-fitting one from the shelf or a new one.
    pub fn take<S: Sample>(&mut self, len: usize) -> Vec<S> {
        let shelf = S::shelf(self);
        let fitting = (0..shelf.len()).filter(|&i| shelf[i].capacity() >= len).min_by_key(|&i| shelf[i].capacity());
        match fitting {
            Some(i) => {
                let mut buffer = shelf.remove(i);
                buffer.resize(len, S::default());
                buffer
            }
            None => vec![S::default(); len],
        }
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

#[cfg(test)]
mod tests {
    use super::*;

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
