//! Black-point compensation (ISO 18619:2015): the darkest colour of the source becomes the darkest of the target, so
//! that shadows keep their steps.

use super::profile::{D50, Model};
use super::tables::{GAMMA, Tables};
use super::{Intent, Profile};

/// Luminance of the black that every perceptual table of version 4 assumes (ICC.1:2022, 6.3.4.3).
const PERCEPTUAL_BLACK: f64 = 0.003_473_1;

/// Highest luminance that counts as a black: L* of 50.
const HIGHEST: f64 = 0.184_187;

/// Luminance of the darkest neutral of a profile under an intent, 0–1.
pub(super) fn black(profile: &Profile, intent: Intent) -> f64 {
    let luminance = match &profile.model {
        Model::Matrix(curves, matrix) => (0..3).map(|i| matrix[1][i] * curves[i].eval(0.0)).sum(),
        Model::Grey(curve) => curve.eval(0.0),
        Model::Tables if profile.is_v4() && matches!(intent, Intent::Perceptual | Intent::Saturation) => {
            PERCEPTUAL_BLACK
        }
        Model::Tables => table_black(profile, intent).unwrap_or(0.0),
    };
    if luminance.is_finite() { luminance.clamp(0.0, HIGHEST) } else { 0.0 }
}

fn table_black(profile: &Profile, intent: Intent) -> Option<f64> {
    let out = Tables::from_device(profile, intent).ok()?;
    let darkest = if profile.is_cmyk() {
        // No press prints all inks at their fullest: the black that the profile itself chooses.
        let mut inks = [0.0; 4];
        Tables::to_device(profile, Intent::Perceptual).ok()?.run(&[0.0; 3], &mut inks);
        inks.to_vec()
    } else {
        vec![0.0; 3]
    };
    let mut xyz = [0.0; 3];
    out.run(&darkest, &mut xyz);
    Some(f64::from(xyz[1].max(0.0)).powf(GAMMA))
}

/// Factor and summand for X, Y and Z that carry one black to another and leave white as it is.
pub(super) fn compensation(from: f64, to: f64) -> ([f64; 3], [f64; 3]) {
    let factor = (1.0 - to) / (1.0 - from);
    ([factor; 3], D50.map(|white| white * (1.0 - factor)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_goes_to_black_and_white_stays() {
        let (factor, summand) = compensation(0.01, 0.002);
        for i in 0..3 {
            assert!((D50[i] * 0.01 * factor[i] + summand[i] - D50[i] * 0.002).abs() < 1e-12);
            assert!((D50[i] * factor[i] + summand[i] - D50[i]).abs() < 1e-12);
        }
    }
}
