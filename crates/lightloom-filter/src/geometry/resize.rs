//! Resize: changes the number of pixels.
//!
//! Algorithm: separable resampling with the chosen kernel, stretched by the factor when shrinking so that every
//! source pixel contributes (see `resample`), on encoded values as image editors do, or on linear light (see
//! `linear`). Encoded values are the default: kernels with negative lobes ring less on them where dark meets light,
//! and decoders can do part of the work; linear light suits fine patterns of black and white, which it does not
//! darken. Fill resamples the part of the picture that has the proportions of the box, pad puts the result on a
//! canvas. A width or height of 0 is not given: it follows from the other.
//! Range: kernels with negative lobes overshoot at edges; integers clip it, floats keep it. Alpha: averaged and
//! clipped to 0–1, colours weighted by it; a colour of pad that is not opaque adds it. Depth: kept, computed in f32 and
//! rounded once; 8-bit pictures without alpha in integers, rounded once too (see `resample_u8`).
//! Edges: the kernel is truncated at the edge and renormalised.

use crate::kernel::anchor::Anchor;
use crate::kernel::framing::{Canvas, Part};
use crate::kernel::light_u8::Tones;
use crate::kernel::linear;
use crate::kernel::resample::{Kernel, Resampler};
use crate::kernel::resample_bands::by_bands;
use crate::kernel::resample_u8;
use crate::kernel::sizing::{ANY, around, of_area, scale_side, within};
use crate::kernel::surround::{Placement, converted_bytes, cut};
use crate::{Colour, Example, Filter, FilterContext, Operation, Params, RowWise, Stopped, Unfit, Whole, Work};
use lightloom_param::{choice, colour, integer, number, parameters, toggle};
use lightloom_picture::with_raster;
use lightloom_picture::{Chroma, Depth, Extent, Geometry, Pixels, Planar, Raster, Sample, Shape};

choice! {
    enum Mode {
        Fit = "fit",
        Fill = "fill",
        Pad = "pad",
        Percent = "percent",
        Exact = "exact",
        LongEdge = "long_edge",
        ShortEdge = "short_edge",
        Megapixels = "megapixels",
    }
}

/// Modes with a width and a height.
const BOXED: &[&str] = &["fit", "fill", "pad", "exact"];

