//! Grain: adds the texture of photographic film.
//!
//! Algorithm: normally distributed noise on a lattice as wide as a grain, interpolated with smooth weights whose
//! squares add up to one, so that its strength is uniform; it is strongest in the midtones and vanishes in black and
//! white, as the granularity of film does (Selwyn 1935 describes its dependence on density).
//! Range: integers clip; floats outside 0–1 get no grain. Alpha: untouched. Depth: kept, computed in f32. Edges:
//! none; each pixel depends only on itself and its position: grain is the same in every strip, and in a preview at
//! the same position.

use multiversion::multiversion;

use crate::kernel::colour::{luma, mix, unit};
use crate::kernel::position::{hash, normal};
use crate::{Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{integer, number, parameters, toggle};

parameters! {
    pub(crate) struct Grain {
        amount: f32 = number("Amount", "Strength; 0 changes nothing", "%", (0.0, 100.0), 25.0),
        size: f32 = number("Size", "Width of a grain in pixels of the full picture", "px", (1.0, 20.0), 1.5)
            .step(0.1)
            .logarithmic(),
        monochrome: bool = toggle(
            "Monochrome",
            "The same grain in all channels, as black-and-white film has it",
            true,
        ),
        seed: u32 = integer("Seed", "Another number gives another pattern", "", (0, 9999), 0),
    }
}

impl Filter for Grain {
    const TITLE: &'static str = "Grain";
    const HELP: &'static str = "Adds the texture of film, most of it in the middle tones";
    const EXAMPLE: Example = Example::of(&[("amount", "60")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let strength = self.amount / 100.0 * STRONGEST;
        if strength == 0.0 {
            return Ok(Operation::Identity);
        }
        Ok(Operation::point(FilmGrain {
            strength,
            per_pixel: 1.0 / (self.size * context.scale),
            monochrome: self.monochrome,
            seed: self.seed,
        }))
    }
}

/// Standard deviation of the strongest grain in middle grey.
const STRONGEST: f32 = 0.2;

struct FilmGrain {
    strength: f32,
    /// Grains per pixel.
    per_pixel: f32,
    monochrome: bool,
    seed: u32,
}

/// Cubic from 0 to 1, flat at both ends.
#[inline(always)]
fn smooth(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// The variance that is left of two values of variance 1, mixed.
#[inline(always)]
fn variance(share: f32) -> f32 {
    share * share + (1.0 - share) * (1.0 - share)
}

impl FilmGrain {
    /// The noise of a row into `noise`, of variance 1: between grains at the corners of a lattice.
    fn row(&self, y: u32, channel: u32, noise: &mut [f32]) {
        let seed = self.seed * 3 + channel;
        let at = y as f32 * self.per_pixel;
        let (above, share) = (at.floor(), smooth(at - at.floor()));
        let columns = (noise.len() as f32 * self.per_pixel) as u32 + 2;
        // rows first: the corners of a row are those of many pixels
        let mut corners = vec![0.0; columns as usize];
        mix_corners(&mut corners, above as u32, share, seed);
        mix_pixels(noise, &corners, self.per_pixel, 1.0 / variance(share).sqrt());
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn mix_corners(corners: &mut [f32], above: u32, share: f32, seed: u32) {
    for (x, corner) in (0..).zip(corners) {
        *corner = mix(normal(hash(x, above, seed)), normal(hash(x, above + 1, seed)), share);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn mix_pixels(noise: &mut [f32], corners: &[f32], per_pixel: f32, scale: f32) {
    let last = corners.len() - 2;
    for (x, v) in (0_u32..).zip(noise) {
        let at = x as f32 * per_pixel;
        let column = (at as u32 as usize).min(last);
        let right = smooth(at - column as f32);
        *v = mix(corners[column], corners[column + 1], right) * scale / variance(right).sqrt();
    }
}

impl Point for FilmGrain {
    fn apply(&self, strip: &mut Strip<'_>) {
        let mut tones = Vec::new();
        let mut noise = vec![0.0; strip.width as usize];
        for (y, row) in strip.rows() {
            tones.clear();
            match strip.planes() {
                [red, green, blue] => tones.extend(row.clone().map(|i| luma([red[i], green[i], blue[i]]))),
                planes => tones.extend_from_slice(&planes[0][row.clone()]),
            }
            for (channel, plane) in (0..).zip(strip.planes()) {
                if channel == 0 || !self.monochrome {
                    self.row(y, channel, &mut noise);
                }
                add(&mut plane[row.clone()], &noise, &tones, self.strength);
            }
        }
    }
}

/// Adds noise that is strongest in middle tones.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn add(row: &mut [f32], noise: &[f32], tones: &[f32], strength: f32) {
    for ((v, noise), tone) in row.iter_mut().zip(noise).zip(tones) {
        let tone = unit(*tone);
        *v += strength * (4.0 * tone * (1.0 - tone)).sqrt() * noise;
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, floats, run};
    use crate::{FilterContext, Operation, Params, Planes, Strip, find};
    use lightloom_picture::{Depth, Layout, Raster, Shape};

    #[test]
    fn as_strong_as_asked_in_middle_grey_and_absent_at_the_ends() {
        for size in ["1", "1.5", "6"] {
            let params = [("amount", "50"), ("size", size)];
            let grey = Raster::new(300, 300, Layout::Grey, vec![0.5_f32; 90_000]);
            let result = run("grain", &params, grey);
            let after = floats(&result);
            let mean = after.iter().map(|v| f64::from(*v)).sum::<f64>() / 90_000.0;
            let deviation = (after.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / 90_000.0).sqrt();
            assert!((mean - 0.5).abs() < 0.01 && (deviation - 0.1).abs() < 0.006, "{size}: {mean} ± {deviation}");
        }
        let ends = Raster::new(2, 1, Layout::Grey, vec![0_u8, 255]);
        assert_eq!(bytes(&run("grain", &[("amount", "100")], ends)), [0, 255]);
    }

    #[test]
    fn monochrome_grain_is_equal_in_all_channels() {
        let grey = Raster::new(50, 1, Layout::Rgb, vec![0.5_f32; 150]);
        for (monochrome, alike) in [("true", true), ("false", false)] {
            let result = run("grain", &[("monochrome", monochrome)], grey.clone());
            assert_eq!(floats(&result).chunks(3).all(|p| p[0] == p[1] && p[1] == p[2]), alike);
        }
    }

    #[test]
    fn a_preview_shows_the_grain_of_the_same_place() {
        let at = |scale: f32, x: usize| {
            let shape = Shape { width: 64, height: 1, layout: Layout::Grey, depth: Depth::F32 };
            let mut params = Params::defaults(find("grain").unwrap());
            params.set_text("size", "8").unwrap();
            let Operation::Points(points) = params.compile(&FilterContext { shape, scale }).unwrap() else {
                panic!("points")
            };
            let mut planes = Planes::default();
            planes.load(&[0.5_f32; 64], Layout::Grey);
            points[0].apply(&mut Strip::new(&mut planes, 64, 0));
            planes.all()[0][x]
        };
        assert_eq!(at(1.0, 36), at(0.25, 9));
    }
}
