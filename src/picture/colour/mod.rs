//! Colour management: ICC profiles (ICC.1:2022) parsed by moxcms, and the conversion of samples between them.
//!
//! Profiles of three primaries and a tone curve each, and grey profiles, are computed here in 32-bit float, so that
//! 16-bit ramps keep their levels; profiles of tables go through moxcms.

mod black;
mod conversion;
mod curve;
mod dither;
mod icc_writer;
mod inks;
mod png_spaces;
mod profile;
mod tables;

pub use conversion::Conversion;
pub use dither::{Dither, reduce};
pub use inks::Inks;
pub use png_spaces::{Chromaticities, PngColour};
pub use profile::{Profile, ProfileError, Space};

use super::{Buffers, Picture};

/// What a conversion does with colours that the target cannot show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Intent {
    /// As the profile's maker found pleasing; only profiles of tables know it, others take it as relative.
    Perceptual,
    /// White becomes white; colours outside the target are clipped. Default.
    #[default]
    Relative,
    /// Vivid rather than faithful; only profiles of tables know it, others take it as relative.
    Saturation,
    /// As relative, but the paper's or screen's own white is kept.
    Absolute,
}

impl Intent {
    /// Every intent.
    pub const ALL: [Self; 4] = [Self::Perceptual, Self::Relative, Self::Saturation, Self::Absolute];

    /// Name in recipes and on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Perceptual => "perceptual",
            Self::Relative => "relative",
            Self::Saturation => "saturation",
            Self::Absolute => "absolute",
        }
    }
}

/// The picture as 8-bit RGBA in sRGB with straight alpha: what a screen wants. A profile that cannot be used counts as
/// sRGB.
pub fn to_display(picture: &Picture) -> Vec<u8> {
    let Some(icc) = &picture.metadata.icc else { return picture.pixels.to_rgba8() };
    let conversion = Profile::parse(icc)
        .ok()
        .filter(|profile| profile.fits(picture.pixels.shape().layout))
        .and_then(|profile| Conversion::new(&profile, &Profile::named(Space::Srgb), Intent::Relative, true).ok());
    match conversion {
        Some(conversion) if !conversion.is_identity() => {
            let stop = || false;
            let converted = conversion.run(picture.pixels.clone(), false, &stop, &mut Buffers::default());
            converted.unwrap_or_else(|_| picture.pixels.clone()).to_rgba8()
        }
        _ => picture.pixels.to_rgba8(),
    }
}

#[cfg(test)]
mod tests;
