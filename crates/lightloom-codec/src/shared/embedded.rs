//! Whole files of one format within a file of another, such as the PNG files in icons.

use std::io::Cursor;

use crate::{Codec, CodecError, Decoded, Header, Limits, Request};
use lightloom_picture::Buffers;

/// The header of a file within another.
///
/// # Errors
/// As of a file by itself.
pub(crate) fn header(codec: &Codec, bytes: &[u8], limits: &Limits) -> Result<Header, CodecError> {
    if !(codec.recognises)(bytes) {
        return Err(CodecError::Damaged(format!("the {} within it is missing", codec.title)));
    }
    (codec.header)(&mut Cursor::new(bytes), limits)
}

/// Decodes a file within another.
///
/// # Errors
/// As of a file by itself.
pub(crate) fn decode(
    codec: &Codec,
    bytes: &[u8],
    request: &Request<'_>,
    buffers: &mut Buffers,
) -> Result<Decoded, CodecError> {
    let header = header(codec, bytes, request.limits)?;
    (codec.decode)(bytes, &Request { header: &header, divisor: 1, ..*request }, buffers)
}
