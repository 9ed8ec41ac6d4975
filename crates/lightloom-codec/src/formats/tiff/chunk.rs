//! The strips and tiles of a TIFF picture: decompression and predictors (TIFF 6.0, sections 8 to 14; Adobe's TIFF
//! Technical Notes for Deflate, and for the predictor of floats; LZMA, Zstandard and WebP as libtiff writes them).

use std::io::{Cursor, Read};

use image_webp::WebPDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::StreamingDecoder;
use weezl::BitOrder;

use super::ccitt::{self, Fax};
use crate::CodecError;
use crate::shared::deflate;

/// How chunks are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Fax(Fax),
    Lzw,
    /// As TIFF 6.0 described it.
    OldJpeg,
    Jpeg,
    Deflate,
    PackBits,
    /// Runs of bytes of equal weight, and 24 bits without compression, for logarithmic luminance.
    SgiLog,
    SgiLog24,
    Lzma,
    Zstandard,
    WebP,
}

impl Compression {
    /// From the value of the tag and T4Options.
    ///
    /// # Errors
    /// If it is none that is read here.
    pub fn from_tag(value: u64, t4_options: u64) -> Result<Self, CodecError> {
        Ok(match value {
            1 => Self::None,
            2 | 32_771 => Self::Fax(Fax::ModifiedHuffman),
            3 => Self::Fax(Fax::Group3 { two_dimensional: t4_options & 1 == 1 }),
            4 => Self::Fax(Fax::Group4),
            5 => Self::Lzw,
            6 => Self::OldJpeg,
            7 => Self::Jpeg,
            8 | 32_946 => Self::Deflate,
            32_773 => Self::PackBits,
            34_676 => Self::SgiLog,
            34_677 => Self::SgiLog24,
            34_925 => Self::Lzma,
            50_000 => Self::Zstandard,
            50_001 => Self::WebP,
            other => {
                let name = match other {
                    34_712 => " (JPEG 2000)",
                    34_887 => " (LERC)",
                    50_002 | 52_546 => " (JPEG XL)",
                    _ => "",
                };
                return Err(CodecError::Unsupported(format!("TIFF with compression {other}{name}")));
            }
        })
    }
}

/// Decompresses a chunk of `rows` rows of `width` pixels into `out`, whose length is known from the header; what is
/// missing stays zero. Returns how many bytes were there.
pub(crate) fn decompress(compression: Compression, data: &[u8], width: u32, rows: u32, out: &mut [u8]) -> usize {
    match compression {
        Compression::None => {
            let length = data.len().min(out.len());
            out[..length].copy_from_slice(&data[..length]);
            length
        }
        Compression::Fax(fax) => ccitt::decode(fax, data, width, rows, out) as usize * width.div_ceil(8) as usize,
        Compression::Lzw => lzw(data, out),
        Compression::Deflate => deflate::unpack(data, out),
        Compression::PackBits => pack_bits(data, out),
        Compression::Zstandard => StreamingDecoder::new(data).map_or(0, |decoder| fill(decoder, out)),
        Compression::Lzma => fill(XzReader::new_mem_limit(data, true, MOST_LZMA_KIB), out),
        Compression::WebP => webp(data, width, rows, out),
        // Not decoded to bytes of samples.
        Compression::Jpeg | Compression::OldJpeg | Compression::SgiLog | Compression::SgiLog24 => 0,
    }
}

/// Most memory for LZMA's dictionary, which even its strongest preset stays below; a malicious file asks for 4 GiB.
const MOST_LZMA_KIB: u32 = 80 << 10;

/// Reads as far as the data go, and returns how far.
fn fill(mut reader: impl Read, out: &mut [u8]) -> usize {
    let mut done = 0;
    while done < out.len() {
        match reader.read(&mut out[done..]) {
            Ok(0) | Err(_) => break,
            Ok(more) => done += more,
        }
    }
    done
}

/// A WebP picture of RGB or RGBA samples, which has the size of its chunk.
fn webp(data: &[u8], width: u32, rows: u32, out: &mut [u8]) -> usize {
    let Ok(mut decoder) = WebPDecoder::new(Cursor::new(data)) else { return 0 };
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let wanted = out.len() / (width as usize * rows as usize).max(1);
    if decoder.dimensions().0 != width || decoder.dimensions().1 > rows || !matches!(wanted, 3 | 4) {
        return 0;
    }
    decoder.set_memory_limit(out.len() * 4 + (1 << 20));
    let mut pixels = vec![0; width as usize * decoder.dimensions().1 as usize * channels];
    if decoder.read_image(&mut pixels).is_err() {
        return 0;
    }
    for (to, from) in out.chunks_exact_mut(wanted).zip(pixels.chunks_exact(channels)) {
        to.fill(255);
        let both = channels.min(wanted);
        to[..both].copy_from_slice(&from[..both]);
    }
    pixels.len() / channels * wanted
}

