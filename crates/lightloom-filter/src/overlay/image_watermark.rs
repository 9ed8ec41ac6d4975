//! Image watermark: draws a logo on the picture.
//!
//! Algorithm: the picture in the file is scaled to a share of the shorter side (three-lobed Lanczos; see `resample`),
//! its opacity reduced, and composited over the picture with a blend mode on encoded sRGB values (see `overlay`).
//! Range: samples outside it stay exactly as they are. Alpha: the file's alpha is used, with `source-over`, so it
//! shows on transparent pictures too. Depth: kept, computed in f32 and rounded once. Edges: what does not fit is cut
//! off. A file in colour turns grey pictures into colour pictures.

use std::sync::Arc;

use crate::asset::{Asset, asset};
use crate::figure::{Content, Figure, Frame, OnPicture, Settings};
use crate::kernel::anchor::{Anchor, Anchored, CORNERS_FIRST, position};
use crate::kernel::overlay::{Blend, Layer, draw};
use crate::kernel::resample::{Kernel, Resampler};
use crate::{Example, Filter, FilterContext, Operation, Stopped, Unfit, Whole, Work};
use lightloom_param::{FileKind, FileValue, choice, file, number, parameters};
use lightloom_picture::{Depth, Extent, Geometry, Layout, Pixels, Shape};

parameters! {
    pub(crate) struct ImageWatermark {
        file: FileValue = file(
            "Picture",
            "The picture to put on, best a PNG or WebP with transparency",
            FileKind::Picture,
        ),
        anchor: Anchor = choice("Anchor", "Where on the picture it stands").among(CORNERS_FIRST),
        scale: f32 = number(
            "Scale",
            "Its longer side as a share of the picture's shorter side",
            "%",
            (1.0, 400.0),
            20.0,
        )
        .step(0.5)
        .logarithmic(),
        margin: f32 = number("Margin", "Distance from the edge as a share of the shorter side", "%", (0.0, 50.0), 2.5)
            .step(0.1),
        opacity: f32 = number("Opacity", "0 is invisible and 100 as opaque as the file", "%", (0.0, 100.0), 80.0),
        blend: Blend = choice("Blend", "How its colours meet those of the picture"),
    }
}

impl Filter for ImageWatermark {
    const TITLE: &'static str = "Image watermark";
    const HELP: &'static str = "Puts a logo or another picture on the picture";
    const EXAMPLE: Example = Example::of(&[("file", "sample"), ("scale", "30")]);
    const ON_PICTURE: Option<OnPicture<Self>> =
        Some(OnPicture { figure: Self::figure, settings: Self::settings, content: Self::content });

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let opacity = self.opacity / 100.0;
        let Some(asset) = asset(&self.file)?.filter(|_| opacity > 0.0) else { return Ok(Operation::Identity) };
        let Asset::Picture(logo) = &*asset else {
            return Err(Unfit("the file holds no picture".to_owned()));
        };
        Ok(Operation::whole(ImageOverlay {
            has_hue: logo.shape().layout.colours() == 3,
            asset: Arc::clone(&asset),
            anchor: self.anchor.shares(),
            scale: f64::from(self.scale) / 100.0,
            margin: f64::from(self.margin) / 100.0,
            opacity,
            blend: self.blend,
        }))
    }
}

impl ImageWatermark {
    /// Width and height where the longer of them is 1.
    fn content(&self, _: (u32, u32)) -> Option<Content> {
        let Asset::Picture(logo) = &*asset(&self.file).ok()?? else { return None };
        let [width, height] = [logo.width(), logo.height()].map(f64::from);
        let longer = width.max(height);
        Some(Content { width: width / longer, height: height / longer })
    }

    fn anchored(&self) -> Anchored {
        Anchored { anchor: self.anchor, percent: f64::from(self.scale), margin: f64::from(self.margin) }
    }

    fn figure(&self, frame: &Frame) -> Option<Figure> {
        self.anchored().figure(frame)
    }

    fn settings(&self, figure: &Figure, frame: &Frame) -> Settings {
        self.anchored().settings("scale", (1.0, 400.0), figure, frame)
    }
}

struct ImageOverlay {
    asset: Arc<Asset>,
    has_hue: bool,
    anchor: (f64, f64),
    scale: f64,
    margin: f64,
    opacity: f32,
    blend: Blend,
}

impl ImageOverlay {
    /// The size of the logo on a picture of this shape.
    fn size(&self, logo: Shape, picture: Shape) -> (u32, u32) {
        let shorter = f64::from(picture.width.min(picture.height));
        let factor = self.scale * shorter / f64::from(logo.width.max(logo.height));
        let side = |v: u32| ((f64::from(v) * factor).round() as u32).max(1);
        (side(logo.width), side(logo.height))
    }
}

