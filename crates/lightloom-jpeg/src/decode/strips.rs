//! Strips of samples: what a row of MCUs decodes to.

use super::entropy::{Group, Scan};
use super::markers::Headers;
use super::transform::{Place, transform};
use super::{Declined, LANES, Scale};

/// A component's samples in a row of MCUs.
#[derive(Debug)]
pub(super) struct Strip {
    samples: Vec<u8>,
    /// A whole number of groups; it is longer than the picture is wide.
    stride: usize,
    rows: usize,
}

impl Strip {
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn row(&self, row: usize) -> &[u8] {
        &self.samples[row * self.stride..(row + 1) * self.stride]
    }
}

/// Decodes a file strip by strip.
pub(super) struct Strips<'a> {
    scan: Scan<'a>,
    components: Vec<Component>,
    groups: Vec<Group>,
    strips: Vec<Strip>,
    /// MCUs in a row.
    columns: usize,
    rows_left: usize,
}

struct Component {
    steps: [u16; 64],
    /// Blocks in an MCU: columns and rows.
    blocks: (usize, usize),
    /// Samples of a block: rows and columns.
    samples: (usize, usize),
}

impl<'a> Strips<'a> {
    pub(super) fn new(headers: &Headers<'a>, scale: Scale) -> Self {
        let finest = headers.components[0].blocks;
        // Of a smaller picture, chroma is as fine as luma where its coefficients allow it.
        let side = |finest: usize, own: usize| (8 / scale.divisor() * (finest / own)).min(8);
        let components: Vec<_> = headers
            .components
            .iter()
            .map(|component| {
                let (columns, rows) = component.blocks;
                Component {
                    steps: component.steps,
                    blocks: component.blocks,
                    samples: (side(finest.1, rows), side(finest.0, columns)),
                }
            })
            .collect();
        let wanted: Vec<_> = components.iter().map(|component| component.samples).collect();
        let columns = headers.width.div_ceil(8 * finest.0);
        let strip = |component: &Component| {
            let stride = columns.div_ceil(LANES) * LANES * component.blocks.0 * component.samples.1;
            let rows = component.blocks.1 * component.samples.0;
            Strip { samples: vec![0; stride * rows], stride, rows }
        };
        let groups = components.iter().map(|component| component.blocks.0 * component.blocks.1).sum();
        Self {
            scan: Scan::new(headers, &wanted),
            strips: components.iter().map(strip).collect(),
            groups: vec![Group::EMPTY; groups],
            components,
            columns,
            rows_left: headers.height.div_ceil(8 * finest.1),
        }
    }

    /// The strips of all components, until there is none left.
    pub(super) fn next(&mut self) -> Result<Option<&[Strip]>, Declined> {
        if self.rows_left == 0 {
            return Ok(None);
        }
        self.rows_left -= 1;
        for first in (0..self.columns).step_by(LANES) {
            self.scan.mcus(LANES.min(self.columns - first), &mut self.groups)?;
            let mut groups = self.groups.iter_mut();
            for (component, strip) in self.components.iter().zip(&mut self.strips) {
                let (columns, rows) = component.blocks;
                let (height, width) = component.samples;
                for (i, group) in (0..columns * rows).zip(groups.by_ref()) {
                    let (row, column) = (i / columns, first * columns + i % columns * LANES);
                    let start = row * height * strip.stride + column * width;
                    let place = Place { samples: &mut strip.samples, start, stride: strip.stride };
                    transform(group, &component.steps, component.samples, place);
                }
            }
        }
        Ok(Some(&self.strips))
    }

    /// # Errors
    /// If something follows other than the end of the file.
    pub(super) fn end(self) -> Result<(), Declined> {
        self.scan.end()
    }
}
