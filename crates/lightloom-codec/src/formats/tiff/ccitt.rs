//! Fax compression: Modified Huffman, Group 3 in one and two dimensions, Group 4 (ITU-T T.4, T.6; TIFF 6.0, sections 10
//! and 11). The code tables are those of the crate `fax`; its own line decoders know neither two-dimensional Group 3 nor
//! sides over 65,535.

use std::convert::Infallible;

use fax::maps::{Mode, black, mode, white};
use fax::{BitReader, ByteReader};

/// Which of the compressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fax {
    /// Lines of runs, each beginning at a byte.
    ModifiedHuffman,
    /// Lines between end-of-line codes; with a bit that says whether a line is coded by itself.
    Group3 {
        /// Whether lines may refer to the line above.
        two_dimensional: bool,
    },
    /// Each line refers to the line above.
    Group4,
}

type Reader<'a> =
    ByteReader<std::iter::Map<std::iter::Copied<std::slice::Iter<'a, u8>>, fn(u8) -> Result<u8, Infallible>>>;

/// Decodes rows into bits, high bit first, 1 for black, rows beginning at bytes. Returns how many rows were there and
/// sound; the others stay as they are.
pub(crate) fn decode(fax: Fax, data: &[u8], width: u32, rows: u32, out: &mut [u8]) -> u32 {
    let stride = width.div_ceil(8) as usize;
    let wrap: fn(u8) -> Result<u8, Infallible> = Ok;
    // The code tables look a few bits ahead.
    let padded = [data, &[0, 0]].concat();
    let Ok(mut reader) = Reader::new(padded.iter().copied().map(wrap));
    let mut reference = Vec::new();
    let mut damaged = 0;
    for (done, row) in (0..rows).zip(out.chunks_exact_mut(stride.max(1))) {
        let line = match fax {
            Fax::ModifiedHuffman => {
                let spare = reader.bits_to_byte_boundary();
                let _ = reader.consume(spare);
                by_itself(&mut reader, width)
            }
            Fax::Group3 { two_dimensional } => {
                // A page begins with an end of line, as each line does; what stands before it, other readers skip.
                if done == 0 && !has_no_end_of_line(data) {
                    go_to_end_of_line(&mut reader);
                }
                match skip_ends_of_line(&mut reader, two_dimensional) {
                    Next::Line => {}
                    Next::Nothing => continue,
                    Next::End => return done - damaged,
                }
                if two_dimensional && bit(&mut reader) == Some(false) {
                    by_reference(&mut reader, &reference, width)
                } else {
                    by_itself(&mut reader, width)
                }
            }
            Fax::Group4 => by_reference(&mut reader, &reference, width),
        };
        let Some(line) = line else {
            // Damage ends with the line where lines have ends.
            if matches!(fax, Fax::Group3 { .. }) && go_to_end_of_line(&mut reader) {
                damaged += 1;
                continue;
            }
            return done - damaged;
        };
        for run in line.chunks(2) {
            fill(row, run[0], run.get(1).copied().unwrap_or(width));
        }
        reference = line;
    }
    rows - damaged
}

fn bit(reader: &mut Reader<'_>) -> Option<bool> {
    let bit = reader.peek(1)?;
    let _ = reader.consume(1);
    Some(bit == 1)
}

/// What follows end-of-line codes.
enum Next {
    Line,
    /// No bit more: the line is white.
    Nothing,
    End,
}

/// Whether there is no end-of-line code in the data: then lines follow each other without any.
fn has_no_end_of_line(data: &[u8]) -> bool {
    let Ok(mut reader) = Reader::new(data.iter().copied().map(Ok as fn(u8) -> Result<u8, Infallible>));
    !go_to_end_of_line(&mut reader)
}

/// Skips end-of-line codes (eleven zeros or more, and a one) before a line. Several in a row end the picture.
fn skip_ends_of_line(reader: &mut Reader<'_>, tagged: bool) -> Next {
    let mut ends = 0;
    while reader.peek(11) == Some(0) {
        loop {
            match bit(reader) {
                Some(false) => {}
                Some(true) => break,
                None if ends == 1 => return Next::Nothing,
                None => return Next::End,
            }
        }
        ends += 1;
        if ends > 1 {
            return Next::End;
        }
        // The tag bit stands between repeated codes too.
        if tagged && reader.peek(12) == Some(0x800) {
            return Next::End;
        }
    }
    if reader.peek(1).is_some() { Next::Line } else { Next::End }
}

/// Goes on to the next end-of-line code, if there is one.
fn go_to_end_of_line(reader: &mut Reader<'_>) -> bool {
    while let Some(bits) = reader.peek(11) {
        if bits == 0 {
            return true;
        }
        let _ = reader.consume(1);
    }
    false
}

/// One run: make-up codes of 64 and more, then a terminating code. Some writers leave the latter out where the former
/// fill the `rest` of the line and its end follows.
fn run(reader: &mut Reader<'_>, is_black: bool, rest: u32) -> Option<u32> {
    let mut sum = 0_u32;
    loop {
        let code = u32::from(if is_black { black::decode(reader) } else { white::decode(reader) }?);
        sum = sum.checked_add(code)?;
        if code < 64 || sum >= rest && reader.peek(11) == Some(0) {
            return Some(sum);
        }
    }
}

/// A line coded by itself: where it changes colour, beginning with white.
fn by_itself(reader: &mut Reader<'_>, width: u32) -> Option<Vec<u32>> {
    let mut line = Vec::new();
    let (mut at, mut is_black) = (0_u32, false);
    while at < width {
        // An end of line comes too early: the rest is white.
        if reader.peek(11) == Some(0) && !line.is_empty() {
            if is_black {
                line.push(at);
            }
            break;
        }
        at = at.checked_add(run(reader, is_black, width - at)?)?.min(width);
        line.push(at);
        is_black = !is_black;
    }
    Some(line)
}

