//! A picture that passes from its decoder through the filters to its encoder a few rows at a time, so that nothing is as
//! large as the picture and what is worked on stays in the processor's cache.
//!
//! That is the way of a picture whose decoder, filters and encoder allow it; one that has several cores to itself is at all
//! of them at once. The file is the same as by way of the whole picture, which is there for all others: also for a file
//! that turns out to be damaged.

use std::sync::Arc;

use super::flow::{Step, Take, flow};
use super::{Developed, OutputFile, Stages, of_output};
use crate::cause::{Cause, StageError};
use crate::loaded::Loaded;
use crate::{Job, Stage};
use lightloom_codec as codec;
use lightloom_codec::{CodecError, RowEncoder};
use lightloom_filter::{Stopped, Work};
use lightloom_picture::{Chroma, Metadata, Pixels, Planar, Raster, Shape};
use lightloom_recipe::export::RowFinish;
use lightloom_recipe::{Effect, Output, Plan, Recipe, RowPasses, RowStep};

/// The passes of a picture that can be decoded so; `None` if none of them helps.
pub(super) fn passes<'a>(loaded: &Loaded, plan: &'a Plan, work: &Work<'_>) -> Option<RowPasses<'a>> {
    let Loaded { codec: format, header, .. } = loaded;
    if way() < Way::Rows || !codec::decodes_rows(format, header) {
        return None;
    }
    let passes = plan.rows(header.extent(plan.decode_divisor()), work.split);
    (!passes.is_empty() || passes.are_all()).then_some(passes)
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
pub(super) fn collect(
    loaded: &Loaded,
    divisor: u8,
    passes: &mut RowPasses<'_>,
    work: &mut Work<'_>,
    stages: &mut dyn Stages,
) -> Result<Option<Pixels>, StageError> {
    let Shape { width, height, layout, .. } = passes.result();
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
    let is_whole = flow(steps, split, stages, |take| decode(loaded, (divisor, None), (work, spread), take));
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
    form: (u8, Option<Planar>),
    (work, spread): (&mut Work<'_>, bool),
    take: Take<'_>,
) -> Result<bool, StageError> {
    let Loaded { bytes, codec: format, header, limits, .. } = loaded;
    let work = &mut Work { buffers: work.buffers, stop: work.stop, split: work.split && !spread };
    let all = codec::decode_rows((format, bytes), header, form, limits, work, take);
    all.map_err(|error| Cause::from(error).at(Stage::Decode))
}

/// The file that an output becomes.
fn made<'a>(
    (job, loaded): (&'a Job, &'a Loaded),
    (recipe, output, index): (&'a Recipe, &'a Output, usize),
    effect: Effect,
) -> OutputFile<'a> {
    let Loaded { codec: format, header, .. } = loaded;
    OutputFile { job, format, header, recipe, output, index, effect }
}

/// Chroma of the files that are written, beside luma.
const CHROMA: [Chroma; 3] = [Chroma { columns: 2, rows: 2 }, Chroma { columns: 2, rows: 1 }, Chroma::FULL];

/// A picture that goes to its encoder.
pub(super) struct RowCourse<'a, 'p> {
    loaded: &'a Loaded,
    divisor: u8,
    made: OutputFile<'a>,
    passes: &'a mut RowPasses<'p>,
    finish: RowFinish<'a>,
    encoder: RowEncoder,
    planes: Option<Planes>,
}

/// The planes of a picture that stays in them.
#[derive(Clone, Copy)]
struct Planes {
    arriving: Planar,
    leaving: Planar,
}

impl<'a, 'p> RowCourse<'a, 'p> {
    /// For the only output, with its place in the recipe; `None` where its encoder or what comes before that needs the whole
    /// picture.
    pub fn begin(
        source: (&'a Job, &'a Loaded),
        plan: &Plan,
        passes: &'a mut RowPasses<'p>,
        output: (&'a Recipe, &'a Output, usize),
    ) -> Option<Self> {
        if !plan.is_one() || !passes.are_all() {
            return None;
        }
        let made = made(source, output, passes.effect());
        let encoder = RowEncoder::new(made.target(), passes.result(), &made.output.export.options)?;
        Self::new(source.1, plan, made, passes, encoder)
    }

    /// As [`Self::begin`], for a picture that stays in planes: neither decoder nor encoder changes its colours, and chroma is
    /// never enlarged. Its passes go to `held`. `None` if something needs pixels.
    pub fn of_planes(
        source: (&'a Job, &'a Loaded),
        plan: &'p Plan,
        held: &'a mut Option<RowPasses<'p>>,
        output: (&'a Recipe, &'a Output, usize),
    ) -> Option<Self> {
        let Loaded { codec: format, header, .. } = source.1;
        let arriving =
            codec::planar(format, header, plan.decode_divisor()).filter(|_| plan.is_one() && way() == Way::Planes)?;
        let extent = header.extent(plan.decode_divisor());
        CHROMA
            .into_iter()
            .find_map(|chroma| {
                let (passes, leaving) = plan.bands(arriving, extent, chroma)?;
                let made = made(source, output, passes.effect());
                let encoder = RowEncoder::of_planes(made.target(), leaving, &made.output.export.options)?;
                Some((passes, Planes { arriving, leaving }, made, encoder))
            })
            .and_then(|(passes, planes, made, encoder)| {
                let course = Self::new(source.1, plan, made, held.insert(passes), encoder)?;
                Some(Self { planes: Some(planes), ..course })
            })
    }

    fn new(
        loaded: &'a Loaded,
        plan: &Plan,
        made: OutputFile<'a>,
        passes: &'a mut RowPasses<'p>,
        encoder: RowEncoder,
    ) -> Option<Self> {
        let finish =
            made.course().finish(made.output, made.target()).by_rows(&loaded.header.metadata, passes.result())?;
        Some(Self { loaded, divisor: plan.decode_divisor(), made, passes, finish, encoder, planes: None })
    }

    /// Develops it. `None` if the file has to be decoded as a whole.
    ///
    /// # Errors
    /// If it cannot be encoded, or `work.stop` says so.
    pub fn run(
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
        let files = vec![self.made.file(encoded.bytes, self.passes.result())];
        let (source_pixels, modified) = (header.upright().pixels(), *modified);
        Ok(Some(Developed { files, source_pixels, notes, partial: None, modified, source_hash: None }))
    }

    /// Takes every row to the encoder. Returns whether all came.
    fn pass(&mut self, work: &mut Work<'_>, stages: &mut dyn Stages) -> Result<bool, StageError> {
        let Self { loaded, divisor, made, passes, finish, encoder, planes } = self;
        let (split, spread) = (work.split, passes.spread());
        let form = (*divisor, planes.map(|planes| planes.arriving));
        let mut steps = filtering(passes);
        steps.push(Step {
            stage: Stage::Encode,
            push: Box::new(|rows, _| {
                match planes {
                    Some(planes) => finish.see_bands(planes.leaving, rows),
                    None => finish.see(rows),
                }
                encoder.push(rows)
            }),
        });
        let is_whole = flow(steps, split, stages, |take| decode(loaded, form, (work, spread), take));
        is_whole.map_err(|error: CodecError| Cause::from(error).of_output(&made.output.name).at(Stage::Encode))?
    }
}
