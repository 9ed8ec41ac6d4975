//! Regions of the Metadata Working Group (MWG 2.0, 5.9) and of Microsoft (People Tags): faces, pets, codes, focus.

use super::{decimal, in_shares};
use crate::xmp_tree::Element;
use crate::{Area, Geometry};

pub(super) const MWG: &str = "http://www.metadataworkinggroup.com/schemas/regions/";
pub(super) const MICROSOFT: &str = "http://ns.microsoft.com/photo/1.2/";
pub(super) const ACDSEE: &str = "http://ns.acdsee.com/regions/";
const MICROSOFT_INFO: &str = "http://ns.microsoft.com/photo/1.2/t/RegionInfo#";
const MICROSOFT_REGION: &str = "http://ns.microsoft.com/photo/1.2/t/Region#";
const AREA: &str = "http://ns.adobe.com/xmp/sType/Area#";
const DIMENSIONS: &str = "http://ns.adobe.com/xap/1.0/sType/Dimensions#";

/// What became of regions.
#[derive(Default)]
pub(super) struct Tally {
    /// Regions that there were.
    pub all: usize,
    /// Those that lie outside of the result.
    pub outside: usize,
    /// Lists of regions that could not be understood, or are for a picture of another shape.
    pub unclear: usize,
}

impl Tally {
    /// Counts a region; returns whether it stays.
    pub(super) fn count(&mut self, moved: bool) -> bool {
        self.all += 1;
        self.outside += usize::from(!moved);
        moved
    }

    pub(super) fn note(&self) -> Option<String> {
        let lost = match (self.outside, self.unclear) {
            (0, 0) => return None,
            (outside, 0) => format!("{outside} of {} regions (such as faces) lie outside the result", self.all),
            (0, _) => "regions (such as faces) cannot be taken along with the picture".to_owned(),
            (outside, _) => format!(
                "{outside} of {} regions (such as faces) lie outside the result, others cannot be taken along",
                self.all
            ),
        };
        Some(format!("{lost} and were removed"))
    }
}

/// Takes regions along; those that lie outside of the result are removed.
pub(super) fn follow(description: &mut Element, geometry: &Geometry, tally: &mut Tally) {
    for (space, local, apply) in [
        (MWG, "Regions", mwg as fn(&mut Element, &Geometry, &mut Tally) -> Option<bool>),
        (MICROSOFT, "RegionInfo", microsoft),
    ] {
        if !description.names().any(|name| name == (space, local)) {
            continue;
        }
        let property = description.child(space, local);
        let stays = match property.map(|property| apply(property.structure(), geometry, tally)) {
            Some(Some(stays)) => stays,
            // Without a place, nothing in it can become wrong.
            None | Some(None) if geometry.is_scaling() => true,
            None | Some(None) => {
                tally.unclear += 1;
                false
            }
        };
        if !stays {
            description.remove(&|s, l| (s, l) == (space, local));
        }
    }
    if !geometry.is_scaling() && description.remove(&|space, _| space == ACDSEE) > 0 {
        tally.unclear += 1;
    }
}

/// Returns whether any region is left; `None` where the structure makes no sense.
fn mwg(regions: &mut Element, geometry: &Geometry, tally: &mut Tally) -> Option<bool> {
    let dimensions = regions.child(MWG, "AppliedToDimensions");
    if let Some(dimensions) = dimensions {
        let dimensions = dimensions.structure();
        let was = (dimensions.number(DIMENSIONS, "w")?, dimensions.number(DIMENSIONS, "h")?);
        if !geometry.is_scaling() && !has_shape(geometry.source(), was) {
            return None;
        }
        let (width, height) = geometry.size();
        for (side, value) in [("w", width), ("h", height)] {
            dimensions.replace(DIMENSIONS, side, &value.to_string());
        }
    }
    let list = regions.child(MWG, "RegionList")?;
    list.keep_items(|region| {
        let stays = region.structure().child(MWG, "Area").is_none_or(|area| mwg_area(area.structure(), geometry));
        tally.count(stays)
    });
    Some(!list.items().is_empty())
}

/// Whether a picture of this size has these proportions, by a hundredth.
pub(super) fn has_shape((width, height): (u32, u32), (w, h): (f64, f64)) -> bool {
    let ratio = w * f64::from(height) / (h * f64::from(width));
    (0.99..=1.01).contains(&ratio)
}

/// Changes an area; returns whether it still lies in the picture.
fn mwg_area(area: &mut Element, geometry: &Geometry) -> bool {
    let number = |name: &str| area.number(AREA, name);
    let in_pixels = area.value(AREA, "unit").is_some_and(|unit| unit == "pixel");
    if geometry.is_scaling() && !in_pixels {
        return true;
    }
    // What the diameter of a circle is a share of, the specification does not say.
    let (Some(x), Some(y), None) = (number("x"), number("y"), number("d")) else { return false };
    let (width, height) = (number("w"), number("h"));
    let moved = Area::around((x, y), width.unwrap_or(0.0), height.unwrap_or(0.0));
    let moved = if in_pixels { geometry.area(moved) } else { in_shares(geometry, moved) };
    let Some(moved) = moved else { return false };
    let centre = moved.centre();
    for (name, value) in [("x", centre.0), ("y", centre.1), ("w", moved.width), ("h", moved.height)] {
        area.replace(AREA, name, &decimal(value));
    }
    true
}

/// As [`mwg`]; a region without a rectangle is a person who is somewhere in the picture.
fn microsoft(info: &mut Element, geometry: &Geometry, tally: &mut Tally) -> Option<bool> {
    let list = info.child(MICROSOFT_INFO, "Regions")?;
    if geometry.is_scaling() {
        return Some(true);
    }
    list.keep_items(|region| {
        let region = region.structure();
        let Some(text) = region.value(MICROSOFT_REGION, "Rectangle") else { return true };
        let numbers: Vec<f64> = text.split(',').filter_map(|v| v.trim().parse().ok()).collect();
        let moved = match numbers[..] {
            [left, top, width, height] => in_shares(geometry, Area { left, top, width, height }),
            _ => None,
        };
        if let Some(Area { left, top, width, height }) = moved {
            let text = [left, top, width, height].map(decimal).join(", ");
            region.replace(MICROSOFT_REGION, "Rectangle", &text);
        }
        tally.count(moved.is_some())
    });
    Some(!list.items().is_empty())
}
