//! JPEG through libjpeg-turbo-rs: scaled decoding by 2, 4 and 8, damaged files decoded as far as they go.

use std::io::Cursor;

use libjpeg_turbo_rs::{
    DecodeLimits, DecodeWarning, Decoder, Encoder, JpegError, PixelFormat, ScalingFactor, Subsampling,
};

mod embed;
mod extended_xmp;
pub(crate) mod fallback;
mod gain_map;
pub(crate) mod markers;
mod multi_picture;
pub(crate) mod parts;
mod segments;

use crate::embed::{Embed, Holds, Texts};
use crate::options::{BACKGROUND, MAX_KIB, QUALITY};
use crate::shared::inks;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_param::{Colour, Parameters, choice, parameters, toggle};
use lightloom_picture::colour::{Profile, Space};
use lightloom_picture::exif::{Exif, Section};
use lightloom_picture::{Buffers, Depth, Layout, Metadata, Picture, Pixels, Raster};
use markers::Markers;

pub(crate) static CODEC: Codec = Codec {
    id: "jpeg",
    title: "JPEG",
    extensions: &["jpg", "jpeg", "jpe", "jfif", "mpo"],
    lossy: true,
    divisors: &[1, 2, 4, 8],
    depths: &[Depth::U8, Depth::U16],
    several: false,
    frames: None,
    recognises: |head| head.starts_with(&[0xff, 0xd8, 0xff]),
    header,
    decode,
    write: Some(Writer {
        options: JpegOptions::SPECS,
        encode,
        fit: |layout, _| (layout.opaque(), Depth::U8),
        embed: Some(Embed {
            holds: Holds { exif: LARGEST_EXIF, iptc: true, texts: Texts::Comments, gain_map: true, ..Holds::USUAL },
            write: embed::embed,
        }),
    }),
};

/// An APP1 segment has a 16-bit length, which counts itself and a name in front of the data too.
const LARGEST_EXIF: usize = 65_500;

choice! {
    /// Resolution of colour beside that of brightness.
    enum ChromaSubsampling {
        /// 4:2:0 up to [`AUTO_FULL_COLOUR`], 4:4:4 above.
        Auto = "auto" "Automatic",
        /// Full resolution.
        S444 = "444" "4:4:4 (full colour)",
        /// Half as many columns.
        S422 = "422" "4:2:2",
        /// Half as many columns and rows.
        S420 = "420" "4:2:0 (smallest)",
    }
}

parameters! {
    struct JpegOptions {
        quality: u8 = QUALITY,
        max_kib: u32 = MAX_KIB,
        subsampling: ChromaSubsampling = choice(
            "Colour detail",
            "Resolution of colour beside that of brightness; automatic is 4:2:0 up to quality 90 and 4:4:4 above",
        ),
        progressive: bool = toggle(
            "Progressive",
            "The file comes in scans from coarse to fine, and is usually a little smaller",
            false,
        ),
        smallest: bool = toggle(
            "Smallest file",
            "Spends more time on a smaller file of the same pixels: optimised Huffman tables, and scans where they help",
            false,
        ),
        background: Colour = BACKGROUND,
    }
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let markers = Markers::read(input)?;
    let layout = match markers.components {
        1 => Layout::Grey,
        3 | 4 => Layout::Rgb,
        n => return Err(CodecError::Unsupported(format!("JPEG with {n} components"))),
    };
    let depth = match (markers.precision, markers.lossless) {
        (8, _) => Depth::U8,
        (12, false) | (9..=16, true) => Depth::U16,
        (n, _) => return Err(CodecError::Unsupported(format!("JPEG with {n} bits per sample"))),
    };
    let cmyk = markers.components == 4;
    // A CMYK profile says nothing about the RGB pixels that come out.
    let metadata = Metadata {
        exif: markers.exif,
        icc: markers.icc.clone().filter(|_| !cmyk),
        xmp: markers.xmp,
        iptc: markers.iptc,
        photoshop: markers.photoshop,
        texts: markers.texts,
        left_out: markers.left_out,
        density: markers.density,
        ..Metadata::default()
    };
    let mut metadata = metadata;
    if metadata.icc.is_none() && markers.components == 3 && metadata.exif.as_deref().is_some_and(names_adobe_rgb) {
        metadata.icc = Some(Profile::named(Space::AdobeRgb).bytes().to_vec());
    }
    let mut header = Header::new(markers.width, markers.height, layout, depth).with(metadata);
    if cmyk {
        header.notes.extend(inks::rule(markers.icc.as_deref()).1);
    }
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let limits = DecodeLimits {
        max_scans: request.limits.scans,
        // Pixels, planes and the coefficients of progressive files together.
        max_memory: Some(request.limits.decoded_bytes.saturating_mul(4)),
        ..DecodeLimits::default()
    };
    let mut notes = Vec::new();
    if !fallback::has_end(bytes) {
        notes.push(crate::NO_END.to_owned());
    }
    if request.header.stored.depth == Depth::U16 {
        let markers = Markers::read(&mut Cursor::new(bytes))?;
        let pixels = fallback::deep(bytes, &markers, &limits, request)?;
        return Ok(Decoded { pixels, partial: None, notes });
    }
    match strict(bytes, limits, request, buffers) {
        Ok((pixels, None)) => Ok(Decoded { pixels, partial: None, notes }),
        Ok((pixels, partial)) => Ok(Decoded { pixels, partial, notes: Vec::new() }),
        // What exceeds a limit in one reader would in the other.
        Err(error @ (JpegError::LimitExceeded { .. } | JpegError::AllocationFailed { .. })) => Err(error.into()),
        Err(error) => match fallback::forgiving(bytes, request, buffers) {
            Some(pixels) => {
                let partial = Some(format!("the file is damaged ({error}): a part of the picture may be wrong"));
                Ok(Decoded { pixels, partial, notes: Vec::new() })
            }
            None => Err(error.into()),
        },
    }
}

