//! Unpacks zlib data (RFC 1950 and 1951), some at a time, so that what comes out is worked on while it is in the cache.
//!
//! As in libdeflate, the packed data have to be there as a whole, 56 bits are made ready at once, and an entry of a table
//! holds all that its code means. That takes 3 to 7 % longer than libdeflate, which can only unpack everything at once, and
//! four fifths of what streams of other libraries take. (Entries of two literals did not pay: in photographs, hardly two
//! codes are short enough together.)

use multiversion::multiversion;

mod bits;
mod tables;

use bits::Bits;
use tables::Tables;

/// Unpacks what several parts hold together.
pub(super) struct Inflater<'a> {
    bits: Bits<'a>,
    tables: Box<Tables>,
    block: Block,
    is_last: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    /// Comes next, unless it was the last.
    Between,
    /// Bytes as they are: how many are left.
    Stored(usize),
    Coded,
}

/// How far back a match may lie.
pub(super) const WINDOW: usize = 32 << 10;

/// Room behind what [`Inflater::fill`] fills: for four literals, the longest match of 258 bytes, and the pieces that it is
/// written in.
pub(super) const SLACK: usize = 300;

impl<'a> Inflater<'a> {
    /// None if it is not zlib data, or needs a dictionary.
    pub fn new(parts: &'a [&'a [u8]]) -> Option<Self> {
        let mut bits = Bits::new(parts);
        bits.refill();
        let (method, flags) = (bits.take(8), bits.take(8));
        let is_zlib = method & 15 == 8 && method >> 4 <= 7 && (method << 8 | flags) % 31 == 0 && flags & 32 == 0;
        is_zlib.then(|| Self { bits, tables: Box::new(Tables::new()), block: Block::Between, is_last: false })
    }

    /// Whether all has been unpacked.
    pub fn is_done(&self) -> bool {
        self.is_last && self.block == Block::Between
    }

    /// Unpacks to `out[at..]`, at least until fewer than [`SLACK`] bytes are left, unless the data end. What came before, up
    /// to [`WINDOW`] bytes, has to be before `at`. Returns where it ended; what lies behind that in `out` is worth nothing.
    /// None if the data are damaged.
    pub fn fill(&mut self, out: &mut [u8], mut at: usize) -> Option<usize> {
        let limit = out.len().checked_sub(SLACK)?;
        while at < limit && !self.is_done() {
            match self.block {
                Block::Between => self.begin()?,
                Block::Stored(rest) => {
                    let count = rest.min(limit - at);
                    self.bits.copy(out.get_mut(at..at + count)?)?;
                    at += count;
                    self.block = if rest == count { Block::Between } else { Block::Stored(rest - count) };
                }
                Block::Coded => {
                    let is_ended;
                    (self.bits, at, is_ended) = symbols(&self.tables, self.bits, out, at)?;
                    if is_ended {
                        self.block = Block::Between;
                    }
                }
            }
            self.bits.is_within().then_some(())?;
        }
        Some(at)
    }

    /// Reads the checksum behind the data.
    pub fn checksum(&mut self) -> Option<u32> {
        self.bits.align();
        let mut bytes = [0; 4];
        self.bits.copy(&mut bytes)?;
        self.bits.is_within().then(|| u32::from_be_bytes(bytes))
    }

    /// Reads the head of a block.
    fn begin(&mut self) -> Option<()> {
        let bits = &mut self.bits;
        bits.refill();
        self.is_last = bits.take(1) == 1;
        self.block = match bits.take(2) {
            0 => {
                bits.align();
                let (length, inverted) = (bits.take(16), bits.take(16));
                (length ^ inverted == 0xffff).then_some(Block::Stored(length as usize))?
            }
            1 => {
                let mut lengths = [8; 288];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                self.tables.build(&lengths, &[5; 32])?;
                Block::Coded
            }
            2 => {
                lengths(bits, &mut self.tables)?;
                Block::Coded
            }
            _ => return None,
        };
        Some(())
    }
}

