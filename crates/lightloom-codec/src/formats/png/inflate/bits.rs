//! The bits of packed data, the lowest of each byte first (RFC 1951, 3.1.1).

/// Reads from several parts as if they were one. Behind the last come zeros; [`Bits::is_within`] says so.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    part: &'a [u8],
    later: &'a [&'a [u8]],
    /// In `part`, or in one of the parts behind it.
    at: usize,
    /// The next bits, the first in the lowest place.
    word: u64,
    /// How many of them count, in the lower 6 bits; what is above those means nothing.
    left: u32,
}

/// Bits that are there after [`Bits::refill`].
const REFILLED: u32 = 56;

impl<'a> Bits<'a> {
    pub fn new(parts: &'a [&'a [u8]]) -> Self {
        let (part, later) = parts.split_first().map_or((&[][..], parts), |(part, later)| (*part, later));
        Self { part, later, at: 0, word: 0, left: 0 }
    }

    /// Has at least [`REFILLED`] bits ready.
    #[inline(always)]
    pub fn refill(&mut self) {
        let next;
        if let Some(bytes) = self.part.get(self.at..).and_then(<[u8]>::first_chunk) {
            next = u64::from_le_bytes(*bytes);
        } else {
            // By value, so that the reader can be kept in registers.
            (self.part, self.later, self.at, next) = across(self.part, self.later, self.at);
        }
        self.word |= next << (self.left & 63);
        self.at += 7 - (self.left >> 3 & 7) as usize;
        self.left |= REFILLED;
    }

    /// The next bits, of which as many count as are ready.
    #[inline(always)]
    pub fn peek(&self) -> u64 {
        self.word
    }

    /// Passes over as many bits as the lowest 6 bits of `count` say; those above are ignored.
    #[inline(always)]
    pub fn skip(&mut self, count: u32) {
        self.word = self.word.wrapping_shr(count);
        self.left = self.left.wrapping_sub(count);
    }

    /// The next `count` bits, at most as many as are ready.
    #[inline(always)]
    pub fn take(&mut self, count: u32) -> u32 {
        let bits = self.word & ((1 << count) - 1);
        self.skip(count);
        bits as u32
    }

    /// Passes over what is left of a byte.
    pub fn align(&mut self) {
        self.skip(self.left & 7);
    }

    /// Copies bytes, as many as `to` has place for; the bits begin a byte.
    pub fn copy(&mut self, mut to: &mut [u8]) -> Option<()> {
        while self.left & 63 >= 8
            && let Some((first, rest)) = std::mem::take(&mut to).split_first_mut()
        {
            *first = self.take(8) as u8;
            to = rest;
        }
        if to.is_empty() {
            return Some(());
        }
        // Those behind the last that counts are read anew.
        (self.word, self.left) = (0, 0);
        while !to.is_empty() {
            (self.part, self.later, self.at) = entered(self.part, self.later, self.at);
            let from = self.part.get(self.at..).filter(|from| !from.is_empty())?;
            let count = from.len().min(to.len());
            let (now, rest) = to.split_at_mut(count);
            now.copy_from_slice(from.get(..count)?);
            (self.at, to) = (self.at + count, rest);
        }
        Some(())
    }

    /// Whether no more bits were passed over than there are.
    pub fn is_within(&self) -> bool {
        let ready = (self.left & 63) as usize / 8;
        self.at <= ready + self.part.len() + self.later.iter().map(|part| part.len()).sum::<usize>()
    }
}

/// Goes on to the part that the next byte is in.
fn entered<'a>(mut part: &'a [u8], mut later: &'a [&'a [u8]], mut at: usize) -> (&'a [u8], &'a [&'a [u8]], usize) {
    while at >= part.len()
        && let [next, rest @ ..] = later
    {
        at -= part.len();
        (part, later) = (next, rest);
    }
    (part, later, at)
}

/// The next eight bytes where they are not all in one part, zeros behind the last.
#[cold]
#[inline(never)]
fn across<'a>(part: &'a [u8], later: &'a [&'a [u8]], at: usize) -> (&'a [u8], &'a [&'a [u8]], usize, u64) {
    let (part, later, at) = entered(part, later, at);
    let rest = part.get(at..).unwrap_or_default();
    let mut bytes = [0; 8];
    let next = rest.iter().chain(later.iter().copied().flatten());
    bytes.iter_mut().zip(next).for_each(|(to, byte)| *to = *byte);
    (part, later, at, u64::from_le_bytes(bytes))
}
