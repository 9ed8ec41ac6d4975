//! Image regions of IPTC (Photo Metadata Standard 2019.1 and later): rectangles, circles and polygons.

use super::regions::Tally;
use super::{decimal, in_shares};
use crate::xmp::schema::IPTC_EXT;
use crate::xmp_tree::Element;
use crate::{Area, Geometry};

/// What the packet holds if there are any.
pub(super) const BOUNDARY: &str = "RegionBoundary";

/// Takes regions along; those that lie outside of the result are removed.
pub(super) fn follow(description: &mut Element, geometry: &Geometry, tally: &mut Tally) {
    let Some(regions) = description.child(IPTC_EXT, "ImageRegion") else { return };
    regions.keep_items(|region| {
        let region = region.structure();
        // A region without a boundary is the whole picture.
        let Some(boundary) = region.child(IPTC_EXT, BOUNDARY) else { return true };
        tally.count(moved(boundary.structure(), geometry).is_some())
    });
    if regions.items().is_empty() {
        description.remove(&|space, local| (space, local) == (IPTC_EXT, "ImageRegion"));
    }
}

/// Changes a boundary; `None` if it no longer lies in the picture or is of an unknown shape.
fn moved(boundary: &mut Element, geometry: &Geometry) -> Option<()> {
    let in_pixels = boundary.value(IPTC_EXT, "rbUnit").is_some_and(|unit| unit == "pixel");
    if geometry.is_scaling() && !in_pixels {
        return Some(());
    }
    let through = |area: Area| if in_pixels { geometry.area(area) } else { in_shares(geometry, area) };
    let number = |element: &Element, name: &str| element.number(IPTC_EXT, name);
    match boundary.value(IPTC_EXT, "rbShape")?.as_str() {
        "rectangle" => {
            let [left, top, width, height] = ["rbX", "rbY", "rbW", "rbH"].map(|name| number(boundary, name));
            let area = through(Area { left: left?, top: top?, width: width?, height: height? })?;
            for (name, value) in [("rbX", area.left), ("rbY", area.top), ("rbW", area.width), ("rbH", area.height)] {
                boundary.replace(IPTC_EXT, name, &decimal(value));
            }
        }
        "circle" => {
            let [x, y, radius] = ["rbX", "rbY", "rbRx"].map(|name| number(boundary, name));
            let (x, y, radius) = (x?, y?, radius?);
            let centre = through(Area::around((x, y), 0.0, 0.0))?.centre();
            // The radius is in shares of the width; a circle becomes one only where both scales agree.
            let (wide, high) = geometry.magnification();
            if (wide / high - 1.0).abs() > 0.01 {
                return None;
            }
            let shares = f64::from(geometry.source().0) / f64::from(geometry.size().0);
            let radius = if in_pixels { radius * wide } else { radius * wide * shares };
            for (name, value) in [("rbX", centre.0), ("rbY", centre.1), ("rbRx", radius)] {
                boundary.replace(IPTC_EXT, name, &decimal(value));
            }
        }
        "polygon" => {
            let vertices = boundary.child(IPTC_EXT, "rbVertices")?;
            for vertex in vertices.items() {
                let vertex = vertex.structure();
                let at = (number(vertex, "rbX")?, number(vertex, "rbY")?);
                // A polygon that is cut by the edge has other corners than before.
                let (x, y) = through(Area::around(at, 0.0, 0.0))?.centre();
                vertex.replace(IPTC_EXT, "rbX", &decimal(x));
                vertex.replace(IPTC_EXT, "rbY", &decimal(y));
            }
        }
        _ => return None,
    }
    Some(())
}
