//! Surface blur: smooths surfaces and keeps edges.
//!
//! Algorithm: the average over a square, each neighbour weighted by 1 − |difference| ÷ (2.5 · threshold), down to 0;
//! each channel separately. This is a bilateral filter with a box in space and a triangle in range, which is what
//! image editors mean by the name.
//! Range: averages, so nothing leaves the range of the source. Alpha: untouched; neighbours are weighted by theirs.
//! Depth: kept, computed in f32 and rounded once; 8-bit pictures without alpha with weights in integers (see
//! `surface_mean_u8`). Edges: the nearest pixel is repeated.

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::surface_mean_u8::SurfaceMeanU8;
use crate::kernel::tile::{BLOCK, Tile, block, each_tile};
use crate::{Area, AreaFilter, Example, Filter, FilterContext, Operation, Scene, Unfit};
use lightloom_param::{integer, number, parameters};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct SurfaceBlur {
        radius: u32 = integer(
            "Radius",
            "Half the square's side in pixels of the full picture; the time grows with its square",
            "px",
            (0, 15),
            5,
        ),
        threshold: f32 = number(
            "Threshold",
            "Difference in levels of 255 that still belongs to a surface; 0 changes nothing",
            "levels",
            (0.0, 255.0),
            15.0,
        ),
    }
}

impl Filter for SurfaceBlur {
    const TITLE: &'static str = "Surface blur";
    const HELP: &'static str = "Smooths surfaces, such as skin, and keeps edges";
    const EXAMPLE: Example = Example::on(Scene::Noisy, &[("threshold", "45")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let radius = (self.radius as f32 * context.scale).round() as i32;
        let threshold = self.threshold / 255.0;
        if radius == 0 || threshold == 0.0 {
            return Ok(Operation::Identity);
        }
        let reach = 2.5 * threshold;
        let fixed = SurfaceMeanU8::new(radius, 255.0 * reach);
        Ok(Operation::Area(Box::new(ByDepth { fixed, exact: SurfaceMean { radius, falloff: 1.0 / reach } })))
    }
}

/// 8-bit pictures without alpha in integers, any other in floats.
struct ByDepth {
    fixed: SurfaceMeanU8,
    exact: SurfaceMean,
}

impl Area for ByDepth {
    fn halo(&self) -> u32 {
        AreaFilter::halo(&self.exact)
    }

    fn rows_u8(&self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        if source.layout().has_alpha() {
            self.exact.rows(source, rows, target);
        } else {
            self.fixed.rows(source, rows, target);
        }
    }

    fn rows_u16(&self, source: View<'_, u16>, rows: Range<u32>, target: &mut [u16]) {
        self.exact.rows(source, rows, target);
    }

    fn rows_f32(&self, source: View<'_, f32>, rows: Range<u32>, target: &mut [f32]) {
        self.exact.rows(source, rows, target);
    }
}

struct SurfaceMean {
    radius: i32,
    falloff: f32,
}

impl AreaFilter for SurfaceMean {
    fn halo(&self) -> u32 {
        self.radius as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        let layout = source.layout();
        let mut averages = [(); 2].map(|()| [(); 3].map(|()| Vec::new()));
        each_tile(source, rows, target, AreaFilter::halo(self) as usize, |tile, rows| {
            averages.as_flattened_mut().iter_mut().for_each(|row| row.resize(tile.width + BLOCK, 0.0));
            for plane in tile.colours.iter_mut().take(layout.colours()) {
                straighten(plane, &tile.luma, &tile.alpha, self.falloff);
            }
            for row in (0..tile.height).step_by(2) {
                for channel in 0..layout.colours() {
                    let average = if layout.has_alpha() { average::<true> } else { average::<false> };
                    average(&mut averages, channel, tile, row as i32, self);
                }
                for (row, averages) in (row..tile.height).zip(&averages) {
                    let alpha = &tile.alpha[tile.offset(row as i32, 0)..];
                    rows.store(tile, row, averages, alpha, |alpha| alpha > 0.0);
                }
            }
        });
    }
}

/// Stands for NaN: too far from everything else to count.
const FAR: f32 = 1e30;

/// Takes the weight of alpha away again and multiplies by the falloff.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn straighten(plane: &mut [f32], luma: &[f32], alpha: &[f32], falloff: f32) {
    for ((v, luma), alpha) in plane.iter_mut().zip(luma).zip(alpha) {
        let share = if *alpha > 0.0 { falloff / alpha } else { 0.0 };
        *v = if luma.is_finite() { *v * share } else { FAR };
    }
}

