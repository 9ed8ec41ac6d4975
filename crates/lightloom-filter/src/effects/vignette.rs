//! Vignette: darkens or lightens the corners.
//!
//! Algorithm: a smoothstep (3t² − 2t³) of the distance from the centre, which is 1 in the corners; darkening
//! multiplies, lightening moves towards white, on encoded values.
//! Range: floats above white are darkened too and never lightened. Alpha: untouched. Depth: kept, computed in f32.
//! Edges: none; each pixel depends only on itself and its position. Previews: positions are shares of the picture.

use crate::figure::{Ellipse, Figure, Frame, OnPicture, Settings, percent};
use crate::kernel::each::each_colour_at;
use crate::{Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{Value, number, parameters};

parameters! {
    pub(crate) struct Vignette {
        amount: f32 = number(
            "Amount",
            "Negative darkens the corners, positive lightens them, 0 changes nothing",
            "%",
            (-100.0, 100.0),
            -40.0,
        ),
        size: f32 = number(
            "Size",
            "Distance from the centre at which half of the effect is reached; 100 is the corner",
            "%",
            (0.0, 150.0),
            75.0,
        ),
        feather: f32 = number("Feather", "Width of the transition", "%", (1.0, 200.0), 100.0),
        roundness: f32 = number(
            "Roundness",
            "0 is an ellipse that follows the picture's proportions, 100 a circle",
            "%",
            (0.0, 100.0),
            0.0,
        ),
    }
}

impl Filter for Vignette {
    const TITLE: &'static str = "Vignette";
    const HELP: &'static str = "Darkens or lightens the corners";
    const EXAMPLE: Example = Example::of(&[("amount", "-75")]);
    const ON_PICTURE: Option<OnPicture<Self>> = Some(OnPicture::of(Self::figure, Self::settings));

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let amount = self.amount / 100.0;
        if amount == 0.0 {
            return Ok(Operation::Identity);
        }
        let [width, height] = [context.shape.width, context.shape.height].map(|side| side as f32 * context.scale);
        Ok(Operation::point(RadialFalloff {
            amount,
            centre: (0.5 * width, 0.5 * height),
            per_pixel: self.per_pixel(width, height),
            start: (self.size - 0.5 * self.feather) / 100.0,
            per_distance: 100.0 / self.feather,
        }))
    }
}

impl Vignette {
    /// By how much the distance from the centre grows in a pixel to the right and down.
    fn per_pixel(&self, width: f32, height: f32) -> (f32, f32) {
        // a circle through the corners has half the diagonal as its radius, an ellipse the half sides times √2
        let circle = 2.0 / width.hypot(height);
        let ellipse = std::f32::consts::SQRT_2;
        let round = self.roundness / 100.0;
        let per_pixel = |side: f32| (1.0 - round) * ellipse / side + round * circle;
        (per_pixel(width), per_pixel(height))
    }

    fn figure(&self, frame: &Frame) -> Option<Figure> {
        let (x, y) = self.per_pixel(frame.width as f32, frame.height as f32);
        let share = |percent: f32| f64::from(percent) / 100.0;
        let radii = (1.0 / f64::from(x), 1.0 / f64::from(y));
        Some(Figure::Ellipse(Ellipse { radii, size: share(self.size), feather: share(self.feather) }))
    }

    fn settings(&self, figure: &Figure, _: &Frame) -> Settings {
        let Figure::Ellipse(Ellipse { radii, size, feather }) = figure else { return Settings::new() };
        let radius = radii.0.max(radii.1);
        vec![
            ("size", Value::Number(percent(size * radius, radius).clamp(0.0, 150.0))),
            ("feather", Value::Number(percent(feather * radius, radius).clamp(1.0, 200.0))),
        ]
    }
}

struct RadialFalloff {
    amount: f32,
    centre: (f32, f32),
    per_pixel: (f32, f32),
    start: f32,
    per_distance: f32,
}

impl RadialFalloff {
    #[inline(always)]
    fn strength(&self, x: u32, y: u32) -> f32 {
        let (dx, dy) = (x as f32 + 0.5 - self.centre.0, y as f32 + 0.5 - self.centre.1);
        let (dx, dy) = (dx * self.per_pixel.0, dy * self.per_pixel.1);
        let t = ((dx * dx + dy * dy).sqrt() - self.start) * self.per_distance;
        let t = t.clamp(0.0, 1.0);
        self.amount * t * t * (3.0 - 2.0 * t)
    }
}

impl Point for RadialFalloff {
    fn apply(&self, strip: &mut Strip<'_>) {
        let shaded = |strength: f32, v: f32| {
            if strength < 0.0 { v + strength * v } else { v + strength * (1.0 - v.min(1.0)) }
        };
        each_colour_at(strip, |x, y| self.strength(x, y), shaded);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, floats, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn the_centre_stays_and_corners_change_equally() {
        for (amount, beyond) in [("-100", 0), ("100", 255)] {
            let params = [("amount", amount), ("size", "60"), ("feather", "40")];
            let result = run("vignette", &params, Raster::new(81, 41, Layout::Grey, vec![100_u8; 81 * 41]));
            let after = bytes(&result);
            assert_eq!(after[20 * 81 + 40], 100);
            for corner in [0, 80, 40 * 81, 41 * 81 - 1] {
                assert_eq!(after[corner], beyond, "{amount}");
            }
            assert!(after.iter().eq(after.iter().rev()), "half a turn changes nothing");
        }
    }

    #[test]
    fn half_of_the_effect_at_its_size_on_a_circle_or_an_ellipse() {
        // wide picture: on an ellipse the middle of the right side is at 1/√2, on a circle nearly at 1
        let white = Raster::new(4001, 41, Layout::Grey, vec![1.0_f32; 4001 * 41]);
        for (roundness, size) in [("0", "70.710678"), ("100", "99.99")] {
            let params = [("amount", "-50"), ("size", size), ("feather", "20"), ("roundness", roundness)];
            let result = run("vignette", &params, white.clone());
            assert!((floats(&result)[20 * 4001 + 4000] - 0.75).abs() < 0.01, "{roundness}");
        }
    }
}
