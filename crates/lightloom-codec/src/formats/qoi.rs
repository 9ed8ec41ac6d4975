//! QOI, the Quite OK Image format: 8-bit RGB and RGBA.

use image::codecs::qoi::{QoiDecoder, QoiEncoder};

use crate::decode::with_second_reader;
use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::{Buffers, Depth, Picture, Raster};

pub(crate) static CODEC: Codec = Codec {
    id: "qoi",
    title: "QOI",
    extensions: &["qoi"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| head.starts_with(b"qoif"),
    header,
    decode,
    decode_rows: None,
    write: Some(Writer {
        options: &[],
        encode,
        fit: |layout, _| (layout.coloured(), Depth::U8),
        encode_rows: None,
        embed: None,
    }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&QoiDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    with_second_reader([usual, forgiving], bytes, request, buffers)
}

fn usual(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(QoiDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

/// Decodes as far as the data go, by the QOI specification 1.0; the rest is transparent, or black.
fn forgiving(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    const HEADER: usize = 14;
    let stored = request.header.stored;
    request.limits.check(stored)?;
    let channels = stored.layout.channels();
    let mut samples = buffers.take::<u8>(stored.pixels() as usize * channels);
    samples.fill(0);
    let mut data = bytes.get(HEADER..).unwrap_or_default().iter().copied();
    let (mut seen, mut pixel, mut run) = ([[0_u8; 4]; 64], [0, 0, 0, 255], 0);
    let mut pixels = 0_u64;
    for to in samples.chunks_exact_mut(channels) {
        if run > 0 {
            run -= 1;
        } else {
            let Some(next) = coded(&mut data, pixel, &mut seen, &mut run) else { break };
            pixel = next;
        }
        to.copy_from_slice(&pixel[..channels]);
        pixels += 1;
    }
    if pixels == 0 {
        return Err(CodecError::Damaged("its pixel data are missing".to_owned()));
    }
    let share = 100.0 * pixels as f64 / stored.pixels() as f64;
    let partial = (pixels < stored.pixels()).then(|| format!("about {share:.0} % of the picture was decoded"));
    let pixels = Raster::new(stored.width, stored.height, stored.layout, samples).into();
    Ok(Decoded { pixels, partial, notes: Vec::new() })
}

/// The pixel of the next code; of a run the first, with those that follow in `run`. None at the end of the data.
fn coded(
    data: &mut impl Iterator<Item = u8>,
    [r, g, b, a]: [u8; 4],
    seen: &mut [[u8; 4]; 64],
    run: &mut u8,
) -> Option<[u8; 4]> {
    let code = data.next()?;
    let pixel = match (code >> 6, code & 63) {
        (3, 62) => [data.next()?, data.next()?, data.next()?, a],
        (3, 63) => [data.next()?, data.next()?, data.next()?, data.next()?],
        (3, more) => {
            *run = more;
            [r, g, b, a]
        }
        (0, index) => seen[usize::from(index)],
        (1, bits) => {
            let moved = |from: u8, shift: u8| from.wrapping_add(bits >> shift & 3).wrapping_sub(2);
            [moved(r, 4), moved(g, 2), moved(b, 0), a]
        }
        (_, green) => {
            let green = green.wrapping_sub(32);
            let others = data.next()?;
            let moved = |from: u8, bits: u8| from.wrapping_add(green).wrapping_add(bits).wrapping_sub(8);
            [moved(r, others >> 4), g.wrapping_add(green), moved(b, others & 15), a]
        }
    };
    let [r, g, b, a] = pixel.map(usize::from);
    seen[(r * 3 + g * 5 + b * 7 + a * 11) % 64] = pixel;
    Some(pixel)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, QoiEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Layout;

    /// Noise, gradients, runs and colours that come again, so that every code occurs.
    fn written(layout: Layout) -> (Raster<u8>, Vec<u8>) {
        let sample = |i: u32| match i / 700 % 4 {
            0 => (i.wrapping_mul(2_654_435_761) >> 24) as u8,
            1 => (i / 9) as u8,
            2 => 7,
            _ => (i / 4 % 3 * 90) as u8,
        };
        let raster = Raster::new(60, 40, layout, (0..60 * 40 * layout.channels() as u32).map(sample).collect());
        let picture = Picture::new(raster.clone().into());
        (raster, crate::encode(&CODEC, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes)
    }

    fn read(bytes: &[u8]) -> Result<Decoded, CodecError> {
        let limits = Limits::default();
        let (codec, header) = crate::header(bytes, &limits)?;
        crate::decode(codec, bytes, &header, 1, &limits, &mut Buffers::default())
    }

    #[test]
    fn damaged_files_are_decoded_as_far_as_they_go() {
        for layout in [Layout::Rgb, Layout::Rgba] {
            let (raster, mut bytes) = written(layout);
            let cut = read(&bytes[..bytes.len() * 2 / 3]).unwrap();
            let same = raster.samples().iter().zip(cut.pixels.bytes()).take_while(|(a, b)| a == b).count();
            assert!(same > raster.samples().len() / 2, "{same} of {}", raster.samples().len());
            let partial = cut.partial.unwrap();
            assert!(partial.contains(" % of the picture"), "{partial}");
            // A wrong end says nothing about the pixels.
            *bytes.last_mut().unwrap() = 9;
            let decoded = read(&bytes).unwrap();
            assert_eq!(decoded.pixels, raster.into());
            assert!(decoded.partial.is_some());
        }
    }
}
