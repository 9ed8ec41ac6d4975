//! Text watermark: writes text on the picture.
//!
//! Algorithm: text is shaped as in HarfBuzz, in the order of the bidirectional algorithm (see `shaping`), with glyphs
//! of the bundled DejaVu Sans or of another font and, for what that lacks, of the fonts that are installed; they are
//! filled with exact coverage, get an outline and a soft shadow (see `text_layer`), and are composited over the picture
//! on encoded sRGB values (see `overlay`).
//! Size and distances are shares of the shorter side, so that pictures of all sizes in a batch look alike. Tokens
//! such as `{name}` and `{width}` stand for what is known of the picture (see `tokens`); dates are those of the
//! file's last change, in UTC, and `{seq}` is the picture's number in the batch, whichever worker processes it.
//! Range: samples without text stay exactly as they are. Alpha: `source-over`, so text shows on transparent pictures
//! too. Depth: kept, computed in f32 and rounded once. Edges: what does not fit is cut off. A colour with a hue turns
//! grey pictures into colour pictures. Characters that no font has show as an empty box, with a warning; emoji have the
//! colour of the text.

use std::sync::Arc;

use crate::asset::{Asset, asset};
use crate::figure::{Content, Figure, Frame, OnPicture, Settings};
use crate::font::FontStack;
use crate::kernel::anchor::{Anchor, Anchored, CORNERS_FIRST};
use crate::kernel::overlay::{Blend, draw};
use crate::kernel::text_layer::{Style, lay_out};
use crate::tokens;
use crate::{Colour, Example, Filter, FilterContext, Operation, Stopped, Unfit, Whole, Work};
use lightloom_param::{Editor, FileKind, FileValue, TextForm, choice, colour, file, number, parameters, text};
use lightloom_picture::{Geometry, Pixels, Shape};

parameters! {
    pub(crate) struct TextWatermark {
        text: Arc<str> = text(
            "Text",
            "What is written; \\n begins a new line, {name} and {date} are the file's own",
            &FORM,
            "© Your name",
        ),
        anchor: Anchor = choice("Anchor", "Where on the picture the text stands").among(CORNERS_FIRST),
        size: f32 = number("Size", "Height of the letters' em as a share of the shorter side", "%", (0.5, 100.0), 4.0)
            .step(0.1)
            .logarithmic(),
        margin: f32 = number("Margin", "Distance from the edge as a share of the shorter side", "%", (0.0, 50.0), 2.5)
            .step(0.1),
        opacity: f32 = number("Opacity", "0 is invisible and 100 opaque", "%", (0.0, 100.0), 80.0),
        colour: Colour = colour("Colour", "Colour of the letters", Colour::WHITE),
        outline: f32 = number("Outline", "Width of the outline as a share of the size", "%", (0.0, 25.0), 0.0)
            .step(0.5),
        outline_colour: Colour = colour("Outline colour", "Colour of the outline", Colour::BLACK)
            .unless("outline", &["0"]),
        shadow: f32 = number("Shadow", "Opacity of a soft shadow to the lower right", "%", (0.0, 100.0), 60.0),
        font: FileValue = file("Font", "A font file; without one DejaVu Sans, and the system's fonts for what it lacks", FileKind::Font),
    }
}

impl Filter for TextWatermark {
    const TITLE: &'static str = "Text watermark";
    const HELP: &'static str = "Writes text on the picture";
    const EXAMPLE: Example = Example::of(&[("text", "© {name}\\n{width} × {height}"), ("size", "12")]);
    const ON_PICTURE: Option<OnPicture<Self>> =
        Some(OnPicture { figure: Self::figure, settings: Self::settings, content: Self::content });

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let text = self.lines();
        let opacity = self.opacity / 100.0;
        let fonts = self.fonts()?;
        if text.trim().is_empty() || opacity == 0.0 {
            return Ok(Operation::Identity);
        }
        let outline_is_seen = self.outline > 0.0 && self.outline_colour.alpha() > 0.0;
        Ok(Operation::whole(TextOverlay {
            has_hue: !self.colour.is_grey() || (outline_is_seen && !self.outline_colour.is_grey()),
            text,
            context: *context,
            anchor: self.anchor.shares(),
            size: self.size / 100.0,
            margin: self.margin / 100.0,
            outline: if outline_is_seen { self.outline / 100.0 } else { 0.0 },
            colours: (self.colour.rgb(), self.outline_colour.rgb()),
            shadow: self.shadow / 100.0,
            opacity: opacity * self.colour.alpha(),
            fonts,
        }))
    }
}

impl TextWatermark {
    fn lines(&self) -> String {
        self.text.replace("\\n", "\n")
    }

