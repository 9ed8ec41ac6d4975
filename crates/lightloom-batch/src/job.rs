//! Jobs: which source goes where.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Conflict, Source};
use lightloom_filter::FilterError;
use lightloom_recipe::{Overrides, Recipe};

/// One picture of a batch: where it comes from and where its results go.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Place in the run, from 0.
    pub index: usize,
    /// Number in the whole batch, from 1, which a run of a part of it keeps: for the token `{seq}`.
    pub number: usize,
    /// Where it comes from.
    pub source: Source,
    /// The folder that the person named and that the source lies in; `None` if the source itself was named.
    pub root: Option<Arc<Path>>,
    /// Where each output of the recipe goes, in its order.
    pub targets: Vec<Target>,
    /// What is different for this picture.
    pub overrides: Option<Arc<Overrides>>,
    /// What should be known of its names.
    pub notes: Vec<String>,
    /// Why nothing is to be done for it, if so.
    pub skip: Option<String>,
}

/// What is to happen where a result goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A new file.
    #[default]
    Create,
    /// The file that is there is replaced.
    Replace,
    /// The file that is there is replaced if the result is another.
    ReplaceIfChanged,
    /// The file that is there is replaced if the result is smaller.
    ReplaceIfSmaller,
    /// Nothing is written, and why.
    Skip(String),
}

impl Action {
    /// How a file that is there is met, if `usual` is the policy for new files.
    pub(super) fn policy(&self, usual: Conflict) -> Conflict {
        match self {
            Self::Create => usual,
            Self::Replace => Conflict::Overwrite,
            Self::ReplaceIfChanged => Conflict::OverwriteIfChanged,
            Self::ReplaceIfSmaller => Conflict::OnlyIfSmaller,
            Self::Skip(_) => Conflict::Skip,
        }
    }
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The folder that the person chose, or that is made beside the sources: all results of the picture lie below it.
    pub root: Arc<Path>,
    /// The folder to write into.
    pub folder: PathBuf,
    /// The name to write, without suffix and extension.
    pub stem: OsString,
    /// The number at the end of the stem that tells it from others of its name; 1 where there is none.
    pub number: u32,
    /// What the output appends to the name.
    pub suffix: String,
    /// The extension that it will most likely have: that is certain once its source is opened.
    pub extension: OsString,
    /// What is to happen there.
    pub action: Action,
    /// Columns and rows of the result as its name says, if it does.
    pub size: Option<(u32, u32)>,
}

impl Target {
    /// A new file in a folder, without suffix and extension.
    pub fn new(folder: impl Into<PathBuf>, stem: impl Into<OsString>) -> Self {
        let folder = folder.into();
        Self {
            root: folder.as_path().into(),
            folder,
            stem: stem.into(),
            number: 1,
            suffix: String::new(),
            extension: OsString::new(),
            action: Action::Create,
            size: None,
        }
    }

    /// The file without its extension.
    pub fn path(&self) -> PathBuf {
        self.folder.join(self.name())
    }

    /// Why nothing is written there, if so.
    pub fn skip_reason(&self) -> Option<&str> {
        match &self.action {
            Action::Skip(reason) => Some(reason),
            _ => None,
        }
    }

    /// What should be known where the result has another size than its name says: some filters decide on a size only once
    /// they have seen the picture.
    pub(super) fn size_note(&self, width: u32, height: u32) -> Option<String> {
        let (said_width, said_height) = self.size.filter(|said| *said != (width, height))?;
        Some(format!("its name says {said_width} × {said_height} pixels, but the result has {width} × {height}"))
    }

    /// The name with the extension that it will most likely have.
    pub fn file_name(&self) -> OsString {
        let mut name = self.name();
        if !self.extension.is_empty() {
            name.push(".");
            name.push(&self.extension);
        }
        name
    }

    fn name(&self) -> OsString {
        let mut name = self.stem.clone();
        name.push(&self.suffix);
        name
    }
}

impl Job {
    /// The job of the picture at this place of a batch, without targets.
    pub fn new(index: usize, source: Source) -> Self {
        Self {
            index,
            number: index + 1,
            source,
            root: None,
            targets: Vec::new(),
            overrides: None,
            notes: Vec::new(),
            skip: None,
        }
    }

    /// Why nothing is to be done for it: for the picture as a whole, or for each of its results.
    pub fn skip_reason(&self) -> Option<&str> {
        let reasons = || self.targets.iter().map(Target::skip_reason).collect::<Option<Vec<_>>>();
        self.skip.as_deref().or_else(|| reasons()?.first().copied())
    }

    /// The recipe as it is for this picture.
    ///
    /// # Errors
    /// If an override is out of its range.
    pub fn recipe<'a>(&self, recipe: &'a Recipe) -> Result<Cow<'a, Recipe>, FilterError> {
        self.overrides.as_ref().map_or(Ok(Cow::Borrowed(recipe)), |overrides| overrides.apply(recipe))
    }

    /// The folders to write into.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.targets.iter().map(|target| target.folder.as_path())
    }
}

/// A stem, the `number`th of its kind.
pub(super) fn numbered(stem: &OsStr, number: u32) -> OsString {
    let mut name = stem.to_owned();
    if number > 1 {
        name.push(format!("-{number}"));
    }
    name
}

/// What is different for single pictures, by their sources.
pub type OverridesBySource = BTreeMap<Source, Overrides>;

/// Sets what is different for each picture.
pub fn set_overrides(jobs: &mut [Job], overrides: &OverridesBySource) {
    for job in jobs {
        job.overrides = overrides.get(&job.source).and_then(Overrides::shared);
    }
}

/// The deepest folder that holds all results of these jobs: what to open to see them.
pub fn common_folder(jobs: &[Job]) -> Option<PathBuf> {
    let mut folders = jobs.iter().flat_map(Job::folders);
    let mut common = folders.next()?;
    for folder in folders {
        common = common.ancestors().find(|a| folder.starts_with(a))?;
    }
    // Without a tail of `/.`.
    Some(common.components().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_results_are_below_the_common_folder() {
        let job = |folder: &str| Job { targets: vec![Target::new(folder, "s")], ..Job::new(0, "s".into()) };
        let common = |folders: &[&str]| common_folder(&folders.iter().map(|f| job(f)).collect::<Vec<_>>());
        assert_eq!(common(&[]), None);
        assert_eq!(common(&["/out/a/"]), Some("/out/a".into()));
        assert_eq!(common(&["/out/trip/day", "/out/trip", "/out/trip/night"]), Some("/out/trip".into()));
        assert_eq!(common(&["/out/trip", "/out/tripod"]), Some("/out".into()));
    }
}
