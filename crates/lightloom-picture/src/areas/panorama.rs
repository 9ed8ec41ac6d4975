//! Photo sphere metadata (GPano): which part of a panorama the picture shows, in pixels.
//!
//! The panorama is a rectangle around the picture, and moves with it. It stays one where the picture is scaled, cropped
//! or mirrored; in a picture that is turned, distorted or framed it is none any more.

use crate::xmp_tree::Element;
use crate::{Area, Geometry, Upright};

pub(super) const GPANO: &str = "http://ns.google.com/photos/1.0/panorama/";

/// What the packet says.
#[derive(Default)]
pub(super) struct Panorama {
    is_there: bool,
    full: (Option<f64>, Option<f64>),
    cropped: (Option<f64>, Option<f64>),
    offset: (Option<f64>, Option<f64>),
    interior: Option<Area>,
}

/// What it becomes.
pub(super) enum Moved {
    Extent {
        full: Area,
        size: (u32, u32),
        interior: Option<Area>,
    },
    /// It is no panorama any more.
    Gone,
}

impl Panorama {
    pub(super) fn read(&mut self, description: &Element) {
        self.is_there |= description.names().any(|(space, _)| space == GPANO);
        let number = |name: &str| description.number(GPANO, name).filter(|v| *v >= 0.0);
        let pair = |own: &mut (Option<f64>, Option<f64>), x: &str, y: &str| {
            *own = (own.0.or_else(|| number(x)), own.1.or_else(|| number(y)));
        };
        pair(&mut self.full, "FullPanoWidthPixels", "FullPanoHeightPixels");
        pair(&mut self.cropped, "CroppedAreaImageWidthPixels", "CroppedAreaImageHeightPixels");
        pair(&mut self.offset, "CroppedAreaLeftPixels", "CroppedAreaTopPixels");
        let side = |name: &str| number(&format!("LargestValidInteriorRect{name}"));
        if let (Some(left), Some(top), Some(width), Some(height)) =
            (side("Left"), side("Top"), side("Width"), side("Height"))
        {
            self.interior = Some(Area { left, top, width, height });
        }
    }

    /// What it becomes; `None` if there is none.
    pub(super) fn through(&self, geometry: &Geometry) -> Option<Moved> {
        if !self.is_there {
            return None;
        }
        let (width, height) = geometry.source();
        let axis = |full: Option<f64>, cropped: Option<f64>, offset: Option<f64>, side: u32| {
            let side = f64::from(side);
            let cropped = cropped.filter(|v| *v > 0.0).unwrap_or(side);
            // Panoramas that another program scaled still claim their former size.
            let ratio = side / cropped;
            let offset = offset.unwrap_or(0.0) * ratio;
            (-offset, full.map_or(side + offset, |full| (full * ratio).max(side + offset)))
        };
        let (left, wide) = axis(self.full.0, self.cropped.0, self.offset.0, width);
        let (top, high) = axis(self.full.1, self.cropped.1, self.offset.1, height);
        let Some(Upright { scale, offset }) = geometry.upright() else { return Some(Moved::Gone) };
        let moved = |area: Area| Area {
            left: (area.left * scale.0 + offset.0).min((area.left + area.width) * scale.0 + offset.0),
            top: (area.top * scale.1 + offset.1).min((area.top + area.height) * scale.1 + offset.1),
            width: area.width * scale.0.abs(),
            height: area.height * scale.1.abs(),
        };
        let full = moved(Area { left, top, width: wide, height: high });
        let size = geometry.size();
        let result = Area::of(size);
        // Half a pixel, since sizes are rounded.
        let holds = full.left <= 0.5
            && full.top <= 0.5
            && full.left + full.width >= result.width - 0.5
            && full.top + full.height >= result.height - 0.5;
        let interior = self.interior.and_then(|area| geometry.area(area));
        Some(if holds { Moved::Extent { full, size, interior } } else { Moved::Gone })
    }
}

impl Moved {
    /// Writes it into a description; the first of several gets what is missing.
    pub(super) fn write(&self, description: &mut Element, adds: bool) {
        let Self::Extent { full, size, interior } = self else {
            description.remove(&|space, _| space == GPANO);
            return;
        };
        let whole = |v: f64| v.max(0.0).round() as u64;
        let (width, height) = (u64::from(size.0), u64::from(size.1));
        let (left, top) = (whole(-full.left), whole(-full.top));
        let (wide, high) = (whole(full.width).max(left + width), whole(full.height).max(top + height));
        let is_part = (left, top, wide, high) != (0, 0, width, height);
        for (name, value) in [
            ("FullPanoWidthPixels", wide),
            ("FullPanoHeightPixels", high),
            ("CroppedAreaImageWidthPixels", width),
            ("CroppedAreaImageHeightPixels", height),
            ("CroppedAreaLeftPixels", left),
            ("CroppedAreaTopPixels", top),
        ] {
            let value = value.to_string();
            if !description.replace(GPANO, name, &value) && adds && is_part {
                description.set("GPano", GPANO, name, &value);
            }
        }
        match interior {
            None => {
                description.remove(&|space, local| space == GPANO && local.starts_with("LargestValidInteriorRect"));
            }
            Some(area) => {
                for (name, value) in
                    [("Left", area.left), ("Top", area.top), ("Width", area.width), ("Height", area.height)]
                {
                    let name = format!("LargestValidInteriorRect{name}");
                    description.replace(GPANO, &name, &whole(value).to_string());
                }
            }
        }
    }

    pub(super) fn note(&self) -> Option<String> {
        matches!(self, Self::Gone).then(|| {
            "the panorama metadata (GPano) do not hold for a turned, distorted or framed picture and were removed"
                .to_owned()
        })
    }
}
