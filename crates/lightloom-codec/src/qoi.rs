//! QOI, the Quite OK Image format: 8-bit RGB and RGBA.

use image::codecs::qoi::{QoiDecoder, QoiEncoder};

use super::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer, bridge};
use lightloom_picture::{Buffers, Depth, Picture};

pub(super) static CODEC: Codec = Codec {
    id: "qoi",
    title: "QOI",
    extensions: &["qoi"],
    lossy: false,
    export: true,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    recognises: |head| head.starts_with(b"qoif"),
    header,
    decode,
    write: Some(Writer { encode, fit: |layout, _| (layout.coloured(), Depth::U8), embed: None }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    bridge::header(&mut QoiDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    bridge::decode(QoiDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = bridge::target(picture);
    let notes = bridge::encode(picture, QoiEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
