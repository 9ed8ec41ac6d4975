//! The Gaussian for 8-bit pictures without alpha: 16-bit integers, twice as many to a vector as floats, and
//! less work the wider the kernel.
//!
//! Levels carry seven more bits. Weights have sixteen; a product keeps its upper half, and the half unit lost on
//! average is added back. A wide kernel leaves no fine detail, so the number of rows is halved first (see `halving`),
//! blurred rows are computed only for those that are left, and the others interpolated by a cubic through four of them
//! (no more than 2/3 σ apart). Along a row, pixels are averaged with their neighbours first, weighted by a triangle,
//! and then only every few of them counted. Each kernel is narrowed by the variance of what came before it. The
//! response to any frequency is off by at most 1 % along the columns, and 2.5 % along the rows.
//!
//! Linear light is blurred the same way, as darkness in numbers of the same range (see `light_u8`). What products lose
//! is then made up for by what they lose of the darkest levels.
//!
//! A strip is walked in tiles of columns, so that all that a tile needs stays in the second-level cache. All grids
//! belong to the picture: no sample depends on the strip or the tile.
#![allow(clippy::expect_used, reason = "the padding of rows proves each bound")]
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become single instructions")]

use std::iter;
use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::fixed_point::{BLOCK, LANES, Weight, add_products, combine, upper};
use crate::kernel::halving::Halving;
use crate::kernel::light_u8::{Tones, darkness};
use crate::kernel::scratch::{Pool, sized};
use crate::kernel::window::repeat_edges;
use crate::{Area, AreaFilter, FilterContext, Operation};
use lightloom_picture::{Depth, Shape, View};

/// Samples of a row that both passes process at once, beside its neighbours within the support: enough that the
/// processor sees them coming, and few enough that those of all rows within the support stay in the second-level cache.
/// Whole pixels of one or three channels.
const TILE: usize = 15 * BLOCK;

/// Rows between the two passes.
const GROUP: usize = 8;

/// The narrowest kernel: a weight must be below one half.
const NARROWEST: f32 = 0.85;

/// Levels that count as the darkest.
const DARKEST: u8 = 16;

/// Weights by their distance from the centre, the centre first, and what their sums begin with: it makes up for what
/// products lose.
struct Taps {
    weights: Vec<Weight>,
    begin: u16,
}

impl Taps {
    fn new(weights: Vec<Weight>, tones: Tones) -> Self {
        let begin = match tones {
            // each product loses half a unit on average
            Tones::Encoded => weights.len().div_ceil(2) as u16,
            // the mean of what they lose where a unit counts most
            Tones::Light => {
                let darkest = (0..DARKEST).map(|level| u32::from(darkness(level)));
                let products = |v: u32| {
                    let factors = iter::once(v).chain(iter::repeat(2 * v));
                    weights.iter().zip(factors).map(|(weight, v)| (u32::from(weight[0]) * v) >> 16).sum::<u32>()
                };
                (darkest.map(|v| v - products(v)).sum::<u32>() as f32 / DARKEST as f32).round() as u16
            }
        };
        Self { weights, begin }
    }

    /// Distance of the last weight.
    const fn support(&self) -> usize {
        self.weights.len() - 1
    }
}

/// A normalised kernel as integers.
struct GaussianU8 {
    /// What is blurred.
    tones: Tones,
    /// How often the number of rows is halved.
    halvings: u32,
    /// Weights of the remaining rows.
    vertical: Taps,
    /// For each source row between two remaining ones: the weights of the two above and the two below it.
    cubics: Vec<[Weight; 4]>,
    /// Distance between pixels of a row that are counted.
    spacing: usize,
    /// Weights of neighbours that are averaged first.
    triangle: Taps,
    /// Weights of averages along the row.
    horizontal: Taps,
    scratch: Pool<Scratch>,
}

/// Memory of one tile.
#[derive(Default)]
struct Scratch {
    halving: Halving,
    tile: Vec<u16>,
    group: Vec<u16>,
    averages: Vec<u16>,
    blurred: [Vec<u16>; 4],
    between: Vec<u16>,
}

/// Weights in proportion to these, by distance: they sum to 2¹⁶ when all but the first count twice.
fn weights(exact: &[f64]) -> Vec<Weight> {
    let sum = exact[0] + 2.0 * exact[1..].iter().sum::<f64>();
    let mut whole: Vec<i64> = exact.iter().map(|w| (w / sum * 65_536.0).round() as i64).collect();
    // the rounding error goes to the middle weights, evenly over both sides and the centre
    let missing = 65_536 - whole[0] - 2 * whole[1..].iter().sum::<i64>();
    whole[0] += missing;
    whole.iter().map(|w| [(*w).clamp(0, 65_535) as u16; LANES]).collect()
}

/// A Gaussian of this variance in squared steps, cut at three standard deviations.
fn gaussian(variance: f64) -> Vec<Weight> {
    let radius = (3.0 * variance.sqrt()).ceil() as usize;
    weights(&(0..=radius).map(|d| (-0.5 * (d * d) as f64 / variance).exp()).collect::<Vec<_>>())
}

