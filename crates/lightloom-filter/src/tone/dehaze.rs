//! Dehaze: removes the veil of mist or smog.
//!
//! Algorithm: dark channel prior (He, Sun and Tang 2009). Without haze, the darkest channel of the darkest pixel
//! nearby is almost black; its actual value tells how much air light covers it. The air light's colour is that of the
//! brightest among the 0.1 % of cells with the brightest dark channel. The transmission is refined by a guided filter
//! (He, Sun and Tang 2010), and (v − air) ÷ max(transmission, 0.1) + air gives the picture.
//! Range: integers clip. Alpha: untouched; colours hidden by transparency are not measured. Depth: kept, computed in
//! f32. Edges: the nearest pixel is repeated. Measured on a copy whose longer side is about 800 cells, for previews
//! too.

use multiversion::multiversion;

use crate::kernel::field::{Field, Guided};
use crate::kernel::histogram::luma;
use crate::{Example, Filter, FilterContext, Measure, Operation, Point, Scene, Stopped, Strip, Unfit, Work};
use lightloom_param::{number, parameters};
use lightloom_picture::{Pixels, Shape};

parameters! {
    pub(crate) struct Dehaze {
        amount: f32 = number(
            "Amount",
            "Share of the haze that is taken away; 0 changes nothing",
            "%",
            (0.0, 100.0),
            60.0,
        ),
    }
}

impl Filter for Dehaze {
    const TITLE: &'static str = "Dehaze";
    const HELP: &'static str = "Takes mist and smog away and brings depth back";
    const EXAMPLE: Example = Example::on(Scene::Dull, &[("amount", "90")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let amount = self.amount / 100.0;
        Ok(if amount == 0.0 { Operation::Identity } else { Operation::measured(HazeRemoval { amount }) })
    }
}

/// The longer side of the measured copy, at most twice this.
const CELLS: u32 = 800;

/// Radius of the neighbourhood in cells: 15 × 15 as in the paper.
const PATCH: usize = 7;

/// Window and edge strength of the guided filter, in cells and as a variance.
const WINDOW: usize = 30;
const EPSILON: f32 = 1e-3;

/// The least transmission that is believed.
const THICKEST: f32 = 0.1;

struct HazeRemoval {
    amount: f32,
}

fn factor(shape: Shape) -> usize {
    (shape.width.max(shape.height) / CELLS).max(1) as usize
}

/// The smallest value within `PATCH` cells along rows; twice with a transposition between for squares.
fn smallest(values: &[f32], width: usize) -> Vec<f32> {
    let mut result = vec![f32::INFINITY; values.len()];
    let mut padded = vec![f32::INFINITY; width + 2 * PATCH];
    for (row, result) in values.chunks_exact(width).zip(result.chunks_exact_mut(width)) {
        padded[PATCH..PATCH + width].copy_from_slice(row);
        (0..2 * PATCH + 1).for_each(|from| lower(result, &padded[from..]));
    }
    result
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn lower(result: &mut [f32], values: &[f32]) {
    result.iter_mut().zip(values).for_each(|(result, v)| *result = result.min(*v));
}

fn transposed(values: &[f32], width: usize) -> Vec<f32> {
    (0..width).flat_map(|x| values[x..].iter().step_by(width).copied()).collect()
}

fn dark_channel(values: &[f32], width: usize, height: usize) -> Vec<f32> {
    transposed(&smallest(&transposed(&smallest(values, width), width), height), height)
}

/// The colour of the air light.
fn air_light(field: &Field<3>, dark: &[f32]) -> [f32; 3] {
    let mut order: Vec<usize> = (0..dark.len()).collect();
    let by_haze = |a: &usize, b: &usize| dark[*b].total_cmp(&dark[*a]).then(a.cmp(b));
    let count = (dark.len() / 1000).max(1).min(order.len());
    if count < order.len() {
        order.select_nth_unstable_by(count, by_haze);
    }
    let haziest = &mut order[..count];
    haziest.sort_unstable_by(by_haze);
    let brightest = haziest.iter().max_by(|a, b| luma(field.cells[**a]).total_cmp(&luma(field.cells[**b])));
    // never so dark that dividing by it explodes
    brightest.map_or([1.0; 3], |i| field.cells[*i]).map(|v| v.max(0.05))
}

impl Measure for HazeRemoval {
    fn measure(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Box<dyn Point>, Stopped> {
        let field = Field::of(source, factor(source.shape()), work, |rgb| rgb)?;
        let darkest = |values: Vec<f32>| dark_channel(&values, field.width, field.height);
        let least = |[r, g, b]: [f32; 3]| r.min(g).min(b);
        let dark = darkest(field.cells.iter().map(|cell| least(*cell)).collect());
        let air = air_light(&field, &dark);
        if (work.stop)() {
            return Err(Stopped);
        }
        let veil = darkest(
            field.cells.iter().map(|cell| least([cell[0] / air[0], cell[1] / air[1], cell[2] / air[2]])).collect(),
        );
        let cells = field.cells.iter().zip(&veil).map(|(cell, veil)| [luma(*cell), 1.0 - self.amount * veil]).collect();
        let guide = Field { cells, width: field.width, height: field.height, factor: field.factor };
        Ok(Box::new(HazeModel { air, transmission: Guided::new(&guide, WINDOW, EPSILON, work)? }))
    }

    fn extra_bytes(&self, source: Shape) -> u64 {
        4 * Field::<4>::bytes(source.pixels(), factor(source))
    }
}

struct HazeModel {
    air: [f32; 3],
    transmission: Guided,
}

impl Point for HazeModel {
    fn apply(&self, strip: &mut Strip<'_>) {
        self.transmission.each_pixel(strip, self.air, |_, transmission| {
            let share = 1.0 / transmission.clamp(THICKEST, 1.0);
            (share, 1.0 - share)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{floats, run};
    use lightloom_picture::{Layout, Raster};

    /// A street of coloured fields with black joints, under haze that thickens from bottom to top.
    fn scene(haze: bool) -> Vec<f32> {
        let (width, height) = (240, 160);
        let mut samples = Vec::new();
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let joint = x % 12 < 2 || y % 12 < 2;
            let field = [(x / 12) % 3, (x / 12 + y / 12) % 4, (y / 12) % 5].map(|v| 0.15 * v as f32);
            let clear = if joint { [0.01; 3] } else { field };
            // the horizon is nothing but air
            let transmission = if y < 12 { 0.02 } else { 0.35 + 0.6 * y as f32 / height as f32 };
            let t = if haze { transmission } else { 1.0 };
            samples.extend([0, 1, 2].map(|c| clear[c] * t + [0.8, 0.85, 0.9][c] * (1.0 - t)));
        }
        samples
    }

    #[test]
    fn added_haze_is_removed() {
        let error = |a: &[f32], b: &[f32]| {
            let below = 3 * 240 * 24;
            let sum: f32 = a[below..].iter().zip(&b[below..]).map(|(a, b)| (a - b).abs()).sum();
            sum / (a.len() - below) as f32
        };
        let (hazy, clear) = (scene(true), scene(false));
        let result = run("dehaze", &[("amount", "95")], Raster::new(240, 160, Layout::Rgb, hazy.clone()));
        let (before, after) = (error(&hazy, &clear), error(floats(&result), &clear));
        assert!(before > 0.15 && after < 0.3 * before, "mean error from {before} to {after}");
    }
}
