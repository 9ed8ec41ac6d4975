//! Oil paint: strokes of even colour with crisp borders.
//!
//! Algorithm: Kuwahara filter (Kuwahara and others 1976). Of the four squares that have the pixel as a corner, the one
//! whose luma varies least gives its average.
//! Range: averages, so nothing leaves the range of the source. Alpha: untouched; pixels count by theirs. Depth: kept,
//! computed in f32 and rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use multiversion::multiversion;

use super::tile::{Tile, each_tile};
use super::{AreaFilter, Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params};
use crate::picture::{Raster, Sample};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "oil_paint",
    title: "Oil paint",
    group: Group::Effects,
    help: "Turns details into strokes of even colour",
    version: 1,
    params: &[ParamSpec {
        key: "radius",
        label: "Radius",
        help: "Reach of a stroke in pixels of the full picture; 0 changes nothing",
        unit: "px",
        kind: ParamKind::Integer { min: 0, max: 30, default: 5, logarithmic: false },
    }],
    example: Example::of(&[("radius", "3")]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let radius = (params.integer("radius") as f32 * frame.scale).round() as usize;
    Ok(if radius == 0 { Operation::Identity } else { Operation::area(OilPaint { radius }) })
}

struct OilPaint {
    radius: usize,
}

/// Sums over squares whose upper left corners are the pixels of a tile and `radius` more above and to the left.
fn sums_of_squares(plane: &[f32], tile: &Tile, radius: usize) -> Vec<f32> {
    let (width, height) = (tile.width + radius, tile.height + radius);
    let wide = width + radius;
    let mut columns = vec![0.0; wide];
    let mut sums = vec![0.0; width * height];
    for (y, sums) in sums.chunks_exact_mut(width).enumerate() {
        columns.fill(0.0);
        for dy in 0..=radius {
            let at = tile.place((y + dy) as i32 - radius as i32, -(radius as i32));
            add(&mut columns, &plane[at..at + wide]);
        }
        for dx in 0..=radius {
            add(sums, &columns[dx..dx + width]);
        }
    }
    sums
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx2", "aarch64+neon"))]
fn add(sums: &mut [f32], values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, v)| *sum += v);
}

impl AreaFilter for OilPaint {
    fn halo(&self) -> u32 {
        self.radius as u32
    }

    fn rows<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
        let (first, layout, radius) = (rows.start, source.layout(), self.radius);
        let (stride, channels, colours) = (source.stride(), layout.channels(), layout.colours());
        each_tile(source, rows, radius, |tile| {
            let weighted: Vec<f32> = tile.luma.iter().zip(&tile.alpha).map(|(l, a)| l * a).collect();
            let squared: Vec<f32> = tile.luma.iter().zip(&weighted).map(|(l, la)| l * la).collect();
            let count = sums_of_squares(&tile.alpha, tile, radius);
            let tone = sums_of_squares(&weighted, tile, radius);
            let power = sums_of_squares(&squared, tile, radius);
            let variance: Vec<f32> = (0..count.len())
                .map(|i| {
                    if count[i] > 0.0 {
                        power[i] / count[i] - (tone[i] / count[i]) * (tone[i] / count[i])
                    } else {
                        f32::MAX
                    }
                })
                .collect();
            let sums: Vec<Vec<f32>> =
                tile.colours.iter().take(colours).map(|plane| sums_of_squares(plane, tile, radius)).collect();
            let pitch = tile.width + radius;
            for row in 0..tile.height {
                let y = tile.top + row as u32;
                let to = &mut target[(y - first) as usize * stride..][..stride];
                for column in 0..tile.width {
                    // the corners in the order upper left, upper right, lower left, lower right
                    let corner = row * pitch + column;
                    let squares = [corner, corner + radius, corner + radius * pitch, corner + radius * pitch + radius];
                    let best =
                        squares.into_iter().fold(corner, |best, i| if variance[i] < variance[best] { i } else { best });
                    let at = (tile.left + column) * channels;
                    to[at..at + channels].copy_from_slice(&source.row(y)[at..at + channels]);
                    if count[best] > 0.0 {
                        for (to, sums) in to[at..at + colours].iter_mut().zip(&sums) {
                            *to = S::from_unit(sums[best] / count[best]);
                        }
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bytes, grey8, run};

    /// The definition, in whole numbers.
    fn exact(source: &[u8], width: i64, radius: i64) -> Vec<f64> {
        let height = source.len() as i64 / width;
        let mut result = Vec::new();
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let mut best = (i64::MAX, 0.0);
            for (oy, ox) in [(-radius, -radius), (-radius, 0), (0, -radius), (0, 0)] {
                let places = (0..=radius).flat_map(|dy| (0..=radius).map(move |dx| (y + oy + dy, x + ox + dx)));
                let values: Vec<i64> = places
                    .map(|(y, x)| i64::from(source[(y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize]))
                    .collect();
                let (n, sum) = (values.len() as i64, values.iter().sum::<i64>());
                let variance = n * values.iter().map(|v| v * v).sum::<i64>() - sum * sum;
                if variance < best.0 {
                    best = (variance, sum as f64 / n as f64);
                }
            }
            result.push(best.1);
        }
        result
    }

    #[test]
    fn the_calmest_square_gives_its_average() {
        let source: Vec<u8> = (0..900_u32).map(|i| (i * i * 17 % 241) as u8).collect();
        for (text, radius) in [("1", 1), ("4", 4)] {
            let result = run("oil_paint", &[("radius", text)], grey8(30, &source));
            let close =
                bytes(&result).iter().zip(exact(&source, 30, radius)).filter(|(v, e)| (f64::from(**v) - e).abs() < 0.6);
            // squares of the same variance may be taken in another order
            assert!(close.count() >= 895, "radius {text}");
        }
    }
}
