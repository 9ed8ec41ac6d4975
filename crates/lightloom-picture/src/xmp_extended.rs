//! XMP packets that are too long for one segment of a JPEG file: the standard packet names an extended one, which holds
//! further properties and comes in pieces (XMP specification part 3, 1.1.3.1).

use std::collections::HashSet;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, Reader};

use super::md5;
use super::xmp::{self, schema};

/// A packet in two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// What fits into a segment, with the name of the rest.
    pub standard: Vec<u8>,
    /// The rest.
    pub extended: Vec<u8>,
    /// The name of the rest: its MD5 in 32 hexadecimal digits.
    pub guid: String,
}

/// The name of the extended packet that a standard one refers to.
pub fn guid(packet: &[u8]) -> Option<String> {
    const NAME: &str = "HasExtendedXMP";
    let text = std::str::from_utf8(packet).ok()?;
    let rest = &text[text.find(NAME)? + NAME.len()..];
    // As an attribute or as an element.
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'' | '>'));
    let digits = rest.get(..32)?;
    digits.bytes().all(|byte| byte.is_ascii_alphanumeric()).then(|| digits.to_owned())
}

/// Puts a standard packet and its extended one together; `None` if either is no XMP in UTF-8.
pub fn join(standard: &[u8], extended: &[u8]) -> Option<Vec<u8>> {
    let text = |packet| Some(std::str::from_utf8(packet).ok()?.trim_matches(['\u{feff}', '\0']));
    let standard = text(standard)?;
    let descriptions = descriptions(text(extended)?)?;
    let end = end_of_rdf(standard)?;
    let mut out = standard.as_bytes()[..end].to_vec();
    for Description { tag, children, .. } in &descriptions {
        element(&mut out, tag, children);
    }
    out.extend(&standard.as_bytes()[end..]);
    Some(out)
}

/// Splits a packet so that the standard part is at most so long: the largest properties go to the extended part. `None` if
/// that is not possible.
pub fn split(packet: &[u8], most: usize) -> Option<Split> {
    let text = std::str::from_utf8(packet).ok()?.trim_start_matches('\u{feff}');
    let descriptions = descriptions(text)?;
    let mut sizes: Vec<(usize, Place)> = Vec::new();
    for (description, part) in descriptions.iter().enumerate() {
        let attributes = part.tag.attributes().filter_map(Result::ok).enumerate();
        for (item, attribute) in attributes.filter(|(_, a)| is_property(a.key.as_ref())) {
            sizes.push((attribute.value.len(), Place { description, item, is_attribute: true }));
        }
        for (item, child) in part.children.iter().enumerate() {
            sizes.push((child.len(), Place { description, item, is_attribute: false }));
        }
    }
    sizes.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    // What is not a property, and the reference to the rest.
    let total: usize = sizes.iter().map(|(size, _)| size).sum();
    let padding = text.rfind("<?xpacket").map_or(0, |end| text[..end].len() - text[..end].trim_end().len());
    let mut length = packet.len() - padding + 200;
    if length.saturating_sub(total) > most {
        return None;
    }
    let mut moved = HashSet::new();
    for (size, place) in sizes {
        if length <= most {
            break;
        }
        length -= size.min(length);
        moved.insert(place);
    }
    let is_moved = |description, item, is_attribute| moved.contains(&Place { description, item, is_attribute });
    let extended = packet_of(&descriptions, None, is_moved)?;
    let guid = md5::hex(&extended);
    let standard = packet_of(&descriptions, Some(&guid), |d, i, a| !is_moved(d, i, a))?;
    (standard.len() <= most).then_some(Split { standard, extended, guid })
}

/// Where a property stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    description: usize,
    item: usize,
    is_attribute: bool,
}

/// One `rdf:Description` with every namespace that it uses.
struct Description {
    tag: BytesStart<'static>,
    /// Its elements as they are written.
    children: Vec<String>,
}

/// Whether an attribute of a description is a property, and neither a namespace nor RDF's or XML's own.
fn is_property(key: &[u8]) -> bool {
    !(key.starts_with(b"xmlns") || key.starts_with(b"xml:") || key.ends_with(b":about") || key == b"about")
}

