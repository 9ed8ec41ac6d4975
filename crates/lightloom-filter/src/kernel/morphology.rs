//! The smallest and largest value around each pixel: what eroding, dilating, opening and closing share.
//!
//! Algorithm: flat grey-scale morphology (Serra 1982). The minimum of a run is that of two or three shorter ones that touch
//! or overlap, and those grow from one pixel on (the idea is in van Droogenbroeck and Talbot 1996), so the cost grows with
//! the logarithm of the length. A square takes the columns first; a disc combines runs
//! that grow from its rim to its middle row. Tiles that fit the cache are processed one by one, in the samples' type.

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::scratch::Pool;
use crate::{AreaOf, FilterContext, Operation};
use lightloom_param::{Field, choice, integer};
use lightloom_picture::{Buffers, Sample, View};

choice! {
    pub(crate) enum Neighbourhood {
        Square = "square",
        Disc = "disc",
    }
}

/// Radius of the neighbourhood.
pub(crate) const RADIUS: Field<u32> =
    integer("Radius", "Reach in pixels of the full picture; 0 changes nothing", "px", (0, 50), 1);

/// Shape of the neighbourhood.
pub(crate) const SHAPE: Field<Neighbourhood> = choice("Shape", "Form of the neighbourhood that counts");

/// What a pass over the picture takes from each neighbourhood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The smallest value.
    Erode,
    /// The largest value.
    Dilate,
}

/// One or two steps in succession; `radius` is in pixels of the full picture.
pub(crate) fn operation<const N: usize>(
    steps: [Step; N],
    radius: u32,
    shape: Neighbourhood,
    context: &FilterContext,
) -> Operation {
    let radius = (radius as f32 * context.scale).round() as usize;
    let steps: Vec<Extreme> = steps.iter().filter_map(|step| Extreme::new(*step, radius, shape)).collect();
    if steps.is_empty() {
        Operation::Identity
    } else {
        Operation::Area(Box::new(Morphology { steps, memory: Pool::default() }))
    }
}

/// The smallest or largest value in a neighbourhood.
struct Extreme {
    radius: usize,
    /// Half lengths of the runs of a disc, from its middle row to its last one.
    runs: Option<Vec<usize>>,
    largest: bool,
}

impl Extreme {
    /// `None` where each pixel is its own neighbourhood.
    fn new(step: Step, radius: usize, shape: Neighbourhood) -> Option<Self> {
        if radius == 0 {
            return None;
        }
        let half = |dy: usize| ((radius * radius - dy * dy) as f32).sqrt() as usize;
        let runs = (shape == Neighbourhood::Disc).then(|| (0..=radius).map(half).collect());
        Some(Self { radius, runs, largest: step == Step::Dilate })
    }
}

/// One or two of them in succession.
struct Morphology {
    steps: Vec<Extreme>,
    memory: Pool<Memory>,
}

/// Memory of one strip.
#[derive(Default)]
struct Memory {
    between: Buffers,
    tiles: Tiles,
}

#[derive(Default)]
struct Tiles {
    u8: Tile<u8>,
    u16: Tile<u16>,
    f32: Tile<f32>,
}

impl<S: Ranked> AreaOf<S> for Morphology {
    fn halo(&self) -> u32 {
        self.steps.iter().map(|step| step.radius as u32).sum()
    }

    fn rows(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        if rows.is_empty() || source.stride() == 0 {
            return;
        }
        self.memory.with(|Memory { between: buffers, tiles }| {
            let [first, second] = &self.steps[..] else {
                self.steps.iter().for_each(|only| S::extreme(only, tiles, source, rows.clone(), target));
                return;
            };
            // the intermediate rows that the second one needs; beyond the picture's edges it repeats the nearest
            let support = second.radius as u32;
            let seen = rows.start.saturating_sub(support)..rows.end.saturating_add(support).min(source.height());
            let mut between = buffers.take_for_overwrite(seen.len() * source.stride());
            S::extreme(first, tiles, source, seen.clone(), &mut between);
            let size = (source.width(), source.height());
            S::extreme(second, tiles, View::new(size, source.layout(), seen.start, &between), rows, target);
            buffers.give(between);
        });
    }
}

