//! Planes of luma and chroma, as AV1 decodes them, to RGB (ITU-T H.273).

use re_rav1d::dav1d::{Decoder, Picture, PixelLayout, PlanarImageComponent, Settings, pixel};

use super::sequence;
use crate::CodecError;
use lightloom_picture::Sample;
use lightloom_picture::colour::CodePoints;

/// Decodes one coded item of at most `most_pixels`: the data state sizes of their own, and what they state is allocated.
///
/// # Errors
/// If its data are damaged or a picture in them is larger.
pub(crate) fn decode(data: Vec<u8>, most_pixels: u64) -> Result<Picture, CodecError> {
    let stated = sequence::size(&data).filter(|(width, height)| u64::from(*width) * u64::from(*height) > most_pixels);
    let error = |e: re_rav1d::dav1d::Error| match stated {
        Some((width, height)) => CodecError::Damaged(format!(
            "its coded data are of {width} × {height} pixels, more than the file states ({e})"
        )),
        None => CodecError::undecodable(format!("AV1: {e}")),
    };
    let mut settings = Settings::new();
    // The pool has the threads.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    // Of a picture in layers, the last.
    settings.set_all_layers(false);
    settings.set_frame_size_limit(u32::try_from(most_pixels).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(error)?;
    match decoder.send_data(data, None, None, None) {
        Err(e) if !e.is_again() => return Err(error(e)),
        _ => {}
    }
    for _ in 0..1000 {
        match decoder.get_picture() {
            Ok(picture) => return Ok(picture),
            Err(e) if e.is_again() => match decoder.send_pending_data() {
                Err(e) if !e.is_again() => return Err(error(e)),
                _ => {}
            },
            Err(e) => return Err(error(e)),
        }
    }
    Err(CodecError::Damaged("its AV1 data hold no picture".to_owned()))
}

/// One plane, its numbers as they are.
pub(crate) struct Numbers {
    samples: Vec<u16>,
    width: usize,
    height: usize,
}

impl Numbers {
    fn of(picture: &Picture, component: PlanarImageComponent, width: usize, height: usize) -> Self {
        let plane = picture.plane(component);
        let stride = picture.stride(component) as usize;
        let wide = picture.bit_depth() > 8;
        let mut samples = Vec::with_capacity(width * height);
        for row in plane.chunks(stride.max(1)).take(height) {
            if wide {
                samples.extend(row.as_chunks::<2>().0.iter().take(width).map(|b| u16::from_ne_bytes(*b)));
            } else {
                samples.extend(row.iter().take(width).map(|b| u16::from(*b)));
            }
        }
        samples.resize(width * height, 0);
        Self { samples, width, height }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        f32::from(self.samples[y.min(self.height - 1) * self.width + x.min(self.width - 1)])
    }
}

/// A decoded picture as planes.
pub(crate) struct Planes {
    pub width: usize,
    pub height: usize,
    bits: u32,
    luma: Numbers,
    chroma: Option<[Numbers; 2]>,
    /// By how much chroma is coarser.
    steps: (usize, usize),
    coding: CodePoints,
}

impl Planes {
    /// Takes a picture apart. What the container says about colour goes before what the stream says.
    pub fn new(picture: &Picture, coding: Option<CodePoints>) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let luma = Numbers::of(picture, PlanarImageComponent::Y, width, height);
        let steps = match picture.pixel_layout() {
            PixelLayout::I420 => (2, 2),
            PixelLayout::I422 => (2, 1),
            PixelLayout::I444 | PixelLayout::I400 => (1, 1),
        };
        let chroma = (picture.pixel_layout() != PixelLayout::I400).then(|| {
            let (w, h) = (width.div_ceil(steps.0), height.div_ceil(steps.1));
            [PlanarImageComponent::U, PlanarImageComponent::V].map(|c| Numbers::of(picture, c, w, h))
        });
        let coding = coding.unwrap_or_else(|| of_stream(picture));
        Self { width, height, bits: picture.bit_depth() as u32, luma, chroma, steps, coding }
    }

    /// Luma as 0–1, for alpha.
    pub fn luma(&self, x: usize, y: usize) -> f32 {
        let (black, white) = self.luma_range();
        ((self.luma.at(x, y) - black) / (white - black)).clamp(0.0, 1.0)
    }

    fn luma_range(&self) -> (f32, f32) {
        let unit = (1_u32 << (self.bits - 8)) as f32;
        if self.coding.full_range { (0.0, ((1_u32 << self.bits) - 1) as f32) } else { (16.0 * unit, 235.0 * unit) }
    }

    /// Chroma at a pixel, between its neighbours, as −0.5 to 0.5.
    fn chroma(&self, plane: &Numbers, x: usize, y: usize) -> f32 {
        // Samples lie in the middle of the pixels that share them: the nearest counts three quarters.
        let along = |at: usize, step: usize| match (step, at % 2) {
            (1, _) => (at, at, 0.0),
            (_, 0) => (at / 2, (at / 2).saturating_sub(1), 0.25),
            _ => (at / 2, at / 2 + 1, 0.25),
        };
        let (x0, x1, fx) = along(x, self.steps.0);
        let (y0, y1, fy) = along(y, self.steps.1);
        let row = |y: usize| plane.at(x0, y) * (1.0 - fx) + if fx > 0.0 { plane.at(x1, y) * fx } else { 0.0 };
        let value = row(y0) * (1.0 - fy) + if fy > 0.0 { row(y1) * fy } else { 0.0 };
        let middle = (1_u32 << (self.bits - 1)) as f32;
        let unit = (1_u32 << (self.bits - 8)) as f32;
        let span = if self.coding.full_range { ((1_u32 << self.bits) - 1) as f32 } else { 224.0 * unit };
        (value - middle) / span
    }

    /// Colours of one row, three a pixel or one for grey, as 0–1.
    ///
    /// # Errors
    /// If the matrix is none that is known here.
    pub fn row<S: Sample>(&self, y: usize, columns: usize, channels: usize, out: &mut [S]) -> Result<(), CodecError> {
        let weights = self.weights()?;
        for (x, pixel) in out.chunks_exact_mut(channels).take(columns).enumerate() {
            let luma = self.luma(x, y);
            let rgb = match (&self.chroma, channels < 3) {
                (Some([u, v]), false) => {
                    let (cb, cr) = (self.chroma(u, x, y), self.chroma(v, x, y));
                    match weights {
                        Matrix::Luma(kr, kb) => {
                            let (r, b) = (luma + 2.0 * (1.0 - kr) * cr, luma + 2.0 * (1.0 - kb) * cb);
                            [r, (luma - kr * r - kb * b) / (1.0 - kr - kb), b]
                        }
                        // Green, blue, red: no conversion at all.
                        Matrix::Identity => [self.plain(v, x, y), luma, self.plain(u, x, y)],
                        Matrix::Ycgco => {
                            let base = luma - cb;
                            [base + cr, luma + cb, base - cr]
                        }
                    }
                }
                _ => [luma; 3],
            };
            for (sample, value) in pixel.iter_mut().zip(rgb) {
                *sample = S::from_unit(value.clamp(0.0, 1.0));
            }
        }
        Ok(())
    }

    fn plain(&self, plane: &Numbers, x: usize, y: usize) -> f32 {
        let (black, white) = self.luma_range();
        (plane.at(x, y) - black) / (white - black)
    }

    fn weights(&self) -> Result<Matrix, CodecError> {
        Ok(match (self.coding.matrix, self.coding.primaries) {
            (0, _) => Matrix::Identity,
            (1, _) | (12, 1) => Matrix::Luma(0.2126, 0.0722),
            (4, _) => Matrix::Luma(0.30, 0.11),
            (7, _) | (12, 7) => Matrix::Luma(0.212, 0.087),
            (8, _) => Matrix::Ycgco,
            (9 | 10, _) | (12, 9) => Matrix::Luma(0.2627, 0.0593),
            // Derived from the primaries (H.273, 8.3): those of Display P3 and BT.470.
            (12, 12) => Matrix::Luma(0.228_975, 0.079_287),
            (12, 4) => Matrix::Luma(0.298_9, 0.114_5),
            (12, 5) => Matrix::Luma(0.222_021, 0.071_330),
            (12, 6) => Matrix::Luma(0.212_395, 0.086_556),
            (2 | 5 | 6 | 12, _) => Matrix::Luma(0.299, 0.114),
            (other, _) => {
                return Err(CodecError::Unsupported(format!("AVIF with matrix coefficients {other}")));
            }
        })
    }
}

/// How luma and chroma become RGB.
#[derive(Debug, Clone, Copy)]
enum Matrix {
    /// By the shares of red and blue in luma.
    Luma(f32, f32),
    Identity,
    Ycgco,
}

/// What the stream says about colour.
fn of_stream(picture: &Picture) -> CodePoints {
    use pixel::{ColorPrimaries as P, MatrixCoefficients as M};
    let matrix = match picture.matrix_coefficients() {
        M::Identity => 0,
        M::BT709 => 1,
        M::BT470M => 4,
        M::ST240M => 7,
        M::YCgCo => 8,
        M::BT2020NonConstantLuminance | M::BT2020ConstantLuminance => 9,
        M::ChromaticityDerivedNonConstantLuminance => 12,
        M::Unspecified | M::BT470BG | M::ST170M => 6,
        // None that a still picture has.
        _ => 255,
    };
    let primaries = match picture.color_primaries() {
        P::BT709 => 1,
        P::BT2020 => 9,
        P::P3Display => 12,
        _ => 2,
    };
    let full_range = picture.color_range() == pixel::YUVRange::Full;
    CodePoints { primaries, matrix, full_range, ..CodePoints::UNSPECIFIED }
}
