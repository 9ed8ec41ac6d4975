//! HEIC: pictures of phones, coded as HEVC, decoded by heifer. Only read.

use heifer::heifer_isobmff::boxes::Property;
use heifer::heifer_isobmff::{HeifFile, ItemId};
use heifer::{Error, Image, Options};

use crate::shared::image_crate;
use crate::shared::isobmff::{self, brands};
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use lightloom_picture::{Buffers, Depth, Layout, Metadata, Pixels, Raster};

pub(crate) static CODEC: Codec = Codec {
    id: "heic",
    title: "HEIC",
    extensions: &["heic", "heif", "hif"],
    lossy: true,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16],
    several: true,
    frames: None,
    recognises: |head| brands(head).any(|brand| matches!(&brand, b"heic" | b"heix" | b"heim" | b"heis" | b"mif1")),
    header,
    decode,
    write: None,
};

impl From<Error> for CodecError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unsupported(what) => Self::Unsupported(what),
            other => Self::Damaged(other.to_string()),
        }
    }
}

fn is_alpha(file: &HeifFile<'_>, item: ItemId) -> bool {
    file.item_properties(item).is_ok_and(|mut properties| {
        properties.any(|p| matches!(p, Property::AuxiliaryType(kind) if isobmff::names_alpha(kind)))
    })
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
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
    let found = heifer::item_metadata(&file, primary)?;
    let mut metadata = Metadata::default();
    (metadata.exif, metadata.icc) = (found.exif, found.icc_profile);
    let mut header = Header::new(width, height, layout, depth).with(metadata);
    // The container says how to turn the picture, and the decoder does it; Exif only repeats it.
    header.orientation = lightloom_picture::Orientation::Upright;
    header.frames = file.top_level_image_ids().len().max(1) as u32;
    if header.frames > 1 {
        header.notes.push("HEIC with several pictures: only the primary one is used".to_owned());
    }
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let stored = request.header.stored;
    // Threads of its own would stand beside the pool's.
    let options = Options { max_threads: 1, max_pixels: request.limits.decoded_bytes / 8 };
    // A profile travels with the samples; the colour spaces that are named by numbers are converted to sRGB.
    let convert = request.header.metadata.icc.is_none();
    Ok(match stored.depth {
        Depth::U8 => {
            let image = if convert {
                heifer::decode_srgb_rgba8(bytes, &options).or_else(|_| heifer::decode_rgba8(bytes, &options))
            } else {
                heifer::decode_rgba8(bytes, &options)
            };
            pixels(image?, stored.layout, |v| v, buffers)?
        }
        _ => {
            let image = if convert {
                heifer::decode_srgb_with_options(bytes, &options)
                    .or_else(|_| heifer::decode_with_options(bytes, &options))
            } else {
                heifer::decode_with_options(bytes, &options)
            }?;
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
