//! Huffman tables (ITU-T T.81, annex C) made ready for looking up several symbols at once.

use super::Declined;
use super::bits::{Bits, Bytes, extend};

/// Bits that are looked up at once.
pub(super) const LOOKUP: u32 = 11;

const WINDOWS: usize = 1 << LOOKUP;

/// Where a block ends, this is added to the position that follows.
pub(super) const END: usize = 128;

/// A table as it stands in the file.
#[derive(Debug)]
pub(super) struct Codes {
    /// For the codes of each length, counted from 1: the first code that is longer, set to the left of 16 bits; what is
    /// to be added to a code to get the number of its symbol.
    lengths: [Length; 16],
    symbols: Vec<u8>,
    /// For each window: a symbol and how long its code is; 0 if it is longer than the window or there is none.
    short: [Symbol; WINDOWS],
}

#[derive(Debug, Clone, Copy, Default)]
struct Length {
    limit: u32,
    offset: i32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Symbol {
    length: u8,
    value: u8,
}

impl Codes {
    /// Reads a table from how many codes there are of each length, and their symbols.
    ///
    /// # Errors
    /// If there are more codes than their lengths allow.
    pub(super) fn new(counts: [u8; 16], symbols: &[u8]) -> Result<Self, Declined> {
        let mut codes =
            Self { lengths: Default::default(), symbols: symbols.to_vec(), short: [Symbol::default(); WINDOWS] };
        let (mut code, mut number) = (0u32, 0usize);
        for (length, count) in (1..).zip(counts.map(u32::from)) {
            // A code of ones only is not allowed.
            if code + count >= 1 << length {
                return Err(Declined("a Huffman table has too many codes"));
            }
            for value in code..code + count {
                let symbol =
                    symbols.get(number + (value - code) as usize).ok_or(Declined("a Huffman table is short"))?;
                if length <= LOOKUP {
                    let first = (value << (LOOKUP - length)) as usize;
                    let symbol = Symbol { length: length as u8, value: *symbol };
                    codes.short[first..first + (1 << (LOOKUP - length))].fill(symbol);
                }
            }
            let offset = number as i32 - code as i32;
            codes.lengths[length as usize - 1] = Length { limit: (code + count) << (16 - length), offset };
            number += count as usize;
            code = (code + count) << 1;
        }
        Ok(codes)
    }

    /// Takes a symbol of any length.
    #[inline(always)]
    fn symbol(&self, bits: &mut Bits) -> Option<u8> {
        let short = self.short[bits.peek(LOOKUP) & (WINDOWS - 1)];
        if short.length > 0 {
            bits.skip(u64::from(short.length));
            return Some(short.value);
        }
        let ahead = bits.peek(16) as u32;
        let length = self.lengths.iter().position(|length| ahead < length.limit)? as u32 + 1;
        let number = (ahead >> (16 - length)) as i32 + self.lengths[length as usize - 1].offset;
        bits.skip(u64::from(length));
        self.symbols.get(usize::try_from(number).ok()?).copied()
    }

    /// The symbol at the start of a window of which only the first `room` bits count.
    fn within(&self, window: usize, room: u32) -> Option<Symbol> {
        let symbol = self.short[window];
        (symbol.length > 0 && u32::from(symbol.length) <= room).then_some(symbol)
    }
}

/// A symbol of AC coefficients with its value, if both are within the window.
#[derive(Clone, Copy)]
struct Coefficient {
    /// How many coefficients before it are 0; for the end of a block, [`END`] - 1.
    zeros: u8,
    value: i16,
    /// Bits of the code and the value.
    bits: u32,
}

impl Coefficient {
    fn within(codes: &Codes, window: usize, room: u32) -> Option<Self> {
        let symbol = codes.within(window, room)?;
        let (run, size) = (symbol.value >> 4, u32::from(symbol.value & 15));
        let bits = u32::from(symbol.length) + size;
        if bits > room {
            return None;
        }
        if size == 0 {
            return Some(Self { zeros: if run == 15 { 15 } else { END as u8 - 1 }, value: 0, bits });
        }
        let value = window >> (LOOKUP - bits) & ((1 << size) - 1);
        Some(Self { zeros: run, value: extend(value as i32, size) as i16, bits })
    }

    fn ends(self) -> bool {
        usize::from(self.zeros) + 1 == END
    }
}

/// One or two coefficients at the start of a window, in one number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair(u64);

impl Pair {
    /// No coefficient is within the window: it goes beyond any block.
    const NONE: Self = Self((64 | 64 << 8 | 64 << 16) << 8);

    fn new(codes: &Codes, window: usize) -> Self {
        let Some(first) = Coefficient::within(codes, window, LOOKUP) else { return Self::NONE };
        let alone = u64::from(first.zeros) + 1;
        let rest = window << first.bits & (WINDOWS - 1);
        let second = if first.ends() { None } else { Coefficient::within(codes, rest, LOOKUP - first.bits) };
        // Without a second one, 0 is written where the next coefficient will be.
        let (value, place, advance, bits) = match second {
            Some(end) if end.ends() => (0, alone, alone + END as u64, first.bits + end.bits),
            None if first.ends() => (0, alone - 1, END as u64, first.bits),
            Some(second) => {
                let place = alone + u64::from(second.zeros);
                (second.value, place, place + 1, first.bits + second.bits)
            }
            None => (0, alone, alone, first.bits),
        };
        Self(
            u64::from(bits)
                | advance << 8
                | u64::from(first.zeros) << 16
                | place << 24
                | u64::from(first.value as u16) << 32
                | u64::from(value as u16) << 48,
        )
    }

