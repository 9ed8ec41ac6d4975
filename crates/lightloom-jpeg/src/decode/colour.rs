//! YCbCr to RGB as libjpeg converts it (`jdcolor.c`; the matrix is that of JFIF): 1.402, 0.344136, 0.714136 and 1.772 with
//! 16 bits after the binary point, less what is whole.

use multiversion::multiversion;

/// Pixels converted at a time.
const PIECE: usize = 64;

/// Converts a row to interleaved RGB.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn row(y: &[u8], cb: &[u8], cr: &[u8], rgb: &mut [u8]) {
    let planes = y.chunks(PIECE).zip(cb.chunks(PIECE)).zip(cr.chunks(PIECE));
    for (((y, cb), cr), rgb) in planes.zip(rgb.chunks_mut(3 * PIECE)) {
        let count = rgb.len() / 3;
        let mut planes = [[0; PIECE]; 3];
        if let (Ok(y), Ok(cb), Ok(cr)) = (y.try_into(), cb.try_into(), cr.try_into()) {
            piece(y, cb, cr, &mut planes);
        } else {
            let filled = |row: &[u8]| {
                let mut piece = [0; PIECE];
                let count = count.min(row.len());
                piece[..count].copy_from_slice(&row[..count]);
                piece
            };
            piece(&filled(y), &filled(cb), &filled(cr), &mut planes);
        }
        if let Ok(rgb) = <&mut [u8; 3 * PIECE]>::try_from(&mut *rgb) {
            for i in 0..PIECE {
                rgb[3 * i] = planes[0][i];
                rgb[3 * i + 1] = planes[1][i];
                rgb[3 * i + 2] = planes[2][i];
            }
        } else {
            for (i, pixel) in rgb.chunks_exact_mut(3).enumerate() {
                pixel.copy_from_slice(&planes.map(|plane| plane[i]));
            }
        }
    }
}

#[inline(always)]
fn piece(y: &[u8; PIECE], cb: &[u8; PIECE], cr: &[u8; PIECE], rgb: &mut [[u8; PIECE]; 3]) {
    for i in 0..PIECE {
        let (y, cb, cr) = (i16::from(y[i]), i16::from(cb[i]) - 128, i16::from(cr[i]) - 128);
        let red = y + cr + scaled(cr, 26_345);
        let green = y - cr + ((i32::from(cb) * -22_554 + i32::from(cr) * 18_734 + 32_768) >> 16) as i16;
        let blue = y + 2 * cb + scaled(cb, -14_942);
        rgb[0][i] = red.clamp(0, 255) as u8;
        rgb[1][i] = green.clamp(0, 255) as u8;
        rgb[2][i] = blue.clamp(0, 255) as u8;
    }
}

/// A product with a factor that has 16 bits after the binary point, rounded. Only its upper half is computed.
#[inline(always)]
fn scaled(value: i16, factor: i16) -> i16 {
    let doubled = ((i32::from(2 * value) * i32::from(factor)) >> 16) as i16;
    (doubled + 1) >> 1
}
