//! The transfer functions of ITU-R BT.2100-2, as closed forms.

use serde::{Deserialize, Serialize};

/// How light is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HdrTransfer {
    /// Perceptual quantizer (SMPTE ST 2084): absolute light up to 10,000 cd/m².
    Pq,
    /// Hybrid log-gamma: light of the scene, relative to its peak.
    Hlg,
}

impl HdrTransfer {
    /// Name that a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pq => "PQ",
            Self::Hlg => "HLG",
        }
    }

    /// Transfer characteristics of H.273.
    pub const fn code_point(self) -> u8 {
        match self {
            Self::Pq => 16,
            Self::Hlg => 18,
        }
    }
}

/// Brightest light that PQ can code, in cd/m².
pub(super) const PQ_PEAK: f64 = 10_000.0;

/// Brightest light of the reference display of HLG, in cd/m².
pub(super) const HLG_PEAK: f64 = 1000.0;

/// System gamma of a display of [`HLG_PEAK`].
pub(super) const HLG_GAMMA: f64 = 1.2;

/// From 0 to 1; NaN becomes 0.
const fn unit(value: f64) -> f64 {
    value.max(0.0).min(1.0)
}

const M1: f64 = 2610.0 / 16_384.0;
const M2: f64 = 2523.0 / 4096.0 * 128.0;
const C1: f64 = 3424.0 / 4096.0;
const C2: f64 = 2413.0 / 4096.0 * 32.0;
const C3: f64 = 2392.0 / 4096.0 * 32.0;

/// PQ's EOTF: a signal of 0–1 to light in cd/m². One beyond that is clamped, NaN is black.
pub(super) fn pq_to_light(signal: f64) -> f64 {
    let power = unit(signal).powf(1.0 / M2);
    PQ_PEAK * ((power - C1).max(0.0) / (C2 - C3 * power)).powf(1.0 / M1)
}

/// The inverse of [`pq_to_light`]. Light beyond the peak has a signal above 1, so that tables have no kink there.
pub(super) fn light_to_pq(light: f64) -> f64 {
    // Black has a signal of a millionth by the formula; no reader minds that it is 0 here, and many expect it.
    if light.max(0.0) == 0.0 {
        return 0.0;
    }
    let power = (light / PQ_PEAK).min(16.0).powf(M1);
    ((C1 + C2 * power) / (1.0 + C3 * power)).powf(M2)
}

const A: f64 = 0.178_832_77;
const B: f64 = 1.0 - 4.0 * A;
/// 0.5 − a·ln(4a)
const C: f64 = 0.559_910_729_529_562;

/// HLG's inverse OETF: a signal of 0–1 to light of the scene, 0–1. One beyond that is clamped, NaN is black.
pub(super) fn hlg_to_scene(signal: f64) -> f64 {
    let signal = unit(signal);
    if signal <= 0.5 { signal * signal / 3.0 } else { (((signal - C) / A).exp() + B) / 12.0 }
}

/// The inverse of [`hlg_to_scene`].
pub(super) fn scene_to_hlg(light: f64) -> f64 {
    let light = unit(light);
    if light <= 1.0 / 12.0 { (3.0 * light).sqrt() } else { A * (12.0 * light - B).ln() + C }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signals that ITU-R BT.2408-7, table 1, and BT.2100's formulas give, computed apart from this program.
    #[test]
    fn signals_are_those_of_the_standards() {
        for (light, signal) in [
            (0.005, 0.015_076_4),
            (0.1, 0.062_336_9),
            (1.0, 0.149_945_7),
            (26.0, 0.380_032_3),
            (100.0, 0.508_078_4),
            (203.0, 0.580_688_9),
            (1000.0, 0.751_827_1),
            (4000.0, 0.902_572_4),
            (10_000.0, 1.0),
        ] {
            assert!((light_to_pq(light) - signal).abs() < 1e-7, "{light}: {}", light_to_pq(light));
            assert!((pq_to_light(light_to_pq(light)) / light - 1.0).abs() < 1e-9, "{light}");
        }
        for (light, signal) in [(0.0, 0.0), (1.0 / 12.0, 0.5), (0.264_962_56, 0.75), (0.5, 0.871_643_47), (1.0, 1.0)] {
            assert!((scene_to_hlg(light) - signal).abs() < 1e-7, "{light}: {}", scene_to_hlg(light));
            assert!((hlg_to_scene(signal) - light).abs() < 1e-7, "{signal}: {}", hlg_to_scene(signal));
        }
    }

    #[test]
    fn nothing_is_nan() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e-300, 1e300] {
            for function in [pq_to_light, light_to_pq, hlg_to_scene, scene_to_hlg] {
                assert!(function(odd).is_finite(), "{odd}");
            }
        }
    }
}
