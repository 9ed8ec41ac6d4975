//! Turning and mirroring: what rotating and flipping share.

use super::{Stopped, Whole, Work};
use crate::picture::{Orientation, Pixels, Shape};

/// Moves pixels as an orientation tag asks for.
pub(super) struct Turn(pub(super) Orientation);

impl Whole for Turn {
    fn shape(&self, source: Shape) -> Shape {
        match self.0.swaps_sides() {
            true => Shape { width: source.height, height: source.width, ..source },
            false => source,
        }
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        if (work.stop)() {
            return Err(Stopped);
        }
        Ok(self.0.apply(source))
    }
}
