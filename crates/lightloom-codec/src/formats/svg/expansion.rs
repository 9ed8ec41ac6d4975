//! How much a drawing becomes once its references are resolved: each `use` copies what it refers to, and those copies may
//! hold others.
//!
//! The elements and what they say are counted before they are copied. References to themselves count nothing: the
//! renderer leaves them out.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{self, Document, Node, NodeId};

use crate::{CodecError, Limits};

/// Elements and texts of a file, before copies.
pub(super) const MOST_NODES: u32 = 2_000_000;

/// Levels of elements within one another, copies included. The renderer has a stack to itself that takes this many.
const MOST_LEVELS: u32 = 512;

/// Bytes of memory for an element, beside what it says.
const ELEMENT: u64 = 800;

/// Bytes of memory for each byte of coordinates: points of paths are floats.
const COORDINATES: u64 = 6;

/// Bytes of memory for each byte of a text, whose letters become paths.
const LETTERS: u64 = 400;

/// The memory for a drawing's elements, an estimate in bytes.
///
/// # Errors
/// If it is over the limit of decoded bytes, or too many levels lie within one another.
pub(super) fn bytes(drawing: &Document<'_>, limits: &Limits) -> Result<u64, CodecError> {
    let named = drawing.descendants().filter_map(|node| Some((node.attribute("id")?, node))).collect();
    let mut count = Count { named, known: HashMap::new(), open: Vec::new(), marker: None };
    // A drawing may put any of its markers at each point of a path, so the largest counts.
    let mut marker = 0;
    for node in drawing.descendants().filter(|node| node.has_tag_name((SVG, "marker"))) {
        marker = count.expanded(node, Within::default())?.bytes.max(marker);
    }
    count.known.clear();
    count.marker = (marker > 0).then_some(marker);
    let Expanded { bytes, .. } = count.expanded(drawing.root_element(), Within::default())?;
    if bytes > limits.decoded_bytes {
        return Err(CodecError::OverLimit(format!(
            "with all copies that it makes of its own parts the drawing would take {} MiB, and {} MiB are allowed",
            bytes >> 20,
            limits.decoded_bytes >> 20
        )));
    }
    Ok(bytes)
}

/// The namespace of drawings.
const SVG: &str = "http://www.w3.org/2000/svg";

/// An element with everything below it.
#[derive(Clone, Copy)]
struct Expanded {
    bytes: u64,
    levels: u32,
}

/// What an element inherits.
#[derive(Clone, Copy, Default)]
struct Within {
    text: bool,
    /// Whether paths have markers at their points.
    marked: bool,
}

struct Count<'a, 'input> {
    named: HashMap<&'a str, Node<'a, 'input>>,
    known: HashMap<NodeId, Expanded>,
    /// The elements that are being counted, each within the one before.
    open: Vec<NodeId>,
    /// Bytes of the largest marker, if there is any.
    marker: Option<u64>,
}

impl<'a, 'input> Count<'a, 'input> {
    fn expanded(&mut self, node: Node<'a, 'input>, within: Within) -> Result<Expanded, CodecError> {
        if node.is_text() {
            let each = if within.text { LETTERS } else { 1 };
            return Ok(Expanded { bytes: each.saturating_mul(node.text().map_or(0, str::len) as u64), levels: 0 });
        }
        if let Some(known) = self.known.get(&node.id()) {
            return self.fitting(*known);
        }
        self.fitting(Expanded { bytes: 0, levels: 0 })?;
        let name = node.tag_name().name();
        let is_marked = |attribute: &roxmltree::Attribute<'_, '_>| {
            attribute.name().starts_with("marker-")
                || attribute.name() == "style" && attribute.value().contains("marker")
        };
        let within = Within {
            text: within.text || name == "text",
            marked: within.marked || node.attributes().any(|attribute| is_marked(&attribute)),
        };
        let mut sum = Expanded { bytes: ELEMENT + self.attributes(node, within), levels: 0 };
        self.open.push(node.id());
        let copied = node.attributes().find(|a| name == "use" && a.name() == "href").and_then(|a| {
            let target = *self.named.get(a.value().trim().strip_prefix('#')?)?;
            (!self.open.contains(&target.id())).then_some(target)
        });
        for child in node.children().chain(copied) {
            let Expanded { bytes, levels } = self.expanded(child, within)?;
            sum = Expanded { bytes: sum.bytes.saturating_add(bytes), levels: sum.levels.max(levels) };
        }
        self.open.pop();
        sum.levels += 1;
        self.known.insert(node.id(), sum);
        self.fitting(sum)
    }

    /// What an element says, and the markers at its points.
    fn attributes(&self, node: Node<'_, '_>, within: Within) -> u64 {
        let of = |attribute: roxmltree::Attribute<'_, '_>| {
            let value = attribute.value();
            if !matches!(attribute.name(), "d" | "points") {
                return value.len() as u64;
            }
            // Two numbers make a point, each with a letter, a sign or a space in front.
            let points = value.bytes().filter(|byte| !byte.is_ascii_digit() && *byte != b'.').count() as u64 / 2 + 2;
            let markers = self.marker.filter(|_| within.marked).map_or(0, |bytes| bytes.saturating_mul(points));
            (COORDINATES * value.len() as u64).saturating_add(markers)
        };
        node.attributes().map(of).fold(0, u64::saturating_add)
    }

    /// The same, if its place is not too deep.
    fn fitting(&self, found: Expanded) -> Result<Expanded, CodecError> {
        if self.open.len() as u32 + found.levels >= MOST_LEVELS {
            return Err(too_deep());
        }
        Ok(found)
    }
}

/// A drawing whose elements lie too deep in one another.
fn too_deep() -> CodecError {
    CodecError::OverLimit(format!("more than {MOST_LEVELS} elements of the drawing lie within one another"))
}
