//! Shadows and highlights: lightens dark parts and recovers bright ones.
//!
//! Algorithm: luma is split by an edge-preserving guided filter into its base and details (see `field`). The base in
//! shadows (below the tonal width) is multiplied by 1 + 2·amount·(1 − base/width)², and its distance from white in
//! highlights likewise; both curves are monotonic. Red, green and blue are multiplied by the same factor as the base,
//! so hue, saturation and the contrast of details stay, and edges get no halo.
//! Range: integers clip, floats keep values above white. Alpha: untouched; colours hidden by transparency are not
//! measured. Depth: kept, computed in f32. Edges: the nearest pixel is repeated.

use crate::kernel::field::BaseLayer;
use crate::{Example, Filter, FilterContext, Measure, Operation, Point, Scene, Stopped, Strip, Unfit, Work};
use lightloom_param::{number, parameters};
use lightloom_picture::{Pixels, Shape};

parameters! {
    pub(crate) struct ShadowsHighlights {
        shadows: f32 = number(
            "Shadows",
            "How much dark parts are lightened; below 0 they are darkened",
            "%",
            (-100.0, 100.0),
            40.0,
        ),
        highlights: f32 = number(
            "Highlights",
            "How much bright parts are darkened; below 0 they are lightened",
            "%",
            (-100.0, 100.0),
            0.0,
        ),
        width: f32 = number(
            "Tonal width",
            "Up to which lightness from black, and from white, tones are changed",
            "%",
            (10.0, 100.0),
            50.0,
        ),
        radius: f32 = number(
            "Radius",
            "Size of what counts as one part, in pixels of the full picture",
            "px",
            (1.0, 500.0),
            60.0,
        )
        .logarithmic(),
    }
}

impl Filter for ShadowsHighlights {
    const TITLE: &'static str = "Shadows and highlights";
    const HELP: &'static str = "Opens shadows and brings highlights back without flattening the picture";
    const EXAMPLE: Example = Example::on(Scene::Dark, &[("shadows", "70")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let tones =
            Tones { shadows: self.shadows / 100.0, highlights: self.highlights / 100.0, width: self.width / 100.0 };
        if tones.shadows == 0.0 && tones.highlights == 0.0 {
            return Ok(Operation::Identity);
        }
        Ok(Operation::measured(BaseMeasurement { tones, radius: self.radius * context.scale }))
    }
}

#[derive(Clone, Copy)]
struct Tones {
    shadows: f32,
    highlights: f32,
    width: f32,
}

impl Tones {
    /// What the base is multiplied by.
    #[inline(always)]
    fn gain(&self, base: f32) -> f32 {
        let base = base.clamp(0.0, 1.0);
        let factor = |amount: f32, distance: f32| {
            let share = (1.0 - distance / self.width).max(0.0);
            // to lighten 3 times at most, to darken by a half: the slope stays above zero
            1.0 + if amount > 0.0 { 2.0 * amount } else { 0.5 * amount } * share * share
        };
        let lifted = base * factor(self.shadows, base);
        let lowered = 1.0 - (1.0 - lifted) * factor(self.highlights, 1.0 - lifted);
        if base > 1e-4 { lowered / base } else { factor(self.shadows, base) }
    }
}

/// How strong an edge must be to bound a part: twice this root, a tenth of the range from black to white.
const EPSILON: f32 = 0.0025;

struct BaseMeasurement {
    tones: Tones,
    radius: f32,
}

impl Measure for BaseMeasurement {
    fn measure(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Box<dyn Point>, Stopped> {
        Ok(Box::new(ToneGains { base: BaseLayer::of(source, self.radius, EPSILON, work)?, tones: self.tones }))
    }

    fn extra_bytes(&self, source: Shape) -> u64 {
        BaseLayer::bytes(self.radius, source.pixels())
    }
}

struct ToneGains {
    base: BaseLayer,
    tones: Tones,
}

impl Point for ToneGains {
    fn apply(&self, strip: &mut Strip<'_>) {
        self.base.each_pixel(strip, |_, base| (self.tones.gain(base), 0.0));
    }
}

#[cfg(test)]
mod tests {
    use super::Tones;
    use crate::testing::{bytes, floats, grey8, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn curves_rise_and_keep_their_ends() {
        for (shadows, highlights) in [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0)] {
            for width in [0.1, 0.5, 1.0] {
                let tones = Tones { shadows, highlights, width };
                let value = |i: i32| i as f32 / 1000.0 * tones.gain(i as f32 / 1000.0);
                assert!(value(0) == 0.0 && (value(1000) - 1.0).abs() < 1e-6);
                assert!((1..=1000).all(|i| value(i) > value(i - 1) - 1e-6), "{shadows} {highlights} {width}");
            }
        }
    }

    #[test]
    fn flat_parts_follow_the_curve_and_details_their_part() {
        let flat = run("shadows_highlights", &[("shadows", "100")], grey8(20, &[51; 400]));
        // 0.2 · (1 + 2 · (1 − 0.4)²)
        assert!(bytes(&flat).iter().all(|v| v.abs_diff(88) <= 1), "{}", bytes(&flat)[0]);
        let fine = (0..10_000).map(|i| 0.1 + 0.02 * (i % 2) as f32).collect();
        let result = run("shadows_highlights", &[("shadows", "50")], Raster::new(100, 100, Layout::Grey, fine));
        let (dark, light) = (floats(&result)[5050], floats(&result)[5051]);
        assert!((light / dark - 1.2).abs() < 0.01, "details keep their ratio: {dark}, {light}");
    }

    #[test]
    fn no_halo_beside_a_strong_edge() {
        let step: Vec<u8> = (0..40_000).map(|i| if i % 200 < 100 { 40 } else { 220 }).collect();
        let params = [("shadows", "60"), ("highlights", "60"), ("radius", "20")];
        let result = run("shadows_highlights", &params, grey8(200, &step));
        let row = &bytes(&result)[100 * 200..101 * 200];
        assert!(row[0] > 55 && row[199] < 215, "both sides changed: {} {}", row[0], row[199]);
        assert!(row[..100].iter().all(|v| v.abs_diff(row[0]) <= 4), "{row:?}");
        assert!(row[100..].iter().all(|v| v.abs_diff(row[199]) <= 4), "{row:?}");
    }
}
