//! Strips of samples: what a row of MCUs decodes to.

use super::entropy::{Group, Scan};
use super::markers::{Coding, Headers};
use super::progressive::Coefficients;
use super::transform::{Between, Place, transform};
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
pub(super) struct Strips {
    renderer: Renderer,
    /// MCUs in a row.
    columns: usize,
    /// Rows of MCUs.
    rows: usize,
}

/// Where coefficients come from.
enum Source<'a> {
    Scan(Scan<'a>),
    Stored(Coefficients),
}

impl Source<'_> {
    /// The coefficients of `count` MCUs, at most as many as there are lanes. MCUs are asked for in their order.
    fn mcus(&mut self, row: usize, first: usize, count: usize, groups: &mut [Group]) -> Result<(), Declined> {
        match self {
            Self::Scan(scan) => scan.mcus(count, groups),
            Self::Stored(coefficients) => {
                coefficients.copy(row, first, groups);
                Ok(())
            }
        }
    }
}

impl Strips {
    /// `chroma` is how many columns and rows of luma share a sample of chroma.
    pub(super) fn new(headers: &Headers<'_>, scale: Scale, chroma: (usize, usize)) -> Self {
        let finest = headers.components[0].blocks;
        let columns = headers.width.div_ceil(8 * finest.0);
        let renderer = Renderer::new(headers, (scale, chroma), columns.div_ceil(LANES) * LANES);
        Self { renderer, columns, rows: headers.height.div_ceil(8 * finest.1) }
    }

    /// Calls `show` with the strips of all components, from the first to the last, until it says no. With `split`, the data of a strip are
    /// read while the one before it is transformed and shown.
    ///
    /// # Errors
    /// If the data are damaged, something follows them other than the end of the file, or `go_on` or `show` says no.
    pub(super) fn decode(
        mut self,
        headers: &Headers<'_>,
        split: bool,
        go_on: &mut dyn FnMut() -> bool,
        show: &mut (dyn FnMut(&[Strip]) -> bool + Send),
    ) -> Result<(), Declined> {
        let scales: Vec<_> = self.renderer.components.iter().map(|component| component.samples).collect();
        let mut source = match &headers.coding {
            Coding::Whole(scan) => Source::Scan(Scan::new(&headers.components, scan, &scales)?),
            Coding::Parts { first, defined } => {
                Source::Stored(Coefficients::read(headers, (first, defined), &scales, go_on)?)
            }
        };
        let groups = self.renderer.groups();
        let mut ahead = vec![Group::EMPTY; if split { groups * self.columns.div_ceil(LANES) } else { groups }];
        let mut read = if split { ahead.clone() } else { Vec::new() };
        for row in 0..self.rows {
            wanted(go_on())?;
            if !split {
                for first in (0..self.columns).step_by(LANES) {
                    source.mcus(row, first, LANES.min(self.columns - first), &mut ahead)?;
                    self.renderer.render(first, &mut ahead);
                }
                wanted(show(&self.renderer.strips))?;
                continue;
            }
            if row == 0 {
                read_row(&mut source, (row, self.columns), &mut ahead, groups)?;
            }
            std::mem::swap(&mut read, &mut ahead);
            let is_last = row + 1 == self.rows;
            let (next, columns, renderer) = (row + 1, self.columns, &mut self.renderer);
            let (next, is_wanted) = rayon::join(
                || if is_last { Ok(()) } else { read_row(&mut source, (next, columns), &mut ahead, groups) },
                || {
                    for (i, groups) in read.chunks_exact_mut(groups).enumerate() {
                        renderer.render(i * LANES, groups);
                    }
                    show(&renderer.strips)
                },
            );
            wanted(is_wanted)?;
            next?;
        }
        match source {
            Source::Scan(scan) => scan.end(),
            Source::Stored(_) => Ok(()),
        }
    }
}

fn wanted(is_wanted: bool) -> Result<(), Declined> {
    if is_wanted { Ok(()) } else { Err(Declined("it was stopped")) }
}

/// Reads the coefficients of a row of MCUs.
fn read_row(
    source: &mut Source<'_>,
    (row, columns): (usize, usize),
    read: &mut [Group],
    groups: usize,
) -> Result<(), Declined> {
    for (i, groups) in read.chunks_exact_mut(groups).enumerate() {
        source.mcus(row, i * LANES, LANES.min(columns - i * LANES), groups)?;
    }
    Ok(())
}

/// From coefficients to samples.
struct Renderer {
    components: Vec<Component>,
    strips: Vec<Strip>,
    between: Box<Between>,
}

struct Component {
    steps: [u16; 64],
    /// Blocks in an MCU: columns and rows.
    blocks: (usize, usize),
    /// Samples of a block: rows and columns.
    samples: (usize, usize),
}

impl Renderer {
    /// For strips of `columns` MCUs.
    fn new(headers: &Headers<'_>, (scale, chroma): (Scale, (usize, usize)), columns: usize) -> Self {
        let finest = headers.components[0].blocks;
        let mut renderer = Self { components: Vec::new(), strips: Vec::new(), between: Box::new(Between::EMPTY) };
        for (number, component) in headers.components.iter().enumerate() {
            let (across, down) = component.blocks;
            let shared = if number == 0 { (1, 1) } else { chroma };
            let side = |finest: usize, own: usize, shared: usize| 8 / scale.divisor() * (finest / own) / shared;
            let samples = (side(finest.1, down, shared.1), side(finest.0, across, shared.0));
            let (stride, rows) = (columns * across * samples.1, down * samples.0);
            renderer.strips.push(Strip { samples: vec![0; stride * rows], stride, rows });
            renderer.components.push(Component { steps: component.steps, blocks: component.blocks, samples });
        }
        renderer
    }

    /// How many groups hold as many MCUs as there are lanes.
    fn groups(&self) -> usize {
        self.components.iter().map(|component| component.blocks.0 * component.blocks.1).sum()
    }

    /// Transforms the groups of as many MCUs as there are lanes, of which `first` is the first in its row.
    fn render(&mut self, first: usize, groups: &mut [Group]) {
        let mut groups = groups.iter_mut();
        for (component, strip) in self.components.iter().zip(&mut self.strips) {
            let (columns, rows) = component.blocks;
            let (height, width) = component.samples;
            for (i, group) in (0..columns * rows).zip(groups.by_ref()) {
                let (row, column) = (i / columns, first * columns + i % columns * LANES);
                let start = row * height * strip.stride + column * width;
                let place = Place { samples: &mut strip.samples, start, stride: strip.stride };
                transform(group, &mut self.between, &component.steps, component.samples, place);
            }
        }
    }
}
