//! Files that hold several pictures: which of them an output takes, and how all of them go through a recipe, one at a
//! time.

use std::borrow::Cow;

use super::develop::{Course, DevelopedFile, extension, finish, is_changed, of_output, of_stored};
use super::stage::{Cause, Developed, Loaded, StageError, compile};
use super::{Job, Stage};
use lightloom_codec as codec;
use lightloom_codec::{Begin, Codec, CodecError, Delay, Frame, Frames, Header, Limits, ReadFrames, WriteFrames};
use lightloom_filter::Work;
use lightloom_picture::{Picture, Pixels, Shape};
use lightloom_recipe::export::{Finished, HdrMode};
use lightloom_recipe::{ExportSettings, FormatChoice, FrameChoice, Output, Plan, Processed, Purpose, Recipe};

/// What an output does with a file of several pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mode {
    /// Takes the first.
    First,
    /// Makes a file of each.
    All,
    /// Writes an animation.
    Keep(&'static Frames),
}

/// The format that a result is written in.
pub(super) fn target(export: &ExportSettings, source: &'static Codec) -> &'static Codec {
    match export.format {
        FormatChoice::Same => source.same(),
        FormatChoice::To(codec) => codec,
    }
}

/// What an output does with this file, and what should be known about it.
pub(super) fn mode(output: &Output, source: &'static Codec, header: &Header) -> (Mode, Option<String>) {
    let Some(frames) = codec::frames_of(source).filter(|_| header.frames > 1) else { return (Mode::First, None) };
    let target = target(&output.export, source);
    let (one, several) = frames.words();
    let first = format!("{} with {} {several}: only the first is used", source.title, header.frames);
    match output.export.frames {
        FrameChoice::First => (Mode::First, Some(first)),
        FrameChoice::All => (Mode::All, None),
        FrameChoice::Keep => match codec::frames_of(target).filter(|to| frames.animates() && to.animates()) {
            Some(to) => (Mode::Keep(to), None),
            None if frames.animates() => {
                (Mode::First, Some(format!("{first}, since {} holds no animations", target.title)))
            }
            None => (Mode::First, Some(format!("{first}, since a {one} is no part of an animation"))),
        },
    }
}

/// Bytes that all pictures of a file need beside what the plan for one states.
pub(super) fn extra_bytes(recipe: &Recipe, source: &'static Codec, header: &Header, limits: &Limits) -> u64 {
    /// The canvas, what was there before, the samples of a frame, and the last one that was written.
    const BUFFERS: u64 = 4;
    /// Results are held until all are written; this is how much smaller than pixels they are, roughly.
    const COMPRESSION: u64 = 4;
    if recipe.all_outputs().iter().all(|output| mode(output, source, header).0 == Mode::First) {
        return 0;
    }
    let frame = header.stored.pixels() * 4;
    frame * BUFFERS + (frame * u64::from(header.frames) / COMPRESSION).min(limits.decoded_bytes)
}

/// The pictures of a file in order.
struct FrameSource<'a> {
    loaded: &'a Loaded,
    frames: &'static Frames,
    animation: Option<Box<dyn ReadFrames + 'a>>,
    next: u32,
}

/// One of them, upright.
struct SourceFrame {
    picture: Picture,
    delay: Delay,
    partial: Option<String>,
    /// What should be known about this one.
    notes: Vec<String>,
}

impl<'a> FrameSource<'a> {
    fn open(loaded: &'a Loaded) -> Result<Self, CodecError> {
        let Loaded { bytes, codec: format, header, limits, .. } = loaded;
        let frames = codec::frames_of(format)
            .ok_or_else(|| CodecError::Unsupported(format!("{} holds one picture", format.title)))?;
        frames.check(header.frames, header.stored.pixels() * 4, limits)?;
        let animation = if frames.animates() { Some(frames.open(bytes, limits)?) } else { None };
        Ok(Self { loaded, frames, animation, next: 0 })
    }

