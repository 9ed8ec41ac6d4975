//! Gain maps of AVIF files: a small picture, and an item that makes the brighter one of it and the base (ISO/IEC 23008-12,
//! 6.6.2.4, `tmap`, with the metadata of ISO 21496-1).

use heifer_isobmff::boxes::Property;
use heifer_isobmff::{HeifFile, ItemId};

use super::boxes::{NewItem, NewProperty, Role, boxed};
use super::planes::{self, Planes};
use super::{encode_8, encoder};
use crate::shared::nclx;
use lightloom_picture::{GainMap, Layout, Pixels, Raster};

/// Quality of a map. A level more or less is 1 % of the light at four stops.
const QUALITY: u8 = 95;

/// The items of a gain map, for an encoded file of its base.
///
/// # Errors
/// If the encoder fails, or has written something else.
pub(super) fn items(base: &[u8], map: &GainMap, has_profile: bool) -> Result<[NewItem; 2], String> {
    let base = HeifFile::parse(base).map_err(|e| e.to_string())?;
    let size = base.image_size(base.primary_id).ok().flatten().ok_or("its picture has no size")?;
    let Pixels::U8(pixels) = Pixels::from(map.pixels.clone()).into_layout(Layout::Rgb) else {
        return Err("it has no samples of 8 bits".to_owned());
    };
    let written = encode_8(&encoder(QUALITY), &pixels).map_err(|e| e.to_string())?;
    let file = HeifFile::parse(&written.avif_file).map_err(|e| e.to_string())?;
    let data = file.item_data(file.primary_id).map_err(|e| e.to_string())?.into_owned();
    let mut properties = file.item_properties(file.primary_id).map_err(|e| e.to_string())?;
    let configuration = properties.find_map(|property| match property {
        Property::Unknown(kind, bytes) if kind.0 == *b"av1C" => Some(boxed(b"av1C", &[bytes])),
        _ => None,
    });
    let plain = |property| NewProperty { property, essential: false };
    // Gains have neither primaries nor a transfer function; luma and chroma are those of BT.601, in full range.
    let gains = [2, 2, 6];
    // Of the picture that is made: PQ, or sRGB.
    let transfer = if map.metadata.is_base_hdr() { 13 } else { 16 };
    let made = [if has_profile { 2 } else { 1 }, transfer, 6];
    let of_map = vec![
        plain(extent(map.pixels.width(), map.pixels.height())),
        plain(eight_bits()),
        plain(code_points(gains)),
        NewProperty { property: configuration.ok_or("the encoder states no configuration")?, essential: true },
    ];
    let of_made = vec![plain(extent(size.0, size.1)), plain(eight_bits()), plain(code_points(made))];
    Ok([
        NewItem { kind: *b"av01", content_type: None, data, role: Role::Input, properties: of_map },
        NewItem {
            kind: *b"tmap",
            content_type: None,
            // The version of the item's form stands in front.
            data: [&[0][..], &map.metadata.to_iso()].concat(),
            role: Role::Alternative,
            properties: of_made,
        },
    ])
}

fn extent(width: u32, height: u32) -> Vec<u8> {
    boxed(b"ispe", &[&[0; 4], &width.to_be_bytes(), &height.to_be_bytes()])
}

fn eight_bits() -> Vec<u8> {
    boxed(b"pixi", &[&[0; 4], &[3, 8, 8, 8]])
}

/// Primaries, transfer function and matrix (ITU-T H.273), in full range.
fn code_points(codes: [u16; 3]) -> Vec<u8> {
    boxed(b"colr", &[b"nclx", codes.map(u16::to_be_bytes).as_flattened(), &[0x80]])
}

