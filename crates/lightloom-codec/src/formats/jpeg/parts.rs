//! What a JPEG file holds beside its picture: gain maps, depth maps, further views, videos, Content Credentials.
//!
//! They follow the picture, one after the other. Which they are say the multi-picture index, the container directory in
//! XMP, the trailer of Samsung's phones, and the metadata of each. A file that has none of these is not walked through.

use std::ops::Range;

use super::segments::{end_of_picture, segments};
use super::{markers, multi_picture};
use crate::parts::{Part, TOO_LARGE, Wanted};
use crate::{Limits, Parts};
use lightloom_picture::gain_map::{AppleMap, GainMapMetadata, xmp};
use lightloom_picture::{Buffers, GainMap, Layout, Pixels};
use multi_picture::{Entry, Kind};

/// How the segment (APP2) with the metadata of ISO 21496-1 begins.
pub(super) const ISO: &[u8] = b"urn:iso:std:iso:ts:21496:-1\0";

/// More files behind a picture than any phone writes; an index could name the same bytes over and over.
const MOST: usize = 16;

/// What the segments of a picture say about it.
#[derive(Default)]
struct Said<'a> {
    xmp: Option<&'a [u8]>,
    iso: Option<&'a [u8]>,
    exif: Option<&'a [u8]>,
    entries: Vec<Entry>,
    has_credentials: bool,
}

impl<'a> Said<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let mut said = Self::default();
        for segment in segments(bytes) {
            let content = segment.content;
            match segment.marker {
                0xe1 => {
                    said.xmp = said.xmp.or_else(|| content.strip_prefix(markers::XMP));
                    said.exif = said.exif.or_else(|| content.strip_prefix(b"Exif\0\0"));
                }
                0xe2 => {
                    said.iso = said.iso.or_else(|| content.strip_prefix(ISO));
                    if let Some(index) = content.strip_prefix(multi_picture::SIGNATURE) {
                        said.entries = multi_picture::entries(index, segment.at + multi_picture::SIGNATURE.len());
                    }
                }
                // A box of JUMBF, whose description has C2PA's type.
                0xeb => said.has_credentials |= content.get(..64.min(content.len())).is_some_and(is_credentials),
                _ => {}
            }
        }
        said
    }
}

fn is_credentials(head: &[u8]) -> bool {
    head.windows(8).any(|w| w == b"jumdc2pa")
}

/// Looks what the file holds.
pub(crate) fn parts(bytes: &[u8], wanted: &Wanted<'_>, buffers: &mut Buffers) -> Parts {
    let said = Said::read(bytes);
    let mut parts = Parts::default();
    if said.has_credentials {
        parts.add(Part::Credentials);
    }
    let text = said.xmp.and_then(|packet| std::str::from_utf8(packet).ok()).unwrap_or_default();
    let claims = ["photos/1.0/container/", "MicroVideo", "MotionPhoto"].iter().any(|word| text.contains(word));
    let has_trailer = bytes.ends_with(b"SEFT");
    if said.entries.is_empty() && said.iso.is_none() && !claims && !has_trailer {
        return parts;
    }
    let Some(end) = end_of_picture(bytes) else { return parts };
    let directory = said.xmp.filter(|_| claims).map(xmp::directory).unwrap_or_default();
    for Following { range, semantic, kind } in following(bytes, end, &said.entries, &directory) {
        let content = &bytes[range.clone()];
        if !content.starts_with(b"\xff\xd8\xff") {
            if content.get(4..8) == Some(b"ftyp") {
                parts.add(Part::Video);
            }
            continue;
        }
        match describe(content, semantic.as_deref(), kind) {
            Content::GainMap(form) if parts.gain_map.is_none() => {
                parts.gain_map = Some(form.read(content, said.exif, wanted, buffers));
            }
            Content::GainMap(_) | Content::Preview => {}
            Content::Part(part) => parts.add(part),
        }
    }
    let video = said.xmp.filter(|_| claims).is_some_and(xmp::has_video) && bytes.len() > end;
    if video || directory.iter().any(|item| item.semantic == "MotionPhoto" && item.length > 0) {
        parts.add(Part::Video);
    }
    if has_trailer {
        samsung(bytes).into_iter().for_each(|part| parts.add(part));
    }
    parts
}

/// A file behind the picture.
struct Following {
    range: Range<usize>,
    semantic: Option<String>,
    kind: Kind,
}

