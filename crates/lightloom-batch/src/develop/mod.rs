//! From the bytes of a source to those of its results: decodes once, filters and encodes each output.
//!
//! A single result may come about a few rows at a time (`rows`).

use std::borrow::Cow;
use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

mod flow;
mod pipeline;
mod rows;
#[cfg(test)]
mod rows_tests;

use rows::ByRows;

use super::cause::{Cause, StageError, contain};
use super::copied::{copy, is_copied};
use super::loaded::Loaded;
use super::render::decode;
use super::stage::{compile, effective};
use super::{Activity, Job, Open, Source, Stage, frames};
use lightloom_codec as codec;
use lightloom_codec::{Codec, Header};
use lightloom_filter::{Stopped, Work};
use lightloom_picture::{Metadata, Orientation, Picture, Pixels, Shape};
use lightloom_recipe::export::{Finish, Finished};
use lightloom_recipe::{Effect, FormatChoice, Output, PlanPixels, Processed, Purpose, Recipe};

/// The results of a picture, ready to be written.
#[derive(Debug)]
pub struct Developed {
    /// One or, of files with several pictures, several for each output of the recipe, in its order.
    pub(crate) files: Vec<DevelopedFile>,
    /// Pixels of the source; 0 if it did not have to be decoded.
    pub source_pixels: u64,
    /// What should be known.
    pub notes: Vec<String>,
    /// Which part is missing, where the file is damaged.
    pub partial: Option<String>,
    /// When the source had last been modified when it was opened.
    pub(crate) modified: Option<SystemTime>,
    /// Hash of the source, if the run wants it.
    pub source_hash: Option<String>,
}

/// One result.
#[derive(Debug)]
pub(crate) struct DevelopedFile {
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

/// What is told of a picture while it is developed. A function gets the stages that it enters.
pub trait Stages {
    /// A stage begins, and the one before it ends.
    fn enter(&mut self, stage: Stage);

    /// The stage under way was several that took turns, a few rows at a time; how long each took in all.
    fn took_turns(&mut self, turns: &[(Stage, Duration)]);

    /// For what goes on while a stage does: stages on other threads, and waits in the middle of it.
    fn beside<'a>(&self) -> Beside<'a>
    where
        Self: 'a;
}

/// Begins an activity on the thread that calls it, until what it returns is dropped.
pub type Beside<'a> = Box<dyn Fn(Activity) -> Option<Open<'a>> + Sync + 'a>;

impl<F: FnMut(Stage)> Stages for F {
    fn enter(&mut self, stage: Stage) {
        self(stage);
    }

    fn took_turns(&mut self, _: &[(Stage, Duration)]) {}

    fn beside<'a>(&self) -> Beside<'a>
    where
        Self: 'a,
    {
        Box::new(|_| None)
    }
}

/// Keeps in mind which stage a picture is in.
struct InStage<'a> {
    now: &'a Cell<Stage>,
    stages: &'a mut dyn Stages,
}

impl Stages for InStage<'_> {
    fn enter(&mut self, stage: Stage) {
        self.now.set(stage);
        self.stages.enter(stage);
    }

    fn took_turns(&mut self, turns: &[(Stage, Duration)]) {
        self.stages.took_turns(turns);
    }

    fn beside<'a>(&self) -> Beside<'a>
    where
        Self: 'a,
    {
        self.stages.beside()
    }
}

