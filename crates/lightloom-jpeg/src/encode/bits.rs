//! Bits of codes on their way to the bytes of a scan.

use super::huffman::{ABOVE_LENGTH, Bits};
use super::transform::LANES;

/// Bytes of the largest group: 64 symbols of at most 26 bits in each block, and what is written beyond the last.
pub(super) const ROOM: usize = 3 * LANES * 64 * 26 / 8 + 8;

/// Bits on their way to bytes.
pub(super) struct BitWriter<'a> {
    /// Those that are not yet written are the lowest.
    pub(super) bits: u64,
    /// Their number, in the lowest six bits.
    pub(super) count: u32,
    /// Bytes that are written.
    pub(super) at: usize,
    pub(super) to: &'a mut [u8; ROOM],
}

impl BitWriter<'_> {
    /// Takes bits; up to 56 between two calls of [`Self::flush`].
    #[inline(always)]
    pub(super) fn push(&mut self, bits: Bits) {
        self.bits = self.bits << (bits & 63) | u64::from(bits >> ABOVE_LENGTH);
        self.count = self.count.wrapping_add(bits);
    }

    /// Writes whole bytes.
    #[inline(always)]
    pub(super) fn flush(&mut self) {
        let count = self.count & 63;
        let bytes = (self.bits << (count.wrapping_neg() & 63)).to_be_bytes();
        self.to[self.at..self.at + 8].copy_from_slice(&bytes);
        self.at += count as usize / 8;
        self.count = count % 8;
    }

    /// Fills the last byte with ones. Returns how many bytes there are.
    pub(super) fn filled(mut self) -> usize {
        self.push(0x7f << ABOVE_LENGTH | 7);
        self.flush();
        self.at
    }
}

/// Appends bytes of a scan; behind 255, which begins a marker, comes a zero.
pub(super) fn stuff(file: &mut Vec<u8>, bytes: &[u8]) {
    let (chunks, rest) = bytes.as_chunks::<32>();
    for chunk in chunks {
        if chunk.iter().fold(false, |any, byte| any | (*byte == 0xff)) {
            stuff_each(file, chunk);
        } else {
            file.extend_from_slice(chunk);
        }
    }
    stuff_each(file, rest);
}

fn stuff_each(file: &mut Vec<u8>, bytes: &[u8]) {
    for part in bytes.split_inclusive(|byte| *byte == 0xff) {
        file.extend_from_slice(part);
        if part.last() == Some(&0xff) {
            file.push(0);
        }
    }
}
