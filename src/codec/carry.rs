//! Metadata in an encoded file that its encoder does not put there: XMP, IPTC, resolution, and in TIFF the Exif data. How
//! is each format's own business ([`super::Writer::embed`]). What a format has no place for is noted.

use super::{Codec, Encoded};
use crate::picture::Metadata;

/// Puts metadata into a file that the format's encoder has written, and notes what the format has no place for.
pub(super) type Embed = fn(&mut Encoded, &Metadata);

pub(super) fn embed(codec: &Codec, encoded: &mut Encoded, metadata: &Metadata) {
    match codec.write.as_ref().and_then(|writer| writer.embed) {
        Some(embed) => embed(encoded, metadata),
        None => {
            if metadata.exif.is_some() && !encoded.notes.iter().any(|note| note.contains("Exif")) {
                lost(encoded, codec, "Exif data");
            }
            if metadata.xmp.is_some() {
                lost(encoded, codec, "XMP data");
            }
            if metadata.iptc.is_some() {
                lost(encoded, codec, "IPTC data");
            }
        }
    }
}

/// Notes what the files of a format do not get.
pub(super) fn lost(encoded: &mut Encoded, codec: &Codec, what: &str) {
    encoded.notes.push(format!("{} files get no {what}", codec.title));
}
