//! Warping of 8-bit pictures without alpha through a map, in integers, many pixels of the result at once.
//!
//! Positions are rounded to 1/1024 of a pixel, weights to 2⁻¹⁵. Vertical sums are exact and keep seven fractional bits,
//! horizontal products six. At the borders the neighbourhood is first copied together with what lies outside the source,
//! so that all pixels go through the same arithmetic.
#![allow(clippy::expect_used, reason = "a pixel is drawn from the source only if all that is read lies within it")]
#![allow(clippy::needless_range_loop, reason = "an index says which lanes meet; the loops become single instructions")]

use multiversion::multiversion;

use crate::kernel::resample::Kernel;
use crate::kernel::warp_map::{Beyond, Map, weights};
use crate::{Stopped, Work};
use lightloom_picture::{Layout, Raster, Sample};

/// Binary digits of a position below the pixel.
const DIGITS: u32 = 10;

/// Phases of the tabulated kernel.
const PHASES: usize = 1 << DIGITS;

/// The longest side whose positions fit in 32-bit integers.
const LONGEST: u32 = 1 << 20;

/// Pixels of the result that are drawn at once.
const PIXELS: usize = 64;

/// The source drawn through `map` into a result of this size; `None` where this is not possible: with alpha, and where
/// a side is longer than [`LONGEST`].
pub(crate) fn warp(
    source: &Raster<u8>,
    size: (u32, u32),
    map: &Map,
    kernel: Kernel,
    beyond: Beyond,
    work: &mut Work<'_>,
) -> Option<Result<Raster<u8>, Stopped>> {
    if source.width().max(source.height()) > LONGEST {
        return None;
    }
    Some(match (source.layout(), kernel) {
        (Layout::GreyAlpha | Layout::Rgba, _) => return None,
        (Layout::Grey, Kernel::Lanczos3) => drawn::<1, 6, 16>(source, size, map, kernel, beyond, work),
        (Layout::Grey, Kernel::Bilinear) => drawn::<1, 2, 8>(source, size, map, kernel, beyond, work),
        (Layout::Grey, _) => drawn::<1, 4, 8>(source, size, map, kernel, beyond, work),
        (Layout::Rgb, Kernel::Lanczos3) => drawn::<3, 6, 24>(source, size, map, kernel, beyond, work),
        (Layout::Rgb, Kernel::Bilinear) => drawn::<3, 2, 8>(source, size, map, kernel, beyond, work),
        (Layout::Rgb, _) => drawn::<3, 4, 16>(source, size, map, kernel, beyond, work),
    })
}

/// `N` channels, `T` taps in each direction, and `L` lanes: samples of a line that are read at once, which are those of
/// all taps and some behind them.
fn drawn<const N: usize, const T: usize, const L: usize>(
    source: &Raster<u8>,
    size: (u32, u32),
    map: &Map,
    kernel: Kernel,
    beyond: Beyond,
    work: &mut Work<'_>,
) -> Result<Raster<u8>, Stopped> {
    /// Rows per piece of work.
    const ROWS: usize = 16;
    let table = Table::<T, L>::new(kernel, N);
    let from = Source::<N, T>::new(source, beyond);
    work.draw(size, source.layout(), ROWS, |rows, target| {
        for (row, y) in target.chunks_exact_mut(size.0 as usize * N).zip(rows) {
            draw(&from, row.as_chunks_mut::<N>().0, y, map, &table);
        }
    })
}

/// A kernel's weights at each phase, times 2¹⁵.
struct Table<const T: usize, const L: usize> {
    /// One for each line.
    vertical: Vec<[i16; T]>,
    /// One for each sample of a line.
    horizontal: Vec<[i16; L]>,
}

impl<const T: usize, const L: usize> Table<T, L> {
    fn new(kernel: Kernel, channels: usize) -> Self {
        let phase = |phase: usize| {
            let share = phase as f64 / PHASES as f64;
            let mut whole = weights::<T>(kernel, share).map(|weight| (weight * 32_768.0).round() as i32);
            // what rounding left over goes to the nearest pixel, and what that cannot hold to the other one in the
            // middle
            let nearest = T / 2 - usize::from(share < 0.5);
            whole[nearest] += 32_768 - whole.iter().sum::<i32>();
            let over = (whole[nearest] - i32::from(i16::MAX)).max(0);
            whole[nearest] -= over;
            whole[T - 1 - nearest] += over;
            whole.map(|weight| weight as i16)
        };
        let vertical: Vec<[i16; T]> = (0..PHASES).map(phase).collect();
        let repeated = |weights: &[i16; T]| std::array::from_fn(|i| weights.get(i / channels).copied().unwrap_or(0));
        Self { horizontal: vertical.iter().map(repeated).collect(), vertical }
    }
}

