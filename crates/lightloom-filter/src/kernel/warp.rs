//! Pictures resampled through a projective map: the engine of straightening and perspective.
//!
//! Every pixel of the result is a weighted sum of the source's pixels around the position to which the map takes its
//! centre: an interpolating kernel in both directions. Where the map shrinks, pixels in between are skipped. A row
//! depends on nothing but the source, so the result does not depend on how it is cut. Pictures of 8 bits without alpha
//! are drawn with integers (see `warp_u8`), all others with floats (see `warp_f32`).

use crate::kernel::resample::Kernel;
use crate::kernel::warp_map::{Beyond, Map};
use crate::kernel::{warp_f32, warp_u8};
use crate::{Stopped, Work};
use lightloom_picture::Pixels;
use lightloom_picture::with_raster;

/// Draws the source through `map` into a result of this size, in the source's layout.
pub(crate) fn warp(
    source: &Pixels,
    size: (u32, u32),
    map: &Map,
    kernel: Kernel,
    beyond: Beyond,
    work: &mut Work<'_>,
) -> Result<Pixels, Stopped> {
    if let Pixels::U8(r) = source
        && let Some(result) = warp_u8::warp(r, size, map, kernel, beyond, work)
    {
        return result.map(Pixels::from);
    }
    with_raster!(source, r => match kernel {
        Kernel::Lanczos3 => warp_f32::warp::<_, 6>(r, size, map, kernel, beyond, work).map(Pixels::from),
        Kernel::Bilinear => warp_f32::warp::<_, 2>(r, size, map, kernel, beyond, work).map(Pixels::from),
        _ => warp_f32::warp::<_, 4>(r, size, map, kernel, beyond, work).map(Pixels::from),
    })
}
