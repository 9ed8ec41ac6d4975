//! Huffman coding with given codes. Only coefficients that are not zero are visited; bytes are written without a branch.

use std::sync::LazyLock;

use multiversion::multiversion;

use super::header::Codes;
use super::huffman::{ABOVE_LENGTH, Bits, code_of_symbols, extra_bits, joined, magnitude_bits};
use super::scan::Place;
use super::transform::{Batch, LANES, lane};

/// So many zeros before a coefficient have a symbol of their own, and so has the end of a block.
const MANY_ZEROS: usize = 16;
const ZEROS: usize = 0xf0;
const END: usize = 0;

/// Coefficients of fewer magnitude bits are in a table with their run.
const SMALL_BITS: u32 = 7;
const SMALL: usize = 1 << SMALL_BITS;

/// The codes of luma or chroma.
struct CodeTable {
    /// Of the sizes of DC differences.
    dc: [Bits; 256],
    /// Of all symbols.
    ac: [Bits; 256],
    /// Of small coefficients, with the bits that follow the code: at 2 · SMALL · d + SMALL + c for the coefficient c that is
    /// d places behind the last one that is not zero. Zero one place behind means the end of the block.
    small: Box<[Bits; 2 * SMALL * (MANY_ZEROS + 1)]>,
}

/// Those of luma and chroma in Annex K.
static USUAL: LazyLock<[CodeTable; 2]> = LazyLock::new(|| {
    let codes = Codes::usual();
    [0, 1].map(|i| {
        let ac = code_of_symbols(&codes.ac[i]);
        let mut small = Box::new([0; 2 * SMALL * (MANY_ZEROS + 1)]);
        for run in 0..MANY_ZEROS {
            for value in 1 - SMALL as i32..SMALL as i32 {
                let size = magnitude_bits(value);
                let code = ac[run << 4 | size as usize];
                small[(2 * SMALL * (run + 1) + SMALL).wrapping_add_signed(value as isize)] =
                    if value == 0 { 0 } else { joined(code, extra_bits(value, size), size) };
            }
        }
        small[3 * SMALL] = ac[END];
        CodeTable { dc: code_of_symbols(&codes.dc[i]), ac, small }
    })
});

/// Bytes of the largest group: 64 symbols of at most 26 bits in each block, and what is written beyond the last.
const ROOM: usize = 3 * LANES * 64 * 26 / 8 + 8;

/// A scan in the usual codes, as far as it has come.
pub(super) struct Coder {
    dc: [i32; 3],
    /// Bits that are no whole byte yet are the lowest ones.
    bits: u64,
    bit_count: u32,
    room: Box<[u8; ROOM]>,
    /// The file so far.
    file: Vec<u8>,
}

impl Coder {
    pub(super) fn new(file: Vec<u8>) -> Self {
        Self { dc: [0; 3], bits: 0, bit_count: 0, room: Box::new([0; ROOM]), file }
    }

    /// Appends the first so many units of a group.
    pub(super) fn append(&mut self, batches: &[Batch; 3], order: &[Place], units: usize) {
        let length = code(batches, order, units, &USUAL, self);
        stuff(&mut self.file, &self.room[..length]);
    }

    /// The file up to the end of the scan.
    pub(super) fn finish(self) -> Vec<u8> {
        let Self { bits, bit_count, mut room, mut file, .. } = self;
        let mut writer = BitWriter { bits, count: bit_count, at: 0, to: &mut room };
        writer.fill();
        let length = writer.at;
        stuff(&mut file, &room[..length]);
        file
    }
}

