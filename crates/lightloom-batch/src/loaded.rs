//! A source on its way into memory: recognised by its first bytes, its header read, then all of it.

use std::cell::Cell;
use std::time::SystemTime;

use super::cause::{Cause, StageError, contain};
use super::file_memory::FileBytes;
use super::render::decode;
use super::source::{ReadProgress, Reader};
use super::{Source, Stage};
use lightloom_codec::{self as codec, Codec, CodecError, Header, Limits};
use lightloom_filter::Work;

/// A source whose format and header are known.
pub(super) struct Recognised {
    pub reader: Reader,
    pub codec: &'static Codec,
    pub header: Header,
}

/// Opens a source and reads its header, unless it is of a format that `opens` refuses.
pub(super) fn recognise(
    source: &Source,
    limits: &Limits,
    progress: &ReadProgress,
    opens: impl Fn(&Codec) -> bool,
) -> Result<Option<Recognised>, StageError> {
    let mut reader = source.open_counted(limits, progress).map_err(|cause| cause.at(Stage::Read))?;
    let read = contain(&Cell::new(Stage::Decode), || {
        codec::read_header_of(reader.input(), limits, opens).map_err(not_recognised)
    })?;
    Ok(read.map(|(codec, mut header)| {
        header.notes.extend(codec::misnamed(source.name(), codec));
        Recognised { reader, codec, header }
    }))
}

/// A source in memory.
#[derive(Debug)]
pub struct Loaded {
    pub(super) bytes: FileBytes,
    pub(super) codec: &'static Codec,
    pub(super) header: Header,
    pub(super) limits: Limits,
    /// When the file had last been modified when it was opened.
    pub(super) modified: Option<SystemTime>,
}

/// Opens and reads a source that nothing is to be done to yet.
pub(super) fn load(source: &Source, limits: &Limits) -> Result<Loaded, StageError> {
    let recognised = recognise(source, limits, &ReadProgress::default(), |_| true)?;
    recognised.ok_or_else(|| not_recognised(CodecError::Unrecognised))?.load(limits)
}

impl Recognised {
    /// Reads the whole source.
    pub fn load(self, limits: &Limits) -> Result<Loaded, StageError> {
        let Self { reader, codec, header } = self;
        let modified = reader.modified();
        let bytes = reader.read_all().map_err(|cause| cause.at(Stage::Read))?;
        Ok(Loaded { bytes, codec, header, limits: *limits, modified })
    }
}

impl Loaded {
    /// Decodes it, its sides divided by one of its codec's divisors.
    pub(super) fn decode(&self, divisor: u8, work: &mut Work<'_>) -> Result<codec::Decoded, StageError> {
        contain(&Cell::new(Stage::Decode), || {
            decode(&self.bytes, self.codec, &self.header, divisor, &self.limits, work)
        })
    }
}

/// Opens and reads a source.
///
/// # Errors
/// If it cannot be opened or read, or is too large.
pub fn read_source(source: &Source, limits: &Limits) -> Result<Vec<u8>, StageError> {
    let read = source.open(limits).and_then(Reader::read_all);
    read.map(FileBytes::into_vec).map_err(|cause| cause.at(Stage::Read))
}

/// A disk that fails fails the reading; everything else about a header is the decoder's business.
pub(super) fn not_recognised(error: CodecError) -> StageError {
    let stage = if matches!(error, CodecError::Io(_)) { Stage::Read } else { Stage::Decode };
    Cause::from(error).at(stage)
}
