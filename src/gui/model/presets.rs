//! The user's presets, as far as the window knows them.

use crate::recipe::Recipe;

/// The user's presets.
#[derive(Debug, Default)]
pub struct Presets {
    pub names: Vec<String>,
    /// The preset or recipe file that was last loaded or saved.
    pub last: Option<NamedRecipe>,
    /// The one to be shared, while its file is asked for.
    pub sharing: Option<String>,
    /// Whether the system names no folder to keep presets in.
    pub has_no_home: bool,
}

/// A recipe with the name of its preset or file.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedRecipe {
    pub name: String,
    pub recipe: Recipe,
}
