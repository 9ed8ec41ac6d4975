//! The chunks of a PNG file that describe it (PNG third edition, 11.3), before and after the pixel data.

use std::io::{Read, SeekFrom};

use flate2::read::ZlibDecoder;

use super::light;
use super::text::{self, Texts};
use crate::header::MOST_METADATA;
use crate::shared::found::{Found, Kind};
use crate::{Encoded, Input};
use lightloom_picture::colour::PngColour;
use lightloom_picture::colour::hdr::Light;
use lightloom_picture::{Density, Metadata};

/// Largest chunk that is looked into.
const LARGEST: u32 = 64 << 20;

/// What the chunks say.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    /// The texts, and what was found among them, aside.
    metadata: Metadata,
    texts: Texts,
    /// Without the profile, which is among the metadata.
    pub colour: PngColour,
    /// How bright a picture of high dynamic range is.
    pub light: Light,
}

/// Chunks that describe how pixels are stored or shown, and those of programs for themselves.
const OF_PIXELS: [&[u8; 4]; 26] = [
    b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"iCCP", b"sBIT", b"bKGD", b"hIST", b"sPLT", b"tIME", b"acTL", b"fcTL",
    b"fdAT", b"mDCV", b"cLLI", b"mDCv", b"cLLi", b"iDOT", b"CgBI", b"vpAg", b"caNv", b"oFFs", b"orNT", b"gIFg",
    b"caBX", b"dSIG",
];

/// Walks the chunks up to the end of the file; a file that is cut off gives what is there.
pub(crate) fn read(input: &mut dyn Input) -> std::io::Result<Chunks> {
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
            b"eXIf" | b"iTXt" | b"tEXt" | b"zTXt" => true,
            b"iCCP" if !before_pixels => {
                chunks.metadata.lost("a colour profile behind the pixels");
                false
            }
            b"iCCP" => true,
            b"pHYs" | b"gAMA" | b"cHRM" | b"sRGB" | b"cICP" | b"cLLI" | b"mDCV" => before_pixels,
            b"IDAT" => {
                before_pixels = false;
                false
            }
            b"IEND" => return Ok(chunks),
            other => {
                if !OF_PIXELS.contains(&other) {
                    chunks.metadata.lost_part(named(other));
                }
                false
            }
        };
        if wanted && length > LARGEST {
            chunks.metadata.lost(format!("{} of more than {} MiB", named(&kind), LARGEST >> 20));
        }
        if !wanted || length > LARGEST {
            // A chunk and its checksum.
            input.seek_relative(i64::from(length) + 4)?;
            continue;
        }
        let mut data = Vec::new();
        (&mut *input).take(u64::from(length)).read_to_end(&mut data)?;
        if data.len() < length as usize {
            chunks.lose(&kind);
            return Ok(chunks);
        }
        input.seek_relative(4)?;
        chunks.take(&kind, data);
    }
}

fn named(kind: &[u8; 4]) -> String {
    format!("chunk '{}'", kind.escape_ascii())
}

impl Chunks {
    /// The first of each kind counts.
    fn take(&mut self, kind: &[u8; 4], data: Vec<u8>) {
        let number = |at: usize| data.get(at..at + 4).and_then(|b| b.first_chunk()).map(|b| u32::from_be_bytes(*b));
        match kind {
            b"iCCP" => match profile(&data) {
                Some(icc) => self.metadata.found(Kind::Profile, icc),
                None => self.metadata.found_damaged(Kind::Profile),
            },
            b"eXIf" => self.metadata.found(Kind::Exif, data.strip_prefix(b"Exif\0\0").unwrap_or(&data).to_vec()),
            b"iTXt" | b"tEXt" | b"zTXt" => self.texts.take(kind, &data),
            b"pHYs" => {
                if let (Some(x), Some(y), Some(1)) = (number(0), number(4), data.get(8)) {
                    self.metadata.density = Density::new(f64::from(x), f64::from(y), 0.0254);
                }
            }
            b"gAMA" => self.colour.gamma = number(0),
            b"cHRM" => {
                let values: Vec<u32> = (0..8).map_while(|i| number(4 * i)).collect();
                self.colour.chromaticities = values.try_into().ok();
            }
            b"sRGB" => self.colour.srgb = true,
            b"cICP" => self.colour.cicp = data.try_into().ok(),
            b"cLLI" => self.light.content = light::content(&data),
            b"mDCV" => self.light.mastering = light::mastering(&data),
            _ => {}
        }
    }

    /// Names a chunk that the end of the file cuts off.
    fn lose(&mut self, kind: &[u8; 4]) {
        match kind {
            b"iCCP" => self.metadata.found_damaged(Kind::Profile),
            b"eXIf" => self.metadata.found_damaged(Kind::Exif),
            b"iTXt" | b"tEXt" | b"zTXt" => self.metadata.lost("a text that the file's end cuts off"),
            // It is about the picture, which is cut off too.
            _ => {}
        }
    }

    /// The metadata. Those with chunks of their own go before those among the texts.
    pub fn into_metadata(mut self) -> Metadata {
        self.metadata.found_beside(self.texts.into_metadata());
        self.metadata
    }
}

/// The profile in the data of an iCCP chunk (11.3.2.3); none if it cannot be unpacked to its end.
fn profile(data: &[u8]) -> Option<Vec<u8>> {
    /// Longest name with the zero behind it.
    const NAME: usize = 80;
    let name = data.iter().take(NAME).position(|byte| *byte == 0).filter(|length| *length > 0)?;
    // A byte for the method, of which there is but one.
    let packed = data[name + 1..].strip_prefix(&[0])?;
    let mut icc = Vec::new();
    ZlibDecoder::new(packed).take(MOST_METADATA as u64 + 1).read_to_end(&mut icc).ok()?;
    Some(icc)
}

/// Puts a resolution, XMP, IPTC and texts behind the header of a file. Exif data and profile are the encoder's.
pub(crate) fn embed(Encoded { bytes, notes }: &mut Encoded, metadata: &Metadata) {
    // Signature and IHDR.
    const BEHIND_HEADER: usize = 8 + 12 + 13;
    if bytes.len() < BEHIND_HEADER {
        return;
    }
    let mut chunks = Vec::new();
    if let Some(hdr) = &metadata.hdr {
        light::write(hdr, |kind, data| chunk(&mut chunks, kind, data));
    }
    if let Some(Density { x, y }) = metadata.density {
        let metre = |v: f64| ((v / 0.0254).round() as u32).to_be_bytes();
        chunk(&mut chunks, b"pHYs", &[&metre(x)[..], &metre(y), &[1]].concat());
    }
    let (texts, lost) = text::chunks(metadata);
    texts.iter().for_each(|(kind, data)| chunk(&mut chunks, kind, data));
    notes.extend(lost.iter().map(|keyword| format!("the text '{}' has no valid keyword", keyword.escape_default())));
    bytes.splice(BEHIND_HEADER..BEHIND_HEADER, chunks);
}

pub(crate) fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(kind);
    out.extend(data);
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    out.extend(crc.sum().to_be_bytes());
}
