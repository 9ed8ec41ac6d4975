//! Flip: the mirror image.
//!
//! Algorithm: pixels are copied to the mirrored place; lossless, so twice gives the picture back.
//! Range, alpha, depth, size: untouched. Edges: none.

use crate::kernel::turn::Turn;
use crate::{Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "flip",
    title: "Flip",
    group: Group::Geometry,
    help: "Mirrors the picture",
    version: 1,
    params: &[ParamSpec {
        key: "axis",
        label: "Direction",
        help: "Horizontal swaps left and right, vertical swaps top and bottom",
        unit: "",
        kind: ParamKind::Choice { options: &["horizontal", "vertical"], default: "horizontal" },
    }],
    conditions: &[],
    example: Example::of(&[]),
    compile,
};

fn compile(params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    Ok(Operation::whole(match params.choice("axis") {
        "vertical" => Turn::Flip,
        _ => Turn::Mirror,
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn mirrors_along_the_named_direction() {
        let source = || grey8(3, &[1, 2, 3, 4, 5, 6]);
        assert_eq!(bytes(&run("flip", &[], source())), [3, 2, 1, 6, 5, 4]);
        assert_eq!(bytes(&run("flip", &[("axis", "vertical")], source())), [4, 5, 6, 1, 2, 3]);
    }

    #[test]
    fn twice_is_the_same() {
        for axis in ["horizontal", "vertical"] {
            let source = grey8(5, &(0..35).collect::<Vec<_>>());
            let once = run("flip", &[("axis", axis)], source.clone());
            assert_ne!(once, source);
            assert_eq!(run("flip", &[("axis", axis)], once), source);
        }
    }
}
