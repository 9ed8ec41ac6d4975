//! XMP packets as a tree, for properties that are more than a text: structures and arrays in any of the forms that RDF
//! allows (ISO 16684-1, 7.9). What is not looked at is written again as it was.

use std::borrow::Cow;

use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, Writer};

use crate::xmp::schema::RDF;

/// The namespaces that XML itself has: of attributes such as `xml:lang`, and of declarations.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
/// Elements within each other; more is damage.
const DEEPEST: usize = 64;

/// A packet: what stands before, in and after its root element.
pub(crate) struct Packet {
    nodes: Vec<Node>,
}

enum Node {
    Element(Element),
    Other(Event<'static>),
}

/// A name with the schema that its prefix stands for.
struct Name {
    qualified: String,
    space: String,
    local: String,
}

impl Name {
    fn is(&self, space: &str, local: &str) -> bool {
        self.space == space && self.local == local
    }
}

struct Attribute {
    name: Name,
    /// As it is written.
    escaped: String,
}

/// An element with its content.
pub(crate) struct Element {
    name: Name,
    attributes: Vec<Attribute>,
    nodes: Vec<Node>,
}

fn name(found: &ResolveResult<'_>, qualified: &[u8]) -> Option<Name> {
    let space = match found {
        ResolveResult::Bound(space) => std::str::from_utf8(space.0).ok()?.to_owned(),
        _ => String::new(),
    };
    let qualified = std::str::from_utf8(qualified).ok()?.to_owned();
    let local = qualified.rsplit(':').next().unwrap_or_default().to_owned();
    Some(Name { qualified, space, local })
}

impl Packet {
    /// Parses a packet; `None` if it is no XML in UTF-8, or of no sane depth.
    pub(crate) fn parse(packet: &[u8]) -> Option<Self> {
        let mut reader = NsReader::from_str(std::str::from_utf8(packet).ok()?.trim_end_matches('\0'));
        reader.config_mut().check_end_names = true;
        let mut open: Vec<Element> = Vec::new();
        let mut nodes = Vec::new();
        loop {
            let event = reader.read_event().ok()?;
            let done = match event {
                Event::Start(start) => {
                    if open.len() == DEEPEST {
                        return None;
                    }
                    open.push(Element::of(&reader, &start)?);
                    continue;
                }
                Event::End(_) => Node::Element(open.pop()?),
                Event::Empty(start) => Node::Element(Element::of(&reader, &start)?),
                // Custom entities are not allowed in XMP, and could make a small file expand without bounds.
                Event::DocType(_) => return None,
                Event::Eof => break,
                other => Node::Other(other.into_owned()),
            };
            open.last_mut().map_or(&mut nodes, |parent| &mut parent.nodes).push(done);
        }
        open.is_empty().then_some(Self { nodes })
    }

    /// Serialises the packet.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut writer = Writer::new(Vec::new());
        write(&self.nodes, &mut writer)?;
        Some(writer.into_inner())
    }

    /// The elements whose attributes and children are properties of the picture.
    pub(crate) fn descriptions(&mut self) -> impl Iterator<Item = &mut Element> {
        let mut found = Vec::new();
        let mut next: Vec<&mut Element> = elements_mut(&mut self.nodes).collect();
        while let Some(element) = next.pop() {
            if element.name.is(RDF, "RDF") {
                found.extend(elements_mut(&mut element.nodes).filter(|e| e.name.is(RDF, "Description")));
            } else {
                next.extend(elements_mut(&mut element.nodes));
            }
        }
        found.into_iter()
    }
}

fn elements_mut(nodes: &mut [Node]) -> impl Iterator<Item = &mut Element> {
    nodes.iter_mut().filter_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Other(_) => None,
    })
}

fn write(nodes: &[Node], writer: &mut Writer<Vec<u8>>) -> Option<()> {
    for node in nodes {
        let element = match node {
            Node::Other(event) => {
                writer.write_event(event.borrow()).ok()?;
                continue;
            }
            Node::Element(element) => element,
        };
        let mut start = BytesStart::new(element.name.qualified.as_str());
        for Attribute { name, escaped } in &element.attributes {
            start.push_attribute((name.qualified.as_bytes(), escaped.as_bytes()));
        }
        if element.nodes.is_empty() {
            writer.write_event(Event::Empty(start)).ok()?;
        } else {
            writer.write_event(Event::Start(start)).ok()?;
            write(&element.nodes, writer)?;
            writer.write_event(Event::End(BytesEnd::new(element.name.qualified.as_str()))).ok()?;
        }
    }
    Some(())
}

impl Element {
    fn of(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Option<Self> {
        let resolver = reader.resolver();
        let (space, _) = resolver.resolve_element(start.name());
        let mut element = Self { name: name(&space, start.name().0)?, attributes: Vec::new(), nodes: Vec::new() };
        // Comparing each with all others would take long in a malicious packet.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.ok()?;
            let (space, _) = resolver.resolve_attribute(attribute.key);
            element.attributes.push(Attribute {
                name: name(&space, attribute.key.0)?,
                escaped: std::str::from_utf8(&attribute.value).ok()?.to_owned(),
            });
        }
        Some(element)
    }

