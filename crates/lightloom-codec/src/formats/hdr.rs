//! Radiance HDR: linear light with an exponent that three 8-bit fractions share.

use image::ImageDecoder;
use image::codecs::hdr::{HdrDecoder, HdrEncoder};

use crate::decode::with_second_reader;
use crate::options::BACKGROUND;
use crate::shared::image_crate;
use crate::shared::linear;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_param::{Colour, Parameters, parameters};
use lightloom_picture::{Buffers, Depth, Layout, Picture, Pixels, Raster, Shape};

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
    decode_rows: None,
    write: Some(Writer {
        options: HdrOptions::SPECS,
        encode,
        fit: |_, _| (Layout::Rgb, Depth::F32),
        encode_rows: None,
        embed: None,
    }),
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
    with_second_reader([usual, damaged], bytes, request, buffers)
}

/// Decodes the rows in front of the damage. What is missing is black.
fn damaged(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let Shape { width, height, layout, .. } = request.header.stored;
    request.limits.check(request.header.stored)?;
    let row = width as usize * layout.channels();
    let mut samples = buffers.take::<f32>(row * height as usize);
    // No file holds these numbers, so that they show which rows the decoder has written.
    samples.fill(f32::NAN);
    let decoder = HdrDecoder::new(request.watch.bytes(bytes))?;
    if decoder.total_bytes() != request.header.stored.bytes() {
        return Err(CodecError::Damaged("its header is ambiguous".to_owned()));
    }
    let _why_it_ends = decoder.read_image(bytemuck::cast_slice_mut(&mut samples));
    request.watch.check()?;
    let rows = samples.chunks(row).take_while(|row| row.iter().all(|v| !v.is_nan())).count();
    if rows == 0 {
        return Err(CodecError::Damaged("its pixel data are missing".to_owned()));
    }
    samples[rows * row..].fill(0.0);
    let percent = 100.0 * rows as f64 / f64::from(height);
    let mut pixels = Pixels::from(Raster::new(width, height, layout, samples));
    linear::to_encoded(&mut pixels);
    Ok(Decoded { partial: Some(format!("about {percent:.0} % of the picture was decoded")), ..pixels.into() })
}

fn usual(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_truncated_file_the_rows_that_are_there_are_decoded() {
        let samples: Vec<f32> =
            (0..40 * 40 * 3_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as f32 / 99.0).collect();
        let picture = Picture::new(Raster::new(40, 40, Layout::Rgb, samples).into());
        let bytes = crate::encode(&CODEC, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes;
        let limits = Limits::default();
        let (_, header) = crate::header(&bytes, &limits).unwrap();
        let read = |bytes: &[u8]| crate::decode(&CODEC, bytes, &header, 1, &limits, &mut Buffers::default());
        let whole = read(&bytes).unwrap();
        assert_eq!(whole.partial, None);
        let row = whole.pixels.bytes().len() / 40;
        for share in [0.3, 0.6, 0.95] {
            let decoded = read(&bytes[..(bytes.len() as f64 * share) as usize]).unwrap();
            let rows = decoded.pixels.bytes().chunks(row).zip(whole.pixels.bytes().chunks(row));
            let same = rows.take_while(|(a, b)| a == b).count() as f64 / 40.0;
            assert!((share - 0.1..1.0).contains(&same), "{same} of the rows for {share} of the file");
            let partial = decoded.partial.unwrap();
            assert!(partial.contains("too early") && partial.contains(" % of the picture"), "{partial}");
        }
        assert!(read(&bytes[..70]).is_err());
    }
}
