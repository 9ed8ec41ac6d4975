//! Operations that wait for the rows below those that they compute.

use std::ops::Range;

use rayon::prelude::*;

use super::RowSink;
use lightloom_filter::{Area, RowWise};
use lightloom_picture::{Shape, View};

/// Samples of a result that an area operation computes at once, about: with its source, they stay in the second-level cache.
const AREA_SAMPLES: usize = 512 * 1024;

/// Rows of so many samples that an area operation computes at once. Each strip looks at its halo anew, which would be the
/// most of it if there were fewer rows.
pub(super) fn strip_of(area: &dyn Area, stride: usize) -> u32 {
    let halo = area.halo();
    ((AREA_SAMPLES / stride.max(1)) as u32).min((16 * halo).max(64)).max(halo).max(1)
}

/// An operation that waits for the rows below those that it computes.
pub(super) struct Window<'p> {
    operation: Box<dyn RowWise + 'p>,
    source: Shape,
    result: Shape,
    /// Rows of the source that are still needed.
    held: Vec<u8>,
    /// The first of them.
    first: u32,
    /// The row of the result that is computed next.
    next: u32,
    computed: Vec<u8>,
}

impl<'p> Window<'p> {
    pub(super) fn new(operation: Box<dyn RowWise + 'p>, source: Shape, result: Shape) -> Self {
        Self { operation, source, result, held: Vec::new(), first: 0, next: 0, computed: Vec::new() }
    }

    pub(super) fn spreads(&self) -> bool {
        self.operation.spreads()
    }

    /// Takes rows of the source, and hands on those of the result that are ready.
    pub(super) fn push<E>(&mut self, rows: &[u8], sink: RowSink<'_, E>) -> Result<(), E> {
        let stride = |shape: Shape| shape.width as usize * shape.layout.channels();
        let Shape { width, height, layout, .. } = self.source;
        if self.held.is_empty() && self.operation.needs(0..1).end >= height {
            // It needs them all.
            self.held.reserve_exact(stride(self.source) * height as usize);
        }
        self.held.extend_from_slice(rows);
        let arrived = self.first + (self.held.len() / stride(self.source).max(1)) as u32;
        while self.next < self.result.height {
            let rows = self.next..self.result.height.min(self.next + self.operation.step());
            let needed = self.operation.needs(rows.clone());
            if needed.end.min(height) > arrived {
                // Moved up only now and then, which costs less than the rows take. Some may be needed by nobody.
                let passed = needed.start.clamp(self.first, arrived) - self.first;
                if passed >= arrived - self.first - passed {
                    self.held.drain(..passed as usize * stride(self.source));
                    self.first += passed;
                }
                break;
            }
            self.computed.resize(rows.len() * stride(self.result), 0);
            let source = View::new((width, height), layout, self.first, &self.held);
            self.next = rows.end;
            self.operation.rows(source, rows, &mut self.computed);
            sink(&mut self.computed)?;
        }
        Ok(())
    }
}

/// An area operation.
pub(super) struct AreaRows<'p> {
    area: &'p dyn Area,
    /// Rows that are computed together.
    strip: u32,
    /// Strips that are computed at once.
    strips: u32,
}

impl<'p> AreaRows<'p> {
    pub(super) fn new(area: &'p dyn Area, source: Shape, split: bool) -> Self {
        let strip = strip_of(area, source.width as usize * source.layout.channels());
        // With two cores, decoder and encoder keep the other one busy.
        let strips = if split && rayon::current_num_threads() > 2 { rayon::current_num_threads() as u32 } else { 1 };
        Self { area, strip, strips }
    }
}

impl RowWise for AreaRows<'_> {
    fn spreads(&self) -> bool {
        self.strips > 1
    }

    fn step(&self) -> u32 {
        self.strip * self.strips
    }

    fn needs(&self, rows: Range<u32>) -> Range<u32> {
        rows.start.saturating_sub(self.area.halo())..rows.end.saturating_add(self.area.halo())
    }

    fn rows(&mut self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        if self.strips == 1 {
            return self.area.rows_u8(source, rows, target);
        }
        let samples = target.len() / rows.len().max(1) * self.strip as usize;
        target
            .par_chunks_mut(samples.max(1))
            .zip(rows.clone().into_par_iter().step_by(self.strip as usize))
            .for_each(|(target, top)| self.area.rows_u8(source, top..rows.end.min(top + self.strip), target));
    }
}
