//! JPEG: scaled decoding by 2, 4 and 8, damaged files decoded as far as they go. What nearly every photo is comes through
//! lightloom-jpeg, everything else through libjpeg-turbo-rs.

use std::borrow::Cow;
use std::io::Cursor;

use libjpeg_turbo_rs::{DecodeLimits, DecodeWarning, Decoder, JpegError, PixelFormat, ScalingFactor};

mod embed;
mod encode;
mod extended_xmp;
pub(crate) mod fallback;
mod gain_map;
pub(crate) mod markers;
mod multi_picture;
pub(crate) mod parts;
pub(crate) mod planes;
mod rebuilt;
mod scans;
mod segments;
mod shrink;

use crate::decode::{RowSink, guarded, with_second_reader};
use crate::embed::{Embed, Holds, Texts};
use crate::shared::inks;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request, Writer};
use lightloom_jpeg::decode::{Jpeg, Scale};
use lightloom_param::Parameters;
use lightloom_picture::colour::{Profile, Space};
use lightloom_picture::exif::{Exif, Section};
use lightloom_picture::{Buffers, Depth, Layout, Pixels, Raster};
use markers::Markers;
use scans::Scans;

/// The marker that a file begins with.
const START: &[u8] = &[0xff, 0xd8];

/// The marker that it ends with.
const END: &[u8] = &[0xff, 0xd9];

pub(crate) static CODEC: Codec = Codec {
    id: "jpeg",
    title: "JPEG",
    extensions: &["jpg", "jpeg", "jpe", "jfif", "mpo"],
    lossy: true,
    divisors: &[1, 2, 4, 8],
    depths: &[Depth::U8, Depth::U16],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| head.starts_with(START),
    header,
    decode,
    decode_rows: Some(decode_rows),
    write: Some(Writer {
        options: encode::JpegOptions::SPECS,
        encode: encode::encode,
        fit: |layout, _| (layout.opaque(), Depth::U8),
        encode_rows: Some(encode::encode_rows),
        embed: Some(Embed {
            holds: Holds { exif: LARGEST_EXIF, iptc: true, texts: Texts::Comments, gain_map: true, ..Holds::USUAL },
            write: embed::embed,
        }),
    }),
};

/// An APP1 segment has a 16-bit length, which counts itself and a name in front of the data too.
const LARGEST_EXIF: usize = 65_500;

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let mut head = [0; START.len() + 1];
    input.read_exact(&mut head)?;
    let markers = match Markers::read(input) {
        // Bytes that belong to no segment may follow the first marker, unless it was none.
        Err(CodecError::Damaged(_)) if head.last() != Some(&0xff) => return Err(CodecError::Unrecognised),
        markers => markers?,
    };
    let layout = match markers.components {
        1 => Layout::Grey,
        3 | 4 => Layout::Rgb,
        n => return Err(CodecError::Unsupported(format!("JPEG with {n} components"))),
    };
    let depth = match (markers.precision, markers.lossless) {
        (8, _) => Depth::U8,
        (12, false) | (9..=16, true) => Depth::U16,
        (n, _) => return Err(CodecError::Unsupported(format!("JPEG with {n} bits per sample"))),
    };
    let cmyk = markers.components == 4;
    let mut metadata = markers.metadata;
    // A CMYK profile says nothing about the RGB pixels that come out.
    let of_inks = if cmyk { metadata.icc.take() } else { None };
    if metadata.icc.is_none() && markers.components == 3 && metadata.exif.as_deref().is_some_and(names_adobe_rgb) {
        metadata.icc = Some(Profile::named(Space::AdobeRgb).bytes().to_vec());
    }
    let mut header = Header::new(markers.width, markers.height, layout, depth).with(metadata);
    if cmyk {
        header.notes.extend(inks::rule(of_inks.as_deref()).1);
    }
    header.chroma = markers.chroma.filter(|_| depth == Depth::U8);
    header.decodes_scaled = markers.sequential && depth == Depth::U8 && !cmyk;
    if !markers.sequential && !markers.lossless {
        // The coefficients of all scans are held, as 16 bits each.
        header.decoder_bytes = header.stored.pixels() * u64::from(markers.components) * 2;
    }
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let decoded = with_second_reader([usual, fallback::forgiving], bytes, request, buffers);
    match &decoded {
        Ok(Decoded { partial: None, .. }) => return decoded,
        Ok(_) | Err(CodecError::Damaged(_) | CodecError::Undecodable { .. } | CodecError::Panic(_)) => {}
        Err(_) => return decoded,
    }
    request.watch.check()?;
    // A part or nothing: more may come of the file without what does not belong there.
    let Some(Ok(again)) = rebuilt::rebuilt(bytes).map(|file| guarded(|| usual(&file, request, buffers))) else {
        return decoded;
    };
    let partial = again.partial.unwrap_or_else(|| STRAY.to_owned());
    Ok(Decoded { partial: Some(partial), ..again })
}

