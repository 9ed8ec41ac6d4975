//! What happens to a picture's metadata between its file and its result.

use super::areas;
use super::exif::{Exif, Section};
use super::iptc::Iptc;
use super::photoshop::Resources;
use super::xmp::{XmpEdit, schema};
use super::{Density, Geometry, Metadata, location};

/// How much of the metadata is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Everything that the format can hold. Default.
    #[default]
    All,
    /// Everything but where the picture was taken: coordinates and names of places in Exif, maker notes, XMP, IPTC and
    /// texts. What may say it and cannot be cleaned is left out as a whole.
    WithoutLocation,
    /// Nothing, the colour profile aside.
    Nothing,
}

impl Keep {
    pub const ALL: [Self; 3] = [Self::All, Self::WithoutLocation, Self::Nothing];

    /// Name in recipes and on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::WithoutLocation => "no-location",
            Self::Nothing => "none",
        }
    }
}

/// The small copy that Exif data and Photoshop's resources get of a picture whose pixels have changed, where they had one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Thumbnail {
    /// None could be made, which a note says. Default.
    #[default]
    Missing,
    /// The result needs none.
    Needless,
    /// A new one.
    New {
        /// A JPEG with a JFIF header.
        jpeg: Vec<u8>,
        /// Columns and rows.
        size: (u32, u32),
    },
}

impl Thumbnail {
    /// Whether metadata hold a small copy in a place that can get a new one.
    pub fn is_in(metadata: &Metadata) -> bool {
        metadata.exif.as_deref().and_then(Exif::parse).is_some_and(|exif| exif.has_thumbnail())
            || metadata.photoshop.as_deref().is_some_and(|block| Resources::parse(block).has_thumbnail())
    }
}

/// Changes to the metadata of one result.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MetadataEdit {
    /// How much is kept.
    pub keep: Keep,
    /// Who made the picture; empty leaves it as it is.
    pub artist: String,
    /// Copyright notice; empty leaves it as it is.
    pub copyright: String,
    /// New resolution in pixels per inch.
    pub dpi: Option<f64>,
    /// Columns and rows of the result.
    pub size: (u32, u32),
    /// Whether the pixels differ from those of the file, so that a thumbnail would no longer match.
    pub changed: bool,
    /// What takes the place of such a thumbnail.
    pub thumbnail: Thumbnail,
    /// Where the pixels of the stored picture went; without it, what describes places in the picture stays as it is.
    pub geometry: Option<Geometry>,
    /// Whether the samples are sRGB now; `None` where nothing was converted.
    pub is_srgb: Option<bool>,
}

/// What is said where a thumbnail goes and none takes its place.
pub(crate) fn stale_thumbnail(block: &str) -> String {
    format!("the thumbnail in the {block} showed the picture as it was, and was left out")
}

/// Whether a packet has small copies of the picture (`xmp:Thumbnails`).
fn has_thumbnails(packet: &[u8]) -> bool {
    packet.windows(THUMBNAILS.len()).any(|part| part == THUMBNAILS)
}

const THUMBNAILS: &[u8] = b":Thumbnails";
const ARTIST: u16 = 0x013b;
const COPYRIGHT: u16 = 0x8298;

impl MetadataEdit {
    /// Applies the changes; returns notes on what could not be kept.
    pub fn apply(&self, metadata: &mut Metadata) -> Vec<String> {
        let mut notes = Vec::new();
        if self.keep == Keep::Nothing {
            let (icc, gain_map) = (metadata.icc.take(), metadata.gain_map.take());
            *metadata = Metadata { icc, gain_map, hdr: metadata.hdr, ..Metadata::default() };
        }
        notes.extend(areas::claims::remove(metadata));
        if let Some(geometry) = &self.geometry {
            notes.extend(areas::follow(metadata, geometry, self.changed));
        }
        if !metadata.left_out.is_empty() {
            notes.push(format!("not kept: {}", metadata.left_out.join(", ")));
        }
        if let Some(dpi) = self.dpi {
            metadata.density = Some(Density { x: dpi, y: dpi });
        }
        self.exif(metadata, &mut notes);
        self.xmp(metadata, &mut notes);
        self.texts(metadata, &mut notes);
        let before = metadata.iptc.clone();
        if let Some(block) = &metadata.iptc {
            let mut iptc = Iptc::parse(block);
            if self.keep == Keep::WithoutLocation {
                iptc.remove_location();
            }
            if !self.artist.is_empty() {
                iptc.set_byline(&self.artist);
            }
            if !self.copyright.is_empty() {
                iptc.set_copyright(&self.copyright);
            }
            metadata.iptc = (!iptc.is_empty()).then(|| iptc.to_block());
        }
        self.photoshop(metadata, before != metadata.iptc, &mut notes);
        notes
    }

