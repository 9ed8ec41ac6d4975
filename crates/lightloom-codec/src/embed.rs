//! Embeds the metadata that encoders leave out: XMP, IPTC, resolution, and in TIFF the Exif data. Each format has its own
//! function for it ([`Writer::embed`](crate::Writer)); what it has no place for is noted.

use crate::{Codec, Encoded};
use lightloom_picture::Metadata;

/// Which metadata the files of a format hold.
pub(crate) enum Embed {
    /// Exif data, by the encoder, and nothing else.
    #[cfg_attr(not(feature = "avif"), allow(dead_code, reason = "only AVIF is so"))]
    ExifAlone,
    /// A profile by the encoder, and the rest by this function, which notes what the format has no place for.
    Rest(fn(&mut Encoded, &Metadata)),
    /// As [`Self::Rest`], gain maps included.
    All(fn(&mut Encoded, &Metadata)),
}

pub(crate) fn embed(codec: &Codec, encoded: &mut Encoded, metadata: &Metadata) {
    match codec.write.as_ref().and_then(|writer| writer.embed.as_ref()) {
        Some(Embed::Rest(embed) | Embed::All(embed)) => embed(encoded, metadata),
        embed => {
            if metadata.exif.is_some() && embed.is_none() && !encoded.notes.iter().any(|note| note.contains("Exif")) {
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
pub(crate) fn lost(encoded: &mut Encoded, codec: &Codec, what: &str) {
    encoded.notes.push(format!("{} files get no {what}", codec.title));
}
