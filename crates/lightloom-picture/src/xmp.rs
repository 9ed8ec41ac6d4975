//! XMP packets (ISO 16684-1) edited without being understood as a whole: properties are removed, replaced or added;
//! everything else stays as it is written.

use std::borrow::Cow;
use std::collections::HashSet;

use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::{QName, ResolveResult};
use quick_xml::{NsReader, Writer};

use super::location;
use super::xmp_tree::Packet;

/// Names of schemas.
pub mod schema {
    pub const DC: &str = "http://purl.org/dc/elements/1.1/";
    pub const EXIF: &str = "http://ns.adobe.com/exif/1.0/";
    pub const TIFF: &str = "http://ns.adobe.com/tiff/1.0/";
    pub const XMP: &str = "http://ns.adobe.com/xap/1.0/";
    pub(crate) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    pub(crate) const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";
    pub(crate) const IPTC_CORE: &str = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/";
    pub(crate) const IPTC_EXT: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    pub(crate) const NOTE: &str = "http://ns.adobe.com/xmp/note/";
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
    /// Properties that are added where the packet has none of this name.
    pub offer: Vec<Property>,
}

/// A property to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    pub schema: &'static str,
    pub prefix: &'static str,
    pub name: &'static str,
    pub form: Form,
    /// One value, or those of a list.
    pub values: Vec<String>,
}

/// How the values of a property are written (ISO 16684-1, 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A simple value.
    Simple,
    /// In a language, here the default one.
    LanguageAlternative,
    /// A list without order.
    Bag,
    /// A list in order.
    Sequence,
}

impl Property {
    fn write(&self, out: &mut Vec<u8>) {
        let Self { schema, prefix, name, form, values } = self;
        let (container, language) = match form {
            Form::Simple => (None, ""),
            Form::LanguageAlternative => (Some("Alt"), " xml:lang=\"x-default\""),
            Form::Bag => (Some("Bag"), ""),
            Form::Sequence => (Some("Seq"), ""),
        };
        let text: String = match container {
            None => values.first().map(|value| escape(printable(value)).into_owned()).unwrap_or_default(),
            Some(container) => {
                let item = |value: &String| format!("<rdf:li{language}>{}</rdf:li>", escape(printable(value)));
                let items: String = values.iter().map(item).collect();
                format!("<rdf:{container}>{items}</rdf:{container}>")
            }
        };
        let rdf = schema::RDF;
        out.extend(
            format!("<{prefix}:{name} xmlns:{prefix}=\"{schema}\" xmlns:rdf=\"{rdf}\">{text}</{prefix}:{name}>")
                .bytes(),
        );
    }
}

/// A text without the control characters that XML cannot hold.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')).collect()
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
        let text = packet.map_or(Some(EMPTY.into()), to_text)?;
        let text = text.trim_start_matches('\u{feff}').trim_end_matches('\0');
        let additions = self.additions(text)?;
        let mut reader = NsReader::from_str(text);
        reader.config_mut().check_end_names = true;
        let mut writer = Writer::new(Vec::with_capacity(text.len() + 512));
        let mut added = additions.is_empty();
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
                        Fate::Keep if self.remove_location && says_where(text_at(text, &reader)) => {
                            reader.read_to_end(start.name()).ok()?;
                        }
                        Fate::Keep => {
                            let changed = self.attributes(&reader, &start)?;
                            write(&mut writer, Event::Start(changed))?;
                            if !added && is(&reader, start.name(), schema::RDF, "Description") {
                                writer.get_mut().extend(&additions);
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
                        writer.get_mut().extend(&additions);
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
        let Ok(local) = std::str::from_utf8(local.as_ref()) else { return Fate::Keep };
        // A name without a namespace is no property, but a place all the same.
        let space = match space {
            ResolveResult::Bound(space) => std::str::from_utf8(space.0).unwrap_or_default(),
            _ => "",
        };
        let is_namespace = name.0.starts_with(b"xmlns");
        if self.remove_location && !is_namespace && (location::is_place(space, local) || location::is_opaque(local))
            || self.remove_thumbnails && space == schema::XMP && local == "Thumbnails"
            || self.creator.is_some() && space == schema::DC && local == "creator"
            || self.rights.is_some() && space == schema::DC && local == "rights"
            // A reference to the rest of a long packet, which has been put to this one or was not there.
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
                Fate::Replace(value) => push(&mut changed, attribute.key.0, escape(value).as_bytes()),
                Fate::Keep => {
                    let is_namespace = attribute.key.0.starts_with(b"xmlns");
                    let says_where = || std::str::from_utf8(&attribute.value).is_ok_and(says_where);
                    if is_namespace || !self.remove_location || !says_where() {
                        push(&mut changed, attribute.key.0, &attribute.value);
                    }
                }
            }
        }
        Some(changed)
    }

    /// The properties that are added to a packet, as they are written.
    fn additions(&self, packet: &str) -> Option<Vec<u8>> {
        let of = |name, form, text: &Option<String>| {
            let text = text.as_ref().filter(|text| !text.is_empty())?;
            Some(Property { schema: schema::DC, prefix: "dc", name, form, values: vec![text.clone()] })
        };
        let mut out = Vec::new();
        let set = [of("creator", Form::Sequence, &self.creator), of("rights", Form::LanguageAlternative, &self.rights)];
        set.iter().flatten().for_each(|property| property.write(&mut out));
        if !self.offer.is_empty() {
            let names = names(packet)?;
            let is_new =
                |property: &&Property| !names.contains(&(property.schema.to_owned(), property.name.to_owned()));
            self.offer.iter().filter(is_new).for_each(|property| property.write(&mut out));
        }
        Some(out)
    }
}

