//! WebP files written by libwebp: of pixels, or of planes, which lossy files hold.

use img_parts::webp::WebP;
use img_parts::{Bytes, ImageEXIF, ImageICC};
use webpx::{Encoder, EncoderConfig, Unstoppable, YuvPlanesRef};

use super::CODEC;
use crate::encode::RowWriter;
use crate::options::{MAX_KIB, QUALITY};
use crate::{CodecError, EncodeOptions, Encoded};
use lightloom_param::{integer, parameters, toggle};
use lightloom_picture::{Chroma, Layout, Metadata, Picture, Pixels, Planar, Raster, RowForm};

parameters! {
    pub(super) struct WebpOptions {
        quality: u8 = QUALITY.unless("lossless", &["true"]),
        max_kib: u32 = MAX_KIB.unless("lossless", &["true"]),
        lossless: bool = toggle(
            "Lossless",
            "Keeps every sample of 8 bits; quality and the largest size then count for nothing",
            false,
        ),
        method: u8 = integer("Effort", "0 is quick, 6 takes the most time for the smallest file", "", (0, 6), 4),
    }
}

/// For lossless files libwebp takes the quality for the time to spend, 0–100.
const LOSSLESS_EFFORT: f32 = 75.0;

/// Longest side that a WebP file can have.
const MAX_SIDE: u32 = 16_383;

impl WebpOptions {
    /// Whether the file may only be of some size.
    pub(super) const fn is_limited(&self) -> bool {
        self.max_kib > 0 && !self.lossless
    }

    fn config(&self) -> EncoderConfig {
        EncoderConfig::new()
            .lossless(self.lossless)
            .quality(if self.lossless { LOSSLESS_EFFORT } else { f32::from(self.quality) })
            .method(self.method)
            // What is under transparent pixels belongs to the picture too.
            .exact(self.lossless)
    }
}

pub(super) fn failed(reason: impl ToString) -> CodecError {
    CodecError::Encode { format: CODEC.title, reason: reason.to_string() }
}

/// Refuses what the format cannot hold.
pub(super) fn check_sides(width: u32, height: u32) -> Result<(), CodecError> {
    if width.max(height) <= MAX_SIDE {
        return Ok(());
    }
    Err(failed(format!("no side may be longer than {MAX_SIDE} pixels; add a resize or choose another format")))
}

/// A file of one picture without metadata.
pub(super) fn encode_raster(raster: &Raster<u8>, options: &WebpOptions) -> Result<Vec<u8>, CodecError> {
    check_sides(raster.width(), raster.height())?;
    let encoder = match raster.layout() {
        Layout::Rgba => Encoder::new_rgba(raster.samples(), raster.width(), raster.height()),
        _ => Encoder::new_rgb(raster.samples(), raster.width(), raster.height()),
    };
    encoder.config(options.config()).encode(Unstoppable).map_err(failed)
}

pub(super) fn encode(picture: &Picture, options: &EncodeOptions) -> Result<Encoded, CodecError> {
    let Pixels::U8(raster) = &picture.pixels else { return Err(failed(format!("{:?}", picture.pixels.shape()))) };
    with_metadata(encode_raster(raster, &options.read())?, &picture.metadata)
}

fn with_metadata(bytes: Vec<u8>, metadata: &Metadata) -> Result<Encoded, CodecError> {
    if metadata.exif.is_none() && metadata.icc.is_none() {
        return Ok(Encoded { bytes, notes: Vec::new() });
    }
    let mut container = WebP::from_bytes(Bytes::from(bytes)).map_err(failed)?;
    container.set_icc_profile(metadata.icc.clone().map(Bytes::from));
    container.set_exif(metadata.exif.clone().map(Bytes::from));
    Ok(Encoded { bytes: container.encoder().bytes().to_vec(), notes: Vec::new() })
}

/// Lossy files hold planes, which libwebp needs as a whole; only pixels would have to be made planes of.
pub(super) fn encode_rows(form: RowForm, options: &EncodeOptions) -> Option<Box<dyn RowWriter>> {
    let options: WebpOptions = options.read();
    match form {
        RowForm::Planes(planar) if planar.chroma == HALF && !options.lossless => {
            check_sides(planar.width, planar.height).ok()?;
            Some(Box::new(OfPlanes { options, planar, planes: Default::default() }))
        }
        RowForm::Planes(_) | RowForm::Pixels(_) => None,
    }
}

