//! JPEG through libjpeg-turbo-rs: scaled decoding by 2, 4 and 8, damaged files decoded as far as they go.

use std::io::Cursor;

use libjpeg_turbo_rs::{
    DecodeLimits, DecodeWarning, Decoder, Encoder, JpegError, PixelFormat, ScalingFactor, Subsampling,
};

use super::jpeg_markers::Markers;
use super::{Codec, CodecError, Decoded, Encoded, Header, Input, Limits, Request, Writer, jpeg_second};
use crate::picture::{Buffers, Depth, Layout, Metadata, Picture, Pixels, Raster};

pub(super) static CODEC: Codec = Codec {
    id: "jpeg",
    title: "JPEG",
    extensions: &["jpg", "jpeg", "jpe", "jfif"],
    lossy: true,
    export: true,
    divisors: &[1, 2, 4, 8],
    depths: &[Depth::U8, Depth::U16],
    several: false,
    recognises: |head| head.starts_with(&[0xff, 0xd8, 0xff]),
    header,
    decode,
    write: Some(Writer { encode, fit: |layout, _| (layout.opaque(), Depth::U8) }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let markers = Markers::read(input)?;
    let layout = match markers.components {
        1 => Layout::Grey,
        3 | 4 => Layout::Rgb,
        n => return Err(CodecError::Unsupported(format!("JPEG with {n} components"))),
    };
    let depth = match (markers.precision, markers.lossless) {
        (8, _) => Depth::U8,
        (12, false) | (9..=16, true) => Depth::U16,
        (n, _) => return Err(CodecError::Unsupported(format!("JPEG with {n} bits a sample"))),
    };
    let cmyk = markers.components == 4;
    // A CMYK profile says nothing about the RGB pixels that come out.
    let metadata = Metadata { exif: markers.exif, icc: markers.icc.filter(|_| !cmyk) };
    let mut header = Header::new(markers.width, markers.height, layout, depth).with(metadata);
    if cmyk {
        header.notes.push("CMYK was converted without its colour profile: colours are approximate".to_owned());
    }
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let limits = DecodeLimits {
        max_scans: request.limits.scans,
        // Pixels, planes and the coefficients of progressive files together.
        max_memory: Some(request.limits.decoded_bytes.saturating_mul(4)),
        ..DecodeLimits::default()
    };
    let mut notes = Vec::new();
    if !jpeg_second::has_end(bytes) {
        notes.push(super::NO_END.to_owned());
    }
    if request.header.stored.depth == Depth::U16 {
        let markers = Markers::read(&mut Cursor::new(bytes))?;
        let pixels = jpeg_second::deep(bytes, &markers, &limits, request)?;
        return Ok(Decoded { pixels, partial: None, notes });
    }
    match strict(bytes, limits, request, buffers) {
        Ok((pixels, None)) => Ok(Decoded { pixels, partial: None, notes }),
        Ok((pixels, partial)) => Ok(Decoded { pixels, partial, notes: Vec::new() }),
        // Whoever goes over a limit for one reader would for the other.
        Err(error @ (JpegError::LimitExceeded { .. } | JpegError::AllocationFailed { .. })) => Err(error.into()),
        Err(error) => match jpeg_second::forgiving(bytes, request, buffers) {
            Some(pixels) => {
                let partial = Some(format!("the file is damaged ({error}): a part of the picture may be wrong"));
                Ok(Decoded { pixels, partial, notes: Vec::new() })
            }
            None => Err(error.into()),
        },
    }
}

/// Decodes what keeps to the rules, and what ends too early. Says which part is missing.
fn strict(
    bytes: &[u8],
    limits: DecodeLimits,
    request: &Request<'_>,
    buffers: &mut Buffers,
) -> Result<(Pixels, Option<String>), JpegError> {
    let mut decoder = Decoder::new_with_limits(bytes, limits)?;
    let cmyk = decoder.header().components.len() == 4;
    let (layout, format) = match request.header.stored.layout {
        Layout::Grey => (Layout::Grey, PixelFormat::Grayscale),
        _ if cmyk => (Layout::Rgba, PixelFormat::Cmyk),
        _ => (Layout::Rgb, PixelFormat::Rgb),
    };
    decoder.set_output_format(format);
    decoder.set_lenient(true);
    decoder.set_scale(ScalingFactor::try_new(1, u32::from(request.divisor))?);
    let mut samples = buffers.take::<u8>(decoder.output_buffer_size()?);
    let info = decoder.decode_image_into(&mut samples)?;
    let (width, height) = (info.width as u32, info.height as u32);
    samples.truncate(info.bytes_written);
    let mut raster = Raster::new(width, height, layout, samples);
    if cmyk {
        raster = cmyk_to_rgb(&raster, buffers);
    }
    Ok((raster.into(), missing(&info.warnings)?))
}

/// Which part of the picture is missing, if any. A file of which nothing could be decoded is an error.
fn missing(warnings: &[DecodeWarning]) -> Result<Option<String>, JpegError> {
    for warning in warnings {
        match warning {
            DecodeWarning::TruncatedData { decoded_mcus: 0, .. } => {
                return Err(JpegError::CorruptData("its pixel data are missing".to_owned()));
            }
            DecodeWarning::TruncatedData { decoded_mcus, total_mcus } => {
                let percent = 100.0 * *decoded_mcus as f64 / *total_mcus as f64;
                return Ok(Some(format!("the file ends too early: about {percent:.0} % of the picture was decoded")));
            }
            DecodeWarning::HuffmanError { .. } => {
                return Ok(Some("the file is damaged: a part of the picture is wrong".to_owned()));
            }
            DecodeWarning::UnsupportedRecovered { detail } => return Err(JpegError::Unsupported(detail.clone())),
            _ => {}
        }
    }
    Ok(None)
}

/// Without a profile: each ink takes its share of the light. Adobe files store inks inverted, and so does this decoder
/// hand them out.
fn cmyk_to_rgb(inks: &Raster<u8>, buffers: &mut Buffers) -> Raster<u8> {
    let mut samples = buffers.take::<u8>(inks.width() as usize * inks.height() as usize * 3);
    for (rgb, ink) in samples.chunks_exact_mut(3).zip(inks.samples().chunks_exact(4)) {
        for (light, colour) in rgb.iter_mut().zip(ink) {
            *light = ((u32::from(*colour) * u32::from(ink[3]) + 127) / 255) as u8;
        }
    }
    Raster::new(inks.width(), inks.height(), Layout::Rgb, samples)
}

fn encode(picture: &Picture, quality: u8) -> Result<Encoded, CodecError> {
    let failed = |reason: String| CodecError::Encode { format: "JPEG", reason };
    let Pixels::U8(raster) = &picture.pixels else {
        return Err(failed(format!("{:?}", picture.pixels.shape())));
    };
    let format = if raster.layout() == Layout::Grey { PixelFormat::Grayscale } else { PixelFormat::Rgb };
    let mut encoder = Encoder::new(raster.samples(), raster.width() as usize, raster.height() as usize, format)
        .quality(quality)
        .subsampling(Subsampling::S420);
    if let Some(icc) = &picture.metadata.icc {
        encoder = encoder.icc_profile(icc);
    }
    let mut notes = Vec::new();
    match &picture.metadata.exif {
        // An APP1 segment has a 16-bit length.
        Some(exif) if exif.len() > 65_500 => {
            notes.push("the Exif data are too large for JPEG and were left out".to_owned());
        }
        Some(exif) => encoder = encoder.exif_data(exif),
        None => {}
    }
    let bytes = encoder.encode().map_err(|e| failed(e.to_string()))?;
    Ok(Encoded { bytes, notes })
}
