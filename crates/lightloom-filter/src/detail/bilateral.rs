//! Bilateral filter: smooths noise and keeps edges.
//!
//! Algorithm: the average over a disc of one and a half standard deviations, each neighbour weighted by its distance
//! in space and by its difference in luma, both Gaussian (Tomasi and Manduchi 1998); one weight for all channels, so
//! colours do not fringe. The exponential is approximated linearly between powers of two (see `falloff`).
//! Range: averages, so nothing leaves the range of the source. Alpha: untouched; neighbours are weighted by theirs.
//! Depth: kept, computed in f32 and rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use multiversion::multiversion;
use multiversion::target::selected_target;

use crate::kernel::falloff;
use crate::kernel::tile::{BLOCK, Sums, Tile, block, each_tile};
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Scene, Unfit};
use lightloom_param::{number, parameters};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct Bilateral {
        sigma: f32 = number(
            "Radius (σ)",
            "Standard deviation of the distance in pixels of the full picture; the time grows with its square",
            "px",
            (0.3, 10.0),
            3.0,
        )
        .step(0.1)
        .logarithmic(),
        range: f32 = number(
            "Range (σ)",
            "Standard deviation of the difference in levels of 255: stronger edges stay; 0 changes nothing",
            "levels",
            (0.0, 128.0),
            20.0,
        ),
    }
}

impl Filter for Bilateral {
    const TITLE: &'static str = "Denoise (bilateral)";
    const HELP: &'static str = "Smooths noise and keeps edges";
    const EXAMPLE: Example = Example::on(Scene::Noisy, &[("range", "45")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let (sigma, range) = (self.sigma * context.scale, self.range / 255.0);
        let radius = (1.5 * sigma).round() as i32;
        if range == 0.0 || radius == 0 {
            return Ok(Operation::Identity);
        }
        // how far the exponent of a neighbour's weight falls for its distance: outside the disc the weight is 0
        let exponent = |dy: i32, dx: i32| match dy * dy + dx * dx {
            square if square <= radius * radius => {
                falloff::ONE - falloff::STEPS * 0.5 * square as f32 / (sigma * sigma)
            }
            _ => f32::NEG_INFINITY,
        };
        let around = (-radius..=radius + 1).flat_map(|dy| (-radius..=radius).map(move |dx| (dy, dx)));
        let taps = around.map(|(dy, dx)| Tap { dy, dx, exponents: [exponent(dy, dx), exponent(dy - 1, dx)] });
        let taps = taps.filter(|tap| tap.exponents.iter().any(|exponent| exponent.is_finite()));
        let contrast = (falloff::STEPS * 0.5).sqrt() / range;
        Ok(Operation::area(BilateralFilter { taps: taps.collect(), radius, contrast }))
    }
}

/// A neighbour of two pixels, one above the other, and for each the exponent of its weight where luma does not differ.
struct Tap {
    /// From the upper one.
    dy: i32,
    dx: i32,
    exponents: [f32; 2],
}

struct BilateralFilter {
    taps: Vec<Tap>,
    radius: i32,
    /// What luma is multiplied by, so that the square of a difference is how far the weight's exponent falls.
    contrast: f32,
}

impl AreaFilter for BilateralFilter {
    fn halo(&self) -> u32 {
        self.radius as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        let layout = source.layout();
        let mut sums = [Sums::new(), Sums::new()];
        each_tile(source, rows, target, self.radius as usize, |tile, rows| {
            tile.luma.iter_mut().for_each(|luma| *luma *= self.contrast);
            for row in (0..tile.height).step_by(2) {
                match (layout.colours(), layout.has_alpha()) {
                    (1, false) => average::<1, false>(&mut sums, tile, row as i32, &self.taps),
                    (1, true) => average::<1, true>(&mut sums, tile, row as i32, &self.taps),
                    (_, false) => average::<3, false>(&mut sums, tile, row as i32, &self.taps),
                    (_, true) => average::<3, true>(&mut sums, tile, row as i32, &self.taps),
                }
                for (row, sums) in (row..tile.height).zip(&mut sums) {
                    sums.divide(layout.colours());
                    rows.store(tile, row, &sums.colours, &sums.weight, |weight| weight > 0.0);
                }
            }
        });
    }
}

/// Two rows, so that what is loaded serves both.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2+fma", "aarch64+neon"))]
fn average<const COLOURS: usize, const ALPHA: bool>(rows: &mut [Sums; 2], tile: &Tile, row: i32, taps: &[Tap]) {
    const FUSED: bool = selected_target!().supports_feature_str("fma") || cfg!(target_arch = "aarch64");
    for left in (0..tile.width).step_by(BLOCK) {
        let [above, below] = [0, 1].map(|lower| *block(&tile.luma, tile.offset(row + lower, left as i32)));
        let (mut upper, mut lower) = ([0.0; BLOCK], [0.0; BLOCK]);
        let (mut upper_colours, mut lower_colours) = ([[0.0; BLOCK]; COLOURS], [[0.0; BLOCK]; COLOURS]);
        for tap in taps {
            let at = tile.offset(row + tap.dy, left as i32 + tap.dx);
            let (luma, alpha) = (block(&tile.luma, at), block(if ALPHA { &tile.alpha } else { &tile.luma }, at));
            let mut planes = [luma; COLOURS];
            planes.iter_mut().zip(&tile.colours).for_each(|(to, plane)| *to = block(plane, at));
            for i in 0..BLOCK {
                let [from_upper, from_lower] = [luma[i] - above[i], luma[i] - below[i]];
                let upper_weight = falloff::weight(sum::<FUSED>(tap.exponents[0], -from_upper, from_upper));
                let lower_weight = falloff::weight(sum::<FUSED>(tap.exponents[1], -from_lower, from_lower));
                let alpha = if ALPHA { alpha[i] } else { 1.0 };
                upper[i] = sum::<FUSED>(upper[i], upper_weight, alpha);
                lower[i] = sum::<FUSED>(lower[i], lower_weight, alpha);
                for colour in 0..COLOURS {
                    let value = planes[colour][i];
                    upper_colours[colour][i] = sum::<FUSED>(upper_colours[colour][i], upper_weight, value);
                    lower_colours[colour][i] = sum::<FUSED>(lower_colours[colour][i], lower_weight, value);
                }
            }
        }
        for (row, (total, colours)) in rows.iter_mut().zip([(&upper, &upper_colours), (&lower, &lower_colours)]) {
            row.weight[left..left + BLOCK].copy_from_slice(total);
            for (to, from) in row.colours.iter_mut().zip(colours) {
                to[left..left + BLOCK].copy_from_slice(from);
            }
        }
    }
}

/// The sum and the product of the factors, in one instruction where there is one.
#[inline(always)]
fn sum<const FUSED: bool>(sum: f32, factor: f32, other: f32) -> f32 {
    if FUSED { factor.mul_add(other, sum) } else { factor * other + sum }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, floats, grey8, psnr, run};
    use lightloom_picture::{Layout, Raster};

