//! Pixelate: large square pixels.
//!
//! Algorithm: each block becomes the average of its pixels (also known as mosaic). Blocks start at the upper left
//! corner.
//! Range: averages, so nothing leaves the range of the source. Alpha: averaged, colours weighted by it. Depth: kept,
//! averaged in f64 and rounded once. Edges: the last blocks may be narrower.

use std::ops::Range;

use crate::kernel::rows::{premultiplied, straight};
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{integer, parameters};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct Pixelate {
        size: u32 = integer(
            "Size",
            "Side of a block in pixels of the full picture; 1 changes nothing",
            "px",
            (1, 500),
            16,
        )
        .logarithmic(),
    }
}

impl Filter for Pixelate {
    const TITLE: &'static str = "Pixelate";
    const HELP: &'static str = "Replaces blocks by their average, to hide faces and plates or for the look";
    const EXAMPLE: Example = Example::of(&[("size", "10")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let size = self.size as f32 * context.scale;
        Ok(if size <= 1.0 { Operation::Identity } else { Operation::area(BlockMeans { size }) })
    }
}

struct BlockMeans {
    /// Side of a block, a fraction in previews.
    size: f32,
}

impl BlockMeans {
    /// First pixel of a block.
    fn border(&self, block: u32, side: u32) -> u32 {
        ((block as f32 * self.size).round() as u32).min(side)
    }

    /// The block of a pixel.
    fn block(&self, pixel: u32, side: u32) -> u32 {
        let guess = (pixel as f32 / self.size) as u32;
        (guess.saturating_sub(1)..).find(|block| self.border(block + 1, side) > pixel).unwrap_or(guess)
    }
}

impl AreaFilter for BlockMeans {
    fn halo(&self) -> u32 {
        self.size.ceil() as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        let (width, height, layout) = (source.width(), source.height(), source.layout());
        let (stride, channels) = (source.stride(), layout.channels());
        let mut row = vec![0.0; stride];
        let mut y = rows.start;
        while y < rows.end {
            let block = self.block(y, height);
            let (top, bottom) = (self.border(block, height), self.border(block + 1, height));
            let mut sums = vec![0.0_f64; stride];
            for y in top..bottom {
                premultiplied(&mut row, source.row(y), layout);
                sums.iter_mut().zip(&row).for_each(|(sum, v)| *sum += f64::from(*v));
            }
            let (mut left, mut column) = (0, 0);
            while left < width {
                let right = self.border(column + 1, width);
                let pixels = left as usize * channels..right as usize * channels;
                let mut average = [0.0_f32; 4];
                for (channel, average) in average.iter_mut().enumerate().take(channels) {
                    let sum: f64 = sums[pixels.clone()].iter().skip(channel).step_by(channels).sum();
                    *average = (sum / f64::from((right - left) * (bottom - top))) as f32;
                }
                straight(&mut average[..channels], layout);
                row[pixels].chunks_exact_mut(channels).for_each(|pixel| pixel.copy_from_slice(&average[..channels]));
                (left, column) = (right, column + 1);
            }
            for to in rows.start.max(top)..rows.end.min(bottom) {
                let to = &mut target[(to - rows.start) as usize * stride..][..stride];
                crate::kernel::rows::rounded(to, &row);
            }
            y = bottom;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BlockMeans;
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn blocks_are_averages() {
        let source: Vec<u8> = (0..35).map(|i| i * 7).collect();
        let result = run("pixelate", &[("size", "3")], grey8(7, &source));
        // rows 0–2, columns 0–2: the mean is that of the block's middle
        assert_eq!(bytes(&result)[0], 8 * 7);
        // rows 3–4, column 6 alone: 27 · 7 and 34 · 7
        assert!(bytes(&result)[34].abs_diff(213) <= 1 && bytes(&result)[27] == bytes(&result)[34]);
    }

    #[test]
    fn every_pixel_is_in_its_block() {
        for size in [1.1, 1.5, 2.0, 3.7, 16.0] {
            let blocks = BlockMeans { size };
            for pixel in 0..1000 {
                let block = blocks.block(pixel, 1000);
                assert!(
                    (blocks.border(block, 1000)..blocks.border(block + 1, 1000)).contains(&pixel),
                    "{size} {pixel}"
                );
            }
        }
    }
}