/// Two rows of a channel, so that what is loaded serves both.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn average<const ALPHA: bool>(
    rows: &mut [[Vec<f32>; 3]; 2],
    channel: usize,
    tile: &Tile,
    row: i32,
    SurfaceMean { radius, falloff }: &SurfaceMean,
) {
    let (plane, radius) = (&tile.colours[channel], *radius);
    for left in (0..tile.width).step_by(BLOCK) {
        let [above, below] = [0, 1].map(|lower| *block(plane, tile.offset(row + lower, left as i32)));
        let (mut upper, mut lower) = ([0.0; BLOCK], [0.0; BLOCK]);
        let (mut upper_total, mut lower_total) = ([0.0; BLOCK], [0.0; BLOCK]);
        for dy in -radius..=radius + 1 {
            // the weight of what does not differ
            let most = |within| if within { 1.0 } else { f32::NEG_INFINITY };
            let (upper_most, lower_most) = (most(dy <= radius), most(dy > -radius));
            for dx in -radius..=radius {
                let at = tile.offset(row + dy, left as i32 + dx);
                let (values, alpha) = (block(plane, at), block(&tile.alpha, at));
                for i in 0..BLOCK {
                    let alpha = if ALPHA { alpha[i] } else { 1.0 };
                    let upper_weight = (upper_most - (values[i] - above[i]).abs()).max(0.0) * alpha;
                    let lower_weight = (lower_most - (values[i] - below[i]).abs()).max(0.0) * alpha;
                    upper_total[i] += upper_weight;
                    lower_total[i] += lower_weight;
                    upper[i] += upper_weight * values[i];
                    lower[i] += lower_weight * values[i];
                }
            }
        }
        let [first, second] = rows.each_mut().map(|row| &mut row[channel][left..left + BLOCK]);
        for i in 0..BLOCK {
            first[i] = upper[i] / upper_total[i] / falloff;
            second[i] = lower[i] / lower_total[i] / falloff;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, psnr, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn weights_by_hand() {
        // threshold 40: a difference of 50 has weight a half, of 100 and more none
        let result = run("surface_blur", &[("radius", "1"), ("threshold", "40")], grey8(3, &[100, 150, 255]));
        let expected = [(3.0 * (200.0 + 0.5 * 150.0) / 7.5), (3.0 * (150.0 + 50.0) / 4.5), 255.0];
        for (v, e) in bytes(&result).iter().zip(expected) {
            assert!((f64::from(*v) - e).abs() < 0.6, "{v}, not {e}");
        }
    }

    #[test]
    fn integers_are_as_good_as_floats() {
        let mut state = 3_u32;
        let levels: Vec<u8> = (0..300 * 50 * 3)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let tile = [20, 240, 90, 130, 180][(i / 3 % 300 / 17 + i / 900 / 9 * 2 + i % 3) % 5];
                if i % 1009 == 0 { 255 } else { tile + (state >> 28) as u8 }
            })
            .collect();
        let units: Vec<f32> = levels.iter().map(|v| f32::from(*v) / 255.0).collect();
        for (radius, threshold) in [("1", "0.01"), ("1", "40"), ("5", "15"), ("5", "45.3"), ("9", "100"), ("15", "255")]
        {
            let params = [("radius", radius), ("threshold", threshold)];
            let exact = run("surface_blur", &params, Raster::new(300, 50, Layout::Rgb, units.clone()));
            let fixed = run("surface_blur", &params, Raster::new(300, 50, Layout::Rgb, levels.clone()));
            let fixed: Vec<f32> = bytes(&fixed).iter().map(|v| f32::from(*v) / 255.0).collect();
            let errors = floats(&exact).iter().zip(&fixed).map(|(exact, v)| 255.0 * (exact - v).abs());
            let (most, quality) = (errors.fold(0.0, f32::max), psnr(floats(&exact), &fixed));
            // rounding to levels alone leaves 58.9 dB
            assert!(
                quality > 58.5 && most < 1.0,
                "radius {radius}, threshold {threshold}: {quality} dB, {most} levels"
            );
        }
    }

    #[test]
    fn hidden_colours_do_not_count() {
        let result =
            run("surface_blur", &[("radius", "1")], float(Layout::GreyAlpha, &[0.5, 1.0, 0.52, 0.0, 0.5, 0.5]));
        assert!((floats(&result)[0] - 0.5).abs() < 1e-6 && (floats(&result)[4] - 0.5).abs() < 1e-6);
    }
}
