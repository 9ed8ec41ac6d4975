//! What a TIFF directory says about its picture (TIFF 6.0, sections 3 to 8 and 14 to 23), checked.

use super::chunk::Compression;
use super::file::{Directory, Tiff, tag};
use super::log_luv::LogLuv;
use super::old_jpeg::Tables;
use super::ycbcr::YCbCr;
use crate::{CodecError, Limits};
use lightloom_picture::{Depth, Layout, Shape};

/// How numbers stand for colour.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Photometric {
    Grey {
        white_is_zero: bool,
    },
    Rgb,
    /// Indices into 16-bit colours: all reds, all greens, all blues.
    Palette(Vec<u16>),
    /// Inks: 0 is none of it.
    Cmyk,
    YCbCr(YCbCr),
    /// CIE L*a*b* for D50.
    Lab,
    LogLuv(LogLuv),
}

/// How numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    Unsigned,
    Signed,
    Float,
}

/// What becomes of the channel behind the colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alpha {
    None,
    Straight,
    Premultiplied,
}

impl Alpha {
    /// By the tag ExtraSamples, if there is one.
    fn new(extra: Option<&[u64]>, samples: usize, colours: usize) -> Self {
        match extra.and_then(<[u64]>::first) {
            _ if samples == colours => Self::None,
            Some(1) => Self::Premultiplied,
            Some(2) => Self::Straight,
            // Unspecified: data of the writer's own. Files without the tag mostly mean alpha.
            Some(_) => Self::None,
            None if samples == colours + 1 => Self::Straight,
            None => Self::None,
        }
    }
}

/// A picture before its pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Form {
    pub width: u32,
    pub height: u32,
    /// Bits per sample; all samples have the same.
    pub bits: u16,
    pub numbers: Numbers,
    /// Samples per pixel in the file.
    pub samples: usize,
    pub photometric: Photometric,
    pub alpha: Alpha,
    pub compression: Compression,
    pub predictor: u64,
    pub planar: bool,
    pub low_bit_first: bool,
    pub big_endian: bool,
    /// Width and height of a chunk.
    pub chunk: (u32, u32),
    pub tiled: bool,
    pub offsets: Vec<u64>,
    pub lengths: Vec<u64>,
    pub jpeg_tables: Option<Vec<u8>>,
    /// Where the parts of a JPEG in the manner of TIFF 6.0 stand.
    pub old_jpeg: Option<Tables>,
    /// The profile of inks.
    pub inks_profile: Option<Vec<u8>>,
    /// Whether three components of JPEG chunks are YCbCr.
    pub jpeg_is_ycbcr: bool,
    /// Whether a part of the directory is missing.
    pub cut: bool,
}

