//! Resize: changes the number of pixels.
//!
//! Algorithm: separable resampling with the chosen kernel, stretched by the factor when shrinking so that every
//! source pixel contributes (see `resample`), on encoded values as image editors do, or on linear light (see
//! `linear`). Encoded values are the default: kernels with negative lobes ring less on them where dark meets light,
//! and decoders can do part of the work; linear light suits fine patterns of black and white, which it does not
//! darken.
//! Range: kernels with negative lobes overshoot at edges; integers clip it, floats keep it. Alpha: averaged and
//! clipped to 0–1, colours weighted by it. Depth: kept, computed in f32 and rounded once; 8-bit pictures without
//! alpha on encoded values in integers, rounded once too (see `resample_u8`). Edges: the kernel is truncated at the
//! edge and renormalised.

use crate::kernel::linear;
use crate::kernel::resample::{Kernel, Resampler};
use crate::kernel::resample_u8;
use crate::{Example, Filter, FilterContext, Operation, Params, Stopped, Unfit, Whole, Work};
use lightloom_param::{choice, integer, number, parameters, toggle};
use lightloom_picture::with_raster;
use lightloom_picture::{Pixels, Raster, Sample, Shape};

choice! {
    enum Mode {
        Fit = "fit",
        Percent = "percent",
        Exact = "exact",
    }
}

parameters! {
    pub(crate) struct Resize {
        mode: Mode = choice(
            "Mode",
            "Fit keeps the proportions within width and height, percent scales both sides, exact may distort",
        ),
        width: u32 = integer("Width", "Largest width for fit, or the width itself for exact", "px", (1, 65_535), 1920)
            .logarithmic()
            .when("mode", &["fit", "exact"]),
        height: u32 = integer(
            "Height",
            "Largest height for fit, or the height itself for exact",
            "px",
            (1, 65_535),
            1920,
        )
        .logarithmic()
        .when("mode", &["fit", "exact"]),
        percent: f32 = number("Percent", "Share of the original width and height", "%", (1.0, 1000.0), 50.0)
            .logarithmic()
            .when("mode", &["percent"]),
        kernel: Kernel = choice(
            "Kernel",
            "Lanczos is sharpest, Mitchell softest without ringing, box averages, nearest keeps hard pixels",
        ),
        enlarge: bool = toggle("Enlarge smaller pictures", "Whether a picture may become larger than it is", false),
        linear: bool = linear::LINEAR,
    }
}

impl Filter for Resize {
    const TITLE: &'static str = "Resize";
    const HELP: &'static str = "Changes the number of pixels";
    const EXAMPLE: Example = Example::of(&[("mode", "percent"), ("percent", "40")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let source = (context.shape.width, context.shape.height);
        let full = self.target_size(source);
        if full == source {
            return Ok(Operation::Identity);
        }
        let scaled = |side: u32| if context.scale < 1.0 { scale_side(side, f64::from(context.scale)) } else { side };
        Ok(Operation::whole(ResizeTo {
            target: (scaled(full.0), scaled(full.1)),
            shrinks: (full.0 <= source.0, full.1 <= source.1),
            kernel: self.kernel,
            linear: self.linear,
        }))
    }
}

impl Params {
    /// The box that pictures are fitted into, if this is a resize that does so.
    pub fn fit_box(&self) -> Option<(u32, u32)> {
        let resize = (self.spec().id == "resize").then(|| self.read::<Resize>())?;
        (resize.mode == Mode::Fit).then_some((resize.width, resize.height))
    }
}

impl Resize {
    /// The size that a picture of size `source` gets.
    fn target_size(&self, source: (u32, u32)) -> (u32, u32) {
        let &Self { width, height, enlarge, .. } = self;
        match self.mode {
            Mode::Percent => {
                let factor = f64::from(self.percent) / 100.0;
                if factor > 1.0 && !enlarge {
                    source
                } else {
                    (scale_side(source.0, factor), scale_side(source.1, factor))
                }
            }
            Mode::Exact if enlarge => (width, height),
            Mode::Exact => (width.min(source.0), height.min(source.1)),
            Mode::Fit if source.0 <= width && source.1 <= height && !enlarge => source,
            Mode::Fit => fit(source, (width, height)),
        }
    }
}

/// The largest size within `limits` that has the proportions of `source`, in whole pixels: one side is the limit.
fn fit(source: (u32, u32), limits: (u32, u32)) -> (u32, u32) {
    /// `a`·`b` ÷ `c`, rounded to nearest.
    fn share(a: u32, b: u32, c: u32) -> u32 {
        let (product, c) = (u64::from(a) * u64::from(b), u64::from(c));
        ((product + c / 2) / c) as u32
    }
    if u64::from(limits.0) * u64::from(source.1) <= u64::from(limits.1) * u64::from(source.0) {
        (limits.0, share(source.1, limits.0, source.0).clamp(1, limits.1))
    } else {
        (share(source.0, limits.1, source.1).clamp(1, limits.0), limits.1)
    }
}

/// A side times a factor, rounded to nearest, at least 1.
fn scale_side(side: u32, factor: f64) -> u32 {
    ((f64::from(side) * factor).round() as u32).max(1)
}

struct ResizeTo {
    /// Size of the result, for pictures at the scale of the frame.
    target: (u32, u32),
    /// Whether width and height get smaller or stay: then an incoming picture that is already smaller is not enlarged.
    shrinks: (bool, bool),
    kernel: Kernel,
    linear: bool,
}

impl Whole for ResizeTo {
    fn shape(&self, source: Shape) -> Shape {
        let side = |target: u32, source: u32, shrinks: bool| if shrinks { target.min(source) } else { target };
        Shape {
            width: side(self.target.0, source.width, self.shrinks.0),
            height: side(self.target.1, source.height, self.shrinks.1),
            ..source
        }
    }

