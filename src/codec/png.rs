//! PNG: all depths and palettes in, 8 and 16 bits out.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};

use super::{Codec, CodecError, Decoded, Encoded, Header, Input, Limits, Request, Writer, bridge};
use crate::picture::{Buffers, Depth, Metadata, Picture};

pub(super) static CODEC: Codec = Codec {
    id: "png",
    title: "PNG",
    extensions: &["png", "apng"],
    lossy: false,
    export: true,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16],
    several: true,
    recognises: |head| head.starts_with(b"\x89PNG\r\n\x1a\n"),
    header,
    decode,
    write: Some(Writer { encode, fit: |layout, depth| (layout, depth.min(Depth::U16)) }),
};

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let mut decoder = PngDecoder::with_limits(&mut *input, bridge::image_limits(limits))?;
    let mut header = bridge::header(&mut decoder)?;
    if decoder.is_apng()? {
        header.frames = 2;
        header.notes.push("animated PNG: only the first picture is used".to_owned());
    }
    if header.frames > 1 {
        header.frames = count_pictures(input).unwrap_or(1).max(1);
    }
    if header.metadata.exif.is_none() {
        let exif = late_exif(input).unwrap_or_default();
        let mut metadata = Metadata { exif, icc: None };
        header.orientation = metadata.take_orientation();
        header.metadata.exif = metadata.exif;
    }
    Ok(header)
}

/// What the animation control chunk says (PNG 3, 11.3.6.1): frames, which may leave the still picture out.
fn count_pictures(input: &mut dyn Input) -> std::io::Result<u32> {
    use std::io::SeekFrom;
    input.seek(SeekFrom::Start(8))?;
    loop {
        let mut head = [0; 12];
        input.read_exact(&mut head)?;
        let [l3, l2, l1, l0, kind @ .., n3, n2, n1, n0] = head;
        match &kind {
            b"acTL" => return Ok(u32::from_be_bytes([n3, n2, n1, n0])),
            b"IDAT" | b"IEND" => return Ok(1),
            // A chunk and its checksum, of which the first four bytes are read.
            _ => input.seek_relative(i64::from(u32::from_be_bytes([l3, l2, l1, l0])))?,
        }
    }
}

/// The eXIf chunk may follow the pixel data, where the decoder does not look before it has decoded them.
fn late_exif(input: &mut dyn Input) -> std::io::Result<Option<Vec<u8>>> {
    use std::io::{Read, SeekFrom};
    input.seek(SeekFrom::Start(8))?;
    loop {
        let mut head = [0; 8];
        input.read_exact(&mut head)?;
        let [l3, l2, l1, l0, kind @ ..] = head;
        let length = u32::from_be_bytes([l3, l2, l1, l0]);
        match &kind {
            b"eXIf" => {
                let mut exif = Vec::new();
                input.take(u64::from(length)).read_to_end(&mut exif)?;
                return Ok((exif.len() == length as usize).then_some(exif));
            }
            b"IEND" => return Ok(None),
            // A chunk and its checksum.
            _ => input.seek_relative(i64::from(length) + 4)?,
        };
    }
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), bridge::image_limits(request.limits))?;
    let mut decoded = bridge::decode(decoder, request.limits, buffers)?;
    // The last chunk, with its checksum.
    if !bytes.windows(8).rev().any(|w| w == b"IEND\xae\x42\x60\x82") {
        decoded.notes.push(super::NO_END.to_owned());
    }
    Ok(decoded)
}

fn encode(picture: &Picture, _: u8) -> Result<Encoded, CodecError> {
    let mut target = bridge::target(picture);
    let encoder = PngEncoder::new_with_quality(&mut target, CompressionType::Level(2), FilterType::Adaptive);
    let notes = bridge::encode(picture, encoder, CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
