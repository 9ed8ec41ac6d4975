//! DirectDraw surfaces (DDS_HEADER and DDS_HEADER_DXT10 of the Windows SDK): the first picture of a texture, uncompressed
//! or in blocks.

use std::io::Read;

mod coding;

use crate::shared::{linear, premultiplied};
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use coding::{Block, Coding};
use lightloom_picture::{Buffers, Depth, Shape};

pub(crate) static CODEC: Codec = Codec {
    id: "dds",
    title: "DDS",
    extensions: &["dds"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16, Depth::F32],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| head.starts_with(b"DDS "),
    header,
    decode,
    decode_rows: None,
    write: None,
};

/// What stands before the pixels.
struct Surface {
    width: u32,
    height: u32,
    coding: Coding,
    is_premultiplied: bool,
    /// What of the file is not read.
    left_out: Option<&'static str>,
    /// Where the pixels begin.
    at: usize,
}

/// Bytes of the header, and with the one that DirectX 10 added.
const HEADER: usize = 128;
const HEADER_DX10: usize = 148;

impl Surface {
    fn open(head: &[u8]) -> Result<Self, CodecError> {
        let long = |at: usize| {
            let stored = head.get(at..).and_then(<[u8]>::first_chunk).copied();
            stored.map(u32::from_le_bytes).ok_or_else(|| CodecError::Damaged("it ends within its header".to_owned()))
        };
        let [height, width] = [long(12)?, long(16)?];
        let (flags, caps) = (long(80)?, long(112)?);
        let code = head[84..88].first_chunk().copied().unwrap_or_default();
        let masks = [long(92)?, long(96)?, long(100)?, if flags & HAS_ALPHA == 0 { 0 } else { long(104)? }];
        let is_dx10 = flags & HAS_CODE != 0 && code == *b"DX10";
        let several = if is_dx10 { long(140)? > 1 } else { false };
        let coding = if is_dx10 {
            Self::of_dxgi(long(HEADER)?)?
        } else if flags & HAS_CODE != 0 {
            Self::of_code(code)?
        } else {
            Coding::masked(flags, long(88)?, masks)?
        };
        let is_premultiplied = matches!(&code, b"DXT2" | b"DXT4") || is_dx10 && long(144)? & 7 == 2;
        let left_out = match () {
            () if caps & 0x200 != 0 => Some("it is a cube map, of which the first face is read"),
            () if caps & 0x20_0000 != 0 => Some("it is a volume, of which the first layer is read"),
            () if several => Some("it holds several textures, of which the first is read"),
            () => None,
        };
        let at = if is_dx10 { HEADER_DX10 } else { HEADER };
        Ok(Self { width, height, coding, is_premultiplied, left_out, at })
    }

    /// By the code of four characters, or the number of Direct3D 9 in its place.
    fn of_code(code: [u8; 4]) -> Result<Coding, CodecError> {
        Ok(match &code {
            b"DXT1" => Coding::Blocks(Block::Bc1),
            b"DXT2" | b"DXT3" => Coding::Blocks(Block::Bc2),
            b"DXT4" | b"DXT5" => Coding::Blocks(Block::Bc3),
            b"ATI1" | b"BC4U" => Coding::Blocks(Block::Bc4 { is_signed: false }),
            b"BC4S" => Coding::Blocks(Block::Bc4 { is_signed: true }),
            b"ATI2" | b"BC5U" => Coding::Blocks(Block::Bc5 { is_signed: false }),
            b"BC5S" => Coding::Blocks(Block::Bc5 { is_signed: true }),
            [36, 0, 0, 0] => Coding::Words(4),
            [111, 0, 0, 0] => Coding::Halves(1),
            [112, 0, 0, 0] => Coding::Halves(2),
            [113, 0, 0, 0] => Coding::Halves(4),
            [114, 0, 0, 0] => Coding::Floats(1),
            [115, 0, 0, 0] => Coding::Floats(2),
            [116, 0, 0, 0] => Coding::Floats(4),
            _ => return Err(CodecError::Unsupported(format!("DDS of the kind {}", code.escape_ascii()))),
        })
    }

