//! Photoshop documents: the merged picture that stands at their end (Adobe Photoshop File Formats Specification, 2019).
//! Only read. A document saved without "maximise compatibility" has a blank merged picture; that cannot be detected.

use std::io::SeekFrom;

use crate::formats::tiff::chunk::pack_bits;
use crate::header::MOST_METADATA;
use crate::shared::found::{Found, Kind};
use crate::shared::inks;
use crate::shared::linear;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use lightloom_picture::photoshop::{self, Resources};
use lightloom_picture::{Buffers, Depth, Layout, Metadata, Pixels, Raster, Sample};

pub(crate) static CODEC: Codec = Codec {
    id: "psd",
    title: "PSD",
    extensions: &["psd", "psb"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16, Depth::F32],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| head.starts_with(b"8BPS\0\x01") || head.starts_with(b"8BPS\0\x02"),
    header,
    decode,
    decode_rows: None,
    write: None,
};

/// How channels stand for colour.
#[derive(Debug, Clone, PartialEq)]
enum Mode {
    Bitmap,
    Grey,
    Indexed(Vec<u8>),
    Rgb,
    Cmyk,
}

impl Mode {
    /// Channels before alpha.
    const fn channels(&self) -> usize {
        match self {
            Self::Bitmap | Self::Grey | Self::Indexed(_) => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// Everything before the merged picture.
struct Document {
    large: bool,
    width: u32,
    height: u32,
    /// Channels in the file.
    channels: usize,
    bits: u16,
    mode: Mode,
    alpha: bool,
    /// The profiles, of which the first counts.
    icc: Vec<Vec<u8>>,
    /// The image resources, the profiles aside.
    resources: Resources,
    /// Where the merged picture begins.
    at: u64,
}

fn take<const N: usize>(input: &mut dyn Input) -> Result<[u8; N], CodecError> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn u16_of(input: &mut dyn Input) -> Result<u16, CodecError> {
    take(input).map(u16::from_be_bytes)
}

fn u32_of(input: &mut dyn Input) -> Result<u32, CodecError> {
    take(input).map(u32::from_be_bytes)
}

impl Document {
    fn read(input: &mut dyn Input) -> Result<Self, CodecError> {
        input.seek(SeekFrom::Start(4))?;
        let large = u16_of(input)? == 2;
        input.seek(SeekFrom::Current(6))?;
        let channels = usize::from(u16_of(input)?);
        let (height, width) = (u32_of(input)?, u32_of(input)?);
        let bits = u16_of(input)?;
        let mode = u16_of(input)?;
        let colour_bytes = u32_of(input)?;
        let colours = read(input, colour_bytes.into())?;
        let mode = match mode {
            0 => Mode::Bitmap,
            // A duotone's channel is a grey picture; its inks are for printing.
            1 | 8 => Mode::Grey,
            2 if colours.len() >= 768 => Mode::Indexed(colours),
            3 => Mode::Rgb,
            4 => Mode::Cmyk,
            other => return Err(CodecError::Unsupported(format!("PSD in colour mode {other}"))),
        };
        if channels < mode.channels() || channels > 56 || !matches!(bits, 1 | 8 | 16 | 32) {
            return Err(CodecError::Damaged(format!("{channels} channels of {bits} bits do not fit its colour mode")));
        }
        let length = u64::from(u32_of(input)?);
        let end = input.stream_position()?.saturating_add(length);
        let mut resources = Resources::parse(&read(input, length.min(MOST_METADATA as u64))?);
        input.seek(SeekFrom::Start(end))?;
        let layers = if large { u64::from_be_bytes(take(input)?) } else { u64::from(u32_of(input)?) };
        let begin = input.stream_position()?;
        // A negative number of layers says that the first channel behind the colours is the picture's transparency.
        let mut alpha = false;
        if layers >= 6 {
            input.seek(SeekFrom::Current(if large { 8 } else { 4 }))?;
            alpha = u16_of(input)? >= 0x8000 && channels > mode.channels();
        }
        let at = begin.saturating_add(layers);
        Ok(Self {
            large,
            width,
            height,
            channels,
            bits,
            mode,
            alpha,
            icc: resources.take(photoshop::ICC),
            resources,
            at,
        })
    }

    /// The profile of inks.
    fn inks(&self) -> Option<&[u8]> {
        self.icc.first().map(Vec::as_slice).filter(|_| self.mode == Mode::Cmyk)
    }

    fn form(&self) -> (Layout, Depth) {
        let layout = match (&self.mode, self.alpha) {
            (Mode::Bitmap | Mode::Grey, false) => Layout::Grey,
            (Mode::Bitmap | Mode::Grey, true) => Layout::GreyAlpha,
            (_, false) => Layout::Rgb,
            (_, true) => Layout::Rgba,
        };
        let depth = match self.bits {
            16 => Depth::U16,
            32 => Depth::F32,
            _ => Depth::U8,
        };
        (layout, depth)
    }
}

fn read(input: &mut dyn Input, bytes: u64) -> Result<Vec<u8>, CodecError> {
    use std::io::Read;
    let mut out = Vec::new();
    input.take(bytes).read_to_end(&mut out)?;
    if out.len() as u64 == bytes { Ok(out) } else { Err(CodecError::Damaged("it ends too early".to_owned())) }
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let document = Document::read(input)?;
    let (layout, depth) = document.form();
    let mut header = Header::new(document.width, document.height, layout, depth);
    let is_cmyk = document.mode == Mode::Cmyk;
    if is_cmyk {
        header.notes.extend(inks::rule(document.inks()).1);
    }
    let mut metadata = Metadata::default();
    document.icc.into_iter().for_each(|icc| metadata.found(Kind::Profile, icc));
    if is_cmyk {
        // It says nothing about the RGB pixels that come out.
        metadata.icc = None;
    }
    metadata.found_among(document.resources);
    header = header.with(metadata);
    // Photoshop turns the pixels and leaves the tag at 1; other writers' tags are about the camera.
    header.orientation = lightloom_picture::Orientation::Upright;
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let document = Document::read(&mut std::io::Cursor::new(bytes))?;
    let (layout, depth) = document.form();
    let shape = Header::new(document.width, document.height, layout, depth).stored;
    request.limits.check(shape)?;
    let row_bytes = (document.width as usize * usize::from(document.bits)).div_ceil(8);
    let used = document.mode.channels() + usize::from(document.alpha);
    let plane_bytes = row_bytes * document.height as usize;
    if (plane_bytes * used) as u64 > request.limits.decoded_bytes {
        return Err(CodecError::TooLarge {
            width: shape.width,
            height: shape.height,
            limit_mib: request.limits.decoded_bytes >> 20,
        });
    }
    let data = usize::try_from(document.at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    let mut planes = buffers.take::<u8>(plane_bytes * used);
    let rows = unpack(data, &document, row_bytes, used, request, &mut planes)?;
    if rows == 0 {
        return Err(CodecError::Damaged("its merged picture is missing".to_owned()));
    }
    let whole = document.height as usize * used;
    let percent = 100.0 * rows as f64 / whole as f64;
    let partial =
        (rows < whole).then(|| format!("the file ends too early: about {percent:.0} % of the picture was decoded"));
    let mut pixels = match depth {
        Depth::U8 => weave(&document, layout, &planes, row_bytes, sample_8, buffers),
        Depth::U16 => {
            let sample = |row: &[u8], x: usize| u16::from_be_bytes([row[2 * x], row[2 * x + 1]]);
            weave(&document, layout, &planes, row_bytes, sample, buffers)
        }
        Depth::F32 => {
            let sample =
                |row: &[u8], x: usize| f32::from_be_bytes([row[4 * x], row[4 * x + 1], row[4 * x + 2], row[4 * x + 3]]);
            let mut pixels = weave(&document, layout, &planes, row_bytes, sample, buffers);
            // 32-bit documents hold linear light.
            linear::to_encoded(&mut pixels);
            pixels
        }
    };
    if document.mode == Mode::Bitmap {
        spread_bits(&mut pixels, &planes, row_bytes);
    }
    buffers.give(planes);
    Ok(Decoded { pixels, partial, notes: Vec::new() })
}

fn sample_8(row: &[u8], x: usize) -> u8 {
    row.get(x).copied().unwrap_or(0)
}

/// One bit per pixel, 1 for black.
fn spread_bits(pixels: &mut Pixels, plane: &[u8], row_bytes: usize) {
    let Pixels::U8(raster) = pixels else { return };
    let (stride, channels) = (raster.stride(), raster.layout().channels());
    for (row, bits) in raster.samples_mut().chunks_exact_mut(stride).zip(plane.chunks_exact(row_bytes)) {
        for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
            pixel[0] = if bits[x / 8] >> (7 - x % 8) & 1 == 1 { 0 } else { 255 };
        }
    }
}

/// Decompresses the channels that are used, one after the other. Returns how many rows were there.
fn unpack(
    data: &[u8],
    document: &Document,
    row_bytes: usize,
    used: usize,
    request: &Request<'_>,
    planes: &mut [u8],
) -> Result<usize, CodecError> {
    let Some((method, data)) = data.split_first_chunk::<2>() else { return Ok(0) };
    match u16::from_be_bytes(*method) {
        0 => {
            let length = data.len().min(planes.len());
            planes[..length].copy_from_slice(&data[..length]);
            Ok(length / row_bytes)
        }
        1 => {
            // The packed length of every row of every channel, then the rows.
            let count_bytes = if document.large { 4 } else { 2 };
            let table = document.height as usize * document.channels * count_bytes;
            let Some((counts, mut rest)) = data.split_at_checked(table) else { return Ok(0) };
            let lengths = counts.chunks_exact(count_bytes).map(|c| c.iter().fold(0, |n, b| n << 8 | usize::from(*b)));
            let mut rows = 0;
            for (row, length) in planes.chunks_exact_mut(row_bytes).zip(lengths).take(document.height as usize * used) {
                request.watch.check()?;
                let (packed, tail) = rest.split_at(length.min(rest.len()));
                if pack_bits(packed, row) < row_bytes {
                    break;
                }
                rest = tail;
                rows += 1;
            }
            Ok(rows)
        }
        other => Err(CodecError::Unsupported(format!("PSD with compression {other}"))),
    }
}

/// Interleaves channels and brings them to grey or RGB.
fn weave<S: Sample>(
    document: &Document,
    layout: Layout,
    planes: &[u8],
    row_bytes: usize,
    sample: impl Fn(&[u8], usize) -> S,
    buffers: &mut Buffers,
) -> Pixels
where
    Pixels: From<Raster<S>>,
{
    let (width, height) = (document.width as usize, document.height as usize);
    let mut samples = buffers.take_for_overwrite::<S>(width * height * layout.channels());
    let colours = document.mode.channels();
    let rule = (document.mode == Mode::Cmyk).then(|| inks::rule(document.inks()).0);
    // Inks are converted some rows at a time, so that no buffer is asked for in every row.
    const STRIP: usize = 64;
    let mut inks = vec![S::default(); if rule.is_some() { width * 4 * STRIP.min(height) } else { 0 }];
    let mut of_inks = Raster::new(0, 0, Layout::Rgb, Vec::new());
    for (y, row) in samples.chunks_exact_mut(width * layout.channels()).enumerate() {
        let channel = |c: usize| &planes[(c * height + y) * row_bytes..][..row_bytes];
        if let (Some(rule), 0) = (&rule, y % STRIP) {
            let rows = STRIP.min(height - y);
            for (i, inks) in inks.chunks_exact_mut(4).take(rows * width).enumerate() {
                for (c, ink) in inks.iter_mut().enumerate() {
                    let row = &planes[(c * height + y + i / width) * row_bytes..][..row_bytes];
                    // They are stored inverted: full scale is none.
                    *ink = S::from_unit(1.0 - sample(row, i % width).to_unit());
                }
            }
            of_inks = rule.to_srgb(document.width, rows as u32, &inks[..rows * width * 4], false);
        }
        for (x, pixel) in row.chunks_exact_mut(layout.channels()).enumerate() {
            match &document.mode {
                Mode::Indexed(map) => {
                    let index = usize::from(channel(0)[x]);
                    for c in 0..3 {
                        pixel[c] = S::from_unit(f32::from(map[c * 256 + index]) / 255.0);
                    }
                }
                Mode::Cmyk => pixel[..3].copy_from_slice(&of_inks.samples()[3 * (y % STRIP * width + x)..][..3]),
                // Bits are spread afterwards.
                Mode::Bitmap => pixel[0] = S::default(),
                Mode::Grey | Mode::Rgb => {
                    for (c, value) in pixel.iter_mut().take(colours).enumerate() {
                        *value = sample(channel(c), x);
                    }
                }
            }
            if document.alpha && document.mode != Mode::Bitmap {
                let alpha = sample(channel(colours), x);
                unmatte(pixel, alpha);
            }
        }
    }
    Raster::new(document.width, document.height, layout, samples).into()
}

/// The merged picture lies over white: takes the white out again.
fn unmatte<S: Sample>(pixel: &mut [S], alpha: S) {
    let Some((last, colours)) = pixel.split_last_mut() else { return };
    *last = alpha;
    let alpha = alpha.to_unit();
    if alpha > 0.0 && alpha < 1.0 {
        for colour in colours {
            *colour = S::from_unit(((colour.to_unit() - (1.0 - alpha)) / alpha).clamp(0.0, 1.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    /// A document of 2 × 1 pixels without layers.
    fn document(mode: u16, bits: u16, channels: u16, colours: &[u8], data: &[u8]) -> Vec<u8> {
        let mut out = b"8BPS\0\x01\0\0\0\0\0\0".to_vec();
        out.extend(channels.to_be_bytes());
        out.extend([0, 0, 0, 1, 0, 0, 0, 2]);
        out.extend(bits.to_be_bytes());
        out.extend(mode.to_be_bytes());
        out.extend((colours.len() as u32).to_be_bytes());
        out.extend(colours);
        out.extend([0; 8]);
        out.extend(data);
        out
    }

    fn rgba(file: &[u8]) -> Vec<u8> {
        let limits = Limits::default();
        let (codec, header) = crate::header(file, &limits).unwrap();
        assert_eq!(codec.id, "psd");
        let decoded = crate::decode(codec, file, &header, 1, &limits, &mut Buffers::default()).unwrap();
        assert_eq!(decoded.partial, None);
        decoded.pixels.to_rgba8()
    }

    #[test]
    fn every_mode_has_its_colours() {
        let rgb = document(3, 8, 3, &[], &[0, 0, 10, 20, 30, 40, 50, 60]);
        assert_eq!(rgba(&rgb), [10, 30, 50, 255, 20, 40, 60, 255]);
        let packed = document(3, 8, 3, &[], &[0, 1, 0, 2, 0, 2, 0, 3, 0xff, 7, 0xff, 8, 1, 9, 10]);
        assert_eq!(rgba(&packed), [7, 8, 9, 255, 7, 8, 10, 255]);
        let cmyk = document(4, 8, 4, &[], &[0, 0, 255, 0, 255, 255, 255, 0, 255, 255]);
        assert_eq!(rgba(&cmyk), [255, 255, 255, 255, 0, 255, 0, 255]);
        let bits = document(0, 1, 1, &[], &[0, 0, 0b1000_0000]);
        assert_eq!(rgba(&bits), [0, 0, 0, 255, 255, 255, 255, 255]);
        let mut map = vec![0; 768];
        (map[5], map[256 + 5], map[512 + 5]) = (1, 2, 3);
        assert_eq!(rgba(&document(2, 8, 1, &map, &[0, 0, 5, 0])), [1, 2, 3, 255, 0, 0, 0, 255]);
        let deep = document(1, 16, 1, &[], &[0, 0, 0xff, 0xff, 0x80, 0x80]);
        assert_eq!(rgba(&deep), [255, 255, 255, 255, 128, 128, 128, 255]);
    }

    #[test]
    fn every_truncation_ends_and_is_reported() {
        let whole = document(3, 8, 3, &[], &[0, 0, 10, 20, 30, 40, 50, 60]);
        let limits = Limits::default();
        for cut in 0..whole.len() {
            let Ok((codec, header)) = crate::header(&whole[..cut], &limits) else { continue };
            let end = crate::decode(codec, &whole[..cut], &header, 1, &limits, &mut Buffers::default());
            assert!(end.map_or(true, |d| d.partial.is_some()), "cut at {cut}");
        }
    }
}
