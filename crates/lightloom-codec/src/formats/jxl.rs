//! JPEG XL, decoded by jxl-rs. Only read.

use jxl::api::{
    AlphaMode, Event, ExtraChannel, JxlBitDepth, JxlColorEncoding, JxlColorProfile, JxlColorType, JxlDataFormat,
    JxlDecoder, JxlDecoderOptions, JxlOutputBuffer, JxlPixelFormat, JxlPrimaries, JxlTransferFunction, JxlWhitePoint,
    ProfileLevel,
};

use crate::formats::tiff::file;
use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use lightloom_picture::colour::CodePoints;
use lightloom_picture::colour::hdr::{ContentLight, ToneMapping};
use lightloom_picture::{Buffers, Depth, Layout, Metadata, Orientation, Pixels, Raster, Shape};

pub(crate) static CODEC: Codec = Codec {
    id: "jxl",
    title: "JPEG XL",
    extensions: &["jxl"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16, Depth::F32],
    several: true,
    frames: None,
    recognises: |head| head.starts_with(&[0xff, 0x0a]) || head.starts_with(CONTAINER),
    header,
    decode,
    write: None,
};

/// How a file begins that holds boxes rather than the bare code stream (ISO/IEC 18181-2).
const CONTAINER: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n";

fn error(error: jxl::error::Error) -> CodecError {
    CodecError::Damaged(error.to_string())
}

fn ends() -> CodecError {
    CodecError::Damaged("it ends too early".to_owned())
}

fn open(limits: &Limits, scan: bool) -> JxlDecoder {
    let mut options = JxlDecoderOptions::default();
    options.sample_limit = Some(usize::try_from(limits.decoded_bytes).unwrap_or(usize::MAX));
    options.alpha_mode = AlphaMode::Unpremultiplied;
    options.max_profile_level = ProfileLevel::Main10;
    options.scan_frames_only = scan;
    JxlDecoder::new(options)
}

/// Reads up to the description of the picture.
fn begin(decoder: &mut JxlDecoder, input: &mut &[u8]) -> Result<Shape, CodecError> {
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
        (3, false) => Layout::Rgb,
        (3, true) => Layout::Rgba,
        (n, _) => return Err(CodecError::Unsupported(format!("JPEG XL with {n} colours"))),
    };
    if profile.is_cmyk() {
        return Err(CodecError::Unsupported("JPEG XL with CMYK".to_owned()));
    }
    let depth = match info.bit_depth {
        JxlBitDepth::Int { bits_per_sample: 0..=8 } => Depth::U8,
        JxlBitDepth::Int { bits_per_sample: 9..=16 } => Depth::U16,
        _ => Depth::F32,
    };
    let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Shape { width: side(info.size.0), height: side(info.size.1), layout, depth })
}

/// Exif data and XMP, which stand in boxes of the container, the first of each; and what is there but not read.
fn boxes(bytes: &[u8]) -> (Metadata, Vec<String>) {
    let (mut found, mut notes) = (Metadata::default(), Vec::new());
    let mut rest = if bytes.starts_with(CONTAINER) { bytes } else { &[] };
    while let Some((&[s0, s1, s2, s3, ref kind @ ..], body)) = rest.split_first_chunk::<8>() {
        let (head, size) = match (u32::from_be_bytes([s0, s1, s2, s3]), body.first_chunk::<8>()) {
            // To the end of the file, or with a larger number behind the name.
            (0, _) => (8, rest.len() as u64),
            (1, Some(large)) => (16, u64::from_be_bytes(*large)),
            (size, _) => (8, size.into()),
        };
        let whole = usize::try_from(size).ok().filter(|size| *size >= head);
        let Some((this, next)) = whole.and_then(|size| rest.split_at_checked(size)) else { break };
        let content = &this[head..];
        match kind {
            b"Exif" if found.exif.is_none() => found.exif = exif(content),
            b"xml " if found.xmp.is_none() => found.xmp = Some(content.to_vec()),
            b"brob" if matches!(content.get(..4), Some(b"Exif" | b"xml ")) => {
                notes.push("its metadata are compressed with Brotli, which is not read: they are left out".to_owned());
            }
            _ => {}
        }
        rest = next;
    }
    (found, notes)
}

