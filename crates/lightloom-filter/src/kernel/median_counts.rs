//! Medians of squares of up to 225 bytes by counting: the median is the highest level that more than half of the square
//! are at or above. It is found bit by bit, the highest first (Ataman, Aatre and Wong 1980).
//!
//! No step has a branch, so that a vector register works on as many pixels as it has bytes. For the upper four bits the
//! candidate levels are the same for all pixels: each column counts its samples at or above each of them, updated from
//! row to row, and a square adds up its columns. For the lower bits each pixel goes through its whole square.
//!
//! A strip is processed in tiles of columns, so that everything a tile needs stays in the first caches.
#![allow(clippy::expect_used, reason = "the padding of rows proves each bound")]
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become single instructions")]

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::scratch::sized;
use crate::kernel::window::repeat_edges;
use lightloom_picture::View;

/// The largest radius: counts are bytes.
pub(crate) const MOST: usize = 7;

/// Samples that are processed at once.
const BLOCK: usize = 128;

/// Samples of a tile's row, without its margins: whole pixels of one or three channels.
const TILE: usize = 6 * BLOCK;

/// Levels between those that columns count for.
const COARSE: i8 = 16;

/// Number of levels that columns count for: all but the lowest, which every sample is at or above.
const STEPS: usize = 15;

/// The level that columns count for at this step. Levels are shifted down by 128, since vectors compare signed bytes.
#[inline(always)]
const fn level(step: usize) -> i8 {
    i8::MIN.wrapping_add(COARSE.wrapping_mul(step as i8 + 1))
}

/// Memory of one strip.
#[derive(Default)]
pub(crate) struct Memory {
    /// Levels of a tile and its margins.
    tile: Vec<i8>,
    /// Offsets of the samples of a square from its first.
    square: Vec<usize>,
    /// Medians of one row, in whole blocks.
    medians: Vec<i8>,
    /// For each step: how many samples of each column are at or above its level.
    columns: [Vec<u8>; STEPS],
}

/// The medians of squares that extend `radius` pixels to each side, at most [`MOST`].
pub(crate) fn rows(memory: &mut Memory, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8], radius: usize) {
    let (stride, channels) = (source.stride(), source.layout().channels());
    let (side, pad) = (2 * radius + 1, radius * channels);
    // the row that would come after the last square is not looked at
    let last = (i64::from(rows.end) - 1 + radius as i64).min(i64::from(source.height()) - 1);
    let half = (side * side / 2) as u8;
    for left in (0..stride).step_by(TILE) {
        let width = TILE.min(stride - left);
        let span = left.saturating_sub(pad)..stride.min(left + width + pad);
        let (before, after) = (pad - (left - span.start), pad - (span.end - left - width));
        // blocks may start anywhere in the row of a square
        let pitch = (width + 2 * pad).next_multiple_of(BLOCK) + BLOCK;
        let tile = sized(&mut memory.tile, (rows.len() + side) * pitch);
        for (y, row) in (i64::from(rows.start) - radius as i64..).zip(tile.chunks_exact_mut(pitch)) {
            shift(&mut row[before..], &source.row(y.clamp(0, last) as u32)[span.clone()]);
            repeat_edges(&mut row[..width + 2 * pad], before, after, channels);
        }
        let medians = sized(&mut memory.medians, width.next_multiple_of(BLOCK));
        memory.square.clear();
        memory.square.extend((0..side).flat_map(|y| (0..side).map(move |x| y * pitch + x * channels)));
        for (step, column) in memory.columns.iter_mut().enumerate() {
            column.clear();
            column.resize(pitch, 0);
            tile.chunks_exact(pitch).take(side).for_each(|row| count(column, row, level(step)));
        }
        for (top, target) in target.chunks_exact_mut(stride).enumerate() {
            let rows = &tile[top * pitch..][..(side + 1) * pitch];
            upper_bits(medians, &memory.columns, &memory.square[..side], half);
            lower_bits(medians, rows, &memory.square, half);
            unshift(&mut target[left..left + width], medians);
            let (leaving, coming) = (&rows[..pitch], &rows[side * pitch..]);
            for (step, column) in memory.columns.iter_mut().enumerate() {
                recount(column, leaving, coming, level(step));
            }
        }
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn shift(to: &mut [i8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = (from ^ 0x80).cast_signed());
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn unshift(to: &mut [u8], from: &[i8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = from.cast_unsigned() ^ 0x80);
}

/// Counts the samples of a row that are at or above the level.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn count(column: &mut [u8], row: &[i8], level: i8) {
    column.iter_mut().zip(row).for_each(|(count, v)| *count += u8::from(*v >= level));
}

/// Adds the counts of the row that enters the column and subtracts those of the row that leaves it.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn recount(column: &mut [u8], leaving: &[i8], coming: &[i8], level: i8) {
    for ((count, leaving), coming) in column.iter_mut().zip(leaving).zip(coming) {
        *count = count.wrapping_add(u8::from(*coming >= level)).wrapping_sub(u8::from(*leaving >= level));
    }
}

#[inline(always)]
fn block<T>(row: &[T], at: usize) -> &[T; BLOCK] {
    row[at..].first_chunk().expect("rows are padded to whole blocks and one more")
}

/// The upper bits of the medians of one row, from the counts of columns; `square` has the offsets of a square's columns.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn upper_bits(medians: &mut [i8], columns: &[Vec<u8>; STEPS], square: &[usize], half: u8) {
    for (number, medians) in medians.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        *medians = [i8::MIN; BLOCK];
        for column in columns {
            let mut counts = [0_u8; BLOCK];
            for at in square {
                let column = block(column, number * BLOCK + at);
                for i in 0..BLOCK {
                    counts[i] = counts[i].wrapping_add(column[i]);
                }
            }
            for i in 0..BLOCK {
                medians[i] = medians[i].wrapping_add(if counts[i] > half { COARSE } else { 0 });
            }
        }
    }
}

/// The lower bits, from the samples of each square.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn lower_bits(medians: &mut [i8], samples: &[i8], square: &[usize], half: u8) {
    for (number, medians) in medians.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        let mut bit = COARSE / 2;
        while bit > 0 {
            let mut counts = [0_u8; BLOCK];
            // samples above this are at or above the candidate level
            let below = medians.map(|median| median.wrapping_add(bit - 1));
            for at in square {
                let samples = block(samples, number * BLOCK + at);
                for i in 0..BLOCK {
                    counts[i] = counts[i].wrapping_add(u8::from(samples[i] > below[i]));
                }
            }
            for i in 0..BLOCK {
                medians[i] = medians[i].wrapping_add(if counts[i] > half { bit } else { 0 });
            }
            bit /= 2;
        }
    }
}