/// Where the first taps of some pixels lie, and at which phases.
struct Positions {
    column: [i32; PIXELS],
    line: [i32; PIXELS],
    horizontal: [u16; PIXELS],
    vertical: [u16; PIXELS],
}

impl Positions {
    /// Those of the pixels of row `y` from `first` on.
    #[inline(always)]
    fn new<const N: usize, const T: usize>(source: &Source<'_, N, T>, map: &Map, first: usize, y: usize) -> Self {
        /// Added to a number, it leaves the nearest whole one in the lowest bits.
        const WHOLE: f64 = 1.5 * (1_u64 << 52) as f64;
        let mut positions =
            Self { column: [0; PIXELS], line: [0; PIXELS], horizontal: [0; PIXELS], vertical: [0; PIXELS] };
        let [u, v, w] = [0, 1, 2].map(|i| map[i][1] * y as f64 + map[i][2]);
        for i in 0..PIXELS {
            let x = first as f64 + f64::from(i as i32);
            let share = 1.0 / (map[2][0] * x + w);
            // all positions far outside are equivalent; max first, so that NaN is outside too
            let position = |numerator: f64, extent: i32| {
                let position = (numerator * share).max(-8.0).min(f64::from(extent) + 8.0);
                (position * PHASES as f64 + WHOLE).to_bits() as i32
            };
            let (left, top) = (position(map[0][0] * x + u, source.width), position(map[1][0] * x + v, source.height));
            let before = T as i32 / 2 - 1;
            (positions.column[i], positions.line[i]) = ((left >> DIGITS) - before, (top >> DIGITS) - before);
            let phase = |position: i32| (position & (PHASES as i32 - 1)) as u16;
            (positions.horizontal[i], positions.vertical[i]) = (phase(left), phase(top));
        }
        positions
    }

    #[inline(always)]
    fn all(&self, condition: impl Fn(i32, i32) -> bool) -> bool {
        let mut all = true;
        (0..PIXELS).for_each(|i| all &= condition(self.column[i], self.line[i]));
        all
    }
}

struct Source<'a, const N: usize, const T: usize> {
    width: i32,
    height: i32,
    pixels: &'a [[u8; N]],
    /// The samples from each of the first lines on, all of one length; none where there are fewer lines.
    lines: [&'a [u8]; T],
    beyond: Option<[u8; N]>,
}

impl<'a, const N: usize, const T: usize> Source<'a, N, T> {
    fn new(raster: &'a Raster<u8>, beyond: Beyond) -> Self {
        let samples = raster.samples();
        let len = samples.len().saturating_sub((T - 1) * raster.stride());
        Self {
            width: raster.width() as i32,
            height: raster.height() as i32,
            pixels: samples.as_chunks().0,
            lines: std::array::from_fn(|k| samples.get(k * raster.stride()..).map_or(&[][..], |line| &line[..len])),
            beyond: match beyond {
                Beyond::Nearest => None,
                Beyond::Colour(pixel) => Some(std::array::from_fn(|c| u8::from_unit(pixel[c]))),
            },
        }
    }

    /// Whether all lanes of all taps lie within the source.
    #[inline(always)]
    fn holds<const L: usize>(&self, column: i32, line: i32) -> bool {
        let room = L.div_ceil(N) as i32;
        (column >= 0) & (line >= 0) & (column + room <= self.width) & (line + T as i32 <= self.height)
    }

    /// Whether no tap lies within the source.
    #[inline(always)]
    fn misses(&self, column: i32, line: i32) -> bool {
        (column <= -(T as i32)) | (line <= -(T as i32)) | (column >= self.width) | (line >= self.height)
    }

    /// All lanes where the source holds them.
    #[inline(always)]
    fn within<const L: usize>(&self, column: i32, line: i32) -> [&'a [u8; L]; T] {
        let from = (line as usize * self.width as usize + column as usize) * N;
        let mut lanes = [&[0; L]; T];
        for k in 0..T {
            lanes[k] = self.lines[k][from..].first_chunk().expect("the source holds all lanes");
        }
        lanes
    }

    /// A copy of what all taps meet.
    fn around<const L: usize>(&self, column: i32, line: i32) -> [[u8; L]; T] {
        let mut copy = [[0; L]; T];
        for (to, line) in copy.iter_mut().zip(line..) {
            for (to, column) in to.as_chunks_mut::<N>().0.iter_mut().take(T).zip(column..) {
                let inside = (0..self.width).contains(&column) && (0..self.height).contains(&line);
                let (column, line) = (column.clamp(0, self.width - 1), line.clamp(0, self.height - 1));
                let nearest = self.pixels[line as usize * self.width as usize + column as usize];
                *to = self.beyond.filter(|_| !inside).unwrap_or(nearest);
            }
        }
        copy
    }
}

