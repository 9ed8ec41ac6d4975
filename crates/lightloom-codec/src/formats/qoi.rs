//! QOI, the Quite OK Image format: 8-bit RGB and RGBA.

use image::codecs::qoi::{QoiDecoder, QoiEncoder};

use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::{Buffers, Depth, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "qoi",
    title: "QOI",
    extensions: &["qoi"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| head.starts_with(b"qoif"),
    header,
    decode,
    write: Some(Writer { options: &[], encode, fit: |layout, _| (layout.coloured(), Depth::U8), embed: None }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&mut QoiDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(QoiDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, QoiEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