/// Decodes the picture of a gain map, which has one tile.
///
/// # Errors
/// With the reason, if it cannot be decoded.
pub(crate) fn decode(file: &HeifFile<'_>, item: ItemId) -> Result<Raster<u8>, String> {
    let (width, height) = file.image_size(item).ok().flatten().unwrap_or_default();
    let data = file.item_data(item).map_err(|e| e.to_string())?.into_owned();
    let coded = planes::decode(data, u64::from(width) * u64::from(height)).map_err(|e| e.to_string())?;
    if (coded.width(), coded.height()) != (width, height) {
        return Err("the sizes that it states do not agree".to_owned());
    }
    let planes = Planes::new(&coded, nclx::code_points(file, item).map_err(|e| e.to_string())?);
    let mut samples = vec![0_u8; planes.width * planes.height * 3];
    for (y, row) in samples.chunks_exact_mut(planes.width * 3).enumerate() {
        planes.row(y, planes.width, 3, row).map_err(|e| e.to_string())?;
    }
    Ok(Raster::new(width, height, Layout::Rgb, samples))
}

#[cfg(test)]
mod tests {
    use crate::{EncodeOptions, Limits};
    use lightloom_picture::gain_map::{GainCurve, GainMapMetadata};
    use lightloom_picture::{Buffers, GainMap, Layout, Metadata, Picture, Pixels, Raster};
    use std::sync::Arc;

    fn map(layout: Layout) -> GainMap {
        let curve = GainCurve { min: 0.0, max: 2.0, gamma: 1.0, base_offset: 1.0 / 64.0, alternate_offset: 1.0 / 64.0 };
        let metadata =
            GainMapMetadata { curves: [curve; 3], base_headroom: 0.0, alternate_headroom: 2.0, in_base_space: true };
        let samples = (0..64 * 48).flat_map(|i| vec![(i / 13) as u8; layout.channels()]).collect();
        GainMap { pixels: Raster::new(64, 48, layout, samples), metadata }
    }

    #[test]
    fn a_gain_map_comes_back_beside_every_other_part() {
        let exif = lightloom_picture::exif::Exif::default().to_block();
        let p3 = lightloom_picture::colour::Profile::named(lightloom_picture::colour::Space::DisplayP3);
        for (layout, alpha, others) in
            [(Layout::Grey, false, false), (Layout::Rgb, true, true), (Layout::Grey, true, true)]
        {
            let map = map(layout);
            let metadata = Metadata {
                gain_map: Some(Arc::new(map.clone())),
                exif: others.then(|| exif.clone()),
                xmp: others.then(|| b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>".to_vec()),
                icc: others.then(|| p3.bytes().to_vec()),
                ..Metadata::default()
            };
            let base = if alpha { Layout::Rgba } else { Layout::Rgb };
            let samples = (0..96 * 80 * base.channels() as u32).map(|i| (i / 200) as u8).collect();
            let picture = Picture { pixels: Raster::new(96, 80, base, samples).into(), metadata: metadata.clone() };
            let options = EncodeOptions::with_quality(90);
            let encode =
                |picture| crate::encode(&super::super::CODEC, picture, &options, &mut Buffers::default()).unwrap();
            let plain = Picture { metadata: Metadata::default(), ..picture.clone() };
            let (file, plain) = (encode(picture), encode(plain));
            assert_eq!(file.notes, Vec::<String>::new());
            let limits = Limits::default();
            let (codec, header) = crate::header(&file.bytes, &limits).unwrap();
            assert_eq!((header.metadata.exif.is_some(), header.metadata.xmp.is_some()), (others, others));
            assert_eq!(header.metadata.icc, metadata.icc);
            let decode = |bytes: &[u8]| {
                let (_, header) = crate::header(bytes, &limits).unwrap();
                crate::decode(codec, bytes, &header, 1, &limits, &mut Buffers::default()).unwrap().pixels
            };
            assert!(decode(&file.bytes) == decode(&plain.bytes), "the picture is the same");
            let found = crate::parts(&file.bytes, &header, &limits, &|| false, &mut Buffers::default());
            let found = found.gain_map.unwrap().unwrap();
            assert_eq!(found.metadata, map.metadata);
            let of_map = Pixels::from(found.pixels).into_layout(layout);
            let (Pixels::U8(got), Pixels::U8(sent)) = (of_map, Pixels::from(map.pixels)) else { panic!("depth") };
            assert_eq!((got.width(), got.height()), (64, 48));
            let far = got.samples().iter().zip(sent.samples()).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(far < Some(6), "{far:?}");
        }
    }
}
