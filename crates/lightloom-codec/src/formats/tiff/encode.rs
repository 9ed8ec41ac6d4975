//! TIFF: 8, 16 and 32-bit float samples, with the compressions that every reader knows.

use tiff::encoder::colortype::{ColorType, Gray8, Gray16, RGB8, RGB16, RGB32Float, RGBA8, RGBA16, RGBA32Float};
use tiff::encoder::{Compression, DeflateLevel, Predictor, TiffEncoder, TiffValue};
use tiff::tags::Tag;

use super::{TiffCompression, TiffOptions};
use crate::shared::image_crate;
use crate::{CodecError, EncodeOptions, Encoded};
use lightloom_picture::{Depth, Layout, Picture, Pixels};

/// Writes one page.
pub(crate) fn encode(picture: &Picture, options: &EncodeOptions) -> Result<Encoded, CodecError> {
    let compression = options.read::<TiffOptions>().tiff_compression;
    let bytes = match (&picture.pixels, picture.pixels.shape().layout) {
        (Pixels::U8(r), Layout::Grey) => write::<Gray8>(picture, r.samples(), compression),
        (Pixels::U8(r), Layout::Rgb) => write::<RGB8>(picture, r.samples(), compression),
        (Pixels::U8(r), Layout::Rgba) => write::<RGBA8>(picture, r.samples(), compression),
        (Pixels::U16(r), Layout::Grey) => write::<Gray16>(picture, r.samples(), compression),
        (Pixels::U16(r), Layout::Rgb) => write::<RGB16>(picture, r.samples(), compression),
        (Pixels::U16(r), Layout::Rgba) => write::<RGBA16>(picture, r.samples(), compression),
        (Pixels::F32(r), Layout::Rgb) => write::<RGB32Float>(picture, r.samples(), compression),
        (Pixels::F32(r), Layout::Rgba) => write::<RGBA32Float>(picture, r.samples(), compression),
        (pixels, _) => return Err(failed(format!("{:?}", pixels.shape()))),
    };
    Ok(Encoded { bytes: bytes.map_err(failed)?, notes: Vec::new() })
}

/// Of ExtraSamples (TIFF 6.0, section 18): alpha that the colours are not multiplied with.
const STRAIGHT_ALPHA: u16 = 2;

fn failed(reason: impl ToString) -> CodecError {
    CodecError::Encode { format: "TIFF", reason: reason.to_string() }
}

fn write<C: ColorType>(picture: &Picture, samples: &[C::Inner], chosen: TiffCompression) -> tiff::TiffResult<Vec<u8>>
where
    [C::Inner]: TiffValue,
{
    let compression = match chosen {
        TiffCompression::None => Compression::Uncompressed,
        TiffCompression::Lzw => Compression::Lzw,
        TiffCompression::Deflate => Compression::Deflate(DeflateLevel::Balanced),
        TiffCompression::PackBits => Compression::Packbits,
    };
    // Differences of neighbours are what makes LZW and Deflate effective (TIFF 6.0, section 14); for floats the
    // encoder has none.
    let differs =
        matches!(chosen, TiffCompression::Lzw | TiffCompression::Deflate) && picture.pixels.shape().depth < Depth::F32;
    let predictor = if differs { Predictor::Horizontal } else { Predictor::None };
    let mut target = image_crate::target(picture);
    let mut encoder = TiffEncoder::new(&mut target)?.with_compression(compression).with_predictor(predictor);
    let mut page = encoder.new_image::<C>(picture.pixels.width(), picture.pixels.height())?;
    if let Some(icc) = &picture.metadata.icc {
        page.encoder().write_tag(Tag::IccProfile, icc.as_slice())?;
    }
    if picture.pixels.shape().layout.has_alpha() {
        page.encoder().write_tag(Tag::ExtraSamples, &[STRAIGHT_ALPHA][..])?;
    }
    page.write_data(samples)?;
    Ok(target.into_inner())
}
