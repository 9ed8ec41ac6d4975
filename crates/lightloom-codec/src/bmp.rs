//! Windows bitmaps: read, and written where the source is one.

use image::codecs::bmp::{BmpDecoder, BmpEncoder};

use super::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer, bridge};
use lightloom_picture::{Buffers, Depth, Layout, Picture};

pub(super) static CODEC: Codec = Codec {
    id: "bmp",
    title: "BMP",
    extensions: &["bmp", "dib"],
    lossy: false,
    export: true,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    recognises: |head| head.starts_with(b"BM"),
    header,
    decode,
    write: Some(Writer {
        encode,
        fit: |layout, _| (if layout == Layout::GreyAlpha { Layout::Rgba } else { layout }, Depth::U8),
        embed: None,
    }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    bridge::header(&mut BmpDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    bridge::decode(BmpDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = bridge::target(picture);
    let notes = bridge::encode(picture, BmpEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
