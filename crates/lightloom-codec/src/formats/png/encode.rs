//! PNG: three ways between quick and small, and palettes.

use std::borrow::Cow;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use libdeflater::{CompressionLvl, Compressor};
use png::{BitDepth, ColorType, DeflateCompression, Filter, Info};

use super::rows::Chooser;
use super::{MOST, PngCompression, PngOptions};
use crate::encode::RowWriter;
use crate::shared::image_crate;
use crate::shared::palette;
use crate::{CodecError, EncodeOptions, Encoded};
use lightloom_picture::{Depth, Layout, Metadata, Picture, Pixels, RowForm, Shape};

/// Writes 8 or 16 bits per sample, or a palette.
pub(crate) fn encode(picture: &Picture, options: &EncodeOptions) -> Result<Encoded, CodecError> {
    let options: PngOptions = options.read();
    let mut encoded =
        if options.palette { indexed(picture, &options)? } else { direct(picture, options.png_compression)? };
    if options.png_compression == PngCompression::Small {
        encoded.bytes = smaller(encoded.bytes, picture.metadata.icc.is_some())?;
    }
    Ok(encoded)
}

fn failed(reason: impl ToString) -> CodecError {
    CodecError::Encode { format: "PNG", reason: reason.to_string() }
}

/// Level of libdeflate, measured on photographs: files are 4 to 7 % smaller than those of zlib's second level, in half the
/// time. Higher levels gain a hundredth in twice the time.
const LEVEL: i32 = 2;

fn direct(picture: &Picture, compression: PngCompression) -> Result<Encoded, CodecError> {
    match compression {
        PngCompression::Fast => streamed(picture, CompressionType::Fast, FilterType::Paeth),
        _ if picture.pixels.shape().bytes() > MOST as u64 => {
            streamed(picture, CompressionType::Level(2), FilterType::Adaptive)
        }
        PngCompression::Normal | PngCompression::Small => at_once(picture),
    }
}

/// Holds hardly more than the file. The quick compressor needs a filter that predicts; Paeth is the best of them.
fn streamed(picture: &Picture, level: CompressionType, filter: FilterType) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let encoder = PngEncoder::new_with_quality(&mut target, level, filter);
    let notes = image_crate::encode(picture, encoder, "PNG")?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}

/// All rows are packed together.
fn at_once(picture: &Picture) -> Result<Encoded, CodecError> {
    let shape = picture.pixels.shape();
    let mut file = AtOnce::begin(shape)?;
    match &picture.pixels {
        Pixels::U8(raster) => file.push(raster.samples())?,
        Pixels::U16(raster) => {
            let mut bytes = Vec::with_capacity(file.row);
            for row in raster.samples().chunks_exact(file.row / 2) {
                bytes.clear();
                bytes.extend(row.iter().flat_map(|sample| sample.to_be_bytes()));
                file.push(&bytes)?;
            }
        }
        Pixels::F32(_) => return Err(failed("float samples are not supported")),
    }
    Box::new(file).finish(&picture.metadata)
}

/// A file whose rows are filtered as they arrive, and compressed together at the end.
struct AtOnce {
    info: Info<'static>,
    chooser: Chooser,
    /// Bytes of a row.
    row: usize,
    /// The rows so far, each behind the number of its filter.
    filtered: Vec<u8>,
}

impl AtOnce {
    fn begin(shape: Shape) -> Result<Self, CodecError> {
        let mut info = Info::with_size(shape.width, shape.height);
        info.color_type = match shape.layout {
            Layout::Grey => ColorType::Grayscale,
            Layout::GreyAlpha => ColorType::GrayscaleAlpha,
            Layout::Rgb => ColorType::Rgb,
            Layout::Rgba => ColorType::Rgba,
        };
        info.bit_depth = if shape.depth == Depth::U8 { BitDepth::Eight } else { BitDepth::Sixteen };
        let pixel = shape.layout.channels() * if shape.depth == Depth::U8 { 1 } else { 2 };
        let row = shape.width as usize * pixel;
        if row == 0 {
            return Err(failed("the picture has no pixels"));
        }
        let filtered = Vec::with_capacity((row + 1) * shape.height as usize);
        Ok(Self { info, chooser: Chooser::new(row, pixel), row, filtered })
    }

    /// Compressed.
    fn packed(&self) -> Result<Vec<u8>, CodecError> {
        let mut compressor = Compressor::new(CompressionLvl::new(LEVEL).unwrap_or_default());
        let mut packed = vec![0; compressor.zlib_compress_bound(self.filtered.len())];
        let length = compressor.zlib_compress(&self.filtered, &mut packed).map_err(failed)?;
        packed.truncate(length);
        Ok(packed)
    }
}

impl RowWriter for AtOnce {
    fn push(&mut self, rows: &[u8]) -> Result<(), CodecError> {
        let rows = rows.chunks_exact(self.row);
        if !rows.remainder().is_empty() {
            return Err(failed("a row is not whole"));
        }
        rows.for_each(|row| self.chooser.append(row, &mut self.filtered));
        Ok(())
    }

