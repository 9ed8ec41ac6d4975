//! HEIC: pictures of phones, coded as HEVC, decoded by heifer. Only read.

use heifer::heifer_hevc_dec::nal::{NalUnit, split_annex_b};
use heifer::heifer_hevc_dec::params::{ParameterSets, Sps};
use heifer::heifer_isobmff::boxes::Property;
use heifer::heifer_isobmff::{HeifFile, ItemId};
use heifer::{Error, Image, Options};

use crate::shared::image_crate;
use crate::shared::isobmff::{self, brands};
use crate::shared::nclx;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use lightloom_picture::colour::CodePoints;
use lightloom_picture::{Buffers, Depth, Layout, Pixels, Raster};

pub(crate) static CODEC: Codec = Codec {
    id: "heic",
    title: "HEIC",
    extensions: &["heic", "heif", "hif"],
    lossy: true,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16],
    several: true,
    isolates: false,
    frames: None,
    recognises: |head| brands(head).any(|brand| matches!(&brand, b"heic" | b"heix" | b"heim" | b"heis" | b"mif1")),
    header,
    decode,
    decode_rows: None,
    write: None,
};

impl From<Error> for CodecError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unsupported(what) => Self::unread(what),
            other => Self::undecodable(other),
        }
    }
}

fn is_alpha(file: &HeifFile<'_>, item: ItemId) -> bool {
    file.item_properties(item).is_ok_and(|mut properties| {
        properties.any(|p| matches!(p, Property::AuxiliaryType(kind) if isobmff::names_alpha(kind)))
    })
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let bytes = image_crate::read_all(input)?;
    let file = HeifFile::parse(&bytes).map_err(Error::from)?;
    let primary = file.primary_id;
    let (width, height) = isobmff::shown_size(&file, primary)?;
    let alpha = file.referencing_items(primary, b"auxl").into_iter().any(|item| is_alpha(&file, item));
    // Of a grid the tiles know.
    let coded = file.referenced_items(primary, b"dimg").first().copied().unwrap_or(primary);
    let bits = file.hevc_config(coded).ok().flatten().map_or(8, |c| c.bit_depth_luma);
    let layout = if alpha { Layout::Rgba } else { Layout::Rgb };
    let depth = if bits > 8 { Depth::U16 } else { Depth::U8 };
    let mut header = Header::new(width, height, layout, depth).with(isobmff::metadata(&file, primary));
    // The container says how to turn the picture, and the decoder does it; Exif only repeats it.
    header.turned = std::mem::take(&mut header.orientation);
    // What is too large itself is refused as such.
    if header.stored.bytes() <= limits.decoded_bytes {
        let at_once = pixels_at_once(&file, primary, 0, limits.decoded_bytes / 4)?;
        header.decoder_bytes = decoder_bytes(at_once, depth);
    }
    header.frames = file.top_level_image_ids().len().max(1) as u32;
    header.take_code_points(code_points(&file, primary, coded)?);
    if let Some(hdr) = &mut header.metadata.hdr {
        hdr.light = nclx::light(&file, primary)?;
    }
    if header.frames > 1 {
        header.notes.push("HEIC with several pictures: only the primary one is used".to_owned());
    }
    Ok(header)
}

/// What the container says about the colours of a picture or its first tile, else what the coded video says (its "VUI").
fn code_points(file: &HeifFile<'_>, primary: ItemId, coded: ItemId) -> Result<CodePoints, CodecError> {
    let of_container = nclx::code_points(file, primary)?.or(nclx::code_points(file, coded)?);
    Ok(of_container.or_else(|| of_video(file, coded)).unwrap_or(CodePoints::UNSPECIFIED))
}

