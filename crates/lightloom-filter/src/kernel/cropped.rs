//! Cropping: rows of a rectangle are copied.

use std::ops::Range;

use crate::kernel::by_plane::{ByPlane, Part, STEP, Unchanged};
use crate::kernel::surround::{Placement, cut};
use crate::{RowWise, Stopped, Whole, Work};
use lightloom_picture::{Chroma, Extent, Geometry, Pixels, Planar, Shape, View};

/// Pixels of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rectangle {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// Keeps the rectangle that a function of the picture's size returns, which must lie within the picture.
pub(crate) struct Cropped<F>(pub F);

impl<F: Fn((u32, u32)) -> Rectangle + Send + Sync> Whole for Cropped<F> {
    fn shape(&self, source: Shape) -> Shape {
        let Rectangle { width, height, .. } = self.0((source.width, source.height));
        Shape { width, height, ..source }
    }

    fn geometry(&self, source: Shape) -> Geometry {
        let size = (source.width, source.height);
        let Rectangle { left, top, width, height } = self.0(size);
        Geometry::placed(size, (width, height), -i64::from(left), -i64::from(top))
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        if self.shape(source.shape()) == source.shape() {
            return Ok(source);
        }
        let result = self.apply_to(&source, work);
        source.recycle(work.buffers);
        result
    }

    fn apply_to(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let Rectangle { left, top, width, height } = self.0((source.width(), source.height()));
        cut(source, Placement { left: -i64::from(left), top: -i64::from(top), width, height }, work)
    }

    fn by_rows(&self, source: Shape, _extent: Extent) -> Option<Box<dyn RowWise + '_>> {
        Some(Box::new(CroppedRows(self.0((source.width, source.height)))))
    }

    /// If it begins with pixels that share chroma.
    fn by_bands(&self, source: Planar, _extent: Extent, _chroma: Chroma) -> Option<(Box<dyn RowWise + '_>, Planar)> {
        let Rectangle { left, top, width, height } = self.0((source.width, source.height));
        let Chroma { columns, rows } = source.chroma;
        let result = Planar { width, height, ..source };
        let luma = Part { left, top, width, height, rest: Unchanged };
        let (width, height) = (result.chroma_width(), result.bands());
        let chroma = Part { left: left / columns, top: top / rows, width, height, rest: Unchanged };
        let by_plane = || Box::new(ByPlane::new((source, result), (luma, chroma), STEP));
        (left.is_multiple_of(columns) && top.is_multiple_of(rows)).then(|| (by_plane() as Box<dyn RowWise>, result))
    }
}

/// A crop of a picture that arrives from top to bottom.
struct CroppedRows(Rectangle);

impl RowWise for CroppedRows {
    fn step(&self) -> u32 {
        STEP
    }

    fn needs(&self, rows: Range<u32>) -> Range<u32> {
        self.0.top + rows.start..self.0.top + rows.end
    }

    fn rows(&mut self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        let channels = source.layout().channels();
        let Rectangle { left, width, .. } = self.0;
        let (left, stride) = (left as usize * channels, width as usize * channels);
        for (y, target) in self.needs(rows).zip(target.chunks_exact_mut(stride.max(1))) {
            target.copy_from_slice(&source.row(y)[left..][..stride]);
        }
    }
}
