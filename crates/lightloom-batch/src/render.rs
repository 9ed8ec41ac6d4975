//! Pictures in memory: decoded and filtered for a result, a preview or a thumbnail; and a result as its file will hold it.

use std::borrow::Cow;
use std::cell::Cell;

use super::cause::{Cause, StageError, contain};
use super::develop::{Course, finish, of_stored};
use super::loaded::not_recognised;
use super::stage::compile;
use super::{Stage, frames};
use lightloom_codec as codec;
use lightloom_codec::{Codec, CodecError, Header, Limits};
use lightloom_filter::Work;
use lightloom_picture::{Buffers, Depth, Metadata, Picture, Pixels, Shape};
use lightloom_recipe::export::Finished;
use lightloom_recipe::{Effect, Output, PlanPixels, Processed, Purpose, Recipe};

/// A picture after its recipe, before it is encoded.
#[derive(Debug)]
pub struct Rendered {
    /// The result.
    pub picture: Picture,
    /// Upright shape of the source's picture.
    pub source: Shape,
    /// Format of the source.
    pub format: &'static Codec,
    /// What should be known.
    pub notes: Vec<String>,
    /// Which part is missing, where the file is damaged.
    pub partial: Option<String>,
    /// What orientation and filters did to the stored picture.
    pub effect: Effect,
}

/// Recognises, decodes and filters a file in memory for the first output of a recipe: what export, preview and thumbnail
/// have in common.
///
/// # Errors
/// If it cannot be decoded, the recipe does not fit it, or `work.stop` says so.
pub fn render(
    bytes: &[u8],
    recipe: &Recipe,
    purpose: Purpose,
    limits: &Limits,
    work: &mut Work<'_>,
) -> Result<Rendered, StageError> {
    render_output(bytes, recipe, 0, purpose, limits, work)
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
    limits: &Limits,
    work: &mut Work<'_>,
) -> Result<Rendered, StageError> {
    let (format, header) = header(bytes, limits)?;
    let decode = |divisor, work: &mut Work<'_>| decode(bytes, format, &header, divisor, limits, work);
    render_decoded((format, &header), recipe, output, purpose, work, decode)
}