/// One row of the result.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn draw<const N: usize, const T: usize, const L: usize>(
    source: &Source<'_, N, T>,
    row: &mut [[u8; N]],
    y: usize,
    map: &Map,
    table: &Table<T, L>,
) {
    let mut products = [[0; L]; PIXELS];
    for (block, row) in row.chunks_mut(PIXELS).enumerate() {
        let positions = Positions::new(source, map, block * PIXELS, y);
        let Positions { column, line, horizontal, vertical } = &positions;
        let weights =
            |i: usize| (&table.vertical[usize::from(vertical[i])], &table.horizontal[usize::from(horizontal[i])]);
        if positions.all(|column, line| source.holds::<L>(column, line)) {
            for i in 0..PIXELS {
                products[i] = weighed(source.within(column[i], line[i]), weights(i));
            }
        } else if let Some(colour) = source.beyond
            && positions.all(|column, line| source.misses(column, line))
        {
            row.fill(colour);
            continue;
        } else {
            for i in 0..row.len() {
                products[i] = if source.holds::<L>(column[i], line[i]) {
                    weighed(source.within(column[i], line[i]), weights(i))
                } else {
                    weighed(source.around(column[i], line[i]).each_ref(), weights(i))
                };
            }
        }
        let levels = sums::<N, T, L>(&products);
        row.iter_mut().zip(&levels).for_each(|(to, from)| *to = std::array::from_fn(|c| from[c]));
    }
}

/// Sums of each lane along the columns, above half of white, times their weights along the line: levels times 2⁶.
#[inline(always)]
fn weighed<const T: usize, const L: usize>(
    lines: [&[u8; L]; T],
    (vertical, horizontal): (&[i16; T], &[i16; L]),
) -> [i16; L] {
    // loops rather than closures over arrays: of many lanes, those would become calls
    let mut products = [0; L];
    for i in 0..L {
        let mut sum = (1 << 7) - (128 << 15);
        for k in 0..T {
            sum += i32::from(lines[k][i]) * i32::from(vertical[k]);
        }
        // 16 bits hold it as long as weights without their signs sum to less than 2
        let sum = (sum >> 8) as i16;
        products[i] = ((i32::from(sum) * i32::from(horizontal[i])) >> 16) as i16;
    }
    products
}