/// A packet of the items for which `wanted` holds, with the name of an extended one.
fn packet_of(
    descriptions: &[Description],
    guid: Option<&str>,
    wanted: impl Fn(usize, usize, bool) -> bool,
) -> Option<Vec<u8>> {
    let mut out = format!("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"{}\">", schema::RDF).into_bytes();
    if let Some(guid) = guid {
        out.splice(..0, "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>".bytes());
        let note = format!(
            "<rdf:Description rdf:about=\"\" xmlns:xmpNote=\"{}\" xmpNote:HasExtendedXMP=\"{guid}\"/>",
            schema::NOTE
        );
        out.extend(note.bytes());
    }
    for (number, Description { tag, children }) in descriptions.iter().enumerate() {
        let mut own = BytesStart::new(std::str::from_utf8(tag.name().0).ok()?.to_owned());
        let mut properties = 0;
        for (item, attribute) in tag.attributes().enumerate() {
            let attribute = attribute.ok()?;
            let is_property = is_property(attribute.key.as_ref());
            if !is_property || wanted(number, item, true) {
                xmp::push(&mut own, attribute.key.0, &attribute.value);
                properties += usize::from(is_property);
            }
        }
        let children: Vec<&str> = children
            .iter()
            .enumerate()
            .filter(|(item, _)| wanted(number, *item, false))
            .map(|(_, c)| c.as_str())
            .collect();
        if properties + children.len() > 0 {
            element(&mut out, &own, &children);
        }
    }
    out.extend(b"</rdf:RDF></x:xmpmeta>");
    if guid.is_some() {
        out.extend(b"<?xpacket end=\"w\"?>");
    }
    Some(out)
}

fn element(out: &mut Vec<u8>, tag: &BytesStart<'_>, children: &[impl AsRef<str>]) {
    out.push(b'<');
    out.extend(tag.as_ref() as &[u8]);
    out.push(b'>');
    children.iter().for_each(|child| out.extend(child.as_ref().bytes()));
    out.extend(b"</");
    out.extend(tag.name().0);
    out.push(b'>');
}

/// The descriptions of a packet. Namespaces that are declared around them are declared in each.
fn descriptions(text: &str) -> Option<Vec<Description>> {
    let mut reader = NsReader::from_str(text);
    let mut found = Vec::new();
    let mut around: Vec<(String, String)> = Vec::new();
    let mut in_rdf = false;
    loop {
        let event = reader.read_event().ok()?;
        match event {
            Event::Start(start) if !in_rdf => {
                namespaces(&start, &mut around)?;
                let (space, local) = reader.resolver().resolve_element(start.name());
                in_rdf = matches!(space, ResolveResult::Bound(s) if s.0 == schema::RDF.as_bytes())
                    && local.as_ref() == b"RDF";
            }
            Event::Start(start) => {
                let tag = with_namespaces(&start, &around)?;
                let content = reader.read_text(start.name()).ok()?;
                found.push(Description { tag, children: elements(&content.decode().ok()?)? });
            }
            Event::Empty(start) if in_rdf => {
                found.push(Description { tag: with_namespaces(&start, &around)?, children: Vec::new() });
            }
            Event::End(_) if in_rdf => return Some(found),
            Event::DocType(_) | Event::Eof => return None,
            _ => {}
        }
    }
}

fn namespaces(start: &BytesStart<'_>, into: &mut Vec<(String, String)>) -> Option<()> {
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let key = std::str::from_utf8(attribute.key.0).ok()?.to_owned();
        if key.starts_with("xmlns") {
            into.retain(|(known, _)| *known != key);
            into.push((key, std::str::from_utf8(&attribute.value).ok()?.to_owned()));
        }
    }
    Some(())
}

