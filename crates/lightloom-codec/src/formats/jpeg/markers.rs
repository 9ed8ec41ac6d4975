//! The marker segments of a JPEG file before its first scan (ITU-T T.81, annex B): what a header needs, without
//! touching entropy-coded data.

use std::io::{Read, SeekFrom};

use crate::shared::photoshop;
use crate::{CodecError, Input};
use lightloom_picture::Density;

/// What the segments say.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Markers {
    pub width: u32,
    pub height: u32,
    /// Bits per sample.
    pub precision: u8,
    /// Whether it is one of the lossless processes.
    pub lossless: bool,
    /// Number of components.
    pub components: u8,
    /// The first Exif block.
    pub exif: Option<Vec<u8>>,
    /// The ICC profile, put together from its numbered parts.
    pub icc: Option<Vec<u8>>,
    /// The first XMP packet.
    pub xmp: Option<Vec<u8>>,
    /// IPTC datasets.
    pub iptc: Option<Vec<u8>>,
    /// Resolution by the JFIF header.
    pub density: Option<Density>,
}

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
pub(crate) const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

impl Markers {
    /// Walks the segments up to the frame header, and on to the start of scan for metadata that follows it.
    pub fn read(input: &mut dyn Input) -> Result<Self, CodecError> {
        let mut markers = Self::default();
        let mut icc: Vec<(u8, Vec<u8>)> = Vec::new();
        let mut resources = Vec::new();
        input.seek(SeekFrom::Start(2))?;
        loop {
            let marker = match next_marker(input) {
                Ok(0xd9 | 0xda) if markers.width > 0 => break,
                Ok(0xd9 | 0xda) => return Err(CodecError::Damaged("it has no frame header".to_owned())),
                // A file that ends behind its frame header is damaged, but its size is known.
                Err(_) if markers.width > 0 => break,
                Err(error) => return Err(error),
                Ok(marker) => marker,
            };
            // TEM and restart markers stand alone.
            if matches!(marker, 0x01 | 0xd0..=0xd8) {
                continue;
            }
            let length = u16::from_be_bytes(take(input)?);
            let Some(length) = length.checked_sub(2).map(i64::from) else {
                return Err(CodecError::Damaged("a segment has an impossible length".to_owned()));
            };
            match marker {
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf if markers.width == 0 => {
                    let [precision, h1, h0, w1, w0, components] = take(input)?;
                    markers.precision = precision;
                    markers.lossless = matches!(marker, 0xc3 | 0xc7 | 0xcb | 0xcf);
                    markers.height = u32::from(u16::from_be_bytes([h1, h0]));
                    markers.width = u32::from(u16::from_be_bytes([w1, w0]));
                    markers.components = components;
                    if markers.width == 0 || markers.height == 0 {
                        return Err(CodecError::Damaged("its frame header gives no size".to_owned()));
                    }
                    input.seek_relative(length - 6)?;
                }
                0xe0 if markers.density.is_none() => markers.density = jfif_density(&read(input, length)?),
                0xe1 => {
                    let segment = read(input, length)?;
                    if let Some(exif) = segment.strip_prefix(EXIF) {
                        markers.exif.get_or_insert_with(|| exif.to_vec());
                    } else if let Some(xmp) = segment.strip_prefix(XMP) {
                        markers.xmp.get_or_insert_with(|| xmp.to_vec());
                    }
                }
                0xed => {
                    let segment = read(input, length)?;
                    resources.extend_from_slice(segment.strip_prefix(photoshop::HEADER).unwrap_or_default());
                }
                0xe2 => {
                    let segment = read(input, length)?;
                    if let Some([number, _count, part @ ..]) = segment.strip_prefix(ICC) {
                        icc.push((*number, part.to_vec()));
                    }
                }
                _ => {
                    input.seek_relative(length)?;
                }
            }
        }
        markers.iptc = photoshop::iptc(&resources);
        icc.sort_by_key(|(number, _)| *number);
        markers.icc = (!icc.is_empty()).then(|| icc.into_iter().flat_map(|(_, part)| part).collect());
        Ok(markers)
    }
}

/// Pixels an inch by a JFIF header (JFIF 1.02): units, then two numbers; without units they are a ratio of sides only.
fn jfif_density(segment: &[u8]) -> Option<Density> {
    let [_, _, unit, x1, x0, y1, y0, ..] = segment.strip_prefix(b"JFIF\0")? else { return None };
    let units_an_inch = match unit {
        1 => 1.0,
        2 => 2.54,
        _ => return None,
    };
    let number = |high: u8, low: u8| f64::from(u16::from_be_bytes([high, low]));
    Density::new(number(*x1, *x0), number(*y1, *y0), units_an_inch)
}

fn take<const N: usize>(input: &mut dyn Input) -> Result<[u8; N], CodecError> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read(input: &mut dyn Input, length: i64) -> Result<Vec<u8>, CodecError> {
    let mut segment = Vec::new();
    input.take(length.unsigned_abs()).read_to_end(&mut segment)?;
    Ok(segment)
}

/// The code of the next marker, whatever fill bytes or stray bytes stand before it.
fn next_marker(input: &mut dyn Input) -> Result<u8, CodecError> {
    loop {
        let mut stray = Vec::new();
        std::io::BufRead::read_until(input, 0xff, &mut stray)?;
        let mut code = 0xff;
        while code == 0xff {
            [code] = take(input)?;
        }
        if code != 0 {
            return Ok(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let mut out = vec![0xff, marker];
        out.extend(((body.len() + 2) as u16).to_be_bytes());
        out.extend(body);
        out
    }

    fn file(segments: &[Vec<u8>]) -> Vec<u8> {
        [vec![0xff, 0xd8], segments.concat(), vec![0xff, 0xda]].concat()
    }

    fn frame() -> Vec<u8> {
        segment(0xc2, &[8, 0, 7, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    #[test]
    fn size_exif_and_icc_in_parts_are_found() {
        let icc = |number: u8, part: &[u8]| segment(0xe2, &[ICC, &[number, 2], part].concat());
        let segments = [
            segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
            segment(0xe1, &[EXIF, b"first"].concat()),
            icc(2, b"world"),
            segment(0xe1, &[EXIF, b"second"].concat()),
            icc(1, b"hello "),
            frame(),
        ];
        let markers = Markers::read(&mut Cursor::new(file(&segments))).unwrap();
        assert_eq!((markers.width, markers.height, markers.precision, markers.components), (256, 7, 8, 3));
        assert_eq!(markers.exif.as_deref(), Some(&b"first"[..]));
        assert_eq!(markers.icc.as_deref(), Some(&b"hello world"[..]));
    }

    #[test]
    fn every_truncation_ends() {
        let whole = file(&[segment(0xe1, &[EXIF, b"abc"].concat()), frame()]);
        for cut in 2..whole.len() {
            let _ = Markers::read(&mut Cursor::new(&whole[..cut]));
        }
        assert!(Markers::read(&mut Cursor::new(file(&[]))).is_err());
    }
}
