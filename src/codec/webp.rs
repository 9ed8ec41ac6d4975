//! WebP: decoded by image-webp, encoded lossy by libwebp.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use img_parts::webp::WebP;
use img_parts::{Bytes, ImageEXIF, ImageICC};

use super::{Codec, CodecError, Decoded, Encoded, Header, Input, Limits, Request, Writer, bridge};
use crate::picture::{Buffers, Depth, Layout, Picture, Pixels};

pub(super) static CODEC: Codec = Codec {
    id: "webp",
    title: "WebP",
    extensions: &["webp"],
    lossy: true,
    export: true,
    divisors: &[1],
    depths: &[Depth::U8],
    several: true,
    recognises: |head| head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"),
    header,
    decode,
    write: Some(Writer {
        encode,
        fit: |layout, _| (if layout.has_alpha() { Layout::Rgba } else { Layout::Rgb }, Depth::U8),
    }),
};

fn open<R: std::io::BufRead + std::io::Seek>(input: R, limits: &Limits) -> Result<WebPDecoder<R>, CodecError> {
    let mut decoder = WebPDecoder::new(input)?;
    decoder.set_limits(bridge::image_limits(limits))?;
    Ok(decoder)
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let mut decoder = open(&mut *input, limits)?;
    let animated = decoder.has_animation();
    let mut header = bridge::header(&mut decoder)?;
    drop(decoder);
    if animated {
        header.frames = count_pictures(input).max(1);
    }
    if header.frames > 1 {
        header.notes.push("animated WebP: only the first picture is used".to_owned());
    }
    Ok(header)
}

/// Counts the frame chunks (RFC 9649, section 2.7), as far as the file goes.
fn count_pictures(input: &mut dyn Input) -> u32 {
    let mut frames = 0;
    let mut walk = || -> std::io::Result<()> {
        input.seek(std::io::SeekFrom::Start(12))?;
        loop {
            let mut head = [0; 8];
            input.read_exact(&mut head)?;
            let [kind @ .., l0, l1, l2, l3] = head;
            frames += u32::from(&kind == b"ANMF");
            let length = i64::from(u32::from_le_bytes([l0, l1, l2, l3]));
            input.seek_relative(length + length % 2)?;
        }
    };
    let _ = walk();
    frames
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut decoded = bridge::decode(open(Cursor::new(bytes), request.limits)?, request.limits, buffers)?;
    let claimed = bytes.get(4..8).map_or(0, |b| u64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])) + 8);
    if claimed > bytes.len() as u64 {
        decoded.notes.push(super::NO_END.to_owned());
    }
    Ok(decoded)
}

/// Longest side that a WebP file can have.
const MAX_SIDE: u32 = 16_383;

fn encode(picture: &Picture, quality: u8) -> Result<Encoded, CodecError> {
    let failed = |reason: String| CodecError::Encode { format: CODEC.title, reason };
    let Pixels::U8(raster) = &picture.pixels else {
        return Err(failed(format!("{:?}", picture.pixels.shape())));
    };
    if raster.width().max(raster.height()) > MAX_SIDE {
        return Err(failed(format!(
            "no side may be longer than {MAX_SIDE} pixels; add a resize or choose another format"
        )));
    }
    let encoder = match raster.layout() {
        Layout::Rgba => webp::Encoder::from_rgba(raster.samples(), raster.width(), raster.height()),
        _ => webp::Encoder::from_rgb(raster.samples(), raster.width(), raster.height()),
    };
    let encoded = encoder.encode_simple(false, f32::from(quality)).map_err(|e| failed(format!("{e:?}")))?;
    let metadata = &picture.metadata;
    if metadata.exif.is_none() && metadata.icc.is_none() {
        return Ok(Encoded { bytes: encoded.to_vec(), notes: Vec::new() });
    }
    let mut container = WebP::from_bytes(Bytes::copy_from_slice(&encoded)).map_err(|e| failed(e.to_string()))?;
    container.set_icc_profile(metadata.icc.clone().map(Bytes::from));
    container.set_exif(metadata.exif.clone().map(Bytes::from));
    Ok(Encoded { bytes: container.encoder().bytes().to_vec(), notes: Vec::new() })
}
