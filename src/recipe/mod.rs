//! A recipe: which filters in which order, and how the result is saved. A value without paths, so that it can be
//! undone, compared, saved and shared.
//!
//! **Invariant:** this room knows `picture`, `codec` and `filter`; it touches no disk and starts no thread.

mod pass;
mod plan;
mod text;

pub use plan::{MAX_PICTURE_BYTES, Plan, PlanError, Purpose};
pub use text::RecipeError;

use crate::codec::Codec;
use crate::filter::{FilterError, Params, find};

/// Filters in order and export settings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recipe {
    /// The filter stack, first applied first.
    pub filters: Vec<Step>,
    /// How results are saved.
    pub export: Export,
}

/// One filter of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The filter and its values.
    pub params: Params,
    /// A filter that is switched off stays in the stack and does nothing.
    pub enabled: bool,
}

impl Step {
    /// A filter with its default values, switched on.
    ///
    /// # Errors
    /// If there is no filter with this id.
    pub fn new(id: &str) -> Result<Self, FilterError> {
        Ok(Self { params: Params::defaults(find(id)?), enabled: true })
    }

    /// Reads `ID` or `ID:key=value,key=value`, the form of the command line.
    ///
    /// # Errors
    /// If there is no such filter or parameter, or a value is not allowed.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let (id, pairs) = text.split_once(':').unwrap_or((text, ""));
        let mut step = Self::new(id.trim())?;
        for pair in pairs.split(',').filter(|p| !p.trim().is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            step.params.set_text(key.trim(), value)?;
        }
        Ok(step)
    }
}

/// How results are saved.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// The file format.
    pub format: FormatChoice,
    /// Quality of lossy formats, 1–100. Default: 90.
    pub quality: u8,
}

impl Default for Export {
    fn default() -> Self {
        Self { format: FormatChoice::Same, quality: 90 }
    }
}

/// The file format of results.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FormatChoice {
    /// That of each source.
    Same,
    /// This one for all.
    To(&'static Codec),
}

impl FormatChoice {
    /// Name in recipes and on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::To(codec) => codec.id,
        }
    }

    /// Every choice, `same` first.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Same).chain(crate::codec::CODECS.iter().copied().filter(|c| c.export).map(Self::To))
    }

    /// The choice with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::all().find(|choice| choice.id() == id)
    }
}
