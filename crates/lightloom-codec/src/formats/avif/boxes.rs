//! Exif data, XMP, a colour profile and a gain map put into an encoded AVIF file: items that describe the picture or make
//! another of it, and a property of it (ISO/IEC 23008-12, 6.5.5, 6.6.2 and annex A; ISO/IEC 14496-12, 8.11).

use heifer_isobmff::boxes::{
    ConstructionMethod, ItemLocation, PropertyAssociation, parse_item_infos, parse_item_locations, parse_primary_item,
    parse_property_associations,
};
use heifer_isobmff::{BoxIter, RawBox};

use super::gain_map;
use crate::Encoded;
use lightloom_picture::Metadata;

pub(super) fn embed(Encoded { bytes, notes }: &mut Encoded, metadata: &Metadata) {
    let mut items = Vec::new();
    if let Some(map) = &metadata.gain_map {
        match gain_map::items(bytes, map, metadata.icc.is_some()) {
            Ok(of_map) => items.extend(of_map),
            Err(why) => notes.push(format!("the gain map is left out: {why}")),
        }
    }
    if let Some(exif) = &metadata.exif {
        // In front of the data stands how far behind that their header begins.
        items.push(NewItem::describing(*b"Exif", None, [&[0; 4][..], exif].concat()));
    }
    if let Some(xmp) = &metadata.xmp {
        items.push(NewItem::describing(*b"mime", Some("application/rdf+xml"), xmp.clone()));
    }
    if items.is_empty() && metadata.icc.is_none() {
        return;
    }
    match with(bytes, &items, metadata.icc.as_deref()) {
        Some(file) => *bytes = file,
        None => notes.push("the metadata do not fit into this AVIF file".to_owned()),
    }
}

/// An item that the file gets.
pub(super) struct NewItem {
    pub kind: [u8; 4],
    pub content_type: Option<&'static str>,
    pub data: Vec<u8>,
    pub role: Role,
    /// Boxes of the properties that it has.
    pub properties: Vec<NewProperty>,
}

/// What an item is to the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It describes the picture.
    Describes,
    /// It is shown only as a part of the next item.
    Input,
    /// It makes another picture of this one and of the item in front of it.
    Alternative,
}

pub(super) struct NewProperty {
    pub property: Vec<u8>,
    /// Whether who does not know it may not show the item.
    pub essential: bool,
}

impl NewItem {
    fn describing(kind: [u8; 4], content_type: Option<&'static str>, data: Vec<u8>) -> Self {
        Self { kind, content_type, data, role: Role::Describes, properties: Vec::new() }
    }
}

/// The file with these items and this profile; `None` if it is not as encoders write it.
fn with(file: &[u8], items: &[NewItem], icc: Option<&[u8]>) -> Option<Vec<u8>> {
    let boxes: Vec<RawBox<'_>> = BoxIter::new(file).collect::<Result<_, _>>().ok()?;
    let meta = boxes.iter().find(|b| b.header.box_type.0 == *b"meta")?;
    let begin = meta.content.as_ptr().addr() - file.as_ptr().addr() - 8;
    let end = begin + 8 + meta.content.len();
    // A box that goes on to the end of the file, whatever follows, lets nothing follow.
    if file.get(begin + 4..begin + 8)? != b"meta" || boxes.iter().any(|b| b.header.size.is_none()) {
        return None;
    }
    let old = Meta::read(meta.content)?;
    // How long the box becomes does not depend on where the data stand.
    let length = old.write(items, icc, 0, 0)?.len();
    let mut out = file[..begin].to_vec();
    if items.iter().any(|item| item.role == Role::Alternative) {
        add_brand(&mut out, *b"tmap")?;
    }
    let growth = (out.len() + length).checked_sub(end)?;
    // Behind all that was there, in a box of their own.
    let data_at = file.len() + growth + 8;
    out.extend(old.write(items, icc, growth, data_at)?);
    out.extend(&file[end..]);
    if !items.is_empty() {
        out.extend(boxed(b"mdat", &items.iter().map(|item| item.data.as_slice()).collect::<Vec<_>>()));
    }
    u32::try_from(out.len()).is_ok().then_some(out)
}

/// Adds a brand to those that the file is compatible with, which its first box lists.
fn add_brand(head: &mut Vec<u8>, brand: [u8; 4]) -> Option<()> {
    let (length, rest) = head.split_first_chunk::<4>()?;
    let end = u32::from_be_bytes(*length);
    if !rest.starts_with(b"ftyp") || head.len() < end as usize {
        return None;
    }
    head.splice(end as usize..end as usize, brand);
    head[..4].copy_from_slice(&(end + 4).to_be_bytes());
    Some(())
}

