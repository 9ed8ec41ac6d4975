//! One function for every sample or pixel of a strip, as vector code: what most point filters are made of.

use multiversion::multiversion;

use crate::Strip;

/// Replaces every colour sample of a strip.
pub(crate) fn each_colour(strip: &mut Strip<'_>, function: impl Fn(f32) -> f32) {
    strip.planes().iter_mut().for_each(|plane| each(plane, &function));
}

/// Replaces every sample of a plane.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn each<F: Fn(f32) -> f32>(plane: &mut [f32], function: &F) {
    plane.iter_mut().for_each(|v| *v = function(*v));
}

/// Replaces every colour sample of a strip by a function of the strength at the pixel's column and row, and of itself.
pub(crate) fn each_colour_at(
    strip: &mut Strip<'_>,
    strength: impl Fn(u32, u32) -> f32,
    function: impl Fn(f32, f32) -> f32,
) {
    let mut strengths = vec![0.0; strip.width as usize];
    for (y, row) in strip.rows() {
        strengths_of(&mut strengths, y, &strength);
        for plane in strip.planes() {
            each_with(&mut plane[row.clone()], &strengths, &function);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn strengths_of<F: Fn(u32, u32) -> f32>(strengths: &mut [f32], y: u32, strength: &F) {
    strengths.iter_mut().zip(0..).for_each(|(to, x)| *to = strength(x, y));
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn each_with<F: Fn(f32, f32) -> f32>(row: &mut [f32], strengths: &[f32], function: &F) {
    row.iter_mut().zip(strengths).for_each(|(v, strength)| *v = function(*strength, *v));
}

/// Replaces the colours of every pixel of a strip by a function of them and of column and row. Grey is passed as three
/// equal colours, and the first of the results is kept.
pub(crate) fn each_rgb_at(strip: &mut Strip<'_>, function: impl Fn([f32; 3], u32, u32) -> [f32; 3]) {
    for (y, row) in strip.rows() {
        match strip.rgb() {
            Some([red, green, blue]) => {
                row_at(&mut red[row.clone()], &mut green[row.clone()], &mut blue[row], y, &function);
            }
            None => grey_row_at(&mut strip.planes()[0][row], y, &function),
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn row_at<F: Fn([f32; 3], u32, u32) -> [f32; 3]>(
    red: &mut [f32],
    green: &mut [f32],
    blue: &mut [f32],
    y: u32,
    function: &F,
) {
    for (x, ((red, green), blue)) in (0..).zip(red.iter_mut().zip(green).zip(blue)) {
        [*red, *green, *blue] = function([*red, *green, *blue], x, y);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn grey_row_at<F: Fn([f32; 3], u32, u32) -> [f32; 3]>(row: &mut [f32], y: u32, function: &F) {
    for (x, grey) in (0..).zip(row) {
        *grey = function([*grey; 3], x, y)[0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Planes;
    use lightloom_picture::Layout;

    #[test]
    fn functions_see_their_place() {
        let mut planes = Planes::default();
        planes.load(&[0.5_f32; 12], Layout::Grey);
        each_colour_at(&mut Strip::new(&mut planes, 4, 7), |x, y| (10 * y + x) as f32, |strength, v| v + strength);
        assert_eq!(planes.all()[0][5], 81.5);
        planes.load(&[0.5_f32; 12], Layout::Rgb);
        each_rgb_at(&mut Strip::new(&mut planes, 2, 7), |[r, g, b], x, y| [r + x as f32, g + y as f32, b]);
        assert_eq!([0, 1, 2].map(|c| planes.all()[c][3]), [1.5, 8.5, 0.5]);
    }
}
