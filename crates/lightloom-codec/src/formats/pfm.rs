//! Portable float maps: `PF` for RGB, `Pf` for grey, rows from the bottom up, linear light (P. Debevec's format).

use std::io::Read;

use crate::options::BACKGROUND;
use crate::shared::linear;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_param::{Colour, Parameters, parameters};
use lightloom_picture::{Buffers, Depth, Layout, Picture, Pixels, Raster};

pub(crate) static CODEC: Codec = Codec {
    id: "pfm",
    title: "PFM",
    extensions: &["pfm"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::F32],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| matches!(head, [b'P', b'F' | b'f', c, ..] if c.is_ascii_whitespace()),
    header,
    decode,
    decode_rows: None,
    write: Some(Writer {
        options: PfmOptions::SPECS,
        encode,
        fit: |layout, _| (layout.opaque(), Depth::F32),
        encode_rows: None,
        embed: None,
    }),
};

/// What stands before the floats.
struct Head {
    layout: Layout,
    width: u32,
    height: u32,
    little_endian: bool,
    /// Where the floats begin.
    at: usize,
}

fn head(bytes: &[u8]) -> Result<Head, CodecError> {
    let damaged = || CodecError::Damaged("its header is no PFM header".to_owned());
    let mut at = 0;
    let mut word = || {
        let begin = at + bytes[at..].iter().position(|b| !b.is_ascii_whitespace())?;
        let end = begin + bytes[begin..].iter().position(u8::is_ascii_whitespace)?;
        // One white space ends the last word; the floats follow.
        at = end + 1;
        std::str::from_utf8(&bytes[begin..end]).ok()
    };
    let layout = if word() == Some("PF") { Layout::Rgb } else { Layout::Grey };
    let width = word().and_then(|w| w.parse().ok()).ok_or_else(damaged)?;
    let height = word().and_then(|w| w.parse().ok()).ok_or_else(damaged)?;
    let scale: f64 = word().and_then(|w| w.parse().ok()).ok_or_else(damaged)?;
    Ok(Head { layout, width, height, little_endian: scale < 0.0, at })
}

parameters! {
    struct PfmOptions {
        background: Colour = BACKGROUND,
    }
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let mut bytes = Vec::new();
    input.take(256).read_to_end(&mut bytes)?;
    let head = head(&bytes)?;
    Ok(Header::new(head.width, head.height, head.layout, Depth::F32))
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let head = head(bytes)?;
    let shape = Header::new(head.width, head.height, head.layout, Depth::F32).stored;
    request.limits.check(shape)?;
    let data = bytes.get(head.at..).unwrap_or_default();
    if data.len() < 4 {
        return Err(CodecError::Damaged("its pixel data are missing".to_owned()));
    }
    let stride = head.width as usize * head.layout.channels();
    let mut samples = buffers.take::<f32>(stride * head.height as usize);
    for (row, data) in samples.rchunks_exact_mut(stride).zip(data.chunks(stride * 4)) {
        for (sample, raw) in row.iter_mut().zip(data.as_chunks::<4>().0) {
            *sample = if head.little_endian { f32::from_le_bytes(*raw) } else { f32::from_be_bytes(*raw) };
        }
    }
    let mut pixels = Pixels::from(Raster::new(head.width, head.height, head.layout, samples));
    linear::to_encoded(&mut pixels);
    let missing = (data.len() as u64) < shape.bytes();
    Ok(Decoded { pixels, partial: missing.then(|| "the file ends too early".to_owned()), notes: Vec::new() })
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let light = linear::of(picture);
    let Pixels::F32(raster) = &light.pixels else {
        return Err(CodecError::Encode { format: CODEC.title, reason: format!("{:?}", picture.pixels.shape()) });
    };
    let kind = if raster.layout() == Layout::Grey { "Pf" } else { "PF" };
    let mut bytes = format!("{kind}\n{} {}\n-1.0\n", raster.width(), raster.height()).into_bytes();
    for row in raster.samples().rchunks_exact(raster.stride()) {
        bytes.extend(row.iter().flat_map(|v| v.to_le_bytes()));
    }
    Ok(Encoded { bytes, notes: Vec::new() })
}
