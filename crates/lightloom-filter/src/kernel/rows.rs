//! Rows between their stored samples and the floats that filters compute with: unit range, premultiplied by alpha.

use multiversion::multiversion;

use lightloom_picture::{Layout, Sample};

/// Converts samples to the unit range and premultiplies colours by alpha, so that averages leave out what is
/// transparent.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn premultiplied<S: Sample>(to: &mut [f32], from: &[S], layout: Layout) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from.to_unit();
    }
    weigh(to, layout);
}

/// Premultiplies colours by alpha.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn weighted(samples: &mut [f32], layout: Layout) {
    weigh(samples, layout);
}

#[inline(always)]
fn weigh(to: &mut [f32], layout: Layout) {
    match layout {
        Layout::Grey | Layout::Rgb => {}
        Layout::GreyAlpha => to.as_chunks_mut().0.iter_mut().for_each(|[grey, alpha]| *grey *= *alpha),
        Layout::Rgba => {
            for [red, green, blue, alpha] in to.as_chunks_mut().0 {
                *red *= *alpha;
                *green *= *alpha;
                *blue *= *alpha;
            }
        }
    }
}

/// Undoes the weighting by alpha; colours are 0 where alpha is not above 0.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn straight(row: &mut [f32], layout: Layout) {
    fn divided<const N: usize>(row: &mut [f32]) {
        for pixel in row.as_chunks_mut::<N>().0 {
            let alpha = pixel[N - 1];
            let share = if alpha > 0.0 { 1.0 / alpha } else { 0.0 };
            for colour in &mut pixel[..N - 1] {
                *colour *= share;
            }
        }
    }
    match layout {
        Layout::Grey | Layout::Rgb => {}
        Layout::GreyAlpha => divided::<2>(row),
        Layout::Rgba => divided::<4>(row),
    }
}

/// Rounds to stored samples.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn rounded<S: Sample>(to: &mut [S], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = S::from_unit(*from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighting_by_alpha_and_back() {
        let source = [200_u8, 100, 50, 51, 7, 7, 7, 0, 255, 254, 253, 255];
        let mut row = [0.0; 12];
        premultiplied(&mut row, &source, Layout::Rgba);
        assert!((row[0] - 200.0 / 255.0 * 0.2).abs() < 1e-6 && (row[3] - 0.2).abs() < 1e-6);
        straight(&mut row, Layout::Rgba);
        let mut back = [0_u8; 12];
        rounded(&mut back, &row);
        assert_eq!(back, [200, 100, 50, 51, 0, 0, 0, 0, 255, 254, 253, 255]);
    }
}
