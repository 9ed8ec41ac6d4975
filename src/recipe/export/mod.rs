//! Parts of the export settings, each with its own form in recipes.

mod colour;
mod finish;
mod metadata;

pub use colour::{ColourChoice, ColourWord, ProfileFile, Target, dither, intent};
pub use finish::{Finish, Finished};
pub use metadata::{MetadataChoice, keep};

/// What is wrong with a key of a table in a recipe: the key, and the problem.
pub type KeyError = (String, String);
