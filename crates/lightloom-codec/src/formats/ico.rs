//! Windows icons and cursors: the largest picture is read, a PNG of any kind or a bitmap with its mask; one of up to
//! 256 × 256 pixels is written.
//!
//! The files have no signature, and a TGA file may begin like one. So a file is an icon only if the entries of its
//! directory can be right, and at least one of them leads to a picture.

use image::codecs::ico::IcoEncoder;

use crate::formats::bmp::dib::{self, Coding, Dib};
use crate::formats::bmp::pixels;
use crate::formats::png;
use crate::shared::{embedded, image_crate};
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::{Buffers, Depth, Layout, Picture, Raster};

pub(crate) static CODEC: Codec = Codec {
    id: "ico",
    title: "ICO",
    extensions: &["ico", "cur"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| {
        entries(head).is_some_and(|mut entries| entries.next().is_some_and(|first| first.is_plausible()))
    },
    header,
    decode,
    decode_rows: None,
    write: Some(Writer { options: &[], encode, fit: |_, _| (Layout::Rgba, Depth::U8), encode_rows: None, embed: None }),
};

/// What the directory says of a picture (ICONDIRENTRY of the Windows SDK).
struct Entry {
    /// Height in pixels, 256 at most.
    height: u32,
    reserved: u8,
    length: u64,
    at: u64,
    /// Where the directory ends.
    directory_end: u64,
}

impl Entry {
    /// Whether its numbers can be right. Icons are small; .NET writes 255 to the reserved byte.
    fn is_plausible(&self) -> bool {
        matches!(self.reserved, 0 | 255)
            && self.at >= self.directory_end
            && self.length > 0
            && self.at + self.length < 1 << 28
    }

    /// The bytes from its picture on: lengths are often wrong, and pictures say themselves how long they are.
    fn data<'a>(&self, file: &'a [u8]) -> &'a [u8] {
        file.get(self.at as usize..).unwrap_or_default()
    }
}

/// The entries of the directory as far as they are there; `None` if the file is no icon and no cursor.
fn entries(bytes: &[u8]) -> Option<impl Iterator<Item = Entry> + use<'_>> {
    let [0, 0, 1 | 2, 0, low, high, listed @ ..] = bytes else { return None };
    let count = u16::from_le_bytes([*low, *high]);
    let long =
        |raw: &[u8; 16], at: usize| u64::from(u32::from_le_bytes([raw[at], raw[at + 1], raw[at + 2], raw[at + 3]]));
    let entry = move |raw: &[u8; 16]| Entry {
        height: if raw[1] == 0 { 256 } else { raw[1].into() },
        reserved: raw[3],
        length: long(raw, 8),
        at: long(raw, 12),
        directory_end: 6 + 16 * u64::from(count),
    };
    Some(listed.as_chunks::<16>().0.iter().take(count.into()).map(entry))
}

/// A picture of an icon.
enum Image<'a> {
    Png(&'a [u8]),
    Bitmap { dib: Dib, data: &'a [u8] },
}

impl<'a> Image<'a> {
    /// `None` if there is no picture where the entry says.
    fn open(entry: &Entry, file: &'a [u8]) -> Option<Self> {
        let data = entry.data(file);
        if (png::CODEC.recognises)(data) {
            return Some(Self::Png(data));
        }
        let mut dib = Dib::parse(&data[..data.len().min(dib::MOST_BYTES)], None).ok()?.with_alpha();
        if matches!(dib.coding, Coding::File(_)) {
            return None;
        }
        // The mask counts as so many rows more; a few writers forget it.
        if dib.height != entry.height || dib.height == dib.width * 2 {
            dib.height = (dib.height / 2).max(1);
        }
        Some(Self::Bitmap { dib, data })
    }

    /// Pixels, and bits of each.
    fn size(&self) -> (u64, u32) {
        match self {
            // Width, height, bit depth and colour type stand at the beginning (PNG, 11.2.2).
            Self::Png(data) => {
                let side =
                    |at: usize| data.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u32::from_be_bytes(*b));
                let kind = |at: usize| data.get(at).copied().map_or(0, u32::from);
                let channels = [1, 1, 3, 1, 2, 1, 4][kind(25).min(6) as usize];
                (u64::from(side(16)) * u64::from(side(20)), kind(24) * channels)
            }
            Self::Bitmap { dib, .. } => (u64::from(dib.width) * u64::from(dib.height), dib.bits.into()),
        }
    }
}

