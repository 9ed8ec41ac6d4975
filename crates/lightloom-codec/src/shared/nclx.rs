//! What HEIC and AVIF files state about colour and brightness: `colr` of the kind nclx, `clli` and `mdcv` (ISO/IEC
//! 14496-12, 12.1.5 to 12.1.7).

use heifer_isobmff::boxes::{ColorInfo, Property};
use heifer_isobmff::{HeifFile, ItemId};

use crate::CodecError;
use lightloom_picture::colour::CodePoints;
use lightloom_picture::colour::hdr::{ContentLight, Light, Mastering};

/// The code points of an item, if it has any.
///
/// # Errors
/// If there is no such item.
pub(crate) fn code_points(file: &HeifFile<'_>, item: ItemId) -> Result<Option<CodePoints>, CodecError> {
    // Larger numbers than H.273 knows are reserved.
    let code = |v: u16| u8::try_from(v).unwrap_or(u8::MAX);
    Ok(file.item_properties(item)?.find_map(|property| match *property {
        Property::Color(ColorInfo::Nclx { primaries, transfer, matrix, full_range }) => {
            Some(CodePoints { primaries: code(primaries), transfer: code(transfer), matrix: code(matrix), full_range })
        }
        _ => None,
    }))
}

/// The brightness of an item.
///
/// # Errors
/// If there is no such item.
pub(crate) fn light(file: &HeifFile<'_>, item: ItemId) -> Result<Light, CodecError> {
    let mut light = Light::default();
    for property in file.item_properties(item)? {
        match property {
            Property::Unknown(kind, bytes) if kind.0 == *b"clli" => light.content = content(bytes),
            Property::Unknown(kind, bytes) if kind.0 == *b"mdcv" => light.mastering = mastering(bytes),
            _ => {}
        }
    }
    Ok(light)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_be_bytes(*two))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_be_bytes(*four))
}

fn content(bytes: &[u8]) -> Option<ContentLight> {
    Some(ContentLight { max: short(bytes, 0)?.into(), average: short(bytes, 2)?.into() })
}

/// Primaries stand in the order green, blue, red.
fn mastering(bytes: &[u8]) -> Option<Mastering> {
    let point = |i: usize| Some([short(bytes, 4 * i)?, short(bytes, 4 * i + 2)?]);
    let [green, blue, red, white] = [point(0)?, point(1)?, point(2)?, point(3)?];
    let (brightest, darkest) = (long(bytes, 16)?, long(bytes, 20)?);
    Some(Mastering { chromaticities: [red, green, blue, white], brightest, darkest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brightness_is_read_in_its_own_units_and_order() {
        assert_eq!(content(&[3, 232, 0, 150]), Some(ContentLight { max: 1000.0, average: 150.0 }));
        // BT.2020 with D65, 1000 and 0.005 cd/m²: the example of x265 and FFmpeg.
        let numbers = [8500_u16, 39_850, 6550, 2300, 35_400, 14_600, 15_635, 16_450];
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|v| v.to_be_bytes()).collect();
        bytes.extend(10_000_000_u32.to_be_bytes());
        bytes.extend(50_u32.to_be_bytes());
        let found = mastering(&bytes).unwrap();
        assert_eq!(found.chromaticities, [[35_400, 14_600], [8500, 39_850], [6550, 2300], [15_635, 16_450]]);
        assert_eq!((found.max(), found.darkest), (1000.0, 50));
        for cut in 0..bytes.len() {
            assert_eq!(mastering(&bytes[..cut]), None);
        }
    }
}
