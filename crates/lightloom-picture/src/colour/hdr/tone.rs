//! From high dynamic range to what other pictures hold: bright light is compressed so that it ends at white.
//!
//! Curves work on the brightest of the three colours, and the others follow in proportion ("maxRGB" in ITU-R
//! BT.2390-11, 5.4.2): hues stay, and no channel is clipped. Light is linear and in the primaries of the picture.

use super::DIFFUSE_WHITE;
use super::levels::{LightTables, Octaves, STRIP, decoded, encoded};
use super::transfer::{PQ_PEAK, light_to_pq, pq_to_light};
use crate::{Pixels, Stopped, Work};

/// How bright light is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToneCurve {
    /// A Möbius transform behind a straight line, as in libplacebo and FFmpeg (`mobius`): everything up to three
    /// quarters of diffuse white, skin and other mid-tones with it, stays as it is, and diffuse white keeps at least
    /// seven eighths of its light whatever the peak is (level 240 of sRGB), as near to white as BT.2446-1, method C,
    /// puts it. Default.
    Mobius,
    /// The EETF of BT.2390-11, 5.4.1, from the peak to 203 cd/m²: more room for highlights, for which the upper
    /// mid-tones and diffuse white are darkened, the more the higher the peak is.
    Bt2390,
    /// None: all light brighter than diffuse white is clipped.
    Clip,
}

/// A tone curve for a peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToneMapping {
    pub curve: ToneCurve,
    /// Light in cd/m² that becomes white; what is brighter is clipped to it.
    pub peak: f64,
}

/// Light up to which [`ToneCurve::Mobius`] is a straight line, in multiples of diffuse white.
const KNEE: f64 = 0.75;

impl ToneMapping {
    /// The brightest light that can be coded, in cd/m².
    pub const MAX_PEAK: f64 = PQ_PEAK;

    /// Whether all light up to the peak stays as it is.
    pub fn is_identity(&self) -> bool {
        self.peak <= DIFFUSE_WHITE
    }

    /// Maps light; both are multiples of diffuse white, and the result is 1 at most.
    pub fn map(&self, light: f64) -> f64 {
        let peak = self.peak / DIFFUSE_WHITE;
        let light = light.max(0.0);
        if self.is_identity() || light >= peak {
            return light.min(1.0);
        }
        match self.curve {
            ToneCurve::Mobius if light <= KNEE => light,
            ToneCurve::Mobius => {
                // Slope 1 at the knee, and white at the peak.
                let a = -KNEE * KNEE * (peak - 1.0) / (KNEE * KNEE - 2.0 * KNEE + peak);
                let b = (KNEE * KNEE - 2.0 * KNEE * peak + peak) / (peak - 1.0);
                let scale = (b + KNEE) * (b + KNEE) / (b - a);
                scale * (light + a) / (light + b)
            }
            ToneCurve::Bt2390 => {
                let of_peak = light_to_pq(self.peak);
                let white = light_to_pq(DIFFUSE_WHITE) / of_peak;
                let signal = light_to_pq(light * DIFFUSE_WHITE) / of_peak;
                pq_to_light(eetf(signal, white) * of_peak) / DIFFUSE_WHITE
            }
            ToneCurve::Clip => light.min(1.0),
        }
    }

    /// Light below which nothing changes.
    fn knee(&self) -> f64 {
        match self.curve {
            _ if self.is_identity() => 1.0,
            ToneCurve::Mobius => KNEE,
            ToneCurve::Bt2390 => {
                let of_peak = light_to_pq(self.peak);
                pq_to_light(knee_start(light_to_pq(DIFFUSE_WHITE) / of_peak).max(0.0) * of_peak) / DIFFUSE_WHITE
            }
            ToneCurve::Clip => 1.0,
        }
    }

    /// Compresses the light of a decoded picture of floats in place; alpha stays.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn apply(&self, pixels: &mut Pixels, work: &Work<'_>) -> Result<(), Stopped> {
        let Pixels::F32(raster) = pixels else { return Ok(()) };
        let layout = raster.layout();
        let (channels, colours) = (layout.channels(), layout.colours());
        let knee = encoded(self.knee()) as f32;
        let curve = Octaves::new(|light| self.map(light));
        let LightTables { decode, encode, .. } = LightTables::get();
        let top = decoded(f64::from(f32::MAX)).min(PQ_PEAK) as f32;
        work.fill(raster.samples_mut(), STRIP * channels, |_, samples| {
            for pixel in samples.chunks_exact_mut(channels) {
                let pixel = &mut pixel[..colours];
                let brightest = pixel.iter().fold(0.0_f32, |a, b| a.max(*b));
                if brightest <= knee {
                    continue;
                }
                if self.curve == ToneCurve::Clip {
                    pixel.iter_mut().for_each(|v| *v = v.min(1.0));
                    continue;
                }
                let light = decode.at(brightest).min(top);
                let gain = curve.at(light) / light;
                pixel.iter_mut().for_each(|v| *v = encode.at(decode.at(*v).min(top) * gain).min(1.0));
            }
        })
    }
}

/// Where BT.2390's curve leaves the straight line, for a target of this PQ signal relative to that of the source's peak.
fn knee_start(white: f64) -> f64 {
    1.5 * white - 0.5
}

/// BT.2390-11, 5.4.1, with black at 0: a Hermite spline from the knee to the target.
fn eetf(signal: f64, white: f64) -> f64 {
    let knee = knee_start(white);
    if signal < knee {
        return signal;
    }
    let t = (signal - knee) / (1.0 - knee);
    let (t2, t3) = (t * t, t * t * t);
    (2.0 * t3 - 3.0 * t2 + 1.0) * knee + (t3 - 2.0 * t2 + t) * (1.0 - knee) + (-2.0 * t3 + 3.0 * t2) * white
}
