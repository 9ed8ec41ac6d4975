//! Parts of the picture as separate planes with a margin: what denoising works on, which looks at many neighbours of
//! each pixel and compares them by luma.
#![allow(clippy::expect_used, reason = "the block behind a plane's last row proves each bound")]

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::histogram::luma;
use crate::strip::store_planes;
use lightloom_picture::{Layout, Sample, View};

/// Columns of a tile, without its margins.
const WIDTH: usize = 256;

/// Rows of a tile, without its margins.
const HEIGHT: usize = 32;

/// Planes of a part of the picture.
pub(crate) struct Tile {
    /// Column and row of the picture where the tile begins.
    left: usize,
    top: u32,
    pub(crate) width: usize,
    pub(crate) height: usize,
    margin: usize,
    pitch: usize,
    /// Not weighted by alpha.
    pub(crate) luma: Vec<f32>,
    /// Weighted by alpha; only the first where there is only grey. Black where a sample is infinite or NaN, so that
    /// weighting cannot spread it.
    pub(crate) colours: [Vec<f32>; 3],
    /// 1 where there is no alpha, 0 where a sample is infinite or NaN.
    pub(crate) alpha: Vec<f32>,
}

/// Samples of an inner loop; as many, of no meaning, may be read after a tile's last row, so that loops can
/// process whole blocks. One more row may be read as well, so that they can process rows in pairs.
pub(crate) const BLOCK: usize = 32;

/// The block of a plane at this offset.
#[inline(always)]
pub(crate) fn block<T>(plane: &[T], at: usize) -> &[T; BLOCK] {
    plane[at..].first_chunk().expect("there is a block behind the last row")
}

/// As [`block`], to be written.
#[inline(always)]
pub(crate) fn block_mut<T>(plane: &mut [T], at: usize) -> &mut [T; BLOCK] {
    plane[at..].first_chunk_mut().expect("there is a block behind the last row")
}

impl Tile {
    /// Where row `y` of a plane begins at column `x`, both from the tile's own first pixel on.
    #[inline(always)]
    pub(crate) fn offset(&self, y: i32, x: i32) -> usize {
        let margin = self.margin as i32;
        (y + margin) as usize * self.pitch + (x + margin) as usize
    }

    fn load<S: Sample>(&mut self, source: View<'_, S>) {
        let (channels, layout) = (source.layout().channels(), source.layout());
        let (width, last_y) = (source.width() as usize, i64::from(source.height()) - 1);
        self.pitch = self.width + 2 * self.margin;
        let size = self.pitch * (self.height + 2 * self.margin + 1) + BLOCK;
        let [red, green, blue] = &mut self.colours;
        for plane in [&mut self.luma, red, green, blue, &mut self.alpha] {
            plane.resize(size, 1.0);
        }
        // the columns that the picture has; beyond them the nearest pixel is repeated
        let (before, after) = (self.margin.min(self.left), self.margin.min(width - self.left - self.width));
        let (from, count) = (self.margin - before, before + self.width + after);
        for row in 0..self.height + 2 * self.margin {
            let y = (i64::from(self.top) + row as i64 - self.margin as i64).clamp(0, last_y);
            let pixels = &source.row(y as u32)[(self.left - before) * channels..][..count * channels];
            let at = row * self.pitch + from..row * self.pitch + from + count;
            match layout {
                Layout::Grey => self.split::<S, 1>(at, pixels),
                Layout::GreyAlpha => self.split::<S, 2>(at, pixels),
                Layout::Rgb => self.split::<S, 3>(at, pixels),
                Layout::Rgba => self.split::<S, 4>(at, pixels),
            }
            let [red, green, blue] = &mut self.colours;
            for plane in [&mut self.luma, red, green, blue, &mut self.alpha] {
                let plane = &mut plane[row * self.pitch..][..self.pitch];
                let (first, last) = (plane[from], plane[from + count - 1]);
                plane[..from].fill(first);
                plane[from + count..].fill(last);
            }
        }
    }

