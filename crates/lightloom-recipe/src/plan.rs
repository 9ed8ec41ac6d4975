//! The recipe compiled for one picture: which passes run over it, which of them once for all outputs, how far the decoder
//! may scale it down first, and how much memory that takes, all known before a pixel is decoded.
//!
//! As pixels, an output has the samples that its own recipe would give alone at the same decode scale: what outputs share is
//! only computed once, never differently. One that is alone may stay in planes, which differs by little (see `rows`).

use std::borrow::Cow;

use super::chain::{Chain, Footprint, PlanError, best_divisor, scaled};
use super::checkpoints::{Checkpoint, Checkpoints};
use super::explain::{self, Explanation, OutputNote};
use super::pass::Pass;
use super::rows::{RowPasses, RowSource};
use super::{Recipe, Step};
use lightloom_filter::{FilterContext, Stopped, Work};
use lightloom_picture::{Extent, Geometry, Pixels, Shape};

/// What the result is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Purpose {
    /// The exact result.
    Export,
    /// A look at a copy whose longer side is about this many pixels: quick, radii scaled with it.
    Proxy(u32),
}

/// Why a plan has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RunError {
    #[error("stopped")]
    Stopped,
    /// A filter that follows one whose result has a size that depends on the picture does not fit that size.
    #[error(transparent)]
    Plan(PlanError),
}

impl From<Stopped> for RunError {
    fn from(Stopped: Stopped) -> Self {
        Self::Stopped
    }
}

/// What passes did to a picture, besides its samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Where the pixels of the full, upright picture went.
    pub geometry: Geometry,
    /// Whether a filter did more than move pixels.
    pub retouched: bool,
}

/// A decoded picture on its way into a plan, and which part of its pixels it fills.
#[derive(Debug)]
pub struct PlanPixels {
    pixels: Pixels,
    extent: Extent,
}

impl From<Pixels> for PlanPixels {
    fn from(pixels: Pixels) -> Self {
        let extent = Extent::whole(pixels.width(), pixels.height());
        Self { pixels, extent }
    }
}

impl PlanPixels {
    /// Decoded, upright pixels; `extent` is that of a decode at [`Plan::decode_divisor`]. Pixels of another size are those of
    /// a decoder that did not scale.
    pub fn scaled(pixels: Pixels, extent: Extent) -> Self {
        if extent.fits(pixels.shape()) { Self { pixels, extent } } else { pixels.into() }
    }
}

/// A picture after some passes.
#[derive(Debug, Clone)]
pub struct Processed {
    pub pixels: Pixels,
    /// What all passes since it was decoded did.
    pub effect: Effect,
    /// Which part of its pixels the picture fills.
    extent: Extent,
}

/// The filters of one output.
struct OutputChain {
    /// The output's name.
    name: String,
    chain: Chain,
    /// What is to be compiled once a size is found.
    rest: Vec<Step>,
}

/// A recipe compiled for pictures of one shape.
pub struct Plan {
    purpose: Purpose,
    source: Shape,
    decode_divisor: u8,
    outputs: Vec<OutputChain>,
    /// Passes at the head of every chain that are the same in all and run once.
    shared: usize,
    peak_bytes: u64,
}