/// The largest picture; of equal ones the first of those with the most bits.
fn largest(file: &[u8]) -> Result<Image<'_>, CodecError> {
    let mut cut = false;
    let mut best: Option<Image<'_>> = None;
    for entry in entries(file).ok_or(CodecError::Unrecognised)?.filter(Entry::is_plausible) {
        cut |= entry.at + entry.length > file.len() as u64;
        if let Some(image) = Image::open(&entry, file)
            && best.as_ref().is_none_or(|best| image.size() > best.size())
        {
            best = Some(image);
        }
    }
    best.ok_or(if cut { CodecError::Damaged("it ends too early".to_owned()) } else { CodecError::Unrecognised })
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let bytes = image_crate::read_all(input)?;
    match largest(&bytes)? {
        Image::Png(data) => embedded::header(&png::CODEC, data, limits),
        Image::Bitmap { dib, data } => {
            let metadata = dib.metadata(|place| {
                let [start, end] = [place.start, place.end].map(|at| (at as usize).min(data.len()));
                data[start..end].to_vec()
            });
            Ok(Header::new(dib.width, dib.height, Layout::Rgba, Depth::U8).with(metadata))
        }
    }
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    match largest(bytes)? {
        Image::Png(data) => embedded::decode(&png::CODEC, data, request, buffers),
        Image::Bitmap { dib, data } => {
            request.limits.check(Header::new(dib.width, dib.height, Layout::Rgba, Depth::U8).stored)?;
            let rows = data.get(dib.pixels_at..).unwrap_or_default();
            let (raster, partial) = pixels::read(&dib, rows, request.watch, buffers)?;
            let mask = rows.get(dib.stride() * dib.height as usize..).unwrap_or_default();
            Ok(Decoded { pixels: masked(raster, mask).into(), partial, notes: Vec::new() })
        }
    }
}

