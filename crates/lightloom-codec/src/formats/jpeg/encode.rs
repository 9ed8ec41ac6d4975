//! JPEG files written: baseline ones by lightloom-jpeg, progressive ones by libjpeg-turbo-rs.

use libjpeg_turbo_rs::{Encoder as ScanEncoder, PixelFormat, Subsampling};
use lightloom_jpeg::encode::{self as jpeg, Encoder, Format, Options, Sampling, exif_segment, icc_segments};

use crate::encode::RowWriter;
use crate::options::{BACKGROUND, MAX_KIB, QUALITY};
use crate::{CodecError, EncodeOptions, Encoded};
use lightloom_param::{Colour, choice, parameters, toggle};
use lightloom_picture::{Depth, Layout, Metadata, Picture, Pixels, Planar, Raster, RowForm, Shape};

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
    let Pixels::U8(raster) = &picture.pixels else {
        return Err(failed(format!("{:?}", picture.pixels.shape())));
    };
    let metadata = &picture.metadata;
    let baseline = || {
        let mut file = Baseline::begin(picture.pixels.shape(), options.baseline())?;
        file.push(raster.samples())?;
        Box::new(file).finish(metadata).map(|file| file.bytes)
    };
    let progressive = || progressive(raster, metadata, &options).map_err(failed);
    let bytes = match (options.progressive, options.smallest) {
        (true, _) => progressive()?,
        (false, false) => baseline()?,
        // Scans cost a little room, which small pictures do not win back.
        (false, true) => shorter(baseline()?, progressive()?),
    };
    Ok(Encoded { bytes, notes: Vec::new() })
}

fn failed(reason: impl ToString) -> CodecError {
    CodecError::Encode { format: "JPEG", reason: reason.to_string() }
}

impl JpegOptions {
    fn sampling(&self) -> Sampling {
        match self.subsampling {
            ChromaSubsampling::Auto if self.quality > AUTO_FULL_COLOUR => Sampling::S444,
            ChromaSubsampling::Auto | ChromaSubsampling::S420 => Sampling::S420,
            ChromaSubsampling::S422 => Sampling::S422,
            ChromaSubsampling::S444 => Sampling::S444,
        }
    }

    fn baseline(&self) -> Options {
        Options { quality: self.quality, sampling: self.sampling(), best_codes: self.smallest }
    }
}

/// A baseline file that takes its picture from top to bottom.
struct Baseline(Encoder);

impl Baseline {
    fn begin(shape: Shape, options: Options) -> Result<Self, CodecError> {
        let format = if shape.layout == Layout::Grey { Format::Grey } else { Format::Rgb };
        let shape = jpeg::Shape { width: shape.width as usize, height: shape.height as usize, format };
        Encoder::new(shape, &options).map(Self).map_err(failed)
    }
}

impl RowWriter for Baseline {
    fn push(&mut self, rows: &[u8]) -> Result<(), CodecError> {
        self.0.push_rows(rows).map_err(failed)
    }

    fn finish(self: Box<Self>, metadata: &Metadata) -> Result<Encoded, CodecError> {
        finish(self.0, metadata)
    }
}

/// The file, with Exif data and profile.
fn finish(encoder: Encoder, metadata: &Metadata) -> Result<Encoded, CodecError> {
    let exif = metadata.exif.as_deref().map(exif_segment).unwrap_or_default();
    let icc = metadata.icc.as_deref().map(icc_segments).unwrap_or_default();
    let bytes = encoder.finish(&[exif, icc].concat()).map_err(failed)?;
    Ok(Encoded { bytes, notes: Vec::new() })
}

/// A baseline file that takes its picture in bands of planes.
struct OfPlanes {
    encoder: Encoder,
    planar: Planar,
}

impl OfPlanes {
    /// `None` if chroma is not as fine as the file has it.
    fn begin(planar: Planar, options: Options) -> Option<Result<Self, CodecError>> {
        let Planar { width, height, chroma } = planar;
        let wanted = (options.sampling.columns() as u32, options.sampling.rows() as u32);
        let shape = jpeg::Shape { width: width as usize, height: height as usize, format: Format::YCbCr };
        let begin = || Encoder::new(shape, &options).map_err(failed);
        ((chroma.columns, chroma.rows) == wanted).then(|| begin().map(|encoder| Self { encoder, planar }))
    }
}

