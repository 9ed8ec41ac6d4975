//! Gaussian blur.
//!
//! Algorithm: convolution with a separable Gaussian truncated at 3σ and normalised (see `gaussian`), on encoded
//! values as image editors do, or on linear light as a lens does (see `linear`); 8-bit pictures without alpha in
//! integers that come as close to it as their rounding allows (see `gaussian_u8`).
//! Range: averages, so nothing leaves the range of the source; floats are kept as they are. Alpha: averaged, colours
//! weighted by it. Depth: kept, rounded once. Edges: the nearest pixel is repeated.

use std::ops::Range;

use crate::kernel::each_plane::of_each_plane;
use crate::kernel::fixed_point::round_to_u8;
use crate::kernel::gaussian::Gaussian;
use crate::kernel::light_u8::{Tones, to_levels};
use crate::kernel::rows::rounded;
use crate::kernel::{gaussian_u8, linear};
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct GaussianBlur {
        sigma: f32 = number(
            "Radius (σ)",
            "Standard deviation of the blur in pixels of the full picture",
            "px",
            (0.1, 100.0),
            2.0,
        )
        .step(0.1)
        .logarithmic(),
        linear: bool = linear::LINEAR,
    }
}

impl Filter for GaussianBlur {
    const TITLE: &'static str = "Gaussian blur";
    const HELP: &'static str = "Softens the picture evenly";
    const EXAMPLE: Example = Example::of(&[("sigma", "4")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        if self.linear { self.of(context) } else { of_each_plane(context, |context| self.of(context)) }
    }
}

impl GaussianBlur {
    fn of(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let sigma = self.sigma * context.scale;
        let kernel = Gaussian::new(sigma);
        if kernel.is_negligible() {
            return Ok(Operation::Identity);
        }
        Ok(match self.linear {
            true => {
                let exact = linear::InLinearLight::new(Blur { kernel });
                gaussian_u8::area((sigma, Tones::Light), context, exact, |to, _, blurred| to_levels(to, blurred))
            }
            false => gaussian_u8::area((sigma, Tones::Encoded), context, Blur { kernel }, |to, _, blurred| {
                round_to_u8(to, blurred);
            }),
        })
    }
}

struct Blur {
    kernel: Gaussian,
}

impl AreaFilter for Blur {
    fn halo(&self) -> u32 {
        self.kernel.radius() as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        let (first, stride) = (rows.start, source.stride());
        self.kernel.rows(source, rows, |y, blurred| {
            rounded(&mut target[(y - first) as usize * stride..][..stride], blurred);
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn a_flat_picture_stays_flat() {
        for sigma in ["0.1", "1", "7.5", "40"] {
            let flat = grey8(13, &[200; 13 * 9]);
            assert_eq!(run("gaussian_blur", &[("sigma", sigma)], flat.clone()), flat, "σ {sigma}");
        }
    }

    #[test]
    fn an_impulse_becomes_the_kernel() {
        let mut impulse = vec![0.0_f32; 41 * 41];
        impulse[20 * 41 + 20] = 1.0;
        let result = run("gaussian_blur", &[], Raster::new(41, 41, Layout::Grey, impulse));
        let weights: Vec<f64> = (-6..=6).map(|d| (-f64::from(d * d) / 8.0).exp()).collect();
        let sum: f64 = weights.iter().sum();
        for (y, row) in floats(&result).chunks(41).enumerate() {
            for (x, v) in row.iter().enumerate() {
                let weight = |at: usize| (at + 6).checked_sub(20).and_then(|i| weights.get(i)).map_or(0.0, |w| w / sum);
                assert!((f64::from(*v) - weight(x) * weight(y)).abs() < 1e-6, "{x}, {y}: {v}");
            }
        }
    }

    #[test]
    fn transparent_colours_do_not_bleed() {
        // green without opacity beside opaque red: the mixture is red all the way, and only opacity fades
        let mut samples = Vec::new();
        for x in 0..20 {
            samples.extend(if x < 10 { [1.0, 0.0, 0.0, 1.0] } else { [0.0, 1.0, 0.0, 0.0] });
        }
        let result = run("gaussian_blur", &[("sigma", "1")], float(Layout::Rgba, &samples));
        for (x, pixel) in floats(&result).chunks(4).enumerate() {
            let expected = if x < 13 { [1.0, 0.0, 0.0] } else { [0.0, 0.0, 0.0] };
            for (v, e) in pixel.iter().zip(expected) {
                assert!((v - e).abs() < 1e-5, "{x}: {pixel:?}");
            }
        }
        assert!(floats(&result)[4 * 10 + 3] > 0.2 && floats(&result)[4 * 10 + 3] < 0.5);
    }

    #[test]
    fn the_edge_pixel_is_repeated() {
        // far wider than the picture: every sample is a mixture of both ends, half and half
        let result = run("gaussian_blur", &[("sigma", "100")], grey8(2, &[0, 255]));
        for v in bytes(&result) {
            assert!(v.abs_diff(127) <= 2, "{v}");
        }
    }
}