    /// By the number of DXGI_FORMAT, those without a type included.
    fn of_dxgi(format: u32) -> Result<Coding, CodecError> {
        let masks = |bits: u32, red: u32, green: u32, blue: u32, alpha: u32| {
            Coding::masked(COLOURS | if alpha == 0 { 0 } else { HAS_ALPHA }, bits, [red, green, blue, alpha])
        };
        Ok(match format {
            1 | 2 => Coding::Floats(4),
            5 | 6 => Coding::Floats(3),
            9 | 10 => Coding::Halves(4),
            11 => Coding::Words(4),
            15 | 16 => Coding::Floats(2),
            23 | 24 => masks(32, 0x3ff, 0x3ff << 10, 0x3ff << 20, 3 << 30)?,
            27..=29 => masks(32, 0xff, 0xff00, 0xff_0000, 0xff00_0000)?,
            33 | 34 => Coding::Halves(2),
            35 => Coding::Words(2),
            39 | 41 => Coding::Floats(1),
            48 | 49 => masks(16, 0xff, 0xff00, 0, 0)?,
            53 | 54 => Coding::Halves(1),
            56 => Coding::Words(1),
            60 | 61 | 65 => Coding::masked(LUMINANCE, 8, [0xff, 0, 0, 0])?,
            70..=72 => Coding::Blocks(Block::Bc1),
            73..=75 => Coding::Blocks(Block::Bc2),
            76..=78 => Coding::Blocks(Block::Bc3),
            79..=81 => Coding::Blocks(Block::Bc4 { is_signed: format == 81 }),
            82..=84 => Coding::Blocks(Block::Bc5 { is_signed: format == 84 }),
            85 => masks(16, 0xf800, 0x7e0, 0x1f, 0)?,
            86 => masks(16, 0x7c00, 0x3e0, 0x1f, 0x8000)?,
            87 | 90 | 91 => masks(32, 0xff_0000, 0xff00, 0xff, 0xff00_0000)?,
            88 | 92 | 93 => masks(32, 0xff_0000, 0xff00, 0xff, 0)?,
            94..=96 => Coding::Blocks(Block::Bc6 { is_signed: format == 96 }),
            97..=99 => Coding::Blocks(Block::Bc7),
            115 => masks(16, 0xf00, 0xf0, 0xf, 0xf000)?,
            other => return Err(CodecError::Unsupported(format!("DDS in the format {other} of DXGI"))),
        })
    }

    fn shape(&self) -> Shape {
        let Self { width, height, coding, .. } = self;
        Shape { width: *width, height: *height, layout: coding.layout(), depth: coding.depth() }
    }
}

/// Flags of DDS_PIXELFORMAT.
const HAS_ALPHA: u32 = 1;
const ONLY_ALPHA: u32 = 2;
const HAS_CODE: u32 = 4;
const COLOURS: u32 = 0x40;
const LUMINANCE: u32 = 0x2_0000;

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let mut head = Vec::new();
    input.take(HEADER_DX10 as u64).read_to_end(&mut head)?;
    let surface = Surface::open(&head)?;
    let Shape { width, height, layout, depth } = surface.shape();
    let mut header = Header::new(width, height, layout, depth);
    header.notes.extend(surface.left_out.map(str::to_owned));
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let surface = Surface::open(bytes)?;
    let shape = surface.shape();
    request.limits.check(shape)?;
    let data = bytes.get(surface.at..).unwrap_or_default();
    let (mut pixels, rows) = surface.coding.decode(data, shape, request.watch, buffers)?;
    if rows == 0 {
        return Err(CodecError::Damaged("its pixel data are missing".to_owned()));
    }
    linear::to_encoded(&mut pixels);
    if surface.is_premultiplied {
        premultiplied::divide_by_alpha(&mut pixels);
    }
    let share = f64::from(rows) * 100.0 / f64::from(shape.height);
    let partial = (rows < shape.height)
        .then(|| format!("the file ends too early: about {share:.0} % of the picture was decoded"));
    Ok(Decoded { pixels, partial, notes: Vec::new() })
}

