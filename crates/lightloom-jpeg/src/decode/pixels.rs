//! From strips of components to rows of pixels.

use super::markers::Headers;
use super::strips::{Strip, Strips};
use super::upsample::{self, Rows};
use super::{Declined, Scale, colour};

/// Decodes into grey or interleaved RGB samples.
pub(super) fn decode(
    headers: &Headers<'_>,
    scale: Scale,
    samples: &mut [u8],
    split: bool,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<(), Declined> {
    let mut pixels = Pixels::new(headers, scale);
    let stride = pixels.stride;
    assert_eq!(samples.len(), stride * pixels.rows_left, "samples of {} rows of {stride}", pixels.rows_left);
    let mut rows = samples.chunks_exact_mut(stride);
    Strips::new(headers, scale, finest_chroma(headers, scale)).decode(headers, split, go_on, &mut |strips| {
        pixels.convert(strips, &mut rows);
        true
    })
}

/// Decodes into rows that are shown a strip at a time.
pub(super) fn decode_rows(
    headers: &Headers<'_>,
    scale: Scale,
    split: bool,
    go_on: &mut dyn FnMut() -> bool,
    show: &mut (dyn FnMut(&mut [u8]) -> bool + Send),
) -> Result<(), Declined> {
    let mut pixels = Pixels::new(headers, scale);
    let stride = pixels.stride;
    let mut samples = Vec::new();
    Strips::new(headers, scale, finest_chroma(headers, scale)).decode(headers, split, go_on, &mut |strips| {
        // One more than the strip has, since one may have waited.
        samples.resize((strips.first().map_or(0, Strip::rows) + 1) * stride, 0);
        let count = pixels.convert(strips, &mut samples.chunks_exact_mut(stride));
        show(&mut samples[..count * stride])
    })
}

/// Decodes into bands of planes, as [`super::Jpeg::decode_bands`] says.
pub(super) fn decode_bands(
    headers: &Headers<'_>,
    (scale, (across, down)): (Scale, (usize, usize)),
    split: bool,
    go_on: &mut dyn FnMut() -> bool,
    show: &mut (dyn FnMut(&mut [u8]) -> bool + Send),
) -> Result<(), Declined> {
    let width = headers.width.div_ceil(scale.divisor());
    let mut rows_left = headers.height.div_ceil(scale.divisor());
    let widths = [width, width.div_ceil(across)];
    let mut bands = Vec::new();
    Strips::new(headers, scale, (across, down)).decode(headers, split, go_on, &mut |strips| {
        let [luma, cb, cr] = strips else { return false };
        let count = luma.rows().min(rows_left);
        rows_left -= count;
        bands.clear();
        for band in 0..count.div_ceil(down) {
            for row in band * down..(band + 1) * down {
                bands.extend_from_slice(&luma.row(row.min(count - 1))[..widths[0]]);
            }
            bands.extend_from_slice(&cb.row(band)[..widths[1]]);
            bands.extend_from_slice(&cr.row(band)[..widths[1]]);
        }
        show(&mut bands)
    })
}

/// How many columns and rows of luma share a sample of chroma where that is as fine as it can be.
fn finest_chroma(headers: &Headers<'_>, scale: Scale) -> (usize, usize) {
    // Smaller pictures have chroma as fine as luma.
    if scale == Scale::Full { headers.components[0].blocks } else { (1, 1) }
}

/// Converts strips of grey, or of YCbCr to RGB, to rows of pixels. The last row of a coloured strip waits for the next
/// strip, since the chroma below it is there.
struct Pixels {
    width: usize,
    /// Samples of a row.
    stride: usize,
    /// Rows of the picture that are in no strip yet.
    rows_left: usize,
    /// How many columns and rows of luma there are for each of chroma.
    enlargement: (usize, usize),
    /// The last row of the strip before, of each component; of no length before the first strip.
    last_rows: [Vec<u8>; 3],
    enlarged: [Vec<u8>; 2],
    sums: Vec<u16>,
}

impl Pixels {
    fn new(headers: &Headers<'_>, scale: Scale) -> Self {
        let width = headers.width.div_ceil(scale.divisor());
        Self {
            width,
            stride: width * headers.components.len(),
            rows_left: headers.height.div_ceil(scale.divisor()),
            enlargement: finest_chroma(headers, scale),
            last_rows: Default::default(),
            enlarged: [vec![0; width], vec![0; width]],
            sums: Vec::new(),
        }
    }

    /// Returns how many rows it wrote.
    fn convert<'a>(&mut self, strips: &[Strip], rows: &mut impl Iterator<Item = &'a mut [u8]>) -> usize {
        let Some(luma) = strips.first() else { return 0 };
        let count = luma.rows().min(self.rows_left);
        self.rows_left -= count;
        let [_, chroma, _] = strips else {
            let written = (0..count).zip(rows).map(|(row, to)| to.copy_from_slice(&luma.row(row)[..self.width]));
            return written.count();
        };
        // Rows of chroma that belong to the picture.
        let chroma_rows = count.div_ceil(self.enlargement.1).min(chroma.rows()) as isize;
        let first = if self.last_rows[0].is_empty() { 0 } else { -1 };
        let end = if self.rows_left == 0 { count as isize } else { count as isize - 1 };
        for (row, rgb) in (first..end).zip(rows) {
            for (i, enlarged) in self.enlarged.iter_mut().enumerate() {
                let source = Source { strip: &strips[i + 1], before: &self.last_rows[i + 1], end: chroma_rows };
                enlarge(source, row, self.enlargement, &mut self.sums, enlarged);
            }
            let luma = Source { strip: luma, before: &self.last_rows[0], end: count as isize }.row(row);
            colour::row(&luma[..self.width], &self.enlarged[0], &self.enlarged[1], rgb);
        }
        for (kept, strip) in self.last_rows.iter_mut().zip(strips) {
            kept.clear();
            kept.extend_from_slice(strip.row(strip.rows() - 1));
        }
        usize::try_from(end - first).unwrap_or(0)
    }
}

/// The rows of a component: a strip, the row before it, and as many of its own as belong to the picture.
#[derive(Clone, Copy)]
struct Source<'a> {
    strip: &'a Strip,
    before: &'a [u8],
    end: isize,
}

impl<'a> Source<'a> {
    /// The row, or at the edges of the picture the nearest.
    fn row(self, row: isize) -> &'a [u8] {
        match usize::try_from(row.min(self.end - 1)) {
            Ok(row) => self.strip.row(row),
            Err(_) if self.before.is_empty() => self.strip.row(0),
            Err(_) => self.before,
        }
    }
}

/// Chroma for a row of luma.
fn enlarge(source: Source<'_>, row: isize, (across, down): (usize, usize), sums: &mut Vec<u16>, to: &mut [u8]) {
    let width = to.len().div_ceil(across);
    let nearest = row.div_euclid(down as isize);
    let far_is_above = row.rem_euclid(2) == 0;
    let far = if far_is_above { nearest - 1 } else { nearest + 1 };
    let rows = Rows { near: &source.row(nearest)[..width], far: &source.row(far)[..width], far_is_above };
    match (across, down) {
        (2, 2) => upsample::both(rows, sums, to),
        (2, _) => upsample::sideways(rows.near, to),
        (_, 2) => upsample::downwards(rows, to),
        _ => to.copy_from_slice(rows.near),
    }
}
