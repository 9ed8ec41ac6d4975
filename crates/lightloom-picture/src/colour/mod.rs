//! Colour management: ICC profiles (ICC.1:2022) parsed by moxcms, and the conversion of samples between them.
//!
//! Profiles of three primaries and a tone curve each, and grey profiles, are computed here in 32-bit float, so that
//! 16-bit ramps keep their levels; table-based profiles go through moxcms. CMYK becomes sRGB when a file is decoded,
//! high dynamic range what [`hdr`] says.

mod black;
mod cicp;
mod conversion;
mod curve;
mod dither;
pub mod hdr;
mod icc_writer;
mod inks;
mod png_spaces;
mod profile;
mod tables;

pub use cicp::{CodePoints, Colours};
pub use conversion::Conversion;
pub use dither::{Dither, reduce};
pub use hdr::Hdr;
pub use inks::Inks;
pub use png_spaces::{Chromaticities, PngColour};
pub use profile::{Profile, ProfileError, Space};

use super::{Buffers, Picture, Pixels, Work};
use hdr::ToneCurve;

/// What a conversion does with colours that the target cannot show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Intent {
    /// As the profile's maker found pleasing; only table-based profiles know it, others take it as relative.
    Perceptual,
    /// White becomes white; colours outside the target are clipped. Default.
    #[default]
    Relative,
    /// Vivid rather than faithful; only table-based profiles know it, others take it as relative.
    Saturation,
    /// As relative, but the paper's or screen's own white is kept.
    Absolute,
}

impl Intent {
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

/// The picture's pixels in sRGB, for a screen; depth stays. A profile that cannot be used counts as sRGB. High dynamic
/// range is tone mapped.
pub fn for_display(mut picture: Picture) -> Pixels {
    // Nothing stops it, so that it cannot be abandoned.
    let work = &mut Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    if let Some(hdr) = picture.metadata.hdr {
        let mapped = hdr.tone_mapping(ToneCurve::Mobius, None, &picture.pixels, work);
        let _ = mapped.and_then(|mapping| mapping.apply(&mut picture.pixels, work));
    }
    let Some(icc) = &picture.metadata.icc else { return picture.pixels };
    let grey = picture.pixels.shape().layout.colours() == 1;
    let profile = Profile::parse(icc).ok().filter(|profile| profile.fits(picture.pixels.shape().layout));
    let target = if grey { Profile::grey_srgb() } else { Profile::named(Space::Srgb) };
    match profile.and_then(|profile| Conversion::new(&profile, &target, Intent::Relative, true).ok()) {
        Some(conversion) => {
            conversion.run(picture.pixels, false, &|| false, work.buffers).unwrap_or_else(|_| Pixels::empty())
        }
        None => picture.pixels,
    }
}

#[cfg(test)]
mod tests;
