//! Code points (ITU-T H.273, "CICP"): colours stated as numbers, by PNG, AVIF, HEIC, JPEG XL and some ICC profiles. One
//! rule says what they mean, whichever file they stand in.
//!
//! What is unspecified or reserved is BT.709 primaries and the sRGB transfer function. The transfer functions of
//! television cameras (BT.709, BT.601, SMPTE 240M, xvYCC, BT.1361, BT.2020) are no exception: cameras and encoders name
//! them for samples that are made to be shown as they are, and viewers show them so; decoding them by the camera's
//! formula would lighten the shadows by up to 16 levels of 255.

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, ToneReprCurve, TransferCharacteristics,
};

use super::hdr::{Hdr, HdrTransfer, Primaries};
use super::profile::with_curve;
use super::{Profile, Space};

/// Code points of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodePoints {
    /// Colour primaries; 2 is unspecified.
    pub primaries: u8,
    /// Transfer characteristics; 2 is unspecified.
    pub transfer: u8,
    /// Matrix coefficients; 0 is RGB, 2 is unspecified.
    pub matrix: u8,
    /// Whether samples use their whole range, rather than that of television.
    pub full_range: bool,
}

/// What code points mean.
#[derive(Debug, Clone, PartialEq)]
pub enum Colours {
    /// sRGB, which needs no profile.
    Srgb,
    /// The space of this ICC profile.
    Profile(Vec<u8>),
    /// High dynamic range.
    Hdr(Hdr),
}

impl CodePoints {
    /// Nothing is specified; the range is that of files without a word about it.
    pub const UNSPECIFIED: Self = Self { primaries: 2, transfer: 2, matrix: 2, full_range: false };

    /// The colours of a grey or coloured picture whose samples have been brought to RGB or luma in full range. None for
    /// logarithmic transfer characteristics (9 and 10), which no picture has, and for high dynamic range with primaries
    /// of the time before it.
    pub fn colours(self, grey: bool) -> Option<Colours> {
        let hdr = |transfer| Some(Colours::Hdr(Hdr::new(transfer, Primaries::from_code_point(self.primaries)?)));
        let curve = match self.transfer {
            16 => return hdr(HdrTransfer::Pq),
            18 => return hdr(HdrTransfer::Hlg),
            9 | 10 => return None,
            4 => ToneReprCurve::Parametric(vec![2.2]),
            5 => ToneReprCurve::Parametric(vec![2.8]),
            8 => ToneReprCurve::Parametric(vec![1.0]),
            // White is 48 of 52.37 (SMPTE ST 428-1); that headroom is left out, so that white is white.
            17 => ToneReprCurve::Parametric(vec![2.6]),
            _ if grey || matches!(self.primaries, 1) || is_unspecified(self.primaries) => return Some(Colours::Srgb),
            _ => Profile::named(Space::Srgb).icc.red_trc?,
        };
        profile(self.primaries, curve, grey).map(Colours::Profile)
    }
}

const fn is_unspecified(primaries: u8) -> bool {
    !matches!(primaries, 1 | 4..=12 | 22)
}

