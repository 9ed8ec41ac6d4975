//! Decodes file bytes to an upright picture, and contains what decoders do to hostile ones.

use lightloom_picture::{Buffers, Chroma, Depth, Pixels, Planar, Stopped, Work, catch_panic};

use crate::watch::Watch;
use crate::{Codec, CodecError, Header, Limits};

/// Note for a file whose last bytes are missing.
pub(crate) const NO_END: &str = "the file's end is missing; its pixels are there";

/// What a decoder is asked for.
pub(crate) struct Request<'a> {
    pub header: &'a Header,
    /// One of the codec's divisors.
    pub divisor: u8,
    pub limits: &'a Limits,
    pub watch: &'a Watch<'a>,
    /// Whether threads of the rayon pool may share the work.
    pub split: bool,
    /// For a [`RowReader`]: bands of planes with this chroma are wanted in place of rows of pixels.
    pub chroma: Option<Chroma>,
}

/// Pixels, and whether they are all there.
#[derive(Debug)]
pub struct Decoded {
    pub pixels: Pixels,
    /// If the file is damaged: which part is missing.
    pub partial: Option<String>,
    /// Further notes for the person.
    pub notes: Vec<String>,
}

impl From<Pixels> for Decoded {
    fn from(pixels: Pixels) -> Self {
        Self { pixels, partial: None, notes: Vec::new() }
    }
}

/// Decodes the first picture of a file, not yet upright.
pub(crate) type Reader = fn(&[u8], &Request<'_>, &mut Buffers) -> Result<Decoded, CodecError>;

/// Decodes the first picture of a file, not yet upright, from top to bottom: calls the function with one or more whole rows
/// at a time, which it may change, until that says no. Returns whether the picture is all there. If it is not, the file is of
/// another kind, damaged, or over a limit, and what came of it is worth nothing.
pub(crate) type RowReader = fn(&[u8], &Request<'_>, &mut Buffers, RowSink<'_>) -> bool;

/// Takes rows; says whether more are wanted.
pub(crate) type RowSink<'a> = &'a mut (dyn FnMut(&mut [u8]) -> bool + Send);

/// Runs a part of a decoder. A panic, which libraries answer what they do not expect with, becomes an error.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, CodecError>) -> Result<T, CodecError> {
    catch_panic(work).unwrap_or_else(|message| Err(CodecError::Panic(message)))
}

/// Decodes by the first reader or, where that fails or panics, by the second, whose picture then counts as partial. What
/// is over a limit is so for both.
///
/// # Errors
/// As the first reader's, if the second fails too.
pub(crate) fn with_second_reader(
    [first, second]: [Reader; 2],
    bytes: &[u8],
    request: &Request<'_>,
    buffers: &mut Buffers,
) -> Result<Decoded, CodecError> {
    let error = match guarded(|| first(bytes, request, buffers)) {
        Err(
            error @ (CodecError::Damaged(_)
            | CodecError::Undecodable { .. }
            | CodecError::Unsupported(_)
            | CodecError::Panic(_)),
        ) => error,
        concluded => return concluded,
    };
    request.watch.check()?;
    let Ok(decoded) = guarded(|| second(bytes, request, buffers)) else { return Err(error) };
    let why = match error {
        CodecError::Damaged(why) => format!("the file is damaged ({why})"),
        CodecError::Undecodable { why, detail } => format!("the file is damaged ({why}; its decoder says: {detail})"),
        CodecError::Unsupported(why) => format!("a second decoder read the file, since the usual one cannot ({why})"),
        CodecError::Panic(why) => {
            format!("a second decoder read the file, since the usual one failed (internal error: {why})")
        }
        other => format!("a second decoder read the file, since the usual one failed ({other})"),
    };
    let which = decoded.partial.as_deref().unwrap_or("a part of the picture may be wrong");
    Ok(Decoded { partial: Some(format!("{why}: {which}")), ..decoded })
}

/// Decodes the first picture of a file and sets it upright. `divisor` is one of the codec's.
///
/// # Errors
/// If nothing useful can be decoded.
pub fn decode(
    codec: &Codec,
    bytes: &[u8],
    header: &Header,
    divisor: u8,
    limits: &Limits,
    buffers: &mut Buffers,
) -> Result<Decoded, CodecError> {
    decode_with(codec, bytes, header, divisor, limits, &mut Work { buffers, stop: &|| false, split: false })
}

/// As [`decode`], with what a worker lends.
///
/// # Errors
/// As [`decode`], and [`CodecError::Stopped`] once `work.stop` says so.
pub fn decode_with(
    codec: &Codec,
    bytes: &[u8],
    header: &Header,
    divisor: u8,
    limits: &Limits,
    work: &mut Work<'_>,
) -> Result<Decoded, CodecError> {
    limits.check_decoded(header, divisor)?;
    let watch = &Watch::new(limits, work.stop);
    let request = Request { header, divisor, limits, watch, split: work.split, chroma: None };
    let decoded = watch.conclude(guarded(|| (codec.decode)(bytes, &request, work.buffers)))?;
    let pixels = header.without_transfer(decoded.pixels, work)?;
    Ok(Decoded { pixels: header.orientation.apply(pixels, work)?, ..decoded })
}

/// Whether [`decode_rows`] may be tried on a file: its samples have 8 bits.
pub fn decodes_rows(codec: &Codec, header: &Header) -> bool {
    let is_plain = header.stored.depth == Depth::U8 && header.metadata.hdr.is_none();
    codec.decode_rows.is_some() && is_plain
}

