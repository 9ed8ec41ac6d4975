//! Brings metadata into the form that the files of a format hold, before the encoder runs, and has what encoders leave out
//! embedded afterwards. Each format says what it holds and has its own function for the rest; what has no place is noted.

mod texts;

use crate::codec::Codec;
use crate::{CodecError, Encoded, Frame, WriteFrames};
use lightloom_picture::exif::Exif;
use lightloom_picture::iptc::Iptc;
use lightloom_picture::xmp::XmpEdit;
use lightloom_picture::{AsXmp, Metadata};

/// How the files of a format get metadata.
pub(crate) struct Embed {
    pub holds: Holds,
    /// Puts into an encoded file what its encoder left out. Gets only what the format holds.
    pub write: fn(&mut Encoded, &Metadata),
}

/// Which metadata the files of a format hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holds {
    /// Largest Exif block; 0 for none.
    pub exif: usize,
    /// Colour profiles; without one, samples are sRGB.
    pub profile: bool,
    pub xmp: bool,
    /// IPTC datasets and Photoshop's resources.
    pub iptc: bool,
    pub texts: Texts,
    pub gain_map: bool,
    /// The small copy of the picture that Exif data may have.
    pub thumbnail: bool,
}

/// How a format holds texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    /// With keyword and language.
    Keyed,
    /// As comments without a keyword.
    Comments,
    /// Not at all.
    No,
}

impl Holds {
    /// Only pixels.
    pub const NOTHING: Self =
        Self { exif: 0, profile: false, xmp: false, iptc: false, texts: Texts::No, gain_map: false, thumbnail: false };
    /// Exif data of any size, profile and XMP, in containers of today.
    pub const USUAL: Self = Self { exif: usize::MAX, profile: true, xmp: true, thumbnail: true, ..Self::NOTHING };
}

/// Metadata as a format holds them, and notes on what has no place.
pub(crate) fn fitted(codec: &Codec, mut metadata: Metadata) -> (Metadata, Vec<String>) {
    let holds = codec.holds();
    let mut notes = Vec::new();
    let mut lost = |what: &str| notes.push(format!("{} files get no {what}", codec.title));
    if !holds.profile && metadata.icc.take().is_some() {
        lost("colour profile");
    }
    if !holds.iptc && metadata.photoshop.take().is_some() {
        lost("Photoshop resources");
    }
    if !holds.iptc
        && let Some(block) = metadata.iptc.take()
    {
        let AsXmp { properties, left } = if holds.xmp { Iptc::parse(&block).as_xmp() } else { AsXmp::default() };
        let edit = XmpEdit { offer: properties, ..XmpEdit::default() };
        let xmp = if edit.offer.is_empty() { None } else { edit.apply(metadata.xmp.as_deref()) };
        let names: Vec<String> = left.iter().map(|(record, number)| format!("{record}:{number}")).collect();
        match xmp {
            None => lost("IPTC data"),
            Some(_) if left.is_empty() => {}
            Some(_) => lost(&format!("IPTC datasets {}; the others are kept as XMP", names.join(", "))),
        }
        metadata.xmp = xmp.or(metadata.xmp.take());
    }
    for keyword in texts::place(&mut metadata, holds) {
        lost(&format!("text '{keyword}'"));
    }
    if !holds.xmp && metadata.xmp.take().is_some() {
        lost("XMP data");
    }
    if holds.exif == 0 && metadata.exif.take().is_some() {
        lost("Exif data");
    }
    if !holds.thumbnail
        && let Some(exif) = metadata.exif.as_deref().and_then(Exif::parse)
        && exif.has_thumbnail()
    {
        lost("Exif thumbnail");
    }
    if metadata.exif.as_ref().is_some_and(|block| block.len() > holds.exif) {
        match metadata.exif.take().as_deref().and_then(Exif::parse) {
            Some(mut exif) => {
                let gone = exif.shrink(holds.exif).join(", ");
                let title = codec.title;
                notes.push(format!("the Exif data are too large for {title} and were reduced: without {gone}"));
                metadata.exif = Some(exif.to_block()).filter(|block| !exif.is_empty() && block.len() <= holds.exif);
            }
            None => notes.push(format!("the Exif data are too large for {} and were left out", codec.title)),
        }
    }
    (metadata, notes)
}

/// Has metadata embedded that are [`fitted`].
pub(crate) fn embed(codec: &Codec, encoded: &mut Encoded, metadata: &Metadata) {
    if let Some(embed) = codec.write.as_ref().and_then(|writer| writer.embed.as_ref()) {
        (embed.write)(encoded, metadata);
    }
}

