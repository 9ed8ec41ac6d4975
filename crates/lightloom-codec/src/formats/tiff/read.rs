//! The pixels of a TIFF picture: chunks put together, samples brought to the depth of the picture, colours to grey or
//! RGB.

use super::chunk::{self, Compression};
use super::colour;
use super::form::{Alpha, Form, Numbers, Photometric};
use super::{jpeg, log_luv, old_jpeg};
use crate::shared::{premultiplied, small_float};
use crate::{CodecError, Decoded, Request};
use lightloom_picture::{Buffers, Depth, Pixels, Raster, Sample};

/// A sample type that stored numbers can be brought to.
pub(crate) trait Stored: Sample {
    /// From an unsigned number of so many bits.
    fn from_bits(value: u32, bits: u16) -> Self;
}

impl Stored for u8 {
    fn from_bits(value: u32, bits: u16) -> Self {
        let white = (1_u32 << bits) - 1;
        ((value * 255 + white / 2) / white) as Self
    }
}

impl Stored for u16 {
    fn from_bits(value: u32, bits: u16) -> Self {
        let white = (1_u32 << bits) - 1;
        ((u64::from(value) * 65_535 + u64::from(white / 2)) / u64::from(white)) as Self
    }
}

impl Stored for f32 {
    fn from_bits(value: u32, bits: u16) -> Self {
        (f64::from(value) / ((1_u64 << bits) - 1) as f64) as Self
    }
}

/// Decodes the picture that `form` describes.
///
/// # Errors
/// If nothing of it can be decoded, or a limit is passed.
pub(crate) fn decode(
    bytes: &[u8],
    form: &Form,
    request: &Request<'_>,
    buffers: &mut Buffers,
) -> Result<Decoded, CodecError> {
    let limits = request.limits;
    limits.check(form.shape())?;
    // Inks need a channel more than the colours that they become.
    if u64::from(form.width) * u64::from(form.height) * form.kept() as u64 > limits.decoded_bytes {
        return Err(CodecError::TooLarge {
            width: form.width,
            height: form.height,
            limit_mib: limits.decoded_bytes >> 20,
        });
    }
    if let Some(tables) = &form.old_jpeg {
        return old_jpeg::decode(bytes, form, tables, request, buffers);
    }
    match (form.depth(), &form.photometric) {
        (Depth::U8, Photometric::Palette(_)) if form.bits > 8 => samples::<u16>(bytes, form, request, buffers),
        (Depth::U8, _) => samples::<u8>(bytes, form, request, buffers),
        (Depth::U16, _) => samples::<u16>(bytes, form, request, buffers),
        (Depth::F32, _) => samples::<f32>(bytes, form, request, buffers),
    }
}

fn samples<S: Stored>(
    bytes: &[u8],
    form: &Form,
    request: &Request<'_>,
    buffers: &mut Buffers,
) -> Result<Decoded, CodecError>
where
    Pixels: From<Raster<S>>,
{
    let mut raw = buffers.take::<S>(form.width as usize * form.height as usize * form.kept());
    let share = read_chunks(bytes, form, request, &mut raw)?;
    if share == 0.0 {
        return Err(CodecError::Damaged("its pixel data are missing".to_owned()));
    }
    let mut pixels = colour::convert(raw, form, buffers);
    if form.alpha == Alpha::Premultiplied {
        premultiplied::divide_by_alpha(&mut pixels);
    }
    let partial = if share < 1.0 {
        Some(format!("the file is damaged: about {:.0} % of the picture was decoded", share * 100.0))
    } else {
        form.cut.then(|| "the file ends too early: a part of its description is missing".to_owned())
    };
    Ok(Decoded { pixels, partial, notes: Vec::new() })
}

/// Reads all chunks into `raw`, interleaved. Returns the share of the picture that was there.
fn read_chunks<S: Stored>(bytes: &[u8], form: &Form, request: &Request<'_>, raw: &mut [S]) -> Result<f64, CodecError> {
    let limits = request.limits;
    let (wide, high) = form.chunk;
    let tiles_x = form.width.div_ceil(wide) as usize;
    let tiles_y = form.height.div_ceil(high) as usize;
    let planes = if form.planar { form.samples } else { 1 };
    let mut chunk = match form.compression {
        Compression::Jpeg | Compression::SgiLog | Compression::SgiLog24 => Vec::new(),
        _ => vec![0; form.chunk_bytes(limits)?],
    };
    let mut whole = 0.0;
    for plane in 0..planes.min(form.kept()) {
        for index in 0..tiles_x * tiles_y {
            request.watch.check()?;
            let number = plane * tiles_x * tiles_y + index;
            let (x, y) = ((index % tiles_x) as u32 * wide, (index / tiles_x) as u32 * high);
            let rect = ChunkRect { x, y, columns: wide.min(form.width - x), rows: high.min(form.height - y), plane };
            let data = piece(bytes, form, number);
            let part = match form.compression {
                _ if data.is_empty() => 0.0,
                Compression::Jpeg => jpeg::read(data, form, &rect, limits, raw),
                Compression::SgiLog | Compression::SgiLog24 => log_luv::read(data, form, &rect, raw),
                _ => {
                    chunk.fill(0);
                    read_chunk(data, form, &rect, &mut chunk, raw)
                }
            };
            whole += part * f64::from(rect.columns) * f64::from(rect.rows);
        }
    }
    let expected = f64::from(form.width) * f64::from(form.height) * planes.min(form.kept()) as f64;
    Ok(if whole > expected - 0.5 { 1.0 } else { whole / expected })
}

