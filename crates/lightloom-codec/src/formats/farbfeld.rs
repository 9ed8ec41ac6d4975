//! farbfeld: 16-bit RGBA without compression.

use image::codecs::farbfeld::{FarbfeldDecoder, FarbfeldEncoder};

use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::{Buffers, Depth, Layout, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "farbfeld",
    title: "farbfeld",
    extensions: &["ff"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U16],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| head.starts_with(b"farbfeld"),
    header,
    decode,
    decode_rows: None,
    write: Some(Writer {
        options: &[],
        encode,
        fit: |_, _| (Layout::Rgba, Depth::U16),
        encode_rows: None,
        embed: None,
    }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&FarbfeldDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(FarbfeldDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, FarbfeldEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
