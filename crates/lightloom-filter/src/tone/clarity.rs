//! Clarity: enhances local contrast in the midtones.
//!
//! Algorithm: luma is split by an edge-preserving guided filter into its base and details (see `field`); details
//! times amount are added, fully in midtones and not at all in black and white (weight 4v(1 − v)). Strong edges
//! belong to the base, so they get no halo.
//! Range: integers clip; floats beyond 0–1 stay. Alpha: untouched; colours hidden by transparency are not measured.
//! Depth: kept, computed in f32. Edges: the nearest pixel is repeated.

use crate::kernel::field::BaseLayer;
use crate::{Example, Filter, FilterContext, Measure, Operation, Point, Stopped, Strip, Unfit, Work};
use lightloom_param::{number, parameters};
use lightloom_picture::{Pixels, Shape};

parameters! {
    pub(crate) struct Clarity {
        amount: f32 = number(
            "Amount",
            "How much of the local contrast is added; below 0 it is taken away",
            "%",
            (-100.0, 200.0),
            40.0,
        ),
        radius: f32 = number(
            "Radius",
            "Size of the structures, in pixels of the full picture",
            "px",
            (2.0, 500.0),
            40.0,
        )
        .logarithmic(),
    }
}

impl Filter for Clarity {
    const TITLE: &'static str = "Clarity";
    const HELP: &'static str = "Strengthens or softens local contrast in the middle tones";
    const EXAMPLE: Example = Example::of(&[("amount", "120"), ("radius", "20")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let amount = self.amount / 100.0;
        if amount == 0.0 {
            return Ok(Operation::Identity);
        }
        Ok(Operation::measured(BaseMeasurement { amount, radius: self.radius * context.scale }))
    }
}

/// Square of the contrast up to which structure counts as detail.
const EPSILON: f32 = 0.01;

struct BaseMeasurement {
    amount: f32,
    radius: f32,
}

impl Measure for BaseMeasurement {
    fn measure(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Box<dyn Point>, Stopped> {
        Ok(Box::new(DetailGain { base: BaseLayer::of(source, self.radius, EPSILON, work)?, amount: self.amount }))
    }

    fn extra_bytes(&self, source: Shape) -> u64 {
        BaseLayer::bytes(self.radius, source.pixels())
    }
}

struct DetailGain {
    base: BaseLayer,
    amount: f32,
}

impl Point for DetailGain {
    fn apply(&self, strip: &mut Strip<'_>) {
        self.base.each_pixel(strip, |tone, base| {
            let limited = tone.clamp(0.0, 1.0);
            (1.0, self.amount * 4.0 * limited * (1.0 - limited) * (tone - base))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{floats, grey8, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn ripples_grow_and_flat_parts_stay() {
        let ripples = (0..20_000).map(|i| 0.5 + 0.02 * ((i % 200) as f32 * 0.4).sin()).collect();
        let source = Raster::new(200, 100, Layout::Grey, ripples);
        let swing = |amount: &str| {
            let result = run("clarity", &[("amount", amount), ("radius", "30")], source.clone());
            let row = &floats(&result)[50 * 200 + 60..50 * 200 + 140];
            row.iter().copied().fold(0.0, f32::max) - row.iter().copied().fold(1.0, f32::min)
        };
        assert!(swing("100") > 1.8 * 0.04 && swing("-100") < 0.3 * 0.04, "{} {}", swing("100"), swing("-100"));
        let flat = grey8(30, &[120; 900]);
        assert_eq!(run("clarity", &[("amount", "200")], flat.clone()), flat);
    }

    #[test]
    fn no_halo_beside_a_strong_edge() {
        let step = (0..20_000).map(|i| if i % 200 < 100 { 0.2 } else { 0.8 }).collect();
        let source = Raster::new(200, 100, Layout::Grey, step);
        let result = run("clarity", &[("amount", "100"), ("radius", "20")], source);
        let row = &floats(&result)[50 * 200..51 * 200];
        let overshoot = row[100..].iter().fold(0.0_f32, |most, v| most.max(v - 0.8));
        let undershoot = row[..100].iter().fold(0.0_f32, |most, v| most.max(0.2 - v));
        // an unsharp mask of the same radius and amount overshoots by 0.3
        assert!(overshoot < 0.05 && undershoot < 0.05, "{overshoot} {undershoot}");
    }
}
