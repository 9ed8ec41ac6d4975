//! Metadata in words: each entry with its name and value, and what becomes of it in a result.

use std::borrow::Cow;

use super::Metadata;
use super::colour::Profile;
use super::exif::{Exif, Section};
use super::iptc::Iptc;
use super::xmp;

/// Longest value in characters; of longer ones the beginning is kept.
const LONGEST: usize = 400;

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// Colour profile, dynamic range, density and gain map.
    Colour,
    /// The directories of Exif for the picture and its exposure.
    Exif,
    /// The directory of Exif for the place.
    Gps,
    Iptc,
    Xmp,
    /// Keyed texts and comments.
    Texts,
}

impl Block {
    /// Name that a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Colour => "Colour and resolution",
            Self::Exif => "Exif",
            Self::Gps => "GPS",
            Self::Iptc => "IPTC",
            Self::Xmp => "XMP",
            Self::Texts => "Texts",
        }
    }
}

/// One thing that the metadata says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub block: Block,
    pub name: Cow<'static, str>,
    pub value: String,
}

/// What becomes of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Kept,
    /// It is there with this value.
    Changed(String),
    Removed,
    /// It was not there before.
    Added,
}

/// Everything that the metadata says, block by block. Sizes in pixels are left out, since the samples tell them.
pub fn describe(metadata: &Metadata) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut add = |block, name: Cow<'static, str>, value: String| {
        let value = value.trim();
        let shown = match value.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &value[..end]),
            None => value.to_owned(),
        };
        entries.push(Entry { block, name, value: shown });
    };
    if let Some(icc) = &metadata.icc {
        let title = Profile::parse(icc).map_or_else(|_| "cannot be used".to_owned(), |profile| profile.title());
        add(Block::Colour, "Colour profile".into(), title);
    }
    if let Some(hdr) = &metadata.hdr {
        add(Block::Colour, "High dynamic range".into(), hdr.transfer.title().to_owned());
    }
    if let Some(density) = &metadata.density {
        let value = format!("{:.0} × {:.0} pixels per inch", density.x, density.y);
        add(Block::Colour, "Resolution".into(), value);
    }
    if metadata.gain_map.is_some() {
        add(Block::Colour, "Gain map".into(), "there".to_owned());
    }
    if let Some(exif) = metadata.exif.as_deref().and_then(Exif::parse) {
        for (section, block) in
            [(Section::Picture, Block::Exif), (Section::Exif, Block::Exif), (Section::Gps, Block::Gps)]
        {
            for (name, value) in exif.described(section) {
                add(block, name.into(), value);
            }
        }
        if exif.has_thumbnail() {
            add(Block::Exif, "Thumbnail".into(), "there".to_owned());
        }
    }
    if let Some(block) = &metadata.iptc {
        let iptc = Iptc::parse(block);
        let as_xmp = iptc.as_xmp();
        for property in as_xmp.properties {
            add(Block::Iptc, property.name.into(), property.values.join("; "));
        }
        for (record, dataset) in as_xmp.left {
            let bytes: usize = iptc.values((record, dataset)).map(<[u8]>::len).sum();
            add(Block::Iptc, format!("Dataset {record}:{dataset}").into(), format!("{bytes} bytes"));
        }
    }
    if let Some(packet) = &metadata.xmp {
        for (name, value) in xmp::properties(packet) {
            add(Block::Xmp, name.into(), value);
        }
    }
    for text in &metadata.texts {
        add(Block::Texts, text.keyword.clone().into(), text.text.clone());
    }
    entries
}