/// A bitmap with its transparency. Its own alpha counts if it has any; otherwise a set bit of the mask is a transparent
/// pixel. Without a mask, all are opaque.
fn masked(raster: Raster<u8>, mask: &[u8]) -> Raster<u8> {
    let (width, height, layout) = (raster.width(), raster.height(), raster.layout());
    let alpha_at = layout.channels() - 1;
    if layout.has_alpha() && raster.samples().chunks_exact(4).any(|pixel| pixel[alpha_at] != 0) {
        return raster;
    }
    let stride = width.div_ceil(32) as usize * 4;
    let mut samples = Vec::with_capacity(width as usize * height as usize * 4);
    for y in 0..height {
        // The lowest row comes first.
        let bits = mask.get((height - 1 - y) as usize * stride..).unwrap_or_default();
        for (x, pixel) in raster.row(y).chunks_exact(layout.channels()).enumerate() {
            let is_clear = bits.get(x / 8).is_some_and(|byte| byte << (x % 8) & 0x80 != 0);
            samples.extend([pixel[0], pixel[1], pixel[2], if is_clear { 0 } else { 255 }]);
        }
    }
    Raster::new(width, height, Layout::Rgba, samples)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, IcoEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode, header};
    use lightloom_picture::Pixels;

    /// An icon, or with 2 a cursor, of these pictures, each with the height that its entry says.
    fn icon(kind: u8, pictures: &[(u8, Vec<u8>)]) -> Vec<u8> {
        let mut file = vec![0, 0, kind, 0, pictures.len() as u8, 0];
        let mut at = 6 + 16 * pictures.len();
        for (height, data) in pictures {
            // A cursor has its hot spot where an icon has planes and bits.
            file.extend([*height, *height, 0, 0, 255, 255, 255, 255]);
            file.extend((data.len() as u32).to_le_bytes());
            file.extend((at as u32).to_le_bytes());
            at += data.len();
        }
        pictures.iter().for_each(|(_, data)| file.extend(data));
        file
    }

    fn bitmap(width: u32, height: u32, bits: u32, rows: &[u8]) -> Vec<u8> {
        let header = [40, width, height, 1 | bits << 16, 0, 0, 0, 0, 0, 0].map(u32::to_le_bytes).concat();
        [&header, rows].concat()
    }

    fn png(pixels: &Pixels) -> Vec<u8> {
        let options = EncodeOptions::default();
        crate::encode(&png::CODEC, Picture::new(pixels.clone()), &options, &mut Buffers::default()).unwrap().bytes
    }

    fn read(bytes: &[u8]) -> Pixels {
        let limits = Limits::default();
        let (codec, header) = header(bytes, &limits).unwrap();
        assert_eq!(codec, &CODEC);
        let decoded = decode(codec, bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
        assert_eq!((decoded.pixels.shape(), decoded.partial), (header.stored, None));
        decoded.pixels
    }

    #[test]
    fn png_files_of_every_kind_are_read() {
        for layout in [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba] {
            for depth in [Depth::U8, Depth::U16] {
                let samples = (0..9 * 7 * layout.channels()).map(|i| (i * 771 % 65_536) as u16).collect();
                let pixels = Pixels::from(Raster::new(9, 7, layout, samples)).into_depth(depth);
                assert_eq!(read(&icon(1, &[(7, png(&pixels))])), pixels, "{layout:?} {depth}");
            }
        }
    }

    #[test]
    fn a_mask_makes_pixels_transparent_unless_there_is_alpha() {
        // The lower row first: red and green above blue and white; the mask hides green.
        let rows = [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0];
        let mask = [0, 0, 0, 0, 0b0100_0000, 0, 0, 0];
        let colours = |alphas: [u8; 4]| -> Pixels {
            let [a, b, c, d] = alphas;
            let samples = vec![255, 0, 0, a, 0, 255, 0, b, 0, 0, 255, c, 255, 255, 255, d];
            Raster::new(2, 2, Layout::Rgba, samples).into()
        };
        let plain = [&rows[..], &mask].concat();
        for kind in [1, 2] {
            assert_eq!(read(&icon(kind, &[(2, bitmap(2, 4, 24, &plain))])), colours([255, 0, 255, 255]));
        }
        assert_eq!(read(&icon(1, &[(2, bitmap(2, 2, 24, &rows))])), colours([255; 4]), "without a mask");
        let with_alpha =
            |[a, b, c, d]: [u8; 4]| [&[255, 0, 0, c, 255, 255, 255, d, 0, 0, 255, a, 0, 255, 0, b][..], &mask].concat();
        assert_eq!(read(&icon(1, &[(2, bitmap(2, 4, 32, &with_alpha([9, 50, 0, 255])))])), colours([9, 50, 0, 255]));
        assert_eq!(read(&icon(1, &[(2, bitmap(2, 4, 32, &with_alpha([0; 4])))])), colours([255, 0, 255, 255]));
    }

    #[test]
    fn the_largest_picture_is_read_and_a_file_without_any_is_no_icon() {
        let large = Pixels::from(Raster::new(3, 1, Layout::Rgb, vec![9_u8; 9]));
        let small = (1, bitmap(1, 2, 24, &[0; 8]));
        assert_eq!(read(&icon(1, &[small.clone(), (1, png(&large)), (1, vec![1; 50])])), large);
        let limits = Limits::default();
        assert_eq!(header(&icon(1, &[(1, vec![1; 50])]), &limits).unwrap_err(), CodecError::Unrecognised);
        let whole = icon(1, &[small]);
        for cut in 0..whole.len() - 8 {
            assert!(header(&whole[..cut], &limits).map_or(true, |(_, h)| {
                decode(&CODEC, &whole[..cut], &h, 1, &limits, &mut Buffers::default()).is_err()
            }));
        }
    }
}
