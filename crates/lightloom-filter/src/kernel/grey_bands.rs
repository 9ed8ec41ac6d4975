//! Grey pictures from planes: a weighted sum of red, green and blue is one of Y, Cb and Cr, so colours need not be made
//! first, and of chroma only the sum is enlarged.

use std::ops::Range;

use multiversion::multiversion;

use crate::RowWise;
use crate::kernel::by_plane::STEP;
use lightloom_picture::{Planar, View};

/// Bits of chroma's share below a level.
const FRACTION: u32 = 4;

/// Makes grey rows of bands.
pub(crate) struct GreyBands {
    source: Planar,
    /// Weights of Cb and Cr beside a Y that counts once, in units of 2⁻¹⁶.
    weights: [i32; 2],
    /// Shares of chroma in three rows of it, and in a row of pixels.
    shares: [Vec<i16>; 3],
    mixed: Vec<i16>,
    row: Vec<i16>,
}

impl GreyBands {
    /// For the sum of red, green and blue with these weights, which together are 1.
    pub fn new([red, green, blue]: [f32; 3], source: Planar) -> Self {
        // What Cb and Cr are in red, green and blue (ITU-T T.871).
        let weights = [1.772 * blue - 0.344_136 * green, 1.402 * red - 0.714_136 * green];
        let weights = weights.map(|weight| (weight * 65_536.0).round() as i32);
        Self { source, weights, shares: Default::default(), mixed: Vec::new(), row: Vec::new() }
    }

    /// Chroma counts for less than a tenth of a level.
    fn is_luma(&self) -> bool {
        self.weights.iter().all(|weight| weight.abs() < 25)
    }
}

impl RowWise for GreyBands {
    fn step(&self) -> u32 {
        STEP
    }

    fn needs(&self, rows: Range<u32>) -> Range<u32> {
        let shared = self.source.chroma.rows;
        let margin = u32::from(shared > 1);
        (rows.start / shared).saturating_sub(margin)..rows.end.div_ceil(shared) + margin
    }

    fn rows(&mut self, bands: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        let (source, is_luma) = (self.source, self.is_luma());
        let width = source.width as usize;
        let shared = source.chroma.rows;
        let mut held = None;
        for (y, to) in rows.zip(target.chunks_exact_mut(width)) {
            let band = y / shared;
            let [luma, ..] = source.planes(bands.row(band));
            let luma = &luma[(y % shared) as usize * width..][..width];
            if is_luma {
                to.copy_from_slice(luma);
                continue;
            }
            if held != Some(band) {
                // The neighbours' too, if rows lie between those of chroma.
                let near = [band.saturating_sub(1), band, (band + 1).min(source.bands() - 1)];
                for (i, (share, near)) in self.shares.iter_mut().zip(near).enumerate() {
                    if shared > 1 || i == 1 {
                        let [_, cb, cr] = source.planes(bands.row(near));
                        share.resize(cb.len(), 0);
                        weigh(share, cb, cr, self.weights);
                    }
                }
                held = Some(band);
            }
            let [above, own, below] = &self.shares;
            let own = if shared > 1 {
                let far = if y.is_multiple_of(2) { above } else { below };
                self.mixed.resize(own.len(), 0);
                self.mixed
                    .iter_mut()
                    .zip(own.iter().zip(far))
                    .for_each(|(to, (own, far))| *to = (3 * own + far + 2) >> 2);
                &self.mixed
            } else {
                own
            };
            if source.chroma.columns > 1 {
                self.row.resize(2 * own.len(), 0);
                widen(&mut self.row, own);
                add(to, luma, &self.row);
            } else {
                add(to, luma, own);
            }
        }
    }
}

/// What chroma adds to luma.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn weigh(to: &mut [i16], cb: &[u8], cr: &[u8], [of_cb, of_cr]: [i32; 2]) {
    const HALF: i32 = 1 << (15 - FRACTION);
    for (to, (cb, cr)) in to.iter_mut().zip(cb.iter().zip(cr)) {
        let sum = (i32::from(*cb) - 128) * of_cb + (i32::from(*cr) - 128) * of_cr;
        *to = ((sum + HALF) >> (16 - FRACTION)) as i16;
    }
}

