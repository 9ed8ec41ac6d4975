//! Windows and OS/2 bitmaps: read by our own reader, which icons share, because the image crate's knows neither OS/2's
//! second header nor what lenient readers accept; written by its encoder where the source is a bitmap.

use std::io::{Read, SeekFrom};

use image::codecs::bmp::BmpEncoder;

pub(crate) mod dib;
pub(crate) mod pixels;
mod runs;

use crate::shared::{embedded, image_crate};
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use dib::{Coding, Dib};
use lightloom_picture::{Buffers, Depth, Layout, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "bmp",
    title: "BMP",
    extensions: &["bmp", "dib"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| start(head).is_some(),
    header,
    decode,
    decode_rows: None,
    write: Some(Writer {
        options: &[],
        encode,
        fit: |layout, _| (if layout == Layout::GreyAlpha { Layout::Rgba } else { layout }, Depth::U8),
        encode_rows: None,
        embed: None,
    }),
};

/// Bytes in front of the bitmap's own header.
const FILE_HEADER: usize = 14;

/// Where the file header begins: OS/2's files may hold several bitmaps, of which the first is read.
fn start(head: &[u8]) -> Option<usize> {
    [(0, &b"BM"[..]), (FILE_HEADER, b"BA")].into_iter().find_map(|(at, magic)| {
        let size = head.get(at + FILE_HEADER..)?.first_chunk().map(|size| u32::from_le_bytes(*size) as usize)?;
        (head.starts_with(magic) && head[at..].starts_with(b"BM") && Dib::is_size(size)).then_some(at)
    })
}

/// A bitmap in a file.
struct Bitmap {
    dib: Dib,
    /// Where the bitmap's own header stands.
    at: usize,
}

impl Bitmap {
    /// From the file's first bytes.
    fn open(head: &[u8]) -> Result<Self, CodecError> {
        let start = start(head).ok_or(CodecError::Unrecognised)?;
        let at = start + FILE_HEADER;
        let stated = head[start + 10..].first_chunk().map_or(0, |offset| u32::from_le_bytes(*offset) as usize);
        Ok(Self { dib: Dib::parse(&head[at..], stated.checked_sub(at))?, at })
    }

    /// The bytes from the first pixel on.
    fn data<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.at + self.dib.pixels_at..).unwrap_or_default()
    }
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let mut head = Vec::new();
    (&mut *input).take((2 * FILE_HEADER + dib::MOST_BYTES) as u64).read_to_end(&mut head)?;
    let bitmap = Bitmap::open(&head)?;
    let dib = &bitmap.dib;
    if let Coding::File(codec) = dib.coding {
        input.seek(SeekFrom::Start(0))?;
        let bytes = image_crate::read_all(input)?;
        return embedded::header(codec, bitmap.data(&bytes), limits);
    }
    let metadata = dib.metadata(|place| {
        let mut bytes = Vec::new();
        // Of a file that is cut off, what is there counts.
        let _end = input
            .seek(SeekFrom::Start(bitmap.at as u64 + place.start))
            .and_then(|_| input.take(place.end - place.start).read_to_end(&mut bytes));
        bytes
    });
    Ok(Header::new(dib.width, dib.height, dib.layout(), Depth::U8).with(metadata))
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let bitmap = Bitmap::open(bytes)?;
    let data = bitmap.data(bytes);
    if let Coding::File(codec) = bitmap.dib.coding {
        return embedded::decode(codec, data, request, buffers);
    }
    request.limits.check(Header::new(bitmap.dib.width, bitmap.dib.height, bitmap.dib.layout(), Depth::U8).stored)?;
    let (raster, partial) = pixels::read(&bitmap.dib, data, request.watch, buffers)?;
    Ok(Decoded { pixels: raster.into(), partial, notes: Vec::new() })
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, BmpEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}

#[cfg(test)]
mod tests {
    use lightloom_picture::{Pixels, Raster};

    use super::*;
    use crate::{decode, header};

    /// A file around a bitmap header, with its palette, and pixels.
    fn file(dib: &[u8], pixels: &[u8]) -> Vec<u8> {
        let offset = (FILE_HEADER + dib.len()) as u32;
        let size = offset + pixels.len() as u32;
        [b"BM", &size.to_le_bytes()[..], &[0; 4], &offset.to_le_bytes(), dib, pixels].concat()
    }

    fn longs(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
    }

