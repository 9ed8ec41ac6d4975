//! Windows bitmaps: read, and written where the source is one.

use image::codecs::bmp::{BmpDecoder, BmpEncoder};

use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::{Buffers, Depth, Layout, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "bmp",
    title: "BMP",
    extensions: &["bmp", "dib"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    frames: None,
    recognises: |head| head.starts_with(b"BM"),
    header,
    decode,
    write: Some(Writer {
        options: &[],
        encode,
        fit: |layout, _| (if layout == Layout::GreyAlpha { Layout::Rgba } else { layout }, Depth::U8),
        embed: None,
    }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&mut BmpDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(BmpDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, BmpEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
