//! Huffman coding with the best codes for a picture, which are known once all its symbols are.

use super::bits::{BitWriter, ROOM, stuff};
use super::header::Codes;
use super::huffman::{END, MANY_ZEROS, ZEROS, best, code_of_symbols, extra_bits, joined, magnitude_bits};
use super::scan::Order;
use super::transform::Batch;

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
    pub(super) fn append(&mut self, batches: [&Batch; 3], order: &Order, units: usize) {
        for first in &order.lanes[..units] {
            for place in order.places {
                let lane = first + place.lane;
                let kind = 2 * usize::from(place.component > 0);
                self.append_block(batches[place.batch], lane, kind, place.component);
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
        let [luma_dc, luma_ac, chroma_dc, chroma_ac] = self.counts.each_ref().map(best);
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
        let length = writer.filled();
        stuff(file, &room[..length]);
    }
}
