//! Damaged PNG files as far as they go: the chunks that pixels need put together anew, and their rows until the data end or
//! make no sense.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use png::{BitDepth, ColorType, Decoder, InterlaceInfo, Transformations, splat_interlaced_row};

use super::MOST;
use super::chunks::chunk;
use crate::shared::deflate;
use crate::{CodecError, Decoded, Request};
use lightloom_picture::{Buffers, Depth, Layout, Pixels, Raster};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The chunks of a file that pixels need.
#[derive(Default)]
struct Parts {
    header: Vec<u8>,
    palette: Option<Vec<u8>>,
    transparency: Option<Vec<u8>>,
    /// Of all chunks of pixel data; of a cut one what is there.
    packed: Vec<u8>,
}

impl Parts {
    /// None without a header that can be trusted.
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(SIGNATURE)?;
        let mut parts = Self::default();
        while let Some((&[l3, l2, l1, l0, ref kind @ ..], after)) = rest.split_first_chunk::<8>() {
            let length = u32::from_be_bytes([l3, l2, l1, l0]) as usize;
            let (data, after) = after.split_at(length.min(after.len()));
            let is_whole = after.len() >= CHECKSUM;
            match kind {
                b"IHDR" if parts.header.is_empty() => {
                    let mut written = Vec::new();
                    chunk(&mut written, kind, data);
                    // A wrong size would make a picture of any kind.
                    if data.len() != 13 || !is_whole || !written.ends_with(&after[..CHECKSUM]) {
                        return None;
                    }
                    parts.header = data.to_vec();
                }
                b"IDAT" => parts.packed.extend(data),
                // Colours are three bytes each, and a palette has at most 256 of them.
                b"PLTE" if is_whole && length.is_multiple_of(3) && (3..=768).contains(&length) => {
                    parts.palette = Some(data.to_vec());
                }
                b"tRNS" if is_whole => parts.transparency = Some(data.to_vec()),
                b"IEND" => break,
                _ => {}
            }
            rest = after.get(CHECKSUM..).unwrap_or_default();
        }
        (!parts.header.is_empty()).then_some(parts)
    }

    /// As a file, with checksums that fit and an end.
    fn written(&self) -> Vec<u8> {
        let mut out = SIGNATURE.to_vec();
        chunk(&mut out, b"IHDR", &self.header);
        for (kind, data) in [(b"PLTE", &self.palette), (b"tRNS", &self.transparency)] {
            if let Some(data) = data {
                chunk(&mut out, kind, data);
            }
        }
        chunk(&mut out, b"IDAT", &self.packed);
        chunk(&mut out, b"IEND", &[]);
        out
    }

    /// Bytes of all rows, each with the number of its filter in front.
    fn unpacked_bytes(&self) -> Option<usize> {
        let [w3, w2, w1, w0, h3, h2, h1, h0, depth, colour, _, _, interlace] = *self.header.first_chunk()?;
        let (width, height) = (u32::from_be_bytes([w3, w2, w1, w0]), u32::from_be_bytes([h3, h2, h1, h0]));
        let channels: u64 = match colour {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };
        let passes: &[Pass] = if interlace == 1 { &INTERLACED } else { &[Pass { first: (0, 0), step: (1, 1) }] };
        let bytes = passes.iter().map(|Pass { first, step }| {
            let side = |length: u32, first: u32, step: u32| u64::from(length.saturating_sub(first).div_ceil(step));
            let (columns, rows) = (side(width, first.0, step.0), side(height, first.1, step.1));
            if columns == 0 { 0 } else { rows * (1 + (columns * channels * u64::from(depth)).div_ceil(8)) }
        });
        usize::try_from(bytes.sum::<u64>()).ok()
    }

    /// Replaces the pixel data by what they unpack to, as far as that goes, and zeros. Returns the share that was there;
    /// none if that is nothing, or if the data are too large to be held beside the picture.
    fn unpack(&mut self) -> Option<f64> {
        let expected = self.unpacked_bytes().filter(|bytes| (1..=MOST).contains(bytes))?;
        let mut unpacked = vec![0; expected];
        let there = deflate::unpack(&self.packed, &mut unpacked);
        let mut stored = ZlibEncoder::new(Vec::with_capacity(expected + expected / 1000 + 64), Compression::none());
        stored.write_all(&unpacked).ok()?;
        self.packed = stored.finish().ok()?;
        (there > 0).then(|| there as f64 / expected as f64)
    }
}

