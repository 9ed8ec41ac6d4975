//! Recipes as TOML: readable, versioned, without the paths of pictures.

use std::fmt::Write as _;

use thiserror::Error;
use toml::{Table, Value as Toml};

use super::export::{ColourChoice, MetadataChoice};
use super::{Export, FormatChoice, Recipe, Step};
use crate::filter::{FilterError, ParamKind, Value};

/// Version of the format that this program writes.
const VERSION: i64 = 1;

/// Why a text is no recipe: whoever wrote it can mend it.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum RecipeError {
    /// The text is not TOML.
    #[error("the recipe is not valid TOML: {0}")]
    Syntax(String),
    /// A part of it is missing, unknown or of the wrong type.
    #[error("{place}: {problem}")]
    Form {
        /// Which part.
        place: String,
        /// What is wrong and what is allowed.
        problem: String,
    },
    /// A filter or one of its values is not allowed.
    #[error("filter {number}: {source}")]
    Filter {
        /// Place in the stack, counted from 1.
        number: usize,
        /// What is wrong with it.
        source: FilterError,
    },
}

fn form(place: impl Into<String>, problem: impl Into<String>) -> RecipeError {
    RecipeError::Form { place: place.into(), problem: problem.into() }
}

impl Recipe {
    /// Reads a recipe.
    ///
    /// # Errors
    /// On anything that is not exactly a recipe: a typing mistake never turns into a default.
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        let table: Table = text.parse().map_err(|e: toml::de::Error| RecipeError::Syntax(e.to_string()))?;
        let mut recipe = Self::default();
        match table.get("version").and_then(Toml::as_integer) {
            Some(VERSION) => {}
            Some(newer) => {
                return Err(form(
                    "version",
                    format!("{newer} is not known to this program, which reads version {VERSION}"),
                ));
            }
            None => return Err(form("version", format!("missing; a recipe begins with 'version = {VERSION}'"))),
        }
        for (key, value) in &table {
            match key.as_str() {
                "version" => {}
                "filter" => recipe.filters = filters(value)?,
                "export" => recipe.export = export(value)?,
                other => return Err(form(other, "unknown; a recipe has version, filter and export")),
            }
        }
        Ok(recipe)
    }

    /// Writes the recipe so that [`Self::from_toml`] reads it back unchanged.
    pub fn to_toml(&self) -> String {
        let mut out = format!("version = {VERSION}\n");
        for step in &self.filters {
            let _ = writeln!(out, "\n[[filter]]\nid = \"{}\"", step.params.spec().id);
            if !step.enabled {
                out.push_str("enabled = false\n");
            }
            for (param, value) in step.params.iter() {
                let _ = match value {
                    Value::Choice(_) | Value::Ratio(..) => writeln!(out, "{} = \"{value}\"", param.key),
                    Value::Text(_) | Value::Colour(_) | Value::File(_) => {
                        writeln!(out, "{} = {}", param.key, Toml::String(value.to_string()))
                    }
                    Value::Number(n) => writeln!(out, "{} = {n:?}", param.key),
                    Value::Integer(_) | Value::Toggle(_) => writeln!(out, "{} = {value}", param.key),
                };
            }
        }
        let Export { format, quality, colour, metadata } = &self.export;
        let _ = write!(out, "\n[export]\nformat = \"{}\"\nquality = {quality}\n", format.id());
        out.push_str(&colour.to_toml("export.colour"));
        out.push_str(&metadata.to_toml("export.metadata"));
        out
    }
}

fn filters(value: &Toml) -> Result<Vec<Step>, RecipeError> {
    let list = value.as_array().ok_or_else(|| form("filter", "must be a list of tables: [[filter]]"))?;
    list.iter().enumerate().map(|(i, entry)| step(i + 1, entry)).collect()
}

