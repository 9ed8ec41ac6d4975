//! Crop: keeps a part of the picture.
//!
//! Algorithm: rows are copied. A ratio takes the largest rectangle of that shape, or a share of it, moved from the anchor
//! by shares of the room beside it; pixels take a rectangle offset from the anchored edges, clipped to the picture.
//! Range, alpha, depth: untouched. Edges: no pixels are invented beyond them; a crop that leaves nothing is refused.

use crate::figure::{Figure, Frame, OnPicture, Part, Settings, percent};
use crate::kernel::anchor::Anchor;
use crate::kernel::cropped::{Cropped, Rectangle};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{Choice as _, Ratio, Value, choice, integer, number, parameters, ratio};
use lightloom_picture::{Area, Shape};

choice! {
    enum Mode {
        Ratio = "ratio",
        Pixels = "pixels",
    }
}

parameters! {
    pub(crate) struct Crop {
        mode: Mode = choice("Mode", "Ratio keeps the largest part of that shape, pixels keeps a part of that size"),
        ratio: Ratio = ratio("Ratio", "Width to height", (0.01, 100.0), (1, 1)).when("mode", &["ratio"]),
        size: f32 = number("Size", "Sides of the part as a share of the largest one", "%", (1.0, 100.0), 100.0)
            .step(0.1)
            .when("mode", &["ratio"]),
        across: f32 = number(
            "Across",
            "How far the part is moved to the right of its anchor, as a share of the room beside it",
            "%",
            (-100.0, 100.0),
            0.0,
        )
        .step(0.1)
        .when("mode", &["ratio"]),
        down: f32 = number(
            "Down",
            "How far the part is moved down from its anchor, as a share of the room above and below",
            "%",
            (-100.0, 100.0),
            0.0,
        )
        .step(0.1)
        .when("mode", &["ratio"]),
        width: u32 = integer("Width", "Width of the part", "px", (1, 65_535), 1000)
            .logarithmic()
            .when("mode", &["pixels"]),
        height: u32 = integer("Height", "Height of the part", "px", (1, 65_535), 1000)
            .logarithmic()
            .when("mode", &["pixels"]),
        left: u32 = integer(
            "Left",
            "Distance from the anchored side, or to the right of the centre",
            "px",
            (0, 65_535),
            0,
        )
        .when("mode", &["pixels"]),
        top: u32 = integer(
            "Top",
            "Distance from the anchored top or bottom, or below the centre",
            "px",
            (0, 65_535),
            0,
        )
        .when("mode", &["pixels"]),
        anchor: Anchor = choice("Anchor", "Where in the picture the part lies"),
    }
}

impl Filter for Crop {
    const TITLE: &'static str = "Crop";
    const HELP: &'static str = "Keeps a part of the picture";
    const EXAMPLE: Example = Example::of(&[("size", "80")]);
    const ON_PICTURE: Option<OnPicture<Self>> = Some(OnPicture::of(Self::figure, Self::settings));

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let Shape { width, height, .. } = context.shape;
        let full = self.region(1.0);
        for (side, offset, extent, key, of) in
            [(full.x, self.left, width, "left", "wide"), (full.y, self.top, height, "top", "high")]
        {
            if full.share.is_none() && side.span(extent).is_none() {
                let reason =
                    format!("with {key} = {offset} px nothing is left of a picture {extent} px {of}; lower {key}");
                return Err(Unfit(reason));
            }
        }
        if full.rectangle(width, height) == (Span { start: 0, length: width }, Span { start: 0, length: height }) {
            return Ok(Operation::Identity);
        }
        let region = self.region(f64::from(context.scale));
        Ok(Operation::whole(Cropped(move |(width, height)| {
            let (columns, rows) = region.rectangle(width, height);
            Rectangle { left: columns.start, top: rows.start, width: columns.length, height: rows.length }
        })))
    }
}