    fn shrinks_to(&self) -> Option<(u32, u32)> {
        // a decoder averages encoded values
        (self.shrinks == (true, true) && !self.linear).then_some(self.target)
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        if self.shape(source.shape()) == source.shape() {
            return Ok(source);
        }
        let result = self.resampled(&source, work);
        source.recycle(work.buffers);
        result
    }

    fn apply_to(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        if self.shape(source.shape()) == source.shape() {
            return Ok(source.copied(work.buffers));
        }
        self.resampled(source, work)
    }
}

impl ResizeTo {
    fn resampled(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let shape = self.shape(source.shape());
        let target = (shape.width, shape.height);
        if let (Pixels::U8(levels), false) = (source, self.linear)
            && let Some(result) = resample_u8::resample(levels, target, self.kernel, work)
        {
            return result.map(Pixels::from);
        }
        with_raster!(source, r => resample(r, target, (self.kernel, self.linear), work).map(Pixels::from))
    }
}

/// Target rows per piece of work where a picture is spread over several cores: each piece converts the source rows
/// within the support of its first row again, which would not pay off for few rows.
const BAND: usize = 64;

fn resample<S: Sample>(
    source: &Raster<S>,
    target: (u32, u32),
    (kernel, linear): (Kernel, bool),
    work: &mut Work<'_>,
) -> Result<Raster<S>, Stopped> {
    let resampler = Resampler::new((source.width(), source.height()), target, source.layout(), kernel, linear);
    let (stop, band) = (work.stop, if work.split { BAND } else { target.1 as usize });
    let result = work.draw(target, source.layout(), band, |rows, target| {
        resampler.rows(source, rows.start as u32..rows.end as u32, target, stop);
    })?;
    if stop() {
        work.buffers.give(result.into_samples());
        return Err(Stopped);
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, float, floats, grey8, run};
    use crate::{Params, find};
    use lightloom_picture::{Buffers, Depth, Layout};

    fn frame(width: u32, height: u32, scale: f32) -> FilterContext {
        FilterContext { shape: Shape { width, height, layout: Layout::Rgb, depth: Depth::U8 }, scale }
    }

    fn compiled(params: &[(&str, &str)], frame: &FilterContext) -> Option<Box<dyn Whole>> {
        let mut values = Params::defaults(find("resize").unwrap());
        params.iter().for_each(|(key, text)| values.set_text(key, text).unwrap());
        match values.compile(frame).unwrap() {
            Operation::Whole(whole) => Some(whole),
            Operation::Identity => None,
            _ => unreachable!(),
        }
    }

    fn size(params: &[(&str, &str)], width: u32, height: u32) -> (u32, u32) {
        let frame = frame(width, height, 1.0);
        let shape = compiled(params, &frame).map_or(frame.shape, |g| g.shape(frame.shape));
        (shape.width, shape.height)
    }

    #[test]
    fn fit_touches_the_box_and_keeps_proportions() {
        let sides = [1, 2, 3, 7, 50, 333, 1920, 6000, 65_535, 200_000];
        for (w, h) in sides.into_iter().flat_map(|w| sides.map(|h| (w, h))) {
            for (limit_w, limit_h) in [(1, 1), (1920, 1080), (64, 48), (1, 65_535), (65_535, 65_535)] {
                let (fw, fh) = fit((w, h), (limit_w, limit_h));
                assert!(fw >= 1 && fh >= 1 && fw <= limit_w && fh <= limit_h, "{w} × {h} → {fw} × {fh}");
                assert!(fw == limit_w || fh == limit_h, "{w} × {h} → {fw} × {fh}");
                let factor = (f64::from(limit_w) / f64::from(w)).min(f64::from(limit_h) / f64::from(h));
                for (side, fitted) in [(w, fw), (h, fh)] {
                    let ideal = f64::from(side) * factor;
                    assert!((f64::from(fitted) - ideal.max(1.0)).abs() <= 0.5 + 1e-9, "{w} × {h} → {fw} × {fh}");
                }
            }
        }
    }

    #[test]
    fn sizes_of_each_mode() {
        assert_eq!(size(&[], 6000, 4000), (1920, 1280));
        assert_eq!(size(&[], 1000, 800), (1000, 800));
        assert_eq!(size(&[("enlarge", "true")], 1000, 800), (1920, 1536));
        assert_eq!(size(&[("mode", "percent")], 101, 1), (51, 1));
        assert_eq!(size(&[("mode", "percent"), ("percent", "200")], 100, 50), (100, 50));
        assert_eq!(size(&[("mode", "percent"), ("percent", "200"), ("enlarge", "true")], 100, 50), (200, 100));
        let exact = [("mode", "exact"), ("width", "300"), ("height", "200")];
        assert_eq!(size(&exact, 1000, 100), (300, 100));
        assert_eq!(size(&[&exact[..], &[("enlarge", "true")]].concat(), 1000, 100), (300, 200));
    }

    #[test]
    fn a_proxy_is_scaled_in_proportion_and_not_enlarged() {
        let resize = compiled(&[], &frame(6000, 4000, 0.25)).unwrap();
        assert_eq!(resize.shrinks_to(), Some((480, 320)));
        let shape = |w, h| {
            let shape = resize.shape(frame(w, h, 1.0).shape);
            (shape.width, shape.height)
        };
        assert_eq!(shape(1500, 1000), (480, 320));
        assert_eq!(shape(400, 300), (400, 300));
        let enlarging = compiled(&[("enlarge", "true")], &frame(600, 400, 0.5)).unwrap();
        assert_eq!(enlarging.shrinks_to(), None);
        assert_eq!(enlarging.shape(frame(300, 200, 1.0).shape), frame(960, 640, 1.0).shape);
    }

    #[test]
    fn a_flat_picture_stays_flat() {
        for kernel in ["lanczos3", "catmull_rom", "mitchell", "bilinear", "box", "nearest"] {
            for percent in ["37", "50", "170"] {
                let params = [("mode", "percent"), ("percent", percent), ("kernel", kernel), ("enlarge", "true")];
                let result = run("resize", &params, grey8(30, &[201; 900]));
                assert!(bytes(&result).iter().all(|v| *v == 201), "{kernel} {percent} %");
            }
        }
    }

    #[test]
    fn box_halves_by_averaging_four() {
        let source: Vec<f32> = (0..48).map(|i| ((i * 29) % 47) as f32 / 47.0).collect();
        let params = [("mode", "percent"), ("kernel", "box")];
        let result = run("resize", &params, Raster::new(8, 6, Layout::Grey, source.clone()));
        for (i, v) in floats(&result).iter().enumerate() {
            let at = i / 4 * 16 + i % 4 * 2;
            let mean = (source[at] + source[at + 1] + source[at + 8] + source[at + 9]) / 4.0;
            assert!((v - mean).abs() < 1e-6);
        }
    }

    #[test]
    fn lanczos_halves_with_its_closed_form() {
        let source: Vec<f32> = (0..40).map(|i| ((i * 29) % 47) as f32 / 47.0).collect();
        let params = [("mode", "exact"), ("width", "20"), ("height", "1")];
        let result = run("resize", &params, float(Layout::Grey, &source));
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x) };
        let lanczos = |x: f64| if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 };
        for (i, v) in floats(&result).iter().enumerate() {
            let weight = |j: usize| lanczos((j as f64 + 0.5 - (2 * i + 1) as f64) / 2.0);
            let total: f64 = (0..40).map(weight).sum();
            let expected = (0..40).map(|j| weight(j) * f64::from(source[j])).sum::<f64>() / total;
            assert!((f64::from(*v) - expected).abs() < 1e-5, "{i}: {v}, not {expected}");
        }
    }

    #[test]
    fn transparent_colours_do_not_bleed() {
        let pixels = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
        let params = [("mode", "exact"), ("width", "1"), ("height", "1"), ("kernel", "box")];
        assert_eq!(floats(&run("resize", &params, float(Layout::Rgba, &pixels))), [1.0, 0.0, 0.0, 0.5]);
    }

    #[test]
    fn a_stop_is_noticed() {
        let resize = compiled(&[], &frame(4000, 10, 1.0)).unwrap();
        let source = Raster::new(4000, 10, Layout::Rgb, vec![7_u8; 120_000]);
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| true, split: false };
        assert_eq!(resize.apply(source.into(), &mut work), Err(Stopped));
    }
}
