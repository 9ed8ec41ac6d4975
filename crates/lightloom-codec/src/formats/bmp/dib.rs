//! The header of a device-independent bitmap, in all the forms that Windows and OS/2 gave it (BITMAPCOREHEADER to
//! BITMAPV5HEADER of the Windows SDK; OS2BITMAPHEADER and OS22XBITMAPHEADER). Bitmaps in files and in icons share it.

use std::ops::Range;

use crate::formats::{jpeg, png};
use crate::header::MOST_METADATA;
use crate::shared::channel::Channel;
use crate::shared::found::{Found, Kind};
use crate::{Codec, CodecError};
use lightloom_picture::{Layout, Metadata};

/// Most bytes that a header takes with its masks and its palette.
pub(crate) const MOST_BYTES: usize = 4096;

/// How pixels are stored.
pub(crate) enum Coding {
    /// Indices into the palette.
    Indices,
    /// Blue, green and red in bytes.
    Bgr,
    /// Numbers of which masks pick red, green, blue and, if it is there, alpha.
    Masks { colours: [Channel; 3], alpha: Option<Channel> },
    /// Runs of indices, or of colours where a pixel has 24 bits.
    Runs,
    /// A whole file of another format.
    File(&'static Codec),
}

/// What stands before the pixels.
pub(crate) struct Dib {
    pub width: u32,
    pub height: u32,
    /// Whether the first row is the uppermost one.
    pub top_down: bool,
    /// Bits of a pixel.
    pub bits: u16,
    pub coding: Coding,
    /// Red, green and blue; as many as the file holds, 256 at most.
    pub palette: Vec<[u8; 3]>,
    /// Where the pixels begin, from the header's first byte.
    pub pixels_at: usize,
    /// The colour profile.
    pub profile: Option<DibProfile>,
}

/// Where a header says that its colour profile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DibProfile {
    /// In the file, from the header's first byte.
    Embedded(Range<u64>),
    /// In a file of its own.
    Linked,
}

/// The numbers of a header; what its form leaves out reads as zero.
struct Fields<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl Fields<'_> {
    fn long(&self, at: usize) -> u32 {
        let stored = self.bytes[..self.size].get(at..at + 4);
        stored.and_then(|b| b.first_chunk().copied()).map_or(0, u32::from_le_bytes)
    }

    fn short(&self, at: usize) -> u16 {
        let stored = self.bytes[..self.size].get(at..at + 2);
        stored.and_then(|b| b.first_chunk().copied()).map_or(0, u16::from_le_bytes)
    }
}

/// Size of OS/2's first header, whose sides have 16 bits and whose palette has three bytes for each colour.
const CORE: usize = 12;
/// Smallest and largest size of OS/2's second header, which may end after any of its fields.
const OS2: Range<usize> = 16..65;
const INFO: usize = 40;

