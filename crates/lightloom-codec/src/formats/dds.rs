//! DirectDraw surfaces: textures compressed as DXT1, DXT3 or DXT5.

use image::codecs::dds::DdsDecoder;

use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use lightloom_picture::{Buffers, Depth};

pub(crate) static CODEC: Codec = Codec {
    id: "dds",
    title: "DDS",
    extensions: &["dds"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    frames: None,
    recognises: |head| head.starts_with(b"DDS "),
    header,
    decode,
    write: None,
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&mut DdsDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(DdsDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}
