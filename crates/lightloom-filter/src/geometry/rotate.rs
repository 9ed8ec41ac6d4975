//! Rotate: quarter and half turns.
//!
//! Algorithm: pixels are copied to their new place, in blocks that fit the cache; lossless, so four quarter turns give
//! the picture back.
//! Range, alpha, depth: untouched. Edges: none. A quarter turn swaps width and height. Pictures reach filters upright: the
//! orientation that a file states has been applied when it was decoded.

use crate::kernel::turn::Turn;
use crate::{Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "rotate",
    title: "Rotate",
    group: Group::Geometry,
    help: "Turns the picture by a quarter or half turn without loss",
    version: 1,
    params: &[ParamSpec {
        key: "turns",
        label: "Turn",
        help: "Right is a quarter turn clockwise, left a quarter turn counter-clockwise",
        unit: "",
        kind: ParamKind::Choice { options: &["right", "half", "left"], default: "right" },
    }],
    conditions: &[],
    example: Example::of(&[]),
    compile,
};

fn compile(params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    Ok(Operation::whole(match params.choice("turns") {
        "half" => Turn::Half,
        "left" => Turn::Left,
        _ => Turn::Right,
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn turns_go_where_they_say() {
        // 1 2 3
        // 4 5 6
        let source = || grey8(3, &[1, 2, 3, 4, 5, 6]);
        for (turns, width, expected) in
            [("right", 2, [4, 1, 5, 2, 6, 3]), ("half", 3, [6, 5, 4, 3, 2, 1]), ("left", 2, [3, 6, 2, 5, 1, 4])]
        {
            let result = run("rotate", &[("turns", turns)], source());
            assert_eq!((result.width(), bytes(&result)), (width, &expected[..]), "{turns}");
        }
    }

    #[test]
    fn right_and_left_undo_each_other() {
        let source = grey8(7, &(0..35).collect::<Vec<_>>());
        let turned = run("rotate", &[("turns", "right")], source.clone());
        assert_eq!(run("rotate", &[("turns", "left")], turned), source);
    }
}
