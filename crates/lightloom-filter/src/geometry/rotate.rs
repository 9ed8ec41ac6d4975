//! Rotate: rotates by quarter and half turns.
//!
//! Algorithm: pixels are copied to their new position, in blocks that fit the cache; lossless, so four quarter turns
//! restore the picture.
//! Range, alpha, depth: untouched. Edges: none. A quarter turn swaps width and height. Pictures reach filters
//! upright: the orientation stated in the file was applied when it was decoded.

use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{choice, parameters};
use lightloom_picture::Turn;

choice! {
    enum Turns {
        Right = "right",
        Half = "half",
        Left = "left",
    }
}

parameters! {
    pub(crate) struct Rotate {
        turns: Turns = choice("Turn", "Right is a quarter turn clockwise, left a quarter turn counter-clockwise"),
    }
}

impl Filter for Rotate {
    const TITLE: &'static str = "Rotate";
    const HELP: &'static str = "Turns the picture by a quarter or half turn without loss";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(Operation::whole(match self.turns {
            Turns::Half => Turn::Half,
            Turns::Left => Turn::Left,
            Turns::Right => Turn::Right,
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn rotations_go_in_their_direction() {
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
