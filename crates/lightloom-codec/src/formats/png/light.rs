//! The chunks of pictures of high dynamic range (PNG third edition, 11.3.2.6 to 11.3.2.8): cICP, mDCV and cLLI.

use lightloom_picture::colour::Hdr;
use lightloom_picture::colour::hdr::{ContentLight, Mastering};

/// Steps of a cd/m².
const STEPS: f64 = 10_000.0;

fn number(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

/// Reads cLLI.
pub(super) fn content(data: &[u8]) -> Option<ContentLight> {
    let level = |at| number(data, at).map(|steps| f64::from(steps) / STEPS);
    Some(ContentLight { max: level(0)?, average: level(4)? })
}

/// Reads mDCV.
pub(super) fn mastering(data: &[u8]) -> Option<Mastering> {
    let point = |i: usize| {
        let [x1, x0, y1, y0] = *data.get(4 * i..)?.first_chunk()?;
        Some([u16::from_be_bytes([x1, x0]), u16::from_be_bytes([y1, y0])])
    };
    let chromaticities = [point(0)?, point(1)?, point(2)?, point(3)?];
    Some(Mastering { chromaticities, brightest: number(data, 16)?, darkest: number(data, 20)? })
}

/// Calls `chunk` with the name and content of each chunk.
pub(super) fn write(hdr: &Hdr, mut chunk: impl FnMut(&[u8; 4], &[u8])) {
    // Samples of a PNG are RGB in full range.
    chunk(b"cICP", &[hdr.primaries.code_point(), hdr.transfer.code_point(), 0, 1]);
    if let Some(Mastering { chromaticities, brightest, darkest }) = hdr.light.mastering {
        let points = chromaticities.as_flattened().iter().flat_map(|v| v.to_be_bytes());
        chunk(b"mDCV", &points.chain(brightest.to_be_bytes()).chain(darkest.to_be_bytes()).collect::<Vec<u8>>());
    }
    if let Some(ContentLight { max, average }) = hdr.light.content {
        let level = |v: f64| ((v * STEPS).round() as u32).to_be_bytes();
        chunk(b"cLLI", &[level(max), level(average)].concat());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EncodeOptions, Limits};
    use lightloom_picture::colour::hdr::{HdrTransfer, Light, Primaries};
    use lightloom_picture::{Buffers, Depth, Layout, Metadata, Picture, Pixels, Raster, Work};

    #[test]
    fn codes_and_brightness_come_back_exactly_under_every_compression() {
        let mastering = Mastering {
            chromaticities: [[35_400, 14_600], [8500, 39_850], [6550, 2300], [15_635, 16_450]],
            brightest: 10_000_000,
            darkest: 50,
        };
        let light = Light { content: Some(ContentLight { max: 987.6, average: 43.21 }), mastering: Some(mastering) };
        let png = &super::super::CODEC;
        for (layout, transfer) in
            [(Layout::Rgb, HdrTransfer::Pq), (Layout::Rgba, HdrTransfer::Hlg), (Layout::Grey, HdrTransfer::Pq)]
        {
            for compression in ["normal", "fast", "small"] {
                let hdr = Hdr { light, ..Hdr::new(transfer, Primaries::Bt2020) };
                let samples: Vec<u16> = (0..16 * 4 * layout.channels()).map(|i| (i * 331 % 65_536) as u16).collect();
                let coded = Pixels::from(Raster::new(16, 4, layout, samples));
                let metadata = Metadata { hdr: Some(hdr), ..Metadata::default() };
                let mut options = EncodeOptions::default();
                options.set_text("png_compression", compression).unwrap();
                let picture = Picture { pixels: coded.clone(), metadata };
                let file = crate::encode(png, picture, &options, &mut Buffers::default()).unwrap().bytes;
                let place = |kind: &[u8]| file.windows(4).position(|part| part == kind);
                assert!(place(b"cICP") < place(b"IDAT") && place(b"cICP").is_some());
                let (codec, header) = crate::header(&file, &Limits::default()).unwrap();
                assert_eq!((header.metadata.hdr, header.stored.depth), (Some(hdr), Depth::F32));
                assert!(header.notes.is_empty(), "{:?}", header.notes);
                let mut buffers = Buffers::default();
                let decoded = crate::decode(codec, &file, &header, 1, &Limits::default(), &mut buffers).unwrap();
                let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
                assert_eq!(hdr.encode(decoded.pixels, &mut work).unwrap(), coded, "{layout:?} {compression}");
            }
        }
    }

    #[test]
    fn chunks_that_are_cut_off_are_ignored() {
        for length in 0..24 {
            assert_eq!(mastering(&vec![1; length]), None);
        }
        assert_eq!((content(&[0; 7]), content(&[0; 8])), (None, Some(ContentLight { max: 0.0, average: 0.0 })));
    }
}
