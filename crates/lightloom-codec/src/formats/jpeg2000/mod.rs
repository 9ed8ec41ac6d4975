//! JPEG 2000 (JP2 files and bare codestreams), decoded by hayro-jpeg2000. Only read.

mod boxes;

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};

use crate::shared::found::{Found, Kind};
use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use lightloom_picture::{Buffers, Depth, Layout, Orientation, Pixels, Raster, Sample};

pub(crate) static CODEC: Codec = Codec {
    id: "jpeg2000",
    title: "JPEG 2000",
    extensions: &["jp2", "j2k", "j2c", "jpx", "jpf", "jpc"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16],
    several: false,
    isolates: true,
    frames: None,
    recognises: |head| head.starts_with(b"\0\0\0\x0cjP  ") || head.starts_with(&[0xff, 0x4f, 0xff, 0x51]),
    header,
    decode,
    decode_rows: None,
    write: None,
};

const STRICT: DecodeSettings = DecodeSettings { resolve_palette_indices: true, strict: true, target_resolution: None };

/// Bytes of memory for each sample: the decoder computes in floats, of which it holds two.
const SAMPLE: u64 = 8;

/// Components of the code stream, of which the picture may show only some (ISO/IEC 15444-1, A.5.1).
fn components(bytes: &[u8]) -> u16 {
    /// Start of the code stream, and of the segment with its sizes.
    const BEGIN: [u8; 4] = [0xff, 0x4f, 0xff, 0x51];
    /// Where the number stands behind that.
    const COUNT: usize = 40;
    let at = bytes.windows(4).position(|part| part == BEGIN).unwrap_or(0);
    let count = bytes.get(at + COUNT..).and_then(<[u8]>::first_chunk::<2>);
    count.map_or(1, |count| u16::from_be_bytes(*count).max(1))
}

fn open<'a>(bytes: &'a [u8], settings: &DecodeSettings) -> Result<Image<'a>, CodecError> {
    Image::new(bytes, settings).map_err(CodecError::undecodable)
}

fn form(image: &Image<'_>) -> Result<(Layout, Depth), CodecError> {
    let layout = match (image.color_space().num_channels(), image.has_alpha()) {
        (1, false) => Layout::Grey,
        (1, true) => Layout::GreyAlpha,
        (3 | 4, false) => Layout::Rgb,
        (3 | 4, true) => Layout::Rgba,
        (n, _) => return Err(CodecError::Unsupported(format!("JPEG 2000 with {n} colours"))),
    };
    Ok((layout, if image.original_bit_depth() > 8 { Depth::U16 } else { Depth::U8 }))
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let bytes = image_crate::read_all(input)?;
    let image = open(&bytes, &STRICT).or_else(|_| open(&bytes, &DecodeSettings::default()))?;
    let (layout, depth) = form(&image)?;
    let mut header = Header::new(image.width(), image.height(), layout, depth).with(boxes::metadata(&bytes));
    // The code stream is upright, as its standard has no other; Exif data are often copied from elsewhere.
    header.orientation = Orientation::Upright;
    header.decoder_bytes = header.stored.pixels().saturating_mul(u64::from(components(&bytes)) * SAMPLE);
    if header.decoder_bytes > limits.decoded_bytes.saturating_mul(4) {
        let (mib, components) = (header.decoder_bytes >> 20, components(&bytes));
        return Err(CodecError::OverLimit(format!("its {components} components would take {mib} MiB")));
    }
    match image.color_space() {
        // Of a space that the decoder knows by its number; another profile is among the boxes.
        ColorSpace::Icc { profile, num_channels: 1 | 3 } => header.metadata.found(Kind::Profile, profile.clone()),
        space if space.num_channels() == 4 => {
            // It says nothing about the RGB pixels that come out.
            header.metadata.icc = None;
            header.notes.push("CMYK was converted without its colour profile: colours are approximate".to_owned());
        }
        _ => {}
    }
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    // The decoder works in floats.
    request.limits.check(lightloom_picture::Shape { depth: Depth::F32, ..request.header.stored })?;
    let strict = open(bytes, &STRICT).and_then(|image| pixels(&image, buffers));
    match strict {
        Ok(pixels) => Ok(pixels.into()),
        Err(reason) => {
            let pixels = pixels(&open(bytes, &DecodeSettings::default())?, buffers)?;
            let partial = Some(format!("{reason}; a part of the picture may be wrong"));
            Ok(Decoded { pixels, partial, notes: Vec::new() })
        }
    }
}

fn pixels(image: &Image<'_>, buffers: &mut Buffers) -> Result<Pixels, CodecError> {
    let (layout, depth) = form(image)?;
    let (width, height) = (image.width(), image.height());
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(CodecError::undecodable)?;
    let planes: Vec<(&[f32], f32)> =
        decoded.components().iter().map(|c| (c.samples(), ((1_u64 << c.bit_depth().min(38)) - 1) as f32)).collect();
    let inks = image.color_space().num_channels() == 4;
    let count = width as usize * height as usize;
    let needed = layout.channels() + usize::from(inks);
    if planes.len() < needed || planes.iter().any(|(plane, _)| plane.len() < count) {
        return Err(CodecError::Damaged("its components do not fill the picture".to_owned()));
    }
    Ok(match depth {
        Depth::U8 => Raster::new(width, height, layout, weave::<u8>(&planes, layout, inks, count, buffers)).into(),
        _ => Raster::new(width, height, layout, weave::<u16>(&planes, layout, inks, count, buffers)).into(),
    })
}

/// Interleaves components of any range; inks each take their share of the light.
fn weave<S: Sample>(
    planes: &[(&[f32], f32)],
    layout: Layout,
    inks: bool,
    count: usize,
    buffers: &mut Buffers,
) -> Vec<S> {
    let mut samples = buffers.take_for_overwrite::<S>(count * layout.channels());
    for (i, pixel) in samples.chunks_exact_mut(layout.channels()).enumerate() {
        let unit = |c: usize| (planes[c].0[i] / planes[c].1).clamp(0.0, 1.0);
        for (c, sample) in pixel.iter_mut().enumerate() {
            *sample = S::from_unit(match (inks, c) {
                (true, 0..=2) => (1.0 - unit(c)) * (1.0 - unit(3)),
                (true, _) => unit(4),
                (false, _) => unit(c),
            });
        }
    }
    samples
}