impl Plan {
    /// Compiles `recipe` for a picture of `source` shape (upright). `divisors` are the scales that its decoder
    /// offers: it can deliver every side divided by one of them, rounded up. With several outputs it is the one that
    /// suits the output that needs most.
    ///
    /// # Errors
    /// If a filter cannot be applied to such a picture.
    pub fn compile(recipe: &Recipe, source: Shape, divisors: &[u8], purpose: Purpose) -> Result<Self, PlanError> {
        let mut frame = FilterContext { shape: source, scale: 1.0 };
        let mut decode_divisor = 1;
        if let Purpose::Proxy(side) = purpose {
            let longer = source.width.max(source.height);
            decode_divisor = best_divisor(divisors, source, (side.min(longer), side.min(longer)), 1.0, u32::max);
            frame.scale = 1.0 / f32::from(decode_divisor);
        }
        let mut outputs = Vec::new();
        for output in recipe.all_outputs().iter() {
            let chain = Chain::compile(&recipe.filters, &output.filters, frame, divisors, purpose);
            let named = |error: PlanError| match output.name.as_str() {
                "" => error,
                name => PlanError::Output { name: name.to_owned(), error: Box::new(error) },
            };
            let chain = chain.map_err(named)?;
            let rest = chain.rest(&recipe.filters, &output.filters);
            outputs.push(OutputChain { name: output.name.clone(), chain, rest });
        }
        if purpose == Purpose::Export {
            decode_divisor = outputs.iter().map(|o| o.chain.divisor).min().unwrap_or(1);
        }
        let shared = match outputs.as_slice() {
            [only] => only.chain.known_passes(),
            several => several.iter().map(|o| o.chain.common_passes).min().unwrap_or(0),
        };
        let mut plan = Self { purpose, source, decode_divisor, outputs, shared, peak_bytes: 0 };
        let decoded = scaled(source, decode_divisor).bytes();
        for note in plan.outputs.iter_mut().filter_map(|o| o.chain.notes.first_mut()) {
            note.bytes_in = decoded;
        }
        plan.peak_bytes = plan.peak();
        Ok(plan)
    }

    /// Bytes at the worst moment: a pass holds what it reads and what it writes; while an output is computed, what the
    /// others share is held too, and those that are done as encoded files.
    fn peak(&self) -> u64 {
        let decoded = scaled(self.source, self.decode_divisor);
        let taken = |chain: &Chain, index: usize| {
            let pass = &chain.footprints[index];
            let arriving = if index == 0 { decoded } else { pass.before };
            arriving.bytes() + pass.after.bytes() + pass.extra_bytes
        };
        // A decoder holds its own planes beside the pixels, an encoder its output.
        let mut peak = decoded.bytes() * 5 / 2;
        let mut encoded = 0;
        for (number, OutputChain { chain, .. }) in self.outputs.iter().enumerate() {
            if number == 0 {
                peak = (0..self.shared).map(|i| taken(chain, i)).fold(peak, u64::max);
            }
            let is_last = number + 1 == self.outputs.len();
            let common = self.shared.checked_sub(1).map_or(decoded, |last| chain.footprints[last].after);
            let held = encoded + if is_last { 0 } else { common.bytes() };
            peak = (self.shared..chain.passes.len()).map(|i| held + taken(chain, i)).fold(peak, u64::max);
            peak = peak.max(held + chain.result.bytes() * 2);
            encoded += chain.result.bytes();
        }
        peak
    }

    /// By how much the decoder is to divide the sides: 1, 2, 4 or 8.
    pub const fn decode_divisor(&self) -> u8 {
        self.decode_divisor
    }

    /// How many outputs there are; at least one.
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// Shape of the first output of an export.
    pub fn result(&self) -> Shape {
        self.outputs.first().map_or(self.source, |output| output.chain.result)
    }

    /// Shapes of all outputs of an export.
    pub fn results(&self) -> impl Iterator<Item = Shape> {
        self.outputs.iter().map(|output| output.chain.result)
    }

    /// Size of an output of an export, counted from 0; `None` where only the picture shows it.
    pub fn size_of(&self, output: usize) -> Option<(u32, u32)> {
        let chain = &self.outputs.get(output)?.chain;
        chain.is_size_known().then_some((chain.result.width, chain.result.height))
    }

    /// Whether an output of an export, counted from 0, is the picture as it is: no pass changes or measures anything.
    pub fn is_identity(&self, output: usize) -> bool {
        let is_identity = |OutputChain { chain, rest, .. }: &OutputChain| {
            chain.passes.is_empty() && rest.is_empty() && chain.divisor == 1
        };
        self.outputs.get(output).is_some_and(is_identity)
    }

    /// Estimated bytes of all pixel buffers at the worst moment.
    pub const fn peak_bytes(&self) -> u64 {
        self.peak_bytes
    }

