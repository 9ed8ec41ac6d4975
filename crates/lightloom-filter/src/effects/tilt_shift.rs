//! Tilt-shift: keeps a band in focus and blurs everything above and below more and more, as in a photo of a scale
//! model.
//!
//! Algorithm: Gaussian blur whose standard deviation is 0 in the band and grows beyond it by a smoothstep. Each row
//! is blurred by its own kernel, so there are no visible steps and nothing in focus bleeds out of the band.
//! Range: averages, so nothing leaves the range of the source. Alpha: averaged, colours weighted by it. Depth: kept,
//! computed in f32 and rounded once. Edges: the nearest pixel is repeated. Previews: positions are shares of the
//! picture.

use std::ops::Range;

use crate::figure::{Band, Figure, Frame, OnPicture, Settings, percent};
use crate::kernel::gaussian::Gaussian;
use crate::kernel::rows::rounded;
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{Value, number, parameters};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct TiltShift {
        position: f32 = number(
            "Position",
            "Middle of the band in focus: 0 is the upper edge, 100 the lower",
            "%",
            (0.0, 100.0),
            55.0,
        ),
        height: f32 = number("Height", "Height of the band in focus", "%", (0.0, 100.0), 15.0),
        feather: f32 = number(
            "Feather",
            "Distance from the band at which the blur is strongest",
            "%",
            (1.0, 100.0),
            30.0,
        ),
        sigma: f32 = number(
            "Blur (σ)",
            "Strongest blur, as standard deviation in pixels of the full picture; 0 changes nothing",
            "px",
            (0.0, 50.0),
            12.0,
        )
        .step(0.5),
    }
}

impl Filter for TiltShift {
    const TITLE: &'static str = "Tilt-shift";
    const HELP: &'static str = "Keeps a horizontal band in focus and blurs the rest, as in pictures of models";
    const EXAMPLE: Example = Example::of(&[("sigma", "6")]);
    const ON_PICTURE: Option<OnPicture<Self>> = Some(OnPicture::of(Self::figure, Self::settings));

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let height = context.shape.height as f32 * context.scale;
        let share = |percent: f32| percent / 100.0 * height;
        let sigma = self.sigma * context.scale;
        if sigma == 0.0 || Gaussian::new(sigma).is_negligible() {
            return Ok(Operation::Identity);
        }
        Ok(Operation::area(FocusBand {
            middle: share(self.position),
            half: 0.5 * share(self.height),
            feather: share(self.feather).max(1e-3),
            sigma,
        }))
    }
}

impl TiltShift {
    fn figure(&self, frame: &Frame) -> Option<Figure> {
        let rows = |percent: f32| f64::from(percent) / 100.0 * frame.height;
        let (middle, half) = (rows(self.position), rows(self.height) / 2.0);
        Some(Figure::Band(Band { middle, half, feather: rows(self.feather) }))
    }

    fn settings(&self, figure: &Figure, frame: &Frame) -> Settings {
        let Figure::Band(Band { middle, half, feather }) = figure else { return Settings::new() };
        let value = |rows: f64, least: f64| Value::Number(percent(rows, frame.height).clamp(least, 100.0));
        vec![("position", value(*middle, 0.0)), ("height", value(2.0 * half, 0.0)), ("feather", value(*feather, 1.0))]
    }
}

/// All lengths in pixels.
struct FocusBand {
    middle: f32,
    half: f32,
    feather: f32,
    sigma: f32,
}

impl FocusBand {
    fn sigma_at(&self, y: u32) -> f32 {
        let t = (((y as f32 + 0.5 - self.middle).abs() - self.half) / self.feather).clamp(0.0, 1.0);
        self.sigma * t * t * (3.0 - 2.0 * t)
    }
}

impl AreaFilter for FocusBand {
    fn halo(&self) -> u32 {
        Gaussian::new(self.sigma).radius() as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        let (stride, end) = (source.stride(), rows.end);
        let mut next = rows.start;
        let mut target = target.chunks_exact_mut(stride.max(1));
        while next < end {
            let sigma = self.sigma_at(next);
            let first = next;
            // rows of one strength, as beyond the feather, go together
            while next < end && self.sigma_at(next) == sigma {
                next += 1;
            }
            let kernel = (sigma > 0.05).then(|| Gaussian::new(sigma)).filter(|kernel| !kernel.is_negligible());
            match kernel {
                Some(kernel) => kernel.rows(source, first..next, |_, blurred| {
                    if let Some(to) = target.next() {
                        rounded(to, blurred);
                    }
                }),
                None => (first..next).zip(&mut target).for_each(|(y, to)| to.copy_from_slice(source.row(y))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn the_band_stays_and_the_far_rows_are_blurred_fully() {
        let source: Vec<u8> = (0..4000_u32).map(|i| (i * i * 31 % 251) as u8).collect();
        let params = [("position", "50"), ("height", "20"), ("feather", "20"), ("sigma", "2")];
        let result = run("tilt_shift", &params, grey8(40, &source));
        let blurred = run("gaussian_blur", &[("sigma", "2")], grey8(40, &source));
        let rows = |from: usize, to: usize| from * 40..to * 40;
        assert_eq!(bytes(&result)[rows(40, 60)], source[rows(40, 60)]);
        for far in [rows(0, 20), rows(80, 100)] {
            // the blur of 8-bit pictures rounds in other places
            let pairs = || bytes(&result)[far.clone()].iter().zip(&bytes(&blurred)[far.clone()]);
            assert!(pairs().all(|(a, b)| a.abs_diff(*b) <= 1));
        }
        assert_ne!(bytes(&result)[rows(25, 35)], bytes(&blurred)[rows(25, 35)]);
    }
}