/// A sample mapped so that the result is always the lowest of a neighbourhood.
trait Rank: Copy + PartialEq {
    /// The highest rank. In pictures with alpha only hidden colours have it.
    const LAST: Self;
    fn lower(self, other: Self) -> Self;
    /// The memory for ranks of this type.
    fn tile(tiles: &mut Tiles) -> &mut Tile<Self>;
}

impl Rank for u8 {
    const LAST: Self = Self::MAX;
    #[inline(always)]
    fn lower(self, other: Self) -> Self {
        self.min(other)
    }
    fn tile(tiles: &mut Tiles) -> &mut Tile<Self> {
        &mut tiles.u8
    }
}

impl Rank for u16 {
    const LAST: Self = Self::MAX;
    #[inline(always)]
    fn lower(self, other: Self) -> Self {
        self.min(other)
    }
    fn tile(tiles: &mut Tiles) -> &mut Tile<Self> {
        &mut tiles.u16
    }
}

impl Rank for f32 {
    const LAST: Self = Self::INFINITY;
    #[inline(always)]
    fn lower(self, other: Self) -> Self {
        if other < self { other } else { self }
    }
    fn tile(tiles: &mut Tiles) -> &mut Tile<Self> {
        &mut tiles.f32
    }
}

/// Samples and their ranks; the type of ranks is wider where hidden colours need a rank of their own.
trait Ranked: Sample {
    fn extreme(of: &Extreme, tiles: &mut Tiles, source: View<'_, Self>, rows: Range<u32>, target: &mut [Self]);
}

impl Ranked for u8 {
    fn extreme(of: &Extreme, tiles: &mut Tiles, source: View<'_, Self>, rows: Range<u32>, target: &mut [Self]) {
        let turned = if of.largest { Self::MAX } else { 0 };
        if source.layout().has_alpha() {
            find(of, tiles, source, rows, target, &|v| u16::from(v ^ turned), &|rank: u16| rank as Self ^ turned);
        } else {
            find(of, tiles, source, rows, target, &|v| v ^ turned, &|rank: Self| rank ^ turned);
        }
    }
}

impl Ranked for u16 {
    fn extreme(of: &Extreme, tiles: &mut Tiles, source: View<'_, Self>, rows: Range<u32>, target: &mut [Self]) {
        let turned = if of.largest { Self::MAX } else { 0 };
        if source.layout().has_alpha() {
            find(of, tiles, source, rows, target, &|v| f32::from(v ^ turned), &|rank: f32| rank as Self ^ turned);
        } else {
            find(of, tiles, source, rows, target, &|v| v ^ turned, &|rank: Self| rank ^ turned);
        }
    }
}

impl Ranked for f32 {
    fn extreme(of: &Extreme, tiles: &mut Tiles, source: View<'_, Self>, rows: Range<u32>, target: &mut [Self]) {
        let sign = if of.largest { -1.0 } else { 1.0 };
        // any other value takes precedence over NaN
        let rank = |v: Self| if v.is_nan() { Self::INFINITY } else { sign * v };
        find(of, tiles, source, rows, target, &rank, &|rank: Self| sign * rank);
    }
}

/// Bytes of the ranks of a tile: together with the other buffers they fit a core's own cache. Fewer in tests, so that
/// small pictures have several tiles.
const TILE: usize = if cfg!(test) { 4 } else { 128 } * 1024;

/// Least number of rows of a tile: few, so that a tile is wide and memory is read in long runs.
const ROWS: usize = if cfg!(test) { 8 } else { 64 };

fn find<S: Sample, K: Rank>(
    extreme: &Extreme,
    tiles: &mut Tiles,
    source: View<'_, S>,
    rows: Range<u32>,
    target: &mut [S],
    rank: &impl Fn(S) -> K,
    value: &impl Fn(K) -> S,
) {
    let group = ROWS.max(8 * extreme.radius);
    for (top, target) in rows.clone().step_by(group).zip(target.chunks_mut(group * source.stride())) {
        find_group(extreme, K::tile(tiles), source, top..rows.end.min(top + group as u32), target, rank, value);
    }
}

fn find_group<S: Sample, K: Rank>(
    extreme: &Extreme,
    tile: &mut Tile<K>,
    source: View<'_, S>,
    rows: Range<u32>,
    target: &mut [S],
    rank: &impl Fn(S) -> K,
    value: &impl Fn(K) -> S,
) {
    let (stride, layout, radius) = (source.stride(), source.layout(), extreme.radius);
    let (channels, width, height) = (layout.channels(), source.width() as usize, rows.len());
    let held = height + 2 * radius;
    // wide enough that the margins cost little
    let most = (TILE / size_of::<K>() / held / channels).max(8 * radius).max(64);
    for left in (0..width).step_by(most) {
        let count = most.min(width - left);
        let pitch = (count + 2 * radius) * channels;
        tile.ranks.resize(held * pitch, K::LAST);
        for (i, to) in tile.ranks.chunks_exact_mut(pitch).enumerate() {
            let y = (i64::from(rows.start) + i as i64 - radius as i64).clamp(0, i64::from(source.height()) - 1);
            let (before, after) = (radius.min(left), radius.min(width - left - count));
            let seen = &source.row(y as u32)[(left - before) * channels..(left + count + after) * channels];
            let from = (radius - before) * channels;
            ranks(&mut to[from..from + seen.len()], seen, rank);
            // beyond the picture's edges the nearest pixel is repeated
            let (first, last) = (from, from + seen.len() - channels);
            (0..from).step_by(channels).for_each(|i| to.copy_within(first..first + channels, i));
            (last + channels..pitch).step_by(channels).for_each(|i| to.copy_within(last..last + channels, i));
        }
        if layout.has_alpha() {
            let hidden = rank(S::default());
            for pixel in tile.ranks.chunks_exact_mut(channels).filter(|pixel| pixel[channels - 1] == hidden) {
                pixel[..channels - 1].fill(K::LAST);
            }
        }
        let (lowest, from) = match &extreme.runs {
            None => {
                tile.join(1, 2 * radius + 1, pitch);
                tile.join(1, 2 * radius + 1, channels);
                (&tile.ranks, 0)
            }
            Some(runs) => {
                tile.disc(runs, (height, pitch, channels));
                (&tile.found, radius * channels)
            }
        };
        for (from, to) in lowest[from..].chunks(pitch).zip(target.chunks_exact_mut(stride)) {
            let to = &mut to[left * channels..(left + count) * channels];
            values(to, &from[..count * channels], value);
            if layout.has_alpha() {
                let ends = to.iter_mut().zip(from).filter(|(_, rank)| **rank == K::LAST);
                ends.for_each(|(to, _)| *to = S::default());
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn ranks<S: Sample, K: Rank, F: Fn(S) -> K>(to: &mut [K], from: &[S], rank: &F) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = rank(*from));
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn values<S: Sample, K: Rank, F: Fn(K) -> S>(to: &mut [S], from: &[K], value: &F) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = value(*from));
}

/// The lower of `a` and `b`, element by element.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn lower<K: Rank>(to: &mut [K], a: &[K], b: &[K]) {
    to.iter_mut().zip(a).zip(b).for_each(|((to, a), b)| *to = a.lower(*b));
}

/// The lowest of `a`, `b` and `c`, element by element.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn lowest_of_three<K: Rank>(to: &mut [K], a: &[K], b: &[K], c: &[K]) {
    to.iter_mut().zip(a).zip(b).zip(c).for_each(|(((to, a), b), c)| *to = a.lower(*b).lower(*c));
}