impl RowWriter for OfPlanes {
    fn push(&mut self, bands: &[u8]) -> Result<(), CodecError> {
        let Planar { width, chroma, .. } = self.planar;
        for band in bands.chunks(self.planar.band_samples()) {
            if band.len() < self.planar.band_samples() {
                return Err(failed("a band is not whole"));
            }
            // The last band may have a row that is beyond the picture; one more is for the encoder to refuse.
            let rows = (chroma.rows as usize).min(self.encoder.missing().max(1));
            let pitches = [width, self.planar.chroma_width(), self.planar.chroma_width()];
            let planes = self.planar.planes(band);
            let planes = std::array::from_fn(|i| jpeg::Plane { samples: planes[i], pitch: pitches[i] as usize });
            self.encoder.push_planes(&planes, rows).map_err(failed)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, metadata: &Metadata) -> Result<Encoded, CodecError> {
        finish(self.encoder, metadata)
    }
}

/// Baseline files with the usual codes are written while their rows or bands arrive.
pub(super) fn encode_rows(form: RowForm, options: &EncodeOptions) -> Option<Box<dyn RowWriter>> {
    let options: JpegOptions = options.read();
    if options.progressive || options.smallest {
        return None;
    }
    // What cannot be written is said by the other way.
    Some(match form {
        RowForm::Pixels(shape) => Box::new(Baseline::begin(shape, options.baseline()).ok()?),
        RowForm::Planes(planar) => Box::new(OfPlanes::begin(planar, options.baseline())?.ok()?),
    })
}

/// The one that takes less room, and of the same size the second.
fn shorter(first: Vec<u8>, second: Vec<u8>) -> Vec<u8> {
    if first.len() < second.len() { first } else { second }
}

/// A baseline file without metadata.
pub(super) fn encode_baseline(raster: &Raster<u8>, options: Options) -> Result<Vec<u8>, CodecError> {
    let shape = Shape { width: raster.width(), height: raster.height(), layout: raster.layout(), depth: Depth::U8 };
    let mut file = Baseline::begin(shape, options)?;
    file.push(raster.samples())?;
    file.0.finish(&[]).map_err(failed)
}

/// A progressive file.
fn progressive(raster: &Raster<u8>, metadata: &Metadata, options: &JpegOptions) -> Result<Vec<u8>, String> {
    let format = if raster.layout() == Layout::Grey { PixelFormat::Grayscale } else { PixelFormat::Rgb };
    let subsampling = match options.sampling() {
        Sampling::S444 => Subsampling::S444,
        Sampling::S422 => Subsampling::S422,
        Sampling::S420 => Subsampling::S420,
    };
    let mut encoder = ScanEncoder::new(raster.samples(), raster.width() as usize, raster.height() as usize, format)
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

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Chroma;

    #[test]
    fn bands_that_are_too_few_too_many_or_not_whole_are_refused() {
        let planar = Planar { width: 5, height: 3, chroma: Chroma { columns: 2, rows: 2 } };
        let begin = || encode_rows(RowForm::Planes(planar), &EncodeOptions::with_quality(80)).unwrap();
        let bands = vec![90; 3 * planar.band_samples()];
        let two = &bands[..2 * planar.band_samples()];
        let mut whole = begin();
        whole.push(two).unwrap();
        assert!(whole.push(&bands[..planar.band_samples()]).is_err(), "there are two bands");
        assert!(whole.finish(&Metadata::default()).unwrap().bytes.ends_with(&[0xff, 0xd9]));
        assert!(begin().push(&bands).is_err());
        assert!(begin().push(&bands[..planar.band_samples() + 1]).is_err());
        assert!(begin().finish(&Metadata::default()).is_err());
        let finer = Planar { chroma: Chroma::FULL, ..planar };
        assert!(encode_rows(RowForm::Planes(finer), &EncodeOptions::with_quality(80)).is_none());
    }
}
