//! High dynamic range: pictures that are coded by PQ or HLG (ITU-R BT.2100), on their way through the program.
//!
//! They are decoded to floats with the sRGB transfer function continued beyond 1, as every float picture here is, in
//! the primaries of their file. 1.0 is diffuse white at 203 cd/m² (ITU-R BT.2408-7, table 1), so that filters, which
//! take 1.0 for white, see the scene as they see other pictures, with highlights above it. HLG is shown by its
//! reference display of 1000 cd/m² (BT.2100-2, table 5).

mod levels;
mod light;
mod tone;
mod transfer;

pub use light::{ContentLight, Light, Mastering};
pub use tone::{ToneCurve, ToneMapping};
pub use transfer::HdrTransfer;

use serde::{Deserialize, Serialize};

use levels::{Levels, LightTables, STRIP};
use transfer::{HLG_GAMMA, HLG_PEAK};

use super::{Space, cicp, profile::Profile};
use crate::with_raster;
use crate::{Layout, Pixels, Raster, Sample, Stopped, Work};

/// Luminance of 1.0 in cd/m²: diffuse white (ITU-R BT.2408-7, table 1).
pub const DIFFUSE_WHITE: f64 = 203.0;

/// Colour primaries that pictures of high dynamic range have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Primaries {
    Bt709,
    Bt2020,
    /// SMPTE RP 431-2, with the white of cinemas.
    DciP3,
    /// SMPTE EG 432-1.
    DisplayP3,
}

impl Primaries {
    /// From a code point of H.273. Unspecified ones are those of BT.2020, the only ones that BT.2100 knows.
    pub const fn from_code_point(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Bt709),
            2 | 9 => Some(Self::Bt2020),
            11 => Some(Self::DciP3),
            12 => Some(Self::DisplayP3),
            _ => None,
        }
    }

    pub const fn code_point(self) -> u8 {
        match self {
            Self::Bt709 => 1,
            Self::Bt2020 => 9,
            Self::DciP3 => 11,
            Self::DisplayP3 => 12,
        }
    }

    /// Shares of red, green and blue in luminance, from the chromaticities.
    const fn luminance(self) -> [f32; 3] {
        match self {
            Self::Bt709 => [0.2126, 0.7152, 0.0722],
            Self::Bt2020 => [0.2627, 0.6780, 0.0593],
            Self::DciP3 => [0.2095, 0.7216, 0.0689],
            Self::DisplayP3 => [0.2290, 0.6917, 0.0793],
        }
    }
}

/// How a picture of high dynamic range is coded in its file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Hdr {
    pub transfer: HdrTransfer,
    pub primaries: Primaries,
    /// What the file says about its brightness.
    pub light: Light,
}

impl Hdr {
    /// Nothing is known about its brightness.
    pub const fn new(transfer: HdrTransfer, primaries: Primaries) -> Self {
        Self { transfer, primaries, light: Light { content: None, mastering: None } }
    }

    /// From the `cicp` tag of an ICC profile (ICC.1:2022, 9.2.17), if that is PQ or HLG: the curves of such a profile
    /// only approximate what the tag says.
    pub fn of_profile(icc: &[u8]) -> Option<Self> {
        let count = u32::from_be_bytes(*icc.get(128..132)?.first_chunk()?) as usize;
        let mut tags = icc.get(132..)?.as_chunks::<12>().0.iter().take(count);
        let tag = tags.find(|tag| tag.starts_with(b"cicp"))?;
        let at = u32::from_be_bytes(*tag[4..].first_chunk()?) as usize;
        let [primaries, transfer, matrix, full] = *icc.get(at..)?.strip_prefix(b"cicp\0\0\0\0")?.first_chunk()?;
        let points = super::CodePoints { primaries, transfer, matrix, full_range: full != 0 };
        match points.colours(false)? {
            super::Colours::Hdr(hdr) => Some(hdr),
            _ => None,
        }
    }

    /// The profile of decoded samples: its primaries, and the curve of sRGB. None is sRGB itself.
    pub fn profile(&self, layout: Layout) -> Option<Vec<u8>> {
        let grey = layout.colours() == 1;
        if grey || self.primaries == Primaries::Bt709 {
            return None;
        }
        cicp::profile(self.primaries.code_point(), Profile::named(Space::Srgb).icc.red_trc?, grey)
    }

    /// Its brightest light in cd/m², as far as the file says.
    pub fn stated_peak(&self) -> Option<f64> {
        let stated = self.light.content.map(|content| content.max).filter(|max| *max > 0.0);
        let of_display = self.light.mastering.map(|mastering| mastering.max()).filter(|max| *max > 0.0);
        let nominal = (self.transfer == HdrTransfer::Hlg).then_some(HLG_PEAK);
        stated.or(of_display).or(nominal)
    }

