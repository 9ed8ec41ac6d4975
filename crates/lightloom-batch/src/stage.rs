//! The stage functions: open, read, develop, write. They know nothing of threads and lanes; an executor decides who
//! calls them.
//!
//! `open` reads the header alone and estimates the memory by which the budget admits the picture. With several outputs
//! a picture goes back from encoding to filtering. The preview calls the same `render` as the export.

use std::borrow::Cow;
use std::time::SystemTime;

pub use super::cause::{Cause, StageError};
use super::copied::is_copied;
use super::develop::of_output;
pub use super::develop::{Beside, Developed, Stages, develop};
pub use super::loaded::{Loaded, read_source};
use super::loaded::{Recognised, not_recognised, recognise};
pub use super::render::{Encoded, Rendered, encode_and_decode, metadata, render, render_output, written_metadata};
pub use super::source::ReadProgress;
use super::source::Reader;
use super::source_picture::SourcePicture;
use super::worker::{Decoders, Seen};
pub use super::write::{Unwritten, Writing, Written, write};
use super::{Job, Stage, fallback_fonts, frames, subject};
use lightloom_codec::{Codec, CodecError, Header, Limits};
use lightloom_picture::Shape;
use lightloom_recipe::{Explanation, Plan, PlanError, Purpose, Recipe};

/// A source whose header has been read, so that its need of memory is known.
#[derive(Debug)]
pub struct Opened {
    reader: Reader,
    codec: &'static Codec,
    header: Box<Header>,
    limits: Limits,
    /// Estimated bytes of the file and all its pixel buffers at the worst moment.
    pub peak_bytes: u64,
}

impl Opened {
    /// Size of the file in bytes.
    pub const fn length(&self) -> u64 {
        self.reader.length()
    }

    /// Counts what is read of the file.
    pub const fn progress(&self) -> &ReadProgress {
        self.reader.progress()
    }
}

/// Opens a job's source, recognises its format and states what memory it will need.
///
/// # Errors
/// If it cannot be opened, is no picture, is over a limit, or the recipe does not fit it.
pub fn open(job: &Job, recipe: &Recipe, limits: &Limits) -> Result<Opened, StageError> {
    open_counted(job, recipe, limits, &ReadProgress::default())
}

/// As [`open`], and counts in `progress` what is read, here and by [`read`].
///
/// # Errors
/// As [`open`].
pub fn open_counted(
    job: &Job,
    recipe: &Recipe,
    limits: &Limits,
    progress: &ReadProgress,
) -> Result<Opened, StageError> {
    Ok(open_with_plan(job, recipe, limits, progress)?.0)
}

/// As [`open_counted`], but `None` for a source that is to be opened by a worker process.
///
/// # Errors
/// As [`open`].
pub fn open_unless_isolated(
    job: &Job,
    recipe: &Recipe,
    limits: &Limits,
    progress: &ReadProgress,
) -> Result<Option<Opened>, StageError> {
    Ok(open_if(job, recipe, limits, progress, |codec| !codec.isolates)?.map(|(opened, _)| opened))
}

/// Returns what a recipe will do to a job's source, from its header alone.
///
/// # Errors
/// As [`open`].
pub fn explain(job: &Job, recipe: &Recipe, limits: &Limits, decoders: &Decoders) -> Result<Explanation, StageError> {
    let Seen { codec, header, modified, .. } = SourcePicture::header(&job.source, limits, decoders)?;
    let recipe = &*effective(job, recipe, &header, modified)?;
    let plan = fitting(recipe, codec, &header, limits)?;
    let icc = header.metadata.icc.as_deref();
    let (mut copies, mut colours) = (Vec::new(), Vec::new());
    for (index, output) in recipe.all_outputs().iter().enumerate() {
        if is_copied(codec, &header, recipe, (index, output))? {
            copies.push(of_output(output, "the source, byte for byte".to_owned()));
            continue;
        }
        let said = output.export.colour.explain(icc);
        if !said.is_empty() {
            colours.push(of_output(output, said));
        }
    }
    Ok(Explanation { copies, colours, ..plan.explain() })
}

/// What a source's header says, and the recipe compiled for it.
pub(super) fn header_and_plan(
    job: &Job,
    recipe: &Recipe,
    limits: &Limits,
    decoders: &Decoders,
) -> Result<(Header, Plan), StageError> {
    let Seen { codec, header, modified, .. } = SourcePicture::header(&job.source, limits, decoders)?;
    let plan = fitting(&*effective(job, recipe, &header, modified)?, codec, &header, limits)?;
    Ok((header, plan))
}

/// Opens a job's source, and compiles the recipe for it. What is read is counted in `progress`.
fn open_with_plan(
    job: &Job,
    recipe: &Recipe,
    limits: &Limits,
    progress: &ReadProgress,
) -> Result<(Opened, Plan), StageError> {
    open_if(job, recipe, limits, progress, |_| true)?.ok_or_else(|| not_recognised(CodecError::Unrecognised))
}

/// Opens a source unless it is of a format that `opens` refuses.
fn open_if(
    job: &Job,
    recipe: &Recipe,
    limits: &Limits,
    progress: &ReadProgress,
    opens: impl Fn(&Codec) -> bool,
) -> Result<Option<(Opened, Plan)>, StageError> {
    let Some(Recognised { reader, codec, header }) = recognise(&job.source, limits, progress, opens)? else {
        return Ok(None);
    };
    let recipe = effective(job, recipe, &header, reader.modified())?;
    let plan = fitting(&recipe, codec, &header, limits)?;
    let of_frames = frames::extra_bytes(&recipe, codec, &header, limits);
    let peak_bytes = reader.length() + plan.peak_bytes() + header.decoder_bytes + of_frames;
    Ok(Some((Opened { reader, codec, header: Box::new(header), limits: *limits, peak_bytes }, plan)))
}

/// The recipe compiled for a picture, which is within the limits at the size that it is decoded to.
fn fitting(recipe: &Recipe, codec: &Codec, header: &Header, limits: &Limits) -> Result<Plan, StageError> {
    let plan = compile(recipe, header.upright(), codec.divisors, Purpose::Export)?;
    limits.check_decoded(header, plan.decode_divisor()).map_err(|e| Cause::from(e).at(Stage::Decode))?;
    Ok(plan)
}

/// The recipe for this job's picture: with its overrides, and with tokens and fonts of its texts filled in.
pub(super) fn effective<'a>(
    job: &Job,
    recipe: &'a Recipe,
    header: &Header,
    modified: Option<SystemTime>,
) -> Result<Cow<'a, Recipe>, StageError> {
    let own = job.recipe(recipe).map_err(|e| Cause::from(PlanError::from(e)).at(Stage::Filter))?;
    let about =
        match own.about(|| subject::with_time(&job.source, modified, &header.metadata, job.number), fallback_fonts) {
            Cow::Owned(about) => Some(about),
            Cow::Borrowed(_) => None,
        };
    Ok(about.map_or(own, Cow::Owned))
}

pub(super) fn compile(recipe: &Recipe, source: Shape, divisors: &[u8], purpose: Purpose) -> Result<Plan, StageError> {
    Plan::compile(recipe, source, divisors, purpose).map_err(|e| Cause::from(e).at(Stage::Filter))
}

/// Reads the whole of an opened source.
///
/// # Errors
/// If the disk fails.
pub fn read(opened: Opened) -> Result<Loaded, StageError> {
    let Opened { reader, codec, header, limits, .. } = opened;
    Recognised { reader, codec, header: *header }.load(&limits)
}
