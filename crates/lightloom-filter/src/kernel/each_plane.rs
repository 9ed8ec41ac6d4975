//! Weighted sums of neighbours, which are the same of Y, Cb and Cr as of red, green and blue, so that pictures in planes can
//! have each plane summed at its own resolution.
//!
//! Of chroma that two columns and two rows share, kernels are half as wide. What differs from sums of colours is that chroma
//! is averaged before and not after, and that overshoot is clipped as luma and chroma, and as colours only when the file is
//! decoded.

use std::ops::Range;

use crate::kernel::by_plane::{ByPlane, Plane, PlaneRows};
use crate::kernel::scratch::sized;
use crate::{Area, FilterContext, Operation, RowWise, Unfit};
use lightloom_picture::{Chroma, Depth, Layout, Planar, Shape, View};

/// What `compile` returns, which must be an area operation that is linear and keeps what is even, or changes nothing.
pub(crate) fn of_each_plane(
    context: &FilterContext,
    compile: impl Fn(&FilterContext) -> Result<Operation, Unfit>,
) -> Result<Operation, Unfit> {
    let Shape { layout, depth, .. } = context.shape;
    let area = match compile(context)? {
        Operation::Area(area) if (layout, depth) == (Layout::Rgb, Depth::U8) => area,
        other => return Ok(other),
    };
    let shape = Shape { layout: Layout::Grey, ..context.shape };
    let plane = |scale: f32| match compile(&FilterContext { shape, scale: context.scale * scale })? {
        Operation::Area(area) => Ok(Some(area)),
        _ => Ok(None),
    };
    Ok(Operation::Area(Box::new(EachPlane { area, full: plane(1.0)?, half: plane(0.5)? })))
}

struct EachPlane {
    area: Box<dyn Area>,
    /// For a plane as fine as the picture; none changes nothing.
    full: Option<Box<dyn Area>>,
    /// For one of half its columns and rows.
    half: Option<Box<dyn Area>>,
}

impl Area for EachPlane {
    fn halo(&self) -> u32 {
        self.area.halo()
    }

    fn rows_u8(&self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        self.area.rows_u8(source, rows, target);
    }

    fn rows_u16(&self, source: View<'_, u16>, rows: Range<u32>, target: &mut [u16]) {
        self.area.rows_u16(source, rows, target);
    }

    fn rows_f32(&self, source: View<'_, f32>, rows: Range<u32>, target: &mut [f32]) {
        self.area.rows_f32(source, rows, target);
    }

    fn by_bands(&self, source: Planar, step: u32) -> Option<Box<dyn RowWise + '_>> {
        let chroma = match source.chroma {
            Chroma::FULL => &self.full,
            Chroma { columns: 2, rows: 2 } => &self.half,
            _ => return None,
        };
        let planes = (OfPlane::new(self.full.as_deref()), OfPlane::new(chroma.as_deref()));
        Some(Box::new(ByPlane::new((source, source), planes, step)))
    }
}

/// An area operation on a plane, as on a grey picture; or what leaves it as it is.
pub(crate) struct OfPlane<'a> {
    area: Option<&'a dyn Area>,
    /// The rows that it looks at.
    held: Vec<u8>,
}

impl<'a> OfPlane<'a> {
    pub fn new(area: Option<&'a dyn Area>) -> Self {
        Self { area, held: Vec::new() }
    }
}

impl PlaneRows for OfPlane<'_> {
    fn needs(&self, rows: Range<u32>) -> Range<u32> {
        let halo = self.area.map_or(0, Area::halo);
        rows.start.saturating_sub(halo)..rows.end.saturating_add(halo)
    }

    fn rows(&mut self, source: Plane<'_>, rows: Range<u32>, target: &mut [u8]) {
        let Range { start, end } = self.needs(rows.clone());
        let (width, needed) = (source.width as usize, start..end.min(source.height));
        let held = match self.area {
            Some(_) => sized(&mut self.held, width * needed.len()),
            None => &mut *target,
        };
        for (y, to) in needed.clone().zip(held.chunks_exact_mut(width)) {
            to.copy_from_slice(source.row(y));
        }
        if let Some(area) = self.area {
            let view = View::new(
                (source.width, source.height),
                Layout::Grey,
                needed.start,
                &self.held[..width * needed.len()],
            );
            area.rows_u8(view, rows, target);
        }
    }
}
