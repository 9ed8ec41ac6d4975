//! Crop: a part of the picture.
//!
//! Algorithm: rows are copied. A ratio takes the largest rectangle of that shape; pixels take a rectangle at a distance
//! from the anchored edges, clipped to the picture.
//! Range, alpha, depth: untouched. Edges: nothing is invented beyond them; a crop that leaves nothing is refused.

use crate::{
    Condition, Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params, Stopped, Whole,
    Work,
};
use lightloom_picture::with_raster;
use lightloom_picture::{Buffers, Pixels, Raster, Sample, Shape};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "crop",
    title: "Crop",
    group: Group::Geometry,
    help: "Keeps a part of the picture",
    version: 1,
    params: &[
        ParamSpec {
            key: "mode",
            label: "Mode",
            help: "Ratio keeps the largest part of that shape, pixels keeps a part of that size",
            unit: "",
            kind: ParamKind::Choice { options: &["ratio", "pixels"], default: "ratio" },
        },
        ParamSpec {
            key: "ratio",
            label: "Ratio",
            help: "Width to height",
            unit: "",
            kind: ParamKind::Ratio { min: 0.01, max: 100.0, default: (1, 1) },
        },
        ParamSpec {
            key: "width",
            label: "Width",
            help: "Width of the part",
            unit: "px",
            kind: ParamKind::Integer { min: 1, max: 65_535, default: 1000, logarithmic: true },
        },
        ParamSpec {
            key: "height",
            label: "Height",
            help: "Height of the part",
            unit: "px",
            kind: ParamKind::Integer { min: 1, max: 65_535, default: 1000, logarithmic: true },
        },
        ParamSpec {
            key: "left",
            label: "Left",
            help: "Distance from the anchored side, or to the right of the centre",
            unit: "px",
            kind: ParamKind::Integer { min: 0, max: 65_535, default: 0, logarithmic: false },
        },
        ParamSpec {
            key: "top",
            label: "Top",
            help: "Distance from the anchored top or bottom, or below the centre",
            unit: "px",
            kind: ParamKind::Integer { min: 0, max: 65_535, default: 0, logarithmic: false },
        },
        ParamSpec {
            key: "anchor",
            label: "Anchor",
            help: "Where in the picture the part lies",
            unit: "",
            kind: ParamKind::Choice {
                options: &[
                    "centre",
                    "top_left",
                    "top",
                    "top_right",
                    "left",
                    "right",
                    "bottom_left",
                    "bottom",
                    "bottom_right",
                ],
                default: "centre",
            },
        },
    ],
    conditions: &[
        Condition::when(&["ratio"], "mode", &["ratio"]),
        Condition::when(&["width", "height", "left", "top"], "mode", &["pixels"]),
    ],
    example: Example::of(&[]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let (x_anchor, y_anchor) = anchors(params.choice("anchor"));
    let Shape { width, height, .. } = frame.shape;
    let crop = |scale: f64| {
        let side = |key: &str, anchor: Anchor| Side { length: params.integer(key) as f64 * scale, offset: 0.0, anchor };
        Crop {
            ratio: (params.choice("mode") == "ratio").then(|| params.ratio("ratio")),
            x: Side { offset: params.integer("left") as f64 * scale, ..side("width", x_anchor) },
            y: Side { offset: params.integer("top") as f64 * scale, ..side("height", y_anchor) },
        }
    };
    let full = crop(1.0);
    for (side, extent, key, of) in [(full.x, width, "left", "wide"), (full.y, height, "top", "high")] {
        if full.ratio.is_none() && side.span(extent).is_none() {
            let offset = params.integer(key);
            let reason = format!("with {key} = {offset} px nothing is left of a picture {extent} px {of}; lower {key}");
            return Err(FilterError::Unfit { filter: SPEC.id, reason });
        }
    }
    if full.rectangle(width, height) == (Span { start: 0, length: width }, Span { start: 0, length: height }) {
        return Ok(Operation::Identity);
    }
    Ok(Operation::whole(crop(f64::from(frame.scale))))
}

/// Which part of a side a crop keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Start,
    Middle,
    End,
}

fn anchors(word: &str) -> (Anchor, Anchor) {
    let x = match word {
        "top_left" | "left" | "bottom_left" => Anchor::Start,
        "top_right" | "right" | "bottom_right" => Anchor::End,
        _ => Anchor::Middle,
    };
    let y = match word {
        "top_left" | "top" | "top_right" => Anchor::Start,
        "bottom_left" | "bottom" | "bottom_right" => Anchor::End,
        _ => Anchor::Middle,
    };
    (x, y)
}