    fn next(&mut self, work: &mut Work<'_>) -> Result<Option<SourceFrame>, CodecError> {
        let header = &self.loaded.header;
        if self.next >= header.frames {
            return Ok(None);
        }
        let number = self.next;
        self.next += 1;
        let Some(animation) = &mut self.animation else { return self.page(number, work).map(Some) };
        let Some(Frame { pixels, delay }) = animation.next()? else { return Ok(None) };
        let pixels = header.without_transfer(pixels, work)?;
        let pixels = header.orientation.apply(pixels, work)?;
        let picture = Picture { pixels, metadata: header.metadata.clone() };
        Ok(Some(SourceFrame { picture, delay, partial: None, notes: Vec::new() }))
    }

    fn page(&self, number: u32, work: &mut Work<'_>) -> Result<SourceFrame, CodecError> {
        let Loaded { bytes, codec: format, limits, .. } = self.loaded;
        let missing = || CodecError::Damaged("it is missing".to_owned());
        let bytes = codec::page(bytes, number).ok_or_else(missing)?;
        let (_, header) = codec::header(&bytes, limits)?;
        let decoded = codec::decode_with(format, &bytes, &header, 1, limits, work)?;
        let picture = Picture { pixels: decoded.pixels, metadata: header.metadata };
        let notes = [header.notes, decoded.notes].concat();
        Ok(SourceFrame { picture, delay: Delay { numerator: 0, denominator: 1 }, partial: decoded.partial, notes })
    }

    /// Names the frame or page that an error is about.
    fn at(&self, number: u32, error: CodecError) -> StageError {
        let error = match error {
            CodecError::Damaged(why) => CodecError::Damaged(format!("{} {number}: {why}", self.frames.words().0)),
            CodecError::Undecodable { why, detail } => {
                CodecError::Undecodable { why: format!("{} {number}: {why}", self.frames.words().0), detail }
            }
            other => other,
        };
        Cause::from(error).at(Stage::Decode)
    }
}

/// An animation that is being written.
struct Animation {
    writer: Box<dyn WriteFrames>,
    shape: Shape,
}

/// One output, with what has been made of it so far.
struct FrameOutput<'a> {
    output: &'a Output,
    index: usize,
    mode: Mode,
    animation: Option<Animation>,
}

/// Number of a picture among all of its file, from 1.
#[derive(Clone, Copy)]
struct Page {
    number: u32,
    of: u32,
}

/// Takes every picture of a file to these outputs, given with their places in the recipe. Outputs that take the first alone get it from here too.
pub(super) fn develop(
    job: &Job,
    loaded: &Loaded,
    recipe: &Recipe,
    outputs: &[(usize, &Output)],
    notes: Vec<String>,
    work: &mut Work<'_>,
    enter: &mut dyn FnMut(Stage),
) -> Result<Developed, StageError> {
    enter(Stage::Decode);
    let mut source = FrameSource::open(loaded).map_err(|e| Cause::from(e).at(Stage::Decode))?;
    let outputs = outputs
        .iter()
        .map(|&(index, output)| {
            let mode = mode(output, loaded.codec, &loaded.header).0;
            FrameOutput { output, index, mode, animation: None }
        })
        .collect();
    let mut run =
        FrameRun { job, loaded, recipe, frames: source.frames, outputs, files: Vec::new(), notes: Vec::new() };
    let mut known: Option<(Shape, Plan)> = None;
    let (mut number, mut source_pixels, mut partial) = (0, 0, None);
    loop {
        if (work.stop)() {
            return Err(Cause::Stopped.at(Stage::Decode));
        }
        if number > 0 {
            enter(Stage::Decode);
        }
        let Some(frame) = source.next(work).map_err(|error| source.at(number + 1, error))? else { break };
        number += 1;
        let shape = frame.picture.pixels.shape();
        source_pixels += shape.pixels();
        if let Some(part) = &frame.partial {
            partial.get_or_insert(format!("{} {number}: {part}", source.frames.words().0));
        }
        if known.as_ref().is_none_or(|(planned, _)| *planned != shape) {
            known = Some((shape, compile(recipe, shape, &[1], Purpose::Export)?));
        }
        for note in &frame.notes {
            if !notes.contains(note) && !run.notes.contains(note) {
                run.notes.push(note.clone());
            }
        }
        let Some((_, plan)) = &known else { break };
        run.frame(plan, number, frame, work, enter)?;
        run.check_size()?;
    }
    run.finish_animations()?;
    let modified = loaded.modified;
    let FrameRun { mut files, notes: of_outputs, .. } = run;
    // As the outputs are listed; of one output as the pictures were.
    files.sort_by_key(|file| file.output);
    let parts = codec::parts(&loaded.bytes, &loaded.header, &loaded.limits, work.stop, work.buffers);
    let notes = notes.into_iter().chain(parts.notes()).chain(partial.clone()).chain(of_outputs).collect();
    Ok(Developed { files, source_pixels, notes, partial, modified, source_hash: None })
}

