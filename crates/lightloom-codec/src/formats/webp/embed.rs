//! Metadata put into an encoded WebP: XMP. Exif data and profile are the encoder's.

use crate::Encoded;
use lightloom_picture::Metadata;

pub(crate) fn embed(Encoded { bytes, notes }: &mut Encoded, metadata: &Metadata) {
    if let Some(xmp) = &metadata.xmp
        && append(bytes, xmp).is_none()
    {
        notes.push("the XMP data do not fit into this WebP file".to_owned());
    }
}

/// Appends an XMP chunk and says so in the extended header, which is made where there is none (WebP container
/// specification).
fn append(bytes: &mut Vec<u8>, xmp: &[u8]) -> Option<()> {
    const XMP_FLAG: u8 = 0x04;
    const ALPHA_FLAG: u8 = 0x10;
    if bytes.get(12..16)? != b"VP8X" {
        let simple = Simple::read(bytes.get(12..)?)?;
        let mut header = b"VP8X\x0a\0\0\0".to_vec();
        header.extend([if simple.alpha { ALPHA_FLAG } else { 0 }, 0, 0, 0]);
        header.extend(&(simple.width - 1).to_le_bytes()[..3]);
        header.extend(&(simple.height - 1).to_le_bytes()[..3]);
        bytes.splice(12..12, header);
    }
    *bytes.get_mut(20)? |= XMP_FLAG;
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes.extend(b"XMP ");
    bytes.extend((xmp.len() as u32).to_le_bytes());
    bytes.extend(xmp);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    let size = u32::try_from(bytes.len() - 8).ok()?;
    bytes[4..8].copy_from_slice(&size.to_le_bytes());
    Some(())
}

/// What the header of the only chunk of a simple file says.
struct Simple {
    width: u32,
    height: u32,
    alpha: bool,
}

impl Simple {
    /// Reads the chunk (RFC 6386, 9.1; WebP lossless, 3).
    fn read(chunk: &[u8]) -> Option<Self> {
        let body = chunk.get(8..)?;
        match chunk.get(..4)? {
            b"VP8 " => {
                let side = |at: usize| Some(u32::from(u16::from_le_bytes(*body.get(at..)?.first_chunk()?) & 0x3fff));
                let (width, height) = (side(6)?, side(8)?);
                (width > 0 && height > 0).then_some(Self { width, height, alpha: false })
            }
            b"VP8L" => {
                let bits = u32::from_le_bytes(*body.get(1..)?.first_chunk()?);
                let side = |shift: u32| (bits >> shift & 0x3fff) + 1;
                Some(Self { width: side(0), height: side(14), alpha: bits >> 28 & 1 == 1 })
            }
            _ => None,
        }
    }
}
