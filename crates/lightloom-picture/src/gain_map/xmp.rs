//! Gain maps in XMP: the metadata of Adobe's form in the map's own packet, the directory of Google's Ultra HDR format in
//! the packet of the base picture, and Apple's former form.

use super::{AppleMap, GainCurve, GainMapMetadata};
use crate::xmp::EMPTY;
use crate::xmp::schema::RDF;
use crate::xmp_tree::{Element, Packet};

const ADOBE: &str = "http://ns.adobe.com/hdr-gain-map/1.0/";
const APPLE: &str = "http://ns.apple.com/HDRGainMap/1.0/";
const APPLE_AUXILIARY: &str = "http://ns.apple.com/pixeldatainfo/1.0/";
const CONTAINER: &str = "http://ns.google.com/photos/1.0/container/";
const ITEM: &str = "http://ns.google.com/photos/1.0/container/item/";

/// One file within a file, by Google's container directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryItem {
    /// What it is: `Primary`, `GainMap`, `MotionPhoto` or another word.
    pub semantic: String,
    /// Bytes; of the primary one, 0.
    pub length: u64,
    /// Bytes that follow it unused.
    pub padding: u64,
}

/// The metadata of a gain map in its own packet.
pub fn adobe(packet: &[u8]) -> Option<GainMapMetadata> {
    let mut packet = Packet::parse(packet)?;
    let description = packet.descriptions().find(|d| d.value(ADOBE, "Version").is_some())?;
    // One value, or one for each colour.
    let mut numbers = |name: &str, usual: Option<f64>| {
        if let Some(number) = description.number(ADOBE, name) {
            return Some([number; 3]);
        }
        let Some(list) = description.child(ADOBE, name) else { return usual.map(|v| [v; 3]) };
        let numbers: Option<Vec<f64>> = list.items().iter().map(|item| item.text().parse().ok()).collect();
        match numbers?.as_slice() {
            [one] => Some([*one; 3]),
            three => three.try_into().ok(),
        }
    };
    let (min, max) = (numbers("GainMapMin", Some(0.0))?, numbers("GainMapMax", None)?);
    let gamma = numbers("Gamma", Some(1.0))?;
    let sdr = numbers("OffsetSDR", Some(1.0 / 64.0))?;
    let hdr = numbers("OffsetHDR", Some(1.0 / 64.0))?;
    let (low, [high, ..]) = (numbers("HDRCapacityMin", Some(0.0))?[0], numbers("HDRCapacityMax", None)?);
    let is_base_hdr = description.value(ADOBE, "BaseRenditionIsHDR").is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let (base, alternate) = if is_base_hdr { (hdr, sdr) } else { (sdr, hdr) };
    let curves = [0, 1, 2].map(|i| GainCurve {
        min: min[i],
        max: max[i],
        gamma: gamma[i],
        base_offset: base[i],
        alternate_offset: alternate[i],
    });
    let (base_headroom, alternate_headroom) = if is_base_hdr { (high, low) } else { (low, high) };
    let metadata = GainMapMetadata { curves, base_headroom, alternate_headroom, in_base_space: true };
    metadata.is_sane().then_some(metadata)
}

