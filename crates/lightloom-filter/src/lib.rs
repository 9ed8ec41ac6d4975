//! Filters: what can be done to a picture, each described once for every front end.
//!
//! A filter is a file in the folder of its group. It declares a struct of typed parameters (see [`lightloom_param`])
//! and compiles it into an [`Operation`]. Menus, sliders, `--filter`, recipe files, the reference pages, tests and
//! benches iterate [`FILTERS`]. What filters share lies in `kernel`.
//!
//! Values are checked when they are set, so a filter never sees one that is out of range. The comment at the top of a
//! filter's file is data too: the catalogue shows it, and tests require that it states algorithm, range, alpha, depth and
//! edges. Filters compute on samples as the picture's colour profile encodes them, unless linear light is asked for.
//!
//! ```
//! use lightloom_filter::{FilterContext, Operation, Params, Work, find};
//! use lightloom_picture::{Buffers, Layout, Pixels, Raster};
//!
//! let mut params = Params::defaults(find("rotate")?);
//! params.set_text("turns", "right")?;
//!
//! let picture = Pixels::from(Raster::new(2, 1, Layout::Grey, vec![10_u8, 20]));
//! let context = FilterContext { shape: picture.shape(), scale: 1.0 };
//! let Operation::Whole(rotation) = params.compile(&context)? else { panic!("a rotation needs the whole picture") };
//!
//! let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
//! let rotated = rotation.apply(picture, &mut work)?;
//! assert_eq!(rotated, Pixels::from(Raster::new(1, 2, Layout::Grey, vec![10_u8, 20])));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Invariant:** this crate knows pictures and parameters only. A filter reads no file, starts no thread and knows no
//! other filter; the order of filters, strips, threads and buffers is up to the plan. The files of parameters have been
//! read and decoded before the filter is compiled ([`Asset`]).

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod asset;
mod doc;
mod error;
mod example;
pub mod figure;
mod font;
mod font_fallback;
mod kernel;
mod operation;
mod params;
mod spec;
mod strip;
pub mod tokens;

pub use asset::Asset;
pub use doc::Doc;
pub use error::FilterError;
pub use example::{Example, Scene};
pub use font::{Font, FontStack};
pub use kernel::lut::Lut;
pub use kernel::tone_curve::ToneCurve;
pub use kernel::turn::turned;
pub use lightloom_param::{
    Colour, Condition, Editor, FileContent, FileKind, FileValue, ParamKind, ParamSpec, TextForm, Value,
};
pub use lightloom_picture::{Stopped, Work};
pub use operation::{Area, AreaFilter, AreaOf, Dependence, Measure, Operation, Point, RowWise, Whole};
pub use params::Params;
pub(crate) use spec::{Filter, Unfit};
pub use spec::{FilterContext, FilterSpec, Group};
pub use strip::{Planes, Strip};
pub use tokens::Subject;

/// Declares the modules and the list of filters. A filter lies in the folder of its group, in a file called by its id.
macro_rules! filters {
    ($($folder:ident $group:ident: $($name:ident::$filter:ident),* $(,)?;)*) => {
        $(mod $folder {
            $(pub(crate) mod $name;)*
        })*
        /// Every filter, in menu order.
        pub static FILTERS: &[&FilterSpec] = &[$($(
            &FilterSpec::of::<$folder::$name::$filter>(stringify!($name), Group::$group),
        )*)*];
        /// What stands at the top of each filter's file.
        static DOCS: &[&[u8]] = &[$($({
            const SOURCE: &str = include_str!(concat!(stringify!($folder), "/", stringify!($name), ".rs"));
            static DOC: [u8; doc::length(SOURCE)] = doc::beginning(SOURCE);
            &DOC
        },)*)*];
    };
}

filters! {
    geometry Geometry:
        resize::Resize,
        crop::Crop,
        crop_margins::CropMargins,
        trim::Trim,
        rotate::Rotate,
        flip::Flip,
        straighten::Straighten,
        perspective::Perspective,
        canvas::Canvas,
        border::Border;
    tone Tone:
        exposure::Exposure,
        brightness_contrast::BrightnessContrast,
        gamma::Gamma,
        levels::Levels,
        auto_levels::AutoLevels,
        curves::Curves,
        sigmoidal_contrast::SigmoidalContrast,
        tone_map::ToneMap,
        equalize::Equalize,
        fade::Fade,
        posterize::Posterize,
        threshold::Threshold,
        solarize::Solarize,
        shadows_highlights::ShadowsHighlights,
        clarity::Clarity,
        dehaze::Dehaze,
        clahe::Clahe;
    colour Colour:
        saturation::Saturation,
        vibrance::Vibrance,
        hue::Hue,
        hsl::Hsl,
        white_balance::WhiteBalance,
        auto_white_balance::AutoWhiteBalance,
        colour_balance::ColourBalance,
        channel_mixer::ChannelMixer,
        greyscale::Greyscale,
        black_white::BlackWhite,
        sepia::Sepia,
        colourise::Colourise,
        split_tone::SplitTone,
        gradient_map::GradientMap,
        duotone::Duotone,
        invert::Invert,
        lut3d::Lut3d;
    detail Detail:
        gaussian_blur::GaussianBlur,
        unsharp_mask::UnsharpMask,
        sharpen::Sharpen,
        box_blur::BoxBlur,
        motion_blur::MotionBlur,
        median::Median,
        bilateral::Bilateral,
        non_local_means::NonLocalMeans,
        surface_blur::SurfaceBlur,
        dust_and_scratches::DustAndScratches,
        high_pass::HighPass,
        erode::Erode,
        dilate::Dilate,
        opening::Opening,
        closing::Closing,
        custom_kernel::CustomKernel,
        emboss::Emboss,
        edge_detect::EdgeDetect,
        laplacian::Laplacian,
        canny::Canny;
    effects Effects:
        vignette::Vignette,
        grain::Grain,
        noise::Noise,
        glow::Glow,
        tilt_shift::TiltShift,
        pixelate::Pixelate,
        halftone::Halftone,
        oil_paint::OilPaint;
    overlay Overlay:
        text_watermark::TextWatermark,
        image_watermark::ImageWatermark;
}

/// The filter with this id.
///
/// # Errors
/// [`FilterError::UnknownFilter`], with all known ids.
pub fn find(id: &str) -> Result<&'static FilterSpec, FilterError> {
    FILTERS.iter().copied().find(|f| f.id == id).ok_or_else(|| FilterError::UnknownFilter {
        id: id.to_owned(),
        known: FILTERS.iter().map(|f| f.id).collect::<Vec<_>>().join(", "),
    })
}

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
mod tests;