    fn texts(&self, metadata: &mut Metadata, notes: &mut Vec<String>) {
        if self.keep == Keep::WithoutLocation {
            notes.extend(location::clean_texts(&mut metadata.texts));
        }
        for (keyword, new) in [("Author", &self.artist), ("Copyright", &self.copyright)] {
            if !new.is_empty() {
                metadata.texts.iter_mut().filter(|entry| entry.keyword == keyword).for_each(|e| e.text.clone_from(new));
            }
        }
    }

    fn photoshop(&self, metadata: &mut Metadata, iptc_changed: bool, notes: &mut Vec<String>) {
        let Some(block) = &metadata.photoshop else { return };
        let mut resources = Resources::parse(block);
        if self.changed && resources.has_thumbnail() {
            match &self.thumbnail {
                Thumbnail::New { jpeg, size } => resources.set_thumbnail(jpeg, *size),
                Thumbnail::Needless => resources.remove_thumbnail(),
                Thumbnail::Missing => {
                    resources.remove_thumbnail();
                    notes.push(stale_thumbnail("Photoshop resources"));
                }
            }
        }
        if self.keep == Keep::WithoutLocation && resources.remove_location() {
            notes.push(
                "Photoshop resources may say where the picture was taken, and only those on copyright were kept"
                    .to_owned(),
            );
        }
        if self.changed && resources.drop_geometry() {
            notes.push("the paths of Photoshop are of the picture as it was, and were left out".to_owned());
        }
        if iptc_changed {
            resources.drop_iptc_digest();
        }
        metadata.photoshop = (!resources.is_empty()).then(|| resources.to_block());
    }

    fn exif(&self, metadata: &mut Metadata, notes: &mut Vec<String>) {
        let adds = !self.artist.is_empty() || !self.copyright.is_empty();
        let before = metadata.exif.as_deref().and_then(Exif::parse);
        let mut exif = match metadata.exif.is_some().then(|| before.clone()) {
            Some(Some(exif)) => exif,
            Some(None) => {
                metadata.exif = None;
                notes.push("the Exif data are damaged and were left out".to_owned());
                Exif::default()
            }
            None if adds => Exif::default(),
            None => return,
        };
        if !self.artist.is_empty() {
            exif.set_text(Section::Picture, ARTIST, &self.artist);
        }
        if !self.copyright.is_empty() {
            exif.set_text(Section::Picture, COPYRIGHT, &self.copyright);
        }
        if self.changed && exif.has_thumbnail() {
            match &self.thumbnail {
                Thumbnail::New { jpeg, .. } => exif.set_thumbnail(jpeg),
                Thumbnail::Needless => exif.remove_thumbnail(),
                Thumbnail::Missing => {
                    exif.remove_thumbnail();
                    notes.push(stale_thumbnail("Exif data"));
                }
            }
        }
        if self.keep == Keep::WithoutLocation {
            notes.extend(exif.remove_location());
        }
        for (tag, side) in [(0xa002, self.size.0), (0xa003, self.size.1)] {
            if exif.has(Section::Exif, tag) {
                exif.set_long(Section::Exif, tag, side);
            }
        }
        // The size of the pixels as they are stored (ImageWidth, ImageLength) is the container's business.
        exif.remove(Section::Picture, 0x0100);
        exif.remove(Section::Picture, 0x0101);
        if let Some(density) = metadata.density
            && (self.dpi.is_some() || exif.has(Section::Picture, 0x011a))
        {
            exif.set_ratio(Section::Picture, 0x011a, density.x);
            exif.set_ratio(Section::Picture, 0x011b, density.y);
            exif.set_short(Section::Picture, 0x0128, 2);
        }
        if let Some(is_srgb) = self.is_srgb {
            if exif.has(Section::Exif, 0xa001) {
                exif.set_short(Section::Exif, 0xa001, if is_srgb { 1 } else { 0xffff });
            }
            // R98 and R03 stand for sRGB and Adobe RGB.
            exif.remove(Section::Interop, 0x0001);
        }
        // A block that stays as it was keeps what only its maker finds in it. Where something was to be removed, nothing of
        // that may stay behind.
        if self.keep == Keep::WithoutLocation || before.as_ref() != Some(&exif) {
            metadata.exif = (!exif.is_empty()).then(|| exif.to_block());
        }
    }

