//! `lightloom presets`: built-in recipes and the user's own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use lightloom_param::{shown, shown_text};

use super::{Exit, RecipeArgs, console};
use crate::batch::{Library, pack};
use crate::recipe::{PRESETS, Recipe, find_preset};

/// What to do with presets.
#[derive(Debug, Subcommand)]
pub enum PresetCommand {
    /// Save a recipe as a preset of your own, with the files that it refers to
    Save {
        /// Name of the preset
        name: String,
        /// The recipe.
        #[command(flatten)]
        recipe: Box<RecipeArgs>,
        /// Replace a preset of the same name
        #[arg(long)]
        replace: bool,
    },
    /// Rename one of your presets
    Rename {
        /// Present name
        from: String,
        /// New name
        to: String,
    },
    /// Delete one of your presets
    Delete {
        /// Name of the preset
        name: String,
    },
    /// Write a preset as one file that contains its lookup tables, watermarks and fonts
    Share {
        /// Name of the preset
        name: String,
        /// The file to write
        file: PathBuf,
    },
    /// Import a shared recipe file as a preset named after the file
    Import {
        /// The file to read
        file: PathBuf,
    },
}

/// Runs a command; lists all presets where there is none.
///
/// # Errors
/// If a name is unknown, taken or not allowed, or a file cannot be read or written.
pub fn presets(command: Option<&PresetCommand>) -> Result<Exit> {
    match command {
        None => {
            console::print(&list())?;
        }
        Some(PresetCommand::Save { name, recipe, replace }) => {
            let recipe = recipe.recipe()?;
            if find_preset(name).is_some() {
                bail!("'{name}' is a built-in preset; choose another name");
            }
            let library = Library::of_user()?;
            library.save(name, &recipe, *replace)?;
            for file in library.files_of_this_machine(&recipe) {
                console::say(&format!("note: the preset contains a copy of {file}; sharing it shares that too"));
            }
        }
        Some(PresetCommand::Rename { from, to }) => {
            if find_preset(to).is_some() {
                bail!("'{to}' is a built-in preset; choose another name");
            }
            Library::of_user()?.rename(from, to)?;
        }
        Some(PresetCommand::Delete { name }) => Library::of_user()?.delete(name)?,
        Some(PresetCommand::Share { name, file }) => share(name, file)?,
        Some(PresetCommand::Import { file }) => {
            console::print(&Library::of_user()?.import(file)?)?;
        }
    }
    Ok(Exit::Well)
}

fn share(name: &str, file: &Path) -> Result<()> {
    let recipe = named(name)?;
    // What was saved contains its files; a preset that was put there by hand may name any.
    if let [first, ..] = Library::of_user()?.files_of_this_machine(&recipe).as_slice() {
        bail!(
            "the preset '{name}' names {}, which it does not contain; save it again to take that along",
            shown_text(first)
        );
    }
    let text = pack(&recipe)?.to_toml();
    // Not over a file that is there.
    let write = || std::io::Write::write_all(&mut std::fs::File::create_new(file)?, text.as_bytes());
    write().with_context(|| format!("{} cannot be written", shown(file)))
}

/// The preset of this name: a built-in one, or one of the user's own.
pub(super) fn named(name: &str) -> Result<Recipe> {
    if let Some(preset) = find_preset(name) {
        return Ok(preset.recipe()?);
    }
    let library = Library::of_user()?;
    if library.file(name).is_err() {
        let own = library.names().into_iter();
        let known: Vec<String> = PRESETS.iter().map(|preset| preset.id.to_owned()).chain(own).collect();
        bail!("there is no preset '{}'; there are: {}", shown_text(name), known.join(", "));
    }
    Ok(library.load(name)?)
}

/// The presets, one per line.
fn list() -> String {
    let own = Library::of_user().map(|library| library.names()).unwrap_or_default();
    let brought = PRESETS.iter().map(|preset| format!("{:<22}{}\n", preset.id, preset.help()));
    brought.chain(own.into_iter().map(|name| format!("{name:<22}Your own.\n"))).collect()
}
