//! The chunks of a PNG file that describe it (PNG third edition, 11.3), before and after the pixel data.

use std::io::{Read, SeekFrom};

use super::Input;
use crate::picture::Density;
use crate::picture::colour::PngColour;

/// Largest chunk that is looked into.
const LARGEST: u32 = 64 << 20;

/// What the chunks say.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    pub exif: Option<Vec<u8>>,
    pub xmp: Option<Vec<u8>>,
    pub density: Option<Density>,
    /// Without the profile, which the decoder unpacks.
    pub colour: PngColour,
}

/// Keyword of the text chunk that holds XMP, with an uncompressed text without language.
const XMP: &[u8] = b"XML:com.adobe.xmp\0\0\0\0\0";

/// Walks the chunks up to the end of the file; a file that is cut off gives what is there.
pub(super) fn read(input: &mut dyn Input) -> std::io::Result<Chunks> {
    let mut chunks = Chunks::default();
    let mut before_pixels = true;
    input.seek(SeekFrom::Start(8))?;
    loop {
        let mut head = [0; 8];
        if input.read_exact(&mut head).is_err() {
            return Ok(chunks);
        }
        let [l3, l2, l1, l0, kind @ ..] = head;
        let length = u32::from_be_bytes([l3, l2, l1, l0]);
        let wanted = match &kind {
            b"eXIf" | b"iTXt" => true,
            b"pHYs" | b"gAMA" | b"cHRM" | b"sRGB" | b"cICP" => before_pixels,
            b"IDAT" => {
                before_pixels = false;
                false
            }
            b"IEND" => return Ok(chunks),
            _ => false,
        };
        if !wanted || length > LARGEST {
            // A chunk and its checksum.
            input.seek_relative(i64::from(length) + 4)?;
            continue;
        }
        let mut data = Vec::new();
        (&mut *input).take(u64::from(length)).read_to_end(&mut data)?;
        if data.len() < length as usize {
            return Ok(chunks);
        }
        input.seek_relative(4)?;
        chunks.take(&kind, data);
    }
}

impl Chunks {
    /// The first of each kind counts.
    fn take(&mut self, kind: &[u8; 4], data: Vec<u8>) {
        let number = |at: usize| data.get(at..at + 4).and_then(|b| b.first_chunk()).map(|b| u32::from_be_bytes(*b));
        match kind {
            b"eXIf" if self.exif.is_none() => {
                self.exif = Some(data.strip_prefix(b"Exif\0\0").map_or_else(|| data.clone(), <[u8]>::to_vec));
            }
            b"iTXt" if self.xmp.is_none() => {
                // Compressed packets are not usual, since other programs look for the plain one.
                self.xmp = data.strip_prefix(XMP).map(<[u8]>::to_vec);
            }
            b"pHYs" => {
                if let (Some(x), Some(y), Some(1)) = (number(0), number(4), data.get(8)) {
                    self.density = Density::new(f64::from(x), f64::from(y), 0.0254);
                }
            }
            b"gAMA" => self.colour.gamma = number(0),
            b"cHRM" => {
                let values: Vec<u32> = (0..8).map_while(|i| number(4 * i)).collect();
                self.colour.chromaticities = values.try_into().ok();
            }
            b"sRGB" => self.colour.srgb = true,
            b"cICP" => self.colour.cicp = data.try_into().ok(),
            _ => {}
        }
    }
}

/// Puts a resolution and an XMP packet behind the header of a file.
pub(super) fn embed(bytes: &mut Vec<u8>, density: Option<Density>, xmp: Option<&[u8]>) {
    // Signature and IHDR.
    const BEHIND_HEADER: usize = 8 + 12 + 13;
    if bytes.len() < BEHIND_HEADER {
        return;
    }
    let mut chunks = Vec::new();
    if let Some(Density { x, y }) = density {
        let metre = |v: f64| ((v / 0.0254).round() as u32).to_be_bytes();
        chunk(&mut chunks, b"pHYs", &[&metre(x)[..], &metre(y), &[1]].concat());
    }
    if let Some(xmp) = xmp {
        chunk(&mut chunks, b"iTXt", &[XMP, xmp].concat());
    }
    bytes.splice(BEHIND_HEADER..BEHIND_HEADER, chunks);
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let from = out.len();
    out.extend(kind);
    out.extend(data);
    let crc = crc(&out[from..]);
    out.extend(crc.to_be_bytes());
}

/// The checksum of PNG (annex D), bit by bit: these chunks are small.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 })
    })
}
