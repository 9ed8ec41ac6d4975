//! Median: removes specks and keeps edges.
//!
//! Algorithm: the middle value of a square (Tukey 1971), each channel for itself. Four ways to the same result: 8-bit
//! opaque pictures use a sorting network for squares of 3 and 5 pixels (`median_network`), counting for those of up to 15
//! (`median_counts`) and histograms of columns for larger ones (`median_histogram`); everything else a moving histogram
//! over ranks (`median_ranks`).
//! Range, depth: kept, values are only moved. Alpha: a median of its own; fully transparent neighbours do not count for
//! colours, which are black where no neighbour does. Edges: the nearest pixel is repeated.

use std::ops::Range;

use crate::kernel::scratch::Pool;
use crate::kernel::{median_counts, median_histogram, median_network, median_ranks};
use crate::{AreaOf, Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params, Scene};
use lightloom_picture::{Raster, Sample};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "median",
    title: "Median",
    group: Group::Detail,
    help: "Removes specks and salt-and-pepper noise and keeps edges",
    version: 1,
    params: &[ParamSpec {
        key: "radius",
        label: "Radius",
        help: "Half the square's side in pixels of the full picture: 1 looks at 3 × 3; 0 changes nothing",
        unit: "px",
        kind: ParamKind::Integer { min: 0, max: 40, default: 1, logarithmic: false },
    }],
    conditions: &[],
    example: Example::on(Scene::Noisy, &[("radius", "2")]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let radius = (params.integer("radius") as f32 * frame.scale).round() as usize;
    Ok(if radius == 0 { Operation::Identity } else { Operation::Area(Box::new(Median::new(radius))) })
}

/// Also the first half of dust and scratches.
pub(crate) struct Median {
    radius: usize,
    memory: Pool<median_counts::Memory>,
}

impl Median {
    /// Of squares that reach `radius` pixels to each side.
    pub(crate) fn new(radius: usize) -> Self {
        Self { radius, memory: Pool::default() }
    }
}

impl<S: Ranked> AreaOf<S> for Median {
    fn halo(&self) -> u32 {
        self.radius as u32
    }

    fn rows(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
        S::medians(self, source, rows, target);
    }
}

/// Samples and the quickest way to their medians.
pub(crate) trait Ranked: Sample {
    fn medians(of: &Median, source: &Raster<Self>, rows: Range<u32>, target: &mut [Self]) {
        median_ranks::rows(source, rows, target, of.radius);
    }
}

impl Ranked for u8 {
    fn medians(of: &Median, source: &Raster<Self>, rows: Range<u32>, target: &mut [Self]) {
        match of.radius {
            _ if source.layout().has_alpha() => median_ranks::rows(source, rows, target, of.radius),
            1 => median_network::three(source, rows, target),
            2 => median_network::five(source, rows, target),
            radius @ ..=median_counts::MOST => {
                of.memory.lend(|memory| median_counts::rows(memory, source, rows, target, radius));
            }
            radius => median_histogram::rows(source, rows, target, radius),
        }
    }
}

impl Ranked for u16 {}

impl Ranked for f32 {}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, run};
    use lightloom_picture::{Layout, Pixels, Raster};

    /// Plain sorting.
    fn expected(source: &[u8], width: i64, height: i64, channels: i64, radius: i64) -> Vec<u8> {
        let mut result = Vec::new();
        for i in 0..source.len() as i64 {
            let (c, x, y) = (i % channels, i / channels % width, i / channels / width);
            let around = (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dx, dy)));
            let place = |(dx, dy): (i64, i64)| {
                ((y + dy).clamp(0, height - 1) * width + (x + dx).clamp(0, width - 1)) * channels + c
            };
            let mut values: Vec<u8> = around.map(|d| source[place(d) as usize]).collect();
            values.sort_unstable();
            result.push(values[values.len() / 2]);
        }
        result
    }

    #[test]
    fn every_way_gives_the_middle_value() {
        let mut state = 7_u32;
        let sizes = [(90, 41, Layout::Rgb), (3, 2, Layout::Rgb), (150, 12, Layout::Grey), (540, 5, Layout::Rgb)];
        for (width, height, layout) in sizes {
            let channels = layout.channels() as i64;
            let source: Vec<u8> = (0..width * height * channels)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
                .collect();
            let raster = Raster::new(width as u32, height as u32, layout, source.clone());
            for (text, radius) in [("1", 1), ("2", 2), ("3", 3), ("5", 5), ("7", 7), ("8", 8), ("16", 16)] {
                let expected = expected(&source, width, height, channels, radius);
                let params = [("radius", text)];
                assert!(bytes(&run("median", &params, raster.clone())) == expected, "radius {text} of {layout:?}");
                let deep = Pixels::from(raster.clone()).into_depth(lightloom_picture::Depth::U16);
                let back = run("median", &params, deep).into_depth(lightloom_picture::Depth::U8);
                assert!(bytes(&back) == expected, "radius {text} of {layout:?} in 16 bits");
            }
        }
    }

    #[test]
    fn hidden_colours_do_not_count() {
        let source = [0.9, 0.0, 0.5, 1.0, 0.1, 0.0, 0.2, 0.0, 0.3, 0.0];
        let result = run("median", &[], float(Layout::GreyAlpha, &source));
        let expected = [0.5, 0.0, 0.5, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(floats(&result), expected);
    }
}
