//! The smallest and largest value around each pixel: what eroding, dilating, opening and closing share.
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

/// The parameters of all four filters.
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
    Morphology::new(params, frame, largest).map_or(Operation::Identity, Operation::area)
}

/// Compiles opening, or closing where the `largest` value comes first.
pub(super) fn compiled_pair(params: &Params, frame: &Frame, largest: bool) -> Operation {
    let [first, second] = [largest, !largest].map(|largest| Morphology::new(params, frame, largest));
    first.zip(second).map_or(Operation::Identity, |(first, second)| Operation::area(Pair { first, second }))
}

/// The smallest or largest value in a neighbourhood.
struct Morphology {
    radius: usize,
    /// Half lengths of the runs of a disc, from the uppermost row on.
    runs: Option<Vec<usize>>,
    /// 1 to find the smallest value, −1 to find the largest as the smallest negative.
    sign: f32,
}

impl Morphology {
    /// `None` where each pixel is its own neighbourhood.
    fn new(params: &Params, frame: &Frame, largest: bool) -> Option<Self> {
        let radius = (params.integer("radius") as f32 * frame.scale).round() as usize;
        if radius == 0 {
            return None;
        }
        let half = |dy: i32| ((radius * radius) as f32 - (dy * dy) as f32).sqrt() as usize;
        let runs = (params.choice("shape") == "disc").then(|| (-(radius as i32)..=radius as i32).map(half).collect());
        Some(Self { radius, runs, sign: if largest { -1.0 } else { 1.0 } })
    }
}

/// One after the other.
struct Pair {
    first: Morphology,
    second: Morphology,
}

impl AreaFilter for Pair {
    fn halo(&self) -> u32 {
        self.first.halo() + self.second.halo()
    }

    fn rows<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
        if rows.is_empty() {
            return;
        }
        // the rows in between that the second sees; beyond the picture's own edges it repeats them
        let reach = self.second.halo();
        let seen = rows.start.saturating_sub(reach)..rows.end.saturating_add(reach).min(source.height());
        let mut between = vec![S::default(); seen.len() * source.stride()];
        self.first.rows(source, seen.clone(), &mut between);
        let between = Raster::new(source.width(), seen.end - seen.start, source.layout(), between);
        self.second.rows(&between, rows.start - seen.start..rows.end - seen.start, target);
    }
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
    fn opening_and_closing_remove_specks_and_keep_sizes() {
        // a speck of one pixel and a block of four by four, seen in rows of ten
        let picture = |ground: u8, mark: u8| -> Vec<u8> {
            let is_mark = |x: usize, y: usize| (x, y) == (2, 2) || ((4..8).contains(&x) && (3..7).contains(&y));
            (0..100).map(|i| if is_mark(i % 10, i / 10) { mark } else { ground }).collect()
        };
        for (filter, ground, mark) in [("opening", 20, 220), ("closing", 220, 20)] {
            let mut expected = picture(ground, mark);
            expected[22] = ground;
            let result = run(filter, &[], grey8(10, &picture(ground, mark)));
            assert_eq!(bytes(&result), expected, "{filter}");
            // what is wider than the shape is nothing to the other
            let other = if filter == "opening" { "closing" } else { "opening" };
            assert_eq!(bytes(&run(other, &[], grey8(10, &picture(ground, mark)))), picture(ground, mark), "{other}");
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
