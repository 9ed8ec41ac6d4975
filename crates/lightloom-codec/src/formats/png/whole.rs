//! PNG files whose data are unpacked at once, which is quicker than a stream: 8 bits per sample, no palette, not interlaced,
//! undamaged, and not too large.

use libdeflater::{Crc, Decompressor};

use super::rows;
use crate::Header;
use crate::decode::RowSink;
use lightloom_picture::{Buffers, Layout, Raster};

/// Bytes of unpacked data from which on a stream takes less memory than it costs time.
pub(super) const MOST: usize = 256 << 20;

/// What such a file says about its pixels.
struct Contents<'a> {
    width: usize,
    height: usize,
    layout: Layout,
    /// Of all data chunks.
    packed: Vec<&'a [u8]>,
}

/// Decodes. None if the file is of another kind or damaged.
pub(super) fn decode(bytes: &[u8], buffers: &mut Buffers) -> Option<Raster<u8>> {
    let Unpacked { width, height, layout, mut samples } = unpacked(bytes, buffers)?;
    let row = width * layout.channels();
    let decoded = match layout {
        Layout::Grey => unfilter::<1>(&mut samples, row),
        Layout::GreyAlpha => unfilter::<2>(&mut samples, row),
        Layout::Rgb => unfilter::<3>(&mut samples, row),
        Layout::Rgba => unfilter::<4>(&mut samples, row),
    };
    if decoded.is_none() {
        buffers.give(samples);
        return None;
    }
    samples.truncate(row * height);
    Some(Raster::new(width as u32, height as u32, layout, samples))
}

/// As [`decode`], a few rows at a time. Returns whether all came.
pub(super) fn decode_rows(bytes: &[u8], header: &Header, buffers: &mut Buffers, sink: RowSink<'_>) -> bool {
    let Some(Unpacked { width, layout, samples, .. }) = unpacked(bytes, buffers) else { return false };
    let row = width * layout.channels();
    let is_whole = layout == header.stored.layout
        && match layout {
            Layout::Grey => show_rows::<1>(&samples, row, sink),
            Layout::GreyAlpha => show_rows::<2>(&samples, row, sink),
            Layout::Rgb => show_rows::<3>(&samples, row, sink),
            Layout::Rgba => show_rows::<4>(&samples, row, sink),
        };
    buffers.give(samples);
    is_whole
}

/// Rows that are shown at a time.
const SHOWN: usize = 16;

fn show_rows<const BYTES: usize>(samples: &[u8], row: usize, sink: RowSink<'_>) -> bool {
    let (mut above, mut shown) = (vec![0; row], vec![0; SHOWN * row]);
    for filtered in samples.chunks(SHOWN * (row + 1)) {
        for (filtered, this) in filtered.chunks_exact(row + 1).zip(shown.chunks_exact_mut(row)) {
            this.copy_from_slice(&filtered[1..]);
            if rows::undo::<BYTES>(filtered[0], &above, this).is_none() {
                return false;
            }
            above.copy_from_slice(this);
        }
        if !sink(&mut shown[..filtered.len() / (row + 1) * row]) {
            return false;
        }
    }
    true
}

/// Rows as they were packed, each behind the number of its filter.
struct Unpacked {
    width: usize,
    height: usize,
    layout: Layout,
    samples: Vec<u8>,
}

fn unpacked(bytes: &[u8], buffers: &mut Buffers) -> Option<Unpacked> {
    let Contents { width, height, layout, packed } = contents(bytes)?;
    let row = width.checked_mul(layout.channels())?;
    let unpacked = (row + 1).checked_mul(height).filter(|count| *count <= MOST)?;
    let mut samples = buffers.take_for_overwrite::<u8>(unpacked);
    let mut unpack = |packed: &[u8]| Decompressor::new().zlib_decompress(packed, &mut samples) == Ok(unpacked);
    let is_whole = if let [packed] = packed[..] {
        unpack(packed)
    } else {
        let mut joined = buffers.take_for_overwrite::<u8>(packed.iter().map(|part| part.len()).sum());
        let mut rest = &mut joined[..];
        for part in packed {
            rest.split_off_mut(..part.len())?.copy_from_slice(part);
        }
        let is_whole = unpack(&joined);
        buffers.give(joined);
        is_whole
    };
    if is_whole {
        return Some(Unpacked { width, height, layout, samples });
    }
    buffers.give(samples);
    None
}

