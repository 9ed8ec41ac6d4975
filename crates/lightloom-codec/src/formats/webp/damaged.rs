//! WebP files of one picture that end too early, or announce chunks that they do not have (RFC 9649).
//!
//! The decoder wants every byte of a frame. It gets what is missing several times, filled in different ways: rows that come
//! out alike owe nothing to what was filled in. Lossless pictures that repeat much get nothing: what is filled in then copies
//! beyond their end, which the decoder takes for damage.

use std::io::Cursor;

use super::open;
use crate::shared::image_crate;
use crate::{CodecError, Decoded, Request};
use lightloom_picture::{Buffers, Pixels, Raster};

/// Flag of the extended header: some chunk says how transparent pixels are.
const ALPHA: u8 = 0x10;

/// Bytes that are filled in and differ; behind them stand zeros.
const DIFFERENT: usize = 4096;

/// Side of a macroblock of VP8, and how far its loop filters and those of its colours reach beyond it.
const MACROBLOCK: usize = 16;
const REACH: usize = 8;

/// The parts of a file that its picture needs.
pub(super) struct Still<'a> {
    /// Content of the extended header.
    extended: Option<&'a [u8]>,
    alpha: Option<&'a [u8]>,
    is_lossless: bool,
    /// What is there of the frame.
    frame: &'a [u8],
    /// Bytes of it that are not there.
    missing: usize,
}

impl<'a> Still<'a> {
    /// Finds the parts up to the frame. `None` if that has not begun.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = bytes.get(12..)?;
        let (mut extended, mut alpha) = (None, None);
        while let Some((&[n0, n1, n2, n3, s0, s1, s2, s3], behind)) = rest.split_first_chunk::<8>() {
            let size = u32::from_le_bytes([s0, s1, s2, s3]) as usize;
            let content = &behind[..size.min(behind.len())];
            match &[n0, n1, n2, n3] {
                b"VP8X" => extended = extended.or(Some(content)),
                b"ALPH" => alpha = alpha.or(Some(content)),
                name @ (b"VP8 " | b"VP8L") => {
                    let is_lossless = name == b"VP8L";
                    return Some(Self { extended, alpha, is_lossless, frame: content, missing: size - content.len() });
                }
                _ => {}
            }
            rest = behind.get(size + size % 2..)?;
        }
        None
    }

    pub(super) const fn is_whole(&self) -> bool {
        self.missing == 0
    }

    /// A file of these parts alone, whose frame goes on with `filling`.
    pub(super) fn file(&self, filling: &[u8]) -> Vec<u8> {
        let mut chunks = b"WEBP".to_vec();
        let mut push = |name: &[u8; 4], parts: [&[u8]; 2]| {
            let size = parts.map(<[u8]>::len).iter().sum::<usize>();
            chunks.extend(name);
            chunks.extend((size as u32).to_le_bytes());
            parts.iter().for_each(|part| chunks.extend(*part));
            chunks.extend(&[0][..size % 2]);
        };
        if let Some([flags, header @ ..]) = self.extended {
            let holds_alpha = self.is_lossless || self.alpha.is_some();
            push(b"VP8X", [&[if holds_alpha { flags & ALPHA } else { 0 }], header]);
        }
        if let Some(alpha) = self.alpha {
            push(b"ALPH", [alpha, &[]]);
        }
        push(if self.is_lossless { b"VP8L" } else { b"VP8 " }, [self.frame, filling]);
        [b"RIFF".as_slice(), &(chunks.len() as u32).to_le_bytes(), &chunks].concat()
    }
}

/// Different bytes for what is missing.
fn filling(way: u32, bytes: usize) -> Vec<u8> {
    let mut out = vec![0; bytes];
    let mut state = way;
    for byte in out.iter_mut().take(DIFFERENT) {
        *byte = match way {
            0 => 0,
            1 => 0xff,
            // Marsaglia's xorshift.
            _ => {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                (state >> 11) as u8
            }
        };
    }
    out
}

/// Decodes the rows that are there; the others are transparent, or black.
///
/// # Errors
/// If there are none, or nothing is missing.
pub(super) fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let gone = || CodecError::Damaged("its pixel data are missing".to_owned());
    let still = Still::of(bytes).filter(|still| !still.is_whole()).ok_or_else(gone)?;
    let stored = request.header.stored;
    request.limits.check(stored)?;
    // A pixel without loss has four codes of a byte or so; zeros are whole blocks else.
    let pixels = stored.pixels() as usize;
    let enough = 2 * DIFFERENT + if still.is_lossless { 4 * pixels } else { pixels / 4 };
    let mut first: Option<Raster<u8>> = None;
    let mut alike = None;
    for way in [0, 1, 0x9e37_79b9, 0x85eb_ca6b] {
        request.watch.check()?;
        let file = still.file(&filling(way, enough));
        let read = open(Cursor::new(file.as_slice()), request.limits);
        let Ok(decoded) = read.and_then(|decoder| image_crate::decode(decoder, request.limits, buffers)) else {
            continue;
        };
        let Pixels::U8(raster) = decoded.pixels.into_layout(stored.layout) else { return Err(gone()) };
        let Some(first) = &first else {
            first = Some(raster);
            continue;
        };
        if (first.width(), first.height()) != (raster.width(), raster.height()) {
            return Err(gone());
        }
        let rows = (0..first.height()).take_while(|y| first.row(*y) == raster.row(*y)).count();
        alike = Some(alike.unwrap_or(rows).min(rows));
        Pixels::from(raster).recycle(buffers);
    }
    let (Some(mut raster), Some(mut rows)) = (first, alike) else { return Err(gone()) };
    let height = raster.height() as usize;
    if !still.is_lossless && rows < height {
        // Blocks behind the one with the first difference may be wrong in the same way each time.
        rows = (rows / MACROBLOCK * MACROBLOCK).saturating_sub(REACH);
    }
    if rows == 0 {
        return Err(gone());
    }
    let stride = raster.stride();
    raster.samples_mut()[rows * stride..].fill(0);
    let share = 100 * rows / height;
    let partial = (rows < height).then(|| format!("about {share} % of the picture was decoded"));
    Ok(Decoded { pixels: raster.into(), partial, notes: Vec::new() })
}

