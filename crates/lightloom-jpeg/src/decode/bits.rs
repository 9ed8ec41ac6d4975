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

/// The data of a scan, cut by restart markers.
pub(super) struct Data<'a> {
    pub(super) window: Window<'a>,
    pub(super) bits: Bits,
    restart_interval: usize,
    /// MCUs until the next restart marker.
    until_restart: usize,
    /// The last three bits of the next restart marker.
    next_restart: u8,
}

impl<'a> Data<'a> {
    /// With an interval in MCUs; 0 where there are no restart markers.
    pub(super) fn new(data: &'a [u8], restart_interval: usize) -> Self {
        let window = Window::new(data);
        Self { window, bits: Bits::default(), restart_interval, until_restart: restart_interval, next_restart: 0 }
    }

    /// Begins an MCU; returns whether decoding begins anew there.
    #[inline(always)]
    pub(super) fn begin_mcu(&mut self) -> Result<bool, Declined> {
        let mut restarts = false;
        if self.restart_interval > 0 {
            restarts = self.until_restart == 0;
            if restarts {
                self.restart()?;
            }
            self.until_restart -= 1;
        }
        self.window.prepare(&mut self.bits)?;
        Ok(restarts)
    }

    /// Ends an MCU.
    ///
    /// # Errors
    /// If bits were read that are not there.
    #[inline(always)]
    pub(super) fn end_mcu(&mut self, bits: Bits) -> Result<(), Declined> {
        self.bits = bits;
        self.window.check(bits)
    }

    #[cold]
    fn restart(&mut self) -> Result<(), Declined> {
        self.window.end(&mut self.bits)?;
        if self.window.take_marker()? != 0xd0 + self.next_restart {
            return Err(Declined("a restart marker is missing"));
        }
        self.bits = Bits::default();
        self.next_restart = (self.next_restart + 1) % 8;
        self.until_restart = self.restart_interval;
        Ok(())
    }

    /// Ends the scan: what follows, from a marker on.
    ///
    /// # Errors
    /// If there are more data.
    pub(super) fn end(mut self) -> Result<&'a [u8], Declined> {
        self.window.end(&mut self.bits)?;
        Ok(self.window.rest)
    }
}

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

    /// Takes a number of `size` bits that are there; 0 if `size` is.
    #[inline(always)]
    pub(super) fn unsigned(&mut self, size: u32) -> u32 {
        if size == 0 {
            return 0;
        }
        let number = self.peek(size) as u32;
        self.skip(u64::from(size));
        number
    }

    /// Takes a bit.
    #[inline(always)]
    pub(super) fn bit(&mut self, window: &Bytes) -> bool {
        if self.left & 63 == 0 {
            self.refill(window);
        }
        let bit = self.peek(1) == 1;
        self.skip(1);
        bit
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

    /// Ends the data before a marker.
    ///
    /// # Errors
    /// If the data do not end here.
    fn end(&mut self, bits: &mut Bits) -> Result<(), Declined> {
        if !self.at_marker {
            self.advance(bits)?;
        }
        if !self.at_marker || bits.until(self.end) >= 8 {
            return Err(Declined("the data do not end where they should"));
        }
        Ok(())
    }

    /// Takes the marker that the data ended with.
    fn take_marker(&mut self) -> Result<u8, Declined> {
        let filled = self.rest.iter().take_while(|byte| **byte == 0xff).count();
        let marker = match self.rest.get(filled) {
            None | Some(0) => return Err(Declined("the data end without a marker")),
            Some(marker) => *marker,
        };
        self.rest = &self.rest[filled + 1..];
        (self.end, self.at_marker) = (0, false);
        Ok(marker)
    }
}
