//! The stage functions: open, read, develop, write. They know nothing of threads and lanes; an executor decides who
//! calls them.

use std::cell::Cell;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;

use thiserror::Error;

use super::source::plain;
use super::{Job, OutputReport, Stage, output};
use crate::codec::{self, Codec, CodecError, Header, Limits};
use crate::filter::{Stopped, Work};
use crate::picture::{Picture, Shape};
use crate::recipe::{Explanation, FormatChoice, Plan, PlanError, Purpose, Recipe};

/// Why a picture has no result, and where on its way that was.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{cause}")]
pub struct StageError {
    /// Where.
    pub stage: Stage,
    /// Why.
    pub cause: Cause,
}

/// Why a picture has no result, grouped by who can mend it.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Cause {
    /// The input: its content.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The input: the file.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// The recipe.
    #[error(transparent)]
    Recipe(#[from] PlanError),
    /// The output place.
    #[error("the result cannot be written to {}: {reason}", folder.display())]
    Unwritable {
        /// Where to.
        folder: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// A fault of this program or a library, confined to this picture.
    #[error("internal error: {0}; the other pictures are not affected")]
    Panic(String),
    /// Nobody: the run was stopped.
    #[error("the run was stopped before this picture was finished")]
    Stopped,
}

impl Cause {
    fn at(self, stage: Stage) -> StageError {
        StageError { stage, cause: self }
    }
}

/// A file whose header has been read, so that its need of memory is known.
#[derive(Debug)]
pub struct Opened {
    file: BufReader<File>,
    /// Size of the file.
    pub length: u64,
    codec: &'static Codec,
    header: Header,
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

/// Opens a file, recognises it and states what it will need.
///
/// # Errors
/// If it cannot be opened, is no picture, is over a limit, or the recipe does not fit it.
pub fn open(path: &Path, recipe: &Recipe) -> Result<Opened, StageError> {
    Ok(open_with_plan(path, recipe)?.0)
}

/// Says what a recipe will do to a file, from its header alone.
///
/// # Errors
/// As [`open`].
pub fn explain(path: &Path, recipe: &Recipe) -> Result<Explanation, StageError> {
    Ok(open_with_plan(path, recipe)?.1.explain())
}

fn open_with_plan(path: &Path, recipe: &Recipe) -> Result<(Opened, Plan), StageError> {
    let limits = Limits::current();
    let (mut file, length) = open_file(path, &limits)?;
    let (codec, mut header) =
        contain(&Cell::new(Stage::Decode), || codec::read_header(&mut file, &limits).map_err(not_recognised))?;
    header.notes.extend(codec::misnamed(path, codec));
    let plan = Plan::compile(recipe, header.upright(), codec.divisors, Purpose::Export)
        .map_err(|e| Cause::from(e).at(Stage::Filter))?;
    Ok((Opened { file, length, codec, peak_bytes: length + plan.peak_bytes(), header }, plan))
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
    Ok(Loaded { bytes, codec, header })
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

/// Recognises, decodes and filters a file in memory: the common way of export, preview and thumbnail.
///
/// # Errors
/// If it cannot be decoded, the recipe does not fit it, or `work.stop` says so.
pub fn render(bytes: &[u8], recipe: &Recipe, purpose: Purpose, work: &mut Work<'_>) -> Result<Rendered, StageError> {
    let (codec, header) =
        contain(&Cell::new(Stage::Decode), || codec::header(bytes, &Limits::current()).map_err(not_recognised))?;
    render_known(bytes, codec, header, recipe, purpose, work, &mut |_| {})
}

fn render_known(
    bytes: &[u8],
    format: &'static Codec,
    header: Header,
    recipe: &Recipe,
    purpose: Purpose,
    work: &mut Work<'_>,
    entered: &mut dyn FnMut(Stage),
) -> Result<Rendered, StageError> {
    let source = header.upright();
    let mut notes = header.notes.clone();
    let stage = Cell::new(Stage::Decode);
    let (pixels, partial, more) = contain(&stage, || {
        let plan =
            Plan::compile(recipe, source, format.divisors, purpose).map_err(|e| Cause::from(e).at(Stage::Filter))?;
        if (work.stop)() {
            return Err(Cause::Stopped.at(Stage::Decode));
        }
        entered(Stage::Decode);
        let decoded = codec::decode(format, bytes, &header, plan.decode_divisor(), &Limits::current(), work.buffers)
            .map_err(|e| Cause::from(e).at(Stage::Decode))?;
        stage.set(Stage::Filter);
        entered(Stage::Filter);
        let pixels = plan.run(decoded.pixels, work).map_err(|Stopped| Cause::Stopped.at(Stage::Filter))?;
        Ok((pixels, decoded.partial, decoded.notes))
    })?;
    notes.extend(more);
    if let Some(part) = &partial {
        notes.push(part.clone());
    }
    Ok(Rendered { picture: Picture { pixels, metadata: header.metadata }, source, format, notes, partial })
}

/// A result that is ready to be written.
#[derive(Debug)]
pub struct Developed {
    pub(super) bytes: Vec<u8>,
    pub(super) extension: OsString,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Pixels of the source.
    pub source_pixels: u64,
    /// What should be known.
    pub notes: Vec<String>,
    /// Which part is missing, where the file is damaged.
    pub partial: Option<String>,
}

impl Developed {
    /// Size of the file to be written.
    pub fn file_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }
}

/// Decodes, filters and encodes. Tells `entered` of each stage that begins.
///
/// # Errors
/// As [`render`], and if the result cannot be encoded.
pub fn develop(
    job: &Job,
    loaded: Loaded,
    recipe: &Recipe,
    work: &mut Work<'_>,
    entered: &mut dyn FnMut(Stage),
) -> Result<Developed, StageError> {
    let Loaded { bytes, codec, header } = loaded;
    let Rendered { picture, source, format, mut notes, partial } =
        render_known(&bytes, codec, header, recipe, Purpose::Export, work, entered)?;
    drop(bytes);
    if (work.stop)() {
        return Err(Cause::Stopped.at(Stage::Encode));
    }
    entered(Stage::Encode);
    let target = match recipe.export.format {
        FormatChoice::Same => format.same(),
        FormatChoice::To(codec) => codec,
    };
    if recipe.export.format == FormatChoice::Same && target != format {
        notes.push(format!("{} is only read: written as {}", format.title, target.title));
    }
    let shape = picture.pixels.shape();
    let encoded = contain(&Cell::new(Stage::Encode), || {
        codec::encode(target, picture, recipe.export.quality, work.buffers)
            .map_err(|e| Cause::from(e).at(Stage::Encode))
    })?;
    notes.extend(encoded.notes);
    Ok(Developed {
        bytes: encoded.bytes,
        extension: extension(&job.source, target),
        width: shape.width,
        height: shape.height,
        source_pixels: source.pixels(),
        notes,
        partial,
    })
}

/// The source's own extension where it names the target format (`.JPEG` stays `.JPEG`), else the format's usual one.
fn extension(source: &Path, target: &'static Codec) -> OsString {
    match source.extension() {
        Some(own) if codec::from_extension(source) == Some(target) => own.to_owned(),
        _ => OsString::from(target.extension()),
    }
}

/// Writes a result: whole or not at all, never over a file that is there. Calls `syncing` when nothing is left but to
/// wait for the disk. Gives where it went.
///
/// # Errors
/// If the folder cannot be made or the file not be written.
pub fn write(job: &Job, developed: &Developed, syncing: &mut dyn FnMut()) -> Result<OutputReport, StageError> {
    let path = output::write_new(&job.folder, &job.stem, &developed.extension, &developed.bytes, syncing)
        .map_err(|e| Cause::Unwritable { folder: job.folder.clone(), reason: output::advice(&e) }.at(Stage::Write))?;
    Ok(OutputReport { path, width: developed.width, height: developed.height, bytes: developed.file_bytes() })
}

thread_local! {
    /// Whether a panic on this thread is about to be turned into a failed picture.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; a panic in it (decoders are fed by strangers) costs this picture and nothing else.
fn contain<T>(stage: &Cell<Stage>, work: impl FnOnce() -> Result<T, StageError>) -> Result<T, StageError> {
    QUIET_HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !CONTAINED.get() {
                usual(info);
            }
        }));
    });
    let outer = CONTAINED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(outer);
    outcome.unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(Cause::Panic(message.to_owned()).at(stage.get()))
    })
}

static QUIET_HOOK: Once = Once::new();