/// The part of the picture that a chunk holds.
pub(crate) struct ChunkRect {
    pub x: u32,
    pub y: u32,
    /// Columns and rows of it that lie in the picture.
    pub columns: u32,
    pub rows: u32,
    pub plane: usize,
}

/// The compressed bytes of a chunk, as far as the file goes.
pub(crate) fn piece<'a>(bytes: &'a [u8], form: &Form, number: usize) -> &'a [u8] {
    let Some(offset) = form.offsets.get(number).and_then(|o| usize::try_from(*o).ok()) else { return &[] };
    let rest = bytes.get(offset..).unwrap_or_default();
    let length = usize::try_from(form.lengths[number]).unwrap_or(usize::MAX);
    &rest[..length.min(rest.len())]
}

/// Decompresses one chunk and puts its samples into place. Returns the share of its rows that was there.
fn read_chunk<S: Stored>(data: &[u8], form: &Form, rect: &ChunkRect, chunk: &mut [u8], raw: &mut [S]) -> f64 {
    let (wide, high) = form.chunk;
    // The last strip holds only the rows that are left; tiles are always whole.
    let rows = if form.tiled { high } else { rect.rows };
    let length = form.bytes_of_rows(rows).unwrap_or(chunk.len()).min(chunk.len());
    let chunk = &mut chunk[..length];
    let reversed: Vec<u8>;
    let data = if form.low_bit_first && form.compression != Compression::Lzw {
        let mut copy = data.to_vec();
        chunk::reverse_bits(&mut copy);
        reversed = copy;
        &reversed
    } else {
        data
    };
    let there = chunk::decompress(form.compression, data, wide, rows, chunk);
    let kept = form.kept();
    if let Some(ycbcr) = form.blocks() {
        return ycbcr.place(&chunk[..there], form, rect, raw);
    }
    let stride = form.row_bytes();
    let channels = if form.planar { 1 } else { form.samples };
    let used = if form.planar { 1 } else { kept };
    for y in 0..rect.rows {
        let row = &mut chunk[y as usize * stride..][..stride];
        let mut big_endian = form.big_endian;
        match form.predictor {
            2 if matches!(form.bits, 8 | 16 | 32 | 64) => {
                chunk::undo_differences(row, channels, form.bits, big_endian);
            }
            3 if form.numbers == Numbers::Float => {
                chunk::undo_float_differences(row, channels, form.bits);
                big_endian = true;
            }
            _ => {}
        }
        let from = ((rect.y + y) as usize * form.width as usize + rect.x as usize) * kept + rect.plane;
        for x in 0..rect.columns as usize {
            for c in 0..used {
                raw[from + x * kept + c] = sample(row, x * channels + c, form, big_endian);
            }
        }
    }
    (there / stride.max(1)).min(rect.rows as usize) as f64 / f64::from(rect.rows.max(1))
}

/// Sample `index` of a row.
#[inline]
fn sample<S: Stored>(row: &[u8], index: usize, form: &Form, big_endian: bool) -> S {
    let bits = usize::from(form.bits);
    let value = match bits {
        8 => u64::from(row[index]),
        16 | 24 | 32 | 64 => {
            let raw = &row[index * bits / 8..][..bits / 8];
            let join = |n: u64, b: &u8| n << 8 | u64::from(*b);
            if big_endian { raw.iter().fold(0, join) } else { raw.iter().rev().fold(0, join) }
        }
        _ => {
            // Bits from the high one down; a row's samples follow each other without gaps.
            let at = index * bits;
            let window = (0..4).fold(0_u32, |n, i| n << 8 | u32::from(row.get(at / 8 + i).copied().unwrap_or(0)));
            u64::from(window << (at % 8) >> (32 - bits))
        }
    };
    match form.numbers {
        Numbers::Float => S::from_unit(float(value, form.bits)),
        // An index stays what it is.
        _ if matches!(form.photometric, Photometric::Palette(_)) => {
            let full = (S::DEPTH.bytes() * 8) as u16;
            S::from_bits(value as u32, full)
        }
        // L* is unsigned even where a* and b* are not; the conversion knows which is which.
        _ if form.photometric == Photometric::Lab => S::from_bits(value as u32, form.bits),
        // Numbers below zero are darker than black.
        Numbers::Signed if value >> (bits - 1) == 1 => S::default(),
        _ if bits == 64 => S::from_bits((value >> 32) as u32, 32),
        _ => S::from_bits(value as u32, form.bits),
    }
}

/// A float of 16, 24, 32 or 64 bits (Adobe's TIFF Technical Note 3).
fn float(value: u64, bits: u16) -> f32 {
    match bits {
        16 => small_float::half(value as u16),
        24 => small_float::of(value as u32, 7, 16),
        32 => f32::from_bits(value as u32),
        _ => f64::from_bits(value) as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_fill_the_range() {
        for bits in 1..=8 {
            assert_eq!((u8::from_bits(0, bits), u8::from_bits((1 << bits) - 1, bits)), (0, 255));
        }
        assert_eq!(u8::from_bits(1, 2), 85);
        assert_eq!(u16::from_bits(4095, 12), 65_535);
        assert_eq!(u16::from_bits(777, 16), 777);
        assert!((<f32 as Stored>::from_bits(1 << 31, 32) - 0.5).abs() < 1e-6);
    }
}
