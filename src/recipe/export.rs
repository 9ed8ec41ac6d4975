//! How results are saved: the `[export]` part of a recipe.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use toml::Value as Toml;

use super::text::form;
use super::{FrameChoice, RecipeError};
use crate::codec::{self, Codec, EncodeOptions, OPTIONS, OptionValue};

/// How results are saved.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Export {
    /// The file format.
    pub format: FormatChoice,
    /// How that format is written.
    pub options: EncodeOptions,
    /// What becomes of files with several pictures.
    pub frames: FrameChoice,
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
        std::iter::once(Self::Same).chain(codec::CODECS.iter().copied().filter(|c| c.export).map(Self::To))
    }

    /// The choice with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::all().find(|choice| choice.id() == id)
    }
}

impl Export {
    /// Reads the table `[export]`.
    pub(super) fn parse(value: &Toml) -> Result<Self, RecipeError> {
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
                "frames" => {
                    export.frames = value.as_str().and_then(FrameChoice::from_id).ok_or_else(|| {
                        form("export: frames", format!("{value} is not one of {}", FrameChoice::known()))
                    })?;
                }
                key => {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    export.options.set_text(key, &text).map_err(|e| form(format!("export: {key}"), e.to_string()))?;
                }
            }
        }
        Ok(export)
    }

    /// Writes the keys of the table so that [`Self::parse`] reads it back unchanged.
    pub(super) fn print(&self, out: &mut String) {
        let _ = writeln!(out, "format = \"{}\"", self.format.id());
        if self.frames != FrameChoice::default() {
            let _ = writeln!(out, "frames = \"{}\"", self.frames.id());
        }
        let usual = EncodeOptions::default();
        for spec in OPTIONS {
            let value = spec.get(&self.options);
            // Quality is what people look for; of the rest only what was chosen.
            if spec.key == "quality" || value != spec.get(&usual) {
                let _ = match value {
                    OptionValue::Word(_) | OptionValue::Colour(_) => writeln!(out, "{} = \"{value}\"", spec.key),
                    OptionValue::Integer(_) | OptionValue::Toggle(_) => writeln!(out, "{} = {value}", spec.key),
                };
            }
        }
    }
}
