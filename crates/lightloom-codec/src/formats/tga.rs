//! Truevision TGA. It has no signature, so it comes last in the table.

use image::codecs::tga::{TgaDecoder, TgaEncoder};

use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::{Buffers, Depth, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "tga",
    title: "TGA",
    extensions: &["tga", "icb", "vda", "vst"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    frames: None,
    recognises: looks_like_tga,
    header,
    decode,
    write: Some(Writer { options: &[], encode, fit: |layout, _| (layout, Depth::U8), embed: None }),
};

/// Whether the header's fields agree with each other (Truevision TGA File Format 2.0).
fn looks_like_tga(head: &[u8]) -> bool {
    let [_, map, kind, _, _, _, _, map_bits, _, _, _, _, w0, w1, h0, h1, bits, flags, ..] = head else { return false };
    let kind_fits = match map {
        0 => matches!(kind, 2 | 3 | 10 | 11) && *map_bits == 0,
        1 => matches!(kind, 1 | 9) && matches!(map_bits, 15 | 16 | 24 | 32),
        _ => false,
    };
    let bits_fit = match kind {
        1 | 9 => matches!(bits, 8 | 16),
        3 | 11 => matches!(bits, 8 | 16),
        _ => matches!(bits, 15 | 16 | 24 | 32),
    };
    kind_fits && bits_fit && flags & 0xc0 == 0 && (*w0, *w1) != (0, 0) && (*h0, *h1) != (0, 0)
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&mut TgaDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(TgaDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, TgaEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
