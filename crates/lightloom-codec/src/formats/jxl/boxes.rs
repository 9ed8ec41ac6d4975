//! The boxes of a JPEG XL container (ISO/IEC 18181-2): Exif data and XMP, plain or packed with Brotli, and gain maps.

use std::io::Read;

use brotli_decompressor::Decompressor;

use crate::formats::tiff::file;
use crate::shared::found::{Found, Kind};
use crate::shared::{self, boxes::FileBox};
use lightloom_picture::Metadata;

/// How a file begins that holds boxes rather than the bare code stream.
pub(super) const CONTAINER: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n";

/// The boxes of a file; of a bare code stream none.
pub(super) fn boxes(bytes: &[u8]) -> impl Iterator<Item = FileBox<'_>> {
    shared::boxes::boxes(if bytes.starts_with(CONTAINER) { bytes } else { &[] })
}

/// Exif data and XMP.
pub(super) fn metadata(bytes: &[u8]) -> Metadata {
    let mut found = Metadata::default();
    for FileBox { kind, content } in boxes(bytes) {
        let (kind, content) = match (&kind, content.split_first_chunk::<4>()) {
            (b"brob", Some((kind @ (b"Exif" | b"xml "), packed))) => (*kind, unpacked(packed)),
            (b"Exif" | b"xml ", _) => (kind, Some(content.to_vec())),
            _ => continue,
        };
        let (kind, block) = match &kind {
            b"Exif" => (Kind::Exif, content.as_deref().and_then(exif)),
            _ => (Kind::Xmp, content),
        };
        match block {
            Some(block) => found.found(kind, block),
            None => found.found_damaged(kind),
        }
    }
    found
}

/// Bytes that a packed block may have: a few kilobytes can become any number.
const MOST: u64 = 64 << 20;

/// What Brotli packed (RFC 7932).
fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    Decompressor::new(packed, 4096).take(MOST + 1).read_to_end(&mut content).ok()?;
    (content.len() as u64 <= MOST).then_some(content)
}

/// In front of the data stands how far behind that their header begins.
fn exif(content: &[u8]) -> Option<Vec<u8>> {
    let (skipped, data) = content.split_first_chunk::<4>()?;
    let data = data.get(usize::try_from(u32::from_be_bytes(*skipped)).ok()?..)?;
    file::is_tiff(data).then(|| data.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    /// Stored by Brotli as it is: a window of 16 bits, one block that is not compressed, the end (RFC 7932, 9.2).
    fn stored(content: &[u8]) -> Vec<u8> {
        let head = 1 << 20 | (content.len() as u32 - 1) << 4;
        [&head.to_le_bytes()[..3], content, &[3]].concat()
    }

    const EXIF: &[u8] = b"MM\0*\0\0\0\x08\0\0\0\0\0\0";

    #[test]
    fn exif_and_xmp_are_found_among_the_boxes() {
        let file = [
            CONTAINER.to_vec(),
            boxed(b"ftyp", b"jxl \0\0\0\0jxl "),
            boxed(b"Exif", &[&[0, 0, 0, 2, 9, 9], EXIF].concat()),
            // A size of 64 bits.
            [&[0, 0, 0, 1][..], b"xml ", &[0, 0, 0, 0, 0, 0, 0, 21], b"<x/> "].concat(),
            boxed(b"xml ", b"second"),
            // The last box goes to the end.
            [&[0; 4][..], b"jxlc", &[0xff, 0x0a]].concat(),
        ]
        .concat();
        let found = metadata(&file);
        assert_eq!(found.exif.as_deref(), Some(EXIF));
        assert_eq!(found.xmp.as_deref(), Some(&b"<x/> "[..]));
        assert_eq!(found.left_out, ["a second XMP packet"]);
        assert_eq!(metadata(&file[12..]), Metadata::default(), "a bare code stream has no boxes");
        for cut in 0..file.len() {
            let _ = metadata(&file[..cut]);
        }
        let wrong = [CONTAINER, &boxed(b"Exif", &[0xff; 9]), &[0, 0, 0, 3, b'x', b'm', b'l', b' ']].concat();
        assert_eq!(metadata(&wrong).left_out, ["a damaged block of Exif data"]);
    }

    #[test]
    fn packed_metadata_are_read_and_damage_is_said() {
        let exif = stored(&[&[0; 4], EXIF].concat());
        let packet = "<x:xmpmeta>".repeat(4000);
        let file = [
            CONTAINER.to_vec(),
            boxed(b"brob", &[b"Exif", exif.as_slice()].concat()),
            boxed(b"brob", &[b"xml ", stored(packet.as_bytes()).as_slice()].concat()),
        ]
        .concat();
        let found = metadata(&file);
        assert_eq!((found.exif.as_deref(), found.xmp.as_deref()), (Some(EXIF), Some(packet.as_bytes())));
        assert_eq!(found.left_out, Vec::<String>::new());
        for cut in 0..exif.len() {
            let file = [CONTAINER, &boxed(b"brob", &[b"Exif", &exif[..cut]].concat())].concat();
            let found = metadata(&file);
            assert!(found.exif.is_none() && found.left_out == ["a damaged block of Exif data"], "{cut}: {found:?}");
        }
    }
}
