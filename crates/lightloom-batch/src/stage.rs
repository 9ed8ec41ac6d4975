//! The stage functions: open, read, develop, write. They know nothing of threads and lanes; an executor decides who
//! calls them.
//!
//! `open` reads the header alone and estimates the memory by which the budget admits the picture. With several outputs
//! a picture goes back from encoding to filtering. The preview calls the same `render` as the export.

use std::borrow::Cow;
use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::time::SystemTime;

use super::cause::contain;
pub use super::cause::{Cause, StageError};
use super::copied::{copy, is_copied};
pub use super::loaded::{Loaded, read_source};
use super::loaded::{Recognised, not_recognised, recognise};
use super::render::decode;
pub use super::render::{Encoded, Rendered, encode_and_decode, metadata, render, render_output, written_metadata};
pub use super::source::ReadProgress;
use super::source::Reader;
use super::source_picture::SourcePicture;
use super::worker::{Decoders, Seen};
pub use super::write::{Unwritten, Writing, Written, write};
use super::{Job, Source, Stage, fallback_fonts, frames, subject};
use lightloom_codec as codec;
use lightloom_codec::{Codec, CodecError, Header, Limits};
use lightloom_filter::{Stopped, Work};
use lightloom_picture::{Metadata, Orientation, Picture, Shape};
use lightloom_recipe::export::{Finish, Finished};
use lightloom_recipe::{
    Effect, Explanation, FormatChoice, Output, Plan, PlanError, PlanPixels, Processed, Purpose, Recipe,
};

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
fn effective<'a>(
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

/// The results of a picture, ready to be written.
#[derive(Debug)]
pub struct Developed {
    /// One or, of files with several pictures, several for each output of the recipe, in its order.
    pub(super) files: Vec<DevelopedFile>,
    /// Pixels of the source; 0 if it did not have to be decoded.
    pub source_pixels: u64,
    /// What should be known.
    pub notes: Vec<String>,
    /// Which part is missing, where the file is damaged.
    pub partial: Option<String>,
    /// When the source had last been modified when it was opened.
    pub(super) modified: Option<SystemTime>,
    /// Hash of the source, if the run wants it.
    pub source_hash: Option<String>,
}

/// One result.
#[derive(Debug)]
pub(super) struct DevelopedFile {
    pub name: String,
    /// Place of the output in the recipe.
    pub output: usize,
    /// What is appended to the name where an output has several files.
    pub page: String,
    pub bytes: Vec<u8>,
    pub extension: OsString,
    pub width: u32,
    pub height: u32,
    /// Hash of the bytes, if the run wants it.
    pub hash: Option<String>,
    /// Whether it shows what its source shows, and in the same format, so that the source could stand in for it.
    pub is_same: bool,
    /// Whether it is its source, byte for byte.
    pub is_copied: bool,
}

impl Developed {
    /// Size of all files to be written.
    pub fn file_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes.len() as u64).sum()
    }

    /// Of a picture that did not have to be decoded.
    fn only_copied(files: Vec<DevelopedFile>, loaded: Loaded) -> Self {
        let Loaded { header, modified, .. } = loaded;
        Self { files, source_pixels: 0, notes: header.notes, partial: None, modified, source_hash: None }
    }
}

/// Decodes once, filters and encodes every output but those `skipped`, by their places in the recipe. Calls `entered` at the beginning of each stage; with several outputs
/// filtering and encoding take turns, so that only one result at a time is held as pixels.
///
/// # Errors
/// As [`render`], and if a result cannot be encoded: then the picture has none.
pub fn develop(
    job: &Job,
    loaded: Loaded,
    recipe: &Recipe,
    skipped: &[usize],
    work: &mut Work<'_>,
    entered: &mut dyn FnMut(Stage),
) -> Result<Developed, StageError> {
    let recipe = effective(job, recipe, &loaded.header, loaded.modified)?;
    let all = recipe.all_outputs();
    let wanted = all.iter().enumerate().filter(|(index, _)| !skipped.contains(index));
    let (mut outputs, mut copies) = (Vec::new(), Vec::new());
    for one in wanted {
        if is_copied(loaded.codec, &loaded.header, &recipe, one)? {
            copies.push(copy(&job.source, &loaded, one));
        } else {
            outputs.push(one);
        }
    }
    if outputs.is_empty() && !copies.is_empty() {
        return Ok(Developed::only_copied(copies, loaded));
    }
    let stage = Cell::new(Stage::Decode);
    let mut enter = |next| {
        stage.set(next);
        entered(next);
    };
    contain(&stage, || {
        let (only_first, mut notes) = first_notes(&outputs, &loaded);
        notes.extend(recipe.text_notes());
        let mut developed = if only_first {
            develop_first(job, loaded, &recipe, &outputs, notes, work, &mut enter)?
        } else {
            frames::develop(job, &loaded, &recipe, &outputs, notes, work, &mut enter)?
        };
        developed.files.extend(copies);
        developed.files.sort_by_key(|file| file.output);
        Ok(developed)
    })
}

/// Whether each of these outputs takes the first picture of its source alone, and what should be known before it is decoded.
fn first_notes(outputs: &[(usize, &Output)], loaded: &Loaded) -> (bool, Vec<String>) {
    let Loaded { codec: format, header, .. } = loaded;
    let mut notes = header.notes.clone();
    let mut only_first = true;
    for (_, output) in outputs {
        let (mode, note) = frames::mode(output, format, header);
        only_first &= mode == frames::Mode::First;
        notes.extend(note.map(|note| of_output(output, note)));
        if output.export.format == FormatChoice::Same && format.same() != *format {
            let note = format!("{} is only read: written as {}", format.title, format.same().title);
            notes.push(of_output(output, note));
        }
    }
    (only_first, notes)
}