    fn finish(mut self: Box<Self>, metadata: &Metadata) -> Result<Encoded, CodecError> {
        if self.filtered.len() != (self.row + 1) * self.info.height as usize {
            return Err(failed("rows are missing, or too many"));
        }
        let packed = self.packed()?;
        self.info.icc_profile = metadata.icc.clone().map(Cow::Owned);
        self.info.exif_metadata = metadata.exif.clone().map(Cow::Owned);
        let mut target = Vec::with_capacity(packed.len());
        let encoder = png::Encoder::with_info(&mut target, self.info);
        let mut writer = encoder.and_then(png::Encoder::write_header).map_err(failed)?;
        // A chunk holds at most 2³¹ − 1 bytes.
        for part in packed.chunks(1 << 30) {
            writer.write_chunk(png::chunk::IDAT, part).map_err(failed)?;
        }
        writer.finish().map_err(failed)?;
        Ok(Encoded { bytes: target, notes: Vec::new() })
    }
}

/// Files with the usual compression take their rows as they arrive.
pub(super) fn encode_rows(form: RowForm, options: &EncodeOptions) -> Option<Box<dyn RowWriter>> {
    let RowForm::Pixels(shape) = form else { return None };
    let options: PngOptions = options.read();
    let is_usual = !options.palette && options.png_compression == PngCompression::Normal;
    let file = (is_usual && shape.bytes() <= MOST as u64).then(|| AtOnce::begin(shape).ok())??;
    Some(Box::new(file))
}

fn indexed(picture: &Picture, options: &PngOptions) -> Result<Encoded, CodecError> {
    let shape = picture.pixels.shape();
    let mut notes = Vec::new();
    if shape.depth > Depth::U8 {
        notes.push(format!("a palette holds 8-bit colours: {} samples were reduced", shape.depth));
    }
    let rgba = picture.pixels.to_rgba8();
    let reduced = palette::reduce(&rgba, shape.width as usize, usize::from(options.colours), options.dither);
    if !reduced.exact {
        notes.push(format!("reduced to {} colours", reduced.colours.len()));
    }
    let bits = match reduced.colours.len() {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    };
    let mut info = Info::with_size(shape.width, shape.height);
    info.color_type = ColorType::Indexed;
    info.bit_depth = BitDepth::from_u8(bits).unwrap_or(BitDepth::Eight);
    info.palette = Some(Cow::Owned(reduced.colours.iter().flat_map(|c| [c[0], c[1], c[2]]).collect()));
    // What is transparent comes first, so the rest of the alphas can be left out.
    let alphas: Vec<u8> = reduced.colours.iter().map(|c| c[3]).take_while(|a| *a < 255).collect();
    info.trns = (!alphas.is_empty()).then_some(Cow::Owned(alphas));
    // A palette is of colours, whatever the picture was.
    info.icc_profile = picture.metadata.icc.as_deref().filter(|_| shape.layout.colours() == 3).map(Cow::Borrowed);
    info.exif_metadata = picture.metadata.exif.as_deref().map(Cow::Borrowed);
    let mut target = Vec::new();
    let mut encoder = png::Encoder::with_info(&mut target, info).map_err(failed)?;
    // Neighbouring entries of a palette say nothing about each other, so no filter helps.
    encoder.set_filter(Filter::NoFilter);
    encoder.set_deflate_compression(DeflateCompression::Level(if options.png_compression == PngCompression::Fast {
        1
    } else {
        6
    }));
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&packed(&reduced.indices, shape.width as usize, bits)).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(Encoded { bytes: target, notes })
}

/// Indices of `bits` bits, the leftmost in the highest bits; each row begins a byte (PNG, section 7.2).
fn packed(indices: &[u8], width: usize, bits: u8) -> Cow<'_, [u8]> {
    if bits == 8 {
        return Cow::Borrowed(indices);
    }
    let in_byte = usize::from(8 / bits);
    let byte = |part: &[u8]| (0..in_byte).fold(0, |byte, i| byte << bits | part.get(i).copied().unwrap_or(0));
    indices.chunks_exact(width).flat_map(|row| row.chunks(in_byte).map(byte)).collect::<Vec<u8>>().into()
}

/// Seconds after which the smallest so far is taken.
const PATIENCE_SECS: u64 = 30;

/// The same picture coded smaller. Samples, depth and metadata stay; only how they are stored changes.
fn smaller(bytes: Vec<u8>, has_profile: bool) -> Result<Vec<u8>, CodecError> {
    let mut options = oxipng::Options::from_preset(2);
    options.timeout = Some(std::time::Duration::from_secs(PATIENCE_SECS));
    // A profile is for colours or for grey; the person's depth stays theirs.
    options.grayscale_reduction = !has_profile;
    options.scale_16 = false;
    options.strip = oxipng::StripChunks::None;
    let smaller = oxipng::optimize_from_memory(&bytes, &options).map_err(failed)?;
    Ok(if smaller.len() < bytes.len() { smaller } else { bytes })
}
