//! A picture that is looked at while its recipe changes. What a change leaves as it was is kept, so that a quick look
//! follows a slider, and the exact result is soon behind it.

use std::cell::Cell;

use super::SourcePicture;
use super::Stage;
use super::cause::{StageError, contain};
use super::copied::is_copied;
use super::develop::{is_changed, of_stored};
use super::render::Rendered;
use super::stage::compile;
use lightloom_codec::{Codec, Decoded, Header};
use lightloom_filter::Work;
use lightloom_picture::{Depth, Geometry, Metadata, Picture, Pixels};
use lightloom_recipe::{Checkpoints, Output, Plan, PlanError, PlanPixels, Processed, Purpose, Recipe, RunError, Step};

/// By how much the sides are divided for a quick look: by the decoder, or after it where that cannot.
const DIVISORS: &[u8] = &[1, 2, 4, 8];

/// Most bytes that are kept for the exact result: two pictures of 32 megapixels with 8 bits.
const MOST_BYTES: u64 = 192 << 20;

/// A picture, and what has been made of it so far.
#[derive(Debug)]
pub struct OpenPicture {
    picture: SourcePicture,
    quick: Kept,
    exact: Kept,
}

/// What is kept for one purpose.
#[derive(Debug, Default)]
struct Kept {
    divisor: u8,
    checkpoints: Checkpoints,
    /// What its decoder said.
    notes: Vec<String>,
    partial: Option<String>,
}

/// A result, or a smaller copy of it.
#[derive(Debug)]
pub struct Look {
    pub rendered: Rendered,
    /// Columns and rows of the result, even if this is a smaller copy.
    pub size: (u32, u32),
    /// Where the pixels of the upright picture went.
    pub geometry: Geometry,
}

impl OpenPicture {
    /// A picture of which nothing has been made.
    pub fn new(picture: SourcePicture) -> Self {
        Self { picture, quick: Kept::default(), exact: Kept::default() }
    }

    /// Size of its file in bytes.
    pub const fn length(&self) -> u64 {
        self.picture.length()
    }

    /// Its format.
    pub const fn format(&self) -> &'static Codec {
        self.picture.codec()
    }

    /// The metadata in its header.
    pub fn metadata(&self) -> &Metadata {
        self.picture.metadata()
    }

    /// Decodes and filters it for one of the outputs of a recipe, counted from 0: for an export exactly as
    /// [`stage::render_output`](super::stage::render_output) does.
    ///
    /// # Errors
    /// If it cannot be decoded, the recipe does not fit it, or `work.stop` says so.
    pub fn render(
        &mut self,
        recipe: &Recipe,
        output: usize,
        purpose: Purpose,
        work: &mut Work<'_>,
    ) -> Result<Look, StageError> {
        let Self { picture, quick, exact } = self;
        let (format, header) = (picture.codec(), picture.full_header());
        let header = &*header;
        let source = header.upright();
        let stage = Cell::new(Stage::Decode);
        contain(&stage, || {
            let (kept, divisors) = match purpose {
                Purpose::Export => (exact, format.divisors),
                Purpose::Proxy(_) => (quick, DIVISORS),
            };
            let plan = compile(recipe, source, divisors, purpose)?;
            let divisor = plan.decode_divisor();
            if kept.divisor != divisor {
                *kept = Kept { divisor, ..Kept::default() };
            }
            let Kept { checkpoints, notes, partial, .. } = kept;
            let decode = |work: &mut Work<'_>| {
                let offers = |by: &u8| divisor.is_multiple_of(*by) && (*by == 1 || source.depth == Depth::U8);
                let by = format.divisors.iter().copied().filter(offers).max().unwrap_or(1);
                let Decoded { pixels, notes: of_decoder, partial: missing } = picture.decode(by, work)?;
                (*notes, *partial) = (of_decoder, missing);
                stage.set(Stage::Filter);
                let pixels = match purpose {
                    Purpose::Export => pixels,
                    Purpose::Proxy(_) => divided(pixels, (source.width, source.height), divisor, work)?,
                };
                Ok(PlanPixels::scaled(pixels, header.extent(divisor)))
            };
            let processed = plan.run_again::<StageError>(recipe, output, checkpoints, decode, work)?;
            if purpose == Purpose::Export {
                checkpoints.shrink_to(MOST_BYTES);
            }
            let Processed { pixels, effect, .. } = processed;
            let size = match purpose {
                Purpose::Export => (pixels.width(), pixels.height()),
                Purpose::Proxy(_) => size_of_result(recipe, output, header, divisor, &pixels),
            };
            let of_file = header.notes.iter().chain(&*notes).chain(&*partial).cloned();
            let rendered = Rendered {
                picture: Picture { pixels, metadata: header.metadata.clone() },
                source,
                format,
                notes: of_file.chain(recipe.text_notes()).collect(),
                partial: partial.clone(),
                effect: of_stored(header, effect),
            };
            Ok(Look { rendered, size, geometry: effect.geometry })
        })
    }

    /// Whether an output of a recipe, by its place, would copy the file byte for byte.
    pub fn is_copied(&self, recipe: &Recipe, output: (usize, &Output)) -> bool {
        is_copied(self.picture.codec(), &self.picture.full_header(), recipe, output).unwrap_or(false)
    }

    /// Whether the pixels of a result are others than those of the file.
    pub fn is_changed(&self, recipe: &Recipe, output: &Output) -> bool {
        is_changed(&self.picture.full_header(), recipe, output)
    }

    /// Whether much is kept for the exact result.
    pub fn holds_much(&self) -> bool {
        self.exact.checkpoints.bytes() > 0
    }

    /// Keeps only what a quick look needs.
    pub fn rest(&mut self) {
        self.exact = Kept::default();
    }
}

/// Decoded pixels of a picture of this size, with its sides divided if the decoder has not done so.
fn divided(pixels: Pixels, size: (u32, u32), divisor: u8, work: &mut Work<'_>) -> Result<Pixels, StageError> {
    let (width, height) = (size.0.div_ceil(divisor.into()), size.1.div_ceil(divisor.into()));
    if (pixels.width(), pixels.height()) == (width, height) {
        return Ok(pixels);
    }
    let shrink = Step::parse(&format!("resize:mode=exact,width={width},height={height},kernel=box"));
    let recipe =
        Recipe { filters: vec![shrink.map_err(PlanError::from).map_err(RunError::Plan)?], ..Recipe::default() };
    let plan = compile(&recipe, pixels.shape(), &[1], Purpose::Export)?;
    Ok(plan.run(pixels, work)?)
}

/// Columns and rows that the result will have of which these pixels are a smaller copy.
fn size_of_result(recipe: &Recipe, output: usize, header: &Header, divisor: u8, copy: &Pixels) -> (u32, u32) {
    let source = header.upright();
    let by = u32::from(divisor);
    if (copy.width(), copy.height()) == (source.width.div_ceil(by), source.height.div_ceil(by)) {
        return (source.width, source.height);
    }
    let plan = Plan::compile(recipe, source, &[1], Purpose::Export);
    let known = plan.ok().and_then(|plan| plan.size_of(output));
    known.unwrap_or((copy.width() * by, copy.height() * by))
}