/// What becomes of the entries of `before` where `after` is what a result says, and what that says beyond them.
pub fn fates(before: &[Entry], after: &[Entry]) -> Vec<(Entry, Fate)> {
    let is_same = |a: &Entry, b: &Entry| a.block == b.block && a.name == b.name;
    let mut left: Vec<&Entry> = after.iter().collect();
    let mut take = |wanted: &dyn Fn(&Entry) -> bool| left.iter().position(|e| wanted(e)).map(|at| left.remove(at));
    // Among those that are repeated, what is unchanged finds itself before others are looked for.
    let kept: Vec<bool> = before.iter().map(|entry| take(&|other| other == entry).is_some()).collect();
    let mut fates: Vec<(Entry, Fate)> = Vec::with_capacity(before.len());
    for (entry, kept) in before.iter().zip(kept) {
        let fate = match kept {
            true => Fate::Kept,
            false => take(&|other| is_same(other, entry)).map_or(Fate::Removed, |e| Fate::Changed(e.value.clone())),
        };
        fates.push((entry.clone(), fate));
    }
    fates.extend(left.into_iter().map(|entry| (entry.clone(), Fate::Added)));
    fates.sort_by_key(|(entry, _)| entry.block);
    fates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Density, Keep, MetadataEdit, TextEntry};

    fn metadata() -> Metadata {
        let mut exif = Exif::new(false);
        exif.set_text(Section::Picture, 0x010f, "Maker");
        exif.set_text(Section::Picture, 0x013b, "Ann");
        exif.set_text(Section::Gps, 0x0001, "N");
        exif.set_ratio(Section::Gps, 0x0002, 48.5);
        let xmp = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
            xmp:Rating="4"><dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>sand &amp; sun</rdf:li></rdf:Bag></dc:subject>
            </rdf:Description></rdf:RDF></x:xmpmeta>"#;
        Metadata {
            exif: Some(exif.to_block()),
            iptc: Some(b"\x1c\x02\x05\0\x05Title\x1c\x02\x41\0\x02Ab".to_vec()),
            xmp: Some(xmp.as_bytes().to_vec()),
            texts: vec![TextEntry::new("Comment", "x".repeat(900))],
            density: Some(Density { x: 300.0, y: 300.0 }),
            ..Metadata::default()
        }
    }

    #[test]
    fn every_block_is_described() {
        let found = describe(&metadata());
        let value = |block, name: &str| found.iter().find(|e| e.block == block && e.name == name).map(|e| &*e.value);
        assert_eq!(value(Block::Colour, "Resolution"), Some("300 × 300 pixels per inch"));
        assert_eq!(value(Block::Exif, "Camera make"), Some("Maker"));
        assert_eq!(value(Block::Gps, "Latitude"), Some("48.500000° N"));
        assert_eq!(value(Block::Iptc, "title"), Some("Title"));
        assert_eq!(value(Block::Iptc, "Dataset 2:65"), Some("2 bytes"));
        assert_eq!(value(Block::Xmp, "xmp:Rating"), Some("4"));
        assert_eq!(value(Block::Xmp, "dc:subject"), Some("sea; sand & sun"));
        assert_eq!(value(Block::Texts, "Comment").map(|text| text.chars().count()), Some(LONGEST + 1));
        assert_eq!(found.len(), 9, "{found:?}");
    }

    #[test]
    fn what_becomes_of_entries_is_said() {
        let before = metadata();
        let mut after = before.clone();
        let edit = MetadataEdit {
            keep: Keep::WithoutLocation,
            artist: "Bea".to_owned(),
            copyright: "Bea".to_owned(),
            ..MetadataEdit::default()
        };
        edit.apply(&mut after);
        let fates = fates(&describe(&before), &describe(&after));
        let fate = |name: &str| fates.iter().find(|(e, _)| e.name == name && e.block <= Block::Gps).map(|(_, f)| f);
        assert_eq!(fate("Camera make"), Some(&Fate::Kept));
        assert_eq!(fate("Artist"), Some(&Fate::Changed("Bea".to_owned())));
        assert_eq!(fate("Latitude"), Some(&Fate::Removed));
        assert_eq!(fate("Copyright"), Some(&Fate::Added));
    }

    #[test]
    fn repeated_entries_are_taken_one_by_one() {
        let entry = |value: &str| Entry { block: Block::Texts, name: "Comment".into(), value: value.to_owned() };
        let fates = fates(&[entry("a"), entry("b"), entry("c")], &[entry("b"), entry("z")]);
        let fates: Vec<_> = fates.into_iter().map(|(entry, fate)| (entry.value, fate)).collect();
        let changed = Fate::Changed("z".to_owned());
        assert_eq!(fates, [("a".to_owned(), changed), ("b".to_owned(), Fate::Kept), ("c".to_owned(), Fate::Removed)]);
    }
}
