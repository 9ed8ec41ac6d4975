//! Grain: the texture of photographic film.
//!
//! Algorithm: normally distributed noise on a lattice as wide as a grain, interpolated with smooth weights whose squares
//! sum to one, so that its strength is the same everywhere; it is strongest in the middle tones and vanishes in black and
//! white, as the granularity of film does (Selwyn 1935 describes its dependence on density).
//! Range: integers clip; floats beyond 0–1 get no grain. Alpha: untouched. Depth: kept, computed in f32. Edges: none, each
//! pixel for itself and its place: the same in every strip, and in a preview at the same place of the picture.

use super::curve::each_rgb_at;
use super::histogram::luma;
use super::position::{hash, normal};
use super::{Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params, Point, Strip};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "grain",
    title: "Grain",
    group: Group::Effects,
    help: "Adds the texture of film, most of it in the middle tones",
    version: 1,
    params: &[
        ParamSpec {
            key: "amount",
            label: "Amount",
            help: "Strength; 0 changes nothing",
            unit: "%",
            kind: ParamKind::Number { min: 0.0, max: 100.0, default: 25.0, step: 1.0, logarithmic: false },
        },
        ParamSpec {
            key: "size",
            label: "Size",
            help: "Width of a grain in pixels of the full picture",
            unit: "px",
            kind: ParamKind::Number { min: 1.0, max: 20.0, default: 1.5, step: 0.1, logarithmic: true },
        },
        ParamSpec {
            key: "monochrome",
            label: "Monochrome",
            help: "The same grain in all channels, as black-and-white film has it",
            unit: "",
            kind: ParamKind::Toggle { default: true },
        },
        ParamSpec {
            key: "seed",
            label: "Seed",
            help: "Another number gives another pattern",
            unit: "",
            kind: ParamKind::Integer { min: 0, max: 9999, default: 0, logarithmic: false },
        },
    ],
    example: Example::of(&[("amount", "60")]),
    compile,
};

/// Standard deviation of the strongest grain in middle grey.
const STRONGEST: f32 = 0.2;

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let strength = params.number("amount") / 100.0 * STRONGEST;
    if strength == 0.0 {
        return Ok(Operation::Identity);
    }
    Ok(Operation::point(Grain {
        strength,
        per_pixel: 1.0 / (params.number("size") * frame.scale),
        monochrome: params.toggle("monochrome"),
        seed: params.integer("seed") as u32,
    }))
}

struct Grain {
    strength: f32,
    /// Grains a pixel.
    per_pixel: f32,
    monochrome: bool,
    seed: u32,
}

impl Grain {
    #[inline(always)]
    fn noise(&self, x: u32, y: u32, channel: u32) -> f32 {
        let (u, v) = (x as f32 * self.per_pixel, y as f32 * self.per_pixel);
        let (column, row) = (u.floor(), v.floor());
        let seed = self.seed * 3 + channel;
        let at = |dx: u32, dy: u32| normal(hash(column as u32 + dx, row as u32 + dy, seed));
        let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
        let (wx, wy) = (smooth(u - column), smooth(v - row));
        let sum = (1.0 - wy) * ((1.0 - wx) * at(0, 0) + wx * at(1, 0)) + wy * ((1.0 - wx) * at(0, 1) + wx * at(1, 1));
        let squares = |w: f32| w * w + (1.0 - w) * (1.0 - w);
        sum / (squares(wx) * squares(wy)).sqrt()
    }
}

impl Point for Grain {
    fn apply(&self, strip: &mut Strip<'_>) {
        let colours = strip.colours();
        each_rgb_at(strip, |rgb, x, y| {
            let tone = luma(rgb).clamp(0.0, 1.0);
            let strength = self.strength * (4.0 * tone * (1.0 - tone)).sqrt();
            if self.monochrome || colours == 1 {
                let noise = strength * self.noise(x, y, 0);
                rgb.map(|v| v + noise)
            } else {
                let [r, g, b] = rgb;
                [0, 1, 2].map(|c| [r, g, b][c as usize] + strength * self.noise(x, y, c))
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bytes, floats, run};
    use super::super::{Frame, Operation, Params, Planes, Strip, find};
    use crate::picture::{Depth, Layout, Raster, Shape};

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
    fn monochrome_grain_is_alike_in_all_channels() {
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
            let Operation::Point(point) = params.compile(&Frame { shape, scale }).unwrap() else { panic!("a point") };
            let mut planes = Planes::default();
            planes.load(&[0.5_f32; 64], Layout::Grey);
            point.apply(&mut Strip::new(&mut planes, 64, 0));
            planes.all()[0][x]
        };
        assert_eq!(at(1.0, 36), at(0.25, 9));
    }
}
