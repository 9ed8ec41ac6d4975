//! Averages in linear light, as an option that blurs and resizing share.
//!
//! Encoded sRGB values are not proportional to light, so their mean is darker than a fine pattern appears to an eye or
//! a lens: alternating black and white pixels have 50 % of the light, which is level 188, not level 128. Area filters
//! are wrapped: they see the rows within the support as floats in linear light, and their results are encoded again.
//! The Gaussian and resizing compute 8-bit pictures without alpha in integers instead (see `light_u8`).

use std::array;
use std::ops::Range;
use std::sync::LazyLock;

use crate::kernel::curve::{Curve, Octaves};
use crate::kernel::rows::rounded;
use crate::kernel::scratch::{Pool, sized};
use crate::{AreaFilter, Dependence, Operation, Point, Strip};
use lightloom_param::{Field, toggle};
use lightloom_picture::{Depth, Layout, Sample, View, linear_to_srgb, srgb_to_linear};

/// The parameter of all filters that can use linear light.
pub(crate) const LINEAR: Field<bool> = toggle(
    "Linear light",
    "Averages light as a lens does, so that fine bright patterns do not darken; else encoded values, as most editors do",
    false,
);

/// An area operation, on linear light where that is asked for.
pub(crate) fn area(filter: impl AreaFilter + 'static, linear: bool) -> Operation {
    if linear { Operation::area(InLinearLight::new(filter)) } else { Operation::area(filter) }
}

/// A filter that sees linear light.
pub(crate) struct InLinearLight<F> {
    filter: F,
    scratch: Pool<Scratch>,
}

impl<F: AreaFilter> InLinearLight<F> {
    /// Makes a filter see linear light.
    pub(crate) fn new(filter: F) -> Self {
        Self { filter, scratch: Pool::default() }
    }
}

/// Memory of one strip.
#[derive(Default)]
struct Scratch {
    light: Vec<f32>,
    result: Vec<f32>,
}

impl<F: AreaFilter> AreaFilter for InLinearLight<F> {
    fn halo(&self) -> u32 {
        self.filter.halo()
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        let (stride, layout) = (source.stride(), source.layout());
        if rows.is_empty() || stride == 0 {
            return;
        }
        let support = self.filter.halo();
        let seen = rows.start.saturating_sub(support)..rows.end.saturating_add(support).min(source.height());
        self.scratch.with(|Scratch { light: samples, result }| {
            let light = sized(samples, seen.len() * stride);
            for (y, to) in seen.clone().zip(light.chunks_exact_mut(stride)) {
                to_light(to, source.row(y), layout);
            }
            let light = View::new((source.width(), source.height()), layout, seen.start, light);
            let result = sized(result, rows.len() * stride);
            self.filter.rows(light, rows, result);
            to_encoded(result, layout);
            rounded(target, result);
        });
    }
}

/// Linear light of all 8-bit levels.
static LEVELS: LazyLock<[f32; 256]> = LazyLock::new(|| array::from_fn(|level| srgb_to_linear(level as f32 / 255.0)));

/// Samples of a row in linear light, straight alpha as it is.
pub(crate) fn to_light<S: Sample>(to: &mut [f32], from: &[S], layout: Layout) {
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

/// A transfer function between encoded values and linear light.
type Transfer = fn(f32) -> f32;

/// Linear light from encoded values.
pub(crate) static DECODE: LazyLock<Curve<Transfer>> = LazyLock::new(|| Curve::new(1.0, srgb_to_linear));

/// Encoded values from linear light.
pub(crate) static ENCODE: LazyLock<Curve<Transfer, Octaves>> = LazyLock::new(|| Curve::odd(linear_to_srgb));

/// One of these as a point operation.
pub(crate) struct Through<T: 'static>(pub(crate) &'static LazyLock<T>);

impl<T: Point> Point for Through<T> {
    fn dependence(&self) -> Dependence {
        self.0.dependence()
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        self.0.apply(strip);
    }
}

/// Samples in linear light become encoded ones; straight alpha stays.
pub(crate) fn to_encoded(samples: &mut [f32], layout: Layout) {
    /// Samples that are encoded at once; a multiple of every channel count.
    const PIECE: usize = 12 * 64;
    let channels = layout.channels();
    for piece in samples.chunks_mut(PIECE) {
        let mut alphas = [0.0; PIECE / 2];
        if layout.has_alpha() {
            alphas.iter_mut().zip(piece.chunks_exact(channels)).for_each(|(alpha, pixel)| *alpha = pixel[channels - 1]);
        }
        ENCODE.replace(piece);
        if layout.has_alpha() {
            piece.chunks_exact_mut(channels).zip(alphas).for_each(|(pixel, alpha)| pixel[channels - 1] = alpha);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::{Pixels, Raster};

    /// Alternating black and white pixels.
    fn checkerboard(side: u32) -> Pixels {
        grey8(
            side,
            &(0..side * side)
                .map(|i| if (i % side + i / side).is_multiple_of(2) { 0 } else { 255 })
                .collect::<Vec<_>>(),
        )
    }

    /// The results of filters in the middle of a picture.
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
    fn linear_light_and_back_is_the_identity() {
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