/// The files behind a picture that ends at `end`, each once.
fn following(bytes: &[u8], end: usize, entries: &[Entry], directory: &[xmp::DirectoryItem]) -> Vec<Following> {
    let mut found: Vec<Following> = Vec::new();
    let mut at = end;
    for item in directory {
        let length = usize::try_from(item.length).unwrap_or(usize::MAX);
        let padding = usize::try_from(item.padding).unwrap_or(usize::MAX);
        let start = at;
        if item.semantic == "Primary" {
            at = at.saturating_add(padding);
            continue;
        }
        at = at.saturating_add(length).saturating_add(padding);
        if let Some(stop) = start.checked_add(length).filter(|stop| *stop <= bytes.len() && length > 0) {
            found.push(Following { range: start..stop, semantic: Some(item.semantic.clone()), kind: Kind::Other });
        }
    }
    for Entry { kind, range } in entries {
        let stop = range.end.min(bytes.len());
        if range.start >= stop || range.start < end {
            continue;
        }
        // Both indices name it: each knows something.
        match found.iter_mut().find(|one| one.range.start == range.start) {
            Some(one) => one.kind = *kind,
            None => found.push(Following { range: range.start..stop, semantic: None, kind: *kind }),
        }
    }
    // A picture or video that neither of them names, or names at a wrong place.
    let behind = bytes.get(end..).unwrap_or_default();
    let is_file = behind.starts_with(b"\xff\xd8\xff") || behind.get(4..8) == Some(b"ftyp");
    if is_file && !found.iter().any(|one| one.range.contains(&end)) {
        found.push(Following { range: end..bytes.len(), semantic: None, kind: Kind::Other });
    }
    found.truncate(MOST);
    found
}

enum Content {
    GainMap(Form),
    Preview,
    Part(Part),
}

/// How a gain map says what it means.
enum Form {
    Iso(GainMapMetadata),
    Apple(AppleMap),
    /// It is named as one, and says nothing, or what cannot be.
    Unclear,
}

fn describe(content: &[u8], semantic: Option<&str>, kind: Kind) -> Content {
    let said = Said::read(content);
    let metadata = said.iso.and_then(GainMapMetadata::from_iso).or_else(|| said.xmp.and_then(xmp::adobe));
    if let Some(metadata) = metadata {
        return Content::GainMap(Form::Iso(metadata));
    }
    if let Some(apple) = said.xmp.and_then(xmp::apple) {
        return Content::GainMap(Form::Apple(apple));
    }
    let auxiliary = said.xmp.and_then(xmp::apple_auxiliary).unwrap_or_default().to_ascii_lowercase();
    let semantic = semantic.unwrap_or_default();
    match kind {
        _ if semantic == "GainMap" || auxiliary.ends_with("hdrgainmap") => Content::GainMap(Form::Unclear),
        _ if semantic.contains("Depth") || auxiliary.contains("depth") || auxiliary.contains("disparity") => {
            Content::Part(Part::Depth)
        }
        _ if !semantic.is_empty() || !auxiliary.is_empty() => Content::Part(Part::Auxiliary),
        Kind::Preview => Content::Preview,
        Kind::View | Kind::Other => Content::Part(Part::View),
    }
}

impl Form {
    /// Decodes the map; the error says why it cannot be used.
    fn read(
        self,
        content: &[u8],
        exif: Option<&[u8]>,
        wanted: &Wanted<'_>,
        buffers: &mut Buffers,
    ) -> Result<GainMap, String> {
        let unclear = || "its metadata make no sense".to_owned();
        if matches!(self, Self::Unclear) {
            return Err(unclear());
        }
        let pixels = decode(content, wanted, buffers)?;
        match self {
            Self::Iso(metadata) => Ok(GainMap { pixels, metadata }),
            Self::Apple(map) => map.to_gain_map(pixels, exif).ok_or_else(unclear),
            Self::Unclear => Err(unclear()),
        }
    }
}

/// Decodes the picture of a map.
fn decode(content: &[u8], wanted: &Wanted<'_>, buffers: &mut Buffers) -> Result<lightloom_picture::Raster<u8>, String> {
    let limits: &Limits = wanted.limits;
    let mut input = std::io::Cursor::new(content);
    let header = super::header(&mut input, limits).map_err(|e| e.to_string())?;
    limits.check(header.stored).map_err(|e| e.to_string())?;
    if header.stored.pixels() > wanted.most_of_a_map() {
        return Err(TOO_LARGE.to_owned());
    }
    let watch = crate::watch::Watch::new(limits, wanted.stop);
    let request = crate::Request { header: &header, divisor: 1, limits, watch: &watch, split: false, chroma: None };
    let decoded = super::decode(content, &request, buffers).map_err(|e| e.to_string())?;
    match (decoded.pixels, decoded.partial) {
        (Pixels::U8(pixels), None) if matches!(pixels.layout(), Layout::Grey | Layout::Rgb) => Ok(pixels),
        (_, Some(damage)) => Err(damage),
        _ => Err("it has samples of an unusual form".to_owned()),
    }
}

/// What the trailer of Samsung's phones lists: a directory of blocks, each with a type.
fn samsung(bytes: &[u8]) -> Vec<Part> {
    let read = || {
        let body = bytes.strip_suffix(b"SEFT")?;
        let (body, length) = body.split_last_chunk::<4>()?;
        let directory = body.get(body.len().checked_sub(u32::from_le_bytes(*length) as usize)?..)?;
        let entries = directory.strip_prefix(b"SEFH")?.get(8..)?;
        let parts =
            entries.as_chunks::<12>().0.iter().filter_map(|entry| match u16::from_le_bytes([entry[2], entry[3]]) {
                0x0a30 => Some(Part::Video),
                0x0ab0..=0x0ab3 => Some(Part::Depth),
                _ => None,
            });
        Some(parts.collect())
    };
    read().unwrap_or_default()
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
