//! Recipes: which filters in which order, and how results are saved. A recipe is a value without the paths of pictures,
//! so that it can be undone, compared, saved and shared; a [`Plan`] is a recipe compiled for one picture.
//!
//! ```
//! use lightloom_filter::Work;
//! use lightloom_picture::{Buffers, Layout, Pixels, Raster};
//! use lightloom_recipe::{Plan, Purpose, Recipe};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let recipe = Recipe::from_toml("version = 3\n[[filter]]\nid = 'rotate'\nturns = 'right'\n[[filter]]\nid = 'invert'\n")?;
//! let pixels: Pixels = Raster::new(3, 2, Layout::Grey, vec![0_u8, 1, 2, 3, 4, 5]).into();
//! let plan = Plan::compile(&recipe, pixels.shape(), &[1], Purpose::Export)?;
//! let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
//! let result = plan.run(pixels, &mut work).map_err(|_| "stopped")?;
//! assert_eq!((result.width(), result.height()), (2, 3));
//!
//! // A mistake is never ignored: the error names line, key and range.
//! let error = Recipe::from_toml("version = 3\n[[filter]]\nid = 'exposure'\nstops = 99").unwrap_err();
//! assert!(error.to_string().starts_with("line 4: filter 1: exposure: stops = 99 is not allowed"));
//! # Ok(())
//! # }
//! ```
//!
//! **Invariant:** this crate knows `param`, `picture`, `codec` and `filter`; it touches no disk and starts no thread.

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod about;
mod bundle;
mod chain;
mod checkpoints;
mod explain;
pub mod export;
mod files;
mod fold_luts;
mod frames;
mod locate;
mod migrate;
mod output;
mod overrides;
mod pass;
mod plan;
mod presets;
mod rows;
mod text;

pub use bundle::{AssetFile, Bundle, LARGEST_ASSET};
pub use chain::{MAX_PICTURE_BYTES, PlanError};
pub use checkpoints::Checkpoints;
pub use explain::{Explanation, OutputNote, PassKind, PassNote};
pub use export::{ExportSettings, FormatChoice};
pub use files::asset;
pub use frames::FrameChoice;
pub use output::{MAX_OUTPUTS, NameError, Output, OutputError};
pub use overrides::{Overrides, OverridesError, Turn};
pub use plan::{Effect, Plan, PlanPixels, Processed, Purpose, RunError};
pub use presets::{PRESETS, Preset, find_preset};
pub use rows::{RowPasses, RowSink, RowSource, RowStep};
pub use text::RecipeError;

use lightloom_filter::{FilterError, Params, find};

/// Filters in order and export settings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recipe {
    /// The filter stack, first applied first; common to all outputs.
    pub filters: Vec<Step>,
    /// How results are saved, where there are no `outputs`.
    pub export: ExportSettings,
    /// What each picture is saved as from one decode; none for one result that is saved as `export` says.
    pub outputs: Vec<Output>,
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

    /// A filter as a person adds it in the window, with values to start from.
    ///
    /// # Errors
    /// If there is no filter with this id.
    pub fn start(id: &str) -> Result<Self, FilterError> {
        Ok(Self { params: Params::start(find(id)?)?, enabled: true })
    }

    /// Reads `ID` or `ID:key=value,key=value`, the form of the command line. A comma that no `key=` follows belongs to
    /// the value, as in `curves:points=0:0,0.4:0.5,1:1`; `\,` is always a comma of the value.
    ///
    /// # Errors
    /// If there is no such filter or parameter, or a value is not allowed.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let (id, pairs) = text.split_once(':').unwrap_or((text, ""));
        let mut step = Self::new(id.trim())?;
        for (key, value) in self::pairs(pairs) {
            step.params.set_text(&key, &value)?;
        }
        Ok(step)
    }
}

/// Keys and values of `key=value,key=value`.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let is_key = |word: &str| word.trim().starts_with(|c: char| c.is_ascii_alphabetic()) && !word.trim().contains(' ');
    let mut joins = false;
    for part in text.split(',') {
        // a backslash before a comma stands for the comma alone
        let (part, escaped) = part.strip_suffix('\\').map_or((part, false), |part| (part, true));
        match (part.split_once('='), pairs.last_mut()) {
            (Some((key, value)), last) if !joins && (is_key(key) || last.is_none()) => {
                pairs.push((key.trim().to_owned(), value.to_owned()));
            }
            (_, Some((_, value))) => {
                value.push(',');
                value.push_str(part);
            }
            (_, None) if part.trim().is_empty() => {}
            (_, None) => pairs.push((part.trim().to_owned(), String::new())),
        }
        joins = escaped;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn commas_belong_to_values_where_no_key_follows() {
        let of = |text: &str| pairs(text).into_iter().map(|(k, v)| format!("{k}→{v}")).collect::<Vec<_>>().join("; ");
        assert_eq!(of(""), "");
        assert_eq!(of("stops=1"), "stops→1");
        assert_eq!(of("mode=exact, width=3,height=4"), "mode→exact; width→3; height→4");
        assert_eq!(of("points=0:0,0.4:0.5,1:1,red=0:0,1:1"), "points→0:0,0.4:0.5,1:1; red→0:0,1:1");
        assert_eq!(of("text=Hello, world,size=3"), "text→Hello, world; size→3");
        assert_eq!(of("text=a\\,b=c,size=3"), "text→a,b=c; size→3");
        assert_eq!(of("stops"), "stops→");
        assert_eq!(of("text=1 + 1 = 2, x + y = z"), "text→1 + 1 = 2, x + y = z");
    }
}
