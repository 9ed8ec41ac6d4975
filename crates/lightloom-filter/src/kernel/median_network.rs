//! Medians of 9 and 25 bytes by sorting networks without branches, so that a vector register works on as many pixels as
//! it has bytes.
//!
//! Each column is sorted once for all squares that contain it. Then the rows of a square of sorted columns are sorted,
//! which keeps the columns sorted, and only the antidiagonals can still hold the median: it is the middle one of the
//! maximum of the antidiagonal above, the median of the main one and the minimum of the one below (for 9: Smith 1996;
//! the same argument holds for 25, where every other element has too many others on one side).
#![allow(clippy::expect_used, reason = "the padding of rows proves each bound")]
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become single instructions")]

use std::ops::Range;
use std::slice::from_mut;

use multiversion::multiversion;

use crate::kernel::window::repeat_edges;
use lightloom_picture::View;

/// Samples of a row that are processed at once, their neighbours included: few enough that all sorted columns stay in
/// the first-level cache.
const TILE: usize = 1536;

/// Samples of an inner loop.
const BLOCK: usize = 128;

/// One of the sorted values of each column.
type Row = [u8; TILE + BLOCK];

#[inline(always)]
fn block(row: &Row, at: usize) -> &[u8; BLOCK] {
    row[at..].first_chunk().expect("there is a block behind the last column")
}

/// The same block of the first few neighbours, `step` samples apart.
#[inline(always)]
fn blocks<const N: usize>(row: &Row, at: usize, step: usize) -> [&[u8; BLOCK]; N] {
    let mut blocks = [block(row, at); N];
    for i in 1..N {
        blocks[i] = block(row, at + i * step);
    }
    blocks
}

/// Orders two values.
#[inline(always)]
fn order(a: &mut u8, b: &mut u8) {
    (*a, *b) = ((*a).min(*b), (*a).max(*b));
}

#[inline(always)]
fn sorted4([mut a, mut b, mut c, mut d]: [u8; 4]) -> [u8; 4] {
    order(&mut a, &mut b);
    order(&mut c, &mut d);
    order(&mut a, &mut c);
    order(&mut b, &mut d);
    order(&mut b, &mut c);
    [a, b, c, d]
}

#[inline(always)]
fn middle3(a: u8, b: u8, c: u8) -> u8 {
    a.min(b).max(a.max(b).min(c))
}

/// The network of nine comparators (Knuth, The Art of Computer Programming 3, section 5.3.4).
#[inline(always)]
fn sorted5([mut a, mut b, mut c, mut d, mut e]: [u8; 5]) -> [u8; 5] {
    order(&mut a, &mut b);
    order(&mut d, &mut e);
    order(&mut c, &mut e);
    order(&mut c, &mut d);
    order(&mut b, &mut e);
    order(&mut a, &mut d);
    order(&mut a, &mut c);
    order(&mut b, &mut d);
    order(&mut b, &mut c);
    [a, b, c, d, e]
}

#[inline(always)]
fn middle5([mut a, mut b, mut c, mut d, e]: [u8; 5]) -> u8 {
    order(&mut a, &mut b);
    order(&mut c, &mut d);
    // neither the minimum nor the maximum of the four is the median of the five
    middle3(a.max(c), b.min(d), e)
}

/// Inserts the last value into the others, which are sorted.
#[inline(always)]
fn inserted<const N: usize>(mut values: [u8; N]) -> [u8; N] {
    for i in (1..N).rev() {
        let (low, high) = (values[i - 1].min(values[i]), values[i - 1].max(values[i]));
        (values[i - 1], values[i]) = (low, high);
    }
    values
}