impl Crop {
    fn region(&self, scale: f64) -> CropRegion {
        let (horizontal, vertical) = alignments(self.anchor);
        let side = |length: u32, offset: u32, alignment| Side {
            length: f64::from(length) * scale,
            offset: f64::from(offset) * scale,
            alignment,
        };
        let share = |percent: f32| f64::from(percent) / 100.0;
        CropRegion {
            share: (self.mode == Mode::Ratio).then(|| ShareOfLargest {
                ratio: self.ratio.0,
                size: share(self.size),
                across: share(self.across),
                down: share(self.down),
            }),
            x: side(self.width, self.left, horizontal),
            y: side(self.height, self.top, vertical),
        }
    }

    fn figure(&self, frame: &Frame) -> Option<Figure> {
        let (columns, rows) = self.region(1.0).rectangle(frame.width as u32, frame.height as u32);
        let area = Area {
            left: f64::from(columns.start),
            top: f64::from(rows.start),
            width: f64::from(columns.length),
            height: f64::from(rows.length),
        };
        Some(Figure::Part(Part { area, ratio: (self.mode == Mode::Ratio).then_some(self.ratio.0) }))
    }

    fn settings(&self, figure: &Figure, frame: &Frame) -> Settings {
        let Figure::Part(Part { area, .. }) = figure else { return Settings::new() };
        match self.mode {
            Mode::Ratio => self.shares_of(area, frame),
            Mode::Pixels => self.pixels_of(area, frame),
        }
    }

    fn shares_of(&self, area: &Area, frame: &Frame) -> Settings {
        let largest = [frame.width.min(frame.height * self.ratio.0), frame.height.min(frame.width / self.ratio.0)];
        let (side, whole) = if largest[0] >= largest[1] { (area.width, largest[0]) } else { (area.height, largest[1]) };
        let size = percent(side, whole).clamp(1.0, 100.0);
        let mut settings = vec![("size", Value::Number(size))];
        let (horizontal, vertical) = alignments(self.anchor);
        for (key, alignment, at, length, extent) in [
            ("across", horizontal, area.left, largest[0] * size / 100.0, frame.width),
            ("down", vertical, area.top, largest[1] * size / 100.0, frame.height),
        ] {
            let span = Side { length, offset: 0.0, alignment }.span_or_edge(extent as u32);
            let room = extent - f64::from(span.length);
            // Where there is no room, it waits for some.
            if room > 0.0 {
                let moved = percent(at.round() - f64::from(span.start), room).clamp(-100.0, 100.0);
                settings.push((key, Value::Number(moved)));
            }
        }
        settings
    }

    fn pixels_of(&self, area: &Area, frame: &Frame) -> Settings {
        let offset = |alignment, at: f64, length: f64, extent: f64| match alignment {
            Alignment::Start => at,
            Alignment::Middle => at - ((extent - length) / 2.0).floor(),
            Alignment::End => extent - length - at,
        };
        let Area { left, top, width, height } = *area;
        let [width, height] = [width, height].map(|side| side.round().max(1.0));
        let offsets = |anchor: Anchor| {
            let (horizontal, vertical) = alignments(anchor);
            let x = offset(horizontal, left.round(), width, frame.width);
            [x, offset(vertical, top.round(), height, frame.height)]
        };
        let own = offsets(self.anchor);
        // Offsets go inwards only.
        let anchor = if own.iter().all(|offset| *offset >= 0.0) { self.anchor } else { Anchor::TopLeft };
        let [left, top] = offsets(anchor).map(|offset| Value::Integer(offset.max(0.0) as i64));
        let [width, height] = [width, height].map(|side| Value::Integer(side as i64));
        vec![
            ("anchor", Value::Choice(anchor.word())),
            ("width", width),
            ("height", height),
            ("left", left),
            ("top", top),
        ]
    }
}

/// Which part of a side a crop keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alignment {
    Start,
    Middle,
    End,
}

