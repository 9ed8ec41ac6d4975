//! Border: a frame of one colour around the picture.
//!
//! Algorithm: rows are copied to the middle of a larger picture. Widths are pixels or a share of the picture's shorter side; the
//! foot may be wider, as on an instant print.
//! Range, depth: untouched. Alpha: a colour with opacity below full adds an alpha channel. Edges: none. A colour with a hue
//! gives grey pictures colour channels.

use crate::kernel::surround::{Placement, surround};
use crate::{
    Colour, Condition, Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params,
};
use lightloom_picture::Shape;

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "border",
    title: "Border",
    group: Group::Geometry,
    help: "Adds a frame of one colour around the picture",
    version: 1,
    params: &[
        ParamSpec::choice(
            "mode",
            "Mode",
            "Whether the width is a share of the shorter side or in pixels",
            &["percent", "pixels"],
        ),
        ParamSpec {
            key: "percent",
            label: "Percent",
            help: "Width of the frame as a share of the shorter side",
            unit: "%",
            kind: ParamKind::Number { min: 0.0, max: 100.0, default: 5.0, step: 0.1, logarithmic: false },
        },
        ParamSpec {
            key: "pixels",
            label: "Pixels",
            help: "Width of the frame",
            unit: "px",
            kind: ParamKind::Integer { min: 0, max: 10_000, default: 50, logarithmic: true },
        },
        ParamSpec::fine("foot", "Foot", "How much wider the frame is below the picture", "×", (1.0, 8.0), 1.0, 0.1),
        ParamSpec::colour("colour", "Colour", "Colour of the frame", Colour::WHITE),
    ],
    conditions: &[
        Condition::when(&["percent"], "mode", &["percent"]),
        Condition::when(&["pixels"], "mode", &["pixels"]),
    ],
    example: Example::of(&[("foot", "2.5")]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let share = (params.choice("mode") == "percent").then(|| f64::from(params.number("percent")) / 100.0);
    let (pixels, foot) = (params.integer("pixels") as f64, f64::from(params.number("foot")));
    let place = move |source: Shape, scale: f64| {
        let width = share.map_or(pixels * scale, |share| f64::from(source.width.min(source.height)) * share);
        let (side, foot) = (width.round() as u32, (width * foot).round() as u32);
        Placement {
            left: i64::from(side),
            top: i64::from(side),
            width: source.width.saturating_add(2 * side),
            height: source.height.saturating_add(side + foot),
        }
    };
    Ok(surround(place, params.colour("colour"), frame))
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn the_frame_goes_round() {
        let params = [("mode", "pixels"), ("pixels", "1"), ("foot", "2"), ("colour", "#080808")];
        let result = run("border", &params, grey8(2, &[1, 2]));
        assert_eq!((result.width(), result.height()), (4, 4));
        assert_eq!(bytes(&result), [8, 8, 8, 8, 8, 1, 2, 8, 8, 8, 8, 8, 8, 8, 8, 8]);
    }

    #[test]
    fn percent_is_of_the_shorter_side() {
        let result = run("border", &[("percent", "50")], grey8(10, &[0; 40]));
        assert_eq!((result.width(), result.height()), (14, 8));
    }
}
