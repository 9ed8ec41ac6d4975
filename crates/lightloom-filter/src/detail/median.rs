//! Median: removes specks and keeps edges.
//!
//! Algorithm: the middle value of a square (Tukey 1971), each channel separately. Four algorithms give the same
//! result: 8-bit opaque pictures use a sorting network for squares of 3 and 5 pixels (`median_network`), counting for
//! those of up to 15 (`median_counts`) and histograms of columns for larger ones (`median_histogram`); everything
//! else uses a moving histogram of ranks (`median_ranks`).
//! Range, depth: kept, values are only moved. Alpha: has its own median; fully transparent neighbours do not count
//! for colours, which are black where no neighbour counts. Edges: the nearest pixel is repeated.

use crate::kernel::median::MedianFilter;
use crate::{Example, Filter, FilterContext, Operation, Scene, Unfit};
use lightloom_param::{integer, parameters};

parameters! {
    pub(crate) struct Median {
        radius: u32 = integer(
            "Radius",
            "Half the square's side in pixels of the full picture: 1 looks at 3 × 3; 0 changes nothing",
            "px",
            (0, 40),
            1,
        ),
    }
}

impl Filter for Median {
    const TITLE: &'static str = "Median";
    const HELP: &'static str = "Removes specks and salt-and-pepper noise and keeps edges";
    const EXAMPLE: Example = Example::on(Scene::Noisy, &[("radius", "2")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let radius = (self.radius as f32 * context.scale).round() as usize;
        Ok(if radius == 0 { Operation::Identity } else { Operation::Area(Box::new(MedianFilter::new(radius))) })
    }
}

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
    fn every_algorithm_returns_the_median() {
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
