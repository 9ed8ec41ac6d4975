//! YCbCr in TIFF (TIFF 6.0, sections 20 and 21): how it is stored where chroma has fewer samples than luma, and what
//! RGB it stands for.

use super::file::{Directory, Tiff, tag};
use super::form::Form;
use super::read::{ChunkRect, Stored};
use crate::CodecError;

/// What a directory says about its YCbCr.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct YCbCr {
    /// Columns and rows of luma for one pair of chroma.
    pub subsampling: (u32, u32),
    /// Share of red, green and blue in luma.
    coefficients: [f32; 3],
    /// Codes of black and white for luma, and of zero and the largest value for each chroma; 1 for the largest code.
    black_white: [f32; 6],
}

impl YCbCr {
    /// Reads what a directory says. Values that cannot be, such as infinite ones, count as the usual ones.
    ///
    /// # Errors
    /// If it is stored in a way that is not read.
    pub fn read(file: &mut Tiff<'_>, directory: &Directory, bits: u64, planar: bool) -> Result<Self, CodecError> {
        let mut list = |tag: u16| -> Vec<f32> {
            file.fractions(directory, tag).unwrap_or_default().into_iter().map(|v| v as f32).collect()
        };
        let subsampling = match list(tag::YCBCR_SUBSAMPLING)[..] {
            [h, v] => (h as u32, v as u32),
            _ => (2, 2),
        };
        let is_whole = subsampling == (1, 1);
        if !matches!(subsampling, (1 | 2 | 4, 1 | 2 | 4)) || !matches!((bits, is_whole), (8, _) | (16, true)) {
            return Err(CodecError::Unsupported(format!(
                "TIFF with YCbCr of {bits} bits and chroma of {subsampling:?}"
            )));
        }
        if planar && !is_whole {
            return Err(CodecError::Unsupported("TIFF with planes of YCbCr of different sizes".to_owned()));
        }
        let usable = |values: &[f32]| values.iter().all(|v| v.is_finite());
        let coefficients = match list(tag::YCBCR_COEFFICIENTS)[..] {
            [r, g, b] if g > 0.0 && usable(&[r, g, b]) => [r, g, b],
            _ => [0.299, 0.587, 0.114],
        };
        let white = ((1_u32 << bits) - 1) as f32;
        let middle = (1_u32 << (bits - 1)) as f32;
        let range: Option<[f32; 6]> = list(tag::REFERENCE_BLACK_WHITE).try_into().ok();
        let range = range.filter(|range| usable(range) && range.as_chunks::<2>().0.iter().all(|[b, w]| b != w));
        let black_white = range.unwrap_or([0.0, white, middle, white, middle, white]).map(|code| code / white);
        Ok(Self { subsampling, coefficients, black_white })
    }

    /// Bytes of a row of blocks that spans so many columns.
    pub fn bytes_of_blocks(&self, columns: u32) -> usize {
        let (h, v) = self.subsampling;
        columns.div_ceil(h) as usize * (h * v + 2) as usize
    }

    /// Puts blocks, each of luma with one pair of chroma, into place as interleaved samples. Returns the share of rows
    /// that were there.
    pub fn place<S: Stored>(&self, chunk: &[u8], form: &Form, rect: &ChunkRect, raw: &mut [S]) -> f64 {
        let (h, v) = self.subsampling;
        let block = (h * v + 2) as usize;
        let kept = form.kept();
        let row_bytes = self.bytes_of_blocks(form.chunk.0);
        let mut rows = 0;
        for (by, blocks) in (0..rect.rows).step_by(v as usize).zip(chunk.chunks(row_bytes)) {
            for (bx, data) in (0..rect.columns).step_by(h as usize).zip(blocks.chunks_exact(block)) {
                let (cb, cr) = (S::from_bits(data[block - 2].into(), 8), S::from_bits(data[block - 1].into(), 8));
                for (i, luma) in (0..).zip(&data[..block - 2]) {
                    let (x, y) = (bx + i % h, by + i / h);
                    if x >= rect.columns || y >= rect.rows {
                        continue;
                    }
                    let at = ((rect.y + y) as usize * form.width as usize + (rect.x + x) as usize) * kept;
                    raw[at..at + 3].copy_from_slice(&[S::from_bits((*luma).into(), 8), cb, cr]);
                }
            }
            if blocks.len() == row_bytes {
                rows += v;
            }
        }
        f64::from(rows.min(rect.rows)) / f64::from(rect.rows.max(1))
    }

    /// Turns a pixel's first three samples into RGB.
    pub fn to_rgb<S: Stored>(&self, pixel: &mut [S]) {
        let [red, green, blue] = self.coefficients;
        let span = |sample: S, i: usize, full: f32| {
            let [black, white] = [self.black_white[i * 2], self.black_white[i * 2 + 1]];
            (sample.to_unit() - black) * full / (white - black)
        };
        let [luma, cb, cr] = [span(pixel[0], 0, 255.0), span(pixel[1], 1, 127.0), span(pixel[2], 2, 127.0)];
        let r = cr * (2.0 - 2.0 * red) + luma;
        let b = cb * (2.0 - 2.0 * blue) + luma;
        let g = (luma - blue * b - red * r) / green;
        for (sample, value) in pixel.iter_mut().zip([r, g, b]) {
            *sample = S::from_unit(value / 255.0);
        }
    }
}
