//! The boxes of a JP2 file that describe its picture (ISO/IEC 15444-1, annex I): profile, resolution, XMP, Exif data, IPTC
//! datasets.

use crate::formats::tiff::file;
use crate::shared::boxes::{FileBox, boxes};
use crate::shared::found::{Found, Kind};
use lightloom_picture::{Density, Metadata};

/// How a file begins that holds boxes rather than the bare code stream.
pub(super) const CONTAINER: &[u8] = b"\0\0\0\x0cjP  \r\n\x87\n";

/// Identifiers of boxes that programs define (XMP specification, part 3; exiftool's documentation for the others).
const XMP: &[u8; 16] = b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";
const EXIF: &[u8; 16] = b"JpgTiffExif->JP2";
const IPTC: &[u8; 16] = b"\x33\xc7\xa4\xd2\xb8\x1d\x47\x23\xa0\xba\xf1\xa3\xe0\x97\xad\x38";
const GEOTIFF: &[u8; 16] = b"\xb1\x4b\xf8\xbd\x08\x3d\x4b\x43\xa5\xae\x8c\xd7\xd5\xa6\xce\x03";
/// Of a box with credentials, which has a note of its own.
const CREDENTIALS: &[u8; 16] = b"\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81";

/// What the boxes of a file say; of a bare code stream nothing.
pub(super) fn metadata(bytes: &[u8]) -> Metadata {
    let mut found = Metadata::default();
    if !bytes.starts_with(CONTAINER) {
        return found;
    }
    for FileBox { kind, content } in boxes(bytes) {
        match &kind {
            b"jp2h" => {
                found.density = found.density.or_else(|| density(content));
                profiles(content, &mut found);
            }
            b"uuid" => {
                let Some((id, data)) = content.split_first_chunk::<16>() else { continue };
                take(id, data, &mut found);
            }
            b"xml " => found.lost("XML data ('xml ' box)"),
            b"asoc" | b"uinf" => found.lost(format!("box '{}'", kind.escape_ascii())),
            // The code stream, and how it is shown.
            _ => {}
        }
    }
    found
}

fn take(id: &[u8; 16], data: &[u8], found: &mut Metadata) {
    match id {
        XMP => found.found(Kind::Xmp, data.to_vec()),
        EXIF => {
            // Some writers put the name of JPEG's segment in front.
            let data = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
            match file::is_tiff(data) {
                true => found.found(Kind::Exif, data.to_vec()),
                false => found.found_damaged(Kind::Exif),
            }
        }
        IPTC => found.found(Kind::Iptc, data.to_vec()),
        GEOTIFF => found.lost("GeoTIFF data"),
        CREDENTIALS => {}
        other => {
            let name: String = other.iter().map(|byte| format!("{byte:02x}")).collect();
            found.lost_part(format!("box with the identifier {name}"));
        }
    }
}

/// The profile, if the first box about colours has one: those behind it should say the same in another way (I.5.3.3).
fn profiles(header: &[u8], found: &mut Metadata) {
    for (i, FileBox { content, .. }) in boxes(header).filter(|found| found.kind == *b"colr").enumerate() {
        // A method, of which two are profiles, a precedence, and how near it comes.
        let [2 | 3, _, _, icc @ ..] = content else { continue };
        match i {
            0 => found.found(Kind::Profile, icc.to_vec()),
            _ if found.icc.as_deref() == Some(icc) => {}
            _ => found.lost("a colour profile that is not the file's first description of its colours"),
        }
    }
}

/// Pixels an inch by the resolution boxes: as captured or, without that, as it is to be displayed.
fn density(header: &[u8]) -> Option<Density> {
    let resolution = boxes(header).find(|found| found.kind == *b"res ")?.content;
    let of = |kind: &[u8; 4]| {
        let content = boxes(resolution).find(|found| found.kind == *kind)?.content;
        let [v1, v0, d1, d0, h1, h0, e1, e0, vertical, horizontal] = *content.first_chunk::<10>()?;
        // Numerator, denominator and power of ten of pixels a metre; vertical comes first.
        let metre = |over: [u8; 2], under: [u8; 2], power: u8| {
            let ratio = f64::from(u16::from_be_bytes(over)) / f64::from(u16::from_be_bytes(under));
            ratio * 10_f64.powi(i32::from(power as i8))
        };
        Density::new(metre([h1, h0], [e1, e0], horizontal), metre([v1, v0], [d1, d0], vertical), 0.0254)
    };
    of(b"resc").or_else(|| of(b"resd"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    #[test]
    fn metadata_are_found_and_other_boxes_named() {
        const TIFF: &[u8] = b"MM\0*\0\0\0\x08\0\0\0\0\0\0";
        // 11,811 × 10⁰ and 59,055 / 10 pixels a metre.
        let resolution = b"\xe6\xaf\0\x0a\x2e\x23\0\x01\0\0";
        let header = boxed(b"jp2h", &boxed(b"res ", &boxed(b"resc", resolution)));
        let uuid = |id: &[u8; 16], data: &[u8]| boxed(b"uuid", &[&id[..], data].concat());
        let file = [
            CONTAINER.to_vec(),
            boxed(b"ftyp", b"jp2 \0\0\0\0jp2 "),
            header,
            uuid(XMP, b"<x/>"),
            uuid(EXIF, &[b"Exif\0\0", TIFF].concat()),
            uuid(IPTC, b"\x1c\x02\x05\0\x01T"),
            uuid(GEOTIFF, TIFF),
            uuid(&[7; 16], b"a program's own"),
            boxed(b"xml ", b"<gml/>"),
            boxed(b"jp2c", b"\xff\x4f"),
        ]
        .concat();
        let found = metadata(&file);
        assert_eq!((found.xmp.as_deref(), found.exif.as_deref()), (Some(&b"<x/>"[..]), Some(TIFF)));
        assert_eq!(found.iptc.as_deref(), Some(&b"\x1c\x02\x05\0\x01T"[..]));
        let Density { x, y } = found.density.unwrap();
        assert!((x - 300.0).abs() < 0.01 && (y - 150.0).abs() < 0.01, "{x} {y}");
        assert_eq!(found.left_out[0], "GeoTIFF data");
        assert_eq!(found.left_out[1], format!("box with the identifier {}", "07".repeat(16)));
        assert_eq!(found.left_out[2], "XML data ('xml ' box)");
        for cut in 0..file.len() {
            let _ = metadata(&file[..cut]);
        }
        assert_eq!(metadata(b"\xff\x4f\xff\x51"), Metadata::default());
    }
}