/// The names of all elements and attributes, each with its namespace.
fn names(packet: &str) -> Option<HashSet<(String, String)>> {
    let mut reader = NsReader::from_str(packet);
    let mut names = HashSet::new();
    loop {
        let start = match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => start,
            Event::DocType(_) => return None,
            Event::Eof => return Some(names),
            _ => continue,
        };
        let mut found = |(space, local): (ResolveResult<'_>, quick_xml::name::LocalName<'_>)| {
            if let ResolveResult::Bound(space) = space {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                names.insert((text(space.0), text(local.as_ref())));
            }
        };
        found(reader.resolver().resolve_element(start.name()));
        for attribute in start.attributes() {
            found(reader.resolver().resolve_attribute(attribute.ok()?.key));
        }
    }
}

/// The properties of a packet with their values, in the order in which they are written; those of sizes in pixels are left
/// out. None if it cannot be parsed.
pub fn properties(packet: &[u8]) -> Vec<(String, String)> {
    let Some(mut packet) = Packet::parse(packet) else { return Vec::new() };
    let mut found = Vec::new();
    for description in packet.descriptions() {
        found.extend(description.properties().map(|(name, value)| (name.to_owned(), value)));
    }
    let is_size = |name: &str| {
        let local = name.rsplit(':').next().unwrap_or_default();
        ["PixelXDimension", "PixelYDimension", "ImageWidth", "ImageLength"].contains(&local)
    };
    found.retain(|(name, _)| !is_size(name));
    found
}

/// Whether a packet holds a text as a value, or within one.
pub fn mentions(packet: &[u8], text: &str) -> bool {
    to_text(packet).is_some_and(|packet| packet.contains(&*escape(printable(text))))
}

/// A packet as text: UTF-8, or UTF-16 or UTF-32 with a byte order mark, which XMP allows too.
fn to_text(packet: &[u8]) -> Option<Cow<'_, str>> {
    let units = |big: bool, bytes: &[u8]| {
        let unit = |pair: &[u8; 2]| if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
        let units: Vec<u16> = bytes.as_chunks().0.iter().map(unit).collect();
        String::from_utf16(&units).ok()
    };
    let letters = |big: bool, bytes: &[u8]| {
        let letter = |four: &[u8; 4]| if big { u32::from_be_bytes(*four) } else { u32::from_le_bytes(*four) };
        bytes.as_chunks().0.iter().map(|four| char::from_u32(letter(four))).collect::<Option<String>>()
    };
    Some(match packet {
        [0xff, 0xfe, 0, 0, rest @ ..] => letters(false, rest)?.into(),
        [0, 0, 0xfe, 0xff, rest @ ..] => letters(true, rest)?.into(),
        [0xff, 0xfe, rest @ ..] => units(false, rest)?.into(),
        [0xfe, 0xff, rest @ ..] => units(true, rest)?.into(),
        _ => std::str::from_utf8(packet).ok()?.into(),
    })
}

/// Adds an attribute whose value is escaped already, whichever quotes were around it.
pub(super) fn push(tag: &mut BytesStart<'_>, key: &[u8], value: &[u8]) {
    let quoted: Vec<u8> =
        value.iter().flat_map(|b| if *b == b'"' { &b"&quot;"[..] } else { std::slice::from_ref(b) }).copied().collect();
    tag.push_attribute((key, quoted.as_slice()));
}

/// The text that follows what has been read, up to the next tag.
fn text_at<'a>(packet: &'a str, reader: &NsReader<&[u8]>) -> &'a str {
    let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
    packet.get(at..).and_then(|rest| rest.split('<').next()).unwrap_or_default()
}

