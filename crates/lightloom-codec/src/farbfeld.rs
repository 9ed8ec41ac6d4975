//! farbfeld: 16-bit RGBA without compression.

use image::codecs::farbfeld::{FarbfeldDecoder, FarbfeldEncoder};

use super::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer, bridge};
use lightloom_picture::{Buffers, Depth, Layout, Picture};

pub(super) static CODEC: Codec = Codec {
    id: "farbfeld",
    title: "farbfeld",
    extensions: &["ff"],
    lossy: false,
    export: true,
    divisors: &[1],
    depths: &[Depth::U16],
    several: false,
    recognises: |head| head.starts_with(b"farbfeld"),
    header,
    decode,
    write: Some(Writer { encode, fit: |_, _| (Layout::Rgba, Depth::U16), embed: None }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    bridge::header(&mut FarbfeldDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    bridge::decode(FarbfeldDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = bridge::target(picture);
    let notes = bridge::encode(picture, FarbfeldEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
