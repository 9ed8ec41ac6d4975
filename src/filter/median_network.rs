//! Medians of 9 and 25 bytes by sorting networks without branches, so that a vector register works on as many pixels as
//! it has bytes.
//!
//! Columns are sorted once and serve all squares that they belong to; then the rows of a square of sorted columns are
//! sorted, which leaves the columns sorted, and only its antidiagonals can still hold the median: it is the middle one
//! of the greatest of the antidiagonal above, the median of the main one and the least of the one below (for 9: Smith
//! 1996; the same argument counts for 25, where each element of a neighbouring antidiagonal has too many on one side).

use std::ops::Range;

use multiversion::multiversion;

use super::scratch::sized;
use super::window::{Window, each_row};
use crate::picture::Raster;

/// Orders two values.
#[inline(always)]
fn order(a: &mut u8, b: &mut u8) {
    (*a, *b) = ((*a).min(*b), (*a).max(*b));
}

#[inline(always)]
fn sorted3([mut a, mut b, mut c]: [u8; 3]) -> [u8; 3] {
    order(&mut a, &mut b);
    order(&mut b, &mut c);
    order(&mut a, &mut b);
    [a, b, c]
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
    // neither the least nor the greatest of the four is the middle of five
    middle3(a.max(c), b.min(d), e)
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn sort_columns3(sorted: [&mut [u8]; 3], rows: [&[u8]; 3]) {
    let ([s0, s1, s2], [r0, r1, r2]) = (sorted, rows);
    let len = s0.len();
    let (s1, s2, r0, r1, r2) = (&mut s1[..len], &mut s2[..len], &r0[..len], &r1[..len], &r2[..len]);
    for i in 0..len {
        [s0[i], s1[i], s2[i]] = sorted3([r0[i], r1[i], r2[i]]);
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn middle_of_columns3(target: &mut [u8], sorted: [&[u8]; 3], channels: usize) {
    let len = target.len();
    let at = |k: usize, column: usize| &sorted[k][column * channels..][..len];
    let (a0, a1, a2) = (at(0, 0), at(0, 1), at(0, 2));
    let (b0, b1, b2) = (at(1, 0), at(1, 1), at(1, 2));
    let (c0, c1, c2) = (at(2, 0), at(2, 1), at(2, 2));
    for i in 0..len {
        let low = a0[i].max(a1[i]).max(a2[i]);
        let high = c0[i].min(c1[i]).min(c2[i]);
        target[i] = middle3(low, middle3(b0[i], b1[i], b2[i]), high);
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn sort_columns5(sorted: [&mut [u8]; 5], rows: [&[u8]; 5]) {
    let ([s0, s1, s2, s3, s4], [r0, r1, r2, r3, r4]) = (sorted, rows);
    let len = s0.len();
    let (s1, s2, s3, s4) = (&mut s1[..len], &mut s2[..len], &mut s3[..len], &mut s4[..len]);
    let (r0, r1, r2, r3, r4) = (&r0[..len], &r1[..len], &r2[..len], &r3[..len], &r4[..len]);
    for i in 0..len {
        [s0[i], s1[i], s2[i], s3[i], s4[i]] = sorted5([r0[i], r1[i], r2[i], r3[i], r4[i]]);
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn middle_of_columns5(target: &mut [u8], sorted: [&[u8]; 5], channels: usize) {
    let len = target.len();
    let row = |k: usize| [0, 1, 2, 3, 4].map(|column| &sorted[k][column * channels..][..len]);
    let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (row(0), row(1));
    let ([c0, c1, c2, c3, c4], [d0, d1, d2, d3, d4]) = (row(2), row(3));
    let [e0, e1, e2, e3, e4] = row(4);
    for i in 0..len {
        let a = sorted5([a0[i], a1[i], a2[i], a3[i], a4[i]]);
        let b = sorted5([b0[i], b1[i], b2[i], b3[i], b4[i]]);
        let c = sorted5([c0[i], c1[i], c2[i], c3[i], c4[i]]);
        let d = sorted5([d0[i], d1[i], d2[i], d3[i], d4[i]]);
        let e = sorted5([e0[i], e1[i], e2[i], e3[i], e4[i]]);
        let above = a[3].max(b[2]).max(c[1]).max(d[0]);
        let below = b[4].min(c[3]).min(d[2]).min(e[1]);
        target[i] = middle3(above, middle5([a[4], b[3], c[2], d[1], e[0]]), below);
    }
}

fn copy(to: &mut [u8], from: &[u8]) {
    to.copy_from_slice(from);
}

/// Memory of one strip.
#[derive(Default)]
pub(super) struct Memory {
    window: Vec<u8>,
    sorted: [Vec<u8>; 5],
}

/// The medians of squares of 3 × 3.
pub(super) fn three(memory: &mut Memory, source: &Raster<u8>, rows: Range<u32>, target: &mut [u8]) {
    let (first, stride, channels) = (rows.start, source.stride(), source.layout().channels());
    let [low, middle, high, ..] = memory.sorted.each_mut().map(|row| sized(row, stride + 2 * channels));
    each_row(&mut memory.window, source, rows, 1, copy, |y, window: &Window<'_, u8>| {
        let row = |dy| window.with_margin(dy, 1);
        sort_columns3([low, middle, high], [row(-1), row(0), row(1)]);
        let target = &mut target[(y - first) as usize * stride..][..stride];
        middle_of_columns3(target, [low, middle, high], channels);
    });
}

/// The medians of squares of 5 × 5.
pub(super) fn five(memory: &mut Memory, source: &Raster<u8>, rows: Range<u32>, target: &mut [u8]) {
    let (first, stride, channels) = (rows.start, source.stride(), source.layout().channels());
    let [s0, s1, s2, s3, s4] = memory.sorted.each_mut().map(|row| sized(row, stride + 4 * channels));
    each_row(&mut memory.window, source, rows, 2, copy, |y, window: &Window<'_, u8>| {
        let around = [-2, -1, 0, 1, 2].map(|dy| window.with_margin(dy, 2));
        sort_columns5([s0, s1, s2, s3, s4], around);
        let target = &mut target[(y - first) as usize * stride..][..stride];
        middle_of_columns5(target, [s0, s1, s2, s3, s4], channels);
    });
}