/// Whether an escaped text says where the picture was taken.
fn says_where(escaped: &str) -> bool {
    location::text_says_where(&unescape(escaped).unwrap_or(Cow::Borrowed(escaped)))
}

enum Fate<'a> {
    Keep,
    Drop,
    Replace(&'a str),
}

fn write(writer: &mut Writer<Vec<u8>>, event: Event<'_>) -> Option<()> {
    writer.write_event(event).ok()
}

pub(super) fn is(reader: &NsReader<&[u8]>, name: QName<'_>, space: &str, local: &str) -> bool {
    let (found, name) = reader.resolver().resolve_element(name);
    matches!(found, ResolveResult::Bound(s) if s.0 == space.as_bytes()) && name.as_ref() == local.as_bytes()
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
        assert_eq!(edit.apply(Some(b"\xff\xfeU\0T\0F\0")), None, "UTF-16, but no XML");
        assert_eq!(edit.apply(Some(b"<a><b></a>")), None);
        assert_eq!(edit.apply(Some(b"")), None);
        assert_eq!(edit.apply(Some(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")), None);
        for cut in 0..PACKET.len() {
            let _ = edit.apply(PACKET.as_bytes().get(..cut));
        }
    }

    #[test]
    fn packets_in_utf_16_are_read_and_quotes_kept() {
        let packet = "<x:x xmlns:x='adobe:ns:meta/' x:a='say \"yes\"'>Zoë</x:x>";
        let wide: Vec<u8> = [0xfeff].into_iter().chain(packet.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        let edited = String::from_utf8(XmpEdit::default().apply(Some(&wide)).unwrap()).unwrap();
        assert_eq!(edited, "<x:x xmlns:x=\"adobe:ns:meta/\" x:a=\"say &quot;yes&quot;\">Zoë</x:x>");
    }

    #[test]
    fn properties_are_offered_and_added_where_missing() {
        let offer = |name, form, values: &[&str]| Property {
            schema: schema::DC,
            prefix: "dc",
            name,
            form,
            values: values.iter().map(|v| (*v).to_owned()).collect(),
        };
        let edit = XmpEdit {
            offer: vec![
                offer("rights", Form::LanguageAlternative, &["new"]),
                offer("subject", Form::Bag, &["a & b", "c"]),
                offer("source", Form::Simple, &["x\u{1}y"]),
            ],
            ..XmpEdit::default()
        };
        let out = applied(&edit, Some(PACKET));
        assert!(out.contains("old") && !out.contains("new"));
        assert!(out.contains("<rdf:Bag><rdf:li>a &amp; b</rdf:li><rdf:li>c</rdf:li></rdf:Bag>"), "{out}");
        assert!(out.contains(">xy</dc:source>"));
        assert_eq!(applied(&edit, Some(&out)), out, "once is enough");
    }

    /// Where schemas keep places: XMP specification part 2, IPTC Core and Extension, PRISM, Media Pro, W3C's geo, DJI.
    #[test]
    fn no_place_is_left_in_any_namespace() {
        let packet = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#" xmlns:mpr="http://ns.iview-multimedia.com/mediapro/1.0/"
 xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:dji="http://www.dji.com/drone-dji/1.0/" xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:u="urn:unknown"
 geo:lat="XQZ" dji:GpsLongtitude="XQZ" u:note="{&quot;city&quot;: &quot;XQZ&quot;}" u:kept="KEEP">
<geo:long>XQZ</geo:long><mpr:Location>XQZ</mpr:Location><prism:location><rdf:Bag><rdf:li>XQZ</rdf:li></rdf:Bag></prism:location>
<dc:coverage>XQZ</dc:coverage><i:LocationShown><rdf:Bag><rdf:li rdf:parseType="Resource"><i:Any>XQZ</i:Any></rdf:li></rdf:Bag></i:LocationShown>
<u:HomeTown>XQZ</u:HomeTown><u:MakerNote>XQZ</u:MakerNote>
<u:data>&lt;Latitude>XQZ&lt;/Latitude></u:data>
<dc:subject><rdf:Bag><rdf:li>KEEP</rdf:li><rdf:li>geo:lat=XQZ</rdf:li><rdf:li>Places|XQZ</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta>"#;
        let out = applied(&XmpEdit { remove_location: true, ..XmpEdit::default() }, Some(packet));
        assert!(!out.contains("XQZ") && out.matches("KEEP").count() == 2, "{out}");
        assert!(XmpEdit::default().apply(Some(packet.as_bytes())).is_some());
    }
}