const CHECKSUM: usize = 4;

/// The first column and row of a pass, and how far apart they are (PNG third edition, section 8).
struct Pass {
    first: (u32, u32),
    step: (u32, u32),
}

const INTERLACED: [Pass; 7] = [
    Pass { first: (0, 0), step: (8, 8) },
    Pass { first: (4, 0), step: (8, 8) },
    Pass { first: (0, 4), step: (4, 8) },
    Pass { first: (2, 0), step: (4, 4) },
    Pass { first: (0, 2), step: (2, 4) },
    Pass { first: (1, 0), step: (2, 2) },
    Pass { first: (0, 1), step: (1, 2) },
];

/// A file of the header, the palette and the pixel data, with checksums that fit and an end. None without a header that
/// can be trusted.
pub(super) fn rebuilt(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(Parts::read(bytes)?.written())
}

/// Decodes a file as far as it goes. What is missing is black, or transparent where there is alpha.
///
/// # Errors
/// If not a single row is there.
pub(super) fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let stored = request.header.stored;
    request.limits.check(stored)?;
    let mut parts = Parts::read(bytes).ok_or_else(|| CodecError::Damaged("its header is damaged".to_owned()))?;
    let there = parts.unpack().ok_or_else(|| CodecError::Damaged("its pixel data are missing".to_owned()))?;
    let file = parts.written();
    drop(parts);
    let most = usize::try_from(request.limits.decoded_bytes).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(Cursor::new(&file), png::Limits { bytes: most });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.ignore_checksums(true);
    let mut reader = decoder.read_info().map_err(CodecError::undecodable)?;
    let (colour, bits) = reader.output_color_type();
    let layout = match colour {
        ColorType::Grayscale => Layout::Grey,
        ColorType::GrayscaleAlpha => Layout::GreyAlpha,
        ColorType::Rgb | ColorType::Indexed => Layout::Rgb,
        ColorType::Rgba => Layout::Rgba,
    };
    let depth = if bits == BitDepth::Sixteen { Depth::U16 } else { Depth::U8 };
    if (reader.info().size(), layout, depth) != ((stored.width, stored.height), stored.layout, stored.depth) {
        return Err(CodecError::Damaged("its header is ambiguous".to_owned()));
    }
    let pixel_bytes = layout.channels() * if depth == Depth::U16 { 2 } else { 1 };
    let stride = stored.width as usize * pixel_bytes;
    let mut samples = buffers.take::<u8>(stride * stored.height as usize);
    samples.fill(0);
    let mut bytes_read = 0;
    let mut rows = samples.chunks_exact_mut(stride);
    let mut interlaced = None;
    while let Ok(Some(row)) = reader.next_interlaced_row() {
        bytes_read += row.data().len();
        match row.interlace() {
            InterlaceInfo::Null(_) => {
                let Some(to) = rows.next() else { break };
                to.copy_from_slice(row.data());
            }
            InterlaceInfo::Adam7(pass) => {
                let all = interlaced.get_or_insert_with(|| vec![0; stride * stored.height as usize]);
                splat_interlaced_row(all, stride, row.data(), pass, 8 * pixel_bytes as u8);
            }
        }
        request.watch.check()?;
    }
    if bytes_read == 0 {
        return Err(CodecError::Damaged("its pixel data are missing".to_owned()));
    }
    if let Some(all) = interlaced {
        samples.copy_from_slice(&all);
    }
    // Behind the data there are zeros, and a filter that does not exist ends the rows.
    let share = there.min(bytes_read as f64 / samples.len() as f64);
    let partial = (share < 1.0).then(|| format!("about {:.0} % of the picture was decoded", share * 100.0));
    let (width, height) = (stored.width, stored.height);
    let pixels: Pixels = if depth == Depth::U16 {
        let deep = samples.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        buffers.give(samples);
        Raster::new(width, height, layout, deep).into()
    } else {
        Raster::new(width, height, layout, samples).into()
    };
    Ok(Decoded { pixels, partial, notes: Vec::new() })
}

