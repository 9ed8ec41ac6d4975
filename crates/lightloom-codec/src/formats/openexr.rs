//! OpenEXR: floats in linear light, of which Rec. 709 primaries are assumed.

use image::codecs::openexr::{OpenExrDecoder, OpenExrEncoder};

use crate::shared::image_crate;
use crate::shared::linear;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::{Buffers, Depth, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "openexr",
    title: "OpenEXR",
    extensions: &["exr"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::F32],
    several: false,
    frames: None,
    recognises: |head| head.starts_with(&[0x76, 0x2f, 0x31, 0x01]),
    header,
    decode,
    write: Some(Writer { options: &[], encode, fit: |layout, _| (layout.coloured(), Depth::F32), embed: None }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&mut OpenExrDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut decoded = image_crate::decode(OpenExrDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)?;
    linear::to_encoded(&mut decoded.pixels);
    Ok(decoded)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let light = linear::of(picture);
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(&light, OpenExrEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
