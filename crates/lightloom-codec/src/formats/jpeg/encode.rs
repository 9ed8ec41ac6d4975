//! JPEG files written through libjpeg-turbo-rs.

use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

use crate::options::{BACKGROUND, MAX_KIB, QUALITY};
use crate::{CodecError, EncodeOptions, Encoded};
use lightloom_param::{Colour, choice, parameters, toggle};
use lightloom_picture::{Layout, Picture, Pixels};

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
