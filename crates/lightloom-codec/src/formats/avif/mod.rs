//! AVIF: items of an ISOBMFF container, decoded as AV1 by re_rav1d, encoded by ravif.

use heifer_isobmff::{HeifFile, ItemId};
use re_rav1d::dav1d::Picture as Coded;

use items::Items;
use planes::Planes;
mod boxes;
pub(crate) mod gain_map;
mod hdr;
mod items;
mod planes;
mod sequence;

use crate::embed::{Embed, Holds};
use crate::options::{DEPTH, DepthChoice, MAX_KIB, QUALITY};
use crate::shared::image_crate;
use crate::shared::isobmff::{self, brands, sequence_frames};
use crate::shared::nclx;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_param::{Parameters, parameters};
use lightloom_picture::colour::CodePoints;
use lightloom_picture::{Buffers, Depth, Layout, Picture, Pixels, Raster, Sample, Shape};

pub(crate) static CODEC: Codec = Codec {
    id: "avif",
    title: "AVIF",
    extensions: &["avif", "avifs"],
    lossy: true,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16],
    several: true,
    isolates: false,
    frames: None,
    recognises: |head| brands(head).any(|brand| matches!(&brand, b"avif" | b"avis")),
    header,
    decode,
    decode_rows: None,
    write: Some(Writer { options: AvifOptions::SPECS, encode, fit, encode_rows: None, embed: Some(EMBED) }),
};

const EMBED: Embed = Embed { holds: Holds { gain_map: true, ..Holds::USUAL }, write: boxes::embed };

/// Size, channels and depth before turns, crop applied.
fn stored(items: &Items) -> Shape {
    let layout = match (items.monochrome, items.alpha.is_some()) {
        (true, false) => Layout::Grey,
        (true, true) => Layout::GreyAlpha,
        (false, false) => Layout::Rgb,
        (false, true) => Layout::Rgba,
    };
    let depth = if items.high_depth { Depth::U16 } else { Depth::U8 };
    let (width, height) = items.crop.map_or(items.size, |crop| (crop.width, crop.height));
    Shape { width, height, layout, depth }
}

parameters! {
    struct AvifOptions {
        quality: u8 = QUALITY,
        max_kib: u32 = MAX_KIB,
        depth: DepthChoice = DEPTH,
    }
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let bytes = image_crate::read_all(input)?;
    let file = parse(&bytes)?;
    let items = Items::read(&file)?;
    let shape = stored(&items);
    let mut header = Header::new(shape.width, shape.height, shape.layout, shape.depth)
        .with(isobmff::metadata(&file, file.primary_id));
    // The container says how to turn the picture; Exif only repeats it.
    header.orientation = items.orientation;
    let of_stream = || sequence::code_points(&file.item_data(*items.tiles.first()?).ok()?);
    header.take_code_points(items.coding.or_else(of_stream).unwrap_or(CodePoints::UNSPECIFIED));
    if let Some(hdr) = &mut header.metadata.hdr {
        hdr.light = nclx::light(&file, file.primary_id)?;
    }
    header.decoder_bytes = decoder_bytes(&file, &items);
    header.frames = sequence_frames(&bytes).max(1);
    if header.frames > 1 {
        header.notes.push("animated AVIF: only the first picture is used".to_owned());
    }
    Ok(header)
}

/// Reads the container. Bytes behind its last box that are no box are ignored.
fn parse(bytes: &[u8]) -> Result<HeifFile<'_>, CodecError> {
    let mut end = 0;
    while let Ok(next) = heifer_isobmff::read_box_header(&bytes[end..]) {
        let size = next.size.map_or(bytes.len() - end, |s| usize::try_from(s).unwrap_or(usize::MAX));
        match end.checked_add(size) {
            Some(at) if at <= bytes.len() && size > 0 => end = at,
            _ => break,
        }
        if end == bytes.len() {
            break;
        }
    }
    Ok(HeifFile::parse(&bytes[..end]).or_else(|_| HeifFile::parse(bytes))?)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let file = parse(bytes)?;
    let items = Items::read(&file)?;
    let shape = stored(&items);
    request.limits.check(Shape { width: items.size.0, height: items.size.1, ..shape })?;
    let pixels = match shape.depth {
        Depth::U8 => assemble::<u8>(&file, &items, shape, request, buffers)?,
        _ => assemble::<u16>(&file, &items, shape, request, buffers)?,
    };
    Ok(pixels.into())
}

