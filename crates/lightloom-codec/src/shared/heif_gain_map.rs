//! Gain maps of HEIC and AVIF files: of ISO 21496-1 as a derived image (ISO/IEC 23008-12, `tmap`), and Apple's and Adobe's
//! former auxiliary pictures; and which other auxiliary pictures there are.

use heifer_isobmff::boxes::Property;
use heifer_isobmff::{HeifFile, ItemId};

use crate::parts::{Part, TOO_LARGE, Wanted};
use crate::shared::isobmff::names_alpha;
use lightloom_picture::gain_map::{GainMapMetadata, xmp};
use lightloom_picture::{GainMap, Layout, Pixels, Raster};

/// What Apple and Adobe call auxiliary pictures that are gain maps.
const MAPS: [&str; 2] = ["urn:com:apple:photo:2020:aux:hdrgainmap", "urn:com:photo:aux:hdrgainmap"];

/// Auxiliary pictures of the primary one, each with its type.
fn auxiliaries<'a>(file: &'a HeifFile<'_>) -> impl Iterator<Item = (ItemId, &'a str)> {
    file.referencing_items(file.primary_id, b"auxl").into_iter().filter_map(|item| {
        let kind = file.item_properties(item).ok()?.find_map(|property| match property {
            Property::AuxiliaryType(kind) => Some(kind.trim_end_matches('\0')),
            _ => None,
        });
        Some((item, kind?))
    })
}

/// What there is beside a picture, its alpha and its gain map.
pub(crate) fn others(bytes: &[u8]) -> Vec<Part> {
    let Ok(file) = HeifFile::parse(bytes) else { return Vec::new() };
    let part = |kind: &str| {
        if names_alpha(kind) || MAPS.contains(&kind) {
            return None;
        }
        let kind = kind.to_ascii_lowercase();
        // The number is that of ISO/IEC 23008-2, annex I.
        let is_depth = kind.contains("depth") || kind.contains("disparity") || kind == "urn:mpeg:hevc:2015:auxid:2";
        Some(if is_depth { Part::Depth } else { Part::Auxiliary })
    };
    auxiliaries(&file).filter_map(|(_, kind)| part(kind)).collect()
}

/// The gain map of a file, upright as the decoder makes its picture, or why it cannot be used. `None` if there is none.
pub(crate) fn read(bytes: &[u8], wanted: &Wanted<'_>) -> Option<Result<GainMap, String>> {
    let file = HeifFile::parse(bytes).ok()?;
    if let Some(derived) = file.items.iter().find(|item| item.item_type.0 == *b"tmap") {
        return Some(of_iso(&file, derived.id, wanted));
    }
    let auxiliary = auxiliaries(&file).find(|(_, kind)| MAPS.contains(kind));
    auxiliary.map(|(item, _)| of_auxiliary(&file, item, wanted))
}

fn of_iso(file: &HeifFile<'_>, item: ItemId, wanted: &Wanted<'_>) -> Result<GainMap, String> {
    let payload = file.item_data(item).map_err(|e| e.to_string())?;
    // The version of the item's form stands in front.
    let metadata = payload.strip_prefix(&[0]).and_then(GainMapMetadata::from_iso);
    let metadata = metadata.ok_or_else(|| "its metadata make no sense".to_owned())?;
    let [base, map] = *file.referenced_items(item, b"dimg") else {
        return Err("it does not name two pictures".to_owned());
    };
    if base != file.primary_id {
        return Err("the picture that it makes brighter is not the primary one".to_owned());
    }
    Ok(GainMap { pixels: decode(file, map, wanted)?, metadata })
}

fn of_auxiliary(file: &HeifFile<'_>, item: ItemId, wanted: &Wanted<'_>) -> Result<GainMap, String> {
    let packet = file.xmp(item).ok().flatten().ok_or_else(|| "its metadata are missing".to_owned())?;
    if let Some(metadata) = xmp::adobe(&packet) {
        return Ok(GainMap { pixels: decode(file, item, wanted)?, metadata });
    }
    let map = xmp::apple(&packet).ok_or_else(|| "its metadata make no sense".to_owned())?;
    let pixels = decode(file, item, wanted)?;
    let exif = wanted.header.metadata.exif.as_deref();
    map.to_gain_map(pixels, exif).ok_or_else(|| "the file does not say how bright it becomes".to_owned())
}

/// The picture of a gain map, grey if its colours are alike.
fn decode(file: &HeifFile<'_>, item: ItemId, wanted: &Wanted<'_>) -> Result<Raster<u8>, String> {
    let (width, height) = file.image_size(item).ok().flatten().ok_or_else(|| "its size is missing".to_owned())?;
    if u64::from(width) * u64::from(height) > wanted.most_of_a_map() {
        return Err(TOO_LARGE.to_owned());
    }
    let raster = coded(file, item)?;
    let is_grey = raster.samples().as_chunks::<3>().0.iter().all(|[red, green, blue]| red == green && red == blue);
    match Pixels::from(raster).into_layout(if is_grey { Layout::Grey } else { Layout::Rgb }) {
        Pixels::U8(raster) => Ok(raster),
        other => Err(format!("{:?}", other.shape())),
    }
}

/// Red, green and blue of an item.
fn coded(file: &HeifFile<'_>, item: ItemId) -> Result<Raster<u8>, String> {
    match file.item(item).map_err(|e| e.to_string())?.item_type.0 {
        #[cfg(feature = "avif")]
        kind if kind == *b"av01" => crate::formats::avif::gain_map::decode(file, item),
        #[cfg(feature = "heic")]
        kind if kind != *b"av01" => crate::formats::heic::gain_map(file, item),
        kind => Err(format!("pictures of the kind {} are not read here", String::from_utf8_lossy(&kind))),
    }
}

#[cfg(all(test, feature = "heic"))]
mod tests {
    use crate::{Limits, header, parts};
    use heifer::{EncodeOptions, HdrImage, Image};
    use lightloom_picture::Buffers;

    /// A grey whose right half is twice as bright in HDR, written by heifer.
    #[test]
    fn the_map_of_a_file_by_heifer_gives_its_hdr_picture() {
        let (width, height) = (64_u32, 64_u32);
        let base = Image::filled(width, height, 8, [128, 128, 128, 255]);
        let light = ((128.0_f32 / 255.0 + 0.055) / 1.055).powf(2.4);
        let gain = |at: u32| if at % width < width / 2 { 1.0 } else { 2.0 };
        let data = (0..width * height).flat_map(|at| [light * gain(at); 3]).collect();
        let hdr = HdrImage { width, height, headroom: 2.0, data };
        let file = heifer::encode_hdr(&base, &hdr, &EncodeOptions::default()).unwrap();
        let limits = Limits::default();
        let (_, header) = header(&file, &limits).unwrap();
        let found = parts(&file, &header, &limits, &|| false, &mut Buffers::default());
        let map = found.gain_map.unwrap().unwrap();
        let mut picture = lightloom_picture::Raster::new(64, 1, lightloom_picture::Layout::Rgb, vec![light; 192]);
        map.apply(&mut picture);
        for (x, expected) in [(8, 1.0), (20, 1.0), (44, 2.0), (56, 2.0)] {
            let got = picture.row(0)[3 * x] / light;
            assert!((got / expected - 1.0).abs() < 0.02, "{x}: {got}, not {expected}");
        }
        for cut in (0..file.len()).step_by(11) {
            let _ = parts(&file[..cut], &header, &limits, &|| false, &mut Buffers::default());
        }
    }
}
