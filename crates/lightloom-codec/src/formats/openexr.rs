//! OpenEXR: floats in linear light, of which Rec. 709 primaries are assumed.

use image::codecs::openexr::{OpenExrDecoder, OpenExrEncoder};

use crate::shared::image_crate;
use crate::shared::linear;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::colour::hdr::DIFFUSE_WHITE;
use lightloom_picture::{Buffers, Depth, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "openexr",
    title: "OpenEXR",
    extensions: &["exr"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::F32],
    several: false,
    frames: None,
    recognises: |head| head.starts_with(&[0x76, 0x2f, 0x31, 0x01]),
    header,
    decode,
    write: Some(Writer { options: &[], encode, fit: |layout, _| (layout.coloured(), Depth::F32), embed: None }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&mut OpenExrDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut decoded = image_crate::decode(OpenExrDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)?;
    linear::to_encoded(&mut decoded.pixels);
    Ok(decoded)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let light = linear::of(picture);
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(&light, OpenExrEncoder::new(&mut target), CODEC.title)?;
    let mut bytes = target.into_inner();
    if picture.metadata.hdr.is_some() && state_white(&mut bytes, DIFFUSE_WHITE as f32).is_none() {
        let reason = "its header is none of one part".to_owned();
        return Err(CodecError::Encode { format: CODEC.title, reason });
    }
    Ok(Encoded { bytes, notes })
}

/// Adds the luminance of 1.0 in cd/m² to the header of a file with one part, as the attribute that OpenEXR has for it
/// (Technical Introduction to OpenEXR, "Optional Attributes"). None if it is no such file.
fn state_white(bytes: &mut Vec<u8>, luminance: f32) -> Option<()> {
    /// The first attribute stands behind signature and version.
    const FIRST: usize = 8;
    let attribute = [&b"whiteLuminance\0float\0\x04\0\0\0"[..], &luminance.to_le_bytes()].concat();
    let mut at = FIRST;
    // Attributes are name, type, size and content; an empty name ends them.
    while *bytes.get(at)? != 0 {
        for _ in 0..2 {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
        at += 4 + u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize;
    }
    // A table follows of where each block of rows begins, the first right behind the table.
    let table = at + 1;
    let place = |entry: &[u8; 8]| u64::from_le_bytes(*entry);
    let first = usize::try_from(place(bytes.get(table..)?.first_chunk()?)).ok()?;
    for entry in bytes.get_mut(table..first)?.as_chunks_mut::<8>().0 {
        *entry = (place(entry) + attribute.len() as u64).to_le_bytes();
    }
    bytes.splice(FIRST..FIRST, attribute);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::colour::Hdr;
    use lightloom_picture::colour::hdr::{HdrTransfer, Primaries};
    use lightloom_picture::{Layout, Metadata, Raster};

    #[test]
    fn the_luminance_of_white_is_stated_and_the_file_stays_whole() {
        let samples: Vec<f32> = (0..70 * 50 * 3).map(|i| (i % 97) as f32 / 30.0).collect();
        let pixels = Raster::new(70, 50, Layout::Rgb, samples).into();
        let encoded = |hdr: Option<Hdr>| {
            let metadata = Metadata { hdr, ..Metadata::default() };
            encode(&Picture { pixels: Clone::clone(&pixels), metadata }, &EncodeOptions::default()).unwrap().bytes
        };
        let (plain, stated) = (encoded(None), encoded(Some(Hdr::new(HdrTransfer::Pq, Primaries::Bt2020))));
        let read = |bytes: &[u8]| {
            let limits = Limits::default();
            let (codec, header) = crate::header(bytes, &limits).unwrap();
            crate::decode(codec, bytes, &header, 1, &limits, &mut Buffers::default()).unwrap().pixels
        };
        assert_eq!(read(&plain), read(&stated));
        let attribute = [&b"whiteLuminance\0float\0\x04\0\0\0"[..], &203_f32.to_le_bytes()].concat();
        assert!(stated.windows(attribute.len()).any(|part| part == attribute));
        for cut in 0..400 {
            let _ = state_white(&mut plain[..cut].to_vec(), 203.0);
        }
    }
}