parameters! {
    pub(crate) struct Resize {
        mode: Mode = choice(
            "Mode",
            "Fit keeps the proportions within width and height, fill cuts off what exceeds them, pad fills up what is left, percent scales both sides, exact may distort; the others keep the proportions too",
        ),
        width: u32 = integer("Width", "Width of the box, for exact of the picture", "px", (0, 65_535), 0)
            .zero_is("any width")
            .logarithmic()
            .when("mode", BOXED),
        height: u32 = integer("Height", "Height of the box, for exact of the picture", "px", (0, 65_535), 0)
            .zero_is("any height")
            .logarithmic()
            .when("mode", BOXED),
        edge: u32 = integer("Edge", "Length of that edge", "px", (1, 65_535), 1920)
            .logarithmic()
            .when("mode", &["long_edge", "short_edge"]),
        percent: f32 = number("Percent", "Share of the original width and height", "%", (1.0, 1000.0), 50.0)
            .logarithmic()
            .when("mode", &["percent"]),
        megapixels: f32 = number("Megapixels", "Millions of pixels, rounded down", "MP", (0.01, 1000.0), 2.0)
            .step(0.01)
            .logarithmic()
            .when("mode", &["megapixels"]),
        anchor: Anchor = choice("Anchor", "Which part fill keeps, and where pad puts the picture")
            .when("mode", &["fill", "pad"]),
        colour: Colour = colour("Colour", "Colour of what pad adds; transparent with opacity 00", Colour::WHITE)
            .when("mode", &["pad"]),
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
    const VERSION: u32 = 2;
    const START: &'static [(&'static str, &'static str)] = &[("width", "1920"), ("height", "1920")];
    const EXAMPLE: Example = Example::of(&[("mode", "fill"), ("width", "240"), ("height", "240"), ("enlarge", "true")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let source = (context.shape.width, context.shape.height);
        let Sizes { part, scaled, result } = self.sizes(source)?;
        if scaled == source && result == source {
            return Ok(Operation::Identity);
        }
        let proxy = |side: u32| if context.scale < 1.0 { scale_side(side, f64::from(context.scale)) } else { side };
        let proxy = |size: (u32, u32)| (proxy(size.0), proxy(size.1));
        let shares = self.anchor.shares();
        Ok(Operation::whole(ResizeTo {
            part: (part != source).then(|| Part { ratio: f64::from(scaled.0) / f64::from(scaled.1), shares }),
            target: proxy(scaled),
            shrinks: (scaled.0 <= part.0, scaled.1 <= part.1),
            canvas: (result != scaled).then(|| Canvas { size: proxy(result), shares, colour: self.colour }),
            kernel: self.kernel,
            linear: self.linear,
        }))
    }
}

impl Params {
    /// The box that pictures are fitted into, if this is a resize that does so.
    pub fn fit_box(&self) -> Option<(u32, u32)> {
        let resize = (self.spec().id == "resize").then(|| self.read::<Resize>())?;
        (resize.mode == Mode::Fit && resize.width > 0 && resize.height > 0).then_some((resize.width, resize.height))
    }
}

/// What becomes of a picture: a part of it is scaled and put on a canvas.
struct Sizes {
    part: (u32, u32),
    scaled: (u32, u32),
    result: (u32, u32),
}

impl Resize {
    /// The sizes for a picture of size `source`.
    fn sizes(&self, source: (u32, u32)) -> Result<Sizes, Unfit> {
        let &Self { width, height, edge, enlarge, .. } = self;
        let limits = [width, height].map(|side| if side == 0 { ANY } else { side });
        let limits = (limits[0], limits[1]);
        let is_boxed = matches!(self.mode, Mode::Fit | Mode::Fill | Mode::Pad | Mode::Exact);
        if is_boxed && limits == (ANY, ANY) {
            return Err(Unfit("needs a width or a height, such as width=1920".to_owned()));
        }
        // smaller pictures stay as they are
        let kept = |size: (u32, u32)| if !enlarge && (size.0 > source.0 || size.1 > source.1) { source } else { size };
        let whole = |scaled: (u32, u32)| Sizes { part: source, scaled, result: scaled };
        let factor = f64::from(self.percent) / 100.0;
        Ok(match self.mode {
            Mode::Percent => whole(kept((scale_side(source.0, factor), scale_side(source.1, factor)))),
            Mode::LongEdge => whole(kept(within(source, (edge, edge)))),
            Mode::ShortEdge => whole(kept(around(source, (edge, edge)))),
            Mode::Megapixels => whole(kept(of_area(source, f64::from(self.megapixels) * 1e6))),
            _ if width == 0 || height == 0 => whole(kept(within(source, limits))),
            Mode::Fit => whole(kept(within(source, limits))),
            Mode::Exact if enlarge => whole(limits),
            Mode::Exact => whole((width.min(source.0), height.min(source.1))),
            Mode::Pad => Sizes { part: source, scaled: kept(within(source, limits)), result: limits },
            Mode::Fill => {
                if kept(around(source, limits)) == source {
                    Sizes { part: source, scaled: source, result: (width.min(source.0), height.min(source.1)) }
                } else {
                    Sizes { part: within(limits, source), scaled: limits, result: limits }
                }
            }
        })
    }
}

struct ResizeTo {
    /// What is scaled; everything if there is none.
    part: Option<Part>,
    /// Size that it is scaled to, for pictures at the scale of the frame.
    target: (u32, u32),
    /// Whether width and height get smaller or stay: then an incoming picture that is already smaller is not enlarged.
    shrinks: (bool, bool),
    canvas: Option<Canvas>,
    kernel: Kernel,
    linear: bool,
}

impl Whole for ResizeTo {
    fn shape(&self, source: Shape) -> Shape {
        let scaled = self.scaled(source);
        self.canvas.as_ref().map_or(scaled, |canvas| canvas.shape(scaled))
    }

    fn extra_bytes(&self, source: Shape) -> u64 {
        let scaled = self.scaled(source);
        let part = self.part.as_ref().map_or(0, |part| {
            let Placement { width, height, .. } = part.of((source.width, source.height));
            Shape { width, height, ..source }.bytes()
        });
        let placed = |canvas: &Canvas| scaled.bytes() + converted_bytes(scaled, canvas.shape(scaled).layout);
        part + self.canvas.as_ref().map_or(0, placed)
    }

    fn geometry(&self, source: Shape) -> Geometry {
        let scaled = self.scaled(source);
        let (size, scaled) = ((source.width, source.height), (scaled.width, scaled.height));
        let part = self.part.as_ref().map_or(Geometry::identity(size), |part| part.of(size).geometry(size));
        let resized = part.then(&Geometry::scaled(part.size(), scaled));
        self.canvas.as_ref().map_or(resized, |canvas| resized.then(&canvas.placement(scaled).geometry(scaled)))
    }

    fn shrinks_to(&self) -> Option<(u32, u32)> {
        // a decoder averages encoded values
        (self.shrinks == (true, true) && !self.linear).then_some(self.target)
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        if self.is_scaled(source.shape()) {
            let result = self.apply_to(&source, work);
            source.recycle(work.buffers);
            return result;
        }
        self.placed(source, work)
    }

    fn apply_to(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        self.apply_scaled(source, Extent::whole(source.width(), source.height()), work)
    }

    fn by_bands(&self, source: Planar, extent: Extent, chroma: Chroma) -> Option<(Box<dyn RowWise + '_>, Planar)> {
        let shape = source.shape();
        let Shape { width, height, .. } = self.scaled(shape);
        let to = Planar { width, height, chroma };
        (!self.linear && self.passes_rows(shape, extent))
            .then(|| (by_bands(source, self.part_of(extent), to, self.kernel), to))
    }

    fn by_rows(&self, source: Shape, extent: Extent) -> Option<Box<dyn RowWise + '_>> {
        let Shape { width, height, layout, .. } = self.scaled(source);
        let how = (self.kernel, self.tones());
        self.passes_rows(source, extent)
            .then(|| resample_u8::by_rows(layout, self.part_of(extent), (width, height), how))?
    }

    fn apply_scaled(&self, source: &Pixels, extent: Extent, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let whole = source.shape();
        if !self.is_scaled(whole) && extent.is_whole(whole) {
            return self.placed(source.copied(work.buffers), work);
        }
        let scaled = match &self.part {
            None => self.resampled(source, extent, whole, work)?,
            Some(part) => {
                let (placement, extent) = part.of_extent(extent);
                let kept = cut(source, placement, work)?;
                let scaled = self.resampled(&kept, extent, whole, work);
                kept.recycle(work.buffers);
                scaled?
            }
        };
        self.placed(scaled, work)
    }
}

impl ResizeTo {
    /// Whether it is nothing but a change of the size of a picture or of a part of it.
    fn passes_rows(&self, source: Shape, extent: Extent) -> bool {
        let is_plain = self.canvas.is_none() && source.depth == Depth::U8;
        is_plain && (self.is_scaled(source) || !extent.is_whole(source))
    }

    /// Where the part that is kept begins, and what it fills of its pixels.
    fn part_of(&self, extent: Extent) -> ((u32, u32), Extent) {
        match &self.part {
            None => ((0, 0), extent),
            Some(part) => {
                let (Placement { left, top, .. }, extent) = part.of_extent(extent);
                (((-left) as u32, (-top) as u32), extent)
            }
        }
    }

    /// The shape before it is put on a canvas.
    fn scaled(&self, source: Shape) -> Shape {
        let side = |target: u32, source: u32, shrinks: bool| if shrinks { target.min(source) } else { target };
        Shape {
            width: side(self.target.0, source.width, self.shrinks.0),
            height: side(self.target.1, source.height, self.shrinks.1),
            ..source
        }
    }

    const fn tones(&self) -> Tones {
        if self.linear { Tones::Light } else { Tones::Encoded }
    }

    fn is_scaled(&self, source: Shape) -> bool {
        self.part.is_some() || self.scaled(source) != source
    }

    /// Scales `extent` of a picture, or of the part of one of shape `whole` that is kept.
    fn resampled(&self, source: &Pixels, extent: Extent, whole: Shape, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let shape = self.scaled(whole);
        let target = (shape.width, shape.height);
        if let Pixels::U8(levels) = source
            && let Some(result) = resample_u8::resample(levels, extent, target, (self.kernel, self.tones()), work)
        {
            return result.map(Pixels::from);
        }
        with_raster!(source, r => resample(r, extent, target, (self.kernel, self.linear), work).map(Pixels::from))
    }

    fn placed(&self, scaled: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        match &self.canvas {
            Some(canvas) => canvas.place(scaled, work),
            None => Ok(scaled),
        }
    }
}

/// Target rows per piece of work where a picture is spread over several cores: each piece converts the source rows
/// within the support of its first row again, which would not pay off for few rows.
const BAND: usize = 64;

fn resample<S: Sample>(
    source: &Raster<S>,
    extent: Extent,
    target: (u32, u32),
    (kernel, linear): (Kernel, bool),
    work: &mut Work<'_>,
) -> Result<Raster<S>, Stopped> {
    let resampler = Resampler::new(extent, target, source.layout(), kernel, linear);
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
    use lightloom_picture::{Buffers, Layout};

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

    /// As earlier versions fitted pictures without being told how.
    const SQUARE: [(&str, &str); 2] = [("width", "1920"), ("height", "1920")];

    #[test]
    fn sizes_of_each_mode() {
        assert_eq!(size(&SQUARE, 6000, 4000), (1920, 1280));
        assert_eq!(size(&SQUARE, 1000, 800), (1000, 800));
        assert_eq!(size(&[&SQUARE[..], &[("enlarge", "true")]].concat(), 1000, 800), (1920, 1536));
        assert_eq!(size(&[("mode", "percent")], 101, 1), (51, 1));
        assert_eq!(size(&[("mode", "percent"), ("percent", "200")], 100, 50), (100, 50));
        assert_eq!(size(&[("mode", "percent"), ("percent", "200"), ("enlarge", "true")], 100, 50), (200, 100));
        let exact = [("mode", "exact"), ("width", "300"), ("height", "200")];
        assert_eq!(size(&exact, 1000, 100), (300, 100));
        assert_eq!(size(&[&exact[..], &[("enlarge", "true")]].concat(), 1000, 100), (300, 200));
        assert_eq!(size(&[("mode", "long_edge"), ("edge", "800")], 1000, 4000), (200, 800));
        assert_eq!(size(&[("mode", "short_edge"), ("edge", "800")], 1000, 4000), (800, 3200));
        assert_eq!(size(&[("mode", "short_edge"), ("edge", "1001")], 1000, 4000), (1000, 4000));
        assert_eq!(size(&[("mode", "megapixels"), ("megapixels", "6")], 6000, 4000), (3000, 2000));
        assert_eq!(size(&[("mode", "megapixels"), ("megapixels", "25")], 6000, 4000), (6000, 4000));
    }

    #[test]
    fn a_side_that_is_not_given_follows_from_the_other() {
        for mode in ["fit", "fill", "pad", "exact"] {
            assert_eq!(size(&[("mode", mode), ("width", "800")], 1000, 4000), (800, 3200), "{mode}");
            assert_eq!(size(&[("mode", mode), ("height", "800")], 4000, 1000), (3200, 800), "{mode}");
            assert_eq!(size(&[("mode", mode), ("width", "800")], 500, 4000), (500, 4000), "{mode}");
            let params = [("mode", mode), ("width", "800"), ("enlarge", "true")];
            assert_eq!(size(&params, 400, 100), (800, 200), "{mode}");
            let mut neither = Params::defaults(find("resize").unwrap());
            neither.set_text("mode", mode).unwrap();
            let error = neither.compile(&frame(9, 9, 1.0)).err().unwrap().to_string();
            assert!(error.contains("needs a width or a height"), "{error}");
        }
    }

    #[test]
    fn fill_and_pad_have_the_size_of_the_box() {
        for (width, height) in [(6000, 4000), (400, 4000), (400, 300), (500, 900), (400, 9000)] {
            let sides = [("width", "400"), ("height", "300")];
            for mode in ["fill", "pad"] {
                assert_eq!(size(&[&sides[..], &[("mode", mode)]].concat(), width, height), (400, 300));
            }
        }
        // what is smaller is not enlarged: filling cuts it, padding surrounds it
        let of = |mode, enlarge| size(&[("mode", mode), ("width", "400"), ("height", "300"), enlarge], 1000, 200);
        assert_eq!((of("fill", ("enlarge", "false")), of("fill", ("enlarge", "true"))), ((400, 200), (400, 300)));
        assert_eq!((of("pad", ("enlarge", "false")), of("pad", ("enlarge", "true"))), ((400, 300), (400, 300)));
    }

    #[test]
    fn a_proxy_is_scaled_in_proportion_and_not_enlarged() {
        let resize = compiled(&SQUARE, &frame(6000, 4000, 0.25)).unwrap();
        assert_eq!(resize.shrinks_to(), Some((480, 320)));
        let shape = |w, h| {
            let shape = resize.shape(frame(w, h, 1.0).shape);
            (shape.width, shape.height)
        };
        assert_eq!(shape(1500, 1000), (480, 320));
        assert_eq!(shape(400, 300), (400, 300));
        let enlarging = [&SQUARE[..], &[("enlarge", "true")]].concat();
        let enlarging = compiled(&enlarging, &frame(600, 400, 0.5)).unwrap();
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
    fn transparent_colours_do_not_bleed() {
        let pixels = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
        let params = [("mode", "exact"), ("width", "1"), ("height", "1"), ("kernel", "box")];
        assert_eq!(floats(&run("resize", &params, float(Layout::Rgba, &pixels))), [1.0, 0.0, 0.0, 0.5]);
    }

    #[test]
    fn a_stop_is_noticed() {
        let resize = compiled(&SQUARE, &frame(4000, 10, 1.0)).unwrap();
        let source = Raster::new(4000, 10, Layout::Rgb, vec![7_u8; 120_000]);
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| true, split: false };
        assert_eq!(resize.apply(source.into(), &mut work), Err(Stopped));
    }
}
