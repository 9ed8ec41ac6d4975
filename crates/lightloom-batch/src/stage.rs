//! The stage functions: open, read, develop, write. They know nothing of threads and lanes; an executor decides who
//! calls them.

use std::borrow::Cow;
use std::cell::Cell;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::cause::contain;
pub use super::cause::{Cause, StageError};
use super::source::plain;
use super::{Job, OutputReport, Stage, Target, frames, output, subject};
use lightloom_codec as codec;
use lightloom_codec::{Codec, CodecError, Header, Limits};
use lightloom_filter::{Stopped, Work};
use lightloom_picture::{Buffers, Metadata, Orientation, Picture, Shape};
use lightloom_recipe::export::{Finish, Finished};
use lightloom_recipe::{Explanation, FormatChoice, Output, Plan, PlanError, Purpose, Recipe};

/// A file whose header has been read, so that its need of memory is known.
#[derive(Debug)]
pub struct Opened {
    file: BufReader<File>,
    /// Size of the file.
    pub length: u64,
    codec: &'static Codec,
    header: Box<Header>,
    /// Estimated bytes of the file and all its pixel buffers at the worst moment.
    pub peak_bytes: u64,
}

/// A file in memory.
#[derive(Debug)]
pub struct Loaded {
    /// Its content.
    pub bytes: Vec<u8>,
    codec: &'static Codec,
    header: Header,
}

/// Opens a job's file, recognises it and states what it will need.
///
/// # Errors
/// If it cannot be opened, is no picture, is over a limit, or the recipe does not fit it.
pub fn open(job: &Job, recipe: &Recipe) -> Result<Opened, StageError> {
    Ok(open_with_plan(job, recipe)?.0)
}

/// Says what a recipe will do to a job's file, from its header alone.
///
/// # Errors
/// As [`open`].
pub fn explain(job: &Job, recipe: &Recipe) -> Result<Explanation, StageError> {
    let (opened, plan) = open_with_plan(job, recipe)?;
    let icc = opened.header.metadata.icc.as_deref();
    let outputs = recipe.all_outputs();
    let said = outputs.iter().map(|output| (output, output.export.colour.explain(icc)));
    let colours = said.filter(|(_, said)| !said.is_empty()).map(|(output, said)| of_output(output, said)).collect();
    Ok(Explanation { colours, ..plan.explain() })
}

fn open_with_plan(job: &Job, recipe: &Recipe) -> Result<(Opened, Plan), StageError> {
    let limits = Limits::current();
    let (mut file, length) = open_file(&job.source, &limits)?;
    let (codec, mut header) =
        contain(&Cell::new(Stage::Decode), || codec::read_header(&mut file, &limits).map_err(not_recognised))?;
    header.notes.extend(codec::misnamed(&job.source, codec));
    let recipe = effective(job, recipe, &header)?;
    let plan = compile(&recipe, header.upright(), codec.divisors, Purpose::Export)?;
    let peak_bytes = length + plan.peak_bytes() + frames::extra_bytes(&recipe, codec, &header);
    Ok((Opened { file, length, codec, peak_bytes, header: Box::new(header) }, plan))
}

fn effective<'a>(job: &Job, recipe: &'a Recipe, header: &Header) -> Result<Cow<'a, Recipe>, StageError> {
    let own = job.recipe(recipe).map_err(|e| Cause::from(PlanError::from(e)).at(Stage::Filter))?;
    let about = match own.about(|| subject(&job.source, &header.metadata, job.number)) {
        Cow::Owned(about) => Some(about),
        Cow::Borrowed(_) => None,
    };
    Ok(about.map_or(own, Cow::Owned))
}

pub(super) fn compile(recipe: &Recipe, source: Shape, divisors: &[u8], purpose: Purpose) -> Result<Plan, StageError> {
    Plan::compile(recipe, source, divisors, purpose).map_err(|e| Cause::from(e).at(Stage::Filter))
}

/// A disk that fails fails the reading; everything else about a header is the decoder's business.
fn not_recognised(error: CodecError) -> StageError {
    let stage = if matches!(error, CodecError::Io(_)) { Stage::Read } else { Stage::Decode };
    Cause::from(error).at(stage)
}