/// The lowest of `to`, `a` and `b`, element by element.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn lowest<K: Rank>(to: &mut [K], a: &[K], b: &[K]) {
    to.iter_mut().zip(a).zip(b).for_each(|((to, a), b)| *to = to.lower(*a).lower(*b));
}

/// Some rows and columns of a picture with a margin on all sides.
#[derive(Default)]
struct Tile<K> {
    ranks: Vec<K>,
    spare: Vec<K>,
    /// The lowest ranks in discs.
    found: Vec<K>,
}

impl<K: Rank> Tile<K> {
    /// Extends minima over runs of `length` ranks, `step` apart, to runs of `longer`.
    fn join(&mut self, mut length: usize, longer: usize, step: usize) {
        while length < longer {
            let second = length.min(longer - length);
            let third = length.min(longer - length - second);
            let len = self.ranks.len().saturating_sub((second + third) * step);
            self.spare.resize(self.ranks.len(), K::LAST);
            let (to, from) = (&mut self.spare[..len], |run: usize| &self.ranks[run * step..][..len]);
            if third == 0 {
                lower(to, from(0), from(second));
            } else {
                lowest_of_three(to, from(0), from(second), from(second + third));
            }
            std::mem::swap(&mut self.ranks, &mut self.spare);
            length += second + third;
        }
    }