/// An animation whose file gets metadata once it is whole.
pub(crate) struct Embedding {
    pub codec: &'static Codec,
    pub inner: Box<dyn WriteFrames>,
    pub metadata: Metadata,
    /// What the format has no place for.
    pub notes: Vec<String>,
}

impl WriteFrames for Embedding {
    fn push(&mut self, frame: &Frame) -> Result<(), CodecError> {
        self.inner.push(frame)
    }

    fn finish(self: Box<Self>) -> Result<Encoded, CodecError> {
        let mut encoded = self.inner.finish()?;
        embed(self.codec, &mut encoded, &self.metadata);
        encoded.notes.splice(..0, self.notes);
        Ok(encoded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::TextEntry;
    use lightloom_picture::exif::Section;

    fn everything() -> Metadata {
        let mut exif = Exif::default();
        exif.set_text(Section::Picture, 0x0110, "Camera");
        let iptc = b"\x1c\x02\x05\0\x05Title\x1c\x02\x41\0\x07Program".to_vec();
        Metadata {
            exif: Some(exif.to_block()),
            xmp: XmpEdit { creator: Some("me".to_owned()), ..XmpEdit::default() }.apply(None),
            iptc: Some(iptc),
            photoshop: Some(b"8BIM\x04\x0a\0\0\0\0\0\x01\x01\0".to_vec()),
            texts: vec![TextEntry::new("Comment", "a comment"), TextEntry::new("Odd", "an odd text")],
            ..Metadata::default()
        }
    }

    #[test]
    fn what_a_format_has_no_place_for_is_noted_for_every_format() {
        for codec in crate::CODECS.iter().filter(|codec| codec.writes()) {
            let holds = codec.holds();
            let (fitted, notes) = fitted(codec, everything());
            let noted = |what: &str| notes.iter().any(|note| note.contains(what));
            let context = format!("{}: {notes:?}", codec.id);
            assert_eq!(fitted.exif.is_none(), noted("no Exif data"), "{context}");
            assert_eq!(fitted.photoshop.is_none(), noted("Photoshop"), "{context}");
            assert_eq!(fitted.xmp.is_none(), noted("XMP data"), "{context}");
            assert_eq!(
                fitted.iptc.is_none() && !holds.xmp,
                notes.iter().any(|note| note.ends_with("no IPTC data")),
                "{context}"
            );
            assert_eq!(fitted.iptc.is_none() && holds.xmp, noted("datasets 2:65"), "{context}");
            assert_eq!(holds.texts == Texts::No, noted("'Odd'"), "{context}");
        }
    }

    #[test]
    fn iptc_becomes_xmp_where_there_is_no_place_for_it() {
        let webp = crate::find("webp").unwrap();
        let metadata = Metadata { xmp: None, ..everything() };
        let (fitted, notes) = fitted(webp, metadata);
        let xmp = String::from_utf8(fitted.xmp.unwrap()).unwrap();
        assert!(xmp.contains("dc:title") && xmp.contains(">Title<"), "{xmp}");
        assert!(notes.iter().any(|note| note.contains("2:65") && !note.contains("2:5")), "{notes:?}");
    }

    #[test]
    fn a_thumbnail_that_has_no_place_is_named() {
        let mut exif = Exif::default();
        exif.set_text(Section::Picture, 0x0110, "Camera");
        exif.set_thumbnail(b"\xff\xd8small");
        let notes = |id: &str| {
            let metadata = Metadata { exif: Some(exif.to_block()), ..Metadata::default() };
            fitted(crate::find(id).unwrap(), metadata).1
        };
        assert_eq!(notes("tiff"), ["TIFF files get no Exif thumbnail"]);
        assert!(notes("jpeg").is_empty() && notes("png").is_empty() && notes("webp").is_empty());
    }

    #[test]
    fn of_too_large_exif_data_the_thumbnail_goes() {
        let mut exif = Exif::default();
        exif.set_text(Section::Picture, 0x010e, &"long ".repeat(8_000));
        exif.set_text(Section::Exif, 0x9286, &"longer ".repeat(10_000));
        let metadata = Metadata { exif: Some(exif.to_block()), ..Metadata::default() };
        let (fitted, notes) = fitted(crate::find("jpeg").unwrap(), metadata);
        assert!(notes.len() == 1 && notes[0].contains("the user comment"), "{notes:?}");
        let exif = Exif::parse(&fitted.exif.unwrap()).unwrap();
        assert!(exif.has(Section::Picture, 0x010e) && !exif.has(Section::Exif, 0x9286));
    }
}
