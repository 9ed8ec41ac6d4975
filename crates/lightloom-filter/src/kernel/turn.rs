//! Turning and mirroring as operations: what rotating and flipping share.

use crate::{Stopped, Whole, Work};
use lightloom_picture::{Pixels, Shape, Turn};

impl Whole for Turn {
    fn shape(&self, source: Shape) -> Shape {
        Self::shape(*self, source)
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        Self::apply(*self, source, work)
    }

    fn apply_to(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        Self::apply_to(*self, source, work)
    }
}