    #[inline(always)]
    pub(super) fn first(self) -> i16 {
        (self.0 >> 32) as i16
    }

    #[inline(always)]
    pub(super) fn second(self) -> i16 {
        (self.0 >> 48) as i16
    }

    /// From the position to the first coefficient.
    #[inline(always)]
    pub(super) fn to_first(self) -> usize {
        (self.0 >> 16) as u8 as usize
    }

    /// From the position to the second coefficient.
    #[inline(always)]
    pub(super) fn to_second(self) -> usize {
        (self.0 >> 24) as u8 as usize
    }

    /// From the position to the one after both.
    #[inline(always)]
    pub(super) fn advance(self) -> usize {
        (self.0 >> 8) as u8 as usize
    }

    /// In the lowest byte, the bits of both.
    #[inline(always)]
    pub(super) fn bits(self) -> u64 {
        self.0
    }
}

/// As many coefficients as are within a window, for passing over them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed(u16);

impl Passed {
    fn new(codes: &Codes, window: usize) -> Self {
        let (mut bits, mut advance) = (0, 0);
        while let Some(next) = Coefficient::within(codes, window << bits & (WINDOWS - 1), LOOKUP - bits) {
            let zeros = usize::from(next.zeros);
            if next.ends() {
                bits += next.bits;
                advance += END;
                break;
            }
            // Further than a block is long, nobody could tell from its end.
            if advance + zeros + 1 > 63 {
                break;
            }
            bits += next.bits;
            advance += zeros + 1;
        }
        // Without one, it goes beyond any block.
        let advance = if bits == 0 { 64 } else { advance };
        Self((advance << 8) as u16 | bits as u16)
    }

    /// In the lowest byte, the bits of all.
    #[inline(always)]
    pub(super) fn bits(self) -> u64 {
        u64::from(self.0)
    }

    /// How far the position moves.
    #[inline(always)]
    pub(super) fn advance(self) -> usize {
        usize::from(self.0 >> 8)
    }
}

/// A table for AC coefficients.
#[derive(Debug)]
pub(super) struct Ac {
    codes: Codes,
    pairs: [Pair; WINDOWS],
    passed: [Passed; WINDOWS],
}

impl Ac {
    pub(super) fn new(codes: Codes) -> Self {
        let (mut pairs, mut passed) = ([Pair(0); WINDOWS], [Passed(0); WINDOWS]);
        for window in 0..WINDOWS {
            pairs[window] = Pair::new(&codes, window);
            passed[window] = Passed::new(&codes, window);
        }
        Self { codes, pairs, passed }
    }

    #[inline(always)]
    pub(super) fn pair(&self, bits: Bits) -> Pair {
        self.pairs[bits.peek(LOOKUP) & (WINDOWS - 1)]
    }

    #[inline(always)]
    pub(super) fn passed(&self, bits: Bits) -> Passed {
        self.passed[bits.peek(LOOKUP) & (WINDOWS - 1)]
    }

    /// Takes one coefficient, or the end of a block: the position after it, and its value.
    #[inline(never)]
    pub(super) fn single(&self, mut bits: Bits, window: &Bytes, position: usize) -> Option<(Bits, usize, i16)> {
        bits.refill(window);
        let symbol = self.codes.symbol(&mut bits)?;
        let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 && run < 15 {
            return Some((bits, position + END, 0));
        }
        let value = bits.number(size) as i16;
        Some((bits, position + run + 1, value))
    }
}

/// A table for differences of DC coefficients.
#[derive(Debug)]
pub(super) struct Dc {
    codes: Codes,
    /// Value, and in the lowest byte the bits of the code and the value; 0 if they are not within the window.
    short: [i32; WINDOWS],
}

/// Bits of the largest difference of 8-bit samples.
const LARGEST_DIFFERENCE: u32 = 11;

impl Dc {
    pub(super) fn new(codes: Codes) -> Self {
        let mut short = [0; WINDOWS];
        for window in 0..WINDOWS {
            let Some(symbol) = codes.within(window, LOOKUP) else { continue };
            let size = u32::from(symbol.value);
            let bits = u32::from(symbol.length) + size;
            if size <= LARGEST_DIFFERENCE && bits <= LOOKUP {
                let value = window >> (LOOKUP - bits) & ((1 << size) - 1);
                let value = if size == 0 { 0 } else { extend(value as i32, size) };
                short[window] = value << 8 | bits as i32;
            }
        }
        Self { codes, short }
    }

    /// Takes a difference. Afterwards there are enough bits for all but one of the lookups of a refill.
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut Bits, window: &Bytes) -> Option<i32> {
        let entry = self.short[bits.peek(LOOKUP) & (WINDOWS - 1)];
        if entry == 0 {
            let (rest, value) = self.long(*bits)?;
            *bits = rest;
            bits.refill(window);
            return Some(value);
        }
        bits.skip(u64::from(entry as u32));
        Some(entry >> 8)
    }

    #[cold]
    #[inline(never)]
    fn long(&self, mut bits: Bits) -> Option<(Bits, i32)> {
        let size = u32::from(self.codes.symbol(&mut bits)?);
        (size <= LARGEST_DIFFERENCE).then(|| {
            let value = bits.number(size);
            (bits, value)
        })
    }
}
