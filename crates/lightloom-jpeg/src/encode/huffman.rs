//! Huffman codes: those of a description, and the best for given counts of symbols (ITU-T T.81, Annexes C and K.2).

use super::tables::Description;

/// A code, or several in a row, with the bits that follow it: the bits in the upper 26 places, their number in the lower
/// six.
pub(super) type Bits = u32;

/// How far the bits are above their number.
pub(super) const ABOVE_LENGTH: u32 = 6;

/// So many zeros before a coefficient have a symbol of their own …
pub(super) const MANY_ZEROS: usize = 16;
pub(super) const ZEROS: usize = 0xf0;
/// … and so has the end of a block.
pub(super) const END: usize = 0;

/// Those bits behind these.
pub(super) fn joined(first: Bits, bits: u32, length: u32) -> Bits {
    ((first >> ABOVE_LENGTH) << length | bits) << ABOVE_LENGTH | ((first & 63) + length)
}

/// The code of each symbol; empty where there is none.
pub(super) fn code_of_symbols(description: &Description) -> [Bits; 256] {
    let mut codes = [0; 256];
    let mut symbols = description.symbols.iter();
    let mut code = 0_u32;
    for (length, count) in (1..=16).zip(description.counts) {
        for symbol in symbols.by_ref().take(usize::from(count)) {
            codes[usize::from(*symbol)] = code << ABOVE_LENGTH | length;
            code += 1;
        }
        code <<= 1;
    }
    codes
}

/// How many bits the magnitude of a number has; of a coefficient and of the difference of two DC.
#[inline(always)]
pub(super) fn magnitude_bits(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// The bits that tell a number among those of its magnitude: negative ones are one less.
#[inline(always)]
pub(super) fn extra_bits(value: i32, size: u32) -> u32 {
    ((value + (value >> 31)) as u32) & ((1 << size) - 1)
}

/// No code may be longer.
const LONGEST: usize = 16;

/// A symbol that keeps the code of all ones free; it has no place in the result.
const RESERVED: usize = 256;

/// The code that takes the fewest bits for symbols that come so often. Of equally rare ones the later symbol gets the longer
/// code, as in the reference implementation, so that both find the same code.
pub(super) fn best(counts: &[u32; 256]) -> Description {
    let mut weights: Vec<(u64, usize)> = Vec::new();
    weights.extend(counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(at, n)| (u64::from(*n), at)));
    if weights.is_empty() {
        return Description { counts: [0; 16], symbols: Vec::new() };
    }
    weights.push((1, RESERVED));
    let mut lengths = [0_usize; RESERVED + 1];
    let mut groups: Vec<Vec<usize>> = weights.iter().map(|(_, symbol)| vec![*symbol]).collect();
    let mut weights: Vec<u64> = weights.into_iter().map(|(weight, _)| weight).collect();
    while let Some((least, second)) = lightest(&weights) {
        // A group keeps the place of its lightest.
        weights[least] += weights[second];
        weights[second] = u64::MAX;
        let joining = std::mem::take(&mut groups[second]);
        groups[least].extend(joining);
        groups[least].iter().for_each(|symbol| lengths[*symbol] += 1);
    }
    let mut symbols: Vec<usize> = (0..RESERVED).filter(|symbol| lengths[*symbol] > 0).collect();
    symbols.sort_by_key(|symbol| lengths[*symbol]);
    Description { counts: limited(&lengths), symbols: symbols.into_iter().map(|symbol| symbol as u8).collect() }
}

/// The places of the two lightest weights, the later of equal ones first.
fn lightest(weights: &[u64]) -> Option<(usize, usize)> {
    let mut places: [Option<usize>; 2] = [None; 2];
    let weight = |place: Option<usize>| place.map_or(u64::MAX - 1, |at| weights[at]);
    for (at, of_this) in weights.iter().enumerate() {
        if *of_this <= weight(places[0]) {
            places = [Some(at), places[0]];
        } else if *of_this <= weight(places[1]) {
            places[1] = Some(at);
        }
    }
    Some((places[0]?, places[1]?))
}

/// How many codes there are of each length, without the reserved one, none longer than is allowed: of two that are too long
/// one takes the place above, and the other a place beside a shorter code (figure K.3).
fn limited(lengths: &[usize; RESERVED + 1]) -> [u8; LONGEST] {
    let mut counts = [0_u32; RESERVED + 1];
    lengths.iter().filter(|length| **length > 0).for_each(|length| counts[*length] += 1);
    for length in (LONGEST + 1..counts.len()).rev() {
        while counts[length] > 0 {
            let mut shorter = length - 2;
            while counts[shorter] == 0 {
                shorter -= 1;
            }
            counts[length] -= 2;
            counts[length - 1] += 1;
            counts[shorter + 1] += 2;
            counts[shorter] -= 1;
        }
    }
    if let Some(count) = counts.iter_mut().rev().find(|count| **count > 0) {
        *count -= 1;
    }
    std::array::from_fn(|i| counts[i + 1] as u8)
}
