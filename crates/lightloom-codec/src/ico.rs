//! Windows icons and cursors: the largest picture is read; one of up to 256 × 256 pixels is written.

use image::codecs::ico::{IcoDecoder, IcoEncoder};

use super::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer, bridge};
use lightloom_picture::{Buffers, Depth, Layout, Picture};

pub(super) static CODEC: Codec = Codec {
    id: "ico",
    title: "ICO",
    extensions: &["ico", "cur"],
    lossy: false,
    export: true,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    recognises: |head| head.starts_with(&[0, 0, 1, 0]) || head.starts_with(&[0, 0, 2, 0]),
    header,
    decode,
    write: Some(Writer { encode, fit: |_, _| (Layout::Rgba, Depth::U8), embed: None }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    bridge::header(&mut IcoDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    bridge::decode(IcoDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = bridge::target(picture);
    let notes = bridge::encode(picture, IcoEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
