//! Halftone: tones as dots of different sizes, as in print.
//!
//! Algorithm: a screen of round dots, turned by its angle; a pixel gets ink where the spot function
//! (2 + cos 2πu + cos 2πv) ÷ 4, made even by its distribution, is less than the ink that the tone needs, with an edge one
//! pixel wide (clustered-dot ordered dither; Ulichney, Digital Halftoning, 1987). In colour, cyan, magenta and yellow have
//! screens of their own, 15°, 75° and 0° from the angle given less 45°, as printers turn them.
//! Range: clamped to 0–1. Alpha: untouched. Depth: kept, computed in f32. Edges: none, each pixel for itself and its place.

use super::curve::each_rgb_at;
use super::histogram::luma;
use super::{Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params, Point, Strip};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "halftone",
    title: "Halftone",
    group: Group::Effects,
    help: "Draws tones as dots of different sizes, as newspapers print them",
    version: 1,
    params: &[
        ParamSpec {
            key: "size",
            label: "Size",
            help: "Distance between dots in pixels of the full picture",
            unit: "px",
            kind: ParamKind::Number { min: 3.0, max: 100.0, default: 10.0, step: 0.5, logarithmic: true },
        },
        ParamSpec {
            key: "angle",
            label: "Angle",
            help: "Direction of the screen; 45 is least visible",
            unit: "°",
            kind: ParamKind::Number { min: 0.0, max: 90.0, default: 45.0, step: 1.0, logarithmic: false },
        },
        ParamSpec {
            key: "ink",
            label: "Ink",
            help: "Black prints luma, colour prints cyan, magenta and yellow",
            unit: "",
            kind: ParamKind::Choice { options: &["colour", "black"], default: "colour" },
        },
    ],
    example: Example::of(&[("size", "5")]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let size = params.number("size") * frame.scale;
    let screen = |turn: f32| {
        let (sin, cos) = (params.number("angle") + turn).to_radians().sin_cos();
        (cos / size, sin / size)
    };
    let black = params.choice("ink") == "black" || frame.shape.layout.colours() == 1;
    Ok(Operation::point(Halftone {
        screens: if black { [screen(0.0); 3] } else { [screen(-30.0), screen(30.0), screen(-45.0)] },
        black,
        // the distribution rises by about four over half the distance between dots
        sharpness: (size / 4.0).max(1.0),
        distribution: distribution(),
    }))
}

/// Steps in which the spot function's distribution is tabulated.
const STEPS: usize = 256;

/// The share of the plane where the spot function is below each of its values.
fn distribution() -> Vec<f32> {
    const SIDE: usize = 128;
    let cosine: Vec<f32> = (0..SIDE).map(|i| ((i as f32 + 0.5) / SIDE as f32 * std::f32::consts::PI).cos()).collect();
    let mut counts = vec![0_u32; STEPS + 1];
    for (u, v) in cosine.iter().flat_map(|u| cosine.iter().map(move |v| (u, v))) {
        counts[1 + (((2.0 + u + v) * 0.25 * STEPS as f32) as usize).min(STEPS - 1)] += 1;
    }
    let mut sum = 0;
    counts
        .iter()
        .map(|count| {
            sum += count;
            sum as f32 / (SIDE * SIDE) as f32
        })
        .collect()
}

struct Halftone {
    /// For each channel, the cells that a pixel to the right goes along the screen and across.
    screens: [(f32, f32); 3],
    black: bool,
    /// Pixels over which the distribution rises from 0 to 1, about.
    sharpness: f32,
    distribution: Vec<f32>,
}

impl Halftone {
    /// From 0 in the middle between dots to 1 in a dot's middle, evenly distributed.
    fn spot(&self, screen: usize, x: u32, y: u32) -> f32 {
        let (along, across) = self.screens[screen];
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        let (u, v) = (along * x + across * y, along * y - across * x);
        let wave = |v: f32| cosine(v - v.floor());
        let spot = ((2.0 + wave(u) + wave(v)) * 0.25 * STEPS as f32).clamp(0.0, STEPS as f32);
        let step = (spot as usize).min(STEPS - 1);
        let (below, above) = (self.distribution[step], self.distribution[step + 1]);
        below + (spot - step as f32) * (above - below)
    }

    /// What the paper shows: 0 is ink, 1 is paper.
    fn print(&self, tone: f32, screen: usize, x: u32, y: u32) -> f32 {
        let ink = 1.0 - tone.clamp(0.0, 1.0);
        // the soft edge takes or gives nothing on the average, except at both ends, where a part of it is cut off
        let edge = 0.5 / self.sharpness;
        let covered = if ink < edge {
            (2.0 * ink / self.sharpness).sqrt() - edge
        } else if ink > 1.0 - edge {
            1.0 + edge - (2.0 * (1.0 - ink) / self.sharpness).sqrt()
        } else {
            ink
        };
        ((1.0 - self.spot(screen, x, y) - covered) * self.sharpness + 0.5).clamp(0.0, 1.0)
    }
}

/// cos 2πt for 0 ≤ t < 1, the same on every machine.
fn cosine(t: f32) -> f32 {
    // a quarter of the wave by its series, the rest by symmetry
    let folded = if t > 0.5 { 1.0 - t } else { t };
    let (sign, t) = if folded > 0.25 { (-1.0, 0.5 - folded) } else { (1.0, folded) };
    let square = (std::f32::consts::TAU * t) * (std::f32::consts::TAU * t);
    sign * (1.0 - square * (0.5 - square * (1.0 / 24.0 - square * (1.0 / 720.0 - square * (1.0 / 40_320.0)))))
}

impl Point for Halftone {
    fn apply(&self, strip: &mut Strip<'_>) {
        each_rgb_at(strip, |rgb, x, y| {
            if self.black {
                return [self.print(luma(rgb), 0, x, y); 3];
            }
            let [red, green, blue] = rgb;
            [self.print(red, 0, x, y), self.print(green, 1, x, y), self.print(blue, 2, x, y)]
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bytes, floats, run};
    use super::cosine;
    use crate::picture::{Layout, Raster};

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
