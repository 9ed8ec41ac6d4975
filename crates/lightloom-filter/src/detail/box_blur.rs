//! Box blur: the plain average of a square.
//!
//! Algorithm: moving sums along columns and rows (McDonnell 1981), so that the cost does not depend on the radius.
//! Sums are integers and thus exact, wherever they begin: 32-bit for 8-bit pictures without alpha, otherwise held in
//! f64. On encoded values, or on linear light (see `linear`).
//! Range: averages, so nothing leaves the range of the source; floats are quantised to steps of 2⁻²² within ±4096.
//! Alpha: averaged, colours weighted by it. Depth: kept, rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::linear;
use crate::kernel::scratch::{Pool, sized};
use crate::kernel::window::repeat_edges;
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{integer, parameters};
use lightloom_picture::{Depth, Layout, Sample, View, nearest_whole};

parameters! {
    pub(crate) struct BoxBlur {
        radius: u32 = integer(
            "Radius",
            "Half the square's side in pixels of the full picture: 1 averages 3 × 3",
            "px",
            (0, 200),
            3,
        )
        .logarithmic(),
        linear: bool = linear::LINEAR,
    }
}

impl Filter for BoxBlur {
    const TITLE: &'static str = "Box blur";
    const HELP: &'static str = "Averages a square around each pixel";
    const EXAMPLE: Example = Example::of(&[("radius", "5")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let radius = (self.radius as f32 * context.scale).round() as usize;
        if radius == 0 {
            return Ok(Operation::Identity);
        }
        let blur = BoxAverage { radius, narrow: Pool::default(), wide: Pool::default() };
        Ok(linear::area(blur, self.linear))
    }
}

struct BoxAverage {
    radius: usize,
    narrow: Pool<Sums<u32>>,
    wide: Pool<Sums<f64>>,
}

/// Memory of one strip.
#[derive(Default)]
struct Sums<T> {
    /// Along each column, and repeated beyond both ends.
    columns: Vec<T>,
    squares: Vec<T>,
}

/// An integer that holds sums exactly.
trait Total: Copy + Default {
    /// A sample in steps of its depth.
    fn of<S: Sample>(v: S) -> Self;
    /// A colour as it counts where there is alpha, and alpha itself, both as returned by [`Self::of`].
    fn weighted<S: Sample>(colour: Self, alpha: Self) -> Self;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn to_f64(self) -> f64;
}

/// Of 8-bit samples without alpha: the largest sum is 255 · 401².
impl Total for u32 {
    #[inline(always)]
    fn of<S: Sample>(v: S) -> Self {
        nearest_whole(v.to_unit() * 255.0)
    }
    #[inline(always)]
    fn weighted<S: Sample>(colour: Self, alpha: Self) -> Self {
        colour.wrapping_mul(alpha)
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        // sums stay below 2³¹, which is faster to convert
        f64::from(self as i32)
    }
}

/// What integers are divided by to give the unit range, before weighting by alpha.
const fn unit<S: Sample>() -> f64 {
    match S::DEPTH {
        Depth::U8 => 255.0,
        Depth::U16 => 65_535.0,
        Depth::F32 => (1 << 22) as f64,
    }
}

/// The integer nearest to one below 2⁵¹.
#[inline(always)]
fn whole(v: f64) -> f64 {
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    v + WHOLE - WHOLE
}

impl Total for f64 {
    #[inline(always)]
    fn of<S: Sample>(v: S) -> Self {
        let v = Self::from(v.to_unit());
        let limited = if v.is_nan() { 0.0 } else { v.clamp(-4096.0, 4096.0) };
        whole(limited * unit::<S>())
    }
    #[inline(always)]
    fn weighted<S: Sample>(colour: Self, alpha: Self) -> Self {
        // products of floats are brought back to the same steps, so that sums stay exact
        if S::DEPTH == Depth::F32 { whole(colour * alpha / unit::<S>()) } else { colour * alpha }
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self + other
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self - other
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
}

/// What a pixel of `N` channels adds to sums: colours weighted by alpha where there is alpha.
#[inline(always)]
fn numbers<S: Sample, T: Total, const N: usize>(pixel: &[S; N]) -> [T; N] {
    let own = pixel.map(T::of);
    if N % 2 == 1 {
        return own;
    }
    let (alpha, opaque) = (own[N - 1], T::of(S::WHITE));
    let mut weighted = own.map(|colour| T::weighted::<S>(colour, alpha));
    weighted[N - 1] = T::weighted::<S>(opaque, alpha);
    weighted
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn add<S: Sample, T: Total, const N: usize>(sums: &mut [T], coming: &[S]) {
    if N % 2 == 1 {
        sums.iter_mut().zip(coming).for_each(|(sum, coming)| *sum = sum.plus(T::of(*coming)));
        return;
    }
    for (sums, coming) in sums.as_chunks_mut::<N>().0.iter_mut().zip(coming.as_chunks::<N>().0) {
        let coming = numbers::<S, T, N>(coming);
        (0..N).for_each(|c| sums[c] = sums[c].plus(coming[c]));
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn exchange<S: Sample, T: Total, const N: usize>(sums: &mut [T], leaving: &[S], coming: &[S]) {
    if N % 2 == 1 {
        for ((sum, leaving), coming) in sums.iter_mut().zip(leaving).zip(coming) {
            *sum = sum.plus(T::of(*coming).minus(T::of(*leaving)));
        }
        return;
    }
    let pixels = leaving.as_chunks::<N>().0.iter().zip(coming.as_chunks::<N>().0);
    for (sums, (leaving, coming)) in sums.as_chunks_mut::<N>().0.iter_mut().zip(pixels) {
        let (leaving, coming) = (numbers::<S, T, N>(leaving), numbers::<S, T, N>(coming));
        (0..N).for_each(|c| sums[c] = sums[c].plus(coming[c].minus(leaving[c])));
    }
}

/// Sums of windows of `2 * radius + 1` pixels of `N` channels that begin with each of `sums`.
fn windows<T: Total, const N: usize>(result: &mut [T], sums: &[T], radius: usize) {
    let (first, coming) = sums.split_at((2 * radius + 1) * N);
    let mut window = [T::default(); N];
    for pixel in first.as_chunks::<N>().0 {
        (0..N).for_each(|c| window[c] = window[c].plus(pixel[c]));
    }
    let (coming, leaving) = (coming.as_chunks::<N>().0, sums.as_chunks::<N>().0);
    let (results, last) = result.split_at_mut(coming.len() * N);
    for ((result, coming), leaving) in results.as_chunks_mut::<N>().0.iter_mut().zip(coming).zip(leaving) {
        *result = window;
        (0..N).for_each(|c| window[c] = window[c].plus(coming[c].minus(leaving[c])));
    }
    last.copy_from_slice(&window);
}

/// Divides sums and rounds them; undoes the weighting by alpha, colours are 0 where alpha is not above 0.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn averages<S: Sample, T: Total, const N: usize>(to: &mut [S], sums: &[T], factor: f64) {
    if N % 2 == 1 {
        to.iter_mut().zip(sums).for_each(|(to, sum)| *to = S::from_unit((sum.to_f64() * factor) as f32));
        return;
    }
    for (to, sums) in to.as_chunks_mut::<N>().0.iter_mut().zip(sums.as_chunks::<N>().0) {
        let averages = sums.map(|sum| (sum.to_f64() * factor) as f32);
        let alpha = averages[N - 1];
        let share = if alpha > 0.0 { 1.0 / alpha } else { 0.0 };
        *to = averages.map(|v| S::from_unit(v * share));
        to[N - 1] = S::from_unit(alpha);
    }
}

impl BoxAverage {
    fn run<S: Sample, T: Total, const N: usize>(
        &self,
        memory: &Pool<Sums<T>>,
        source: View<'_, S>,
        rows: Range<u32>,
        target: &mut [S],
    ) {
        let (stride, radius) = (source.stride(), self.radius as i64);
        let row = |y: i64| source.row(y.clamp(0, i64::from(source.height()) - 1) as u32);
        let pad = self.radius * N;
        let side = (2 * self.radius + 1) as f64;
        let weight =
            if N.is_multiple_of(2) { T::weighted::<S>(T::of(S::WHITE), T::of(S::WHITE)) } else { T::of(S::WHITE) };
        let factor = 1.0 / (side * side * weight.to_f64());
        memory.with(|Sums { columns, squares }| {
            let (columns, squares) = (sized(columns, pad + stride + pad), sized(squares, stride));
            columns.fill(T::default());
            for y in i64::from(rows.start) - radius..=i64::from(rows.start) + radius {
                add::<S, T, N>(&mut columns[pad..pad + stride], row(y));
            }
            let first = i64::from(rows.start);
            for (y, target) in (first..).zip(target.chunks_exact_mut(stride)) {
                if y > first {
                    exchange::<S, T, N>(&mut columns[pad..pad + stride], row(y - radius - 1), row(y + radius));
                }
                repeat_edges(columns, pad, pad, N);
                windows::<T, N>(squares, columns, self.radius);
                averages::<S, T, N>(target, squares, factor);
            }
        });
    }
}

impl AreaFilter for BoxAverage {
    fn halo(&self) -> u32 {
        self.radius as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        if source.stride() == 0 || rows.is_empty() {
            return;
        }
        match (source.layout(), S::DEPTH) {
            (Layout::Grey, Depth::U8) => self.run::<S, u32, 1>(&self.narrow, source, rows, target),
            (Layout::Rgb, Depth::U8) => self.run::<S, u32, 3>(&self.narrow, source, rows, target),
            (Layout::Grey, _) => self.run::<S, f64, 1>(&self.wide, source, rows, target),
            (Layout::GreyAlpha, _) => self.run::<S, f64, 2>(&self.wide, source, rows, target),
            (Layout::Rgb, _) => self.run::<S, f64, 3>(&self.wide, source, rows, target),
            (Layout::Rgba, _) => self.run::<S, f64, 4>(&self.wide, source, rows, target),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::{Depth, Layout, Pixels, Raster};

    #[test]
    fn averages_are_exact() {
        let source: Vec<u8> = (0..77_u32).map(|i| (i * i % 251) as u8).collect();
        for (text, radius) in [("1", 1_i64), ("2", 2), ("30", 30)] {
            let result = run("box_blur", &[("radius", text)], grey8(11, &source));
            for (i, v) in bytes(&result).iter().enumerate() {
                let (x, y) = ((i % 11) as i64, (i / 11) as i64);
                let mut sum = 0;
                for (dy, dx) in (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dy, dx))) {
                    sum += i64::from(source[((y + dy).clamp(0, 6) * 11 + (x + dx).clamp(0, 10)) as usize]);
                }
                let exact = sum as f64 / ((2 * radius + 1) * (2 * radius + 1)) as f64;
                assert!((f64::from(*v) - exact).abs() < 0.501, "radius {radius} at {x}, {y}: {v}, not {exact}");
            }
        }
    }

    #[test]
    fn every_depth_and_opaque_alpha_agree() {
        let source: Vec<[u8; 3]> = (0..300_u32).map(|i| [7, 11, 13].map(|k| (i * i * k % 253) as u8)).collect();
        let source = Pixels::from(Raster::new(20, 15, Layout::Rgb, source.as_flattened().to_vec()));
        for radius in ["1", "4", "40"] {
            let params = [("radius", radius)];
            let whole = run("box_blur", &params, source.clone());
            for depth in Depth::ALL {
                for layout in [Layout::Rgb, Layout::Rgba] {
                    let same = source.clone().into_layout(layout).into_depth(depth);
                    let result = run("box_blur", &params, same).into_layout(Layout::Rgb).into_depth(Depth::U8);
                    // halves may fall to either side
                    let far = bytes(&result).iter().zip(bytes(&whole)).filter(|(a, b)| a.abs_diff(**b) > 0).count();
                    assert!(far <= 9, "radius {radius}, {depth}, {layout:?}: {far} differ");
                }
            }
        }
    }

    #[test]
    fn hidden_colours_do_not_bleed() {
        let source = [0.5, 1.0, 9.0, 0.0, 0.5, 1.0];
        let result = run("box_blur", &[("radius", "1")], float(Layout::GreyAlpha, &source));
        for pixel in floats(&result).chunks(2) {
            assert!((pixel[0] - 0.5).abs() < 1e-6 && (pixel[1] - 2.0 / 3.0).abs() < 1e-6);
        }
    }
}
