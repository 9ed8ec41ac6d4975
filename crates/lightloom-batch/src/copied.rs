//! Results that are their sources, byte for byte: where an output changes nothing, encoding again could only lose.

use super::Source;
use super::develop::{DevelopedFile, extension};
use super::frames::{self, Mode};
use super::loaded::Loaded;
use super::stage::{StageError, compile};
use lightloom_codec::{Codec, Header};
use lightloom_recipe::{Output, Purpose, Recipe};

/// Whether an output, by its place in the recipe, copies pictures with this header: it is asked to, format, colours, metadata
/// and number of pictures stay as they are, and no filter does anything. An orientation stays in the metadata.
///
/// # Errors
/// If a filter cannot be applied to such a picture.
pub(super) fn is_copied(
    codec: &'static Codec,
    header: &Header,
    recipe: &Recipe,
    (index, output): (usize, &Output),
) -> Result<bool, StageError> {
    let may_be = output.export.copy_unchanged
        && output.export.leaves_pictures()
        && frames::target(&output.export, codec) == codec
        && (header.frames <= 1 || matches!(frames::mode(output, codec, header).0, Mode::Keep(_)));
    Ok(may_be && compile(recipe, header.upright(), codec.divisors, Purpose::Export)?.is_identity(index))
}

/// The copy for an output.
pub(super) fn copy(source: &Source, loaded: &Loaded, (index, output): (usize, &Output)) -> DevelopedFile {
    let shape = loaded.header.upright();
    DevelopedFile {
        name: output.name.clone(),
        output: index,
        page: String::new(),
        bytes: loaded.bytes.to_vec(),
        extension: extension(source, loaded.codec),
        width: shape.width,
        height: shape.height,
        hash: None,
        is_same: false,
        is_copied: true,
    }
}
