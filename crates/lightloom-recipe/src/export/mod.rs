//! How results are saved: the `[export]` part of a recipe. Each group of settings has a file and a form of its own.

mod colour;
mod finish;
mod gain_map;
mod hdr;
mod means;
mod metadata;
mod thumbnail;

pub use colour::{ColourChoice, ColourTarget, ColourWord, ProfileFile, dither, intent};
pub use finish::{Finish, Finished, RowFinish};
pub use gain_map::{GainMapChoice, gain_map};
pub use hdr::{HdrChoice, HdrMode, PEAK, hdr_mode};
pub use metadata::{MetadataChoice, keep};
pub use thumbnail::NO_THUMBNAIL_SIDE;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use toml::Value as Toml;

use super::text::form;
use super::{FrameChoice, RecipeError};
use lightloom_codec as codec;
use lightloom_codec::{Codec, EncodeOptions, OPTIONS};
use lightloom_param::Value;

/// How results are saved.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExportSettings {
    /// The file format.
    pub format: FormatChoice,
    /// How that format is written.
    pub options: EncodeOptions,
    /// In which colour space, and how it gets there.
    pub colour: ColourChoice,
    /// What becomes of high dynamic range.
    pub hdr: HdrChoice,
    /// Which metadata results get.
    pub metadata: MetadataChoice,
    /// What becomes of files with several pictures.
    pub frames: FrameChoice,
    /// What becomes of gain maps.
    pub gain_map: GainMapChoice,
    /// Whether pictures that nothing changes are copied byte for byte rather than encoded again, whatever the options of the
    /// format say. Default: no.
    pub copy_unchanged: bool,
}

impl ExportSettings {
    /// Whether pictures keep colours and metadata as they are: at most format and compression are others.
    pub fn leaves_pictures(&self) -> bool {
        let usual = Self::default();
        let metadata = MetadataChoice { file_times: usual.metadata.file_times, ..self.metadata.clone() };
        metadata == usual.metadata
            && self.colour.target == usual.colour.target
            && self.hdr == usual.hdr
            && self.gain_map == usual.gain_map
    }
}

/// The file format of results.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum FormatChoice {
    /// That of each source.
    #[default]
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

    /// The extension, in lower case, that a result of this source will most likely get: names are decided before files
    /// are opened, and so by the extension.
    pub fn extension(self, source: &Path) -> OsString {
        match self {
            Self::To(codec) => codec.extension().into(),
            Self::Same => match codec::from_extension(source).map(|own| (own, own.same())) {
                Some((own, target)) if own != target => target.extension().into(),
                _ => source.extension().unwrap_or_default().to_ascii_lowercase(),
            },
        }
    }

    /// Every choice, `same` first.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Same).chain(codec::CODECS.iter().copied().filter(|c| c.writes()).map(Self::To))
    }

    /// The choice with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::all().find(|choice| choice.id() == id)
    }
}

impl ExportSettings {
    /// Reads the table `[export]`.
    pub(crate) fn parse(value: &Toml) -> Result<Self, RecipeError> {
        let table = value.as_table().ok_or_else(|| form("export", "must be a table: [export]"))?;
        let mut export = Self::default();
        for (key, value) in table {
            match key.as_str() {
                "format" => {
                    export.format = value.as_str().and_then(FormatChoice::from_id).ok_or_else(|| {
                        let known = FormatChoice::all().map(FormatChoice::id).collect::<Vec<_>>().join(", ");
                        form("export: format", format!("{value} is not one of {known}"))
                    })?;
                }
                "colour" => {
                    export.colour = ColourChoice::from_toml(value).map_err(KeyError::into_recipe_error)?;
                }
                "hdr" => {
                    export.hdr = HdrChoice::from_toml(value).map_err(KeyError::into_recipe_error)?;
                }
                "metadata" => {
                    export.metadata = MetadataChoice::from_toml(value).map_err(KeyError::into_recipe_error)?;
                }
                "frames" => {
                    export.frames = value.as_str().and_then(FrameChoice::from_id).ok_or_else(|| {
                        form("export: frames", format!("{value} is not one of {}", FrameChoice::known()))
                    })?;
                }
                "gain_map" => {
                    let word = value.as_str().unwrap_or_default();
                    export.gain_map = gain_map(word).map_err(|e| form("export: gain_map", e))?;
                }
                "copy_unchanged" => {
                    export.copy_unchanged =
                        value.as_bool().ok_or_else(|| form("export: copy_unchanged", "must be true or false"))?;
                }
                key => {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    export.options.set_text(key, &text).map_err(|e| form(format!("export: {key}"), e.to_string()))?;
                }
            }
        }
        Ok(export)
    }

    /// Writes the table of this name so that [`Self::parse`] reads it back unchanged.
    pub(crate) fn write(&self, table: &str, out: &mut String) {
        let _ = writeln!(out, "\n[{table}]\nformat = \"{}\"", self.format.id());
        if self.frames != FrameChoice::default() {
            let _ = writeln!(out, "frames = \"{}\"", self.frames.id());
        }
        if self.gain_map != GainMapChoice::default() {
            let _ = writeln!(out, "gain_map = \"{}\"", self.gain_map.id());
        }
        if self.copy_unchanged {
            out.push_str("copy_unchanged = true\n");
        }
        for option in OPTIONS.iter() {
            let value = self.options.get(option);
            // Quality is what people look for; of the rest only what was chosen.
            if option.key == "quality" || value != option.kind.default() {
                let _ = match value {
                    Value::Integer(_) | Value::Toggle(_) => writeln!(out, "{} = {value}", option.key),
                    value => writeln!(out, "{} = \"{value}\"", option.key),
                };
            }
        }
        out.push_str(&self.colour.to_toml(&format!("{table}.colour")));
        out.push_str(&self.hdr.to_toml(&format!("{table}.hdr")));
        out.push_str(&self.metadata.to_toml(&format!("{table}.metadata")));
    }
}

/// What is wrong with a key of a table in a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyError {
    /// Path of the key below `export`, such as `colour: space`.
    pub key: String,
    /// What is wrong with it.
    pub problem: String,
}

impl KeyError {
    fn new(key: &str, problem: impl Into<String>) -> Self {
        Self { key: key.to_owned(), problem: problem.into() }
    }

    fn into_recipe_error(self) -> RecipeError {
        form(format!("export: {}", self.key), self.problem)
    }
}
