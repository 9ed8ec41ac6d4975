//! A picture that passes from its decoder through the filters to its encoder a few rows at a time, so that nothing is as
//! large as the picture and what is worked on stays in the processor's cache.
//!
//! That is the way of a picture whose decoder, filters and encoder allow it; one that has several cores to itself is at all
//! of them at once. The file is the same as by way of the whole picture, which is there for all others: also for a file
//! that turns out to be damaged.

use std::sync::Arc;

use super::flow::{Step, Take, flow};
use super::{Developed, OutputFile, Stages, frames, of_output};
use crate::cause::{Cause, StageError};
use crate::loaded::Loaded;
use crate::{Job, Stage};
use lightloom_codec as codec;
use lightloom_codec::{CodecError, RowEncoder};
use lightloom_filter::{Stopped, Work};
use lightloom_picture::{Chroma, Metadata, Pixels, Raster, RowForm, Shape};
use lightloom_recipe::export::RowFinish;
use lightloom_recipe::{Effect, Output, Plan, Recipe, RowPasses, RowSource, RowStep};

/// What has come of a picture by rows.
pub(super) enum ByRows {
    /// Its result.
    Developed(Developed),
    /// The pixels after so many passes, and what those did besides.
    Passed(usize, (Pixels, Effect)),
}

/// An output with its recipe and its place in that.
type Only<'a> = (&'a Recipe, &'a Output, usize);

/// Develops a picture by rows as far as it can be, to a file if it has one output. `None` if it has to be decoded as a
/// whole.
///
/// Where that is possible, it stays in planes until it is encoded, or becomes grey: its colours are not changed and back,
/// and chroma is never enlarged.
///
/// # Errors
/// If it cannot be encoded, `work.stop` says so, or a limit is exceeded.
pub(super) fn develop(
    source: (&Job, &Loaded),
    plan: &Plan,
    only: Option<Only<'_>>,
    notes: &[String],
    work: &mut Work<'_>,
    stages: &mut dyn Stages,
) -> Result<Option<ByRows>, StageError> {
    let (loaded, split) = (source.1, work.split);
    let only = only.filter(|_| plan.is_one());
    // Each only where the one before does not do.
    let of_planes = std::iter::once_with(|| passes_of_planes(loaded, plan, only, split));
    let of_pixels = std::iter::once_with(|| passes_of_pixels(loaded, plan, split));
    for mut passes in of_planes.chain(of_pixels).flatten() {
        // What cannot be decoded one way cannot be decoded to rows of the other either.
        if let Some(course) = only.and_then(|output| RowCourse::begin(source, plan, &mut passes, output)) {
            return Ok(course.run(notes, work, stages)?.map(ByRows::Developed));
        }
        if let RowForm::Pixels(_) = passes.leaving() {
            let pixels = collect(loaded, plan.decode_divisor(), &mut passes, work, stages)?;
            return Ok(pixels.map(|pixels| ByRows::Passed(passes.len(), (pixels, passes.effect()))));
        }
    }
    Ok(None)
}

/// The passes of a picture that is decoded to planes, if those can be written or a grey picture is made of them.
fn passes_of_planes<'a>(loaded: &Loaded, plan: &'a Plan, only: Option<Only<'_>>, split: bool) -> Option<RowPasses<'a>> {
    let Loaded { codec: format, header, .. } = loaded;
    let stored = header.chroma.filter(|_| way() == Way::Planes)?;
    let written = only.and_then(|(_, output, _)| {
        let Shape { width, height, .. } = plan.result();
        RowEncoder::chroma(frames::target(&output.export, format), (width, height), &output.export.options)
    });
    // A quarter turn makes columns of rows.
    let chroma = written.unwrap_or(stored);
    let before =
        if header.orientation.swaps_sides() { Chroma { columns: chroma.rows, rows: chroma.columns } } else { chroma };
    let planar = codec::planar(format, header, plan.decode_divisor(), before)?;
    plan.rows(RowSource { chroma, ..source(loaded, plan, RowForm::Planes(planar), split) })
}

