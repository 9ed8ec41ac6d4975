//! Flip: mirrors the picture.
//!
//! Algorithm: pixels are copied to the mirrored position; lossless, so flipping twice restores the picture.
//! Range, alpha, depth, size: untouched. Edges: none.

use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{choice, parameters};
use lightloom_picture::Turn;

choice! {
    enum Axis {
        Horizontal = "horizontal",
        Vertical = "vertical",
    }
}

parameters! {
    pub(crate) struct Flip {
        axis: Axis = choice("Direction", "Horizontal swaps left and right, vertical swaps top and bottom"),
    }
}

impl Filter for Flip {
    const TITLE: &'static str = "Flip";
    const HELP: &'static str = "Mirrors the picture";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(Operation::whole(match self.axis {
            Axis::Vertical => Turn::Flip,
            Axis::Horizontal => Turn::Mirror,
        }))
    }
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
    fn applying_it_twice_is_the_same() {
        for axis in ["horizontal", "vertical"] {
            let source = grey8(5, &(0..35).collect::<Vec<_>>());
            let once = run("flip", &[("axis", axis)], source.clone());
            assert_ne!(once, source);
            assert_eq!(run("flip", &[("axis", axis)], once), source);
        }
    }
}
