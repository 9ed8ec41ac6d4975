//! Quarter turns of 8-bit RGB pictures: small blocks turned within registers, a pixel with the byte behind it as one
//! number.
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become shuffles")]

use multiversion::multiversion;

/// In which order rows and columns of the source become columns and rows of the result.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reversed {
    /// The last row of the source becomes the first column.
    pub rows: bool,
    /// The last column of the source becomes the first row.
    pub columns: bool,
}

/// Side of a block.
const SIDE: usize = 8;

/// Fills rows of the result from row `top` on: `source` has rows of `height` pixels, as many as the result's `width`, and
/// its columns become rows.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn turn(
    target: &mut [[u8; 3]],
    source: &[[u8; 3]],
    (width, height): (usize, usize),
    top: usize,
    reversed: Reversed,
) {
    let bytes = source.as_flattened();
    for (target, top) in target.chunks_mut(SIDE * width).zip((top..).step_by(SIDE)) {
        let rows = target.len() / width;
        let first = if reversed.columns { height - top - rows } else { top };
        for left in (0..width).step_by(SIDE) {
            // where the row of the source begins that becomes a column
            let begin = |x: usize| if reversed.rows { width - 1 - x } else { x } * height + first;
            let columns = SIDE.min(width - left);
            // all rows are whole, and a byte follows them
            let whole = rows == SIDE && columns == SIDE;
            if !whole || begin(left).max(begin(left + SIDE - 1)) + SIDE >= source.len() {
                for (y, to) in target.chunks_exact_mut(width).enumerate() {
                    let along = if reversed.columns { rows - 1 - y } else { y };
                    (left..left + columns).for_each(|x| to[x] = source[begin(x) + along]);
                }
                continue;
            }
            let mut block = [[0; SIDE]; SIDE];
            for x in 0..SIDE {
                let from = &bytes[begin(left + x) * 3..][..SIDE * 3 + 1];
                for y in 0..SIDE {
                    let at = 3 * y;
                    block[x][y] = u32::from_le_bytes([from[at], from[at + 1], from[at + 2], from[at + 3]]);
                }
            }
            let mut turned = [[0; SIDE]; SIDE];
            for x in 0..SIDE {
                for y in 0..SIDE {
                    turned[y][x] = block[x][y];
                }
            }
            for (y, to) in target.chunks_exact_mut(width).enumerate() {
                let from = &turned[if reversed.columns { SIDE - 1 - y } else { y } % SIDE];
                for (to, from) in to[left..left + SIDE].iter_mut().zip(from) {
                    let [red, green, blue, _] = from.to_le_bytes();
                    *to = [red, green, blue];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_goes_to_its_place() {
        for (width, height) in [(1, 1), (8, 8), (7, 9), (8, 17), (16, 8), (37, 43), (3, 40), (40, 3)] {
            let source: Vec<[u8; 3]> = (0..width * height).map(|i| [i as u8, (i >> 8) as u8, (i * 31) as u8]).collect();
            for (rows, columns) in [(true, false), (false, true), (false, false), (true, true)] {
                let reversed = Reversed { rows, columns };
                let mut target = vec![[0; 3]; source.len()];
                let band = 16;
                for (i, band_rows) in target.chunks_mut(band * width).enumerate() {
                    turn(band_rows, &source, (width, height), i * band, reversed);
                }
                for (i, pixel) in target.iter().enumerate() {
                    let (x, y) = (i % width, i / width);
                    // the source is `height` wide and `width` high
                    let column = if columns { height - 1 - y } else { y };
                    let row = if rows { width - 1 - x } else { x };
                    assert_eq!(*pixel, source[row * height + column], "{width} × {height}, {x} {y}");
                }
            }
        }
    }
}
