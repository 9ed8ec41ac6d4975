//! Parts of the picture as separate planes with a margin: what denoising works on, which looks at many neighbours of
//! each pixel and compares them by luma.

use std::ops::Range;

use super::histogram::luma;
use crate::picture::{Layout, Raster, Sample};

/// Columns of a tile, without its margins.
const WIDTH: usize = 256;

/// Rows of a tile, without its margins.
const HEIGHT: usize = 32;

/// Planes of a part of the picture.
pub(super) struct Tile {
    /// Column and row of the picture where the tile begins.
    pub(super) left: usize,
    pub(super) top: u32,
    pub(super) width: usize,
    pub(super) height: usize,
    margin: usize,
    pitch: usize,
    /// Not weighted by alpha.
    pub(super) luma: Vec<f32>,
    /// Weighted by alpha; only the first where there is only grey.
    pub(super) colours: [Vec<f32>; 3],
    /// 1 everywhere where there is no alpha.
    pub(super) alpha: Vec<f32>,
}

/// Samples behind a tile's last row that may be read and mean nothing, so that loops can take whole blocks.
pub(super) const SLACK: usize = 32;

impl Tile {
    /// Where row `y` of a plane begins at column `x`, both from the tile's own first pixel on.
    #[inline(always)]
    pub(super) fn place(&self, y: i32, x: i32) -> usize {
        let margin = self.margin as i32;
        (y + margin) as usize * self.pitch + (x + margin) as usize
    }

    fn load<S: Sample>(&mut self, source: &Raster<S>) {
        let (channels, layout) = (source.layout().channels(), source.layout());
        let (last_x, last_y) = (source.width() as usize - 1, i64::from(source.height()) - 1);
        self.pitch = self.width + 2 * self.margin;
        let size = self.pitch * (self.height + 2 * self.margin) + SLACK;
        let [red, green, blue] = &mut self.colours;
        for plane in [&mut self.luma, red, green, blue, &mut self.alpha] {
            plane.clear();
            plane.resize(size, 1.0);
        }
        for row in 0..self.height + 2 * self.margin {
            let y = (i64::from(self.top) + row as i64 - self.margin as i64).clamp(0, last_y);
            let from = source.row(y as u32);
            for column in 0..self.pitch {
                let x = (self.left + column).saturating_sub(self.margin).min(last_x);
                let at = row * self.pitch + column;
                let pixel = &from[x * channels..][..channels];
                let alpha = if layout.has_alpha() { pixel[channels - 1].to_unit() } else { 1.0 };
                self.alpha[at] = alpha;
                match pixel {
                    [red, green, blue, ..] => {
                        let rgb = [red.to_unit(), green.to_unit(), blue.to_unit()];
                        self.luma[at] = luma(rgb);
                        (0..3).for_each(|c| self.colours[c][at] = rgb[c] * alpha);
                    }
                    _ => {
                        self.luma[at] = pixel[0].to_unit();
                        self.colours[0][at] = pixel[0].to_unit() * alpha;
                    }
                }
            }
        }
    }
}

/// Weighted sums of the colours of one row of a tile, and the sum of weights times alpha.
pub(super) struct Sums {
    pub(super) colours: [Vec<f32>; 3],
    pub(super) weight: Vec<f32>,
}

impl Sums {
    /// Room for the widest row and the slack.
    pub(super) fn new() -> Self {
        Self { colours: [(); 3].map(|()| vec![0.0; WIDTH + SLACK]), weight: vec![0.0; WIDTH + SLACK] }
    }

    pub(super) fn clear(&mut self) {
        self.colours.iter_mut().for_each(|plane| plane.fill(0.0));
        self.weight.fill(0.0);
    }

    /// Writes the averages to the pixels of a row. Alpha is the source's; where nothing has weight, so is colour.
    pub(super) fn store<S: Sample>(&self, to: &mut [S], from: &[S], layout: Layout) {
        let (channels, colours) = (layout.channels(), layout.colours());
        for (x, (to, from)) in to.chunks_exact_mut(channels).zip(from.chunks_exact(channels)).enumerate() {
            to.copy_from_slice(from);
            if self.weight[x] > 0.0 {
                let share = 1.0 / self.weight[x];
                for (to, sums) in to[..colours].iter_mut().zip(&self.colours) {
                    *to = S::from_unit(sums[x] * share);
                }
            }
        }
    }
}

/// Cuts `rows` of the picture into tiles with a margin and calls `each` with them. Beyond the edges the nearest pixel
/// counts.
pub(super) fn each_tile<S: Sample>(source: &Raster<S>, rows: Range<u32>, margin: usize, mut each: impl FnMut(&Tile)) {
    let width = source.width() as usize;
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
            each(&tile);
        }
    }
}