/// The horizontal and the vertical alignment of an anchor.
fn alignments(anchor: Anchor) -> (Alignment, Alignment) {
    let alignment = |share: f64| match share {
        0.0 => Alignment::Start,
        1.0 => Alignment::End,
        _ => Alignment::Middle,
    };
    let (x, y) = anchor.shares();
    (alignment(x), alignment(y))
}

/// Some neighbouring columns or rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    length: u32,
}

impl Span {
    /// Moved by a share of the pixels of a side of `extent` that are beside it, within the side.
    fn moved(self, share: f64, extent: u32) -> Self {
        let room = f64::from(extent - self.length);
        let start = (f64::from(self.start) + (share * room).round()).clamp(0.0, room);
        Self { start: start as u32, ..self }
    }
}

/// What is wanted of width or height, in pixels at the scale of the frame.
#[derive(Debug, Clone, Copy)]
struct Side {
    length: f64,
    offset: f64,
    alignment: Alignment,
}

impl Side {
    /// The part of a side of `extent` pixels, clipped to it; `None` if nothing is left.
    fn span(&self, extent: u32) -> Option<Span> {
        let length = (self.length.round() as i64).max(1);
        let (extent, offset) = (i64::from(extent), self.offset.round() as i64);
        let start = match self.alignment {
            Alignment::Start => offset,
            Alignment::Middle => (extent - length).div_euclid(2) + offset,
            Alignment::End => extent - length - offset,
        };
        let (from, to) = (start.max(0), (start + length).min(extent));
        (from < to).then_some(Span { start: from as u32, length: (to - from) as u32 })
    }

    /// As [`Self::span`]; the last pixel where a scaled-down picture is too small for the rounded values.
    fn span_or_edge(&self, extent: u32) -> Span {
        let edge = if self.alignment == Alignment::End { 0 } else { extent.saturating_sub(1) };
        self.span(extent).unwrap_or(Span { start: edge, length: extent.min(1) })
    }
}

/// A part of the largest rectangle of a shape. All but the ratio are shares from −1 to 1.
#[derive(Debug, Clone, Copy)]
struct ShareOfLargest {
    /// Width ÷ height.
    ratio: f64,
    size: f64,
    across: f64,
    down: f64,
}

struct CropRegion {
    /// Without it, lengths and offsets count.
    share: Option<ShareOfLargest>,
    x: Side,
    y: Side,
}