/// The passes of a picture that is decoded to rows of pixels, if that helps.
fn passes_of_pixels<'a>(loaded: &Loaded, plan: &'a Plan, split: bool) -> Option<RowPasses<'a>> {
    let Loaded { codec: format, header, .. } = loaded;
    if way() < Way::Rows || !codec::decodes_rows(format, header) {
        return None;
    }
    let side = |side: u32| side.div_ceil(u32::from(plan.decode_divisor()));
    let Shape { width, height, .. } = header.stored;
    let stored = Shape { width: side(width), height: side(height), ..header.stored };
    let passes = plan.rows(source(loaded, plan, RowForm::Pixels(stored), split))?;
    (!passes.is_empty() || passes.are_all()).then_some(passes)
}

fn source(Loaded { header, .. }: &Loaded, plan: &Plan, form: RowForm, split: bool) -> RowSource {
    let (turn, extent) = (header.orientation.turn(), header.extent(plan.decode_divisor()));
    RowSource { form, turn, extent, chroma: Chroma::FULL, split }
}

/// How a picture may pass, for tests that compare.
#[cfg_attr(not(test), expect(dead_code, reason = "only tests choose"))]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Whole,
    Rows,
    #[default]
    Planes,
}

#[cfg(test)]
thread_local! {
    pub(super) static WAY: std::cell::Cell<Way> = const { std::cell::Cell::new(Way::Planes) };
}

fn way() -> Way {
    #[cfg(test)]
    return WAY.get();
    #[cfg(not(test))]
    Way::default()
}

/// Decodes a picture and takes it through `passes`, whose result has to be there as a whole. `None` if it has to be decoded
/// so too.
///
/// # Errors
/// If `work.stop` says so, or a limit is exceeded.
fn collect(
    loaded: &Loaded,
    divisor: u8,
    passes: &mut RowPasses<'_>,
    work: &mut Work<'_>,
    stages: &mut dyn Stages,
) -> Result<Option<Pixels>, StageError> {
    let (form, Shape { width, height, layout, .. }) = (passes.arriving(), passes.leaving().shape());
    let mut samples = work.buffers.take_for_overwrite(width as usize * height as usize * layout.channels());
    let mut filled = 0;
    let (split, spread) = (work.split, passes.spread());
    let mut steps: Vec<Step<'_, Stopped>> = filtering(passes);
    steps.push(Step {
        stage: Stage::Filter,
        push: Box::new(|rows, _| {
            let to: Option<&mut [u8]> = samples.get_mut(filled..filled + rows.len());
            to.ok_or(Stopped)?.copy_from_slice(rows);
            filled += rows.len();
            Ok(())
        }),
    });
    let is_whole = flow(steps, split, stages, |take| decode(loaded, (divisor, form), (work, spread), take));
    if matches!(is_whole, Ok(Ok(true))) && filled == samples.len() {
        return Ok(Some(Raster::new(width, height, layout, samples).into()));
    }
    work.buffers.give(samples);
    is_whole.map_or(Ok(None), |is_whole| is_whole.map(|_| None))
}

/// What passes do to rows, as steps.
fn filtering<'a, E: 'a>(passes: &'a mut RowPasses<'_>) -> Vec<Step<'a, E>> {
    let step = |mut step: RowStep<'a, '_>| -> Step<'a, E> {
        Step { stage: Stage::Filter, push: Box::new(move |rows, sink| step.push(rows, sink)) }
    };
    passes.steps().map(step).collect()
}

/// Decodes, to planes if they are given, on this thread alone where steps `spread` their rows over the pool.
fn decode(
    loaded: &Loaded,
    (divisor, form): (u8, RowForm),
    (work, spread): (&mut Work<'_>, bool),
    take: Take<'_>,
) -> Result<bool, StageError> {
    let Loaded { bytes, codec: format, header, limits, .. } = loaded;
    let work = &mut Work { buffers: work.buffers, stop: work.stop, split: work.split && !spread };
    let all = codec::decode_rows((format, bytes), header, (divisor, form.planar()), limits, work, take);
    all.map_err(|error| Cause::from(error).at(Stage::Decode))
}

/// The file that an output becomes.
fn made<'a>((job, loaded): (&'a Job, &'a Loaded), (recipe, output, index): Only<'a>, effect: Effect) -> OutputFile<'a> {
    let Loaded { codec: format, header, .. } = loaded;
    OutputFile { job, format, header, recipe, output, index, effect }
}

