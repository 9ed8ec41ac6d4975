//! Sigmoidal contrast: contrast around a midpoint, without clipping.
//!
//! Algorithm: the logistic function σ(c·(v − m)), scaled so that black and white stay (Braun and Fairchild 1999; the
//! `-sigmoidal-contrast` of ImageMagick). Negative contrast is the inverse function.
//! Range: float values outside 0–1 follow the tangents at the ends. Alpha: untouched. Depth: kept; tabulated to a
//! quarter of a 16-bit level (see `curve`). Edges: none; each pixel depends only on itself.

use crate::kernel::curve::Curve;
use crate::{Example, Filter, FilterContext, Operation, Scene, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct SigmoidalContrast {
        contrast: f32 = number(
            "Contrast",
            "Slope of the curve: 3 is usual, 10 is much, negative weakens",
            "",
            (-20.0, 20.0),
            3.0,
        )
        .step(0.1),
        midpoint: f32 = number("Midpoint", "The tone around which contrast grows", "%", (0.0, 100.0), 50.0),
    }
}

impl Filter for SigmoidalContrast {
    const TITLE: &'static str = "Sigmoidal contrast";
    const HELP: &'static str = "Strengthens or weakens contrast and keeps detail in lights and shadows";
    const EXAMPLE: Example = Example::on(Scene::Dull, &[("contrast", "7")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let (contrast, midpoint) = (self.contrast, f64::from(self.midpoint) / 100.0);
        if contrast.abs() < 0.005 {
            return Ok(Operation::Identity);
        }
        let curve = Sigmoid::new(f64::from(contrast.abs()), midpoint);
        Ok(if contrast > 0.0 {
            let curve = move |v: f32| curve.at(f64::from(v)) as f32;
            Operation::point(Curve::new(1.0, curve))
        } else {
            let curve = move |v: f32| curve.inverse(f64::from(v)) as f32;
            Operation::point(Curve::new(1.0, curve))
        })
    }
}

/// The scaled logistic function; in f64, since steep ones cancel.
#[derive(Clone, Copy)]
struct Sigmoid {
    contrast: f64,
    midpoint: f64,
    low: f64,
    range: f64,
}

impl Sigmoid {
    fn new(contrast: f64, midpoint: f64) -> Self {
        let logistic = |v: f64| 1.0 / (1.0 + (contrast * (midpoint - v)).exp());
        let (low, high) = (logistic(0.0), logistic(1.0));
        Self { contrast, midpoint, low, range: high - low }
    }

    fn logistic(&self, v: f64) -> f64 {
        1.0 / (1.0 + (self.contrast * (self.midpoint - v)).exp())
    }

    /// The slope at `v`.
    fn slope(&self, v: f64) -> f64 {
        let logistic = self.logistic(v);
        self.contrast * logistic * (1.0 - logistic) / self.range
    }

    fn at(&self, v: f64) -> f64 {
        let inside = v.clamp(0.0, 1.0);
        (self.logistic(inside) - self.low) / self.range + (v - inside) * self.slope(inside)
    }

    fn inverse(&self, v: f64) -> f64 {
        let inside = v.clamp(0.0, 1.0);
        let logistic = self.low + inside * self.range;
        let result = self.midpoint - (1.0 / logistic - 1.0).ln() / self.contrast;
        result + (v - inside) / self.slope(inside.round())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{float, floats, run};
    use lightloom_picture::Layout;

    fn curve(contrast: &str, midpoint: &str, source: &[f32]) -> Vec<f32> {
        let params = [("contrast", contrast), ("midpoint", midpoint)];
        floats(&run("sigmoidal_contrast", &params, float(Layout::Grey, source))).to_vec()
    }

    #[test]
    fn ends_and_middle_stay_and_the_slope_is_as_named() {
        let result = curve("8", "50", &[0.0, 0.5, 1.0, 0.25]);
        let quarter = {
            let logistic = |v: f64| 1.0 / (1.0 + (8.0 * (0.5 - v)).exp());
            (logistic(0.25) - logistic(0.0)) / (logistic(1.0) - logistic(0.0))
        };
        for (v, e) in result.iter().zip([0.0, 0.5, 1.0, quarter]) {
            assert!((f64::from(*v) - e).abs() < 5e-6, "{v}, not {e}");
        }
    }

    #[test]
    fn negative_contrast_undoes_positive() {
        let source: Vec<f32> = (-20..=120).map(|i| i as f32 / 100.0).collect();
        for midpoint in ["20", "50", "80"] {
            let back = curve("-4", midpoint, &curve("4", midpoint, &source));
            for (before, after) in source.iter().zip(back) {
                assert!((before - after).abs() < 1e-4, "{before} → {after}");
            }
        }
    }
}