/// The cubic through four rows at equal distances, `t` of a distance below the second: Lagrange's polynomials, of which
/// the outer two are negative there.
fn cubic(t: f64) -> [Weight; 4] {
    let whole = |weight: f64| (weight * 65_536.0).round() as u16;
    let (first, last) = (whole(t * (1.0 - t) * (2.0 - t) / 6.0), whole(t * (1.0 - t) * (1.0 + t) / 6.0));
    let third = whole(t * (1.0 + t) * (2.0 - t) / 2.0);
    let second = 0_u16.wrapping_sub(third).wrapping_add(first).wrapping_add(last);
    [first, second, third, last].map(|weight| [weight; LANES])
}

impl GaussianU8 {
    /// The kernel with this standard deviation in pixels, at least [`NARROWEST`].
    pub(crate) fn new(sigma: f32, tones: Tones) -> Self {
        let sigma = f64::from(sigma);
        let halvings = (sigma / 1.5).log2().floor().clamp(0.0, 5.0) as u32;
        let step = f64::from(1_u32 << halvings);
        let taps = |weights| Taps::new(weights, tones);
        // as many neighbours to average as averages to count, where that is fine enough
        let spacing = (3.0 * sigma).sqrt().round().min((sigma / 1.5).floor()).max(1.0);
        Self {
            tones,
            halvings,
            vertical: taps(gaussian((sigma * sigma - Halving::variance(halvings)) / (step * step))),
            cubics: (0..1 << halvings).map(|row| cubic((f64::from(row) + 0.5) / step)).collect(),
            spacing: spacing as usize,
            triangle: taps(weights(&(0..spacing as usize).map(|d| spacing - d as f64).collect::<Vec<_>>())),
            horizontal: taps(gaussian((sigma * sigma - (spacing * spacing - 1.0) / 6.0) / (spacing * spacing))),
            scratch: Pool::default(),
        }
    }

    /// Rows above and below that a row depends on, at most.
    pub(crate) fn halo(&self) -> u32 {
        let grid = if self.halvings > 0 { 4 } else { 0 };
        (self.vertical.support() as u32 + grid) << self.halvings
    }

    /// Calls `done` with each of `rows`, a column of samples, and the blurred samples from there on, levels times 2⁷,
    /// or their darkness: for each column in turn the rows in order.
    pub(crate) fn rows(&self, source: View<'_, u8>, rows: Range<u32>, mut done: impl FnMut(u32, usize, &[u16])) {
        if source.stride() == 0 || rows.is_empty() {
            return;
        }
        self.scratch.with(|scratch| {
            for left in (0..source.stride()).step_by(TILE) {
                self.tile(scratch, source, &rows, left, &mut done);
            }
        });
    }

    fn tile(
        &self,
        scratch: &mut Scratch,
        source: View<'_, u8>,
        rows: &Range<u32>,
        left: usize,
        done: &mut impl FnMut(u32, usize, &[u16]),
    ) {
        let (stride, channels) = (source.stride(), source.layout().channels());
        let width = TILE.min(stride - left);
        let whole = width.next_multiple_of(BLOCK);
        // the support of the horizontal pass on both sides, as far as the picture extends
        let pad = (self.horizontal.support() * self.spacing + self.spacing - 1) * channels;
        let columns = left.saturating_sub(pad)..stride.min(left + width + pad);
        let pitch = columns.len().next_multiple_of(BLOCK) + 32; // not a power of two
        let support = self.vertical.support();

        let locate = |y: u32| Halving::locate(self.halvings, y);
        let (first, last) = match self.halvings {
            0 => (i64::from(rows.start), i64::from(rows.end) - 1),
            _ => (locate(rows.start).0 - 1, locate(rows.end - 1).0 + 2),
        };
        let tile = sized(&mut scratch.tile, ((last - first + 1) as usize + 2 * support) * pitch);
        scratch.halving.fill(self.halvings, (source, self.tones), &columns, first - support as i64, tile, pitch);

        let room = (pad + whole + pad + 2 * BLOCK) | 32; // not a power of two
        let group = sized(&mut scratch.group, GROUP * room);
        let before = pad - (left - columns.start);
        let after = pad - (columns.end - left - width);
        let between = sized(&mut scratch.between, whole);
        let count = (last - first + 1) as usize;
        let mut y = rows.start;
        for (i, grid) in (first..=last).enumerate() {
            if i % GROUP == 0 {
                let blocks = columns.len().div_ceil(BLOCK);
                let from = &tile[i * pitch..];
                convolve_vertically(
                    &mut group[before..],
                    room,
                    from,
                    pitch,
                    &self.vertical,
                    GROUP.min(count - i),
                    blocks,
                );
            }
            let row = &mut group[i % GROUP * room..][..room];
            repeat_edges(&mut row[..pad + width + pad], before, after, channels);
            let blurred = sized(&mut scratch.blurred[i % 4], whole);
            self.blur_row(blurred, row, pad, channels, &mut scratch.averages);
            if self.halvings == 0 {
                done(grid as u32, left, &blurred[..width]);
                continue;
            }
            while y < rows.end && locate(y).0 + 2 <= grid {
                let near = [1, 2, 3, 4].map(|later: usize| &scratch.blurred[(i + later) % 4][..whole]);
                let [a, b, c, d] = self.cubics[locate(y).1].each_ref();
                combine(between, &[(b, near[1]), (c, near[2])], &[(a, near[0]), (d, near[3])]);
                done(y, left, &between[..width]);
                y += 1;
            }
        }
    }