fn lzw(data: &[u8], out: &mut [u8]) -> usize {
    // Before TIFF 5.0 codes were stored with their low bit first: the clear code 256 then begins with 0, 1.
    let is_old = data.len() > 1 && data[0] == 0 && data[1] & 1 == 1;
    let order = if is_old { BitOrder::Lsb } else { BitOrder::Msb };
    let configuration = if is_old {
        weezl::decode::Configuration::new(order, 8)
    } else {
        weezl::decode::Configuration::with_tiff_size_switch(order, 8)
    };
    let mut decoder = configuration.build();
    let (mut from, mut to) = (0, 0);
    while to < out.len() {
        let step = decoder.decode_bytes(&data[from..], &mut out[to..]);
        from += step.consumed_in;
        to += step.consumed_out;
        if step.status.is_err() || (step.consumed_in == 0 && step.consumed_out == 0) {
            break;
        }
    }
    to
}

/// Runs of equal bytes and of literal bytes (TIFF 6.0, section 9).
pub(crate) fn pack_bits(mut data: &[u8], out: &mut [u8]) -> usize {
    let mut done = 0;
    while done < out.len() {
        let Some((&head, rest)) = data.split_first() else { break };
        data = rest;
        let room = out.len() - done;
        match head as i8 {
            -128 => {}
            n @ 0.. => {
                let length = (n as usize + 1).min(rest.len()).min(room);
                out[done..done + length].copy_from_slice(&rest[..length]);
                data = &rest[length..];
                done += length;
            }
            n => {
                let Some((&byte, rest)) = rest.split_first() else { break };
                let length = (1 - n as isize) as usize;
                let length = length.min(room);
                out[done..done + length].fill(byte);
                data = rest;
                done += length;
            }
        }
    }
    done
}

/// Turns every byte's bits round, for files whose pixels begin at the low bit.
pub(crate) fn reverse_bits(data: &mut [u8]) {
    data.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
}

/// Undoes horizontal differencing (predictor 2) in one row of `channels` interleaved samples of 8, 16, 32 or 64 bits.
pub(crate) fn undo_differences(row: &mut [u8], channels: usize, bits: u16, big_endian: bool) {
    let bytes = usize::from(bits / 8);
    if bytes == 1 {
        for i in channels..row.len() {
            row[i] = row[i].wrapping_add(row[i - channels]);
        }
        return;
    }
    let read = |raw: &[u8]| {
        let join = |n: u64, b: &u8| n << 8 | u64::from(*b);
        if big_endian { raw.iter().fold(0, join) } else { raw.iter().rev().fold(0, join) }
    };
    let step = channels * bytes;
    for at in (step..(row.len() + 1).saturating_sub(bytes)).step_by(bytes) {
        let sum = read(&row[at..at + bytes]).wrapping_add(read(&row[at - step..at - step + bytes]));
        if big_endian {
            row[at..at + bytes].copy_from_slice(&sum.to_be_bytes()[8 - bytes..]);
        } else {
            row[at..at + bytes].copy_from_slice(&sum.to_le_bytes()[..bytes]);
        }
    }
}

/// Undoes the predictor of floats (predictor 3) in one row: bytes of equal weight stand together, highest first, and
/// hold differences. The result is big-endian.
pub(crate) fn undo_float_differences(row: &mut [u8], channels: usize, bits: u16) {
    let bytes = usize::from(bits / 8);
    undo_differences(row, channels, 8, true);
    let planes = row.to_vec();
    let samples = row.len() / bytes.max(1);
    for (i, sample) in row.chunks_exact_mut(bytes).enumerate() {
        for (b, byte) in sample.iter_mut().enumerate() {
            *byte = planes[b * samples + i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pack_bits_of_the_specification() {
        // Apple's example, which TIFF 6.0 refers to.
        let packed = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
        let mut out = [0; 24];
        assert_eq!(pack_bits(&packed, &mut out), 24);
        assert_eq!(out[..6], [0xaa, 0xaa, 0xaa, 0x80, 0, 0x2a]);
        assert_eq!(out[14..], [0xaa; 10]);
        assert_eq!(pack_bits(&packed[..3], &mut out), 3);
    }

    #[test]
    fn differences_are_summed_by_channel() {
        let mut row = [1, 10, 1, 1, 255, 2];
        undo_differences(&mut row, 2, 8, false);
        assert_eq!(row, [1, 10, 2, 11, 1, 13]);
        let mut row = [0, 255, 0, 1, 1, 0];
        undo_differences(&mut row, 1, 16, true);
        assert_eq!(row, [0, 255, 1, 0, 2, 0]);
    }

    #[test]
    fn floats_come_back_from_their_planes() {
        let samples = [1.5_f32, -2.25, 1e9];
        let mut planes: Vec<u8> = (0..4).flat_map(|b| samples.map(|s| s.to_be_bytes()[b])).collect();
        for i in (1..planes.len()).rev() {
            planes[i] = planes[i].wrapping_sub(planes[i - 1]);
        }
        undo_float_differences(&mut planes, 1, 32);
        let back: Vec<f32> = planes.chunks_exact(4).map(|b| f32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect();
        assert_eq!(back, samples);
    }
}