/// Some neighbouring columns or rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    length: u32,
}

/// What is wanted of width or height, in pixels at the scale of the frame.
#[derive(Debug, Clone, Copy)]
struct Side {
    length: f64,
    offset: f64,
    anchor: Anchor,
}

impl Side {
    /// The part of a side of `extent` pixels, clipped to it; `None` if nothing is left.
    fn span(&self, extent: u32) -> Option<Span> {
        let length = (self.length.round() as i64).max(1);
        let (extent, offset) = (i64::from(extent), self.offset.round() as i64);
        let start = match self.anchor {
            Anchor::Start => offset,
            Anchor::Middle => (extent - length).div_euclid(2) + offset,
            Anchor::End => extent - length - offset,
        };
        let (from, to) = (start.max(0), (start + length).min(extent));
        (from < to).then_some(Span { start: from as u32, length: (to - from) as u32 })
    }

    /// As [`Self::span`]; the last pixel where a scaled-down picture is too small for the rounded values.
    fn span_or_edge(&self, extent: u32) -> Span {
        let edge = if self.anchor == Anchor::End { 0 } else { extent.saturating_sub(1) };
        self.span(extent).unwrap_or(Span { start: edge, length: extent.min(1) })
    }
}

struct Crop {
    /// Width ÷ height of the largest rectangle to keep; without it, lengths and offsets count.
    ratio: Option<f64>,
    x: Side,
    y: Side,
}

impl Crop {
    /// Columns and rows to keep of a picture of this size.
    fn rectangle(&self, width: u32, height: u32) -> (Span, Span) {
        let Some(ratio) = self.ratio else {
            return (self.x.span_or_edge(width), self.y.span_or_edge(height));
        };
        let (full_width, full_height) = (f64::from(width), f64::from(height));
        let x = Side { length: full_width.min(full_height * ratio), offset: 0.0, ..self.x };
        let y = Side { length: full_height.min(full_width / ratio), offset: 0.0, ..self.y };
        (x.span_or_edge(width), y.span_or_edge(height))
    }
}

impl Whole for Crop {
    fn shape(&self, source: Shape) -> Shape {
        let (columns, rows) = self.rectangle(source.width, source.height);
        Shape { width: columns.length, height: rows.length, ..source }
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        if (work.stop)() {
            return Err(Stopped);
        }
        if self.shape(source.shape()) == source.shape() {
            return Ok(source);
        }
        let (columns, rows) = self.rectangle(source.width(), source.height());
        Ok(with_raster!(source, r => {
            let result = cut(&r, columns, rows, work.buffers);
            work.buffers.give(r.into_samples());
            result.into()
        }))
    }
}

fn cut<S: Sample>(source: &Raster<S>, columns: Span, rows: Span, buffers: &mut Buffers) -> Raster<S> {
    let channels = source.layout().channels();
    let (left, stride) = (columns.start as usize * channels, columns.length as usize * channels);
    let mut samples: Vec<S> = buffers.take(stride * rows.length as usize);
    for (y, target) in (rows.start..).zip(samples.chunks_exact_mut(stride)) {
        target.copy_from_slice(&source.row(y)[left..][..stride]);
    }
    Raster::new(columns.length, rows.length, source.layout(), samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, grey8, run};
    use lightloom_picture::{Depth, Layout};

    /// 6 × 4, sample = 10·row + column
    fn numbered() -> Pixels {
        grey8(6, &(0..24).map(|i| i / 6 * 10 + i % 6).collect::<Vec<_>>())
    }

    fn compiled(params: &[(&str, &str)], width: u32, height: u32, scale: f32) -> Result<Operation, FilterError> {
        let mut values = Params::defaults(&SPEC);
        params.iter().for_each(|(key, text)| values.set_text(key, text).unwrap());
        values.compile(&Frame { shape: Shape { width, height, layout: Layout::Grey, depth: Depth::U8 }, scale })
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
    fn nothing_left_is_refused_with_the_way_out() {
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
    fn a_proxy_loses_the_same_share() {
        let params = [("mode", "pixels"), ("width", "200"), ("height", "1"), ("left", "399"), ("anchor", "left")];
        let Ok(Operation::Whole(crop)) = compiled(&params, 600, 400, 0.25) else { panic!("crops") };
        let proxy = Shape { width: 150, height: 100, layout: Layout::Grey, depth: Depth::U8 };
        assert_eq!(crop.shape(proxy), Shape { width: 50, height: 1, ..proxy });
        let tiny = Shape { width: 1, height: 1, ..proxy };
        assert_eq!(crop.shape(tiny), tiny);
    }
}
