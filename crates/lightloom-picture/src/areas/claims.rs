//! What XMP says about further parts of the file, such as a gain map, a depth map or a video: results hold none of them but
//! gain maps, which encoders announce anew.

use std::collections::BTreeSet;

use crate::Metadata;
use crate::xmp_tree::Packet;

/// What a file may hold beside its picture, and XMP speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FurtherPart {
    DepthMap,
    GainMap,
    Sound,
    Video,
    /// A matte or a mask.
    Auxiliary,
    /// Another whole picture.
    Picture,
}

impl FurtherPart {
    const fn title(self) -> &'static str {
        match self {
            Self::DepthMap => "a depth map",
            Self::GainMap => "a gain map",
            Self::Sound => "a sound",
            Self::Video => "a video",
            Self::Auxiliary => "an auxiliary picture",
            Self::Picture => "another picture",
        }
    }
}

/// Schemas that are only about further parts of the file, and which part that is; none for an index of all parts.
const PARTS: &[(&str, Option<FurtherPart>)] = &[
    ("http://ns.adobe.com/hdr-gain-map/1.0/", Some(FurtherPart::GainMap)),
    ("http://ns.apple.com/HDRGainMap/1.0/", Some(FurtherPart::GainMap)),
    ("http://ns.apple.com/pixeldatainfo/1.0/", Some(FurtherPart::Auxiliary)),
    ("http://ns.google.com/photos/1.0/container/", None),
    ("http://ns.google.com/photos/1.0/container/item/", None),
    ("http://ns.google.com/photos/1.0/depthmap/", Some(FurtherPart::DepthMap)),
    ("http://ns.google.com/photos/1.0/focus/", Some(FurtherPart::DepthMap)),
    ("http://ns.google.com/photos/1.0/image/", Some(FurtherPart::Picture)),
    ("http://ns.google.com/photos/1.0/audio/", Some(FurtherPart::Sound)),
];

/// Those of Google's Dynamic Depth begin so.
const DYNAMIC_DEPTH: &str = "http://ns.google.com/photos/dd/1.0/";
const GOOGLE_CAMERA: &str = "http://ns.google.com/photos/1.0/camera/";

/// The part that a property is about, if it is about one; within, none for an index.
fn part(space: &str, local: &str) -> Option<Option<FurtherPart>> {
    if let Some((_, part)) = PARTS.iter().find(|(schema, _)| *schema == space) {
        return Some(*part);
    }
    if space.starts_with(DYNAMIC_DEPTH) {
        return Some(Some(FurtherPart::DepthMap));
    }
    let is_video = space == GOOGLE_CAMERA && (local.starts_with("MicroVideo") || local.starts_with("MotionPhoto"));
    (is_video || local == "MotionPhotoPrimaryPresentationTimestampUs").then_some(Some(FurtherPart::Video))
}

/// Removes what XMP says about further parts of the file; returns a note that names them, but for those of which
/// [`Metadata::told`] knows. A gain map is not named either if the result gets it.
pub(crate) fn remove(metadata: &mut Metadata) -> Option<String> {
    let packet = std::str::from_utf8(metadata.xmp.as_deref()?).ok()?;
    if !["http://ns.google.com/photos/", "/hdr-gain-map/", "http://ns.apple.com/", "MotionPhoto"]
        .iter()
        .any(|part| packet.contains(part))
    {
        return None;
    }
    let mut tree = Packet::parse(packet.as_bytes())?;
    let mut found = BTreeSet::new();
    let mut removed = 0;
    for description in tree.descriptions() {
        found.extend(description.names().filter_map(|(space, local)| part(space, local)).flatten());
        removed += description.remove(&|space, local| part(space, local).is_some());
    }
    if removed > 0 {
        metadata.xmp = tree.to_bytes();
    }
    if metadata.gain_map.is_some() {
        found.remove(&FurtherPart::GainMap);
    }
    let parts: Vec<&str> = found.difference(&metadata.told).map(|part| part.title()).collect();
    (!parts.is_empty()).then(|| {
        format!("the XMP data on {} do not hold for the result, which has none, and were removed", parts.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Layout, MetadataEdit, Raster};

    fn with(properties: &str) -> Metadata {
        let packet = format!(
            "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
             <rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4'>{properties}\
             </rdf:Description></rdf:RDF></x:xmpmeta>"
        );
        Metadata { xmp: Some(packet.into_bytes()), ..Metadata::default() }
    }

    fn edited(metadata: &mut Metadata, edit: &MetadataEdit) -> (String, Vec<String>) {
        let notes = edit.apply(metadata);
        (String::from_utf8(metadata.xmp.clone().unwrap()).unwrap(), notes)
    }

    #[test]
    fn each_part_that_is_spoken_of_is_named() {
        for (schema, part) in PARTS.iter().copied().chain([
            ("http://ns.google.com/photos/dd/1.0/device/", Some(FurtherPart::DepthMap)),
            ("http://ns.google.com/photos/1.0/camera/", Some(FurtherPart::Video)),
        ]) {
            let properties = format!("<p:MotionPhoto xmlns:p='{schema}'>1</p:MotionPhoto>");
            let (text, notes) = edited(&mut with(&properties), &MetadataEdit::default());
            assert!(text.contains("Rating") && !text.contains("MotionPhoto"), "{schema}: {text}");
            assert_eq!(notes.len(), usize::from(part.is_some()), "{schema}: {notes:?}");
            assert!(
                part.is_none_or(|part| notes[0].contains("XMP") && notes[0].contains(part.title())),
                "{schema}: {notes:?}"
            );
        }
        let kept = "<g:BurstID xmlns:g='http://ns.google.com/photos/1.0/camera/'>abc</g:BurstID>";
        let (text, notes) = edited(&mut with(kept), &MetadataEdit::default());
        assert!(text.contains("BurstID") && notes.is_empty(), "{notes:?}");
    }

    #[test]
    fn of_a_part_that_is_kept_or_spoken_of_nothing_more_is_said() {
        let map = crate::gain_map::tests::two_stops(Raster::new(1, 1, Layout::Grey, vec![0]));
        for (schema, part) in PARTS {
            let claim = format!("<p:Version xmlns:p='{schema}'>1.0</p:Version>");
            let mut told = Metadata { told: part.iter().copied().collect(), ..with(&claim) };
            let mut kept = Metadata { gain_map: Some(Arc::new(map.clone())), ..with(&claim) };
            let is_said = part.is_some_and(|part| part != FurtherPart::GainMap);
            for (metadata, lines) in [(&mut told, 0), (&mut kept, usize::from(is_said))] {
                let (text, notes) = edited(metadata, &MetadataEdit::default());
                assert!(!text.contains("Version") && notes.len() == lines, "{notes:?}");
            }
        }
    }
}
