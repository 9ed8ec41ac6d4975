//! Glow: spreads light from bright parts, as through a soft lens.
//!
//! Algorithm: what is brighter than the threshold is blurred by a Gaussian and blended over the picture in screen
//! mode, 1 − (1 − v)(1 − amount·glow), known as bloom. The blur is computed on a reduced copy whose cells cover a few
//! pixels each, which loses nothing, because a blur leaves no finer detail.
//! Range: floats above white stay and glow no more than white does. Alpha: untouched; colours hidden by transparency
//! do not glow. Depth: kept, computed in f32. Edges: the nearest cell is repeated.

use crate::kernel::field::{Field, factor_for};
use crate::kernel::gaussian::Gaussian;
use crate::kernel::histogram::luma;
use crate::{Example, Filter, FilterContext, Measure, Operation, Point, Stopped, Strip, Unfit, Work};
use lightloom_param::{number, parameters};
use lightloom_picture::{Layout, Pixels, Raster, Shape};

parameters! {
    pub(crate) struct Glow {
        amount: f32 = number("Amount", "Strength of the glow; 0 changes nothing", "%", (0.0, 100.0), 50.0),
        sigma: f32 = number(
            "Radius (σ)",
            "How far light spreads, as standard deviation in pixels of the full picture",
            "px",
            (1.0, 200.0),
            30.0,
        )
        .logarithmic(),
        threshold: f32 = number(
            "Threshold",
            "Luma from which on a pixel glows; 0 lets the whole picture glow, known as the Orton effect",
            "%",
            (0.0, 99.0),
            60.0,
        ),
    }
}

impl Filter for Glow {
    const TITLE: &'static str = "Glow";
    const HELP: &'static str = "Lets light spread from bright parts";
    const EXAMPLE: Example = Example::of(&[("amount", "90"), ("sigma", "8"), ("threshold", "45")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let amount = self.amount / 100.0;
        if amount == 0.0 {
            return Ok(Operation::Identity);
        }
        let (sigma, threshold) = (self.sigma * context.scale, self.threshold / 100.0);
        Ok(Operation::measured(GlowMeasurement { amount, sigma, threshold }))
    }
}

struct GlowMeasurement {
    amount: f32,
    sigma: f32,
    threshold: f32,
}

impl GlowMeasurement {
    fn factor(&self, shape: Shape) -> usize {
        // four cells a standard deviation are plenty
        factor_for(2.0 * self.sigma, shape.pixels()).min((self.sigma / 2.0) as usize).max(1)
    }
}

/// Rows of cells per piece of work.
const BAND: usize = 32;

impl Measure for GlowMeasurement {
    fn measure(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Box<dyn Point>, Stopped> {
        let factor = self.factor(source.shape());
        let bright = Field::of(source, factor, work, |rgb| {
            let share = ((luma(rgb) - self.threshold) / (1.0 - self.threshold)).clamp(0.0, 1.0);
            rgb.map(|v| v.clamp(0.0, 1.0) * share)
        })?;
        let (width, height) = (bright.width, bright.height);
        let cells = Raster::new(width as u32, height as u32, Layout::Rgb, bright.cells.as_flattened().to_vec());
        let kernel = Gaussian::new(self.sigma / factor as f32);
        let mut blurred = vec![[0.0; 3]; width * height];
        work.fill(&mut blurred, BAND * width, |band, blurred| {
            let top = (band * BAND) as u32;
            kernel.rows(cells.view(), top..top + (blurred.len() / width) as u32, |y, row| {
                let to = &mut blurred[(y - top) as usize * width..][..width];
                to.as_flattened_mut().copy_from_slice(row);
            });
        })?;
        Ok(Box::new(GlowLayer { glow: Field { cells: blurred, ..bright }, amount: self.amount }))
    }

    fn extra_bytes(&self, source: Shape) -> u64 {
        2 * Field::<3>::bytes(source.pixels(), self.factor(source))
    }
}

struct GlowLayer {
    glow: Field<3>,
    amount: f32,
}

impl Point for GlowLayer {
    fn apply(&self, strip: &mut Strip<'_>) {
        let mut glows = Default::default();
        for (y, row) in strip.rows() {
            self.glow.row(y, row.len(), &mut glows);
            for (plane, glows) in strip.planes().iter_mut().zip(&glows) {
                for (v, glow) in plane[row.clone()].iter_mut().zip(glows) {
                    *v += self.amount * glow * (1.0 - v.min(1.0));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, floats, grey8, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn flat_parts_are_screened_with_themselves() {
        let params = [("threshold", "0"), ("amount", "100"), ("sigma", "4")];
        let result = run("glow", &params, Raster::new(30, 30, Layout::Grey, vec![0.5_f32; 900]));
        // glows with half of its half: 1 − 0.5 · 0.75
        assert!(floats(&result).iter().all(|v| (v - 0.625).abs() < 1e-5));
        let dark = grey8(30, &[100; 900]);
        assert_eq!(run("glow", &[("threshold", "50")], dark.clone()), dark);
    }

    #[test]
    fn a_lamp_lights_its_surroundings_by_a_gaussian() {
        let mut night = vec![0.0_f32; 201 * 201];
        (0..16).for_each(|i| night[(99 + i / 4) * 201 + 99 + i % 4] = 1.0);
        let params = [("amount", "100"), ("sigma", "12"), ("threshold", "50")];
        let result = run("glow", &params, Raster::new(201, 201, Layout::Grey, night));
        for (dx, dy) in [(10, 0), (0, 20), (15, 15), (-20, 10)] {
            let v = f64::from(floats(&result)[((100 + dy) * 201 + 100 + dx) as usize]);
            let (x, y) = (f64::from(dx) - 0.5, f64::from(dy) - 0.5);
            let expected = 16.0 / (std::f64::consts::TAU * 144.0) * (-(x * x + y * y) / 288.0).exp();
            assert!((v - expected).abs() < 0.05 * 0.0177, "{dx}, {dy}: {v}, not {expected}");
        }
        assert_eq!(bytes(&run("glow", &[], grey8(1, &[255]))), [255]);
    }
}
