//! Turning and mirroring as operations: what rotating and flipping share.

use std::ops::Range;

use crate::kernel::by_plane::{ByPlane, Plane, PlaneRows, STEP};
use crate::{RowWise, Stopped, Whole, Work};
use lightloom_picture::{Chroma, Extent, Geometry, Pixels, Planar, RowForm, Shape, Turn, View};

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

    fn by_rows(&self, source: Shape, _extent: Extent) -> Option<Box<dyn RowWise + '_>> {
        turned(*self, RowForm::Pixels(source)).map(|(rows, _)| rows)
    }

    fn by_bands(&self, source: Planar, _extent: Extent, _chroma: Chroma) -> Option<(Box<dyn RowWise + '_>, Planar)> {
        let (rows, result) = turned(*self, RowForm::Planes(source))?;
        Some((rows, result.planar()?))
    }
}

/// What turns a picture that arrives from top to bottom in this form; `None` if it would have to arrive as pixels. With the
/// form of the result.
pub fn turned(turn: Turn, form: RowForm) -> Option<(Box<dyn RowWise>, RowForm)> {
    match form {
        RowForm::Pixels(shape) => {
            let result = RowForm::Pixels(turn.shape(shape));
            Some((Box::new(TurnedRows { turn, height: shape.height }), result))
        }
        RowForm::Planes(source) => {
            // The pixels that share chroma have to be the same when they are counted from the other side.
            let Planar { width, height, chroma: Chroma { columns, rows } } = source;
            let (reverses_columns, reverses_rows) = turn.reverses();
            let fits = |reverses: bool, side: u32, shared: u32| !reverses || side.is_multiple_of(shared);
            let result = if turn.swaps_sides() {
                Planar { width: height, height: width, chroma: Chroma { columns: rows, rows: columns } }
            } else {
                source
            };
            let plane = |height| TurnedPlane { turn, height };
            let planes = (plane(height), plane(source.bands()));
            (fits(reverses_columns, width, columns) && fits(reverses_rows, height, rows)).then(|| {
                let rows: Box<dyn RowWise> = Box::new(ByPlane::new((source, result), planes, STEP));
                (rows, RowForm::Planes(result))
            })
        }
    }
}

/// A turn of pixels.
struct TurnedRows {
    turn: Turn,
    /// Of the source.
    height: u32,
}

impl RowWise for TurnedRows {
    fn step(&self) -> u32 {
        STEP
    }

    fn needs(&self, rows: Range<u32>) -> Range<u32> {
        self.turn.sources(rows, self.height)
    }

    fn rows(&mut self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        self.turn.rows(source, rows, target);
    }
}

/// A turn of a plane.
struct TurnedPlane {
    turn: Turn,
    /// Of the source.
    height: u32,
}

impl PlaneRows for TurnedPlane {
    fn needs(&self, rows: Range<u32>) -> Range<u32> {
        self.turn.sources(rows, self.height)
    }

    fn rows(&mut self, source: Plane<'_>, rows: Range<u32>, target: &mut [u8]) {
        self.turn.plane_rows((source.width, source.height), |y| source.row(y), rows, target);
    }
}
