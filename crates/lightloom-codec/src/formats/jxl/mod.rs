//! JPEG XL, decoded by jxl-rs. Only read.

mod boxes;
pub(crate) mod gain_map;

use jxl::api::{
    AlphaMode, Event, ExtraChannel, JxlBitDepth, JxlColorEncoding, JxlColorProfile, JxlColorType, JxlDataFormat,
    JxlDecoder, JxlDecoderOptions, JxlOutputBuffer, JxlPixelFormat, JxlPrimaries, JxlTransferFunction, JxlWhitePoint,
    ProfileLevel,
};

use crate::shared::found::{Found, Kind};
use crate::shared::{image_crate, inks};
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use lightloom_picture::colour::hdr::{ContentLight, ToneMapping};
use lightloom_picture::colour::{CodePoints, Profile};
use lightloom_picture::{Buffers, Depth, Layout, Orientation, Pixels, Raster, Sample, Shape};

pub(crate) static CODEC: Codec = Codec {
    id: "jxl",
    title: "JPEG XL",
    extensions: &["jxl"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16, Depth::F32],
    several: true,
    isolates: true,
    frames: None,
    recognises: |head| head.starts_with(&[0xff, 0x0a]) || head.starts_with(boxes::CONTAINER),
    header,
    decode,
    decode_rows: None,
    write: None,
};

fn error(error: jxl::error::Error) -> CodecError {
    CodecError::undecodable(error)
}

fn ends() -> CodecError {
    CodecError::Damaged("it ends too early".to_owned())
}

/// Bytes of memory for each sample: the decoder computes in floats, of which it holds two.
const SAMPLE: u64 = 8;

/// A decoder for a picture and frames of at most so many samples.
fn open(most_samples: u64, scan: bool) -> JxlDecoder {
    let mut options = JxlDecoderOptions::default();
    options.sample_limit = Some(usize::try_from(most_samples).unwrap_or(usize::MAX));
    options.alpha_mode = AlphaMode::Unpremultiplied;
    options.max_profile_level = ProfileLevel::Main10;
    options.scan_frames_only = scan;
    JxlDecoder::new(options)
}

/// The description of the picture.
struct Picture {
    /// What comes out.
    shape: Shape,
    /// Whether its colours are inks, of which black is an extra channel.
    is_cmyk: bool,
}

/// Reads up to the description of the picture.
fn begin(decoder: &mut JxlDecoder, input: &mut &[u8]) -> Result<Picture, CodecError> {
    loop {
        match decoder.process(input, None, None).map_err(error)? {
            Event::BasicInfo => break,
            Event::NeedMoreInput { .. } | Event::Complete => return Err(ends()),
            Event::FrameHeader | Event::FrameComplete { .. } => {}
        }
    }
    let (Some(info), Some(profile)) = (decoder.basic_info(), decoder.embedded_color_profile()) else {
        return Err(ends());
    };
    let alpha = info.extra_channels.iter().any(|c| c.ec_type == ExtraChannel::Alpha);
    let layout = match (profile.channels(), alpha) {
        (1, false) => Layout::Grey,
        (1, true) => Layout::GreyAlpha,
        (3 | 4, false) => Layout::Rgb,
        (3 | 4, true) => Layout::Rgba,
        (n, _) => return Err(CodecError::Unsupported(format!("JPEG XL with {n} colours"))),
    };
    let depth = match info.bit_depth {
        JxlBitDepth::Int { bits_per_sample: 0..=8 } => Depth::U8,
        JxlBitDepth::Int { bits_per_sample: 9..=16 } => Depth::U16,
        _ => Depth::F32,
    };
    let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let shape = Shape { width: side(info.size.0), height: side(info.size.1), layout, depth };
    Ok(Picture { shape, is_cmyk: profile.is_cmyk() })
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let bytes = image_crate::read_all(input)?;
    let mut rest = bytes.as_slice();
    let mut decoder = open(limits.decoded_bytes, false);
    let Picture { shape, is_cmyk } = begin(&mut decoder, &mut rest)?;
    limits.check(shape)?;
    let mut header = Header::new(shape.width, shape.height, shape.layout, shape.depth).with(boxes::metadata(&bytes));
    // The code stream says how to turn the picture, and the decoder does it; Exif only repeats it.
    header.orientation = Orientation::Upright;
    let channels = 3 + decoder.basic_info().map_or(0, |info| info.extra_channels.len() as u64);
    header.decoder_bytes = shape.pixels() * channels * SAMPLE;
    // The samples come in this colour space.
    if is_cmyk {
        header.notes.extend(inks::rule(cmyk_profile(&decoder).as_deref()).1);
    } else if let (Some(output), Some(embedded)) = (decoder.output_color_profile(), decoder.embedded_color_profile()) {
        take_profile(&mut header, output, embedded);
    }
    if let (Some(hdr), Some(info)) = (&mut header.metadata.hdr, decoder.basic_info()) {
        let max = f64::from(info.tone_mapping.intensity_target);
        // Encoders state the most that PQ can code where they know no better.
        hdr.light.content = (max < ToneMapping::MAX_PEAK).then_some(ContentLight { max, average: 0.0 });
    }
    if decoder.basic_info().is_some_and(|info| info.animation.is_some()) {
        header.frames = count(&bytes, limits).max(1);
        if header.frames > 1 {
            header.notes.push("animated JPEG XL: only the first picture is used".to_owned());
        }
    }
    Ok(header)
}

