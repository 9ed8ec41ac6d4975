//! Radiance HDR: linear light with an exponent that three 8-bit fractions share.

use image::codecs::hdr::{HdrDecoder, HdrEncoder};

use super::{
    Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer, bridge, linear,
};
use lightloom_picture::{Buffers, Depth, Layout, Picture};

pub(super) static CODEC: Codec = Codec {
    id: "hdr",
    title: "Radiance HDR",
    extensions: &["hdr", "pic", "rgbe"],
    lossy: false,
    export: true,
    divisors: &[1],
    depths: &[Depth::F32],
    several: false,
    recognises: |head| head.starts_with(b"#?RADIANCE") || head.starts_with(b"#?RGBE"),
    header,
    decode,
    write: Some(Writer { encode, fit: |_, _| (Layout::Rgb, Depth::F32), embed: None }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    bridge::header(&mut HdrDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut decoded = bridge::decode(HdrDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)?;
    linear::to_encoded(&mut decoded.pixels);
    Ok(decoded)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let light = linear::of(picture);
    let mut target = bridge::target(picture);
    let notes = bridge::encode(&light, HdrEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