/// Filters what `decode` returns for one of the divisors of a picture's format, for one of the outputs of a recipe.
pub(super) fn render_decoded(
    (format, header): (&'static Codec, &Header),
    recipe: &Recipe,
    output: usize,
    purpose: Purpose,
    work: &mut Work<'_>,
    decode: impl FnOnce(u8, &mut Work<'_>) -> Result<codec::Decoded, StageError>,
) -> Result<Rendered, StageError> {
    let source = header.upright();
    let stage = Cell::new(Stage::Decode);
    contain(&stage, || {
        // Decoders scale pictures of 8 bits only.
        let divisors = if source.depth == Depth::U8 { format.divisors } else { &[1] };
        let plan = compile(recipe, source, divisors, purpose)?;
        let decoded = decode(plan.decode_divisor(), work)?;
        stage.set(Stage::Filter);
        let pixels = PlanPixels::scaled(decoded.pixels, header.extent(plan.decode_divisor()));
        let shared = plan.run_shared(pixels, work)?;
        let Processed { pixels, effect, .. } = plan.run_output(output, Cow::Owned(shared), work)?;
        let of_file = header.notes.iter().chain(&decoded.notes).chain(&decoded.partial).cloned();
        let notes = of_file.chain(recipe.text_notes()).collect();
        let picture = Picture { pixels, metadata: header.metadata.clone() };
        let effect = of_stored(header, effect);
        Ok(Rendered { picture, source, format, notes, partial: decoded.partial, effect })
    })
}

pub(super) fn header(bytes: &[u8], limits: &Limits) -> Result<(&'static Codec, Header), StageError> {
    contain(&Cell::new(Stage::Decode), || codec::header(bytes, limits).map_err(not_recognised))
}

/// The metadata in a file's header.
///
/// # Errors
/// If it is no picture or over a limit.
pub fn metadata(bytes: &[u8], limits: &Limits) -> Result<Metadata, StageError> {
    header(bytes, limits).map(|(_, header)| header.metadata)
}

pub(super) fn decode(
    bytes: &[u8],
    format: &'static Codec,
    header: &Header,
    divisor: u8,
    limits: &Limits,
    work: &mut Work<'_>,
) -> Result<codec::Decoded, StageError> {
    if (work.stop)() {
        return Err(Cause::Stopped.at(Stage::Decode));
    }
    codec::decode_with(format, bytes, header, divisor, limits, work).map_err(|e| Cause::from(e).at(Stage::Decode))
}

/// The metadata that the file of a result will hold. Found by encoding a few black pixels in place of the result, so that the
/// limits of its format count; what depends on the pixels, a gain map, is left out.
///
/// # Errors
/// If it cannot be encoded, or what was encoded cannot be read.
pub fn written_metadata(
    rendered: &Rendered,
    changed: bool,
    output: &Output,
    limits: &Limits,
    work: &mut Work<'_>,
) -> Result<Metadata, StageError> {
    let target = frames::target(&output.export, rendered.format);
    contain(&Cell::new(Stage::Encode), || {
        let shape = rendered.picture.pixels.shape();
        // Whether there is a thumbnail depends on the longer side.
        let (most_across, most_down) =
            if shape.width < shape.height { (SAMPLE_SIDE, SAMPLE_LENGTH) } else { (SAMPLE_LENGTH, SAMPLE_SIDE) };
        let (width, height) = (shape.width.min(most_across), shape.height.min(most_down));
        let pixels = Pixels::zeroed(Shape { width, height, ..shape });
        let metadata = Metadata { gain_map: None, ..rendered.picture.metadata.clone() };
        let course = Course { changed, effect: rendered.effect };
        let Finished { picture, .. } = finish(output, target, course, Picture { pixels, metadata }, work)?;
        let encoded = codec::encode(target, picture, &output.export.options, work.buffers)
            .map_err(|e| Cause::from(e).at(Stage::Encode))?;
        self::metadata(&encoded.bytes, limits)
    })
}

/// Sides of the picture that stands in for a result whose metadata are looked at.
const SAMPLE_SIDE: u32 = 16;
const SAMPLE_LENGTH: u32 = lightloom_recipe::export::NO_THUMBNAIL_SIDE + 1;

/// A result as its file will hold it.
#[derive(Debug)]
pub struct Encoded {
    /// The result, encoded and decoded again.
    pub rendered: Rendered,
    /// Size of the file in bytes.
    pub length: u64,
    /// Its format.
    pub format: &'static Codec,
}

/// Encodes a result and decodes it again.
///
/// # Errors
/// If it cannot be encoded, or what was encoded cannot be decoded.
pub fn encode_and_decode(
    rendered: Rendered,
    output: &Output,
    limits: &Limits,
    work: &mut Work<'_>,
) -> Result<Encoded, StageError> {
    let Rendered { picture, source, format, mut notes, partial, effect } = rendered;
    let target = frames::target(&output.export, format);
    let stage = Cell::new(Stage::Encode);
    contain(&stage, || {
        let Finished { picture, notes: of_finish } =
            finish(output, target, Course { changed: true, effect }, picture, work)?;
        let encoded = codec::encode(target, picture, &output.export.options, work.buffers)
            .map_err(|e| Cause::from(e).at(Stage::Encode))?;
        stage.set(Stage::Decode);
        let decode = |buffers: &mut Buffers| {
            let (codec, header) = codec::header(&encoded.bytes, limits)?;
            let decoded = codec::decode(codec, &encoded.bytes, &header, 1, limits, buffers)?;
            Ok(Picture { pixels: decoded.pixels, metadata: header.metadata })
        };
        let picture = decode(work.buffers).map_err(|e: CodecError| Cause::from(e).at(Stage::Decode))?;
        notes.extend(of_finish.into_iter().chain(encoded.notes));
        let rendered = Rendered { picture, source, format, notes, partial, effect };
        Ok(Encoded { rendered, length: encoded.bytes.len() as u64, format: target })
    })
}
