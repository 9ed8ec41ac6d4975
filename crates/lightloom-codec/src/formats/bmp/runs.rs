//! Run-length coding of bitmaps: BI_RLE8 and BI_RLE4 of Windows, and OS/2's of 24 bits, which differs from them in what
//! a pixel is.

use super::dib::Dib;
use crate::CodecError;
use crate::watch::Watch;

/// Where the next pixel goes: column, and row in the order of the file.
struct Pen<'a> {
    dib: &'a Dib,
    samples: &'a mut [u8],
    x: u32,
    y: u32,
}

impl Pen<'_> {
    /// Sets a pixel and goes on; what lies outside the picture is left out.
    fn put(&mut self, colour: [u8; 3]) {
        let Dib { width, height, top_down, .. } = *self.dib;
        if self.x < width && self.y < height {
            let row = if top_down { self.y } else { height - 1 - self.y };
            let at = (row as usize * width as usize + self.x as usize) * 3;
            self.samples[at..at + 3].copy_from_slice(&colour);
        }
        self.x = self.x.saturating_add(1);
    }

    fn colour(&self, index: u8) -> [u8; 3] {
        self.dib.palette.get(usize::from(index)).copied().unwrap_or_default()
    }
}

/// Decodes runs into `samples`, RGB. Pixels that the runs skip have the palette's first colour. Returns how many rows
/// were there.
pub(super) fn read(dib: &Dib, data: &[u8], watch: &Watch<'_>, samples: &mut [u8]) -> Result<u32, CodecError> {
    let first = dib.palette.first().copied().unwrap_or_default();
    samples.as_chunks_mut::<3>().0.fill(first);
    let mut pen = Pen { dib, samples, x: 0, y: 0 };
    let mut rest = data;
    let mut step = 0_u32;
    while pen.y < dib.height {
        step += 1;
        if step.is_multiple_of(4096) {
            watch.check()?;
        }
        let Some((&[count, value], next)) = rest.split_first_chunk::<2>() else { break };
        rest = next;
        match (count, value) {
            (0, 0) => (pen.x, pen.y) = (0, pen.y + 1),
            (0, 1) => return Ok(dib.height),
            (0, 2) => {
                let Some((&[right, down], next)) = rest.split_first_chunk::<2>() else { break };
                rest = next;
                (pen.x, pen.y) = (pen.x.saturating_add(right.into()), pen.y + u32::from(down));
            }
            (0, literal) => {
                let bytes = (usize::from(literal) * usize::from(dib.bits)).div_ceil(8);
                let Some((pixels, next)) = rest.split_at_checked(bytes) else { break };
                // Filled up to two bytes.
                rest = next.get(bytes % 2..).unwrap_or_default();
                literals(&mut pen, pixels, literal);
            }
            _ if dib.bits == 24 => {
                let Some((&[green, red], next)) = rest.split_first_chunk::<2>() else { break };
                rest = next;
                (0..count).for_each(|_| pen.put([red, green, value]));
            }
            _ if dib.bits == 8 => {
                let colour = pen.colour(value);
                (0..count).for_each(|_| pen.put(colour));
            }
            _ => {
                let pair = [pen.colour(value >> 4), pen.colour(value & 15)];
                (0..count).for_each(|i| pen.put(pair[usize::from(i % 2)]));
            }
        }
    }
    // The mark of the end, which did not come, may be missing behind a whole picture.
    let is_whole = pen.y + 1 == dib.height && pen.x >= dib.width;
    Ok(if is_whole { dib.height } else { pen.y.min(dib.height) })
}

/// Pixels one by one.
fn literals(pen: &mut Pen<'_>, pixels: &[u8], count: u8) {
    match pen.dib.bits {
        24 => pixels.as_chunks::<3>().0.iter().for_each(|[blue, green, red]| pen.put([*red, *green, *blue])),
        8 => pixels.iter().for_each(|index| pen.put(pen.colour(*index))),
        _ => {
            for i in 0..count {
                let byte = pixels[usize::from(i / 2)];
                pen.put(pen.colour(if i % 2 == 0 { byte >> 4 } else { byte & 15 }));
            }
        }
    }
}
