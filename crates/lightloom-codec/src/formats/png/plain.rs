//! PNG files that are unpacked a few rows at a time: 8 bits per sample, no palette, not interlaced, undamaged.

use libdeflater::{Adler32, Crc};

use super::inflate::{Inflater, SLACK, WINDOW};
use super::rows;
use crate::Header;
use crate::decode::RowSink;
use lightloom_picture::{Buffers, Layout, Raster};

/// What such a file says about its pixels.
struct Contents<'a> {
    width: usize,
    height: usize,
    layout: Layout,
    /// The data of all data chunks.
    packed: Vec<&'a [u8]>,
}

/// Decodes, until `watch` says no. None if the file is of another kind or damaged.
pub(super) fn decode(bytes: &[u8], buffers: &mut Buffers, watch: &(dyn Fn() -> bool + Sync)) -> Option<Raster<u8>> {
    let contents = contents(bytes)?;
    let Contents { width, height, layout, .. } = contents;
    let mut samples = buffers.take_for_overwrite::<u8>(width.checked_mul(layout.channels())?.checked_mul(height)?);
    let mut rest = &mut samples[..];
    let is_whole = contents.rows(&mut |rows| {
        rest.split_off_mut(..rows.len()).is_some_and(|to| {
            to.copy_from_slice(rows);
            watch()
        })
    });
    if is_whole.is_none() {
        buffers.give(samples);
        return None;
    }
    Some(Raster::new(width as u32, height as u32, layout, samples))
}

/// As [`decode`], a few rows at a time. Returns whether all came.
pub(super) fn decode_rows(bytes: &[u8], header: &Header, sink: RowSink<'_>) -> bool {
    let contents = contents(bytes).filter(|contents| contents.layout == header.stored.layout);
    contents.and_then(|contents| contents.rows(sink)).is_some()
}

/// Rows that are shown at a time, at most, and about so many bytes.
const SHOWN: (usize, usize) = (16, 512 << 10);

/// Bytes that are unpacked at a time, or two rows where those are longer.
const UNPACKED: usize = 128 << 10;

/// Longer rows are left to the png crate, as several are held at once.
const LONGEST_ROW: usize = 16 << 20;

impl Contents<'_> {
    /// Shows all rows until `sink` says no. None if it did, or the data are damaged.
    fn rows(&self, sink: RowSink<'_>) -> Option<()> {
        match self.layout {
            Layout::Grey => self.rows_of::<1>(sink),
            Layout::GreyAlpha => self.rows_of::<2>(sink),
            Layout::Rgb => self.rows_of::<3>(sink),
            Layout::Rgba => self.rows_of::<4>(sink),
        }
    }

    /// As [`Self::rows`], with so many bytes per pixel.
    fn rows_of<const BYTES: usize>(&self, sink: RowSink<'_>) -> Option<()> {
        let row = self.width.checked_mul(BYTES).filter(|row| *row <= LONGEST_ROW)?;
        // Each begins with the number of its filter.
        let stored = row + 1;
        let at_once = (SHOWN.1 / row).clamp(1, SHOWN.0);
        let mut inflater = Inflater::new(&self.packed)?;
        let mut unpacked = vec![0; WINDOW + UNPACKED.max(2 * stored) + SLACK];
        // What lies before `from` has been shown, what lies before `to` been unpacked.
        let (mut from, mut to) = (0, 0_usize);
        let mut checksum = Adler32::new();
        let mut left = self.height;
        let (mut above, mut shown) = (vec![0; row], vec![0; at_once * row]);
        while left > 0 || !inflater.is_done() {
            // What matches may refer to stays.
            let kept = from.min(to.saturating_sub(WINDOW));
            unpacked.copy_within(kept..to, 0);
            (from, to) = (from - kept, to - kept);
            let end = inflater.fill(&mut unpacked, to)?;
            checksum.update(&unpacked[to..end]);
            to = end;
            if left == 0 {
                // Behind the last byte, the end of its block.
                break;
            }
            let complete = (to - from) / stored;
            if complete == 0 || complete > left {
                return None;
            }
            for filtered in unpacked[from..][..complete * stored].chunks(at_once * stored) {
                let count = filtered.len() / stored;
                undo::<BYTES>(filtered, &mut above, &mut shown[..count * row])?;
                sink(&mut shown[..count * row]).then_some(())?;
            }
            from += complete * stored;
            left -= complete;
        }
        let is_whole = inflater.is_done() && from == to && inflater.checksum() == Some(checksum.sum());
        is_whole.then_some(())
    }
}

/// Undoes the filters of rows, each of which begins with the number of its own. `above` is the row before, and becomes the
/// last of these.
fn undo<const BYTES: usize>(filtered: &[u8], above: &mut [u8], to: &mut [u8]) -> Option<()> {
    let row = above.len();
    let mut before = &*above;
    for (filtered, this) in filtered.chunks_exact(row + 1).zip(to.chunks_exact_mut(row)) {
        this.copy_from_slice(&filtered[1..]);
        rows::undo::<BYTES>(filtered[0], before, this)?;
        before = this;
    }
    let last = to.len() - row;
    above.copy_from_slice(&to[last..]);
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
            assert_eq!(decode(&bytes, &mut Buffers::default(), &|| true).as_ref(), Some(&raster), "{layout:?}");
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
            assert!(decode(&damaged, &mut buffers, &|| true).is_none(), "byte {at}");
        }
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length], &mut buffers, &|| true).is_none(), "{length} bytes");
        }
        let mut indexed = Vec::new();
        let mut info = png::Info::with_size(2, 1);
        info.color_type = png::ColorType::Indexed;
        info.palette = Some(vec![0; 6].into());
        png::Encoder::with_info(&mut indexed, info)
            .and_then(png::Encoder::write_header)
            .and_then(|mut writer| writer.write_image_data(&[0, 1]))
            .unwrap();
        assert!(decode(&indexed, &mut buffers, &|| true).is_none());
    }
}
