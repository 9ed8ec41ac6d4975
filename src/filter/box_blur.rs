//! Box blur: the plain average of a square.
//!
//! Algorithm: moving sums down the columns and along the rows (McDonnell 1981), so that the cost does not depend on the
//! radius. Sums are whole numbers and thus exact, wherever they begin: of 32 bits for 8-bit pictures without alpha, else in
//! f64. On encoded values, or on linear light (see `linear`).
//! Range: averages, so nothing leaves the range of the source; floats are taken in steps of 2⁻²² up to ±4096. Alpha:
//! averaged, colours weighted by it. Depth: kept, rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use multiversion::multiversion;

use super::linear;
use super::rows::{rounded, straight};
use super::window::repeat_edges;
use super::{AreaFilter, Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params};
use crate::picture::{Depth, Layout, Raster, Sample};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "box_blur",
    title: "Box blur",
    group: Group::Detail,
    help: "Averages a square around each pixel",
    version: 1,
    params: &[
        ParamSpec {
            key: "radius",
            label: "Radius",
            help: "Half the square's side in pixels of the full picture: 1 averages 3 × 3",
            unit: "px",
            kind: ParamKind::Integer { min: 0, max: 200, default: 3, logarithmic: true },
        },
        linear::PARAM,
    ],
    conditions: &[],
    example: Example::of(&[("radius", "5")]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let radius = (params.integer("radius") as f32 * frame.scale).round() as usize;
    if radius == 0 {
        return Ok(Operation::Identity);
    }
    Ok(linear::area(BoxBlur { radius }, params.toggle("linear")))
}

struct BoxBlur {
    radius: usize,
}

/// What whole numbers are divided by to give the unit range, before weighting by alpha.
fn unit<S: Sample>() -> f64 {
    match S::DEPTH {
        Depth::U8 => 255.0,
        Depth::U16 => 65_535.0,
        Depth::F32 => f64::from(1 << 22),
    }
}

/// Samples as whole numbers; colours multiplied by alpha where there is alpha.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx2", "aarch64+neon"))]
fn whole<S: Sample>(to: &mut [f64], from: &[S], layout: Layout) {
    /// Adding it rounds a number below 2⁵¹ to a whole one.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    let unit = unit::<S>();
    let number = |v: S| {
        let v = f64::from(v.to_unit());
        let limited = if v.is_nan() { 0.0 } else { v.clamp(-4096.0, 4096.0) };
        limited * unit + WHOLE - WHOLE
    };
    if !layout.has_alpha() {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = number(*from));
        return;
    }
    let channels = layout.channels();
    for (to, from) in to.chunks_exact_mut(channels).zip(from.chunks_exact(channels)) {
        let alpha = number(from[channels - 1]);
        for (to, from) in to.iter_mut().zip(from) {
            // products of floats are brought back to the same steps, so that sums stay exact
            let product = number(*from) * alpha;
            *to = if S::DEPTH == Depth::F32 { product / unit + WHOLE - WHOLE } else { product };
        }
        to[channels - 1] = if S::DEPTH == Depth::F32 { alpha } else { alpha * unit };
    }
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx2", "aarch64+neon"))]
fn exchange(sums: &mut [f64], leaving: &[f64], coming: &[f64]) {
    for ((sum, leaving), coming) in sums.iter_mut().zip(leaving).zip(coming) {
        *sum += coming - leaving;
    }
}

/// Averages of `2 * radius + 1` neighbouring pixels of `N` channels.
fn along<const N: usize>(result: &mut [f32], sums: &[f64], radius: usize, factor: f64) {
    let pixels = sums.as_chunks::<N>().0;
    let last = pixels.len() - 1;
    let mut window = pixels[0].map(|v| v * (radius + 1) as f64);
    for i in 1..=radius {
        (0..N).for_each(|c| window[c] += pixels[i.min(last)][c]);
    }
    for (x, out) in result.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        for c in 0..N {
            out[c] = (window[c] * factor) as f32;
            window[c] += pixels[(x + radius + 1).min(last)][c] - pixels[x.saturating_sub(radius)][c];
        }
    }
}