#[cfg(test)]
mod tests {
    use crate::{CodecError, Decoded, EncodeOptions, Limits};
    use lightloom_picture::{Buffers, Depth, Layout, Picture, Pixels, Raster};

    fn written(depth: Depth) -> (Pixels, Vec<u8>) {
        let samples = (0..60 * 50 * 3_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 16) as u16).collect();
        let pixels = Pixels::from(Raster::new(60, 50, Layout::Rgb, samples)).into_depth(depth);
        let png = crate::find("png").unwrap();
        let picture = Picture::new(pixels.clone());
        (pixels, crate::encode(png, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes)
    }

    fn read(bytes: &[u8]) -> Result<Decoded, CodecError> {
        let limits = Limits::default();
        let (codec, header) = crate::header(bytes, &limits)?;
        crate::decode(codec, bytes, &header, 1, &limits, &mut Buffers::default())
    }

    fn same_rows(a: &Pixels, b: &Pixels) -> usize {
        let row = a.bytes().len() / a.height() as usize;
        a.bytes().chunks(row).zip(b.bytes().chunks(row)).take_while(|(a, b)| a == b).count()
    }

    #[test]
    fn of_a_truncated_file_the_rows_that_are_there_are_decoded() {
        for depth in [Depth::U8, Depth::U16] {
            let (pixels, bytes) = written(depth);
            for share in [0.3, 0.6, 0.97] {
                let cut = (bytes.len() as f64 * share) as usize;
                let decoded = read(&bytes[..cut]).unwrap();
                let rows = same_rows(&pixels, &decoded.pixels) as f64 / 50.0;
                assert!(rows > share - 0.2 && rows < 1.0, "{rows} of the rows for {share} of the file");
                let partial = decoded.partial.unwrap();
                assert!(partial.contains("ends too early") && partial.contains(" % of the picture"), "{partial}");
            }
            // Without the end chunk everything is there.
            for missing in [1, 4, 8, 12] {
                let decoded = read(&bytes[..bytes.len() - missing]).unwrap();
                assert_eq!((decoded.partial, &decoded.pixels), (None, &pixels), "{missing} bytes");
                assert_eq!(decoded.notes, [crate::NO_END]);
            }
        }
    }

    #[test]
    fn wrong_checksums_and_chunks_that_make_no_sense_cost_no_picture() {
        let (pixels, bytes) = written(Depth::U8);
        let at = bytes.windows(4).position(|kind| kind == b"IDAT").unwrap();
        let palette = b"\0\0\0\x04PLTEabcd\0\0\0\0";
        let with_palette = [&bytes[..at - 4], palette, &bytes[at - 4..]].concat();
        let decoded = read(&with_palette).unwrap();
        assert_eq!((same_rows(&pixels, &decoded.pixels), decoded.partial.is_some()), (50, true));
        let mut wrong_sum = bytes;
        let end = wrong_sum.len() - 12;
        wrong_sum[end - 1] ^= 1;
        let decoded = read(&wrong_sum).unwrap();
        assert_eq!(same_rows(&pixels, &decoded.pixels), 50);
        assert!(decoded.partial.unwrap().contains("checksum"));
        // A wrong size is not believed.
        wrong_sum[19] ^= 1;
        assert!(read(&wrong_sum).is_err());
    }
}