    /// Blurs a row that has room for the kernel on both sides.
    fn blur_row(&self, to: &mut [u16], row: &[u16], pad: usize, channels: usize, averages: &mut Vec<u16>) {
        if self.spacing == 1 {
            return convolve(to, row, pad, channels, &self.horizontal);
        }
        // averages start at the first complete one
        let side = (self.spacing - 1) * channels;
        let averages = sized(averages, (2 * (pad - side) + to.len()).next_multiple_of(BLOCK));
        convolve(averages, row, side, channels, &self.triangle);
        convolve(to, averages, pad - side, self.spacing * channels, &self.horizontal);
    }
}

/// Sums pairs of neighbours: each sample of `sums` is the sample of `from` at `centre` on times the first tap, and its
/// neighbours `step`, 2·`step`, … to both sides times the others.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn convolve(sums: &mut [u16], from: &[u16], centre: usize, step: usize, taps: &Taps) {
    for (block, sums) in sums.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        *sums = pairs(from, centre + block * BLOCK, step, &taps.weights, taps.begin);
    }
}

/// The same along the columns of rows that are `pitch` samples apart: `count` sums, `room` samples apart, of `blocks`
/// blocks. Block by block, so that rows that several sums need come from the nearest cache.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn convolve_vertically(
    sums: &mut [u16],
    room: usize,
    from: &[u16],
    pitch: usize,
    taps: &Taps,
    count: usize,
    blocks: usize,
) {
    for block in (0..blocks).map(|block| block * BLOCK) {
        for i in 0..count {
            let sum = pairs(from, (i + taps.support()) * pitch + block, pitch, &taps.weights, taps.begin);
            sums[i * room + block..][..BLOCK].copy_from_slice(&sum);
        }
    }
}

/// One block of sums of pairs.
#[inline(always)]
fn pairs(from: &[u16], centre: usize, step: usize, taps: &[Weight], begin: u16) -> [u16; BLOCK] {
    let at = |start: usize| -> &[u16; BLOCK] {
        from[start..].first_chunk().expect("rows are padded by the radius and to whole blocks")
    };
    let mut sums = [begin; BLOCK];
    let mut support = 0;
    let [middle, around @ ..] = taps else { return sums };
    add_products(&mut sums, middle, at(centre));
    for weight in around {
        support += step;
        let (before, after) = (at(centre - support), at(centre + support));
        for vector in 0..BLOCK / LANES {
            for lane in 0..LANES {
                let i = vector * LANES + lane;
                sums[i] = sums[i].wrapping_add(upper(weight[lane], before[i].wrapping_add(after[i])));
            }
        }
    }
    sums
}

/// A filter that blurs with this σ: 8-bit pictures without alpha in integers, where `finish` makes a part of a row
/// from that of the source and from its blurred levels or their darkness; any other picture as `exact` does.
pub(crate) fn area(
    (sigma, tones): (f32, Tones),
    context: &FilterContext,
    exact: impl AreaFilter + 'static,
    finish: impl Fn(&mut [u8], &[u8], &[u16]) + Send + Sync + 'static,
) -> Operation {
    let Shape { depth, layout, .. } = context.shape;
    if sigma < NARROWEST || depth != Depth::U8 || layout.has_alpha() {
        return Operation::area(exact);
    }
    Operation::Area(Box::new(ByDepth { blur: GaussianU8::new(sigma, tones), finish, exact }))
}

struct ByDepth<L, E> {
    blur: GaussianU8,
    finish: L,
    exact: E,
}

impl<L: Fn(&mut [u8], &[u8], &[u16]) + Send + Sync, E: AreaFilter> Area for ByDepth<L, E> {
    fn halo(&self) -> u32 {
        self.blur.halo().max(self.exact.halo())
    }

    fn rows_u8(&self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        if source.layout().has_alpha() {
            return self.exact.rows(source, rows, target);
        }
        let (first, stride) = (rows.start, source.stride());
        self.blur.rows(source, rows, |y, left, blurred| {
            let to = &mut target[(y - first) as usize * stride + left..][..blurred.len()];
            (self.finish)(to, &source.row(y)[left..], blurred);
        });
    }

    fn rows_u16(&self, source: View<'_, u16>, rows: Range<u32>, target: &mut [u16]) {
        self.exact.rows(source, rows, target);
    }

    fn rows_f32(&self, source: View<'_, f32>, rows: Range<u32>, target: &mut [f32]) {
        self.exact.rows(source, rows, target);
    }
}

#[cfg(test)]
mod tests;
