//! Single properties of XMP that are about places: the main subject, the resolution of the sensor, what Camera Raw is
//! yet to do.

use crate::Geometry;
use crate::xmp::schema;
use crate::xmp_tree::Element;

pub(super) const RAW_SETTINGS: &str = "http://ns.adobe.com/camera-raw-settings/1.0/";

/// Takes single properties along, or removes them.
pub(super) fn follow(description: &mut Element, geometry: &Geometry, notes: &mut Vec<String>) {
    for name in ["SubjectArea", "SubjectLocation"] {
        let Some(property) = description.child(schema::EXIF, name) else { continue };
        let numbers: Vec<f64> = property.items().iter().filter_map(|item| item.text().parse().ok()).collect();
        match super::exif::subject(geometry, &numbers) {
            Some(moved) if moved.len() == property.items().len() => {
                for (item, value) in property.items().into_iter().zip(moved) {
                    item.set_text(&value.to_string());
                }
            }
            _ => {
                description.remove(&|space, local| (space, local) == (schema::EXIF, name));
                let note = "the place of the main subject lies outside the result and was removed".to_owned();
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
    }
    // Pixels per unit of length on the sensor.
    let names = ["FocalPlaneXResolution", "FocalPlaneYResolution"];
    let scales = geometry.upright().map(|upright| [upright.scale.0.abs(), upright.scale.1.abs()]);
    for (at, name) in names.into_iter().enumerate() {
        let ratio = description.value(schema::EXIF, name).as_deref().and_then(ratio);
        match (ratio, scales) {
            (Some(ratio), Some(scales)) => {
                let value = format!("{}/1000", (ratio * scales[at] * 1000.0).round() as u64);
                description.replace(schema::EXIF, name, &value);
            }
            _ => {
                description.remove(&|space, local| (space, local) == (schema::EXIF, name));
            }
        }
    }
    if !geometry.is_scaling() {
        let removed = description.remove(&|space, local| space == RAW_SETTINGS && places_of_camera_raw(local));
        if removed > 0 {
            notes.push(
                "crop and local corrections that Camera Raw noted are not for the result and were removed".to_owned(),
            );
        }
    }
}

fn ratio(text: &str) -> Option<f64> {
    let (over, under) = text.split_once('/')?;
    let (over, under): (f64, f64) = (over.trim().parse().ok()?, under.trim().parse().ok()?);
    (under > 0.0 && over >= 0.0).then(|| over / under)
}

/// Settings of Camera Raw that hold positions.
fn places_of_camera_raw(local: &str) -> bool {
    local.starts_with("Crop")
        || local == "HasCrop"
        || local.ends_with("BasedCorrections")
        || matches!(local, "RetouchInfo" | "RetouchAreas" | "RedEyeInfo")
}