/// A line coded by its differences from the line above (T.4, 4.2).
fn by_reference(reader: &mut Reader<'_>, reference: &[u32], width: u32) -> Option<Vec<u32>> {
    let mut line = Vec::new();
    let width = i64::from(width);
    let (mut a0, mut is_black) = (-1_i64, false);
    let mut next = 0;
    while a0 < width {
        // The first change to the right of a0, of the colour opposite to the current one.
        while next > 0 && i64::from(reference[next - 1]) > a0 {
            next -= 1;
        }
        while reference.get(next).is_some_and(|b| i64::from(*b) <= a0) {
            next += 1;
        }
        let first = if next % 2 == usize::from(is_black) { next } else { next + 1 };
        let change = |i: usize| reference.get(i).map_or(width, |b| i64::from(*b));
        match mode::decode(reader)? {
            Mode::Pass => a0 = change(first + 1),
            Mode::Vertical(shift) => {
                let a1 = change(first) + i64::from(shift);
                if a1 < a0.max(0) || a1 > width {
                    return None;
                }
                line.push(a1 as u32);
                is_black = !is_black;
                a0 = a1;
            }
            Mode::Horizontal => {
                let rest = |from: i64| (width - from) as u32;
                let a1 = (a0.max(0) + i64::from(run(reader, is_black, rest(a0.max(0)))?)).min(width);
                let a2 = (a1 + i64::from(run(reader, !is_black, rest(a1))?)).min(width);
                line.extend([a1 as u32, a2 as u32]);
                a0 = a2;
            }
            Mode::Extension | Mode::EOF => return None,
        }
    }
    Some(line)
}

/// Sets the bits from `from` up to `to`.
fn fill(row: &mut [u8], from: u32, to: u32) {
    for x in from..to {
        if let Some(byte) = row.get_mut(x as usize / 8) {
            *byte |= 0x80 >> (x % 8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_make_bits() {
        // White 2 (0111), black 3 (10), white 3 (1000): 0111 1010 00….
        let mut out = [0];
        assert_eq!(decode(Fax::ModifiedHuffman, &[0b0111_1010, 0], 8, 1, &mut out), 1);
        assert_eq!(out, [0b0011_1000]);
    }

    #[test]
    fn a_line_like_the_one_above_costs_one_bit_per_change() {
        // Horizontal (001) white 2 black 3, vertical 0 (1) to the end; then three times vertical 0.
        let data = [0b0010_1111, 0b0111_1000];
        let mut out = [0; 2];
        assert_eq!(decode(Fax::Group4, &data, 8, 2, &mut out), 2);
        assert_eq!(out, [0b0011_1000; 2]);
    }

    /// Bits as bytes, with zeros at the end.
    fn bytes(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
        bits.chunks(8).map(|byte| byte.iter().zip((0..8).rev()).fold(0, |n, (bit, i)| n | bit << i)).collect()
    }

    #[test]
    fn ends_of_lines_are_aligned_and_make_good_what_is_left_out() {
        let group3 = Fax::Group3 { two_dimensional: false };
        // 64 columns, behind a first end of line. White 64 (11011, and 00110101 for none more), zeros up to the end of
        // line; white 0 and black 64 (0000001111) without a terminating code; white 32 (00011011), black 32
        // (000001101010).
        let lines = bytes(
            "0000 000000000001 11011 00110101 0000000 0000 00000000 0001  00110101 0000001111 00 0000 00000000 0001
            00011011 000001101010",
        );
        let mut out = [0; 24];
        assert_eq!(decode(group3, &lines, 64, 3, &mut out), 3);
        assert_eq!(out, [[0; 8], [255; 8], [0, 0, 0, 0, 255, 255, 255, 255]].concat()[..]);
        // A line of codes that do not exist costs only itself.
        let lines =
            bytes("000000000001 00011011 000001101010 000000000001 0000000011 000000000001 00011011 000001101010");
        let mut out = [0; 24];
        assert_eq!(decode(group3, &lines, 64, 3, &mut out), 2);
        let half = [0, 0, 0, 0, 255, 255, 255, 255];
        assert_eq!(out, [half, [0; 8], half].concat()[..]);
    }

    #[test]
    fn a_page_begins_at_its_first_end_of_line_and_short_lines_are_white_behind() {
        let group3 = Fax::Group3 { two_dimensional: false };
        // What belongs to no line; white 32, black 16 (0000010111), white 1 (000111), and the end; white 8 (10011) and
        // the end; an end with nothing behind it.
        let lines = bytes("00110101 000000000001 00011011 0000010111 000111 000000000001 10011 000000000001");
        let mut out = [0; 24];
        assert_eq!(decode(group3, &lines, 64, 3, &mut out), 3);
        assert_eq!(out, [[0, 0, 0, 0, 255, 255, 0, 0], [0; 8], [0; 8]].concat()[..]);
        // Without any end of line, lines follow each other.
        let lines = bytes("00011011 000001101010 00011011 000001101010");
        let mut out = [0; 16];
        assert_eq!(decode(group3, &lines, 64, 2, &mut out), 2);
    }

    #[test]
    fn noise_ends() {
        let noise: Vec<u8> = (0..5000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
        for fax in [Fax::ModifiedHuffman, Fax::Group3 { two_dimensional: true }, Fax::Group4] {
            assert!(decode(fax, &noise, 200, 1000, &mut vec![0; 25 * 1000]) < 1000);
        }
    }
}
