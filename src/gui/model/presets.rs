//! The user's presets, as far as the window knows them.

use crate::recipe::{Preset, Recipe};

/// The user's presets.
#[derive(Debug, Default)]
pub struct Presets {
    pub names: Vec<String>,
    /// The preset or recipe file that was last loaded or saved.
    pub last: Option<NamedRecipe>,
    /// The one to be shared, while its file is asked for.
    pub sharing: Option<String>,
    /// The one that the preview shows while the pointer rests on it.
    pub tried: Option<Tried>,
    /// Whether the system names no folder to keep presets in.
    pub has_no_home: bool,
}

/// A preset, by its name if it is the user's own.
#[derive(Debug, Clone, PartialEq)]
pub enum PresetRef {
    Bundled(&'static Preset),
    Own(String),
}

/// A preset that the preview shows without it being used.
#[derive(Debug)]
pub struct Tried {
    pub preset: PresetRef,
    /// Until it is loaded the preview stays as it is.
    pub recipe: Option<Recipe>,
}

/// A recipe with the name of its preset or file.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedRecipe {
    pub name: String,
    pub recipe: Recipe,
}