/// Decodes once, filters and encodes every output but those `skipped`, by their places in the recipe. With several outputs
/// filtering and encoding take turns, so that only one result at a time is held as pixels; a single one may pass through
/// all stages a few rows at a time.
///
/// # Errors
/// As [`render`](crate::stage::render), and if a result cannot be encoded: then the picture has none.
pub fn develop(
    job: &Job,
    loaded: Loaded,
    recipe: &Recipe,
    skipped: &[usize],
    work: &mut Work<'_>,
    stages: &mut dyn Stages,
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
    let mut stages = InStage { now: &stage, stages };
    contain(&stage, || {
        let (only_first, mut notes) = first_notes(&outputs, &loaded);
        notes.extend(recipe.text_notes());
        let mut developed = if only_first {
            develop_first(job, loaded, &recipe, &outputs, notes, work, &mut stages)?
        } else {
            frames::develop(job, &loaded, &recipe, &outputs, notes, work, &mut |next| stages.enter(next))?
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
    stages: &mut dyn Stages,
) -> Result<Developed, StageError> {
    let plan = compile(recipe, loaded.header.upright(), loaded.codec.divisors, Purpose::Export)?;
    stages.enter(Stage::Decode);
    let only = match *outputs {
        [(index, output)] => Some((recipe, output, index)),
        _ => None,
    };
    let passed = match rows::develop((job, &loaded), &plan, only, &notes, work, stages)? {
        Some(ByRows::Developed(developed)) => return Ok(developed),
        Some(ByRows::Passed(passes, arrived)) => Some((passes, arrived)),
        None => None,
    };
    let Loaded { bytes, codec: format, header, limits, modified } = loaded;
    let divisor = plan.decode_divisor();
    let start = match passed {
        Some((passes, arrived)) => Start::Passed(passes, arrived),
        None => Start::Decoded(decode(&bytes, format, &header, divisor, &limits, work)?),
    };
    let parts = codec::parts(&bytes, &header, &limits, work.stop, work.buffers);
    drop(bytes);
    stages.enter(Stage::Filter);
    notes.extend(parts.notes());
    let told = parts.told();
    let gain_map = parts.gain_map.and_then(Result::ok).map(Arc::new);
    let mut partial = None;
    let shared = match start {
        Start::Passed(passes, arrived) => plan.run_shared_after(passes, arrived, work)?,
        Start::Decoded(decoded) => {
            notes.extend(decoded.notes.iter().chain(&decoded.partial).cloned());
            partial = decoded.partial;
            plan.run_shared(PlanPixels::scaled(decoded.pixels, header.extent(divisor)), work)?
        }
    };
    let mut shared = Some(shared);
    let mut files = Vec::with_capacity(outputs.len());
    for (place, &(index, output)) in outputs.iter().enumerate() {
        if place > 0 && plan.has_own(index) {
            stages.enter(Stage::Filter);
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
        stages.enter(Stage::Encode);
        let made = OutputFile { job, format, header: &header, recipe, output, index, effect };
        let shape = pixels.shape();
        let metadata = Metadata { gain_map: gain_map.clone(), told: told.clone(), ..header.metadata.clone() };
        let picture = Picture { pixels, metadata };
        let Finished { picture, notes: of_finish } = finish(output, made.target(), made.course(), picture, work)?;
        let encoded = codec::encode(made.target(), picture, &output.export.options, work.buffers)
            .map_err(|e| Cause::from(e).of_output(&output.name).at(Stage::Encode))?;
        notes.extend(of_finish.into_iter().chain(encoded.notes).map(|note| of_output(output, note)));
        files.push(made.file(encoded.bytes, shape));
    }
    let source_pixels = header.upright().pixels();
    Ok(Developed { files, source_pixels, notes, partial, modified, source_hash: None })
}

/// Where the passes over a whole picture begin.
enum Start {
    Decoded(codec::Decoded),
    /// So many passes came before.
    Passed(usize, (Pixels, Effect)),
}

/// A result that is being made of a picture.
struct OutputFile<'a> {
    job: &'a Job,
    format: &'static Codec,
    header: &'a Header,
    recipe: &'a Recipe,
    output: &'a Output,
    /// Its place in the recipe.
    index: usize,
    /// What orientation and filters did to the upright picture.
    effect: Effect,
}

impl OutputFile<'_> {
    fn target(&self) -> &'static Codec {
        frames::target(&self.output.export, self.format)
    }

    fn course(&self) -> Course {
        let changed = is_changed(self.header, self.recipe, self.output);
        Course { changed, effect: of_stored(self.header, self.effect) }
    }

    fn file(&self, bytes: Vec<u8>, shape: Shape) -> DevelopedFile {
        let Effect { geometry, retouched } = self.course().effect;
        let is_still = self.header.frames <= 1 && geometry.is_identity() && !retouched;
        DevelopedFile {
            name: self.output.name.clone(),
            output: self.index,
            page: String::new(),
            bytes,
            extension: extension(&self.job.source, self.target()),
            width: shape.width,
            height: shape.height,
            hash: None,
            is_same: is_still && self.target() == self.format && self.output.export.leaves_pictures(),
            is_copied: false,
        }
    }
}

/// Whether the pixels of this output are others than those of the file.
pub(crate) fn is_changed(header: &Header, recipe: &Recipe, output: &Output) -> bool {
    let turns = [header.orientation, header.turned].iter().any(|turn| *turn != Orientation::Upright);
    turns || recipe.filters.iter().chain(&output.filters).any(|step| step.enabled)
}

/// What happened to a picture between its file and its result.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    /// Whether the pixels are others than those of the file.
    pub changed: bool,
    /// What orientation and filters did.
    pub effect: Effect,
}

impl Course {
    pub fn finish<'a>(self, output: &'a Output, codec: &'static Codec) -> Finish<'a> {
        let Self { changed, effect: Effect { geometry, retouched } } = self;
        Finish { export: &output.export, codec, changed, geometry, retouched }
    }
}

/// What filters did to the upright picture, as seen from the one that its metadata are about.
pub(crate) fn of_stored(header: &Header, effect: Effect) -> Effect {
    Effect { geometry: header.geometry().then(&effect.geometry), ..effect }
}

/// Colours and metadata as the output wants them.
pub(crate) fn finish(
    output: &Output,
    codec: &'static Codec,
    course: Course,
    picture: Picture,
    work: &mut Work<'_>,
) -> Result<Finished, StageError> {
    course
        .finish(output, codec)
        .run(picture, work)
        .map_err(|Stopped| Cause::Stopped.at(Stage::Encode))?
        .map_err(|reason| Cause::Profile(reason).of_output(&output.name).at(Stage::Encode))
}

/// A note, with the output that it is about where there are several.
pub(crate) fn of_output(output: &Output, note: String) -> String {
    match output.name.as_str() {
        "" => note,
        name => format!("output '{name}': {note}"),
    }
}

/// The source's own extension where it names the target format (`.JPEG` stays `.JPEG`), else the format's usual one.
pub(crate) fn extension(source: &Source, target: &'static Codec) -> OsString {
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
