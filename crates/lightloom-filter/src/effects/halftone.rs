//! Halftone: renders tones as dots of different sizes, as in print.
//!
//! Algorithm: a screen of round dots, rotated by its angle; a pixel gets ink where the spot function (2 + cos 2πu +
//! cos 2πv) ÷ 4, equalised by its distribution, is less than the ink that the tone needs, with an edge one pixel wide
//! (clustered-dot ordered dither; Ulichney, Digital Halftoning, 1987). In colour, cyan, magenta and yellow have
//! separate screens at 15°, 75° and 0° from the given angle minus 45°, as in offset printing.
//! Range: clamped to 0–1. Alpha: untouched. Depth: kept, computed in f32. Edges: none; each pixel depends only on
//! itself and its position.

use multiversion::multiversion;

use crate::kernel::each::each_rgb_at;
use crate::kernel::histogram::luma;
use crate::{Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{choice, number, parameters};
use lightloom_picture::nearest_whole;

choice! {
    enum Ink {
        Colour = "colour",
        Black = "black",
    }
}

parameters! {
    pub(crate) struct Halftone {
        size: f32 = number("Size", "Distance between dots in pixels of the full picture", "px", (3.0, 100.0), 10.0)
            .step(0.5)
            .logarithmic(),
        angle: f32 = number("Angle", "Direction of the screen; 45 is least visible", "°", (0.0, 90.0), 45.0),
        ink: Ink = choice("Ink", "Black prints luma, colour prints cyan, magenta and yellow"),
    }
}

impl Filter for Halftone {
    const TITLE: &'static str = "Halftone";
    const HELP: &'static str = "Draws tones as dots of different sizes, as newspapers print them";
    const EXAMPLE: Example = Example::of(&[("size", "5")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let size = self.size * context.scale;
        let screen = |turn: f32| {
            let (sin, cos) = (self.angle + turn).to_radians().sin_cos();
            (cos / size, sin / size)
        };
        let black = self.ink == Ink::Black || context.shape.layout.colours() == 1;
        Ok(Operation::point(HalftoneScreens {
            screens: if black { [screen(0.0); 3] } else { [screen(-30.0), screen(30.0), screen(-45.0)] },
            black,
            // the distribution rises by about four over half the distance between dots
            sharpness: (size / 4.0).max(1.0),
            distribution: distribution(),
        }))
    }
}

/// Steps in which the spot function's distribution is tabulated.
const STEPS: usize = 256;

/// The share of the plane where the spot function is below each of its values.
fn distribution() -> Box<[f32; STEPS + 1]> {
    const SIDE: usize = 128;
    let cosine: Vec<f32> = (0..SIDE).map(|i| ((i as f32 + 0.5) / SIDE as f32 * std::f32::consts::PI).cos()).collect();
    let mut counts = [0_u32; STEPS + 1];
    for (u, v) in cosine.iter().flat_map(|u| cosine.iter().map(move |v| (u, v))) {
        counts[1 + (((2.0 + u + v) * 0.25 * STEPS as f32) as usize).min(STEPS - 1)] += 1;
    }
    let mut sum = 0;
    Box::new(counts.map(|count| {
        sum += count;
        sum as f32 / (SIDE * SIDE) as f32
    }))
}

struct HalftoneScreens {
    /// For each channel, the cells that a pixel to the right goes along the screen and across.
    screens: [(f32, f32); 3],
    black: bool,
    /// Pixels over which the distribution rises from 0 to 1, about.
    sharpness: f32,
    distribution: Box<[f32; STEPS + 1]>,
}

/// Replaces tones of a row by what the paper shows: 0 is ink, 1 is paper.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn print(tones: &mut [f32], y: f32, screen: (f32, f32), sharpness: f32, distribution: &[f32; STEPS + 1]) {
    for (x, tone) in (0_u32..).zip(tones) {
        let ink = 1.0 - tone.clamp(0.0, 1.0);
        // the soft edge takes or gives nothing on the average, except at both ends, where a part of it is cut off
        let edge = 0.5 / sharpness;
        let cut = (2.0 * ink.min(1.0 - ink) / sharpness).sqrt() - edge;
        let covered = if ink > 1.0 - edge { 1.0 - cut } else { ink };
        let covered = if ink < edge { cut } else { covered };
        let spot = spot(screen, x as f32 + 0.5, y, distribution);
        *tone = ((1.0 - spot - covered) * sharpness + 0.5).clamp(0.0, 1.0);
    }
}

/// From 0 in the middle between dots to 1 in a dot's middle, evenly distributed.
#[inline(always)]
fn spot((along, across): (f32, f32), x: f32, y: f32, distribution: &[f32; STEPS + 1]) -> f32 {
    let (u, v) = (along * x + across * y, along * y - across * x);
    let waves = cosine(u - u.floor()) + cosine(v - v.floor());
    let spot = ((2.0 + waves) * 0.25 * STEPS as f32).max(0.0).min(STEPS as f32);
    let whole = spot.floor().min((STEPS - 1) as f32);
    let step = nearest_whole(whole) as usize % STEPS;
    let (below, above) = (distribution[step], distribution[step + 1]);
    below + (spot - whole) * (above - below)
}

/// cos 2πt for 0 ≤ t < 1, the same on every machine.
#[inline(always)]
fn cosine(t: f32) -> f32 {
    // a quarter of the wave by its series, the rest by symmetry
    let folded = if t > 0.5 { 1.0 - t } else { t };
    let (sign, t) = if folded > 0.25 { (-1.0, 0.5 - folded) } else { (1.0, folded) };
    let square = (std::f32::consts::TAU * t) * (std::f32::consts::TAU * t);
    sign * (1.0 - square * (0.5 - square * (1.0 / 24.0 - square * (1.0 / 720.0 - square * (1.0 / 40_320.0)))))
}

impl Point for HalftoneScreens {
    fn apply(&self, strip: &mut Strip<'_>) {
        if self.black {
            each_rgb_at(strip, |rgb, _, _| [luma(rgb); 3]);
        }
        for (y, row) in strip.rows() {
            let (first, others) = strip.planes().split_at_mut(1);
            let first = &mut first[0][row.clone()];
            print(first, y as f32 + 0.5, self.screens[0], self.sharpness, &self.distribution);
            for (plane, screen) in others.iter_mut().zip(&self.screens[1..]) {
                let plane = &mut plane[row.clone()];
                if self.black {
                    plane.copy_from_slice(first);
                } else {
                    print(plane, y as f32 + 0.5, *screen, self.sharpness, &self.distribution);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cosine;
    use crate::testing::{bytes, floats, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn as_much_ink_as_the_tone_needs() {
        for ink in ["colour", "black"] {
            for tone in [0.1_f32, 0.3, 0.5, 0.8, 0.95] {
                let flat = Raster::new(300, 300, Layout::Rgb, vec![tone; 270_000]);
                let result = run("halftone", &[("ink", ink), ("size", "12")], flat);
                let mean = floats(&result).iter().map(|v| f64::from(*v)).sum::<f64>() / 270_000.0;
                assert!((mean - f64::from(tone)).abs() < 0.03, "{ink}: {tone} became {mean}");
            }
        }
    }

    #[test]
    fn white_has_no_dots_and_black_no_holes() {
        for v in [0_u8, 255] {
            let flat = Raster::new(60, 60, Layout::Rgb, vec![v; 10_800]);
            assert!(bytes(&run("halftone", &[], flat)).iter().all(|after| *after == v));
        }
    }

    #[test]
    fn the_cosine_is_one() {
        for i in 0..1000 {
            let t = i as f32 / 1000.0;
            assert!((cosine(t) - (std::f32::consts::TAU * t).cos()).abs() < 3e-5, "{t}");
        }
    }
}
