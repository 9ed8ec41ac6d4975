//! JPEG XL, decoded by jxl-rs. Only read.

use jxl::api::{
    AlphaMode, Event, ExtraChannel, JxlBitDepth, JxlColorEncoding, JxlColorProfile, JxlColorType, JxlDataFormat,
    JxlDecoder, JxlDecoderOptions, JxlOutputBuffer, JxlPixelFormat, ProfileLevel,
};

use super::{Codec, CodecError, Decoded, Header, Input, Limits, Request, bridge};
use crate::picture::{Buffers, Depth, Layout, Pixels, Raster, Shape};

pub(super) static CODEC: Codec = Codec {
    id: "jxl",
    title: "JPEG XL",
    extensions: &["jxl"],
    lossy: false,
    export: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16, Depth::F32],
    several: true,
    recognises: |head| head.starts_with(&[0xff, 0x0a]) || head.starts_with(b"\0\0\0\x0cJXL \r\n\x87\n"),
    header,
    decode,
    write: None,
};

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

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let bytes = bridge::read_all(input)?;
    let mut rest = bytes.as_slice();
    let mut decoder = open(limits, false);
    let shape = begin(&mut decoder, &mut rest)?;
    limits.check(shape)?;
    let mut header = Header::new(shape.width, shape.height, shape.layout, shape.depth);
    // The samples come in this colour space; sRGB needs no profile.
    if let Some(profile) = decoder.output_color_profile() {
        let srgb = JxlColorProfile::Simple(JxlColorEncoding::srgb(shape.layout.colours() == 1));
        if !profile.same_color_encoding(&srgb) {
            header.metadata.icc = profile.try_as_icc().map(std::borrow::Cow::into_owned);
        }
    }
    if decoder.basic_info().is_some_and(|info| info.animation.is_some()) {
        header.frames = count(&bytes, limits).max(1);
        if header.frames > 1 {
            header.notes.push("animated JPEG XL: only the first picture is used".to_owned());
        }
    }
    Ok(header)
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
