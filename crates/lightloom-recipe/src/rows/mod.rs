//! Passes over an 8-bit picture that arrives from top to bottom and leaves the same way, a few rows at a time: what goes on
//! stays in the processor's cache, and nothing is as large as the picture.
//!
//! Of pixels, results are those of passes over the whole picture, bit for bit. Of planes they differ by little, because what
//! is averaged or changed has not been rounded to colours before.

mod points;
mod window;

use super::chain::Footprint;
use super::pass::Pass;
use super::plan::Effect;
use lightloom_filter::turned;
use lightloom_picture::{Chroma, Depth, Extent, Layout, Planar, RowForm, Shape, Turn};
use points::{LumaPoints, PointRows};
use window::{AreaRows, Window, strip_of};

/// Takes rows, which it may change.
pub type RowSink<'a, E> = &'a mut dyn FnMut(&mut [u8]) -> Result<(), E>;

/// Passes for one picture, from the first on.
pub struct RowPasses<'p> {
    stages: Vec<Stage<'p>>,
    /// How many passes these are.
    passes: usize,
    /// How many there are beyond.
    rest: usize,
    arriving: RowForm,
    leaving: RowForm,
    effect: Effect,
}

enum Stage<'p> {
    Points(Box<PointRows<'p>>),
    Luma(Box<LumaPoints<'p>>),
    Window(Window<'p>),
}

/// What arrives for passes, and how it is to leave.
#[derive(Debug, Clone, Copy)]
pub struct RowSource {
    /// As the decoder delivers it.
    pub form: RowForm,
    /// What sets it upright.
    pub turn: Option<Turn>,
    /// Which part of its pixels the upright picture fills.
    pub extent: Extent,
    /// Chroma of planes that leave, beside luma.
    pub chroma: Chroma,
    /// Whether area operations share their rows with other workers of the rayon pool.
    pub split: bool,
}

impl<'p> RowPasses<'p> {
    /// As many of the passes as do not need the whole picture. `None` for planes of which something needs pixels, or that
    /// would leave with other chroma than is wanted.
    pub(super) fn new(
        passes: &'p [Pass],
        footprints: &[Footprint],
        mut effect: Effect,
        RowSource { form: arriving, turn, mut extent, chroma, split }: RowSource,
    ) -> Option<Self> {
        let (mut stages, mut form, mut done) = (Vec::with_capacity(passes.len()), arriving, 0);
        if let Some(turn) = turn {
            let (operation, turned) = turned(turn, form)?;
            stages.push(Stage::Window(Window::new(operation, form.rows(), turned.rows())));
            form = turned;
        }
        for (pass, footprint) in passes.iter().zip(footprints) {
            let next = match form {
                RowForm::Pixels(shape) if shape.depth != Depth::U8 => None,
                RowForm::Pixels(shape) => stages_of_pixels(pass, (shape, extent), split, &mut stages),
                RowForm::Planes(planar) => stages_of_planes(pass, (planar, extent), chroma, &mut stages),
            };
            let Some(next) = next else { break };
            form = next;
            extent = Extent::whole(form.shape().width, form.shape().height);
            effect.retouched |= footprint.retouches;
            effect.geometry = effect.geometry.then(&footprint.geometry);
            done += 1;
        }
        let rest = passes.len() - done;
        let is_right = match form {
            RowForm::Pixels(_) => true,
            RowForm::Planes(planar) => rest == 0 && planar.chroma == chroma && extent.is_whole(planar.shape()),
        };
        is_right.then_some(Self { stages, passes: done, rest, arriving, leaving: form, effect })
    }

    /// How many passes these are.
    pub const fn len(&self) -> usize {
        self.passes
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.passes == 0
    }

    /// Whether these are all passes of the plan.
    pub const fn are_all(&self) -> bool {
        self.rest == 0
    }

    /// Whether one of them spreads rows over the pool, and may find itself with other work of the pool while it waits.
    pub fn spread(&self) -> bool {
        self.stages.iter().any(|stage| matches!(stage, Stage::Window(window) if window.spreads()))
    }

    /// What arrives.
    pub const fn arriving(&self) -> RowForm {
        self.arriving
    }

    /// What leaves.
    pub const fn leaving(&self) -> RowForm {
        self.leaving
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
        Some((Stage::Luma(points), rest)) => {
            points.change(rows);
            push(rest, rows, sink)
        }
        Some((Stage::Window(window), rest)) => window.push(rows, &mut |rows| push(rest, rows, sink)),
    }
}

/// Adds what a pass does to pixels, and returns what leaves; `None` if it needs the whole picture.
fn stages_of_pixels<'p>(
    pass: &'p Pass,
    (source, extent): (Shape, Extent),
    split: bool,
    stages: &mut Vec<Stage<'p>>,
) -> Option<RowForm> {
    let is_whole = extent.is_whole(source);
    let (stage, result) = match pass {
        Pass::Points(None, points) if is_whole => {
            let points = PointRows::new(points.iter().map(|point| &**point).collect(), source);
            let result = points.result();
            (Stage::Points(Box::new(points)), result)
        }
        Pass::Area(area) if is_whole => {
            (Stage::Window(Window::new(Box::new(AreaRows::new(&**area, source, split)), source, source)), source)
        }
        Pass::Whole(whole) => {
            let result = whole.shape(source);
            (Stage::Window(Window::new(whole.by_rows(source, extent)?, source, result)), result)
        }
        Pass::Points(..) | Pass::Area(_) => return None,
    };
    stages.push(stage);
    Some(RowForm::Pixels(result))
}

/// As [`stages_of_pixels`], for planes: if it moves pixels, changes luma alone, or makes a grey picture of them.
fn stages_of_planes<'p>(
    pass: &'p Pass,
    (source, extent): (Planar, Extent),
    chroma: Chroma,
    stages: &mut Vec<Stage<'p>>,
) -> Option<RowForm> {
    let is_whole = extent.is_whole(source.shape());
    let form = RowForm::Planes(source);
    let window = |operation, result: RowForm| Stage::Window(Window::new(operation, form.rows(), result.rows()));
    match pass {
        Pass::Whole(whole) => {
            let (operation, result) = whole.by_bands(source, extent, chroma)?;
            stages.push(window(operation, RowForm::Planes(result)));
            Some(RowForm::Planes(result))
        }
        Pass::Area(area) if is_whole => {
            stages.push(window(area.by_bands(source, strip_of(&**area, source.width as usize))?, form));
            Some(form)
        }
        Pass::Points(None, points) if is_whole => {
            let on_luma: Vec<_> = points.iter().map_while(|point| point.on_luma()).collect();
            let rest = &points[on_luma.len()..];
            let grey = match rest.first() {
                Some(first) => Some(first.grey_by_bands(source)?),
                None => None,
            };
            if !on_luma.is_empty() {
                stages.push(Stage::Luma(Box::new(LumaPoints::new(on_luma, source))));
            }
            let Some(grey) = grey else { return Some(form) };
            let mut result = Shape { layout: Layout::Grey, ..source.shape() };
            stages.push(window(grey, RowForm::Pixels(result)));
            if rest.len() > 1 {
                let rest = PointRows::new(rest[1..].iter().map(|point| &**point).collect(), result);
                result = rest.result();
                stages.push(Stage::Points(Box::new(rest)));
            }
            Some(RowForm::Pixels(result))
        }
        Pass::Points(..) | Pass::Area(_) => None,
    }
}
