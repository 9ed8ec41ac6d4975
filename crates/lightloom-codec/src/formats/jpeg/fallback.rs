//! JPEG files that the usual way does not read: 12-bit and lossless ones of other depths; and damaged ones, through a
//! second, more forgiving reader (zune-jpeg), whose pictures always count as partial.

use libjpeg_turbo_rs::precision::{decompress_12bit_with_limits, decompress_lossless_arbitrary};
use libjpeg_turbo_rs::{DecodeLimits, JpegError};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::markers::Markers;
use crate::{CodecError, Request};
use lightloom_picture::{Buffers, Layout, Pixels, Raster};

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
    let raster = raster.map_err(|what| JpegError::Unsupported(format!("{what} of {precision} bits")))?;
    Ok(shrunk(&raster, request.divisor).into())
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

/// Decodes what the strict reader refused, as far as it goes; `None` where this one refuses it too.
pub(crate) fn forgiving(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Option<Pixels> {
    let stored = request.header.stored;
    let (layout, colours) = match stored.layout {
        Layout::Grey => (Layout::Grey, ColorSpace::Luma),
        _ => (Layout::Rgb, ColorSpace::RGB),
    };
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(stored.width as usize)
        .set_max_height(stored.height as usize)
        .jpeg_set_max_scans(request.limits.scans)
        .jpeg_set_out_colorspace(colours);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let length = decoder.output_buffer_size()?;
    let info = decoder.info()?;
    let fits = (u32::from(info.width), u32::from(info.height)) == (stored.width, stored.height);
    if !fits || length as u64 != stored.pixels() * layout.channels() as u64 {
        return None;
    }
    let mut samples = buffers.take_for_overwrite::<u8>(length);
    samples.fill(128);
    decoder.decode_into(&mut samples).ok()?;
    Some(shrunk(&Raster::new(stored.width, stored.height, layout, samples), request.divisor).into())
}

/// Every so many-th pixel: for rare files, where the size must be what was asked for.
fn shrunk<S: lightloom_picture::Sample>(raster: &Raster<S>, divisor: u8) -> Raster<S> {
    let step = u32::from(divisor.max(1));
    let channels = raster.layout().channels();
    let (width, height) = (raster.width().div_ceil(step), raster.height().div_ceil(step));
    let mut samples = Vec::with_capacity(width as usize * height as usize * channels);
    for y in (0..raster.height()).step_by(step as usize) {
        for pixel in raster.row(y).chunks_exact(channels).step_by(step as usize) {
            samples.extend_from_slice(pixel);
        }
    }
    Raster::new(width, height, raster.layout(), samples)
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
            JpegError::Unsupported(what) => Self::Unsupported(what),
            JpegError::LimitExceeded { .. } | JpegError::AllocationFailed { .. } => {
                Self::Unsupported(error.to_string())
            }
            other => Self::Damaged(other.to_string()),
        }
    }
}