    /// The lowest rank in a disc around each pixel.
    fn disc(&mut self, runs: &[usize], (height, pitch, channels): (usize, usize, usize)) {
        let radius = runs.len() - 1;
        self.found.clear();
        self.found.resize(height * pitch, K::LAST);
        let mut length = 1;
        for (dy, half) in runs.iter().enumerate().rev() {
            self.join(length, 2 * half + 1, channels);
            length = 2 * half + 1;
            // the run that begins `half` pixels to the left of a pixel is centred on it
            let from = |row: usize| &self.ranks[row * pitch + (radius - half) * channels..];
            let len = self.found.len() - 2 * radius * channels;
            lowest(&mut self.found[radius * channels..][..len], from(radius - dy), from(radius + dy));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::{Layout, Pixels, Raster, Sample, View};

    #[test]
    fn extremes_of_squares_and_discs() {
        let source: Vec<u8> = (0..221_u32).map(|i| (i * i * 7 % 251) as u8).collect();
        for (shape, text, radius) in [("square", "1", 1_i64), ("square", "5", 5), ("disc", "1", 1), ("disc", "6", 6)] {
            let params = [("radius", text), ("shape", shape)];
            let (low, high) = (run("erode", &params, grey8(17, &source)), run("dilate", &params, grey8(17, &source)));
            for i in 0..221 {
                let (x, y) = (i % 17, i / 17);
                let around = (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dx, dy)));
                let inside = around.filter(|(dx, dy)| shape == "square" || dx * dx + dy * dy <= radius * radius);
                let values: Vec<u8> = inside
                    .map(|(dx, dy)| source[((y + dy).clamp(0, 12) * 17 + (x + dx).clamp(0, 16)) as usize])
                    .collect();
                assert_eq!(Some(&bytes(&low)[i as usize]), values.iter().min(), "{params:?} at {x}, {y}");
                assert_eq!(Some(&bytes(&high)[i as usize]), values.iter().max(), "{params:?} at {x}, {y}");
            }
        }
    }