const STRAY: &str =
    "the file is damaged: bytes between its parts were passed over, and a part of the picture may be wrong";

/// Decodes what keeps to the rules, and what ends too early.
fn usual(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    if let Some(raster) = quick(bytes, request, buffers)? {
        return Ok(Pixels::from(raster).into());
    }
    let fits_whole = request.limits.check(request.header.stored).is_ok();
    let limits = DecodeLimits {
        max_scans: request.limits.scans,
        // Pixels, planes and the coefficients of progressive files together. The decoder estimates them for the whole size,
        // so they say nothing about a picture that is made smaller on the way.
        max_memory: fits_whole.then(|| request.limits.decoded_bytes.saturating_mul(4)),
        ..DecodeLimits::default()
    };
    let mut notes = Vec::new();
    if !fallback::has_end(bytes) {
        notes.push(crate::NO_END.to_owned());
    }
    if request.header.stored.depth == Depth::U16 {
        let markers = Markers::read(&mut Cursor::new(bytes))?;
        let pixels = fallback::deep(bytes, &markers, &limits, request)?;
        return Ok(Decoded { pixels, partial: None, notes });
    }
    // Without it, the decoder would not find the scans of a progressive file that are there.
    let ended = if notes.is_empty() { Cow::Borrowed(bytes) } else { Cow::Owned([bytes, END].concat()) };
    let Samples { raster, warnings, scans } = samples(&ended, limits, request, buffers)?;
    let is_coarse = scans.as_ref().is_some_and(|scans| !scans.complete);
    let partial = missing(&warnings, scans.as_ref())?.or_else(|| is_coarse.then(|| COARSE.to_owned()));
    if partial.is_some() {
        notes.clear();
    }
    let raster = if raster.layout() == Layout::Rgba { without_inks(raster, bytes, buffers) } else { raster };
    Ok(Decoded { pixels: raster.into(), partial, notes })
}

/// The scale that divides the sides by this.
fn scale(divisor: u8) -> Scale {
    match divisor {
        1 => Scale::Full,
        2 => Scale::Half,
        4 => Scale::Quarter,
        _ => Scale::Eighth,
    }
}

/// Decodes an undamaged file of the usual kind from top to bottom.
fn decode_rows(bytes: &[u8], request: &Request<'_>, _: &mut Buffers, rows: RowSink<'_>) -> bool {
    let Ok(jpeg) = Jpeg::new(bytes) else { return false };
    let mut go_on = || request.watch.check().is_ok();
    let scale = scale(request.divisor);
    if let Some(chroma) = request.chroma {
        let form = (scale, (chroma.columns as usize, chroma.rows as usize));
        return jpeg.decode_bands(form, request.split, &mut go_on, rows).is_ok();
    }
    jpeg.is_grey() == (request.header.stored.layout == Layout::Grey)
        && jpeg.decode_rows(scale, request.split, &mut go_on, rows).is_ok()
}