    fn fonts(&self) -> Result<FontStack, Unfit> {
        Ok(match asset(&self.font)?.as_deref() {
            Some(Asset::Font(fonts)) => fonts.clone(),
            _ => FontStack::bundled(),
        })
    }

    /// Width and height of the text where its em is 1.
    fn content(&self, (width, height): (u32, u32)) -> Option<Content> {
        // Large enough that rounding does not show.
        const EM: f32 = 256.0;
        let style = Style {
            size: EM,
            align: self.anchor.shares().0 as f32,
            colour: self.colour.rgb(),
            outline: 0.0,
            outline_colour: self.outline_colour.rgb(),
            shadow: 0.0,
            opacity: 1.0,
        };
        let text = lay_out(&tokens::complete(&self.lines(), width, height), &self.fonts().ok()?, style);
        let content = Content { width: f64::from(text.width / EM), height: f64::from(text.height / EM) };
        (content.width > 0.0 && content.height > 0.0).then_some(content)
    }

    fn anchored(&self) -> Anchored {
        Anchored { anchor: self.anchor, percent: f64::from(self.size), margin: f64::from(self.margin) }
    }

    fn figure(&self, frame: &Frame) -> Option<Figure> {
        self.anchored().figure(frame)
    }

    fn settings(&self, figure: &Figure, frame: &Frame) -> Settings {
        self.anchored().settings("size", (0.5, 100.0), figure, frame)
    }
}

static FORM: TextForm = TextForm {
    allowed: tokens::ALLOWED,
    check: |text| text.chars().count() <= 500 && tokens::are_known(text),
    editor: Editor::Lines,
    tokens: true,
};

struct TextOverlay {
    /// With tokens for the picture's size.
    text: String,
    /// What the tokens say is the size of the full picture.
    context: FilterContext,
    anchor: (f64, f64),
    /// Em and margin as shares of the shorter side, outline as a share of the em.
    size: f32,
    margin: f32,
    outline: f32,
    colours: ([f32; 3], [f32; 3]),
    has_hue: bool,
    shadow: f32,
    opacity: f32,
    fonts: FontStack,
}

impl Whole for TextOverlay {
    fn geometry(&self, source: Shape) -> Geometry {
        Geometry::identity((source.width, source.height))
    }

    fn shape(&self, source: Shape) -> Shape {
        Shape { layout: if self.has_hue { source.layout.coloured() } else { source.layout }, ..source }
    }

