//! Windows icons and cursors: the largest picture is read; one of up to 256 × 256 pixels is written.

use image::codecs::ico::{IcoDecoder, IcoEncoder};

use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::{Buffers, Depth, Layout, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "ico",
    title: "ICO",
    extensions: &["ico", "cur"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    frames: None,
    recognises: |head| head.starts_with(&[0, 0, 1, 0]) || head.starts_with(&[0, 0, 2, 0]),
    header,
    decode,
    write: Some(Writer { options: &[], encode, fit: |_, _| (Layout::Rgba, Depth::U8), embed: None }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&mut IcoDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(IcoDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, IcoEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
