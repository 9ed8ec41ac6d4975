//! What happens to a picture's metadata between its file and its result.

use super::areas;
use super::exif::{Exif, Section};
use super::iptc::Iptc;
use super::xmp::{XmpEdit, schema};
use super::{Density, Geometry, Metadata};

/// How much of the metadata is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Everything that the format can hold. Default.
    #[default]
    All,
    /// Everything but where the picture was taken: GPS in Exif and XMP, names of places in IPTC and XMP.
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
    /// Where the pixels of the stored picture went; without it, what describes places in the picture stays as it is.
    pub geometry: Option<Geometry>,
    /// Whether the samples are sRGB now; `None` where nothing was converted.
    pub is_srgb: Option<bool>,
}

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
        if let Some(geometry) = &self.geometry {
            notes.extend(areas::follow(metadata, geometry, self.changed));
        }
        if let Some(dpi) = self.dpi {
            metadata.density = Some(Density { x: dpi, y: dpi });
        }
        self.exif(metadata, &mut notes);
        self.xmp(metadata, &mut notes);
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
        notes
    }

    fn exif(&self, metadata: &mut Metadata, notes: &mut Vec<String>) {
        let adds = !self.artist.is_empty() || !self.copyright.is_empty();
        let mut exif = match metadata.exif.as_deref().map(Exif::parse) {
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
        if self.keep == Keep::WithoutLocation {
            exif.remove_location();
        }
        if self.changed {
            exif.remove_thumbnail();
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
        metadata.exif = (!exif.is_empty()).then(|| exif.to_block());
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
        metadata.xmp = edit.apply(metadata.xmp.as_deref());
        if had && metadata.xmp.is_none() {
            notes.push("the XMP data are damaged and were left out".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
