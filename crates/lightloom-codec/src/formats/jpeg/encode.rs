//! JPEG files written: baseline ones by lightloom-jpeg, progressive ones by libjpeg-turbo-rs.

use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};
use lightloom_jpeg::encode::{Format, Options, Sampling, Shape, exif_segment, icc_segments};

use crate::options::{BACKGROUND, MAX_KIB, QUALITY};
use crate::{CodecError, EncodeOptions, Encoded};
use lightloom_param::{Colour, choice, parameters, toggle};
use lightloom_picture::{Layout, Metadata, Picture, Pixels, Raster};

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
    pub(super) struct JpegOptions {
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

/// Above this quality, automatic keeps the full resolution of colour.
const AUTO_FULL_COLOUR: u8 = 90;

pub(super) fn encode(picture: &Picture, options: &EncodeOptions) -> Result<Encoded, CodecError> {
    let options: JpegOptions = options.read();
    let failed = |reason: String| CodecError::Encode { format: "JPEG", reason };
    let Pixels::U8(raster) = &picture.pixels else {
        return Err(failed(format!("{:?}", picture.pixels.shape())));
    };
    let sampling = match options.subsampling {
        ChromaSubsampling::Auto if options.quality > AUTO_FULL_COLOUR => Sampling::S444,
        ChromaSubsampling::Auto | ChromaSubsampling::S420 => Sampling::S420,
        ChromaSubsampling::S422 => Sampling::S422,
        ChromaSubsampling::S444 => Sampling::S444,
    };
    let metadata = &picture.metadata;
    let baseline = || {
        let exif = metadata.exif.as_deref().map(exif_segment).unwrap_or_default();
        let icc = metadata.icc.as_deref().map(icc_segments).unwrap_or_default();
        let segments = &[exif, icc].concat();
        let options = Options { quality: options.quality, sampling, best_codes: options.smallest, segments };
        encode_baseline(raster, &options).map_err(failed)
    };
    let progressive = || progressive(raster, metadata, &options, sampling).map_err(failed);
    let bytes = match (options.progressive, options.smallest) {
        (true, _) => progressive()?,
        (false, false) => baseline()?,
        // Scans cost a little room, which small pictures do not win back.
        (false, true) => shorter(baseline()?, progressive()?),
    };
    Ok(Encoded { bytes, notes: Vec::new() })
}

/// The one that takes less room, and of the same size the second.
fn shorter(first: Vec<u8>, second: Vec<u8>) -> Vec<u8> {
    if first.len() < second.len() { first } else { second }
}

/// A baseline file.
pub(super) fn encode_baseline(raster: &Raster<u8>, options: &Options<'_>) -> Result<Vec<u8>, String> {
    let format = if raster.layout() == Layout::Grey { Format::Grey } else { Format::Rgb };
    let shape = Shape { width: raster.width() as usize, height: raster.height() as usize, format };
    lightloom_jpeg::encode::encode(raster.samples(), shape, options).map_err(|e| e.to_string())
}

/// A progressive file.
fn progressive(
    raster: &Raster<u8>,
    metadata: &Metadata,
    options: &JpegOptions,
    sampling: Sampling,
) -> Result<Vec<u8>, String> {
    let format = if raster.layout() == Layout::Grey { PixelFormat::Grayscale } else { PixelFormat::Rgb };
    let subsampling = match sampling {
        Sampling::S444 => Subsampling::S444,
        Sampling::S422 => Subsampling::S422,
        Sampling::S420 => Subsampling::S420,
    };
    let mut encoder = Encoder::new(raster.samples(), raster.width() as usize, raster.height() as usize, format)
        .quality(options.quality)
        .subsampling(subsampling)
        .progressive(true)
        .optimize_huffman(options.smallest);
    if let Some(icc) = &metadata.icc {
        encoder = encoder.icc_profile(icc);
    }
    if let Some(exif) = &metadata.exif {
        encoder = encoder.exif_data(exif);
    }
    encoder.encode().map_err(|e| e.to_string())
}