    fn xmp(&self, metadata: &mut Metadata, notes: &mut Vec<String>) {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut edit = XmpEdit {
            remove_location: self.keep == Keep::WithoutLocation,
            remove_thumbnails: self.changed,
            creator: text(&self.artist),
            rights: text(&self.copyright),
            ..XmpEdit::default()
        };
        if metadata.xmp.is_none() && edit.creator.is_none() && edit.rights.is_none() {
            return;
        }
        let mut replace = |schema, name, value: String| edit.replace.push((schema, name, value));
        let (width, height) = self.size;
        replace(schema::TIFF, "Orientation", "1".to_owned());
        for (name, side) in [("PixelXDimension", width), ("PixelYDimension", height)] {
            replace(schema::EXIF, name, side.to_string());
        }
        for (name, side) in [("ImageWidth", width), ("ImageLength", height)] {
            replace(schema::TIFF, name, side.to_string());
        }
        if let Some(is_srgb) = self.is_srgb {
            replace(schema::EXIF, "ColorSpace", if is_srgb { "1" } else { "65535" }.to_owned());
        }
        if let Some(Density { x, y }) = metadata.density {
            let ratio = |v: f64| format!("{}/10000", (v * 10_000.0).round() as u64);
            replace(schema::TIFF, "XResolution", ratio(x));
            replace(schema::TIFF, "YResolution", ratio(y));
            replace(schema::TIFF, "ResolutionUnit", "2".to_owned());
        }
        let had = metadata.xmp.is_some();
        if self.changed && metadata.xmp.as_deref().is_some_and(has_thumbnails) {
            notes.push(stale_thumbnail("XMP data"));
        }
        if edit.remove_location && metadata.xmp.as_deref().is_some_and(location::has_opaque) {
            notes
                .push("the maker note in the XMP data may say where the picture was taken and was left out".to_owned());
        }
        metadata.xmp = edit.apply(metadata.xmp.as_deref());
        if had && metadata.xmp.is_none() {
            notes.push("the XMP data are damaged and were left out".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TextEntry;

    fn with_gps() -> Metadata {
        let mut exif = Exif::default();
        exif.set_text(Section::Picture, 0x0110, "Camera");
        exif.set_ratio(Section::Gps, 0x0002, 51.5);
        exif.set_long(Section::Exif, 0xa002, 4000);
        exif.set_short(Section::Exif, 0xa001, 0xffff);
        Metadata { exif: Some(exif.to_block()), icc: Some(vec![1]), ..Metadata::default() }
    }

    #[test]
    fn location_goes_and_the_rest_stays() {
        let mut metadata = with_gps();
        let edit = MetadataEdit {
            keep: Keep::WithoutLocation,
            artist: "me".to_owned(),
            dpi: Some(300.0),
            size: (7, 5),
            is_srgb: Some(true),
            ..MetadataEdit::default()
        };
        assert!(edit.apply(&mut metadata).is_empty());
        let exif = Exif::parse(metadata.exif.as_deref().unwrap()).unwrap();
        assert!(!exif.has(Section::Gps, 2));
        assert_eq!(exif.text(Section::Picture, 0x0110).as_deref(), Some("Camera"));
        assert_eq!(exif.text(Section::Picture, ARTIST).as_deref(), Some("me"));
        assert_eq!(exif.ratio(Section::Picture, 0x011a), Some(300.0));
        assert_eq!((exif.number(Section::Exif, 0xa002), exif.number(Section::Exif, 0xa001)), (Some(7), Some(1)));
        assert!(metadata.xmp.is_some() && metadata.icc.is_some());
    }

    #[test]
    fn nothing_means_nothing_but_what_is_set() {
        let mut metadata = with_gps();
        MetadataEdit { keep: Keep::Nothing, ..MetadataEdit::default() }.apply(&mut metadata);
        assert_eq!(metadata, Metadata { icc: Some(vec![1]), ..Metadata::default() });
        let edit = MetadataEdit { keep: Keep::Nothing, copyright: "©".to_owned(), ..MetadataEdit::default() };
        edit.apply(&mut metadata);
        let exif = Exif::parse(metadata.exif.as_deref().unwrap()).unwrap();
        assert_eq!(exif.text(Section::Picture, COPYRIGHT).as_deref(), Some("©"));
    }

    #[test]
    fn damaged_blocks_are_left_out_with_a_note() {
        let mut metadata =
            Metadata { exif: Some(b"no exif".to_vec()), xmp: Some(b"<x".to_vec()), ..Metadata::default() };
        assert_eq!(MetadataEdit::default().apply(&mut metadata).len(), 2);
        assert_eq!(metadata, Metadata::default());
    }

    #[test]
    fn texts_and_resources_follow_the_choice() {
        let texts = vec![
            TextEntry::new("Author", "somebody"),
            TextEntry::new("City", "Paris"),
            TextEntry::new("parameters", "a cat"),
        ];
        let resources = |ids: &[u16]| {
            let mut resources = Resources::default();
            ids.iter().rev().for_each(|id| resources.put(*id, b"data"));
            Some(resources.to_block())
        };
        let (copyright, path, digest, other) = (0x040a, 0x07d0, 0x0425, 0x03f3);
        let all = [copyright, path, digest, other];
        let with = || Metadata {
            texts: texts.clone(),
            photoshop: resources(&all),
            left_out: vec!["tag 1".to_owned()],
            ..Metadata::default()
        };
        let mut metadata = with();
        assert_eq!(MetadataEdit::default().apply(&mut metadata), ["not kept: tag 1"]);
        assert_eq!((metadata.texts, metadata.photoshop), (texts.clone(), resources(&all)));
        let mut metadata = with();
        let edit = MetadataEdit { keep: Keep::WithoutLocation, artist: "me".to_owned(), ..MetadataEdit::default() };
        edit.apply(&mut metadata);
        assert_eq!(metadata.texts, [TextEntry::new("Author", "me"), TextEntry::new("parameters", "a cat")]);
        assert_eq!(metadata.photoshop, resources(&[copyright]));
        let mut metadata = with();
        let notes = MetadataEdit { changed: true, ..MetadataEdit::default() }.apply(&mut metadata);
        assert!(notes.iter().any(|note| note.contains("paths")), "{notes:?}");
        assert_eq!(metadata.photoshop, resources(&[copyright, digest, other]));
        let mut metadata = with();
        assert!(MetadataEdit { keep: Keep::Nothing, ..MetadataEdit::default() }.apply(&mut metadata).is_empty());
        assert_eq!(metadata, Metadata::default());
    }

    #[test]
    fn thumbnails_of_changed_pictures_are_made_anew_or_named() {
        let mut exif = Exif::default();
        exif.set_thumbnail(b"old");
        exif.set_text(Section::Picture, 0x0110, "Camera");
        let mut resources = Resources::default();
        resources.set_thumbnail(b"old", (4, 3));
        let xmp = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"><xmp:Thumbnails><rdf:Alt/>
            </xmp:Thumbnails></rdf:Description></rdf:RDF></x:xmpmeta>"#;
        let with = || Metadata {
            exif: Some(exif.to_block()),
            photoshop: Some(resources.to_block()),
            xmp: Some(xmp.as_bytes().to_vec()),
            iptc: Some(b"\x1c\x02\x05\0\x05Title\x1c\x02\xca\0\x03old".to_vec()),
            ..Metadata::default()
        };
        assert!(Thumbnail::is_in(&with()) && !Thumbnail::is_in(&with_gps()));
        let new = Thumbnail::New { jpeg: b"\xff\xd8new".to_vec(), size: (4, 2) };
        for (changed, thumbnail, left_out) in [
            (false, Thumbnail::Missing, vec![]),
            (true, new, vec!["IPTC", "XMP"]),
            (true, Thumbnail::Needless, vec!["IPTC", "XMP"]),
            (true, Thumbnail::Missing, vec!["IPTC", "Exif", "XMP", "Photoshop"]),
        ] {
            let mut metadata = with();
            let geometry = Some(Geometry::identity((4, 3)));
            let edit = MetadataEdit { changed, geometry, thumbnail: thumbnail.clone(), ..MetadataEdit::default() };
            let notes = edit.apply(&mut metadata);
            let expected: Vec<bool> = vec![true; left_out.len()];
            let found: Vec<bool> = notes.iter().zip(&left_out).map(|(note, block)| note.contains(block)).collect();
            assert_eq!((found, notes.len()), (expected, left_out.len()), "{thumbnail:?}: {notes:?}");
            let blocks =
                [metadata.exif, metadata.photoshop, metadata.xmp, metadata.iptc].map(Option::unwrap_or_default);
            let holds = |text: &[u8]| blocks.iter().filter(|b| b.windows(text.len()).any(|part| part == text)).count();
            assert_eq!(holds(b"old"), if changed { 0 } else { 3 }, "{thumbnail:?}");
            assert_eq!(holds(b"new"), if matches!(thumbnail, Thumbnail::New { .. }) { 2 } else { 0 });
        }
    }

    #[test]
    fn an_exif_block_without_changes_stays_as_it_is() {
        let mut exif = Exif::default();
        exif.set_text(Section::Picture, 0x0110, "Camera");
        let block = [exif.to_block(), b"what only its maker finds".to_vec()].concat();
        let mut metadata = Metadata { exif: Some(block.clone()), ..Metadata::default() };
        assert!(MetadataEdit::default().apply(&mut metadata).is_empty());
        assert_eq!(metadata.exif, Some(block.clone()));
        MetadataEdit { keep: Keep::WithoutLocation, ..MetadataEdit::default() }.apply(&mut metadata);
        assert_eq!(metadata.exif, Some(exif.to_block()));
    }
}