/// The level of an 8-bit sample.
#[inline(always)]
fn level<S: Sample>(v: S) -> u32 {
    // a float from 2²³ on has the whole number in its lowest bits
    (v.to_unit() * 255.0 + 8_388_608.0).to_bits() & 255
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn add_levels<S: Sample>(sums: &mut [u32], coming: &[S]) {
    sums.iter_mut().zip(coming).for_each(|(sum, coming)| *sum += level(*coming));
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn exchange_levels<S: Sample>(sums: &mut [u32], leaving: &[S], coming: &[S]) {
    for ((sum, leaving), coming) in sums.iter_mut().zip(leaving).zip(coming) {
        *sum = sum.wrapping_add(level(*coming)).wrapping_sub(level(*leaving));
    }
}

/// Sums of windows of `2 * radius + 1` pixels of `N` channels that begin with each of `sums`.
fn windows<const N: usize>(result: &mut [u32], sums: &[u32], radius: usize) {
    let (first, coming) = sums.split_at((2 * radius + 1) * N);
    let mut window = [0_u32; N];
    for pixel in first.as_chunks::<N>().0 {
        (0..N).for_each(|c| window[c] += pixel[c]);
    }
    let (coming, leaving) = (coming.as_chunks::<N>().0, sums.as_chunks::<N>().0);
    let (results, last) = result.split_at_mut(coming.len() * N);
    for ((result, coming), leaving) in results.as_chunks_mut::<N>().0.iter_mut().zip(coming).zip(leaving) {
        *result = window;
        (0..N).for_each(|c| window[c] = window[c].wrapping_add(coming[c]).wrapping_sub(leaving[c]));
    }
    last.copy_from_slice(&window);
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn averages<S: Sample>(to: &mut [S], sums: &[u32], factor: f64) {
    // the sums stay below 2³¹, which is quicker to convert
    to.iter_mut().zip(sums).for_each(|(to, sum)| *to = S::from_unit((f64::from(*sum as i32) * factor) as f32));
}

impl BoxBlur {
    /// 8-bit samples without alpha: the sums are whole numbers of 32 bits, the largest 255 · 401².
    fn rows_of_levels<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
        let (stride, channels, radius) = (source.stride(), source.layout().channels(), self.radius as i64);
        let row = |y: i64| source.row(y.clamp(0, i64::from(source.height()) - 1) as u32);
        let pad = self.radius * channels;
        let side = (2 * self.radius + 1) as f64;
        let factor = 1.0 / (side * side * unit::<S>());
        let mut sums = vec![0; pad + stride + pad];
        let mut result = vec![0; stride];
        for y in i64::from(rows.start) - radius..=i64::from(rows.start) + radius {
            add_levels(&mut sums[pad..pad + stride], row(y));
        }
        for (y, target) in rows.map(i64::from).zip(target.chunks_exact_mut(stride)) {
            repeat_edges(&mut sums, pad, pad, channels);
            match channels {
                1 => windows::<1>(&mut result, &sums, self.radius),
                _ => windows::<3>(&mut result, &sums, self.radius),
            }
            averages(target, &result, factor);
            exchange_levels(&mut sums[pad..pad + stride], row(y - radius), row(y + radius + 1));
        }
    }
}

impl AreaFilter for BoxBlur {
    fn halo(&self) -> u32 {
        self.radius as u32
    }

    fn rows<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
        let (stride, layout, radius) = (source.stride(), source.layout(), self.radius as i64);
        if stride == 0 || rows.is_empty() {
            return;
        }
        if S::DEPTH == Depth::U8 && !layout.has_alpha() {
            return self.rows_of_levels(source, rows, target);
        }
        let row = |y: i64, to: &mut [f64]| {
            whole(to, source.row(y.clamp(0, i64::from(source.height()) - 1) as u32), layout);
        };
        let mut sums = vec![0.0; stride];
        let [mut leaving, mut coming] = [(); 2].map(|()| vec![0.0; stride]);
        for y in i64::from(rows.start) - radius..=i64::from(rows.start) + radius {
            row(y, &mut coming);
            exchange(&mut sums, &leaving, &coming);
        }
        let side = (2 * self.radius + 1) as f64;
        let one = if layout.has_alpha() && S::DEPTH != Depth::F32 { unit::<S>() * unit::<S>() } else { unit::<S>() };
        let factor = 1.0 / (side * side * one);
        let mut result = vec![0.0; stride];
        for (y, target) in rows.zip(target.chunks_exact_mut(stride)) {
            match layout {
                Layout::Grey => along::<1>(&mut result, &sums, self.radius, factor),
                Layout::GreyAlpha => along::<2>(&mut result, &sums, self.radius, factor),
                Layout::Rgb => along::<3>(&mut result, &sums, self.radius, factor),
                Layout::Rgba => along::<4>(&mut result, &sums, self.radius, factor),
            }
            straight(&mut result, layout);
            rounded(target, &result);
            row(i64::from(y) - radius, &mut leaving);
            row(i64::from(y) + radius + 1, &mut coming);
            exchange(&mut sums, &leaving, &coming);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bytes, float, floats, grey8, run};
    use crate::picture::Layout;

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
    fn hidden_colours_do_not_bleed() {
        let source = [0.5, 1.0, 9.0, 0.0, 0.5, 1.0];
        let result = run("box_blur", &[("radius", "1")], float(Layout::GreyAlpha, &source));
        for pixel in floats(&result).chunks(2) {
            assert!((pixel[0] - 0.5).abs() < 1e-6 && (pixel[1] - 2.0 / 3.0).abs() < 1e-6);
        }
    }
}
