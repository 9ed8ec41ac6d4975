//! What a filter is: a struct of typed parameters that compiles into an operation, and the row of data that front ends
//! read.

use crate::doc::Doc;
use crate::figure::{OnPicture, ValuesOnPicture};
use crate::{DOCS, Example, FILTERS, Operation};
use lightloom_param::{ParamSpec, Parameters, Value};
use lightloom_picture::Shape;

/// The section of the Filters menu that lists a filter.
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
    /// Looks that a photograph does not have by itself.
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

/// What a filter is compiled for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FilterContext {
    /// Size, channels and depth of the picture that reaches the filter in an export.
    pub shape: Shape,
    /// Size of the pixels that really arrive, relative to `shape`: 1 in an export, less in a preview of a scaled-down
    /// copy. Radii in pixels must be multiplied by it.
    pub scale: f32,
}

impl FilterContext {
    /// The size of the full picture of which a picture of this size arrived.
    pub fn full_size(&self, width: u32, height: u32) -> (u32, u32) {
        let full = |side: u32, whole: u32| {
            let share = f64::from(self.scale);
            // a size that was rounded when it was scaled down is known exactly
            let is_whole = (f64::from(whole) * share - f64::from(side)).abs() < 1.0;
            if is_whole || share <= 0.0 { whole } else { (f64::from(side) / share).round() as u32 }
        };
        (full(width, self.shape.width), full(height, self.shape.height))
    }
}

/// A filter: its parameters as the fields of a struct, and what it does with them.
pub(crate) trait Filter: Parameters {
    /// Name that a person reads.
    const TITLE: &'static str;
    /// What it does, in one sentence without the final stop.
    const HELP: &'static str;
    /// Grows when the meaning of a parameter changes, so that older recipes can be migrated.
    const VERSION: u32 = 1;
    /// Values that a person starts from who adds it in the window, where the defaults are no useful start.
    const START: &'static [(&'static str, &'static str)] = &[];
    /// Values that show what it does.
    const EXAMPLE: Example;
    /// What of it can be seen on the picture and dragged there, if it has a place.
    const ON_PICTURE: Option<OnPicture<Self>> = None;

    /// What is to be done to pictures of this context.
    ///
    /// # Errors
    /// If it cannot be applied to such pictures.
    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit>;
}

/// Why a filter cannot be applied to a picture, and what to do about it.
#[derive(Debug)]
pub(crate) struct Unfit(pub(crate) String);

/// A filter as data.
pub struct FilterSpec {
    /// Name in recipes and on the command line.
    pub id: &'static str,
    /// Name that a person reads.
    pub title: &'static str,
    pub group: Group,
    /// What it does, in one sentence without the final stop.
    pub help: &'static str,
    /// Grows when the meaning of a parameter changes, so that older recipes can be migrated.
    pub version: u32,
    /// Parameters in the order in which they are shown.
    pub params: &'static [ParamSpec],
    /// Values that differ from the defaults where a person adds it in the window, as on the command line.
    pub start: &'static [(&'static str, &'static str)],
    /// Values that show what it does.
    pub example: Example,
    /// Compiles checked values, in the order of `params`.
    pub(crate) compile: fn(&[Value], &FilterContext) -> Result<Operation, Unfit>,
    pub(crate) on_picture: Option<ValuesOnPicture>,
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
    /// The filter `F`, under its id and in its section of the menu.
    pub(crate) const fn of<F: Filter>(id: &'static str, group: Group) -> Self {
        Self {
            id,
            title: F::TITLE,
            group,
            help: F::HELP,
            version: F::VERSION,
            params: F::SPECS,
            start: F::START,
            example: F::EXAMPLE,
            compile: |values, context| F::read(values).compile(context),
            on_picture: if F::ON_PICTURE.is_some() { Some(on_picture::<F>()) } else { None },
        }
    }

    /// Whether it has a place on the picture, which can be seen and dragged there.
    pub const fn has_figure(&self) -> bool {
        self.on_picture.is_some()
    }

    /// The parameter with this key.
    pub fn param(&self, key: &str) -> Option<&'static ParamSpec> {
        self.params.iter().find(|p| p.key == key)
    }

    /// The algorithm and its source, and how range, alpha, depth and edges are treated.
    pub fn doc(&self) -> Doc {
        let own = FILTERS.iter().zip(DOCS).find(|(filter, _)| **filter == self);
        Doc::parse(&own.map_or_else(Default::default, |(_, doc)| String::from_utf8_lossy(doc)))
    }
}

const fn on_picture<F: Filter>() -> ValuesOnPicture {
    ValuesOnPicture {
        figure: |values, frame| F::ON_PICTURE.and_then(|on| (on.figure)(&F::read(values), frame)),
        settings: |values, figure, frame| {
            F::ON_PICTURE.map_or_else(Vec::new, |on| (on.settings)(&F::read(values), figure, frame))
        },
        content: |values, size| F::ON_PICTURE.and_then(|on| (on.content)(&F::read(values), size)),
    }
}