/// Chroma of lossy files.
const HALF: Chroma = Chroma { columns: 2, rows: 2 };

/// A lossy file that takes its picture in bands of planes.
struct OfPlanes {
    options: WebpOptions,
    planar: Planar,
    /// In the levels of the file.
    planes: [Vec<u8>; 3],
}

/// Levels of Y (16 to 235), and of Cb and Cr (16 to 240), of those of JPEG, which are of the full range (ITU-R BT.601).
static LEVELS: [[u8; 256]; 2] = [levels(219, 16, 0), levels(224, 128, 128)];

/// 255 levels as so many, of which `zero` is that of level `of`.
const fn levels(range: i32, zero: i32, of: i32) -> [u8; 256] {
    let mut levels = [0; 256];
    let mut level = 0;
    while level < 256 {
        // Rounded half up; what is divided is not negative.
        levels[level] = (((level as i32 - of) * range + zero * 255) * 2 + 255).div_euclid(2 * 255) as u8;
        level += 1;
    }
    levels
}

impl RowWriter for OfPlanes {
    fn push(&mut self, bands: &[u8]) -> Result<(), CodecError> {
        let Planar { width, height, .. } = self.planar;
        let luma = width as usize * height as usize;
        for band in bands.chunks(self.planar.band_samples()) {
            if band.len() < self.planar.band_samples() || self.planes[0].len() == luma {
                return Err(failed("there are more rows than should be"));
            }
            // The last band may have a row that is beyond the picture.
            let missing = luma - self.planes[0].len();
            for (plane, (to, from)) in self.planes.iter_mut().zip(self.planar.planes(band)).enumerate() {
                let from = if plane == 0 { &from[..missing.min(from.len())] } else { from };
                to.extend(from.iter().map(|level| LEVELS[plane.min(1)][usize::from(*level)]));
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, metadata: &Metadata) -> Result<Encoded, CodecError> {
        let Planar { width, height, .. } = self.planar;
        let [y, u, v] = &self.planes;
        if y.len() < width as usize * height as usize {
            return Err(failed("rows are missing"));
        }
        let pitch = self.planar.chroma_width() as usize;
        let planes = YuvPlanesRef {
            y,
            y_stride: width as usize,
            u,
            u_stride: pitch,
            v,
            v_stride: pitch,
            a: None,
            a_stride: 0,
            width,
            height,
        };
        let bytes = Encoder::new_yuv(planes).config(self.options.config()).encode(Unstoppable).map_err(failed)?;
        with_metadata(bytes, metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_the_full_range_become_those_of_video() {
        let [luma, chroma] = &LEVELS;
        assert_eq!([0, 128, 255].map(|level| luma[level]), [16, 126, 235]);
        assert_eq!([0, 1, 64, 128, 255].map(|level| chroma[level]), [16, 16, 72, 128, 240]);
    }

    #[test]
    fn bands_that_are_too_few_too_many_or_not_whole_are_refused() {
        let planar = Planar { width: 5, height: 3, chroma: HALF };
        let begin = || encode_rows(RowForm::Planes(planar), &EncodeOptions::with_quality(80)).unwrap();
        let bands = vec![90; 3 * planar.band_samples()];
        let (one, two) = (&bands[..planar.band_samples()], &bands[..2 * planar.band_samples()]);
        let mut whole = begin();
        whole.push(two).unwrap();
        assert!(whole.push(one).is_err(), "there are two bands");
        assert!(whole.finish(&Metadata::default()).unwrap().bytes.starts_with(b"RIFF"));
        assert!(begin().push(&bands).is_err());
        assert!(begin().push(&bands[..planar.band_samples() + 1]).is_err());
        let mut short = begin();
        short.push(one).unwrap();
        assert!(short.finish(&Metadata::default()).is_err());
        let finer = Planar { chroma: Chroma::FULL, ..planar };
        assert!(encode_rows(RowForm::Planes(finer), &EncodeOptions::default()).is_none());
        let mut lossless = EncodeOptions::default();
        lossless.set_text("lossless", "true").unwrap();
        assert!(encode_rows(RowForm::Planes(planar), &lossless).is_none());
        let long = Planar { width: MAX_SIDE + 1, ..planar };
        assert!(encode_rows(RowForm::Planes(long), &EncodeOptions::default()).is_none());
    }
}
