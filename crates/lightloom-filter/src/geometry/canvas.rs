//! Canvas: another size of the sheet, without scaling the picture.
//!
//! Algorithm: rows are copied to the anchored place; new area gets the colour. A ratio gives the smallest canvas of that shape
//! that holds the whole picture; pixels give exactly that size and cut off what is beyond it.
//! Range, depth: untouched. Alpha: a colour with opacity below full adds an alpha channel. Edges: nothing is invented. A
//! colour with a hue gives grey pictures colour channels.

use crate::kernel::anchor::{ANCHORS, place, shares};
use crate::kernel::surround::{Placement, surround};
use crate::{
    Colour, Condition, Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params,
};
use lightloom_picture::Shape;

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "canvas",
    title: "Canvas",
    group: Group::Geometry,
    help: "Puts the picture on a canvas of another size or shape",
    version: 1,
    params: &[
        ParamSpec::choice(
            "mode",
            "Mode",
            "Ratio adds as little as makes that shape, pixels makes that size",
            &["ratio", "pixels"],
        ),
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
            help: "Width of the canvas",
            unit: "px",
            kind: ParamKind::Integer { min: 1, max: 65_535, default: 2000, logarithmic: true },
        },
        ParamSpec {
            key: "height",
            label: "Height",
            help: "Height of the canvas",
            unit: "px",
            kind: ParamKind::Integer { min: 1, max: 65_535, default: 2000, logarithmic: true },
        },
        ParamSpec::choice("anchor", "Anchor", "Where on the canvas the picture lies", ANCHORS),
        ParamSpec::colour("colour", "Colour", "Colour of the new area; transparent with opacity 00", Colour::WHITE),
    ],
    conditions: &[
        Condition::when(&["ratio"], "mode", &["ratio"]),
        Condition::when(&["width", "height"], "mode", &["pixels"]),
    ],
    example: Example::of(&[("colour", "#203040")]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    // width ÷ height; without it the size counts
    let ratio = (params.choice("mode") == "ratio").then(|| params.ratio("ratio"));
    let size = [params.integer("width"), params.integer("height")];
    let shares = shares(params.choice("anchor"));
    let placed = move |source: Shape, scale: f64| {
        let [width, height] = match ratio {
            None => size.map(|side| (side as f64 * scale).round().max(1.0) as u32),
            Some(ratio) => {
                let side = |v: f64, least: u32| (v.round() as u32).max(least).min(u32::from(u16::MAX).max(least));
                let (width, height) = (f64::from(source.width), f64::from(source.height));
                [side(height * ratio, source.width), side(width / ratio, source.height)]
            }
        };
        let left = place(width, source.width, shares.0, 0.0);
        let top = place(height, source.height, shares.1, 0.0);
        Placement { left, top, width, height }
    };
    Ok(surround(placed, params.colour("colour"), frame))
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn a_ratio_adds_what_is_missing() {
        // 1 2 over 3 4 becomes 4 × 2
        let result =
            run("canvas", &[("ratio", "2:1"), ("anchor", "left"), ("colour", "#090909")], grey8(2, &[1, 2, 3, 4]));
        assert_eq!((result.width(), bytes(&result)), (4, &[1, 2, 9, 9, 3, 4, 9, 9][..]));
        let tall = run("canvas", &[("ratio", "1:2"), ("colour", "#090909")], grey8(1, &[5]));
        assert_eq!((tall.height(), bytes(&tall)), (2, &[5, 9][..]));
    }

    #[test]
    fn pixels_add_and_cut_at_the_anchor() {
        let of = |width: &str, height: &str, anchor: &str| {
            let params =
                [("mode", "pixels"), ("width", width), ("height", height), ("anchor", anchor), ("colour", "#000")];
            bytes(&run("canvas", &params, grey8(3, &[1, 2, 3, 4, 5, 6]))).to_vec()
        };
        assert_eq!(of("1", "3", "bottom_right"), [0, 3, 6]);
        assert_eq!(of("1", "1", "top"), [2]);
        assert_eq!(of("5", "1", "bottom"), [0, 4, 5, 6, 0]);
        assert_eq!(of("2", "4", "centre"), [0, 0, 1, 2, 4, 5, 0, 0].map(|v: u8| v).to_vec());
    }

    #[test]
    fn colours_and_opacity_widen_the_layout() {
        let layout =
            |colour: &str| run("canvas", &[("ratio", "2:1"), ("colour", colour)], grey8(1, &[7])).shape().layout;
        assert_eq!(layout("#777"), Layout::Grey);
        assert_eq!(layout("#f00"), Layout::Rgb);
        assert_eq!(layout("#77777780"), Layout::GreyAlpha);
        assert_eq!(layout("#ff000080"), Layout::Rgba);
        let clear =
            run("canvas", &[("ratio", "2:1"), ("anchor", "right"), ("colour", "#00000000")], rgb8(&[[1, 2, 3]]));
        assert_eq!(bytes(&clear), [0, 0, 0, 0, 1, 2, 3, 255]);
    }
}
