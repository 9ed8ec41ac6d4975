//! OpenEXR: floats in linear light, of which Rec. 709 primaries are assumed.

use image::codecs::openexr::{OpenExrDecoder, OpenExrEncoder};

use super::{
    Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer, bridge, linear,
};
use lightloom_picture::{Buffers, Depth, Picture};

pub(super) static CODEC: Codec = Codec {
    id: "openexr",
    title: "OpenEXR",
    extensions: &["exr"],
    lossy: false,
    export: true,
    divisors: &[1],
    depths: &[Depth::F32],
    several: false,
    recognises: |head| head.starts_with(&[0x76, 0x2f, 0x31, 0x01]),
    header,
    decode,
    write: Some(Writer { encode, fit: |layout, _| (layout.coloured(), Depth::F32), embed: None }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    bridge::header(&mut OpenExrDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut decoded = bridge::decode(OpenExrDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)?;
    linear::to_encoded(&mut decoded.pixels);
    Ok(decoded)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let light = linear::of(picture);
    let mut target = bridge::target(picture);
    let notes = bridge::encode(&light, OpenExrEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
