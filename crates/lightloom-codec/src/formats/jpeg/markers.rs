//! The marker segments of a JPEG file before its first scan (ITU-T T.81, annex B): what a header needs, without
//! touching entropy-coded data.

use std::io::{Read, SeekFrom};

use super::extended_xmp::{EXTENSION, Pieces};
use crate::header::MOST_METADATA;
use crate::shared::found::{Found, Kind};
use crate::{CodecError, Input};
use lightloom_picture::photoshop::Resources;
use lightloom_picture::{Chroma, Density, Metadata, TextEntry};

/// What the segments say.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Markers {
    pub width: u32,
    pub height: u32,
    /// Bits per sample.
    pub precision: u8,
    /// Whether it is one of the lossless processes.
    pub lossless: bool,
    /// Whether it is a sequential process with Huffman codes, whose blocks come once and whole, in one scan.
    pub sequential: bool,
    /// Number of components.
    pub components: u8,
    /// If there are three, how many pixels share a sample of the others, as far as those are usual numbers.
    pub chroma: Option<Chroma>,
    /// The first block of each kind; the profile is put together from its numbered parts.
    pub metadata: Metadata,
}

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
pub(crate) const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// How an APP13 segment with Photoshop's resources begins.
pub(crate) const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";

impl Markers {
    /// Walks the segments up to the frame header, and on to the start of scan for metadata that follows it.
    pub fn read(input: &mut dyn Input) -> Result<Self, CodecError> {
        let mut markers = Self::default();
        let mut described = Described::default();
        input.seek(SeekFrom::Start(2))?;
        loop {
            let marker = match next_marker(input) {
                Ok(0xda) if markers.width > 0 => {
                    // Its length, and the number of its components.
                    markers.sequential &= take::<3>(input).is_ok_and(|head| head[2] == markers.components);
                    break;
                }
                Ok(0xd9) if markers.width > 0 => break,
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
            // A length counts itself; of one that is too small, as in libjpeg, nothing belongs to the segment.
            let length = i64::from(u16::from_be_bytes(take(input)?).saturating_sub(2));
            match marker {
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf if markers.width == 0 => {
                    let [precision, h1, h0, w1, w0, components] = take(input)?;
                    markers.precision = precision;
                    markers.lossless = matches!(marker, 0xc3 | 0xc7 | 0xcb | 0xcf);
                    markers.sequential = matches!(marker, 0xc0 | 0xc1);
                    markers.height = u32::from(u16::from_be_bytes([h1, h0]));
                    markers.width = u32::from(u16::from_be_bytes([w1, w0]));
                    markers.components = components;
                    if markers.width == 0 || markers.height == 0 {
                        return Err(CodecError::Damaged("its frame header gives no size".to_owned()));
                    }
                    let mut rest = length - 6;
                    if components == 3 && rest >= 9 {
                        markers.chroma = chroma(&take::<9>(input)?);
                        rest -= 9;
                    }
                    input.seek_relative(rest)?;
                }
                0xe0 if markers.metadata.density.is_none() => {
                    markers.metadata.density = jfif_density(&read(input, length)?);
                }
                0xe1..=0xef | 0xfe => described.take(marker, &read(input, length)?, &mut markers),
                _ => {
                    input.seek_relative(length)?;
                }
            }
        }
        described.finish(&mut markers);
        Ok(markers)
    }
}

/// From the parameters of three components: number, factors and table of each (B.2.2).
fn chroma(&[_, luma, _, _, cb, _, _, cr, _]: &[u8; 9]) -> Option<Chroma> {
    let share = |luma: u8, chroma: u8| [1, 2].into_iter().find(|share| share * chroma == luma);
    let (columns, rows) = (share(luma >> 4, cb >> 4)?, share(luma & 15, cb & 15)?);
    (cb == cr && cb != 0).then_some(Chroma { columns: columns.into(), rows: rows.into() })
}

/// What comes in several segments.
#[derive(Default)]
struct Described {
    /// Numbered parts of the profile.
    icc: Vec<(u8, Vec<u8>)>,
    /// Photoshop's resources, one part behind the other.
    resources: Vec<u8>,
    extended_xmp: Pieces,
    comment_bytes: usize,
}

impl Described {
    /// Takes an application segment or a comment.
    fn take(&mut self, marker: u8, segment: &[u8], markers: &mut Markers) {
        let after = |start: &[u8]| segment.strip_prefix(start);
        match marker {
            0xe1 if after(EXIF).is_some() => markers.metadata.found(Kind::Exif, segment[EXIF.len()..].to_vec()),
            0xe1 if after(XMP).is_some() => markers.metadata.found(Kind::Xmp, segment[XMP.len()..].to_vec()),
            0xe1 if after(EXTENSION).is_some() => self.extended_xmp.take(&segment[EXTENSION.len()..]),
            0xe2 if after(ICC).is_some() => match &segment[ICC.len()..] {
                [number, _count, part @ ..] => self.icc.push((*number, part.to_vec())),
                _ => markers.metadata.found_damaged(Kind::Profile),
            },
            0xed if after(PHOTOSHOP).is_some() => self.resources.extend(&segment[PHOTOSHOP.len()..]),
            0xfe => {
                self.comment_bytes += segment.len();
                match TextEntry::comment(segment).filter(|_| self.comment_bytes <= MOST_METADATA) {
                    Some(text) => markers.metadata.texts.push(text),
                    None if segment.iter().all(|byte| *byte == 0) => {}
                    None => markers.leave_out(marker, b"a comment that is no text"),
                }
            }
            _ => markers.leave_out(marker, segment),
        }
    }