impl Form {
    /// Reads a directory.
    ///
    /// # Errors
    /// If it describes no picture or one of a kind that is not read here.
    pub fn read(file: &mut Tiff<'_>, directory: &Directory) -> Result<Self, CodecError> {
        let damaged = |what: &str| CodecError::Damaged(what.to_owned());
        let unsupported = |what: String| Err(CodecError::Unsupported(what));
        let mut value = |tag: u16, default: u64| file.value(directory, tag).unwrap_or(default);
        let width = u32::try_from(value(tag::IMAGE_WIDTH, 0)).unwrap_or(0);
        let height = u32::try_from(value(tag::IMAGE_LENGTH, 0)).unwrap_or(0);
        if width == 0 || height == 0 {
            return Err(damaged("its directory gives no size"));
        }
        let listed = directory.count(tag::BITS_PER_SAMPLE);
        let samples = value(tag::SAMPLES_PER_PIXEL, listed) as usize;
        if samples == 0 || samples > 64 {
            return unsupported(format!("TIFF with {samples} samples per pixel"));
        }
        let (t4, predictor) = (value(tag::T4_OPTIONS, 0), value(tag::PREDICTOR, 1));
        let compression = Compression::from_tag(value(tag::COMPRESSION, 1), t4)?;
        let planar = value(tag::PLANAR_CONFIGURATION, 1) == 2 && samples > 1;
        let low_bit_first = value(tag::FILL_ORDER, 1) == 2;
        // Where it is missing: RGB, grey, and of faxes black on white.
        let usual = if samples >= 3 { 2 } else { u64::from(!matches!(compression, Compression::Fax(_))) };
        let photometric = value(tag::PHOTOMETRIC, usual);
        let tiled = directory.has(tag::TILE_WIDTH);
        let chunk = if tiled {
            (value(tag::TILE_WIDTH, 0), value(tag::TILE_LENGTH, 0))
        } else {
            (width.into(), value(tag::ROWS_PER_STRIP, height.into()).min(height.into()))
        };
        let side = |n: u64| u32::try_from(n).ok().filter(|n| *n > 0).ok_or(damaged("its chunks have no size"));
        let chunk = (side(chunk.0)?, side(chunk.1)?);
        let (bits, numbers) = Self::numbers(file, directory, samples)?;
        if compression == Compression::Jpeg && !matches!(bits, 8 | 12 | 16) {
            return unsupported(format!("TIFF with JPEG of {bits} bits per sample"));
        }
        let jpeg_is_ycbcr = photometric == 6;
        // The JPEG decoder converts where it has all three components.
        let is_converted = !planar && matches!(compression, Compression::Jpeg | Compression::OldJpeg);
        let photometric = match photometric {
            6 if is_converted => Photometric::Rgb,
            6 => Photometric::YCbCr(YCbCr::read(file, directory, bits, planar)?),
            32_844 | 32_845 => Photometric::LogLuv(LogLuv::new(photometric, compression)?),
            other => Self::photometric(file, directory, other, bits)?,
        };
        let colours = photometric.colours();
        if samples < colours {
            return Err(damaged("it has fewer samples per pixel than its colours need"));
        }
        let extra = file.numbers(directory, tag::EXTRA_SAMPLES);
        let alpha = Alpha::new(extra.as_deref(), samples, colours);
        let (offsets, lengths) = places(file, directory, tiled);
        let old_jpeg = (compression == Compression::OldJpeg).then(|| Tables::read(file, directory));
        if offsets.is_empty() && old_jpeg.as_ref().is_none_or(|tables| tables.interchange.is_none()) {
            return Err(damaged("it says nowhere where its pixels are"));
        }
        let jpeg_tables = file.bytes(directory, tag::JPEG_TABLES);
        let (big_endian, cut) = (file.big_endian(), directory.cut);
        let inks_profile = match photometric {
            Photometric::Cmyk => file.profile(directory),
            _ => None,
        };
        Ok(Self {
            width,
            height,
            bits: bits as u16,
            numbers,
            samples,
            photometric,
            alpha,
            compression,
            predictor,
            planar,
            low_bit_first,
            big_endian,
            chunk,
            tiled,
            offsets,
            lengths,
            jpeg_tables,
            old_jpeg,
            inks_profile,
            jpeg_is_ycbcr,
            cut,
        })
    }

    /// Bits per sample, and how samples are stored.
    fn numbers(file: &mut Tiff<'_>, directory: &Directory, samples: usize) -> Result<(u64, Numbers), CodecError> {
        let unsupported = |what: String| Err(CodecError::Unsupported(what));
        let bits = file.numbers(directory, tag::BITS_PER_SAMPLE).unwrap_or_else(|| vec![1]);
        let bits_of = |i: usize| bits.get(i).or(bits.last()).copied().unwrap_or(1);
        let first = bits_of(0);
        if (1..samples).any(|i| bits_of(i) != first) || !matches!(first, 1..=16 | 24 | 32 | 64) {
            return unsupported(format!("TIFF with {bits:?} bits per sample"));
        }
        let numbers = match file.value(directory, tag::SAMPLE_FORMAT).unwrap_or(1) {
            2 => Numbers::Signed,
            3 => Numbers::Float,
            5 | 6 => return unsupported("TIFF with complex numbers".to_owned()),
            _ => Numbers::Unsigned,
        };
        if numbers == Numbers::Float && !matches!(first, 16 | 24 | 32 | 64) {
            return unsupported(format!("TIFF with floats of {first} bits"));
        }
        Ok((first, numbers))
    }

    fn photometric(
        file: &mut Tiff<'_>,
        directory: &Directory,
        value: u64,
        bits: u64,
    ) -> Result<Photometric, CodecError> {
        Ok(match value {
            0 | 1 | 4 => Photometric::Grey { white_is_zero: value == 0 },
            2 => Photometric::Rgb,
            3 => {
                let map = file.numbers(directory, tag::COLOUR_MAP).unwrap_or_default();
                if bits > 16 || map.len() != 3 << bits {
                    return Err(CodecError::Damaged("its palette does not fit its indices".to_owned()));
                }
                // Some writers store 8 bits in the 16.
                let is_small = map.iter().all(|v| *v < 256);
                Photometric::Palette(map.iter().map(|v| if is_small { v * 257 } else { *v } as u16).collect())
            }
            5 => Photometric::Cmyk,
            8 => Photometric::Lab,
            other => {
                let name = match other {
                    9 => " (ICC L*a*b*)",
                    10 => " (ITU L*a*b*)",
                    32_803 => " (a camera's colour filter array)",
                    _ => "",
                };
                return Err(CodecError::Unsupported(format!("TIFF with photometric interpretation {other}{name}")));
            }
        })
    }

