//! Rows with a margin on all sides, for filters that compute a pixel from a small neighbourhood.
//!
//! Rows are converted once, kept as long as they are within the support, and repeated beyond the edges beforehand, so
//! that a loop over a whole row at any offset has no branch.

use std::ops::Range;

use crate::kernel::rows::premultiplied;
use crate::kernel::scratch::sized;
use lightloom_picture::{Layout, Sample, View};

/// The rows around one row of the picture.
pub(crate) struct Window<'a, T> {
    samples: &'a [T],
    /// Where the row's first pixel is.
    centre: usize,
    pitch: usize,
    channels: usize,
    stride: usize,
}

impl<'a, T> Window<'a, T> {
    /// The row `dy` rows further down, beginning `dx` pixels further right, as long as a row of the picture. Both
    /// offsets must be within the margin.
    #[inline(always)]
    pub(crate) fn at(&self, dy: i32, dx: i32) -> &'a [T] {
        let offset = dy as isize * self.pitch as isize + dx as isize * self.channels as isize;
        &self.samples[self.centre.wrapping_add_signed(offset)..][..self.stride]
    }
}

/// Rows that are converted at once, at least.
const GROUP: usize = 16;

/// Calls `each` with the number of each of `rows` and the window around it, whose samples `convert` makes from whole
/// rows of the picture, in memory from a pool. Beyond the edges the nearest pixel is repeated.
pub(crate) fn each_row<S: Sample, T: Copy + Default>(
    memory: &mut Vec<T>,
    source: View<'_, S>,
    rows: Range<u32>,
    margin: usize,
    convert: impl Fn(&mut [T], &[S]),
    mut each: impl FnMut(u32, &Window<'_, T>),
) {
    let (stride, channels) = (source.stride(), source.layout().channels());
    if stride == 0 || rows.is_empty() {
        return;
    }
    let pad = margin * channels;
    let pitch = (pad + stride + pad).next_multiple_of(16) + 16;
    let group = GROUP.max(2 * margin).min(rows.len());
    let last = i64::from(source.height()) - 1;
    let samples = sized(memory, (group + 2 * margin) * pitch);
    // rows at the start of the buffer that already hold what is needed next
    let mut held = 0;
    for top in rows.clone().step_by(group) {
        let count = group.min((rows.end - top) as usize);
        for i in held..count + 2 * margin {
            let y = (i64::from(top) - margin as i64 + i as i64).clamp(0, last);
            let row = &mut samples[i * pitch..][..pad + stride + pad];
            convert(&mut row[pad..pad + stride], source.row(y as u32));
            repeat_edges(row, pad, pad, channels);
        }
        for i in 0..count {
            let window = Window { samples: &*samples, centre: (i + margin) * pitch + pad, pitch, channels, stride };
            each(top + i as u32, &window);
        }
        samples.copy_within(count * pitch..(count + 2 * margin) * pitch, 0);
        held = 2 * margin;
    }
}

/// [`each_row`] with floats: unit range, colours weighted by alpha.
pub(crate) fn each_weighted_row<S: Sample>(
    memory: &mut Vec<f32>,
    source: View<'_, S>,
    rows: Range<u32>,
    margin: usize,
    each: impl FnMut(u32, &Window<'_, f32>),
) {
    let layout = source.layout();
    each_row(memory, source, rows, margin, |to, from| premultiplied(to, from, layout), each);
}

/// Repeats the first pixel of a row over the samples `before` it, and the last over those `after` it.
pub(crate) fn repeat_edges<T: Copy>(row: &mut [T], before: usize, after: usize, channels: usize) {
    let end = row.len() - after;
    for i in (0..before).step_by(channels) {
        row.copy_within(before..before + channels, i);
    }
    for i in (0..after).step_by(channels) {
        row.copy_within(end - channels..end, end + i);
    }
}

/// Alpha back from the source.
pub(crate) fn restore_alpha<S: Sample>(to: &mut [S], from: &[S], layout: Layout) {
    fn last<S: Copy, const N: usize>(to: &mut [S], from: &[S]) {
        for (to, from) in to.as_chunks_mut::<N>().0.iter_mut().zip(from.as_chunks::<N>().0) {
            to[N - 1] = from[N - 1];
        }
    }
    match layout {
        Layout::Grey | Layout::Rgb => {}
        Layout::GreyAlpha => last::<S, 2>(to, from),
        Layout::Rgba => last::<S, 4>(to, from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Raster;

    #[test]
    fn windows_repeat_the_edges() {
        let (width, height) = (5, 70);
        let source = Raster::new(width, height, Layout::GreyAlpha, (0..700).map(|i| i as f32).collect());
        let mut memory = Vec::new();
        for margin in [90, 4, 0, 1] {
            for rows in [0..70, 3..4, 60..70] {
                let mut next = rows.start;
                each_row(&mut memory, source.view(), rows.clone(), margin, <[f32]>::copy_from_slice, |y, window| {
                    assert_eq!(y, next);
                    next += 1;
                    let margin = margin as i32;
                    for (dy, dx) in [(0, 0), (-margin, margin), (margin, -margin)] {
                        for (i, v) in window.at(dy, dx).iter().enumerate() {
                            let sx = (i as i32 / 2 + dx).clamp(0, width as i32 - 1);
                            let sy = (y as i32 + dy).clamp(0, height as i32 - 1);
                            assert_eq!(*v, ((sy * 5 + sx) * 2 + i as i32 % 2) as f32, "{y}: {dy}, {dx}");
                        }
                    }
                });
                assert_eq!(next, rows.end);
            }
        }
    }
}