    fn split<S: Sample, const N: usize>(&mut self, at: Range<usize>, pixels: &[S]) {
        let pixels = pixels.as_chunks::<N>().0;
        let [red, green, blue] = &mut self.colours;
        let (luma, red) = (&mut self.luma[at.clone()], &mut red[at.clone()]);
        let (green, blue, alpha) = (&mut green[at.clone()], &mut blue[at.clone()], &mut self.alpha[at]);
        if N < 3 {
            split_grey(luma, red, alpha, pixels);
        } else {
            split_rgb([luma, red, green, blue, alpha], pixels);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn split_grey<S: Sample, const N: usize>(luma: &mut [f32], grey: &mut [f32], alpha: &mut [f32], pixels: &[[S; N]]) {
    for (((luma, grey), alpha), pixel) in luma.iter_mut().zip(grey).zip(alpha).zip(pixels) {
        let opacity = if N == 2 { pixel[N - 1].to_unit() } else { 1.0 };
        *luma = pixel[0].to_unit();
        let known = (*luma * opacity).is_finite();
        *alpha = if known { opacity } else { 0.0 };
        *grey = if known { *luma * opacity } else { 0.0 };
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn split_rgb<S: Sample, const N: usize>([tone, red, green, blue, alpha]: [&mut [f32]; 5], pixels: &[[S; N]]) {
    let planes = tone.iter_mut().zip(red).zip(green).zip(blue).zip(alpha);
    for (((((tone, red), green), blue), alpha), pixel) in planes.zip(pixels) {
        let opacity = if N == 4 { pixel[N - 1].to_unit() } else { 1.0 };
        let rgb = [pixel[0].to_unit(), pixel[1 % N].to_unit(), pixel[2 % N].to_unit()];
        *tone = luma(rgb);
        let known = (*tone * opacity).is_finite();
        *alpha = if known { opacity } else { 0.0 };
        [*red, *green, *blue] = rgb.map(|v| if known { v * opacity } else { 0.0 });
    }
}

/// Weighted sums of the colours of one row of a tile, and the sum of weights times alpha.
pub(crate) struct Sums {
    pub(crate) colours: [Vec<f32>; 3],
    pub(crate) weight: Vec<f32>,
}

impl Sums {
    /// Room for the widest row and a block.
    pub(crate) fn new() -> Self {
        Self { colours: [(); 3].map(|()| vec![0.0; WIDTH + BLOCK]), weight: vec![0.0; WIDTH + BLOCK] }
    }

    pub(crate) fn clear(&mut self) {
        self.colours.iter_mut().for_each(|plane| plane.fill(0.0));
        self.weight.fill(0.0);
    }

    /// Divides the colours by the weights, which makes averages where there is weight; of so many colours.
    pub(crate) fn divide(&mut self, colours: usize) {
        averages(&mut self.colours[..colours], &self.weight);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn averages(colours: &mut [Vec<f32>], weights: &[f32]) {
    for plane in colours {
        plane.iter_mut().zip(weights).for_each(|(sum, weight)| *sum *= 1.0 / weight);
    }
}

/// What tiles are made of, and where their results go.
pub(crate) struct Rows<'a, S> {
    source: View<'a, S>,
    target: &'a mut [S],
    /// Row of the picture that the target begins with.
    first: u32,
}

impl<S: Sample> Rows<'_, S> {
    /// Writes a row of a tile. Alpha is the source's, and so is colour where a pixel's mark says that it is not
    /// `known`.
    pub(crate) fn store(
        &mut self,
        tile: &Tile,
        row: usize,
        colours: &[Vec<f32>; 3],
        marks: &[f32],
        known: impl Fn(f32) -> bool,
    ) {
        let layout = self.source.layout();
        let (stride, channels) = (self.source.stride(), layout.channels());
        let y = tile.top + row as u32;
        let span = tile.left * channels..(tile.left + tile.width) * channels;
        let to = &mut self.target[(y - self.first) as usize * stride..][..stride][span.clone()];
        let (from, marks) = (&self.source.row(y)[span], &marks[..tile.width]);
        if layout.has_alpha() {
            to.copy_from_slice(from);
        }
        store_planes(colours, to, layout);
        if all(marks, &known) {
            return;
        }
        for ((to, from), mark) in to.chunks_exact_mut(channels).zip(from.chunks_exact(channels)).zip(marks) {
            if !known(*mark) {
                to.copy_from_slice(from);
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn all<F: Fn(f32) -> bool>(marks: &[f32], known: &F) -> bool {
    marks.iter().fold(true, |all, mark| all & known(*mark))
}

/// Cuts `rows` of the picture, which are those of `target`, into tiles with a margin and calls `each` with them, which
/// may change them. Beyond the edges the nearest pixel is repeated.
pub(crate) fn each_tile<S: Sample>(
    source: View<'_, S>,
    rows: Range<u32>,
    target: &mut [S],
    margin: usize,
    mut each: impl FnMut(&mut Tile, &mut Rows<'_, S>),
) {
    let width = source.width() as usize;
    let mut strip = Rows { source, target, first: rows.start };
    let mut tile = Tile {
        left: 0,
        top: 0,
        width: 0,
        height: 0,
        margin,
        pitch: 0,
        luma: Vec::new(),
        colours: [(); 3].map(|()| Vec::new()),
        alpha: Vec::new(),
    };
    for top in rows.clone().step_by(HEIGHT) {
        for left in (0..width).step_by(WIDTH) {
            (tile.left, tile.top) = (left, top);
            (tile.width, tile.height) = (WIDTH.min(width - left), HEIGHT.min((rows.end - top) as usize));
            tile.load(source);
            each(&mut tile, &mut strip);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{float, floats, run};
    use lightloom_picture::Layout;

    #[test]
    fn nan_stays_and_does_not_spread() {
        for id in ["bilateral", "non_local_means", "surface_blur"] {
            for layout in [Layout::Grey, Layout::Rgb] {
                let channels = layout.channels();
                let mut samples = vec![0.5; 30 * channels];
                samples[7 * channels] = f32::NAN;
                samples[22 * channels] = f32::INFINITY;
                let result = run(id, &[], float(layout, &samples));
                for (x, (after, before)) in floats(&result).iter().zip(&samples).enumerate() {
                    let wild = [7, 22].contains(&(x / channels));
                    assert!(wild || (after - before).abs() < 1e-6, "{id} of {layout:?}, sample {x}: {after}");
                }
                assert!(floats(&result)[7 * channels].is_nan(), "{id} of {layout:?}");
                assert_eq!(floats(&result)[22 * channels], f32::INFINITY, "{id} of {layout:?}");
            }
        }
    }
}
