//! JPEG inside TIFF (Adobe's TIFF Technical Note 2): each chunk is a JPEG whose tables may stand in a tag.

use libjpeg_turbo_rs::{DecodeLimits, Decoder, Image, PixelFormat};

use super::form::{Form, Photometric};
use super::read::{ChunkRect, Stored};
use crate::Limits;

/// Decodes one chunk into place. Returns the share of its rows that was there: all or none.
pub(crate) fn read<S: Stored>(data: &[u8], form: &Form, rect: &ChunkRect, limits: &Limits, raw: &mut [S]) -> f64 {
    let channels = if form.planar { 1 } else { form.samples };
    let Some(Image { data: samples, width, height: rows, .. }) = decode(data, form, channels, limits) else {
        return 0.0;
    };
    let kept = form.kept();
    let used = if form.planar { 1 } else { kept };
    let columns = (rect.columns as usize).min(width);
    for y in 0..(rect.rows as usize).min(rows) {
        let row = &samples[y * width * channels..][..width * channels];
        let from = ((rect.y as usize + y) * form.width as usize + rect.x as usize) * kept + rect.plane;
        for x in 0..columns {
            for c in 0..used {
                raw[from + x * kept + c] = S::from_bits(u32::from(row[x * channels + c]), 8);
            }
        }
    }
    (rows.min(rect.rows as usize)) as f64 / f64::from(rect.rows.max(1))
}

fn decode(data: &[u8], form: &Form, channels: usize, limits: &Limits) -> Option<Image> {
    let stream = whole(data, form)?;
    let limits = DecodeLimits {
        max_scans: limits.scans,
        max_memory: Some(limits.decoded_bytes.saturating_mul(4)),
        ..DecodeLimits::default()
    };
    let mut decoder = Decoder::new_with_limits(&stream, limits).ok()?;
    let header = decoder.header();
    // A chunk is no larger than it says.
    if header.components.len() != channels
        || usize::from(header.width) > form.chunk.0 as usize
        || usize::from(header.height) > form.chunk.1 as usize
    {
        return None;
    }
    decoder.set_output_format(match channels {
        1 => PixelFormat::Grayscale,
        3 => PixelFormat::Rgb,
        4 => PixelFormat::Cmyk,
        _ => return None,
    });
    let image = decoder.decode_image().ok()?;
    (image.data.len() == image.width * image.height * channels).then_some(image)
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
