//! Motion blur: as if the camera had moved while the shutter was open.
//!
//! Algorithm: the average along a line through the pixel, sampled at most one pixel apart with bilinear weights, all
//! combined into one kernel. On encoded values, or on linear light, in which lamps leave streaks (see `linear`).
//! Range: averages, so nothing leaves the range of the source. Alpha: averaged, colours weighted by it. Depth: kept,
//! computed in f32 and rounded once. Edges: the nearest pixel is repeated.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::kernel::convolution::{Tap, add_taps};
use crate::kernel::linear;
use crate::kernel::rows::{rounded, straight};
use crate::kernel::scratch::{Pool, sized};
use crate::kernel::window::each_weighted_row;
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct MotionBlur {
        length: f32 = number(
            "Length",
            "Length of the movement in pixels of the full picture",
            "px",
            (0.0, 300.0),
            20.0,
        ),
        angle: f32 = number(
            "Direction",
            "Direction of the movement: 0 is horizontal, 90 vertical, 45 rises to the right",
            "°",
            (-90.0, 90.0),
            0.0,
        ),
        linear: bool = linear::LINEAR,
    }
}

impl Filter for MotionBlur {
    const TITLE: &'static str = "Motion blur";
    const HELP: &'static str = "Blurs along one direction, as a moving camera does";
    const EXAMPLE: Example = Example::of(&[("length", "24"), ("angle", "15")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let taps = line(self.length * context.scale, self.angle);
        if taps.len() == 1 {
            return Ok(Operation::Identity);
        }
        let support = taps.iter().map(|tap| tap.dx.abs().max(tap.dy.abs())).max().unwrap_or(0);
        let blur = LineAverage { taps, support: support as usize, memory: Pool::default() };
        Ok(linear::area(blur, self.linear))
    }
}

/// The kernel of a line through the centre.
fn line(length: f32, angle: f32) -> Vec<Tap> {
    let (sin, cos) = f64::from(angle).to_radians().sin_cos();
    // a line of length n covers n pixels, whose centres span n − 1
    let span = (f64::from(length) - 1.0).max(0.0);
    let steps = span.ceil().max(1.0);
    let mut weights = BTreeMap::<(i32, i32), f64>::new();
    for i in 0..=steps as u32 {
        let along = span * (f64::from(i) / steps - 0.5);
        // rounded, so that sine and cosine of right angles leave no traces
        let [x, y] = [along * cos, -along * sin].map(|v| (v * 1e6).round() / 1e6);
        for (dx, wx) in [(x.floor(), 1.0 - x.fract().rem_euclid(1.0)), (x.floor() + 1.0, x.fract().rem_euclid(1.0))] {
            for (dy, wy) in [(y.floor(), 1.0 - y.fract().rem_euclid(1.0)), (y.floor() + 1.0, y.fract().rem_euclid(1.0))]
            {
                *weights.entry((dy as i32, dx as i32)).or_default() += wx * wy;
            }
        }
    }
    let sum: f64 = weights.values().sum();
    let taps = weights.into_iter().filter(|(_, weight)| *weight > 1e-9);
    taps.map(|((dy, dx), weight)| Tap { dy, dx, weight: (weight / sum) as f32 }).collect()
}

struct LineAverage {
    taps: Vec<Tap>,
    support: usize,
    memory: Pool<Memory>,
}

/// Memory of one strip.
#[derive(Default)]
struct Memory {
    window: Vec<f32>,
    sums: Vec<f32>,
}

impl AreaFilter for LineAverage {
    fn halo(&self) -> u32 {
        self.support as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        let (first, stride) = (rows.start, source.stride());
        self.memory.with(|Memory { window, sums }| {
            let sums = sized(sums, stride);
            each_weighted_row(window, source, rows, self.support, |y, window| {
                sums.fill(0.0);
                add_taps(sums, window, &self.taps);
                straight(sums, source.layout());
                rounded(&mut target[(y - first) as usize * stride..][..stride], sums);
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn a_point_becomes_the_line() {
        let mut point = [0; 121];
        point[60] = 250;
        let horizontal = run("motion_blur", &[("length", "5")], grey8(11, &point));
        let vertical = run("motion_blur", &[("length", "5"), ("angle", "90")], grey8(11, &point));
        for i in 0..121 {
            let (x, y) = (i % 11, i / 11);
            assert_eq!(bytes(&horizontal)[i], if y == 5 && (3..8).contains(&x) { 50 } else { 0 }, "{x}, {y}");
            assert_eq!(bytes(&vertical)[i], if x == 5 && (3..8).contains(&y) { 50 } else { 0 }, "{x}, {y}");
        }
    }

    #[test]
    fn kernels_are_normalised_symmetric_and_as_steep_as_asked() {
        for (length, angle) in [(2.0, 0.0), (7.5, 30.0), (40.0, -77.0), (300.0, 45.0)] {
            let taps = line(length, angle);
            assert!((taps.iter().map(|tap| tap.weight).sum::<f32>() - 1.0).abs() < 1e-4);
            for tap in &taps {
                let opposite = taps.iter().find(|other| (other.dx, other.dy) == (-tap.dx, -tap.dy));
                assert!((opposite.unwrap().weight - tap.weight).abs() < 1e-5);
            }
            // moments of second order lie along the direction: x positive is right, y positive is down
            let moment = |f: fn(&super::Tap) -> f32| taps.iter().map(|tap| tap.weight * f(tap)).sum::<f32>();
            let (xx, yy) = (moment(|t| (t.dx * t.dx) as f32), moment(|t| (t.dy * t.dy) as f32));
            let xy = moment(|t| (t.dx * t.dy) as f32);
            let found = 0.5 * (-2.0 * xy).atan2(xx - yy).to_degrees();
            assert!((found - angle).abs() < 3.0, "{angle}: {found}");
        }
        assert_eq!(line(1.0, 20.0).len(), 1);
    }
}
