//! The filters of one output, compiled for one picture: which passes run over it and what memory each takes.

use std::borrow::Cow;
use std::ops::Range;

use thiserror::Error;

use super::Step;
use super::explain::{PassKind, PassNote};
use super::pass::Pass;
use super::plan::{Effect, Purpose};
use lightloom_filter::{FilterContext, FilterError, Operation, Stopped, Work};
use lightloom_picture::{Depth, Extent, Geometry, Pixels, Shape};

/// Bytes that one picture may take in memory: what a filter would make larger is refused before it is tried.
pub const MAX_PICTURE_BYTES: u64 = 2 << 30;

/// Why a recipe does not fit a picture.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlanError {
    /// A filter says no.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A filter's result would be too large.
    #[error(
        "{filter} would make a picture of {width} × {height} pixels, which takes more than {limit} GiB; choose a smaller size"
    )]
    TooLarge {
        /// The filter's id.
        filter: &'static str,
        /// Columns of the result.
        width: u32,
        /// Rows of the result.
        height: u32,
        /// The limit in GiB.
        limit: u64,
    },
    /// It is one output of several that does not fit.
    #[error("output '{name}': {error}")]
    Output {
        /// The output's name.
        name: String,
        /// Why.
        error: Box<Self>,
    },
}

/// How much larger than the target of a down-scale a scaled decode stays, so that the resize kernel and not the
/// decoder's box decides the sharpness.
const DECODE_MARGIN: f64 = 1.5;

/// What a pass reads and writes.
pub(super) struct Footprint {
    pub before: Shape,
    pub after: Shape,
    /// Bytes beside both.
    pub extra_bytes: u64,
    /// Where pixels go; of an operation whose result's size only the picture shows, that is found with it.
    pub geometry: Geometry,
    /// Whether it does more than move pixels.
    pub retouches: bool,
}

/// The first filter of a chain whose result's size only the picture shows.
struct UnknownSize {
    /// Steps up to it, itself included.
    steps: usize,
    /// Passes up to it, its own included.
    passes: usize,
}

/// All filters of one output, the common ones first.
pub(super) struct Chain {
    pub passes: Vec<Pass>,
    /// One for each pass; bytes read are those of a full decode.
    pub notes: Vec<PassNote>,
    /// One for each pass.
    pub footprints: Vec<Footprint>,
    /// For each pass, how many of the enabled filters are done with it.
    pass_ends: Vec<usize>,
    /// Passes in which only common filters are.
    pub common_passes: usize,
    /// Filters that change nothing, the common ones first.
    pub neutral: Vec<&'static str>,
    /// How many of them are common.
    pub common_neutral: usize,
    /// Steps that were compiled.
    steps: usize,
    unknown_size: Option<UnknownSize>,
    /// By how much the decoder may divide the sides for this output alone.
    pub divisor: u8,
    pub result: Shape,
}

impl Chain {
    /// Compiles `common` and then `own` for pictures of `frame`.
    pub fn compile(
        common: &[Step],
        own: &[Step],
        mut frame: FilterContext,
        divisors: &[u8],
        purpose: Purpose,
    ) -> Result<Self, PlanError> {
        let source = frame.shape;
        let mut chain = Self {
            passes: Vec::new(),
            notes: Vec::new(),
            footprints: Vec::new(),
            pass_ends: Vec::new(),
            common_passes: 0,
            neutral: Vec::new(),
            common_neutral: 0,
            steps: 0,
            unknown_size: None,
            divisor: 1,
            result: source,
        };
        for step in common.iter().filter(|s| s.enabled) {
            chain.add(step, &mut frame, divisors, purpose)?;
        }
        let common_passes = chain.passes.len();
        (chain.common_passes, chain.common_neutral) = (common_passes, chain.neutral.len());
        for step in own.iter().filter(|s| s.enabled) {
            // A point operation joins the pass before it, which then is no longer common: it rounds once all the same.
            if let Some(joined) = chain.add(step, &mut frame, divisors, purpose)?
                && joined < common_passes
            {
                chain.common_passes = joined;
            }
        }
        chain.result = frame.shape;
        chain.common_passes = chain.common_passes.min(chain.known_passes());
        Ok(chain)
    }

    /// Passes that are good for any picture: all, or those up to a filter whose result's size only the picture shows.
    /// What follows that filter is compiled again for its result; the passes and shapes here are what it needs at most.
    pub fn known_passes(&self) -> usize {
        self.unknown_size.as_ref().map_or(self.passes.len(), |unknown| unknown.passes)
    }

    /// Whether the size of the result is known before the picture is.
    pub const fn is_size_known(&self) -> bool {
        self.unknown_size.is_none()
    }

    /// The passes, of those that are good for any picture, in which only the first `steps` of the enabled filters are; and
    /// how many of those filters they contain.
    pub fn passes_within(&self, steps: usize) -> (usize, usize) {
        let ends = &self.pass_ends[..self.known_passes()];
        let passes = ends.partition_point(|end| *end <= steps);
        (passes, passes.checked_sub(1).map_or(0, |last| ends[last]))
    }

    /// The passes that contain exactly the first `steps` of the enabled filters, if there are such.
    pub fn passes_of(&self, steps: usize) -> Option<usize> {
        let (passes, within) = self.passes_within(steps);
        (within == steps).then_some(passes)
    }