/// The tag with the namespaces that are declared around it.
fn with_namespaces(start: &BytesStart<'_>, around: &[(String, String)]) -> Option<BytesStart<'static>> {
    let mut own = Vec::new();
    namespaces(start, &mut own)?;
    let mut tag = BytesStart::new(std::str::from_utf8(start.name().0).ok()?.to_owned());
    for (key, value) in around.iter().filter(|(key, _)| own.iter().all(|(other, _)| other != key)) {
        xmp::push(&mut tag, key.as_bytes(), value.as_bytes());
    }
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        xmp::push(&mut tag, attribute.key.0, &attribute.value);
    }
    Some(tag)
}

/// The elements of a description as they are written.
fn elements(content: &str) -> Option<Vec<String>> {
    let mut reader = Reader::from_str(content);
    let mut found = Vec::new();
    let mut begin = 0;
    loop {
        let event = reader.read_event().ok()?;
        let end = |reader: &Reader<&[u8]>| usize::try_from(reader.buffer_position()).ok();
        match event {
            Event::Start(start) => {
                reader.read_to_end(start.name()).ok()?;
                found.push(content.get(begin..end(&reader)?)?.to_owned());
            }
            Event::Empty(_) => found.push(content.get(begin..end(&reader)?)?.to_owned()),
            Event::Eof => return Some(found),
            _ => {}
        }
        begin = end(&reader)?;
    }
}

/// Where the end tag of `rdf:RDF` begins.
fn end_of_rdf(text: &str) -> Option<usize> {
    let mut reader = NsReader::from_str(text);
    loop {
        let begin = usize::try_from(reader.buffer_position()).ok()?;
        match reader.read_event().ok()? {
            Event::End(end) if xmp::is(&reader, end.name(), schema::RDF, "RDF") => return Some(begin),
            Event::DocType(_) | Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet with one small and two large properties, one of them an attribute whose namespace is declared above.
    fn packet() -> String {
        let (long, more) = ("x".repeat(3000), "y".repeat(2000));
        format!(
            "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:g='urn:g'>\
             <r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
             <r:Description r:about='' xmlns:d='urn:d' g:Data='{more}' d:Small='1 &lt; 2'>\n <d:Long>{long}</d:Long>\
             <d:List><r:Bag><r:li>one</r:li></r:Bag></d:List></r:Description></r:RDF></x:xmpmeta>{}<?xpacket end='w'?>",
            " ".repeat(2000)
        )
    }

    #[test]
    fn what_is_split_is_joined_again() {
        let packet = packet();
        let Split { standard, extended, guid: name } = split(packet.as_bytes(), 2000).unwrap();
        assert!(standard.len() <= 2000, "{}", standard.len());
        assert_eq!(guid(&standard).as_deref(), Some(name.as_str()));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text(&standard).contains("d:Small=\"1 &lt; 2\"") && text(&standard).contains("one"));
        assert!(text(&extended).contains("<d:Long>xxx") && text(&extended).contains("g:Data=\"yyy"));
        assert!(text(&extended).contains("xmlns:g=\"urn:g\""), "the namespace comes along");
        let joined = text(&join(&standard, &extended).unwrap());
        for part in ["<d:Long>xxx", "g:Data=\"yyy", "d:Small", "one"] {
            assert_eq!(joined.matches(part).count(), 1, "{part}");
        }
        // It is XML still, and the reference goes when it is edited.
        let edited = text(&xmp::XmpEdit::default().apply(Some(joined.as_bytes())).unwrap());
        assert!(!edited.contains("HasExtended") && edited.contains("xxx"));
    }

    #[test]
    fn what_does_not_fit_or_is_no_packet_is_refused() {
        assert_eq!(split(packet().as_bytes(), 100), None);
        assert_eq!(join(b"<x>", b"<y>"), None);
        let packet = packet();
        for cut in (0..packet.len()).step_by(13) {
            let _ = (split(&packet.as_bytes()[..cut], 100), join(packet.as_bytes(), &packet.as_bytes()[..cut]));
        }
        assert_eq!(guid(b"xmpNote:HasExtendedXMP='0D6B7E9AF3235CA17673B46BA9D0681C'").unwrap().len(), 32);
        assert_eq!(guid(b"<n:HasExtendedXMP>0D6B</n:HasExtendedXMP>"), None);
    }
}
