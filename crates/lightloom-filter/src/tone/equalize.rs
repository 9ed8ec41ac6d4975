//! Equalize: makes every tone equally frequent.
//!
//! Algorithm: histogram equalisation (Gonzalez and Woods). The cumulative distribution of luma, scaled so that the
//! darkest tone becomes black and the lightest white, is the tone curve of all channels: (C(v) − C₀) / (N − C₀), as
//! in OpenCV's `equalizeHist`.
//! Range: clipped to 0–1. Alpha: untouched; transparent pixels are not measured. Depth: kept; the curve has 256 steps
//! in 8-bit pictures and 65,536 in others, with linear interpolation between them. Edges: none. Needs the whole
//! picture first.

use crate::kernel::colour::unit;
use crate::kernel::each::each_colour;
use crate::kernel::histogram::Histogram;
use crate::{
    Dependence, Example, Filter, FilterContext, Measure, Operation, Point, Scene, Stopped, Strip, Unfit, Work,
};
use lightloom_param::{number, parameters};
use lightloom_picture::Pixels;

parameters! {
    pub(crate) struct Equalize {
        strength: f32 = number("Strength", "How far towards the equalised picture", "%", (0.0, 100.0), 100.0),
    }
}

impl Filter for Equalize {
    const TITLE: &'static str = "Equalize";
    const HELP: &'static str = "Spreads tones so that each is as frequent as the others";
    const EXAMPLE: Example = Example::on(Scene::Dull, &[]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let strength = self.strength / 100.0;
        Ok(if strength == 0.0 { Operation::Identity } else { Operation::measured(Equalization { strength }) })
    }
}

struct Equalization {
    strength: f32,
}

impl Measure for Equalization {
    fn measure(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Box<dyn Point>, Stopped> {
        let histogram = Histogram::of_luma(source, work)?;
        Ok(Box::new(Table { values: distribution(&histogram), strength: self.strength }))
    }
}

/// The tone curve at the histogram's bins.
fn distribution(histogram: &Histogram) -> Vec<f32> {
    let darkest = histogram.bins.iter().copied().find(|count| *count > 0).unwrap_or(0);
    let others = histogram.total() - darkest;
    let mut below = 0;
    let cumulated = histogram.bins.iter().enumerate().map(|(bin, count)| {
        below += count;
        match others {
            // one tone alone stays what it is
            0 => histogram.value(bin),
            _ => (below.saturating_sub(darkest) as f64 / others as f64) as f32,
        }
    });
    cumulated.collect()
}

struct Table {
    values: Vec<f32>,
    strength: f32,
}

impl Point for Table {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        let last = self.values.len() - 1;
        each_colour(strip, |v| {
            // max first, so that NaN becomes black
            let at = unit(v) * last as f32;
            let bin = (at as usize).min(last - 1);
            let (from, to) = (self.values[bin], self.values[bin + 1]);
            let equal = from + (to - from) * (at - bin as f32);
            v + (equal - v) * self.strength
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn it_agrees_with_opencv() {
        // cv2.equalizeHist of the same bytes (tests/reference/tone.py)
        let source: Vec<u8> = (0..64_u32).map(|i| (i * i / 23 + 30) as u8).collect();
        assert_eq!(bytes(&run("equalize", &[], grey8(64, &source))), EQUALIZED);
    }

    const EQUALIZED: [u8; 64] = [
        0, 0, 0, 0, 0, 9, 9, 17, 17, 22, 26, 30, 35, 39, 43, 48, 52, 56, 61, 65, 69, 73, 78, 82, 86, 91, 95, 99, 104,
        108, 112, 117, 121, 125, 130, 134, 138, 143, 147, 151, 156, 160, 164, 169, 173, 177, 182, 186, 190, 194, 199,
        203, 207, 212, 216, 220, 225, 229, 233, 238, 242, 246, 251, 255,
    ];

    #[test]
    fn a_flat_picture_stays() {
        assert_eq!(bytes(&run("equalize", &[], grey8(4, &[9; 4]))), [9; 4]);
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&run("equalize", &[], grey8(256, &all))), all);
    }
}
