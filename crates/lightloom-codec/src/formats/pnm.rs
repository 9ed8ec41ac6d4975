//! The portable anymaps: PBM, PGM, PPM and PAM; written as PAM where alpha or 16 bits need it.

use image::codecs::pnm::{PnmDecoder, PnmEncoder};

use crate::options::{DEPTH, DepthChoice};
use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_param::{Parameters, parameters};
use lightloom_picture::{Buffers, Depth, Layout, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "pnm",
    title: "PNM",
    extensions: &["pnm", "ppm", "pgm", "pbm", "pam"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16],
    several: false,
    frames: None,
    recognises: |head| matches!(head, [b'P', b'1'..=b'7', c, ..] if c.is_ascii_whitespace() || *c == b'#'),
    header,
    decode,
    write: Some(Writer {
        options: PnmOptions::SPECS,
        encode,
        // The encoder writes no alpha beside 16-bit grey.
        fit: |layout, depth| match (layout, depth) {
            (Layout::GreyAlpha, Depth::U16 | Depth::F32) => (Layout::Rgba, Depth::U16),
            _ => (layout, depth.min(Depth::U16)),
        },
        embed: None,
    }),
};

parameters! {
    struct PnmOptions {
        depth: DepthChoice = DEPTH,
    }
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&mut PnmDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(PnmDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, PnmEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}
