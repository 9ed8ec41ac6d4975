//! JPEG inside TIFF (Adobe's TIFF Technical Note 2): each chunk is a JPEG whose tables may stand in a tag.

use std::io::Cursor;

use libjpeg_turbo_rs::{DecodeLimits, Decoder, PixelFormat};

use super::form::{Form, Photometric};
use super::read::{ChunkRect, Stored};
use crate::Limits;
use crate::formats::jpeg::markers::Markers;
use crate::formats::jpeg::{fallback, planes};
use lightloom_picture::{Buffers, Raster, Sample};

/// Decodes one chunk into place. Returns the share of its rows that was there: all or none.
pub(crate) fn read<S: Stored>(data: &[u8], form: &Form, rect: &ChunkRect, limits: &Limits, raw: &mut [S]) -> f64 {
    let Some(stream) = whole(data, form) else { return 0.0 };
    let limits = DecodeLimits {
        max_scans: limits.scans,
        max_memory: Some(limits.decoded_bytes.saturating_mul(4)),
        ..DecodeLimits::default()
    };
    let share = if form.bits == 8 {
        eight_bits(&stream, form, limits).map(|chunk| place(&chunk, 8, form, rect, raw))
    } else {
        deep(&stream, form, &limits).map(|chunk| place(&chunk, 16, form, rect, raw))
    };
    share.unwrap_or(0.0)
}

/// Components that a chunk has.
const fn channels(form: &Form) -> usize {
    if form.planar { 1 } else { form.samples }
}

/// Whether a chunk of this size and so many components is what it should be: it is no larger than the file says.
fn fits(form: &Form, (width, height): (u32, u32), components: usize) -> bool {
    components == channels(form) && width <= form.chunk.0 && height <= form.chunk.1
}

fn place<T: Sample + Into<u32>, S: Stored>(
    chunk: &Chunk<T>,
    bits: u16,
    form: &Form,
    rect: &ChunkRect,
    raw: &mut [S],
) -> f64 {
    let Chunk { samples, width, rows } = chunk;
    let (channels, kept) = (channels(form), form.kept());
    let used = if form.planar { 1 } else { kept };
    let columns = (rect.columns as usize).min(*width);
    for y in 0..(rect.rows as usize).min(*rows) {
        let row = &samples[y * width * channels..][..width * channels];
        let from = ((rect.y as usize + y) * form.width as usize + rect.x as usize) * kept + rect.plane;
        for x in 0..columns {
            for c in 0..used {
                raw[from + x * kept + c] = S::from_bits(row[x * channels + c].into(), bits);
            }
        }
    }
    ((*rows).min(rect.rows as usize)) as f64 / f64::from(rect.rows.max(1))
}

/// A decoded chunk, its components interleaved.
struct Chunk<T> {
    samples: Vec<T>,
    width: usize,
    rows: usize,
}

impl<T: Sample> From<Raster<T>> for Chunk<T> {
    fn from(raster: Raster<T>) -> Self {
        let (width, rows) = (raster.width() as usize, raster.height() as usize);
        Self { samples: raster.into_samples(), width, rows }
    }
}

fn eight_bits(stream: &[u8], form: &Form, limits: DecodeLimits) -> Option<Chunk<u8>> {
    let mut decoder = Decoder::new_with_limits(stream, limits).ok()?;
    let header = decoder.header();
    if !fits(form, (header.width.into(), header.height.into()), header.components.len()) {
        return None;
    }
    let channels = channels(form);
    if channels > 1 && planes::needed(header, 1) {
        let (raster, _) = planes::decode(decoder, &mut Buffers::default()).ok()?;
        return (raster.layout().channels() == channels).then(|| raster.into());
    }
    decoder.set_output_format(match channels {
        1 => PixelFormat::Grayscale,
        3 => PixelFormat::Rgb,
        4 => PixelFormat::Cmyk,
        _ => return None,
    });
    let image = decoder.decode_image().ok()?;
    let is_whole = image.data.len() == image.width * image.height * channels;
    is_whole.then_some(Chunk { samples: image.data, width: image.width, rows: image.height })
}

/// Chunks of 12 bits, and lossless ones, brought to 16 bits.
fn deep(stream: &[u8], form: &Form, limits: &DecodeLimits) -> Option<Chunk<u16>> {
    let markers = Markers::read(&mut Cursor::new(stream)).ok()?;
    let components = usize::from(markers.components);
    let bytes = u64::from(markers.width) * u64::from(markers.height) * components as u64 * 2;
    let fits =
        fits(form, (markers.width, markers.height), components) && limits.max_memory.is_none_or(|most| bytes <= most);
    if !fits || u16::from(markers.precision) != form.bits {
        return None;
    }
    let raster = fallback::deep_raster(stream, &markers, limits).ok()?;
    (raster.layout().channels() == channels(form)).then(|| raster.into())
}

/// The chunk with its tables, and with Adobe's marker that says whether its three components are YCbCr: TIFF says it
/// elsewhere, and without the marker a decoder would guess.
fn whole(data: &[u8], form: &Form) -> Option<Vec<u8>> {
    let body = data.strip_prefix(&[0xff, 0xd8])?;
    let mut out = vec![0xff, 0xd8];
    if !form.planar && form.samples >= 3 && !has_adobe(body) {
        let ycbcr = form.photometric == Photometric::Rgb && form.jpeg_is_ycbcr;
        out.extend(b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0");
        out.push(u8::from(ycbcr));
    }
    if let Some(tables) = &form.jpeg_tables {
        let tables = tables.strip_prefix(&[0xff, 0xd8]).unwrap_or(tables);
        out.extend(tables.strip_suffix(&[0xff, 0xd9]).unwrap_or(tables));
    }
    out.extend(body);
    Some(out)
}

fn has_adobe(body: &[u8]) -> bool {
    body.windows(9).take(4096).any(|w| w.starts_with(b"\xff\xee") && w.ends_with(b"Adobe"))
}