/// Takes the colour space in which the decoder hands out samples. It knows no other than simple ones for what was coded in
/// colours of its own, whatever profile the file holds.
fn take_profile(header: &mut Header, output: &JxlColorProfile, embedded: &JxlColorProfile) {
    match (code_points(output), output) {
        (Some(points), _) => header.take_colours(points.colours(header.stored.layout.colours() == 1)),
        (None, JxlColorProfile::Icc(icc)) => header.metadata.found(Kind::Profile, icc.clone()),
        (None, JxlColorProfile::Simple(_)) => match output.try_as_icc() {
            Some(icc) => header.metadata.found(Kind::Profile, icc.into_owned()),
            None => header.take_colours(None),
        },
    }
    if let (JxlColorProfile::Icc(icc), true) = (embedded, embedded != output) {
        let title = Profile::parse(icc).map_or_else(|_| "a damaged one".to_owned(), |icc| format!("'{}'", icc.title()));
        header.metadata.lost(format!("the colour profile ({title}), which the decoder replaces by sRGB"));
    }
}

/// A colour space as code points; none for one that has none.
fn code_points(profile: &JxlColorProfile) -> Option<CodePoints> {
    let (white, primaries, transfer) = match profile {
        JxlColorProfile::Simple(JxlColorEncoding::RgbColorSpace {
            white_point, primaries, transfer_function, ..
        }) => (white_point, Some(primaries), transfer_function),
        JxlColorProfile::Simple(JxlColorEncoding::GrayscaleColorSpace { white_point, transfer_function, .. }) => {
            (white_point, None, transfer_function)
        }
        _ => return None,
    };
    let primaries = match (white, primaries) {
        (JxlWhitePoint::D65, None | Some(JxlPrimaries::SRGB)) => 1,
        (JxlWhitePoint::D65, Some(JxlPrimaries::BT2100)) => 9,
        (JxlWhitePoint::D65, Some(JxlPrimaries::P3)) => 12,
        (JxlWhitePoint::DCI, Some(JxlPrimaries::P3)) => 11,
        _ => return None,
    };
    let transfer = match transfer {
        JxlTransferFunction::BT709 => 1,
        JxlTransferFunction::Linear => 8,
        JxlTransferFunction::SRGB => 13,
        JxlTransferFunction::PQ => 16,
        JxlTransferFunction::DCI => 17,
        JxlTransferFunction::HLG => 18,
        JxlTransferFunction::Gamma(_) => return None,
    };
    Some(CodePoints { primaries, transfer, matrix: 0, full_range: true })
}

