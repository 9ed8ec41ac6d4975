//! What XMP says about further parts of the file, such as a gain map, a depth map or a video: results hold none of them but
//! gain maps, which encoders announce anew.

use std::collections::BTreeSet;

use crate::Metadata;
use crate::xmp_tree::Packet;

const GAIN_MAP: &str = "a gain map";
const DEPTH: &str = "a depth map";

/// Schemas that are only about further parts of the file, and which part that is; none for an index of all parts.
const PARTS: &[(&str, Option<&str>)] = &[
    ("http://ns.adobe.com/hdr-gain-map/1.0/", Some(GAIN_MAP)),
    ("http://ns.apple.com/HDRGainMap/1.0/", Some(GAIN_MAP)),
    ("http://ns.apple.com/pixeldatainfo/1.0/", Some("an auxiliary picture")),
    ("http://ns.google.com/photos/1.0/container/", None),
    ("http://ns.google.com/photos/1.0/container/item/", None),
    ("http://ns.google.com/photos/1.0/depthmap/", Some(DEPTH)),
    ("http://ns.google.com/photos/1.0/focus/", Some(DEPTH)),
    ("http://ns.google.com/photos/1.0/image/", Some("another picture")),
    ("http://ns.google.com/photos/1.0/audio/", Some("a sound")),
];

/// Those of Google's Dynamic Depth begin so.
const DYNAMIC_DEPTH: &str = "http://ns.google.com/photos/dd/1.0/";
const GOOGLE_CAMERA: &str = "http://ns.google.com/photos/1.0/camera/";

/// The part that a property is about, if it is about one; within, none for an index.
fn part(space: &str, local: &str) -> Option<Option<&'static str>> {
    if let Some((_, part)) = PARTS.iter().find(|(schema, _)| *schema == space) {
        return Some(*part);
    }
    if space.starts_with(DYNAMIC_DEPTH) {
        return Some(Some(DEPTH));
    }
    let is_video = space == GOOGLE_CAMERA && (local.starts_with("MicroVideo") || local.starts_with("MotionPhoto"));
    (is_video || local == "MotionPhotoPrimaryPresentationTimestampUs").then_some(Some("a video"))
}

/// Removes what XMP says about further parts of the file; returns a note that names them. A gain map is not named if the
/// result gets it, or if what becomes of it `is_told`.
pub(crate) fn remove(metadata: &mut Metadata, is_told: bool) -> Option<String> {
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
    if is_told || metadata.gain_map.is_some() {
        found.remove(GAIN_MAP);
    }
    let parts: Vec<&str> = found.into_iter().collect();
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
            ("http://ns.google.com/photos/dd/1.0/device/", Some(DEPTH)),
            ("http://ns.google.com/photos/1.0/camera/", Some("a video")),
        ]) {
            let properties = format!("<p:MotionPhoto xmlns:p='{schema}'>1</p:MotionPhoto>");
            let (text, notes) = edited(&mut with(&properties), &MetadataEdit::default());
            assert!(text.contains("Rating") && !text.contains("MotionPhoto"), "{schema}: {text}");
            assert_eq!(notes.len(), usize::from(part.is_some()), "{schema}: {notes:?}");
            assert!(part.is_none_or(|part| notes[0].contains("XMP") && notes[0].contains(part)), "{schema}: {notes:?}");
        }
        let kept = "<g:BurstID xmlns:g='http://ns.google.com/photos/1.0/camera/'>abc</g:BurstID>";
        let (text, notes) = edited(&mut with(kept), &MetadataEdit::default());
        assert!(text.contains("BurstID") && notes.is_empty(), "{notes:?}");
    }

    #[test]
    fn of_a_gain_map_that_is_kept_or_spoken_of_nothing_more_is_said() {
        let claim = "<h:Version xmlns:h='http://ns.adobe.com/hdr-gain-map/1.0/'>1.0</h:Version>";
        let map = crate::gain_map::tests::two_stops(Raster::new(1, 1, Layout::Grey, vec![0]));
        let mut kept = Metadata { gain_map: Some(Arc::new(map)), ..with(claim) };
        let told = MetadataEdit { gain_map_is_told: true, ..MetadataEdit::default() };
        for (metadata, edit) in [(&mut kept, MetadataEdit::default()), (&mut with(claim), told)] {
            let (text, notes) = edited(metadata, &edit);
            assert!(!text.contains("Version") && notes.is_empty(), "{notes:?}");
        }
    }
}