fn of_video(file: &HeifFile<'_>, coded: ItemId) -> Option<CodePoints> {
    let mut sets = ParameterSets::default();
    for bytes in &file.hevc_config(coded).ok()??.nal_units {
        // What is damaged here stops the decoder later.
        let _ = NalUnit::parse(bytes).and_then(|unit| sets.add(&unit));
    }
    let vui = sets.sps.iter().flatten().find_map(|sps| sps.vui.as_ref())?;
    Some(CodePoints {
        primaries: vui.colour_primaries,
        transfer: vui.transfer_characteristics,
        matrix: vui.matrix_coeffs,
        full_range: vui.video_full_range_flag,
    })
}

/// Pixels of the largest picture that may be decoded for an item: as large as the file states, and in whole blocks.
pub(crate) fn most_pixels(file: &HeifFile<'_>, item: ItemId) -> u64 {
    /// Tiles may be larger than what their picture shows of them.
    const TILE: u64 = 2048 * 2048;
    let size = file.image_size(item).ok().flatten().unwrap_or_default();
    let side = |n: u32| u64::from(n).div_ceil(64) * 64;
    (side(size.0) * side(size.1)).max(TILE)
}

/// Pixels of all pictures that an item is put together from, and that are in memory at once.
///
/// # Errors
/// If they are more than are allowed.
fn pixels_at_once(file: &HeifFile<'_>, item: ItemId, levels: u32, most: u64) -> Result<u64, CodecError> {
    /// As the decoder allows.
    const MOST_LEVELS: u32 = 4;
    let too_many = || CodecError::OverLimit("the pictures that it is put together from are too large".to_owned());
    let size = file.image_size(item).ok().flatten().unwrap_or((64, 64));
    // However small, each costs something.
    let own = (u64::from(size.0) * u64::from(size.1)).max(1 << 12);
    let is_overlay = file.item(item).is_ok_and(|item| item.item_type.0 == *b"iovl");
    let mut sum = own;
    let parts = file.referenced_items(item, b"dimg");
    // Tiles are decoded one after the other, the parts of an overlay are kept.
    for part in parts.iter().take(if is_overlay { usize::MAX } else { 1 }) {
        if levels >= MOST_LEVELS || sum > most {
            return Err(too_many());
        }
        sum += pixels_at_once(file, *part, levels + 1, most.saturating_sub(sum))?;
    }
    if sum > most { Err(too_many()) } else { Ok(sum) }
}

/// What decoding takes beside the picture: for each pixel RGBA and planes of 16 bits, of which the decoder holds two.
fn decoder_bytes(pixels: u64, depth: Depth) -> u64 {
    pixels * (4 * if depth == Depth::U8 { 1 } else { 2 } + 12)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let stored = request.header.stored;
    let file = HeifFile::parse(bytes).map_err(Error::from)?;
    // Threads of its own would stand beside the pool's.
    let options = Options { max_threads: 1, max_pixels: most_pixels(&file, file.primary_id) };
    // The colours stay as they are: what they mean is in the header.
    Ok(match stored.depth {
        Depth::U8 => pixels(heifer::decode_rgba8(bytes, &options)?, stored.layout, |v| v, buffers)?,
        _ => {
            let image = heifer::decode_with_options(bytes, &options)?;
            let white = u32::from(image.max_value()).max(1);
            pixels(image, stored.layout, |v: u16| ((u32::from(v) * 65_535 + white / 2) / white) as u16, buffers)?
        }
    }
    .into())
}

fn pixels<S: lightloom_picture::Sample>(
    image: Image<S>,
    layout: Layout,
    scale: impl Fn(S) -> S,
    buffers: &mut Buffers,
) -> Result<Pixels, CodecError>
where
    Pixels: From<Raster<S>>,
{
    let (width, height) = (image.width, image.height);
    if image.data.len() as u64 != u64::from(width) * u64::from(height) * 4 {
        return Err(CodecError::Damaged("its samples do not fill the picture".to_owned()));
    }
    let channels = layout.channels();
    let mut samples = buffers.take_for_overwrite::<S>(width as usize * height as usize * channels);
    for (to, from) in samples.chunks_exact_mut(channels).zip(image.data.as_chunks::<4>().0) {
        for (to, from) in to.iter_mut().zip(from) {
            *to = scale(*from);
        }
    }
    Ok(Raster::new(width, height, layout, samples).into())
}

