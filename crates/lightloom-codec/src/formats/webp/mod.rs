//! WebP: decoded by image-webp, encoded lossy by libwebp.

use std::io::{Cursor, Read, SeekFrom};

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use img_parts::webp::WebP;
use img_parts::{Bytes, ImageEXIF, ImageICC};

mod damaged;
mod embed;
pub(crate) mod frames;

use crate::decode::with_second_reader;
use crate::embed::{Embed, Holds};
use crate::options::{MAX_KIB, QUALITY};
use crate::shared::found::{Found, Kind};
use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use damaged::Still;
use lightloom_param::{Parameters, integer, parameters, toggle};
use lightloom_picture::{Buffers, Depth, Layout, Metadata, Picture, Pixels, Raster};

pub(crate) static CODEC: Codec = Codec {
    id: "webp",
    title: "WebP",
    extensions: &["webp"],
    lossy: true,
    divisors: &[1],
    depths: &[Depth::U8],
    several: true,
    isolates: false,
    frames: Some(&frames::FRAMES),
    recognises: |head| head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"),
    header,
    decode,
    decode_rows: None,
    write: Some(Writer {
        options: WebpOptions::SPECS,
        encode,
        fit: |layout, _| (if layout.has_alpha() { Layout::Rgba } else { Layout::Rgb }, Depth::U8),
        encode_rows: None,
        embed: Some(Embed { holds: Holds::USUAL, write: embed::embed }),
    }),
};

fn open<R: std::io::BufRead + std::io::Seek>(input: R, limits: &Limits) -> Result<WebPDecoder<R>, CodecError> {
    let mut decoder = WebPDecoder::new(input)?;
    decoder.set_limits(image_crate::image_limits(limits))?;
    Ok(decoder)
}

parameters! {
    struct WebpOptions {
        quality: u8 = QUALITY.unless("lossless", &["true"]),
        max_kib: u32 = MAX_KIB.unless("lossless", &["true"]),
        lossless: bool = toggle(
            "Lossless",
            "Keeps every sample of 8 bits; quality and the largest size then count for nothing",
            false,
        ),
        method: u8 = integer("Effort", "0 is quick, 6 takes the most time for the smallest file", "", (0, 6), 4),
    }
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let length = input.seek(SeekFrom::End(0))?;
    input.rewind()?;
    let opened = open(&mut *input, limits).and_then(|decoder| image_crate::header(&decoder));
    let mut header = match opened {
        Ok(header) => header,
        // Chunks that are announced may be missing, and the end of the file with them.
        Err(error) => {
            input.rewind()?;
            let bytes = image_crate::read_all(input)?;
            let Some(still) = Still::of(&bytes) else { return Err(error) };
            let Ok(decoder) = open(Cursor::new(still.file(&[])), limits) else { return Err(error) };
            image_crate::header(&decoder)?
        }
    };
    input.seek(SeekFrom::Start(4))?;
    let mut claimed = [0; 4];
    input.read_exact(&mut claimed)?;
    if u64::from(u32::from_le_bytes(claimed)) + 8 > length {
        // Two pictures are compared, and the file is there a second time with what is filled in.
        header.decoder_bytes = 2 * header.stored.bytes() + 4 * header.stored.pixels() + length;
    }
    Ok(header.with(metadata(input).unwrap_or_default()))
}

