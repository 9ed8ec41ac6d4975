//! A gain map put behind an encoded JPEG, in both forms that programs look for: Adobe's in XMP with Google's container
//! directory (Ultra HDR 1.1), and that of ISO 21496-1.

use lightloom_jpeg::encode::{Options, Sampling};

use super::encode::encode_baseline;
use super::parts::ISO;
use super::segments::segments;
use super::{markers, multi_picture};
use lightloom_picture::gain_map::xmp;
use lightloom_picture::{GainMap, Metadata};

/// Quality of the map. A level more or less is 1 % of the light at four stops.
const QUALITY: u8 = 95;

/// The file of a gain map.
pub(super) fn encoded(map: &GainMap) -> Result<Vec<u8>, String> {
    let options = Options { quality: QUALITY, sampling: Sampling::S444, best_codes: false };
    let mut bytes = encode_baseline(&map.pixels, options).map_err(|e| e.to_string())?;
    let mut own = segment(0xe1, &[markers::XMP, &xmp::to_adobe(&map.metadata)]);
    own.extend(segment(0xe2, &[ISO, &map.metadata.to_iso()]));
    let at = behind_application_segments(&bytes);
    bytes.splice(at..at, own);
    Ok(bytes)
}

/// The metadata of the base picture, with the directory that names a gain map of so many bytes.
pub(super) fn announced(metadata: &Metadata, gain_map_bytes: usize) -> Metadata {
    let whole = xmp::with_directory(metadata.xmp.as_deref(), gain_map_bytes);
    // Of a packet that cannot be edited, the directory alone is worth more.
    let packet = whole.or_else(|| xmp::with_directory(None, gain_map_bytes));
    Metadata { xmp: packet, ..metadata.clone() }
}

/// Puts the file of a gain map behind that of its base picture, and the index of both into the latter.
pub(super) fn append(base: &mut Vec<u8>, map: &[u8]) -> Result<(), String> {
    let at = behind_application_segments(base);
    // The standard's version, as a sign that a map follows.
    let mut own = segment(0xe2, &[ISO, &[0; 4]]);
    // Marker and length stand in front of the content.
    let index = at + own.len() + 4 + multi_picture::SIGNATURE.len();
    let first = base.len() + own.len() + 4 + multi_picture::LENGTH;
    let number = |n: usize| u32::try_from(n).map_err(|_| "the file would be too large".to_owned());
    own.extend(segment(0xe2, &[&multi_picture::segment(number(first)?, number(map.len())?, number(first - index)?)]));
    base.splice(at..at, own);
    base.extend_from_slice(map);
    Ok(())
}

/// Where the application segments that a file begins with end.
fn behind_application_segments(bytes: &[u8]) -> usize {
    let own = segments(bytes).take_while(|segment| matches!(segment.marker, 0xe0..=0xef));
    own.last().map_or(2, |last| last.at + last.content.len())
}

/// A segment of these parts, which are not too long together.
fn segment(marker: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut out = vec![0xff, marker];
    out.extend((length as u16).to_be_bytes());
    parts.iter().for_each(|part| out.extend(*part));
    out
}
