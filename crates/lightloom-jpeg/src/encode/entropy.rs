//! Huffman coding with given codes. Only coefficients that are not zero are visited; bytes are written without a branch.

use std::num::NonZero;
use std::sync::LazyLock;

use multiversion::multiversion;

use super::bits::{BitWriter, ROOM, stuff};
use super::header::Codes;
use super::huffman::{Bits, END, MANY_ZEROS, ZEROS, code_of_symbols, extra_bits, joined, magnitude_bits};
use super::scan::Order;
use super::tables::Description;
use super::transform::{Batch, LANES};

/// Coefficients of fewer magnitude bits are in a table with their run.
const SMALL_BITS: u32 = 7;
const SMALL: usize = 1 << SMALL_BITS;

/// The codes of luma or chroma, for what may be looked up at once.
struct CodeTable {
    /// Of DC differences, with the bits that follow the code: at DC_RANGE + difference.
    dc: Box<[Bits; 2 * DC_RANGE]>,
    /// Of all AC symbols.
    ac: [Bits; 256],
    /// Of small coefficients, with the bits that follow the code: at 2 · SMALL · d + c for the coefficient c that is d places
    /// behind the last one that is not zero. Zero one place behind means the end of the block.
    small: Box<[Bits; 2 * SMALL * MANY_ZEROS + SMALL]>,
}

/// DC differences have at most eleven bits.
const DC_RANGE: usize = 1 << 11;

impl CodeTable {
    fn new(dc: &Description, ac: &Description) -> Self {
        let with_bits = |codes: &[Bits; 256], run: usize, value: i32| {
            let size = magnitude_bits(value);
            joined(codes[run << 4 | size as usize], extra_bits(value, size), size)
        };
        let (dc_codes, ac) = (code_of_symbols(dc), code_of_symbols(ac));
        let mut dc = Box::new([0; 2 * DC_RANGE]);
        for (difference, entry) in (-(DC_RANGE as i32)..).zip(&mut *dc).skip(1) {
            *entry = with_bits(&dc_codes, 0, difference);
        }
        let mut small = Box::new([0; 2 * SMALL * MANY_ZEROS + SMALL]);
        for (run, first) in (0..MANY_ZEROS).zip((SMALL..).step_by(2 * SMALL)) {
            for (value, entry) in (-(SMALL as i32)..SMALL as i32).zip(&mut small[first..]).skip(1) {
                *entry = if value == 0 { 0 } else { with_bits(&ac, run, value) };
            }
        }
        small[2 * SMALL] = ac[END];
        Self { dc, ac, small }
    }
}

/// Those of luma and chroma in Annex K.
static USUAL: LazyLock<[CodeTable; 2]> = LazyLock::new(|| {
    let codes = Codes::usual();
    [0, 1].map(|i| CodeTable::new(&codes.dc[i], &codes.ac[i]))
});

/// A scan in the usual codes, as far as it has come.
pub(super) struct Coder {
    dc: [i32; 3],
    /// Bits that are no whole byte yet.
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
    pub(super) fn append(&mut self, batches: [&Batch; 3], order: &Order, units: usize) {
        let length = code(batches, order, units, &USUAL, self);
        stuff(&mut self.file, &self.room[..length]);
    }

    /// The file up to the end of the scan.
    pub(super) fn finish(self) -> Vec<u8> {
        let Self { bits, bit_count, mut room, mut file, .. } = self;
        let length = BitWriter { bits, count: bit_count, at: 0, to: &mut room }.filled();
        stuff(&mut file, &room[..length]);
        file
    }
}

/// Codes units into the coder's room. Returns how many bytes are whole.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+movbe+popcnt"))]
fn code(batches: [&Batch; 3], order: &Order, units: usize, tables: &[CodeTable; 2], coder: &mut Coder) -> usize {
    let mut dc = coder.dc;
    let mut writer = BitWriter { bits: coder.bits, count: coder.bit_count, at: 0, to: &mut coder.room };
    for first in &order.lanes[..units] {
        for place in order.places {
            let (batch, table) = (batches[place.batch], &tables[usize::from(place.component > 0)]);
            let lane = (first + place.lane) % LANES;
            let value = i32::from(batch.coefficients[0][lane]);
            let difference = value - dc[place.component];
            dc[place.component] = value;
            writer.push(table.dc[(DC_RANGE as i32 + difference) as usize % (2 * DC_RANGE)]);
            let nonzero = batch.nonzero[lane];
            writer = if batch.magnitudes[lane] < SMALL as u16 && !has_many_zeros(nonzero) {
                code_small(&batch.coefficients, nonzero, lane, &table.small, writer)
            } else {
                code_any(&batch.coefficients, nonzero, lane, &table.ac, writer)
            };
        }
    }
    coder.dc = dc;
    (coder.bits, coder.bit_count) = (writer.bits, writer.count);
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

/// Codes a block whose symbols are all in the table of small ones, two between writes; its DC has been pushed.
#[inline(always)]
fn code_small<'a>(
    coefficients: &[[i16; LANES]; 64],
    nonzero: u64,
    lane: usize,
    table: &[Bits; 2 * SMALL * MANY_ZEROS + SMALL],
    mut writer: BitWriter<'a>,
) -> BitWriter<'a> {
    let coefficients = coefficients.as_flattened();
    let mut before = 0;
    let mut symbol = |left: NonZero<u64>| {
        let at = left.trailing_zeros() as usize * LANES;
        let index = (at - before) * (2 * SMALL / LANES);
        before = at;
        table[index.wrapping_add_signed(coefficients[at + lane] as isize)]
    };
    // The zero behind the last one, if any, is the end.
    let last = 1 << 63 >> nonzero.leading_zeros();
    let mut left = nonzero & !1 | last << 1;
    if let Some(some) = NonZero::new(left) {
        writer.push(symbol(some));
        left &= left - 1;
    }
    writer.flush();
    while let Some(some) = NonZero::new(left) {
        writer.push(symbol(some));
        left &= left - 1;
        if let Some(some) = NonZero::new(left) {
            writer.push(symbol(some));
            left &= left - 1;
        }
        writer.flush();
    }
    writer
}

/// Codes any block; its DC has been pushed.
#[inline(never)]
fn code_any<'a>(
    coefficients: &[[i16; LANES]; 64],
    nonzero: u64,
    lane: usize,
    codes: &[Bits; 256],
    mut writer: BitWriter<'a>,
) -> BitWriter<'a> {
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
    writer
}