/// Profile, Exif data and XMP, each in a chunk of its own (RFC 9649, section 2.7.1).
fn metadata(input: &mut dyn Input) -> std::io::Result<Metadata> {
    let mut found = Metadata::default();
    input.seek(SeekFrom::Start(12))?;
    loop {
        let mut head = [0; 8];
        if input.read_exact(&mut head).is_err() {
            return Ok(found);
        }
        let [kind @ .., l0, l1, l2, l3] = head;
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        let block = match &kind {
            b"ICCP" => Kind::Profile,
            b"EXIF" => Kind::Exif,
            b"XMP " => Kind::Xmp,
            _ => {
                input.seek_relative(i64::from(length) + i64::from(length & 1))?;
                continue;
            }
        };
        let mut content = Vec::new();
        (&mut *input).take(u64::from(length)).read_to_end(&mut content)?;
        // A profile says itself whether it is whole.
        if content.len() < length as usize && block != Kind::Profile {
            found.found_damaged(block);
            return Ok(found);
        }
        if let (Kind::Exif, Some(data)) = (block, content.strip_prefix(b"Exif\0\0")) {
            content = data.to_vec();
        }
        found.found(block, content);
        input.seek_relative(i64::from(length & 1))?;
    }
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut decoded = with_second_reader([usual, damaged::decode], bytes, request, buffers)?;
    let claimed = bytes.get(4..8).map_or(0, |b| u64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])) + 8);
    if claimed > bytes.len() as u64 && decoded.partial.is_none() {
        decoded.notes.push(crate::NO_END.to_owned());
    }
    Ok(decoded)
}

fn usual(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let layout = request.header.stored.layout;
    if let Some(first) = frames::first(bytes, request.limits) {
        return Ok(first?.into_layout(layout).into());
    }
    let opened = open(request.watch.bytes(bytes), request.limits);
    let plain = Still::of(bytes).filter(|still| opened.is_err() && still.is_whole()).map(|still| still.file(&[]));
    let decoder = match &plain {
        Some(plain) => open(request.watch.bytes(plain), request.limits)?,
        None => opened?,
    };
    let decoded = image_crate::decode(decoder, request.limits, buffers)?;
    Ok(Decoded { pixels: decoded.pixels.into_layout(layout), ..decoded })
}

/// For lossless files libwebp takes the quality for the time to spend, 0–100.
const LOSSLESS_EFFORT: f32 = 75.0;

/// Longest side that a WebP file can have.
const MAX_SIDE: u32 = 16_383;

fn failed(reason: impl ToString) -> CodecError {
    CodecError::Encode { format: CODEC.title, reason: reason.to_string() }
}

/// Refuses what the format cannot hold.
fn check_sides(width: u32, height: u32) -> Result<(), CodecError> {
    if width.max(height) <= MAX_SIDE {
        return Ok(());
    }
    Err(failed(format!("no side may be longer than {MAX_SIDE} pixels; add a resize or choose another format")))
}

/// A file of one picture without metadata.
fn encode_raster(raster: &Raster<u8>, options: &WebpOptions) -> Result<Vec<u8>, CodecError> {
    check_sides(raster.width(), raster.height())?;
    let encoder = match raster.layout() {
        Layout::Rgba => webp::Encoder::from_rgba(raster.samples(), raster.width(), raster.height()),
        _ => webp::Encoder::from_rgb(raster.samples(), raster.width(), raster.height()),
    };
    let mut config = webp::WebPConfig::new().map_err(|()| failed("libwebp has another version"))?;
    config.lossless = i32::from(options.lossless);
    config.quality = if options.lossless { LOSSLESS_EFFORT } else { f32::from(options.quality) };
    config.method = i32::from(options.method);
    // What is under transparent pixels belongs to the picture too.
    config.exact = i32::from(options.lossless);
    encoder.encode_advanced(&config).map(|bytes| bytes.to_vec()).map_err(|e| failed(format!("{e:?}")))
}

fn encode(picture: &Picture, options: &EncodeOptions) -> Result<Encoded, CodecError> {
    let Pixels::U8(raster) = &picture.pixels else { return Err(failed(format!("{:?}", picture.pixels.shape()))) };
    let bytes = encode_raster(raster, &options.read())?;
    let metadata = &picture.metadata;
    if metadata.exif.is_none() && metadata.icc.is_none() {
        return Ok(Encoded { bytes, notes: Vec::new() });
    }
    let mut container = WebP::from_bytes(Bytes::from(bytes)).map_err(failed)?;
    container.set_icc_profile(metadata.icc.clone().map(Bytes::from));
    container.set_exif(metadata.exif.clone().map(Bytes::from));
    Ok(Encoded { bytes: container.encoder().bytes().to_vec(), notes: Vec::new() })
}
