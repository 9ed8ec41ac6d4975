//! DirectDraw surfaces: textures compressed as DXT1, DXT3 or DXT5.

use image::codecs::dds::DdsDecoder;

use super::{Codec, CodecError, Decoded, Header, Input, Limits, Request, bridge};
use lightloom_picture::{Buffers, Depth};

pub(super) static CODEC: Codec = Codec {
    id: "dds",
    title: "DDS",
    extensions: &["dds"],
    lossy: false,
    export: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    recognises: |head| head.starts_with(b"DDS "),
    header,
    decode,
    write: None,
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    bridge::header(&mut DdsDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    bridge::decode(DdsDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}