/// The boxes of a `meta` box.
struct Meta<'a> {
    content: &'a [u8],
    boxes: Vec<RawBox<'a>>,
    primary: u16,
    /// The first number that no item has.
    next: u16,
}

impl<'a> Meta<'a> {
    fn read(content: &'a [u8]) -> Option<Self> {
        let boxes: Vec<RawBox<'_>> = BoxIter::new(content.get(4..)?).collect::<Result<_, _>>().ok()?;
        let of = |kind: &[u8; 4]| boxes.iter().find(|b| b.header.box_type.0 == *kind).map(|b| b.content);
        let primary = u16::try_from(parse_primary_item(of(b"pitm")?).ok()?).ok()?;
        let last = parse_item_infos(of(b"iinf")?).ok()?.iter().map(|item| item.id).max()?;
        let next = u16::try_from(last).ok()?.checked_add(1)?;
        // What is added to must be there; references need not be.
        (of(b"iloc").is_some() && of(b"iprp").is_some()).then_some(Self { content, boxes, primary, next })
    }

    /// The box with new items, whose data begin at `data_at`; everything behind it moved by `growth`.
    fn write(&self, items: &[NewItem], icc: Option<&[u8]>, growth: usize, data_at: usize) -> Option<Vec<u8>> {
        let mut parts = vec![self.content[..4].to_vec()];
        let mut has_references = false;
        for part in &self.boxes {
            let content = part.content;
            parts.push(match &part.header.box_type.0 {
                b"iinf" => self.infos(content, items)?,
                b"iloc" => self.locations(content, items, growth, data_at)?,
                b"iref" => {
                    has_references = true;
                    boxed(b"iref", &[content, &self.references(items)])
                }
                b"iprp" => self.properties(content, icc, items)?,
                other => boxed(other, &[content]),
            });
        }
        if !has_references && !items.is_empty() {
            parts.push(boxed(b"iref", &[&[0; 4], &self.references(items)]));
        }
        if let Some((number, _)) = self.numbered(items).find(|(_, item)| item.role == Role::Alternative) {
            // Whoever can shows it in place of the picture. Groups have numbers that no item has.
            let group = u32::from(self.next).checked_add(u32::try_from(items.len()).ok()?)?;
            let numbers = [group, 2, number.into(), self.primary.into()].map(u32::to_be_bytes);
            parts.push(boxed(b"grpl", &[&boxed(b"altr", &[&[0; 4], numbers.as_flattened()])]));
        }
        Some(boxed(b"meta", &parts.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }

    /// New items with their numbers.
    fn numbered<'i>(&self, items: &'i [NewItem]) -> impl Iterator<Item = (u16, &'i NewItem)> {
        (self.next..).zip(items)
    }

    fn infos(&self, content: &[u8], items: &[NewItem]) -> Option<Vec<u8>> {
        // Version 0, which counts to 65,535.
        let (head, rest) = content.split_first_chunk::<6>()?;
        let [0, _, _, _, high, low] = *head else { return None };
        let count = u16::from_be_bytes([high, low]).checked_add(items.len() as u16)?;
        let new: Vec<u8> = self
            .numbered(items)
            .flat_map(|(number, item)| {
                let kind = item.content_type.map_or_else(Vec::new, |kind| [kind.as_bytes(), &[0]].concat());
                // Version 2; protected by nothing, without a name.
                let hidden = u8::from(item.role == Role::Input);
                boxed(b"infe", &[&[2, 0, 0, hidden], &number.to_be_bytes(), &[0, 0], &item.kind, &[0], &kind])
            })
            .collect();
        Some(boxed(b"iinf", &[&head[..4], &count.to_be_bytes(), rest, &new]))
    }

    fn locations(&self, content: &[u8], items: &[NewItem], growth: usize, data_at: usize) -> Option<Vec<u8>> {
        let old = parse_item_locations(content).ok()?;
        // Version 0 knows data in the file only; offsets and lengths of 4 bytes without a common base.
        let simple = old.iter().all(|item| item.construction_method == ConstructionMethod::File);
        let version = if simple { 0 } else { 1 };
        let mut out = vec![version, 0, 0, 0, 0x44, 0];
        out.extend(u16::try_from(old.len() + items.len()).ok()?.to_be_bytes());
        let begin = |out: &mut Vec<u8>, number: u16, method: u16, extents: u16| {
            out.extend(number.to_be_bytes());
            if !simple {
                out.extend(method.to_be_bytes());
            }
            // In this file.
            out.extend([0, 0]);
            out.extend(extents.to_be_bytes());
        };
        for ItemLocation { id, construction_method, extents } in &old {
            let (method, growth) = match construction_method {
                ConstructionMethod::File => (0, growth),
                ConstructionMethod::Idat => (1, 0),
                ConstructionMethod::Item => return None,
            };
            begin(&mut out, u16::try_from(*id).ok()?, method, u16::try_from(extents.len()).ok()?);
            for extent in extents {
                out.extend(u32::try_from(extent.offset.checked_add(growth as u64)?).ok()?.to_be_bytes());
                out.extend(u32::try_from(extent.length).ok()?.to_be_bytes());
            }
        }
        let mut at = u32::try_from(data_at).ok()?;
        for (number, item) in self.numbered(items) {
            begin(&mut out, number, 0, 1);
            let length = u32::try_from(item.data.len()).ok()?;
            out.extend(at.to_be_bytes());
            out.extend(length.to_be_bytes());
            at = at.checked_add(length)?;
        }
        Some(boxed(b"iloc", &[&out]))
    }

    /// References from new items to the picture that they describe or make another of.
    fn references(&self, items: &[NewItem]) -> Vec<u8> {
        let reference = |(number, item): (u16, &NewItem)| {
            let numbers = |all: &[u16]| all.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
            match item.role {
                Role::Describes => boxed(b"cdsc", &[&numbers(&[number, 1, self.primary])]),
                Role::Alternative => boxed(b"dimg", &[&numbers(&[number, 2, self.primary, number - 1])]),
                Role::Input => Vec::new(),
            }
        };
        self.numbered(items).flat_map(reference).collect()
    }

    /// The properties with a profile of the picture and those of new items.
    fn properties(&self, content: &[u8], icc: Option<&[u8]>, items: &[NewItem]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut first = 0;
        for part in BoxIter::new(content) {
            let part = part.ok()?;
            match &part.header.box_type.0 {
                b"ipco" => {
                    first = u16::try_from(BoxIter::new(part.content).count() + 1).ok()?;
                    let mut all = part.content.to_vec();
                    all.extend(icc.map_or_else(Vec::new, |icc| boxed(b"colr", &[b"prof", icc])));
                    let new = items.iter().flat_map(|item| &item.properties);
                    new.for_each(|new| all.extend_from_slice(&new.property));
                    out.push(boxed(b"ipco", &[&all]));
                }
                b"ipma" => out.push(self.associations(part.content, first, icc.is_some(), items)?),
                other => out.push(boxed(other, &[part.content])),
            }
        }
        (first > 0).then(|| boxed(b"iprp", &out.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }

    /// Which items have which properties; the new ones are numbered from `first`.
    fn associations(&self, content: &[u8], first: u16, profile: bool, items: &[NewItem]) -> Option<Vec<u8>> {
        let mut all = parse_property_associations(content).ok()?;
        let mut numbers = first..;
        if profile {
            let own = all.iter_mut().find(|(item, _)| *item == u32::from(self.primary))?;
            own.1.push(PropertyAssociation { index: numbers.next()?, essential: false });
        }
        for (number, item) in self.numbered(items).filter(|(_, item)| !item.properties.is_empty()) {
            let list = item.properties.iter().zip(&mut numbers);
            let list = list.map(|(new, index)| PropertyAssociation { index, essential: new.essential });
            all.push((number.into(), list.collect()));
        }
        // Numbers of properties take 7 bits or 15.
        let wide = all.iter().flat_map(|(_, list)| list).any(|association| association.index > 0x7f);
        let mut out = vec![0, 0, 0, u8::from(wide)];
        out.extend((all.len() as u32).to_be_bytes());
        for (item, list) in &all {
            out.extend(u16::try_from(*item).ok()?.to_be_bytes());
            out.push(u8::try_from(list.len()).ok()?);
            for PropertyAssociation { index, essential } in list {
                if wide {
                    out.extend((index | u16::from(*essential) << 15).to_be_bytes());
                } else {
                    out.push(*index as u8 | u8::from(*essential) << 7);
                }
            }
        }
        Some(boxed(b"ipma", &[&out]))
    }
}

pub(super) fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut out = (length as u32).to_be_bytes().to_vec();
    out.extend(kind);
    parts.iter().for_each(|part| out.extend(*part));
    out
}
