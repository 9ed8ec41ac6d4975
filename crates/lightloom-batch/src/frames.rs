//! Pictures of files that hold several: which of them an output takes, and the way of all of them through a recipe, one
//! at a time.

use std::borrow::Cow;

use super::stage::{Cause, DevelopedFile, StageError, compile, finish, is_changed};
use super::{Job, Stage};
use lightloom_codec as codec;
use lightloom_codec::{Begin, Codec, CodecError, Delay, Frame, Frames, Header, Limits, ReadFrames, WriteFrames};
use lightloom_filter::Work;
use lightloom_picture::{Picture, Pixels, Shape};
use lightloom_recipe::export::Finished;
use lightloom_recipe::{Export, FormatChoice, FrameChoice, Output, Plan, Purpose, Recipe};

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
pub(super) fn target(export: &Export, source: &'static Codec) -> &'static Codec {
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
pub(super) fn extra_bytes(recipe: &Recipe, source: &'static Codec, header: &Header) -> u64 {
    /// The canvas, what was there before, the samples of a frame, and the last one that was written.
    const HELD: u64 = 4;
    /// Results are held until all are written; they take about so much less than pixels.
    const PACKED: u64 = 4;
    if recipe.all_outputs().iter().all(|output| mode(output, source, header).0 == Mode::First) {
        return 0;
    }
    let frame = header.stored.pixels() * 4;
    frame * HELD + (frame * u64::from(header.frames) / PACKED).min(Limits::current().decoded_bytes)
}

/// The pictures of a file in order.
struct Source<'a> {
    bytes: &'a [u8],
    format: &'static Codec,
    header: &'a Header,
    animation: Option<Box<dyn ReadFrames + 'a>>,
    next: u32,
}

/// One of them, upright.
struct Taken {
    picture: Picture,
    delay: Delay,
    partial: Option<String>,
}

impl<'a> Source<'a> {
    fn open(
        bytes: &'a [u8],
        format: &'static Codec,
        header: &'a Header,
    ) -> Result<(Self, &'static Frames), CodecError> {
        let limits = Limits::current();
        let frames = codec::frames_of(format)
            .ok_or_else(|| CodecError::Unsupported(format!("{} holds one picture", format.title)))?;
        frames.check(header.frames, header.stored.pixels() * 4, &limits)?;
        let animation = if frames.animates() { Some(frames.open(bytes, &limits)?) } else { None };
        Ok((Self { bytes, format, header, animation, next: 0 }, frames))
    }

    fn next(&mut self, work: &mut Work<'_>) -> Result<Option<Taken>, CodecError> {
        if self.next >= self.header.frames {
            return Ok(None);
        }
        let number = self.next;
        self.next += 1;
        let Some(animation) = &mut self.animation else { return self.page(number, work).map(Some) };
        let Some(Frame { pixels, delay }) = animation.next()? else { return Ok(None) };
        let pixels = self.header.orientation.apply(pixels, work)?;
        let picture = Picture { pixels, metadata: self.header.metadata.clone() };
        Ok(Some(Taken { picture, delay, partial: None }))
    }

    fn page(&self, number: u32, work: &mut Work<'_>) -> Result<Taken, CodecError> {
        let limits = Limits::current();
        let missing = || CodecError::Damaged("it is missing".to_owned());
        let bytes = codec::page(self.bytes, number).ok_or_else(missing)?;
        let (_, header) = codec::header(&bytes, &limits)?;
        let decoded = codec::decode_with(self.format, &bytes, &header, 1, &limits, work)?;
        let picture = Picture { pixels: decoded.pixels, metadata: header.metadata };
        Ok(Taken { picture, delay: Delay { numerator: 0, denominator: 1 }, partial: decoded.partial })
    }
}

/// What came of all pictures of a file.
pub(super) struct All {
    pub files: Vec<DevelopedFile>,
    pub notes: Vec<String>,
    pub partial: Option<String>,
    pub source_pixels: u64,
}

/// One output on its way.
struct Way<'a> {
    output: &'a Output,
    index: usize,
    mode: Mode,
    writer: Option<(Box<dyn WriteFrames>, Shape)>,
}

