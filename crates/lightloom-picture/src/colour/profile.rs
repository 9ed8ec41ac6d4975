//! Profiles: parsed from what files carry, or built for the spaces that have a name.

use moxcms::{ColorProfile, DataColorSpace, ProfileClass, ProfileText, ProfileVersion, ToneReprCurve};
use thiserror::Error;

use super::curve::Curve;
use super::{Intent, icc_writer};
use crate::{Layout, catch_panic};

/// Colour spaces that have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// sRGB (IEC 61966-2-1): the web, and every picture without a profile.
    Srgb,
    /// Display P3: the primaries of DCI-P3 with sRGB's white and transfer.
    DisplayP3,
    AdobeRgb,
}

impl Space {
    pub const ALL: [Self; 3] = [Self::Srgb, Self::DisplayP3, Self::AdobeRgb];

    /// Name in recipes and on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Srgb => "srgb",
            Self::DisplayP3 => "display-p3",
            Self::AdobeRgb => "adobe-rgb",
        }
    }

    /// Name that a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Srgb => "sRGB",
            Self::DisplayP3 => "Display P3",
            Self::AdobeRgb => "Adobe RGB (1998)",
        }
    }
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ProfileError(pub(super) String);

/// A profile and what it was read from.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(super) icc: ColorProfile,
    pub(super) model: Model,
    bytes: Vec<u8>,
}

impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

/// How a profile describes colours.
#[derive(Debug, Clone)]
pub(super) enum Model {
    /// One curve per channel, and a matrix to XYZ under D50, row by row.
    Matrix([Curve; 3], [[f64; 3]; 3]),
    /// A curve to luminance.
    Grey(Curve),
    /// Tables, left to moxcms: RGB or CMYK.
    Tables,
}

/// XYZ of the white that profiles connect by (ICC.1:2022, 7.2.16).
pub(super) const D50: [f64; 3] = [0.9642, 1.0, 0.8249];