impl Dib {
    /// Reads a header. `stated` is where the file says that its pixels begin, counted from the header's first byte; they
    /// follow the palette if it says nothing, or what cannot be.
    ///
    /// # Errors
    /// If it is cut off, damaged or of a kind that is not read.
    pub fn parse(bytes: &[u8], stated: Option<usize>) -> Result<Self, CodecError> {
        let damaged = |what: &str| CodecError::Damaged(what.to_owned());
        let size = bytes.first_chunk().map_or(0, |size| u32::from_le_bytes(*size)) as usize;
        if size > bytes.len() || !Self::is_size(size) {
            return Err(damaged("its bitmap header ends too early"));
        }
        let fields = Fields { bytes, size };
        let is_core = size == CORE;
        let is_os2 = OS2.contains(&size) && !matches!(size, INFO | 52 | 56);
        let (width, height, bits) = if is_core {
            (i32::from(fields.short(4)), i32::from(fields.short(6)), fields.short(10))
        } else {
            (fields.long(4) as i32, fields.long(8) as i32, fields.short(14))
        };
        if width <= 0 || height == 0 {
            return Err(damaged(&format!("its bitmap header claims {width} × {height} pixels")));
        }
        let compression = fields.long(16);
        let masks_at = if size >= 52 && !is_os2 { INFO } else { size };
        let (coding, behind) = Self::coding(&fields, compression, bits, is_os2, masks_at)?;
        let after = size + behind;
        let entry = if is_core { 3 } else { 4 };
        let used = fields.long(32) as usize;
        let whole = match coding {
            Coding::Indices | Coding::Runs if bits <= 8 => 1 << bits,
            _ => 0,
        };
        let count = if used == 0 { whole } else { used };
        let stated = stated.filter(|at| *at >= after);
        let pixels_at = stated.unwrap_or_else(|| count.saturating_mul(entry).saturating_add(after));
        let listed = bytes.get(after..).unwrap_or_default().chunks_exact(entry);
        let colours = count.min(whole).min((pixels_at - after) / entry);
        let palette = listed.take(colours).map(|c| [c[2], c[1], c[0]]).collect();
        let place = || u64::from(fields.long(112))..u64::from(fields.long(112)) + u64::from(fields.long(116));
        let profile = match &fields.long(56).to_be_bytes() {
            _ if size < 124 => None,
            b"MBED" => Some(DibProfile::Embedded(place())),
            b"LINK" => Some(DibProfile::Linked),
            _ => None,
        };
        let (width, top_down, height) = (width as u32, height < 0, height.unsigned_abs());
        Ok(Self { width, height, top_down, bits, coding, palette, pixels_at, profile })
    }

    /// The colour profile. `bytes` reads a piece of the file, counted from the header's first byte, as far as it goes.
    pub fn metadata(&self, bytes: impl FnOnce(Range<u64>) -> Vec<u8>) -> Metadata {
        let mut metadata = Metadata::default();
        match &self.profile {
            None => {}
            Some(DibProfile::Linked) => metadata.lost("a linked colour profile"),
            Some(DibProfile::Embedded(place)) => {
                let most = place.start + (place.end - place.start).min(MOST_METADATA as u64 + 1);
                metadata.found(Kind::Profile, bytes(place.start..most));
            }
        }
        metadata
    }

    /// Whether a bitmap header may have this size.
    pub const fn is_size(size: usize) -> bool {
        size == CORE || size >= OS2.start && size <= 256
    }

    /// The coding, and the bytes that masks take behind the header.
    fn coding(
        fields: &Fields<'_>,
        compression: u32,
        bits: u16,
        is_os2: bool,
        masks_at: usize,
    ) -> Result<(Coding, usize), CodecError> {
        let coding = match (compression, bits) {
            (0, 1 | 2 | 4 | 8) => Coding::Indices,
            (0, 24) => Coding::Bgr,
            (0, 16) => Coding::masks([0x7c00, 0x3e0, 0x1f, 0]),
            (0, 32) => Coding::masks([0xff_0000, 0xff00, 0xff, 0]),
            (1, 8) | (2, 4) => Coding::Runs,
            (4, 24) if is_os2 => Coding::Runs,
            (3 | 6, 16 | 32) if !is_os2 => {
                // Behind the oldest of these headers, within the later ones.
                let behind =
                    if masks_at == INFO && fields.size >= 52 { 0 } else { 12 + 4 * usize::from(compression == 6) };
                let with_alpha = behind == 16 || behind == 0 && fields.size >= 56;
                let all = Fields { bytes: fields.bytes, size: fields.bytes.len().min(fields.size + behind) };
                let mask = |i: usize| if i < 3 || with_alpha { all.long(masks_at + 4 * i) } else { 0 };
                let masks = [mask(0), mask(1), mask(2), mask(3)];
                if masks[..3] == [0; 3] {
                    return Err(CodecError::Damaged("its colour masks are missing".to_owned()));
                }
                return Ok((Coding::masks(masks), behind));
            }
            (4, _) if !is_os2 => Coding::File(&jpeg::CODEC),
            (5, _) if !is_os2 => Coding::File(&png::CODEC),
            (3, 1) if is_os2 => {
                return Err(CodecError::Unsupported("a bitmap in OS/2's Huffman coding".to_owned()));
            }
            _ => {
                let what = format!("a bitmap of {bits} bits per pixel in compression {compression}");
                return Err(CodecError::Unsupported(what));
            }
        };
        Ok((coding, 0))
    }

