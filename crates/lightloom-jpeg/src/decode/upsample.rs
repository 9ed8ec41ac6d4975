//! Chroma at the size of luma, as libjpeg's smooth enlargement makes it (`jdsample.c`): each sample is three quarters of
//! the nearest one and a quarter of the next in each direction.

use multiversion::multiversion;

/// Narrower components are enlarged by repetition.
const NARROWEST: usize = 3;

/// Rows of a component that is enlarged downwards: `near` counts three times.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) near: &'a [u8],
    pub(super) far: &'a [u8],
    /// Whether `far` is above `near`.
    pub(super) far_is_above: bool,
}

/// Enlarges both ways.
pub(super) fn both(rows: Rows<'_>, sums: &mut Vec<u16>, to: &mut [u8]) {
    if rows.near.len() < NARROWEST {
        return repeat(rows.near, to);
    }
    sums.resize(rows.near.len(), 0);
    both_smoothly(rows, sums, to);
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn both_smoothly<'a>(rows: Rows<'a>, sums: &mut [u16], to: &mut [u8]) {
    for ((near, far), sum) in rows.near.iter().zip(rows.far).zip(sums.iter_mut()) {
        *sum = u16::from(*near) * 3 + u16::from(*far);
    }
    let last = sums.len() - 1;
    to[0] = ((sums[0] * 4 + 8) >> 4) as u8;
    // Between the centres of two sums.
    for ((left, right), to) in sums.iter().zip(&sums[1..]).zip(to[1..].as_chunks_mut::<2>().0) {
        *to = [((left * 3 + right + 7) >> 4) as u8, ((right * 3 + left + 8) >> 4) as u8];
    }
    if let Some(to) = to.get_mut(2 * last + 1) {
        *to = ((sums[last] * 4 + 7) >> 4) as u8;
    }
}

/// Enlarges sideways.
pub(super) fn sideways(from: &[u8], to: &mut [u8]) {
    if from.len() < NARROWEST { repeat(from, to) } else { sideways_smoothly(from, to) }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn sideways_smoothly(from: &[u8], to: &mut [u8]) {
    let last = from.len() - 1;
    to[0] = from[0];
    for ((left, right), to) in from.iter().zip(&from[1..]).zip(to[1..].as_chunks_mut::<2>().0) {
        let (left, right) = (u16::from(*left), u16::from(*right));
        *to = [((left * 3 + right + 2) >> 2) as u8, ((right * 3 + left + 1) >> 2) as u8];
    }
    if let Some(to) = to.get_mut(2 * last + 1) {
        *to = from[last];
    }
}

/// Enlarges downwards.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn downwards<'a>(rows: Rows<'a>, to: &mut [u8]) {
    let bias = if rows.far_is_above { 1 } else { 2 };
    for ((near, far), to) in rows.near.iter().zip(rows.far).zip(to) {
        *to = ((u16::from(*near) * 3 + u16::from(*far) + bias) >> 2) as u8;
    }
}

fn repeat(from: &[u8], to: &mut [u8]) {
    for (from, to) in from.iter().zip(to.chunks_mut(2)) {
        to.fill(*from);
    }
}
