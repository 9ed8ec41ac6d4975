//! Turning and mirroring as operations: what rotating and flipping share.

use crate::{Stopped, Whole, Work};
use lightloom_picture::{Geometry, Pixels, Shape, Turn};

impl Whole for Turn {
    fn shape(&self, source: Shape) -> Shape {
        Self::shape(*self, source)
    }

    fn geometry(&self, source: Shape) -> Geometry {
        Geometry::turned(*self, (source.width, source.height))
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        Self::apply(*self, source, work)
    }

    fn apply_to(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        Self::apply_to(*self, source, work)
    }
}