/// Takes every picture of a file through the recipe. Outputs that take the first alone get it from here too.
#[expect(clippy::too_many_arguments, reason = "what a stage is handed")]
pub(super) fn develop(
    job: &Job,
    bytes: &[u8],
    format: &'static Codec,
    header: &Header,
    recipe: &Recipe,
    outputs: &[Output],
    work: &mut Work<'_>,
    enter: &mut dyn FnMut(Stage),
) -> Result<All, StageError> {
    let limits = Limits::current();
    enter(Stage::Decode);
    let (mut source, frames) = Source::open(bytes, format, header).map_err(|e| Cause::from(e).at(Stage::Decode))?;
    let mut ways: Vec<Way<'_>> = outputs
        .iter()
        .enumerate()
        .map(|(index, output)| Way { output, index, mode: mode(output, format, header).0, writer: None })
        .collect();
    let mut all = All { files: Vec::new(), notes: Vec::new(), partial: None, source_pixels: 0 };
    let mut known: Option<(Shape, Plan)> = None;
    let mut number = 0;
    loop {
        if (work.stop)() {
            return Err(Cause::Stopped.at(Stage::Decode));
        }
        if number > 0 {
            enter(Stage::Decode);
        }
        let at_frame = |error: CodecError| {
            let error = match error {
                CodecError::Damaged(why) => CodecError::Damaged(format!("{} {}: {why}", frames.words().0, number + 1)),
                other => other,
            };
            Cause::from(error).at(Stage::Decode)
        };
        let Some(Taken { picture, delay, partial }) = source.next(work).map_err(at_frame)? else { break };
        number += 1;
        let shape = picture.pixels.shape();
        all.source_pixels += shape.pixels();
        if let Some(part) = partial {
            all.partial.get_or_insert(format!("{} {number}: {part}", frames.words().0));
        }
        if known.as_ref().is_none_or(|(planned, _)| *planned != shape) {
            known = Some((shape, compile(recipe, shape, &[1], Purpose::Export)?));
        }
        let Some((_, plan)) = &known else { break };
        enter(Stage::Filter);
        let Picture { pixels, metadata } = picture;
        let shared = plan.run_shared(pixels, work)?;
        for way in &mut ways {
            if way.mode == Mode::First && number > 1 {
                continue;
            }
            if plan.has_own(way.index) {
                enter(Stage::Filter);
            }
            let pixels = plan.run_output(way.index, Cow::Borrowed(&shared), work)?;
            enter(Stage::Encode);
            let picture = Picture { pixels, metadata: metadata.clone() };
            let changed = is_changed(header, recipe, way.output);
            let Finished { picture, notes } =
                finish(way.output, target(&way.output.export, format), changed, picture, work)?;
            all.add_notes(way.output, notes);
            let numbered = (way.mode == Mode::All).then_some((number, header.frames));
            let taken = match way.mode {
                Mode::Keep(to) => way.push(to, picture, delay, header, bytes, frames),
                Mode::First | Mode::All => way.still(job, format, picture, numbered, work, &mut all),
            };
            taken.map_err(|e| Cause::from(e).of_output(&way.output.name).at(Stage::Encode))?;
        }
        shared.recycle(work.buffers);
        if all.files.iter().map(|f| f.bytes.len() as u64).sum::<u64>() > limits.decoded_bytes {
            let reason = format!(
                "all its {} together would take more than {} MiB",
                frames.words().1,
                limits.decoded_bytes >> 20
            );
            return Err(Cause::from(CodecError::Encode { format: format.title, reason }).at(Stage::Encode));
        }
    }
    for way in &mut ways {
        let Some((writer, shape)) = way.writer.take() else { continue };
        let encoded = writer.finish().map_err(|e| Cause::from(e).of_output(&way.output.name).at(Stage::Encode))?;
        all.add_notes(way.output, encoded.notes);
        all.files.push(way.file(job, format, encoded.bytes, shape, None));
    }
    // As the outputs are listed; of one output as the pictures were.
    all.files.sort_by_key(|file| file.output);
    Ok(all)
}

impl All {
    /// Each note once, however many pictures it is about.
    fn add_notes(&mut self, output: &Output, notes: Vec<String>) {
        for note in notes {
            let note = match output.name.as_str() {
                "" => note,
                name => format!("output '{name}': {note}"),
            };
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }
}

impl Way<'_> {
    fn file(
        &self,
        job: &Job,
        source: &'static Codec,
        bytes: Vec<u8>,
        shape: Shape,
        page: Option<(u32, u32)>,
    ) -> DevelopedFile {
        DevelopedFile {
            name: self.output.name.clone(),
            output: self.index,
            // As many digits as the last number has, three at least, so that names sort.
            page: page.map_or(String::new(), |(number, of)| {
                format!("-{number:0digits$}", digits = of.to_string().len().max(3))
            }),
            bytes,
            extension: super::stage::extension(&job.source, target(&self.output.export, source)),
            width: shape.width,
            height: shape.height,
        }
    }

    fn still(
        &self,
        job: &Job,
        source: &'static Codec,
        picture: Picture,
        page: Option<(u32, u32)>,
        work: &mut Work<'_>,
        all: &mut All,
    ) -> Result<(), CodecError> {
        let shape = picture.pixels.shape();
        let encoded =
            codec::encode(target(&self.output.export, source), picture, &self.output.export.options, work.buffers)?;
        all.add_notes(self.output, encoded.notes);
        all.files.push(self.file(job, source, encoded.bytes, shape, page));
        Ok(())
    }

    fn push(
        &mut self,
        to: &Frames,
        picture: Picture,
        delay: Delay,
        header: &Header,
        bytes: &[u8],
        from: &Frames,
    ) -> Result<(), CodecError> {
        let Picture { pixels, metadata } = picture;
        let shape = pixels.shape();
        let (mut writer, first) = match self.writer.take() {
            Some(begun) => begun,
            None => {
                let survey = from.survey(&mut std::io::Cursor::new(bytes), &Limits::current());
                let survey = codec::Survey { frames: header.frames, ..survey };
                let (width, height) = (shape.width, shape.height);
                let options = &self.output.export.options;
                (to.begin(&Begin { width, height, survey, options, metadata: &metadata })?, shape)
            }
        };
        if (shape.width, shape.height) != (first.width, first.height) {
            let reason = "the filters make frames of different sizes; use one that does not depend on the content";
            return Err(CodecError::Encode { format: "an animation", reason: reason.to_owned() });
        }
        let frame = Frame { pixels: eight_bits(pixels), delay };
        writer.push(&frame)?;
        self.writer = Some((writer, first));
        Ok(())
    }
}

/// Animations hold no more.
fn eight_bits(pixels: Pixels) -> Pixels {
    pixels.into_depth(lightloom_picture::Depth::U8)
}