/// Reads the lengths of a block's codes (RFC 1951, 3.2.7).
fn lengths(bits: &mut Bits<'_>, tables: &mut Tables) -> Option<()> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let (literals, distances, count) =
        (bits.take(5) as usize + 257, bits.take(5) as usize + 1, bits.take(4) as usize + 4);
    let mut of_lengths = [0; 19];
    for place in ORDER.iter().take(count) {
        bits.refill();
        of_lengths[*place] = bits.take(3) as u8;
    }
    let codes = tables::lengths(&of_lengths)?;
    let mut lengths = [0_u8; 288 + 32];
    let all = literals + distances;
    let mut at = 0;
    while at < all {
        bits.refill();
        let (symbol, length) = codes[(bits.peek() & 127) as usize];
        bits.skip(u32::from(length));
        let (value, count) = match symbol {
            _ if length == 0 => return None,
            0..16 => (symbol, 1),
            16 => (*lengths.get(at.checked_sub(1)?)?, 3 + bits.take(2)),
            17 => (0, 3 + bits.take(3)),
            _ => (0, 11 + bits.take(7)),
        };
        let end = at + count as usize;
        lengths.get_mut(at..end).filter(|_| end <= all)?.fill(value);
        at = end;
    }
    // Without the end, it would never come.
    (lengths[256] > 0).then_some(())?;
    tables.build(lengths.get(..literals)?, lengths.get(literals..all)?)
}

/// Unpacks symbols until less than [`SLACK`] bytes are left or the block ends; returns where, and whether it ends.
#[multiversion(targets("x86_64+avx+avx2+bmi1+bmi2+lzcnt+movbe+popcnt+sse+sse2+sse3+sse4.1+ssse3"))]
fn symbols<'a>(tables: &Tables, mut bits: Bits<'a>, out: &mut [u8], mut at: usize) -> Option<(Bits<'a>, usize, bool)> {
    let limit = out.len().checked_sub(SLACK)?;
    bits.refill();
    let mut entry = tables.literal(bits.peek());
    while at < limit {
        if entry.is_literal() {
            // Four lookups at most; a fifth has bits enough.
            let room: &mut [u8; 4] = out.get_mut(at..)?.first_chunk_mut()?;
            let mut count = 0;
            for byte in room {
                *byte = entry.byte();
                count += 1;
                bits.skip(entry.0);
                entry = tables.literal(bits.peek());
                if !entry.is_literal() {
                    break;
                }
            }
            at += count;
            bits.refill();
            if entry.is_literal() {
                continue;
            }
        }
        if entry.is_rare() {
            if entry.is_second() {
                entry = tables.second_literal(entry, bits.peek());
                if entry.is_literal() {
                    *out.get_mut(at)? = entry.byte();
                    at += 1;
                    bits.skip(entry.0);
                    bits.refill();
                    entry = tables.literal(bits.peek());
                    continue;
                }
            }
            if entry.is_rare() {
                bits.skip(entry.bits());
                return entry.is_end().then_some((bits, at, true));
            }
        }
        let length = entry.value(bits.peek());
        bits.skip(entry.0);
        let mut far = tables.distance(bits.peek());
        if far.is_second() {
            far = tables.second_distance(far, bits.peek());
        }
        if far.is_rare() {
            return None;
        }
        let distance = far.value(bits.peek());
        bits.skip(far.0);
        bits.refill();
        entry = tables.literal(bits.peek());
        repeat(out, at, distance, length)?;
        at += length;
    }
    Some((bits, at, false))
}

/// Bytes that are copied at once: so many more, less one, than a match has may be written behind it.
const PIECE: usize = 16;

/// Writes what lies `distance` before `at` once more.
#[inline(always)]
fn repeat(out: &mut [u8], at: usize, distance: usize, length: usize) -> Option<()> {
    let from = at.checked_sub(distance)?;
    if distance >= PIECE {
        for piece in (0..length).step_by(PIECE) {
            let bytes: [u8; PIECE] = *out.get(from + piece..)?.first_chunk()?;
            *out.get_mut(at + piece..)?.first_chunk_mut()? = bytes;
        }
        return Some(());
    }
    // The same few bytes again and again.
    let mut bytes = [0; PIECE];
    bytes.iter_mut().zip(out.get(from..at)?.iter().cycle()).for_each(|(to, byte)| *to = *byte);
    for piece in (0..length).step_by(PIECE / distance * distance) {
        *out.get_mut(at + piece..)?.first_chunk_mut()? = bytes;
    }
    Some(())
}

#[cfg(test)]
mod tests;