#[cfg(test)]
mod tests {
    use crate::{CodecError, Decoded, EncodeOptions, Limits, encode, find};
    use lightloom_picture::{Buffers, Layout, Metadata, Picture, Pixels, Raster};

    const SIZE: (u32, u32) = (176, 240);

    fn read(bytes: &[u8]) -> Result<Decoded, CodecError> {
        let limits = Limits::default();
        let (codec, header) = crate::header(bytes, &limits)?;
        crate::decode(codec, bytes, &header, 1, &limits, &mut Buffers::default())
    }

    /// Waves, noise, and areas of one colour; or waves with noise, which do not repeat.
    fn picture(layout: Layout, repeats: bool) -> Picture {
        let channels = layout.channels() as u32;
        let sample = |at: u32| {
            let (pixel, channel) = (at / channels, at % channels);
            let (x, y) = (pixel % SIZE.0, pixel / SIZE.0);
            let mixed = (at ^ at >> 16).wrapping_mul(0x7feb_352d);
            let noise = (mixed ^ mixed >> 15).wrapping_mul(0x846c_a68b);
            match (y / 40 + x / 60) % 3 {
                _ if channel == 3 => (255 - y / 2) as u8,
                _ if !repeats => 60 + (x / 3 + y / 5) as u8 + (noise >> 27) as u8,
                0 => (128.0 + 90.0 * (f64::from(x + channel * 9) / 7.0).sin() * (f64::from(y) / 11.0).cos()) as u8,
                1 => (noise >> 24) as u8,
                _ => 60 + 50 * channel as u8,
            }
        };
        let samples = (0..SIZE.0 * SIZE.1 * channels).map(sample).collect();
        Picture::new(Raster::new(SIZE.0, SIZE.1, layout, samples).into())
    }

    fn written(layout: Layout, lossless: &str, metadata: Metadata) -> Vec<u8> {
        let mut options = EncodeOptions::default();
        options.set_text("lossless", lossless).unwrap();
        let picture = Picture { metadata, ..picture(layout, lossless == "false") };
        encode(find("webp").unwrap(), picture, &options, &mut Buffers::default()).unwrap().bytes
    }

    #[test]
    fn a_file_that_ends_too_early_is_decoded_as_far_as_it_goes() {
        for (layout, lossless) in
            [(Layout::Rgb, "false"), (Layout::Rgba, "false"), (Layout::Rgb, "true"), (Layout::Rgba, "true")]
        {
            let bytes = written(layout, lossless, Metadata::default());
            let Pixels::U8(whole) = read(&bytes).unwrap().pixels else { panic!("8 bits") };
            let mut most = 0;
            for cut in (0..bytes.len()).step_by(bytes.len() / 40).chain([bytes.len() - 1]) {
                let Ok(decoded) = read(&bytes[..cut]) else {
                    // Without loss, what is filled in may copy beyond the end, and then nothing is decoded.
                    let may_fail = lossless == "true" || cut < bytes.len() * 2 / 5;
                    assert!(may_fail, "{layout:?} {lossless}: nothing of {cut} of {}", bytes.len());
                    continue;
                };
                let Pixels::U8(raster) = &decoded.pixels else { panic!("8 bits") };
                let rows = (0..SIZE.1).take_while(|y| raster.row(*y) == whole.row(*y)).count() as u32;
                let rest = (rows..SIZE.1).all(|y| raster.row(y).iter().all(|v| *v == 0));
                assert!(rest, "{layout:?} {lossless} {cut} of {}: row {rows} is neither right nor empty", bytes.len());
                assert!(rows >= most && (rows == SIZE.1 || decoded.partial.is_some()), "{:?}", decoded.partial);
                most = rows;
            }
            assert!(lossless == "true" || most > SIZE.1 * 4 / 5, "{layout:?} {lossless}: {most} rows");
        }
    }

    #[test]
    fn announced_metadata_that_are_missing_cost_no_picture() {
        let exif = lightloom_picture::exif::Exif::default().to_block();
        for lossless in ["false", "true"] {
            let bytes = written(Layout::Rgba, lossless, Metadata { exif: Some(exif.clone()), ..Metadata::default() });
            let whole = read(&bytes).unwrap();
            let at = bytes.windows(4).rposition(|name| name == b"EXIF").unwrap();
            let mut without = bytes[..at].to_vec();
            without[4..8].copy_from_slice(&(at as u32 - 8).to_le_bytes());
            let decoded = read(&without).unwrap();
            assert_eq!((decoded.pixels, decoded.partial), (whole.pixels, None), "{lossless}");
        }
    }

    #[test]
    fn any_end_ends() {
        for (layout, lossless) in [(Layout::Rgba, "false"), (Layout::Rgb, "true")] {
            let bytes = written(layout, lossless, Metadata::default());
            for cut in 0..160 {
                let _ = read(&bytes[..cut]);
            }
            // A frame that states four gigabytes.
            let mut large = bytes.clone();
            let at = large.windows(4).position(|name| name == b"VP8L" || name == b"VP8 ").unwrap();
            large[at + 4..at + 8].fill(0xff);
            let _ = read(&large);
        }
    }
}