    /// Size, channels and depth of the decoded picture.
    pub fn shape(&self) -> Shape {
        let grey = matches!(self.photometric, Photometric::Grey { .. } | Photometric::LogLuv(LogLuv::Luminance));
        let layout = match (grey, self.alpha != Alpha::None) {
            (true, false) => Layout::Grey,
            (true, true) => Layout::GreyAlpha,
            (false, false) => Layout::Rgb,
            (false, true) => Layout::Rgba,
        };
        Shape { width: self.width, height: self.height, layout, depth: self.depth() }
    }

    /// Depth of the decoded picture: the smallest that holds every value. Palettes hold 8-bit colours in practice.
    pub fn depth(&self) -> Depth {
        match self.photometric {
            Photometric::Palette(_) => Depth::U8,
            Photometric::LogLuv(_) => Depth::F32,
            _ if self.numbers == Numbers::Float || self.bits > 16 => Depth::F32,
            _ if self.bits > 8 => Depth::U16,
            _ => Depth::U8,
        }
    }

    /// Samples per pixel that are used: colours and alpha.
    pub fn kept(&self) -> usize {
        self.photometric.colours() + usize::from(self.alpha != Alpha::None)
    }

    /// The YCbCr whose luma and chroma stand in blocks, if there are such.
    pub fn blocks(&self) -> Option<&YCbCr> {
        match &self.photometric {
            Photometric::YCbCr(ycbcr) if !self.planar && ycbcr.subsampling != (1, 1) => Some(ycbcr),
            _ => None,
        }
    }

    /// Bytes of a whole chunk after decompression.
    ///
    /// # Errors
    /// If that is over the limit.
    pub fn chunk_bytes(&self, limits: &Limits) -> Result<usize, CodecError> {
        match self.bytes_of_rows(self.chunk.1) {
            Some(bytes) if bytes as u64 <= limits.decoded_bytes => Ok(bytes),
            _ => Err(CodecError::TooLarge {
                width: self.chunk.0,
                height: self.chunk.1,
                limit_mib: limits.decoded_bytes >> 20,
            }),
        }
    }

    /// Bytes of so many rows of a chunk after decompression; `None` if that overflows.
    pub fn bytes_of_rows(&self, rows: u32) -> Option<usize> {
        match self.blocks() {
            Some(ycbcr) => {
                (rows.div_ceil(ycbcr.subsampling.1) as usize).checked_mul(ycbcr.bytes_of_blocks(self.chunk.0))
            }
            None => (rows as usize).checked_mul(self.row_bytes()),
        }
    }

    /// Bytes of one row of a chunk that is not stored in blocks.
    pub fn row_bytes(&self) -> usize {
        let samples = if self.planar { 1 } else { self.samples };
        (self.chunk.0 as usize * samples * usize::from(self.bits)).div_ceil(8)
    }
}

impl Photometric {
    /// Samples of a pixel's colour.
    const fn colours(&self) -> usize {
        match self {
            Self::Grey { .. } | Self::Palette(_) | Self::LogLuv(LogLuv::Luminance) => 1,
            Self::Cmyk => 4,
            _ => 3,
        }
    }
}

/// Where the chunks are, and how long they are.
fn places(file: &mut Tiff<'_>, directory: &Directory, tiled: bool) -> (Vec<u64>, Vec<u64>) {
    let (mut offsets, mut lengths) = (tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS);
    if tiled && directory.has(tag::TILE_OFFSETS) {
        (offsets, lengths) = (tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS);
    }
    let offsets = file.numbers(directory, offsets).unwrap_or_default();
    let lengths = file.numbers(directory, lengths).unwrap_or_default();
    let lengths = with_lengths(&offsets, lengths);
    (offsets, lengths)
}

/// The lengths of chunks. One that is 0 or missing reaches to the next chunk, or to the end of the file; a chunk without
/// an offset has none.
fn with_lengths(offsets: &[u64], mut lengths: Vec<u64>) -> Vec<u64> {
    lengths.resize(offsets.len(), 0);
    if lengths.iter().zip(offsets).any(|(length, offset)| *length == 0 && *offset != 0) {
        let mut sorted = offsets.to_vec();
        sorted.sort_unstable();
        for (length, offset) in lengths.iter_mut().zip(offsets) {
            if *length == 0 && *offset != 0 {
                let next = sorted.get(sorted.partition_point(|other| other <= offset));
                *length = next.copied().unwrap_or(u64::MAX) - offset;
            }
        }
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_length_reaches_to_the_next_chunk() {
        assert_eq!(with_lengths(&[8, 50, 20, 0], vec![0, 7, 0, 0]), [12, 7, 30, 0]);
        assert_eq!(with_lengths(&[8, 50], vec![]), [42, u64::MAX - 50]);
        assert_eq!(with_lengths(&[8], vec![3, 4]), [3], "more lengths than chunks");
    }
}
