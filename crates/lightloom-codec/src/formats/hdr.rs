//! Radiance HDR: linear light with an exponent that three 8-bit fractions share.

use image::codecs::hdr::{HdrDecoder, HdrEncoder};

use crate::options::BACKGROUND;
use crate::shared::image_crate;
use crate::shared::linear;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_param::{Colour, Parameters, parameters};
use lightloom_picture::{Buffers, Depth, Layout, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "hdr",
    title: "Radiance HDR",
    extensions: &["hdr", "pic", "rgbe"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::F32],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| head.starts_with(b"#?RADIANCE") || head.starts_with(b"#?RGBE"),
    header,
    decode,
    write: Some(Writer { options: HdrOptions::SPECS, encode, fit: |_, _| (Layout::Rgb, Depth::F32), embed: None }),
};

parameters! {
    struct HdrOptions {
        background: Colour = BACKGROUND,
    }
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&HdrDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut decoded = image_crate::decode(HdrDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)?;
    linear::to_encoded(&mut decoded.pixels);
    Ok(decoded)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let light = linear::of(picture);
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(&light, HdrEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
