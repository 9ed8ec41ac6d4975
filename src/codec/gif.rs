//! GIF: the first picture is read; written, with a palette of its own, where the source is one.

use std::io::Cursor;

use image::codecs::gif::{GifDecoder, GifEncoder};

use super::{Codec, CodecError, Decoded, Encoded, Header, Input, Limits, Request, Writer, bridge};
use crate::picture::{Buffers, Depth, Layout, Picture, Pixels};

pub(super) static CODEC: Codec = Codec {
    id: "gif",
    title: "GIF",
    extensions: &["gif"],
    lossy: false,
    export: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: true,
    recognises: |head| head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a"),
    header,
    decode,
    write: Some(Writer { encode, fit: |_, _| (Layout::Rgba, Depth::U8) }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let mut header = bridge::header(&mut GifDecoder::new(&mut *input)?)?;
    header.frames = count_pictures(input).max(1);
    if header.frames > 1 {
        header.notes.push("animated GIF: only the first picture is used".to_owned());
    }
    Ok(header)
}

/// Counts the pictures by walking the blocks (GIF89a, section 12) without decoding, as far as the file goes.
fn count_pictures(input: &mut dyn Input) -> u32 {
    let mut pictures = 0;
    let _ = walk(input, &mut pictures);
    pictures
}

fn walk(input: &mut dyn Input, pictures: &mut u32) -> std::io::Result<()> {
    use std::io::SeekFrom;
    fn byte(input: &mut dyn Input) -> std::io::Result<u8> {
        let mut byte = [0];
        input.read_exact(&mut byte)?;
        Ok(byte[0])
    }
    let skip = |input: &mut dyn Input, n: i64| input.seek_relative(n);
    // A colour table follows where bit 7 says so, of 3 × 2^(bits 0–2 + 1) bytes.
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    input.seek(SeekFrom::Start(10))?;
    let flags = byte(input)?;
    skip(input, 2 + table(flags))?;
    loop {
        match byte(input)? {
            0x21 => skip(input, 1)?,
            0x2c => {
                *pictures += 1;
                skip(input, 8)?;
                let flags = byte(input)?;
                skip(input, table(flags) + 1)?;
            }
            _ => return Ok(()),
        }
        loop {
            match byte(input)? {
                0 => break,
                length => skip(input, i64::from(length))?,
            }
        }
    }
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut decoded = bridge::decode(GifDecoder::new(Cursor::new(bytes))?, request.limits, buffers)?;
    let mut pictures = 0;
    if walk(&mut Cursor::new(bytes), &mut pictures).is_err() {
        decoded.notes.push(super::NO_END.to_owned());
    }
    Ok(decoded)
}

fn encode(picture: &Picture, _: u8) -> Result<Encoded, CodecError> {
    let failed = |reason: String| CodecError::Encode { format: CODEC.title, reason };
    let Pixels::U8(raster) = &picture.pixels else {
        return Err(failed(format!("{:?}", picture.pixels.shape())));
    };
    let mut target = bridge::target(picture);
    GifEncoder::new_with_speed(&mut target, 10)
        .encode(raster.samples(), raster.width(), raster.height(), image::ExtendedColorType::Rgba8)
        .map_err(|e| failed(e.to_string()))?;
    Ok(Encoded {
        bytes: target.into_inner(),
        notes: vec!["GIF holds 256 colours: the rest were approximated".to_owned()],
    })
}
