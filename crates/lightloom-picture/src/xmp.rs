//! XMP packets (ISO 16684-1) edited without being understood as a whole: properties are removed, replaced or added;
//! everything else stays as it is written.

use quick_xml::escape::escape;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::{QName, ResolveResult};
use quick_xml::{NsReader, Writer};

/// Names of schemas.
pub mod schema {
    pub const DC: &str = "http://purl.org/dc/elements/1.1/";
    pub const EXIF: &str = "http://ns.adobe.com/exif/1.0/";
    pub const TIFF: &str = "http://ns.adobe.com/tiff/1.0/";
    pub const XMP: &str = "http://ns.adobe.com/xap/1.0/";
    pub(crate) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    pub(super) const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";
    pub(super) const IPTC_CORE: &str = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/";
    pub(crate) const IPTC_EXT: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    pub(super) const NOTE: &str = "http://ns.adobe.com/xmp/note/";
}

/// What is to be changed in a packet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct XmpEdit {
    /// Removes where the picture was taken.
    pub remove_location: bool,
    /// Removes small copies of the picture.
    pub remove_thumbnails: bool,
    /// New values of simple properties, by schema and name; only where the packet has them.
    pub replace: Vec<(&'static str, &'static str, String)>,
    /// Who made it (`dc:creator`), added where missing.
    pub creator: Option<String>,
    /// Copyright notice (`dc:rights`), added where missing.
    pub rights: Option<String>,
}

/// A packet without properties.
pub(crate) const EMPTY: &str = concat!(
    "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>",
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">",
    "<rdf:Description rdf:about=\"\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>",
);

impl XmpEdit {
    /// Changes a packet; an absent one is made where something is to be added. Returns `None` if the packet is no XML in
    /// UTF-8, so that it cannot be changed.
    pub fn apply(&self, packet: Option<&[u8]>) -> Option<Vec<u8>> {
        let text = match packet {
            Some(packet) => std::str::from_utf8(packet).ok()?.trim_end_matches('\0'),
            None => EMPTY,
        };
        let mut reader = NsReader::from_str(text);
        reader.config_mut().check_end_names = true;
        let mut writer = Writer::new(Vec::with_capacity(text.len() + 512));
        let mut added = self.creator.is_none() && self.rights.is_none();
        let mut saw_root = false;
        loop {
            let event = reader.read_event().ok()?;
            match event {
                Event::Start(start) => {
                    saw_root = true;
                    match self.fate(&reader, start.name(), false) {
                        Fate::Drop => {
                            reader.read_to_end(start.name()).ok()?;
                        }
                        Fate::Replace(value) => {
                            reader.read_to_end(start.name()).ok()?;
                            write(&mut writer, Event::Start(start.borrow()))?;
                            write(&mut writer, Event::Text(BytesText::from_escaped(escape(value))))?;
                            write(&mut writer, Event::End(start.to_end()))?;
                        }
                        Fate::Keep => {
                            let changed = self.attributes(&reader, &start)?;
                            let is_description = is(&reader, start.name(), schema::RDF, "Description");
                            write(&mut writer, Event::Start(changed))?;
                            if is_description && !added {
                                self.add(&mut writer)?;
                                added = true;
                            }
                        }
                    }
                }
                Event::Empty(start) => {
                    saw_root = true;
                    if let Fate::Drop = self.fate(&reader, start.name(), false) {
                        continue;
                    }
                    let changed = self.attributes(&reader, &start)?;
                    if !added && is(&reader, start.name(), schema::RDF, "Description") {
                        let end = BytesEnd::new(std::str::from_utf8(start.name().0).ok()?.to_owned());
                        write(&mut writer, Event::Start(changed))?;
                        self.add(&mut writer)?;
                        write(&mut writer, Event::End(end))?;
                        added = true;
                    } else {
                        write(&mut writer, Event::Empty(changed))?;
                    }
                }
                // Custom entities are not allowed in XMP, and could make a small file expand without bounds.
                Event::DocType(_) => return None,
                Event::Eof => break,
                other => write(&mut writer, other)?,
            }
        }
        (saw_root && added).then(|| writer.into_inner())
    }

    fn fate(&self, reader: &NsReader<&[u8]>, name: QName<'_>, attribute: bool) -> Fate<'_> {
        let resolver = reader.resolver();
        let (space, local) = if attribute { resolver.resolve_attribute(name) } else { resolver.resolve_element(name) };
        let ResolveResult::Bound(space) = space else { return Fate::Keep };
        let (Ok(space), Ok(local)) = (std::str::from_utf8(space.0), std::str::from_utf8(local.as_ref())) else {
            return Fate::Keep;
        };
        if self.remove_location && is_location(space, local)
            || self.remove_thumbnails && space == schema::XMP && local == "Thumbnails"
            || self.creator.is_some() && space == schema::DC && local == "creator"
            || self.rights.is_some() && space == schema::DC && local == "rights"
            // The rest of a long packet, which lies elsewhere in the file (extended XMP), is not kept.
            || space == schema::NOTE && local == "HasExtendedXMP"
        {
            return Fate::Drop;
        }
        let found = self.replace.iter().find(|(s, l, _)| *s == space && *l == local);
        found.map_or(Fate::Keep, |(_, _, value)| Fate::Replace(value))
    }

    /// The tag with its attributes changed.
    fn attributes(&self, reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Option<BytesStart<'static>> {
        let mut changed = BytesStart::new(std::str::from_utf8(start.name().0).ok()?.to_owned());
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            match self.fate(reader, attribute.key, true) {
                Fate::Drop => {}
                Fate::Replace(value) => {
                    changed.push_attribute((attribute.key.0, escape(value).as_bytes()));
                }
                Fate::Keep => changed.push_attribute(attribute),
            }
        }
        Some(changed)
    }

