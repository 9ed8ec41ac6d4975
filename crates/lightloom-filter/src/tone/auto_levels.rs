//! Auto levels: stretches tones so that the darkest pixels become black and the lightest white.
//!
//! Algorithm: the black and white points are quantiles of the histogram, so that the given share of pixels is clipped
//! at each end; then levels are applied. All channels share the points of luma's histogram (contrast), or each has
//! its own, which also removes a cast (channels), like Auto Contrast and Auto Tone in image editors. Gamma may be
//! chosen so that the mean of luma becomes middle grey.
//! Range: clipped to 0–1. Alpha: untouched; transparent pixels are not measured. Depth: kept. Edges: none. Needs the
//! whole picture first: one pass measures it, the next changes it.

use crate::kernel::histogram::Histogram;
use crate::kernel::levels_curve::LevelsCurve;
use crate::{
    Dependence, Example, Filter, FilterContext, Measure, Operation, Point, Scene, Stopped, Strip, Unfit, Work,
};
use lightloom_param::{choice, number, parameters, toggle};
use lightloom_picture::Pixels;

choice! {
    enum Mode {
        Contrast = "contrast",
        Channels = "channels",
    }
}

parameters! {
    pub(crate) struct AutoLevels {
        mode: Mode = choice(
            "Mode",
            "Contrast moves all channels alike and keeps colours, channels moves each and removes casts",
        ),
        shadows: f32 = number("Clip shadows", "Share of pixels that become black", "%", (0.0, 10.0), 0.1).step(0.05),
        highlights: f32 = number("Clip highlights", "Share of pixels that become white", "%", (0.0, 10.0), 0.1)
            .step(0.05),
        midtones: bool = toggle("Middle tones", "Whether to bring the mean to middle grey too", false),
    }
}

impl Filter for AutoLevels {
    const TITLE: &'static str = "Auto levels";
    const HELP: &'static str = "Stretches tones from black to white by what each picture holds";
    const EXAMPLE: Example = Example::on(Scene::Dull, &[]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(Operation::measured(HistogramStretch {
            each: self.mode == Mode::Channels && context.shape.layout.colours() == 3,
            shadows: f64::from(self.shadows) / 100.0,
            highlights: f64::from(self.highlights) / 100.0,
            midtones: self.midtones,
        }))
    }
}

struct HistogramStretch {
    each: bool,
    shadows: f64,
    highlights: f64,
    midtones: bool,
}

impl HistogramStretch {
    fn levels(&self, histogram: &Histogram) -> LevelsCurve {
        let black = histogram.quantile(self.shadows).unwrap_or(0.0);
        let white = histogram.upper_quantile(self.highlights).unwrap_or(1.0);
        // a picture of one tone has nothing to stretch
        let (black, white) = if white > black { (black, white) } else { (0.0, 1.0) };
        let gamma = if self.midtones { self.gamma(histogram, black, white) } else { 1.0 };
        LevelsCurve::new((black, white), gamma, (0.0, 1.0))
    }

    /// The gamma that takes the mean of the stretched tones to ½.
    fn gamma(&self, histogram: &Histogram, black: f32, white: f32) -> f32 {
        let stretched = |bin: usize| f64::from(((histogram.value(bin) - black) / (white - black)).clamp(0.0, 1.0));
        let sum: f64 = histogram.bins.iter().enumerate().map(|(bin, count)| *count as f64 * stretched(bin)).sum();
        let mean = sum / histogram.total().max(1) as f64;
        if mean > 0.0 && mean < 1.0 { ((mean.ln() / 0.5_f64.ln()) as f32).clamp(0.3, 3.0) } else { 1.0 }
    }
}

impl Measure for HistogramStretch {
    fn measure(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Box<dyn Point>, Stopped> {
        let histograms =
            if self.each { Histogram::of_channels(source, work)? } else { vec![Histogram::of_luma(source, work)?] };
        Ok(Box::new(Stretch(histograms.iter().map(|h| self.levels(h)).collect())))
    }
}

/// Levels for all channels, or three, one per channel.
struct Stretch(Vec<LevelsCurve>);

impl Point for Stretch {
    fn dependence(&self) -> Dependence {
        Dependence::Sample
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        match &self.0[..] {
            [all] => strip.planes().iter_mut().for_each(|plane| all.replace(plane)),
            each => strip.planes().iter_mut().zip(each).for_each(|(plane, levels)| levels.replace(plane)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, rgb8, run};
    use lightloom_picture::Layout;

    const ALL: [(&str, &str); 2] = [("shadows", "0"), ("highlights", "0")];

    #[test]
    fn the_extremes_become_black_and_white() {
        let result = run("auto_levels", &ALL, grey8(5, &[50, 60, 100, 140, 150]));
        assert_eq!(bytes(&result), [0, 26, 128, 230, 255]);
        let flat = run("auto_levels", &ALL, grey8(3, &[70; 3]));
        assert_eq!(bytes(&flat), [70; 3]);
    }

    #[test]
    fn channels_apart_remove_a_cast_and_together_keep_it() {
        let source = || rgb8(&[[10, 50, 100], [110, 150, 150]]);
        let apart = run("auto_levels", &[&ALL[..], &[("mode", "channels")]].concat(), source());
        assert_eq!(bytes(&apart), [0, 0, 0, 255, 255, 255]);
        let together = run("auto_levels", &ALL, source());
        let result = bytes(&together);
        assert!(result[0] < result[1] && result[1] < result[2] && result[3] < result[4]);
    }

    #[test]
    fn a_share_is_clipped() {
        let source: Vec<u8> = (0..200).map(|i| i as u8 + 20).collect();
        let result = run("auto_levels", &[("shadows", "5"), ("highlights", "10")], grey8(200, &source));
        let count = |v: u8| bytes(&result).iter().filter(|b| **b == v).count();
        assert!((10..=11).contains(&count(0)), "{}", count(0));
        assert!((20..=21).contains(&count(255)), "{}", count(255));
    }

    #[test]
    fn middle_tones_come_to_the_middle() {
        let source: Vec<f32> = (0..=1000).map(|i| (i as f32 / 1000.0).powi(2)).collect();
        let result = run("auto_levels", &[&ALL[..], &[("midtones", "true")]].concat(), float(Layout::Grey, &source));
        // the mean of v² is ⅓; gamma ln ⅓ ÷ ln ½
        let gamma = 3.0_f32.ln() / 2.0_f32.ln();
        for (v, after) in source.iter().zip(floats(&result)) {
            assert!((v.powf(1.0 / gamma) - after).abs() < 1e-3, "{v} → {after}");
        }
    }

    #[test]
    fn transparent_pixels_are_not_measured() {
        let source = [0.25, 1.0, 0.75, 1.0, 0.0, 0.0, 1.0, 0.0];
        let result = run("auto_levels", &ALL, float(Layout::GreyAlpha, &source));
        assert!((floats(&result)[0]).abs() < 1e-4 && (floats(&result)[2] - 1.0).abs() < 1e-4);
    }
}
