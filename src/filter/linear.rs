//! Averages in linear light: what blurs and resizing share where that is asked for.
//!
//! Encoded sRGB values are not proportional to light, so their mean is darker than what an eye or a lens sees of a fine
//! pattern: black and white pixels in turn are 50 % of the light, which is level 188, and not level 128. Area filters are
//! wrapped: they see the rows in reach as floats in linear light, and what they give is encoded again.

use std::array;
use std::ops::Range;
use std::sync::LazyLock;

use super::{AreaFilter, Operation, ParamSpec};
use crate::picture::{Depth, Layout, Raster, Sample, linear_to_srgb, srgb_to_linear};

/// The parameter of all of them.
pub(super) const PARAM: ParamSpec = ParamSpec::toggle(
    "linear",
    "Linear light",
    "Averages light as a lens does, so that fine bright patterns do not darken; else encoded values, as most editors do",
    false,
);

/// An area operation, on linear light where that is asked for.
pub(super) fn area(filter: impl AreaFilter + 'static, linear: bool) -> Operation {
    if linear { Operation::area(InLinearLight(filter)) } else { Operation::area(filter) }
}

/// A filter that sees linear light.
pub(super) struct InLinearLight<F>(F);

impl<F: AreaFilter> AreaFilter for InLinearLight<F> {
    fn halo(&self) -> u32 {
        self.0.halo()
    }

    fn rows<S: Sample>(&self, source: &Raster<S>, rows: Range<u32>, target: &mut [S]) {
        let (stride, layout) = (source.stride(), source.layout());
        if rows.is_empty() || stride == 0 {
            return;
        }
        let reach = self.0.halo();
        let seen = rows.start.saturating_sub(reach)..rows.end.saturating_add(reach).min(source.height());
        let mut light = vec![0.0; seen.len() * stride];
        for (y, to) in seen.clone().zip(light.chunks_exact_mut(stride)) {
            to_light(to, source.row(y), layout);
        }
        let light = Raster::new(source.width(), seen.end - seen.start, layout, light);
        let mut result = vec![0.0; rows.len() * stride];
        self.0.rows(&light, rows.start - seen.start..rows.end - seen.start, &mut result);
        to_encoded(&mut result, layout);
        target.iter_mut().zip(&result).for_each(|(to, v)| *to = S::from_unit(*v));
    }
}

/// Linear light of all 8-bit levels.
static LEVELS: LazyLock<[f32; 256]> = LazyLock::new(|| array::from_fn(|level| srgb_to_linear(level as f32 / 255.0)));

/// Samples of a row in linear light, straight alpha as it is.
pub(super) fn to_light<S: Sample>(to: &mut [f32], from: &[S], layout: Layout) {
    let channels = layout.channels();
    if S::DEPTH == Depth::U8 {
        let levels = &*LEVELS;
        to.iter_mut().zip(from).for_each(|(to, from)| *to = levels[(from.to_unit() * 255.0 + 0.5) as u8 as usize]);
    } else {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = srgb_to_linear(from.to_unit()));
    }
    if layout.has_alpha() {
        let alphas = to.iter_mut().zip(from).skip(channels - 1).step_by(channels);
        alphas.for_each(|(to, from)| *to = from.to_unit());
    }
}

/// Cells of the table from linear light; so many that a chord strays from the function by a sixth of a 16-bit level.
const CELLS: usize = 16_384;

static ENCODED: LazyLock<Vec<f32>> =
    LazyLock::new(|| (0..=CELLS).map(|i| linear_to_srgb(i as f32 / CELLS as f32)).collect());