/// Decodes what keeps to the rules, and what ends too early. Says which part is missing.
fn strict(
    bytes: &[u8],
    limits: DecodeLimits,
    request: &Request<'_>,
    buffers: &mut Buffers,
) -> Result<(Pixels, Option<String>), JpegError> {
    let mut decoder = Decoder::new_with_limits(bytes, limits)?;
    let cmyk = decoder.header().components.len() == 4;
    let (layout, format) = match request.header.stored.layout {
        Layout::Grey => (Layout::Grey, PixelFormat::Grayscale),
        _ if cmyk => (Layout::Rgba, PixelFormat::Cmyk),
        _ => (Layout::Rgb, PixelFormat::Rgb),
    };
    decoder.set_output_format(format);
    decoder.set_lenient(true);
    decoder.set_scale(ScalingFactor::try_new(1, u32::from(request.divisor))?);
    let mut samples = buffers.take::<u8>(decoder.output_buffer_size()?);
    let info = decoder.decode_image_into(&mut samples)?;
    let (width, height) = (info.width as u32, info.height as u32);
    samples.truncate(info.bytes_written);
    let mut raster = Raster::new(width, height, layout, samples);
    if cmyk {
        let icc = Markers::read(&mut Cursor::new(bytes)).ok().and_then(|markers| markers.icc);
        let mut samples = raster.into_samples();
        // Adobe files store inks inverted, and so does this decoder hand them out.
        samples.iter_mut().for_each(|ink| *ink = 255 - *ink);
        raster = inks::to_srgb(&inks::rule(icc.as_deref()).0, (width, height), samples, false, buffers);
    }
    Ok((raster.into(), missing(&info.warnings)?))
}

/// Which part of the picture is missing, if any. A file of which nothing could be decoded is an error.
fn missing(warnings: &[DecodeWarning]) -> Result<Option<String>, JpegError> {
    for warning in warnings {
        match warning {
            DecodeWarning::TruncatedData { decoded_mcus: 0, .. } => {
                return Err(JpegError::CorruptData("its pixel data are missing".to_owned()));
            }
            DecodeWarning::TruncatedData { decoded_mcus, total_mcus } => {
                let percent = 100.0 * *decoded_mcus as f64 / *total_mcus as f64;
                return Ok(Some(format!("the file ends too early: about {percent:.0} % of the picture was decoded")));
            }
            DecodeWarning::HuffmanError { .. } => {
                return Ok(Some("the file is damaged: a part of the picture is wrong".to_owned()));
            }
            DecodeWarning::UnsupportedRecovered { detail } => return Err(JpegError::Unsupported(detail.clone())),
            _ => {}
        }
    }
    Ok(None)
}

/// Whether a camera says by the file's Exif data that the samples are Adobe RGB: the only way that DCF 2.0 has, since its
/// files carry no profile. The interoperability index is R03, and the colour space is none that Exif knows.
fn names_adobe_rgb(exif: &[u8]) -> bool {
    Exif::parse(exif).is_some_and(|exif| {
        exif.text(Section::Interop, 0x0001).as_deref() == Some("R03")
            && exif.number(Section::Exif, 0xa001).is_some_and(|space| space != 1)
    })
}

/// A segment has a 16-bit length that counts itself.
const LARGEST_SEGMENT: usize = 65_533;

/// Above this quality, automatic keeps the full resolution of colour.
const AUTO_FULL_COLOUR: u8 = 90;

fn encode(picture: &Picture, options: &EncodeOptions) -> Result<Encoded, CodecError> {
    let options: JpegOptions = options.read();
    let failed = |reason: String| CodecError::Encode { format: "JPEG", reason };
    let Pixels::U8(raster) = &picture.pixels else {
        return Err(failed(format!("{:?}", picture.pixels.shape())));
    };
    let format = if raster.layout() == Layout::Grey { PixelFormat::Grayscale } else { PixelFormat::Rgb };
    let subsampling = match options.subsampling {
        ChromaSubsampling::Auto if options.quality > AUTO_FULL_COLOUR => Subsampling::S444,
        ChromaSubsampling::Auto | ChromaSubsampling::S420 => Subsampling::S420,
        ChromaSubsampling::S422 => Subsampling::S422,
        ChromaSubsampling::S444 => Subsampling::S444,
    };
    let encode = |progressive: bool| {
        let mut encoder = Encoder::new(raster.samples(), raster.width() as usize, raster.height() as usize, format)
            .quality(options.quality)
            .subsampling(subsampling)
            .progressive(progressive)
            .optimize_huffman(options.smallest);
        if let Some(icc) = &picture.metadata.icc {
            encoder = encoder.icc_profile(icc);
        }
        if let Some(exif) = &picture.metadata.exif {
            encoder = encoder.exif_data(exif);
        }
        encoder.encode().map_err(|e| failed(e.to_string()))
    };
    let mut bytes = encode(options.progressive || options.smallest)?;
    // Scans cost a little room, which small pictures do not win back.
    if options.smallest && !options.progressive {
        let baseline = encode(false)?;
        if baseline.len() < bytes.len() {
            bytes = baseline;
        }
    }
    Ok(Encoded { bytes, notes: Vec::new() })
}
