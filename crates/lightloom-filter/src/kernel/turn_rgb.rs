//! Quarter turns of 8-bit RGB pictures: small blocks turned within registers, a pixel with the byte behind it as one
//! number.
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become shuffles")]

use multiversion::multiversion;

/// Side of a block.
const SIDE: usize = 8;

/// Fills rows of the result from row `top` on: `source` has rows of `height` pixels, as many as the result's `width`,
/// turned clockwise or counter-clockwise.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn turn(
    target: &mut [[u8; 3]],
    source: &[[u8; 3]],
    (width, height): (usize, usize),
    top: usize,
    clockwise: bool,
) {
    let bytes = source.as_flattened();
    for (target, top) in target.chunks_mut(SIDE * width).zip((top..).step_by(SIDE)) {
        let rows = target.len() / width;
        let first = if clockwise { top } else { height - top - rows };
        for left in (0..width).step_by(SIDE) {
            // where the row of the source begins that becomes a column
            let begin = |x: usize| if clockwise { width - 1 - x } else { x } * height + first;
            let columns = SIDE.min(width - left);
            // all rows are whole, and a byte follows them
            let whole = rows == SIDE && columns == SIDE;
            if !whole || begin(left).max(begin(left + SIDE - 1)) + SIDE >= source.len() {
                for (y, to) in target.chunks_exact_mut(width).enumerate() {
                    let along = if clockwise { y } else { rows - 1 - y };
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
                let from = &turned[if clockwise { y } else { SIDE - 1 - y } % SIDE];
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
            for clockwise in [true, false] {
                let mut target = vec![[0; 3]; source.len()];
                let band = 16;
                for (i, rows) in target.chunks_mut(band * width).enumerate() {
                    turn(rows, &source, (width, height), i * band, clockwise);
                }
                for (i, pixel) in target.iter().enumerate() {
                    let (x, y) = (i % width, i / width);
                    // the source is `height` wide and `width` high
                    let (column, row) = if clockwise { (y, width - 1 - x) } else { (height - 1 - y, x) };
                    assert_eq!(*pixel, source[row * height + column], "{width} × {height}, {x} {y}");
                }
            }
        }
    }
}