/// In front of the data stands how far behind that their header begins.
fn exif(content: &[u8]) -> Option<Vec<u8>> {
    let (skipped, data) = content.split_first_chunk::<4>()?;
    let data = data.get(usize::try_from(u32::from_be_bytes(*skipped)).ok()?..)?;
    file::is_tiff(data).then(|| data.to_vec())
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let bytes = image_crate::read_all(input)?;
    let mut rest = bytes.as_slice();
    let mut decoder = open(limits, false);
    let shape = begin(&mut decoder, &mut rest)?;
    limits.check(shape)?;
    let (metadata, notes) = boxes(&bytes);
    let mut header = Header::new(shape.width, shape.height, shape.layout, shape.depth).with(metadata);
    // The code stream says how to turn the picture, and the decoder does it; Exif only repeats it.
    header.orientation = Orientation::Upright;
    header.notes = notes;
    // The samples come in this colour space.
    if let Some(profile) = decoder.output_color_profile() {
        match code_points(profile) {
            Some(points) => header.take_colours(points.colours(shape.layout.colours() == 1)),
            None => header.metadata.icc = profile.try_as_icc().map(std::borrow::Cow::into_owned),
        }
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
    let mut decoder = open(limits, true);
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
    let mut decoder = open(request.limits, false);
    let shape = begin(&mut decoder, &mut rest)?;
    request.limits.check(shape)?;
    let data = match shape.depth {
        Depth::U8 => JxlDataFormat::U8 { bit_depth: 8 },
        Depth::U16 => JxlDataFormat::U16 { endianness: jxl::api::Endianness::native(), bit_depth: 16 },
        Depth::F32 => JxlDataFormat::f32(),
    };
    let extra = decoder.basic_info().map_or(0, |info| info.extra_channels.len());
    let format = JxlPixelFormat {
        color_type: match shape.layout {
            Layout::Grey => JxlColorType::Grayscale,
            Layout::GreyAlpha => JxlColorType::GrayscaleAlpha,
            Layout::Rgb => JxlColorType::Rgb,
            Layout::Rgba => JxlColorType::Rgba,
        },
        color_data_format: Some(data),
        extra_channel_format: vec![None; extra],
    };
    decoder.set_pixel_format(format).map_err(error)?;
    let samples = shape.width as usize * shape.height as usize * shape.layout.channels();
    let (pixels, partial) = match shape.depth {
        Depth::U8 => {
            let mut samples = buffers.take::<u8>(samples);
            let partial = run(&mut decoder, &mut rest, &mut samples, shape)?;
            (Pixels::from(Raster::new(shape.width, shape.height, shape.layout, samples)), partial)
        }
        Depth::U16 => {
            let mut samples = buffers.take::<u16>(samples);
            let partial = run(&mut decoder, &mut rest, bytemuck::cast_slice_mut(&mut samples), shape)?;
            (Pixels::from(Raster::new(shape.width, shape.height, shape.layout, samples)), partial)
        }
        Depth::F32 => {
            let mut samples = buffers.take::<f32>(samples);
            let partial = run(&mut decoder, &mut rest, bytemuck::cast_slice_mut(&mut samples), shape)?;
            (Pixels::from(Raster::new(shape.width, shape.height, shape.layout, samples)), partial)
        }
    };
    Ok(Decoded { pixels, partial, notes: Vec::new() })
}

/// Decodes the first picture. Says what is missing, if a part of it is.
fn run(
    decoder: &mut JxlDecoder,
    rest: &mut &[u8],
    samples: &mut [u8],
    shape: Shape,
) -> Result<Option<String>, CodecError> {
    samples.fill(0);
    let rows = shape.height as usize;
    let stride = samples.len() / rows;
    let mut begun = false;
    loop {
        let mut target = [JxlOutputBuffer::new_with_stride(samples, rows, stride, stride)];
        let event = decoder.process(rest, Some(&mut target), None);
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
        if begun && decoder.flush_pixels(&mut target, None).unwrap_or(false) {
            return Ok(Some(format!("{reason}: a part of the picture is missing")));
        }
        return Err(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    #[test]
    fn exif_and_xmp_are_found_among_the_boxes() {
        const EXIF: &[u8] = b"MM\0*\0\0\0\x08\0\0\0\0\0\0";
        let file = [
            CONTAINER.to_vec(),
            boxed(b"ftyp", b"jxl \0\0\0\0jxl "),
            boxed(b"Exif", &[&[0, 0, 0, 2, 9, 9], EXIF].concat()),
            // A size of 64 bits.
            [&[0, 0, 0, 1][..], b"xml ", &[0, 0, 0, 0, 0, 0, 0, 21], b"<x/> "].concat(),
            boxed(b"xml ", b"second"),
            boxed(b"brob", b"Exif\x0b\x02\x80"),
            // The last box goes to the end.
            [&[0; 4][..], b"jxlc", &[0xff, 0x0a]].concat(),
        ]
        .concat();
        let (found, notes) = boxes(&file);
        assert_eq!(found.exif.as_deref(), Some(EXIF));
        assert_eq!(found.xmp.as_deref(), Some(&b"<x/> "[..]));
        assert!(notes.len() == 1 && notes[0].contains("Brotli"), "{notes:?}");
        assert_eq!(boxes(&file[12..]).0, Metadata::default(), "a bare code stream has no boxes");
        for cut in 0..file.len() {
            let _ = boxes(&file[..cut]);
        }
        let wrong = [CONTAINER, &boxed(b"Exif", &[0xff; 9]), &[0, 0, 0, 3, b'x', b'm', b'l', b' ']].concat();
        assert_eq!(boxes(&wrong).0, Metadata::default());
    }

    #[test]
    fn colour_spaces_are_code_points_where_they_have_some() {
        let JxlColorEncoding::RgbColorSpace { rendering_intent, .. } = JxlColorEncoding::srgb(false) else {
            panic!("sRGB is a space of colours")
        };
        let codes = |white_point, primaries, transfer_function| {
            let rendering_intent = rendering_intent.clone();
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
}