/// Decodes an undamaged file of the usual kind. None if it is another.
fn quick(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Option<Raster<u8>>, CodecError> {
    let scale = scale(request.divisor);
    let Ok(jpeg) = Jpeg::new(bytes) else { return Ok(None) };
    let (width, height) = jpeg.size(scale);
    let layout = if jpeg.is_grey() { Layout::Grey } else { Layout::Rgb };
    let mut samples = buffers.take_for_overwrite(width * height * layout.channels());
    let decoded = jpeg.decode(scale, &mut samples, request.split, &mut || request.watch.check().is_ok());
    request.watch.check()?;
    if decoded.is_err() {
        buffers.give(samples);
        return Ok(None);
    }
    Ok(Some(Raster::new(width as u32, height as u32, layout, samples)))
}

/// What a file holds.
struct Samples {
    /// Grey, RGB or, as four channels, inks.
    raster: Raster<u8>,
    warnings: Vec<DecodeWarning>,
    /// Of a progressive file.
    scans: Option<Scans>,
}

/// Decodes, scaled by the divisor.
fn samples(
    bytes: &[u8],
    limits: DecodeLimits,
    request: &Request<'_>,
    buffers: &mut Buffers,
) -> Result<Samples, CodecError> {
    let mut decoder = Decoder::new_with_limits(bytes, limits)?;
    decoder.set_lenient(true);
    // Where a progressive file has only its first scans.
    decoder.set_block_smoothing(true);
    let components = decoder.header().components.len();
    let scans = decoder.header().is_progressive.then(|| Scans::read(bytes, components));
    if planes::needed(decoder.header(), request.divisor) {
        request.limits.check(request.header.stored)?;
        let (raster, warnings) = planes::decode(decoder, buffers)?;
        return Ok(Samples { raster: shrink::shrunk(raster, request.divisor), warnings, scans });
    }
    let (layout, format) = match (request.header.stored.layout, components) {
        (Layout::Grey, _) => (Layout::Grey, PixelFormat::Grayscale),
        (_, 4) => (Layout::Rgba, PixelFormat::Cmyk),
        _ => (Layout::Rgb, PixelFormat::Rgb),
    };
    decoder.set_output_format(format);
    decoder.set_scale(ScalingFactor::try_new(1, u32::from(request.divisor))?);
    let mut samples = buffers.take::<u8>(decoder.output_buffer_size()?);
    let info = decoder.decode_image_into(&mut samples)?;
    samples.truncate(info.bytes_written);
    let raster = Raster::new(info.width as u32, info.height as u32, layout, samples);
    Ok(Samples { raster, warnings: info.warnings, scans })
}

/// Inks to RGB.
fn without_inks(inks: Raster<u8>, bytes: &[u8], buffers: &mut Buffers) -> Raster<u8> {
    let icc = Markers::read(&mut Cursor::new(bytes)).ok().and_then(|markers| markers.metadata.icc);
    let size = (inks.width(), inks.height());
    let mut samples = inks.into_samples();
    // Adobe files store inks inverted, and so does this decoder hand them out.
    samples.iter_mut().for_each(|ink| *ink = 255 - *ink);
    inks::to_srgb(&inks::rule(icc.as_deref()).0, size, samples, false, buffers)
}

/// What is missing where scans of a progressive file are.
const COARSE: &str = "the file ends too early: it lacks its last scans, so that the picture is coarse";

/// Which part of the picture is missing, if any. A file of which nothing could be decoded is an error.
fn missing(warnings: &[DecodeWarning], scans: Option<&Scans>) -> Result<Option<String>, JpegError> {
    for warning in warnings {
        match warning {
            DecodeWarning::TruncatedData { .. } if scans.is_some_and(|scans| scans.count > 1) => {
                return Ok(Some(COARSE.to_owned()));
            }
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

/// Whether a camera says by the file's Exif data that the samples are Adobe RGB: the only way that DCF 2.0 has, since its
/// files carry no profile. The interoperability index is R03, and the colour space is none that Exif knows.
fn names_adobe_rgb(exif: &[u8]) -> bool {
    Exif::parse(exif).is_some_and(|exif| {
        exif.text(Section::Interop, 0x0001).as_deref() == Some("R03")
            && exif.number(Section::Exif, 0xa001).is_some_and(|space| space != 1)
    })
}

/// A segment has a 16-bit length that counts itself.
const LARGEST_SEGMENT: usize = 65_533;
