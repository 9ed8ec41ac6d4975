//! RGB to luma and chroma (ITU-R BT.601 in the full range, as JFIF has it), and chroma in fewer samples.

use multiversion::multiversion;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;

/// Pixels that are converted at once.
pub(super) const PIXELS: usize = 32;

/// The middle of chroma's range and, for rounding, a little less than a half, so that the largest rounds to 255; times 2¹⁶.
const MIDDLE: i32 = (128 << 16) + (1 << 15) - 1;

/// A row's luma and chroma, as many samples each as there are pixels.
pub(super) struct Planar<'a> {
    pub(super) luma: &'a mut [u8],
    pub(super) cb: &'a mut [u8],
    pub(super) cr: &'a mut [u8],
}

/// Converts a row. Samples behind the last pixel up to a multiple of [`PIXELS`], for which there is room, are written too.
pub(super) fn convert(rgb: &[u8], to: Planar<'_>) {
    let (whole, rest) = rgb.as_chunks::<{ 3 * PIXELS }>();
    let (luma, _) = to.luma.as_chunks_mut::<PIXELS>();
    let (cb, _) = to.cb.as_chunks_mut::<PIXELS>();
    let (cr, _) = to.cr.as_chunks_mut::<PIXELS>();
    convert_all(whole, luma, cb, cr);
    if !rest.is_empty() {
        let mut last = [[0; 3 * PIXELS]];
        last[0][..rest.len()].copy_from_slice(rest);
        let at = whole.len()..;
        convert_all(&last, &mut luma[at.clone()], &mut cb[at.clone()], &mut cr[at]);
    }
}

fn convert_all(rgb: &[[u8; 3 * PIXELS]], luma: &mut [[u8; PIXELS]], cb: &mut [[u8; PIXELS]], cr: &mut [[u8; PIXELS]]) {
    #[cfg(target_arch = "x86_64")]
    {
        let level = fearless_simd::Level::new();
        if let Some(avx512) = level.as_avx512() {
            return avx512::convert(avx512, rgb, luma, cb, cr);
        }
        if let Some(avx2) = level.as_avx2() {
            return avx2::convert(avx2, rgb, luma, cb, cr);
        }
    }
    convert_portably(rgb, luma, cb, cr);
}

#[multiversion(targets("aarch64+neon"))]
fn convert_portably(
    rgb: &[[u8; 3 * PIXELS]],
    luma: &mut [[u8; PIXELS]],
    cb: &mut [[u8; PIXELS]],
    cr: &mut [[u8; PIXELS]],
) {
    for (((rgb, luma), cb), cr) in rgb.iter().zip(luma).zip(cb).zip(cr) {
        for i in 0..PIXELS {
            let [r, g, b] = [rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]].map(i32::from);
            luma[i] = ((19_595 * r + 38_470 * g + 7_471 * b + (1 << 15)) >> 16) as u8;
            cb[i] = ((-11_059 * r - 21_709 * g + 32_768 * b + MIDDLE) >> 16) as u8;
            cr[i] = ((32_768 * r - 27_439 * g - 5_329 * b + MIDDLE) >> 16) as u8;
        }
    }
}

/// Means of two samples beside each other. Halves are rounded down and up in turn.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn halve_columns(to: &mut [u8], row: &[u8]) {
    for (to, from) in to.as_chunks_mut::<PIXELS>().0.iter_mut().zip(row.as_chunks::<{ 2 * PIXELS }>().0) {
        for i in 0..PIXELS {
            let sum = u16::from(from[2 * i]) + u16::from(from[2 * i + 1]);
            to[i] = ((sum + (i % 2) as u16) >> 1) as u8;
        }
    }
}

/// Means of two by two samples. What rounding adds is a quarter and a half in turn.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn halve(to: &mut [u8], above: &[u8], below: &[u8]) {
    let rows = above.as_chunks::<{ 2 * PIXELS }>().0.iter().zip(below.as_chunks::<{ 2 * PIXELS }>().0);
    for (to, (above, below)) in to.as_chunks_mut::<PIXELS>().0.iter_mut().zip(rows) {
        for i in 0..PIXELS {
            let left = u16::from(above[2 * i]) + u16::from(below[2 * i]);
            let right = u16::from(above[2 * i + 1]) + u16::from(below[2 * i + 1]);
            to[i] = ((left + right + 1 + (i % 2) as u16) >> 2) as u8;
        }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn vectors_give_what_plain_code_gives() {
        let level = fearless_simd::Level::new();
        // Every red and green with some blues.
        let mut rgb = Vec::new();
        for i in 0..1 << 16 {
            let [red, green] = (i as u16).to_be_bytes();
            rgb.extend([0, 255, red ^ green, green.wrapping_mul(37)].map(|blue| [red, green, blue]));
        }
        let rgb = rgb.as_flattened().as_chunks().0;
        let empty = || [(); 3].map(|()| vec![[0; PIXELS]; rgb.len()]);
        let mut expected = empty();
        let [luma, cb, cr] = &mut expected;
        convert_portably(rgb, luma, cb, cr);
        if let Some(avx2) = level.as_avx2() {
            let mut found = empty();
            let [luma, cb, cr] = &mut found;
            avx2::convert(avx2, rgb, luma, cb, cr);
            assert!(found == expected);
        }
        if let Some(avx512) = level.as_avx512() {
            let mut found = empty();
            let [luma, cb, cr] = &mut found;
            avx512::convert(avx512, rgb, luma, cb, cr);
            assert!(found == expected);
        }
    }
}