    /// Writes the properties that are added.
    fn add(&self, writer: &mut Writer<Vec<u8>>) -> Option<()> {
        let mut list = |name: &str, container: &str, item: &str, text: &str| {
            let xml = format!(
                "<dc:{name} xmlns:dc=\"{}\" xmlns:rdf=\"{}\"><rdf:{container}><rdf:li{item}>{}</rdf:li></rdf:{container}></dc:{name}>",
                schema::DC,
                schema::RDF,
                escape(text)
            );
            writer.get_mut().extend(xml.as_bytes());
        };
        if let Some(creator) = self.creator.as_deref().filter(|t| !t.is_empty()) {
            list("creator", "Seq", "", creator);
        }
        if let Some(rights) = self.rights.as_deref().filter(|t| !t.is_empty()) {
            list("rights", "Alt", " xml:lang=\"x-default\"", rights);
        }
        Some(())
    }
}

enum Fate<'a> {
    Keep,
    Drop,
    Replace(&'a str),
}

fn write(writer: &mut Writer<Vec<u8>>, event: Event<'_>) -> Option<()> {
    writer.write_event(event).ok()
}

fn is(reader: &NsReader<&[u8]>, name: QName<'_>, space: &str, local: &str) -> bool {
    let (found, name) = reader.resolver().resolve_element(name);
    matches!(found, ResolveResult::Bound(s) if s.0 == space.as_bytes()) && name.as_ref() == local.as_bytes()
}

/// Whether a property says where: coordinates under any maker's schema, and the places of Photoshop and IPTC.
fn is_location(space: &str, local: &str) -> bool {
    let coordinates = local.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("gps"));
    coordinates
        || matches!(
            (space, local),
            (schema::PHOTOSHOP, "City" | "State" | "Country")
                | (schema::IPTC_CORE, "Location" | "CountryCode")
                | (schema::IPTC_EXT, "LocationCreated" | "LocationShown")
                | (_, "AbsoluteAltitude" | "RelativeAltitude")
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: &str = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:e="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 e:GPSLatitude="51,30N" tiff:Orientation="6" photoshop:City="Paris" photoshop:Headline="A &amp; B">
<e:GPSLongitude>0,7W</e:GPSLongitude><e:PixelXDimension>4000</e:PixelXDimension>
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">old</rdf:li></rdf:Alt></dc:rights>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"#;

    fn applied(edit: &XmpEdit, packet: Option<&str>) -> String {
        String::from_utf8(edit.apply(packet.map(str::as_bytes)).unwrap()).unwrap()
    }

    #[test]
    fn properties_are_removed_replaced_and_added() {
        let edit = XmpEdit {
            remove_location: true,
            replace: vec![
                (schema::TIFF, "Orientation", "1".to_owned()),
                (schema::EXIF, "PixelXDimension", "100".to_owned()),
            ],
            rights: Some("© me & <you>".to_owned()),
            creator: Some("Zoë".to_owned()),
            ..XmpEdit::default()
        };
        let out = applied(&edit, Some(PACKET));
        for gone in ["GPS", "51,30N", "0,7W", "Paris", "old", "\"6\"", "4000"] {
            assert!(!out.contains(gone), "{gone} is still in {out}");
        }
        for there in ["A &amp; B", "Orientation=\"1\"", ">100<", "© me &amp; &lt;you&gt;", "Zoë", "rdf:Seq"] {
            assert!(out.contains(there), "{there} is missing in {out}");
        }
        // It is XML, and once is enough.
        assert_eq!(applied(&edit, Some(&out)).matches("Zoë").count(), 1);
    }

    #[test]
    fn without_changes_nothing_is_lost_and_a_packet_is_made_where_there_is_none() {
        let untouched = applied(&XmpEdit::default(), Some(PACKET));
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(squeezed(&untouched), squeezed(PACKET));
        let made = applied(&XmpEdit { creator: Some("me".to_owned()), ..XmpEdit::default() }, None);
        assert!(made.contains("<rdf:li>me</rdf:li>") && made.starts_with("<?xpacket"));
    }

    #[test]
    fn what_is_not_xml_cannot_be_changed() {
        let edit = XmpEdit { remove_location: true, ..XmpEdit::default() };
        assert_eq!(edit.apply(Some(b"\xff\xfeU\0T\0F\0")), None);
        assert_eq!(edit.apply(Some(b"<a><b></a>")), None);
        assert_eq!(edit.apply(Some(b"")), None);
        assert_eq!(edit.apply(Some(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")), None);
        for cut in 0..PACKET.len() {
            let _ = edit.apply(PACKET.as_bytes().get(..cut));
        }
    }
}
