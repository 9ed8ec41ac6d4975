//! Gain maps of JPEG XL files: a box with the metadata of ISO 21496-1 and a code stream of its own (ISO/IEC 18181-2,
//! `jhgm`).

use jxl::api::JxlDataFormat;

use super::boxes::boxes;
use super::{begin, open, samples};
use crate::parts::{TOO_LARGE, Wanted};
use lightloom_picture::gain_map::GainMapMetadata;
use lightloom_picture::{Buffers, GainMap, Layout, Pixels};

/// The gain map of a file, or why it cannot be used. `None` if there is none.
pub(crate) fn read(bytes: &[u8], wanted: &Wanted<'_>, buffers: &mut Buffers) -> Option<Result<GainMap, String>> {
    let found = boxes(bytes).find(|found| found.kind == *b"jhgm")?;
    Some(match Bundle::read(found.content) {
        Some(bundle) => bundle.gain_map(wanted, buffers),
        None => Err("its metadata make no sense".to_owned()),
    })
}

/// The content of the box.
struct Bundle<'a> {
    metadata: GainMapMetadata,
    code_stream: &'a [u8],
}

impl<'a> Bundle<'a> {
    fn read(content: &'a [u8]) -> Option<Self> {
        // Version 0.
        let (&[0, high, low], rest) = content.split_first_chunk::<3>()? else { return None };
        let (metadata, rest) = rest.split_at_checked(u16::from_be_bytes([high, low]).into())?;
        // The colour space of the alternate rendition, as the code stream would state it and as a profile.
        let (length, rest) = rest.split_first()?;
        let (length, rest) = rest.get(usize::from(*length)..)?.split_first_chunk::<4>()?;
        let code_stream = rest.get(usize::try_from(u32::from_be_bytes(*length)).ok()?..)?;
        Some(Self { metadata: GainMapMetadata::from_iso(metadata)?, code_stream })
    }

    fn gain_map(&self, wanted: &Wanted<'_>, buffers: &mut Buffers) -> Result<GainMap, String> {
        let most = wanted.most_of_a_map();
        let mut rest = self.code_stream;
        // The library counts whole blocks.
        let mut decoder = open(most.saturating_mul(4).saturating_add(16 << 20), false);
        let picture = begin(&mut decoder, &mut rest).map_err(|e| e.to_string())?;
        if picture.shape.pixels() > most {
            return Err(TOO_LARGE.to_owned());
        }
        if picture.is_cmyk {
            return Err("it is of inks".to_owned());
        }
        let eight = JxlDataFormat::U8 { bit_depth: 8 };
        let decoded = samples::<u8>(&picture, eight, &mut decoder, rest, buffers).map_err(|e| e.to_string())?;
        if let Some(missing) = decoded.partial {
            return Err(missing);
        }
        let layout = if picture.shape.layout.colours() == 1 { Layout::Grey } else { Layout::Rgb };
        match decoded.pixels.into_layout(layout) {
            Pixels::U8(pixels) => Ok(GainMap { pixels, metadata: self.metadata }),
            other => Err(format!("{:?}", other.shape())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::boxes::CONTAINER;
    use super::*;
    use crate::{Limits, header, parts};
    use lightloom_picture::gain_map::GainCurve;

    /// Greys of `x · 30 + y · 4`, 8 × 6 pixels, written by libjxl without loss.
    const GREY: &[u8] = include_bytes!("../../../tests/seeds/grey.jxl");

    fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, &content].concat()
    }

    #[test]
    fn the_map_is_a_code_stream_of_its_own_beside_its_metadata() {
        let curve = GainCurve { min: 0.0, max: 2.0, gamma: 1.0, base_offset: 1.0 / 64.0, alternate_offset: 1.0 / 64.0 };
        let metadata =
            GainMapMetadata { curves: [curve; 3], base_headroom: 0.0, alternate_headroom: 2.0, in_base_space: true };
        let iso = metadata.to_iso();
        // Version, length of the metadata; a colour space of two bytes and a profile of three, which are passed over.
        let bundle = [&[0, 0, iso.len() as u8][..], &iso, &[2, 9, 9], &[0, 0, 0, 3, 7, 7, 7], GREY].concat();
        let file =
            [CONTAINER, &boxed(b"ftyp", &[b"jxl \0\0\0\0jxl "]), &boxed(b"jxlc", &[GREY]), &boxed(b"jhgm", &[&bundle])];
        let file = file.concat();
        let limits = Limits::default();
        let (_, header) = header(&file, &limits).unwrap();
        let found = parts(&file, &header, &limits, &|| false, &mut Buffers::default()).gain_map.unwrap().unwrap();
        let greys = (0..48).map(|i| (i % 8 * 30 + i / 8 * 4) as u8).collect();
        assert_eq!(found, GainMap { pixels: lightloom_picture::Raster::new(8, 6, Layout::Grey, greys), metadata });
        for cut in 0..bundle.len() {
            let file = [CONTAINER, &boxed(b"jxlc", &[GREY]), &boxed(b"jhgm", &[&bundle[..cut]])].concat();
            let found = parts(&file, &header, &limits, &|| false, &mut Buffers::default());
            assert!(found.gain_map.is_some_and(|map| map.is_err() || cut + 8 > bundle.len()), "{cut}");
        }
    }
}