/// Codes units into the coder's room. Returns how many bytes are whole.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn code(batches: &[Batch; 3], order: &[Place], units: usize, tables: &[CodeTable; 2], coder: &mut Coder) -> usize {
    let mut dc = coder.dc;
    let mut writer = BitWriter { bits: coder.bits, count: coder.bit_count, at: 0, to: &mut coder.room };
    for unit in 0..units {
        for place in order {
            let (batch, table) = (&batches[place.batch], &tables[usize::from(place.component > 0)]);
            let lane = lane(place.first + place.step * unit) % LANES;
            let value = i32::from(batch.coefficients[0][lane]);
            let difference = value - dc[place.component];
            dc[place.component] = value;
            let size = magnitude_bits(difference);
            writer.push(joined(table.dc[size as usize & 15], extra_bits(difference, size), size));
            if batch.magnitudes[lane] < SMALL as u16 && !has_many_zeros(batch.nonzero[lane]) {
                code_small(&batch.coefficients, batch.nonzero[lane], lane, &table.small, &mut writer);
            } else {
                code_any(&batch.coefficients, batch.nonzero[lane], lane, &table.ac, &mut writer);
            }
        }
    }
    (coder.bits, coder.bit_count) = (writer.bits, writer.count);
    coder.dc = dc;
    writer.at
}

/// Whether one of the coefficients is behind so many zeros that those need a symbol. DC counts as one.
#[inline(always)]
fn has_many_zeros(nonzero: u64) -> bool {
    // Places less than 16 behind one.
    let mut near = nonzero | nonzero << 1;
    near |= near << 2;
    near |= near << 4;
    near |= near << 8;
    nonzero >> 1 & !near != 0
}

/// Codes a block whose symbols are all in the table of small ones. What is written has been pushed but for DC.
#[inline(always)]
fn code_small(
    coefficients: &[[i16; LANES]; 64],
    nonzero: u64,
    lane: usize,
    table: &[Bits; 2 * SMALL * (MANY_ZEROS + 1)],
    writer: &mut BitWriter<'_>,
) {
    // The zero behind the last one, if any, is the end.
    let last = 1 << 63 >> nonzero.leading_zeros();
    let mut left = nonzero & !1 | last << 1;
    let mut before = 0;
    let symbol = |left: u64, before: usize| {
        let at = left.trailing_zeros() as usize & 63;
        let index = 2 * SMALL * (at - before) + SMALL;
        (at, table[index.wrapping_add_signed(coefficients[at][lane] as isize)])
    };
    let count = left.count_ones();
    if count % 2 == 1 {
        let (at, bits) = symbol(left, before);
        writer.push(bits);
        before = at;
        left &= left - 1;
    }
    writer.flush();
    for _ in 0..count / 2 {
        let (at, bits) = symbol(left, before);
        writer.push(bits);
        left &= left - 1;
        let (next, bits) = symbol(left, at);
        writer.push(bits);
        before = next;
        left &= left.wrapping_sub(1);
        writer.flush();
    }
}

/// Codes any block.
#[inline(never)]
fn code_any(
    coefficients: &[[i16; LANES]; 64],
    nonzero: u64,
    lane: usize,
    codes: &[Bits; 256],
    writer: &mut BitWriter<'_>,
) {
    writer.flush();
    let mut left = nonzero & !1;
    let mut before = 0;
    while left != 0 {
        let at = left.trailing_zeros() as usize;
        let mut run = at - before - 1;
        while run >= MANY_ZEROS {
            writer.push(codes[ZEROS]);
            writer.flush();
            run -= MANY_ZEROS;
        }
        let value = i32::from(coefficients[at][lane]);
        let size = magnitude_bits(value);
        writer.push(joined(codes[(run << 4 | size as usize) & 255], extra_bits(value, size), size));
        writer.flush();
        before = at;
        left &= left - 1;
    }
    if before < 63 {
        writer.push(codes[END]);
        writer.flush();
    }
}

/// Bits on their way to bytes.
struct BitWriter<'a> {
    /// Those that are not yet written are the lowest.
    bits: u64,
    /// Their number, in the lowest six bits.
    count: u32,
    at: usize,
    to: &'a mut [u8; ROOM],
}

