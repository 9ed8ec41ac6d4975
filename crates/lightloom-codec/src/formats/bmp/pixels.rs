//! The pixels of a device-independent bitmap.

use super::dib::{Coding, Dib};
use super::runs;
use crate::CodecError;
use crate::watch::Watch;
use lightloom_picture::{Buffers, Raster};

/// Decodes a bitmap whose pixels begin with `data`, and says what is missing. What the file does not hold is black.
///
/// # Errors
/// If there is nothing of them, or time is up.
pub(crate) fn read(
    dib: &Dib,
    data: &[u8],
    watch: &Watch<'_>,
    buffers: &mut Buffers,
) -> Result<(Raster<u8>, Option<String>), CodecError> {
    let (layout, row) = (dib.layout(), dib.width as usize * dib.layout().channels());
    if data.is_empty() {
        return Err(CodecError::Damaged("its pixel data are missing".to_owned()));
    }
    let mut samples = buffers.take::<u8>(row * dib.height as usize);
    samples.fill(0);
    let rows = match dib.coding {
        Coding::Runs => runs::read(dib, data, watch, &mut samples)?,
        _ => read_rows(dib, data, watch, &mut samples)?,
    };
    let share = f64::from(rows) * 100.0 / f64::from(dib.height);
    let partial =
        (rows < dib.height).then(|| format!("the file ends too early: about {share:.0} % of the picture was decoded"));
    Ok((Raster::new(dib.width, dib.height, layout, samples), partial))
}

/// Reads rows that are not compressed; returns how many were whole.
fn read_rows(dib: &Dib, data: &[u8], watch: &Watch<'_>, samples: &mut [u8]) -> Result<u32, CodecError> {
    let channels = dib.layout().channels();
    let row = dib.width as usize * channels;
    // The filling behind the last row may be missing.
    let used = (dib.width as usize * usize::from(dib.bits)).div_ceil(8);
    let mut whole = 0;
    let mut padded = Vec::new();
    for (y, stored) in (0..dib.height).zip(data.chunks(dib.stride())) {
        if y.is_multiple_of(64) {
            watch.check()?;
        }
        let place = if dib.top_down { y } else { dib.height - 1 - y };
        let target = &mut samples[place as usize * row..][..row];
        if stored.len() >= used {
            whole += 1;
            read_row(dib, stored, target);
        } else {
            padded.extend(stored);
            padded.resize(used, 0);
            read_row(dib, &padded, target);
        }
    }
    Ok(whole)
}

/// Decodes one row.
fn read_row(dib: &Dib, stored: &[u8], target: &mut [u8]) {
    match &dib.coding {
        Coding::Indices => {
            let bits = usize::from(dib.bits);
            let (per_byte, mask) = (8 / bits, (1_u16 << bits) - 1);
            for (x, pixel) in target.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                let byte = u16::from(stored[x / per_byte]);
                let index = byte >> (8 - bits - x % per_byte * bits) & mask;
                *pixel = dib.palette.get(usize::from(index)).copied().unwrap_or_default();
            }
        }
        Coding::Bgr => {
            for (pixel, [blue, green, red]) in target.as_chunks_mut::<3>().0.iter_mut().zip(stored.as_chunks::<3>().0) {
                *pixel = [*red, *green, *blue];
            }
        }
        Coding::Masks { colours: [red, green, blue], alpha } => {
            let bytes = usize::from(dib.bits / 8);
            let pixels = stored.chunks_exact(bytes).map(|raw| raw.iter().rev().fold(0, |n, b| n << 8 | u32::from(*b)));
            match alpha {
                Some(alpha) => {
                    for (to, pixel) in target.as_chunks_mut::<4>().0.iter_mut().zip(pixels) {
                        *to = [red.of(pixel), green.of(pixel), blue.of(pixel), alpha.of(pixel)];
                    }
                }
                None => {
                    for (to, pixel) in target.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
                        *to = [red.of(pixel), green.of(pixel), blue.of(pixel)];
                    }
                }
            }
        }
        // Decoded elsewhere.
        Coding::Runs | Coding::File(_) => {}
    }
}