fn picture(file: &HeifFile<'_>, item: ItemId, (width, height): (usize, usize)) -> Result<Coded, CodecError> {
    // Tiles state a size of their own, which may be larger than what is left of them in a small picture.
    let own = file.image_size(item)?.map_or(0, |(width, height)| u64::from(width) * u64::from(height));
    let whole = width as u64 * height as u64;
    planes::decode(file.item_data(item)?.into_owned(), whole.max(own.min(LARGE_TILE)))
}

/// Pixels of a tile that may be larger than its picture.
const LARGE_TILE: u64 = 4096 * 4096;

/// What decoding takes beside the picture: the planes of a coded item, of which the decoder holds two, and as numbers.
fn decoder_bytes(file: &HeifFile<'_>, items: &Items) -> u64 {
    let tile = items.tiles.first().and_then(|tile| file.image_size(*tile).ok().flatten()).unwrap_or(items.size);
    let planes = if items.monochrome { 1 } else { 3 };
    let sample = if items.high_depth { 2 } else { 1 };
    let uncropped =
        if items.crop.is_some() { u64::from(items.size.0) * u64::from(items.size.1) * 4 * sample } else { 0 };
    u64::from(tile.0) * u64::from(tile.1) * planes * (2 * sample + 2) + uncropped
}

/// Puts tiles and alpha together, then crops.
fn assemble<S: Sample>(
    file: &HeifFile<'_>,
    items: &Items,
    shape: Shape,
    request: &Request<'_>,
    buffers: &mut Buffers,
) -> Result<Pixels, CodecError>
where
    Pixels: From<Raster<S>>,
{
    let (width, height) = (items.size.0 as usize, items.size.1 as usize);
    let channels = shape.layout.channels();
    let mut samples = buffers.take_for_overwrite::<S>(width * height * channels);
    samples.fill(S::WHITE);
    each_row(file, &items.tiles, items.columns, items.coding, request, (width, height), |row| {
        let at = (row.y * width + row.x) * channels;
        row.planes.row(row.number, row.columns, channels, &mut samples[at..at + row.columns * channels])
    })?;
    if let Some((tiles, columns)) = &items.alpha {
        // The colour range that the container states is not that of alpha.
        each_row(file, tiles, *columns, None, request, (width, height), |row| {
            for i in 0..row.columns {
                let alpha = S::from_unit(row.planes.luma(i, row.number));
                samples[(row.y * width + row.x + i) * channels + channels - 1] = alpha;
            }
            Ok(())
        })?;
    }
    let mut raster = Raster::new(items.size.0, items.size.1, shape.layout, samples);
    if items.premultiplied {
        for pixel in raster.samples_mut().chunks_exact_mut(channels) {
            let (alpha, colours) = pixel.split_last_mut().map_or((1.0, &mut [][..]), |(a, c)| (a.to_unit(), c));
            for colour in colours {
                *colour = if alpha > 0.0 { S::from_unit(colour.to_unit() / alpha) } else { S::default() };
            }
        }
    }
    let Some(crop) = items.crop else { return Ok(raster.into()) };
    let mut cropped = buffers.take_for_overwrite::<S>(crop.width as usize * crop.height as usize * channels);
    let wide = crop.width as usize * channels;
    for (y, row) in (crop.y..).zip(cropped.chunks_exact_mut(wide)) {
        row.copy_from_slice(&raster.row(y)[crop.x as usize * channels..][..wide]);
    }
    buffers.give(raster.into_samples());
    Ok(Raster::new(crop.width, crop.height, shape.layout, cropped).into())
}

/// A row of a decoded tile.
struct TileRow<'a> {
    planes: &'a Planes,
    /// Its number in the tile.
    number: usize,
    /// Pixels of it that lie in the picture.
    columns: usize,
    /// Where it begins in the picture.
    x: usize,
    y: usize,
}