impl CropRegion {
    /// Columns and rows to keep of a picture of this size.
    fn rectangle(&self, width: u32, height: u32) -> (Span, Span) {
        let Some(ShareOfLargest { ratio, size, across, down }) = self.share else {
            return (self.x.span_or_edge(width), self.y.span_or_edge(height));
        };
        let (full_width, full_height) = (f64::from(width), f64::from(height));
        let x = Side { length: full_width.min(full_height * ratio) * size, offset: 0.0, ..self.x };
        let y = Side { length: full_height.min(full_width / ratio) * size, offset: 0.0, ..self.y };
        (x.span_or_edge(width).moved(across, width), y.span_or_edge(height).moved(down, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, grey8, run};
    use crate::{FilterError, Params, find};
    use lightloom_picture::{Depth, Layout, Pixels};

    /// 6 × 4, sample = 10·row + column
    fn numbered() -> Pixels {
        grey8(6, &(0..24).map(|i| i / 6 * 10 + i % 6).collect::<Vec<_>>())
    }

    fn compiled(params: &[(&str, &str)], width: u32, height: u32, scale: f32) -> Result<Operation, FilterError> {
        let mut values = Params::defaults(find("crop").unwrap());
        params.iter().for_each(|(key, text)| values.set_text(key, text).unwrap());
        values.compile(&FilterContext { shape: Shape { width, height, layout: Layout::Grey, depth: Depth::U8 }, scale })
    }

    #[test]
    fn the_largest_square_at_each_anchor() {
        for (anchor, first) in [("left", 0), ("centre", 1), ("right", 2), ("top", 1), ("bottom_right", 2)] {
            let result = run("crop", &[("anchor", anchor)], numbered());
            assert_eq!((result.width(), result.height(), bytes(&result)[0]), (4, 4, first), "{anchor}");
        }
        for (anchor, first) in [("top", 0), ("centre", 10), ("bottom", 20), ("left", 10), ("bottom_left", 20)] {
            let result = run("crop", &[("anchor", anchor), ("ratio", "3:1")], numbered());
            assert_eq!((result.width(), result.height(), bytes(&result)[0]), (6, 2, first), "{anchor}");
        }
    }

    #[test]
    fn a_share_of_the_largest_is_moved_by_shares_of_the_room() {
        let cut = |anchor: &str, size: &str, across: &str, down: &str| {
            let params = [("anchor", anchor), ("size", size), ("across", across), ("down", down)];
            let result = run("crop", &params, numbered());
            (result.width(), result.height(), bytes(&result)[0])
        };
        // The largest square has a side of 4, half of it one of 2.
        assert_eq!(cut("centre", "50", "0", "0"), (2, 2, 12));
        assert_eq!(cut("centre", "50", "25", "-50"), (2, 2, 3));
        assert_eq!(cut("top_left", "50", "100", "50"), (2, 2, 14));
        assert_eq!(cut("bottom_right", "50", "-50", "-100"), (2, 2, 2));
        assert_eq!(cut("right", "100", "-50", "0"), (4, 4, 1));
        assert_eq!(cut("right", "100", "100", "100"), (4, 4, 2), "it stays inside");
    }

    #[test]
    fn pixels_go_inwards_from_the_anchor_and_are_clipped() {
        let cut = |anchor: &str, width: &str, left: &str| {
            let params = [
                ("mode", "pixels"),
                ("anchor", anchor),
                ("width", width),
                ("height", "1"),
                ("left", left),
                ("top", "1"),
            ];
            bytes(&run("crop", &params, numbered())).to_vec()
        };
        assert_eq!(cut("top_left", "2", "1"), [11, 12]);
        assert_eq!(cut("top_right", "2", "1"), [13, 14]);
        assert_eq!(cut("bottom_right", "2", "0"), [24, 25]);
        assert_eq!(cut("centre", "2", "1"), [23, 24]);
        assert_eq!(cut("top_left", "100", "4"), [14, 15]);
        assert_eq!(cut("top_right", "100", "4"), [10, 11]);
    }

    #[test]
    fn an_empty_result_is_refused_with_advice() {
        for anchor in ["top_left", "bottom_right", "centre"] {
            let Err(error) =
                compiled(&[("mode", "pixels"), ("left", "700"), ("width", "9"), ("anchor", anchor)], 600, 400, 1.0)
            else {
                panic!("{anchor} was accepted")
            };
            assert_eq!(
                error.to_string(),
                "crop: with left = 700 px nothing is left of a picture 600 px wide; lower left"
            );
        }
    }

    #[test]
    fn a_whole_picture_is_untouched() {
        assert!(matches!(compiled(&[("ratio", "3:2")], 600, 400, 1.0), Ok(Operation::Identity)));
        assert!(matches!(compiled(&[("mode", "pixels")], 600, 400, 1.0), Ok(Operation::Identity)));
    }

    #[test]
    fn a_proxy_is_cropped_in_proportion() {
        let params = [("mode", "pixels"), ("width", "200"), ("height", "1"), ("left", "399"), ("anchor", "left")];
        let Ok(Operation::Whole(crop)) = compiled(&params, 600, 400, 0.25) else { panic!("crops") };
        let proxy = Shape { width: 150, height: 100, layout: Layout::Grey, depth: Depth::U8 };
        assert_eq!(crop.shape(proxy), Shape { width: 50, height: 1, ..proxy });
        let tiny = Shape { width: 1, height: 1, ..proxy };
        assert_eq!(crop.shape(tiny), tiny);
    }
}