/// The packet for a gain map's own file.
pub fn to_adobe(metadata: &GainMapMetadata) -> Vec<u8> {
    let is_base_hdr = metadata.is_base_hdr();
    let of = |value: fn(&GainCurve) -> f64| metadata.curves.map(|curve| value(&curve));
    let (base, alternate) = (of(|c| c.base_offset), of(|c| c.alternate_offset));
    let (sdr, hdr) = if is_base_hdr { (alternate, base) } else { (base, alternate) };
    let (low, high) = if is_base_hdr {
        (metadata.alternate_headroom, metadata.base_headroom)
    } else {
        (metadata.base_headroom, metadata.alternate_headroom)
    };
    let mut attributes = String::new();
    let mut lists = String::new();
    for (name, [red, green, blue]) in [
        ("GainMapMin", of(|c| c.min)),
        ("GainMapMax", of(|c| c.max)),
        ("Gamma", of(|c| c.gamma)),
        ("OffsetSDR", sdr),
        ("OffsetHDR", hdr),
        ("HDRCapacityMin", [low; 3]),
        ("HDRCapacityMax", [high; 3]),
    ] {
        if red == green && red == blue {
            attributes.push_str(&format!(" hdrgm:{name}=\"{red}\""));
        } else {
            let items = [red, green, blue].map(|v| format!("<rdf:li>{v}</rdf:li>")).concat();
            lists.push_str(&format!("<hdrgm:{name}><rdf:Seq>{items}</rdf:Seq></hdrgm:{name}>"));
        }
    }
    let is_base_hdr = if is_base_hdr { "True" } else { "False" };
    format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"{RDF}\"><rdf:Description rdf:about=\"\" \
         xmlns:hdrgm=\"{ADOBE}\" hdrgm:Version=\"1.0\"{attributes} hdrgm:BaseRenditionIsHDR=\"{is_base_hdr}\">{lists}\
         </rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    .into_bytes()
}

/// The packet of a base picture, which may have had none, that says that a gain map of so many bytes follows its file.
/// `None` if the packet cannot be changed.
pub fn with_directory(packet: Option<&[u8]>, gain_map_bytes: usize) -> Option<Vec<u8>> {
    let mut tree = Packet::parse(packet.unwrap_or(EMPTY.as_bytes()))?;
    let description = tree.descriptions().next()?;
    description.set("hdrgm", ADOBE, "Version", "1.0");
    let item = |fields: &str| {
        format!("<rdf:li rdf:parseType=\"Resource\"><Container:Item Item:Mime=\"image/jpeg\" {fields}/></rdf:li>")
    };
    let items = [
        item("Item:Semantic=\"Primary\""),
        item(&format!("Item:Semantic=\"GainMap\" Item:Length=\"{gain_map_bytes}\"")),
    ];
    description.append(&format!(
        "<Container:Directory xmlns:Container=\"{CONTAINER}\" xmlns:Item=\"{ITEM}\" xmlns:rdf=\"{RDF}\"><rdf:Seq>{}</rdf:Seq>\
         </Container:Directory>",
        items.concat()
    ));
    tree.to_bytes()
}

/// The container directory of a base picture's packet.
pub fn directory(packet: &[u8]) -> Vec<DirectoryItem> {
    let Some(mut tree) = Packet::parse(packet) else { return Vec::new() };
    let lists = tree.descriptions().filter_map(|description| description.child(CONTAINER, "Directory"));
    let items = lists.flat_map(Element::items).map(|entry| {
        let number = |element: &Element, name: &str| element.value(ITEM, name)?.parse().ok();
        let entry = entry.structure();
        // Its fields are a structure of their own, or stand in the entry itself.
        let fields =
            if entry.child(CONTAINER, "Item").is_some() { entry.child(CONTAINER, "Item")?.structure() } else { entry };
        Some(DirectoryItem {
            semantic: fields.value(ITEM, "Semantic")?,
            length: number(fields, "Length").unwrap_or(0),
            padding: number(fields, "Padding").unwrap_or(0),
        })
    });
    items.flatten().collect()
}

/// Whether a packet says that the file ends in a video.
pub fn has_video(packet: &[u8]) -> bool {
    let camera = "http://ns.google.com/photos/1.0/camera/";
    let Some(mut tree) = Packet::parse(packet) else { return false };
    tree.descriptions()
        .any(|d| ["MotionPhoto", "MicroVideo"].iter().any(|name| d.value(camera, name).is_some_and(|v| v == "1")))
}