    /// The definition in f64.
    fn exact(source: &[f32], width: i64, channels: i64, sigma: f64, range: f64) -> Vec<f32> {
        let height = source.len() as i64 / width / channels;
        let at = |x: i64, y: i64| {
            let place = (y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) * channels;
            &source[place as usize..][..channels as usize]
        };
        let luma = |p: &[f32]| match p {
            [r, g, b] => 0.2126 * f64::from(*r) + 0.7152 * f64::from(*g) + 0.0722 * f64::from(*b),
            _ => f64::from(p[0]),
        };
        let radius = (1.5 * sigma).round() as i64;
        let mut result = Vec::new();
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let (mut sums, mut total) = ([0.0; 3], 0.0);
            for (dy, dx) in (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dy, dx))) {
                let (square, other) = (dx * dx + dy * dy, at(x + dx, y + dy));
                if square <= radius * radius {
                    let difference = luma(other) - luma(at(x, y));
                    let weight = (-0.5 * (square as f64 / (sigma * sigma) + (difference / range).powi(2))).exp();
                    total += weight;
                    other.iter().zip(&mut sums).for_each(|(v, sum)| *sum += weight * f64::from(*v));
                }
            }
            result.extend(sums[..channels as usize].iter().map(|sum| (sum / total) as f32));
        }
        result
    }

    #[test]
    fn matches_its_definition() {
        let (width, height) = (300, 40);
        for layout in [Layout::Grey, Layout::Rgb] {
            let channels = layout.channels();
            let mut state = 1_u32;
            let samples: Vec<f32> = (0..width * height * channels)
                .map(|i| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let (x, y) = (i / channels % width, i / channels / width);
                    let scene = if (x / 23 + y / 9) % 2 == 0 { 0.3 } else { 0.5 } + x as f32 / 1000.0;
                    scene + (state >> 8) as f32 / (1 << 24) as f32 * 0.2
                })
                .collect();
            for (sigma, range) in [(1.5, 10.0), (3.0, 25.0), (5.0, 60.0)] {
                let expected = exact(&samples, width as i64, channels as i64, sigma, range / 255.0);
                let params = [("sigma", &*sigma.to_string()), ("range", &*range.to_string())];
                let result =
                    run("bilateral", &params, Raster::new(width as u32, height as u32, layout, samples.clone()));
                let quality = psnr(floats(&result), &expected);
                assert!(quality > 55.0, "σ {sigma}, range {range}, {layout:?}: {quality} dB");
            }
        }
    }

    #[test]
    fn a_strong_edge_stays() {
        let step: Vec<u8> = (0..600).map(|i| if i % 30 < 15 { 50 } else { 200 }).collect();
        let result = run("bilateral", &[("sigma", "4")], grey8(30, &step));
        assert_eq!(bytes(&result), step);
    }
}
