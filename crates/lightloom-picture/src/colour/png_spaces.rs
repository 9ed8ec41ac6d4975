//! The colour chunks of PNG (third edition, 11.3.2) as colour spaces: cICP, sRGB, gAMA and cHRM; and the primaries of other
//! formats.

use moxcms::{Chromaticity, ColorPrimaries, ColorProfile, ToneReprCurve, XyY};

use super::profile::with_curve;
use super::{CodePoints, Colours, Profile, Space};

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
    /// The colours that follow from the chunks, by the first of cICP, iCCP, sRGB and gAMA with cHRM that is usable.
    /// Second, notes for the person.
    pub fn colours(self, grey: bool) -> (Colours, Vec<String>) {
        let mut notes = Vec::new();
        if let Some(cicp) = self.cicp {
            match from_cicp(cicp, grey) {
                Some(colours) => return (colours, notes),
                None => notes.push(format!("the cICP chunk {cicp:?} is of no known kind and was ignored")),
            }
        }
        if let Some(icc) = self.icc {
            return (Colours::Profile(icc), notes);
        }
        if self.srgb || (self.gamma.is_none() && self.chromaticities.is_none()) {
            return (Colours::Srgb, notes);
        }
        let usual_gamma = self.gamma.is_none_or(|g| g.abs_diff(GAMMA_2_2) <= 20);
        let usual_primaries = self.chromaticities.is_none_or(|c| c.iter().zip(SRGB).all(|(a, b)| a.abs_diff(b) <= 100));
        if usual_gamma && (usual_primaries || grey) {
            return (Colours::Srgb, notes);
        }
        let Some(profile) = from_gamma(self.gamma, self.chromaticities, grey) else {
            notes.push("the gAMA and cHRM chunks are impossible and were ignored".to_owned());
            return (Colours::Srgb, notes);
        };
        (Colours::Profile(profile), notes)
    }
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
        if c.iter().any(|v| *v > 100_000) {
            return None;
        }
        let [wx, wy, rx, ry, gx, gy, bx, by] = c.map(|v| f64::from(v) / 100_000.0);
        set_primaries(&mut icc, [rx, ry, gx, gy, bx, by, wx, wy])?;
        title += " chromaticities";
    }
    with_curve(icc, curve, grey, &title)
}

/// Sets red, green, blue and white, each as x and y. None if one has no place among the chromaticities.
fn set_primaries(icc: &mut ColorProfile, [rx, ry, gx, gy, bx, by, wx, wy]: [f64; 8]) -> Option<()> {
    if wy <= 0.0 || [rx, gx, bx, wx, wy].iter().any(|v| !v.is_finite()) || [ry, gy, by].iter().any(|v| !v.is_normal()) {
        return None;
    }
    let point = |x: f64, y: f64| Chromaticity { x: x as f32, y: y as f32 };
    let primaries = ColorPrimaries { red: point(rx, ry), green: point(gx, gy), blue: point(bx, by) };
    icc.update_rgb_colorimetry(XyY { x: wx, y: wy, yb: 1.0 }, primaries);
    let colorants = [icc.red_colorant, icc.green_colorant, icc.blue_colorant];
    // Of an ICC profile they are fixed-point numbers below 32,768.
    colorants.iter().all(|c| [c.x, c.y, c.z].iter().all(|v| v.abs() < 16.0)).then_some(())
}

impl Colours {
    /// The space of these primaries and this white, each as x and y, with the curve of sRGB. None if they are impossible.
    pub fn of_primaries(stated: [f64; 8], title: &str) -> Option<Self> {
        let [wx, wy, rx, ry, gx, gy, bx, by] = SRGB.map(|v| f64::from(v) / 100_000.0);
        let usual = [rx, ry, gx, gy, bx, by, wx, wy];
        if stated.iter().zip(usual).all(|(a, b)| (a - b).abs() <= 0.001) {
            return Some(Self::Srgb);
        }
        let mut icc = Profile::named(Space::Srgb).icc;
        set_primaries(&mut icc, stated)?;
        let curve = icc.red_trc.clone()?;
        with_curve(icc, curve, false, title).map(Self::Profile)
    }
}

/// What cICP means. Samples of a PNG are RGB, and stretch over the full range (PNG, 11.3.2.6).
fn from_cicp([primaries, transfer, matrix, full]: [u8; 4], grey: bool) -> Option<Colours> {
    let is_rgb = matrix == 0 && full == 1;
    CodePoints { primaries, transfer, matrix, full_range: true }.colours(grey).filter(|_| is_rgb)
}