fn open_file(path: &Path, limits: &Limits) -> Result<(BufReader<File>, u64), StageError> {
    let unreadable = |e: &std::io::Error| Cause::Unreadable(plain(e)).at(Stage::Read);
    // Opening a pipe would wait for its other end.
    let meta = fs::metadata(path).map_err(|e| unreadable(&e))?;
    if !meta.is_file() {
        return Err(Cause::Unreadable("it is no regular file".to_owned()).at(Stage::Read));
    }
    if meta.len() > limits.file_bytes {
        let error = CodecError::FileTooLarge { mib: meta.len() >> 20, limit_mib: limits.file_bytes >> 20 };
        return Err(Cause::from(error).at(Stage::Read));
    }
    let file = File::open(path).map_err(|e| unreadable(&e))?;
    Ok((BufReader::with_capacity(64 << 10, file), meta.len()))
}

/// Reads the whole of an opened file.
///
/// # Errors
/// If the disk fails.
pub fn read(opened: Opened) -> Result<Loaded, StageError> {
    let Opened { file, length, codec, header, .. } = opened;
    let bytes = read_all(file, length)?;
    Ok(Loaded { bytes, codec, header: *header })
}

/// Reads a file within the usual limits.
///
/// # Errors
/// If it cannot be opened or read, or is too large.
pub fn read_file(path: &Path) -> Result<Vec<u8>, StageError> {
    let (file, length) = open_file(path, &Limits::current())?;
    read_all(file, length)
}

fn read_all(file: BufReader<File>, length: u64) -> Result<Vec<u8>, StageError> {
    let read = || {
        let mut file = file.into_inner();
        file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::with_capacity(length as usize + 1);
        // A file that grows meanwhile is read as long as it was.
        file.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|e: std::io::Error| Cause::Unreadable(plain(&e)).at(Stage::Read))
}

/// A picture after its recipe, before it is encoded.
#[derive(Debug)]
pub struct Rendered {
    /// The result.
    pub picture: Picture,
    /// Upright shape of the file's picture.
    pub source: Shape,
    /// Format of the file.
    pub format: &'static Codec,
    /// What should be known.
    pub notes: Vec<String>,
    /// Which part is missing, where the file is damaged.
    pub partial: Option<String>,
}

/// Recognises, decodes and filters a file in memory for the first output of a recipe: the common way of export, preview
/// and thumbnail.
///
/// # Errors
/// If it cannot be decoded, the recipe does not fit it, or `work.stop` says so.
pub fn render(bytes: &[u8], recipe: &Recipe, purpose: Purpose, work: &mut Work<'_>) -> Result<Rendered, StageError> {
    render_output(bytes, recipe, 0, purpose, work)
}

/// As [`render`], for one of several outputs, counted from 0: exactly what an export of all of them makes of it.
///
/// # Errors
/// As [`render`].
pub fn render_output(
    bytes: &[u8],
    recipe: &Recipe,
    output: usize,
    purpose: Purpose,
    work: &mut Work<'_>,
) -> Result<Rendered, StageError> {
    let (format, header) = header(bytes)?;
    let source = header.upright();
    let stage = Cell::new(Stage::Decode);
    contain(&stage, || {
        let plan = compile(recipe, source, format.divisors, purpose)?;
        let decoded = decode(bytes, format, &header, &plan, work)?;
        stage.set(Stage::Filter);
        let shared = plan.run_shared(decoded.pixels, work)?;
        let pixels = plan.run_output(output, Cow::Owned(shared), work)?;
        let notes = header.notes.iter().chain(&decoded.notes).chain(&decoded.partial).cloned().collect();
        let picture = Picture { pixels, metadata: header.metadata.clone() };
        Ok(Rendered { picture, source, format, notes, partial: decoded.partial })
    })
}

fn header(bytes: &[u8]) -> Result<(&'static Codec, Header), StageError> {
    contain(&Cell::new(Stage::Decode), || codec::header(bytes, &Limits::current()).map_err(not_recognised))
}

/// What a file says of its picture.
///
/// # Errors
/// If it is no picture or over a limit.
pub fn metadata(bytes: &[u8]) -> Result<Metadata, StageError> {
    header(bytes).map(|(_, header)| header.metadata)
}

fn decode(
    bytes: &[u8],
    format: &'static Codec,
    header: &Header,
    plan: &Plan,
    work: &mut Work<'_>,
) -> Result<codec::Decoded, StageError> {
    if (work.stop)() {
        return Err(Cause::Stopped.at(Stage::Decode));
    }
    codec::decode_with(format, bytes, header, plan.decode_divisor(), &Limits::current(), work)
        .map_err(|e| Cause::from(e).at(Stage::Decode))
}