/// Twice as many columns: three quarters of the nearer and a quarter of the farther one.
fn widen(to: &mut [i16], from: &[i16]) {
    let last = from.len() - 1;
    let pair = |near: i16, left: i16, right: i16| [(3 * near + left + 2) >> 2, (3 * near + right + 2) >> 2];
    let to = to.as_chunks_mut::<2>().0;
    to[0] = pair(from[0], from[0], from[1.min(last)]);
    for (to, near) in to[1..].iter_mut().zip(from.windows(3)) {
        *to = pair(near[1], near[0], near[2]);
    }
    to[last] = pair(from[last], from[last.saturating_sub(1)], from[last]);
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn add(to: &mut [u8], luma: &[u8], share: &[i16]) {
    for (to, (luma, share)) in to.iter_mut().zip(luma.iter().zip(share)) {
        let level = i16::from(*luma) + ((share + (1 << (FRACTION - 1))) >> FRACTION);
        *to = level.clamp(0, 255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::{Chroma, Layout, rgb_of_ycbcr};

    /// Colours that change slowly, as bands, and where a plane of chroma would be were it as fine as luma.
    fn ycbcr(x: f32, y: f32) -> [f32; 3] {
        [120.0 + 0.2 * x + (x * y) % 7.0, 128.0 + 40.0 * (x / 31.0).sin(), 128.0 + 45.0 * (y / 23.0).cos()]
    }

    #[test]
    fn grey_is_that_of_the_colours() {
        for (columns, rows) in [(1, 1), (2, 1), (2, 2)] {
            for (width, height) in [(150_u32, 90), (37, 21), (1, 1), (2, 3)] {
                let source = Planar { width, height, chroma: Chroma { columns, rows } };
                let mut bands = vec![0; source.bands() as usize * source.band_samples()];
                for (band, at) in bands.chunks_exact_mut(source.band_samples()).zip(0..) {
                    let [luma, cb, cr] = source.planes_mut(band);
                    for (i, to) in luma.iter_mut().enumerate() {
                        let y = (at * rows + i as u32 / width).min(height - 1);
                        *to = ycbcr((i as u32 % width) as f32, y as f32)[0].round() as u8;
                    }
                    let centre = |i: usize, by: u32| (i as f32 + 0.5) * by as f32 - 0.5;
                    for (i, (cb, cr)) in cb.iter_mut().zip(cr).enumerate() {
                        let [_, b, r] = ycbcr(centre(i, columns), centre(at as usize, rows));
                        (*cb, *cr) = (b.round() as u8, r.round() as u8);
                    }
                }
                let view = View::new((source.band_samples() as u32, source.bands()), Layout::Grey, 0, &bands);
                for weights in [[0.2126, 0.7152, 0.0722], [1.0 / 3.0; 3], [0.299, 0.587, 0.114]] {
                    let mut grey = GreyBands::new(weights, source);
                    let mut made = vec![0; (width * height) as usize];
                    for (target, top) in made.chunks_mut((STEP * width) as usize).zip((0..).step_by(STEP as usize)) {
                        grey.rows(view, top..top + target.len() as u32 / width, target);
                    }
                    for (i, found) in made.iter().enumerate() {
                        let (x, y) = (i as u32 % width, i as u32 / width);
                        let rgb = rgb_of_ycbcr(ycbcr(x as f32, y as f32).map(|v| v.round() as u8));
                        let exact: f32 = rgb.iter().zip(weights).map(|(v, weight)| f32::from(*v) * weight).sum();
                        // Rounding of luma, of chroma and of the result; at the edges chroma is off by half a sample more.
                        assert!(
                            (f32::from(*found) - exact).abs() < 2.6,
                            "{width} × {height} {x} {y}: {found}, {exact}"
                        );
                    }
                }
            }
        }
    }
}