/// Apple's form: what an auxiliary picture's own packet says. `None` if it is no gain map.
pub fn apple(packet: &[u8]) -> Option<AppleMap> {
    let mut tree = Packet::parse(packet)?;
    let mut found = None;
    for description in tree.descriptions() {
        if description.value(APPLE, "HDRGainMapVersion").is_some() {
            found.get_or_insert(AppleMap { headroom: None }).headroom =
                description.number(APPLE, "HDRGainMapHeadroom").filter(|v| *v > 1.0);
        }
    }
    found
}

/// The name that Apple gives an auxiliary picture, such as `urn:com:apple:photo:2018:aux:semanticskinmatte`.
pub fn apple_auxiliary(packet: &[u8]) -> Option<String> {
    let mut tree = Packet::parse(packet)?;
    tree.descriptions().find_map(|description| description.value(APPLE_AUXILIARY, "AuxiliaryImageType"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gain_map::tests::two_stops;
    use crate::{Layout, Raster};

    #[test]
    fn what_is_written_is_read_back() {
        let mut metadata = two_stops(Raster::new(1, 1, Layout::Grey, vec![0])).metadata;
        assert_eq!(adobe(&to_adobe(&metadata)), Some(metadata));
        metadata.curves[2].max = 1.5;
        (metadata.base_headroom, metadata.alternate_headroom) = (2.0, 0.5);
        metadata.curves[0].base_offset = 0.25;
        assert_eq!(adobe(&to_adobe(&metadata)), Some(metadata));
    }

    /// The example in Adobe's specification, and the least that it allows.
    #[test]
    fn elements_lists_and_defaults_are_read() {
        let packet = |content: &str| {
            format!(
                "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='{RDF}'><rdf:Description rdf:about='' \
                 xmlns:hdrgm='{ADOBE}' hdrgm:Version='1.0' {content}</rdf:Description></rdf:RDF></x:xmpmeta>"
            )
        };
        let read = adobe(packet("hdrgm:GainMapMax='2.3' hdrgm:HDRCapacityMax='2.3'>").as_bytes()).unwrap();
        let curve = GainCurve { min: 0.0, max: 2.3, gamma: 1.0, base_offset: 1.0 / 64.0, alternate_offset: 1.0 / 64.0 };
        assert_eq!((read.curves, read.base_headroom, read.alternate_headroom), ([curve; 3], 0.0, 2.3));
        let list = "hdrgm:HDRCapacityMax='3'><hdrgm:GainMapMax><rdf:Seq><rdf:li>1</rdf:li><rdf:li>2</rdf:li>\
                    <rdf:li>3</rdf:li></rdf:Seq></hdrgm:GainMapMax><hdrgm:Gamma>0.5</hdrgm:Gamma>";
        let read = adobe(packet(list).as_bytes()).unwrap();
        assert_eq!(read.curves.map(|c| (c.max, c.gamma)), [(1.0, 0.5), (2.0, 0.5), (3.0, 0.5)]);
        for damaged in [
            "hdrgm:GainMapMax='2.3'>",
            "hdrgm:GainMapMax='x' hdrgm:HDRCapacityMax='2'>",
            "hdrgm:GainMapMax='1e9' hdrgm:HDRCapacityMax='2'>",
        ] {
            assert_eq!(adobe(packet(damaged).as_bytes()), None, "{damaged}");
        }
    }

    #[test]
    fn the_directory_is_written_and_read() {
        let packet = to_adobe(&two_stops(Raster::new(1, 1, Layout::Grey, vec![0])).metadata);
        for packet in [None, Some(packet.as_slice())] {
            let made = with_directory(packet, 4321).unwrap();
            let items = directory(&made);
            let items: Vec<_> = items.iter().map(|i| (i.semantic.as_str(), i.length)).collect();
            assert_eq!(items, [("Primary", 0), ("GainMap", 4321)]);
            let text = String::from_utf8(made).unwrap();
            assert_eq!(
                text.matches("Version=\"1.0\"").count() + text.matches(">1.0</hdrgm:Version>").count(),
                1,
                "{text}"
            );
        }
        assert!(directory(b"<x/>").is_empty());
    }
}