/// The results of a picture, ready to be written.
#[derive(Debug)]
pub struct Developed {
    /// One or, of files with several pictures, several for each output of the recipe, in its order.
    pub(super) files: Vec<DevelopedFile>,
    /// Pixels of the source.
    pub source_pixels: u64,
    /// What should be known.
    pub notes: Vec<String>,
    /// Which part is missing, where the file is damaged.
    pub partial: Option<String>,
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
}

impl Developed {
    /// Size of all files to be written.
    pub fn file_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes.len() as u64).sum()
    }
}

/// Decodes once, filters and encodes every output. Tells `entered` of each stage that begins; with several outputs
/// filtering and encoding take turns, so that but one result is held as pixels.
///
/// # Errors
/// As [`render`], and if a result cannot be encoded: then the picture has none.
pub fn develop(
    job: &Job,
    loaded: Loaded,
    recipe: &Recipe,
    work: &mut Work<'_>,
    entered: &mut dyn FnMut(Stage),
) -> Result<Developed, StageError> {
    let Loaded { bytes, codec: format, header } = loaded;
    let recipe = effective(job, recipe, &header)?;
    let outputs = recipe.all_outputs();
    let stage = Cell::new(Stage::Decode);
    let mut enter = |next| {
        stage.set(next);
        entered(next);
    };
    contain(&stage, || {
        let mut notes = header.notes.clone();
        let mut one_is_enough = true;
        for output in outputs.iter() {
            let (mode, note) = frames::mode(output, format, &header);
            one_is_enough &= mode == frames::Mode::First;
            notes.extend(note.map(|note| of_output(output, note)));
            if output.export.format == FormatChoice::Same && format.same() != format {
                let note = format!("{} is only read: written as {}", format.title, format.same().title);
                notes.push(of_output(output, note));
            }
        }
        if !one_is_enough {
            let all = frames::develop(job, &bytes, format, &header, &recipe, &outputs, work, &mut enter)?;
            notes.extend(all.partial.iter().cloned().chain(all.notes));
            return Ok(Developed { files: all.files, source_pixels: all.source_pixels, notes, partial: all.partial });
        }
        let plan = compile(&recipe, header.upright(), format.divisors, Purpose::Export)?;
        enter(Stage::Decode);
        let decoded = decode(&bytes, format, &header, &plan, work)?;
        drop(bytes);
        enter(Stage::Filter);
        notes.extend(decoded.notes.iter().chain(&decoded.partial).cloned());
        let mut shared = Some(plan.run_shared(decoded.pixels, work)?);
        let mut files = Vec::with_capacity(outputs.len());
        for (index, output) in outputs.iter().enumerate() {
            if index > 0 && plan.has_own(index) {
                enter(Stage::Filter);
            }
            let is_last = index + 1 == outputs.len();
            let pixels = match &shared {
                Some(pixels) if !is_last => plan.run_output(index, Cow::Borrowed(pixels), work),
                _ => match shared.take() {
                    Some(pixels) => plan.run_output(index, Cow::Owned(pixels), work),
                    None => break,
                },
            };
            let pixels = pixels?;
            if (work.stop)() {
                return Err(Cause::Stopped.at(Stage::Encode));
            }
            enter(Stage::Encode);
            let target = frames::target(&output.export, format);
            let shape = pixels.shape();
            let picture = Picture { pixels, metadata: header.metadata.clone() };
            let changed = is_changed(&header, &recipe, output);
            let Finished { picture, notes: of_finish } = finish(output, target, changed, picture, work)?;
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
            });
        }
        Ok(Developed { files, source_pixels: header.upright().pixels(), notes, partial: decoded.partial })
    })
}

/// A result as its file will hold it: encoded and decoded again, with the size of the file and its format.
///
/// # Errors
/// If it cannot be encoded, or what was encoded cannot be decoded.
pub fn encode_and_decode(
    rendered: Rendered,
    output: &Output,
    work: &mut Work<'_>,
) -> Result<(Rendered, u64, &'static Codec), StageError> {
    let Rendered { picture, source, format, mut notes, partial } = rendered;
    let target = frames::target(&output.export, format);
    let stage = Cell::new(Stage::Encode);
    contain(&stage, || {
        let Finished { picture, notes: of_finish } = finish(output, target, true, picture, work)?;
        let encoded = codec::encode(target, picture, &output.export.options, work.buffers)
            .map_err(|e| Cause::from(e).at(Stage::Encode))?;
        stage.set(Stage::Decode);
        let limits = Limits::current();
        let decode = |buffers: &mut Buffers| {
            let (codec, header) = codec::header(&encoded.bytes, &limits)?;
            let decoded = codec::decode(codec, &encoded.bytes, &header, 1, &limits, buffers)?;
            Ok(Picture { pixels: decoded.pixels, metadata: header.metadata })
        };
        let picture = decode(work.buffers).map_err(|e: CodecError| Cause::from(e).at(Stage::Decode))?;
        notes.extend(of_finish.into_iter().chain(encoded.notes));
        Ok((Rendered { picture, source, format, notes, partial }, encoded.bytes.len() as u64, target))
    })
}