/// Outputs of one picture, with their places in the recipe.
fn develop_first(
    job: &Job,
    loaded: Loaded,
    recipe: &Recipe,
    outputs: &[(usize, &Output)],
    mut notes: Vec<String>,
    work: &mut Work<'_>,
    enter: &mut dyn FnMut(Stage),
) -> Result<Developed, StageError> {
    let Loaded { bytes, codec: format, header, limits, modified } = loaded;
    let plan = compile(recipe, header.upright(), format.divisors, Purpose::Export)?;
    enter(Stage::Decode);
    let decoded = decode(&bytes, format, &header, plan.decode_divisor(), &limits, work)?;
    let parts = codec::parts(&bytes, &header, &limits, work.stop, work.buffers);
    drop(bytes);
    enter(Stage::Filter);
    notes.extend(parts.notes());
    let told = parts.told();
    let gain_map = parts.gain_map.and_then(Result::ok).map(Arc::new);
    notes.extend(decoded.notes.iter().chain(&decoded.partial).cloned());
    let pixels = PlanPixels::scaled(decoded.pixels, header.extent(plan.decode_divisor()));
    let mut shared = Some(plan.run_shared(pixels, work)?);
    let mut files = Vec::with_capacity(outputs.len());
    for (place, &(index, output)) in outputs.iter().enumerate() {
        if place > 0 && plan.has_own(index) {
            enter(Stage::Filter);
        }
        let is_last = place + 1 == outputs.len();
        let processed = match &shared {
            Some(pixels) if !is_last => plan.run_output(index, Cow::Borrowed(pixels), work),
            _ => match shared.take() {
                Some(pixels) => plan.run_output(index, Cow::Owned(pixels), work),
                None => break,
            },
        };
        let Processed { pixels, effect, .. } = processed?;
        if (work.stop)() {
            return Err(Cause::Stopped.at(Stage::Encode));
        }
        enter(Stage::Encode);
        let target = frames::target(&output.export, format);
        let shape = pixels.shape();
        let metadata = Metadata { gain_map: gain_map.clone(), told: told.clone(), ..header.metadata.clone() };
        let course = Course { changed: is_changed(&header, recipe, output), effect: of_stored(&header, effect) };
        let Effect { geometry, retouched } = course.effect;
        let is_still = header.frames <= 1 && geometry.is_identity() && !retouched;
        let is_same = is_still && target == format && output.export.leaves_pictures();
        let picture = Picture { pixels, metadata };
        let Finished { picture, notes: of_finish } = finish(output, target, course, picture, work)?;
        let encoded = codec::encode(target, picture, &output.export.options, work.buffers)
            .map_err(|e| Cause::from(e).of_output(&output.name).at(Stage::Encode))?;
        notes.extend(of_finish.into_iter().chain(encoded.notes).map(|note| of_output(output, note)));
        files.push(DevelopedFile {
            name: output.name.clone(),
            output: index,
            page: String::new(),
            bytes: encoded.bytes,
            extension: extension(&job.source, target),
            width: shape.width,
            height: shape.height,
            hash: None,
            is_same,
            is_copied: false,
        });
    }
    let (source_pixels, partial) = (header.upright().pixels(), decoded.partial);
    Ok(Developed { files, source_pixels, notes, partial, modified, source_hash: None })
}

/// Whether the pixels of this output are others than those of the file.
pub(super) fn is_changed(header: &Header, recipe: &Recipe, output: &Output) -> bool {
    let turns = [header.orientation, header.turned].iter().any(|turn| *turn != Orientation::Upright);
    turns || recipe.filters.iter().chain(&output.filters).any(|step| step.enabled)
}

/// What happened to a picture between its file and its result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    /// Whether the pixels are others than those of the file.
    pub changed: bool,
    /// What orientation and filters did.
    pub effect: Effect,
}

/// What filters did to the upright picture, as seen from the one that its metadata are about.
pub(super) fn of_stored(header: &Header, effect: Effect) -> Effect {
    Effect { geometry: header.geometry().then(&effect.geometry), ..effect }
}

/// Colours and metadata as the output wants them.
pub(super) fn finish(
    output: &Output,
    codec: &'static Codec,
    course: Course,
    picture: Picture,
    work: &mut Work<'_>,
) -> Result<Finished, StageError> {
    let Course { changed, effect: Effect { geometry, retouched } } = course;
    Finish { export: &output.export, codec, changed, geometry, retouched }
        .run(picture, work)
        .map_err(|Stopped| Cause::Stopped.at(Stage::Encode))?
        .map_err(|reason| Cause::Profile(reason).of_output(&output.name).at(Stage::Encode))
}

/// A note, with the output that it is about where there are several.
pub(super) fn of_output(output: &Output, note: String) -> String {
    match output.name.as_str() {
        "" => note,
        name => format!("output '{name}': {note}"),
    }
}

/// The source's own extension where it names the target format (`.JPEG` stays `.JPEG`), else the format's usual one.
pub(super) fn extension(source: &Source, target: &'static Codec) -> OsString {
    match source.name().extension() {
        Some(own) if codec::from_extension(source.name()) == Some(target) && !names_several(own) => own.to_owned(),
        _ => OsString::from(target.extension()),
    }
}

/// Whether an extension is that of files with several pictures, in a format that is otherwise of one: a single picture of
/// an animated PNG or of a multi-picture JPEG has the format's usual one.
fn names_several(extension: &OsStr) -> bool {
    ["apng", "mpo"].iter().any(|several| extension.eq_ignore_ascii_case(several))
}