    fn read(bytes: &[u8]) -> (Pixels, Option<String>) {
        let limits = Limits::default();
        let (codec, header) = header(bytes, &limits).unwrap();
        assert_eq!(codec, &CODEC);
        let decoded = decode(codec, bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
        assert_eq!(decoded.pixels.shape(), header.stored);
        (decoded.pixels, decoded.partial)
    }

    fn rgb(width: u32, height: u32, colours: &[[u8; 3]]) -> Pixels {
        Raster::new(width, height, Layout::Rgb, colours.as_flattened().to_vec()).into()
    }

    const RED: [u8; 3] = [255, 0, 0];
    const BLUE: [u8; 3] = [0, 0, 255];
    const BLACK: [u8; 3] = [0; 3];

    #[test]
    fn every_header_of_os2_is_read() {
        // Two by two pixels of one bit, the lower row first: red, blue above blue, blue.
        let pixels = [0b1100_0000, 0, 0, 0, 0b0100_0000, 0, 0, 0];
        let expected = (rgb(2, 2, &[RED, BLUE, BLUE, BLUE]), None);
        let core = [&longs(&[12, 2 | 2 << 16, 1 | 1 << 16])[..], &[0, 0, 255, 255, 0, 0]].concat();
        assert_eq!(read(&file(&core, &pixels)), expected);
        for size in (16..=64).step_by(4).filter(|size| !matches!(size, 40 | 52 | 56)) {
            let mut header = longs(&[size, 2, 2, 1 | 1 << 16]);
            header.resize(size as usize, 0);
            header.extend([0, 0, 255, 0, 255, 0, 0, 0]);
            assert_eq!(read(&file(&header, &pixels)), expected, "{size}");
        }
        let one = file(&core, &pixels);
        let mut array = [b"BA", &longs(&[40, 0, 0])[..], &one].concat();
        array[24] += 14;
        assert_eq!(read(&array), expected);
    }

    #[test]
    fn runs_and_gaps_of_eight_four_and_twenty_four_bits() {
        let palette = longs(&[0, 0xff_0000, 0xff]);
        let header = |bits: u32, compression| longs(&[40, 4, 2, 1 | bits << 16, compression, 0, 0, 0, 3, 0]);
        // Three red, end of the row; one skipped, blue, red and black one by one, the end.
        let eight = [3, 1, 0, 0, 0, 2, 1, 0, 0, 3, 2, 1, 0, 0, 0, 1];
        let expected = rgb(4, 2, &[BLACK, BLUE, RED, BLACK, RED, RED, RED, BLACK]);
        assert_eq!(read(&file(&[header(8, 1), palette.clone()].concat(), &eight)), (expected.clone(), None));
        let four = [3, 0x11, 0, 0, 0, 2, 1, 0, 0, 3, 0x21, 0, 0, 1];
        assert_eq!(read(&file(&[header(4, 2), palette.clone()].concat(), &four)), (expected.clone(), None));
        // OS/2's header of 64 bytes, where 4 are runs of colours.
        let mut os2 = longs(&[64, 4, 2, 1 | 24 << 16, 4]);
        os2.resize(64, 0);
        let colours = [3, 0, 0, 255, 0, 0, 0, 2, 1, 0, 0, 3, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 1];
        assert_eq!(read(&file(&os2, &colours)), (expected, None));
        let (_, partial) = read(&file(&[header(8, 1), palette].concat(), &eight[..6]));
        assert!(partial.unwrap().contains("50 %"));
    }

    #[test]
    fn masks_of_any_width_and_whole_files_within() {
        let masks = longs(&[40, 1, 1, 1 | 32 << 16, 3, 0, 0, 0, 0, 0, 0x3ff << 20, 0x3ff << 10, 0x3ff]);
        let pixel = 0x3ff_u32 << 20 | 0x200 << 10;
        assert_eq!(read(&file(&masks, &pixel.to_le_bytes())).0, rgb(1, 1, &[[255, 128, 0]]));
        let png = crate::encode(
            &crate::formats::png::CODEC,
            Picture::new(rgb(2, 1, &[RED, BLUE])),
            &EncodeOptions::default(),
            &mut Buffers::default(),
        );
        let header = longs(&[40, 2, 1, 1, 5, 0, 0, 0, 0, 0]);
        assert_eq!(read(&file(&header, &png.unwrap().bytes)).0, rgb(2, 1, &[RED, BLUE]));
    }

    #[test]
    fn the_profile_of_the_last_header_is_kept() {
        let mut header = longs(&[124, 1, 1, 1 | 24 << 16]);
        header.resize(124, 0);
        header[56..60].copy_from_slice(&u32::from_be_bytes(*b"MBED").to_le_bytes());
        header[112..116].copy_from_slice(&128_u32.to_le_bytes());
        header[116..120].copy_from_slice(&200_u32.to_le_bytes());
        let bytes = file(&header, &[&[1, 2, 3, 0][..], &[7; 200]].concat());
        let (_, found) = crate::header(&bytes, &Limits::default()).unwrap();
        assert_eq!(found.metadata.icc, Some(vec![7; 200]));
        let (_, found) = crate::header(&bytes[..300], &Limits::default()).unwrap();
        assert_eq!(found.metadata.icc, Some(vec![7; 158]), "it is cut off");
    }
}
