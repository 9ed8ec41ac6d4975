//! HSL: changes hue, saturation and lightness of one range of colours.
//!
//! Algorithm: on HSL (Joblove and Greenberg 1978) of encoded sRGB values. The wheel has eight ranges around red 0°,
//! orange 30°, yellow 60°, green 120°, aqua 180°, blue 240°, purple 275° and magenta 315°; a colour belongs wholly to
//! a range at its centre and proportionally to two ranges between their centres, so that ranges join seamlessly and
//! all eight together change everything alike. Shifts are weighted by that share, and shifts of lightness by
//! saturation as well, so that greys stay.
//! Range: saturation and lightness are clipped to 0–1. Alpha: untouched. Depth: kept, computed in f32. Edges: none;
//! each pixel depends only on itself. Grey pictures stay as they are.

use crate::kernel::colour::{OfColours, OnColour, from_hsl, to_hsl, unit};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{choice, number, parameters};

choice! {
    enum Colours {
        All = "all",
        Red = "red",
        Orange = "orange",
        Yellow = "yellow",
        Green = "green",
        Aqua = "aqua",
        Blue = "blue",
        Purple = "purple",
        Magenta = "magenta",
    }
}

/// Centres in degrees, with a turn's last and first at the ends.
const CENTRES: [f32; 10] = [-45.0, 0.0, 30.0, 60.0, 120.0, 180.0, 240.0, 275.0, 315.0, 360.0];

parameters! {
    pub(crate) struct Hsl {
        range: Colours = choice("Range", "Which colours change; several of these filters may follow each other"),
        hue: f32 = number("Hue", "From red over yellow towards green", "°", (-180.0, 180.0), 0.0),
        saturation: f32 = number("Saturation", "−100 is grey and 100 doubles it", "%", (-100.0, 100.0), 0.0),
        lightness: f32 = number("Lightness", "Towards black or white", "%", (-100.0, 100.0), 0.0),
    }
}

impl Filter for Hsl {
    const TITLE: &'static str = "HSL";
    const HELP: &'static str = "Changes hue, saturation and lightness of a range of colours";
    const EXAMPLE: Example = Example::of(&[("range", "red"), ("hue", "-120"), ("saturation", "10")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let turn = self.hue;
        let (saturate, lighten) = (self.saturation / 100.0, self.lightness / 100.0);
        if (turn == 0.0 && saturate == 0.0 && lighten == 0.0) || context.shape.layout.colours() == 1 {
            return Ok(Operation::Identity);
        }
        let range = self.range as usize;
        Ok(Operation::point(OnColour(HslShift {
            range: Share::of(range),
            turn,
            saturate,
            target: if lighten > 0.0 { 1.0 } else { 0.0 },
            lighten: lighten.abs(),
            // all colours become lighter, greys too
            least: if range == 0 { 1.0 } else { 0.0 },
        })))
    }
}

struct HslShift {
    range: Share,
    turn: f32,
    saturate: f32,
    /// Where lightness goes, and how far.
    target: f32,
    lighten: f32,
    /// The saturation that colours count with for lightness at least.
    least: f32,
}

impl OfColours for HslShift {
    #[inline(always)]
    fn at(&self, rgb: [f32; 3]) -> [f32; 3] {
        let [hue, saturation, lightness] = to_hsl(rgb);
        // the share of a hue does not fade with saturation: only lightness would show on greys
        let by_hue = self.range.at(hue);
        let share = by_hue * saturation.min(1.0).max(self.least);
        let saturation = unit(saturation * (1.0 + self.saturate * by_hue));
        let lightness = lightness + (self.target - lightness) * self.lighten * share;
        let [red, green, blue] = from_hsl([hue + self.turn * by_hue, saturation, lightness]);
        let stays = share == 0.0;
        [if stays { rgb[0] } else { red }, if stays { rgb[1] } else { green }, if stays { rgb[2] } else { blue }]
    }
}

/// How far a hue belongs to a range: numbers alone, so that many pixels are processed at once.
struct Share {
    /// Hues above it are a turn less.
    turns_above: f32,
    from: f32,
    rise: f32,
    to: f32,
    fall: f32,
}

impl Share {
    /// That of a range (1–8), or one that all hues have as a whole (0).
    fn of(range: usize) -> Self {
        /// So far away that no hue makes a difference.
        const FAR: f32 = 1e30;
        match CENTRES.get(range.wrapping_sub(1)..range + 2) {
            Some(&[from, centre, to]) => Self {
                // beyond magenta, red begins again
                turns_above: if range == 1 { 180.0 } else { FAR },
                from,
                rise: centre - from,
                to,
                fall: to - centre,
            },
            _ => Self { turns_above: FAR, from: -FAR, rise: FAR, to: FAR, fall: FAR },
        }
    }

    #[inline(always)]
    fn at(&self, hue: f32) -> f32 {
        let hue = if hue > self.turns_above { hue - 360.0 } else { hue };
        let (rising, falling) = ((hue - self.from) / self.rise, (self.to - hue) / self.fall);
        unit(rising.min(falling))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, float, floats, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn shares_add_up_to_one() {
        for tenth in 0..3600 {
            let hue = tenth as f32 / 10.0;
            assert!(Share::of(0).at(hue) == 1.0);
            let sum: f32 = (1..=8).map(|range| Share::of(range).at(hue)).sum();
            assert!((sum - 1.0).abs() < 1e-4, "{hue}: {sum}");
        }
    }

    #[test]
    fn only_the_range_changes() {
        let source = || rgb8(&[[255, 0, 0], [0, 255, 0], [0, 0, 255], [128; 3]]);
        let grey_green = run("hsl", &[("range", "green"), ("saturation", "-100")], source());
        assert_eq!(bytes(&grey_green), [255, 0, 0, 128, 128, 128, 0, 0, 255, 128, 128, 128]);
        let dark_blue = run("hsl", &[("range", "blue"), ("lightness", "-50")], source());
        assert_eq!(bytes(&dark_blue), [255, 0, 0, 0, 255, 0, 0, 0, 128, 128, 128, 128]);
        let turned = run("hsl", &[("range", "red"), ("hue", "60")], source());
        assert_eq!(bytes(&turned), [255, 255, 0, 0, 255, 0, 0, 0, 255, 128, 128, 128]);
    }

    #[test]
    fn all_ranges_change_everything() {
        let lighter = run("hsl", &[("lightness", "50")], float(Layout::Rgb, &[0.5, 0.5, 0.5, 0.0, 0.0, 0.0]));
        for (v, e) in floats(&lighter).iter().zip([0.75, 0.75, 0.75, 0.5, 0.5, 0.5]) {
            assert!((v - e).abs() < 1e-6);
        }
        let turned = run("hsl", &[("hue", "-120")], rgb8(&[[0, 255, 0]]));
        assert_eq!(bytes(&turned), [255, 0, 0]);
    }
}
