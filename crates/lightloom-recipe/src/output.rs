//! Outputs: what one decoded picture is saved as, once or several times.

use std::borrow::Cow;

use super::{ExportSettings, Recipe, Step};

/// Most characters of a name, suffix or folder.
const LONGEST: usize = 64;

/// Most outputs of one recipe: each has its files, and its part of the memory.
pub const MAX_OUTPUTS: usize = 32;

/// One result of each picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Output {
    /// What people call it: unique within the recipe, shown in reports. Empty for the one output of a recipe that lists
    /// none.
    pub name: String,
    /// Appended to the name of the file. Default: nothing.
    pub suffix: String,
    /// Folder below the folder for results. Default: none.
    pub folder: String,
    /// Filters that follow the common ones.
    pub filters: Vec<Step>,
    /// How it is saved.
    pub export: ExportSettings,
}

impl Output {
    /// An output whose files end in `-name`, without filters of its own.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), suffix: format!("-{name}"), ..Self::default() }
    }

    /// Checks that every disk takes name, suffix and folder, and that none leads out of the folder for results.
    ///
    /// # Errors
    /// The key (`name`, `suffix` or `folder`) and what is wrong.
    pub fn check(&self) -> Result<(), NameError> {
        if self.name.trim().is_empty() {
            return Err(NameError::new("name", "is empty; each output needs a name, such as \"small\""));
        }
        if self.name.chars().count() > LONGEST || self.name.chars().any(char::is_control) {
            return Err(NameError::new("name", format!("must be 1 to {LONGEST} characters without line breaks")));
        }
        check_part(&self.suffix).map_err(|problem| NameError::new("suffix", problem))?;
        check_part(&self.folder).map_err(|problem| NameError::new("folder", problem))?;
        if self.folder.starts_with('.') || self.folder.ends_with(['.', ' ']) {
            return Err(NameError::new("folder", "must not begin with a dot or end with a dot or a space"));
        }
        Ok(())
    }

    /// Outputs of equal keys would have files of the same names; some disks cannot tell upper from lower case.
    fn file_key(&self) -> (String, String) {
        (self.folder.to_lowercase(), self.suffix.to_lowercase())
    }
}

/// What is wrong with the name, suffix or folder of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameError {
    /// `name`, `suffix` or `folder`.
    pub key: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl NameError {
    fn new(key: &'static str, problem: impl Into<String>) -> Self {
        Self { key, problem: problem.into() }
    }
}

/// What is wrong with one of a recipe's outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputError {
    /// Index of the output.
    pub output: usize,
    /// `name`, `suffix` or `folder`.
    pub key: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// A part of a file's name that every common file system takes.
fn check_part(part: &str) -> Result<(), String> {
    let forbidden = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
    if let Some(c) = part.chars().find(|c| forbidden(*c)) {
        let what = if c.is_control() { "line breaks and the like".to_owned() } else { c.to_string() };
        return Err(format!("must not contain {what}; it is a part of a single name"));
    }
    if part.chars().count() > LONGEST {
        return Err(format!("must have at most {LONGEST} characters"));
    }
    Ok(())
}

impl Recipe {
    /// Every output of the recipe, in order; one that is saved as [`Recipe::export`] says where it lists none.
    pub fn all_outputs(&self) -> Cow<'_, [Output]> {
        if self.outputs.is_empty() {
            Cow::Owned(vec![Output { export: self.export.clone(), ..Output::default() }])
        } else {
            Cow::Borrowed(&self.outputs)
        }
    }

    /// Whether all outputs can be told apart by name and by where their files go.
    ///
    /// # Errors
    /// The first output that cannot, and what is wrong with it.
    pub fn check_outputs(&self) -> Result<(), OutputError> {
        for (index, output) in self.outputs.iter().enumerate() {
            let error = |key, problem| OutputError { output: index, key, problem };
            output.check().map_err(|NameError { key, problem }| error(key, problem))?;
            if index >= MAX_OUTPUTS {
                return Err(error("name", format!("is one output too many; a recipe has at most {MAX_OUTPUTS}")));
            }
            let name = output.name.to_lowercase();
            for other in &self.outputs[..index] {
                if other.name.to_lowercase() == name {
                    return Err(error("name", format!("'{}' is taken by another output", output.name)));
                }
                if other.file_key() == output.file_key() {
                    let problem = format!(
                        "would give the files of '{}' the names of those of '{}'; choose another suffix or folder",
                        output.name, other.name
                    );
                    return Err(error("suffix", problem));
                }
            }
        }
        Ok(())
    }

    /// The export settings of the recipe, then those of its outputs, to be changed.
    pub fn exports_mut(&mut self) -> impl Iterator<Item = &mut ExportSettings> {
        std::iter::once(&mut self.export).chain(self.outputs.iter_mut().map(|output| &mut output.export))
    }

    /// Every step of the recipe, of its outputs too.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.filters.iter().chain(self.outputs.iter().flat_map(|output| &output.filters))
    }

    /// The enabled filters of an output, counted from 0: the common ones, then its own.
    pub fn steps_of(&self, output: usize) -> Vec<Step> {
        let own = self.outputs.get(output).map_or(&[][..], |output| &output.filters);
        self.filters.iter().chain(own).filter(|step| step.enabled).cloned().collect()
    }

    /// As [`Self::steps`], to be changed.
    pub fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        self.filters.iter_mut().chain(self.outputs.iter_mut().flat_map(|output| &mut output.filters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_names_stay_in_their_folder() {
        let with = |suffix: &str, folder: &str| {
            let output = Output { suffix: suffix.into(), folder: folder.into(), ..Output::named("x") };
            output.check().map_err(|error| error.key)
        };
        assert_eq!(with("-256", "thumbs"), Ok(()));
        assert_eq!(with("", ""), Ok(()));
        assert_eq!(with("", "für Oma"), Ok(()));
        for bad in ["../x", "a/b", "a\\b", "C:", "a\nb", "a\0b", &"n".repeat(65)] {
            assert_eq!(with(bad, ""), Err("suffix"), "{bad:?}");
            assert_eq!(with("", bad), Err("folder"), "{bad:?}");
        }
        for bad in [".", "..", ".hidden", "dot.", "space "] {
            assert_eq!(with("", bad), Err("folder"), "{bad:?}");
        }
    }

    #[test]
    fn outputs_must_be_distinct() {
        let of = |outputs: &[(&str, &str, &str)]| {
            let output = |(name, suffix, folder): &(&str, &str, &str)| Output {
                suffix: (*suffix).into(),
                folder: (*folder).into(),
                ..Output::named(name)
            };
            let recipe = Recipe { outputs: outputs.iter().map(output).collect(), ..Recipe::default() };
            recipe.check_outputs().map_err(|error| (error.output, error.key))
        };
        assert_eq!(of(&[("a", "", ""), ("b", "-b", ""), ("c", "", "c")]), Ok(()));
        assert_eq!(of(&[("a", "", ""), ("A", "-b", "")]), Err((1, "name")));
        assert_eq!(of(&[("a", "-x", ""), ("b", "-X", "")]), Err((1, "suffix")));
        assert_eq!(of(&[("a", "-x", ""), (" ", "-y", "")]), Err((1, "name")));
    }
}