/// Undoes the filters of all rows, each of which begins with the number of its own, and closes the gaps.
fn unfilter<const BYTES: usize>(samples: &mut [u8], row: usize) -> Option<()> {
    let mut above = vec![0; row];
    for y in 0..samples.len() / (row + 1) {
        let from = y * (row + 1);
        let filter = samples[from];
        samples.copy_within(from + 1..from + 1 + row, y * row);
        let (before, this) = samples.split_at_mut(y * row);
        let above = if y == 0 { &mut above } else { &mut before[(y - 1) * row..] };
        rows::undo::<BYTES>(filter, above, &mut this[..row])?;
    }
    Some(())
}

/// Reads the chunks. None if there is one that changes what the samples mean, or a wrong checksum.
fn contents(bytes: &[u8]) -> Option<Contents<'_>> {
    let mut rest = bytes.get(8..)?;
    let mut contents = None;
    loop {
        let (length, after) = rest.split_first_chunk()?;
        let (named, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize + 4)?;
        let (checksum, after) = after.split_first_chunk()?;
        let (kind, data) = named.split_first_chunk::<4>()?;
        rest = after;
        match (kind, &mut contents) {
            (b"IEND", _) => return contents,
            (b"tRNS" | b"acTL" | b"PLTE", _) => return None,
            (b"IHDR" | b"IDAT", _) if crc(named) != u32::from_be_bytes(*checksum) => return None,
            (b"IHDR", None) => contents = Some(header(data)?),
            (b"IDAT", Some(Contents { packed, .. })) => packed.push(data),
            (b"IHDR" | b"IDAT", _) => return None,
            // Another chunk that has to be understood.
            ([first, ..], _) if first.is_ascii_uppercase() => return None,
            _ => {}
        }
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn header<'a>(data: &[u8]) -> Option<Contents<'a>> {
    let ([w3, w2, w1, w0, h3, h2, h1, h0, depth, colour, compression, filter, interlace], []) =
        data.split_first_chunk::<13>()?
    else {
        return None;
    };
    if (*depth, *compression, *filter, *interlace) != (8, 0, 0, 0) {
        return None;
    }
    let layout = match colour {
        0 => Layout::Grey,
        2 => Layout::Rgb,
        4 => Layout::GreyAlpha,
        6 => Layout::Rgba,
        _ => return None,
    };
    let number = |bytes| u32::from_be_bytes(bytes) as usize;
    let (width, height) = (number([*w3, *w2, *w1, *w0]), number([*h3, *h2, *h1, *h0]));
    Some(Contents { width, height, layout, packed: Vec::new() }).filter(|_| width > 0 && height > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EncodeOptions, find};
    use lightloom_picture::Picture;

    fn written(layout: Layout) -> (Raster<u8>, Vec<u8>) {
        let samples = (0..67 * 41 * layout.channels()).map(|i| (i * i / 7 + i / 3) as u8).collect();
        let raster = Raster::new(67, 41, layout, samples);
        let picture = Picture::new(raster.clone().into());
        let png = find("png").unwrap();
        (raster, crate::encode(png, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes)
    }

    #[test]
    fn every_layout_is_read_and_agrees_with_the_png_crate() {
        for layout in [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba] {
            let (raster, bytes) = written(layout);
            assert_eq!(decode(&bytes, &mut Buffers::default()).as_ref(), Some(&raster), "{layout:?}");
            let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
            let mut samples = vec![0; raster.samples().len()];
            reader.next_frame(&mut samples).unwrap();
            assert_eq!(samples, raster.samples(), "{layout:?}");
        }
    }

    #[test]
    fn damaged_files_and_other_kinds_are_left_to_the_png_crate() {
        let (_, bytes) = written(Layout::Rgb);
        let mut buffers = Buffers::default();
        for at in 8..bytes.len() - 12 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            assert!(decode(&damaged, &mut buffers).is_none(), "byte {at}");
        }
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length], &mut buffers).is_none(), "{length} bytes");
        }
        let mut indexed = Vec::new();
        let mut info = png::Info::with_size(2, 1);
        info.color_type = png::ColorType::Indexed;
        info.palette = Some(vec![0; 6].into());
        png::Encoder::with_info(&mut indexed, info)
            .and_then(png::Encoder::write_header)
            .and_then(|mut writer| writer.write_image_data(&[0, 1]))
            .unwrap();
        assert!(decode(&indexed, &mut buffers).is_none());
    }
}