/// Whether the pixels of this output are others than those of the file.
pub(super) fn is_changed(header: &Header, recipe: &Recipe, output: &Output) -> bool {
    header.orientation != Orientation::Upright || recipe.filters.iter().chain(&output.filters).any(|step| step.enabled)
}

/// Colours and metadata as the output wants them.
pub(super) fn finish(
    output: &Output,
    codec: &'static Codec,
    changed: bool,
    picture: Picture,
    work: &mut Work<'_>,
) -> Result<Finished, StageError> {
    Finish { export: &output.export, codec, changed }
        .run(picture, work)
        .map_err(|Stopped| Cause::Stopped.at(Stage::Encode))?
        .map_err(|reason| Cause::Profile(reason).of_output(&output.name).at(Stage::Encode))
}

/// A note, with the output that it is about where there are several.
fn of_output(output: &Output, note: String) -> String {
    match output.name.as_str() {
        "" => note,
        name => format!("output '{name}': {note}"),
    }
}

/// The source's own extension where it names the target format (`.JPEG` stays `.JPEG`), else the format's usual one.
pub(super) fn extension(source: &Path, target: &'static Codec) -> OsString {
    match source.extension() {
        // A single picture of an animated PNG is none.
        Some(own) if codec::from_extension(source) == Some(target) && !own.eq_ignore_ascii_case("apng") => {
            own.to_owned()
        }
        _ => OsString::from(target.extension()),
    }
}

/// Why a picture's results could not be written.
#[derive(Debug)]
pub struct Unwritten {
    /// Why.
    pub error: StageError,
    /// What was there before: all results are on the disk before the first gets its name, so this is rarely anything.
    pub written: Vec<OutputReport>,
}

/// Writes all results of a picture: each whole or not at all, never over a file that is there, and none gets its name
/// before all are on the disk. Calls `syncing` when nothing is left but to wait for the disk. Where the recipe keeps file
/// times they get that of the source. Gives where they went.
///
/// # Errors
/// If a folder cannot be made or a file not be written.
pub fn write(
    job: &Job,
    developed: &Developed,
    recipe: &Recipe,
    syncing: &mut dyn FnMut(),
) -> Result<Vec<OutputReport>, Unwritten> {
    let outputs = recipe.all_outputs();
    let keeps_time = |file: &DevelopedFile| outputs.get(file.output).is_some_and(|o| o.export.metadata.file_times);
    let of_source = fs::metadata(&job.source).and_then(|m| m.modified()).ok();
    let failed = |file: &DevelopedFile, target: &Target, error: &std::io::Error, written: Vec<OutputReport>| {
        let cause = Cause::Unwritable { folder: target.folder.clone(), reason: output::advice(error) };
        Unwritten { error: cause.of_output(&file.name).at(Stage::Write), written }
    };
    let mut prepared = Vec::with_capacity(developed.files.len());
    let targets: Vec<Target> = developed.files.iter().filter_map(|file| target_of(job, file)).collect();
    for (file, target) in developed.files.iter().zip(&targets) {
        let ready = output::prepare(&target.folder, &file.bytes);
        prepared.push((ready.map_err(|e| failed(file, target, &e, Vec::new()))?, file, target));
    }
    syncing();
    for (ready, file, target) in &prepared {
        ready.sync().map_err(|e| failed(file, target, &e, Vec::new()))?;
    }
    let mut written = Vec::with_capacity(prepared.len());
    for (ready, file, target) in prepared {
        let path = match ready.publish(target, &file.extension, of_source.filter(|_| keeps_time(file))) {
            Ok(path) => path,
            Err(error) => return Err(failed(file, target, &error, written)),
        };
        let (name, width, height) = (file.name.clone(), file.width, file.height);
        written.push(OutputReport { name, path, width, height, bytes: file.bytes.len() as u64 });
    }
    Ok(written)
}

/// Where a file goes.
fn target_of(job: &Job, file: &DevelopedFile) -> Option<Target> {
    let target = job.targets.get(file.output)?;
    Some(Target { suffix: format!("{}{}", target.suffix, file.page), ..target.clone() })
}