fn step(number: usize, entry: &Toml) -> Result<Step, RecipeError> {
    let place = format!("filter {number}");
    let table = entry.as_table().ok_or_else(|| form(&place, "must be a table"))?;
    let id =
        table.get("id").and_then(Toml::as_str).ok_or_else(|| form(&place, "needs an id, such as id = \"resize\""))?;
    let at = |source| RecipeError::Filter { number, source };
    let mut step = Step::new(id).map_err(at)?;
    for (key, value) in table {
        match key.as_str() {
            "id" => {}
            "enabled" => step.enabled = value.as_bool().ok_or_else(|| form(&place, "enabled must be true or false"))?,
            key => {
                let kind = step.params.spec().param(key).map(|p| p.kind);
                match (kind, value) {
                    (Some(ParamKind::Number { .. }), Toml::Float(n)) => step.params.set(key, Value::Number(*n)),
                    (_, Toml::String(word)) => step.params.set_text(key, word),
                    (_, other) => step.params.set_text(key, &other.to_string()),
                }
                .map_err(at)?;
            }
        }
    }
    Ok(step)
}

fn export(value: &Toml) -> Result<Export, RecipeError> {
    let table = value.as_table().ok_or_else(|| form("export", "must be a table: [export]"))?;
    let mut export = Export::default();
    for (key, value) in table {
        match key.as_str() {
            "format" => {
                export.format = value.as_str().and_then(FormatChoice::from_id).ok_or_else(|| {
                    let known = FormatChoice::all().map(FormatChoice::id).collect::<Vec<_>>().join(", ");
                    form("export: format", format!("{value} is not one of {known}"))
                })?;
            }
            "quality" => {
                export.quality = value
                    .as_integer()
                    .and_then(|q| u8::try_from(q).ok())
                    .filter(|q| (1..=100).contains(q))
                    .ok_or_else(|| form("export: quality", format!("{value} is not a whole number from 1 to 100")))?;
            }
            "colour" => {
                export.colour = ColourChoice::from_toml(value).map_err(|(k, e)| form(format!("export: {k}"), e))?;
            }
            "metadata" => {
                export.metadata = MetadataChoice::from_toml(value).map_err(|(k, e)| form(format!("export: {k}"), e))?;
            }
            other => {
                let known = "unknown; export has format, quality, colour and metadata";
                return Err(form(format!("export: {other}"), known));
            }
        }
    }
    Ok(export)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::FILTERS;

    #[test]
    fn every_filter_survives_the_round_trip() {
        let mut recipe =
            Recipe { filters: FILTERS.iter().map(|f| Step::new(f.id).unwrap()).collect(), ..Recipe::default() };
        recipe.filters[1].enabled = false;
        recipe.filters.push(Step::parse("exposure:stops=-0.35").unwrap());
        recipe.filters.push(Step::parse("crop:ratio=16:9").unwrap());
        recipe.export = Export { format: FormatChoice::from_id("webp").unwrap(), quality: 71, ..Export::default() };
        assert_eq!(Recipe::from_toml(&recipe.to_toml()), Ok(recipe));
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| Recipe::from_toml(text).unwrap_err().to_string();
        assert!(error("[[filter").contains("TOML"));
        assert!(error("").contains("version = 1"));
        assert!(error("version = 9").contains('9'));
        assert!(error("version = 1\nfolder = 'x'").contains("folder"));
        assert!(error("version = 1\n[[filter]]\nid = 'exposur'").contains("there is no filter 'exposur'"));
        assert!(error("version = 1\n[[filter]]\nid = 'exposure'\nstop = 1").contains("stop"));
        assert!(error("version = 1\n[[filter]]\nid = 'exposure'\nstops = 99").contains("-10 to 10"));
        assert!(error("version = 1\n[[filter]]\nid = 'exposure'\nstops = true").contains("a number from"));
        assert!(error("version = 1\n[export]\nquality = 0").contains("1 to 100"));
        assert!(error("version = 1\n[export]\nformat = 'jpg'").contains("jpeg"));
    }
}