    /// Describes what it will do.
    pub fn explain(&self) -> Explanation {
        let common = self.outputs.first().map(|output| &output.chain);
        let several = self.outputs.len() > 1;
        let output = |OutputChain { name, chain, .. }: &OutputChain| OutputNote {
            name: name.clone(),
            neutral: chain.neutral[chain.common_neutral..].to_vec(),
            passes: chain.notes[self.shared..].to_vec(),
            width: chain.result.width,
            height: chain.result.height,
        };
        let neutral = common.map_or(&[][..], |c| if several { &c.neutral[..c.common_neutral] } else { &c.neutral });
        Explanation {
            width: self.source.width,
            height: self.source.height,
            samples: explain::samples(self.source),
            decode_divisor: self.decode_divisor,
            neutral: neutral.to_vec(),
            passes: common.map_or_else(Vec::new, |c| c.notes[..self.shared].to_vec()),
            outputs: if several { self.outputs.iter().map(output).collect() } else { Vec::new() },
            peak_bytes: self.peak_bytes,
            copies: Vec::new(),
            colours: Vec::new(),
        }
    }

    /// Runs the passes that all outputs share on the decoded, upright picture.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn run_shared(&self, source: impl Into<PlanPixels>, work: &mut Work<'_>) -> Result<Processed, Stopped> {
        let Processed { pixels, mut effect, mut extent } = self.unprocessed(source.into());
        let mut pixels = Cow::Owned(pixels);
        if let Some(OutputChain { chain, .. }) = self.outputs.first() {
            pixels = chain.run(0..self.shared, pixels, (&mut extent, &mut effect), work)?;
        }
        Ok(Processed { pixels: pixels.into_owned(), effect, extent })
    }

    /// The passes that all outputs share, from the first on, for an 8-bit picture that is decoded at
    /// [`Self::decode_divisor`] from top to bottom: as many as do not need the whole picture. `None` for planes of which
    /// something needs pixels, or that would leave with other chroma than is wanted.
    pub fn rows(&self, source: RowSource) -> Option<RowPasses<'_>> {
        let (passes, footprints) = self.shared_passes();
        RowPasses::new(passes, footprints, self.no_effect(), source)
    }

    fn shared_passes(&self) -> (&[Pass], &[Footprint]) {
        let chain = self.outputs.first().map(|output| &output.chain);
        chain.map_or((&[], &[]), |c| (&c.passes[..self.shared], &c.footprints[..self.shared]))
    }

    /// Whether there is one output, all of whose passes are those of [`Self::rows`] where that says that it has all.
    pub fn is_one(&self) -> bool {
        matches!(self.outputs.as_slice(), [only] if only.rest.is_empty())
    }

    /// As [`Self::run_shared`], from what has come of [`Self::rows`].
    ///
    /// # Errors
    /// As [`Self::run_shared`].
    pub fn run_shared_after(
        &self,
        passed: usize,
        (pixels, mut effect): (Pixels, Effect),
        work: &mut Work<'_>,
    ) -> Result<Processed, Stopped> {
        let mut extent = Extent::whole(pixels.width(), pixels.height());
        let mut pixels = Cow::Owned(pixels);
        if let Some(OutputChain { chain, .. }) = self.outputs.first() {
            pixels = chain.run(passed..self.shared, pixels, (&mut extent, &mut effect), work)?;
        }
        Ok(Processed { pixels: pixels.into_owned(), effect, extent })
    }

    fn no_effect(&self) -> Effect {
        let size = (self.source.width, self.source.height);
        Effect { geometry: Geometry::identity(size), retouched: false }
    }

    fn unprocessed(&self, PlanPixels { pixels, extent }: PlanPixels) -> Processed {
        Processed { pixels, effect: self.no_effect(), extent }
    }

    /// Whether an output, counted from 0, has passes of its own.
    pub fn has_own(&self, output: usize) -> bool {
        self.outputs.get(output).is_some_and(|output| output.chain.passes.len() > self.shared)
    }

    /// Runs the passes that only one output has, counted from 0. `shared` is the result of [`Self::run_shared`], borrowed as
    /// long as another output needs it.
    ///
    /// # Errors
    /// If it is stopped, or a filter does not fit a size that was found on the way.
    pub fn run_output(
        &self,
        output: usize,
        shared: Cow<'_, Processed>,
        work: &mut Work<'_>,
    ) -> Result<Processed, RunError> {
        self.run_from(output, self.shared, shared, work)
    }

    /// Runs the passes of an output from one of them on.
    fn run_from(
        &self,
        output: usize,
        first: usize,
        arrived: Cow<'_, Processed>,
        work: &mut Work<'_>,
    ) -> Result<Processed, RunError> {
        let (mut extent, mut effect) = (arrived.extent, arrived.effect);
        let mut pixels = match arrived {
            Cow::Owned(arrived) => Cow::Owned(arrived.pixels),
            Cow::Borrowed(arrived) => Cow::Borrowed(&arrived.pixels),
        };
        let mut rest = Vec::new();
        if let Some(output) = self.outputs.get(output) {
            let own = first..output.chain.known_passes();
            pixels = output.chain.run(own, pixels, (&mut extent, &mut effect), work)?;
            rest.clone_from(&output.rest);
        }
        while !rest.is_empty() {
            let frame = self.context_of(pixels.shape());
            let next = Chain::compile(&rest, &[], frame, &[], self.purpose).map_err(RunError::Plan)?;
            pixels = next.run(0..next.known_passes(), pixels, (&mut extent, &mut effect), work)?;
            rest = next.rest(&rest, &[]);
        }
        let pixels = match pixels {
            Cow::Owned(pixels) => pixels,
            Cow::Borrowed(pixels) => pixels.copied(work.buffers),
        };
        Ok(Processed { pixels, effect, extent })
    }

    /// Runs every pass of an output, counted from 0, of `recipe`, which the plan was compiled from; goes on from what is
    /// `kept` of an earlier run as far as the filters are the same, and keeps the picture before the first that changed.
    /// `decode` is called if the picture is needed from the start.
    ///
    /// # Errors
    /// Those of `decode`, and as [`Self::run_output`].
    pub fn run_again<E: From<RunError>>(
        &self,
        recipe: &Recipe,
        output: usize,
        kept: &mut Checkpoints,
        decode: impl FnOnce(&mut Work<'_>) -> Result<PlanPixels, E>,
        work: &mut Work<'_>,
    ) -> Result<Processed, E> {
        let steps = recipe.steps_of(output);
        let unchanged = kept.unchanged(&steps);
        let Some(OutputChain { chain, .. }) = self.outputs.get(output) else {
            return Ok(self.unprocessed(decode(work)?));
        };
        let mut done = kept.passes_done(chain, &steps);
        if kept.newest().is_none() {
            kept.decoded = Some(self.unprocessed(decode(work)?));
        }
        let (passes, within) = unchanged.map_or((0, 0), |unchanged| chain.passes_within(unchanged));
        if let (true, Some(from)) = (passes > done, kept.newest()) {
            let (mut extent, mut effect) = (from.extent, from.effect);
            let pixels = chain.run(done..passes, Cow::Borrowed(&from.pixels), (&mut extent, &mut effect), work);
            let picture = Processed { pixels: pixels.map_err(RunError::from)?.into_owned(), effect, extent };
            kept.later = Some(Checkpoint { steps: steps[..within].to_vec(), picture });
            done = passes;
        }
        kept.last = steps;
        match kept.newest() {
            Some(from) => Ok(self.run_from(output, done, Cow::Borrowed(from), work)?),
            None => Err(RunError::Stopped.into()),
        }
    }

    /// What filters are compiled for when pixels arrive in the middle of a chain.
    fn context_of(&self, arrived: Shape) -> FilterContext {
        match self.purpose {
            Purpose::Export => FilterContext { shape: arrived, scale: 1.0 },
            Purpose::Proxy(_) => {
                let full = |side: u32| side.saturating_mul(u32::from(self.decode_divisor));
                let shape = Shape { width: full(arrived.width), height: full(arrived.height), ..arrived };
                FilterContext { shape, scale: 1.0 / f32::from(self.decode_divisor) }
            }
        }
    }

    /// Runs every pass of the first output.
    ///
    /// # Errors
    /// As [`Self::run_output`].
    pub fn run(&self, source: impl Into<PlanPixels>, work: &mut Work<'_>) -> Result<Pixels, RunError> {
        let shared = self.run_shared(source, work)?;
        Ok(self.run_output(0, Cow::Owned(shared), work)?.pixels)
    }
}
