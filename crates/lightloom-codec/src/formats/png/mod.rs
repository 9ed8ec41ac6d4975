//! PNG: all depths and palettes in, 8 and 16 bits out.

use std::io::{Cursor, SeekFrom};

use image::codecs::png::PngDecoder;

mod chunks;
mod damaged;
mod encode;
pub(crate) mod frames;
mod inflate;
mod light;
mod plain;
mod rows;
mod text;

#[cfg(test)]
pub(crate) use chunks::chunk;

use crate::decode::with_second_reader;
use crate::embed::{Embed, Holds, Texts};
use crate::options::{COLOURS, DEPTH, DITHER, DepthChoice};
use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request, Writer};
use lightloom_param::{Parameters, choice, parameters, toggle};
use lightloom_picture::colour::PngColour;
use lightloom_picture::{Buffers, Depth, Pixels};

pub(crate) static CODEC: Codec = Codec {
    id: "png",
    title: "PNG",
    extensions: &["png", "apng"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16],
    several: true,
    isolates: false,
    frames: Some(&frames::FRAMES),
    recognises: |head| head.starts_with(b"\x89PNG\r\n\x1a\n"),
    header,
    decode,
    decode_rows: Some(|bytes, request, _, rows| plain::decode_rows(bytes, request.header, rows)),
    write: Some(Writer {
        options: PngOptions::SPECS,
        encode: encode::encode,
        fit: |layout, depth| (layout, depth.min(Depth::U16)),
        encode_rows: Some(encode::encode_rows),
        embed: Some(Embed { holds: Holds { iptc: true, texts: Texts::Keyed, ..Holds::USUAL }, write: chunks::embed }),
    }),
};

/// Bytes of unpacked data from which on they are not held together: a stream takes less memory than it costs time.
const MOST: usize = 256 << 20;

choice! {
    /// How much time goes into a smaller file.
    enum PngCompression {
        /// The best filter of each row, and a quick level of deflate.
        Normal = "normal" "Normal",
        /// One fixed filter and a compressor made for speed.
        Fast = "fast" "Fast",
        /// Several ways of coding are tried and the smallest is kept.
        Small = "small" "Smallest",
    }
}

parameters! {
    struct PngOptions {
        depth: DepthChoice = DEPTH,
        png_compression: PngCompression =
            choice("Compression", "Time for a smaller file; every choice keeps every sample"),
        palette: bool = toggle(
            "Palette",
            "Reduces the picture to a few colours, which makes drawings and screenshots much smaller",
            false,
        ),
        colours: u16 = COLOURS,
        dither: bool = DITHER,
    }
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let mut header = stored(input, limits)?;
    let Ok(mut chunks) = chunks::read(input) else { return Ok(header) };
    let (colour, light) = (std::mem::take(&mut chunks.colour), chunks.light);
    let metadata = chunks.into_metadata();
    let grey = header.stored.layout.colours() == 1;
    let (colours, notes) = PngColour { icc: metadata.icc.clone(), ..colour }.colours(grey);
    header.notes.extend(notes);
    header = header.with(metadata);
    header.take_colours(Some(colours));
    if let Some(hdr) = &mut header.metadata.hdr {
        hdr.light = light;
    }
    Ok(header)
}

/// What the decoder says of the pixels. A chunk in front of the pixels may be damaged.
fn stored(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let read = |input: &mut dyn Input| {
        image_crate::header(&PngDecoder::with_limits(input, image_crate::image_limits(limits))?)
    };
    let error = match read(input) {
        Err(error @ CodecError::Undecodable { .. }) => error,
        concluded => return concluded,
    };
    input.seek(SeekFrom::Start(0))?;
    let rebuilt = damaged::rebuilt(&image_crate::read_all(input)?).ok_or(error)?;
    read(&mut Cursor::new(rebuilt))
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    if let Some(raster) = plain::decode(bytes, buffers, &|| request.watch.check().is_ok()) {
        return Ok(Pixels::from(raster).into());
    }
    request.watch.check()?;
    with_second_reader([usual, damaged::decode], bytes, request, buffers)
}

/// Decodes what keeps to the rules, and what only lacks its end.
fn usual(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    // The last chunk, with its checksum.
    let is_ended = bytes.windows(8).rev().any(|w| w == b"IEND\xae\x42\x60\x82");
    let rebuilt = if is_ended { None } else { damaged::rebuilt(bytes) };
    let file = rebuilt.as_deref().unwrap_or(bytes);
    let decoder = PngDecoder::with_limits(request.watch.bytes(file), image_crate::image_limits(request.limits))?;
    let mut decoded = image_crate::decode(decoder, request.limits, buffers).map_err(|error| match error {
        // The data end where the file does.
        CodecError::Undecodable { detail, .. } if !is_ended => CodecError::Undecodable { why: ENDS.to_owned(), detail },
        error => error,
    })?;
    if !is_ended {
        decoded.notes.push(crate::NO_END.to_owned());
    }
    Ok(decoded)
}

const ENDS: &str = "it ends too early";