impl BitWriter<'_> {
    /// Takes bits; up to 56 between two calls of [`Self::flush`].
    #[inline(always)]
    fn push(&mut self, bits: Bits) {
        self.bits = self.bits << (bits & 63) | u64::from(bits >> ABOVE_LENGTH);
        self.count = self.count.wrapping_add(bits);
    }

    /// Writes whole bytes.
    #[inline(always)]
    fn flush(&mut self) {
        let count = self.count & 63;
        let bytes = (self.bits << (count.wrapping_neg() & 63)).to_be_bytes();
        self.to[self.at..self.at + 8].copy_from_slice(&bytes);
        self.at += count as usize / 8;
        self.count = count % 8;
    }

    /// Fills the last byte with ones.
    fn fill(&mut self) {
        self.push(0x7f << ABOVE_LENGTH | 7);
        self.flush();
    }
}

/// Appends bytes of a scan; behind 255, which begins a marker, comes a zero.
fn stuff(file: &mut Vec<u8>, bytes: &[u8]) {
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

/// Symbols of a scan, counted, until the best codes for them are known.
pub(super) struct Symbols {
    dc: [i32; 3],
    /// In the lowest ten bits the kind of the code and the symbol, above them the bits that follow.
    list: Vec<u32>,
    /// Of DC and AC of luma, then of chroma.
    counts: Box<[[u32; 256]; 4]>,
}

/// How far the bits that follow are above a symbol and its kind.
const ABOVE_SYMBOL: u32 = 10;

impl Symbols {
    pub(super) fn new() -> Self {
        Self { dc: [0; 3], list: Vec::new(), counts: Box::new([[0; 256]; 4]) }
    }

    /// Appends the first so many units of a group.
    pub(super) fn append(&mut self, batches: &[Batch; 3], order: &[Place], units: usize) {
        for unit in 0..units {
            for place in order {
                let lane = lane(place.first + place.step * unit);
                let kind = 2 * usize::from(place.component > 0);
                self.append_block(&batches[place.batch], lane, kind, place.component);
            }
        }
    }

    fn append_block(&mut self, batch: &Batch, lane: usize, kind: usize, component: usize) {
        let value = i32::from(batch.coefficients[0][lane]);
        let difference = value - self.dc[component];
        self.dc[component] = value;
        let size = magnitude_bits(difference);
        self.add(kind, size as usize, extra_bits(difference, size));
        let mut left = batch.nonzero[lane] & !1;
        let mut before = 0;
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            let mut run = at - before - 1;
            while run >= MANY_ZEROS {
                self.add(kind + 1, ZEROS, 0);
                run -= MANY_ZEROS;
            }
            let value = i32::from(batch.coefficients[at][lane]);
            let size = magnitude_bits(value);
            self.add(kind + 1, run << 4 | size as usize, extra_bits(value, size));
            before = at;
            left &= left - 1;
        }
        if before < 63 {
            self.add(kind + 1, END, 0);
        }
    }

    fn add(&mut self, kind: usize, symbol: usize, bits: u32) {
        self.counts[kind][symbol] += 1;
        self.list.push(bits << ABOVE_SYMBOL | (kind << 8 | symbol) as u32);
    }

    /// The best codes for these symbols.
    pub(super) fn codes(&self) -> Codes {
        let [luma_dc, luma_ac, chroma_dc, chroma_ac] = self.counts.each_ref().map(super::huffman::best);
        Codes { dc: [luma_dc, chroma_dc], ac: [luma_ac, chroma_ac] }
    }

    /// Appends the scan to the file.
    pub(super) fn write(&self, codes: &Codes, file: &mut Vec<u8>) {
        let [luma, chroma] = [0, 1].map(|i| [&codes.dc[i], &codes.ac[i]].map(code_of_symbols));
        let codes = [luma, chroma].concat().concat();
        let mut room = [0; ROOM];
        let mut writer = BitWriter { bits: 0, count: 0, at: 0, to: &mut room };
        for symbol in &self.list {
            let size = symbol & 15;
            writer.push(joined(codes[*symbol as usize & 1023], symbol >> ABOVE_SYMBOL, size));
            writer.flush();
            if writer.at > ROOM / 2 {
                stuff(file, &writer.to[..writer.at]);
                writer.at = 0;
            }
        }
        writer.fill();
        let length = writer.at;
        stuff(file, &room[..length]);
    }
}