/// Decodes tiles one after the other and calls `row` with each of their rows.
fn each_row(
    file: &HeifFile<'_>,
    tiles: &[ItemId],
    columns: u32,
    coding: Option<CodePoints>,
    request: &Request<'_>,
    (width, height): (usize, usize),
    mut row: impl FnMut(TileRow<'_>) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    let mut tile_size = None;
    for (i, item) in tiles.iter().enumerate() {
        let planes = Planes::new(&picture(file, *item, (width, height))?, coding);
        let (wide, high) = *tile_size.get_or_insert((planes.width, planes.height));
        let (x, y) = (i % columns as usize * wide, i / columns as usize * high);
        // A single picture is as large as the file says; tiles are alike and cover it.
        if tiles.len() == 1 && (wide, high) != (width, height) || (planes.width, planes.height) != (wide, high) {
            return Err(CodecError::Damaged("the sizes that it states do not agree".to_owned()));
        }
        if x >= width || y >= height {
            return Err(CodecError::Damaged("its tiles do not fit the picture".to_owned()));
        }
        for inner in 0..high.min(height - y) {
            if inner % 64 == 0 {
                request.watch.check()?;
            }
            row(TileRow { planes: &planes, number: inner, columns: wide.min(width - x), x, y: y + inner })?;
        }
    }
    Ok(())
}

/// Shares of red and blue in the luma of BT.601.
const BT601: [f32; 2] = [0.299, 0.114];

/// Luma and chroma in full range with 10 bits, from red, green and blue of 0–1.
fn ten_bit_ycbcr([r, g, b]: [f32; 3], [kr, kb]: [f32; 2]) -> [u16; 3] {
    let luma = kr * r + (1.0 - kr - kb) * g + kb * b;
    let (cb, cr) = ((b - luma) / (2.0 * (1.0 - kb)), (r - luma) / (2.0 * (1.0 - kr)));
    [luma * 1023.0, cb * 1023.0 + 512.0, cr * 1023.0 + 512.0].map(|v| v.round().clamp(0.0, 1023.0) as u16)
}

/// AVIF holds at most 12 bits, and this encoder writes 8 or 10.
fn fit(layout: Layout, depth: Depth) -> (Layout, Depth) {
    (layout.coloured(), depth.min(Depth::U16))
}

/// An encoder of 8 bits.
fn encoder(quality: u8) -> ravif::Encoder<'static> {
    ravif::Encoder::new()
        .with_quality(f32::from(quality.clamp(1, 100)))
        .with_alpha_quality(f32::from(quality.clamp(1, 100)))
        // Slower speeds gain a few per cent of size for several times the time.
        .with_speed(9)
        .with_bit_depth(ravif::BitDepth::Eight)
        // Its own threads would compete with the pool's.
        .with_num_threads(Some(1))
}

fn encode(picture: &Picture, options: &EncodeOptions) -> Result<Encoded, CodecError> {
    let AvifOptions { quality, .. } = options.read();
    let failed = |reason: String| CodecError::Encode { format: CODEC.title, reason };
    let encoder = encoder(quality);
    let mut notes = Vec::new();
    let image = match &picture.pixels {
        Pixels::U8(raster) => encode_8(&encoder, raster),
        Pixels::U16(raster) => {
            notes.push("AVIF files are written with 10 bits per sample".to_owned());
            let (matrix, weights) = match &picture.metadata.hdr {
                Some(hdr) if hdr::matrix(hdr) == 9 => (ravif::MatrixCoefficients::BT2020NCL, [0.2627, 0.0593]),
                _ => (ravif::MatrixCoefficients::BT601, BT601),
            };
            encode_10(&encoder, raster, matrix, weights)
        }
        Pixels::F32(_) => return Err(failed(format!("{:?}", picture.pixels.shape()))),
    };
    let image = image.map_err(|e| failed(e.to_string()))?;
    let size = (picture.pixels.width(), picture.pixels.height());
    let bytes = match &picture.metadata.hdr {
        Some(of_picture) => hdr::stated(&image.avif_file, of_picture, size)?,
        None => image.avif_file,
    };
    Ok(Encoded { bytes, notes })
}

type Written = Result<ravif::EncodedImage, ravif::Error>;

fn encode_8(encoder: &ravif::Encoder<'_>, raster: &Raster<u8>) -> Written {
    let (width, height) = (raster.width() as usize, raster.height() as usize);
    match raster.layout() {
        Layout::Rgba => {
            let pixels: Vec<_> =
                raster.samples().as_chunks::<4>().0.iter().map(|&[r, g, b, a]| ravif::RGBA8::new(r, g, b, a)).collect();
            encoder.encode_rgba(ravif::Img::new(&pixels, width, height))
        }
        _ => {
            let pixels: Vec<_> =
                raster.samples().as_chunks::<3>().0.iter().map(|&[r, g, b]| ravif::RGB8::new(r, g, b)).collect();
            encoder.encode_rgb(ravif::Img::new(&pixels, width, height))
        }
    }
}

