//! How bright a picture is: what files say about it, and what is measured.

use serde::{Deserialize, Serialize};

use super::levels::LightTables;
use super::{DIFFUSE_WHITE, ToneMapping};
use crate::{Pixels, Stopped, Work};

/// What a file says about its brightness.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Light {
    pub content: Option<ContentLight>,
    pub mastering: Option<Mastering>,
}

/// Content light level (CTA-861.3-A) in cd/m²; 0 is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ContentLight {
    /// The brightest colour of any pixel: MaxCLL.
    pub max: f64,
    /// The mean over all pixels of their brightest colours: MaxFALL.
    pub average: f64,
}

/// The display that a picture was made on (SMPTE ST 2086).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mastering {
    /// Chromaticities x and y of red, green, blue and white, in steps of 0.00002.
    pub chromaticities: [[u16; 2]; 4],
    /// Luminance in steps of 0.0001 cd/m².
    pub brightest: u32,
    /// Luminance in steps of 0.0001 cd/m².
    pub darkest: u32,
}

impl Mastering {
    /// Its brightest light in cd/m².
    pub fn max(&self) -> f64 {
        f64::from(self.brightest) / 10_000.0
    }
}

impl ContentLight {
    /// Measures a decoded picture of floats; one of integers, which no picture of high dynamic range is, is black.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn measure(pixels: &Pixels, work: &Work<'_>) -> Result<Self, Stopped> {
        /// Steps of a cd/m² in sums, which must be exact.
        const STEPS: f64 = 64.0;
        let Pixels::F32(raster) = pixels else { return Ok(Self { max: 0.0, average: 0.0 }) };
        let decode = &LightTables::get().decode;
        let colours = raster.layout().colours();
        let add = |(max, sum): &mut (f32, u64), _: u32, row: &[f32]| {
            for pixel in row.chunks_exact(raster.layout().channels()) {
                let brightest = pixel[..colours].iter().fold(0.0_f32, |a, b| a.max(*b));
                *max = max.max(brightest);
                *sum += (f64::from(decode.at(brightest)) * (DIFFUSE_WHITE * STEPS)) as u64;
            }
        };
        let merge = |a: (f32, u64), b: (f32, u64)| (a.0.max(b.0), a.1.saturating_add(b.1));
        let (max, sum) = work.measure_rows(raster, || (0.0, 0), add, merge)?;
        let pixels = f64::from(raster.width()) * f64::from(raster.height());
        let max = f64::from(decode.at(max)) * DIFFUSE_WHITE;
        Ok(Self { max: max.min(ToneMapping::MAX_PEAK), average: sum as f64 / STEPS / pixels.max(1.0) })
    }
}