/// The outputs of all pictures of a file.
struct FrameRun<'a> {
    job: &'a Job,
    loaded: &'a Loaded,
    recipe: &'a Recipe,
    frames: &'static Frames,
    outputs: Vec<FrameOutput<'a>>,
    files: Vec<DevelopedFile>,
    notes: Vec<String>,
}

impl FrameRun<'_> {
    /// Takes one picture, the `number`th from 1, to every output that wants it.
    fn frame(
        &mut self,
        plan: &Plan,
        number: u32,
        frame: SourceFrame,
        work: &mut Work<'_>,
        enter: &mut dyn FnMut(Stage),
    ) -> Result<(), StageError> {
        let Self { job, loaded, recipe, frames, outputs, files, notes } = self;
        let Loaded { codec: format, header, .. } = loaded;
        enter(Stage::Filter);
        let SourceFrame { picture: Picture { pixels, metadata }, delay, .. } = frame;
        let shared = plan.run_shared(pixels, work)?;
        for own in outputs {
            if own.mode == Mode::First && number > 1 {
                continue;
            }
            if plan.has_own(own.index) {
                enter(Stage::Filter);
            }
            let Processed { pixels, effect, .. } = plan.run_output(own.index, Cow::Borrowed(&shared), work)?;
            enter(Stage::Encode);
            let picture = Picture { pixels, metadata: metadata.clone() };
            let course = Course { changed: is_changed(header, recipe, own.output), effect: of_stored(header, effect) };
            let output = own.without_hdr();
            let Finished { picture, notes: of_finish } =
                finish(&output, target(&output.export, format), course, picture, work)?;
            add_notes(notes, own.output, of_finish);
            let encoded = match own.mode {
                Mode::Keep(to) => own.push(to, picture, delay, loaded, frames),
                Mode::First | Mode::All => {
                    let page = (own.mode == Mode::All).then_some(Page { number, of: header.frames });
                    own.still(job, format, picture, page, work).map(|(file, of_encoder)| {
                        add_notes(notes, own.output, of_encoder);
                        files.push(file);
                    })
                }
            };
            encoded.map_err(|e| Cause::from(e).of_output(&own.output.name).at(Stage::Encode))?;
        }
        shared.pixels.recycle(work.buffers);
        Ok(())
    }

    /// All results of a file are in memory until they are written.
    fn check_size(&self) -> Result<(), StageError> {
        let limit = self.loaded.limits.decoded_bytes;
        if self.files.iter().map(|f| f.bytes.len() as u64).sum::<u64>() <= limit {
            return Ok(());
        }
        let reason = format!("all its {} together would take more than {} MiB", self.frames.words().1, limit >> 20);
        Err(Cause::from(CodecError::Encode { format: self.loaded.codec.title, reason }).at(Stage::Encode))
    }

    fn finish_animations(&mut self) -> Result<(), StageError> {
        for own in &mut self.outputs {
            let Some(Animation { writer, shape }) = own.animation.take() else { continue };
            let encoded = writer.finish().map_err(|e| Cause::from(e).of_output(&own.output.name).at(Stage::Encode))?;
            add_notes(&mut self.notes, own.output, encoded.notes);
            self.files.push(own.file(self.job, self.loaded.codec, encoded.bytes, shape, None));
        }
        Ok(())
    }
}

