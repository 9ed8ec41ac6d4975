//! Resampling of pictures that are planes of luma and chroma, each at its own resolution: chroma goes from that of the source
//! to that of the result at once. A sample of chroma stands for the pixels that share it, also at an edge where one of them
//! is beyond the picture, so that colours stay where luma is.

use std::ops::Range;

use crate::RowWise;
use crate::kernel::by_plane::{ByPlane, Part, Plane, PlaneRows};
use crate::kernel::light_u8::Tones;
use crate::kernel::resample::Kernel;
use crate::kernel::resample_u8::{Directions, ROWS, Scratch};
use lightloom_picture::{Chroma, Extent, Planar, Span};

/// What resizes a part of a picture that arrives in bands of planes to `result`: that from `left` and `top` on, of whose
/// pixels it fills `extent`.
pub(crate) fn by_bands(
    source: Planar,
    ((left, top), extent): ((u32, u32), Extent),
    result: Planar,
    kernel: Kernel,
) -> Box<dyn RowWise> {
    // A part may begin between the pixels that share chroma.
    let shared = |span: Span, at: u32, by: u32| Span {
        begin: span.begin + at % by * span.divisor,
        divisor: span.divisor * by,
        ..span
    };
    let Chroma { columns, rows } = source.chroma;
    let of_chroma = Extent { columns: shared(extent.columns, left, columns), rows: shared(extent.rows, top, rows) };
    let size = (result.width, result.height);
    let luma = Directions::new(extent, size, kernel, Tones::Encoded);
    let chroma = Directions::shared(of_chroma, size, (result.chroma.columns, result.chroma.rows), kernel);
    let part = |left, top, Extent { columns, rows }: Extent, directions| Part {
        left,
        top,
        width: columns.pixels(),
        height: rows.pixels(),
        rest: Resampled { directions, scratch: Scratch::default() },
    };
    let planes = (part(left, top, extent, luma), part(left / columns, top / rows, of_chroma, chroma));
    Box::new(ByPlane::new((source, result), planes, ROWS as u32).with_chroma_in_whole_steps())
}

struct Resampled {
    directions: Directions,
    scratch: Scratch<1>,
}

impl PlaneRows for Resampled {
    fn needs(&self, rows: Range<u32>) -> Range<u32> {
        self.directions.needs(&rows)
    }

    fn rows(&mut self, source: Plane<'_>, rows: Range<u32>, target: &mut [u8]) {
        let rows = rows.start as usize..rows.end as usize;
        self.directions.rows((source.width, source.height), |y| source.row(y), rows, target, &mut self.scratch);
    }
}
