//! The colour chunks of PNG (third edition, 11.3.2) as ICC profiles: cICP, sRGB, gAMA and cHRM.

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace, MatrixCoefficients,
    ToneReprCurve, TransferCharacteristics, XyY,
};

use super::{Profile, Space};

/// White, red, green and blue as x and y, each times 100,000, as the cHRM chunk has them.
pub type Chromaticities = [u32; 8];

/// What the colour chunks of a file say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PngColour {
    /// cICP: primaries, transfer, matrix, full range.
    pub cicp: Option<[u8; 4]>,
    /// The profile of iCCP.
    pub icc: Option<Vec<u8>>,
    /// Whether there is an sRGB chunk.
    pub srgb: bool,
    /// gAMA: 1 / gamma times 100,000.
    pub gamma: Option<u32>,
    pub chromaticities: Option<Chromaticities>,
}

/// 1 / 2.2, which writers mean as sRGB.
const GAMMA_2_2: u32 = 45_455;

/// sRGB's own chromaticities.
const SRGB: Chromaticities = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000];

impl PngColour {
    /// The profile that follows from the chunks, the first of cICP, iCCP, sRGB and gAMA with cHRM that is usable; none
    /// stands for sRGB. Second, notes for the person.
    pub fn profile(self, grey: bool) -> (Option<Vec<u8>>, Vec<String>) {
        let mut notes = Vec::new();
        if let Some(cicp) = self.cicp {
            match from_cicp(cicp, grey) {
                Some(profile) => {
                    if matches!(cicp[1], 16 | 18) {
                        notes.push("high dynamic range (cICP) is kept as it is, not mapped to a screen's".to_owned());
                    }
                    return (profile, notes);
                }
                None => notes.push(format!("the cICP chunk {cicp:?} is of no known kind and was ignored")),
            }
        }
        if let Some(icc) = self.icc {
            return (Some(icc), notes);
        }
        if self.srgb || (self.gamma.is_none() && self.chromaticities.is_none()) {
            return (None, notes);
        }
        let usual_gamma = self.gamma.is_none_or(|g| g.abs_diff(GAMMA_2_2) <= 20);
        let usual_primaries = self.chromaticities.is_none_or(|c| c.iter().zip(SRGB).all(|(a, b)| a.abs_diff(b) <= 100));
        if usual_gamma && (usual_primaries || grey) {
            return (None, notes);
        }
        let profile = from_gamma(self.gamma, self.chromaticities, grey);
        if profile.is_none() {
            notes.push("the gAMA and cHRM chunks are impossible and were ignored".to_owned());
        }
        (profile, notes)
    }
}

/// With these curves in all channels, or as a grey profile.
fn with_curve(mut icc: ColorProfile, curve: ToneReprCurve, grey: bool, title: &str) -> Option<Vec<u8>> {
    icc.cicp = None;
    if grey {
        icc = ColorProfile::new_gray_with_gamma(2.2);
        icc.pcs = DataColorSpace::Xyz;
        icc.gray_trc = Some(curve);
    } else {
        (icc.red_trc, icc.green_trc, icc.blue_trc) = (Some(curve.clone()), Some(curve.clone()), Some(curve));
    }
    Profile::built(&icc, title).ok().map(|profile| profile.bytes().to_vec())
}

fn from_gamma(gamma: Option<u32>, chromaticities: Option<Chromaticities>, grey: bool) -> Option<Vec<u8>> {
    let mut icc = Profile::named(Space::Srgb).icc;
    let mut title = "PNG".to_owned();
    let curve = match gamma {
        Some(g) if g.abs_diff(GAMMA_2_2) > 20 => {
            let exponent = 100_000.0 / g as f32;
            if !(0.1..=20.0).contains(&exponent) {
                return None;
            }
            title += &format!(" gamma {exponent:.2}");
            ToneReprCurve::Parametric(vec![exponent])
        }
        _ => icc.red_trc.clone()?,
    };
    if let (Some(c), false) = (chromaticities, grey) {
        let [wx, wy, rx, ry, gx, gy, bx, by] = c.map(|v| f64::from(v) / 100_000.0);
        let point = |x: f64, y: f64| Chromaticity { x: x as f32, y: y as f32 };
        if wy <= 0.0 || ry <= 0.0 || gy <= 0.0 || by <= 0.0 || c.iter().any(|v| *v > 100_000) {
            return None;
        }
        let primaries = ColorPrimaries { red: point(rx, ry), green: point(gx, gy), blue: point(bx, by) };
        icc.update_rgb_colorimetry(XyY { x: wx, y: wy, yb: 1.0 }, primaries);
        title += " chromaticities";
    }
    with_curve(icc, curve, grey, &title)
}

/// None if it is not known; a profile that is none stands for sRGB.
#[expect(clippy::option_option, reason = "unknown, sRGB, and everything else are three cases")]
fn from_cicp([primaries, transfer, matrix, full]: [u8; 4], grey: bool) -> Option<Option<Vec<u8>>> {
    // Samples of a PNG are RGB, and stretch over the full range (PNG, 11.3.2.6).
    if matrix != 0 || full != 1 {
        return None;
    }
    if transfer == 13 && (primaries == 1 || grey) {
        return Some(None);
    }
    let cicp = CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::try_from(transfer).ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    };
    let icc = ColorProfile::new_from_cicp(cicp);
    let curve = icc.red_trc.clone()?;
    with_curve(icc, curve, grey, &format!("cICP {primaries}/{transfer}")).map(Some)
}