/// Sorts the columns of the upper three of four rows, and of the lower three.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn sort_columns3([[u0, u1, u2], [l0, l1, l2]]: [[&mut [u8]; 3]; 2], [r0, r1, r2, r3]: [&[u8]; 4]) {
    let len = r0.len();
    let (u0, u1, u2, l0, l1, l2) =
        (&mut u0[..len], &mut u1[..len], &mut u2[..len], &mut l0[..len], &mut l1[..len], &mut l2[..len]);
    let (r1, r2, r3) = (&r1[..len], &r2[..len], &r3[..len]);
    for i in 0..len {
        let [low, high] = inserted([r1[i], r2[i]]);
        [u0[i], u1[i], u2[i]] = inserted([low, high, r0[i]]);
        [l0[i], l1[i], l2[i]] = inserted([low, high, r3[i]]);
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn middle_of_columns3(medians: &mut [[u8; BLOCK]], [a, b, c]: &[Row; 3], first: usize, channels: usize) {
    for (number, medians) in medians.iter_mut().enumerate() {
        let left = first + number * BLOCK;
        let [a0, a1, a2] = blocks(a, left, channels);
        let [b0, b1, b2] = blocks(b, left, channels);
        let [c0, c1, c2] = blocks(c, left, channels);
        for i in 0..BLOCK {
            let low = a0[i].max(a1[i]).max(a2[i]);
            let high = c0[i].min(c1[i]).min(c2[i]);
            medians[i] = middle3(low, middle3(b0[i], b1[i], b2[i]), high);
        }
    }
}

/// Sorts the columns of the upper five of six rows, and of the lower five.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn sort_columns5([upper, lower]: [[&mut [u8]; 5]; 2], rows: [&[u8]; 6]) {
    let len = rows[0].len();
    let ([u0, u1, u2, u3, u4], [l0, l1, l2, l3, l4]) = (upper, lower);
    let (u0, u1, u2, u3, u4) = (&mut u0[..len], &mut u1[..len], &mut u2[..len], &mut u3[..len], &mut u4[..len]);
    let (l0, l1, l2, l3, l4) = (&mut l0[..len], &mut l1[..len], &mut l2[..len], &mut l3[..len], &mut l4[..len]);
    let [r0, r1, r2, r3, r4, r5] = rows;
    let (r1, r2, r3, r4, r5) = (&r1[..len], &r2[..len], &r3[..len], &r4[..len], &r5[..len]);
    for i in 0..len {
        let [a, b, c, d] = sorted4([r1[i], r2[i], r3[i], r4[i]]);
        [u0[i], u1[i], u2[i], u3[i], u4[i]] = inserted([a, b, c, d, r0[i]]);
        [l0[i], l1[i], l2[i], l3[i], l4[i]] = inserted([a, b, c, d, r5[i]]);
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn middle_of_columns5(medians: &mut [[u8; BLOCK]], [a, b, c, d, e]: &[Row; 5], first: usize, channels: usize) {
    for (number, medians) in medians.iter_mut().enumerate() {
        let left = first + number * BLOCK;
        let [a0, a1, a2, a3, a4] = blocks(a, left, channels);
        let [b0, b1, b2, b3, b4] = blocks(b, left, channels);
        let [c0, c1, c2, c3, c4] = blocks(c, left, channels);
        let [d0, d1, d2, d3, d4] = blocks(d, left, channels);
        let [e0, e1, e2, e3, e4] = blocks(e, left, channels);
        for i in 0..BLOCK {
            let a = sorted5([a0[i], a1[i], a2[i], a3[i], a4[i]]);
            let b = sorted5([b0[i], b1[i], b2[i], b3[i], b4[i]]);
            let c = sorted5([c0[i], c1[i], c2[i], c3[i], c4[i]]);
            let d = sorted5([d0[i], d1[i], d2[i], d3[i], d4[i]]);
            let e = sorted5([e0[i], e1[i], e2[i], e3[i], e4[i]]);
            let above = a[3].max(b[2]).max(c[1]).max(d[0]);
            let below = b[4].min(c[3]).min(d[2]).min(e[1]);
            medians[i] = middle3(above, middle5([a[4], b[3], c[2], d[1], e[0]]), below);
        }
    }
}

/// The medians of squares of `N` × `N`, two rows at a time, since their squares share all rows but one: `sort` sorts the
/// columns of both, and `middle` finds the medians of squares of sorted columns.
fn walk<'a, const N: usize>(
    source: View<'a, u8>,
    rows: Range<u32>,
    target: &mut [u8],
    sort: impl Fn([[&mut [u8]; N]; 2], &dyn Fn(usize) -> &'a [u8]),
    middle: impl Fn(&mut [[u8; BLOCK]], &[Row; N], usize, usize),
) {
    let (stride, channels) = (source.stride(), source.layout().channels());
    // of an odd number of rows, nothing beyond what the last one needs is looked at
    let last = (i64::from(rows.end) - 1 + (N / 2) as i64).min(i64::from(source.height()) - 1);
    let pad = N / 2 * channels;
    // whole pixels of one or three channels
    let step = (TILE - 2 * pad) / 3 * 3;
    let mut sorted = [[[0; TILE + BLOCK]; N]; 2];
    for (y, target) in (i64::from(rows.start)..).step_by(2).zip(target.chunks_mut(2 * stride)) {
        for left in (0..stride).step_by(step) {
            let width = step.min(stride - left);
            let span = left.saturating_sub(pad)..stride.min(left + width + pad);
            let (before, after) = (pad - (left - span.start), pad - (span.end - left - width));
            let row = |i: usize| {
                let y = (y + i as i64 - (N / 2) as i64).clamp(0, last);
                &source.row(y as u32)[span.clone()]
            };
            sort(sorted.each_mut().map(|square| square.each_mut().map(|row| &mut row[before..])), &row);
            for row in sorted.as_flattened_mut() {
                repeat_edges(&mut row[..width + 2 * pad], before, after, channels);
            }
            for (target, sorted) in target.chunks_exact_mut(stride).zip(&sorted) {
                let (whole, rest) = target[left..left + width].as_chunks_mut();
                let (first, mut last) = (whole.len() * BLOCK, [0; BLOCK]);
                middle(whole, sorted, 0, channels);
                middle(from_mut(&mut last), sorted, first, channels);
                rest.copy_from_slice(&last[..rest.len()]);
            }
        }
    }
}

/// The medians of 3 × 3 squares.
pub(crate) fn three(source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
    walk(source, rows, target, |sorted, row| sort_columns3(sorted, [0, 1, 2, 3].map(row)), middle_of_columns3);
}

/// The medians of 5 × 5 squares.
pub(crate) fn five(source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
    walk(source, rows, target, |sorted, row| sort_columns5(sorted, [0, 1, 2, 3, 4, 5].map(row)), middle_of_columns5);
}
