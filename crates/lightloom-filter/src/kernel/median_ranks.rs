//! Medians of values of any type: the values of a tile are replaced by their ranks, which are small integers, and a
//! histogram of ranks, with a coarser one beside it, moves along the rows (Huang, Yang and Tang 1979).

use std::ops::Range;

use lightloom_picture::{Sample, View};

/// Columns of a tile, without its margins.
const TILE: usize = 64;

/// Ranks that one coarse bin covers.
const COARSE: usize = 64;

/// An integer with the order of the floats; NaN comes after infinity.
fn key(value: f32) -> u32 {
    let bits = value.to_bits();
    bits ^ if bits >> 31 == 0 { 1 << 31 } else { u32::MAX }
}

/// Counts of ranks.
struct Counts {
    fine: Vec<u16>,
    coarse: Vec<u16>,
    total: usize,
}

/// The rank of what does not count.
const HIDDEN: u32 = u32::MAX;

impl Counts {
    fn new(ranks: usize) -> Self {
        Self { fine: vec![0; ranks], coarse: vec![0; ranks.div_ceil(COARSE)], total: 0 }
    }

    fn clear(&mut self) {
        self.fine.fill(0);
        self.coarse.fill(0);
        self.total = 0;
    }

    #[inline(always)]
    fn add(&mut self, rank: u32) {
        if rank != HIDDEN {
            self.fine[rank as usize] += 1;
            self.coarse[rank as usize / COARSE] += 1;
            self.total += 1;
        }
    }

    #[inline(always)]
    fn remove(&mut self, rank: u32) {
        if rank != HIDDEN {
            self.fine[rank as usize] -= 1;
            self.coarse[rank as usize / COARSE] -= 1;
            self.total -= 1;
        }
    }

    /// The median rank, the lower one of two; `None` where nothing counts.
    fn median(&self) -> Option<usize> {
        let mut rest = self.total.checked_sub(1)? / 2;
        let mut past = |count: &u16| {
            let found = rest < usize::from(*count);
            if !found {
                rest -= usize::from(*count);
            }
            found
        };
        let part = self.coarse.iter().position(&mut past)?;
        let within = self.fine[part * COARSE..].iter().position(past)?;
        Some(part * COARSE + within)
    }
}

/// The medians of squares that extend `radius` pixels to each side; colours of pixels without opacity do not count.
pub(crate) fn rows<S: Sample>(source: View<'_, S>, rows: Range<u32>, target: &mut [S], radius: usize) {
    let (stride, layout) = (source.stride(), source.layout());
    let (width, last) = (source.width() as usize, i64::from(source.height()) - 1);
    let channels = layout.channels();
    let side = 2 * radius + 1;
    let mut keys = Vec::new();
    let mut values = Vec::new();
    for left in (0..width).step_by(TILE) {
        let pixels = TILE.min(width - left);
        let tile_width = pixels + 2 * radius;
        let tile_height = rows.len() + 2 * radius;
        for channel in 0..channels {
            let hides = layout.has_alpha() && channel + 1 < channels;
            let mut ranks = vec![HIDDEN; tile_width * tile_height];
            keys.clear();
            for y in 0..tile_height {
                let row = source.row((i64::from(rows.start) + y as i64 - radius as i64).clamp(0, last) as u32);
                for x in 0..tile_width {
                    let pixel = (left + x).saturating_sub(radius).min(width - 1) * channels;
                    if !hides || row[pixel + channels - 1].to_unit() != 0.0 {
                        let key = u64::from(key(row[pixel + channel].to_unit()));
                        keys.push((key << 32) | (y * tile_width + x) as u64);
                    }
                }
            }
            keys.sort_unstable();
            values.clear();
            let mut previous = None;
            for key in &keys {
                if previous != Some(key >> 32) {
                    previous = Some(key >> 32);
                    let place = *key as u32 as usize;
                    let (x, y) = (place % tile_width, place / tile_width);
                    let row = source.row((i64::from(rows.start) + y as i64 - radius as i64).clamp(0, last) as u32);
                    values.push(row[(left + x).saturating_sub(radius).min(width - 1) * channels + channel]);
                }
                ranks[*key as u32 as usize] = values.len() as u32 - 1;
            }
            let mut counts = Counts::new(values.len());
            for (y, target) in target.chunks_exact_mut(stride).enumerate() {
                counts.clear();
                let square = &ranks[y * tile_width..][..side * tile_width];
                square.chunks_exact(tile_width).for_each(|row| row[..side].iter().for_each(|rank| counts.add(*rank)));
                for x in 0..pixels {
                    target[(left + x) * channels + channel] = counts.median().map_or(S::default(), |rank| values[rank]);
                    if x + 1 < pixels {
                        for row in square.chunks_exact(tile_width) {
                            counts.remove(row[x]);
                            counts.add(row[x + side]);
                        }
                    }
                }
            }
        }
    }
}