/// The picture of a gain map.
///
/// # Errors
/// With the reason, if it cannot be decoded.
pub(crate) fn gain_map(file: &HeifFile<'_>, item: ItemId) -> Result<Raster<u8>, String> {
    // What the coded data state counts, and is allocated.
    for coded in file.referenced_items(item, b"dimg").iter().chain([&item]) {
        if coded_pixels(file, *coded).is_some_and(|pixels| pixels > most_pixels(file, *coded)) {
            return Err("its coded data are larger than the file states".to_owned());
        }
    }
    let image = heifer::decode_item(file, item, 1).map_err(|e| e.to_string())?;
    let white = u32::from(image.max_value()).max(1);
    let eight = |v: u16| ((u32::from(v) * 255 + white / 2) / white).min(255) as u8;
    let samples: Vec<u8> =
        image.data.as_chunks::<4>().0.iter().flat_map(|p| p[..3].iter().map(|v| eight(*v))).collect();
    if samples.len() as u64 != u64::from(image.width) * u64::from(image.height) * 3 {
        return Err("its samples do not fill it".to_owned());
    }
    Ok(Raster::new(image.width, image.height, Layout::Rgb, samples))
}

/// Pixels of the largest picture that the coded data of an item describe.
fn coded_pixels(file: &HeifFile<'_>, item: ItemId) -> Option<u64> {
    let stream = file.hevc_bitstream(item).ok()?;
    let mut largest = None;
    for unit in split_annex_b(&stream).filter_map(|unit| NalUnit::parse(unit).ok()) {
        let mut sets = ParameterSets::default();
        if sets.add(&unit).is_ok() {
            let size = |sps: &Sps| u64::from(sps.pic_width_in_luma_samples) * u64::from(sps.pic_height_in_luma_samples);
            largest = largest.max(sets.sps.iter().flatten().map(size).max());
        }
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Metadata;

    #[test]
    fn plain_colours_come_back_and_limits_hold() {
        for colour in [[0_u8, 0, 0], [255, 255, 255], [200, 60, 30], [20, 90, 220]] {
            let (width, height) = (48, 32);
            let file = heifer::encode_rgb8(
                width,
                height,
                &colour.repeat((width * height) as usize),
                &heifer::EncodeOptions::default(),
            )
            .unwrap();
            let limits = Limits::default();
            let (codec, header) = crate::header(&file, &limits).unwrap();
            assert_eq!(*codec, CODEC);
            let stored = header.stored;
            assert_eq!((stored.width, stored.height, stored.layout, stored.depth), (48, 32, Layout::Rgb, Depth::U8));
            let mut buffers = Buffers::default();
            let decoded = crate::decode(codec, &file, &header, 1, &limits, &mut buffers).unwrap();
            assert_eq!(decoded.pixels.shape(), stored);
            for pixel in decoded.pixels.to_rgba8().chunks_exact(4) {
                // Video codes rounded luma and chroma.
                assert!(pixel.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 4), "{pixel:?} for {colour:?}");
            }
            for cut in (0..file.len()).step_by(7) {
                if let Ok((codec, header)) = crate::header(&file[..cut], &limits) {
                    let _ = crate::decode(codec, &file[..cut], &header, 1, &limits, &mut buffers);
                }
            }
            let tight = Limits { decoded_bytes: 1000, ..Limits::default() };
            assert!(matches!(crate::header(&file, &tight), Err(CodecError::TooLarge { width: 48, .. })));
        }
    }

    #[test]
    fn coded_data_larger_than_the_file_states_are_not_decoded() {
        let side = 2112_u32;
        let grey = vec![128_u8; (side * side * 3) as usize];
        let mut file = heifer::encode_rgb8(side, side, &grey, &heifer::EncodeOptions::default()).unwrap();
        let stated = [side.to_be_bytes(), side.to_be_bytes()].concat();
        while let Some(at) = file.windows(8).position(|part| part == stated) {
            file[at..at + 8].copy_from_slice(&[0, 0, 0, 64, 0, 0, 0, 64]);
        }
        let limits = Limits::default();
        let (codec, header) = crate::header(&file, &limits).unwrap();
        // The picture as it is stated, and a tile of it.
        assert_eq!((header.stored.width, header.decoder_bytes), (64, (64 * 64 + 512 * 512) * 16), "{header:?}");
        match crate::decode(codec, &file, &header, 1, &limits, &mut Buffers::default()) {
            Err(CodecError::Unsupported(why) | CodecError::Undecodable { detail: why, .. }) => {
                assert!(why.contains("large"), "{why}");
            }
            other => panic!("{:?}", other.map(|decoded| decoded.pixels.shape())),
        }
    }

    fn read(file: &[u8]) -> (Header, Pixels) {
        let limits = Limits::default();
        let (codec, header) = crate::header(file, &limits).unwrap();
        let decoded = crate::decode(codec, file, &header, 1, &limits, &mut Buffers::default()).unwrap();
        (header, decoded.pixels)
    }

    /// Where primaries and transfer stand in a file of one picture: those of the container, of two bytes each.
    fn nclx(file: &[u8]) -> usize {
        file.windows(8).position(|part| part == b"colrnclx").unwrap() + 8
    }

    #[test]
    fn the_curves_of_cameras_are_shown_as_they_are() {
        let ramp: Vec<u8> = (0..64 * 16).flat_map(|i| [(i % 64 * 4) as u8; 3]).collect();
        let plain = heifer::encode_rgb8(64, 16, &ramp, &heifer::EncodeOptions::default()).unwrap();
        let at = nclx(&plain);
        assert_eq!(plain[at..at + 4], [0, 1, 0, 13]);
        let (header, expected) = read(&plain);
        assert_eq!(header.metadata, Metadata::default());
        for transfer in [1, 6, 14, 15, 2] {
            let mut file = plain.clone();
            file[at + 3] = transfer;
            assert_eq!(read(&file), (header.clone(), expected.clone()), "{transfer}");
        }
        // The same where only the video says so: its own numbers, with and without a word about the transfer.
        let mut bare = plain.clone();
        bare[at - 8..at - 4].copy_from_slice(b"free");
        assert_eq!(read(&bare), (header.clone(), expected));
        // Other primaries are a profile, and the samples stay.
        let mut wide = plain;
        wide[at + 1] = 12;
        let (found, _) = read(&wide);
        let profile = lightloom_picture::colour::Profile::parse(&found.metadata.icc.unwrap()).unwrap();
        assert_eq!(profile.title(), "Display P3");
    }

    #[test]
    fn high_dynamic_range_is_decoded_to_light() {
        // A PQ signal of 0.5807 is 203 cd/m² (ST 2084).
        let level = (0.580_689_f64 * 255.0).round() as u8;
        let file = heifer::encode_rgb8(32, 32, &[level; 32 * 32 * 3], &heifer::EncodeOptions::default()).unwrap();
        let at = nclx(&file);
        let mut pq = file;
        (pq[at + 1], pq[at + 3]) = (9, 16);
        let (header, pixels) = read(&pq);
        assert!(header.metadata.hdr.is_some());
        assert_eq!(header.stored.depth, Depth::F32);
        let Pixels::F32(raster) = pixels else { panic!("floats") };
        // Of 8 bits a step is 4 % of the light here.
        assert!(raster.samples().iter().all(|v| (v - 1.0).abs() < 0.03), "{:?}", &raster.samples()[..3]);
    }
}