/// Counts the pictures by their headers alone.
fn count(bytes: &[u8], limits: &Limits) -> u32 {
    let mut rest = bytes;
    let mut decoder = open(limits.decoded_bytes, true);
    for _ in 0..limits.frames {
        match decoder.process(&mut rest, None, None) {
            Ok(Event::Complete | Event::NeedMoreInput { .. }) | Err(_) => break,
            Ok(_) => {}
        }
    }
    decoder.scanned_frames().len() as u32
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut rest = bytes;
    // Frames may be larger than the picture, such as those that others copy from, but not by any factor.
    let stated = request.header.decoder_bytes / SAMPLE;
    let mut decoder = open((4 * stated + (16 << 20)).min(request.limits.decoded_bytes), false);
    let picture = begin(&mut decoder, &mut rest)?;
    request.limits.check(picture.shape)?;
    let u16 = JxlDataFormat::U16 { endianness: jxl::api::Endianness::native(), bit_depth: 16 };
    match picture.shape.depth {
        Depth::U8 => samples::<u8>(&picture, JxlDataFormat::U8 { bit_depth: 8 }, &mut decoder, rest, buffers),
        Depth::U16 => samples::<u16>(&picture, u16, &mut decoder, rest, buffers),
        Depth::F32 => samples::<f32>(&picture, JxlDataFormat::f32(), &mut decoder, rest, buffers),
    }
}

/// The profile of inks.
fn cmyk_profile(decoder: &JxlDecoder) -> Option<Vec<u8>> {
    decoder.embedded_color_profile()?.try_as_icc().map(std::borrow::Cow::into_owned)
}

fn samples<S: Sample + bytemuck::Pod>(
    &Picture { shape, is_cmyk }: &Picture,
    data: JxlDataFormat,
    decoder: &mut JxlDecoder,
    mut rest: &[u8],
    buffers: &mut Buffers,
) -> Result<Decoded, CodecError>
where
    Pixels: From<Raster<S>>,
{
    let extra = decoder.basic_info().map_or(&[][..], |info| &info.extra_channels);
    let alpha = extra.iter().position(|c| c.ec_type == ExtraChannel::Alpha).filter(|_| is_cmyk);
    let color_type = match shape.layout {
        _ if is_cmyk => JxlColorType::Cmyk,
        Layout::Grey => JxlColorType::Grayscale,
        Layout::GreyAlpha => JxlColorType::GrayscaleAlpha,
        Layout::Rgb => JxlColorType::Rgb,
        Layout::Rgba => JxlColorType::Rgba,
    };
    // Beside inks alpha comes in a buffer of its own.
    let extra_channel_format = (0..extra.len()).map(|i| (alpha == Some(i)).then_some(data)).collect();
    let format = JxlPixelFormat { color_type, color_data_format: Some(data), extra_channel_format };
    decoder.set_pixel_format(format).map_err(error)?;
    let pixels = shape.width as usize * shape.height as usize;
    let mut colours = buffers.take::<S>(pixels * color_type.samples_per_pixel());
    let mut alphas = buffers.take::<S>(if alpha.is_some() { pixels } else { 0 });
    colours.fill(S::default());
    alphas.fill(S::default());
    let mut targets = vec![bytemuck::cast_slice_mut(&mut colours)];
    if alpha.is_some() {
        targets.push(bytemuck::cast_slice_mut(&mut alphas));
    }
    let partial = run(decoder, &mut rest, &mut targets, shape.height as usize)?;
    if !is_cmyk {
        return Ok(Decoded {
            partial,
            ..Pixels::from(Raster::new(shape.width, shape.height, shape.layout, colours)).into()
        });
    }
    // 0 is the full ink here.
    let white = S::from_unit(1.0);
    let mut inks = buffers.take::<S>(pixels * (4 + usize::from(alpha.is_some())));
    let channels = inks.len() / pixels;
    for (i, (to, from)) in inks.chunks_exact_mut(channels).zip(colours.chunks_exact(4)).enumerate() {
        to[..4].copy_from_slice(from);
        to[..4].iter_mut().for_each(|ink| *ink = S::from_unit(white.to_unit() - ink.to_unit()));
        if let (Some(to), Some(alpha)) = (to.get_mut(4), alphas.get(i)) {
            *to = *alpha;
        }
    }
    buffers.give(colours);
    buffers.give(alphas);
    let rule = inks::rule(cmyk_profile(decoder).as_deref()).0;
    let raster = inks::to_srgb(&rule, (shape.width, shape.height), inks, alpha.is_some(), buffers);
    Ok(Decoded { partial, ..Pixels::from(raster).into() })
}

