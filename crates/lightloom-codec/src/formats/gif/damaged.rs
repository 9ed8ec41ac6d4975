//! The first picture of a damaged GIF as far as its data go.

use gif::{ColorOutput, DecodeOptions, MemoryLimit};

use super::frames::screen;
use crate::frames::canvas::{Canvas, Rect};
use crate::{CodecError, Decoded, Request};
use lightloom_picture::Buffers;

/// Decodes row by row; what is missing is transparent.
///
/// # Errors
/// If not a single row is there.
pub(super) fn decode(bytes: &[u8], request: &Request<'_>, _: &mut Buffers) -> Result<Decoded, CodecError> {
    request.limits.check(request.header.stored)?;
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    options.set_memory_limit(MemoryLimit::Bytes(
        request.limits.decoded_bytes.try_into().unwrap_or(std::num::NonZeroU64::MIN),
    ));
    let mut decoder = options.read_info(request.watch.bytes(bytes)).map_err(CodecError::undecodable)?;
    let screen = screen(&mut std::io::Cursor::new(bytes))?;
    let mut canvas = Canvas::new(screen.width, screen.height);
    let frame = decoder.next_frame_info().map_err(CodecError::undecodable)?;
    let frame = frame.ok_or_else(|| CodecError::Damaged("it has no frame".to_owned()))?;
    let (width, height) = (u32::from(frame.width), u32::from(frame.height));
    let rect = Rect { left: frame.left.into(), top: frame.top.into(), width, height };
    let order: Vec<u32> = if frame.interlaced { interlaced(height).collect() } else { (0..height).collect() };
    let mut row = vec![0; width as usize * 4];
    let mut rows = 0;
    for y in &order {
        if !decoder.fill_buffer(&mut row).unwrap_or(false) {
            break;
        }
        canvas.over(Rect { top: rect.top + y, height: 1, ..rect }, &row);
        rows += 1;
    }
    request.watch.check()?;
    if rows == 0 {
        return Err(CodecError::Damaged("its pixel data are missing".to_owned()));
    }
    let share = 100.0 * f64::from(rows) / f64::from(height);
    let partial = (rows < height).then(|| format!("about {share:.0} % of the picture was decoded"));
    Ok(Decoded { pixels: canvas.pixels(), partial, notes: Vec::new() })
}

/// Rows in the order of an interlaced picture (GIF89a, appendix E).
fn interlaced(height: u32) -> impl Iterator<Item = u32> {
    [(0, 8), (4, 8), (2, 4), (1, 2)].into_iter().flat_map(move |(first, step)| (first..height).step_by(step))
}

#[cfg(test)]
mod tests {
    use crate::{Decoded, Limits};
    use lightloom_picture::Buffers;

    fn read(bytes: &[u8]) -> Result<Decoded, crate::CodecError> {
        let limits = Limits::default();
        let (codec, header) = crate::header(bytes, &limits)?;
        crate::decode(codec, bytes, &header, 1, &limits, &mut Buffers::default())
    }

    #[test]
    fn of_a_truncated_file_the_rows_that_are_there_are_decoded() {
        let palette: Vec<u8> = (0..=255).flat_map(|v| [v, 255 - v, v / 2]).collect();
        let indices: Vec<u8> = (0..90 * 64_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for is_interlaced in [false, true] {
            let mut bytes = Vec::new();
            let mut encoder = gif::Encoder::new(&mut bytes, 90, 64, &palette).unwrap();
            let frame = gif::Frame {
                width: 90,
                height: 64,
                interlaced: is_interlaced,
                buffer: indices.as_slice().into(),
                ..Default::default()
            };
            encoder.write_frame(&frame).unwrap();
            drop(encoder);
            let whole = read(&bytes).unwrap().pixels;
            let cut = read(&bytes[..bytes.len() * 2 / 3]).unwrap();
            let partial = cut.partial.unwrap();
            assert!(partial.contains(" % of the picture"), "{partial}");
            let rows = whole.bytes().chunks(90 * 4).zip(cut.pixels.bytes().chunks(90 * 4));
            let (same, clear) = rows.fold((0, 0), |(same, clear), (a, b)| {
                (same + usize::from(a == b), clear + usize::from(b.iter().all(|v| *v == 0)))
            });
            assert!(same > 20 && same + clear == 64, "{same} rows are right and {clear} clear, of 64");
        }
    }
}
