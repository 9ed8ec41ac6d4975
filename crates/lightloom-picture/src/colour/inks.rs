//! CMYK to sRGB, by the picture's profile or by the naive formula.

use super::{Conversion, Intent, Profile, ProfileError, Space};
use crate::{Layout, Raster, Sample};

/// How inks become light.
#[derive(Debug)]
pub enum Inks {
    /// Through the picture's own profile.
    Profile(Box<Conversion>),
    /// Without a profile, each ink absorbs its share of the light: red = (1 − cyan) · (1 − black).
    Plain,
}

impl Inks {
    /// By a profile, relative with black-point compensation; plain where there is none.
    ///
    /// # Errors
    /// If the profile is damaged or not for CMYK; [`Self::Plain`] is left then.
    pub fn new(icc: Option<&[u8]>) -> Result<Self, ProfileError> {
        let Some(icc) = icc else { return Ok(Self::Plain) };
        let profile = Profile::parse(icc)?;
        if !profile.is_cmyk() {
            return Err(ProfileError("it is not for CMYK".to_owned()));
        }
        let conversion = Conversion::new(&profile, &Profile::named(Space::Srgb), Intent::Relative, true)?;
        Ok(Self::Profile(Box::new(conversion)))
    }

    /// Converts `inks` (four samples per pixel, 0 no ink, white the full ink) to sRGB.
    ///
    /// # Panics
    /// If the number of samples is not width × height × 4.
    pub fn to_srgb<S: Sample>(&self, width: u32, height: u32, inks: &[S], split: bool) -> Raster<S> {
        assert_eq!(inks.len(), width as usize * height as usize * 4, "samples do not fill the raster");
        let mut rgb = vec![S::default(); inks.len() / 4 * 3];
        match self {
            Self::Profile(conversion) => conversion.packed(inks, &mut rgb, split),
            Self::Plain => {
                for (rgb, ink) in rgb.chunks_exact_mut(3).zip(inks.chunks_exact(4)) {
                    let light = 1.0 - ink[3].to_unit();
                    for (rgb, ink) in rgb.iter_mut().zip(ink) {
                        *rgb = S::from_unit((1.0 - ink.to_unit()) * light);
                    }
                }
            }
        }
        Raster::new(width, height, Layout::Rgb, rgb)
    }

    /// What should be known about the conversion.
    pub const fn note(&self) -> &'static str {
        match self {
            Self::Profile(_) => "CMYK was converted to sRGB through its profile",
            Self::Plain => "CMYK without a usable profile was converted by a plain rule: colours are approximate",
        }
    }
}