    /// Runs some of the passes, the first on a picture that fills only an extent of its pixels, and adds to the effect what
    /// they do.
    pub fn run<'a>(
        &self,
        passes: Range<usize>,
        mut pixels: Cow<'a, Pixels>,
        (extent, effect): (&mut Extent, &mut Effect),
        work: &mut Work<'_>,
    ) -> Result<Cow<'a, Pixels>, Stopped> {
        for (pass, footprint) in self.passes[passes.clone()].iter().zip(&self.footprints[passes]) {
            effect.retouched |= footprint.retouches;
            pixels = Cow::Owned(match pass.found(&pixels, work)? {
                None => {
                    effect.geometry = effect.geometry.then(&footprint.geometry);
                    pass.run_scaled(pixels, *extent, work)?
                }
                Some(found) => {
                    effect.geometry = effect.geometry.then(&found.geometry(pixels.shape()));
                    Pass::Whole(found).run_scaled(pixels, *extent, work)?
                }
            });
            *extent = Extent::whole(pixels.width(), pixels.height());
        }
        Ok(pixels)
    }

    /// The steps behind these passes, of those that it was compiled from.
    pub fn rest(&self, common: &[Step], own: &[Step]) -> Vec<Step> {
        let steps = self.unknown_size.as_ref().map_or(usize::MAX, |unknown| unknown.steps);
        common.iter().chain(own).filter(|s| s.enabled).skip(steps).cloned().collect()
    }

    /// Compiles one more filter. Returns the index of the pass that it joined, if it is not neutral.
    fn add(
        &mut self,
        step: &Step,
        frame: &mut FilterContext,
        divisors: &[u8],
        purpose: Purpose,
    ) -> Result<Option<usize>, PlanError> {
        let operation = step.params.compile(frame)?;
        self.steps += 1;
        let before = frame.shape;
        let id = step.params.spec().id;
        let mut extra_bytes = 0;
        let mut moves = None;
        let kind = match operation {
            Operation::Identity => {
                self.neutral.push(id);
                return Ok(None);
            }
            Operation::Points(steps) => {
                frame.shape.layout = steps.iter().fold(before.layout, |layout, point| point.layout(layout));
                match self.passes.last_mut() {
                    Some(Pass::Points(_, points)) => points.extend(steps),
                    _ => self.passes.push(Pass::Points(None, steps)),
                }
                PassKind::Point
            }
            Operation::Measured(measure) => {
                extra_bytes = measure.extra_bytes(before);
                self.passes.push(Pass::Points(Some(measure), Vec::new()));
                PassKind::Measured
            }
            Operation::Area(area) => {
                self.passes.push(Pass::Area(area));
                PassKind::Area
            }
            Operation::Whole(whole) => {
                let scales = before.depth == Depth::U8 && self.passes.is_empty();
                if let (true, Purpose::Export, Some(target)) = (scales, purpose, whole.shrinks_to()) {
                    self.divisor = best_divisor(divisors, before, target, DECODE_MARGIN, u32::min);
                }
                frame.shape = whole.shape(before);
                extra_bytes = whole.extra_bytes(before);
                let finds_shape = whole.finds_shape();
                moves = Some(whole.geometry(before)).filter(|geometry| finds_shape || !geometry.is_identity());
                self.passes.push(Pass::Whole(whole));
                if finds_shape && self.unknown_size.is_none() {
                    self.unknown_size = Some(UnknownSize { steps: self.steps, passes: self.passes.len() });
                }
                PassKind::Whole
            }
        };
        if frame.shape.bytes() > MAX_PICTURE_BYTES {
            return Err(PlanError::TooLarge {
                filter: id,
                width: frame.shape.width,
                height: frame.shape.height,
                limit: MAX_PICTURE_BYTES >> 30,
            });
        }
        if self.notes.len() < self.passes.len() {
            let (bytes_in, filters) = (before.bytes(), Vec::new());
            self.notes.push(PassNote { filters, kind, bytes_in, bytes_out: 0, width: 0, height: 0 });
            let geometry = moves.unwrap_or_else(|| Geometry::identity((before.width, before.height)));
            self.footprints.push(Footprint { before, after: before, extra_bytes: 0, geometry, retouches: false });
        }
        self.pass_ends.resize(self.passes.len(), self.steps);
        if let Some(end) = self.pass_ends.last_mut() {
            *end = self.steps;
        }
        if let (Some(note), Some(footprint)) = (self.notes.last_mut(), self.footprints.last_mut()) {
            note.filters.push(id);
            (note.width, note.height, note.bytes_out) = (frame.shape.width, frame.shape.height, frame.shape.bytes());
            footprint.after = frame.shape;
            footprint.extra_bytes = footprint.extra_bytes.max(extra_bytes);
            footprint.retouches |= moves.is_none();
        }
        Ok(Some(self.passes.len() - 1))
    }
}

/// `side` after a decoder divided it.
fn divided(side: u32, divisor: u8) -> u32 {
    side.div_ceil(u32::from(divisor))
}

/// What a decoder delivers that divides the sides.
pub(super) fn scaled(shape: Shape, divisor: u8) -> Shape {
    Shape { width: divided(shape.width, divisor), height: divided(shape.height, divisor), ..shape }
}

/// The largest divisor that leaves the sides at least `margin` times the target; `combine` says whether the smaller or
/// the larger of the two ratios counts.
pub(super) fn best_divisor(
    divisors: &[u8],
    source: Shape,
    target: (u32, u32),
    margin: f64,
    combine: fn(u32, u32) -> u32,
) -> u8 {
    let enough = |divisor: u8| {
        let wide = f64::from(divided(source.width, divisor)) >= margin * f64::from(target.0);
        let high = f64::from(divided(source.height, divisor)) >= margin * f64::from(target.1);
        combine(u32::from(wide), u32::from(high)) == 1
    };
    divisors.iter().copied().filter(|&d| enough(d)).max().unwrap_or(1)
}
