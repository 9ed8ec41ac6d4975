//! Recipes as TOML: readable, versioned, without the paths of pictures.

use std::fmt::Write as _;

use thiserror::Error;
use toml::{Table, Value as Toml};

use super::locate::{line_of, path_of};
use super::migrate::{VERSION, migrate};
use super::output::OutputError;
use super::{ExportSettings, Output, Recipe, Step};
use lightloom_filter::{FilterError, ParamKind, Value};

/// Why a text is no recipe.
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
    #[error("{place}: {error}")]
    Filter {
        /// Which filter, such as `filter 2` or `output 1: filter 2`, counted from 1.
        place: String,
        /// What is wrong with it. Not named a source, since the message holds it.
        error: FilterError,
    },
    /// The same, with the line of the text.
    #[error("line {line}: {error}")]
    At {
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        error: Box<Self>,
    },
}

pub(super) fn form(place: impl Into<String>, problem: impl Into<String>) -> RecipeError {
    RecipeError::Form { place: place.into(), problem: problem.into() }
}

impl RecipeError {
    /// The same with the line of `text` that it is about, if that can be found.
    pub(super) fn located(self, text: &str) -> Self {
        let place = match &self {
            Self::Form { place, .. } => place.clone(),
            Self::Filter { place, error } => match error {
                FilterError::UnknownKey { key, .. } => format!("{place}: {key}"),
                FilterError::BadValue { key, .. } => format!("{place}: {key}"),
                FilterError::UnknownFilter { .. } => format!("{place}: id"),
                _ => place.clone(),
            },
            Self::Syntax(_) | Self::At { .. } => return self,
        };
        match line_of(text, &path_of(&place)) {
            Some(line) => Self::At { line, error: Box::new(self) },
            None => self,
        }
    }
}

/// What a text holds: a recipe, and files that are embedded in it.
pub(super) struct Parsed {
    pub recipe: Recipe,
    /// The value of `asset`.
    pub assets: Option<Toml>,
}

/// Reads a recipe of any version.
pub(super) fn parse(text: &str) -> Result<Parsed, RecipeError> {
    let table: Table = text.parse().map_err(|e: toml::de::Error| RecipeError::Syntax(e.to_string()))?;
    read(table).map_err(|error| error.located(text))
}

fn read(mut table: Table) -> Result<Parsed, RecipeError> {
    migrate(&mut table)?;
    let mut recipe = Recipe::default();
    // Outputs that say nothing of their own are saved as the recipe says.
    if let Some(value) = table.get("export") {
        recipe.export = ExportSettings::parse(value)?;
    }
    let mut assets = None;
    for (key, value) in table {
        match key.as_str() {
            "version" | "export" => {}
            "filter" => recipe.filters = filters("filter", &value)?,
            "output" => recipe.outputs = outputs(&value, &recipe.export)?,
            "asset" => assets = Some(value),
            other => return Err(form(other, "unknown; a recipe has version, filter, export, output and asset")),
        }
    }
    recipe
        .check_outputs()
        .map_err(|OutputError { output, key, problem }| form(format!("output {}: {key}", output + 1), problem))?;
    Ok(Parsed { recipe, assets })
}

impl Recipe {
    /// Reads a recipe of this or an older version. Files that are embedded in it are not unpacked.
    ///
    /// # Errors
    /// On anything that is not exactly a recipe, with line, key and what is allowed: a typing mistake never turns into a
    /// default.
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        parse(text).map(|parsed| parsed.recipe)
    }

    /// Writes the recipe so that [`Self::from_toml`] reads it back unchanged.
    pub fn to_toml(&self) -> String {
        let mut out = format!("version = {VERSION}\n");
        for step in &self.filters {
            write_step(&mut out, "filter", step);
        }
        self.export.write("export", &mut out);
        for Output { name, suffix, folder, filters, export } in &self.outputs {
            let _ = writeln!(out, "\n[[output]]\nname = {}", quoted(name));
            for (key, value) in [("suffix", suffix), ("folder", folder)] {
                if !value.is_empty() {
                    let _ = writeln!(out, "{key} = {}", quoted(value));
                }
            }
            for step in filters {
                write_step(&mut out, "output.filter", step);
            }
            export.write("output.export", &mut out);
        }
        out
    }
}