/// Sums of all taps along the lines, rounded to levels. There are four to a pixel, so that they fill a vector.
#[inline(always)]
fn sums<const N: usize, const T: usize, const L: usize>(products: &[[i16; L]; PIXELS]) -> [[u8; 4]; PIXELS] {
    const { assert!((T - 1) * N + 4 <= L, "the last tap's four lanes are there") };
    let mut levels = [[0; 4]; PIXELS];
    for (levels, products) in levels.iter_mut().zip(products) {
        for c in 0..4 {
            // half of white again, half a level, and the half unit that each product lost on average
            let mut sum = (128 << 6) + (1 << 5) + T as i16 / 2;
            (0..T).for_each(|k| sum += products[k * N + c]);
            levels[c] = (sum >> 6).clamp(0, 255) as u8;
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::warp_f32;
    use crate::kernel::warp_map::to_quadrilateral;
    use crate::testing::psnr;
    use lightloom_picture::Buffers;

    const KERNELS: [Kernel; 3] = [Kernel::CatmullRom, Kernel::Lanczos3, Kernel::Bilinear];

    const LAYOUTS: [Layout; 2] = [Layout::Grey, Layout::Rgb];

    fn picture(width: u32, height: u32, layout: Layout, mut sample: impl FnMut(usize) -> u8) -> Raster<u8> {
        let len = width as usize * height as usize * layout.channels();
        Raster::new(width, height, layout, (0..len).map(&mut sample).collect())
    }

    fn noise(seed: u32) -> impl FnMut(usize) -> u8 {
        let mut state = seed;
        move |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        }
    }

    fn warped(
        source: &Raster<u8>,
        size: (u32, u32),
        map: &Map,
        kernel: Kernel,
        beyond: Beyond,
        split: bool,
    ) -> Raster<u8> {
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split };
        warp(source, size, map, kernel, beyond, &mut work).unwrap().unwrap()
    }

    fn warped_floats(source: &Raster<u8>, size: (u32, u32), map: &Map, kernel: Kernel, beyond: Beyond) -> Raster<u8> {
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        match kernel {
            Kernel::Lanczos3 => warp_f32::warp::<_, 6>(source, size, map, kernel, beyond, &mut work),
            Kernel::Bilinear => warp_f32::warp::<_, 2>(source, size, map, kernel, beyond, &mut work),
            _ => warp_f32::warp::<_, 4>(source, size, map, kernel, beyond, &mut work),
        }
        .unwrap()
    }

    /// A quadrilateral that reaches a little beyond a picture of this size at two corners.
    fn slanted((width, height): (u32, u32), target: (u32, u32)) -> Map {
        let corner = |x: f64, y: f64| (x * f64::from(width), y * f64::from(height));
        to_quadrilateral(target, [corner(0.05, -0.1), corner(0.9, 0.1), corner(1.07, 0.93), corner(0.0, 1.0)])
    }

    #[test]
    fn as_good_as_floats_and_the_same_however_it_is_cut() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
        for (size, target) in
            [((301, 207), (293, 215)), ((97, 80), (199, 150)), ((1, 1), (3, 2)), ((2, 3), (70, 5)), ((5, 200), (1, 60))]
        {
            let map = slanted(size, target);
            for (layout, kernel) in LAYOUTS.into_iter().flat_map(|layout| KERNELS.map(|kernel| (layout, kernel))) {
                let source = picture(size.0, size.1, layout, noise(size.0));
                for beyond in [Beyond::Nearest, Beyond::Colour([1.0, 0.2, 0.0, 1.0])] {
                    let case = format!("{kernel:?} of {layout:?} {size:?} to {target:?}, {beyond:?}");
                    let whole = warped(&source, target, &map, kernel, beyond, false);
                    assert!(whole == pool.install(|| warped(&source, target, &map, kernel, beyond, true)), "{case}");
                    let exact = warped_floats(&source, target, &map, kernel, beyond);
                    let strays = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 1;
                    assert!(!whole.samples().iter().zip(exact.samples()).any(strays), "{case}");
                    let [a, b] = [&whole, &exact].map(|r| r.samples().iter().map(|v| v.to_unit()).collect::<Vec<_>>());
                    // one level more or less in a few samples is a lot
                    let quality = if a.len() < 2000 { f64::INFINITY } else { psnr(&a, &b) };
                    assert!(quality > 58.0, "{case}: {quality} dB");
                }
            }
        }
    }

    #[test]
    fn black_against_white_overshoots_to_the_ends_only() {
        let (size, target) = ((90, 71), (180, 140));
        for layout in LAYOUTS {
            let source = picture(size.0, size.1, layout, |i| if i / 7 % 2 == 0 { 255 } else { 0 });
            for kernel in KERNELS {
                let map = slanted(size, target);
                let (fixed, exact) = (
                    warped(&source, target, &map, kernel, Beyond::Nearest, false),
                    warped_floats(&source, target, &map, kernel, Beyond::Nearest),
                );
                let strays = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 1;
                assert!(!fixed.samples().iter().zip(exact.samples()).any(strays), "{kernel:?} of {layout:?}");
            }
        }
    }

    #[test]
    fn flat_stays_flat_and_weights_sum_to_one() {
        for kernel in KERNELS {
            for weights in Table::<6, 24>::new(kernel, 3).vertical {
                assert_eq!(weights.into_iter().map(i32::from).sum::<i32>(), 32_768);
            }
            for level in [0, 1, 100, 254, 255] {
                let source = picture(70, 41, Layout::Rgb, |_| level);
                let unit = level.to_unit();
                for beyond in [Beyond::Nearest, Beyond::Colour([unit, unit, unit, 1.0])] {
                    let map = slanted((70, 41), (133, 60));
                    let result = warped(&source, (133, 60), &map, kernel, beyond, false);
                    assert!(result.samples().iter().all(|v| *v == level), "{kernel:?} of {level}");
                }
            }
        }
    }

    #[test]
    fn infinite_positions_are_outside() {
        // the third coordinate passes through zero, or is never anything else
        let source = picture(40, 30, Layout::Rgb, noise(3));
        for map in [[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.1, 0.0, -2.0]], [[0.0; 3]; 3]] {
            let colour = Beyond::Colour([0.0, 1.0, 0.0, 1.0]);
            let result = warped(&source, (64, 2), &map, Kernel::CatmullRom, colour, false);
            assert_eq!(result.samples().as_chunks::<3>().0[20], [0, 255, 0]);
        }
    }

    #[test]
    fn other_pictures_go_another_way() {
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        for source in [picture(9, 9, Layout::Rgba, |_| 7), picture(LONGEST + 1, 1, Layout::Grey, |_| 7)] {
            let map = slanted((9, 9), (3, 3));
            assert!(warp(&source, (3, 3), &map, Kernel::Bilinear, Beyond::Nearest, &mut work).is_none());
        }
    }
}