/// Adds each note once, however many pictures it is about.
fn add_notes(notes: &mut Vec<String>, output: &Output, new: Vec<String>) {
    for note in new.into_iter().map(|note| of_output(output, note)) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
}

impl<'a> FrameOutput<'a> {
    /// The output as its pictures are finished: animations hold no high dynamic range.
    fn without_hdr(&self) -> Cow<'a, Output> {
        if !matches!(self.mode, Mode::Keep(_)) || self.output.export.hdr.mode != HdrMode::Keep {
            return Cow::Borrowed(self.output);
        }
        let mut output = self.output.clone();
        output.export.hdr.mode = HdrMode::ToneMap;
        Cow::Owned(output)
    }

    fn file(
        &self,
        job: &Job,
        source: &'static Codec,
        bytes: Vec<u8>,
        shape: Shape,
        page: Option<Page>,
    ) -> DevelopedFile {
        DevelopedFile {
            name: self.output.name.clone(),
            output: self.index,
            // As many digits as the last number has, three at least, so that names sort.
            page: page.map_or(String::new(), |Page { number, of }| {
                format!("-{number:0digits$}", digits = of.to_string().len().max(3))
            }),
            bytes,
            extension: extension(&job.source, target(&self.output.export, source)),
            width: shape.width,
            height: shape.height,
            hash: None,
            is_same: false,
            is_copied: false,
        }
    }

    /// A file of one picture, and what should be known about it.
    fn still(
        &self,
        job: &Job,
        source: &'static Codec,
        picture: Picture,
        page: Option<Page>,
        work: &mut Work<'_>,
    ) -> Result<(DevelopedFile, Vec<String>), CodecError> {
        let shape = picture.pixels.shape();
        let encoded =
            codec::encode(target(&self.output.export, source), picture, &self.output.export.options, work.buffers)?;
        Ok((self.file(job, source, encoded.bytes, shape, page), encoded.notes))
    }

    /// Appends a picture to the animation, which begins with the first.
    fn push(
        &mut self,
        to: &Frames,
        picture: Picture,
        delay: Delay,
        loaded: &Loaded,
        from: &Frames,
    ) -> Result<(), CodecError> {
        let Picture { pixels, metadata } = picture;
        let shape = pixels.shape();
        let mut animation = match self.animation.take() {
            Some(begun) => begun,
            None => {
                let survey = from.survey(&mut std::io::Cursor::new(&*loaded.bytes), &loaded.limits);
                let survey = codec::Survey { frames: loaded.header.frames, ..survey };
                let (width, height) = (shape.width, shape.height);
                let options = &self.output.export.options;
                let writer = to.begin(&Begin { width, height, survey, options, metadata: &metadata })?;
                Animation { writer, shape }
            }
        };
        if (shape.width, shape.height) != (animation.shape.width, animation.shape.height) {
            let reason = "the filters make frames of different sizes; use one that does not depend on the content";
            return Err(CodecError::Encode { format: "an animation", reason: reason.to_owned() });
        }
        animation.writer.push(&Frame { pixels: eight_bits(pixels), delay })?;
        self.animation = Some(animation);
        Ok(())
    }
}

/// Animations hold no more than eight bits.
fn eight_bits(pixels: Pixels) -> Pixels {
    pixels.into_depth(lightloom_picture::Depth::U8)
}
