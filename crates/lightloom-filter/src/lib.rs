//! Filters: what a person can do to a picture, each described once for every front end.
//!
//! A filter is one file that holds one [`FilterSpec`]: its name, its parameters and the function that compiles chosen
//! values into an [`Operation`]. Menus, sliders, `--filter`, recipe files, the README's table, tests and benches all
//! iterate [`FILTERS`].
//!
//! **Invariant:** this room knows only `picture`. A filter reads no file, starts no thread and knows no other filter;
//! the order of filters, strips, threads and buffers is the plan's business. What a file parameter refers to has been
//! read and decoded by others before the filter is compiled ([`Asset`]).

mod asset;
mod condition;
mod doc;
mod example;
mod kernel;
mod operation;
mod param;
mod params;
mod strip;
mod tokens;
mod value;

pub use asset::{Asset, FileKind, Font};
pub use condition::Condition;
pub use doc::Doc;
pub use example::{Example, Scene};
pub use kernel::lut::Lut;
pub use kernel::tone_curve::ToneCurve;
pub use operation::{Area, AreaFilter, AreaOf, Measure, Operation, Point, Sees, Stopped, Whole, Work};
pub use param::{Editor, FilterError, ParamKind, ParamSpec, TextForm};
pub use params::Params;
pub use strip::{Planes, Strip};
pub use tokens::Subject;
pub use value::{Colour, FileValue, Value};

use lightloom_picture::Shape;

/// Declares modules and list in one place: a filter's file is named by its word here and lies in its group's folder.
macro_rules! filters {
    ($($folder:ident: $($name:ident),* $(,)?;)*) => {
        $(mod $folder {
            $(pub(crate) mod $name;)*
        })*
        /// Every filter, in menu order.
        pub static FILTERS: &[&FilterSpec] = &[$($(&$folder::$name::SPEC,)*)*];
        /// What stands at the top of each filter's file.
        static DOCS: &[&[u8]] = &[$($({
            const SOURCE: &str = include_str!(concat!(stringify!($folder), "/", stringify!($name), ".rs"));
            static DOC: [u8; doc::length(SOURCE)] = doc::beginning(SOURCE);
            &DOC
        },)*)*];
    };
}

filters! {
    geometry:
        resize,
        crop,
        crop_margins,
        trim,
        rotate,
        flip,
        straighten,
        perspective,
        canvas,
        border;
    tone:
        exposure,
        brightness_contrast,
        gamma,
        levels,
        auto_levels,
        curves,
        sigmoidal_contrast,
        tone_map,
        equalize,
        fade,
        posterize,
        threshold,
        solarize,
        shadows_highlights,
        clarity,
        dehaze,
        clahe;
    colour:
        saturation,
        vibrance,
        hue,
        hsl,
        white_balance,
        auto_white_balance,
        colour_balance,
        channel_mixer,
        greyscale,
        black_white,
        sepia,
        colourise,
        split_tone,
        gradient_map,
        duotone,
        invert,
        lut3d;
    detail:
        gaussian_blur,
        unsharp_mask,
        sharpen,
        box_blur,
        motion_blur,
        median,
        bilateral,
        non_local_means,
        surface_blur,
        dust_and_scratches,
        high_pass,
        erode,
        dilate,
        opening,
        closing,
        custom_kernel,
        emboss,
        edge_detect,
        laplacian,
        canny;
    effects:
        vignette,
        grain,
        noise,
        glow,
        tilt_shift,
        pixelate,
        halftone,
        oil_paint;
    overlay:
        text_watermark,
        image_watermark;
}

/// The section of the Filters menu that a filter stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Size, position and direction of the picture.
    Geometry,
    /// Lightness.
    Tone,
    /// Hue and saturation.
    Colour,
    /// Sharpness and noise.
    Detail,
    /// Looks that a photograph did not have.
    Effects,
    /// Text and pictures on the picture.
    Overlay,
}

impl Group {
    /// All groups in menu order.
    pub const ALL: [Self; 6] = [Self::Geometry, Self::Tone, Self::Colour, Self::Detail, Self::Effects, Self::Overlay];

    /// The name that a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Geometry => "Geometry",
            Self::Tone => "Tone",
            Self::Colour => "Colour",
            Self::Detail => "Detail",
            Self::Effects => "Effects",
            Self::Overlay => "Overlay",
        }
    }
}

/// What a filter works on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Size, channels and depth of the picture that reaches the filter in an export.
    pub shape: Shape,
    /// Size of the pixels that really arrive, as a share of `shape`: 1 in an export, less in a preview on a
    /// scaled-down copy. Radii in pixels are to be multiplied by it.
    pub scale: f32,
}

impl Frame {
    /// The size of the full picture of which a picture of this size arrived.
    pub fn full_size(&self, width: u32, height: u32) -> (u32, u32) {
        let full = |side: u32, whole: u32| {
            let share = f64::from(self.scale);
            // what was rounded when it was scaled down is known
            let is_whole = (f64::from(whole) * share - f64::from(side)).abs() < 1.0;
            if is_whole || share <= 0.0 { whole } else { (f64::from(side) / share).round() as u32 }
        };
        (full(width, self.shape.width), full(height, self.shape.height))
    }
}

/// A filter as data.
pub struct FilterSpec {
    /// Name in recipes and on the command line.
    pub id: &'static str,
    /// Name that a person reads.
    pub title: &'static str,
    /// Menu section.
    pub group: Group,
    /// What it does, in one sentence without the final stop.
    pub help: &'static str,
    /// Grows when the meaning of a parameter changes, so that older recipes can be migrated.
    pub version: u32,
    /// Parameters in the order in which they are shown.
    pub params: &'static [ParamSpec],
    /// Which of them apply only sometimes; a parameter has one condition at most.
    pub conditions: &'static [Condition],
    /// Values that show what it does.
    pub example: Example,
    /// Turns checked values into what is to be done to pictures of this frame.
    pub compile: fn(&Params, &Frame) -> Result<Operation, FilterError>,
}

impl std::fmt::Debug for FilterSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FilterSpec({})", self.id)
    }
}

impl PartialEq for FilterSpec {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl FilterSpec {
    /// The parameter with this key.
    pub fn param(&self, key: &str) -> Option<&'static ParamSpec> {
        self.params.iter().find(|p| p.key == key)
    }

    /// When the parameter with this key applies; `None` if it always does.
    pub fn condition(&self, key: &str) -> Option<&'static Condition> {
        self.conditions.iter().find(|condition| condition.keys.contains(&key))
    }

    /// The algorithm and its source, and what becomes of range, alpha, depth and edges.
    pub fn doc(&self) -> Doc {
        let own = FILTERS.iter().zip(DOCS).find(|(filter, _)| **filter == self);
        Doc::parse(&own.map_or_else(Default::default, |(_, doc)| String::from_utf8_lossy(doc)))
    }
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