/// The planes, not yet upright, that a file of which [`decodes_rows`] may be tried decodes to at `divisor` without a change
/// of colours; with chroma as coarse beside luma as it is stored, if that is all that is `wanted`.
pub fn planar(codec: &Codec, header: &Header, divisor: u8, wanted: Chroma) -> Option<Planar> {
    let stored = header.chroma.filter(|_| decodes_rows(codec, header))?;
    let side = |side: u32| side.div_ceil(u32::from(divisor.max(1)));
    let is_enough = wanted.columns >= stored.columns && wanted.rows >= stored.rows;
    // A picture that is made smaller can have chroma as fine as luma.
    let chroma = if divisor > 1 && !is_enough { Chroma::FULL } else { stored };
    Some(Planar { width: side(header.stored.width), height: side(header.stored.height), chroma })
}

/// Takes what is decoded, one or more whole rows or bands at a time, and may change it.
pub type TakeRows<'a> = &'a mut (dyn FnMut(&mut [u8]) -> Result<(), Stopped> + Send);

/// Decodes the first picture of a file from top to bottom as it is stored, to the same samples as [`decode_with`] before it
/// sets them upright, or, with `planar`, to the bands of its planes. Returns whether all came. If not, the file has to be decoded as a whole, and what was made of its
/// rows is worth nothing.
///
/// # Errors
/// If it is over a limit, and [`CodecError::Stopped`] once `work.stop` or `rows` says so.
pub fn decode_rows(
    (codec, bytes): (&Codec, &[u8]),
    header: &Header,
    (divisor, planar): (u8, Option<Planar>),
    limits: &Limits,
    work: &mut Work<'_>,
    rows: TakeRows<'_>,
) -> Result<bool, CodecError> {
    limits.check_decoded(header, divisor)?;
    let Some(read) = codec.decode_rows.filter(|_| decodes_rows(codec, header)) else { return Ok(false) };
    let watch = &Watch::new(limits, work.stop);
    let chroma = planar.map(|planar| planar.chroma);
    let request = Request { header, divisor, limits, watch, split: work.split, chroma };
    let mut is_stopped = false;
    let mut sink = |samples: &mut [u8]| {
        is_stopped |= rows(samples).is_err();
        !is_stopped
    };
    let is_whole = catch_panic(|| read(bytes, &request, work.buffers, &mut sink)).unwrap_or(false);
    if is_stopped || (work.stop)() {
        return Err(CodecError::Stopped);
    }
    Ok(is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::png;
    use lightloom_picture::{Depth, Layout, Raster};

    fn panics(bytes: &[u8], _: &Request<'_>, _: &mut Buffers) -> Result<Decoded, CodecError> {
        let beyond = bytes.len();
        panic!("no sample {}", bytes[beyond]);
    }

    fn damaged(_: &[u8], _: &Request<'_>, _: &mut Buffers) -> Result<Decoded, CodecError> {
        Err(CodecError::Damaged("its second half is missing".to_owned()))
    }

    fn over_limit(_: &[u8], _: &Request<'_>, _: &mut Buffers) -> Result<Decoded, CodecError> {
        Err(CodecError::OverLimit("9 scans".to_owned()))
    }

    fn grey(_: &[u8], _: &Request<'_>, _: &mut Buffers) -> Result<Decoded, CodecError> {
        Ok(Pixels::from(Raster::new(1, 1, Layout::Grey, vec![7_u8])).into())
    }

    fn read(readers: [Reader; 2]) -> Result<Decoded, CodecError> {
        let (header, limits) = (Header::new(1, 1, Layout::Grey, Depth::U8), Limits::default());
        let watch = &Watch::new(&limits, &|| false);
        let request = Request { header: &header, divisor: 1, limits: &limits, watch, split: false, chroma: None };
        with_second_reader(readers, b"bytes", &request, &mut Buffers::default())
    }

    #[test]
    fn a_decoder_that_panics_or_fails_hands_over_to_the_second_reader() {
        for (first, why) in [(panics as Reader, "index out of bounds"), (damaged, "its second half is missing")] {
            let decoded = read([first, grey]).unwrap();
            assert_eq!(decoded.pixels.to_rgba8(), [7, 7, 7, 255]);
            let partial = decoded.partial.unwrap();
            assert!(partial.contains(why) && partial.ends_with("a part of the picture may be wrong"), "{partial}");
        }
        assert_eq!(read([grey, panics]).unwrap().partial, None);
    }

    #[test]
    fn the_first_error_stands_where_the_second_reader_fails_or_the_file_is_over_a_limit() {
        let first = CodecError::Damaged("its second half is missing".to_owned());
        assert_eq!(read([damaged, panics]).unwrap_err(), first);
        assert!(
            matches!(read([panics, damaged]).unwrap_err(), CodecError::Panic(why) if why.contains("out of bounds"))
        );
        assert_eq!(read([over_limit, grey]).unwrap_err(), CodecError::OverLimit("9 scans".to_owned()));
    }

    #[test]
    fn a_panic_in_a_format_without_a_second_reader_is_an_error() {
        let codec = Codec { decode: panics, write: None, ..png::CODEC };
        let (header, limits) = (Header::new(1, 1, Layout::Grey, Depth::U8), Limits::default());
        let error = decode(&codec, b"bytes", &header, 1, &limits, &mut Buffers::default()).unwrap_err();
        assert!(matches!(&error, CodecError::Panic(why) if why.contains("out of bounds")), "{error}");
    }
}