/// A picture that goes to its encoder.
struct RowCourse<'a, 'p> {
    loaded: &'a Loaded,
    divisor: u8,
    made: OutputFile<'a>,
    passes: &'a mut RowPasses<'p>,
    finish: RowFinish<'a>,
    encoder: RowEncoder,
}

impl<'a, 'p> RowCourse<'a, 'p> {
    /// For the only output, with its place in the recipe; `None` where its encoder or what comes before that needs the whole
    /// picture.
    fn begin(
        source: (&'a Job, &'a Loaded),
        plan: &Plan,
        passes: &'a mut RowPasses<'p>,
        output: Only<'a>,
    ) -> Option<Self> {
        if !passes.are_all() {
            return None;
        }
        let loaded = source.1;
        let made = made(source, output, passes.effect());
        let encoder = RowEncoder::new(made.target(), passes.leaving(), &made.output.export.options)?;
        let finish =
            made.course().finish(made.output, made.target()).by_rows(&loaded.header.metadata, passes.leaving())?;
        Some(Self { loaded, divisor: plan.decode_divisor(), made, passes, finish, encoder })
    }

    /// Develops it. `None` if the file has to be decoded as a whole.
    ///
    /// # Errors
    /// If it cannot be encoded, or `work.stop` says so.
    fn run(
        mut self,
        notes: &[String],
        work: &mut Work<'_>,
        stages: &mut dyn Stages,
    ) -> Result<Option<Developed>, StageError> {
        if !self.pass(work, stages)? {
            return Ok(None);
        }
        stages.enter(Stage::Encode);
        let Loaded { bytes, header, limits, modified, .. } = self.loaded;
        let output = self.made.output;
        let parts = codec::parts(bytes, header, limits, work.stop, work.buffers);
        let mut notes: Vec<String> = notes.iter().cloned().chain(parts.notes()).collect();
        let told = parts.told();
        let gain_map = parts.gain_map.and_then(Result::ok).map(Arc::new);
        let metadata = Metadata { gain_map, told, ..header.metadata.clone() };
        let finished = self.finish.metadata(metadata, work);
        let (metadata, of_finish) = finished.map_err(|Stopped| Cause::Stopped.at(Stage::Encode))?;
        let encoded = self.encoder.finish(metadata);
        let encoded = encoded.map_err(|e| Cause::from(e).of_output(&output.name).at(Stage::Encode))?;
        notes.extend(of_finish.into_iter().chain(encoded.notes).map(|note| of_output(output, note)));
        let files = vec![self.made.file(encoded.bytes, self.passes.leaving().shape())];
        let (source_pixels, modified) = (header.upright().pixels(), *modified);
        Ok(Some(Developed { files, source_pixels, notes, partial: None, modified, source_hash: None }))
    }

    /// Takes every row to the encoder. Returns whether all came.
    fn pass(&mut self, work: &mut Work<'_>, stages: &mut dyn Stages) -> Result<bool, StageError> {
        let Self { loaded, divisor, made, passes, finish, encoder } = self;
        let (split, spread) = (work.split, passes.spread());
        let form = (*divisor, passes.arriving());
        let mut steps = filtering(passes);
        steps.push(Step {
            stage: Stage::Encode,
            push: Box::new(|rows, _| {
                finish.see(rows);
                encoder.push(rows)
            }),
        });
        let is_whole = flow(steps, split, stages, |take| decode(loaded, form, (work, spread), take));
        is_whole.map_err(|error: CodecError| Cause::from(error).of_output(&made.output.name).at(Stage::Encode))?
    }
}
