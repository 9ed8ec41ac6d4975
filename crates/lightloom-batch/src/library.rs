//! A person's own presets: recipes by name in the folder for settings, each a file that contains what it refers to; and
//! the files that presets and shared recipes contain, by their hash in the folder for data.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::regular::read_regular;
use super::source::plain;
use lightloom_param::{is_active, shown, shown_text};
use lightloom_recipe::{AssetFile, Bundle, LARGEST_ASSET, Recipe, RecipeError};

/// Most bytes of a recipe file.
pub const LARGEST_RECIPE: u64 = 512 << 20;

/// Extension of a preset's file.
const EXTENSION: &str = "toml";

/// Where a person's presets are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    presets: PathBuf,
    assets: PathBuf,
}

/// Why a preset or recipe could not be read or saved.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum LibraryError {
    /// The name cannot be a file's.
    #[error("'{}' cannot be a preset's name: {problem}", shown_text(name))]
    Name {
        /// As it was given.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Another preset has it.
    #[error("there is a preset '{}' already; choose another name or delete that one first", shown_text(.0))]
    Taken(String),
    /// None has it.
    #[error("there is no preset '{}'", shown_text(.0))]
    Missing(String),
    /// The disk refuses.
    #[error("{path}: {reason}")]
    Disk {
        /// Which file.
        path: String,
        /// Why.
        reason: String,
    },
    /// It is no recipe.
    #[error("{path}: {error}")]
    Recipe {
        /// Which file.
        path: String,
        /// Why not.
        error: Box<RecipeError>,
    },
    /// A file that the recipe refers to cannot be embedded.
    #[error("the recipe's file {} cannot be taken along: {reason}", shown_text(path))]
    Asset {
        /// Which file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// A shared recipe names files that it does not contain.
    #[error(
        "{path} names files that it does not contain: {files}; presets contain what they refer to. To use these files of \
         your own, open it as a recipe and save that as a preset"
    )]
    NotContained {
        /// Which recipe.
        path: String,
        /// What it names.
        files: String,
    },
    /// The system names no home.
    #[error("this system names no folder for settings; set HOME")]
    NoHome,
}

fn disk(path: &Path, error: &io::Error) -> LibraryError {
    LibraryError::Disk { path: shown(path).into_owned(), reason: plain(error) }
}

impl Library {
    /// The library of this person.
    ///
    /// # Errors
    /// [`LibraryError::NoHome`].
    pub fn of_user() -> Result<Self, LibraryError> {
        use etcetera::BaseStrategy as _;
        let folders = etcetera::choose_base_strategy().map_err(|_| LibraryError::NoHome)?;
        Ok(Self::at(&folders.config_dir().join("lightloom"), &folders.data_dir().join("lightloom")))
    }

    /// A library below these folders.
    pub fn at(config: &Path, data: &Path) -> Self {
        Self { presets: config.join("presets"), assets: data.join("assets") }
    }