fn quoted(text: &str) -> Toml {
    Toml::String(text.to_owned())
}

fn write_step(out: &mut String, table: &str, step: &Step) {
    let _ = writeln!(out, "\n[[{table}]]\nid = \"{}\"", step.params.spec().id);
    if !step.enabled {
        out.push_str("enabled = false\n");
    }
    for (param, value) in step.params.iter() {
        let _ = match value {
            Value::Choice(_) | Value::Ratio(..) => writeln!(out, "{} = \"{value}\"", param.key),
            Value::Text(_) | Value::Colour(_) | Value::File(_) => {
                writeln!(out, "{} = {}", param.key, quoted(&value.to_string()))
            }
            Value::Number(n) => writeln!(out, "{} = {n:?}", param.key),
            Value::Integer(_) | Value::Toggle(_) => writeln!(out, "{} = {value}", param.key),
        };
    }
}

fn filters(place: &str, value: &Toml) -> Result<Vec<Step>, RecipeError> {
    let list = value.as_array().ok_or_else(|| form(place, "must be a list of tables: [[filter]]"))?;
    list.iter().enumerate().map(|(i, entry)| step(&format!("{place} {}", i + 1), entry)).collect()
}

fn outputs(value: &Toml, usual: &ExportSettings) -> Result<Vec<Output>, RecipeError> {
    let list = value.as_array().ok_or_else(|| form("output", "must be a list of tables: [[output]]"))?;
    list.iter().enumerate().map(|(i, entry)| output(&format!("output {}", i + 1), entry, usual)).collect()
}

fn output(place: &str, entry: &Toml, usual: &ExportSettings) -> Result<Output, RecipeError> {
    let table = entry.as_table().ok_or_else(|| form(place, "must be a table"))?;
    let mut output = Output { export: usual.clone(), ..Output::default() };
    if !table.contains_key("name") {
        return Err(form(place, "needs a name, such as name = \"small\""));
    }
    for (key, value) in table {
        let at = || format!("{place}: {key}");
        let text = || value.as_str().map(str::to_owned).ok_or_else(|| form(at(), format!("{value} is not a text")));
        match key.as_str() {
            "name" => output.name = text()?,
            "suffix" => output.suffix = text()?,
            "folder" => output.folder = text()?,
            "filter" => output.filters = filters(&at(), value)?,
            "export" => {
                output.export = ExportSettings::parse(value).map_err(|error| match error {
                    RecipeError::Form { place: inner, problem } => form(format!("{place}: {inner}"), problem),
                    other => other,
                })?;
            }
            _ => return Err(form(at(), "unknown; an output has name, suffix, folder, filter and export")),
        }
    }
    Ok(output)
}

