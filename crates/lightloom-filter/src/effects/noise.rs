//! Noise: adds uniformly or normally distributed noise to all tones alike.
//!
//! Algorithm: each sample plus a random number determined by its position (see `position`).
//! Range: integers clip. Alpha: untouched. Depth: kept, computed in f32. Edges: none; each pixel depends only on
//! itself and its position.

use multiversion::multiversion;

use crate::kernel::position::{hash, normal, uniform};
use crate::{Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{choice, integer, number, parameters, toggle};

choice! {
    enum Distribution {
        Gaussian = "gaussian",
        Uniform = "uniform",
    }
}

parameters! {
    pub(crate) struct Noise {
        amount: f32 = number(
            "Amount",
            "Standard deviation in percent of the range from black to white; 0 changes nothing",
            "%",
            (0.0, 100.0),
            5.0,
        )
        .step(0.5),
        distribution: Distribution = choice("Distribution", "Gaussian has few strong deviations, uniform has a limit"),
        monochrome: bool = toggle("Monochrome", "The same noise in all channels", false),
        seed: u32 = integer("Seed", "Another number gives another pattern", "", (0, 9999), 0),
    }
}

impl Filter for Noise {
    const TITLE: &'static str = "Add noise";
    const HELP: &'static str = "Adds random noise to all tones alike";
    const EXAMPLE: Example = Example::of(&[("amount", "14")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let amount = self.amount / 100.0;
        if amount == 0.0 {
            return Ok(Operation::Identity);
        }
        let (monochrome, seed) = (self.monochrome, self.seed);
        let uniform = self.distribution == Distribution::Uniform;
        // the even distribution from −1 to 1 has a variance of a third
        let scale = if uniform { 3_f32.sqrt() * amount } else { amount };
        Ok(Operation::point(AdditiveNoise { uniform, scale, monochrome, seed }))
    }
}

struct AdditiveNoise {
    uniform: bool,
    scale: f32,
    monochrome: bool,
    seed: u32,
}

impl Point for AdditiveNoise {
    fn apply(&self, strip: &mut Strip<'_>) {
        for (y, row) in strip.rows() {
            for (channel, plane) in (0..).zip(strip.planes()) {
                let seed = 4 * self.seed + if self.monochrome { 0 } else { channel };
                let row = &mut plane[row.clone()];
                if self.uniform {
                    add_uniform(row, y, seed, self.scale);
                } else {
                    add_normal(row, y, seed, self.scale);
                }
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn add_normal(row: &mut [f32], y: u32, seed: u32, scale: f32) {
    (0..).zip(row).for_each(|(x, v)| *v += scale * normal(hash(x, y, seed)));
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn add_uniform(row: &mut [f32], y: u32, seed: u32, scale: f32) {
    (0..).zip(row).for_each(|(x, v)| *v += scale * uniform(hash(x, y, seed)));
}

#[cfg(test)]
mod tests {
    use crate::testing::{floats, run};
    use lightloom_picture::{Layout, Raster};

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