    fn extra_bytes(&self, source: Shape) -> u64 {
        // layer and three masks; as large as the picture at most
        let em = f64::from(self.size) * f64::from(source.width.min(source.height));
        let pixels = em * em * 1.2 * self.text.chars().count() as f64;
        (pixels as u64).min(source.pixels()) * 40
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        if (work.stop)() {
            return Err(Stopped);
        }
        let layout = self.shape(source.shape()).layout;
        let source = source.into_layout(layout);
        let (width, height) = (source.width(), source.height());
        let shorter = width.min(height) as f32;
        let size = (self.size * shorter).max(1.0);
        let style = Style {
            size,
            align: self.anchor.0 as f32,
            colour: self.colours.0,
            outline: self.outline * size,
            outline_colour: self.colours.1,
            shadow: self.shadow,
            opacity: self.opacity,
        };
        let (full_width, full_height) = self.context.full_size(width, height);
        let text = lay_out(&tokens::complete(&self.text, full_width, full_height), &self.fonts, style);
        let position = |extent: u32, length: f32, share: f64| {
            let share = share as f32;
            ((extent as f32 - length) * share + self.margin * shorter * (1.0 - 2.0 * share)).round()
        };
        let (left, top) = (position(width, text.width, self.anchor.0), position(height, text.height, self.anchor.1));
        let drawn = text.draw((left, top), (width, height), work);
        let (layer, at) = match drawn {
            Ok(drawn) => drawn,
            Err(Stopped) => {
                source.recycle(work.buffers);
                return Err(Stopped);
            }
        };
        draw(source, &layer, at, Blend::Normal, work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, grey8, run};
    use crate::{FilterSpec, Params, find};
    use lightloom_param::Choice as _;
    use lightloom_picture::{Buffers, Layout, Raster};

    /// The rectangle of pixels that changed on a black picture 200 × 100, and the sum of the change.
    fn drawn(params: &[(&str, &str)]) -> (u32, u32, u32, u32, u64) {
        let result = run("text_watermark", params, grey8(200, &[0; 20_000]));
        let (mut left, mut top, mut right, mut bottom, mut sum) = (200, 100, 0, 0, 0);
        for (i, v) in bytes(&result).iter().enumerate().filter(|(_, v)| **v > 0) {
            let (x, y) = (i as u32 % 200, i as u32 / 200);
            (left, top, right, bottom) = (left.min(x), top.min(y), right.max(x), bottom.max(y));
            sum += u64::from(*v);
        }
        (left, top, right, bottom, sum)
    }

    #[test]
    fn nine_anchors() {
        for anchor in CORNERS_FIRST {
            let params = [("text", "HHH"), ("size", "12"), ("margin", "5"), ("anchor", *anchor), ("shadow", "0")];
            let (left, top, right, bottom, _) = drawn(&params);
            let (x, y) = Anchor::from_word(anchor).unwrap().shares();
            let third = |v: u32, extent: u32| f64::from((v * 3 / extent).min(2)) / 2.0;
            assert_eq!(third((left + right) / 2, 200), x, "{anchor}: {left}–{right}");
            assert_eq!(third((top + bottom) / 2, 100), y, "{anchor}: {top}–{bottom}");
            assert!(left >= 5 && right <= 195 && top >= 5 && bottom <= 95, "{anchor}");
        }
    }

    #[test]
    fn opacity_scales_and_outline_and_shadow_add() {
        let base = [("text", "Ag"), ("size", "40"), ("anchor", "centre"), ("shadow", "0"), ("opacity", "100")];
        let sum = |more: &[(&str, &str)]| drawn(&[&base[..], more].concat()).4;
        let full = sum(&[]);
        assert!((sum(&[("opacity", "50")]) as f64 / full as f64 - 0.5).abs() < 0.01);
        assert!(sum(&[("outline", "10"), ("outline_colour", "#fff")]) > full * 13 / 10);
        assert_eq!(sum(&[("outline", "10"), ("outline_colour", "#000")]), full);
        // on white, a shadow darkens
        let white = |shadow: &str| {
            let params = [&base[..], &[("shadow", shadow)]].concat();
            let result = run("text_watermark", &params, grey8(200, &[255; 20_000]));
            bytes(&result).iter().map(|v| u64::from(255 - v)).sum::<u64>()
        };
        assert_eq!(white("0"), 0);
        assert!(white("100") > white("40") && white("40") > 0);
    }

    #[test]
    fn colour_needs_channels_and_alpha_is_covered() {
        let grey = || grey8(200, &[0; 20_000]);
        assert_eq!(run("text_watermark", &[], grey()).shape().layout, Layout::Grey);
        assert_eq!(run("text_watermark", &[("colour", "#f00")], grey()).shape().layout, Layout::Rgb);
        let clear = Pixels::from(Raster::new(200, 100, Layout::GreyAlpha, vec![0_u8; 40_000]));
        let result = run("text_watermark", &[("opacity", "100"), ("size", "30")], clear);
        assert!(bytes(&result).as_chunks::<2>().0.contains(&[255, 255]));
    }

    #[test]
    fn tokens_have_the_size_of_the_full_picture() {
        let base = [("size", "20"), ("shadow", "0")];
        let of = |text: &str| drawn(&[&base[..], &[("text", text)]].concat());
        assert_eq!(of("{width} {{{height}}}"), of("200 {{100}}"));
        let mut params = Params::defaults(find("text_watermark").unwrap());
        params.set_text("text", "{width}×{height}").unwrap();
        let half = |params: &Params| {
            let shape = Shape { width: 401, height: 200, ..grey8(1, &[0]).shape() };
            let Ok(Operation::Whole(whole)) = params.compile(&FilterContext { shape, scale: 0.5 }) else {
                unreachable!()
            };
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
            whole.apply(grey8(201, &[0; 20_100]), &mut work).unwrap()
        };
        let of_tokens = half(&params);
        params.set_text("text", "401×200").unwrap();
        assert_eq!(of_tokens, half(&params));
    }

    #[test]
    fn unknown_tokens_are_refused_with_the_known_ones() {
        let error =
            Params::defaults(find("text_watermark").unwrap()).set_text("text", "© {yaer}").unwrap_err().to_string();
        assert!(["{yaer}", "{name}", "{date:%Y-%m-%d}"].iter().all(|word| error.contains(word)), "{error}");
    }

    #[test]
    fn nothing_to_write_is_identity() {
        let spec: &FilterSpec = find("text_watermark").unwrap();
        assert_eq!(spec.id, "text_watermark");
        let shape = grey8(1, &[0]).shape();
        for (key, value) in [("text", " \\n"), ("text", ""), ("opacity", "0")] {
            let mut params = Params::defaults(find("text_watermark").unwrap());
            params.set_text(key, value).unwrap();
            assert!(matches!(params.compile(&FilterContext { shape, scale: 1.0 }), Ok(Operation::Identity)));
        }
        assert!(Params::defaults(find("text_watermark").unwrap()).set_text("text", &"x".repeat(501)).is_err());
    }
}