#[cfg(test)]
mod tests {
    use lightloom_picture::{Layout, Pixels, Raster};

    use super::*;
    use crate::{decode, header};

    /// A file of two by one pixels: flags, bits and masks, or a code; and with a code of `DX10`, a format of DXGI.
    fn file(flags: u32, code: &[u8; 4], bits: u32, masks: [u32; 4], format: Option<u32>, data: &[u8]) -> Vec<u8> {
        let mut numbers = vec![124, 0x1007, 1, 2, 0, 0, 0];
        numbers.extend([0; 11]);
        numbers.extend([32, flags, u32::from_le_bytes(*code), bits]);
        numbers.extend(masks);
        numbers.extend([0x1000, 0, 0, 0, 0]);
        numbers.extend(format.map_or(vec![], |format| vec![format, 3, 0, 1, 0]));
        let header: Vec<u8> = numbers.iter().flat_map(|n: &u32| n.to_le_bytes()).collect();
        [b"DDS ", &header[..], data].concat()
    }

    fn read(bytes: &[u8]) -> Pixels {
        let limits = Limits::default();
        let (codec, header) = header(bytes, &limits).unwrap();
        assert_eq!(codec, &CODEC);
        let decoded = decode(codec, bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
        assert_eq!((decoded.pixels.shape(), decoded.partial), (header.stored, None));
        decoded.pixels
    }

    fn masked(flags: u32, bits: u32, masks: [u32; 4], data: &[u8]) -> Pixels {
        read(&file(flags, &[0; 4], bits, masks, None, data))
    }

    #[test]
    fn masks_pick_the_channels() {
        let rgb = |samples: [u8; 6]| Pixels::from(Raster::new(2, 1, Layout::Rgb, samples.to_vec()));
        let rgba = |samples: [u8; 8]| Pixels::from(Raster::new(2, 1, Layout::Rgba, samples.to_vec()));
        let [r, g, b, a] = [0xff_0000, 0xff00, 0xff, 0xff00_0000];
        assert_eq!(masked(0x41, 32, [r, g, b, a], &[3, 2, 1, 4, 7, 6, 5, 8]), rgba([1, 2, 3, 4, 5, 6, 7, 8]));
        assert_eq!(masked(0x40, 32, [r, g, b, a], &[3, 2, 1, 4, 7, 6, 5, 8]), rgb([1, 2, 3, 5, 6, 7]), "X, not A");
        assert_eq!(masked(0x40, 32, [b, g, r, 0], &[1, 2, 3, 0, 5, 6, 7, 0]), rgb([1, 2, 3, 5, 6, 7]));
        assert_eq!(masked(0x40, 24, [r, g, b, 0], &[3, 2, 1, 7, 6, 5]), rgb([1, 2, 3, 5, 6, 7]));
        assert_eq!(masked(0x40, 16, [0xf800, 0x7e0, 0x1f, 0], &[0, 0xf8, 0xe0, 7]), rgb([255, 0, 0, 0, 255, 0]));
        assert_eq!(
            masked(0x41, 16, [0xf00, 0xf0, 0xf, 0xf000], &[0x0f, 0x80, 0xf0, 0xff]),
            rgba([0, 0, 255, 136, 255, 255, 0, 255])
        );
        let grey = masked(LUMINANCE, 8, [0xff, 0, 0, 0], &[9, 200]);
        assert_eq!(grey, Raster::new(2, 1, Layout::Grey, vec![9_u8, 200]).into());
        let both = masked(LUMINANCE | 1, 16, [0xff, 0, 0, 0xff00], &[9, 1, 200, 2]);
        assert_eq!(both, Raster::new(2, 1, Layout::GreyAlpha, vec![9_u8, 1, 200, 2]).into());
        let deep = masked(LUMINANCE, 16, [0xffff, 0, 0, 0], &[1, 2, 3, 4]);
        assert_eq!(deep, Raster::new(2, 1, Layout::Grey, vec![0x201_u16, 0x403]).into());
    }

    #[test]
    fn formats_of_dxgi_have_their_channels_in_order() {
        let dxgi = |format: u32, data: &[u8]| read(&file(4, b"DX10", 0, [0; 4], Some(format), data));
        let eight = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(dxgi(28, &eight), Raster::new(2, 1, Layout::Rgba, eight.to_vec()).into());
        assert_eq!(dxgi(87, &eight), Raster::new(2, 1, Layout::Rgba, vec![3_u8, 2, 1, 4, 7, 6, 5, 8]).into());
        assert_eq!(dxgi(88, &eight), Raster::new(2, 1, Layout::Rgb, vec![3_u8, 2, 1, 7, 6, 5]).into());
        // Ten bits of each colour, two of alpha.
        let ten = (1023_u32 | 512 << 10 | 2 << 30).to_le_bytes().repeat(2);
        let expected = [65_535_u16, 32_800, 0, 43_690].repeat(2);
        assert_eq!(dxgi(24, &ten), Raster::new(2, 1, Layout::Rgba, expected).into());
        // Linear light: 1 stays, 0.25 becomes 0.537.
        let Pixels::F32(half) = dxgi(10, &[0, 0x3c, 0, 0x34, 0, 0, 0, 0x38].repeat(2)) else { panic!("floats") };
        assert!(half.samples()[..4].iter().zip([1.0, 0.5371, 0.0, 0.5]).all(|(a, b)| (a - b).abs() < 1e-3), "{half:?}");
        let Pixels::F32(float) = dxgi(41, &[4.0_f32, 0.25].map(f32::to_le_bytes).concat()) else { panic!("floats") };
        assert!(float.samples()[0] > 1.8 && float.layout() == Layout::Grey);
    }

    #[test]
    fn blocks_are_cut_to_the_picture() {
        // A block of one colour, 5-6-5 red; its alpha is 0x88 (BC2), 0x40 (BC3).
        let red = [0, 0xf8, 0, 0xf8, 0, 0, 0, 0];
        let rgba = |samples: [u8; 4]| Pixels::from(Raster::new(2, 1, Layout::Rgba, samples.repeat(2)));
        let code = |code: &[u8; 4], data: &[u8]| read(&file(4, code, 0, [0; 4], None, data));
        assert_eq!(code(b"DXT1", &red), rgba([255, 0, 0, 255]));
        assert_eq!(code(b"DXT3", &[&[0x88; 8][..], &red].concat()), rgba([255, 0, 0, 136]));
        let smooth = [0x40, 0x40, 0, 0, 0, 0, 0, 0];
        assert_eq!(code(b"DXT5", &[smooth, red].concat()), rgba([255, 0, 0, 64]));
        // Multiplied by alpha: 5-6-5 of a quarter of red.
        let dark = [0, 0x40, 0, 0x40, 0, 0, 0, 0];
        assert_eq!(code(b"DXT4", &[smooth, dark].concat()), rgba([255, 0, 0, 64]));
        assert_eq!(code(b"ATI1", &smooth), Raster::new(2, 1, Layout::Grey, vec![64_u8; 2]).into());
        // Signed: -127 is black, 0 is grey, 127 is white.
        let signed = |value: i8| [value as u8, value as u8, 0, 0, 0, 0, 0, 0];
        let two = code(b"BC5S", &[signed(127), signed(-127)].concat());
        assert_eq!(two, Raster::new(2, 1, Layout::Rgb, [255_u8, 0, 0].repeat(2)).into());
        let short = file(4, b"DXT1", 0, [0; 4], None, &red[..7]);
        let limits = Limits::default();
        let (codec, header) = header(&short, &limits).unwrap();
        assert!(decode(codec, &short, &header, 1, &limits, &mut Buffers::default()).is_err());
    }
}