    /// The tone mapping of a decoded picture. Its peak in cd/m² is the one given, else the stated one, else the measured
    /// one.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn tone_mapping(
        &self,
        curve: ToneCurve,
        peak: Option<f64>,
        pixels: &Pixels,
        work: &Work<'_>,
    ) -> Result<ToneMapping, Stopped> {
        let peak = match peak.or(self.stated_peak()) {
            Some(peak) => peak,
            None => ContentLight::measure(pixels, work)?.max,
        };
        Ok(ToneMapping { curve, peak })
    }

    /// Coded samples of any depth as floats; alpha stays.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn decode(&self, pixels: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        with_raster!(pixels, r => self.decode_raster(r, work).map(Pixels::from))
    }

    fn decode_raster<S: Sample>(&self, from: Raster<S>, work: &mut Work<'_>) -> Result<Raster<f32>, Stopped> {
        let levels = Levels::<S>::new(self.transfer);
        let tables = LightTables::get();
        let weights = self.primaries.luminance();
        convert(from, work, |from: &[S], to: &mut [f32]| match self.transfer {
            HdrTransfer::Pq => to.iter_mut().zip(from).for_each(|(to, from)| *to = levels.at(*from)),
            HdrTransfer::Hlg => {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = levels.at(*from));
                // The light of the scene becomes that of the display (BT.2100-2, table 5, OOTF).
                let gain = (HLG_PEAK / DIFFUSE_WHITE) as f32 * luminance(to, weights).powf(HLG_GAMMA as f32 - 1.0);
                to.iter_mut().for_each(|v| *v = tables.encode.at(*v * gain));
            }
        })
    }

    /// Floats as samples of 16 bits, coded as the file was; alpha stays. Light below black or beyond what the code holds
    /// is clipped.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn encode(&self, pixels: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        with_raster!(pixels, r => self.encode_raster(r, work).map(Pixels::from))
    }

    fn encode_raster<S: Sample>(&self, from: Raster<S>, work: &mut Work<'_>) -> Result<Raster<u16>, Stopped> {
        let tables = LightTables::get();
        let weights = self.primaries.luminance();
        convert(from, work, |from: &[S], to: &mut [u16]| match self.transfer {
            HdrTransfer::Pq => {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = u16::from_unit(tables.to_pq.at(from.to_unit())));
            }
            HdrTransfer::Hlg => {
                let mut light = [0.0; 3];
                let light = &mut light[..from.len()];
                light.iter_mut().zip(from).for_each(|(to, from)| {
                    let of_peak = tables.decode.at(from.to_unit()) * (DIFFUSE_WHITE / HLG_PEAK) as f32;
                    *to = within(of_peak, 1000.0);
                });
                let display = luminance(light, weights);
                let gain = if display > 0.0 { display.powf((1.0 / HLG_GAMMA - 1.0) as f32) } else { 0.0 };
                to.iter_mut().zip(light).for_each(|(to, v)| *to = u16::from_unit(tables.to_hlg.at(*v * gain)));
            }
        })
    }
}

/// Luminance of the colours of a pixel.
fn luminance(colours: &[f32], weights: [f32; 3]) -> f32 {
    match colours {
        [grey] => *grey,
        _ => colours.iter().zip(weights).map(|(v, weight)| v * weight).sum(),
    }
}

/// From 0 to a limit; NaN becomes 0.
const fn within(value: f32, limit: f32) -> f32 {
    value.max(0.0).min(limit)
}

/// A picture in another sample type: `colours` converts the colours of one pixel, alpha is only scaled.
fn convert<A: Sample, B: Sample>(
    from: Raster<A>,
    work: &mut Work<'_>,
    colours: impl Fn(&[A], &mut [B]) + Sync,
) -> Result<Raster<B>, Stopped> {
    let (width, height, layout) = (from.width(), from.height(), from.layout());
    let channels = layout.channels();
    let mut target = work.buffers.take::<B>(from.samples().len());
    let samples = from.samples();
    let done = work.fill(&mut target, STRIP * channels, |piece, to| {
        let from = &samples[piece * STRIP * channels..][..to.len()];
        for (to, from) in to.chunks_exact_mut(channels).zip(from.chunks_exact(channels)) {
            let n = layout.colours();
            colours(&from[..n], &mut to[..n]);
            if let (Some(to), Some(from)) = (to.get_mut(n), from.get(n)) {
                *to = B::from_unit(from.to_unit());
            }
        }
    });
    work.buffers.give(from.into_samples());
    if done.is_err() {
        work.buffers.give(target);
        return Err(Stopped);
    }
    Ok(Raster::new(width, height, layout, target))
}

#[cfg(test)]
mod tests;