fn step(place: &str, entry: &Toml) -> Result<Step, RecipeError> {
    let table = entry.as_table().ok_or_else(|| form(place, "must be a table"))?;
    let id =
        table.get("id").and_then(Toml::as_str).ok_or_else(|| form(place, "needs an id, such as id = \"resize\""))?;
    let at = |error| RecipeError::Filter { place: place.to_owned(), error };
    let mut step = Step::new(id).map_err(at)?;
    for (key, value) in table {
        match key.as_str() {
            "id" => {}
            "enabled" => {
                step.enabled =
                    value.as_bool().ok_or_else(|| form(format!("{place}: enabled"), "must be true or false"))?;
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FormatChoice, FrameChoice};
    use lightloom_codec::EncodeOptions;
    use lightloom_filter::FILTERS;

    #[test]
    fn every_filter_survives_the_round_trip() {
        let mut recipe =
            Recipe { filters: FILTERS.iter().map(|f| Step::new(f.id).unwrap()).collect(), ..Recipe::default() };
        recipe.filters[1].enabled = false;
        recipe.filters.push(Step::parse("exposure:stops=-0.35").unwrap());
        recipe.filters.push(Step::parse("crop:ratio=16:9").unwrap());
        recipe.export = ExportSettings {
            format: FormatChoice::from_id("webp").unwrap(),
            options: EncodeOptions::with_quality(71),
            copy_unchanged: true,
            frames: FrameChoice::Keep,
            ..ExportSettings::default()
        };
        assert_eq!(Recipe::from_toml(&recipe.to_toml()), Ok(recipe.clone()));
        let small = Output {
            folder: "für Oma".into(),
            filters: vec![Step::parse("resize:width=256,height=256").unwrap(), Step::new("unsharp_mask").unwrap()],
            export: ExportSettings { options: EncodeOptions::with_quality(60), ..ExportSettings::default() },
            suffix: "-256".into(),
            ..Output::named("for \"Oma\"")
        };
        recipe.outputs = vec![small, Output { suffix: String::new(), ..Output::named("whole") }];
        assert_eq!(Recipe::from_toml(&recipe.to_toml()), Ok(recipe));
    }

    #[test]
    fn every_encoding_option_survives_the_round_trip() {
        let mut recipe = Recipe::default();
        assert_eq!(recipe.to_toml(), "version = 3\n\n[export]\nformat = \"same\"\nquality = 90\n");
        for (key, value) in [
            ("max_kib", "200"),
            ("subsampling", "444"),
            ("progressive", "true"),
            ("depth", "16"),
            ("background", "#102030"),
            ("tiff_compression", "lzw"),
        ] {
            recipe.export.options.set_text(key, value).unwrap();
            assert_eq!(Recipe::from_toml(&recipe.to_toml()).as_ref(), Ok(&recipe));
        }
        let text = recipe.to_toml();
        assert!(text.contains("max_kib = 200\n") && text.contains("background = \"#102030\"\n"), "{text}");
    }

    #[test]
    fn outputs_without_their_own_export_are_saved_as_the_recipe_says() {
        let text = "version = 3\n[[output]]\nname = 'a'\n[[output]]\nname = 'b'\nsuffix = '-b'\nexport = { quality = 5 }\n[export]\nformat = 'png'\nquality = 71\n";
        let recipe = Recipe::from_toml(text).unwrap();
        let found: Vec<_> = recipe.outputs.iter().map(|o| (o.export.format.id(), o.export.options.quality())).collect();
        assert_eq!(found, [("png", 71), ("same", 5)]);
        assert_eq!(recipe.all_outputs().len(), 2);
    }

    /// As the first release wrote it.
    const V1: &str = "version = 1\n\n[[filter]]\nid = \"resize\"\nmode = \"fit\"\nwidth = 1920\nheight = 1080\n\n[[filter]]\nid = \"exposure\"\nenabled = false\nstops = 0.35\n\n[export]\nformat = \"webp\"\nquality = 82\n";

    #[test]
    fn recipes_of_version_1_mean_what_they_meant() {
        let recipe = Recipe::from_toml(V1).unwrap();
        let steps: Vec<_> = recipe.filters.iter().map(|s| (s.params.spec().id, s.enabled)).collect();
        assert_eq!(steps, [("resize", true), ("exposure", false)]);
        assert_eq!(
            (recipe.filters[0].params.get("height"), recipe.filters[1].params.get("stops")),
            (Some(&Value::Integer(1080)), Some(&Value::Number(0.35)))
        );
        assert_eq!((recipe.export.format.id(), recipe.export.options.quality()), ("webp", 82));
        assert!(recipe.outputs.is_empty());
        let now = recipe.to_toml();
        assert!(now.starts_with("version = 3\n"));
        assert_eq!(Recipe::from_toml(&now), Ok(recipe));
        // What version 1 did not know stays unknown in it.
        let error = Recipe::from_toml(&format!("{V1}[[output]]\nname = 'x'\n")).unwrap_err().to_string();
        assert!(error.starts_with("line 17: output") && error.contains("version = 3"), "{error}");
    }

    #[test]
    fn sides_that_version_2_left_out_are_those_that_it_took() {
        let sides = |version: u8, mode: &str, given: &str| {
            let step = format!("id = 'resize'\nmode = '{mode}'\n{given}");
            let text =
                format!("version = {version}\n[[filter]]\n{step}\n[[output]]\nname = 'a'\n[[output.filter]]\n{step}");
            let recipe = Recipe::from_toml(&text).unwrap();
            assert_eq!(recipe.filters, recipe.outputs[0].filters);
            let side = |key| recipe.filters[0].params.get(key).unwrap().to_string().parse::<u32>().unwrap();
            (side("width"), side("height"))
        };
        for version in [2, 3] {
            assert_eq!(sides(version, "fit", "width = 800\nheight = 600"), (800, 600));
            let other = if version == 2 { 1920 } else { 0 };
            assert_eq!(sides(version, "fit", "width = 800"), (800, other));
            assert_eq!(sides(version, "exact", "height = 800"), (other, 800));
            assert_eq!(sides(version, "fit", ""), (other, other));
        }
        let first = Recipe::from_toml("version = 1\n[[filter]]\nid = 'resize'\nwidth = 800").unwrap();
        assert_eq!(first.filters[0].params.get("height"), Some(&Value::Integer(1920)));
    }

    #[test]
    fn mistakes_are_reported_with_line_key_and_range() {
        let error = |text: &str| Recipe::from_toml(text).unwrap_err().to_string();
        let text = "version = 3\n\n# brighter\n[[filter]]\nid = 'exposure'\nstops = 99\n";
        let range = "exposure: stops = 99 is not allowed; stops must be a number from -10 to 10";
        assert_eq!(error(text), format!("line 6: filter 1: {range}"));
        let inner =
            format!("version = 3\n[[output]]\nname = 'a'\n{}", text[13..].replace("[[filter", "[[output.filter"));
        assert_eq!(error(&inner), format!("line 7: output 1: filter 1: {range}"));
        assert!(
            error(&text.replace("stops", "stop")).starts_with("line 6: filter 1: exposure has no parameter 'stop'")
        );
        assert!(error(&text.replace("exposure", "exposur")).starts_with("line 5: filter 1: there is no filter"));
        assert!(error(&text.replace("99", "true")).starts_with("line 6: filter 1: exposure: stops = true"));
        assert!(
            error(&text.replace("stops = 99", "enabled = 1")).starts_with("line 6: filter 1: enabled: must be true")
        );
        assert!(error("version = 3\n[export]\n\nquality = 0").starts_with("line 4: export: quality: quality = 0"));
        assert!(error("version = 4").starts_with("line 1: version: 4"));
        assert!(error("version = 'two'").starts_with("line 1: version: "));
        assert!(error("\n\nversion = ").contains("line 3"), "{}", error("\n\nversion = "));
        let two = "version = 3\n[[output]]\nname = 'a'\n[[output]]\nname = 'a'\nsuffix = '-b'";
        assert!(error(two).starts_with("line 5: output 2: name: 'a' is taken"), "{}", error(two));
        assert!(error(&two.replace("name = 'a'\nsuffix = '-b'", "name = 'b'")).starts_with("line 4: output 2: suffix"));
        assert!(error(&two.replace("'-b'", "'../b'")).contains("line 6: output 2: suffix: must not contain /"));
        assert!(error(&two.replace("suffix = '-b'", "sufix = '-b'")).starts_with("line 6: output 2: sufix: unknown"));
        assert!(error("version = 3\n[[output]]\nsuffix = 'x'").starts_with("line 2: output 1: needs a name"));
        assert!(error("version = 3\n[output]\nname = 'x'").contains("[[output]]"));
        let bad = "version = 3\n[[output]]\nname = 'x'\n[output.export]\nquality = 101";
        assert!(error(bad).starts_with("line 5: output 1: export: quality: quality = 101"), "{}", error(bad));
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| Recipe::from_toml(text).unwrap_err().to_string();
        assert!(error("[[filter").contains("TOML"));
        assert!(error("").contains("version = 3"));
        assert!(error("version = 9").contains('9'));
        assert!(error("version = 1\nfolder = 'x'").contains("folder"));
        assert!(error("version = 1\n[[filter]]\nid = 'exposur'").contains("there is no filter 'exposur'"));
        assert!(error("version = 1\n[[filter]]\nid = 'exposure'\nstop = 1").contains("stop"));
        assert!(error("version = 1\n[[filter]]\nid = 'exposure'\nstops = 99").contains("-10 to 10"));
        assert!(error("version = 1\n[[filter]]\nid = 'exposure'\nstops = true").contains("a number from"));
        assert!(error("version = 1\n[export]\nquality = 0").contains("1 to 100"));
        assert!(error("version = 1\n[export]\nformat = 'jpg'").contains("jpeg"));
        assert!(error("version = 1\n[export]\nqualty = 3").contains("there is no option 'qualty'"));
        assert!(error("version = 1\n[export]\nsubsampling = '411'").contains("auto, 444"));
        assert!(error("version = 1\n[export]\nframes = 'some'").contains("first, all, keep"));
    }
}