    /// The names of all properties that are written here: schema and local name.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let attributes = self.attributes.iter().map(|attribute| &attribute.name);
        let children = self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(&element.name),
            Node::Other(_) => None,
        });
        attributes.chain(children).map(|name| (name.space.as_str(), name.local.as_str()))
    }

    /// The properties that are written here, by the names that the packet uses, with their values: the items of an array
    /// one after the other, of a structure how many fields it has.
    pub(crate) fn properties(&self) -> impl Iterator<Item = (&str, String)> {
        let is_property = |name: &&Name| name.space != RDF && !matches!(name.space.as_str(), "" | XML | XMLNS);
        let attributes = self.attributes.iter().filter(move |attribute| is_property(&&attribute.name));
        let attributes = attributes.map(|attribute| {
            let value = unescape(&attribute.escaped).map_or_else(|_| attribute.escaped.clone(), Cow::into_owned);
            (attribute.name.qualified.as_str(), value)
        });
        let children = self.elements().filter(move |element| is_property(&&element.name));
        attributes.chain(children.map(|element| (element.name.qualified.as_str(), element.value_text())))
    }

    fn elements(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Other(_) => None,
        })
    }

    fn value_text(&self) -> String {
        if self.elements().next().is_none()
            && self.attributes.iter().all(|a| matches!(a.name.space.as_str(), RDF | XML))
        {
            return self.text();
        }
        let items = self.elements().filter(|list| list.name.space == RDF).flat_map(Self::elements);
        let items: Vec<String> = items.filter(|item| item.name.is(RDF, "li")).map(Self::value_text).collect();
        if !items.is_empty() {
            return items.join("; ");
        }
        let description = self.elements().find(|element| element.name.is(RDF, "Description")).unwrap_or(self);
        match description.properties().count() {
            1 => "1 field".to_owned(),
            fields => format!("{fields} fields"),
        }
    }

    /// Removes properties by schema and local name; returns how many.
    pub(crate) fn remove(&mut self, gone: &dyn Fn(&str, &str) -> bool) -> usize {
        let gone = |name: &Name| gone(&name.space, &name.local);
        let before = self.attributes.len() + self.nodes.len();
        self.attributes.retain(|attribute| !gone(&attribute.name));
        self.nodes.retain(|node| !matches!(node, Node::Element(element) if gone(&element.name)));
        before - self.attributes.len() - self.nodes.len()
    }

    /// The element of a property.
    pub(crate) fn child(&mut self, space: &str, local: &str) -> Option<&mut Self> {
        elements_mut(&mut self.nodes).find(|element| element.name.is(space, local))
    }

    /// The value of a structure, whose fields stand in the property's element itself or in a description within it.
    pub(crate) fn structure(&mut self) -> &mut Self {
        let within = self.nodes.iter().position(|n| matches!(n, Node::Element(e) if e.name.is(RDF, "Description")));
        let Some(at) = within else { return self };
        match &mut self.nodes[at] {
            Node::Element(description) => description,
            Node::Other(_) => unreachable!("an element was found there"),
        }
    }

    /// The items of an array: those of the `Bag`, `Seq` or `Alt` within.
    pub(crate) fn items(&mut self) -> Vec<&mut Self> {
        let lists = elements_mut(&mut self.nodes).filter(|e| e.name.space == RDF);
        lists.flat_map(|list| elements_mut(&mut list.nodes).filter(|e| e.name.is(RDF, "li"))).collect()
    }

    /// Keeps only some items of an array, in order.
    pub(crate) fn keep_items(&mut self, mut keep: impl FnMut(&mut Self) -> bool) {
        for list in elements_mut(&mut self.nodes).filter(|e| e.name.space == RDF) {
            list.nodes.retain_mut(|node| match node {
                Node::Element(element) if element.name.is(RDF, "li") => keep(element),
                _ => true,
            });
        }
    }

    /// The text of the element.
    pub(crate) fn text(&self) -> String {
        let text = self.nodes.iter().filter_map(|node| match node {
            Node::Other(Event::Text(text)) => Some(Cow::from(std::str::from_utf8(text).ok()?)),
            Node::Other(Event::CData(text)) => Some(Cow::from(std::str::from_utf8(text).ok()?)),
            Node::Other(Event::GeneralRef(name)) => {
                Some(Cow::from(unescape(&format!("&{};", std::str::from_utf8(name).ok()?)).ok()?.into_owned()))
            }
            _ => None,
        });
        text.collect::<String>().trim().to_owned()
    }

    /// Replaces the content by a text.
    pub(crate) fn set_text(&mut self, text: &str) {
        self.nodes = vec![Node::Other(Event::Text(BytesText::from_escaped(escape(text)).into_owned()))];
    }

    /// The value of a simple property, in either of its forms.
    pub(crate) fn value(&self, space: &str, local: &str) -> Option<String> {
        let attribute = self.attributes.iter().find(|a| a.name.is(space, local));
        if let Some(Attribute { escaped, .. }) = attribute {
            return Some(unescape(escaped).ok()?.into_owned());
        }
        self.nodes.iter().find_map(|node| match node {
            Node::Element(element) if element.name.is(space, local) => Some(element.text()),
            _ => None,
        })
    }

    /// The value of a simple property as a number.
    pub(crate) fn number(&self, space: &str, local: &str) -> Option<f64> {
        self.value(space, local)?.trim().parse().ok().filter(|v: &f64| v.is_finite())
    }

    /// Changes the value of a simple property that is there; returns whether it is.
    pub(crate) fn replace(&mut self, space: &str, local: &str, value: &str) -> bool {
        if let Some(attribute) = self.attributes.iter_mut().find(|a| a.name.is(space, local)) {
            attribute.escaped = escape(value).into_owned();
            return true;
        }
        let child = self.child(space, local);
        child.map(|element| element.set_text(value)).is_some()
    }

    /// Sets a simple property, which is added as an element with this prefix where it is missing.
    pub(crate) fn set(&mut self, prefix: &str, space: &str, local: &str, value: &str) {
        if self.replace(space, local, value) {
            return;
        }
        let named = |qualified: String, space: &str, local: &str| Name {
            qualified,
            space: space.to_owned(),
            local: local.to_owned(),
        };
        let declaration =
            Attribute { name: named(format!("xmlns:{prefix}"), "", prefix), escaped: escape(space).into_owned() };
        let mut element = Self {
            name: named(format!("{prefix}:{local}"), space, local),
            attributes: vec![declaration],
            nodes: Vec::new(),
        };
        element.set_text(value);
        self.nodes.push(Node::Element(element));
    }

    /// Adds XML that is well formed by itself and declares its own prefixes.
    pub(crate) fn append(&mut self, xml: &str) {
        if let Some(Packet { nodes }) = Packet::parse(xml.as_bytes()) {
            self.nodes.extend(nodes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: &str = "urn:test";

    fn packet(content: &str) -> Packet {
        let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
        let xml = format!(
            "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='{rdf}' xmlns:t='{SPACE}'>\
             {content}</rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
        );
        Packet::parse(xml.as_bytes()).unwrap()
    }

    #[test]
    fn what_is_not_changed_is_written_as_it_was() {
        let text = "<a:x xmlns:a=\"urn:a\" a:y=\"1 &amp; 2\"> <!-- c --><a:z>t&lt;&#65;</a:z><a:e/></a:x>\n<?end?>";
        assert_eq!(Packet::parse(text.as_bytes()).unwrap().to_bytes().unwrap(), text.as_bytes());
    }

    #[test]
    fn structures_and_arrays_are_found_in_every_form() {
        for form in [
            "<rdf:Description><t:s rdf:parseType='Resource'><t:v>7</t:v></t:s></rdf:Description>",
            "<rdf:Description><t:s><rdf:Description><t:v>7</t:v></rdf:Description></t:s></rdf:Description>",
            "<rdf:Description><t:s><rdf:Description t:v='7'/></t:s></rdf:Description>",
            "<rdf:Description><t:s t:v='7'/></rdf:Description>",
        ] {
            let mut packet = packet(form);
            let structure = packet.descriptions().next().unwrap().child(SPACE, "s").unwrap().structure();
            assert_eq!(structure.number(SPACE, "v"), Some(7.0), "{form}");
            assert!(structure.replace(SPACE, "v", "8<"));
            structure.set("t", SPACE, "new", "9");
            let bytes = packet.to_bytes().unwrap();
            let mut again = Packet::parse(&bytes).unwrap();
            let structure = again.descriptions().next().unwrap().child(SPACE, "s").unwrap().structure();
            assert_eq!(structure.number(SPACE, "new"), Some(9.0));
        }
        let mut packet = packet(
            "<rdf:Description><t:l><rdf:Bag><rdf:li>1</rdf:li><rdf:li>2</rdf:li></rdf:Bag></t:l></rdf:Description>",
        );
        let list = packet.descriptions().next().unwrap().child(SPACE, "l").unwrap();
        list.keep_items(|item| item.text() == "2");
        assert_eq!(list.items().len(), 1);
    }

    #[test]
    fn hostile_packets_are_refused() {
        for text in ["<a>", "</a>", "<a></b>", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", &"<a>".repeat(100_000)] {
            assert!(Packet::parse(text.as_bytes()).is_none(), "{}", &text[..text.len().min(40)]);
        }
        assert!(Packet::parse(b"\xff").is_none());
    }
}