    /// Names of all presets, sorted as people do.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.presets).into_iter().flatten().flatten();
        let name = |entry: fs::DirEntry| {
            let path = entry.path();
            let stem = path.file_stem()?.to_str()?.to_owned();
            (path.extension()? == EXTENSION && check_name(&stem).is_ok()).then_some(stem)
        };
        let mut names: Vec<String> = entries.filter_map(name).collect();
        names.sort_by_key(|name| (name.to_lowercase(), name.clone()));
        names
    }

    /// The name of a preset as it is stored, whatever the case of `name`.
    fn stored_name(&self, name: &str) -> Option<String> {
        let folded = name.trim().to_lowercase();
        self.names().into_iter().find(|own| own.to_lowercase() == folded)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.presets.join(format!("{name}.{EXTENSION}"))
    }

    /// The file of a preset, to be copied or shown.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn file(&self, name: &str) -> Result<PathBuf, LibraryError> {
        let own = self.stored_name(name).ok_or_else(|| LibraryError::Missing(name.to_owned()))?;
        Ok(self.path(&own))
    }

    /// Reads a preset; its files are unpacked.
    ///
    /// # Errors
    /// If there is none of this name, or its file is damaged.
    pub fn load(&self, name: &str) -> Result<Recipe, LibraryError> {
        self.open(&self.file(name)?)
    }

    /// Saves a recipe under a name, with the files that it refers to; `replace` allows for one that is there.
    ///
    /// # Errors
    /// If the name is not allowed or taken, a file cannot be read, or the disk refuses.
    pub fn save(&self, name: &str, recipe: &Recipe, replace: bool) -> Result<(), LibraryError> {
        let name = name.trim();
        check_name(name).map_err(|problem| LibraryError::Name { name: name.to_owned(), problem })?;
        let own = self.stored_name(name);
        if own.is_some() && !replace {
            return Err(LibraryError::Taken(name.to_owned()));
        }
        let path = self.path(own.as_deref().unwrap_or(name));
        fs::create_dir_all(&self.presets).map_err(|e| disk(&self.presets, &e))?;
        write_whole(&path, pack(recipe)?.to_toml().as_bytes())
    }

    /// Gives a preset another name.
    ///
    /// # Errors
    /// If there is none, or the new name is not allowed or taken.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), LibraryError> {
        let to = to.trim();
        check_name(to).map_err(|problem| LibraryError::Name { name: to.to_owned(), problem })?;
        let old = self.stored_name(from).ok_or_else(|| LibraryError::Missing(from.to_owned()))?;
        if self.stored_name(to).is_some_and(|taken| taken != old) {
            return Err(LibraryError::Taken(to.to_owned()));
        }
        fs::rename(self.path(&old), self.path(to)).map_err(|e| disk(&self.path(&old), &e))
    }

    /// Deletes a preset. The files that it brought stay: other recipes may refer to them.
    ///
    /// # Errors
    /// If there is none, or the disk refuses.
    pub fn delete(&self, name: &str) -> Result<(), LibraryError> {
        let path = self.file(name)?;
        fs::remove_file(&path).map_err(|e| disk(&path, &e))
    }

    /// Imports a shared recipe file as a preset of the file's name. Returns that name.
    ///
    /// A preset contains what it refers to, and whoever shares it passes that on. So a file that the recipe only names is
    /// not taken in: its author would choose which of this person's files go along.
    ///
    /// # Errors
    /// If it is no recipe or names files that it does not contain, or the name is not allowed or taken.
    pub fn import(&self, path: &Path) -> Result<String, LibraryError> {
        let bundle = read_bundle(path)?;
        let named = bundle.recipe.files_named();
        if !named.is_empty() {
            let files = named.iter().map(|file| shown_text(file)).collect::<Vec<_>>().join(", ");
            return Err(LibraryError::NotContained { path: shown(path).into_owned(), files });
        }
        let recipe = self.unpack(bundle)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        self.save(&name, &recipe, false)?;
        Ok(name.trim().to_owned())
    }

    /// Reads a recipe file of any kind: embedded files are unpacked, paths that it names are relative to it.
    ///
    /// # Errors
    /// If it cannot be read, is no recipe, or its files cannot be unpacked.
    pub fn open(&self, path: &Path) -> Result<Recipe, LibraryError> {
        let mut recipe = self.unpack(read_bundle(path)?)?;
        recipe.anchor_files(path.parent().unwrap_or(Path::new("")));
        Ok(recipe)
    }

    /// Files of this machine that the recipe names and that no preset or shared recipe brought: what somebody should
    /// know before they are embedded and passed on.
    pub fn files_of_this_machine(&self, recipe: &Recipe) -> Vec<String> {
        let mut files = recipe.files_named();
        files.retain(|file| !Path::new(file).starts_with(&self.assets));
        files
    }

    /// Writes the files of a bundle to the disk and has the recipe refer to them there.
    fn unpack(&self, bundle: Bundle) -> Result<Recipe, LibraryError> {
        let Bundle { mut recipe, assets } = bundle;
        for asset in &assets {
            let path = self.asset_path(asset);
            // The hash is the folder's name: what is there whole is the same.
            let is_there = read_regular(&path, asset.bytes.len() as u64).is_ok_and(|bytes| bytes == asset.bytes);
            if !is_there {
                let folder = path.parent().unwrap_or(&self.assets);
                fs::create_dir_all(folder).map_err(|e| disk(folder, &e))?;
                write_whole(&path, &asset.bytes)?;
            }
        }
        recipe.change_files(|_, path| {
            let own = assets.iter().find(|asset| asset.reference() == path);
            Ok(own.map(|asset| self.asset_path(asset).to_string_lossy().into_owned()))
        })?;
        Ok(recipe)
    }

    fn asset_path(&self, asset: &AssetFile) -> PathBuf {
        self.assets.join(&asset.hash).join(&asset.name)
    }
}

/// Reads a recipe file with the files in it.
fn read_bundle(path: &Path) -> Result<Bundle, LibraryError> {
    let failed = |reason| LibraryError::Disk { path: shown(path).into_owned(), reason };
    let bytes = read_regular(path, LARGEST_RECIPE).map_err(failed)?;
    let text = String::from_utf8(bytes).map_err(|_| failed("it is no text, and so no recipe".to_owned()))?;
    let broken = |error| LibraryError::Recipe { path: shown(path).into_owned(), error: Box::new(error) };
    Bundle::from_toml(&text).map_err(broken)
}

/// Embeds the files that a recipe refers to.
///
/// # Errors
/// If one cannot be read or is too large.
pub fn pack(recipe: &Recipe) -> Result<Bundle, LibraryError> {
    let mut recipe = recipe.clone();
    let mut assets: Vec<AssetFile> = Vec::new();
    recipe.change_files(|kind, path| {
        let failed = |reason: String| LibraryError::Asset { path: path.to_owned(), reason };
        let bytes = read_regular(path, LARGEST_ASSET).map_err(failed)?;
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
        lightloom_recipe::asset(kind, &name, &bytes).map_err(failed)?;
        let asset = AssetFile::new(&name, bytes);
        let reference = asset.reference();
        if assets.iter().all(|other| other.reference() != reference) {
            assets.push(asset);
        }
        Ok(Some(reference))
    })?;
    Ok(Bundle { recipe, assets })
}

/// Writes a file whole or not at all.
fn write_whole(path: &Path, contents: &[u8]) -> Result<(), LibraryError> {
    let write = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(contents)?;
        file.as_file().sync_all()?;
        file.persist(path).map(drop).map_err(|e| e.error)
    };
    write().map_err(|e| disk(path, &e))
}

/// Whether a name can be a file's on every system.
fn check_name(name: &str) -> Result<(), &'static str> {
    if name.trim() != name || name.is_empty() {
        return Err("it is empty");
    }
    if name.chars().count() > 60 {
        return Err("it has more than 60 characters");
    }
    if name.starts_with('.') || name.ends_with('.') {
        return Err("it begins or ends with a dot");
    }
    if name.chars().any(|c| is_active(c) || "/\\:*?\"<>|".contains(c)) {
        return Err("it holds one of / \\ : * ? \" < > |");
    }
    Ok(())
}