impl Whole for ImageOverlay {
    fn geometry(&self, source: Shape) -> Geometry {
        Geometry::identity((source.width, source.height))
    }

    fn shape(&self, source: Shape) -> Shape {
        Shape { layout: if self.has_hue { source.layout.coloured() } else { source.layout }, ..source }
    }

    fn extra_bytes(&self, source: Shape) -> u64 {
        let Asset::Picture(logo) = &*self.asset else { return 0 };
        let (width, height) = self.size(logo.shape(), source);
        // the logo as floats, and twice its scaled copy
        logo.shape().pixels() * 16 + u64::from(width) * u64::from(height) * 32
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let Asset::Picture(logo) = &*self.asset else { return Ok(source) };
        let (width, height) = self.size(logo.shape(), source.shape());
        let Pixels::F32(floats) = logo.clone().into_layout(Layout::Rgba).into_depth(Depth::F32) else {
            return Ok(source);
        };
        let whole = Extent::whole(floats.width(), floats.height());
        let resampler = Resampler::new(whole, (width, height), Layout::Rgba, Kernel::Lanczos3, false);
        let mut samples = vec![0.0_f32; width as usize * height as usize * 4];
        resampler.rows(&floats, 0..height, &mut samples, work.stop);
        if (work.stop)() {
            return Err(Stopped);
        }
        let shape = self.shape(source.shape());
        let source = source.into_layout(shape.layout);
        let pixels = samples.as_chunks::<4>().0.iter().map(|&[r, g, b, a]| {
            // lobes of the kernel overshoot
            let colour = [r, g, b].map(|v| v.clamp(0.0, 1.0));
            [colour[0], colour[1], colour[2], a * self.opacity]
        });
        let layer = Layer { width, pixels: pixels.collect() };
        let margin = self.margin * f64::from(shape.width.min(shape.height));
        let left = position(shape.width, width, self.anchor.0, margin);
        let top = position(shape.height, height, self.anchor.1, margin);
        draw(source, &layer, (left, top), self.blend, work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, grey8, run_params};
    use crate::{FileValue, Params, Value, find};
    use lightloom_picture::Raster;

    fn with(logo: Pixels, values: &[(&str, &str)]) -> Params {
        let mut file = FileValue::new("logo.png");
        file.set_loaded(Ok(Arc::new(Asset::Picture(logo))));
        let mut params = Params::defaults(find("image_watermark").unwrap());
        params.set("file", Value::File(file)).unwrap();
        values.iter().for_each(|(key, text)| params.set_text(key, text).unwrap());
        params
    }

    fn black(width: u32, height: u32) -> Pixels {
        grey8(width, &vec![0; (width * height) as usize])
    }

    #[test]
    fn size_place_and_opacity() {
        let white = grey8(2, &[255; 2]);
        // 2 × 1 scaled to half of the shorter side 8: 4 × 2, one pixel from the edges
        let params = with(white, &[("scale", "50"), ("margin", "12.5"), ("opacity", "60"), ("anchor", "bottom_right")]);
        let result = run_params(&params, black(10, 8));
        let lit: Vec<usize> = bytes(&result).iter().enumerate().filter(|(_, v)| **v > 0).map(|(i, _)| i).collect();
        assert_eq!(lit, [55, 56, 57, 58, 65, 66, 67, 68]);
        assert_eq!(bytes(&result)[55], 153);
    }

    #[test]
    fn transparency_of_the_file_counts_and_colour_adds_channels() {
        let logo = Pixels::from(Raster::new(1, 1, Layout::Rgba, vec![255_u8, 0, 0, 51]));
        let result = run_params(&with(logo, &[("scale", "100"), ("margin", "0"), ("opacity", "100")]), black(3, 3));
        assert_eq!(result.shape().layout, Layout::Rgb);
        assert!(bytes(&result).as_chunks::<3>().0.iter().all(|p| *p == [51, 0, 0]));
    }

    #[test]
    fn blending_multiplies() {
        let half = grey8(1, &[128]);
        let values = [("scale", "100"), ("margin", "0"), ("opacity", "100"), ("blend", "multiply")];
        let result = run_params(&with(half, &values), grey8(2, &[255, 100, 50, 0]));
        assert_eq!(bytes(&result), [128, 50, 25, 0]);
    }

    #[test]
    fn without_a_file_nothing_happens() {
        let frame = FilterContext { shape: black(2, 2).shape(), scale: 1.0 };
        assert!(matches!(Params::defaults(find("image_watermark").unwrap()).compile(&frame), Ok(Operation::Identity)));
        let mut params = Params::defaults(find("image_watermark").unwrap());
        params.set_text("file", "missing.png").unwrap();
        let Err(error) = params.compile(&frame) else { panic!("accepted") };
        assert!(error.to_string().contains("missing.png"));
    }
}
