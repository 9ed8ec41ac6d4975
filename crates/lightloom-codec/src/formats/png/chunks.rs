//! The chunks of a PNG file that describe it (PNG third edition, 11.3), before and after the pixel data.

use std::io::{Read, SeekFrom};

use flate2::read::ZlibDecoder;

use super::light;
use crate::shared::photoshop;
use crate::{Encoded, Input};
use lightloom_picture::colour::PngColour;
use lightloom_picture::colour::hdr::Light;
use lightloom_picture::{Density, Metadata};

/// Largest chunk that is looked into.
const LARGEST: u32 = 64 << 20;

/// What the chunks say.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    pub exif: Option<Vec<u8>>,
    pub xmp: Option<Vec<u8>>,
    pub iptc: Option<Vec<u8>>,
    pub density: Option<Density>,
    /// Without the profile, which the decoder unpacks.
    pub colour: PngColour,
    /// How bright a picture of high dynamic range is.
    pub light: Light,
}

/// Keyword of the text chunk that holds XMP, with an uncompressed text without language.
const XMP: &[u8] = b"XML:com.adobe.xmp\0\0\0\0\0";

/// Keyword of the text chunk in which ImageMagick keeps Photoshop's resources with IPTC datasets, and where exiftool and
/// others look for them; the standard has no chunk for them.
const IPTC: &[u8] = b"Raw profile type iptc\0";

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
            b"pHYs" | b"gAMA" | b"cHRM" | b"sRGB" | b"cICP" | b"cLLI" | b"mDCV" => before_pixels,
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
            b"tEXt" if self.iptc.is_none() => {
                self.iptc = data.strip_prefix(IPTC).and_then(of_raw_profile);
            }
            b"zTXt" if self.iptc.is_none() => {
                // A byte for the method, of which there is but one.
                let packed = data.strip_prefix(IPTC).and_then(|rest| rest.strip_prefix(&[0]));
                self.iptc = packed.and_then(inflate).as_deref().and_then(of_raw_profile);
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
            b"cLLI" => self.light.content = light::content(&data),
            b"mDCV" => self.light.mastering = light::mastering(&data),
            _ => {}
        }
    }
}

/// Puts a resolution, XMP and IPTC behind the header of a file. Exif data and profile are the encoder's.
pub(crate) fn embed(Encoded { bytes, .. }: &mut Encoded, metadata: &Metadata) {
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
    if let Some(xmp) = &metadata.xmp {
        chunk(&mut chunks, b"iTXt", &[XMP, xmp].concat());
    }
    if let Some(iptc) = &metadata.iptc {
        chunk(&mut chunks, b"tEXt", &[IPTC, &raw_profile(&photoshop::resource(iptc))].concat());
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

/// Bytes as text: what they are, how many, and hexadecimal digits in lines of 72.
fn raw_profile(bytes: &[u8]) -> Vec<u8> {
    let mut text = format!("\niptc\n{:8}\n", bytes.len()).into_bytes();
    for line in bytes.chunks(36) {
        text.extend(line.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()));
        text.push(b'\n');
    }
    text
}

/// The IPTC datasets of such a text, alone or among Photoshop's resources.
fn of_raw_profile(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let _name = lines.next()?;
    let length: usize = std::str::from_utf8(lines.next()?).ok()?.parse().ok()?;
    let digits: Vec<u32> = lines.flatten().map(|byte| char::from(*byte).to_digit(16)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.as_chunks::<2>().0.iter().map(|[high, low]| (high << 4 | low) as u8).collect();
    // Datasets begin with this mark (IPTC-NAA Information Interchange Model 4.2, 1.5).
    const DATASET: u8 = 0x1c;
    match bytes.first() {
        _ if bytes.len() != length => None,
        Some(&DATASET) => Some(bytes),
        _ => photoshop::iptc(&bytes),
    }
}

fn inflate(packed: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    ZlibDecoder::new(packed).take(u64::from(LARGEST)).read_to_end(&mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iptc_survives_the_round_trip_through_text() {
        let iptc: Vec<u8> = [0x1c, 2, 80].into_iter().chain(0..=255).collect();
        let text = raw_profile(&photoshop::resource(&iptc));
        assert!(text.split(|b| *b == b'\n').all(|line| line.len() <= 72));
        assert_eq!(of_raw_profile(&text), Some(iptc.clone()));
        assert_eq!(of_raw_profile(&raw_profile(&iptc)), Some(iptc.clone()), "without resources around");
        for cut in 0..text.len() - 1 {
            assert_eq!(of_raw_profile(&text[..cut]), None, "{cut}");
        }
        assert_eq!(of_raw_profile(b"\niptc\n 2\n0g\n"), None);
        // As exiftool and ImageMagick write it: with a name of two words, deflated.
        let text = [b"\nIPTC profile\n", &text["\niptc\n".len()..]].concat();
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packer, &text).unwrap();
        let mut chunks = Chunks::default();
        chunks.take(b"zTXt", [IPTC, &[0], &packer.finish().unwrap()].concat());
        assert_eq!(chunks.iptc, Some(iptc));
    }
}