    /// The definition: the lowest of the visible colours within the support, or the highest where `sign` is negative.
    fn defined<S: Sample>(source: View<'_, S>, disc: bool, radius: i64, sign: f32) -> Vec<S> {
        let (layout, width, height) = (source.layout(), i64::from(source.width()), i64::from(source.height()));
        let channels = layout.channels();
        let around = (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dx, dy)));
        let around: Vec<_> = around.filter(|(dx, dy)| !disc || dx * dx + dy * dy <= radius * radius).collect();
        let mut result = Vec::new();
        for i in 0..width * height {
            let pixels = around.iter().map(|(dx, dy)| {
                let (x, y) = ((i % width + dx).clamp(0, width - 1), (i / width + dy).clamp(0, height - 1));
                &source.row(y as u32)[x as usize * channels..][..channels]
            });
            for c in 0..channels {
                let colour = layout.has_alpha() && c + 1 < channels;
                let seen = pixels.clone().filter(|pixel| !colour || pixel[channels - 1] != S::default());
                let best =
                    seen.map(|pixel| pixel[c]).min_by(|a, b| (sign * a.to_unit()).total_cmp(&(sign * b.to_unit())));
                result.push(best.unwrap_or_default());
            }
        }
        result
    }

    #[test]
    fn every_depth_and_layout_matches_the_definition() {
        fn check<S: Sample>(width: u32, height: u32, layout: Layout, sample: impl Fn(u32) -> S, radius: i64)
        where
            Raster<S>: Into<Pixels>,
        {
            let hash = |i: u32| (i.wrapping_mul(0x9e37_79b9) ^ i << 7).wrapping_mul(0x846c_a68b) >> 8;
            // a third of the samples is nothing, so that there are hidden pixels
            let samples = (0..width * height * layout.channels() as u32).map(hash);
            let samples = samples.map(|v| if v % 3 == 0 { S::default() } else { sample(v) }).collect();
            let source = Raster::new(width, height, layout, samples);
            for (shape, disc) in [("square", false), ("disc", true)] {
                for (filter, sign) in [("erode", 1.0), ("dilate", -1.0)] {
                    let text = radius.to_string();
                    let result = run(filter, &[("radius", &text), ("shape", shape)], source.clone().into());
                    let expected = Raster::new(width, height, layout, defined(source.view(), disc, radius, sign));
                    assert!(result == expected.into(), "{filter} {shape} {radius}: {width} × {height} {layout:?}");
                }
            }
        }
        for layout in [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba] {
            // wider than what is processed at once, and smaller than the support
            for (width, height, radius) in [(620, 6, 2), (70, 40, 2), (9, 40, 7), (3, 2, 12)] {
                check(width, height, layout, |v| v as u8, radius);
                check(width, height, layout, |v| v as u16, radius);
                check(width, height, layout, |v| v as f32 / 9e6 - 0.5, radius);
            }
        }
    }

    #[test]
    fn opening_and_closing_remove_specks_and_keep_sizes() {
        // a speck of one pixel and a block of four by four, seen in rows of ten
        let picture = |ground: u8, mark: u8| -> Vec<u8> {
            let is_mark = |x: usize, y: usize| (x, y) == (2, 2) || ((4..8).contains(&x) && (3..7).contains(&y));
            (0..100).map(|i| if is_mark(i % 10, i / 10) { mark } else { ground }).collect()
        };
        for (filter, ground, mark) in [("opening", 20, 220), ("closing", 220, 20)] {
            let mut expected = picture(ground, mark);
            expected[22] = ground;
            let result = run(filter, &[], grey8(10, &picture(ground, mark)));
            assert_eq!(bytes(&result), expected, "{filter}");
            // what is wider than the shape is nothing to the other
            let other = if filter == "opening" { "closing" } else { "opening" };
            assert_eq!(bytes(&run(other, &[], grey8(10, &picture(ground, mark)))), picture(ground, mark), "{other}");
        }
    }

    #[test]
    fn hidden_colours_do_not_count() {
        let source = [0.9, 0.0, 0.5, 1.0, 0.1, 0.0, 0.2, 0.0];
        for filter in ["erode", "dilate"] {
            let result = run(filter, &[], float(Layout::GreyAlpha, &source));
            let colours: Vec<f32> = floats(&result).iter().step_by(2).copied().collect();
            assert_eq!(colours, [0.5, 0.5, 0.5, 0.0], "{filter}");
        }
    }
}
