//! Noise: evenly or normally distributed, added to every tone alike.
//!
//! Algorithm: each sample plus a number that belongs to its place (see `position`).
//! Range: integers clip. Alpha: untouched. Depth: kept, computed in f32. Edges: none, each pixel for itself and its place.

use super::curve::each_rgb_at;
use super::position::{hash, normal, uniform};
use super::{Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params, Point, Strip};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "noise",
    title: "Add noise",
    group: Group::Effects,
    help: "Adds random noise to all tones alike",
    version: 1,
    params: &[
        ParamSpec {
            key: "amount",
            label: "Amount",
            help: "Standard deviation in percent of the range from black to white; 0 changes nothing",
            unit: "%",
            kind: ParamKind::Number { min: 0.0, max: 100.0, default: 5.0, step: 0.5, logarithmic: false },
        },
        ParamSpec {
            key: "distribution",
            label: "Distribution",
            help: "Gaussian has few strong deviations, uniform has a limit",
            unit: "",
            kind: ParamKind::Choice { options: &["gaussian", "uniform"], default: "gaussian" },
        },
        ParamSpec {
            key: "monochrome",
            label: "Monochrome",
            help: "The same noise in all channels",
            unit: "",
            kind: ParamKind::Toggle { default: false },
        },
        ParamSpec {
            key: "seed",
            label: "Seed",
            help: "Another number gives another pattern",
            unit: "",
            kind: ParamKind::Integer { min: 0, max: 9999, default: 0, logarithmic: false },
        },
    ],
    example: Example::of(&[("amount", "14")]),
    compile,
};

fn compile(params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    let amount = params.number("amount") / 100.0;
    if amount == 0.0 {
        return Ok(Operation::Identity);
    }
    let (monochrome, seed) = (params.toggle("monochrome"), params.integer("seed") as u32);
    Ok(match params.choice("distribution") {
        // the even distribution from −1 to 1 has a variance of a third
        "uniform" => Operation::point(Noise(move |hash| amount * 1.732_050_8 * uniform(hash), monochrome, seed)),
        _ => Operation::point(Noise(move |hash| amount * normal(hash), monochrome, seed)),
    })
}

/// What to add for a random number, whether all channels get the same, and the seed.
struct Noise<F>(F, bool, u32);

impl<F: Fn(u32) -> f32 + Send + Sync> Point for Noise<F> {
    fn apply(&self, strip: &mut Strip<'_>) {
        let Self(noise, monochrome, seed) = self;
        each_rgb_at(strip, |rgb, x, y| {
            let mut channel = 0;
            let first = noise(hash(x, y, 4 * seed));
            rgb.map(|v| {
                let added = if *monochrome || channel == 0 { first } else { noise(hash(x, y, 4 * seed + channel)) };
                channel += 1;
                v + added
            })
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{floats, run};
    use crate::picture::{Layout, Raster};

    #[test]
    fn the_deviation_is_the_amount() {
        for distribution in ["gaussian", "uniform"] {
            let params = [("amount", "10"), ("distribution", distribution)];
            let result = run("noise", &params, Raster::new(200, 200, Layout::Rgb, vec![0.5_f32; 120_000]));
            for channel in 0..3 {
                let values = || floats(&result).iter().skip(channel).step_by(3).map(|v| f64::from(*v) - 0.5);
                let (mean, square) = (values().sum::<f64>() / 4e4, values().map(|v| v * v).sum::<f64>() / 4e4);
                assert!(mean.abs() < 0.002 && (square.sqrt() - 0.1).abs() < 0.002, "{distribution}");
            }
            if distribution == "uniform" {
                assert!(floats(&result).iter().all(|v| (v - 0.5).abs() < 0.1733));
            }
        }
    }

    #[test]
    fn another_seed_is_another_pattern() {
        let grey = Raster::new(20, 20, Layout::Grey, vec![0.5_f32; 400]);
        let [a, b, again] = ["1", "2", "1"].map(|seed| run("noise", &[("seed", seed)], grey.clone()));
        assert!(a != b && a == again);
    }
}