/// Decodes the first picture. Says what is missing, if a part of it is.
fn run(
    decoder: &mut JxlDecoder,
    rest: &mut &[u8],
    targets: &mut [&mut [u8]],
    rows: usize,
) -> Result<Option<String>, CodecError> {
    let mut begun = false;
    loop {
        let buffers = targets.iter_mut().map(|samples| {
            let stride = samples.len() / rows;
            JxlOutputBuffer::new_with_stride(samples, rows, stride, stride)
        });
        let mut target: Vec<_> = buffers.collect();
        let event = decoder.process(rest, Some(target.as_mut_slice()), None);
        let reason = match event {
            Ok(Event::FrameComplete { .. } | Event::Complete) => return Ok(None),
            Ok(Event::FrameHeader) => {
                begun = true;
                continue;
            }
            Ok(Event::BasicInfo) => continue,
            Ok(Event::NeedMoreInput { .. }) => ends(),
            Err(broken) => error(broken),
        };
        // What has come so far is drawn.
        if begun && decoder.flush_pixels(target.as_mut_slice(), None).unwrap_or(false) {
            return Ok(Some(format!("{reason}: a part of the picture is missing")));
        }
        return Err(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_spaces_are_code_points_where_they_have_some() {
        let JxlColorEncoding::RgbColorSpace { rendering_intent, .. } = JxlColorEncoding::srgb(false) else {
            panic!("sRGB is a space of colours")
        };
        let codes = |white_point, primaries, transfer_function| {
            let encoding =
                JxlColorEncoding::RgbColorSpace { white_point, primaries, transfer_function, rendering_intent };
            code_points(&JxlColorProfile::Simple(encoding)).map(|points| (points.primaries, points.transfer))
        };
        assert_eq!(codes(JxlWhitePoint::D65, JxlPrimaries::SRGB, JxlTransferFunction::SRGB), Some((1, 13)));
        assert_eq!(codes(JxlWhitePoint::D65, JxlPrimaries::BT2100, JxlTransferFunction::PQ), Some((9, 16)));
        assert_eq!(codes(JxlWhitePoint::D65, JxlPrimaries::P3, JxlTransferFunction::HLG), Some((12, 18)));
        assert_eq!(codes(JxlWhitePoint::E, JxlPrimaries::SRGB, JxlTransferFunction::SRGB), None);
        assert_eq!(codes(JxlWhitePoint::D65, JxlPrimaries::SRGB, JxlTransferFunction::Gamma(0.5)), None);
        let grey = code_points(&JxlColorProfile::Simple(JxlColorEncoding::srgb(true)));
        assert_eq!(grey.and_then(|points| points.colours(true)), Some(lightloom_picture::colour::Colours::Srgb));
        assert_eq!(code_points(&JxlColorProfile::Icc(vec![1])), None);
    }

    #[test]
    fn profiles_are_handed_on_and_those_that_the_decoder_replaces_are_named() {
        let srgb = JxlColorProfile::Simple(JxlColorEncoding::srgb(false));
        let own = Profile::named(lightloom_picture::colour::Space::DisplayP3);
        let taken = |output: &JxlColorProfile, embedded: &[u8]| {
            let mut header = Header::new(1, 1, Layout::Rgb, Depth::U8);
            take_profile(&mut header, output, &JxlColorProfile::Icc(embedded.to_vec()));
            (header.metadata.icc, header.metadata.left_out)
        };
        for icc in [own.bytes(), b"no profile"] {
            let output = JxlColorProfile::Icc(icc.to_vec());
            assert_eq!(taken(&output, icc), (Some(icc.to_vec()), Vec::new()));
        }
        for (icc, name) in [(own.bytes(), "'Display P3'"), (b"no profile", "a damaged one")] {
            let (found, named) = taken(&srgb, icc);
            assert!(found.is_none() && named.len() == 1 && named[0].contains(name), "{named:?}");
        }
    }
}