/// Samples in linear light become encoded ones; straight alpha stays.
pub(super) fn to_encoded(samples: &mut [f32], layout: Layout) {
    let table = &ENCODED[..=CELLS];
    let encoded = |v: f32| {
        let at = v * CELLS as f32;
        // outside the table, and where there is no number
        if !(at >= 0.0 && at < CELLS as f32) {
            return linear_to_srgb(v);
        }
        let cell = (at as usize).min(CELLS - 1);
        table[cell] + (table[cell + 1] - table[cell]) * (at - cell as f32)
    };
    let (channels, colours) = (layout.channels(), layout.colours());
    for pixel in samples.chunks_exact_mut(channels) {
        pixel[..colours].iter_mut().for_each(|v| *v = encoded(*v));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bytes, float, floats, grey8, run};
    use super::*;
    use crate::picture::Pixels;

    /// Black and white pixels in turn.
    fn checkerboard(side: u32) -> Pixels {
        grey8(
            side,
            &(0..side * side)
                .map(|i| if (i % side + i / side).is_multiple_of(2) { 0 } else { 255 })
                .collect::<Vec<_>>(),
        )
    }

    /// What filters make of a picture's middle.
    const FILTERS: [(&str, &[(&str, &str)]); 4] = [
        ("resize", &[("mode", "percent"), ("percent", "50")]),
        ("gaussian_blur", &[("sigma", "3")]),
        ("box_blur", &[("radius", "30")]),
        ("motion_blur", &[("length", "20"), ("angle", "0")]),
    ];

    #[test]
    fn a_fine_pattern_is_half_the_light_or_half_the_value() {
        for (filter, params) in FILTERS {
            for (linear, expected) in [("true", 187.5_f32), ("false", 127.5)] {
                let params = [params, &[("linear", linear)]].concat();
                let result = run(filter, &params, checkerboard(64));
                let middle = (result.height() / 2 * result.width() + result.width() / 2) as usize;
                let v = f32::from(bytes(&result)[middle]);
                assert!((v - expected).abs() <= 1.0, "{filter} linear {linear}: {v}, not {expected}");
            }
        }
    }

    #[test]
    fn hidden_colours_leave_no_halo() {
        // opaque grey on the left, invisible green on the right
        let samples: Vec<f32> =
            (0..60 * 60).flat_map(|i| if i % 60 < 31 { [0.3, 0.3, 0.3, 1.0] } else { [0.0, 1.0, 0.0, 0.0] }).collect();
        let picture = Raster::new(60, 60, Layout::Rgba, samples);
        for (filter, params) in FILTERS {
            for (linear, depth) in
                [("true", Depth::F32), ("false", Depth::F32), ("true", Depth::U8), ("false", Depth::U8)]
            {
                let params = [params, &[("linear", linear)]].concat();
                let source = Pixels::from(picture.clone()).into_depth(depth);
                let result = run(filter, &params, source).into_depth(Depth::F32);
                for pixel in floats(&result).as_chunks::<4>().0.iter().filter(|pixel| pixel[3] > 0.01) {
                    for v in &pixel[..3] {
                        assert!((v - 0.3).abs() < 0.003, "{filter} linear {linear} {depth}: {pixel:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn light_and_back_is_the_same() {
        let all: Vec<u16> = (0..=65_535).collect();
        let mut light = vec![0.0; all.len()];
        to_light(&mut light, &all, Layout::Grey);
        to_encoded(&mut light, Layout::Grey);
        assert!(all.iter().zip(&light).all(|(v, encoded)| u16::from_unit(*encoded) == *v));
        let bytes: Vec<u8> = (0..=255).collect();
        to_light(&mut light[..256], &bytes, Layout::GreyAlpha);
        assert_eq!((light[255], light[1]), (1.0, 1.0 / 255.0), "alpha is no light");
        to_encoded(&mut light[..256], Layout::GreyAlpha);
        assert!(bytes.iter().zip(&light).all(|(v, encoded)| u8::from_unit(*encoded) == *v));
    }

    #[test]
    fn floats_beyond_white_survive() {
        let source = [0.5, 0.5, 3.0, 3.0, 3.0, -0.2, -0.2, -0.2];
        let result = run("box_blur", &[("radius", "1"), ("linear", "true")], float(Layout::Grey, &source));
        assert!((floats(&result)[3] - 3.0).abs() < 1e-4 && (floats(&result)[7] + 0.2).abs() < 1e-4);
    }
}