    /// Channels of the decoded picture.
    pub fn layout(&self) -> Layout {
        match &self.coding {
            Coding::Masks { alpha: Some(_), .. } => Layout::Rgba,
            _ => Layout::Rgb,
        }
    }

    /// The same bitmap, of which the fourth byte of pixels of 32 bits is alpha, as in icons.
    pub fn with_alpha(mut self) -> Self {
        if let (32, Coding::Masks { alpha: alpha @ None, .. }) = (self.bits, &mut self.coding) {
            *alpha = Channel::new(0xff00_0000);
        }
        self
    }

    /// Bytes of a row, filled up to four.
    pub fn stride(&self) -> usize {
        (self.width as usize * usize::from(self.bits)).div_ceil(32) * 4
    }
}

impl Coding {
    fn masks([red, green, blue, alpha]: [u32; 4]) -> Self {
        let colour = |mask| Channel::new(mask).unwrap_or_default();
        Self::Masks { colours: [colour(red), colour(green), colour(blue)], alpha: Channel::new(alpha) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(size: u32, compression: u32, bits: u16, colours: u32) -> Vec<u8> {
        let mut header = [size, 5, 7_u32.wrapping_neg(), 1 | u32::from(bits) << 16, compression, 0, 0, 0, colours, 0]
            .map(u32::to_le_bytes)
            .concat();
        header.resize(size.max(40) as usize, 0);
        header
    }

    #[test]
    fn headers_of_all_ages_say_the_same() {
        let core = [&12_u32.to_le_bytes()[..], &[5, 0, 7, 0, 1, 0, 8, 0], &[9, 8, 7]].concat();
        let dib = Dib::parse(&core, Some(15)).unwrap();
        assert_eq!((dib.width, dib.height, dib.bits, dib.top_down), (5, 7, 8, false));
        assert_eq!(
            (dib.palette.as_slice(), dib.pixels_at),
            (&[[7, 8, 9]][..], 15),
            "as many colours as there is room for"
        );
        for size in [16, 40, 52, 56, 64, 108, 124] {
            let mut header = info(size, 0, 8, 0);
            header.extend([1, 2, 3, 0].repeat(256));
            let header = if size == 16 { [&header[..16], &header[40..]].concat() } else { header };
            let dib = Dib::parse(&header, None).unwrap();
            assert_eq!((dib.width, dib.height, dib.bits, dib.top_down), (5, 7, 8, true), "{size}");
            assert_eq!((dib.palette.len(), dib.palette[255]), (256, [3, 2, 1]), "{size}");
            assert_eq!(dib.pixels_at, size as usize + 1024);
        }
    }

    #[test]
    fn masks_stand_behind_the_old_header_and_in_the_later_ones() {
        let masks = [0xf00_u32, 0xf0, 0xf, 0xf000].map(u32::to_le_bytes).concat();
        for (size, compression, alpha, behind) in
            [(40, 3, false, 12), (40, 6, true, 16), (52, 3, false, 0), (56, 3, true, 0), (124, 3, true, 0)]
        {
            let mut header = info(size, compression, 16, 0);
            header.resize(header.len() + 16, 0);
            header[40..56].copy_from_slice(&masks);
            let dib = Dib::parse(&header, None).unwrap();
            assert_eq!(dib.layout().has_alpha(), alpha, "{size}");
            assert_eq!(dib.pixels_at, size as usize + behind, "{size}");
        }
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        let mut header = info(40, 3, 16, 0);
        assert!(Dib::parse(&header, None).is_err(), "its masks are missing");
        header[16] = 0;
        for cut in 0..40 {
            assert!(Dib::parse(&header[..cut], None).is_err());
        }
        assert!(Dib::parse(&header, None).is_ok());
    }
}
