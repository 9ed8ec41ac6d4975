//! The smallest and largest value around each pixel: what eroding and dilating share.
//!
//! Algorithm: flat grey-scale morphology (Serra 1982). A run of any length is the minimum of two runs that are powers of
//! two long, which double from one pixel (van Droogenbroeck and Talbot 1996 name the idea), so the cost of a row grows
//! with the logarithm of its length. A square takes the columns first; a disc joins runs of different lengths.

use std::ops::Range;

use multiversion::multiversion;

use super::rows::rounded;
use super::window::each_straight_row;
use super::{AreaFilter, Frame, Operation, ParamKind, ParamSpec, Params};
use crate::picture::{Raster, Sample};

/// The parameters of both filters.
pub(super) static PARAMS: [ParamSpec; 2] = [
    ParamSpec {
        key: "radius",
        label: "Radius",
        help: "Reach in pixels of the full picture; 0 changes nothing",
        unit: "px",
        kind: ParamKind::Integer { min: 0, max: 50, default: 1, logarithmic: false },
    },
    ParamSpec {
        key: "shape",
        label: "Shape",
        help: "Form of the neighbourhood that counts",
        unit: "",
        kind: ParamKind::Choice { options: &["square", "disc"], default: "square" },
    },
];

/// Compiles erosion, or dilation where `largest`.
pub(super) fn compiled(params: &Params, frame: &Frame, largest: bool) -> Operation {
    let radius = (params.integer("radius") as f32 * frame.scale).round() as usize;
    if radius == 0 {
        return Operation::Identity;
    }
    let runs = match params.choice("shape") {
        "disc" => {
            let half = |dy: i32| ((radius * radius) as f32 - (dy * dy) as f32).sqrt() as usize;
            Some((-(radius as i32)..=radius as i32).map(half).collect())
        }
        _ => None,
    };
    Operation::area(Morphology { radius, runs, sign: if largest { -1.0 } else { 1.0 } })
}

struct Morphology {
    radius: usize,
    /// Half lengths of the runs of a disc, from the uppermost row on.
    runs: Option<Vec<usize>>,
    /// 1 to find the smallest value, −1 to find the largest as the smallest negative.
    sign: f32,
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx2", "aarch64+neon"))]
fn take_smaller(to: &mut [f32], from: &[f32], sign: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        let v = sign * from;
        *to = if v < *to { v } else { *to };
    }
}

/// Makes each sample the smallest of `run` pixels from itself on.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx2", "aarch64+neon"))]
fn smallest_of_run(row: &mut [f32], run: usize, channels: usize) {
    let mut length = 1;
    while length < run {
        let step = length.min(run - length) * channels;
        for i in 0..row.len().saturating_sub(step) {
            let v = row[i + step];
            row[i] = if v < row[i] { v } else { row[i] };
        }
        length += step / channels;
    }
}

impl AreaFilter for Morphology {
    fn halo(&self) -> u32 {
        self.radius as u32
    }

    fn rows<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
        let (first, stride, layout) = (rows.start, source.stride(), source.layout());
        let (channels, radius) = (layout.channels(), self.radius);
        let pad = radius * channels;
        let mut found = vec![0.0; pad + stride + pad];
        let mut run = found.clone();
        let mut result = vec![0.0; stride];
        let hide = |row: &mut [f32]| {
            // hidden colours do not count: they lose against any other
            if layout.has_alpha() {
                for pixel in row.chunks_exact_mut(channels).filter(|pixel| pixel[channels - 1] == 0.0 * self.sign) {
                    pixel[..channels - 1].fill(f32::INFINITY);
                }
            }
        };
        each_straight_row(source, rows, radius, |y, window| {
            found.fill(f32::INFINITY);
            for dy in -(radius as i32)..=radius as i32 {
                run.fill(f32::INFINITY);
                take_smaller(&mut run, window.with_margin(dy, radius), self.sign);
                hide(&mut run);
                match &self.runs {
                    None => take_smaller(&mut found, &run, 1.0),
                    Some(runs) => {
                        let half = runs[(dy + radius as i32) as usize];
                        smallest_of_run(&mut run, 2 * half + 1, channels);
                        // the run that begins `half` pixels to the left of a pixel is centred on it
                        take_smaller(&mut found[..stride], &run[pad - half * channels..], 1.0);
                    }
                }
            }
            if self.runs.is_none() {
                smallest_of_run(&mut found, 2 * radius + 1, channels);
            }
            for (result, v) in result.iter_mut().zip(&found) {
                *result = if layout.has_alpha() && *v == f32::INFINITY { 0.0 } else { self.sign * v };
            }
            rounded(&mut target[(y - first) as usize * stride..][..stride], &result);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bytes, float, floats, grey8, run};
    use crate::picture::Layout;

    #[test]
    fn extremes_of_squares_and_discs() {
        let source: Vec<u8> = (0..221_u32).map(|i| (i * i * 7 % 251) as u8).collect();
        for (shape, text, radius) in [("square", "1", 1_i64), ("square", "5", 5), ("disc", "1", 1), ("disc", "6", 6)] {
            let params = [("radius", text), ("shape", shape)];
            let (low, high) = (run("erode", &params, grey8(17, &source)), run("dilate", &params, grey8(17, &source)));
            for i in 0..221 {
                let (x, y) = (i % 17, i / 17);
                let around = (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dx, dy)));
                let inside = around.filter(|(dx, dy)| shape == "square" || dx * dx + dy * dy <= radius * radius);
                let values: Vec<u8> = inside
                    .map(|(dx, dy)| source[((y + dy).clamp(0, 12) * 17 + (x + dx).clamp(0, 16)) as usize])
                    .collect();
                assert_eq!(Some(&bytes(&low)[i as usize]), values.iter().min(), "{params:?} at {x}, {y}");
                assert_eq!(Some(&bytes(&high)[i as usize]), values.iter().max(), "{params:?} at {x}, {y}");
            }
        }
    }

    #[test]
    fn hidden_colours_do_not_count() {
        let source = [0.9, 0.0, 0.5, 1.0, 0.1, 0.0, 0.2, 0.0];
        for filter in ["erode", "dilate"] {
            let result = run(filter, &[], float(Layout::GreyAlpha, &source));
            let colours: Vec<f32> = floats(&result).iter().step_by(2).copied().collect();
            assert_eq!(colours, [0.5, 0.5, 0.5, 0.0], "{filter}");
        }
    }
}