fn encode_10(
    encoder: &ravif::Encoder<'_>,
    raster: &Raster<u16>,
    matrix: ravif::MatrixCoefficients,
    weights: [f32; 2],
) -> Written {
    let (width, height) = (raster.width() as usize, raster.height() as usize);
    let channels = raster.layout().channels();
    let pixels = || raster.samples().chunks_exact(channels);
    let planes = pixels().map(|pixel| ten_bit_ycbcr([pixel[0], pixel[1], pixel[2]].map(Sample::to_unit), weights));
    let ten = |pixel: &[u16]| ((u32::from(pixel[channels - 1]) * 1023 + 32_767) / 65_535) as u16;
    let is_opaque = channels < 4 || pixels().all(|pixel| pixel[3] == u16::MAX);
    let alpha = (!is_opaque).then(|| pixels().map(ten));
    encoder.encode_raw_planes_10_bit(width, height, planes, alpha, ravif::PixelRange::Full, matrix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Metadata;

    /// A file whose container states another size than its coded data.
    #[test]
    fn coded_data_larger_than_the_file_states_are_not_decoded() {
        let pixels = Pixels::from(Raster::new(640, 480, Layout::Rgb, vec![90_u8; 640 * 480 * 3]));
        let options = EncodeOptions::default();
        let mut file = crate::encode(&CODEC, Picture::new(pixels), &options, &mut Buffers::default()).unwrap().bytes;
        let stated = [640_u32.to_be_bytes(), 480_u32.to_be_bytes()].concat();
        let at = file.windows(8).position(|part| part == stated).unwrap();
        file[at..at + 8].copy_from_slice(&[0, 0, 0, 64, 0, 0, 0, 48]);
        let limits = Limits::default();
        let (codec, header) = crate::header(&file, &limits).unwrap();
        assert_eq!((header.stored.width, header.stored.height), (64, 48));
        match crate::decode(codec, &file, &header, 1, &limits, &mut Buffers::default()) {
            Err(CodecError::Damaged(why)) => assert!(why.contains("640 × 480 pixels, more than"), "{why}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sixteen_bits_keep_more_than_eight_could() {
        // A slow ramp of greys: every level of 10 bits, four times as many as 8 bits have.
        let ramp = |alpha: bool| {
            let layout = if alpha { Layout::Rgba } else { Layout::Rgb };
            let pixel = |i: u32| {
                let v = (i % 1024 * 64) as u16;
                [v, v, v, 20_000 + (i / 1024 * 5_000) as u16].into_iter().take(layout.channels())
            };
            Pixels::from(Raster::new(1024, 8, layout, (0..8192).flat_map(pixel).collect::<Vec<u16>>()))
        };
        for alpha in [false, true] {
            let sent = ramp(alpha);
            let options = EncodeOptions::with_quality(100);
            let encoded = crate::encode(&CODEC, Picture::new(sent.clone()), &options, &mut Buffers::default()).unwrap();
            assert!(encoded.notes.iter().any(|note| note.contains("10 bits")), "{:?}", encoded.notes);
            let limits = Limits::default();
            let (_, header) = crate::header(&encoded.bytes, &limits).unwrap();
            assert_eq!(header.stored, sent.shape());
            let back = crate::decode(&CODEC, &encoded.bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
            let (Pixels::U16(sent), Pixels::U16(back)) = (&sent, &back.pixels) else { panic!("16 bits") };
            let error = |(a, b): (&u16, &u16)| u32::from(a.abs_diff(*b));
            let total: u32 = sent.samples().iter().zip(back.samples()).map(error).sum();
            let mean = f64::from(total) / sent.samples().len() as f64;
            // Rounding to 8 bits alone would have a mean error of 64.
            assert!(mean < 48.0, "alpha {alpha}: mean error {mean}");
            let levels: std::collections::HashSet<u16> =
                back.samples().chunks_exact(sent.layout().channels()).map(|pixel| pixel[0]).collect();
            assert!(levels.len() > 600, "alpha {alpha}: {} levels", levels.len());
        }
    }

    #[test]
    fn exif_profile_and_xmp_are_in_the_file_and_pixels_stay() {
        let mut exif = lightloom_picture::exif::Exif::default();
        exif.set_text(lightloom_picture::exif::Section::Picture, 0x8298, "© A. Body");
        let icc =
            lightloom_picture::colour::Profile::named(lightloom_picture::colour::Space::DisplayP3).bytes().to_vec();
        let xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>".to_vec();
        let metadata = Metadata { exif: Some(exif.to_block()), icc: Some(icc), xmp: Some(xmp), ..Metadata::default() };
        for layout in [Layout::Rgb, Layout::Rgba] {
            let pixels = Raster::new(
                8,
                8,
                layout,
                (0..64 * layout.channels()).map(|i| (i * 3 % 256) as u8).collect::<Vec<u8>>(),
            );
            let limits = Limits::default();
            let written = |metadata: Metadata| {
                let picture = Picture { pixels: pixels.clone().into(), metadata };
                let encoded =
                    crate::encode(&CODEC, picture, &EncodeOptions::with_quality(80), &mut Buffers::default()).unwrap();
                assert_eq!(encoded.notes, Vec::<String>::new());
                let (_, header) = crate::header(&encoded.bytes, &limits).unwrap();
                let decoded = crate::decode(&CODEC, &encoded.bytes, &header, 1, &limits, &mut Buffers::default());
                (header, decoded.unwrap().pixels)
            };
            let (plain, with) = (written(Metadata::default()), written(metadata.clone()));
            assert_eq!((plain.0.metadata, with.0.metadata), (Metadata::default(), metadata.clone()));
            assert_eq!((plain.0.stored, plain.1), (with.0.stored, with.1));
        }
    }

    #[test]
    fn ten_bit_colours_are_bt_601() {
        assert_eq!(ten_bit_ycbcr([0.0; 3], BT601), [0, 512, 512]);
        assert_eq!(ten_bit_ycbcr([1.0; 3], BT601), [1023, 512, 512]);
        // Pure red and blue: their weights, and one chroma at its end.
        assert_eq!(ten_bit_ycbcr([1.0, 0.0, 0.0], BT601), [306, 339, 1023]);
        assert_eq!(ten_bit_ycbcr([0.0, 0.0, 1.0], BT601), [117, 1023, 429]);
    }

    #[test]
    fn colours_of_the_stream_count_where_the_container_is_silent() {
        let ramp: Vec<u8> = (0..64 * 16).flat_map(|i| [(i % 64 * 4) as u8; 3]).collect();
        let picture = Picture::new(Raster::new(64, 16, Layout::Rgb, ramp).into());
        let options = EncodeOptions::with_quality(90);
        let plain = crate::encode(&CODEC, picture, &options, &mut Buffers::default()).unwrap().bytes;
        assert!(!plain.windows(4).any(|part| part == b"colr"), "this encoder leaves the box out for sRGB");
        let read = |file: &[u8]| {
            let limits = Limits::default();
            let (codec, header) = crate::header(file, &limits).unwrap();
            let decoded = crate::decode(codec, file, &header, 1, &limits, &mut Buffers::default()).unwrap();
            (header, decoded.pixels)
        };
        let (header, expected) = read(&plain);
        assert_eq!(header.metadata, Metadata::default());
        let stating = |primaries, transfer| {
            let data = parse(&plain).unwrap().item_data(1).unwrap().into_owned();
            let at = plain.windows(data.len()).position(|part| part == data).unwrap();
            let mut file = plain.clone();
            let points = CodePoints { primaries, transfer, matrix: 6, full_range: true };
            sequence::state(&mut file[at..], points).unwrap();
            file
        };
        // Made to be shown as they are, whichever camera's curve they name.
        for transfer in [1, 6, 14, 15, 2] {
            assert_eq!(read(&stating(1, transfer)), (header.clone(), expected.clone()), "{transfer}");
        }
        let icc = read(&stating(12, 13)).0.metadata.icc.unwrap();
        assert_eq!(lightloom_picture::colour::Profile::parse(&icc).unwrap().title(), "Display P3");
        assert!(read(&stating(9, 18)).0.metadata.hdr.is_some());
    }
}
