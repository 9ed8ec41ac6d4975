//! Quarter turns of 8-bit RGB pictures: small blocks turned within registers.
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become shuffles")]

use std::iter::StepBy;
use std::ops::Range;

use multiversion::multiversion;

#[cfg(target_arch = "x86_64")]
mod avx2;

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

/// As many rows of the result as a block has.
#[derive(Clone, Copy)]
struct Band {
    /// Pixels of a row of the result, and rows of the source.
    width: usize,
    /// Pixels of a row of the source.
    height: usize,
    /// The first column of the source that is wanted.
    first: usize,
    reversed: Reversed,
}

impl Band {
    /// The columns where whole blocks begin.
    fn lefts(self) -> StepBy<Range<usize>> {
        (0..self.width - self.width % SIDE).step_by(SIDE)
    }

    /// Where the part of the source begins that becomes column `x`.
    fn begin(self, x: usize) -> usize {
        (if self.reversed.rows { self.width - 1 - x } else { x }) * self.height + self.first
    }

    /// The row that the column of the source becomes which is `y` columns behind the first.
    fn row(self, y: usize) -> usize {
        if self.reversed.columns { SIDE - 1 - y } else { y }
    }
}

/// Fills rows of the result from row `top` on: `source` has rows of `height` pixels, as many as the result's `width`, and
/// its columns become rows.
pub(crate) fn turn(
    target: &mut [[u8; 3]],
    source: &[[u8; 3]],
    (width, height): (usize, usize),
    top: usize,
    reversed: Reversed,
) {
    for (target, top) in target.chunks_mut(SIDE * width).zip((top..).step_by(SIDE)) {
        let rows = target.len() / width;
        let band = Band { width, height, first: if reversed.columns { height - top - rows } else { top }, reversed };
        let mut turned = 0;
        if rows == SIDE {
            turn_blocks(target, source, band);
            turned = width - width % SIDE;
        }
        for (y, to) in target.chunks_exact_mut(width).enumerate() {
            let along = if reversed.columns { rows - 1 - y } else { y };
            (turned..width).for_each(|x| to[x] = source[band.begin(x) + along]);
        }
    }
}

fn turn_blocks(target: &mut [[u8; 3]], source: &[[u8; 3]], band: Band) {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = fearless_simd::Level::new().as_avx2() {
        return avx2::turn_blocks(avx2, target, source, band);
    }
    turn_blocks_portably(target, source, band);
}

#[multiversion(targets("aarch64+neon"))]
fn turn_blocks_portably(target: &mut [[u8; 3]], source: &[[u8; 3]], band: Band) {
    for left in band.lefts() {
        let mut block = [[[0; 3]; SIDE]; SIDE];
        for x in 0..SIDE {
            block[x].copy_from_slice(&source[band.begin(left + x)..][..SIDE]);
        }
        for y in 0..SIDE {
            let at = band.row(y) * band.width + left;
            for (x, to) in target[at..at + SIDE].iter_mut().enumerate() {
                *to = block[x][y];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_the_same_in_vectors() {
        let (width, height) = (SIDE * 3 + 5, SIDE + 3);
        let source: Vec<[u8; 3]> = (0..width * height).map(|i| [i as u8, (i >> 8) as u8, (i * 31) as u8]).collect();
        for (rows, columns) in [(true, false), (false, true), (false, false), (true, true)] {
            let band = Band { width, height, first: 2, reversed: Reversed { rows, columns } };
            let mut results = [turn_blocks, turn_blocks_portably].map(|turn_blocks| {
                let mut target = vec![[0; 3]; SIDE * width];
                turn_blocks(&mut target, &source, band);
                target
            });
            assert_eq!(results[0], results[1]);
            assert!(results[1].iter_mut().any(|pixel| *pixel != [0; 3]));
        }
    }

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