impl Profile {
    /// Reads an ICC profile.
    ///
    /// # Errors
    /// If it is damaged or cut off, or of a kind that describes no pictures.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProfileError> {
        check_length(bytes)?;
        let icc = guarded(|| ColorProfile::new_from_slice(bytes))?;
        Self::new(icc, bytes.to_vec())
    }

    /// One of the spaces that have a name.
    pub fn named(space: Space) -> Self {
        let icc = match space {
            Space::Srgb => ColorProfile::new_srgb(),
            Space::DisplayP3 => ColorProfile::new_display_p3(),
            Space::AdobeRgb => ColorProfile::new_adobe_rgb(),
        };
        Self::built(&icc, space.title()).unwrap_or_else(|_| Self::fallback())
    }

    /// A grey profile with sRGB's curve, for grey pictures that are converted to sRGB.
    pub fn grey_srgb() -> Self {
        Self::named(Space::Srgb).grey().unwrap_or_else(Self::fallback)
    }

    /// The grey profile with the curve of this RGB profile, if all its channels share one.
    pub fn grey(&self) -> Option<Self> {
        let Model::Matrix([red, green, blue], _) = &self.model else { return None };
        if !(red.is_like(green) && green.is_like(blue)) {
            return None;
        }
        let mut icc = ColorProfile::new_gray_with_gamma(2.2);
        icc.gray_trc.clone_from(&self.icc.red_trc);
        icc.pcs = DataColorSpace::Xyz;
        Self::built(&icc, &format!("{} grey", self.title())).ok()
    }

    /// With a name, as a file would carry it.
    pub(super) fn built(icc: &ColorProfile, title: &str) -> Result<Self, ProfileError> {
        Self::parse(&icc_writer::write(icc, title))
    }

    /// sRGB without bytes: never needed as long as our own profiles can be read, which a test proves.
    fn fallback() -> Self {
        Self { icc: ColorProfile::new_srgb(), model: Model::Tables, bytes: Vec::new() }
    }

    fn new(icc: ColorProfile, bytes: Vec<u8>) -> Result<Self, ProfileError> {
        let error = |text: &str| Err(ProfileError(text.to_owned()));
        let has_tables = icc.lut_a_to_b_perceptual.is_some() || icc.lut_a_to_b_colorimetric.is_some();
        let model = match icc.color_space {
            _ if matches!(
                icc.profile_class,
                ProfileClass::DeviceLink | ProfileClass::Named | ProfileClass::Abstract
            ) =>
            {
                return error("it is a profile of a kind that does not belong into pictures");
            }
            DataColorSpace::Gray => match icc.gray_trc.as_ref().and_then(Curve::new) {
                Some(curve) => Model::Grey(curve),
                None => return error("its tone curve is missing or damaged"),
            },
            DataColorSpace::Rgb if has_tables => Model::Tables,
            DataColorSpace::Cmyk if has_tables => Model::Tables,
            DataColorSpace::Rgb => {
                let curve = |trc: &Option<ToneReprCurve>| trc.as_ref().and_then(Curve::new);
                let (Some(red), Some(green), Some(blue)) =
                    (curve(&icc.red_trc), curve(&icc.green_trc), curve(&icc.blue_trc))
                else {
                    return error("its tone curves are missing or damaged");
                };
                let matrix = icc.colorant_matrix().v;
                if !super::conversion::determinant(&matrix).is_normal() {
                    return error("its primaries are missing or damaged");
                }
                Model::Matrix([red, green, blue], matrix)
            }
            DataColorSpace::Cmyk => return error("its tables are missing"),
            other => return error(&format!("it describes {other:?}, which is neither RGB, grey nor CMYK")),
        };
        Ok(Self { icc, model, bytes })
    }

    /// As it stands in files.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether pixels of this layout can be described by it.
    pub fn fits(&self, layout: Layout) -> bool {
        match self.icc.color_space {
            DataColorSpace::Gray => layout.colours() == 1,
            DataColorSpace::Rgb => layout.colours() == 3,
            _ => false,
        }
    }

    /// Whether it describes inks.
    pub fn is_cmyk(&self) -> bool {
        self.icc.color_space == DataColorSpace::Cmyk
    }

    /// Whether it describes grey pictures.
    pub fn is_grey(&self) -> bool {
        self.icc.color_space == DataColorSpace::Gray
    }

    /// Its name, or what it describes where it has none.
    pub fn title(&self) -> String {
        let text = match &self.icc.description {
            Some(ProfileText::PlainString(text)) => text.clone(),
            Some(ProfileText::Localizable(list)) => list.first().map(|l| l.value.clone()).unwrap_or_default(),
            Some(ProfileText::Description(d)) => d.ascii_string.clone(),
            None => String::new(),
        };
        let text: String = text.trim_end_matches('\0').trim().chars().filter(|c| !c.is_control()).take(80).collect();
        match (text.is_empty(), &self.icc.color_space) {
            (false, _) => text,
            (true, DataColorSpace::Gray) => "unnamed grey profile".to_owned(),
            (true, DataColorSpace::Cmyk) => "unnamed CMYK profile".to_owned(),
            (true, _) => "unnamed RGB profile".to_owned(),
        }
    }

    /// Whether pixels mean the same colours under both.
    pub fn is_like(&self, other: &Self) -> bool {
        match (&self.model, &other.model) {
            (Model::Matrix(a, m), Model::Matrix(b, n)) => {
                let same = |(a, b): (&Curve, &Curve)| a.is_like(b);
                let near = m.iter().flatten().zip(n.iter().flatten()).all(|(a, b)| (a - b).abs() < 6e-4);
                near && a.iter().zip(b).all(same)
            }
            (Model::Grey(a), Model::Grey(b)) => a.is_like(b),
            (Model::Tables, Model::Tables) => self.bytes == other.bytes,
            _ => false,
        }
    }

    /// Media white for the absolute intent; displays count as white (ICC.1:2022, 9.2.36, as for version 2 in practice).
    pub(super) fn media_white(&self) -> [f64; 3] {
        match self.icc.media_white_point {
            Some(w) if self.icc.profile_class != ProfileClass::DisplayDevice && w.x > 0.0 && w.y > 0.0 && w.z > 0.0 => {
                [w.x, w.y, w.z]
            }
            _ => D50,
        }
    }

    /// Whether it is of version 4 or later.
    pub(super) fn is_v4(&self) -> bool {
        self.icc.version() >= ProfileVersion::V4_0
    }

    /// The intent by which its tables are asked: the absolute one reads the relative table.
    pub(super) const fn table_intent(intent: Intent) -> moxcms::RenderingIntent {
        match intent {
            Intent::Perceptual => moxcms::RenderingIntent::Perceptual,
            Intent::Relative | Intent::Absolute => moxcms::RenderingIntent::RelativeColorimetric,
            Intent::Saturation => moxcms::RenderingIntent::Saturation,
        }
    }
}

/// The bytes of a profile with this curve in all channels, or of a grey one.
pub(super) fn with_curve(mut icc: ColorProfile, curve: ToneReprCurve, grey: bool, title: &str) -> Option<Vec<u8>> {
    icc.cicp = None;
    if grey {
        icc = ColorProfile::new_gray_with_gamma(2.2);
        icc.pcs = DataColorSpace::Xyz;
        icc.gray_trc = Some(curve);
    } else {
        (icc.red_trc, icc.green_trc, icc.blue_trc) = (Some(curve.clone()), Some(curve.clone()), Some(curve));
    }
    Profile::built(&icc, title).ok().map(|profile| profile.bytes)
}

/// Bytes of a profile's header and of the number of its tags (ICC.1:2022, 7.2 and 7.3).
const HEADER: usize = 132;

/// Refuses what is shorter than it states, as browsers do: its tags are missing, or stand elsewhere. What follows a whole
/// profile is ignored.
fn check_length(bytes: &[u8]) -> Result<(), ProfileError> {
    let (there, stated) = (bytes.len(), bytes.first_chunk().map_or(0, |size| u32::from_be_bytes(*size) as usize));
    let error = match there {
        0 => "it is damaged, and nothing of it can be read".to_owned(),
        1..HEADER => format!("it has {there} bytes, which is less than the header of a profile"),
        _ if stated > there => format!("it is cut off: {there} of its {stated} bytes are there"),
        _ if stated < HEADER => format!("it is damaged: its header states a size of {stated} bytes"),
        _ => return Ok(()),
    };
    Err(ProfileError(error))
}

/// A library that is fed by strangers: what it panics on is a damaged profile.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, moxcms::CmsError>) -> Result<T, ProfileError> {
    match catch_panic(work) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(ProfileError(error.to_string())),
        Err(_) => Err(ProfileError("it is damaged".to_owned())),
    }
}
