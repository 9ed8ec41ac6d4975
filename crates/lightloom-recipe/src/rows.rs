//! Passes over an 8-bit picture that arrives from top to bottom and leaves the same way, a few rows at a time: what goes on
//! stays in the processor's cache, and nothing is as large as the picture.
//!
//! Results are those of passes over the whole picture, bit for bit.

use std::ops::Range;

use rayon::prelude::*;

use super::chain::Footprint;
use super::fold_luts::LookupTables;
use super::pass::{Fused, Pass};
use super::plan::Effect;
use lightloom_filter::{Area, Planes, Point, RowWise};
use lightloom_picture::{Chroma, Depth, Extent, Layout, Planar, Shape, View};

/// Samples of a result that an area operation computes at once, about: with its source, they stay in the second-level cache.
const AREA_SAMPLES: usize = 512 * 1024;

/// Takes rows, which it may change.
pub type RowSink<'a, E> = &'a mut dyn FnMut(&mut [u8]) -> Result<(), E>;

/// Passes for one picture, from the first on.
pub struct RowPasses<'p> {
    stages: Vec<Stage<'p>>,
    /// How many passes there are beyond.
    rest: usize,
    result: Shape,
    effect: Effect,
}

enum Stage<'p> {
    Points(Box<PointRows<'p>>),
    Window(Window<'p>),
}

impl<'p> RowPasses<'p> {
    /// As many of the passes as do not need the whole picture, for one that is decoded to this shape and fills `extent` of
    /// its pixels.
    pub(super) fn new(
        passes: &'p [Pass],
        footprints: &[Footprint],
        mut effect: Effect,
        (decoded, mut extent): (Shape, Extent),
        split: bool,
    ) -> Self {
        let mut result = decoded;
        let mut stages = Vec::with_capacity(passes.len());
        for (pass, footprint) in passes.iter().zip(footprints) {
            let Some(stage) = Stage::new(pass, (result, extent), split).filter(|_| decoded.depth == Depth::U8) else {
                break;
            };
            result = stage.result();
            extent = Extent::whole(result.width, result.height);
            effect.retouched |= footprint.retouches;
            effect.geometry = effect.geometry.then(&footprint.geometry);
            stages.push(stage);
        }
        let rest = passes.len() - stages.len();
        Self { stages, rest, result, effect }
    }

    /// The same for a picture that arrives in bands of planes and is to leave in such with this chroma, with what arrives and
    /// leaves: if nothing but its size changes, or not even that. `None` where a pass needs pixels.
    pub(super) fn of_planes(
        passes: &'p [Pass],
        footprints: &[Footprint],
        mut effect: Effect,
        (arriving, extent): (Planar, Extent),
        chroma: Chroma,
    ) -> Option<(Self, Planar)> {
        // A row of a grey picture stands for a band.
        let bands = |planar: Planar| Shape {
            width: planar.band_samples() as u32,
            height: planar.bands(),
            layout: Layout::Grey,
            depth: Depth::U8,
        };
        let (stages, leaving) = match passes {
            [] => (Vec::new(), arriving),
            [Pass::Whole(whole)] => {
                let (operation, leaving) = whole.by_bands(arriving, extent, chroma)?;
                (vec![Stage::Window(Window::new(operation, bands(arriving), bands(leaving)))], leaving)
            }
            _ => return None,
        };
        let is_right = leaving.chroma == chroma && (!stages.is_empty() || extent.is_whole(arriving.shape()));
        for footprint in footprints {
            effect.retouched |= footprint.retouches;
            effect.geometry = effect.geometry.then(&footprint.geometry);
        }
        is_right.then_some((Self { stages, rest: 0, result: leaving.shape(), effect }, leaving))
    }

    /// How many passes these are.
    pub const fn len(&self) -> usize {
        self.stages.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// Whether these are all passes of the plan.
    pub const fn are_all(&self) -> bool {
        self.rest == 0
    }

    /// Whether one of them spreads rows over the pool, and may find itself with other work of the pool while it waits.
    pub fn spread(&self) -> bool {
        self.stages.iter().any(|stage| matches!(stage, Stage::Window(window) if window.operation.spreads()))
    }

    /// Shape of the result.
    pub const fn result(&self) -> Shape {
        self.result
    }

    /// What the passes do besides.
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// The steps that rows go through one after the other. Several may be at work at once, each on rows that the one after
    /// it has not seen yet.
    pub fn steps(&mut self) -> impl Iterator<Item = RowStep<'_, 'p>> {
        self.stages.split_inclusive_mut(|stage| matches!(stage, Stage::Window(_))).map(RowStep)
    }
}

/// Passes without a wait between them.
pub struct RowStep<'r, 'p>(&'r mut [Stage<'p>]);

impl RowStep<'_, '_> {
    /// Takes the next rows of its source, one or more whole ones, and hands on the rows of its result that are ready by then:
    /// with the last of the source, all.
    ///
    /// # Errors
    /// That of `sink`.
    pub fn push<E>(&mut self, rows: &mut [u8], sink: RowSink<'_, E>) -> Result<(), E> {
        push(self.0, rows, sink)
    }
}

fn push<E>(stages: &mut [Stage<'_>], rows: &mut [u8], sink: RowSink<'_, E>) -> Result<(), E> {
    match stages.split_first_mut() {
        None => sink(rows),
        Some((Stage::Points(points), rest)) => push(rest, points.changed(rows), sink),
        Some((Stage::Window(window), rest)) => window.push(rows, &mut |rows| push(rest, rows, sink)),
    }
}

impl<'p> Stage<'p> {
    /// `None` if the pass needs the whole picture.
    fn new(pass: &'p Pass, (source, extent): (Shape, Extent), split: bool) -> Option<Self> {
        let is_whole = extent.is_whole(source);
        Some(match pass {
            Pass::Points(None, points) if is_whole => Self::Points(Box::new(PointRows::new(points, source))),
            Pass::Area(area) if is_whole => {
                Self::Window(Window::new(Box::new(AreaRows::new(&**area, source, split)), source, source))
            }
            Pass::Whole(whole) => {
                Self::Window(Window::new(whole.by_rows(source, extent)?, source, whole.shape(source)))
            }
            Pass::Points(..) | Pass::Area(_) => return None,
        })
    }

    fn result(&self) -> Shape {
        match self {
            Self::Points(points) => Shape { layout: points.result_layout(), ..points.source },
            Self::Window(window) => window.result,
        }
    }
}

/// Puts each sample's result in its place.
type Replace<'p> = Box<dyn Fn(&mut [u8]) + Send + 'p>;

/// Fused point operations.
struct PointRows<'p> {
    /// Without those in the tables.
    points: Vec<&'p dyn Point>,
    tables: LookupTables,
    /// If all operations are in the tables.
    replace: Option<Replace<'p>>,
    source: Shape,
    /// Rows that have passed.
    passed: u32,
    planes: Planes,
    /// Where the layout changes.
    changed: Vec<u8>,
}

impl<'p> PointRows<'p> {
    fn new(points: &'p [Box<dyn Point>], source: Shape) -> Self {
        let mut points: Vec<&dyn Point> = points.iter().map(|point| &**point).collect();
        let tables = LookupTables::new(&points, source.layout);
        points.drain(..tables.points);
        let replace = points.is_empty().then(|| Box::new(tables.replacing(source.layout)) as Box<_>);
        Self { points, tables, replace, source, passed: 0, planes: Planes::default(), changed: Vec::new() }
    }

    fn result_layout(&self) -> Layout {
        Fused::new(&self.points, self.source.layout, self.source.width).result_layout
    }

    fn changed<'r>(&'r mut self, rows: &'r mut [u8]) -> &'r mut [u8] {
        if let Some(replace) = &self.replace {
            replace(rows);
            return rows;
        }
        let fused = Fused::new(&self.points, self.source.layout, self.source.width);
        let (source_strip, result_strip) = fused.strip_samples();
        let top = self.passed;
        let Shape { width, layout, .. } = self.source;
        let channels = layout.channels();
        self.passed += (rows.len() / channels / (width as usize).max(1)) as u32;
        let is_in_place = fused.result_layout == layout;
        if !is_in_place {
            self.changed.resize(rows.len() / channels * fused.result_layout.channels(), 0);
        }
        for (index, from) in rows.chunks_mut(source_strip).enumerate() {
            self.tables.load(from, &mut self.planes, layout);
            fused.compute(&mut self.planes, top, index);
            if is_in_place {
                self.planes.store(from, layout);
            } else {
                let place = index * result_strip..self.changed.len().min((index + 1) * result_strip);
                fused.store(&self.planes, from, &mut self.changed[place]);
            }
        }
        if is_in_place { rows } else { &mut self.changed }
    }
}

/// An operation that waits for the rows below those that it computes.
struct Window<'p> {
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
    fn new(operation: Box<dyn RowWise + 'p>, source: Shape, result: Shape) -> Self {
        Self { operation, source, result, held: Vec::new(), first: 0, next: 0, computed: Vec::new() }
    }

    fn push<E>(&mut self, rows: &[u8], sink: RowSink<'_, E>) -> Result<(), E> {
        let stride = |shape: Shape| shape.width as usize * shape.layout.channels();
        let Shape { width, height, layout, .. } = self.source;
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
struct AreaRows<'p> {
    area: &'p dyn Area,
    /// Rows that are computed together.
    strip: u32,
    /// Strips that are computed at once.
    strips: u32,
}

impl<'p> AreaRows<'p> {
    fn new(area: &'p dyn Area, source: Shape, split: bool) -> Self {
        let stride = source.width as usize * source.layout.channels();
        // Each strip looks at its halo anew, which would be the most of it if there were fewer rows.
        let strip = ((AREA_SAMPLES / stride.max(1)) as u32).max(area.halo()).max(1);
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
