//! Decodes file bytes to an upright picture.

use lightloom_picture::{Buffers, Pixels, Work};

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
    let watch = &Watch::new(limits, work.stop);
    let decoded = watch.conclude((codec.decode)(bytes, &Request { header, divisor, limits, watch }, work.buffers))?;
    let pixels = header.without_transfer(decoded.pixels, work)?;
    Ok(Decoded { pixels: header.orientation.apply(pixels, work)?, ..decoded })
}