    fn finish(self, markers: &mut Markers) {
        let metadata = &mut markers.metadata;
        let (xmp, lost) = self.extended_xmp.join(metadata.xmp.take());
        metadata.xmp = xmp;
        lost.into_iter().for_each(|what| metadata.lost(what));
        profiles(self.icc).into_iter().for_each(|icc| metadata.found(Kind::Profile, icc));
        metadata.found_among(Resources::parse(&self.resources));
    }
}

/// Profiles put together from their numbered parts. A number that comes again belongs to a second profile, unless the first
/// lacks a part: some writers give all parts the same number.
fn profiles(parts: Vec<(u8, Vec<u8>)>) -> Vec<Vec<u8>> {
    let mut profiles: Vec<Vec<(u8, Vec<u8>)>> = Vec::new();
    for (number, part) in parts {
        let is_whole = |parts: &[(u8, Vec<u8>)]| {
            let begin = parts.iter().min_by_key(|(number, _)| *number);
            let stated = begin.and_then(|(_, part)| part.first_chunk()).map(|size| u32::from_be_bytes(*size));
            let there: usize = parts.iter().map(|(_, part)| part.len()).sum();
            parts.iter().any(|(known, _)| *known == number) && stated.is_none_or(|stated| there >= stated as usize)
        };
        match profiles.last_mut() {
            Some(last) if !is_whole(last) => last.push((number, part)),
            _ => profiles.push(vec![(number, part)]),
        }
    }
    let joined = profiles.into_iter().map(|mut parts| {
        parts.sort_by_key(|(number, _)| *number);
        parts.into_iter().flat_map(|(_, part)| part).collect()
    });
    joined.collect()
}

impl Markers {
    /// Names a segment that is not carried, unless it describes how the samples are coded or displayed.
    fn leave_out(&mut self, marker: u8, segment: &[u8]) {
        // Adobe's marker of colours; quality and nothing else by Photoshop's "save for web"; parts of pictures and of
        // profiles, which their readers name.
        let is_coding = segment.starts_with(b"Adobe\0")
            || segment.starts_with(b"Adobe\x01")
            || segment.starts_with(b"Ducky") && segment.len() <= 17
            || [&b"MPF\0"[..], b"JP", b"ICC_PROFILE", b"Exif\0", XMP, b"urn:iso:std:iso:ts:21496"]
                .iter()
                .any(|start| segment.starts_with(start));
        if is_coding {
            return;
        }
        let name: String = segment
            .iter()
            .take(32)
            .take_while(|byte| matches!(byte, 0x20..=0x7e))
            .map(|byte| char::from(*byte))
            .collect();
        let name = match (marker, name.trim()) {
            (0xfe, words) => words.to_owned(),
            (_, "") => format!("segment APP{}", marker & 15),
            (_, name) => format!("segment APP{} '{name}'", marker & 15),
        };
        self.metadata.lost_part(name);
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
            segment(0xfe, b"a comment\0"),
            segment(0xe5, b"RMETA\0..."),
            segment(0xee, b"Adobe\0..."),
            segment(0xe1, &[EXIF, b"first"].concat()),
            icc(2, b"world"),
            segment(0xe1, &[EXIF, b"second"].concat()),
            icc(1, b"hello "),
            frame(),
        ];
        let markers = Markers::read(&mut Cursor::new(file(&segments))).unwrap();
        assert_eq!((markers.width, markers.height, markers.precision, markers.components), (256, 7, 8, 3));
        let found = markers.metadata;
        assert_eq!(found.exif.as_deref(), Some(&b"first"[..]));
        assert_eq!(found.icc.as_deref(), Some(&b"hello world"[..]));
        assert_eq!(found.texts, [TextEntry::new("Comment", "a comment")]);
        assert_eq!(found.left_out, ["segment APP5 'RMETA'", "a second block of Exif data"]);
    }

    #[test]
    fn parts_of_profiles_come_together_whatever_their_numbers() {
        let size = |bytes: u32, rest: &[u8]| [&bytes.to_be_bytes()[..], rest].concat();
        let (first, second) = (size(8, b"1234"), size(5, b"1"));
        let whole = [first.clone(), second.clone()];
        let part = |number, bytes: &[u8]| (number, bytes.to_vec());
        assert_eq!(profiles(vec![part(1, &first), part(1, &second)]), whole);
        assert_eq!(profiles(vec![part(2, &first[4..]), part(1, &first[..4]), part(1, &second)]), whole);
        assert_eq!(profiles(vec![part(1, &first[..5]), part(1, &first[5..])]), [first], "all are numbered 1");
        assert!(profiles(Vec::new()).is_empty());
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
