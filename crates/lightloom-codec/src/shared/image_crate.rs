//! Adapters between the image crate's decoders and encoders and our pictures.

use std::io::Cursor;

use image::error::ImageError;
use image::{ColorType, ExtendedColorType, ImageDecoder, ImageEncoder};

use crate::{CodecError, Decoded, Header, Input, Limits};
use lightloom_picture::{Buffers, Depth, Layout, Picture, Pixels, Raster};

impl From<ImageError> for CodecError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::IoError(error) => error.into(),
            ImageError::Unsupported(error) => Self::unread(error),
            ImageError::Limits(error) => Self::Unsupported(format!("it needs more memory than allowed ({error})")),
            other => Self::undecodable(other),
        }
    }
}

/// Our limits as the image crate's.
pub(crate) fn image_limits(limits: &Limits) -> image::Limits {
    let mut out = image::Limits::default();
    out.max_image_width = Some(limits.side);
    out.max_image_height = Some(limits.side);
    out.max_alloc = Some(limits.decoded_bytes);
    out
}

fn form(colour: ColorType) -> Result<(Layout, Depth), CodecError> {
    Ok(match colour {
        ColorType::L8 => (Layout::Grey, Depth::U8),
        ColorType::La8 => (Layout::GreyAlpha, Depth::U8),
        ColorType::Rgb8 => (Layout::Rgb, Depth::U8),
        ColorType::Rgba8 => (Layout::Rgba, Depth::U8),
        ColorType::L16 => (Layout::Grey, Depth::U16),
        ColorType::La16 => (Layout::GreyAlpha, Depth::U16),
        ColorType::Rgb16 => (Layout::Rgb, Depth::U16),
        ColorType::Rgba16 => (Layout::Rgba, Depth::U16),
        ColorType::Rgb32F => (Layout::Rgb, Depth::F32),
        ColorType::Rgba32F => (Layout::Rgba, Depth::F32),
        other => return Err(CodecError::Unsupported(format!("samples of type {other:?}"))),
    })
}

/// Header of whatever a decoder of the image crate has opened. Metadata are left to the format's own reader, since decoders
/// leave out without a word what is damaged.
pub(crate) fn header(decoder: &dyn ImageDecoder) -> Result<Header, CodecError> {
    let (width, height) = decoder.dimensions();
    let (layout, depth) = form(decoder.color_type())?;
    Ok(Header::new(width, height, layout, depth))
}

/// The whole file, for decoders that find even its size only by walking through it.
pub(crate) fn read_all(input: &mut dyn Input) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Decodes into reused buffers. The limits were checked on the header; they are checked again on what the decoder says.
pub(crate) fn decode(
    mut decoder: impl ImageDecoder,
    limits: &Limits,
    buffers: &mut Buffers,
) -> Result<Decoded, CodecError> {
    let (width, height) = decoder.dimensions();
    let (layout, depth) = form(decoder.color_type())?;
    limits.check(lightloom_picture::Shape { width, height, layout, depth })?;
    decoder.set_limits(image_limits(limits))?;
    let len = width as usize * height as usize * layout.channels();
    let pixels: Pixels = match depth {
        Depth::U8 => {
            let mut samples = buffers.take::<u8>(len);
            decoder.read_image(&mut samples)?;
            Raster::new(width, height, layout, samples).into()
        }
        Depth::U16 => {
            let mut samples = buffers.take::<u16>(len);
            decoder.read_image(bytemuck::cast_slice_mut(&mut samples))?;
            Raster::new(width, height, layout, samples).into()
        }
        Depth::F32 => {
            let mut samples = buffers.take::<f32>(len);
            decoder.read_image(bytemuck::cast_slice_mut(&mut samples))?;
            Raster::new(width, height, layout, samples).into()
        }
    };
    Ok(pixels.into())
}

/// Writes with an encoder of the image crate; returns notes on metadata that the format or its encoder cannot hold.
pub(crate) fn encode<E: ImageEncoder>(
    picture: &Picture,
    mut encoder: E,
    title: &'static str,
) -> Result<Vec<String>, CodecError> {
    let mut notes = Vec::new();
    if let Some(icc) = &picture.metadata.icc
        && encoder.set_icc_profile(icc.clone()).is_err()
    {
        notes.push(format!("{title} files get no colour profile"));
    }
    if let Some(exif) = &picture.metadata.exif
        && encoder.set_exif_metadata(exif.clone()).is_err()
    {
        notes.push(format!("{title} files get no Exif data"));
    }
    let shape = picture.pixels.shape();
    let colour = match (shape.layout, shape.depth) {
        (Layout::Grey, Depth::U8) => ExtendedColorType::L8,
        (Layout::GreyAlpha, Depth::U8) => ExtendedColorType::La8,
        (Layout::Rgb, Depth::U8) => ExtendedColorType::Rgb8,
        (Layout::Rgba, Depth::U8) => ExtendedColorType::Rgba8,
        (Layout::Grey, Depth::U16) => ExtendedColorType::L16,
        (Layout::GreyAlpha, Depth::U16) => ExtendedColorType::La16,
        (Layout::Rgb, Depth::U16) => ExtendedColorType::Rgb16,
        (Layout::Rgba, Depth::U16) => ExtendedColorType::Rgba16,
        (Layout::Grey | Layout::GreyAlpha, Depth::F32) => {
            return Err(CodecError::Encode {
                format: title,
                reason: "grey float samples are not supported".to_owned(),
            });
        }
        (Layout::Rgb, Depth::F32) => ExtendedColorType::Rgb32F,
        (Layout::Rgba, Depth::F32) => ExtendedColorType::Rgba32F,
    };
    let bytes: &[u8] = match &picture.pixels {
        Pixels::U8(r) => r.samples(),
        Pixels::U16(r) => bytemuck::cast_slice(r.samples()),
        Pixels::F32(r) => bytemuck::cast_slice(r.samples()),
    };
    encoder
        .write_image(bytes, shape.width, shape.height, colour)
        .map_err(|e| CodecError::Encode { format: title, reason: e.to_string() })?;
    Ok(notes)
}

/// An in-memory target with capacity for a typical file.
pub(crate) fn target(picture: &Picture) -> Cursor<Vec<u8>> {
    Cursor::new(Vec::with_capacity((picture.pixels.shape().bytes() / 4) as usize))
}
