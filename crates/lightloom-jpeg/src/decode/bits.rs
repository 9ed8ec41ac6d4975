//! The bits of a scan, with the bytes that were stuffed into it taken out.

use super::Declined;

/// Bytes that are unstuffed ahead, so that they are still in the first-level cache when they are read.
const WINDOW: usize = 4 << 10;

/// More bytes than an MCU can take: six blocks of 64 coefficients, each a code and a value of at most 16 bits.
const LARGEST_MCU: usize = 6 * 64 * 4;

/// Of a place in a window: it has no higher bits.
const PLACE: usize = 8191;

const _: () = assert!(WINDOW + 2 * LARGEST_MCU < PLACE);

/// As long as any place in a window allows.
pub(super) type Bytes = [u8; PLACE + 9];

/// A window onto the data of a scan. Zeros follow where a marker ends the data.
pub(super) struct Window<'a> {
    /// What has not been unstuffed.
    rest: &'a [u8],
    bytes: Box<Bytes>,
    /// How many of the bytes are data.
    end: usize,
    at_marker: bool,
}

/// A place in a window: the next bits, the first of them in the highest place.
#[derive(Clone, Copy, Default)]
pub(super) struct Bits {
    next: u64,
    /// How many of them count, in the lowest six bits. What is above is of no meaning.
    left: u64,
    /// The byte that follows them.
    position: usize,
}

impl Bits {
    /// Afterwards there are at least 56 bits.
    #[inline(always)]
    pub(super) fn refill(&mut self, window: &Bytes) {
        let ahead = window[self.position & PLACE..].first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        self.next |= ahead >> (self.left & 63);
        self.position += (!self.left & 63) as usize >> 3;
        self.left |= 56;
    }

    /// The next bits without taking them, at most 32.
    #[inline(always)]
    pub(super) fn peek(self, count: u32) -> usize {
        (self.next >> (64 - count)) as usize
    }

    /// Takes bits that are there. Only the lowest byte of `count` counts.
    #[inline(always)]
    pub(super) fn skip(&mut self, count: u64) {
        self.next <<= count & 63;
        self.left = self.left.wrapping_sub(count);
    }

    /// Takes a number of `size` bits in the notation of JPEG: those that begin with 0 are negative.
    #[inline(always)]
    pub(super) fn number(&mut self, size: u32) -> i32 {
        if size == 0 {
            return 0;
        }
        let bits = self.peek(size) as i32;
        self.skip(u64::from(size));
        extend(bits, size)
    }

    /// How many bits there are until `end`, a place in the window; fewer than none where some were taken that are not there.
    fn until(self, end: usize) -> isize {
        8 * (end as isize - self.position as isize) + (self.left & 63) as isize
    }
}

/// The number that `size` bits stand for: those that begin with 0 are negative.
#[inline(always)]
pub(super) fn extend(bits: i32, size: u32) -> i32 {
    if bits >> (size - 1) == 0 { bits - (1 << size) + 1 } else { bits }
}

impl<'a> Window<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { rest: data, bytes: Box::new([0; PLACE + 9]), end: 0, at_marker: false }
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Sees to it that an MCU can be read without a look at the end of the window.
    #[inline(always)]
    pub(super) fn prepare(&mut self, bits: &mut Bits) -> Result<(), Declined> {
        if !self.at_marker && bits.position + LARGEST_MCU > self.end { self.advance(bits) } else { Ok(()) }
    }

    #[cold]
    fn advance(&mut self, bits: &mut Bits) -> Result<(), Declined> {
        self.bytes.copy_within(bits.position.min(self.end)..self.end, 0);
        self.end -= bits.position.min(self.end);
        bits.position = 0;
        while self.end < WINDOW {
            let near = &self.rest[..self.rest.len().min(WINDOW - self.end)];
            if near.is_empty() {
                return Err(Declined("the data end without a marker"));
            }
            let plain = memchr::memchr(0xff, near).unwrap_or(near.len());
            self.bytes[self.end..self.end + plain].copy_from_slice(&near[..plain]);
            self.end += plain;
            self.rest = &self.rest[plain..];
            if plain < near.len() {
                if self.rest.get(1) != Some(&0) {
                    self.at_marker = true;
                    break;
                }
                self.bytes[self.end] = 0xff;
                self.end += 1;
                self.rest = &self.rest[2..];
            }
        }
        self.bytes[self.end..self.end + LARGEST_MCU].fill(0);
        Ok(())
    }

    /// Whether no bits were read that are not there.
    ///
    /// # Errors
    /// If some were.
    #[inline(always)]
    pub(super) fn check(&self, bits: Bits) -> Result<(), Declined> {
        if bits.until(self.end) < 0 { Err(Declined("the data end too early")) } else { Ok(()) }
    }

    /// Ends the data before a marker, and takes it.
    ///
    /// # Errors
    /// If the data do not end here.
    pub(super) fn marker(&mut self, bits: &mut Bits) -> Result<u8, Declined> {
        if !self.at_marker {
            self.advance(bits)?;
        }
        if !self.at_marker || bits.until(self.end) >= 8 {
            return Err(Declined("the data do not end where they should"));
        }
        let filled = self.rest.iter().take_while(|byte| **byte == 0xff).count();
        let marker = match self.rest.get(filled) {
            None | Some(0) => return Err(Declined("the data end without a marker")),
            Some(marker) => *marker,
        };
        self.rest = &self.rest[filled + 1..];
        (self.end, self.at_marker) = (0, false);
        *bits = Bits::default();
        Ok(marker)
    }
}
