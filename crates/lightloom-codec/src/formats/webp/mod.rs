//! WebP: decoded by image-webp, encoded lossy by libwebp.

use std::io::{Cursor, Read, SeekFrom};

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;

mod damaged;
mod embed;
mod encode;
pub(crate) mod frames;

use crate::decode::with_second_reader;
use crate::embed::{Embed, Holds};
use crate::shared::found::{Found, Kind};
use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request, Writer};
use damaged::Still;
use encode::WebpOptions;
use lightloom_param::Parameters;
use lightloom_picture::{Buffers, Depth, Layout, Metadata};

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
        encode: encode::encode,
        fit: |layout, _| (if layout.has_alpha() { Layout::Rgba } else { Layout::Rgb }, Depth::U8),
        encode_rows: Some(encode::encode_rows),
        embed: Some(Embed { holds: Holds::USUAL, write: embed::embed }),
    }),
};

fn open<R: std::io::BufRead + std::io::Seek>(input: R, limits: &Limits) -> Result<WebPDecoder<R>, CodecError> {
    let mut decoder = WebPDecoder::new(input)?;
    decoder.set_limits(image_crate::image_limits(limits))?;
    Ok(decoder)
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