/// The profile of these primaries, BT.709 where they are unspecified, and one curve for all channels.
pub(super) fn profile(primaries: u8, curve: ToneReprCurve, grey: bool) -> Option<Vec<u8>> {
    let primaries = if is_unspecified(primaries) { 1 } else { primaries };
    let icc = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::Srgb,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    let name = match primaries {
        1 => "BT.709".to_owned(),
        9 => "BT.2020".to_owned(),
        11 => "DCI-P3".to_owned(),
        12 => "Display P3".to_owned(),
        other => format!("colour primaries {other}"),
    };
    let title = match &curve {
        ToneReprCurve::Parametric(values) if values.len() == 1 => format!("{name}, gamma {}", values[0]),
        _ => name,
    };
    with_curve(icc, curve, grey, &title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::{Conversion, Intent};
    use crate::{Buffers, Layout, Pixels, Raster};

    fn points(primaries: u8, transfer: u8) -> CodePoints {
        CodePoints { primaries, transfer, matrix: 0, full_range: true }
    }

    /// The linear light of a sample, by its conversion to a linear space.
    fn as_srgb(colours: Option<Colours>, rgb: [f32; 3]) -> [f32; 3] {
        let Some(Colours::Profile(icc)) = colours else { panic!("{colours:?}") };
        let profile = Profile::parse(&icc).unwrap();
        let conversion = Conversion::new(&profile, &Profile::named(Space::Srgb), Intent::Relative, true).unwrap();
        let pixels = Raster::new(1, 1, Layout::Rgb, rgb.to_vec()).into();
        let Pixels::F32(r) = conversion.run(pixels, false, &|| false, &mut Buffers::default()).unwrap() else {
            panic!("depth")
        };
        [r.samples()[0], r.samples()[1], r.samples()[2]]
    }

    #[test]
    fn the_curves_of_cameras_and_what_is_unspecified_are_shown_as_srgb() {
        for transfer in [0, 1, 2, 3, 6, 7, 11, 12, 13, 14, 15, 19, 255] {
            for primaries in [0, 1, 2, 3, 13, 255] {
                assert_eq!(points(primaries, transfer).colours(false), Some(Colours::Srgb), "{primaries}/{transfer}");
            }
            assert_eq!(points(9, transfer).colours(true), Some(Colours::Srgb), "grey has no primaries");
            // The curve of sRGB with other primaries: greys stay.
            let [r, g, b] = as_srgb(points(9, transfer).colours(false), [0.25; 3]);
            assert!([r, g, b].iter().all(|v| (v - 0.25).abs() < 1e-4), "{transfer}: {r} {g} {b}");
        }
    }

    /// H.273, table 3: gamma 2.2, gamma 2.8, linear and SMPTE ST 428-1; encoded as sRGB by its closed form.
    #[test]
    fn gammas_and_linear_light_are_decoded() {
        for (transfer, light) in [(4, 0.5_f32.powf(2.2)), (5, 0.5_f32.powf(2.8)), (8, 0.5), (17, 0.5_f32.powf(2.6))] {
            for grey in [true, false] {
                assert!(matches!(points(1, transfer).colours(grey), Some(Colours::Profile(_))));
            }
            let found = as_srgb(points(1, transfer).colours(false), [0.5; 3])[1];
            assert!((found - crate::linear_to_srgb(light)).abs() < 2e-3, "{transfer}: {found}");
        }
    }

    /// Matrices from BT.2020 and Display P3 to BT.709, from the chromaticities of both, in linear light
    /// (ITU-R BT.2087-0 for the first).
    #[test]
    fn primaries_are_those_of_their_standards() {
        let green = as_srgb(points(9, 13).colours(false), [0.0, 1.0, 0.0]).map(crate::srgb_to_linear);
        for (found, expected) in green.iter().zip([-0.5876, 1.1329, -0.1006]) {
            assert!((found - expected).abs() < 2e-3, "{green:?}");
        }
        let red = as_srgb(points(12, 1).colours(false), [1.0, 0.0, 0.0]).map(crate::srgb_to_linear);
        for (found, expected) in red.iter().zip([1.2249, -0.0420, -0.0197]) {
            assert!((found - expected).abs() < 2e-3, "{red:?}");
        }
    }

    #[test]
    fn high_dynamic_range_is_known_and_nonsense_is_not() {
        let hdr = |transfer, primaries| Some(Colours::Hdr(Hdr::new(transfer, primaries)));
        assert_eq!(points(9, 16).colours(false), hdr(HdrTransfer::Pq, Primaries::Bt2020));
        assert_eq!(points(12, 18).colours(true), hdr(HdrTransfer::Hlg, Primaries::DisplayP3));
        // BT.2100 knows no other primaries than those of BT.2020.
        assert_eq!(points(2, 16).colours(false), hdr(HdrTransfer::Pq, Primaries::Bt2020));
        assert_eq!(points(4, 16).colours(false), None);
        assert_eq!(points(1, 9).colours(false), None);
    }
}
