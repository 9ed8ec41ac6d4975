//! Truevision TGA. It has no signature, so it comes last in the table.

use image::codecs::tga::{TgaDecoder, TgaEncoder};

use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::{Buffers, Depth, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "tga",
    title: "TGA",
    extensions: &["tga", "icb", "vda", "vst"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    isolates: false,
    frames: None,
    recognises: looks_like_tga,
    header,
    decode,
    decode_rows: None,
    write: Some(Writer { options: &[], encode, fit: |layout, _| (layout, Depth::U8), encode_rows: None, embed: None }),
};

/// Whether the header's fields agree with each other (Truevision TGA File Format 2.0).
fn looks_like_tga(head: &[u8]) -> bool {
    let [_, map, kind, _, _, _, _, map_bits, _, _, _, _, w0, w1, h0, h1, bits, flags, ..] = head else { return false };
    let kind_fits = match map {
        0 => matches!(kind, 2 | 3 | 10 | 11) && *map_bits == 0,
        1 => matches!(kind, 1 | 9) && matches!(map_bits, 15 | 16 | 24 | 32),
        _ => false,
    };
    let bits_fit = match kind {
        1 | 9 => matches!(bits, 8 | 16),
        3 | 11 => matches!(bits, 8 | 16),
        _ => matches!(bits, 15 | 16 | 24 | 32),
    };
    kind_fits && bits_fit && flags & 0xc0 == 0 && (*w0, *w1) != (0, 0) && (*h0, *h1) != (0, 0)
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    image_crate::header(&TgaDecoder::new(input)?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(TgaDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, TgaEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode, header};
    use lightloom_picture::{Layout, Pixels, Raster};

    /// A file of two by two pixels: kind, bits, descriptor, and the pixels as they stand.
    fn file(kind: u8, bits: u8, descriptor: u8, id: &[u8], map: Option<&[[u8; 3]]>, pixels: &[u8]) -> Vec<u8> {
        let entries = map.map_or(0, <[_]>::len) as u8;
        let has_map = u8::from(map.is_some());
        let head = [id.len() as u8, has_map, kind, 0, 0, entries, 0, 24 * has_map];
        let size = [0, 0, 0, 0, 2, 0, 2, 0, bits, descriptor];
        [&head[..], &size, id, map.unwrap_or_default().as_flattened(), pixels].concat()
    }

    fn read(bytes: &[u8]) -> Pixels {
        let limits = Limits::default();
        let (codec, header) = header(bytes, &limits).unwrap();
        assert_eq!(codec, &CODEC);
        decode(codec, bytes, &header, 1, &limits, &mut Buffers::default()).unwrap().pixels
    }

    #[test]
    fn every_kind_is_recognised_though_it_begins_like_an_icon() {
        let colours = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]];
        let rgb: Pixels = Raster::new(2, 2, Layout::Rgb, colours.concat()).into();
        let bgr = colours.map(|[r, g, b]| [b, g, r]);
        for id in [&b""[..], b"drawn by hand"] {
            // From the top: 0x20.
            assert_eq!(read(&file(2, 24, 0x20, id, None, &bgr.concat())), rgb);
            let runs = [&[0x03][..], &bgr.concat()].concat();
            assert_eq!(read(&file(10, 24, 0x20, id, None, &runs)), rgb);
            assert_eq!(read(&file(1, 8, 0x20, id, Some(&bgr), &[0, 1, 2, 3])), rgb);
            assert_eq!(read(&file(9, 8, 0x20, id, Some(&bgr), &[0x03, 0, 1, 2, 3])), rgb);
            let grey: Pixels = Raster::new(2, 2, Layout::Grey, vec![9_u8, 8, 7, 6]).into();
            assert_eq!(read(&file(3, 8, 0x20, id, None, &[9, 8, 7, 6])), grey);
            assert_eq!(read(&file(3, 8, 0, id, None, &[7, 6, 9, 8])), grey, "from the bottom");
            assert_eq!(read(&file(11, 8, 0x20, id, None, &[0x03, 9, 8, 7, 6])), grey);
            let rgba = colours.map(|[r, g, b]| [r, g, b, 128]);
            let bgra = colours.map(|[r, g, b]| [b, g, r, 128]);
            let expected: Pixels = Raster::new(2, 2, Layout::Rgba, rgba.concat()).into();
            assert_eq!(read(&file(2, 32, 0x28, id, None, &bgra.concat())), expected);
        }
    }
}
