//! JPEG files that the usual way does not read: 12-bit and lossless ones of other depths; and damaged ones, through a
//! second, more forgiving reader (zune-jpeg), whose pictures always count as partial.

use libjpeg_turbo_rs::precision::{decompress_12bit_with_limits, decompress_lossless_arbitrary};
use libjpeg_turbo_rs::{DecodeLimits, JpegError};
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::markers::Markers;
use super::shrink::shrunk;
use crate::{CodecError, Decoded, Request};
use lightloom_picture::{Buffers, Depth, Layout, Pixels, Raster};

/// Decodes 12-bit (extended sequential) and 9 to 16-bit (lossless) files to 16 bits, scaled by the divisor.
///
/// # Errors
/// As the decoder's.
pub(crate) fn deep(
    bytes: &[u8],
    markers: &Markers,
    limits: &DecodeLimits,
    request: &Request<'_>,
) -> Result<Pixels, JpegError> {
    Ok(shrunk(deep_raster(bytes, markers, limits)?, request.divisor).into())
}

/// Decodes such a file at its full size.
///
/// # Errors
/// As the decoder's.
pub(crate) fn deep_raster(bytes: &[u8], markers: &Markers, limits: &DecodeLimits) -> Result<Raster<u16>, JpegError> {
    let precision = markers.precision;
    let white = (1_u32 << precision) - 1;
    let scale = |v: u32| ((v.min(white) * 65_535 + white / 2) / white) as u16;
    let raster = if markers.lossless {
        let image = decompress_lossless_arbitrary(bytes)?;
        let samples = image.data.iter().map(|v| scale(u32::from(*v))).collect();
        raster((image.width, image.height), image.num_components, samples)
    } else {
        let image = decompress_12bit_with_limits(bytes, limits)?;
        let samples = image.data.iter().map(|v| scale(u32::from(v.max(&0).unsigned_abs()))).collect();
        raster((image.width, image.height), image.num_components, samples)
    };
    raster.map_err(|what| JpegError::Unsupported(format!("{what} of {precision} bits")))
}

/// Decoded components as a raster; otherwise what cannot be one.
fn raster((width, height): (usize, usize), channels: usize, samples: Vec<u16>) -> Result<Raster<u16>, String> {
    let layout = match channels {
        1 => Layout::Grey,
        3 => Layout::Rgb,
        n => return Err(format!("JPEG with {n} components")),
    };
    if samples.len() != width * height * channels {
        return Err("JPEG in an unusual form".to_owned());
    }
    Ok(Raster::new(width as u32, height as u32, layout, samples))
}

/// Decodes what [`usual`](super::usual) could not, as far as it goes.
///
/// # Errors
/// As the decoder's.
pub(crate) fn forgiving(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let stored = request.header.stored;
    request.limits.check(stored)?;
    let (layout, colours) = match (stored.layout, stored.depth) {
        (Layout::Grey, Depth::U8) => (Layout::Grey, ColorSpace::Luma),
        (_, Depth::U8) => (Layout::Rgb, ColorSpace::RGB),
        (_, depth) => return Err(CodecError::Unsupported(format!("damaged JPEG with {depth} samples"))),
    };
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(stored.width as usize)
        .set_max_height(stored.height as usize)
        .jpeg_set_max_scans(request.limits.scans)
        .jpeg_set_out_colorspace(colours);
    let damaged = |error: DecodeErrors| CodecError::undecodable(error);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let (length, size) = (decoder.output_buffer_size(), decoder.info().map(|info| (info.width, info.height)));
    let fits = size.is_some_and(|(w, h)| (u32::from(w), u32::from(h)) == (stored.width, stored.height));
    let Some(length) = length.filter(|n| fits && *n as u64 == stored.pixels() * layout.channels() as u64) else {
        return Err(CodecError::Damaged("its size is ambiguous".to_owned()));
    };
    let mut samples = buffers.take_for_overwrite::<u8>(length);
    samples.fill(128);
    decoder.decode_into(&mut samples).map_err(damaged)?;
    Ok(Pixels::from(shrunk(Raster::new(stored.width, stored.height, layout, samples), request.divisor)).into())
}

/// Whether the end marker is there, behind the beginning of a scan; scans themselves cannot hold its bytes.
pub(crate) fn has_end(bytes: &[u8]) -> bool {
    let last = |code: u8| bytes.windows(2).rposition(|pair| pair == [0xff, code]);
    match (last(0xd9), last(0xda)) {
        (Some(end), Some(scan)) => end > scan,
        (end, _) => end.is_some(),
    }
}

impl From<JpegError> for CodecError {
    fn from(error: JpegError) -> Self {
        match error {
            JpegError::Unsupported(what) => Self::unread(what),
            JpegError::LimitExceeded { .. } | JpegError::AllocationFailed { .. } => Self::OverLimit(error.to_string()),
            other => Self::undecodable(other),
        }
    }
}
